# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""SqueezeNet 1.1 (Iandola et al. 2016). Input 1×3×224×224 "data", output 1×1000
"scores"."""

from onnx_writer import Model


def convolve(m, x, filters, kernel, stride=1, pad=0):
    return m.relu(m.conv(x, filters, kernel, stride, pad=pad, bias=True))


def fire(m, x, squeeze, expand):
    x = convolve(m, x, squeeze, 1)
    return m.concat([convolve(m, x, expand, 1),
                     convolve(m, x, expand, 3, pad=1)])


def squeezenet11():
    m = Model("squeezenet11")
    x = convolve(m, m.input("data", [1, 3, 224, 224]), 64, 3, 2)
    for group in [[(16, 64), (16, 64)], [(32, 128), (32, 128)],
                  [(48, 192), (48, 192), (64, 256), (64, 256)]]:
        x = m.pool("MaxPool", x, 3, 2, ceil_mode=1)
        for squeeze, expand in group:
            x = fire(m, x, squeeze, expand)
    x = convolve(m, x, 1000, 1)
    x = m.keep(m.node("GlobalAveragePool", [x]), x)
    x = m.node("Flatten", [x], axis=1)
    m.node("Softmax", [x], "scores", axis=-1)
    m.output("scores", [1, 1000])
    return m
