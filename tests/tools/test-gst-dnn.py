# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The command gst-dnn from outside: what it writes, what it says, its exit
codes. TAP on standard output.

test-gst-dnn.py GST-DNN BALL.onnx
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

TOOL, BALL = sys.argv[1:3]
SHARED = os.environ.get("DNN_SHARED", "")
CASES = []


def case(function):
    CASES.append(function)
    return function


class Skip(Exception):
    """What the case needs is not there."""


def call(*arguments, code=0):
    """Output of the tool; its exit code must be `code`."""
    done = subprocess.run([TOOL] + list(arguments), text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done.stdout if code == 0 else done.stderr


def fails(*arguments):
    """The one line of an error."""
    text = call(*arguments, code=1)
    assert text.count("\n") == 1, text
    print("#", text.strip())
    return text


def compile_ball(folder, *options):
    call("compile", BALL, "--cut", "stage1", "-o", folder, *options)


def shared(*parts):
    path = os.path.join(SHARED, *parts)
    if not SHARED or not os.path.exists(path):
        raise Skip("no material beside the project")
    return path


@case
def compile_two_stages(tmp):
    compile_ball(tmp)
    files = {"config", "load_config", "pipeline_config", "json0", "json1",
             "params0", "params1"}
    assert set(os.listdir(tmp)) == files, os.listdir(tmp)
    with open(os.path.join(tmp, "load_config"), encoding="utf-8") as file:
        modules = json.load(file)
    assert [m["lib_name"] for m in modules] == ["onednn", "onednn"]
    assert not any("/" in m["json_name"] for m in modules)
    assert call("validate", os.path.join(tmp, "config")).endswith("is valid\n")


@case
def compile_single_file(tmp):
    compile_ball(tmp, "--single-file")
    assert not os.path.exists(os.path.join(tmp, "pipeline_config"))
    call("validate", os.path.join(tmp, "config"))
    assert "stage 1" in call("inspect", tmp)


@case
def passes_are_dumped(tmp):
    """A file for the graph as it comes and for each pass that changed it, of
    each stage; the last is the module's."""
    compile_ball(tmp, "--dump-passes")
    names = sorted(os.listdir(tmp + "/passes"))
    assert [n for n in names if "import" in n] == \
        ["0-00-import.json", "1-00-import.json"], names
    assert any(n.startswith("0-") and n.endswith("-fuse.json")
               for n in names), names
    last = [n for n in names if n.startswith("1-")][-1]
    with open(os.path.join(tmp, "passes", last), encoding="utf-8") as file, \
            open(os.path.join(tmp, "json1"), encoding="utf-8") as module:
        assert json.load(file)["nodes"] == json.load(module)["nodes"]


@case
def shape_of_an_only_input_needs_no_name(tmp):
    call("compile", BALL, "--shape", "1,3,192,256", "-o", tmp)
    assert "image: float32 1×3×192×256" in call("inspect", tmp)


@case
def tensors_are_listed_where_stages_may_end(tmp):
    text = call("inspect", BALL, "--tensors")
    names = [line.split()[1].rstrip(":") for line in text.splitlines()
             if line.startswith("    tensor ")]
    assert "stage1" in names and "detections" in names, names
    call("compile", BALL, "--cut", names[3], "-o", tmp)


@case
def moved_folder_runs(tmp):
    compile_ball(tmp + "/a")
    shutil.move(tmp + "/a", tmp + "/b")
    call("inspect", tmp + "/b")


@case
def stages_agree_with_one(tmp):
    compile_ball(tmp + "/two")
    image = np.random.default_rng(7).random((1, 3, 192, 256), np.float32)
    np.save(tmp + "/image.npy", image)
    call("run", BALL, "--input", f"image={tmp}/image.npy", "--output",
         tmp + "/one")
    call("run", tmp + "/two", "--input", f"image={tmp}/image.npy", "--output",
         tmp + "/two-out", "--threads", "1")
    one = np.load(tmp + "/one/detections.npy")
    two = np.load(tmp + "/two-out/output-0.npy")
    assert one.shape == two.shape == (1, 5, 768), (one.shape, two.shape)
    assert abs(one - two).max() <= 1e-3 * abs(one).max()


@case
def ultraface_agrees(tmp):
    model = shared("models", "ultraface", "version-RFB-320.onnx")
    for number in (13, 19, 23):
        stem = shared("models", "ultraface", f"{number}.input-u8.npy")
        image = np.load(stem).astype(np.float32).transpose(2, 0, 1)[None]
        np.save(tmp + "/in.npy", np.ascontiguousarray((image - 127) / 128))
        call("run", model, "--input", f"input={tmp}/in.npy", "-o", tmp)
        for name in ("scores", "boxes"):
            expected = np.load(stem.replace("input-u8", name))
            found = np.load(f"{tmp}/{name}.npy")
            assert abs(found - expected).max() <= 1e-4, name


@case
def fastestdet_agrees(tmp):
    model = shared("models", "fastestdet", "FastestDet.onnx")
    for number in (0, 3):
        stem = shared("models", "fastestdet", f"{number}.input-u8.npy")
        image = np.load(stem)[:, :, ::-1].astype(np.float32) / 255
        np.save(tmp + "/in.npy",
                np.ascontiguousarray(image.transpose(2, 0, 1)[None]))
        call("run", model, "--input", f"{tmp}/in.npy", "-o", tmp)
        expected = np.load(stem.replace("input-u8", "output"))
        found = np.load([f"{tmp}/{f}" for f in os.listdir(tmp)
                         if f != "in.npy"][0])
        assert abs(found - expected).max() <= 1e-4


@case
def inspect_names_everything(tmp):
    compile_ball(tmp)
    text = call("inspect", tmp)
    for word in ("stage 0", "stage 1", "image", "stage1", "Conv",
                 "1×3×192×256"):
        assert word in text, word
    text = call("inspect", "--plan", tmp)
    assert "plan of" in text and "Conv" in text
    assert call("inspect", "--dot", tmp).startswith("digraph")


@case
def choices_are_written_and_used(tmp):
    os.environ["XDG_CACHE_HOME"] = tmp + "/cache"
    compile_ball(tmp + "/two")
    text = call("tune", tmp + "/two", "-o", tmp + "/choices")
    assert text.startswith(tmp + "/choices: ") and "by estimates" in text, text
    with open(tmp + "/choices", encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[0] == "gst-dnn choices 1"
    assert lines[-1] == "end\t%d" % (len(lines) - 3), lines[-1]
    assert any(" Conv " in line for line in lines)

    def steps(*options):
        text = call("inspect", "--plan", tmp + "/two", *options)
        return [line for line in text.splitlines() if " ms " in line]

    tuned = steps("--tune=cached")
    used = steps("--tune-file", tmp + "/choices")
    assert len(tuned) == len(used) > 2
    for one, two in zip(tuned, used):
        assert "measured" in one or "estimated" in one, one
        # the same implementation, the same formats
        assert one.split()[1:3] == two.split()[1:3], (one, two)
        assert "estimated" in two, two


@case
def word_of_the_environment_is_checked(tmp):
    compile_ball(tmp + "/two")
    done = subprocess.run(
        [TOOL, "inspect", "--plan", tmp + "/two"], text=True, check=True,
        env=dict(os.environ, DNN_TUNE="maybe", XDG_CACHE_HOME=tmp),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = [line for line in done.stderr.splitlines() if "DNN_TUNE" in line]
    assert len(said) == 1, done.stderr
    assert ('DNN_TUNE is "maybe", expected "off", "cached" or "on"; it is "on"'
            in said[0]), said


def is_sanitized():
    """Whether the tool keeps a shadow of its memory."""
    with open(TOOL, "rb") as file:
        return b"__asan_init" in file.read()


def check_peak(model, frames):
    found = json.loads(call("bench", model, "--frames", frames, "--rounds", "1",
                            "--json"))
    needed = 1.15 * (found["packed-mb"] + found["arena-mb"]) + 40
    print("# peak %.1f MB, limit %.1f MB" % (found["peak-mb"], needed))
    assert found["peak-mb"] <= needed


@case
def bench_peak_of_memory(tmp):
    # Meson's: it writes to all that is allocated, used or not.
    os.environ.pop("MALLOC_PERTURB_", None)
    if is_sanitized():
        return
    check_peak(BALL, "2")
    if not os.environ.get("DNN_LONG"):
        return
    make = os.path.join(os.path.dirname(__file__), "..", "..", "benchmarks",
                        "make-models.py")
    subprocess.run([sys.executable, make, tmp, "resnet50"], check=True,
                   stdout=subprocess.DEVNULL)
    check_peak(os.path.join(tmp, "resnet50.onnx"), "3")


def make_networks(tmp, *words):
    make = os.path.join(os.path.dirname(__file__), "..", "..", "benchmarks",
                        "make-models.py")
    subprocess.run([sys.executable, make, *words[:-1], tmp, words[-1]],
                   check=True, stdout=subprocess.DEVNULL)
    return os.path.join(tmp, words[-1] + ".onnx")


@case
def every_dimension_open(tmp):
    """The same network as its exporter writes it with shapes that are
    computed: by the file's shape alone, by --shape, in any size."""
    open_model = make_networks(tmp, "--dynamic", "yolov8n_dynamic")
    fixed = make_networks(tmp, "yolov8n_320")
    found = {}
    for name, size in (("fixed", 320), ("open", 320), ("small", 64)):
        x = np.random.default_rng(1).random((1, 3, size, size), np.float32)
        np.save(os.path.join(tmp, "x.npy"), x)
        call("run", fixed if name == "fixed" else open_model, "-i",
             os.path.join(tmp, "x.npy"), "-o", tmp)
        found[name] = np.load(os.path.join(tmp, "output0.npy"))
    assert found["small"].shape == (1, 84, 84)
    assert np.abs(found["fixed"] - found["open"]).max() < 1e-3
    plan = call("inspect", "--plan", "--shape", "1,3,320,320", open_model)
    for word in ("Range", "Expand", "ConstantOfShape", "Where", "Equal"):
        assert word not in plan, word
    fails("inspect", "--plan", open_model)


@case
def bench_as_json(tmp):
    found = json.loads(call("bench", BALL, "--frames", "2", "--rounds", "1",
                            "--json"))
    assert found["stages"] == 1
    for key in ("plan-ms", "frame-ms", "steps-ms", "primitives-ms", "peak-mb"):
        assert found[key] > 0, key
    assert found["pipeline-fps"] == 0
    assert found["plans"] == 1 and found["elements-store-mb"] == 0
    assert 0 < found["store-mb"] <= 1.1 * found["packed-mb"]
    found = json.loads(call("bench", BALL, "--frames", "2", "--rounds", "1",
                            "--instances", "auto", "--json"))
    assert found["instances"] == "auto" and found["pipeline-fps"] > 0
    compile_ball(tmp)
    found = json.loads(call("bench", tmp, "--frames", "2", "--rounds", "1",
                            "--json"))
    assert found["stages"] == len(found["stage-ms"]) == found["plans"] == 2
    assert (0 < found["store-mb"] <= found["elements-store-mb"] <=
            1.1 * found["packed-mb"])
    assert found["pipeline-fps"] > 0 and found["serial-fps"] > 0


@case
def validate_prints_all_errors(tmp):
    compile_ball(tmp)
    path = os.path.join(tmp, "pipeline_config")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    module = config["module_connection"][0]
    module["cpu_afinity"] = ""
    module["output"][0]["dependencies"][0]["input_name"] = "stage2"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    text = call("validate", os.path.join(tmp, "config"), code=1)
    assert "cpu_affinity" in text, text
    assert '"stage2" is no input' in text, text
    assert int(text.splitlines()[-1].split()[0]) >= 2, text


@case
def errors_are_one_line(tmp):
    compile_ball(tmp)
    os.mkfifo(tmp + "/pipe")
    np.save(tmp + "/small.npy", np.zeros((1, 3, 8, 8), np.float32))
    np.save(tmp + "/double.npy", np.zeros((1, 3, 192, 256)))
    with open(tmp + "/huge.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, {
            "descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
    for words, arguments in (
            ('did you mean "compile"', ["compil"]),
            ("no output folder", ["compile", BALL]),
            ("/nonexistent.onnx", ["compile", "/nonexistent.onnx", "-o", tmp]),
            ("stages are not found automatically",
             ["compile", BALL, "--stages", "2", "-o", tmp]),
            ("neither a number",
             ["compile", BALL, "--stages", "two", "-o", tmp]),
            ('cut "stage9": there is no such tensor (nearest: "stage1"); '
             "gst-dnn inspect --tensors lists them",
             ["compile", BALL, "--cut", "stage9", "-o", tmp]),
            ("expected DIR|MODEL.onnx", ["run"]),
            ("is not given", ["run", tmp]),
            ('"picture" is no input (inputs: "image")',
             ["run", tmp, "--input", f"picture={tmp}/small.npy"]),
            ("shape 1×3×8×8 given; the model has 1×3×192×256",
             ["run", tmp, "--input", f"image={tmp}/small.npy"]),
            ("elements are float64; input \"image\" takes float32",
             ["run", tmp, "--input", f"image={tmp}/double.npy"]),
            ("cannot be opened", ["run", tmp, "--input", "image=/none.npy"]),
            ("/dev/zero: cannot be opened: not a regular file",
             ["run", tmp, "--input", "image=/dev/zero"]),
            ("no NumPy file", ["run", tmp, "--input", "image=" + BALL]),
            (f"{tmp}/huge.npy: 0 bytes of data; expected 8796093022208",
             ["run", tmp, "--input", f"image={tmp}/huge.npy"]),
            ("is no shape", ["inspect", tmp, "--plan", "--shape", "image=big"]),
            ("numbers from 1", ["bench", tmp, "--frames", "0"]),
            ('"0" is neither "auto" nor a number from 1 to 64',
             ["bench", tmp, "--instances", "0"]),
            ('"65" is neither "auto" nor a number from 1 to 64',
             ["bench", tmp, "--instances", "65"]),
            ('--tune is "maybe", expected "auto", "off", "cached" or "on"',
             ["run", tmp, "--tune", "maybe"]),
            ('--fast-math is "no", expected "on" or "off"',
             ["bench", tmp, "--fast-math", "no"]),
            ('--winograd is "", expected "on" or "off"',
             ["inspect", tmp, "--plan", "--winograd", ""]),
            ("Tune file /none/choices: No such file",
             ["run", tmp, "--tune-file", "/none/choices"]),
            ("line 1: expected \"gst-dnn choices 1\"",
             ["run", tmp, "--tune-file", tmp + "/config"]),
            ("--output: a file is expected", ["tune", tmp]),
            ("/none/choices: can't be written",
             ["tune", tmp, "-o", "/none/choices"]),
            (f"{tmp}/pipe: can't be written: not a regular file",
             ["tune", tmp, "-o", tmp + "/pipe"]),
            ("Unknown option", ["inspect", tmp, "--plam"])):
        text = fails(*arguments)
        assert words in text, (words, text)


@case
def truncated_model_is_one_line(tmp):
    with open(BALL, "rb") as file:
        data = file.read()
    for size in (0, 7, 1000, len(data) // 2, len(data) - 1):
        with open(tmp + "/cut.onnx", "wb") as file:
            file.write(data[:size])
        assert "cut.onnx" in fails("inspect", tmp + "/cut.onnx")


@case
def spoiled_params_are_one_line(tmp):
    compile_ball(tmp)
    path = os.path.join(tmp, "params0")
    with open(path, "r+b") as file:
        file.truncate(5000)
    assert "params0" in fails("inspect", tmp)
    os.remove(path)
    assert "params0" in fails("run", tmp)


@case
def types_that_numpy_lacks(tmp):
    """bfloat16 by its bits or rounded from float32, int4 from int8; what comes
    out is wide again."""
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..",
                                    "benchmarks"))
    import onnx_writer  # pylint: disable=import-outside-toplevel,import-error

    for kind, given, expected in (
            (16, np.array([1.00390625, -2, 3], np.float32), [1, -2, 3]),
            (16, np.array([0x3f80, 0xc000, 0x4040], np.uint16), [1, -2, 3]),
            (22, np.array([-8, 7, 99], np.int8), [-8, 7, 7])):
        model = onnx_writer.Model("types", opset=25)
        model.inputs.append(onnx_writer.value_info("x", [3], kind))
        model.node("Identity", ["x"], "y")
        model.outputs.append(onnx_writer.value_info("y", [3], kind))
        model.write(tmp + "/m.onnx")
        np.save(tmp + "/x.npy", given)
        call("run", tmp + "/m.onnx", "-i", tmp + "/x.npy", "-o", tmp)
        found = np.load(tmp + "/y.npy")
        assert found.dtype == (np.float32 if kind == 16 else np.int8)
        assert found.tolist() == expected, found
    np.save(tmp + "/x.npy", np.zeros(3, np.float64))
    assert "elements are float64; input \"x\" takes int4" in fails(
        "run", tmp + "/m.onnx", "-i", tmp + "/x.npy", "-o", tmp)


@case
def help_and_version(tmp):
    assert "compile" in call("--help")
    assert call("--version").startswith("gst-dnn ")
    assert "--cut" in call("compile", "--help")
    call(code=1)


def main():
    print(f"1..{len(CASES)}")
    failed = 0
    for number, function in enumerate(CASES, 1):
        name = "/tools/gst-dnn/" + function.__name__.replace("_", "-")
        with tempfile.TemporaryDirectory() as tmp:
            try:
                function(tmp)
                print(f"ok {number} {name}")
            except Skip as reason:
                print(f"ok {number} {name} # SKIP {reason}")
            except AssertionError as error:
                failed = 1
                print("#", str(error).replace("\n", "\n# "))
                print(f"not ok {number} {name}")
    sys.exit(failed)


main()
