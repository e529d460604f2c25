#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Headers and doc blocks → g-ir-scanner has no warning about them, and does
about a block that is wrong.

test-gir.py SCANNER ROOT BUILD PACKAGES NAMESPACE LIBRARY IDENTIFIERS SYMBOLS
            INCLUDES -- FILE... (lists with commas between)
"""

import os
import shlex
import subprocess
import sys
import tempfile

BAD = """#include <glib-object.h>
/**
 * %s_wrong:
 *
 * Returns: (transfer none): no element type is said
 */
GPtrArray *%s_wrong (void);
"""


FOLDERS = ("compiler", "gst-plugin")  # of the libraries
START_GST = "extern void gst_init(gint*,gchar**);gst_init(NULL,NULL);"


def scan(arguments, files, folder):
    """What it prints."""
    (scanner, root, build, packages, namespace, library, identifiers, symbols,
     includes) = arguments
    flags = shlex.split(subprocess.run(
        ["pkg-config", "--cflags"] + packages.split(","), check=True,
        stdout=subprocess.PIPE, text=True).stdout)
    libraries = [os.path.join(build, name) for name in FOLDERS]
    command = [scanner, "--warn-all", "--quiet", "--no-libtool",
               "--namespace=" + namespace, "--nsversion=1.0", "-I" + root,
               "--library=" + library,
               "--output", os.path.join(folder, "out.gir")]
    command += ["-L" + name for name in libraries]
    command += ["--pkg=" + name for name in packages.split(",")]
    command += ["--identifier-prefix=" + name
                for name in identifiers.split(",")]
    command += ["--symbol-prefix=" + name for name in symbols.split(",")]
    command += ["--include-uninstalled=" + name if name.endswith(".gir")
                else "--include=" + name for name in includes.split(",")]
    if "gstreamer" in packages:
        command.append("--add-init-section=" + START_GST)
    environment = dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))
    done = subprocess.run(command + flags + files, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment, cwd=folder)
    if done.returncode:
        sys.exit(done.stdout)
    return done.stdout.strip()


def main():
    """As TAP."""
    split = sys.argv.index("--")
    arguments = sys.argv[1:split]
    files = [os.path.abspath(name) for name in sys.argv[split + 1:]]
    with tempfile.TemporaryDirectory() as folder:
        text = scan(arguments, files, folder)
        bad = os.path.join(folder, "bad.h")
        prefix = arguments[7].split(",")[0]
        with open(bad, "w", encoding="utf-8") as stream:
            stream.write(BAD % (prefix, prefix))
        noticed = scan(arguments, files + [bad], folder)
    print("1..2")
    for line in text.splitlines():
        print("# " + line)
    print("%sok 1 /%s/no-warnings" % ("not " if text else "", arguments[4]))
    found = "element-type" in noticed
    print("%sok 2 /%s/notices" % ("" if found else "not ", arguments[4]))
    return 1 if text or not found else 0


if __name__ == "__main__":
    sys.exit(main())
