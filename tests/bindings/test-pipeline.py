#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The test that TVM's pipeline executor had: one network of two inputs is
split at named tensors into three modules, bound by hand, built, exported,
loaded, run with five frames, with and without customised params, each frame
equal to the modules one after the other; and what must not be connected."""

import os
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
from network import SHAPE, get_cpu, load_modules

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GLib, GstDnn  # noqa: E402

N_FRAMES = 5
PRINTED = """Params
  |param_0: mod0:param

Inputs
  |data_a: mod0:data_0
  |data_b: mod1:data_1

output
  |output(0) : mod2.output(0)

connections
  |mod0.output(1)-> mod1.data_n_0
  |mod0.output(0)-> mod2.data_n_2
  |mod1.output(0)-> mod2.data_n_1
"""


class PipelineTest(unittest.TestCase):
    """Three modules of one network."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.modules = load_modules(Dnn, self.folder.name)
        self.frames = [numpy.full(SHAPE, 3 + idx, numpy.float32)
                       for idx in range(N_FRAMES)]

    def tearDown(self):
        self.folder.cleanup()

    def make_config(self):
        """All bindings, named from the last module to the first."""
        mod1, mod2, mod3 = self.modules
        config = Dnn.PipelineConfig()
        config[mod3]["output"][0].connect(config["output"]["0"])
        config[mod2]["output"][0].connect(config[mod3]["input"]["data_n_1"])
        config[mod1]["output"][mod1.find_output("data_n_2")].connect(
            config[mod3]["input"]["data_n_2"])
        config[mod1]["output"][mod1.find_output("data_n_0")].connect(
            config[mod2]["input"]["data_n_0"])
        config["input"]["data_a"].connect(config[mod1]["input"]["data_0"])
        config["input"]["data_b"].connect(config[mod2]["input"]["data_1"])
        config["param_group"]["param_0"].connect(config[mod1]["param"])
        for module in self.modules:
            config[module].target = "llvm"
            config[module].dev = "cpu"
            config[module].cpu_affinity = get_cpu()
        return config

    def get_params(self):
        """Those of the first module, each 10 more."""
        path = os.path.join(self.folder.name, "params")
        self.modules[0].write(os.path.join(self.folder.name, "json"), path)
        own = Dnn.Params(path)
        return {name: own[name].numpy() + 10 for name in own}

    @staticmethod
    def run_alone(module, inputs, params=None):
        """One module by itself, one frame."""
        config = Dnn.PipelineConfig()
        for name in inputs:
            config["input"][name].connect(config[module]["input"][name])
        for idx in range(module.get_n_outputs()):
            config[module]["output"][idx].connect(config["output"][idx])
        config["param_group"]["params"].connect(config[module]["param"])
        executor = GstDnn.PipelineExecutor(config)
        if params:
            executor.set_params("params", params)
        for name, array in inputs.items():
            executor.set_input(name, array)
        executor.run()
        return {module.get_output_name(idx): tensor.numpy()
                for idx, tensor in enumerate(executor.get_output())}

    def run_serial(self, data, params=None):
        """One module after the other."""
        first = self.run_alone(self.modules[0], {"data_0": data}, params)
        second = self.run_alone(self.modules[1], {
            "data_n_0": first["data_n_0"], "data_1": data})
        third = self.run_alone(self.modules[2], {
            "data_n_1": second["data_n_1"], "data_n_2": first["data_n_2"]})
        return third["result"]

    def check_pipeline(self, executor, params):
        """All frames at once, then their outputs in order."""
        expected = []
        for count, data in enumerate(self.frames):
            expected.append(self.run_serial(data, params))
            executor.set_input("data_a", data)
            executor.set_input("data_b", data)
            numpy.testing.assert_array_equal(
                executor.get_input("data_a").numpy(), data)
            executor.run()
            self.assertEqual(executor.num_executing_pipeline, count + 1)
        for serial in expected:
            outputs = executor.get_output()
            self.assertEqual(len(outputs), 1)
            numpy.testing.assert_array_equal(outputs[0].numpy(), serial)
            self.assertEqual(executor.num_executing_pipeline, N_FRAMES)
        self.assertEqual(executor.get_output(synchronize=False), [])
        return expected

    def test_print(self):
        """TVM's form."""
        self.assertEqual(str(self.make_config()), PRINTED)

    def get_manual_config(self):
        """What TVM's test wrote by hand, with its keys."""
        cpu = get_cpu()
        outputs = [
            [{"output_idx": 0, "dependencies": [
                {"mod_idx": 2, "input_name": "data_n_2"}]},
             {"output_idx": 1, "dependencies": [
                 {"mod_idx": 1, "input_name": "data_n_0"}]}],
            [{"output_idx": 0, "dependencies": [
                {"mod_idx": 2, "input_name": "data_n_1"}]}],
            [{"output_idx": 0, "dependencies": [{"global_output_index": 0}]}],
        ]
        return {
            module: {"pipeline": {"mod_idx": idx, "cpu_affinity": cpu,
                                  "output": outputs[idx]},
                     "target_host": None, "mod_name": "default",
                     "build": None, "params": None, "target": "llvm",
                     "fcompile": None, "dev": "cpu", "export_cc": None}
            for idx, module in enumerate(self.modules)}

    def test_get_config(self):
        """A dict by module, as TVM's; the file has a list."""
        config = self.make_config()
        found = config.get_config()
        manual = self.get_manual_config()
        self.assertEqual(found["module_connection"], manual)
        self.assertEqual(list(found["module_connection"]), self.modules)
        self.assertEqual(found["input_connection"], [
            {"global_interface_name": "data_a", "mod_idx": 0,
             "module_interface_name": "data_0"},
            {"global_interface_name": "data_b", "mod_idx": 1,
             "module_interface_name": "data_1"}])
        self.assertEqual(found["param_connection"], [
            {"global_param_name": "param_0", "mod_idx": 0}])
        found["module_connection"] = [
            options["pipeline"] for options in manual.values()]
        self.assertEqual(config.mods_config, found)

    def test_pipeline(self):
        """In memory, then exported and loaded; with own params and others."""
        affinity = os.sched_getaffinity(0)
        config = Dnn.build(self.make_config())
        path = config.export_library(os.path.join(self.folder.name, "out"))
        params = self.get_params()
        plain = self.check_pipeline(GstDnn.PipelineExecutor(config), None)
        loaded = GstDnn.PipelineExecutor.load_library(path)
        self.assertEqual(loaded.num_inputs, 2)
        self.assertEqual(loaded.num_outputs, 1)
        self.assertEqual(loaded.get_input_pipeline_map("data_b"),
                         ["1", "data_1"])
        self.assertEqual(loaded.get_input_pipeline_map("data_a"),
                         ["0", "data_0"])
        self.assertEqual(loaded.get_params_group_pipeline_map("param_0"), 0)
        loaded.set_params("param_0", params)
        customised = self.check_pipeline(loaded, params)
        for own, other in zip(plain, customised):
            self.assertFalse((own == other).any())
        again = GstDnn.PipelineExecutor.load_library(path)
        for one, other in zip(plain, self.check_pipeline(again, None)):
            numpy.testing.assert_array_equal(one, other)
        again.stop()
        self.assertEqual(os.sched_getaffinity(0), affinity)

    def test_values(self):
        """Serial execution itself, against NumPy."""
        for data in self.frames:
            numpy.testing.assert_array_equal(
                self.run_serial(data),
                ((data + 1) + 2 + 2 + data + 3) * 3 + data - 2)

    def check_error(self, code, call):
        """RuntimeError, as TVM's; of that code."""
        with self.assertRaises(RuntimeError) as context:
            call()
        self.assertIsInstance(context.exception, GLib.Error)
        self.assertTrue(
            context.exception.matches(Dnn.error_quark(), code),
            context.exception)

    def test_errors(self):
        """What TVM's test demands to be refused, one by one, in its order;
        test-config.py has all rules and their texts."""
        mod1, mod2, _ = self.modules
        config = Dnn.PipelineConfig()
        error = Dnn.Error
        output, second = config[mod1]["output"], config[mod2]["output"]
        source, sink = config[mod1]["input"], config[mod2]["input"]
        self.check_error(error.UNKNOWN_NAME, lambda: output[9])
        self.check_error(error.UNKNOWN_NAME, lambda: source["data_9"])
        output[0].connect(sink["data_1"])
        self.check_error(error.CYCLE, lambda: second[0].connect(
            source["data_0"]))
        self.check_error(error.OWN_MODULE, lambda: output[0].connect(
            source["data_0"]))
        self.check_error(error.START, lambda: source["data_0"].connect(
            source["data_0"]))
        self.check_error(error.START, lambda: source["data_0"].connect(
            sink["data_1"]))
        self.check_error(error.OUTPUT_TARGET, lambda: output[0].connect(
            config["input"]["data_0"]))
        self.check_error(
            error.INPUT_TARGET,
            lambda: config["input"]["data_0"].connect(output[0]))
        self.check_error(
            error.START, lambda: config["output"]["0"].connect(output[0]))

    def test_many_tensors(self):
        """256 outputs, then as many inputs; each is its own."""
        n = 256
        names = ["y%d" % idx for idx in range(n)]
        paths = [os.path.join(self.folder.name, name + ".onnx")
                 for name in ("many", "sum", "more")]
        constants = {"c%d" % idx: numpy.full((1,), idx, numpy.float32)
                     for idx in range(n + 1)}
        for path, count in ((paths[0], n), (paths[2], n + 1)):
            onnx_writer.write(
                path, {"x": (3,)},
                [("Add", ["x", "c%d" % idx], ["y%d" % idx], {})
                 for idx in range(count)], constants,
                {"y%d" % idx: (3,) for idx in range(count)})
        onnx_writer.write(
            paths[1], {name: (3,) for name in names},
            [("Add", [names[0], names[1]], ["s1"], {})]
            + [("Add", ["s%d" % idx, names[idx + 1]], ["s%d" % (idx + 1)], {})
               for idx in range(1, n - 1)], {}, {"s%d" % (n - 1): (3,)})
        many, total = (Dnn.load_module(path) for path in paths[:2])
        config = Dnn.PipelineConfig()
        config["input"]["x"].connect(config[many]["input"]["x"])
        for idx, name in enumerate(names):
            config[many]["output"][idx].connect(config[total]["input"][name])
            if idx:
                config[many]["output"][n - idx].connect(config["output"][idx])
        config[total]["output"][0].connect(config["output"][0])
        folder = os.path.join(self.folder.name, "exported")
        path = config.export_library(folder)
        executor = GstDnn.PipelineExecutor.load_library(path)
        for value in range(3):
            executor.set_input("x", numpy.full(3, value, numpy.float32))
            executor.run()
        for value in range(3):
            outputs = executor.get_output()
            self.assertEqual(len(outputs), n)
            self.assertEqual(outputs[0].numpy()[0],
                             n * value + n * (n - 1) // 2)
            self.assertEqual([int(tensor.numpy()[2]) for tensor in outputs[1:]],
                             [value + n - idx for idx in range(1, n)])
        self.check_error(Dnn.Error.LIMIT, lambda: Dnn.load_module(paths[2]))

    def test_params_refused(self):
        """TVM's two, and those of the params themselves."""
        executor = GstDnn.PipelineExecutor(self.make_config())
        params = self.get_params()
        name = next(iter(params))
        for nothing in (None, {}):
            self.check_error(
                Dnn.Error.VALUE,
                lambda nothing=nothing: executor.set_params(
                    "param_0", nothing))
        self.check_error(Dnn.Error.UNKNOWN_NAME,
                         lambda: executor.set_params("param_1", params))
        self.check_error(
            Dnn.Error.SHAPE, lambda: executor.set_params(
                "param_0", {name: numpy.zeros(3, numpy.float32)}))
        self.check_error(
            Dnn.Error.TYPE, lambda: executor.set_params(
                "param_0", {name: params[name].astype(numpy.float64)}))


if __name__ == "__main__":
    unittest.main(verbosity=2)
