#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The conformance cases of ONNX's newest release, run as those of Debian are.

test-conformance-newest.py CASES.py PROGRAM [OPTION]

They come with the onnx wheel: of $DNN_PEERS_PYTHON, of the Python that has
apache-tvm ($DNN_TVM_PYTHON, or that which tools/test makes), or of this one.
Where none has it, this is skipped."""

import os
import subprocess
import sys
import tempfile


def find_python():
    venv = os.environ.get("DNN_TVM_VENV")
    for python in (os.environ.get("DNN_PEERS_PYTHON"),
                   os.environ.get("DNN_TVM_PYTHON"),
                   venv and os.path.join(venv, "bin", "python"),
                   sys.executable):
        if python and os.path.exists(python) and subprocess.run(
                [python, "-c", "import onnx.backend.test.case"], check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


def main():
    maker, program, *options = sys.argv[1:]
    python = find_python()
    if not python:
        print("1..0 # SKIP no Python with the onnx wheel; DNN_PEERS_PYTHON "
              "names one")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, maker, folder], check=True,
                       stdout=sys.stderr)
        env = dict(os.environ, DNN_ONNX_TESTDATA=folder,
                   DNN_CONFORMANCE_NEWEST="1")
        return subprocess.run([program, *options], check=False,
                              env=env).returncode


sys.exit(main())
