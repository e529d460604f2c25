# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""OpenCV's DNN module, CPU."""

import cv2
from server import serve


def load(path, threads, name, frame):
    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(path)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    names = net.getUnconnectedOutLayersNames()

    def run():
        net.setInput(frame)
        return net.forward(names)

    return run


serve(cv2.__version__, load)
