# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""One contender in a process of its own: says when it is ready, then runs as
many frames as each line of its input asks for.

    python3 contenders/NAME.py MODEL.onnx THREADS NAME=1,3,224,224

Out: {"version": …, "load-ms": …}, where loading ends with the first result;
then for each number {"ms": […], "peak-mb": …}. gst-dnn bench --child=serve
speaks the same.
"""

import json
import resource
import sys
import time

import numpy as np


def make_input(shape):
    """Numbers from 0 to 1, as pictures have."""
    return np.random.default_rng(1).random(shape, dtype=np.float32)


def say(**words):
    print(json.dumps(words), flush=True)


def time_frame(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def serve(version, load):
    """@load (path, threads, name, frame) → a function that runs one frame."""
    name, shape = sys.argv[3].rsplit("=", 1)
    frame = make_input([int(n) for n in shape.split(",")])
    start = time.perf_counter()
    run = load(sys.argv[1], int(sys.argv[2]), name, frame)
    run()
    say(**{"version": version, "load-ms": (time.perf_counter() - start) * 1e3})
    for line in sys.stdin:
        times = [time_frame(run) for _ in range(int(line))]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        say(**{"ms": times, "peak-mb": peak * 1024 / 1e6})
