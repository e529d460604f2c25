#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Every #if on a library's version → in which releases its code is compiled,
as docs/testing.md says; here and now, whether the build takes that branch. So
no code is compiled nowhere, and a package that misses is no quiet loss. TAP on
standard output.

test-versions.py SOURCE BUILD
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE, BUILD = sys.argv[1:3]
LAYERS = ("pipeline-core", "kernels", "compiler", "gst-plugin", "tools",
          "examples", "benchmarks", "bindings", "tests")
VERSION = r"\b(?:GST|GLIB|PANGO|CAIRO|JSON|DNNL|DLPACK|PROTOBUF_C)\w*VERSION"
IF = re.compile(r"\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)")
DEFINE = re.compile(r"\s*#\s*define\s+(\w+)(.*)")
MARK = "DNN_BRANCH_TAKEN"


def list_files():
    """C files of the tree."""
    for layer in LAYERS:
        for folder, _, names in os.walk(os.path.join(SOURCE, layer)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        yield os.path.relpath(path, SOURCE), (
                            file.read().split("\n"))


def find_derived(files):
    """Macros that are another name for a version: so defined, or defined where
    an #if on one holds."""
    names = set()
    for _, lines in files:
        depth = []
        for line in lines:
            condition = IF.match(line)
            if re.match(r"\s*#\s*if", line):
                depth.append(bool(re.search(VERSION, line)))
            elif re.match(r"\s*#\s*endif", line) and depth:
                depth.pop()
            define = DEFINE.match(line)
            if define and not condition and (
                    re.search(VERSION, define[2]) or any(depth)):
                names.add(define[1])
    return names


def find_conditions(files, derived):
    """(file, number of the line, the condition)"""
    for path, lines in files:
        for number, line in enumerate(lines):
            found = IF.match(line)
            if found and (re.search(VERSION, line) or set(
                    re.findall(r"\w+", found[1])) & derived):
                text = line.strip().lstrip("#").strip()
                yield path, number, re.sub(r"^if ", "", text)


def read_table():
    """{(condition, file): {release: yes or no}}"""
    with open(os.path.join(SOURCE, "docs", "testing.md"),
              encoding="utf-8") as file:
        text = file.read()
    block = re.search(r"^\| condition \|.*?\n\n", text + "\n",
                      re.MULTILINE | re.DOTALL)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in block.strip().split("\n")]
    releases = rows[0][2:]
    return {(row[0].strip("`"), path.strip("` ")): dict(zip(releases, row[2:]))
            for row in rows[2:] for path in row[1].split(",")}


def get_release():
    """bookworm, trixie, …"""
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            found = re.search(r"^VERSION_CODENAME=\"?(\w+)", file.read(),
                              re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None


def find_flags(path):
    """How a file is compiled; a header as its neighbours are. Of several ways
    the one that knows most libraries."""
    with open(os.path.join(BUILD, "compile_commands.json"),
              encoding="utf-8") as file:
        commands = json.load(file)
    places = [path, os.path.dirname(path) + "/", path.split("/")[0] + "/"]
    for place in places:
        near = [entry for entry in commands if os.path.relpath(
            os.path.join(entry["directory"], entry["file"]),
            SOURCE).startswith(place)]
        if near:
            return max(near, key=lambda entry: entry["command"].count(" -D")
                       + entry["command"].count(" '-D"))
    raise SystemExit("nothing is compiled near " + path)


def list_taken(path, lines, numbers):
    """Those lines whose condition holds in this build."""
    entry = find_flags(path)
    words = [word for word in shlex.split(entry["command"])
             if not re.match(r"-(W|f(?!PIC)|O|g|c$|M)", word)]
    for option in ("-MQ", "-MF", "-o"):
        while option in words:
            at = words.index(option)
            del words[at:at + 2]
    words = [word for word in words if not word.endswith((".c", ".d", ".o"))]
    marked = list(lines)
    for number in numbers:
        marked[number] += "\n%s_%d" % (MARK, number)
    with tempfile.NamedTemporaryFile("w", suffix=".c",
                                     encoding="utf-8") as file:
        file.write("\n".join(marked))
        file.flush()
        done = subprocess.run(
            words + ["-I" + SOURCE, "-I" + BUILD, "-E", "-P", "-w", file.name],
            cwd=entry["directory"], stdout=subprocess.PIPE, text=True,
            check=True)
    return {int(found) for found in re.findall(MARK + r"_(\d+)", done.stdout)}


def check(condition, path, row, release, taken):
    """What is wrong with one condition in one file."""
    if row is None:
        return ("docs/testing.md has no row for `%s` in %s; it was %s here"
                % (condition, path, "taken" if taken else "not taken"))
    if not {"yes", "no"} <= set(row.values()):
        return "one side of it is compiled nowhere: %s" % row
    if release in row and (row[release] == "yes") != taken:
        return "docs/testing.md says %s for %s, the build %s" % (
            row[release], release, "takes it" if taken else "doesn't: is a "
            "package of tools/packages.txt missing?")
    return ""


def main():
    """As TAP."""
    files = list(list_files())
    conditions = {}
    for path, number, text in find_conditions(files, find_derived(files)):
        conditions.setdefault((text, path), []).append(number)
    table, release = read_table(), get_release()
    by_path = dict(files)
    failed = number = 0
    for text, path in sorted(conditions):
        numbers = conditions[text, path]
        taken = list_taken(path, by_path[path], numbers)
        wrong = check(text, path, table.get((text, path)), release,
                      bool(taken))
        number += 1
        failed += bool(wrong)
        if wrong:
            print("# " + wrong)
        print("%sok %d /versions/%s/%s (lines %s)" % (
            "not " if wrong else "", number, path, text,
            ", ".join(str(line + 1) for line in numbers)))
    stale = sorted(set(table) - set(conditions))
    print("%sok %d /versions/no-row-without-code" % (
        "not " if stale else "", number + 1))
    for row in stale:
        print("# no such condition: `%s` in %s" % row)
    print("1..%d" % (number + 1))
    return 1 if failed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
