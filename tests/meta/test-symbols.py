#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""A shared library → all that it exports is named as its names are.

test-symbols.py LIBRARY REGULAR-EXPRESSION
"""

import re
import subprocess
import sys


def main(library, pattern):
    """Names what else the library exports; nothing exported is wrong too."""
    text = subprocess.run(["nm", "-D", "--defined-only", library], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    names = [line.split()[-1] for line in text.splitlines()]
    bad = [name for name in names if not re.match(pattern, name)]
    for name in bad:
        print("%s exports %s, which does not match %s"
              % (library, name, pattern))
    if not names:
        print("%s exports nothing" % library)
    return 1 if bad or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
