# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Whole pipelines as a person types them: the demo's, real pictures, and what
is wrong with a file or a line. TAP on standard output.

test-demo.py GST-LAUNCH GST-DNN PLUGIN-FOLDER SOURCE BUILD
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

LAUNCH, TOOL, PLUGINS, SOURCE, BUILD = sys.argv[1:6]
SHARED = os.environ.get("DNN_SHARED", "")
REGISTRY = os.path.join(BUILD, "tests", "pipelines", "registry.bin")
BALL = os.path.join(SOURCE, "examples", "ball")
CASES = []


def case(function):
    CASES.append(function)
    return function


class Skip(Exception):
    """What the case needs is not there."""


def wait(process, output):
    """Ends a gst-launch that has said it failed and yet stays: 1.22 does so
    when an error comes before its main loop runs, with any element. `output`
    is open for appending: the place where it is read is the child's, too."""
    for _ in range(240 * 10):
        try:
            return process.wait(0.1)
        except subprocess.TimeoutExpired:
            output.seek(0)
            if "doesn't want to preroll" in output.read():
                break
    try:
        return process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def launch(line, folder, code=0):
    """What a pipeline prints, errors first to last; nothing critical."""
    environment = dict(os.environ, GST_PLUGIN_PATH_1_0=PLUGINS,
                       GST_REGISTRY_1_0=REGISTRY, G_DEBUG="fatal-criticals")
    output_path = folder + "/output"
    if os.path.exists(output_path):
        os.unlink(output_path)
    with open(output_path, "a+", encoding="utf-8") as output:
        with subprocess.Popen([LAUNCH, "-q"] + line.split(), stdout=output,
                              stderr=subprocess.STDOUT,
                              env=environment) as process:
            found = wait(process, output)
        output.seek(0)
        text = output.read()
    assert (found != 0) == (code != 0), (line, text)
    assert "CRITICAL" not in text, text
    return text


def fails(line, folder, *words):
    """The ERROR of ours: one, before any other."""
    text = launch(line, folder, code=1)
    errors = [l for l in text.splitlines() if l.startswith("ERROR: from")]
    assert errors, text
    print("#", text.strip().replace("\n", "\n# "))
    assert "/GstDnn" in errors[0], errors
    ours = [e for e in errors if "/GstDnn" in e]
    assert len(ours) == 1, errors
    for word in words:
        assert word in text, (word, text)


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def shared(*parts):
    path = os.path.join(SHARED, *parts)
    if not SHARED or not os.path.exists(path):
        raise Skip("no material beside the project")
    return path


def find_ball(tmp, net, width, height):
    launch(f"videotestsrc pattern=ball num-buffers=300 ! video/x-raw,"
           f"width={width},height={height},framerate=30/1 ! videoconvert ! "
           f"dnnpreprocess ! {net} ! dnndetect "
           f"labels={BALL}/labels.txt score-threshold=0.5 iou-threshold=0.3 ! "
           f"dnnjson location={tmp}/ball.jsonl ! fakesink", tmp)
    lines = read_lines(tmp + "/ball.jsonl")
    assert len(lines) == 300
    assert all(len(line["objects"]) == 1 for line in lines)
    done = subprocess.run([sys.executable, BALL + "/evaluate.py",
                           tmp + "/ball.jsonl", "--num-frames", "300"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    print("#", done.stdout.strip())
    assert done.returncode == 0, done.stdout
    return lines


@case
def ball_in_two_stages(tmp):
    find_ball(tmp, f"dnnbin config={BUILD}/examples/ball/config", 320, 240)


@case
def ball_large_in_one_module(tmp):
    find_ball(tmp, f"dnnmodule model={BALL}/ball.onnx threads=1", 640, 480)


@case
def stages_find_what_one_module_finds(tmp):
    two = find_ball(tmp, f"dnnbin model={BALL}/ball.onnx cuts=stage1",
                    320, 240)
    one = find_ball(tmp, f"dnnbin model={BALL}/ball.onnx", 320, 240)
    for a, b in zip(one, two):
        box = a["objects"][0]["detection"]["bounding_box"]
        other = b["objects"][0]["detection"]["bounding_box"]
        assert a["timestamp"] == b["timestamp"]
        assert all(abs(box[k] - other[k]) < 1e-3 for k in box), (box, other)


def measure_overlap(a, b):
    """Intersection over union of two (left, top, right, bottom)."""
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) +
                   (b[2] - b[0]) * (b[3] - b[1]) - both)


