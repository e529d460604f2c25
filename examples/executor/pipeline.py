#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""A model, cut into two modules that work on successive frames at the same
time: pipeline.py MODEL.onnx TENSOR FOLDER. The steps are those of the tutorial
of TVM's pipeline executor."""

import sys

import gi
import numpy

gi.require_version("Dnn", "1.0")
gi.require_version("GstDnn", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import Dnn, GstDnn  # noqa: E402

N_FRAMES = 5


def build(place, module):
    """A build function of one's own: quantise, compile elsewhere, …"""
    print("module %d is built" % place.mod_idx)
    return Dnn.compile_module(module)


def run_serial(mod0, mod1, frame):
    """Each module by itself, one after the other."""
    for module in (mod0, mod1):
        executor = GstDnn.PipelineExecutor(module)
        executor.set_input(module.get_input_name(0), frame)
        executor.run()
        frame = executor.get_output()[0]
    return frame.numpy()


def main(path, cut, folder):
    """Prints the pipeline and the range of each frame's outputs."""
    # Split the network at a tensor.
    split = Dnn.compile_model(path, [cut])
    mod0, mod1 = (split.get_module_at(idx).get_module() for idx in range(2))

    # Say how each module is to be built. It springs into being when named.
    config = Dnn.PipelineConfig()
    config[mod0].target = "llvm"
    config[mod0].dev = "cpu"
    config[mod1].build_func = build
    config[mod0].threads = config[mod1].threads = 1

    # Say what is bound to what.
    config["input"]["data"].connect(config[mod0]["input"]["image"])
    config[mod0]["output"][0].connect(config[mod1]["input"][cut])
    config[mod1]["output"][0].connect(config["output"][0])
    print(config)

    # Build, write, load.
    config_path = Dnn.build(config).export_library(folder)
    executor = GstDnn.PipelineExecutor.load_library(config_path)

    # run () doesn't wait: both modules are busy with different frames.
    shape = tuple(mod0.get_input_shape(0))
    random = numpy.random.default_rng(1)
    frames = [random.random(shape, numpy.float32) for _ in range(N_FRAMES)]
    for frame in frames:
        executor.set_input("data", frame)
        executor.run()
    for idx, frame in enumerate(frames):
        output = executor.get_output()[0].numpy()
        numpy.testing.assert_allclose(
            output, run_serial(mod0, mod1, frame), rtol=1e-5, atol=1e-5)
        print("frame %d: %.3f to %.3f" % (idx, output.min(), output.max()))


if __name__ == "__main__":
    main(*sys.argv[1:])
