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


def main(path, cut, folder):
    """Prints the pipeline and the range of each frame's outputs."""
    # Split the network at a tensor.
    split = Dnn.compile_model(path, [cut], None, None)
    mod0, mod1 = (split.get_module_at(idx).get_module() for idx in range(2))
    name = mod0.get_input_name(0)

    # Say what is bound to what; modules spring into being when named.
    config = Dnn.PipelineConfig()
    config["input"]["data"].connect(config[mod0]["input"][name])
    config[mod0]["output"][0].connect(
        config[mod1]["input"][mod1.get_input_name(0)])
    config[mod1]["output"][0].connect(config["output"]["0"])
    config[mod0].threads = config[mod1].threads = 1
    print(config)

    # Build, write, load.
    config_path = Dnn.build(config).export_library(folder)
    executor = GstDnn.PipelineExecutor.load_library(config_path)

    # run () doesn't wait: both modules are busy with different frames.
    shape = mod0.get_input_shape(0)
    random = numpy.random.default_rng(1)
    n_frames = 5
    for _ in range(n_frames):
        frame = random.random(shape.dims[:shape.rank], numpy.float32)
        executor.set_input("data", frame)
        executor.run()
    for idx in range(n_frames):
        output = executor.get_output(timeout=60)[0].numpy()
        print("frame %d: %s, %.3f to %.3f"
              % (idx, "×".join(map(str, output.shape)), output.min(),
                 output.max()))
    executor.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
