#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The examples of the executor in each language → five frames, in order; and
none is long.

test-examples.py EXAMPLES [LANGUAGE PROGRAM]...
"""

import os
import re
import subprocess
import sys
import tempfile

MAX_LINES = 80
N_FRAMES = 5


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


def find_cases(examples, programs, folder):
    """(name, function that gives what is wrong and the output)"""
    model = [os.path.join(examples, "ball", "ball.onnx"), "stage1"]
    sources = os.path.join(examples, "executor")
    script = os.path.join(sources, "pipeline.py")
    yield "python", lambda: run(
        [sys.executable, script] + model + [os.path.join(folder, "out")])
    for language, program in zip(programs[::2], programs[1::2]):
        yield language, lambda program=program: run([program] + model)
    for name in sorted(os.listdir(sources)):
        with open(os.path.join(sources, name), encoding="utf-8") as stream:
            count = len(stream.readlines())
        yield "length/" + name, lambda count=count: (
            "" if count <= MAX_LINES else "%d lines" % count, "")


def main():
    """As TAP."""
    failed = number = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, function in find_cases(sys.argv[1], sys.argv[2:], folder):
            try:
                import gi  # pylint: disable=unused-import,import-outside-toplevel
                import numpy  # pylint: disable=unused-import,import-outside-toplevel
            except ImportError:
                if name == "python":
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
