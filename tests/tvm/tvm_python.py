#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""pip → a folder with a Python that has apache-tvm. Next: test-export.py.

tvm_python.py FOLDER SECONDS

Several may ask for the same folder at once: one makes it. Where it could not
be made, the reason is printed, and stands in FOLDER.why-not: nobody tries
again while it is there.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time

PACKAGES = ["apache-tvm==0.27.0.post1", "apache-tvm-ffi==0.1.15.post2",
            "onnx==1.23.2", "numpy"]


def get_environment():
    """Without the sanitizers' library, which a Python that loads TVM can't
    have before it."""
    return {name: value for name, value in os.environ.items()
            if name != "LD_PRELOAD"}


def run_limited(command, end):
    """What is wrong, or None; it and what it started are gone afterwards."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=get_environment(),
                          start_new_session=True) as process:
        try:
            text = process.communicate(
                timeout=max(end - time.monotonic(), 1))[0]
        except subprocess.TimeoutExpired:
            text = "not done in time"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
    lines = text.strip().splitlines() or ["failed"]
    return None if process.returncode == 0 else lines[-1]


def make(folder, end):
    """What is wrong, or None."""
    python = os.path.join(folder, "bin", "python")
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
            [sys.executable, "-m", "venv", folder],
            [python, "-m", "pip", "install", "-q", "--retries", "0",
             "--timeout", "5", "--disable-pip-version-check",
             "--only-binary", ":all:"] + PACKAGES,
            [python, "-c", "import onnx, tvm"]):
        why = run_limited(command, end)
        if why:
            shutil.rmtree(folder, ignore_errors=True)
            return "%s: %s" % (os.path.basename(command[0]), why)
    with open(os.path.join(folder, "complete"), "w", encoding="utf-8"):
        return None


def lock(folder, seconds):
    """The lock's file, or None if another has it all the time."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    stream = open(folder + ".lock", "w",  # pylint: disable=R1732
                  encoding="utf-8")

    def give_up(_signal, _frame):
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        fcntl.flock(stream, fcntl.LOCK_EX)
    except TimeoutError:
        stream.close()
        return None
    finally:
        signal.alarm(0)
    return stream


def get_why_not(folder):
    """The file with the reason."""
    return os.path.abspath(folder) + ".why-not"


def find_python(folder, seconds):
    """(a Python with TVM, or None; why there is none)"""
    folder = os.path.abspath(folder)
    end = time.monotonic() + seconds
    why_not = get_why_not(folder)
    held = lock(folder, seconds)
    if not held:
        return None, "not done in time"
    with held:
        if not os.path.exists(os.path.join(folder, "complete")):
            if os.path.exists(why_not):
                with open(why_not, encoding="utf-8") as stream:
                    return None, stream.read().strip()
            why = make(folder, end)
            if why:
                with open(why_not, "w", encoding="utf-8") as stream:
                    print(why, file=stream)
                return None, why
    return os.path.join(folder, "bin", "python"), None


def main():
    """Says what is wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    why = find_python(sys.argv[1], int(sys.argv[2]))[1]
    if why:
        print(why)
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main())
