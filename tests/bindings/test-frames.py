#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""State from frame to frame: a streaming network with each way of running it,
frame by frame equal to a loop; states by their names and by hand, in files.

test-frames.py GST_DNN
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import gi
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)
from streaming import FRAMES, UNITS, make_frames, run_loop, write_model

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GLib, GstDnn  # noqa: E402

TOOL = sys.argv.pop()
# Frame, what it is told to be.
VOICE = ((0, 0.229732), (1, 0.196141), (10, 0.035344), (31, 0.853922),
         (100, 0.340330), (500, 0.812104), (1000, 0.820537), (1874, 0.889177))
# Frame, sum of what is left of it.
ENHANCED = ((0, 5.0485), (10, 109.6273), (31, 145.7772), (100, 61.2777),
            (1000, 5.0093), (3749, 2.0431))
STATES = [{"mod_idx": 0, "output_idx": 1, "input_name": "cache"},
          {"mod_idx": 0, "output_idx": 2, "input_name": "h"}]


def make_sound(length):
    """A tone that comes and goes, at 16 kHz."""
    time = numpy.arange(length) / 16000
    return numpy.sin(2 * numpy.pi * 220 * time) * numpy.sin(numpy.pi * time)


class FramesTest(unittest.TestCase):
    """One model for all."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.model = self.get_path("stream.onnx")
        write_model(self.model)

    def tearDown(self):
        self.folder.cleanup()

    def get_path(self, name):
        """In the test's folder."""
        return os.path.join(self.folder.name, name)

    def call(self, *arguments):
        """What the tool prints."""
        done = subprocess.run((TOOL,) + arguments, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def run_tool(self, model, *arguments):
        """Scores of all frames."""
        numpy.save(self.get_path("x.npy"), make_frames())
        self.call("run", model, "--frames", "-i", "x=" + self.get_path("x.npy"),
                  "-o", self.get_path("out"), *arguments)
        return numpy.load(self.get_path("out/score.npy"))

    def check_executor(self, executor):
        """Frames one after the other, some in flight."""
        scores = []
        for number, chunk in enumerate(make_frames()):
            executor.set_input("x", Dnn.Tensor(chunk))
            executor.run()
            if number >= 8:
                scores.append(executor.wait_output(-1)[0].numpy()[0, 0])
        while len(scores) < FRAMES:
            scores.append(executor.wait_output(-1)[0].numpy()[0, 0])
        executor.stop()
        numpy.testing.assert_allclose(
            scores, run_loop(make_frames()), rtol=1e-4, atol=1e-5)

    def test_model(self):
        """What names say."""
        config = Dnn.compile_model(self.model)
        self.assertEqual(config.get_inputs(), ["x"])
        self.assertEqual(config.get_n_outputs(), 3)
        self.assertEqual(
            config.get_config()["state_connection"], STATES)
        self.check_executor(GstDnn.PipelineExecutor.new(config))

    def test_files(self):
        """Written and read again."""
        config = Dnn.compile_model(self.model)
        path = config.export_library(self.get_path("compiled"))
        again = Dnn.PipelineConfig.load_library(path)
        self.assertTrue(again.equal(config))
        self.check_executor(GstDnn.PipelineExecutor.load_library(path))

    def test_by_hand(self):
        """Bindings beside the others."""
        config = Dnn.PipelineConfig()
        place = config.get_module_for_file(self.model)
        config["input"]["x"].connect(place["input"]["x"])
        for number, name in ((1, "cache"), (2, "h")):
            state = place["input"][name]
            self.assertTrue(
                place["output"][number].connect_state(state, None))
            self.assertEqual([str(end) for end in state.get_bindings()],
                             ["output %d of module 0" % number])
            self.assertIn(str(state), [
                str(end) for end in place["output"][number].get_bindings()])
        place["output"][0].connect(config["output"][0])
        self.assertIn("mod0.output(2)=> mod0.h", str(config))
        config.build()
        self.check_executor(GstDnn.PipelineExecutor.new(config))

    def test_refused(self):
        """One error each."""
        config = Dnn.PipelineConfig()
        place = config.get_module_for_file(self.model)
        other = config.append_element("identity")
        inputs, outputs = place["input"], place["output"]
        inputs = {name: inputs[name] for name in ("x", "cache", "h")}
        config["input"]["x"].connect(inputs["x"])
        outputs[2].connect_state(inputs["h"], None)
        for output, state, initial, code, text in (
                (outputs[2], "cache", None, "SHAPE",
                 "Module 0: .*state \"cache\" is 1×2×4, but output \"hn\" is "
                 "1×5"),
                (outputs[1], "h", None, "TWO_SOURCES", "is output 2 of the "
                 "frame before already"),
                (outputs[1], "x", None, "TWO_SOURCES", "bound already"),
                (outputs[1], "cache", "nothing", "UNKNOWN_NAME", "no param"),
                (outputs[1], "cache", "last", "SHAPE", "\"last\" is 5×1"),
                (other["output"][0], "cache", None, "OUTPUT_TARGET",
                 "A state leads from an output of a module to an input of the "
                 "same, not from output 0 of module 1")):
            with self.assertRaisesRegex(GLib.Error, text) as caught:
                output.connect_state(inputs[state], initial)
            self.assertTrue(caught.exception.matches(
                Dnn.error_quark(), getattr(Dnn.Error, code)))
        with self.assertRaisesRegex(GLib.Error, "\"h\" is a state, not an "
                                    "input of module 0"):
            place.get_input("h")
        with self.assertRaisesRegex(GLib.Error, "Module 1 is an element: "
                                    "input \"0\" can't be a state"):
            other["output"][0].connect_state(other["input"]["0"], None)

    def test_tool(self):
        """Frames of a file; first values that are given; steps one by one."""
        expected = run_loop(make_frames())
        scores = self.run_tool(self.model)
        self.assertEqual(scores.shape, (FRAMES, 1, 1))
        numpy.testing.assert_allclose(
            scores.ravel(), expected, rtol=1e-4, atol=1e-5)
        first = numpy.linspace(-1, 1, UNITS, dtype=numpy.float32)[None]
        numpy.save(self.get_path("h.npy"), first)
        scores = self.run_tool(self.model, "-i", "h=" + self.get_path("h.npy"),
                               "--shape", f"h=1,{UNITS}")
        numpy.testing.assert_allclose(
            scores.ravel(), run_loop(make_frames(), first), rtol=1e-4,
            atol=1e-5)
        self.assertIn("state h: hn of the frame before, first zeros",
                      self.call("inspect", self.model))

    def find_model(self, name):
        """One beside the project."""
        model = os.path.join(
            os.environ.get("DNN_SHARED", ""), "models/real", name)
        if not os.path.exists(model):
            self.skipTest("no models beside the project")
        return model

    def test_enhancement(self):
        """A minute of sound through a model that takes noise away, spectrum by
        spectrum; the numbers are those of another runtime."""
        model = self.find_model("gtcrn-simple/gtcrn_simple.onnx")
        count = 60 * 16000 // 256
        sound = make_sound(count * 256 + 512)
        window = numpy.hanning(512) ** .5
        spectra = numpy.stack([
            numpy.fft.rfft(sound[i * 256:i * 256 + 512] * window)
            for i in range(count)])
        frames = numpy.stack([spectra.real, spectra.imag], -1)
        numpy.save(self.get_path("mix.npy"),
                   frames.astype(numpy.float32).reshape(-1, 1, 257, 1, 2))
        self.call("run", model, "--frames", "-o", self.get_path("out"), "-i",
                  "mix=" + self.get_path("mix.npy"))
        found = numpy.load(self.get_path("out/enh.npy"))
        self.assertEqual(len(found), count)
        for number, expected in ENHANCED:
            total = float(numpy.abs(found[number]).sum())
            self.assertLess(abs(total / expected - 1), 1e-3)

    def test_voice(self):
        """A minute of sound through a model of voice activity; the numbers are
        those of another runtime, called frame by frame."""
        model = self.find_model("silero-vad-half/silero_vad_half.onnx")
        sound = make_sound(60 * 16000 // 512 * 512)
        numpy.save(self.get_path("sound.npy"),
                   sound.astype(numpy.float32).reshape(-1, 1, 512))
        self.call("run", model, "--frames", "-o", self.get_path("out"), "-i",
                  "input=" + self.get_path("sound.npy"))
        found = numpy.load(self.get_path("out/output.npy")).ravel()
        self.assertEqual(len(found), 1875)
        for number, expected in VOICE:
            self.assertAlmostEqual(found[number], expected, places=4)

    def test_tool_refuses(self):
        """Frames that don't fit."""
        numpy.save(self.get_path("scalar.npy"), numpy.float32(1))
        numpy.save(self.get_path("one.npy"), numpy.zeros((1, 2, 4), "f4"))
        numpy.save(self.get_path("h.npy"), numpy.zeros((2, 2), "f4"))
        numpy.save(self.get_path("x.npy"), make_frames())
        for arguments, text in (
                (["x=" + self.get_path("scalar.npy")], "has no frames"),
                (["x=" + self.get_path("one.npy")], "the model has 1×2×4"),
                (["x=" + self.get_path("x.npy"), "-i",
                  "h=" + self.get_path("h.npy")],
                 "state \"h\" is 1×5, not 2×2")):
            done = subprocess.run(
                [TOOL, "run", self.model, "--frames", "-o",
                 self.get_path("out"), "-i"] + arguments, text=True,
                check=False, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_no_states(self):
        """Inputs stay inputs."""
        folder = self.get_path("plain")
        self.call("compile", self.model, "--no-states", "-o", folder)
        with open(os.path.join(folder, "pipeline_config"),
                  encoding="utf-8") as file:
            written = json.load(file)
        self.assertNotIn("state_connection", written)
        self.assertEqual(len(written["input_connection"]), 3)
        self.assertEqual(Dnn.load_pipeline(folder, None).get_inputs(),
                         ["x", "cache", "h"])
        del written["input_connection"]
        with open(os.path.join(folder, "pipeline_config"), "w",
                  encoding="utf-8") as file:
            json.dump(written, file)
        self.assertEqual(
            Dnn.load_pipeline(folder, None).get_inputs(), ["x"])


if __name__ == "__main__":
    unittest.main()
