#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Memory between NumPy and a pipeline: nothing is copied, what is in use lives,
what nobody uses goes; arrays that can't be taken as they are."""

import gc
import json
import os
import signal
import sys
import tempfile
import unittest

try:
    import gi
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GLib, GstDnn  # noqa: E402

SIZE = 16


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

    def test_dlpack_out(self):
        """What a framework may ask for."""
        array = numpy.arange(3, dtype=numpy.int64)
        tensor = Dnn.Tensor(array)
        self.assertEqual(tensor.__dlpack_device__(), (1, 0))

        class Request:  # pylint: disable=too-few-public-methods
            """Hands on the question."""

            def __init__(self, **options):
                self.options = options

            def __dlpack__(self):
                return tensor.__dlpack__(**self.options)

        for options in ({}, {"copy": False}, {"max_version": (1, 0)},
                        {"dl_device": (1, 0)}, {"stream": None}):
            self.assertEqual(Dnn.Tensor(Request(**options)).get_address(),
                             array.ctypes.data)
        copy = Dnn.Tensor(Request(copy=True))
        self.assertNotEqual(copy.get_address(), array.ctypes.data)
        self.assertTrue(copy.equal(tensor))
        for options in ({"dl_device": (2, 0)}, {"stream": 1}):
            with self.assertRaises(BufferError):
                Dnn.Tensor(Request(**options))

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
        column = numpy.arange(4, dtype=numpy.int64).reshape(2, 2)[:, 1]
        numpy.testing.assert_array_equal(
            Dnn.Tensor(Foreign(column)).numpy(), [1, 3])

        class Wrong:  # pylint: disable=too-few-public-methods
            """Gives something else."""

            def __dlpack__(self):
                return None

        with self.assertRaisesRegex(TypeError, "no capsule"):
            Dnn.Tensor(Wrong())

    def test_copies(self):
        """Only what isn't row-major, packed and aligned is copied."""
        numbers = numpy.arange(24, dtype=numpy.float32)
        cube = numbers.reshape(2, 3, 4)
        bytes_ = bytearray(b"\0" * (4 * SIZE + 1))
        crooked = numpy.frombuffer(bytes_, numpy.uint8)[1:].view(numpy.float32)
        crooked[:] = range(SIZE)
        for array, is_copied in (
                (cube, False), (cube[1], False), (cube[:1], False),
                (cube.reshape(1, 6, 1, 4), False), (cube.T, True),
                (cube[:, 1:], True), (numbers[::2], True),
                (numbers[::-1], True), (crooked, True),
                (numpy.broadcast_to(numbers[:3], (2, 3)), True),
                (numpy.asfortranarray(cube), True),
                (numpy.ma.masked_array(numbers), False)):
            tensor = Dnn.Tensor(array)
            self.assertEqual(
                tensor.get_address() != array.ctypes.data, is_copied)
            self.assertEqual(tensor.shape, array.shape)
            numpy.testing.assert_array_equal(tensor.numpy(), array)

    def test_no_arrays(self):
        """Lists, numbers, and what only says that it is like an array."""
        class Bytes:  # pylint: disable=too-few-public-methods
            """As images of PIL."""

            __array_interface__ = {"shape": (2, 2), "typestr": "|u1",
                                   "data": b"abcd", "version": 3}

        numpy.testing.assert_array_equal(
            Dnn.Tensor([[1, 2], [3, 4]]).numpy(), [[1, 2], [3, 4]])
        numpy.testing.assert_array_equal(
            Dnn.Tensor(Bytes()).numpy(), [[97, 98], [99, 100]])
        tensors = [Dnn.Tensor(numpy.float32(idx)) for idx in range(50)]
        self.assertEqual([tensor.numpy()[()] for tensor in tensors],
                         list(range(50)))
        self.assertEqual(Dnn.Tensor(2.5).shape, ())
        self.assertIs(Dnn.Tensor(tensors[0]), tensors[0])
        for nothing in (None, "text", {}, object(), b"bytes", [None]):
            with self.assertRaises(TypeError):
                Dnn.Tensor(nothing)

    def test_read_only(self):
        """A tensor is read, so its array needn't be writable."""
        array = numpy.arange(3, dtype=numpy.float32)
        array.flags.writeable = False
        tensor = Dnn.Tensor(array)
        self.assertEqual(tensor.get_address(), array.ctypes.data)
        self.assertFalse(tensor.numpy().flags.writeable)
        with self.assertRaises(ValueError):
            tensor.numpy()[0] = 1

    def test_empty(self):
        """No elements, in any dimension."""
        for shape in ((0,), (0, 3), (2, 0, 3)):
            array = numpy.zeros(shape, numpy.float32)
            tensor = Dnn.Tensor(array)
            self.assertEqual((tensor.shape, tensor.get_size()), (shape, 0))
            self.assertEqual(tensor.numpy().shape, shape)
            self.assertEqual(numpy.from_dlpack(tensor).shape, shape)

    def test_types(self):
        """Each that both know; others are refused."""
        for name in ("float32", "float64", "float16", "int8", "int16", "int32",
                     "int64", "uint8", "uint16", "uint32", "uint64", "bool"):
            array = numpy.ones((2, 1), name)
            tensor = Dnn.Tensor(array)
            self.assertEqual(tensor.dtype, name)
            self.assertEqual(tensor.numpy().dtype, array.dtype)
        for name in ("complex64", "U3", ">f4", ">i8", "M8[s]", "V4", "O",
                     [("a", "f4")]):
            with self.assertRaisesRegex(TypeError, "no tensor has elements"):
                Dnn.Tensor(numpy.zeros(2, name))
        with self.assertRaisesRegex(GLib.Error, "13 dimensions"):
            Dnn.Tensor(numpy.ones((1,) * 13, numpy.float32))

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


