#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""tools/lint's rules: each finds its bad file, and only that.

A rule without a bad file here fails; so does one that dislikes a good file.
"""

import os
import subprocess
import sys
import tempfile

LINT = os.path.abspath(sys.argv[1])
SPDX = ("SPDX-License-Identifier: LGPL-2.1-or-later",
        "SPDX-FileCopyrightText: The gst-dnn authors")
C_HEAD = "".join("/* %s */\n" % line for line in SPDX)
C_TOP = C_HEAD + "/* Numbers in, their sum goes out. */\n"
CONFIG = '#include "config.h"\n\n'
HASH_HEAD = "".join("# %s\n" % line for line in SPDX)
FUNCTION = "\nstatic %s\nfind_one (int a,\n    int b)\n{\n%s}\n"


def nest(depth):
    """Blocks in blocks."""
    lines = ["  " * level + "if (a) {\n" for level in range(1, depth + 1)]
    lines += ["  " * (depth + 1) + "b++;\n"]
    return "".join(lines) + "".join(
        "  " * level + "}\n" for level in range(depth, 0, -1))


GOOD = {
    "pipeline-core/good.h": C_TOP + "#pragma once\n",
    "pipeline-core/good.c": C_TOP + CONFIG
    + '#include "pipeline-core/good.h"\n\n#include <string.h>\n'
    + "\nstatic gchar *\nfind_one (int a, int b)\n{\n  return NULL;\n}\n"
    + "\nstatic gboolean\nis_one (int a)\n{\n  return FALSE;\n}\n",
    "kernels/good.c": C_TOP + CONFIG + '#include "pipeline-core/good.h"\n'
    + FUNCTION.replace("int a,\n    int b", "int a, int b")
    % ("void", nest(4)),
    "kernels/onednn/dnn-onednn.c": C_TOP + CONFIG + "#include <oneapi/dnnl/dnnl.h>\n"
    + "\n#if DNNL_VERSION_MAJOR >= 3\nint a;\n#endif\n",
    "gst-plugin/good.c": C_TOP + CONFIG + "#include <gst/gst.h>\n"
    + FUNCTION.replace("int a,\n    int b", "void")
    % ("void", "  goto done;\ndone:\n  return;\n"),
    "examples/good.c": C_TOP + "#include <stdio.h>\n",
    "meson.build": HASH_HEAD + "project('a')\n",
    "docs/good.md": "# Title\n\n1. → 2. \u00d7 3\n",
}

# (rule, path, line, a part of the message, text)
BAD = [
    ("format", "kernels/a.c", 6, "not formatted",
     C_TOP + CONFIG + "int  a;\n"),
    ("spelling", "docs/a.md", 2, "misspelt", "# A\nto rec" + "ieve it\n"),
    ("texts", "kernels/a.c", 10, "begins with \"the\"",
     C_TOP + CONFIG + FUNCTION.replace("int a,\n    int b", "void")
     % ("void", '  g_set_error (error, A, B, "the sum is %d", 1);\n')),
    ("licence", "kernels/a.c", 1, "SPDX", "/* Adds numbers to numbers. */\n"),
    ("licence", "meson.build", 1, "SPDX", "project('a')\n"),
    ("licence", "tools/a", 1, "SPDX", "#!/bin/sh\n# Adds a and b.\n"),
    ("opening", "kernels/a.c", 3, "sentence", C_HEAD + CONFIG),
    ("unicode", "docs/a.md", 1, "U+200B", "zero\u200bwidth\n"),
    ("unicode", "kernels/a.c", 4, "U+202E", C_TOP + "/* \u202e */\n"),
    ("unicode", "docs/a.md", 2, "not UTF-8", "a\n\ufffd\n"),
    ("whitespace", "docs/a.md", 2, "at the end", "a\nb \nc\n"),
    ("whitespace", "docs/a.md", 1, "newline", "a"),
    ("whitespace", "docs/a.md", 1, "at the end", "a\r\nb\n"),
    ("returns", "kernels/a.c", 11, "returns FALSE as static gchar *",
     C_TOP + CONFIG + FUNCTION % ("gchar *", "  return FALSE;\n")),
    ("returns", "kernels/a.c", 11, "returns FALSE as static gpointer",
     C_TOP + CONFIG + FUNCTION % ("gpointer", "  return FALSE;\n")),
    ("returns", "kernels/a.c", 12, "returns NULL as static gboolean",
     C_TOP + CONFIG + FUNCTION % ("gboolean",
                                  "  if (a)\n    return NULL;\n")),
    ("layers", "pipeline-core/a.c", 6, "must not include oneapi/",
     C_TOP + CONFIG + "#include <oneapi/dnnl/dnnl.h>\n"),
    ("layers", "pipeline-core/a.h", 4, "must not include kernels/",
     C_TOP + '#include "kernels/a.h"\n'),
    ("layers", "pipeline-core/a.c", 6, "must not include gst/",
     C_TOP + CONFIG + "#include <gst/gst.h>\n"),
    ("layers", "kernels/ops/a.c", 6, "must not include compiler/",
     C_TOP + CONFIG + '#include "compiler/a.h"\n'),
    ("layers", "kernels/a.c", 6, "must not include gst-plugin/",
     C_TOP + CONFIG + '#include "gst-plugin/a.h"\n'),
    ("layers", "compiler/a.c", 6, "must not include kernels/onednn/dnn-onednn.h",
     C_TOP + CONFIG + '#include "kernels/onednn/dnn-onednn.h"\n'),
    ("layers", "compiler/a.c", 6, "must not include gst/",
     C_TOP + CONFIG + "#include <gst/gst.h>\n"),
    ("layers", "gst-plugin/a.c", 6, "must not include dnnl.h",
     C_TOP + CONFIG + "#include <dnnl.h>\n"),
    ("layers", "kernels/a.c", 6, "from the root",
     C_TOP + CONFIG + '#include "../pipeline-core/good.h"\n'),
    ("rooms", "pipeline-core/graph/a.c", 6, "pipeline-core/graph must not",
     C_TOP + CONFIG + '#include "pipeline-core/plan/a.h"\n'),
    ("rooms", "gst-plugin/results/a.c", 6, "gst-plugin/results must not",
     C_TOP + CONFIG + '#include "gst-plugin/module/a.h"\n'),
    ("rooms", "kernels/ops/a.c", 6, "kernels/ops must not include kernels/a.h",
     C_TOP + CONFIG + '#include "kernels/a.h"\n'),
    ("rooms", "compiler/attic/a.c", 1, "no room \"attic\"", C_TOP + CONFIG),
    ("config", "kernels/a.c", 4, "not the first",
     C_TOP + "#include <stdio.h>\n" + CONFIG),
    ("config", "kernels/a.c", 1, "not the first", C_TOP),
    ("config", "kernels/a.c", 4, "under a condition",
     C_TOP + "#ifdef A\n" + CONFIG + "#endif\n"),
    ("config", "pipeline-core/good.c", 5, "good.h is not the second",
     C_TOP + CONFIG + '#include <string.h>\n#include "pipeline-core/good.h"\n'),
    ("size", "kernels/a.c", 800, "801 lines", C_TOP + "\n" * 797 + "int a;\n"),
    ("size", "kernels/a.c", 8, "function of 105 lines",
     C_TOP + CONFIG + FUNCTION % ("void", "  a++;\n" * 101)),
    ("nesting", "kernels/a.c", 15, "5 deep",
     C_TOP + CONFIG + FUNCTION % ("void", nest(5))),
    ("versions", "kernels/ops/a.c", 6, "dnn-onednn.c",
     C_TOP + CONFIG + "#if DNNL_VERSION_MAJOR > 2\n#endif\n"),
    ("versions", "gst-plugin/a.c", 7, "gstdnncompat.h",
     C_TOP + CONFIG + "#if 0\n#elif GST_CHECK_VERSION (1, 24, 0)\n#endif\n"),
    ("versions", "gst-plugin/a.c", 6, "dnn-dlpack.h",
     C_TOP + CONFIG + "#ifndef DLPACK_MAJOR_VERSION\n#endif\n"),
    ("goto", "kernels/a.c", 11, "goto",
     C_TOP + CONFIG + FUNCTION % ("void", "  goto done;\ndone:\n  return;\n")),
    ("machine", "tools/a.txt", 1, "names a machine",
     "get it from http://deb." + "debian.org/debian\n"),
    ("machine", "tools/a.txt", 1, "names a machine", "see /ho" + "me/me/a\n"),
    ("scripts", "tools/a", 1, "executable",
     "#!/bin/sh\n" + HASH_HEAD + "# Says yes to you.\necho yes\n"),
    ("scripts", "tools/a.py", 4, "Python:",
     '#!/usr/bin/python3\n' + HASH_HEAD + "if:\n"),
    ("scripts", "tools/a", 1, "unexpected",
     "#!/bin/sh\n" + HASH_HEAD + "# Says no.\nif true; then\n"),
]


def write(root, path, text):
    """Writes one file of a tree; scripts executable, but for the bad one."""
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    data = text.encode()
    data = data.replace("\ufffd".encode(), b"\xff")
    with open(full, "wb") as stream:
        stream.write(data)
    if text.startswith("#!") and "Says yes" not in text:
        os.chmod(full, 0o755)


def run_lint(root, rule):
    """Runs one rule over a tree."""
    return subprocess.run([sys.executable, LINT, "--root", root, "--rule", rule],
                          stdout=subprocess.PIPE, text=True, check=False)


def make_tree(root):
    """A tree that no rule dislikes, with the project's layout."""
    for path, text in GOOD.items():
        write(root, path, text)
    top = os.path.dirname(os.path.dirname(LINT))
    with open(os.path.join(top, ".clang-format"), encoding="utf-8") as style:
        write(root, ".clang-format", style.read())


