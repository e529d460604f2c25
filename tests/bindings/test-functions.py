#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""GIR → every function that it offers to other languages is called once from
Python; what is C's only stands here with the reason.

test-functions.py FOLDER, of Dnn-1.0.gir and GstDnn-1.0.gir
"""

import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

try:
    import gi
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)
from network import SHAPE, load_modules

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
gi.require_version("Gst", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GLib, Gst, GstDnn  # noqa: E402

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
FOLDER = sys.argv.pop() if len(sys.argv) > 1 else "."
Gst.init(None)

GRAPH = "graphs are C's"
BY_VALUE = "gives a structure by value"
DLPACK = "structures of DLPack; Python has capsules"
BYTES = "writes into memory that the caller has"
COUNTS = "Python counts references itself"
ONLY_C = {
    "dnn_onnx_import_file": GRAPH, "dnn_module_new": GRAPH,
    "dnn_module_get_graph": GRAPH,
    "dnn_module_infer_outputs": "takes and gives arrays of structures",
    "dnn_instances_parse": "Python takes the number or the word itself",
    "dnn_shape_of": BY_VALUE, "dnn_shape": "takes any number of arguments",
    "dnn_type_from_dl": DLPACK, "dnn_type_to_dl": DLPACK,
    "dnn_tensor_get_dl": DLPACK, "dnn_tensor_to_dlpack": DLPACK,
    "dnn_tensor_to_dlpack_versioned": DLPACK,
    "dnn_tensor_new_from_dlpack": DLPACK,
    "dnn_tensor_new_from_dlpack_versioned": DLPACK,
    "dnn_tensor_new_wrapped": "takes an address; Python has new_at ()",
    "dnn_alloc_aligned": "memory without an owner",
    "dnn_try_alloc_aligned": "memory without an owner",
    "dnn_free_aligned": "memory without an owner",
    "dnn_type_get": BYTES, "dnn_type_set": BYTES,
    "gst_dnn_header_write": BYTES,
    "gst_dnn_affine_identity": BY_VALUE, "gst_dnn_frame_key_new": BY_VALUE,
    "dnn_tensor_ref": COUNTS, "dnn_tensor_unref": COUNTS,
    "dnn_params_ref": COUNTS, "dnn_params_unref": COUNTS,
    "dnn_pipeline_interface_free": COUNTS, "gst_dnn_result_free": COUNTS,
}


def list_functions(namespace):
    """Symbols of C, without those that stand twice."""
    tree = ElementTree.parse(
        os.path.join(FOLDER, "%s-1.0.gir" % namespace))
    return [node.get(C + "identifier")
            for kind in ("function", "method", "constructor")
            for node in tree.iter(CORE + kind) if not node.get("moved-to")]


class Symbols:
    """Calls by the names of C, and notes them."""

    def __init__(self):
        self.called = set()
        self.by_name = {}
        self._add("Dnn", Dnn)
        self._add("GstDnn", GstDnn)

    def _add(self, namespace, module):
        tree = ElementTree.parse(
            os.path.join(FOLDER, "%s-1.0.gir" % namespace))
        top = tree.getroot().find(CORE + "namespace")
        for owner in [top] + list(top):
            for kind in ("function", "method", "constructor"):
                for node in owner.findall(CORE + kind):
                    if (node.get("introspectable") != "0"
                            and not node.get("moved-to")):
                        self.by_name[node.get(C + "identifier")] = (
                            module if owner is top else
                            getattr(module, owner.get("name")),
                            node.get("name"))

    def __getattr__(self, name):
        holder, attribute = self.by_name[name]
        function = getattr(holder, attribute)

        def call(*arguments):
            self.called.add(name)
            return function(*arguments)

        return call


def misuse():
    """What a program must not do; each is a warning of GLib's, no crash."""
    with tempfile.TemporaryDirectory() as folder:
        module = load_modules(Dnn, folder)[0]
    params = Dnn.Params({"a": [1.0]})
    config = Dnn.PipelineConfig()
    config.add_module(0, module)
    for call in (module.get_input_name, module.get_output_name,
                 module.get_input_shape, module.get_output_shape,
                 params.get_name, params.get_tensor):
        yield call(9)
    for call in (module.get_input_type, module.get_output_type):
        yield None if call(9) == Dnn.Type.INVALID else call
    for number in (0, -1):
        yield config.add_module(number, module)
        yield config.add_element(number, "identity")
    yield Dnn.Tensor.import_dlpack(0)
    for number, dims in ((Dnn.Type.INT8, [-1]), (Dnn.Type.INT8, [2 ** 62, 2]),
                         (Dnn.Type.INVALID, [1])):
        try:
            yield Dnn.Tensor.new(number, Dnn.Shape(dims))
        except TypeError:  # "constructor returned NULL"
            yield None


