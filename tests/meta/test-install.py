#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The built folder → what is installed serves those who were not there:
headers compile by the .pc file alone, the plugin loads, the examples link and
run.

test-install.py --cc CC --build FOLDER --prefix FOLDER --libdir FOLDER
                --examples FOLDER
"""

import argparse
import glob
import os
import re
import shlex
import shutil
import site
import struct
import subprocess
import sys
import tempfile

# .pc file → folders of its headers
PACKAGES = {
    "dnn-1.0": ("pipeline-core", "kernels", "compiler"),
    "gstdnn-1.0": ("gst-plugin", "gst-dnn"),
}

class Installed:
    """A folder that the build was installed into."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.libdir = folder + os.path.join(options.prefix, options.libdir)
        self.include = os.path.join(folder + options.prefix, "include",
                                    "gst-dnn-1.0")
        self.model = [os.path.join(options.examples, "ball", "ball.onnx"),
                      "stage1"]
        self.environment = dict(
            os.environ, DNN_TUNE="off", LD_LIBRARY_PATH=self.libdir,
            PKG_CONFIG_PATH=os.path.join(self.libdir, "pkgconfig"),
            GST_PLUGIN_PATH_1_0=os.path.join(self.libdir, "gstreamer-1.0"),
            GST_REGISTRY_1_0=os.path.join(folder, "registry.bin"),
            GI_TYPELIB_PATH=os.path.join(self.libdir, "girepository-1.0"),
            PYTHONDONTWRITEBYTECODE="1")

    def call(self, command, text=None, folder=None):
        """(exit code, output)"""
        done = subprocess.run(command, input=text, cwd=folder, env=self.environment,
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

    def run_c(self):
        """Compiles, links and runs the example."""
        program = os.path.join(self.folder, "pipeline")
        source = os.path.join(self.options.examples, "executor", "pipeline.c")
        code, text = self.call(
            shlex.split(self.options.cc) + ["-Wall", "-Werror", source,
                                            "-o", program]
            + self.get_flags("--cflags", "--libs", "gstdnn-1.0"))
        return (code, text) if code else self.call([program] + self.model)

    def run_results(self, name):
        """Compiles an example by the command that stands in it; runs it."""
        folder = os.path.join(self.options.examples, "results")
        ball = os.path.join(self.options.examples, "ball")
        with open(os.path.join(folder, name + ".c"), encoding="utf-8") as file:
            command = re.search(r" cc (.*) \$\(pkg-config (.*)\) \*/",
                                file.read())
        program = os.path.join(self.folder, name)
        code, text = self.call(
            shlex.split(self.options.cc) + ["-Wall", "-Werror", command[1],
                                            "-o", program]
            + self.get_flags(*command[2].split()), folder=folder)
        if code:
            return code, text
        code, text = self.call([program, os.path.join(ball, "ball.onnx"),
                                os.path.join(ball, "labels.txt")])
        return code or "ms: ball 0." not in text, text

    def run_vala(self):
        """The same in Vala, by the installed vapi files."""
        folder = os.path.join(self.folder + self.options.prefix, "share",
                              "vala", "vapi")
        if not os.path.isdir(folder):
            return 0, "SKIP no vapi installed"
        source = os.path.join(self.options.examples, "executor",
                              "pipeline.vala")
        code, text = self.call(
            ["valac", "-C", "-d", self.folder, "--vapidir", folder,
             "--pkg", "dnn-1.0", "--pkg", "gstdnn-1.0", "-b",
             os.path.dirname(source), source])
        if code:
            return code, text
        program = os.path.join(self.folder, "pipeline-vala")
        code, text = self.call(
            shlex.split(self.options.cc)
            + ["-w", "-Wno-incompatible-pointer-types",
               os.path.join(self.folder, "pipeline.c"), "-o", program]
            + self.get_flags("--cflags", "--libs", "gstdnn-1.0"))
        return (code, text) if code else self.call([program] + self.model)

    def run_custom_op(self):
        """The library, by the command of its README; then the module."""
        folder = os.path.join(self.options.examples, "custom-op")
        with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
            command = re.search(r"^cc (.*?)\$\(pkg-config (.*?)\)(.*?)^```$",
                                file.read(), re.DOTALL | re.MULTILINE)
        copy = shutil.copytree(folder, os.path.join(self.folder, "custom-op"))
        code, text = self.call(
            shlex.split(self.options.cc) + ["-Wall", "-Werror"]
            + shlex.split(command[1].replace("\\\n", " "))
            + self.get_flags(*command[2].split()) + command[3].split(),
            folder=copy)
        if code:
            return code, text
        with open(os.path.join(copy, "x.npy"), "wb") as file:
            header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 8)}"
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1)
                       + header.encode() + b"\n" + bytes(4 * 4 * 8))
        tool = self.folder + os.path.join(self.options.prefix, "bin", "gst-dnn")
        return self.call([tool, "run", copy, "--input", "x=" + copy + "/x.npy",
                          "-o", copy])

    def run_tvm_export(self):
        """Without TVM it says what it needs."""
        tool = self.folder + os.path.join(self.options.prefix, "bin",
                                          "gst-dnn-tvm-export")
        if not os.access(tool, os.X_OK):
            return 1, tool + " is no program"
        code, text = self.call([sys.executable, "-I", "-S", tool, "x.onnx",
                                "-o", self.folder])
        wanted = "gst-dnn-tvm-export: No module named "
        return 0 if code == 1 and text.startswith(wanted) else 1, text

    def check_shared(self, *names):
        """Files below share/."""
        missing = [name for name in names if not os.path.isfile(os.path.join(
            self.folder + self.options.prefix, "share", name))]
        return len(missing), "missing: " + ", ".join(missing)

    def check_doc_uris(self):
        """What gst-inspect says of each element leads to its section."""
        with open(os.path.join(self.folder + self.options.prefix,
                               "share/doc/gst-dnn/elements.md"),
                  encoding="utf-8") as file:
            names = re.findall(r"^## (\w+)$", file.read(), re.MULTILINE)
        for name in names:
            _, text = self.call(["gst-inspect-1.0", name])
            uri = "file://%s/share/doc/gst-dnn/elements.md#%s" % (
                self.options.prefix, name)
            if not re.search(r"Doc-uri +%s$" % re.escape(uri), text,
                             re.MULTILINE):
                return 1, "%s\n%s" % (name, text)
        return len(names) < 9, "only %s" % names

    def run_python(self):
        """Runs the example, by the overrides in the folder where the system's
        Python looks when the prefix is one of the system's."""
        found = glob.glob(self.folder + "/**/gi/overrides/GstDnn.py",
                          recursive=True)
        if not found:
            return 0, "SKIP no overrides installed"
        folder = os.path.dirname(os.path.dirname(os.path.dirname(found[0])))
        place = folder[len(self.folder):]
        if (self.options.prefix in ("/usr", "/usr/local")
                and place not in site.getsitepackages()):
            return 1, place + " is none of Python's folders"
        self.environment["PYTHONPATH"] = folder
        script = os.path.join(self.options.examples, "executor", "pipeline.py")
        return self.call([sys.executable, script] + self.model
                         + [os.path.join(self.folder, "out")])


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("cc", "build", "prefix", "libdir", "examples"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def find_cases(installed):
    """(name, function) of each thing to try."""
    for package, folders in PACKAGES.items():
        for folder in folders:
            headers = glob.glob(os.path.join(installed.include, folder, "**",
                                             "*.h"), recursive=True)
            for header in sorted(headers):
                name = os.path.relpath(header, installed.include)
                yield "/%s/%s" % (package, name), (
                    lambda package=package, name=name:
                    installed.compile_header(package, name))
    yield "/plugin", lambda: installed.call([
        "gst-inspect-1.0", os.path.join(installed.libdir, "gstreamer-1.0",
                                        "libgstdnn.so")])
    yield "/example-c", installed.run_c
    for name in ("probe", "appsink"):
        yield "/example-results-" + name, lambda name=name: (
            installed.run_results(name))
    yield "/example-vala", installed.run_vala
    yield "/example-python", installed.run_python
    yield "/example-custom-op", installed.run_custom_op
    yield "/tvm-export", installed.run_tvm_export
    yield "/man", lambda: installed.check_shared(
        "man/man1/gst-dnn.1", "man/man1/gst-dnn-tvm-export.1")
    yield "/doc-uris", installed.check_doc_uris
    yield "/completion", lambda: installed.check_shared(
        "bash-completion/completions/gst-dnn")
    yield "/documents", lambda: installed.check_shared(*(
        "doc/gst-dnn/%s.md" % name for name in (
            "api", "elements", "formats", "heads", "operators", "performance",
            "results", "tvm")))


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
            skip = " # " + text if not code and text[:4] == "SKIP" else ""
            print("%sok %d %s%s" % ("not " if code else "", number, name, skip))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
