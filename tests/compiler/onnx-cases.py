#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""The conformance cases of the onnx wheel that this Python has → folders
OUT/KIND/NAME with model.onnx, test_data_set_N/*.pb and tol, as Debian's
libonnx-testdata has them."""

import os
import sys
import warnings

import numpy
import onnx.backend.test.case.model as model_cases
import onnx.backend.test.case.node as node_cases
from onnx import TensorProto, numpy_helper

SUFFIX = {"sequence_type": numpy_helper.from_list,
          "optional_type": numpy_helper.from_optional,
          "map_type": numpy_helper.from_dict}


def to_proto(value, info):
    if isinstance(value, TensorProto):
        return value
    kind = info.type.WhichOneof("value")
    return SUFFIX.get(kind, numpy_helper.from_array)(value, info.name)


def write(path, proto):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(proto.SerializeToString())


def write_case(case, folder):
    write(folder + "/model.onnx", case.model)
    for i, data in enumerate(case.data_sets):
        for what, values, infos in (
                ("input", data[0], case.model.graph.input),
                ("output", data[1], case.model.graph.output)):
            for j, value in enumerate(values):
                write(f"{folder}/test_data_set_{i}/{what}_{j}.pb",
                      to_proto(value, infos[j]))
    with open(folder + "/tol", "w", encoding="utf-8") as file:
        file.write(f"{case.rtol} {case.atol}")


def main():
    warnings.simplefilter("ignore")
    numpy.seterr(all="ignore")
    cases = list(node_cases.collect_testcases(None))
    cases += list(model_cases.collect_testcases())
    for case in cases:
        if case.model and case.data_sets:
            write_case(case, f"{sys.argv[1]}/{case.kind}/{case.name}")


main()
