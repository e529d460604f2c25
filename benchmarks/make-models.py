#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Writes networks with random weights as ONNX files.

    benchmarks/make-models.py [--dynamic] DIR [NAME…]

Needs python3-numpy. Speed doesn't depend on the weights, so the networks that
everybody measures need no download: layers and sizes are those of the papers
and of the authors' exports, each in a file of networks/. Without NAME, all. --dynamic: YOLOv8n as its exporter writes it
with every dimension open, whose shapes are computed.
"""

import os
import sys

from networks.mobilenet import mobilenetv2
from networks.resnet import resnet50
from networks.squeezenet import squeezenet11
from networks.ssd import ssd_mobilenetv2_300
from networks.u2netp import u2netp
from networks.yolo import yolov8n, yolov8n_open

BUILDERS = {
    "resnet50": resnet50,
    "mobilenetv2": mobilenetv2,
    "squeezenet11": squeezenet11,
    "ssd_mobilenetv2_300": ssd_mobilenetv2_300,
    "u2netp": u2netp,
    "yolov8n_320": lambda: yolov8n(320),
    "yolov8n_640": lambda: yolov8n(640),
}
OPEN_BUILDERS = {
    "yolov8n_dynamic": yolov8n_open,
}


def main():
    arguments = [word for word in sys.argv[1:] if word != "--dynamic"]
    builders = OPEN_BUILDERS if "--dynamic" in sys.argv else BUILDERS
    if not arguments or set(arguments[1:]) - set(builders):
        sys.exit("usage: make-models.py [--dynamic] DIR [NAME…], names: " +
                 ", ".join(builders))
    os.makedirs(arguments[0], exist_ok=True)
    for name in arguments[1:] or builders:
        path = os.path.join(arguments[0], name + ".onnx")
        builders[name]().write(path)
        print(path)


if __name__ == "__main__":
    main()
