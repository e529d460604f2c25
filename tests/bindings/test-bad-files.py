#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Files that are wrong, as users meet them: Python gets a GLib.Error with
domain and code, an element posts one ERROR before anything else, gst-dnn says
it and exits with 1, gst-launch-1.0 shows it. All of them name file and place.

test-bad-files.py GST-DNN BALL.onnx
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import gi
    gi.require_version("Dnn", "1.0")
    gi.require_version("Gst", "1.0")
    from gi.repository import Dnn, GLib, Gst
except (ImportError, ValueError) as reason:
    print("skipped:", reason)
    sys.exit(77)

TOOL, BALL = sys.argv[1:3]
TIMEOUT = 60  # seconds


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as stream:
        return stream.read()


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as stream:
        stream.write(data)


def replace(name, old, new):
    """A change of one file: the first `old` becomes `new`."""
    def change(folder):
        data = read(folder, name)
        assert old in data, (name, old, data[:300])
        write(folder, name, data.replace(old, new, 1))
    return change


def whole(name, data):
    return lambda folder: write(folder, name, data)


def cut(name, n_bytes):
    return lambda folder: write(folder, name, read(folder, name)[:n_bytes])


def swap(one, other):
    def change(folder):
        first, second = read(folder, one), read(folder, other)
        write(folder, one, second)
        write(folder, other, first)
    return change


def remove(name):
    return lambda folder: os.remove(os.path.join(folder, name))


def pipe(name):
    def change(folder):
        os.remove(os.path.join(folder, name))
        os.mkfifo(os.path.join(folder, name))
    return change


def link(name, target):
    def change(folder):
        os.remove(os.path.join(folder, name))
        os.symlink(target, os.path.join(folder, name))
    return change


# What is done to an exported folder of two stages, the code, parts of the text.
CONFIGS = {
    "no-config": (remove("config"), "NOT_FOUND", ["/config: No such file"]),
    "config-is-a-pipe": (pipe("config"), "NOT_FOUND",
                         ["/config: not a regular file"]),
    "config-empty": (cut("config", 0), "FORMAT", ["/config: no JSON"]),
    "config-cut": (cut("config", 20), "FORMAT", ["/config: line 2: ", "is the file cut off?"]),
    "config-is-a-model": (lambda folder: shutil.copy(
        BALL, os.path.join(folder, "config")), "FORMAT",
        ["/config: line ", "is not valid UTF-8"]),
    "config-is-params": (lambda folder: shutil.copy(
        os.path.join(folder, "params0"), os.path.join(folder, "config")),
        "FORMAT", ["/config: line 1: byte 0xb7"]),
    "configs-swapped": (swap("load_config", "pipeline_config"), "VALUE",
                        ["/load_config: expected a list, found an object"]),
    "deep": (whole("pipeline_config", b"[" * 100000), "LIMIT",
             ["/pipeline_config: line 1: nested deeper than 64"]),
    "key-twice": (replace("config", b"{", b'{"load_config": "x",'), "FORMAT",
                  ['/config: the key "load_config" stands twice']),
    "escape-sequence": (replace("config", b"{", b'{"\\u001b[2J": 1,'),
                        "UNKNOWN_KEY", ["/config: unknown key"]),
    "path-up": (replace("load_config", b'"params0"', b'"../params7"'), "VALUE",
                ["/load_config: [0].params_name: ", "leaves the folder"]),
    "path-by-link": (link("params0", "/etc/passwd"), "VALUE",
                     ["/load_config: [0].params_name: ", "leads out of"]),
    "path-device": (replace("load_config", b'"json0"', b'"/dev/zero"'),
                    "NOT_FOUND", ["/dev/zero: not a regular file"]),
    "library-is-a-text": (replace("load_config", b'"onednn"', b'"json0"'),
                          "FORMAT", ["/json0: is no shared library"]),
    "params-swapped": (swap("params0", "params1"), "UNKNOWN_NAME",
                       ["/params0: ", "/json0: "]),
    "params-cut": (cut("params1", 200), "FORMAT",
                   ["/params1: byte ", "the file ends in"]),
    "params-is-a-pipe": (pipe("params1"), "NOT_FOUND",
                         ["/params1: ", "not a regular file"]),
    "params-of-another-kind": (whole("params1", b"\x93NUMPY" + b" " * 90),
                               "FORMAT", ["/params1: byte 0: the magic"]),
    "params-huge-count": (whole("params1", struct.pack(
        "<QQQ", 0xF7E58D4F05049CB7, 0, 1 << 63)), "LIMIT",
        ["/params1: byte 16: ", "9223372036854775808"]),
    "graph-cut": (cut("json1", 300), "FORMAT", ["/json1: line ", "is the file cut off?"]),
    "graph-operator": (replace("json1", b'"Conv"', b'"Cnov"'), "UNSUPPORTED",
                       ["/json1: ", '"Cnov"']),
    "graph-shape": (replace("json0", b'"list_shape", [[1', b'"list_shape", [['
                            b"9223372036854775807"), "LIMIT",
                    ["/json0: attrs.shape[1][0]"]),
    "binding": (replace("pipeline_config", b'"mod_idx" : 1', b'"mod_idx" : 7'),
                "UNKNOWN_NAME", ["/pipeline_config: module_connection[",
                                 "There is no module 7"]),
}

