#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Every property of every element: set before the start, in state READY, and
while frames flow; what its flags say against what the last frame shows."""

import hashlib
import json
import os
import sys
import tempfile
import unittest

try:
    import gi
    import numpy  # noqa: F401, onnx_writer needs it
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)
import onnx_writer

gi.require_version("Dnn", "1.0")
gi.require_version("Gst", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GObject, Gst  # noqa: E402

BALL = os.path.join(os.environ["DNN_EXAMPLES"], "ball", "ball.onnx")
N_FRAMES = 24
FOLDER = tempfile.TemporaryDirectory()


def get_path(name):
    """In the test's folder."""
    return os.path.join(FOLDER.name, name)


def write_file(name, text):
    """Its path."""
    with open(get_path(name), "w", encoding="utf-8") as stream:
        stream.write(text)
    return get_path(name)


def write_classifier():
    """A mean a channel."""
    onnx_writer.write(get_path("classes.onnx"), {"x": (1, 3, 8, 8)}, [
        ("GlobalAveragePool", ["x"], ["mean"], {}),
        ("Flatten", ["mean"], ["y"], {})], {}, {"y": (1, 3)})
    return get_path("classes.onnx")


Gst.init(None)
CLASSES = write_classifier()
LABELS = write_file("labels.txt", "".join("name%d\n" % i for i in range(3)))
BAD = get_path("nowhere")

SOURCE = ("videotestsrc pattern=ball num-buffers=%d "
          "! video/x-raw,format=RGB,width=64,height=64 ! " % N_FRAMES)
JSON = " ! dnnjson name=json add-tensor-data=true location=%s " % (
    get_path("json"))
SINK = " ! fakesink name=out signal-handoffs=true"
DETECT = ("dnndetect name=e score-threshold=0.001 iou-threshold=1 "
          "max-detections=20")
# The element is "e".
LINES = {
    "dnnbin": SOURCE + "dnnpreprocess ! dnnbin name=e model=%s" % BALL,
    "dnnclassify": SOURCE + "dnnpreprocess ! dnnmodule model=%s "
                            "! dnnclassify name=e" % CLASSES + JSON,
    "dnndetect": SOURCE + "dnnpreprocess ! dnnmodule model=%s ! %s" % (
        BALL, DETECT) + JSON,
    "dnnjson": SOURCE + "dnnvideobin model=%s score-threshold=0.9999 "
                        "attach-tensors=true" % BALL + JSON.replace(
                            "name=json add-tensor-data=true", "name=e"),
    "dnnmodule": SOURCE + "dnnpreprocess ! dnnmodule name=e model=%s" % BALL,
    "dnnmux": SOURCE + "dnnpreprocess width=8 height=8 ! tee name=t "
                       "t. ! queue ! e.sink_0 t. ! queue ! e.sink_1 "
                       "dnnmux name=e",
    "dnnoverlay": SOURCE + "dnnvideobin model=%s score-threshold=0.01 "
                           "! dnnoverlay name=e" % BALL,
    "dnnpreprocess": SOURCE + "dnnpreprocess name=e width=32 height=48 "
                              "resize=letterbox",
    "dnnvideobin": SOURCE + "dnnvideobin name=e model=%s score-threshold=0.001 "
                            "iou-threshold=1 max-detections=20" % BALL + JSON,
}

