#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""MODEL.onnx and LABELS.txt → what is found in each frame, told by a pad probe
while the pipeline goes on."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Gst, GstDnn  # noqa: E402


def print_results(_, info):
    """Called for each frame, in a thread of GStreamer's."""
    frame = info.get_buffer()
    for result in GstDnn.buffer_get_dnn_results_meta(frame) or ():
        print("%d ms: %s %.2f at %.0f, %.0f" % (
            frame.pts // Gst.MSECOND, result.label, result.confidence,
            result.x, result.y))
    return Gst.PadProbeReturn.OK


Gst.init(None)
pipeline = Gst.parse_launch(
    "videotestsrc pattern=ball num-buffers=10 ! video/x-raw,width=320 ! "
    "dnnvideobin name=dnn model=%s labels=%s ! fakesink" % tuple(sys.argv[1:]))
pipeline.get_by_name("dnn").get_static_pad("src").add_probe(
    Gst.PadProbeType.BUFFER, print_results)
pipeline.set_state(Gst.State.PLAYING)
pipeline.get_bus().timed_pop_filtered(
    Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
pipeline.set_state(Gst.State.NULL)
