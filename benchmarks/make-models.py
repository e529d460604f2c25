#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Writes ResNet-50 and MobileNetV2 with random weights as ONNX files.

    benchmarks/make-models.py DIR

Needs python3-numpy. Speed doesn't depend on the weights, so the networks that
everybody measures need no download: layers and sizes are those of the papers
(He et al. 2015, "Deep Residual Learning", v1.5 with the stride in the 3×3
convolution; Sandler et al. 2018, "MobileNetV2"). Input 1×3×224×224 "data",
output 1×1000 "scores".
"""

import os
import sys

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
    for expansion, width, n, stride in [
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
            (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(n):
            block += 1
            x = inverted_residual(m, x, width, stride if i == 0 else 1,
                                  expansion, f"block{block}")
    x = m.relu6(m.batch_norm(m.conv(x, 1280, 1)))
    return head(m, x)


def head(m, x):
    x = m.keep(m.node("GlobalAveragePool", [x]), x)
    x = m.keep(m.node("Flatten", [x], axis=1), x)
    x = m.dense(x, 1000, "logits")
    m.node("Softmax", [x], "scores", axis=-1)
    m.output("scores", [1, 1000])
    return m


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make-models.py DIR")
    os.makedirs(sys.argv[1], exist_ok=True)
    for build in (resnet50, mobilenetv2):
        path = os.path.join(sys.argv[1], build.__name__ + ".onnx")
        build().write(path)
        print(path)


if __name__ == "__main__":
    main()
