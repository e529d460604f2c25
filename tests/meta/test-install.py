#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The built folder → what is installed serves those who were not there:
headers compile by the .pc file alone, a program links and runs, the plugin
loads.

test-install.py --cc CC --build FOLDER --prefix FOLDER --libdir FOLDER
"""

import argparse
import glob
import os
import shlex
import subprocess
import sys
import tempfile

# .pc file → folders of its headers
PACKAGES = {
    "dnn-1.0": ("pipeline-core", "kernels", "compiler"),
    "gstdnn-1.0": ("gst-plugin",),
}
PROGRAM = """#include "kernels/dnn-init.h"
int main (void) { dnn_init (); return 0; }
"""


class Installed:
    """A folder that the build was installed into."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.libdir = folder + os.path.join(options.prefix, options.libdir)
        self.include = os.path.join(folder + options.prefix, "include",
                                    "gst-dnn-1.0")
        self.environment = dict(
            os.environ, LD_LIBRARY_PATH=self.libdir,
            PKG_CONFIG_PATH=os.path.join(self.libdir, "pkgconfig"),
            GST_PLUGIN_PATH_1_0=os.path.join(self.libdir, "gstreamer-1.0"),
            GST_PLUGIN_SYSTEM_PATH_1_0="",
            GST_REGISTRY_1_0=os.path.join(folder, "registry.bin"))

    def call(self, command, text=None):
        """(exit code, output)"""
        done = subprocess.run(command, input=text, env=self.environment,
                              stdout=subprocess.PIPE, text=True, check=False,
                              stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def get_flags(self, *arguments):
        """pkg-config's answer, with our own paths moved into the folder."""
        code, text = self.call(["pkg-config"] + list(arguments))
        if code:
            raise SystemExit(text)
        prefix = self.options.prefix
        return [flag[:2] + self.folder + flag[2:]
                if flag[2:].startswith(prefix + "/")
                and flag[2:].startswith((prefix + "/include/gst-dnn",
                                         prefix + "/" + self.options.libdir))
                else flag for flag in shlex.split(text)]

    def compile_header(self, package, header):
        """Alone, with its own package's flags."""
        return self.call(
            shlex.split(self.options.cc)
            + ["-fsyntax-only", "-Wall", "-Werror", "-x", "c"]
            + self.get_flags("--cflags", package) + ["-"],
            '#include "%s"\n' % header)

    def run_program(self):
        """Compiles, links and runs a small program."""
        program = os.path.join(self.folder, "program")
        code, text = self.call(
            shlex.split(self.options.cc) + ["-Wall", "-Werror", "-x", "c", "-",
                                            "-x", "none", "-o", program]
            + self.get_flags("--cflags", "--libs", "dnn-1.0"), PROGRAM)
        return (code, text) if code else self.call([program])


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("cc", "build", "prefix", "libdir"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def find_cases(installed):
    """(name, function) of each thing to try."""
    for package, folders in PACKAGES.items():
        for folder in folders:
            headers = glob.glob(os.path.join(installed.include, folder, "*.h"))
            for header in sorted(headers):
                name = folder + "/" + os.path.basename(header)
                yield "/%s/%s" % (package, name), (
                    lambda package=package, name=name:
                    installed.compile_header(package, name))
    yield "/program", installed.run_program
    yield "/plugin", lambda: installed.call(["gst-inspect-1.0", "dnn"])


def main():
    """Installs, and tries everything, as TAP."""
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["meson", "install", "-C", options.build, "--no-rebuild",
             "--quiet", "--destdir", folder], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            print("1..1\n# %s\nnot ok 1 /install" % done.stdout.strip())
            return 1
        cases = list(find_cases(Installed(options, folder)))
        failed = 0
        print("1..%d" % len(cases), flush=True)
        for number, (name, function) in enumerate(cases, 1):
            code, text = function()
            failed += code != 0
            for line in text.splitlines() if code else ():
                print("# " + line)
            print("%sok %d %s" % ("not " if code else "", number, name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