class MisuseTest(unittest.TestCase):
    """In a process of its own, which lives through all of it."""

    def test_all(self):
        """A warning and no answer each."""
        done = subprocess.run(
            [sys.executable, __file__, "misuse"], check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, G_DEBUG=""))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout.count("assertion"), 16, done.stdout)
        self.assertIn("16 answers of None", done.stdout)


class FunctionTest(unittest.TestCase):
    """By topic; the last one counts."""

    @classmethod
    def setUpClass(cls):
        cls.symbols = FunctionTest.symbols = Symbols()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.call = self.symbols

    def tearDown(self):
        self.folder.cleanup()

    def get_path(self, name):
        """In the test's folder."""
        return os.path.join(self.folder.name, name)

    def test_types(self):
        """Types, shapes, words."""
        call = self.call
        self.assertIsNone(call.dnn_init())
        self.assertEqual(GLib.quark_to_string(call.dnn_error_quark()),
                         "dnn-error-quark")
        self.assertEqual(call.dnn_type_from_name("int8"), Dnn.Type.INT8)
        self.assertEqual(call.dnn_type_name(Dnn.Type.INT8), "int8")
        self.assertEqual(call.dnn_type_size(Dnn.Type.INT64), 8)
        self.assertEqual(
            call.gst_dnn_header_get_type(Dnn.Type.FLOAT32), 7)
        self.assertEqual(call.dnn_nearest_word("data_o", ["out", "data_0"]),
                         "data_0")
        self.assertIsNone(call.dnn_nearest_word("x", ["out"]))
        _, shape = call.dnn_shape_from_dims([1, 3, -1])
        self.assertEqual(tuple(shape), (1, 3, -1))
        self.assertEqual(shape, Dnn.Shape([1, 3, -1]))
        self.assertEqual((str(shape), len(shape)), ("1×3×?", 3))
        self.assertEqual(tuple(Dnn.Shape()), ())
        with self.assertRaisesRegex(GLib.Error, "13 dimensions"):
            Dnn.Shape([1] * 13)
        self.assertEqual(call.dnn_shape_to_string(shape), "1×3×?")
        self.assertFalse(call.dnn_shape_is_known(shape))
        is_shape, other = call.dnn_shape_parse("1,3,4")
        self.assertTrue(is_shape)
        self.assertFalse(call.dnn_shape_parse("a")[0])
        self.assertEqual(call.dnn_shape_n_elements(other), 12)
        self.assertEqual(call.dnn_shape_n_least(shape), 3)
        self.assertTrue(call.dnn_shape_compatible(shape, other))
        self.assertFalse(call.dnn_shape_equal(shape, other))

    def test_tensors(self):
        """Tensors and params."""
        call = self.call
        array = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)
        tensor = call.dnn_tensor_new(Dnn.Type.FLOAT32, Dnn.Shape([2, 3]))
        view = call.dnn_tensor_new_at(
            Dnn.Type.FLOAT32, [2, 3], array.ctypes.data, 10 ** 9)
        self.assertEqual(call.dnn_tensor_get_address(view), array.ctypes.data)
        self.assertEqual(call.dnn_tensor_get_data(view), array.ctypes.data)
        self.assertEqual(call.dnn_tensor_get_writable_data(tensor),
                         tensor.get_address())
        self.assertEqual(call.dnn_tensor_get_dims(tensor), [2, 3])
        self.assertEqual(call.dnn_tensor_get_shape(tensor).to_string(), "2×3")
        self.assertEqual(call.dnn_tensor_get_element_type(tensor),
                         Dnn.Type.FLOAT32)
        self.assertEqual(call.dnn_tensor_get_size(tensor), 24)
        self.assertFalse(call.dnn_tensor_equal(tensor, view))
        again = call.dnn_tensor_import_dlpack(
            call.dnn_tensor_export_dlpack(view))
        self.assertEqual(again.get_address(), array.ctypes.data)
        call.dnn_tensor_take_released()
        del again, view
        self.assertIn(10 ** 9, call.dnn_tensor_take_released())

    def test_params(self):
        """Of a file, of bytes, of nothing."""
        call = self.call
        tensor = Dnn.Tensor(numpy.ones(2, numpy.float32))
        params = call.dnn_params_new()
        call.dnn_params_set(params, "a", tensor)
        self.assertEqual(call.dnn_params_get_n(params), 1)
        self.assertEqual(call.dnn_params_get_name(params, 0), "a")
        self.assertTrue(call.dnn_params_get_tensor(params, 0).equal(tensor))
        self.assertTrue(call.dnn_params_lookup(params, "a").equal(tensor))
        self.assertIsNone(call.dnn_params_lookup(params, "b"))
        path = self.get_path("params")
        self.assertTrue(call.dnn_params_write(params, path))
        same = call.dnn_params_new_from_file(path)
        with open(path, "rb") as stream:
            also = call.dnn_params_new_from_bytes(
                GLib.Bytes.new(stream.read()), "label")
        for other in (same, also):
            self.assertTrue(call.dnn_params_equal(params, other))

    def test_modules(self):
        """Models and modules."""
        call = self.call
        module = load_modules(Dnn, self.folder.name)[0]
        model = self.get_path("network.onnx")
        for config in (call.dnn_compile_file(model, None),
                       call.dnn_compile_file(model, Dnn.CompileOptions()),
                       call.dnn_compile_model(model, None, None, None),
                       call.dnn_load_pipeline(model, None)):
            self.assertEqual(len(config.get_stages()), 1)
        whole = call.dnn_load_module(model, None)
        self.assertEqual(
            call.dnn_module_get_n_inputs(
                call.dnn_compile_module(whole, None)), 2)
        self.assertEqual(call.dnn_module_get_n_outputs(module), 2)
        self.assertEqual(call.dnn_module_get_input_name(module, 0), "data_0")
        name = call.dnn_module_get_output_name(module, 1)
        self.assertEqual(call.dnn_module_find_output(module, name), 1)
        self.assertEqual(call.dnn_module_find_input(module, "none"), -1)
        for direction in ("input", "output"):
            self.assertEqual(
                getattr(call, "dnn_module_get_%s_type" % direction)(module, 0),
                Dnn.Type.FLOAT32)
            self.assertEqual(
                getattr(call, "dnn_module_get_%s_shape" % direction)(
                    module, 0).to_string(), "3×3")
        self.assertEqual(call.dnn_module_get_lib_name(module), "onednn")
        self.assertEqual(list(call.dnn_module_get_params(module)),
                         list(module.params))
        self.assertTrue(call.dnn_module_get_label(module))
        self.assertFalse(call.dnn_module_keeps_state(module))
        self.check_states(module)
        paths = [self.get_path(name) for name in ("json", "params")]
        self.assertTrue(call.dnn_module_write(module, *paths))
        same = call.dnn_module_new_from_files(*paths, "onednn")
        self.assertEqual(same.get_output_name(1), name)

    def check_states(self, module):
        """An output that is an input of the next frame."""
        call = self.call
        self.assertIsNone(
            call.dnn_module_new_with_named_state(module, "data_0"))
        state = call.dnn_module_new_with_state(module, "data_0", 0, None)
        self.assertEqual(call.dnn_module_get_stateless(state), module)
        self.assertEqual(call.dnn_module_get_n_states(state), 1)
        self.assertEqual(call.dnn_module_get_state_name(state, 0), "data_0")
        self.assertEqual(call.dnn_module_get_state_output(state, 0), 0)
        self.assertIsNone(call.dnn_module_get_state_initial(state, 0))
        self.assertEqual(call.dnn_module_get_state_type(state, 0),
                         Dnn.Type.FLOAT32)
        self.assertEqual(call.dnn_module_find_state(state, "data_0"), 0)
        self.assertTrue(state.keeps_state())

    def make_config(self):
        """(the configuration, its places): module 1, then an element."""
        call = self.call
        module = load_modules(Dnn, self.folder.name)[1]
        config = call.dnn_pipeline_config_new()
        place = call.dnn_pipeline_config_get_module(config, module)
        element = call.dnn_pipeline_config_append_element(config, "identity")
        connect = call.dnn_pipeline_interface_connect
        for name in ("data_n_0", "data_1"):
            connect(call.dnn_pipeline_config_get_input(config, name),
                    call.dnn_pipeline_module_get_input(place, name))
        connect(call.dnn_pipeline_module_get_output(place, 0),
                element["input"]["0"])
        connect(element["output"][0],
                call.dnn_pipeline_config_get_output(config, 0))
        connect(call.dnn_pipeline_config_get_param_group(config, "g"),
                call.dnn_pipeline_module_get_param(place))
        return config, place, element

    def test_building(self):
        """Places, handles, building."""
        call = self.call
        config, place, element = self.make_config()
        self.assertEqual(call.dnn_pipeline_module_get_element(element),
                         "identity")
        self.assertEqual(call.dnn_pipeline_module_get_mod_idx(place), 0)
        self.assertEqual(
            call.dnn_pipeline_config_get_module_at(config, 1), element)
        copy = call.dnn_pipeline_interface_copy(place["output"][0])
        self.assertEqual(call.dnn_pipeline_interface_to_string(copy),
                         "output 0 of module 0")
        output = place["output"][0]
        self.assertEqual(
            (call.dnn_pipeline_interface_get_io_type(output),
             call.dnn_pipeline_interface_get_name(output)), ("output", "0"))
        self.assertEqual(
            [str(end) for end in
             call.dnn_pipeline_interface_get_bindings(output)],
            ['input "0" of module 1'])
        self.assertTrue(call.dnn_pipeline_module_check_settings(place))
        call.dnn_pipeline_module_set_build_func(
            place, lambda place, source, *unused: source)
        self.assertTrue(call.dnn_pipeline_config_build(config))
        self.assertTrue(call.dnn_pipeline_module_get_module(place))
        model = self.get_path("network.onnx")
        self.assertEqual(
            call.dnn_pipeline_config_get_module_for_file(
                config, model).path, model)

    def test_stages(self):
        """The configuration as files have it: numbers and structures."""
        call = self.call
        first, second, _ = load_modules(Dnn, self.folder.name)
        config = Dnn.PipelineConfig()
        stage = call.dnn_pipeline_config_add_module(config, 3, second)
        stage.threads = 2
        call.dnn_pipeline_config_add_element(config, 5, "identity")
        self.assertEqual([stage.mod_idx for stage in
                          call.dnn_pipeline_config_get_stages(config)], [3, 5])
        found = call.dnn_pipeline_config_get_stage(config, 3)
        self.assertEqual((found.threads, found.module), (2, second))
        self.assertNotEqual(found.module, first)
        source, target = Dnn.Interface(), Dnn.Interface()
        source.kind = Dnn.InterfaceKind.MODULE_OUTPUT
        source.mod_idx = 3
        target.kind = Dnn.InterfaceKind.GLOBAL_OUTPUT
        self.assertTrue(
            call.dnn_pipeline_config_bind(config, source, target))
        binding, = call.dnn_pipeline_config_get_bindings(config)
        self.assertEqual((binding.src.mod_idx, binding.dst.kind),
                         (3, Dnn.InterfaceKind.GLOBAL_OUTPUT))
        with self.assertRaisesRegex(GLib.Error, "has no binding"):
            call.dnn_pipeline_config_check(config)
        self.assertTrue(call.dnn_pipeline_config_bind_state(
            config, 3, 0, "data_1", None))
        self.assertEqual(found.module.get_n_states(), 1)
        place = call.dnn_pipeline_config_get_module_at(config, 3)
        self.assertTrue(call.dnn_pipeline_interface_connect_state(
            place["output"][0], place["input"]["data_n_0"], None))

    def test_files(self):
        """Text and files."""
        call = self.call
        config, _, _ = self.make_config()
        self.assertTrue(call.dnn_pipeline_config_check(config))
        self.assertIn("module_connection",
                      call.dnn_pipeline_config_get_config(config))
        self.assertIn("data_1", call.dnn_pipeline_config_to_string(config))
        self.assertEqual(call.dnn_pipeline_config_get_inputs(config),
                         ["data_n_0", "data_1"])
        self.assertEqual(call.dnn_pipeline_config_get_n_outputs(config), 1)
        single = self.get_path("single.json")
        self.assertTrue(
            call.dnn_pipeline_config_export_single(config, single))
        for path in (
                call.dnn_pipeline_config_export(config, self.get_path("a")),
                call.dnn_pipeline_config_export_library(
                    config, self.get_path("b")), single):
            self.assertEqual(
                call.dnn_pipeline_config_validate_file(path), [])
            for load in (call.dnn_pipeline_config_new_from_file,
                         call.dnn_pipeline_config_load_library):
                self.assertTrue(
                    call.dnn_pipeline_config_equal(load(path), config))
        error, = call.dnn_pipeline_config_validate_file("/nonexistent")
        self.assertTrue(error.matches(Dnn.error_quark(), Dnn.Error.NOT_FOUND))
        self.assertEqual(call.dnn_error_print(error), error.message)

    def test_executor(self):
        """One frame in each way of getting it."""
        call = self.call
        config, _, _ = self.make_config()
        path = config.export_library(self.get_path("a"))
        ones = Dnn.Tensor(numpy.ones(SHAPE, numpy.float32))
        for executor in (call.dnn_pipeline_executor_new(config),
                         call.dnn_pipeline_executor_load_library(path)):
            for name in ("data_n_0", "data_1"):
                call.dnn_pipeline_executor_set_input(executor, name, ones)
            self.assertTrue(call.dnn_pipeline_executor_get_input(
                executor, "data_1").equal(ones))
            for _ in range(2):
                self.assertTrue(call.dnn_pipeline_executor_run(executor))
            frame, = call.dnn_pipeline_executor_wait_output(executor, -1)
            self.assertEqual(frame.numpy()[0, 0], 1 + 2 + 1 + 3)
            self.assertEqual(
                call.dnn_pipeline_executor_get_num_in_flight(executor), 1)
            self.wait_async(executor)
            self.assertEqual(call.dnn_pipeline_executor_wait_answer(
                executor, 0), ([], False))
            self.assertEqual(
                call.dnn_pipeline_executor_get_output(executor, False), [])
            self.check_figures(executor)
            with self.assertRaisesRegex(GLib.Error, "no params"):
                call.dnn_pipeline_executor_set_params(
                    executor, "g", Dnn.Params())
            call.dnn_pipeline_executor_stop(executor)

    def wait_async(self, executor):
        """With a main loop."""
        loop, frames = GLib.MainLoop(), []

        def finish(source, result, *unused):
            frames.append(
                self.call.dnn_pipeline_executor_get_output_finish(
                    source, result))
            loop.quit()

        self.call.dnn_pipeline_executor_get_output_async(
            executor, None, finish)
        loop.run()
        self.assertEqual(len(frames[0]), 1)

    def check_figures(self, executor):
        """What it says of itself."""
        call = self.call
        for name, expected in (("num_inputs", 2), ("num_outputs", 1),
                               ("num_executing_pipeline", 2)):
            self.assertEqual(getattr(
                call, "dnn_pipeline_executor_get_" + name)(executor), expected)
        self.assertEqual(
            call.dnn_pipeline_executor_get_input_pipeline_map(
                executor, "data_1"), ["0", "data_1"])
        self.assertIn(
            call.dnn_pipeline_executor_get_params_group_pipeline_map(
                executor, "g"), (0, [0]))

    def test_caps(self):
        """What travels between elements."""
        call = self.call
        info = call.gst_dnn_tensors_info_init()
        shape = Dnn.Shape([1, 3])
        self.assertTrue(
            call.gst_dnn_tensors_info_add(info, Dnn.Type.BOOL, shape))
        self.assertEqual(call.gst_dnn_tensors_info_to_string(info),
                         "uint8 1×3")
        self.assertEqual(call.gst_dnn_tensors_info_get_size(info, 0), 3)
        caps = call.gst_dnn_tensors_info_to_caps(info)
        pad = Gst.Pad.new("src", Gst.PadDirection.SRC)
        chosen = call.gst_dnn_tensors_info_choose_caps(info, pad)
        self.assertTrue(chosen.is_subset(caps))
        is_read, same = call.gst_dnn_tensors_info_from_caps(chosen)
        self.assertTrue(is_read)
        self.assertTrue(call.gst_dnn_tensors_info_equal(info, same))
        self.assertEqual(call.gst_dnn_type_on_link(Dnn.Type.BFLOAT16),
                         Dnn.Type.FLOAT32)
        fits, fitted = call.gst_dnn_shape_fit(shape, Dnn.Shape([-1]))
        self.assertTrue(fits)
        self.assertEqual(fitted.to_string(), "3")
        header = numpy.zeros(32, "<u4")
        header[:5] = 0xfeedcced, 0xde001000, 5, 3, 1
        header = header.tobytes() + b"abc"
        is_read, type_, shape = call.gst_dnn_header_read(header)
        self.assertEqual((type_, shape.to_string()), (Dnn.Type.UINT8, "1×3"))
        with self.assertRaises(GLib.Error):
            call.gst_dnn_header_read(header[:-1])

    def test_frame_meta(self):
        """A tensor's frame."""
        call = self.call
        key = GstDnn.FrameKey()
        key.serial, key.n_regions = 7, 1
        buffer, frame = Gst.Buffer.new(), Gst.Buffer.new()
        call.gst_buffer_add_dnn_frame_meta(
            buffer, frame, Gst.Caps.from_string("video/x-raw"), None, None,
            key)
        meta = call.gst_buffer_get_dnn_frame_meta(buffer)
        call.gst_dnn_frame_meta_set_model_size(meta, 640, 480)
        self.assertEqual((meta.model_w, meta.model_h), (640, 480))
        self.assertEqual(call.gst_dnn_frame_key_compare(meta.key, key), 0)
        self.assertEqual(call.gst_dnn_affine_map(meta.to_frame, 2, 3), (2, 3))
        is_inverted, inverse = call.gst_dnn_affine_invert(meta.to_frame)
        self.assertTrue(is_inverted)
        self.assertEqual(inverse.map(4, 5), (4, 5))
        call.gst_buffer_remove_dnn_frame_meta(buffer)
        self.assertIsNone(call.gst_buffer_get_dnn_frame_meta(buffer))
        for kind in ("frame", "results", "tensors"):
            info = getattr(call, "gst_dnn_%s_meta_get_info" % kind)()
            self.assertEqual(
                getattr(call, "gst_dnn_%s_meta_api_get_type" % kind)(),
                info.api)

    def test_results_meta(self):
        """What a model found, by the names of C."""
        call = self.call
        buffer = Gst.Buffer.new()
        result = GstDnn.Result()
        result.kind = GstDnn.ResultKind.DETECTION
        call.gst_dnn_result_set_label(result, "ball")
        call.gst_dnn_result_set_model(result, "balls")
        result.confidence, result.w, result.label_id = 0.5, 20, 3
        call.gst_buffer_add_dnn_results_meta(buffer)
        results = call.gst_buffer_get_dnn_results_meta(buffer)
        call.gst_dnn_results_meta_add(results, result)
        self.assertEqual(call.gst_dnn_results_meta_get_n(results), 1)
        found = call.gst_dnn_result_copy(
            call.gst_dnn_results_meta_get(results, 0))
        self.assertEqual((found.w, found.label_id), (20, 3))
        self.assertEqual(call.gst_dnn_result_get_label(found), "ball")
        self.assertEqual(call.gst_dnn_result_get_model(found), "balls")
        self.assertLess(call.gst_dnn_result_get_color(found), 1 << 24)

    def test_results_sequence(self):
        """The same as Python has it."""
        buffer = Gst.Buffer.new()
        self.assertIsNone(GstDnn.buffer_get_dnn_results_meta(buffer))
        results = GstDnn.buffer_add_dnn_results_meta(buffer)
        self.assertTrue(results)  # looked at
        self.assertEqual((len(results), list(results)), (0, []))
        for idx, label in enumerate(("ball", None, "bat")):
            result = GstDnn.Result()
            result.label, result.label_id, result.x = label, idx, 10 * idx
            result.model = "toys"
            results.add(result)
        self.assertEqual([result.label for result in results],
                         ["ball", None, "bat"])
        self.assertEqual(results[-1].box, (20, 0, 0, 0))
        self.assertEqual([result.label_id for result in results[1:]], [1, 2])
        with self.assertRaises(IndexError):
            results[3]  # pylint: disable=pointless-statement
        colors = [result.color for result in results]
        self.assertEqual(len(set(colors)), 3)
        other = results[0].copy()
        self.assertEqual((other.color, other.model), (colors[0], "toys"))
        other.model = "tools"
        self.assertNotEqual(other.color, colors[0])
        self.assertEqual(
            repr(results[2]), "<GstDnn.Result bat 0.00 at 20, 0, 0×0>")

    def test_tensors_meta(self):
        """The tensors that a model left on its frame, as arrays."""
        call = self.call
        buffer = Gst.Buffer.new()
        values = numpy.arange(8, dtype=numpy.float32)
        caps = Gst.Caps.from_string(
            "other/tensors,format=static,num_tensors=2,dimensions=\"3:1,5\","
            "types=\"float32,float32\"")
        for model in ("balls", "faces"):
            call.gst_buffer_add_dnn_tensors_meta(
                buffer, Gst.Buffer.new_wrapped(values.tobytes()), caps, model)
        first = call.gst_buffer_get_dnn_tensors_meta(buffer)
        self.assertEqual(call.gst_dnn_tensors_meta_get_model(first), "balls")
        self.assertIsNone(
            call.gst_buffer_find_dnn_tensors_meta(buffer, "nobody's"))
        meta = call.gst_buffer_find_dnn_tensors_meta(buffer, "faces")
        self.assertEqual(meta.model_name, "faces")
        self.assertEqual(call.gst_dnn_tensors_meta_get_n(meta), 2)
        tensor = call.gst_dnn_tensors_meta_get(meta, 1)
        self.assertEqual(tensor.shape, (5,))
        arrays = [one.numpy() for one in meta]
        del buffer, first, meta, tensor
        numpy.testing.assert_array_equal(arrays[0], values[None, :3])
        numpy.testing.assert_array_equal(arrays[1], values[3:])

    def test_tensors_meta_wrong(self):
        """Bytes that are not what the caps promise."""
        buffer = Gst.Buffer.new()
        caps = ("other/tensors,format=static,num_tensors=1,"
                "dimensions=(string)4,types=uint8")
        for text in (caps, caps.replace("4", "x")):
            GstDnn.buffer_add_dnn_tensors_meta(
                buffer, Gst.Buffer.new_wrapped(b"abc"),
                Gst.Caps.from_string(text), text)
            meta = GstDnn.buffer_find_dnn_tensors_meta(buffer, text)
            with self.assertRaises(GLib.Error) as context:
                meta.get(0)
            self.assertIn("4 bytes for this one; the buffer has 3 bytes"
                          if text == caps else "dimensions",
                          str(context.exception))
        self.assertEqual(list(meta), [])


