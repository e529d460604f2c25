#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""tools/test-count → adds up what Meson logs of each kind of program.

test-count.py TEST-COUNT
"""

import json
import os
import subprocess
import sys
import tempfile

TAP = "# random seed\n1..3\nok 1 /a\nok 2 /b # SKIP why\nok 3 /c\n"
CHECK = "Running suite(s): a\n%d%%: Checks: %d, Failures: %d, Errors: %d\n"

# (name, [(result, stdout)...], last line, exit code)
CASES = [
    ("plain", [("OK", ""), ("OK", "text\n")], "2 passed, 0 failed, 0 skipped",
     0),
    ("skip", [("OK", ""), ("SKIP", "")], "1 passed, 0 failed, 1 skipped", 0),
    ("only-skips", [("SKIP", "")], "0 passed, 0 failed, 1 skipped", 0),
    ("fail", [("OK", ""), ("FAIL", "")], "1 passed, 1 failed, 0 skipped", 1),
    ("timeout", [("TIMEOUT", None)], "0 passed, 1 failed, 0 skipped", 1),
    ("none", [], "0 passed, 0 failed, 0 skipped", 1),
    ("tap", [("OK", TAP)], "2 passed, 0 failed, 1 skipped", 0),
    ("tap-fail", [("FAIL", TAP.replace("ok 3", "not ok 3"))],
     "1 passed, 1 failed, 1 skipped", 1),
    ("tap-dies", [("ERROR", TAP.replace("ok 3 /c\n", ""))],
     "1 passed, 1 failed, 1 skipped", 1),
    ("tap-leaks", [("ERROR", TAP)], "2 passed, 1 failed, 1 skipped", 1),
    ("tap-skip-all", [("SKIP", "1..0 # SKIP no data\n")],
     "0 passed, 0 failed, 1 skipped", 0),
    ("check", [("OK", CHECK % (100, 4, 0, 0))],
     "4 passed, 0 failed, 0 skipped", 0),
    ("check-skip", [("OK", "# SKIP no file\n" + CHECK % (100, 4, 0, 0))],
     "3 passed, 0 failed, 1 skipped", 0),
    ("check-fail", [("FAIL", CHECK % (50, 4, 1, 1))],
     "2 passed, 2 failed, 0 skipped", 1),
    ("check-part", [("FAIL", CHECK % (0, 1, 1, 0) + "a.c:7:F:a:test_a:0: no")],
     "0 passed, 1 failed, 0 skipped", 1),
    ("expected", [("EXPECTEDFAIL", "1..1\nnot ok 1 /a\n")],
     "1 passed, 0 failed, 0 skipped", 0),
    ("unexpected", [("UNEXPECTEDPASS", "")], "0 passed, 1 failed, 0 skipped",
     1),
]


def main(tool):
    """Counts each case, as TAP."""
    failed = 0
    print("1..%d" % len(CASES))
    for number, (name, tests, last, code) in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.json")
            with open(path, "w", encoding="utf-8") as stream:
                for result, text in tests:
                    json.dump({"name": "a", "result": result, "stdout": text},
                              stream)
                    stream.write("\n")
            done = subprocess.run([sys.executable, tool, path], stdout=subprocess.PIPE,
                                  text=True, check=False)
        lines = done.stdout.splitlines()
        parts = [line for result, text in tests if result in ("FAIL", "ERROR")
                 for line in (text or "").splitlines()
                 if line.startswith("not ok") or ":F:" in line]
        good = (done.returncode == code and lines[-1:] == [last] and
                all("  " + part in lines for part in parts))
        failed += not good
        if not good:
            print("# %r, exit code %d" % (lines, done.returncode))
        print("%sok %d /%s" % ("" if good else "not ", number, name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
