# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""A line that begins with gst-dnn → the words that bash offers for its last
one. TAP on standard output.

test-completion.py COMPLETION GST-DNN
"""

import os
import subprocess
import sys
import tempfile

COMPLETION, TOOL = map(os.path.abspath, sys.argv[1:3])
FILES = ("a.onnx", "b b.onnx", "c.txt", "x.npy", "sub/d.onnx")
# As bash does it: words are parted at blanks and at "=".
SCRIPT = r"""
. "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=()
for word in ${COMP_LINE//=/ = }; do COMP_WORDS+=("$word"); done
case $COMP_LINE in *[\ =]) COMP_WORDS+=("") ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
$(complete -p gst-dnn | sed 's/.*-F \(\S*\) .*/\1/')
printf '%s\n' "${COMPREPLY[@]}"
"""
ROWS = (
    ("command", "gst-dnn co", {"compile"}),
    ("nothing-known", "gst-dnn zzz", set()),
    ("option", "gst-dnn validate --q", {"--quiet"}),
    ("option-with-value", "gst-dnn compile --sh", {"--shape="}),
    ("short-option", "gst-dnn validate -q", {"-q"}),
    ("model", "gst-dnn compile ", {"a.onnx", "b b.onnx", "sub"}),
    ("model-begun", "gst-dnn inspect --plan b", {"b b.onnx"}),
    ("model-in-folder", "gst-dnn run sub/", {"sub/d.onnx"}),
    ("folder", "gst-dnn compile a.onnx -o ", {"sub"}),
    ("folder-long", "gst-dnn compile a.onnx --output=s", {"sub"}),
    ("array", "gst-dnn run a.onnx --input=image=", {"x.npy", "sub"}),
    ("array-short", "gst-dnn run a.onnx -i image=x", {"x.npy"}),
    ("configuration", "gst-dnn validate c", {"c.txt"}),
    ("value", "gst-dnn run --tune=o", {"off", "on"}),
    ("values", "gst-dnn bench --winograd=", {"off", "on"}),
    ("file", "gst-dnn tune a.onnx -o c", {"c.txt"}),
    ("option-without-value", "gst-dnn inspect --plan a", {"a.onnx"}),
    ("number", "gst-dnn bench --frames=", set()),
    ("unknown-command", "gst-dnn zzz -", set()),
)


def complete(line, folder):
    """What is offered."""
    environment = dict(os.environ, PATH=os.path.dirname(TOOL) + ":"
                       + os.environ["PATH"], LC_ALL="C.UTF-8",
                       ASAN_OPTIONS="detect_leaks=0")
    done = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT, "bash", COMPLETION, line],
        cwd=folder, env=environment, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.STDOUT, check=False)
    return set(done.stdout.split("\n")) - {""}


def list_commands():
    """Those that the program has."""
    text = subprocess.run([TOOL, "--help"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return {line.split()[0] for line in text.split("\n")
            if line.startswith("  ")}


def main():
    """As TAP."""
    failed = 0
    rows = ROWS + (
        ("commands", "gst-dnn ", list_commands() | {"--help", "--version"}),)
    print("1..%d" % len(rows))
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "sub"))
        for name in FILES:
            with open(os.path.join(folder, name), "w", encoding="utf-8"):
                pass
        for number, (name, line, expected) in enumerate(rows, 1):
            found = complete(line, folder)
            if found != expected:
                failed += 1
                print("# %r: %s, not %s" % (line, sorted(found),
                                            sorted(expected)))
            print("%sok %d /completion/%s" % (
                "not " * (found != expected), number, name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
