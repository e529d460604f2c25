# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Models as their authors publish them, beside the project: they give what
ONNX Runtime gave (golden.json), the same as elements of a pipeline, and
detectors run on a picture. Skipped where they are absent. TAP on standard output.

test-real-models.py GST-DNN [WORD]
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

import gi

import numbers_of

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst, GstApp  # noqa: E402,F401

TOOL = sys.argv[1]
WORD = sys.argv[2] if len(sys.argv) > 2 else ""
HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get("DNN_SHARED", "")
FRAMES = 3

# Of the range of an output. One rounding the other way moves what follows a
# quantised value; half floats are computed as floats here.
TOLERANCES = {"ppocr6-det-tiny": 5e-4, "tashkeel-rawi-int8": 2e-2,
              "silero-vad-half": 5e-3}
# Inputs that are outputs of the frame before, so that an element has none.
STATES = {"silero-vad-half": 1, "silero-vad-sequence": 2, "gtcrn-simple": 3}
# Detectors whose boxes a decoder reads: they run on pictures.
DETECTORS = {"maskedface-rfb-640", "nanodet-m-416", "yolox-nano"}


class Skip(Exception):
    """What the case needs is not there."""


def run(arguments):
    done = subprocess.run(arguments, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def join(shape):
    return ",".join(str(d) for d in shape)


def run_tool(model, row, folder):
    """The outputs of one run, in order."""
    arguments = [TOOL, "run", model, "--threads", "1", "--output", folder]
    for number, entry in enumerate(row["inputs"]):
        path = f"{folder}/input-{number}.npy"
        np.save(path, numbers_of.make(entry))
        arguments += ["--input", f"{entry['name']}={path}"]
        if entry["open"]:
            arguments += ["--shape", f"{entry['name']}={join(entry['shape'])}"]
    lines = [line for line in run(arguments).splitlines() if ".npy " in line]
    return [np.load(line.split(".npy ")[0] + ".npy") for line in lines]


def check(found, expected, tolerance):
    assert list(found.shape) == expected["shape"], (found.shape, expected)
    assert str(found.dtype) == expected["type"], (found.dtype, expected)
    limit = tolerance * max(expected["range"], expected["mean"], 1e-3)
    flat = found.astype("float64").ravel()
    for place, value in expected["samples"]:
        assert abs(flat[place] - value) <= limit, (place, flat[place], value)
    assert abs(np.abs(flat).mean() - expected["mean"]) <= limit


def describe_caps(entries):
    """Caps of the tensors of one frame."""
    dims = [":".join(str(d) for d in reversed(e["shape"])) or "1"
            for e in entries]
    types = [e["type"] for e in entries]
    return ("other/tensors,format=static,framerate=30/1,"
            f"num_tensors={len(entries)},types=(string)\"{join(types)}\","
            f"dimensions=(string)\"{join(dims)}\"")


def make_frame(entries, number):
    """A buffer with a memory a tensor."""
    frame = Gst.Buffer.new()
    for entry in entries:
        frame = frame.append(
            Gst.Buffer.new_wrapped(numbers_of.make(entry).tobytes()))
    frame.pts = number * Gst.SECOND // 30
    return frame


def pull(sink, bus):
    """The bytes of the next frame that comes out."""
    sample = sink.try_pull_sample(60 * Gst.SECOND)
    error = bus.pop_filtered(Gst.MessageType.ERROR)
    assert sample, error.parse_error() if error else "no frame came"
    buffer = sample.get_buffer()
    return np.frombuffer(buffer.extract_dup(0, buffer.get_size()), np.uint8)


def run_element(model, entries):
    """The bytes of each frame that dnnmodule gives."""
    pipeline = Gst.parse_launch("appsrc name=source format=time ! dnnmodule "
                                "name=module threads=1 ! appsink name=sink")
    module = pipeline.get_by_name("module")
    source = pipeline.get_by_name("source")
    module.set_property("model", model)
    shapes = [f"{e['name']}={join(e['shape'])}" for e in entries if e["open"]]
    if shapes:
        module.set_property("shape", ";".join(shapes))
    source.set_property("caps", Gst.Caps.from_string(describe_caps(entries)))
    pipeline.set_state(Gst.State.PLAYING)
    for number in range(FRAMES):
        source.push_buffer(make_frame(entries, number))
    try:
        return [pull(pipeline.get_by_name("sink"), pipeline.get_bus())
                for _ in range(FRAMES)]
    finally:
        pipeline.set_state(Gst.State.NULL)


def test_numbers(model, row, folder, name):
    found = run_tool(model, row, folder)
    assert len(found) == len(row["outputs"])
    for array, expected in zip(found, row["outputs"]):
        check(array, expected, TOLERANCES.get(name, 1e-4))


def test_element(model, row, folder, name):
    n_states = STATES.get(name, 0)
    frames = run_element(
        model, row["inputs"][:len(row["inputs"]) - n_states])
    if n_states > 0:  # other numbers: its first state is zeros
        assert all(frame.size > 0 for frame in frames)
        assert len({frame.tobytes() for frame in frames}) == FRAMES
        return
    alone = run_tool(model, row, folder)
    sizes = [array.nbytes for array in alone]
    for frame in frames:
        assert frame.size == sum(sizes), (frame.size, sizes)
        start = 0
        for array in alone:
            part = frame[start:start + array.nbytes].view(array.dtype)
            limit = 1e-5 * max(float(np.ptp(array.astype("float64"))), 1e-3)
            assert np.allclose(part, array.ravel(), 0, limit), name
            start += array.nbytes


def test_picture(model, row, folder, name):
    """dnnvideobin: from a picture to results on that picture."""
    pipeline = Gst.parse_launch(
        "videotestsrc num-buffers=1 ! video/x-raw,width=320,height=240 ! "
        "dnnvideobin name=bin threads=1 ! appsink name=sink")
    pipeline.get_by_name("bin").set_property("model", model)
    pipeline.set_state(Gst.State.PLAYING)
    try:
        picture = pull(pipeline.get_by_name("sink"), pipeline.get_bus())
        assert picture.size >= 320 * 240, picture.size
    finally:
        pipeline.set_state(Gst.State.NULL)


def try_case(function, row, name):
    model = os.path.join(SHARED, "models", "real", row["model"])
    if not SHARED or not os.path.exists(model):
        raise Skip("no models beside the project")
    with tempfile.TemporaryDirectory() as folder:
        function(model, row, folder, name)


def main():
    Gst.init(None)
    with open(os.path.join(HERE, "golden.json"), encoding="utf-8") as file:
        rows = [row for row in json.load(file) if WORD in row["model"]]
    cases = [(function, row) for row in rows
             for function in (test_numbers, test_element, test_picture)
             if function is not test_picture
             or row["model"].split("/")[0] in DETECTORS]
    print(f"1..{len(cases)}")
    failed = 0
    for number, (function, row) in enumerate(cases, 1):
        name = row["model"].split("/")[0]
        title = f"/models/{function.__name__[5:]}/{name}"
        try:
            try_case(function, row, name)
            print(f"ok {number} {title}", flush=True)
        except Skip as reason:
            print(f"ok {number} {title} # SKIP {reason}", flush=True)
        except AssertionError as error:
            failed = 1
            print("#", str(error).replace("\n", "\n# "))
            print(f"not ok {number} {title}", flush=True)
    sys.exit(failed)


main()
