# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""ONNX Runtime, CPU, all optimisations, a pool of THREADS."""

import sys

sys.path.append(sys.path.pop(0))  # the package, not this file

import onnxruntime as ort  # noqa: E402
from server import serve  # noqa: E402


def load(path, threads, name, frame):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(path, options,
                                   providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {name: frame})


serve(ort.__version__, load)