@case
def faces_in_photographs(tmp):
    folder = shared("models", "ultraface")
    with open(folder + "/expected.json", encoding="utf-8") as file:
        expected = json.load(file)
    for name, picture in expected.items():
        launch(f"filesrc location={folder}/{name} ! jpegdec ! videoconvert ! "
               "dnnpreprocess ! "
               f"dnnbin model={folder}/version-RFB-320.onnx ! dnndetect ! "
               f"dnnjson location={tmp}/faces.jsonl ! dnnoverlay ! "
               f"videoconvert ! pngenc ! filesink location={tmp}/faces.png",
               tmp)
        found = read_lines(tmp + "/faces.jsonl")[0]["objects"]
        assert len(found) == len(picture["faces"]), (name, found)
        for face in picture["faces"]:
            best = max(measure_overlap(face["box"], [
                o["detection"]["bounding_box"][k]
                for k in ("x_min", "y_min", "x_max", "y_max")])
                for o in found)
            assert best >= 0.9, (name, best)
        assert os.path.getsize(tmp + "/faces.png") > 10000


# Model, picture, and of the surest objects class, score and box in pixels:
# what ONNX Runtime gives for the same picture, decoded with NumPy by the
# formulas of the models' authors.
DETECTORS = (
    ("nanodet-m-416/nanodet_m_416.onnx", "fastestdet/3.jpg", (
        (0, 0.860, (291, 144, 499, 296)),
        (0, 0.811, (39, 64, 188, 299)),
        (29, 0.660, (219, 184, 249, 216)))),
    ("yolox-nano/yolox_nano.onnx", "fastestdet/3.jpg", (
        (0, 0.897, (40, 63, 190, 303)),
        (29, 0.876, (251, 165, 295, 206)),
        (0, 0.833, (288, 142, 484, 303)))),
    ("maskedface-rfb-640/RFB-640-masked_face-v2.onnx", "ultraface/19.jpg", (
        (0, 0.990, (313, 203, 382, 293)),
        (0, 0.987, (608, 216, 680, 308)),
        (0, 0.977, (480, 147, 555, 252)))))


@case
def detectors_are_known_by_their_graphs(tmp):
    folder = shared("models")
    for model, picture, expected in DETECTORS:
        launch(f"filesrc location={folder}/{picture} ! jpegdec ! "
               f"dnnvideobin model={folder}/real/{model} ! "
               f"dnnjson location={tmp}/found.jsonl ! fakesink", tmp)
        line = read_lines(tmp + "/found.jsonl")[0]
        sides = line["resolution"]["width"], line["resolution"]["height"]
        for label_id, score, box in expected:
            best = max((
                (measure_overlap(box, [
                    o["detection"]["bounding_box"][k] * sides[i % 2]
                    for i, k in enumerate(("x_min", "y_min", "x_max",
                                           "y_max"))]), o)
                for o in line["objects"]
                if o["detection"]["label_id"] == label_id),
                key=lambda pair: pair[0])
            assert best[0] >= 0.9, (model, box, best)
            assert abs(best[1]["detection"]["confidence"] - score) < 0.05, (
                model, score, best)


def bin_of(model):
    return (f"videotestsrc num-buffers=5 ! dnnpreprocess ! {model} ! "
            "dnndetect ! fakesink")


@case
def missing_model(tmp):
    fails(bin_of("dnnbin model=/nonexistent.onnx"), tmp, "/nonexistent.onnx")
    fails(bin_of("dnnmodule model=/nonexistent.onnx"), tmp,
          "/nonexistent.onnx")
    fails(bin_of("dnnbin config=/nonexistent/config"), tmp,
          "/nonexistent/config")
    fails(bin_of("dnnmodule"), tmp, "model")


