#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Public headers → each compiles alone, as C and as C++, without a warning.

test-headers.py --cc CC --include FOLDER --package NAME HEADER...
"""

import argparse
import os
import shlex
import subprocess
import sys

LANGUAGES = (
    ("c", ["-std=gnu11", "-Wextra", "-Wno-unused-parameter",
           "-Wstrict-prototypes", "-Wundef"]),
    ("c++", ["-std=c++17"]),
)


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--include", action="append", default=[])
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("header", nargs="+")
    return parser.parse_args()


def main():
    """Compiles each header in each language, as TAP."""
    options = parse_arguments()
    flags = shlex.split(subprocess.run(
        ["pkg-config", "--cflags"] + options.package, check=True,
        stdout=subprocess.PIPE, text=True).stdout)
    flags += ["-I" + folder for folder in options.include]
    print("1..%d" % (len(options.header) * len(LANGUAGES)), flush=True)
    count = failed = 0
    for header in options.header:
        text = '#include "%s"\n' % os.path.abspath(header)
        for language, dialect in LANGUAGES:
            done = subprocess.run(
                shlex.split(options.cc) + ["-fsyntax-only", "-Wall", "-Werror",
                                           "-x", language]
                + dialect + flags + ["-"], input=text, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            count += 1
            failed += done.returncode != 0
            for line in done.stdout.splitlines():
                print("# " + line)
            print("%sok %d /%s/%s" % ("not " if done.returncode else "", count,
                                      language, os.path.basename(header)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
