#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The pipeline that TVM's users know, from Python: one network of two inputs
is split at named tensors into three modules, bound by hand, run with five
frames, with and without customised params, exported and loaded; and what must
not be connected."""

import gc
import os
import sys
import tempfile
import unittest
import weakref

try:
    import gi
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)
import onnx_writer

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GLib, GstDnn  # noqa: E402

SHAPE = (3, 3)
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


def write_network(path):
    """((x + 1) and (x - 2) halves joined) + 2 | + 2 + second + 3 | · 3 + …"""
    constants = {name: numpy.full(SHAPE, value, numpy.float32)
                 for name, value in (("mv1", 1), ("mv2", 2), ("mv3", 3))}
    constants["customised"] = numpy.full(SHAPE, 2, numpy.float32)
    onnx_writer.write(
        path, {"data_0": SHAPE, "data_1": SHAPE}, [
            ("Add", ["data_0", "mv1"], ["net1_output1"], {}),
            ("Sub", ["data_0", "mv2"], ["data_n_2"], {}),
            ("Concat", ["net1_output1", "data_n_2"], ["joined"], {"axis": 0}),
            ("Split", ["joined"], ["half", "other_half"], {"axis": 0}),
            ("Add", ["half", "customised"], ["data_n_0"], {}),
            ("Add", ["data_n_0", "mv2"], ["net2_0"], {}),
            ("Add", ["net2_0", "data_1"], ["net2_1"], {}),
            ("Add", ["net2_1", "mv3"], ["data_n_1"], {}),
            ("Mul", ["data_n_1", "mv3"], ["net3"], {}),
            ("Add", ["net3", "data_n_2"], ["result"], {}),
        ], constants, {"result": SHAPE})


def get_cpu():
    """The first one that this process may use."""
    return str(min(os.sched_getaffinity(0)))


class PipelineTest(unittest.TestCase):
    """Three modules of one network."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        model = os.path.join(self.folder.name, "network.onnx")
        write_network(model)
        split = Dnn.compile_model(model, ["data_n_0", "data_n_1"], None, None)
        self.modules = [split.get_module_at(idx).get_module()
                        for idx in range(3)]
        self.frames = [numpy.full(SHAPE, 3 + idx, numpy.float32)
                       for idx in range(N_FRAMES)]

    def tearDown(self):
        self.folder.cleanup()

    def find_output(self, module, name):
        """Number of the output of that name."""
        return self.modules[module].find_output(name)

    def make_config(self):
        """All bindings, named from the last module to the first."""
        mod1, mod2, mod3 = self.modules
        config = Dnn.PipelineConfig()
        config[mod3]["output"][0].connect(config["output"]["0"])
        config[mod2]["output"][0].connect(config[mod3]["input"]["data_n_1"])
        config[mod1]["output"][self.find_output(0, "data_n_2")].connect(
            config[mod3]["input"]["data_n_2"])
        config[mod1]["output"][self.find_output(0, "data_n_0")].connect(
            config[mod2]["input"]["data_n_0"])
        config["input"]["data_a"].connect(config[mod1]["input"]["data_0"])
        config["input"]["data_b"].connect(config[mod2]["input"]["data_1"])
        config["param_group"]["param_0"].connect(config[mod1]["param"])
        for module in self.modules:
            config[module].dev = "cpu"
            config[module].cpu_affinity = get_cpu()
        return config

    def get_params(self):
        """Those of the first module, each 10 more."""
        folder = os.path.join(self.folder.name, "first")
        Dnn.build(self.make_config()).export_library(folder)
        own = Dnn.Params(os.path.join(folder, "params0"))
        return {name: own[name].numpy() + 10 for name in own}

    def run_alone(self, module, inputs, params=None):
        """One module by itself, one frame."""
        config = Dnn.PipelineConfig()
        place = config[module]
        for name in inputs:
            config["input"][name].connect(place["input"][name])
        for idx in range(module.get_n_outputs()):
            place["output"][idx].connect(config["output"][idx])
        config["param_group"]["params"].connect(place["param"])
        executor = GstDnn.PipelineExecutor(config)
        if params:
            executor.set_params("params", params)
        for name, array in inputs.items():
            executor.set_input(name, array)
        executor.run()
        return {module.get_output_name(idx): tensor.numpy().copy()
                for idx, tensor in enumerate(executor.get_output(None))}

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
            outputs = executor.get_output(10)
            self.assertEqual(len(outputs), 1)
            numpy.testing.assert_array_equal(outputs[0].numpy(), serial)
        self.assertEqual(executor.get_output(), [])
        return expected

    def test_print(self):
        """TVM's form."""
        self.assertEqual(str(self.make_config()), PRINTED)

    def test_get_config(self):
        """TVM's keys and numbers."""
        found = self.make_config().get_config()
        self.assertEqual(found["input_connection"], [
            {"global_interface_name": "data_a", "mod_idx": 0,
             "module_interface_name": "data_0"},
            {"global_interface_name": "data_b", "mod_idx": 1,
             "module_interface_name": "data_1"}])
        self.assertEqual(found["param_connection"], [
            {"global_param_name": "param_0", "mod_idx": 0}])
        self.assertEqual(found["module_connection"], [
            {"mod_idx": 0, "cpu_affinity": get_cpu(), "output": [
                {"output_idx": 0, "dependencies": [
                    {"mod_idx": 2, "input_name": "data_n_2"}]},
                {"output_idx": 1, "dependencies": [
                    {"mod_idx": 1, "input_name": "data_n_0"}]}]},
            {"mod_idx": 1, "cpu_affinity": get_cpu(), "output": [
                {"output_idx": 0, "dependencies": [
                    {"mod_idx": 2, "input_name": "data_n_1"}]}]},
            {"mod_idx": 2, "cpu_affinity": get_cpu(), "output": [
                {"output_idx": 0, "dependencies": [
                    {"global_output_index": 0}]}]}])

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

    def test_illegal(self):
        """Every connection that TVM's test refuses."""
        mod1, mod2, _ = self.modules
        config = Dnn.PipelineConfig()
        error = Dnn.Error
        output, second = config[mod1]["output"], config[mod2]["output"]
        source, sink = config[mod1]["input"], config[mod2]["input"]
        self.check_error(error.UNKNOWN_NAME, lambda: output[9])
        self.check_error(error.UNKNOWN_NAME, lambda: source["data_9"])
        self.check_error(error.OWN_MODULE, lambda: output[0].connect(
            source["data_0"]))
        self.check_error(error.START, lambda: source["data_0"].connect(
            source["data_0"]))
        self.check_error(error.START, lambda: source["data_0"].connect(
            sink["data_1"]))
        self.check_error(error.OUTPUT_TARGET, lambda: output[0].connect(
            config["input"]["data_0"]))
        self.check_error(error.OUTPUT_TARGET, lambda: output[0].connect(
            second[0]))
        self.check_error(
            error.INPUT_TARGET,
            lambda: config["input"]["data_0"].connect(output[0]))
        self.check_error(
            error.START, lambda: config["output"]["0"].connect(output[0]))
        self.check_error(
            error.PARAM_TARGET, lambda: config["param_group"]["p"].connect(
                source["data_0"]))
        output[0].connect(sink["data_n_0"])
        self.check_error(error.TWO_SOURCES, lambda: output[1].connect(
            sink["data_n_0"]))
        self.check_error(error.CYCLE, lambda: second[0].connect(
            source["data_0"]))
        self.check_error(error.UNBOUND, config.build)
        with self.assertRaises(KeyError):
            config[mod1]["outputs"]  # pylint: disable=expression-not-assigned

    def test_params_refused(self):
        """TVM's two, and those of the params themselves."""
        executor = GstDnn.PipelineExecutor(self.make_config())
        params = self.get_params()
        name = next(iter(params))
        with self.assertRaises(ValueError):
            executor.set_params("param_0", None)
        self.check_error(Dnn.Error.UNKNOWN_NAME,
                         lambda: executor.set_params("param_1", params))
        self.check_error(
            Dnn.Error.SHAPE, lambda: executor.set_params(
                "param_0", {name: numpy.zeros(3, numpy.float32)}))
        self.check_error(
            Dnn.Error.TYPE, lambda: executor.set_params(
                "param_0", {name: params[name].astype(numpy.float64)}))

    def test_build_func(self):
        """In place of TVM's build function; its error comes through."""
        config = self.make_config()
        seen = []

        def build(place, source):
            seen.append((place.mod_idx, source))
            return Dnn.compile_module(source, None)

        def refuse(place, source):
            raise GLib.Error("no quantisation", "test", 3)

        config[self.modules[1]].build_func = build
        Dnn.build(config)
        self.assertEqual(seen, [(1, self.modules[1])])
        self.check_pipeline(GstDnn.PipelineExecutor(config), None)
        config[self.modules[1]].build_func = refuse
        with self.assertRaisesRegex(GLib.Error, "no quantisation"):
            Dnn.build(config)

    def test_lifetime(self):
        """A handle keeps its configuration."""
        config = Dnn.PipelineConfig()
        handle = config[self.modules[0]]["input"]["data_0"]
        source = config["input"]["a"]
        gone = weakref.ref(config)
        del config
        gc.collect()
        source.connect(handle)
        self.assertEqual(handle.to_string(), 'input "data_0" of module 0')
        del gone


