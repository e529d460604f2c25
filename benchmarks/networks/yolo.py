# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""YOLOv8n as its authors export it: C2f blocks, SPPF, three maps, DFL, boxes in
pixels. Input 1×3×S×S "images", output 1×84×N "output0"."""

import numpy as np

from onnx_writer import Model

N_CLASSES, N_BINS = 80, 16


def convolve(m, x, filters, kernel=1, stride=1):
    return m.silu(m.conv(x, filters, kernel, stride, bias=True))


def c2f(m, x, width, n, shortcut):
    parts = m.split(convolve(m, x, width), [width // 2] * 2)
    for _ in range(n):
        y = convolve(m, parts[-1], width // 2, 3)
        y = convolve(m, y, width // 2, 3)
        parts.append(m.add(parts[-1], y) if shortcut else y)
    return convolve(m, m.concat(parts), width)


def sppf(m, x, width):
    parts = [convolve(m, x, width // 2)]
    for _ in range(3):
        parts.append(m.pool("MaxPool", parts[-1], 5, 1, 2))
    return convolve(m, m.concat(parts), width)


def upsample(m, x):
    scales = "scales"
    if scales not in m.known:
        m.known.add(scales)
        m.param(scales, np.array([1, 1, 2, 2], np.float32))
    return m.keep(m.node(
        "Resize", [x, "", scales], mode="nearest", nearest_mode="floor",
        coordinate_transformation_mode="asymmetric"), x)


def make_maps(m, size):
    """The picture → three maps of 1/8, 1/16 and 1/32 of its size."""
    x = convolve(m, m.input("images", [1, 3, size, size]), 16, 3, 2)
    x = c2f(m, convolve(m, x, 32, 3, 2), 32, 1, True)
    p3 = c2f(m, convolve(m, x, 64, 3, 2), 64, 2, True)
    p4 = c2f(m, convolve(m, p3, 128, 3, 2), 128, 2, True)
    p5 = c2f(m, convolve(m, p4, 256, 3, 2), 256, 1, True)
    p5 = sppf(m, p5, 256)
    p4 = c2f(m, m.concat([upsample(m, p5), p4]), 128, 1, False)
    p3 = c2f(m, m.concat([upsample(m, p4), p3]), 64, 1, False)
    n4 = c2f(m, m.concat([convolve(m, p3, 64, 3, 2), p4]), 128, 1, False)
    n5 = c2f(m, m.concat([convolve(m, n4, 128, 3, 2), p5]), 256, 1, False)
    return [p3, n4, n5]


def predict(m, x, cells):
    """A map → 1 × (4 · bins + classes) × cells."""
    box = convolve(m, convolve(m, x, 64, 3), 64, 3)
    box = m.conv(box, 4 * N_BINS, 1, bias=True)
    kind = convolve(m, convolve(m, x, 80, 3), 80, 3)
    kind = m.conv(kind, N_CLASSES, 1, bias=True)
    return m.reshape(m.concat([box, kind]),
                     [1, 4 * N_BINS + N_CLASSES, cells])


def make_anchors(size):
    """Centres of all cells, and pixels a cell."""
    points, strides = [], []
    for stride in (8, 16, 32):
        n = size // stride
        at = np.arange(n, dtype=np.float32) + 0.5
        y, x = np.meshgrid(at, at, indexing="ij")
        points.append(np.stack([x.ravel(), y.ravel()]))
        strides.append(np.full(n * n, stride, np.float32))
    return np.concatenate(points, 1)[None], np.concatenate(strides)[None]


def decode_boxes(m, box, size, n):
    """Bins → centre, width and height in pixels."""
    points, strides = make_anchors(size)
    m.param("anchors", points)
    m.param("strides", strides)
    m.param("half", np.array(0.5, np.float32))
    box = m.reshape(box, [1, 4, N_BINS, n])
    box = m.node("Transpose", [box], perm=[0, 2, 1, 3])
    box = m.node("Softmax", [box], axis=1)
    m.channels[box] = N_BINS
    m.param("bins", np.arange(N_BINS, dtype=np.float32).reshape(
        1, N_BINS, 1, 1))
    box = m.node("Conv", [box, "bins"], kernel_shape=[1, 1], group=1,
                 strides=[1, 1], pads=[0] * 4, dilations=[1, 1])
    box = m.reshape(box, [1, 4, n])
    before, behind = m.split(box, [2, 2])
    low = m.node("Sub", ["anchors", before])
    high = m.node("Add", ["anchors", behind])
    centre = m.node("Mul", [m.node("Add", [low, high]), "half"])
    extent = m.node("Sub", [high, low])
    both = m.node("Concat", [centre, extent], axis=1)
    return m.node("Mul", [both, "strides"])


def yolov8n(size):
    m = Model(f"yolov8n_{size}")
    cells = [(size // stride) ** 2 for stride in (8, 16, 32)]
    n = sum(cells)
    maps = [predict(m, x, c) for x, c in zip(make_maps(m, size), cells)]
    whole = m.node("Concat", maps, axis=2)
    box, kind = m.split(whole, [4 * N_BINS, N_CLASSES])
    box = decode_boxes(m, box, size, n)
    kind = m.node("Sigmoid", [kind])
    m.node("Concat", [box, kind], "output0", axis=1)
    m.output("output0", [1, 4 + N_CLASSES, n])
    return m