def list_by_value(namespace):
    """Functions that give a structure itself; calling one crashes."""
    tree = ElementTree.parse(os.path.join(FOLDER, "%s-1.0.gir" % namespace))
    names = {node.get("name") for node in tree.iter(CORE + "record")}
    for kind in ("function", "method", "constructor"):
        for node in tree.iter(CORE + kind):
            type_ = node.find(CORE + "return-value").find(CORE + "type")
            if (type_ is not None and node.get("introspectable") != "0"
                    and type_.get("name").rsplit(".", maxsplit=1)[-1] in names
                    and "*" not in type_.get(C + "type")):
                yield node.get(C + "identifier")


class ZCoverageTest(unittest.TestCase):  # runs last, by its name
    """Of what the namespaces offer, nothing is left out."""

    def test_all(self):
        """Called, or in ONLY_C for a reason."""
        for namespace in ("Dnn", "GstDnn"):
            functions = set(list_functions(namespace))
            self.assertGreater(len(functions), 30)
            self.assertEqual(
                functions - FunctionTest.symbols.called - set(ONLY_C), set())
            self.assertEqual(list(list_by_value(namespace)), [])
        known = set(list_functions("Dnn") + list_functions("GstDnn"))
        self.assertEqual(set(ONLY_C) - known, set())
        self.assertEqual(set(ONLY_C) & FunctionTest.symbols.called, set())


if __name__ == "__main__":
    if FOLDER == "misuse":
        print("%d answers of None" % [*misuse()].count(None))
        sys.exit()
    unittest.main(verbosity=2)
