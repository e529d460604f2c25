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


def make_maps(m, shape):
    """The picture → three maps of 1/8, 1/16 and 1/32 of its size."""
    x = convolve(m, m.input("images", shape), 16, 3, 2)
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
    maps = [predict(m, x, c) for x, c in zip(make_maps(m, [1, 3, size, size]), cells)]
    whole = m.node("Concat", maps, axis=2)
    box, kind = m.split(whole, [4 * N_BINS, N_CLASSES])
    box = decode_boxes(m, box, size, n)
    kind = m.node("Sigmoid", [kind])
    m.node("Concat", [box, kind], "output0", axis=1)
    m.output("output0", [1, 4 + N_CLASSES, n])
    return m


# ---- every dimension open: shapes are computed, as exporters write it --------


def integers(m, *values):
    """A list of one dimension, once."""
    name = "int_" + "_".join(str(v) for v in values).replace("-", "m")
    if name not in m.known:
        m.known.add(name)
        m.param(name, np.array(values, np.int64))
    return name


def integer(m, value):
    """A scalar, once."""
    name = "scalar_" + str(value).replace("-", "m")
    if name not in m.known:
        m.known.add(name)
        m.param(name, np.array(value, np.int64))
    return name


def read_dim(m, x, axis):
    return m.node("Gather", [m.node("Shape", [x]), integer(m, axis)], axis=0)


def join_dims(m, *dims):
    """Scalars and numbers → a shape."""
    parts = [integers(m, d) if isinstance(d, int)
             else m.node("Unsqueeze", [d, integers(m, 0)]) for d in dims]
    return m.node("Concat", parts, axis=0)


def expand(m, x, shape):
    """torch.expand: -1 would be the dimension that is there."""
    ones = m.node("ConstantOfShape", [m.node("Shape", [shape])],
                  value=np.array([1], np.int64))
    wild = m.node("Equal", [shape, m.node("Mul", [ones, integer(m, -1)])])
    return m.node("Expand", [x, m.node("Where", [wild, ones, shape])])


def count_cells(m, n):
    """0.5, 1.5, … of a scalar."""
    steps = m.node("Range", [integer(m, 0), n, integer(m, 1)])
    return m.node("Add", [m.node("Cast", [steps], to=1), "half"])


def open_anchors(m, maps):
    """make_anchors() of maps whose sizes are known when they run."""
    points, strides = [], []
    for x, stride in zip(maps, (8, 16, 32)):
        high, wide = read_dim(m, x, 2), read_dim(m, x, 3)
        shape = join_dims(m, high, wide)
        line = m.node("Reshape", [count_cells(m, wide), integers(m, 1, -1)])
        column = m.node("Reshape", [count_cells(m, high), integers(m, -1, 1)])
        flat = [m.node("Reshape", [expand(m, part, shape),
                                   integers(m, 1, 1, -1)])
                for part in (line, column)]
        points.append(m.node("Concat", flat, axis=1))
        m.param(f"stride{stride}", np.array([[[stride]]], np.float32))
        cells = m.node("Mul", [high, wide])
        strides.append(expand(m, f"stride{stride}",
                              join_dims(m, 1, 1, cells)))
    return (m.node("Concat", points, axis=2),
            m.node("Concat", strides, axis=2))


def open_head(m, x, batch):
    """predict() of a map of any size."""
    box = convolve(m, convolve(m, x, 64, 3), 64, 3)
    box = m.conv(box, 4 * N_BINS, 1, bias=True)
    kind = convolve(m, convolve(m, x, 80, 3), 80, 3)
    kind = m.conv(kind, N_CLASSES, 1, bias=True)
    shape = join_dims(m, batch, 4 * N_BINS + N_CLASSES, -1)
    return m.node("Reshape", [m.concat([box, kind]), shape])


def open_boxes(m, box, maps, batch):
    """decode_boxes() of any number of cells."""
    points, strides = open_anchors(m, maps)
    box = m.node("Reshape", [box, join_dims(m, batch, 4, N_BINS, -1)])
    box = m.node("Transpose", [box], perm=[0, 2, 1, 3])
    box = m.node("Softmax", [box], axis=1)
    m.channels[box] = N_BINS
    m.param("bins", np.arange(N_BINS, dtype=np.float32).reshape(
        1, N_BINS, 1, 1))
    box = m.node("Conv", [box, "bins"], kernel_shape=[1, 1], group=1,
                 strides=[1, 1], pads=[0] * 4, dilations=[1, 1])
    box = m.node("Reshape", [box, join_dims(m, batch, 4, -1)])
    before, behind = m.split(box, [2, 2])
    low = m.node("Sub", [points, before])
    high = m.node("Add", [points, behind])
    centre = m.node("Mul", [m.node("Add", [low, high]), "half"])
    both = m.node("Concat", [centre, m.node("Sub", [high, low])], axis=1)
    return m.node("Mul", [both, strides])


def yolov8n_open():
    m = Model("yolov8n_dynamic")
    m.param("half", np.array(0.5, np.float32))
    maps = make_maps(m, ["batch", 3, "height", "width"])
    batch = read_dim(m, maps[0], 0)
    heads = [open_head(m, x, batch) for x in maps]
    box, kind = m.split(m.node("Concat", heads, axis=2),
                        [4 * N_BINS, N_CLASSES])
    box = open_boxes(m, box, maps, batch)
    kind = m.node("Sigmoid", [kind])
    m.node("Concat", [box, kind], "output0", axis=1)
    m.output("output0", ["batch", 4 + N_CLASSES, "anchors"])
    return m