@case
def truncated_model(tmp):
    with open(BALL + "/ball.onnx", "rb") as file:
        data = file.read()
    with open(tmp + "/cut.onnx", "wb") as file:
        file.write(data[:len(data) // 2])
    fails(bin_of(f"dnnbin model={tmp}/cut.onnx"), tmp, "cut.onnx: byte ",
          "cut off")


def compile_ball(tmp):
    folder = tmp + "/ball"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([TOOL, "compile", BALL + "/ball.onnx", "--cut", "stage1",
                    "-o", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def change(path, edit):
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    edit(value)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def compile_ball_with(tmp, element, behind):
    """The two stages of the ball, and an element behind one of them."""
    folder = compile_ball(tmp)

    def add_stage(value):
        value.append({"mod_idx": 7, "element": element})

    def bind_stage(value):
        output = value["module_connection"][behind]["output"][0]
        value["module_connection"].append({
            "mod_idx": 7, "output": [{
                "output_idx": 0, "dependencies": output["dependencies"]}]})
        output["dependencies"] = [{"mod_idx": 7, "input_name": "0"}]

    change(folder + "/load_config", add_stage)
    change(folder + "/pipeline_config", bind_stage)
    return f"dnnbin config={folder}/config"


@case
def element_that_changes_values(tmp):
    try:
        launch("fakesrc num-buffers=1 ! breakmydata ! fakesink", tmp)
    except AssertionError as reason:
        raise Skip("no element breakmydata") from reason
    line = ("videotestsrc pattern=ball num-buffers=10 ! dnnpreprocess ! %s ! "
            f"filesink location={tmp}/tensors")
    launch(line % f"dnnbin config={compile_ball(tmp)}/config", tmp)
    with open(tmp + "/tensors", "rb") as file:
        before = file.read()
    launch(line % compile_ball_with(
        tmp, "breakmydata probability=1 set-to=7", 1), tmp)
    with open(tmp + "/tensors", "rb") as file:
        behind = file.read()
    assert behind == b"\7" * len(before)
    launch(line % compile_ball_with(
        tmp, "breakmydata probability=1 set-to=0", 0), tmp)
    with open(tmp + "/tensors", "rb") as file:
        between = file.read()
    # All frames look the same now.
    size = len(before) // 10
    assert len(between) == len(before) and between != before
    assert all(between[i * size:(i + 1) * size] == between[:size]
               for i in range(10))


@case
def element_that_drops_frames(tmp):
    for behind in range(2):
        net = compile_ball_with(tmp, "identity drop-probability=1", behind)
        launch("videotestsrc pattern=ball num-buffers=30 ! dnnpreprocess ! "
               f"{net} max-in-flight=1 ! dnndetect labels={BALL}/labels.txt ! "
               f"dnnjson location={tmp}/ball.jsonl ! fakesink", tmp)
        lines = read_lines(tmp + "/ball.jsonl")
        assert len(lines) == 30, lines
        assert not any(line["objects"] for line in lines)


@case
def wrong_params(tmp):
    net = "dnnbin config=" + compile_ball(tmp)
    params = tmp + "/ball/params1"
    size = os.path.getsize(params)
    os.truncate(params, 3000)
    fails(bin_of(net), tmp, "params1: byte ", "bytes are needed")
    compile_ball(tmp)
    with open(params, "ab") as file:
        file.write(b"123")
    fails(bin_of(net), tmp, "params1", "3 bytes follow the last array")
    compile_ball(tmp)
    with open(params, "r+b") as file:
        file.write(b"\0" * 8)
    fails(bin_of(net), tmp, "magic number", "0xF7E58D4F05049CB7")
    os.remove(params)
    fails(bin_of(net), tmp, "params1")
    assert size > 3000


@case
def wrong_graph(tmp):
    net = "dnnbin config=" + compile_ball(tmp)
    graph = tmp + "/ball/json0"

    def spoil(edit, *words):
        compile_ball(tmp)
        change(graph, edit)
        fails(bin_of(net), tmp, "json0", *words)

    def first_op(value):
        return next(n for n in value["nodes"] if n["op"] == "tvm_op")

    def set_index(value):
        first_op(value)["inputs"][0][0] = 9999

    def set_kernel(value):
        first_op(value)["attrs"]["func_name"] = "Convolve"

    def set_shape(value):
        value["attrs"]["shape"][1][0] = [1, 4, 192, 256]

    def set_attribute(value):
        first_op(value)["attrs"]["group"] = "2"

    spoil(set_index, "inputs[0][0]", "9999")
    spoil(set_kernel, "Convolve")
    spoil(set_shape, "1×4×192×256")
    spoil(set_attribute, "Conv")


@case
def wrong_configuration(tmp):
    net = "dnnbin config=" + compile_ball(tmp)
    path = tmp + "/ball/pipeline_config"

    def spoil(edit, *words):
        compile_ball(tmp)
        change(path, edit)
        fails(bin_of(net), tmp, "pipeline_config", *words)

    def dependency(value):
        return value["module_connection"][0]["output"][0]["dependencies"][0]

    def set_key(value):
        value["module_conection"] = value.pop("module_connection")

    def bind_to_nothing(value):
        dependency(value)["input_name"] = "stage2"

    def bind_twice(value):
        value["input_connection"].append(
            {"global_interface_name": "more", "mod_idx": 1,
             "module_interface_name": "stage1"})

    def bind_to_own(value):
        dependency(value).update(mod_idx=0, input_name="image")

    def set_device(value):
        value["module_connection"][0]["dev"] = "2,0"

    spoil(set_key, '"module_connection"')
    spoil(bind_to_nothing, '"stage2" is no input of module 1',
          'inputs: "stage1"')
    spoil(bind_twice, "stage1")
    spoil(bind_to_own, "Module 0 can't be bound to itself")
    spoil(set_device, "device type 2")


@case
def caps_that_do_not_fit(tmp):
    module = f"dnnmodule model={BALL}/ball.onnx"
    fails("videotestsrc num-buffers=5 ! dnnpreprocess width=8 height=8 ! "
          f"{module} ! fakesink", tmp, "width=8, but downstream takes 256")
    fails("fakesrc num-buffers=2 sizetype=fixed sizemax=768 ! "
          "other/tensors,format=static,num_tensors=1,types=float32,"
          f"dimensions=8:8:3:1,framerate=30/1 ! {module} ! fakesink", tmp,
          "1×3×192×256", "1×3×8×8")
    fails("videotestsrc num-buffers=5 ! dnnpreprocess ! "
          f"{module} ! {module} ! fakesink", tmp, "1×3×192×256", "1×5×768")


@case
def property_with_a_mistake(tmp):
    net = f"dnnmodule model={BALL}/ball.onnx "
    fails(bin_of(net + "precision=f23"), tmp, "f23", "f32")
    fails(bin_of(net + "cpu-affinity=0,4095"), tmp, "4095")
    fails(bin_of(f"dnnbin model={BALL}/ball.onnx cuts=stage7"), tmp,
          "stage7", "stage1")
    fails(bin_of(f"dnnbin model={BALL}/ball.onnx stages=2"), tmp, "stages")


def main():
    print(f"1..{len(CASES)}")
    failed = 0
    for number, function in enumerate(CASES, 1):
        name = "/pipelines/" + function.__name__.replace("_", "-")
        with tempfile.TemporaryDirectory() as tmp:
            try:
                function(tmp)
                print(f"ok {number} {name}")
            except Skip as reason:
                print(f"ok {number} {name} # SKIP {reason}")
            except (AssertionError, subprocess.SubprocessError) as error:
                failed = 1
                print("#", str(error).replace("\\n", "\n").replace(
                    "\n", "\n# "))
                print(f"not ok {number} {name}")
    sys.exit(failed)


main()
