# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""benchmarks/run on a tiny model: without peers, and with those that the
Python of $DNN_PEERS_PYTHON has. Asks for no speed.

    test-benchmarks.py BENCHMARKS GST_DNN MODEL.onnx
"""

import json
import os
import subprocess
import sys
import tempfile

BENCHMARKS, GST_DNN, MODEL = sys.argv[1:]


def run(*args):
    return subprocess.run(
        [sys.executable, os.path.join(BENCHMARKS, "run"), "--gst-dnn", GST_DNN,
         *args], capture_output=True, text=True, check=False)


def measure(tmp, *args):
    path = os.path.join(tmp, "found.json")
    done = run("--models", MODEL, "--threads", "1", "--rounds", "1", "--turn",
               "0.01", "--scratch", tmp, "--json", path, *args)
    assert done.returncode == 0, done.stderr
    with open(path, encoding="utf-8") as file:
        return done.stdout, json.load(file)


def without_peers(tmp):
    table, found = measure(tmp, "--peers", "none")
    assert "| ball | 1 |" in table, table
    assert "share" in table and "ratio" not in table, table
    result = found["results"][0]
    ours = result["contenders"]["gst-dnn"]
    assert ours["frames"] >= 3 and 0 < ours["min-ms"] <= ours["ms"], ours
    assert ours["load-ms"] > 0 and ours["peak-mb"] > 1, ours
    assert 0 < result["primitives-ms"], result
    assert found["geometric-mean"] is None and found["cpu"], found
    assert os.listdir(tmp) == ["found.json"], os.listdir(tmp)


def with_peers(tmp):
    python = os.environ.get("DNN_PEERS_PYTHON")
    if not python:
        return "SKIP DNN_PEERS_PYTHON names no Python with peers"
    table, found = measure(tmp, "--python", python)
    names = list(found["results"][0]["contenders"])
    assert names == ["gst-dnn", "onnxruntime", "openvino"], names
    result = found["results"][0]
    best = min(result["contenders"][name]["ms"] for name in names[1:])
    ratio = result["contenders"]["gst-dnn"]["ms"] / best
    assert abs(result["ratio"] - ratio) < 1e-9, result
    assert abs(found["geometric-mean"] - ratio) < 1e-9, found
    assert f"| {ratio:.2f} |" in table, table
    return None


def wrong_arguments(tmp):
    for text, args in (
            ("no such peer: nobody", ["--peers", "nobody"]),
            ("above 0", ["--rounds", "0"]),
            ("numbers from 1", ["--threads", "0"])):
        done = run("--scratch", tmp, "--models", MODEL, *args)
        assert done.returncode != 0 and text in done.stderr, done.stderr


def main():
    tests = [without_peers, with_peers, wrong_arguments]
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as tmp:
            note = test(tmp)
        print(f"ok {number} {test.__name__}" + (f" # {note}" if note else ""))


main()
