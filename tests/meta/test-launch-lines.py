#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The gst-launch lines of documents and of elements' doc blocks → each is
parsed; run as well where the files that it reads are there.

test-launch-lines.py SOURCE BUILD PLUGINS

A line runs in a folder that looks like the source with its build/, so a path
like build/examples/ball/ball.json works; what it writes is thrown away.
Windows become fakesink, test sources end after 30 buffers.
"""

import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

READS = ("location", "config", "model", "labels")
WRITERS = ("filesink", "multifilesink", "dnnjson")
WINDOWS = ("autovideosink", "xvimagesink", "ximagesink", "glimagesink",
           "waylandsink")
CAMERAS = ("v4l2src", "autovideosrc", "libcamerasrc", "rtspsrc")
TIMEOUT = 120  # seconds


def join_lines(text):
    """Text without the backslashes at the ends of lines."""
    return re.sub(r"\s*\\\n\s*", " ", text)


def find_in_markdown(text):
    """Lines in fenced or indented code that call gst-launch."""
    for block in re.findall(r"^```[^\n]*\n(.*?)^```", text,
                            re.MULTILINE | re.DOTALL):
        yield from find_calls(block)


def find_in_c(text):
    """Lines in |[ ]| of comments that call gst-launch."""
    for block in re.findall(r"\|\[(.*?)\]\|", text, re.DOTALL):
        yield from find_calls(re.sub(r"^\s*\*? ?", "", block,
                                     flags=re.MULTILINE))


def find_calls(text):
    """The arguments of each call of gst-launch in some shell text."""
    for line in join_lines(text).split("\n"):
        found = re.match(r"\s*(?:\$ )?(?:\w+=\S* )*gst-launch-1\.0\s(.*)",
                         line)
        if found:
            words = shlex.split(found.group(1), comments=True)
            yield [word for word in words if not re.match(r"-\w$|--\w", word)]


def find_lines(source):
    """(file, arguments) of every documented call."""
    patterns = ("*.md", "docs/**/*.md", "examples/**/*.md", "gst-plugin/**/*.c")
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(source, pattern),
                                     recursive=True)):
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
            find = find_in_c if path.endswith(".c") else find_in_markdown
            for words in find(text):
                yield os.path.relpath(path, source), words


def parse(words):
    """The error of a line that has a wrong element, property or link."""
    from gi.repository import GLib, Gst  # after the environment is set
    try:
        Gst.parse_launchv(words)
    except GLib.Error as error:
        return error.message
    return None


def find_absent(words, folder):
    """What the line needs and this machine lacks."""
    element = None
    for previous, word in zip(["!"] + words, words):
        if previous == "!" or "=" not in word:
            element = word
        key, _, value = word.partition("=")
        if element in CAMERAS:
            return element
        if key in READS and element not in WRITERS:
            if not os.path.exists(os.path.join(folder, value)):
                return value
    return None


def adapt(words):
    """The line for a machine without a screen that wants to end, with what it
    writes in the folder that is thrown away."""
    element = None
    for previous, word in zip(["!"] + words, words):
        if previous == "!" or "=" not in word:
            element = word
        if word in WINDOWS:
            yield "fakesink"
            continue
        if element in WRITERS and word.startswith("location=/"):
            word = "location=" + os.path.basename(word)
        yield word
        if word in ("videotestsrc", "audiotestsrc") and not any(
                other.startswith("num-buffers=") for other in words):
            yield "num-buffers=30"


def run(words, folder):
    """The output of a line that failed."""
    try:
        done = subprocess.run(
            ["gst-launch-1.0", "-q"] + list(adapt(words)), cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=TIMEOUT,
            stderr=subprocess.STDOUT, text=True, check=False)
    except subprocess.TimeoutExpired:
        return "not at its end after %d s" % TIMEOUT
    return done.stdout or "failed" if done.returncode else None


def set_environment(build, ours):
    """Our plugin first, then GStreamer's own, in a registry of ours."""
    plugins = subprocess.run(
        ["pkg-config", "--variable=pluginsdir", "gstreamer-1.0"], check=True,
        stdout=subprocess.PIPE, text=True).stdout.strip()
    os.environ.update({
        "DNN_TUNE": "off",
        "GST_PLUGIN_SYSTEM_PATH_1_0": "",
        "GST_PLUGIN_PATH_1_0": ours + ":" + plugins,
        "GST_REGISTRY_1_0": build + "/tests/meta/registry.bin",
    })


def make_folder(folder, source, build):
    """The source's entries, and build/, as links."""
    for name in os.listdir(source):
        if not name.startswith((".", "build", "demo.")):
            os.symlink(os.path.join(source, name), os.path.join(folder, name))
    os.symlink(build, os.path.join(folder, "build"))


def main(source, build, ours):
    """Parses and runs every line, as TAP."""
    source, build = os.path.abspath(source), os.path.abspath(build)
    set_environment(build, ours)
    import gi
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
    Gst.init(None)
    lines = list(find_lines(source))
    print("1..%d%s" % (len(lines), "" if lines else " # SKIP no launch line"),
          flush=True)
    failed = 0
    for number, (path, words) in enumerate(lines, 1):
        with tempfile.TemporaryDirectory() as folder:
            make_folder(folder, source, build)
            error = parse(words)
            absent = find_absent(words, folder)
            if not error and not absent:
                error = run(words, folder)
        note = "parsed; not here: " + absent if absent else "ran"
        if error:
            failed += 1
            note = "failed"
            for line in [" ".join(words)] + error.splitlines():
                print("# " + line)
        print("%sok %d /%s/%d (%s)" % ("not " if error else "", number,
                                       path, number, note), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