class TensorTest(unittest.TestCase):
    """Memory that goes in and out."""

    def test_no_copy(self):
        """NumPy in, NumPy and DLPack out: one address."""
        array = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)
        tensor = Dnn.Tensor(array)
        address = array.ctypes.data
        self.assertEqual(tensor.get_address(), address)
        self.assertEqual((tensor.shape, tensor.dtype), ((2, 3), "float32"))
        self.assertEqual(tensor.numpy().ctypes.data, address)
        self.assertEqual(numpy.from_dlpack(tensor).ctypes.data, address)
        self.assertFalse(tensor.numpy().flags.writeable)

    def test_lifetime(self):
        """The array lives as long as its tensor, the tensor as long as its
        arrays."""
        array = numpy.ones(4, numpy.float32)
        before = sys.getrefcount(array)
        tensor = Dnn.Tensor(array)
        self.assertGreater(sys.getrefcount(array), before)
        view, packed = tensor.numpy(), numpy.from_dlpack(tensor)
        unused = tensor.__dlpack__()
        del tensor
        gc.collect()
        numpy.testing.assert_array_equal(view, array)
        numpy.testing.assert_array_equal(packed, array)
        del view, packed, unused
        gc.collect()
        Dnn.release_arrays()
        self.assertEqual(sys.getrefcount(array), before)

    def test_dlpack_in(self):
        """From somebody who has nothing else."""
        class Foreign:  # pylint: disable=too-few-public-methods
            """Speaks DLPack only."""

            def __init__(self, array):
                self.array = array

            def __dlpack__(self):
                return self.array.__dlpack__()

        array = numpy.arange(3, dtype=numpy.int64)
        self.assertEqual(Dnn.Tensor(Foreign(array)).get_address(),
                         array.ctypes.data)
        with self.assertRaises(RuntimeError):
            Dnn.Tensor(Foreign(numpy.ones((2, 2))[:, 0]))

    def test_copies(self):
        """Only what isn't packed is copied."""
        array = numpy.arange(6, dtype=numpy.float32).reshape(2, 3).T
        tensor = Dnn.Tensor(array)
        self.assertNotEqual(tensor.get_address(), array.ctypes.data)
        numpy.testing.assert_array_equal(tensor.numpy(), array)
        numpy.testing.assert_array_equal(
            Dnn.Tensor([[1, 2], [3, 4]]).numpy(), [[1, 2], [3, 4]])

    def test_types(self):
        """Each that both know; others are refused."""
        for name in ("float32", "float64", "float16", "int8", "int16", "int32",
                     "int64", "uint8", "uint16", "uint32", "uint64", "bool"):
            array = numpy.ones((2, 1), name)
            tensor = Dnn.Tensor(array)
            self.assertEqual(tensor.dtype, name)
            self.assertEqual(tensor.numpy().dtype, array.dtype)
        for name in ("complex64", "U3", ">f4"):
            with self.assertRaises(TypeError):
                Dnn.Tensor(numpy.ones(2).astype(name))
        with self.assertRaisesRegex(GLib.Error, "13 dimensions"):
            Dnn.Tensor(numpy.ones((1,) * 13, numpy.float32))
        scalar = Dnn.Tensor(numpy.float32(4))
        self.assertEqual((scalar.shape, scalar.numpy()[()]), ((), 4))

    def test_params(self):
        """A dict both ways, and a file."""
        arrays = {"b": numpy.ones(2, numpy.float32),
                  "a": numpy.zeros((1, 3), numpy.int64)}
        params = Dnn.Params(arrays)
        self.assertEqual(list(params), ["b", "a"])
        self.assertIn("a", params)
        self.assertNotIn("c", params)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "params")
            params.write(path)
            for name, tensor in zip(arrays, map(Dnn.Params(path).lookup,
                                                arrays)):
                numpy.testing.assert_array_equal(tensor.numpy(), arrays[name])
        with self.assertRaises(KeyError):
            params["c"]  # pylint: disable=pointless-statement


if __name__ == "__main__":
    unittest.main(verbosity=2)
