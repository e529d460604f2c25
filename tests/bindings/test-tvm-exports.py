#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Pipelines that TVM has exported → the executor gives TVM's outputs, with
their own params and with those of a group. Skipped where there are none."""

import glob
import os
import sys
import unittest

try:
    import gi
    import numpy
except ImportError as reason:
    print("skipped:", reason)
    sys.exit(77)

gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import GstDnn  # noqa: E402

FOLDER = os.path.join(os.environ["DNN_SHARED"], "tvm")
TOLERANCE = 1e-4  # of the expected values' range


def load(*parts):
    """An array of a NumPy file."""
    return numpy.load(os.path.join(FOLDER, *parts))


class ExportTest(unittest.TestCase):
    """One folder a test."""

    def check(self, executor, folder, expected):
        """All frames at once, then their outputs; @expected: a file each."""
        inputs = {os.path.basename(path)[len("input-"):-len(".npy")]:
                  numpy.load(path) for path in
                  glob.glob(os.path.join(FOLDER, folder, "input-*.npy"))}
        self.assertEqual(executor.num_inputs, len(inputs))
        self.assertEqual(executor.num_outputs, len(expected))
        n_frames = len(next(iter(inputs.values())))
        for frame in range(n_frames):
            for name, data in inputs.items():
                executor.set_input(name, data[frame])
            executor.run()
        for frame in range(n_frames):
            outputs = executor.get_output(timeout=60)
            for tensor, name in zip(outputs, expected):
                wanted = load(folder, name)[frame]
                numpy.testing.assert_allclose(
                    tensor.numpy().reshape(wanted.shape), wanted, rtol=0,
                    atol=TOLERANCE * numpy.ptp(wanted))

    def load_executor(self, folder):
        """Of TVM's `config`."""
        return GstDnn.PipelineExecutor.load_library(
            os.path.join(FOLDER, folder, "config"))

    def test_packed_functions(self):
        """TVM 0.9; then with the params of param_0."""
        executor = self.load_executor("v0.9")
        self.check(executor, "v0.9", ["output-0.npy"])
        params = {os.path.basename(path)[:-len(".npy")]: numpy.load(path)
                  for path in glob.glob(os.path.join(FOLDER, "v0.9/param_0/*"))}
        self.assertTrue(params)
        executor.set_params("param_0", params)
        self.check(executor, "v0.9", ["param_0-output-0.npy"])

    def test_tvm_ffi(self):
        """Today's TVM."""
        names = [os.path.basename(path) for path in sorted(
            glob.glob(os.path.join(FOLDER, "current/output-*.npy")))]
        self.assertTrue(names)
        self.check(self.load_executor("current"), "current", names)


if __name__ == "__main__":
    if not os.path.isdir(FOLDER):
        print("skipped: there is no %s" % FOLDER)
        sys.exit(77)
    unittest.main(verbosity=2)
