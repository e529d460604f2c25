# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""U²-Net, the small one (Qin et al. 2020): nested U-shaped blocks, dilated
convolutions, bilinear upsampling. Input 1×3×320×320 "image", output 1×1×320×320
"mask"."""

import numpy as np

from onnx_writer import Model

MIDDLE, WIDTH = 16, 64


def convolve(m, x, filters, dilation=1):
    return m.relu(m.conv(x, filters, 3, pad=dilation, bias=True,
                         dilation=dilation))


def shrink(m, x):
    return m.pool("MaxPool", x, 2, 2, ceil_mode=1)


def enlarge(m, x, factor=2):
    scales = f"scales.{factor}"
    if scales not in m.known:
        m.known.add(scales)
        m.param(scales, np.array([1, 1, factor, factor], np.float32))
    return m.keep(m.node("Resize", [x, "", scales], mode="linear",
                         coordinate_transformation_mode="half_pixel"), x)


def block(m, x, depth):
    """A U of @depth levels inside of a residual connection."""
    x = convolve(m, x, WIDTH)
    levels = [convolve(m, x, MIDDLE)]
    for _ in range(depth - 2):
        levels.append(convolve(m, shrink(m, levels[-1]), MIDDLE))
    y = convolve(m, levels[-1], MIDDLE, 2)
    for level in reversed(levels):
        last = level is levels[0]
        y = convolve(m, m.concat([y, level]), WIDTH if last else MIDDLE)
        if not last:
            y = enlarge(m, y)
    return m.add(y, x)


def flat_block(m, x):
    """The same without pooling: dilations of 1, 2, 4, 8."""
    x = convolve(m, x, WIDTH)
    levels = [convolve(m, x, MIDDLE)]
    for dilation in (2, 4):
        levels.append(convolve(m, levels[-1], MIDDLE, dilation))
    y = convolve(m, levels[-1], MIDDLE, 8)
    for level, dilation in zip(reversed(levels), (4, 2, 1)):
        y = convolve(m, m.concat([y, level]),
                     WIDTH if dilation == 1 else MIDDLE, dilation)
    return m.add(y, x)


def u2netp():
    m = Model("u2netp")
    x = m.input("image", [1, 3, 320, 320])
    levels = []
    for depth in (7, 6, 5, 4):
        levels.append(block(m, x, depth))
        x = shrink(m, levels[-1])
    levels.append(flat_block(m, x))
    y = flat_block(m, shrink(m, levels[-1]))
    maps = [y]
    for level, depth in zip(reversed(levels), (0, 4, 5, 6, 7)):
        y = m.concat([enlarge(m, y), level])
        y = block(m, y, depth) if depth else flat_block(m, y)
        maps.append(y)
    sides = [m.conv(y, 1, 3, bias=True) for y in reversed(maps)]
    sides = [sides[0]] + [enlarge(m, side, 2 ** i)
                          for i, side in enumerate(sides) if i]
    x = m.conv(m.concat(sides), 1, 1, bias=True)
    m.node("Sigmoid", [x], "mask")
    m.output("mask", [1, 1, 320, 320])
    return m
