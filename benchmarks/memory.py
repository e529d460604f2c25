#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""An ONNX model in 1, 2, 4 … elements of one process → its resident memory.

memory.py MODEL.onnx [N ...]: each number in a process of its own; the last
column is memory as a multiple of the first. Needs GST_PLUGIN_PATH.
"""

import os
import subprocess
import sys

FRAMES = 3


def measure(model, number):
    """In a new process: kB once every element has run some frames."""
    # pylint: disable=import-outside-toplevel
    import gi
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
    Gst.init(None)
    branch = ("videotestsrc num-buffers=%d ! video/x-raw,format=RGB ! "
              "dnnvideobin decoder=classify threads=1 instances=1 tune=off "
              "model=%s ! fakesink" % (FRAMES, model))
    pipeline = Gst.parse_launch(" ".join([branch] * number))
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    if message.type == Gst.MessageType.ERROR:
        raise SystemExit(message.parse_error()[0].message)
    with open("/proc/self/status", encoding="ascii") as stream:
        for line in stream:
            if line.startswith("VmRSS"):
                print(line.split()[1])
    pipeline.set_state(Gst.State.NULL)


def main():
    """A row a number."""
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    if os.environ.get("DNN_MEMORY_OF"):
        measure(sys.argv[1], int(os.environ["DNN_MEMORY_OF"]))
        return
    numbers = [int(text) for text in sys.argv[2:]] or [1, 2, 4]
    first = None
    print("| elements | resident | × the first |\n|---|---|---|")
    for number in numbers:
        done = subprocess.run(
            [sys.executable, __file__, sys.argv[1]], check=True, text=True,
            env=dict(os.environ, DNN_MEMORY_OF=str(number)),
            stdout=subprocess.PIPE)
        megabytes = int(done.stdout.split()[-1]) / 1024
        first = first or megabytes
        print("| %d | %.0f MB | %.2f |" % (number, megabytes,
                                           megabytes / first))


if __name__ == "__main__":
    main()
