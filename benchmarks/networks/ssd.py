# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""SSD (Liu et al. 2015) on MobileNetV2, 300×300: six maps, whole 3×3
convolutions as heads, six anchors a cell. Input 1×3×300×300 "data", outputs
"boxes" 1×N×4 and "scores" 1×N×91."""

from networks.mobilenet import STAGES, inverted_residual
from onnx_writer import Model

N_ANCHORS, N_CLASSES = 6, 91
# channels of 1×1, then of 3×3 with stride 2
EXTRAS = [(256, 512), (128, 256), (128, 256), (64, 128)]
SIZES = [19, 10, 5, 3, 2, 1]


def make_maps(m):
    """The picture → six feature maps, 19×19 to 1×1."""
    x = m.input("data", [1, 3, 300, 300])
    x = m.relu6(m.batch_norm(m.conv(x, 32, 3, 2)))
    maps, block = [], 0
    for expansion, width, n, stride in STAGES:
        for i in range(n):
            block += 1
            x = inverted_residual(m, x, width, stride if i == 0 else 1,
                                  expansion, f"block{block}")
        if width == 96:  # the last one of 19×19
            maps.append(m.relu6(m.batch_norm(m.conv(x, 576, 1))))
    x = m.relu6(m.batch_norm(m.conv(x, 1280, 1)))
    maps.append(x)
    for narrow, wide in EXTRAS:
        x = m.relu6(m.batch_norm(m.conv(x, narrow, 1)))
        x = m.relu6(m.batch_norm(m.conv(x, wide, 3, 2)))
        maps.append(x)
    return maps


def predict(m, x, size, width):
    """3×3 convolution → 1 × anchors × width."""
    y = m.conv(x, N_ANCHORS * width, 3, bias=True)
    y = m.node("Transpose", [y], perm=[0, 2, 3, 1])
    return m.reshape(y, [1, size * size * N_ANCHORS, width])


def ssd_mobilenetv2_300():
    m = Model("ssd_mobilenetv2_300")
    maps = make_maps(m)
    n = sum(size * size for size in SIZES) * N_ANCHORS
    m.node("Concat", [predict(m, x, size, 4)
                      for x, size in zip(maps, SIZES)], "boxes", axis=1)
    scores = m.node("Concat", [predict(m, x, size, N_CLASSES)
                               for x, size in zip(maps, SIZES)], axis=1)
    m.node("Softmax", [scores], "scores", axis=-1)
    m.output("boxes", [1, n, 4])
    m.output("scores", [1, n, N_CLASSES])
    return m
