# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""OpenVINO, CPU, latency hint, float32, THREADS."""

import sys

sys.path.append(sys.path.pop(0))  # the package, not this file

import openvino as ov  # noqa: E402
from server import serve  # noqa: E402


def load(path, threads, name, frame):
    model = ov.Core().read_model(path)
    model.reshape({name: list(frame.shape)})
    compiled = ov.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.set_tensor(name, ov.Tensor(frame))
    return request.infer


serve(ov.__version__.split("-")[0], load)
