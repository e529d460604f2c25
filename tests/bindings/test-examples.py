#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The examples of the executor in each language → five frames, in order; those
of results in C and Python → the same lines, for each frame; and none is long.

test-examples.py EXAMPLES [LANGUAGE PROGRAM]... -- [NAME PROGRAM]...
"""

import os
import re
import subprocess
import sys
import tempfile

MAX_LINES = {"executor": 80, "results": 50}
N_FRAMES = 5
FRAME_TIMES = ["%d" % (1000 * idx // 30) for idx in range(10)]


def run(command):
    """(what is wrong or "", output)"""
    done = subprocess.run(command, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        return "exit code %d" % done.returncode, done.stdout
    frames = re.findall(r"^frame (\d+): (.+)$", done.stdout, re.M)
    if [int(number) for number, _ in frames] != list(range(N_FRAMES)):
        return "not %d frames in order" % N_FRAMES, done.stdout
    return "", done.stdout


def call(command):
    """Its output, also if it fails."""
    return subprocess.run(command, check=False, text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def compare(examples, name, program):
    """(what is wrong or "", output) of an example in C and in Python."""
    arguments = [os.path.join(examples, "ball", file)
                 for file in ("ball.onnx", "labels.txt")]
    text = call([program] + arguments)
    if list(dict.fromkeys(re.findall(
            r"^(\d+) ms: ball 0\.\d\d at \d+, \d+", text, re.M))) != FRAME_TIMES:
        return "no ball in each frame", text
    script = os.path.join(examples, "results", name + ".py")
    other = call([sys.executable, script] + arguments)
    return "" if text == other else "not the same", text + other


def count_lines(path):
    """(what is wrong or "", "")"""
    limit = MAX_LINES[os.path.basename(os.path.dirname(path))]
    with open(path, encoding="utf-8") as stream:
        count = len(stream.readlines())
    return "" if count <= limit else "%d lines" % count, ""


def find_cases(examples, programs, folder):
    """(name, function that gives what is wrong and the output)"""
    at = programs.index("--")
    programs, results = programs[:at], programs[at + 1:]
    model = [os.path.join(examples, "ball", "ball.onnx"), "stage1"]
    sources = os.path.join(examples, "executor")
    script = os.path.join(sources, "pipeline.py")
    yield "python", lambda: run(
        [sys.executable, script] + model + [os.path.join(folder, "out")])
    for language, program in zip(programs[::2], programs[1::2]):
        yield language, lambda program=program: run([program] + model)
    for name, program in zip(results[::2], results[1::2]):
        yield "results/" + name, lambda name=name, program=program: compare(
            examples, name, program)
    for part in MAX_LINES:
        for name in sorted(os.listdir(os.path.join(examples, part))):
            path = os.path.join(examples, part, name)
            yield "length/%s/%s" % (part, name), lambda path=path: (
                count_lines(path))


def main():
    """As TAP."""
    failed = number = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, function in find_cases(sys.argv[1], sys.argv[2:], folder):
            try:
                import gi  # pylint: disable=unused-import,import-outside-toplevel
                import numpy  # pylint: disable=unused-import,import-outside-toplevel
            except ImportError:
                if name == "python" or name.startswith("results/"):
                    number += 1
                    print("ok %d /examples/python # SKIP no PyGObject or NumPy"
                          % number)
                    continue
            wrong, text = function()
            number += 1
            failed += bool(wrong)
            for line in [wrong] * bool(wrong) + text.splitlines():
                print("# " + line)
            print("%sok %d /examples/%s" % ("not " if wrong else "", number,
                                            name))
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
