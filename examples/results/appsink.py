#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""MODEL.onnx and LABELS.txt → what is found in each frame, and in how many
numbers of the model's output, pulled by the program frame by frame."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position,unused-import
from gi.repository import Gst, GstApp, GstDnn  # noqa: E402,F401


def print_results(frame):
    """NumPy sees the model's raw output without a copy."""
    array = GstDnn.buffer_get_dnn_tensors_meta(frame)[0].numpy()
    for result in GstDnn.buffer_get_dnn_results_meta(frame):
        print("%d ms: %s %.2f at %.0f, %.0f of %d numbers" % (
            frame.pts // Gst.MSECOND, result.label, result.confidence,
            result.x, result.y, array.size))


Gst.init(None)
pipeline = Gst.parse_launch(
    "videotestsrc pattern=ball num-buffers=10 ! video/x-raw,width=320 ! "
    "dnnvideobin model=%s labels=%s attach-tensors=true ! "
    "appsink name=sink sync=false" % tuple(sys.argv[1:]))
sink = pipeline.get_by_name("sink")
pipeline.set_state(Gst.State.PLAYING)
while sample := sink.pull_sample():
    print_results(sample.get_buffer())
pipeline.set_state(Gst.State.NULL)