class Report:
    """TAP on standard output."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def add(self, passed, name, why=""):
        """One line."""
        self.count += 1
        self.failed += not passed
        for line in why.splitlines() if not passed else ():
            print("# " + line)
        print("%sok %d %s" % ("" if passed else "not ", self.count, name))

    def skip(self, name, why):
        """A rule whose tool isn't here."""
        self.count += 1
        print("ok %d %s # SKIP %s" % (self.count, name, why))


def main():
    """Runs good and bad trees through every rule."""
    report = Report()
    rules = subprocess.run([sys.executable, LINT, "--list"],
                           stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    for rule in rules:
        report.add(any(rule == bad[0] for bad in BAD), "/%s/has-a-case" % rule)
        with tempfile.TemporaryDirectory() as root:
            make_tree(root)
            done = run_lint(root, rule)
        if done.returncode == 77:
            report.skip("/%s/good" % rule, done.stdout.strip())
        else:
            report.add(done.returncode == 0 and not done.stdout,
                       "/%s/good" % rule, done.stdout)
    for rule, path, line, message, text in BAD:
        name = "/%s/%s/%s" % (rule, path, message.replace(" ", "-"))
        with tempfile.TemporaryDirectory() as root:
            make_tree(root)
            write(root, path, text)
            done = run_lint(root, rule)
        lines = done.stdout.splitlines()
        if done.returncode == 77:
            report.skip(name, done.stdout.strip())
            continue
        start = "%s:%d: " % (path, line)
        report.add(done.returncode == 1 and len(lines) == 1
                   and lines[0].startswith(start) and message in lines[0]
                   and lines[0].endswith("(%s)" % rule), name, done.stdout)
    print("1..%d" % report.count)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
