# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""A small streaming network: a convolution over the last chunk and this one, a
recurrent cell, a score; as a model, and as a loop of NumPy."""

import numpy
import onnx_writer

CHANNELS, LENGTH, UNITS = 2, 4, 5
CHUNK = (1, CHANNELS, LENGTH)
FRAMES = 40


def make_constants():
    """The weights."""
    random = numpy.random.RandomState(7)
    shapes = {"kernel": (3, CHANNELS, LENGTH + 1), "in_gate": (12, UNITS),
              "in_cell": (12, UNITS), "gate": (UNITS, UNITS),
              "cell": (UNITS, UNITS), "last": (UNITS, 1), "one": (1, 1)}
    constants = {name: random.uniform(-.5, .5, shape).astype(numpy.float32)
                 for name, shape in shapes.items()}
    constants["one"][:] = 1
    return constants


def write_model(path):
    """Inputs x, cache, h; outputs score, cache_out, hn."""
    onnx_writer.write(
        path, {"x": CHUNK, "cache": CHUNK, "h": (1, UNITS)}, [
            ("Concat", ["cache", "x"], ["joined"], {"axis": 2}),
            ("Conv", ["joined", "kernel"], ["features"], {}),
            ("Relu", ["features"], ["active"], {}),
            ("Flatten", ["active"], ["flat"], {"axis": 1}),
            ("MatMul", ["flat", "in_gate"], ["gate_of_x"], {}),
            ("MatMul", ["h", "gate"], ["gate_of_h"], {}),
            ("Add", ["gate_of_x", "gate_of_h"], ["gates"], {}),
            ("Sigmoid", ["gates"], ["z"], {}),
            ("MatMul", ["flat", "in_cell"], ["cell_of_x"], {}),
            ("MatMul", ["h", "cell"], ["cell_of_h"], {}),
            ("Add", ["cell_of_x", "cell_of_h"], ["cells"], {}),
            ("Tanh", ["cells"], ["n"], {}),
            ("Sub", ["one", "z"], ["kept"], {}),
            ("Mul", ["kept", "n"], ["new"], {}),
            ("Mul", ["z", "h"], ["old"], {}),
            ("Add", ["new", "old"], ["hn"], {}),
            ("MatMul", ["hn", "last"], ["score"], {}),
            ("Identity", ["x"], ["cache_out"], {}),
        ], make_constants(),
        {"score": (1, 1), "cache_out": CHUNK, "hn": (1, UNITS)})


def make_frames():
    """Chunks of noise."""
    random = numpy.random.RandomState(3)
    return random.normal(0, 1, (FRAMES,) + CHUNK).astype(numpy.float32)


def run_loop(frames, state=None):
    """The score of each frame."""
    weights = make_constants()
    cache = numpy.zeros(CHUNK, numpy.float32)
    state = numpy.zeros((1, UNITS)) if state is None else state
    scores = []
    for chunk in frames:
        joined = numpy.concatenate([cache, chunk], 2)
        windows = numpy.stack([joined[0, :, i:i + LENGTH + 1]
                               for i in range(LENGTH)])
        features = numpy.einsum("ick,fck->fi", windows, weights["kernel"])
        flat = numpy.maximum(features, 0).reshape(1, -1)
        gate = 1 / (1 + numpy.exp(-(flat @ weights["in_gate"]
                                    + state @ weights["gate"])))
        cell = numpy.tanh(flat @ weights["in_cell"] + state @ weights["cell"])
        state = (1 - gate) * cell + gate * state
        cache = chunk
        scores.append((state @ weights["last"])[0, 0])
    return numpy.array(scores)
