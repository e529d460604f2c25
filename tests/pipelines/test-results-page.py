# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""docs/results.md → what it says is so: code on the page is that of the
examples, and behind each element of the table the results are kept, lost or
wrong, as the column of this GStreamer says. TAP on standard output.

test-results-page.py SOURCE BUILD PLUGIN-FOLDER
"""

import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import gi
    import numpy
    gi.require_version("Gst", "1.0")
    gi.require_version("GstApp", "1.0")
except (ImportError, ValueError) as reason:
    print("1..0 # SKIP", reason)
    sys.exit()

SOURCE, BUILD, PLUGINS = sys.argv[1:4]
PAGE = os.path.join(SOURCE, "docs", "results.md")
LINE = ("videotestsrc pattern=ball num-buffers=3 ! "
        "video/x-raw,format=I420,width=320,height=240,framerate=30/1 ! "
        "dnnvideobin model=%s max-detections=1 ! videoconvert ! %s ! "
        "dnnjson location=%s ! videoconvert ! video/x-raw,format=GRAY8 ! "
        "appsink name=sink sync=false")


def set_environment():
    """Our plugin first, then GStreamer's own, in a registry of ours."""
    plugins = subprocess.run(
        ["pkg-config", "--variable=pluginsdir", "gstreamer-1.0"], check=True,
        stdout=subprocess.PIPE, text=True).stdout.strip()
    os.environ.update({
        "GST_PLUGIN_SYSTEM_PATH_1_0": "",
        "GST_PLUGIN_PATH_1_0": PLUGINS + ":" + plugins,
        "GST_REGISTRY_1_0": os.path.join(BUILD, "tests", "pipelines",
                                         "registry-page.bin"),
    })


set_environment()
# pylint: disable=wrong-import-position
from gi.repository import Gst, GstApp  # noqa: E402,F401

Gst.init(None)


def read_table(text):
    """(launch text, what the column of this GStreamer says of it)"""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)]
    head = next(row for row in rows if row[0] == "behind the model")
    versions = [tuple(map(int, word.split("."))) for word in head[1:]]
    here = [at for at, version in enumerate(versions)
            if version <= Gst.version()[:2]][-1]
    for row in rows[rows.index(head) + 2:]:
        for launch in re.findall(r"`([^`]+)`", row[0]):
            yield launch, row[1 + here]


def get_picture(sample):
    """Whether each pixel is the ball's."""
    structure = sample.get_caps().get_structure(0)
    width, height = (structure.get_int(name)[1] for name in (
        "width", "height"))
    buffer = sample.get_buffer()
    data = buffer.extract_dup(0, buffer.get_size())
    rows = numpy.frombuffer(data, numpy.uint8).reshape(height, -1)
    return rows[:, :width] > 128


def judge(picture, line):
    """kept, lost or wrong."""
    if not line["objects"]:
        return "lost" if line.get("looked_at") is False else "nothing found"
    found, = line["objects"]
    inside = picture[found["y"]:found["y"] + found["h"],
                     found["x"]:found["x"] + found["w"]]
    is_on_ball = inside.mean() > 0.5 and inside.sum() > 0.8 * picture.sum()
    return "kept" if is_on_ball else "wrong"


def run(launch, folder):
    """What becomes of the results in the first frame."""
    path = os.path.join(folder, "lines.jsonl")
    pipeline = Gst.parse_launch(LINE % (
        os.path.join(SOURCE, "examples", "ball", "ball.onnx"), launch, path))
    pipeline.set_state(Gst.State.PLAYING)
    sample = pipeline.get_by_name("sink").try_pull_sample(60 * Gst.SECOND)
    message = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if sample is None:
        return message.parse_error()[0].message if message else "no frame"
    with open(path, encoding="utf-8") as stream:
        return judge(get_picture(sample), json.loads(stream.readline()))


def check_code(name, code):
    """What is wrong with code on the page."""
    path = os.path.join(SOURCE, "examples", "results", name)
    with open(path, encoding="utf-8") as stream:
        return "" if code in stream.read() else name + " has it otherwise"


def check_lines(lines):
    """The page's lines of JSON have just the members that ours have."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lines.jsonl")
        pipeline = Gst.parse_launch(
            "videotestsrc pattern=ball num-buffers=2 ! "
            "video/x-raw,width=320,height=240 ! dnnvideobin interval=2 "
            "max-detections=1 model=%s/examples/ball/ball.onnx "
            "labels=%s/examples/ball/labels.txt ! dnnjson location=%s "
            "source=test tags=\"{\\\"camera\\\":3}\" ! fakesink" % (
                SOURCE, SOURCE, path))
        pipeline.set_state(Gst.State.PLAYING)
        pipeline.get_bus().timed_pop_filtered(
            60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        pipeline.set_state(Gst.State.NULL)
        with open(path, encoding="utf-8") as stream:
            found = stream.read()
    numbers = r"(?<=: )0\.\d+|(?<=\"[xywh]\": )\d+"
    same = re.sub(numbers, "N", found) == re.sub(numbers, "N", lines)
    return "" if same else "dnnjson writes\n" + found


def check_sources(text, folder):
    """The page's line of two sources → each stream has its own results, in
    whichever file it is."""
    words, = re.findall(r"^gst-launch-1\.0 (funnel .*?)^```", text,
                        re.MULTILINE | re.DOTALL)
    words = words.replace("\\\n", " ").replace("/tmp/", folder + "/").replace(
        "=examples/", "=%s/examples/" % SOURCE)
    pipeline = Gst.parse_launch(words)
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        120 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message is None or message.type != Gst.MessageType.EOS:
        return "no end" if message is None else str(message.parse_error())
    found = []
    for name in ("0.jsonl", "1.jsonl"):
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            lines = [json.loads(line) for line in stream]
        found.append((lines[0]["resolution"]["width"], len(lines),
                      sum(bool(line["objects"]) for line in lines),
                      [line["timestamp"] for line in lines] == [
                          Gst.util_uint64_scale(idx, Gst.SECOND, 30)
                          for idx in range(len(lines))]))
    expected = [(320, 30, 30, True), (640, 20, 0, True)]
    return "" if sorted(found) == expected else "%s" % found


def find_cases(text, folder):
    """(name, function that gives what is wrong)"""
    for name, code in re.findall(
            r"\]\(\.\./examples/results/(\S+)\)\):\n\n```\w+\n(.*?)^```", text,
            re.MULTILINE | re.DOTALL):
        yield "code/" + name, lambda name=name, code=code: check_code(
            name, code)
    lines, = re.findall(r"^```json\n(.*?)^```", text,
                        re.MULTILINE | re.DOTALL)
    yield "lines", lambda: check_lines(lines)
    yield "sources", lambda: check_sources(text, folder)
    for launch, expected in read_table(text):
        def check(launch=launch, expected=expected):
            found = run(launch, folder)
            return "" if found == expected else "%s: %s, not %s" % (
                launch, found, expected)
        yield "table/" + launch.replace("#", ""), check


def main():
    """As TAP."""
    failed = number = 0
    with open(PAGE, encoding="utf-8") as stream:
        text = stream.read()
    with tempfile.TemporaryDirectory() as folder:
        for name, function in find_cases(text, folder):
            wrong = function()
            number += 1
            failed += bool(wrong)
            for line in wrong.splitlines():
                print("# " + line)
            print("%sok %d /results-page/%s" % (
                "not " if wrong else "", number, name), flush=True)
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
