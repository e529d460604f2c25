#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Writes opsets.json: each operator at each opset in which its schema changed,
with small inputs and what ONNX Runtime computes at that opset.

Needs the wheels onnx, onnxruntime and numpy; the test needs only the file.
Where an operator is added, a row in CASES or a name in one of the lists goes
here, and the file is made anew: make-opsets.py > opsets.json
"""
import json
import math
import sys
from collections import defaultdict

import numpy as np
import onnx
import onnxruntime
from onnx import helper

OLDEST, NEWEST = 7, 24
X = np.array([[[-2, -0.5, 0, 1.25], [3, 0.75, -1, 2], [0.5, 4, -3, 1.5]]],
             np.float32)
POSITIVE = np.abs(X) + 0.25
UNIT = X / 5
A = np.array([[1, -2, 3], [0.5, 4, -1.5]], np.float32)
B = np.array([[2, 0.5, -1]], np.float32)
BOOLS = np.array([[True, False, True], [False, False, True]])
IMAGE = (np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4) % 7 - 3) / 2
WEIGHTS = (np.arange(36, dtype=np.float32).reshape(2, 2, 3, 3) % 5 - 2) / 4

UNARY = {
    "Abs": X, "Ceil": X, "Celu": X, "Cos": X, "Cosh": X, "Elu": X, "Erf": X,
    "Exp": X, "Floor": X, "HardSigmoid": X, "HardSwish": X, "Identity": X,
    "IsInf": X, "IsNaN": X, "LeakyRelu": X, "Log": POSITIVE, "LogSoftmax": X,
    "Mish": X, "Neg": X, "Reciprocal": POSITIVE, "Relu": X, "Round": X,
    "Selu": X, "Shape": X, "Shrink": X, "Sigmoid": X, "Sign": X, "Sin": X,
    "Sinh": X, "Softmax": X, "Softplus": X, "Softsign": X, "Sqrt": POSITIVE,
    "Swish": X, "Tan": X, "Tanh": X, "ThresholdedRelu": X, "Transpose": X,
    "Acos": UNIT, "Acosh": POSITIVE + 1, "Asin": UNIT, "Asinh": X, "Atan": X,
    "Atanh": UNIT, "Gelu": X, "Hardmax": X, "Flatten": X, "Dropout": X, "Not": BOOLS,
    "GlobalAveragePool": IMAGE, "GlobalMaxPool": IMAGE,
}
BINARY = {
    "Add": A, "Sub": A, "Mul": A, "Div": A, "Greater": A, "Less": A,
    "GreaterOrEqual": A, "LessOrEqual": A, "Max": A, "Min": A, "Sum": A,
    "Mean": A, "PRelu": A, "Pow": np.abs(A), "And": BOOLS, "Or": BOOLS,
    "Xor": BOOLS,
}
REDUCTIONS = [
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare",
]


def ints(*values):
    """A constant list of integers."""
    return ("constant", np.array(values, np.int64))


def constant(value):
    """A constant tensor."""
    return ("constant", value)


def cases(name, opset):
    """(inputs, attributes) of an operator as that opset has it."""
    if name in UNARY:
        yield [UNARY[name]], {}
        if name in ("Hardmax", "LogSoftmax", "Softmax"):
            yield [X], {"axis": 0}
            yield [X], {"axis": 1}
            yield [X], {"axis": -1}
        elif name in ("Elu", "Celu", "LeakyRelu", "ThresholdedRelu"):
            yield [UNARY[name]], {"alpha": 0.5}
    elif name in BINARY:
        first = BINARY[name]
        if name in ("Max", "Mean", "Min", "Sum") and opset < 8:
            yield [first, -first], {}
            return
        yield [first, BOOLS[:1] if first.dtype == bool else B], {}
    elif name in REDUCTIONS:
        by_input = opset >= (13 if name == "ReduceSum" else 18)
        yield [POSITIVE], {}
        yield [POSITIVE], {"keepdims": 0}
        if by_input:
            yield [POSITIVE, ints(1)], {"keepdims": 0}
            yield [POSITIVE, ints(-1, 1)], {}
        else:
            yield [POSITIVE], {"axes": [1], "keepdims": 0}
            if opset >= 11:
                yield [POSITIVE], {"axes": [-1, 1]}
    elif name in CASES:
        yield from CASES[name](opset)


def clip(opset):
    if opset < 11:
        yield [X], {"min": -1.0, "max": 1.5}
        yield [X], {"max": 0.5}
    else:
        yield [X, constant(np.float32(-1)), constant(np.float32(1.5))], {}


def pad(opset):
    if opset < 11:
        yield [A], {"pads": [0, 1, 1, 0], "value": 9.0}
        yield [A], {"pads": [0, 1, 1, 2], "mode": "reflect"}
        yield [A], {"pads": [0, 1, 1, 2], "mode": "edge"}
    else:
        yield [A, ints(0, 1, 1, 0), constant(np.float32(9))], {}
        yield [A, ints(0, 1, 1, 2)], {"mode": "reflect"}
        yield [A, ints(0, 1, 1, 2)], {"mode": "edge"}


def slices(opset):
    if opset < 10:
        yield [X], {"starts": [1, -3], "ends": [3, 100], "axes": [1, 2]}
    else:
        yield [X, ints(2, -1), ints(0, -100), ints(1, 2), ints(-1, -2)], {}


def split(opset):
    if opset < 13:
        yield [X], {"axis": 2, "split": [1, 3]}
    else:
        yield [X, ints(1, 3)], {"axis": 2}


def axes(values):
    def make(opset):
        if opset < 13:
            yield [POSITIVE], {"axes": values}
        else:
            yield [POSITIVE, ints(*values)], {}
    return make


def resize(opset):
    sizes = constant(np.array([1, 1, 2, 0.5], np.float32))
    larger = constant(np.array([1, 1, 2, 1.5], np.float32))
    none = constant(np.zeros(0, np.float32))
    if opset == 10:
        yield [IMAGE, larger], {"mode": "nearest"}
        yield [IMAGE, larger], {"mode": "linear"}
    else:
        for mode in ("asymmetric", "half_pixel", "align_corners"):
            for how in ("nearest", "linear", "cubic"):
                yield [IMAGE, none, sizes if how == "nearest" else larger], {
                    "mode": how, "coordinate_transformation_mode": mode}


def batchnorm(opset):
    yield [IMAGE] + [constant(np.array(v, np.float32)) for v in
                     ([2, 0.5], [1, -1], [0.25, 0.5], [1, 4])], {}


def pool(opset):
    yield [IMAGE], {"kernel_shape": [2, 3], "strides": [2, 1],
                    "pads": [0, 1, 0, 1]}
    if opset >= 10:
        yield [IMAGE], {"kernel_shape": [3, 3], "strides": [2, 2],
                        "ceil_mode": 1}


def mod(opset):
    yield [np.array([-7, 7, -7], np.int32), np.array([3, -3, -3], np.int32)], {}
    yield [A, B], {"fmod": 1}


def one(*inputs, **attrs):
    return lambda opset: [(list(inputs), attrs)]


CASES = {
    "Clip": clip, "Pad": pad, "Slice": slices, "Split": split,
    "Squeeze": axes([0]), "Unsqueeze": axes([0, 3]), "Resize": resize,
    "BatchNormalization": batchnorm, "AveragePool": pool, "MaxPool": pool,
    "Mod": mod,
    "Cast": one(X, to=6),
    "Concat": one(X, X, axis=1),
    "Conv": one(IMAGE, constant(WEIGHTS), pads=[1, 1, 1, 1]),
    "ConvTranspose": one(IMAGE, constant(WEIGHTS), strides=[2, 2]),
    "Equal": one(np.array([1, 2, 3], np.int32), np.array([1, 0, 3], np.int32)),
    "Gather": one(X, constant(np.array([2, 0], np.int64)), axis=1),
    "Gemm": one(A, constant(A.T.copy()), constant(np.float32([[1, 2]])),
                alpha=0.5),
    "MatMul": one(A, constant(A.T.copy())),
    "Reshape": one(X, ints(2, -1)),
    "Where": one(BOOLS, A, B),
    "Upsample": lambda opset: (
        [([IMAGE], {"mode": "nearest", "scales": [1.0, 1.0, 2.0, 3.0]})]
        if opset < 9 else
        [([IMAGE, constant(np.array([1, 1, 2, 3], np.float32))],
          {"mode": "linear"})]),
    "BitShift": one(np.array([1, 2, 128], np.uint8),
                    np.array([1, 2, 1], np.uint8), direction="LEFT"),
    "BitwiseAnd": one(np.array([5, 6], np.int32), np.array([3, 12], np.int32)),
    "BitwiseOr": one(np.array([5, 6], np.int32), np.array([3, 12], np.int32)),
    "BitwiseXor": one(np.array([5, 6], np.int32), np.array([3, 12], np.int32)),
    "ArgMax": one(X, axis=1),
    "ArgMin": one(X, axis=2, keepdims=0),
    "CumSum": one(X, constant(np.array(1, np.int64)), reverse=1),
    "BitwiseNot": one(np.array([5, -6], np.int32)),
}
ONLY_UNTIL = {"Upsample": 9}


def plain(value):
    """As JSON has it, in as few digits as say it."""
    if isinstance(value, np.float32) and math.isfinite(value):
        return float(str(value))
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def tensor(array):
    array = np.asarray(array)
    return {"type": str(array.dtype), "shape": list(array.shape),
            "values": [plain(v) for v in array.ravel()]}


def write_attr(key, value):
    kind = {str: "s", int: "i", float: "f"}.get(type(value))
    if kind:
        return "%s=%s:%s" % (key, kind, value)
    kind = "fs" if isinstance(value[0], float) else "is"
    return "%s=%s:%s" % (key, kind, ",".join(map(str, value)))


def make_row(name, opset, inputs, attrs):
    arrays = [i[1] if isinstance(i, tuple) else i for i in inputs]
    names = ["x%d" % i for i in range(len(inputs))]
    n_outputs = 2 if name == "Split" else 1
    node = helper.make_node(name, names, ["y%d" % i for i in range(n_outputs)],
                            **attrs)
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info(
            n, helper.np_dtype_to_tensor_dtype(np.asarray(a).dtype),
            np.asarray(a).shape)
         for n, a, i in zip(names, arrays, inputs) if not isinstance(i, tuple)],
        [onnx.ValueInfoProto(name="y%d" % i) for i in range(n_outputs)],
        [onnx.numpy_helper.from_array(np.asarray(a), n)
         for n, a, i in zip(names, arrays, inputs) if isinstance(i, tuple)])
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    model = onnx.shape_inference.infer_shapes(model)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {
        n: np.asarray(a) for n, a, i in zip(names, arrays, inputs)
        if not isinstance(i, tuple)})
    return {"op": name, "opset": opset,
            "attrs": " ".join(write_attr(k, v) for k, v in attrs.items()),
            "inputs": [dict(tensor(a), constant=isinstance(i, tuple))
                       for a, i in zip(arrays, inputs)],
            "outputs": [tensor(o) for o in outputs]}


def main():
    versions = defaultdict(list)
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == "":
            versions[schema.name].append(schema.since_version)
    walked = sorted(set(UNARY) | set(BINARY) | set(REDUCTIONS) | set(CASES))
    rows, refused = [], []
    for name in walked:
        since = sorted(versions[name])
        first = max((v for v in since if v <= OLDEST), default=None)
        at = ([OLDEST] if first else []) + [
            v for v in since if OLDEST < v <= ONLY_UNTIL.get(name, NEWEST)]
        ends = [max(v - 1, OLDEST) for v in at[1:]]
        for opset in sorted(set(at + ends)):
            if opset > ONLY_UNTIL.get(name, NEWEST) or opset < min(since):
                continue
            for inputs, attrs in cases(name, opset):
                try:
                    rows.append(make_row(name, opset, inputs, attrs))
                except Exception as error:  # what isn't there in that version
                    refused.append("%s %d: %s" % (
                        name, opset, str(error).split("\n")[0][:100]))
    print("\n".join(refused), file=sys.stderr)
    table = {
        "versions": {n: sorted(v for v in versions[n]
                               if v <= ONLY_UNTIL.get(n, NEWEST))
                     for n in walked},
        "rows": rows}
    text = json.dumps(table["versions"])
    print('{"versions": %s,\n"rows": [\n%s\n]}' % (
        text, ",\n".join(json.dumps(r) for r in rows)))


main()