# A value that shows: in the last frame, in its JSON, in caps, as an error.
VALUES = {
    "dnnbin": {
        "config": BAD, "model": CLASSES, "cuts": "none", "stages": 2,
        "shape": "1,3,9,9", "precision": "half", "tune-file": BAD,
        "configuration": Dnn.PipelineConfig()},
    "dnnclassify": {
        "attach-tensors": True, "labels": LABELS, "model-name": "m",
        "score-activation": "none", "score-threshold": 0.9, "top-k": 3},
    "dnndetect": {
        "attach-tensors": True, "labels": BAD, "model-name": "m",
        "classes": "7", "head": "ssd", "iou-threshold": 0.01,
        "score-threshold": 0.99, "max-detections": 1,
        "score-activation": "sigmoid", "box-units": "normalised",
        "box-axis": "last", "tensors": "boxes=9"},
    "dnnjson": {
        "add-empty-results": False, "add-tensor-data": True, "json-indent": 2,
        "location": get_path("other"), "source": "s", "tags": "{\"a\": 1}",
        "system-timestamp": True},
    "dnnmodule": {
        "model": CLASSES, "shape": "1,3,9,9", "precision": "half",
        "tune-file": BAD, "cpu-affinity": "9999", "instances": "many"},
    "dnnmux": {},
    "dnnmux.sink_1": {"tensors": "0,0"},
    "dnnoverlay": {
        "draw-confidence": False, "draw-labels": False, "font": "Serif 20",
        "thickness": 7},
    "dnnpreprocess": {
        "width": 20, "height": 20, "layout": "nhwc", "color": "gray",
        "type": "uint8", "resize": "stretch", "filter": "nearest",
        "mean": "10", "scale": "2", "fill": "9", "center-crop": 0.5,
        "interval": N_FRAMES, "modelinfo": BAD},
}
VALUES["dnnvideobin"] = {
    **VALUES["dnnbin"], **VALUES["dnnpreprocess"], **VALUES["dnndetect"],
    "decoder": "classify", "fill": "red", "resize": "crop",
    "layout": "nhwc", "width": 20, "height": 20}
del VALUES["dnnvideobin"]["configuration"]

# What no frame shows.
SPEED = "changes speed only"
HIDDEN = {
    ("dnnbin", "threads"): SPEED,
    ("dnnbin", "instances"): SPEED,
    ("dnnbin", "max-in-flight"): SPEED,
    ("dnnbin", "tune"): SPEED,
    ("dnnbin", "fast-math"): "of values that are not finite",
    ("dnnbin", "winograd"): "rounds otherwise, of larger models",
    ("dnnbin", "drop"): "drops by the clock",
    ("dnnbin", "pass-limit"): "of models slower than a live stream",
    ("dnndetect", "box-order"): "of SSD only",
    ("dnnmodule", "threads"): SPEED,
    ("dnnmodule", "tune"): SPEED,
    ("dnnmodule", "fast-math"): "of values that are not finite",
    ("dnnmodule", "winograd"): "rounds otherwise, of larger models",
    ("dnnmux", "match"): "both match here",
    ("dnnpreprocess", "frames-in-flight"): "of a source with a fixed pool",
}
for (_element, _name), _why in list(HIDDEN.items()):
    if _element != "dnnmodule":
        HIDDEN["dnnvideobin", _name] = _why
HIDDEN["dnnvideobin", "top-k"] = "of dnnclassify only"


class Run:
    """One pipeline, from start to end."""

    def __init__(self, element, settings=(), ready=(), playing=()):
        self.frames = self.time = 0
        self.last = self.error = None
        self.warnings = []
        self.playing = playing
        for name in ("json", "other"):
            if os.path.exists(get_path(name)):
                os.remove(get_path(name))
        self.pipeline = Gst.parse_launch(
            LINES[element.split(".")[0]] + SINK)
        self.element = self.pipeline.get_by_name("e")
        if "." in element:
            self.element = self.element.get_static_pad(element.split(".")[1])
        self.set(settings)
        sink = self.pipeline.get_by_name("out")
        sink.connect("handoff", self.take)
        self.bus = self.pipeline.get_bus()
        if self.change(Gst.State.READY):
            self.set(ready)
            if self.change(Gst.State.PLAYING):
                self.wait()
        self.pipeline.set_state(Gst.State.NULL)
        self.pop(0)
        self.effect = (self.error, self.last, self.get_json())

    def set(self, settings):
        """{name: value}"""
        for name, value in dict(settings).items():
            if isinstance(value, str):
                Gst.util_set_object_arg(self.element, name, value)
            else:
                self.element.set_property(name, value)

    def take(self, _, buffer, pad):
        """In the streaming thread."""
        is_there, info = buffer.map(Gst.MapFlags.READ)
        data = bytes(info.data) if is_there else b""
        if is_there:
            buffer.unmap(info)
        self.last = (pad.get_current_caps().to_string(),
                     hashlib.sha256(data).hexdigest())
        self.time = buffer.pts
        self.frames += 1
        if self.frames == 2:
            self.set(self.playing)

    def pop(self, timeout):
        """FALSE when the pipeline has ended."""
        while True:
            message = self.bus.timed_pop_filtered(timeout, (
                Gst.MessageType.ERROR | Gst.MessageType.WARNING
                | Gst.MessageType.EOS))
            if message is None:
                return
            if message.type == Gst.MessageType.WARNING:
                self.warnings.append(message.parse_warning()[0].message)
                continue
            if message.type == Gst.MessageType.ERROR and self.error is None:
                self.error = message.parse_error()[0].message
            return

    def wait(self):
        """For the end."""
        self.pop(60 * Gst.SECOND)

    def change(self, state):
        """FALSE with the error noted."""
        if (self.pipeline.set_state(state) != Gst.StateChangeReturn.FAILURE):
            return True
        self.pop(Gst.SECOND)
        return False

    def get_json(self):
        """What was written of the last frame; the time of day stands for
        itself."""
        path = get_path("other" if os.path.exists(get_path("other"))
                        else "json")
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        objects = []
        decoder, at = json.JSONDecoder(), 0
        while at < len(text.rstrip()):
            value, end = decoder.raw_decode(text, at)
            indented = text[at:end].count("\n") > 0
            objects.append((value, indented))
            at = end + 1
        if not objects:
            return None
        value, indented = objects[-1]
        if value["timestamp"] != self.time:
            return None
        has_time = value.pop("system_timestamp", None) is not None
        return os.path.basename(path), value, indented, has_time


