#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""tools/tvm-export.py → folders that answer as the ONNX files do. TAP on
standard output.

test-export.py TVM-EXPORT GST-DNN BENCHMARKS VENV

Needs a Python with apache-tvm: the environment's DNN_TVM_PYTHON, or that in
the folder DNN_TVM_VENV, which somebody makes for several runs (tools/test), or
in VENV, which is made here where pip can do so within MAX_PIP seconds. Without,
all that needs TVM is skipped.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy as np

EXPORT, TOOL, BENCHMARKS, VENV = sys.argv[1:5]
sys.path.insert(0, BENCHMARKS)
import onnx_writer  # pylint: disable=wrong-import-position,import-error
import tvm_python  # pylint: disable=wrong-import-position

SHARED = os.path.join(os.environ.get("DNN_SHARED", ""), "tvm", "current")
FACES = os.path.join(os.environ.get("DNN_SHARED", ""), "models", "ultraface")
BALL = os.path.join(BENCHMARKS, "..", "examples", "ball", "ball.onnx")
TOLERANCE = 1e-4  # of the range
MAX_PIP = 45  # seconds
RELAX = '''"""Relax module for a test: y = relu(x) · w, then two views of it."""
import numpy as np
from tvm import relax

builder = relax.BlockBuilder()
x = relax.Var("x", relax.TensorType([2, 6], "float32"))
weights = relax.const(np.arange(24, dtype="float32").reshape(6, 4) / 24)
with builder.function("main", [x]):
    with builder.dataflow():
        positive = builder.emit(relax.op.nn.relu(x), "positive")
        product = builder.emit(relax.op.matmul(positive, weights), "product")
        parts = builder.emit(relax.op.split(product, 2, 1), "parts")
        last = builder.emit(relax.op.add(parts[0], parts[1]), "last")
        flat = builder.emit(relax.op.reshape(product, [8]), "flat")
        result = builder.emit_output(relax.Tuple([last, flat, x]))
    builder.emit_func_output(result)
module = builder.get()
'''
PACKED = '''"""Relax module that calls a function of TVM's runtime."""
from tvm import relax, tirx
from tvm.te.operation import extern

builder = relax.BlockBuilder()
x = relax.Var("x", relax.TensorType([4], "float32"))


def sort(a):
    return extern([a.shape], [a], lambda src, dst: tirx.call_packed(
        "tvm.contrib.sort.sort", src[0], dst[0]), dtype="float32")


with builder.function("main", [x]):
    with builder.dataflow():
        result = builder.emit_output(builder.call_te(sort, x))
    builder.emit_func_output(result)
module = builder.get()
'''
SERVER = '''"""Calls of a script, one a line of JSON, in one process: importing TVM takes
longer than they do. Answers [exit code, what it said]."""
import contextlib, importlib.util, io, json, sys

spec = importlib.util.spec_from_file_location("tvm_export", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
for line in sys.stdin:
    sys.argv[1:] = json.loads(line)
    code, text = 0, ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            script.main()
        except SystemExit as end:
            code, text = 1, str(end.code) + chr(10)
    print(json.dumps([code, text]), flush=True)
'''
CASES = []


class Skip(Exception):
    """What the case needs is not there."""


def case(function):
    """One line of TAP."""
    CASES.append(function)
    return function


