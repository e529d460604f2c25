#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Libraries in programs that see ours only through a plugin: gst-launch-1.0,
and a pipeline with appsrc → what TVM, or the formula, gives.

test-launch.py TVM-EXPORTS CUSTOM-OP-FOLDER LIBRARIES-FOLDER
"""

import array
import ast
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # pylint: disable=wrong-import-position

TOLERANCE = 1e-4  # of the range
TIMEOUT = 120  # seconds
PIPELINES = {
    # folder: (global inputs in order, the first is "sink"; number of outputs)
    "v0.9": (("data_a", "data_b"), 1),
    "current": (("picture", "bias"), 2),
}


def read_npy(path):
    """Shape without the first dimension, one array of float32 a frame."""
    with open(path, "rb") as stream:
        data = stream.read()
    start = 10 + struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:start].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], path
    numbers = array.array("f", data[start:])
    n_frames = header["shape"][0]
    size = len(numbers) // n_frames
    return header["shape"][1:], [numbers[i * size:(i + 1) * size]
                                 for i in range(n_frames)]


def make_caps(shape, rate):
    """Caps of one tensor, innermost dimension first."""
    return ("other/tensors,format=static,num_tensors=1,dimensions=(string)%s,"
            "types=(string)float32,framerate=%s"
            % (":".join(str(size) for size in reversed(shape)), rate))


def launch(words, fails=False):
    """Runs the line; its output."""
    done = subprocess.run(["gst-launch-1.0", "-q"] + words, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT, text=True)
    if fails != bool(done.returncode):
        raise AssertionError("%s\n%s" % (" ".join(words), done.stdout))
    return done.stdout


def compare(found, expected):
    """Both are lists of arrays, one a frame."""
    every = [number for frame in expected for number in frame]
    allowed = TOLERANCE * (max(every) - min(every))
    assert len(found) == len(expected), (len(found), len(expected))
    for mine, right in zip(found, expected):
        worst = max(abs(a - b) for a, b in zip(mine, right))
        assert worst <= allowed, (worst, allowed)


def split(numbers, sizes):
    """What a file sink wrote: frame after frame, output after output."""
    outputs = [[] for _ in sizes]
    position = 0
    while position < len(numbers):
        for output, size in zip(outputs, sizes):
            output.append(numbers[position:position + size])
            position += size
    assert position == len(numbers)
    return outputs


def read_floats(path):
    """A file of float32."""
    with open(path, "rb") as stream:
        return array.array("f", stream.read())


def feed(source, frames):
    """All frames into an appsrc, with times, by which inputs match."""
    for index, frame in enumerate(frames):
        data = Gst.Buffer.new_wrapped(frame.tobytes())
        data.pts = index * Gst.SECOND // 5
        assert source.emit("push-buffer", data) == Gst.FlowReturn.OK
    source.emit("end-of-stream")


def wait_for_end(pipeline):
    """Fails with the error of the bus, if there is one."""
    message = pipeline.get_bus().timed_pop_filtered(
        TIMEOUT * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    assert message, "not at its end after %d s" % TIMEOUT
    if message.type == Gst.MessageType.ERROR:
        raise AssertionError(message.parse_error()[0].message)


def run_pipeline(folder, inputs, n_outputs, temporary):
    """All frames of an exported pipeline through dnnbin."""
    result = os.path.join(temporary, "result")
    line = "dnnbin name=bin config=%s/config ! filesink location=%s" % (
        folder, result)
    frames = {}
    for number, name in enumerate(inputs):
        shape, frames[name] = read_npy(
            os.path.join(folder, "input-%s.npy" % name))
        line += " appsrc name=%s format=time caps=%s ! queue ! bin.%s" % (
            name, make_caps(shape, "5/1"),
            "sink_" + name if number else "sink")
    pipeline = Gst.parse_launch(line)
    pipeline.set_state(Gst.State.PLAYING)
    for name in inputs:
        feed(pipeline.get_by_name(name), frames[name])
    wait_for_end(pipeline)
    expected = [read_npy(os.path.join(folder, "output-%d.npy" % index))[1]
                for index in range(n_outputs)]
    found = split(read_floats(result),
                  [len(output[0]) for output in expected])
    for mine, right in zip(found, expected):
        compare(mine, right)


def run_custom(folder, temporary):
    """The example's two operators, with Relu between, through dnnmodule."""
    source = [array.array("f", [((i * 37 + frame) % 23 - 11) / 4
                                for i in range(32)]) for frame in range(3)]
    path = os.path.join(temporary, "custom")
    with open(path, "wb") as stream:
        for frame in source:
            frame.tofile(stream)
    result = path + "-result"
    launch(["filesrc", "location=" + path, "blocksize=128", "!",
            make_caps((4, 8), "0/1"), "!", "dnnmodule", "model=" + folder,
            "!", "filesink", "location=" + result])
    expected = []
    for frame in source:
        expected.append([])
        for row in range(0, 32, 8):
            mean = sum(value * value for value in frame[row:row + 8]) / 8
            expected[-1] += [
                2 * math.tanh(max(value / math.sqrt(mean + 1e-6), 0) / 2)
                for value in frame[row:row + 8]]
    compare(split(read_floats(result), [32])[0], expected)