# What stands where a model is expected.
MODELS = {
    "missing": (None, "NOT_FOUND", ["/model: No such file"]),
    "pipe": (os.mkfifo, "NOT_FOUND", ["/model: not a regular file"]),
    "empty-folder": (os.mkdir, "NOT_FOUND", ["/model/config: No such file"]),
    "empty": (b"", "FORMAT", ["/model: byte 0: "]),
    "text": (b"this is no model\n", "FORMAT", ["/model: byte "]),
    "cut": (read(*os.path.split(BALL))[:-20], "FORMAT", ["/model: byte "]),
    "params": (struct.pack("<QQQ", 0xF7E58D4F05049CB7, 0, 0), "FORMAT",
               ["/model: this is a params file"]),
    "numpy": (b"\x93NUMPY\x01\x00\x0a\x00{}        ", "FORMAT",
              ["/model: byte "]),
    "json": (b'{"nodes": []}', "UNKNOWN_KEY", ['/model: unknown key "nodes"']),
}


class BadFilesTest(unittest.TestCase):
    """Each test goes through all rows."""

    @classmethod
    def setUpClass(cls):
        cls.good = tempfile.TemporaryDirectory()
        subprocess.run([TOOL, "compile", BALL, "--cut", "stage1", "-o",
                        cls.good.name], check=True, timeout=TIMEOUT)

    @classmethod
    def tearDownClass(cls):
        cls.good.cleanup()

    def each_config(self, check, *names):
        """`check` gets the folder, the code, the text."""
        for name in names or CONFIGS:
            change, code, texts = CONFIGS[name]
            with self.subTest(name), tempfile.TemporaryDirectory() as tmp:
                folder = os.path.join(tmp, "folder")
                shutil.copytree(self.good.name, folder)
                change(folder)
                check(folder, code, texts)

    def each_model(self, check, *names):
        """The same for paths of models."""
        for name in names or MODELS:
            content, code, texts = MODELS[name]
            with self.subTest(name), tempfile.TemporaryDirectory() as tmp:
                path = os.path.join(tmp, "model")
                if isinstance(content, bytes):
                    write(tmp, "model", content)
                elif content:
                    content(path)
                check(path, code, texts)

    def check_text(self, text, texts):
        for part in texts:
            self.assertIn(part, text)

    def check_raises(self, function, path, code, texts):
        with self.assertRaises(GLib.Error) as caught:
            function(path)
        error = caught.exception
        self.assertEqual(error.domain, "dnn-error-quark")
        self.assertEqual(error.code, int(getattr(Dnn.Error, code)))
        self.check_text(error.message, texts)

    def check_element(self, line, texts):
        """One ERROR of the element named x, before any other."""
        pipeline = Gst.parse_launch(line)
        element = pipeline.get_by_name("x")
        self.assertEqual(pipeline.set_state(Gst.State.PAUSED),
                         Gst.StateChangeReturn.FAILURE)
        bus = pipeline.get_bus()
        first = bus.pop_filtered(Gst.MessageType.ERROR)
        self.assertEqual(first.src, element)
        text = first.parse_error()[0].message
        self.check_text(text, texts)
        self.assertTrue(text.isprintable(), text)
        while bus.have_pending():
            message = bus.pop()
            self.assertFalse(message.type == Gst.MessageType.ERROR and
                             message.src == element)
        pipeline.set_state(Gst.State.NULL)

    def check_tool(self, command, path, texts):
        done = subprocess.run([TOOL, command, path], text=True, check=False,
                              capture_output=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(done.stdout, "")
        self.check_text(done.stderr, texts)
        self.assertTrue(done.stderr.replace("\n", "").isprintable())
        return done.stderr.splitlines()

    def check_launch(self, element, texts):
        done = subprocess.run(
            ["gst-launch-1.0", "fakesrc", "!"] + element + ["!", "fakesink"],
            check=False, capture_output=True, text=True, timeout=TIMEOUT)
        self.assertNotEqual(done.returncode, 0)
        errors = [line for line in done.stderr.splitlines()
                  if line.startswith("ERROR: from element")]
        self.check_text(errors[0], texts)
        self.assertNotIn("\x1b[2J", done.stdout + done.stderr)

    def test_good(self):
        Dnn.PipelineConfig.new_from_file(self.good.name)

    def test_python(self):
        self.each_config(lambda path, code, texts: self.check_raises(
            Dnn.PipelineConfig.new_from_file, path, code, texts))

    def test_python_model(self):
        config = Dnn.PipelineConfig()
        self.each_model(lambda path, code, texts: self.check_raises(
            config.get_module_for_file, path, code, texts))

    def test_dnnbin(self):
        self.each_config(lambda path, _, texts: self.check_element(
            "fakesrc ! dnnbin name=x config=%s ! fakesink" % path, texts))

    def test_model(self):
        for element in "dnnmodule", "dnnbin":
            self.each_model(lambda path, _, texts, name=element:
                            self.check_element(
                                "fakesrc ! %s name=x model=%s ! fakesink"
                                % (name, path), texts))

    def test_validate(self):
        def check(path, _, texts):
            lines = self.check_tool("validate", path, texts)
            n_errors = len(lines) - 1
            self.assertEqual(lines[-1], "%d error%s" % (
                n_errors, "s" if n_errors > 1 else ""))
        self.each_config(check)

    def test_validate_all_at_once(self):
        names = "params-cut", "graph-shape", "binding"
        with tempfile.TemporaryDirectory() as tmp:
            folder = os.path.join(tmp, "folder")
            shutil.copytree(self.good.name, folder)
            for name in names:
                CONFIGS[name][0](folder)
            lines = self.check_tool("validate", folder, [
                text for name in names for text in CONFIGS[name][2]])
            self.assertEqual(lines[3:], ["3 errors"])

    def test_inspect(self):
        self.each_model(lambda path, _, texts: self.assertEqual(
            len(self.check_tool("inspect", path, texts)), 1))

    def test_launch(self):
        self.each_config(lambda path, _, texts: self.check_launch(
            ["dnnbin", "config=" + path], texts),
                         "params-cut", "escape-sequence")
        self.each_model(lambda path, _, texts: self.check_launch(
            ["dnnmodule", "model=" + path], texts), "pipe", "cut")


if __name__ == "__main__":
    Gst.init(None)
    unittest.main(argv=sys.argv[:1])
