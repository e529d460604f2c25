# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""MobileNetV2 (Sandler et al. 2018). Input 1×3×224×224 "data", output 1×1000
"scores"."""

from networks.head import head
from onnx_writer import Model

# expansion, channels, blocks, stride of the first one
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
          (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def inverted_residual(m, x, width, stride, expansion, name):
    y, depth = x, m.channels[x]
    if expansion > 1:
        y = m.relu6(m.batch_norm(m.conv(y, depth * expansion, 1)))
    y = m.relu6(m.batch_norm(
        m.conv(y, depth * expansion, 3, stride, groups=depth * expansion)))
    y = m.batch_norm(m.conv(y, width, 1))
    if stride == 1 and depth == width:
        return m.add(x, y, name)
    return m.keep(m.node("Identity", [y], name), y)


def mobilenetv2():
    m = Model("mobilenetv2")
    x = m.input("data", [1, 3, 224, 224])
    x = m.relu6(m.batch_norm(m.conv(x, 32, 3, 2)))
    block = 0
    for expansion, width, n, stride in STAGES:
        for i in range(n):
            block += 1
            x = inverted_residual(m, x, width, stride if i == 0 else 1,
                                  expansion, f"block{block}")
    x = m.relu6(m.batch_norm(m.conv(x, 1280, 1)))
    return head(m, x)
