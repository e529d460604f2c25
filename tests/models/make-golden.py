#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""What ONNX Runtime gives for the models in ../shared/models/real, as a few
numbers of each output: golden.json. Needs numpy and onnxruntime; run by hand
when models are added.

make-golden.py FOLDER > golden.json
"""

import json
import os
import re
import sys

import numpy as np
import onnxruntime

import numbers_of

TYPES = {"float": "float32", "float16": "float16", "double": "float64",
         "int64": "int64", "int32": "int32", "uint8": "uint8", "bool": "bool"}
SAMPLES = 12


def read_list(folder):
    """The lines of compare.py: folder | file | inputs."""
    with open(os.path.join(folder, "compare.py"), encoding="utf-8") as file:
        text = re.search('MODELS = """\n(.*?)"""', file.read(), re.S).group(1)
    for line in text.strip().splitlines():
        yield ([part.strip() for part in line.split(" | ")] + [""])[:3]


def describe_input(info, wanted):
    """One input: name, type, shape, and what its numbers are."""
    shape = [d if isinstance(d, int) and d > 0 else 1 for d in info.shape]
    result = {"name": info.name, "type": TYPES[info.type[7:-1]],
              "open": shape != info.shape}
    if wanted.startswith("@"):
        return dict(result, shape=[], scalar=float(wanted[1:]))
    wanted, _, limits = wanted.partition(":")
    wanted, _, scale = wanted.partition("*")
    if wanted:
        shape = [int(d) for d in wanted.split("x")]
    result["shape"] = shape
    if limits:
        result["range"] = [int(n) for n in limits.split("-")]
    elif not result["type"].startswith("float"):
        result["range"] = [0, 16]
    if scale:
        result["scale"] = float(scale)
    return result


def describe_output(array):
    flat = array.astype("float64").ravel()
    places = np.linspace(0, flat.size - 1, min(SAMPLES, flat.size)).astype(int)
    return {"shape": list(array.shape), "type": str(array.dtype),
            "range": float(np.ptp(flat)), "mean": float(np.abs(flat).mean()),
            "samples": [[int(p), float(f"{flat[p]:.7g}")] for p in places]}


def describe_model(folder, name, file, inputs):
    session = onnxruntime.InferenceSession(os.path.join(folder, name, file))
    wanted = dict(part.rsplit("=", 1) for part in inputs.split())
    rows = [describe_input(info, wanted.get(info.name, ""))
            for info in session.get_inputs()]
    feed = {row["name"]: numbers_of.make(row) for row in rows}
    outputs = [describe_output(a) for a in session.run(None, feed)]
    return {"model": f"{name}/{file}", "inputs": rows, "outputs": outputs}


def main():
    models = [describe_model(sys.argv[1], *row)
              for row in read_list(sys.argv[1])]
    print("[" + ",\n".join(json.dumps(m) for m in models) + "]")


main()
