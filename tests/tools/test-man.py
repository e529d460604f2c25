# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Man pages → rendered without a warning; each command and option that the
program's --help shows stands there, with its text. TAP on standard output.

test-man.py PAGE PROGRAM... [-- PAGE PROGRAM...]
"""

import os
import re
import shutil
import subprocess
import sys

ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="1000",
                   MAN_KEEP_FORMATTING="", COLUMNS="1000",
                   ASAN_OPTIONS="detect_leaks=0")
# Programs of others run without a sanitizer.
OTHERS = {name: value for name, value in ENVIRONMENT.items()
          if name != "LD_PRELOAD"}


def render(page):
    """(text, warnings) of a page, as a terminal shows it."""
    done = subprocess.run(["man", "--warnings=w", "-l", page], text=True,
                          env=OTHERS, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    text = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)
    return re.sub(r"\s+", " ", text), (
        done.stderr or ("exit code %d" % done.returncode)
        * (done.returncode != 0))


def ask(program):
    """What --help says."""
    return subprocess.run(program + ["--help"], env=ENVIRONMENT, check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def list_texts(program):
    """What must stand on the page."""
    text = ask(program)
    helps = [text]
    for name, summary in re.findall(r"^  ([a-z]\S*) .*  (\S.*)$", text,
                                    re.MULTILINE):
        yield "gst-dnn " + name
        yield summary[1:]
        helps.append(ask(program + [name]))
    for text in helps:
        for option, what in re.findall(r"^  (-\S.*?)(?:  +(\S.*))?$", text,
                                       re.MULTILINE):
            if "--help" not in option:
                yield option
                yield what


def check(page, program):
    """(what to check, what is wrong)"""
    text, warnings = render(page)
    name = os.path.basename(page)
    yield name + "/no-warnings", warnings
    wanted = {re.sub(r"\s+", " ", item) for item in list_texts(program)}
    missing = [item for item in sorted(wanted) if item not in text]
    yield name + "/complete", (
        "" if not missing and len(wanted) > 4 else
        "not there: %s" % missing)
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"):
        yield "%s/%s" % (name, section), (
            "" if " %s " % section in text else "no such section")


def main(arguments):
    """As TAP."""
    if not shutil.which("man"):
        print("1..0 # SKIP no man here")
        return 0
    failed = number = 0
    while arguments:
        end = (arguments + ["--"]).index("--")
        page, *program = arguments[:end]
        arguments = arguments[end + 1:]
        for name, wrong in check(page, program):
            number += 1
            failed += bool(wrong)
            for line in wrong.splitlines():
                print("# " + line)
            print("%sok %d /man/%s" % ("not " * bool(wrong), number, name))
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
