# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Results → a table in markdown, and JSON."""

import json
import math
import re
import sys


def get_ratio(result):
    """gst-dnn's time ÷ that of the better reference; None without one."""
    contenders = result["contenders"]
    others = [contenders[name]["ms"] for name in result["references"]]
    return contenders["gst-dnn"]["ms"] / min(others) if others else None


def show_progress(result):
    text = ", ".join(f"{name} {found['ms']:.2f}" for name, found
                     in result["contenders"].items())
    print(f"{result['model']}, {result['threads']} threads: {text} ms",
          file=sys.stderr)


def find_cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"model name\s*:\s*(.*)", file.read())
    return found.group(1) if found else "unknown"


def describe(arguments, results):
    """All that is to be kept."""
    ratios = [r for r in map(get_ratio, results) if r]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None
    return {
        "command": " ".join(["benchmarks/run"] + arguments),
        "cpu": find_cpu(),
        "versions": {name: found["version"] for name, found
                     in results[0]["contenders"].items()},
        "geometric-mean": mean,
        "results": [dict(result, ratio=get_ratio(result))
                    for result in results],
    }


def make_row(cells):
    return "| " + " | ".join(cells) + " |"


def make_cells(result, names):
    contenders = result["contenders"]
    cells = [result["model"], str(result["threads"])]
    cells += [f"{contenders[name]['ms']:.2f}" for name in names]
    if result["ratio"]:
        cells.append(f"{result['ratio']:.2f}")
    if "primitives-ms" in result:
        share = result["primitives-ms"] / contenders["gst-dnn"]["ms"]
        cells += [f"{result['primitives-ms']:.2f}", f"{share:.2f}"]
    for key in ("load-ms", "peak-mb"):
        cells.append(" / ".join(
            f"{contenders[name][key]:.0f}" for name in names))
    return cells


def make_table(found):
    names = list(found["versions"])
    head = ["model", "threads"] + [f"{name} ms" for name in names]
    if found["geometric-mean"]:
        head.append("ratio")
    if "primitives-ms" in found["results"][0]:
        head += ["primitives ms", "share"]
    head += ["load ms", "peak MB"]
    rows = [make_row(head), make_row(["---"] * len(head))]
    rows += [make_row(make_cells(r, names)) for r in found["results"]]
    lines = rows + ["", f"`{found['command']}`", f"on {found['cpu']}; " +
                    ", ".join(f"{name} {version}" for name, version
                              in found["versions"].items()) + "."]
    if found["geometric-mean"]:
        lines.append("Ratio: gst-dnn ÷ the better reference; geometric mean "
                     f"{found['geometric-mean']:.3f}.")
    return "\n".join(lines)


def to_json(found):
    return json.dumps(found, indent=1)


def write(path, text):
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