def write_negate(libraries, folder):
    """A module with a function that fails on numbers above 1000."""
    shutil.copy(os.path.join(libraries, "ffi-plain.so"), folder)
    graph = {
        "nodes": [
            {"op": "null", "name": "x", "inputs": []},
            {"op": "tvm_op", "name": "y", "inputs": [[0, 0, 0]], "attrs": {
                "func_name": "negate", "num_inputs": "1", "num_outputs": "1",
                "flatten_data": "0"}}],
        "arg_nodes": [0], "heads": [[1, 0, 0]], "node_row_ptr": [0, 1, 2],
        "attrs": {"dltype": ["list_str", ["float32", "float32"]],
                  "shape": ["list_shape", [[8], [8]]],
                  "storage_id": ["list_int", [0, 1]]}}
    config = {
        "load_config": [{"mod_idx": 0, "lib_name": "ffi-plain.so",
                         "json_name": "json0"}],
        "pipeline_config": {"module_connection": [{
            "mod_idx": 0, "output": [{"output_idx": 0, "dependencies": [
                {"global_output_index": 0}]}]}]}}
    for name, value in ("json0", graph), ("config", config):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file)


def run_failure(libraries, temporary):
    """A function that fails in the second frame: one error, with its kind and
    text, first on the bus."""
    write_negate(libraries, temporary)
    path = os.path.join(temporary, "frames")
    with open(path, "wb") as stream:
        array.array("f", [1] * 8 + [2000] * 8).tofile(stream)
    words = ["filesrc", "location=" + path, "blocksize=32", "!",
             make_caps((8,), "0/1"), "!", "dnnmodule", "model=" + temporary,
             "!", "fakesink"]
    lines = [line for line in launch(words, fails=True).splitlines()
             if line.startswith("ERROR")]
    print("#", lines[0])
    text = 'function "negate" failed (-1): ValueError: negate: above 1000'
    assert text in lines[0] and "ffi-plain.so" in lines[0], lines
    assert sum(text in line for line in lines) == 1, lines


def main(exports, custom, libraries):
    """One TAP line each."""
    Gst.init(None)
    print("1..%d" % (len(PIPELINES) + 2), flush=True)
    failed = 0
    tests = [(name, os.path.join(exports, name)) for name in PIPELINES]
    tests += [("custom-op", custom), ("failure", libraries)]
    for number, (name, folder) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as temporary:
            try:
                if name == "custom-op":
                    run_custom(folder, temporary)
                elif name == "failure":
                    run_failure(folder, temporary)
                elif os.path.exists(os.path.join(folder, "config")):
                    run_pipeline(folder, *PIPELINES[name], temporary)
                else:
                    print("ok %d %s # SKIP no TVM exports beside the project"
                          % (number, name), flush=True)
                    continue
            except (AssertionError, GLib.Error,
                    subprocess.TimeoutExpired) as error:
                print("\n".join("# " + line for line in
                                str(error).splitlines()))
                print("not ok %d %s" % (number, name), flush=True)
                failed = 1
                continue
        print("ok %d %s" % (number, name), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