def list_properties():
    """(element, spec) of all that can be written and is of ours."""
    registry = Gst.Registry.get()
    for feature in registry.get_feature_list_by_plugin("dnn"):
        if not isinstance(feature, Gst.ElementFactory):
            continue
        element = feature.create(None)
        for spec in element.list_properties():
            if (spec.owner_type.name.startswith("GstDnn")
                    and spec.flags & GObject.ParamFlags.WRITABLE):
                yield feature.get_name(), spec
    pad = Gst.ElementFactory.make("dnnmux").request_pad_simple("sink_0")
    yield "dnnmux.sink_1", pad.find_property("tensors")


MUTABLE_READY = 1 << 10  # GST_PARAM_MUTABLE_READY
MUTABLE_PLAYING = 1 << 12


class PropertyTest(unittest.TestCase):
    """Flags against behaviour."""

    def get_value(self, element, spec):
        """That of the table; of what doesn't show, the default."""
        if (element, spec.name) in HIDDEN:
            return Gst.ElementFactory.make(element).get_property(spec.name)
        self.assertIn(spec.name, VALUES[element],
                      "%s.%s has no row" % (element, spec.name))
        return VALUES[element][spec.name]

    def check(self, element, spec):
        """In four pipelines."""
        setting = {spec.name: self.get_value(element, spec)}
        before = Run(element, settings=setting)
        ready = Run(element, ready=setting)
        playing = Run(element, playing=setting)
        default = self.defaults[element.split(".")[0]]
        self.assertIsNone(default.error)
        self.assertEqual(ready.effect, before.effect, "in READY")
        about = [text for text in playing.warnings
                 if "\"%s\"" % spec.name in text]
        if spec.flags & MUTABLE_PLAYING:
            expected, n_warnings = before, 0
        else:
            self.assertTrue(spec.flags & MUTABLE_READY)
            expected, n_warnings = default, 1
        self.assertEqual(len(about), n_warnings, playing.warnings)
        for run in (before, ready):
            self.assertFalse(any("is set while" in text
                                 for text in run.warnings))
        if (element, spec.name) in HIDDEN:
            return
        self.assertNotEqual(before.effect, default.effect,
                            "nothing shows")
        self.assertEqual(playing.effect, expected.effect, "in PLAYING")

    def test_all(self):
        """Each, by itself."""
        self.defaults = {element: Run(element) for element in LINES}
        names = set()
        for element, spec in list_properties():
            names.add((element, spec.name))
            with self.subTest(element=element, name=spec.name):
                self.check(element, spec)
        self.assertGreater(len(names), 80)
        self.assertEqual(
            {(element, name) for element, rows in VALUES.items()
             for name in rows} - names - {("dnnmodule", "instances")}, set())
        self.assertEqual(set(LINES), {
            element.split(".")[0] for element, _ in names})


if __name__ == "__main__":
    unittest.main(verbosity=2)
