#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""What a model found → as a program finds it that knows GstAnalytics alone.

test-analytics.py EXAMPLES; with GStreamer 1.24 and newer only.
"""

import os
import sys
import unittest

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstAnalytics", "1.0")
# pylint: disable=wrong-import-position,unused-import
from gi.repository import GLib, Gst, GstAnalytics, GstApp  # noqa: E402,F401

EXAMPLES = sys.argv.pop()
Gst.init(None)


class AnalyticsTest(unittest.TestCase):
    """One frame with one ball."""

    def test_detection(self):
        """Its class, and a box around the middle of the picture."""
        pipeline = Gst.parse_launch(
            "videotestsrc pattern=ball num-buffers=1 ! "
            "video/x-raw,width=320,height=240 ! dnnvideobin model=%s labels=%s "
            "max-detections=1 ! appsink name=sink" % (
                os.path.join(EXAMPLES, "ball", "ball.onnx"),
                os.path.join(EXAMPLES, "ball", "labels.txt")))
        pipeline.set_state(Gst.State.PLAYING)
        sample = pipeline.get_by_name("sink").try_pull_sample(60 * Gst.SECOND)
        self.assertIsNotNone(sample)
        meta = GstAnalytics.buffer_get_analytics_relation_meta(
            sample.get_buffer())
        self.assertEqual(GstAnalytics.relation_get_length(meta), 1)
        is_there, detection = meta.get_od_mtd(0)
        self.assertTrue(is_there)
        self.assertEqual(GLib.quark_to_string(detection.get_obj_type()),
                         "ball")
        is_there, x, y, width, height, confidence = detection.get_location()
        self.assertTrue(is_there)
        self.assertGreater(confidence, 0.5)
        self.assertAlmostEqual(x + width / 2, 160, delta=5)
        self.assertAlmostEqual(y + height / 2, 120, delta=5)
        pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    unittest.main(verbosity=2)
