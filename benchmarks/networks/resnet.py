# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""ResNet-50 (He et al. 2015, "Deep Residual Learning"), v1.5 with the stride in
the 3×3 convolution. Input 1×3×224×224 "data", output 1×1000 "scores"."""

from networks.head import head
from onnx_writer import Model


def bottleneck(m, x, width, stride, project, name):
    y = m.relu(m.batch_norm(m.conv(x, width, 1)))
    y = m.relu(m.batch_norm(m.conv(y, width, 3, stride)))
    # a small gain keeps the sum of 16 branches in range
    y = m.batch_norm(m.conv(y, width * 4, 1), gain=0.3)
    if project:
        x = m.batch_norm(m.conv(x, width * 4, 1, stride))
    return m.relu(m.add(y, x), name)


def resnet50():
    m = Model("resnet50")
    x = m.input("data", [1, 3, 224, 224])
    x = m.relu(m.batch_norm(m.conv(x, 64, 7, 2)))
    x = m.keep(m.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2],
                      pads=[1, 1, 1, 1]), x)
    for stage, (width, n) in enumerate([(64, 3), (128, 4), (256, 6),
                                        (512, 3)]):
        for i in range(n):
            x = bottleneck(m, x, width, 2 if i == 0 and stage > 0 else 1,
                           i == 0, f"block{stage + 1}_{i + 1}")
    return head(m, x)
