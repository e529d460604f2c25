#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Rows of the speed table → what ONNX Runtime takes for the same calls.

elements.py [OPERATOR[/ROW] ...]: ns an element of the largest tensor, one
thread, median of 15; "-" where it has no kernel for the type. The other side is
`test-kernels-run --speed [OPERATOR]`, whose lines --table folds, from standard
input, into one line a group of rows. Needs numpy, onnx and onnxruntime.
"""

import json
import pathlib
import statistics
import sys
import time

ROWS = pathlib.Path(__file__).resolve().parent.parent / "tests/kernels/rows"
OPSET = 21
SEED = 3
TYPES = ("float32", "float16", "int64", "int32", "uint8")


def fold_table(lines):
    """operator | row | ns | … → a column a type."""
    groups = {}
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 5 or cells[1] == "operator" or cells[1][:1] == "-":
            continue
        words = cells[2].split("-")
        kind = words.pop() if words[-1] in TYPES else TYPES[0]
        group = groups.setdefault((cells[1], "-".join(words)), {})
        group[kind] = cells[3]
    print("| operator | row | %s |\n|---|---|%s" % (" | ".join(TYPES),
                                                 "---|" * len(TYPES)))
    for (operator, row), found in groups.items():
        print("| %s | %s | %s |" % (operator, row or "same shape", " | ".join(
            found.get(kind, "–") for kind in TYPES)))


def make_array(given, random):
    """An input: its values, or small random numbers as the runner's."""
    # pylint: disable=import-outside-toplevel
    import numpy as np
    kind = np.dtype(given.get("type", "float32"))
    if "values" in given:
        return np.resize(np.array(given["values"], kind), given["shape"])
    if kind.kind == "f":
        low, high = given.get("range", (-1, 1))
        return random.uniform(low, high, given["shape"]).astype(kind)
    low, high = given.get("range", (-9, 9))
    if kind.kind == "u":
        low = max(low, 0)
    return random.integers(low, high + 1, given["shape"]).astype(kind)


def make_model(operator, row, arrays):
    """One node; what is constant in the row is an initialiser."""
    # pylint: disable=import-outside-toplevel
    import onnx
    from onnx import helper
    names = ["i%d" % i if array is not None else ""
             for i, array in enumerate(arrays)]
    node = helper.make_node(operator, names, ["y"], **row.get("attrs", {}))
    inputs, constants = [], []
    for name, array, given in zip(names, arrays, row["inputs"]):
        if array is None:
            continue
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        if given.get("constant"):
            constants.append(onnx.numpy_helper.from_array(array, name))
        else:
            inputs.append(helper.make_tensor_value_info(
                name, kind, array.shape))
    outputs = [onnx.ValueInfoProto(name="y")]
    graph = helper.make_graph([node], "row", inputs, outputs, constants)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def measure(session, feed):
    """ns of a run."""
    times, n = [], 1
    while True:
        start = time.perf_counter_ns()
        for _ in range(n):
            session.run(None, feed)
        if time.perf_counter_ns() - start > 2e6:
            break
        n *= 2
    for _ in range(15):
        start = time.perf_counter_ns()
        for _ in range(n):
            session.run(None, feed)
        times.append((time.perf_counter_ns() - start) / n)
    return statistics.median(times)


def run_row(operator, row):
    """Text of the figure."""
    # pylint: disable=import-outside-toplevel
    import numpy as np
    import onnxruntime
    random = np.random.default_rng(SEED)
    arrays = [None if given is None else make_array(given, random)
              for given in row["inputs"]]
    if operator in ("Div", "Mod") and arrays[1].dtype.kind != "f":
        arrays[1][arrays[1] == 0] = 1  # there it is a crash
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            make_model(operator, row, arrays).SerializeToString(), options,
            providers=["CPUExecutionProvider"])
        feed = {node.name: arrays[int(node.name[1:])]
                for node in session.get_inputs()}
        size = max(result.size for result in session.run(None, feed))
    except Exception:  # pylint: disable=broad-except
        return "-"
    size = max([size] + [array.size for array in arrays if array is not None])
    return "%.2f" % (measure(session, feed) / size)


def main():
    """A line of the table a row."""
    wanted = sys.argv[1:]
    if wanted == ["--table"]:
        fold_table(sys.stdin)
        return
    print("| operator | row | ONNX Runtime |\n|---|---|---|")
    for path in sorted(ROWS.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            name = row["name"].removeprefix("speed-")
            if name == row["name"] or (
                    wanted and path.stem not in wanted and
                    "%s/%s" % (path.stem, name) not in wanted):
                continue
            print("| %s | %s | %s |" % (path.stem, name,
                                        run_row(path.stem, row)), flush=True)


if __name__ == "__main__":
    main()