def make_aligned(values):
    """An array on a 64-byte boundary, as a pipeline's own memory."""
    memory = numpy.zeros(4 * SIZE + 64, numpy.uint8)
    start = -memory.ctypes.data % 64
    array = memory[start:start + 4 * SIZE].view(numpy.float32)
    array[:] = values
    return array


class PipelineTest(unittest.TestCase):
    """A module whose function says where its tensors lie; and an element that
    hands on what it gets."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def load_reporter(self):
        """float32 → int64: address of the input, of the output, the value."""
        folder = self.folder.name
        attrs = {"func_name": "report_address", "num_inputs": "1",
                 "num_outputs": "1", "flatten_data": "0"}
        graph = {
            "nodes": [
                {"op": "null", "name": "x", "inputs": []},
                {"op": "tvm_op", "name": "y", "attrs": attrs,
                 "inputs": [[0, 0, 0]]}],
            "arg_nodes": [0], "heads": [[1, 0, 0]], "node_row_ptr": [0, 1, 2],
            "attrs": {"dltype": ["list_str", ["float32", "int64"]],
                      "shape": ["list_shape", [[SIZE], [3]]],
                      "storage_id": ["list_int", [0, 1]]}}
        with open(os.path.join(folder, "json0"), "w",
                  encoding="utf-8") as stream:
            json.dump(graph, stream)
        return GstDnn.PipelineExecutor(Dnn.Module.new_from_files(
            os.path.join(folder, "json0"), None,
            os.environ["DNN_REPORT_ADDRESS"]))

    @staticmethod
    def load_element(text="identity"):
        """x → x, of any shape."""
        config = Dnn.PipelineConfig()
        element = config.append_element(text)
        config["input"]["x"].connect(element["input"]["0"])
        element["output"][0].connect(config["output"][0])
        return GstDnn.PipelineExecutor(config)

    def test_no_copy(self):
        """Array → module's function → array: the same addresses."""
        executor = self.load_reporter()
        for number in range(5):
            array = make_aligned(number)
            executor.set_input("x", array, copy=False)
            self.assertEqual(executor.get_input("x").get_address(),
                             array.ctypes.data)
            executor.run()
            output = executor.get_output()[0].numpy()
            self.assertEqual(list(output), [
                array.ctypes.data, output.ctypes.data, number])

    def test_copied(self):
        """What a loop may write to again is copied, as TVM did."""
        executor = self.load_element()
        array = make_aligned(0)
        fixed = make_aligned(7)
        fixed.flags.writeable = False
        for source, copy, is_copied in (
                (array, None, True), (array, True, True),
                (array, False, False), (fixed, None, False),
                (fixed, True, True), (Dnn.Tensor(array), None, False),
                (Dnn.Tensor(array), True, True)):
            executor.set_input("x", source, copy=copy)
            was = executor.get_input("x").get_address()
            address = (source.get_address() if isinstance(source, Dnn.Tensor)
                       else source.ctypes.data)
            self.assertEqual(was != address, is_copied, (source, copy))
        for number in range(5):
            array[:] = number
            executor.set_input("x", array)
            executor.run()
        self.assertEqual(
            [executor.get_output()[0].numpy()[0] for _ in range(5)],
            list(range(5)))

    def test_misaligned(self):
        """Copied at the module, which may rely on 64 bytes."""
        executor = self.load_reporter()
        array = make_aligned(0)
        array = numpy.frombuffer(array.base, numpy.float32, SIZE,
                                 (-array.base.ctypes.data % 64 + 4) % 64)
        array = array.copy() if array.ctypes.data % 64 == 0 else array
        executor.set_input("x", array, copy=False)
        executor.run()
        output = executor.get_output()[0].numpy()
        self.assertNotEqual(output[0], array.ctypes.data)
        self.assertEqual(output[0] % 64, 0)

    def test_pass_through(self):
        """What no module works on leaves as it came, wherever it lies; the
        array lives as long as the output."""
        executor = self.load_element()
        for start in range(3):
            array = numpy.arange(start, 20, dtype=numpy.float32)[start:]
            address, expected = array.ctypes.data, array.copy()
            executor.set_input("x", array, copy=False)
            executor.run()
            output = executor.get_output()[0].numpy()
            self.assertEqual(output.ctypes.data, address)
            executor.set_input("x", numpy.zeros(1, numpy.float32), copy=False)
            del array
            gc.collect()
            Dnn.release_arrays()
            numpy.testing.assert_array_equal(output, expected)

    def test_array_in_flight(self):
        """Nobody but the pipeline holds the arrays."""
        executor = self.load_element()
        for number in range(20):
            executor.set_input("x", numpy.full(1000, number, numpy.float32), copy=False)
            executor.run()
            gc.collect()
        others = [numpy.full(1000, 99, numpy.float32) for _ in range(40)]
        for number in range(20):
            output = executor.get_output()[0].numpy()
            self.assertTrue((output == number).all())
        del others

    def test_output_outlives(self):
        """The executor, and frames that come later."""
        executor = self.load_reporter()
        outputs = []
        for number in range(20):
            executor.set_input("x", make_aligned(number), copy=False)
            executor.run()
            outputs.append(executor.get_output()[0].numpy())
        del executor
        gc.collect()
        self.assertEqual([output[2] for output in outputs], list(range(20)))
        self.assertEqual([output[1] for output in outputs],
                         [output.ctypes.data for output in outputs])

    def test_given_back(self):
        """Frames in flight and an executor that goes: no array is kept."""
        array = make_aligned(1)
        before = sys.getrefcount(array)
        for n_got in range(3):
            executor = self.load_reporter()
            executor.set_input("x", array, copy=False)
            for _ in range(3):
                executor.run()
            for _ in range(n_got):
                executor.get_output()
            executor.stop()
            del executor
            gc.collect()
            Dnn.release_arrays()
            self.assertEqual(sys.getrefcount(array), before)

    def test_inputs_refused(self):
        """What isn't as the module has it."""
        executor = self.load_reporter()
        good = numpy.zeros(SIZE, numpy.float32)
        for array, error, text in (
                (good.astype(numpy.float64), GLib.Error,
                 'global input "x" is float64, expected float32'),
                (good.astype(">f4"), TypeError,
                 "no tensor has elements of type >f4"),
                (good[:3], GLib.Error, 'global input "x" is 3, expected 16'),
                (good[:0], GLib.Error, 'global input "x" is 0, expected 16'),
                (good.reshape(4, 4), GLib.Error,
                 'global input "x" is 4×4, expected 16'),
                (None, TypeError, "no tensor has elements of type |O")):
            with self.assertRaises(error) as context:
                executor.set_input("x", array, copy=False)
            self.assertIn(text, str(context.exception))
        executor.set_input("x", numpy.repeat(good, 2)[::2], copy=False)
        executor.run()
        self.assertEqual(executor.get_output()[0].numpy()[2], 0)

    def test_empty(self):
        """Refused by a link of the pipeline, not before and not by a crash."""
        executor = self.load_element()
        executor.set_input("x", numpy.zeros((0, 3), numpy.float32), copy=False)
        with self.assertRaises(GLib.Error):
            executor.run()
        executor.set_input("x", numpy.ones((1, 3), numpy.float32), copy=False)
        executor.run()
        self.assertEqual(executor.get_output()[0].numpy().sum(), 3)

    def test_waiting(self):
        """Until there is something, so long, not at all; and Ctrl-C."""
        executor = self.load_element()
        self.assertEqual(executor.get_output(synchronize=False), [])
        self.assertEqual(executor.get_output(timeout=0), [])
        self.assertEqual(executor.get_output(timeout=0.01), [])

        def interrupt(*unused):
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with self.assertRaises(KeyboardInterrupt):
            executor.get_output()
        signal.signal(signal.SIGALRM, before)
        executor.set_input("x", numpy.ones(1, numpy.float32), copy=False)
        executor.run()
        self.assertEqual(len(executor.get_output(True, 0.001)), 1)

    def test_dropped(self):
        """An element drops the frame: nobody waits for ever."""
        executor = self.load_element("identity drop-probability=1")
        executor.set_input("x", numpy.ones(1, numpy.float32), copy=False)
        for _ in range(40):
            executor.run()
            self.assertEqual(executor.get_output(), [])
            self.assertEqual(executor.num_in_flight, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
