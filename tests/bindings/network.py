# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The network of the tests: two inputs, cut at two named tensors into three
modules, of which the first feeds both others."""

import os

import numpy
import onnx_writer

SHAPE = (3, 3)
CUTS = ["data_n_0", "data_n_1"]


def write_network(path):
    """((x + 1) and (x - 2) halves joined) + 2 | + 2 + second + 3 | · 3 + …"""
    constants = {name: numpy.full(SHAPE, value, numpy.float32)
                 for name, value in (("mv1", 1), ("mv2", 2), ("mv3", 3))}
    constants["customised"] = numpy.full(SHAPE, 2, numpy.float32)
    onnx_writer.write(
        path, {"data_0": SHAPE, "data_1": SHAPE}, [
            ("Add", ["data_0", "mv1"], ["net1_output1"], {}),
            ("Sub", ["data_0", "mv2"], ["data_n_2"], {}),
            ("Concat", ["net1_output1", "data_n_2"], ["joined"], {"axis": 0}),
            ("Split", ["joined"], ["half", "other_half"], {"axis": 0}),
            ("Add", ["half", "customised"], ["data_n_0"], {}),
            ("Add", ["data_n_0", "mv2"], ["net2_0"], {}),
            ("Add", ["net2_0", "data_1"], ["net2_1"], {}),
            ("Add", ["net2_1", "mv3"], ["data_n_1"], {}),
            ("Mul", ["data_n_1", "mv3"], ["net3"], {}),
            ("Add", ["net3", "data_n_2"], ["result"], {}),
        ], constants, {"result": SHAPE})


def load_modules(dnn, folder):
    """The three of them, as Dnn.Module."""
    model = os.path.join(folder, "network.onnx")
    write_network(model)
    split = dnn.compile_model(model, CUTS)
    return [split.get_module_at(idx).get_module() for idx in range(3)]


def get_cpu():
    """The first one that this process may use."""
    return str(min(os.sched_getaffinity(0)))
