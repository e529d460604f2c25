#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Building a pipeline from Python: each rule of a legal connection with its
code and text, settings, keys, what get_config () says, who keeps whom."""

import gc
import os
import pathlib
import re
import sys
import tempfile
import unittest

try:
    import gi
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)
import onnx_writer
from network import SHAPE, get_cpu, load_modules, write_network

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GLib, GstDnn  # noqa: E402

ONLY = "can be bound to a module's input or to a global output only, not to"

# (name, what is connected before, source, target, code, text); an end is
# "a" (global input), ":0" (global output), "$g" (param group), "0.data_0" (a
# module's input), "0:0" (its output), "0$" (its params); 3 has inputs of other
# type and shape, 4 is an element.
RULES = [
    ("own-module", "", "1:0", "1.data_1", "OWN_MODULE",
     'Module 1 can\'t be bound to itself (output 0 to input "data_1")'),
    ("cycle", "0:0>1.data_n_0", "1:0", "0.data_0", "CYCLE",
     "The binding closes a cycle: module 1 → module 0 → module 1"),
    ("long-cycle", "0:0>1.data_n_0 1:0>2.data_n_1", "2:0", "0.data_0", "CYCLE",
     "The binding closes a cycle: module 2 → module 0 → module 1 → module 2"),
    ("input-as-start", "", "0.data_0", "1.data_1", "START",
     'A binding can\'t start at input "data_0" of module 0: modules give '
     "outputs only"),
    ("input-to-itself", "", "0.data_0", "0.data_0", "START",
     'A binding can\'t start at input "data_0" of module 0: modules give '
     "outputs only"),
    ("params-as-start", "", "0$", "1$", "START",
     "A binding can't start at the params of module 0: it starts at the param "
     "group"),
    ("global-output-as-start", "", ":0", "0:0", "START",
     "A binding can't start at global output 0: it is where bindings end"),
    ("output-to-output", "", "0:0", "1:0", "OUTPUT_TARGET",
     "Output 0 of module 0 %s output 0 of module 1" % ONLY),
    ("output-to-global-input", "", "0:0", "a", "OUTPUT_TARGET",
     'Output 0 of module 0 %s global input "a"' % ONLY),
    ("output-to-params", "", "0:0", "1$", "OUTPUT_TARGET",
     "Output 0 of module 0 %s the params of module 1" % ONLY),
    ("output-to-group", "", "0:0", "$g", "OUTPUT_TARGET",
     'Output 0 of module 0 %s param group "g"' % ONLY),
    ("global-input-to-output", "", "a", "0:0", "INPUT_TARGET",
     'Global input "a" can be bound to inputs of modules only, not to output 0 '
     "of module 0"),
    ("global-input-to-global-output", "", "a", ":0", "INPUT_TARGET",
     'Global input "a" can be bound to inputs of modules only, not to global '
     "output 0"),
    ("global-input-to-itself", "", "a", "a", "INPUT_TARGET",
     'Global input "a" can be bound to inputs of modules only, not to global '
     'input "a"'),
    ("global-input-to-params", "", "a", "0$", "INPUT_TARGET",
     'Global input "a" can be bound to inputs of modules only, not to the '
     "params of module 0"),
    ("group-to-input", "", "$g", "0.data_0", "PARAM_TARGET",
     'Param group "g" can be bound to the params of a module only, not to '
     'input "data_0" of module 0'),
    ("group-to-output", "", "$g", "0:0", "PARAM_TARGET",
     'Param group "g" can be bound to the params of a module only, not to '
     "output 0 of module 0"),
    ("group-to-global-output", "", "$g", ":0", "PARAM_TARGET",
     'Param group "g" can be bound to the params of a module only, not to '
     "global output 0"),
    ("group-to-global-input", "", "$g", "a", "PARAM_TARGET",
     'Param group "g" can be bound to the params of a module only, not to '
     'global input "a"'),
    ("group-to-element", "", "$g", "4$", "PARAM_TARGET",
     "Module 4 is an element: it has no params"),
    ("group-twice", "$g>0$", "$g", "0$", "TWO_SOURCES",
     'The params of module 0 are in param group "g" already'),
    ("types", "", "0:0", "3.numbers", "TYPE",
     "Types differ: output 0 of module 0 is float32, input \"numbers\" of "
     "module 3 is int64"),
    ("shapes", "", "0:0", "3.wide", "SHAPE",
     'Shapes differ: output 0 of module 0 is 3×3, input "wide" of module 3 is '
     "3×4"),
    ("types-of-one-input", "a>0.data_0", "a", "3.numbers", "TYPE",
     'Types differ: input "data_0" of module 0 is float32, input "numbers" of '
     "module 3 is int64"),
    ("shapes-of-one-input", "a>0.data_0", "a", "3.wide", "SHAPE",
     'Shapes differ: input "data_0" of module 0 is 3×3, input "wide" of '
     "module 3 is 3×4"),
    ("two-sources", "0:0>1.data_1", "a", "1.data_1", "TWO_SOURCES",
     'Input "data_1" of module 1 is bound to output 0 of module 0 already'),
    ("two-global-inputs", "a>1.data_1", "b", "1.data_1", "TWO_SOURCES",
     'Input "data_1" of module 1 is bound to global input "a" already'),
    ("two-sources-of-output", "0:0>:0", "1:0", ":0", "TWO_SOURCES",
     "Global output 0 is bound to output 0 of module 0 already"),
    ("unknown-input", "", "0:0", "1.data_9", "UNKNOWN_NAME",
     '"data_9" is no input of module 1 (inputs: "data_1", "data_n_0")'),
    ("unknown-output", "", "0:9", "1.data_1", "UNKNOWN_NAME",
     "Module 0 has no output 9 (outputs: 0 to 1)"),
    ("negative-output", "", "0:-1", "1.data_1", "UNKNOWN_NAME",
     "Module 0 has no output -1 (outputs: 0 to 1)"),
    ("unknown-input-of-element", "", "0:0", "4.x", "UNKNOWN_NAME",
     '"x" is no input of module 4, an element (inputs: "0", "1", …)'),
    ("empty-name", "", "", "0.data_0", "VALUE", "The name is empty"),
    ("negative-global-output", "", "0:0", ":-1", "VALUE",
     "-1 is no number of a global output (0 to 255)"),
    ("global-output-too-big", "", "0:0", ":256", "VALUE",
     "256 is no number of a global output (0 to 255)"),
]


class ConfigTest(unittest.TestCase):
    """The three modules of the network, one of other types, an element."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.modules = load_modules(Dnn, self.folder.name)
        model = os.path.join(self.folder.name, "other.onnx")
        onnx_writer.write(
            model, {"numbers": ("int64", (3, 3)), "wide": (3, 4)},
            [("Identity", ["numbers"], ["a"], {}),
             ("Identity", ["wide"], ["b"], {})], {},
            {"a": ("int64", (3, 3)), "b": (3, 4)})
        self.modules.append(Dnn.load_module(model))
        self.make_places()

    def make_places(self):
        """Nothing is connected."""
        self.config = Dnn.PipelineConfig()
        self.places = [self.config[module] for module in self.modules]
        self.places.append(self.config.append_element("identity"))

    def tearDown(self):
        self.folder.cleanup()

    def find(self, end):
        """The handle, see RULES."""
        if end[:1] == "$":
            return self.config["param_group"][end[1:]]
        if end[:1] == ":":
            return self.config["output"][end[1:]]
        if not end[:1].isdigit():
            return self.config["input"][end]
        place = self.places[int(end[0])]
        if end[1] == "$":
            return place["param"]
        return place["input" if end[1] == "." else "output"][end[2:]]

    def connect(self, text):
        """"0:0>1.data_1 …\""""
        for pair in text.split():
            source, target = pair.split(">")
            self.find(source).connect(self.find(target))

    def check_error(self, code, text, call):
        """A GLib.Error, which is a RuntimeError as TVM's were."""
        with self.assertRaises(RuntimeError) as context:
            call()
        self.assertIsInstance(context.exception, GLib.Error)
        self.assertTrue(context.exception.matches(
            Dnn.error_quark(), getattr(Dnn.Error, code)), context.exception)
        self.assertEqual(re.sub(r" \([-,0-9]+\)$", " (…)",
                                context.exception.message), text)

    def test_rules(self):
        """One row, one rule; what is refused changes nothing."""
        names = [row[0] for row in RULES]
        self.assertEqual(len(set(names)), len(names))
        for name, before, source, target, code, text in RULES:
            with self.subTest(name):
                self.make_places()
                self.connect(before)
                was = str(self.config)
                self.check_error(code, text, lambda: self.find(source).connect(
                    self.find(target)))
                self.assertEqual(str(self.config), was)
                self.assertTrue(text[0].isupper() or not text[0].isalpha())
                self.assertNotEqual(text[-1], ".")

    def test_other_pipeline(self):
        """Both ends are of one."""
        other = Dnn.PipelineConfig()
        self.check_error(
            "VALUE", "The interfaces belong to different pipelines",
            lambda: other["input"]["a"].connect(self.find("0.data_0")))

    def test_gaps(self):
        """What is missing is said when it is built."""
        empty = Dnn.PipelineConfig()
        for call in (empty.build, empty.get_config,
                     lambda: empty.export_library("/nonexistent")):
            self.check_error("UNBOUND", "The pipeline has no modules", call)
        config = Dnn.PipelineConfig()
        config[self.modules[0]]["output"][0].connect(config["output"][0])
        text = 'Input "data_0" of module 0 has no binding'
        self.check_error("UNBOUND", text, config.build)
        self.check_error("UNBOUND", text,
                         lambda: GstDnn.PipelineExecutor(config))

    def test_one_input_for_all(self):
        """A global input feeds several modules, and not the first only; so does
        a param group."""
        config, (first, second, third, _) = Dnn.PipelineConfig(), self.modules
        for module, name in ((second, "data_1"), (first, "data_0"),
                             (third, "data_n_2")):
            config["input"]["a"].connect(config[module]["input"][name])
        for module in (third, first):
            config["param_group"]["g"].connect(config[module]["param"])
        config[first]["output"][first.find_output("data_n_0")].connect(
            config[second]["input"]["data_n_0"])
        config[second]["output"][0].connect(config[third]["input"]["data_n_1"])
        config[third]["output"][0].connect(config["output"][0])
        self.assertIn("  |a: mod0:data_0 mod1:data_1 mod2:data_n_2\n",
                      str(config))
        self.assertIn("  |g: mod0:param mod2:param\n", str(config))
        folder = os.path.join(self.folder.name, "out")
        loaded = Dnn.PipelineConfig.load_library(config.export_library(folder))
        self.assertEqual(str(loaded), str(config))
        self.assertTrue(loaded.equal(config))
        self.assertEqual(
            loaded.mods_config["param_connection"],
            [{"global_param_name": "g", "mod_idx": 0},
             {"global_param_name": "g", "mod_idx": 2}])
        executor = GstDnn.PipelineExecutor(loaded)
        self.assertEqual(executor.num_inputs, 1)
        self.assertEqual(executor.get_params_group_pipeline_map("g"), [0, 2])
        self.assertEqual(executor.get_input_pipeline_map("a"), [
            "0", "data_0", "1", "data_1", "2", "data_n_2"])
        data = numpy.full(SHAPE, 4, numpy.float32)
        executor.set_input("a", data)
        executor.run()
        numpy.testing.assert_array_equal(
            executor.get_output()[0].numpy(),
            ((data + 1) + 2 + 2 + data + 3) * 3 + data)

    def test_keys(self):
        """What may stand between brackets."""
        place = self.places[0]
        self.assertEqual(self.config[self.modules[0]], place)
        self.assertEqual(self.config[place], place)
        for kind, call, text in (
                (KeyError, lambda: place["outputs"], "is none of"),
                (GLib.Error, lambda: self.config["outputs"],
                 "outputs: .*; did you mean 'output'"),
                (GLib.Error, lambda: self.config["/x.onnx"],
                 "^((?!mean).)*$"),
                (TypeError, lambda: self.config[3], "3 is no module"),
                (TypeError, lambda: self.config[None], "None is no module"),
                (ValueError, lambda: place["output"]["x"],
                 "'x' is no number of an output"),
                (ValueError, lambda: self.config["output"]["x"],
                 "'x' is no number of an output"),
                (TypeError, lambda: place["output"][None],
                 "None is no number of an output"),
                (TypeError, lambda: place["input"][0], "0 is no name"),
                (TypeError, lambda: self.config["input"][0], "0 is no name"),
                (TypeError, lambda: self.config["param_group"][0],
                 "0 is no name"),
                (TypeError, lambda: self.config["input"]["a"].connect(None),
                 "global input \"a\" can't be bound to None"),
                (TypeError, lambda: place["output"][0].connect(place),
                 "output 0 of module 0 can't be bound to <")):
            with self.assertRaisesRegex(kind, text) as context:
                call()
            self.assertIsInstance(context.exception, RuntimeError)
        self.assertEqual(str(place["output"]["1"]), "output 1 of module 0")
        self.assertIn("global input \"a\"", repr(self.config["input"]["a"]))

    def test_handles(self):
        """TVM's Binding: io_type, name, bindings."""
        self.connect("a>0.data_0 0:0>1.data_1 1:0>:0 $g>0$")
        for end, expected in (
                ("a", ("input", "a", ['input "data_0" of module 0'])),
                ("0.data_0", ("input", "data_0", ['global input "a"'])),
                ("0:0", ("output", "0", ['input "data_1" of module 1'])),
                (":0", ("output", "0", ["output 0 of module 1"])),
                ("$g", ("param", "g", ["the params of module 0"])),
                ("0$", ("param", "param", ['param group "g"']))):
            handle = self.find(end)
            self.assertEqual((handle.io_type, handle.name, [
                str(other) for other in handle.bindings]), expected)

    def test_modules(self):
        """What a module has, listed."""
        module = self.modules[1]
        self.assertEqual(sorted(module.inputs), ["data_1", "data_n_0"])
        self.assertEqual(module.outputs, ["data_n_1"])
        params = module.params
        self.assertEqual([params[name].shape for name in params],
                         [SHAPE] * len(params))
        self.assertGreater(len(params), 0)

    def test_paths(self):
        """pathlib's, wherever there is a path."""
        folder = pathlib.Path(self.folder.name)
        model, out = folder / "network.onnx", folder / "out"
        write_network(str(model))
        Dnn.load_pipeline(model).export_library(out)
        self.assertEqual(Dnn.load_module(model).inputs, ["data_0", "data_1"])
        config = Dnn.PipelineConfig.load_library(out / "config")
        self.assertEqual(config[model].path, str(model))
        for executor in (GstDnn.PipelineExecutor(model),
                         GstDnn.PipelineExecutor.load_library(out),
                         GstDnn.PipelineExecutor(out / "config"),
                         Dnn.PipelineModule.load_library(out)):
            self.assertEqual(executor.num_inputs, 2)

    def test_tvms_words(self):
        """PipelineModule (factory) of TVM's runtime."""
        config, _, _ = self.make_whole()
        executor = Dnn.PipelineModule(Dnn.build(config))
        self.assertIsInstance(executor, GstDnn.PipelineExecutor)
        self.assertEqual(executor.num_inputs, 2)

    def test_files(self):
        """A model, a compiled folder; the same path is the same place."""
        model = os.path.join(self.folder.name, "network.onnx")
        folder = os.path.join(self.folder.name, "compiled")
        write_network(model)
        Dnn.load_pipeline(model).export_library(folder)
        config = Dnn.PipelineConfig()
        for idx, path in enumerate((model, folder)):
            place = config[path]
            self.assertEqual((place, place.path), (config[path], path))
            for name in ("data_0", "data_1"):
                config["input"][name].connect(place["input"][name])
            place["output"][0].connect(config["output"][idx])
        self.assertEqual(list(config.get_config()["module_connection"]),
                         [model, folder])
        data = numpy.full(SHAPE, 2, numpy.float32)
        outputs = []
        for source in (config, model, folder):
            executor = GstDnn.PipelineExecutor(source)
            executor.set_input("data_0", data)
            executor.set_input("data_1", data)
            executor.run()
            outputs += [tensor.numpy() for tensor in executor.get_output()]
        self.assertEqual(len(outputs), 4)
        for output in outputs:
            numpy.testing.assert_array_equal(
                output, ((data + 1) + 2 + 2 + data + 3) * 3 + data - 2)
        self.check_error("NOT_FOUND", "nowhere.onnx: No such file or directory",
                         lambda: config["nowhere.onnx"])

    def make_whole(self):
        """One module, one element."""
        config = Dnn.PipelineConfig()
        place = config[self.modules[1]]
        element = config.append_element("identity silent=true")
        for name in ("data_n_0", "data_1"):
            config["input"][name].connect(place["input"][name])
        place["output"][0].connect(element["input"]["0"])
        element["output"][0].connect(config["output"][0])
        return config, place, element

    def test_get_config(self):
        """Keys of each kind, and every setting."""
        config, place, element = self.make_whole()

        def build(_, source):
            return source

        place.build_func = build
        place.threads, place.queue_depth, place.instances = 1, 3, 1
        place.precision, place.dev = "f32", "cpu:0"
        place.cpu_affinity = get_cpu()
        found = config.get_config()["module_connection"]
        self.assertEqual(list(found), [self.modules[1], element])
        self.assertEqual(found[self.modules[1]]["pipeline"], {
            "mod_idx": 0, "cpu_affinity": get_cpu(), "threads": 1,
            "precision": "f32", "queue_depth": 3, "instances": 1,
            "output": [{"output_idx": 0, "dependencies": [
                {"mod_idx": 1, "input_name": "0"}]}]})
        self.assertEqual((found[self.modules[1]]["build"],
                          found[self.modules[1]]["dev"]), (build, "cpu:0"))
        folder = os.path.join(self.folder.name, "out")
        again = Dnn.PipelineConfig.load_library(config.export_library(folder))
        self.assertEqual(again.mods_config, config.mods_config)
        self.assertEqual(again.get_module_at(0).cpu_affinity, get_cpu())
        self.assertEqual(again.get_module_at(0).instances, 1)
        place.instances = "auto"
        self.assertEqual(place.instances, "auto")
        self.assertEqual(
            config.mods_config["module_connection"][0]["instances"], "auto")
        self.assertEqual(again.get_module_at(1).get_element(),
                         "identity silent=true")

    def test_settings(self):
        """What is none is refused where Python would let it pass."""
        place = self.places[0]

        class Device:  # pylint: disable=too-few-public-methods
            """As TVM's."""

            device_type, device_id = 1, 0

        for value in ("cpu", "cpu:0", "1,0", "1;0", (1, 0), Device()):
            place.dev = value
        self.assertEqual(place.dev, "1,0")
        place.target, place.target_host = "llvm -mcpu=core-avx2", None
        self.assertEqual((place.target, place.mod_name), ("llvm", "default"))
        for name, value in (("target", "cuda"), ("target_host", "c"),
                            ("mod_name", "main"), ("fcompile", build_nothing),
                            ("export_cc", "nvcc")):
            with self.assertRaisesRegex(GLib.Error, name) as context:
                setattr(place, name, value)
            self.assertTrue(context.exception.matches(
                Dnn.error_quark(), Dnn.Error.UNSUPPORTED))
            setattr(place, name, None)
        with self.assertRaisesRegex(AttributeError, "'thread'.*threads"):
            place.thread = 2
        with self.assertRaises(TypeError):
            place.threads = "two"
        for name, value, text in (
                ("threads", 2000, "threads is 2000, expected 0 to 1024"),
                ("threads", -1, "threads is -1, expected 0 to 1024"),
                ("queue_depth", 1025, "queue_depth is 1025, expected 0 to"),
                ("instances", 65, "instances is 65, expected -1 to 64")):
            before = getattr(place, name)
            with self.assertRaisesRegex(ValueError, text) as context:
                setattr(place, name, value)
            self.assertIsInstance(context.exception, RuntimeError)
            self.assertEqual(getattr(place, name), before)

    def test_bad_settings(self):
        """Refused where they are set, and what was set stays."""
        for name, value, code, text in (
                ("dev", "cuda", "VALUE", 'Module 0: "cuda" is no device, '
                 'expected "cpu" or "TYPE,ID" as in "1,0"'),
                ("dev", (2, 0), "UNSUPPORTED", "Module 0 is for device type 2; "
                 "only type 1, the CPU, runs modules"),
                ("cpu_affinity", "1023", "VALUE", 'Module 0: cpu_affinity '
                 '"1023": CPU 1023 is none that this process may use (…)'),
                ("precision", "f31", "VALUE", 'Module 0: "f31" is no precision '
                 '("f32", "bf16", "int8")'),
                ("precision", "int8", "UNSUPPORTED", 'Module 0: precision '
                 '"int8" is not supported (valid: "f32")'),
                ("params", {"weight": numpy.zeros(3)}, "UNKNOWN_NAME",
                 'Module 0: "weight" is no param of the module')):
            with self.subTest(name):
                config, place, _ = self.make_whole()
                before = getattr(place, name)
                if name == "params":
                    place.params = value
                    self.check_error(code, text, config.build)
                    continue
                self.check_error(
                    code, text, lambda: setattr(place, name, value))
                self.assertEqual(getattr(place, name), before)
                config.build()

    def test_params(self):
        """In place of the module's own; a build function gets them."""
        config, place, _ = self.make_whole()
        seen = []

        def build(_, source):
            seen.append(source)
            return source

        ones = numpy.ones(SHAPE, numpy.float32)
        folder = self.folder.name
        paths = [os.path.join(folder, name) for name in ("json", "params")]
        self.modules[1].write(*paths)
        own = {name: Dnn.Params(paths[1])[name].numpy()
               for name in Dnn.Params(paths[1])}
        place.params = {name: array + 7 for name, array in own.items()}
        self.assertEqual(set(place.params), set(own))
        place.build_func = build
        executor = GstDnn.PipelineExecutor(config)
        executor.set_input("data_n_0", ones)
        executor.set_input("data_1", ones)
        executor.run()
        changed = executor.get_output()[0].numpy()
        numpy.testing.assert_array_equal(
            changed, ones + ones + 2 + 3 + 7 * len(own))
        self.assertNotEqual(seen, [self.modules[1]])
        place.params = None
        Dnn.build(config)
        self.assertEqual(seen[1:], [self.modules[1]])

    def test_build_func(self):
        """In place of TVM's build function; its error comes through."""
        config, place, _ = self.make_whole()
        seen = []

        def build(module, source):
            seen.append((module.mod_idx, source))
            return Dnn.compile_module(source)

        def refuse(module, source):
            raise GLib.Error("no quantisation", "test", 3)

        place.build_func = build
        self.assertIs(config.get_module_at(0).build_func, build)
        self.assertIs(Dnn.build(config), config)
        self.assertEqual(seen, [(0, self.modules[1])])
        self.assertNotEqual(place.get_module(), self.modules[1])
        self.assertEqual(place.source, self.modules[1])
        place.build_func = refuse
        with self.assertRaisesRegex(GLib.Error, "no quantisation"):
            Dnn.build(config)
        place.build_func = fail_build
        self.check_error(
            "FAILED", "Module 0: its build function raised KeyError: 'scale'",
            config.build)
        place.build_func = build_nothing
        self.check_error("FAILED", "Module 0: its build function made nothing",
                         config.build)
        place.build_func = lambda place, source: "llvm"
        self.check_error(
            "FAILED", "Module 0: its build function gave 'llvm', expected a "
            "Dnn.Module", config.build)
        place.build_func = None
        self.assertIsNone(place.build_func)
        config.build()
        self.assertEqual(place.get_module(), self.modules[1])

    def test_tvms_build_func(self):
        """With TVM's signature, by keyword or all of them."""
        seen = []

        def build(mod, target, params=None, target_host=None,
                  mod_name="default"):
            seen.append((mod, target, params, target_host, mod_name))
            return mod

        def build_any(mod, target, **options):
            seen.append((mod, target) + tuple(options[name] for name in (
                "params", "target_host", "mod_name")))
            return mod

        for function in (build, build_any):
            config, place, _ = self.make_whole()
            place.build_func = function
            config.build()
        self.assertEqual(
            seen, [(self.modules[1], "llvm", None, None, "default")] * 2)

    def test_lifetime(self):
        """A handle and a place keep their configuration, and nothing does when
        both are gone."""
        gone = []
        config = Dnn.PipelineConfig()
        config.weak_ref(lambda *unused: gone.append("config"))
        place = config[self.modules[0]]
        place.threads = 2
        place.build_func = build_nothing
        handle, source = place["input"]["data_0"], config["input"]["a"]
        del config
        gc.collect()
        source.connect(handle)
        self.assertEqual(handle.to_string(), 'input "data_0" of module 0')
        del handle, source
        gc.collect()
        self.assertEqual((gone, place.threads), ([], 2))
        del place
        gc.collect()
        self.assertEqual(gone, ["config"])


def build_nothing(*unused):
    """No module."""


def fail_build(*unused):
    """As a function with a mistake."""
    raise KeyError("scale")


if __name__ == "__main__":
    unittest.main(verbosity=2)
