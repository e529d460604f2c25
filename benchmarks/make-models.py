#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Writes networks with random weights as ONNX files.

    benchmarks/make-models.py DIR [NAME…]

Needs python3-numpy. Speed doesn't depend on the weights, so the networks that
everybody measures need no download: layers and sizes are those of the papers
and of the authors' exports, each in a file of networks/. Without NAME, all.
"""

import os
import sys

from networks.mobilenet import mobilenetv2
from networks.resnet import resnet50
from networks.squeezenet import squeezenet11
from networks.ssd import ssd_mobilenetv2_300
from networks.u2netp import u2netp
from networks.yolo import yolov8n

BUILDERS = {
    "resnet50": resnet50,
    "mobilenetv2": mobilenetv2,
    "squeezenet11": squeezenet11,
    "ssd_mobilenetv2_300": ssd_mobilenetv2_300,
    "u2netp": u2netp,
    "yolov8n_320": lambda: yolov8n(320),
    "yolov8n_640": lambda: yolov8n(640),
}


def main():
    unknown = set(sys.argv[2:]) - set(BUILDERS)
    if len(sys.argv) < 2 or unknown:
        sys.exit("usage: make-models.py DIR [NAME…], names: " +
                 ", ".join(BUILDERS))
    os.makedirs(sys.argv[1], exist_ok=True)
    for name in sys.argv[2:] or BUILDERS:
        path = os.path.join(sys.argv[1], name + ".onnx")
        BUILDERS[name]().write(path)
        print(path)


if __name__ == "__main__":
    main()