def call(*command, code=0, env=None):
    """Output of a command, whose exit code must be `code`."""
    done = subprocess.run(command, text=True, check=False, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == code, (command, done.returncode, done.stderr)
    return done.stdout if code == 0 else done.stderr


# ---- a Python with TVM ------------------------------------------------------
def find_python():
    """(a Python with TVM, or None; why there is none)"""
    python = os.environ.get("DNN_TVM_PYTHON")
    if python:
        return python, None
    shared = os.environ.get("DNN_TVM_VENV")
    if not shared and os.path.exists(tvm_python.get_why_not(VENV)):
        os.unlink(tvm_python.get_why_not(VENV))
    return tvm_python.find_python(shared or VENV, MAX_PIP)


class Exporter:
    """Runs the script: the first time as a command, then in one process."""

    def __init__(self):
        self.python, self.why_not = find_python()
        self.process = None

    def call(self, model, folder, options, code):
        """What it says on the way out, if that fails."""
        if not self.python:
            raise Skip("no Python with apache-tvm: " + self.why_not)
        arguments = [model, "-o", folder] + list(options)
        if not self.process:
            self.process = subprocess.Popen(  # pylint: disable=R1732
                [self.python, "-c", SERVER, EXPORT], text=True,
                env=tvm_python.get_environment(), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE)
            return call(self.python, EXPORT, *arguments, code=code,
                        env=tvm_python.get_environment())
        print(json.dumps(arguments), file=self.process.stdin, flush=True)
        found, text = json.loads(self.process.stdout.readline())
        assert found == code, (arguments, found, text)
        return text

    def close(self):
        """No process is left."""
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()


EXPORTER = None  # set by main


def export(model, folder, *options):
    """Runs the script; the folder."""
    EXPORTER.call(model, folder, options, 0)
    call(TOOL, "validate", os.path.join(folder, "config"))
    return folder


def fails(model, folder, *options):
    """The one line of an error."""
    text = EXPORTER.call(model, folder, options, 1)
    assert text.count("\n") == 1, text
    print("#", text.strip())
    return text


# ---- what is compared -------------------------------------------------------
def run(model, inputs, folder):
    """Outputs in order, of one frame."""
    arguments = []
    for name, array in inputs.items():
        path = os.path.join(folder, "in-%s.npy" % name)
        np.save(path, np.ascontiguousarray(array))
        arguments += ["--input", "%s=%s" % (name, path)]
    text = call(TOOL, "run", model, "-o", os.path.join(folder, "out"),
                *arguments)
    return [np.load(line.rsplit(" ", 2)[0]) for line in text.splitlines()]


def agree(found, expected):
    """Two lists of arrays."""
    assert len(found) == len(expected), (len(found), len(expected))
    for mine, right in zip(found, expected):
        assert mine.shape == right.shape and mine.dtype == right.dtype, (
            mine.shape, right.shape, mine.dtype, right.dtype)
        worst = abs(mine - right).max()
        assert worst <= TOLERANCE * max(np.ptp(right), 1e-6), worst


def write_model(path, batch=1):
    """Two inputs, two outputs, a value that skips a stage; result names."""
    model = onnx_writer.Model("exported", seed=5)
    x = model.input("image.in", [batch, 3, 24, 24])
    a = model.relu(model.conv(x, 16, 3, stride=2, bias=True), "early")
    b = model.relu(model.batch_norm(model.conv(a, 16, 3, groups=16)), "middle")
    c = model.keep(model.node("MaxPool", [model.add(a, b)], "late",
                              kernel_shape=[2, 2], strides=[2, 2]), b)
    shift = model.input("shift", [1, 16, 1, 1])
    pooled = model.keep(model.node(
        "GlobalAveragePool", [model.add(c, shift)]), c)
    flat = model.keep(model.node("Flatten", [pooled], axis=1), c)
    model.node("Softmax", [model.dense(flat, 10, "scores")], "probability",
               axis=1)
    model.output("probability", [batch, 10])
    model.output("middle", [batch, 16, 12, 12])
    model.write(path)


def make_inputs():
    """Seeded."""
    rng = np.random.default_rng(11)
    return {"image.in": rng.standard_normal((1, 3, 24, 24), np.float32),
            "shift": rng.standard_normal((1, 16, 1, 1), np.float32)}


@case
def one_module(tmp):
    """The same answers as from the ONNX file; names are kept."""
    write_model(tmp + "/model.onnx")
    folder = export(tmp + "/model.onnx", tmp + "/one")
    inputs = make_inputs()
    agree(run(folder, inputs, tmp), run(tmp + "/model.onnx", inputs, tmp))
    assert os.path.exists(tmp + "/out/probability.npy")
    with open(folder + "/json0", encoding="utf-8") as file:
        params = json.load(file)["metadata"]["params"]
    assert {"fc.bias", "conv1.weight", "conv1.bias"} <= set(params), params


@case
def three_stages(tmp):
    """Cut at two places, one of them an output too, one at two tensors."""
    write_model(tmp + "/model.onnx")
    folder = export(tmp + "/model.onnx", tmp + "/three", "--cut", "early",
                    "--cut", "middle,late")
    inputs = make_inputs()
    agree(run(folder, inputs, tmp), run(tmp + "/model.onnx", inputs, tmp))
    assert os.path.exists(folder + "/lib2.so")
    text = call(TOOL, "inspect", folder)
    assert "shift: mod2:shift" in text and "image.in: mod0:image.in" in text
    assert "early" in text and "late" in text, text


@case
def relax_file(tmp):
    """Views, tuples, an input that is an output; cut at a variable."""
    with open(tmp + "/module.py", "w", encoding="utf-8") as file:
        file.write(RELAX)
    x = np.random.default_rng(2).standard_normal((2, 6), np.float32)
    weights = np.arange(24, dtype=np.float32).reshape(6, 4) / 24
    product = np.maximum(x, 0) @ weights
    expected = [product[:, :2] + product[:, 2:], product.reshape(8), x]
    for name, options in (("one", ()), ("two", ("--cut", "product"))):
        folder = export(tmp + "/module.py", tmp + "/" + name, *options)
        agree(run(folder, {"x": x}, tmp), expected)


@case
def exports_agree(tmp):
    """Two models with what TVM gave for them, for five frames."""
    if not os.path.exists(SHARED):
        raise Skip("no TVM exports beside the project")
    first = export(SHARED + "/model0.onnx", tmp + "/0")
    cpu = ("--mcpu", "x86-64-v2") if platform.machine() == "x86_64" else ()
    second = export(SHARED + "/model1.onnx", tmp + "/1", *cpu)
    images, biases, features, expected = [
        np.load("%s/%s.npy" % (SHARED, name))
        for name in ("input-picture", "input-bias", "output-0", "output-1")]
    for image, bias, feature, result in zip(images, biases, features,
                                            expected):
        found = run(first, {"image": image}, tmp)
        agree(found[:1], [feature])
        agree(run(second, {"feature": found[0], "gate": found[1],
                           "bias": bias}, tmp), [result])


@case
def real_detector_of_faces(tmp):
    """A model for operator set 9, in two stages, against ONNX Runtime."""
    path = FACES + "/version-RFB-320.onnx"
    if not os.path.exists(path):
        raise Skip("no models beside the project")
    folder = export(path, tmp + "/faces", "--cut", "275")
    for picture in "13", "19", "23":
        pixels = np.load("%s/%s.input-u8.npy" % (FACES, picture))
        image = ((pixels.astype(np.float32) - 127) / 128).transpose(2, 0, 1)
        agree(run(folder, {"input": image[None]}, tmp),
              [np.load("%s/%s.%s.npy" % (FACES, picture, name))
               for name in ("scores", "boxes")])


@case
def real_detector_of_balls(tmp):
    """The example's model, against our own kernels."""
    folder = export(BALL, tmp + "/ball")
    rng = np.random.default_rng(4)
    inputs = {"image": rng.random((1, 3, 192, 256), np.float32)}
    agree(run(folder, inputs, tmp), run(BALL, inputs, tmp))


@case
def other_operators(tmp):
    """One that TVM reads in its new form only, one that it compiles to a
    function without blocks."""
    model = onnx_writer.Model("old", opset=9, seed=3)
    x = model.input("x", [1, 4, 6, 6])
    model.node("Slice", [x], "y", axes=[1, 3], starts=[1, 0], ends=[3, -1])
    model.output("y", [1, 2, 6, 5])
    model.write(tmp + "/old.onnx")
    model = onnx_writer.Model("scatter", seed=3)
    x = model.input("x", [2, 3])
    model.param("where", np.array([[2, 0, 1]], np.int64))
    model.param("what", np.array([[5, 6, 7]], np.float32))
    model.node("ScatterElements", [x, "where", "what"], "y", axis=1)
    model.output("y", [2, 3])
    model.write(tmp + "/scatter.onnx")
    x = np.random.default_rng(5).standard_normal((1, 4, 6, 6), np.float32)
    folder = export(tmp + "/old.onnx", tmp + "/old")
    agree(run(folder, {"x": x}, tmp), [x[:, 1:3, :, :-1]])
    folder = export(tmp + "/scatter.onnx", tmp + "/scatter")
    agree(run(folder, {"x": x[0, 0, :2, :3]}, tmp),
          [np.array([[6, 7, 5], x[0, 0, 1, :3]], np.float32)])


@case
def indices_beyond(tmp):
    """From a frame: they read nothing outside."""
    model = onnx_writer.Model("gather", seed=3)
    x = model.input("x", [4, 3])
    model.inputs.append(onnx_writer.value_info("which", [3],
                                               onnx_writer.INT64))
    model.node("Gather", [x, "which"], "y", axis=0)
    model.output("y", [3, 3])
    model.write(tmp + "/gather.onnx")
    folder = export(tmp + "/gather.onnx", tmp + "/gather")
    x = np.random.default_rng(6).standard_normal((4, 3), np.float32)
    for which, rows in ([3, 0, -2], [3, 0, 2]), ([1 << 40, 0, 4], [3, 0, 3]):
        agree(run(folder, {"x": x, "which": np.array(which)}, tmp), [x[rows]])


@case
def open_shape_is_named(tmp):
    """Dimensions without a number, and --shape that gives it."""
    write_model(tmp + "/model.onnx", "N")
    text = fails(tmp + "/model.onnx", tmp + "/out")
    assert '"image.in" is ' in text and "--shape" in text, text
    inputs = make_inputs()
    folder = export(tmp + "/model.onnx", tmp + "/fixed", "--shape",
                    "image.in=1,3,24,24")
    agree(run(folder, inputs, tmp), run(tmp + "/model.onnx", inputs, tmp))


@case
def wrong_cuts(tmp):
    """Unknown tensors, and a stage without a node."""
    write_model(tmp + "/model.onnx")
    text = fails(tmp + "/model.onnx", tmp + "/out", "--cut", "nowhere")
    assert '"nowhere" is no result' in text and '"middle"' in text, text
    text = fails(tmp + "/model.onnx", tmp + "/out", "--cut", "early,meddle")
    assert '"meddle" is no result' in text, text
    assert 'did you mean "middle"' in text and '"early"' not in text, text
    text = fails(tmp + "/model.onnx", tmp + "/out", "--cut", "image.in")
    assert '"image.in" is no result' in text, text
    text = fails(tmp + "/model.onnx", tmp + "/out", "--cut", "probability,"
                 "middle")
    assert "--cut probability,middle: no stage is left behind it" in text, text
    with open(tmp + "/module.py", "w", encoding="utf-8") as file:
        file.write(RELAX)
    text = fails(tmp + "/module.py", tmp + "/out", "--cut", "products")
    assert '"products" is nothing that an operator' in text, text
    assert 'did you mean "product"' in text, text
    text = fails(tmp + "/model.onnx", tmp + "/out", "--cut", "middle", "--cut",
                 "early")
    assert "--cut early: its stage would be empty" in text, text


@case
def runtime_functions_are_named(tmp):
    """What would fail when run fails here; so do files without a module."""
    with open(tmp + "/module.py", "w", encoding="utf-8") as file:
        file.write(PACKED)
    text = fails(tmp + "/module.py", tmp + "/out")
    assert 'calls "tvm.contrib.sort.sort" of TVM\'s runtime' in text, text
    with open(tmp + "/empty.py", "w", encoding="utf-8") as file:
        file.write("module = None\n")
    text = fails(tmp + "/empty.py", tmp + "/out")
    assert "0 IRModules" in text, text
    with open(tmp + "/nothing.py", "w", encoding="utf-8") as file:
        file.write(RELAX.replace("relax.Tuple([last, flat, x])",
                                 "relax.Tuple([])"))
    text = fails(tmp + "/nothing.py", tmp + "/out")
    assert "its results must be tensors, or one tuple of them" in text, text


@case
def files_that_are_none(tmp):
    """Missing, no ONNX, and one whose outputs are other than it says."""
    text = fails(tmp + "/none.onnx", tmp + "/out")
    assert text.endswith("/none.onnx: No such file or directory\n"), text
    with open(tmp + "/model.onnx", "w", encoding="utf-8") as file:
        file.write("no protocol buffers\n")
    assert "is no ONNX file" in fails(tmp + "/model.onnx", tmp + "/out")
    model = onnx_writer.Model("wrong")
    model.relu(model.input("x", [1, 4]), "y")
    model.output("y", [1, 5])
    model.write(tmp + "/model.onnx")
    text = fails(tmp + "/model.onnx", tmp + "/out")
    assert ('TVM makes float32 [1, 4] of the output "y", which is float32 '
            "[1, 5] in the file") in text, text
    model = tmp + "/model.onnx"
    text = fails(model, tmp + "/out", "--shape", "X=1,4")
    assert '--shape: "X" is no input' in text and '"x"' in text, text
    text = fails(model, tmp + "/out", "--shape", "x=1,four")
    assert "--shape x=1,four: is not NAME=1,3,224,224" in text, text


@case
def no_compiler(tmp):
    """Named, before TVM stumbles; what fails leaves no configuration."""
    write_model(tmp + "/model.onnx")
    folder = export(tmp + "/model.onnx", tmp + "/out")
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("CC", "CXX")}
    environment["PATH"] = tmp
    text = call(EXPORTER.python, EXPORT, tmp + "/model.onnx", "-o", folder,
                code=1, env=environment)
    print("#", text.strip())
    assert "model.onnx: no C++ compiler is found (CXX, g++" in text, text
    assert not os.path.exists(folder + "/config")


@case
def missing_packages(tmp):
    """A Python without TVM is told what to install; needs no TVM."""
    text = call(sys.executable, "-I", "-S", EXPORT, "model.onnx", "-o", tmp,
                code=1)
    print("#", text.strip())
    assert "pip install 'apache-tvm>=0.27' onnx numpy" in text, text
    assert text.count("\n") == 1, text


def main():
    """One TAP line each."""
    global EXPORTER  # pylint: disable=global-statement
    print("1..%d" % len(CASES), flush=True)
    EXPORTER = Exporter()
    failed = False
    for number, function in enumerate(CASES, 1):
        name = "%d export/%s" % (number, function.__name__.replace("_", "-"))
        with tempfile.TemporaryDirectory() as tmp:
            try:
                function(tmp)
                print("ok", name, flush=True)
            except Skip as reason:
                print("ok %s # SKIP %s" % (name, reason), flush=True)
            except Exception as error:  # pylint: disable=broad-except
                failed = True
                print("\n".join("# " + line
                                for line in repr(error).split("\\n")))
                print("not ok", name, flush=True)
    EXPORTER.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
