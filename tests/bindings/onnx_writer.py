# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Nodes and arrays → the bytes of a small ONNX model, put together by hand:
tests must not need another package. Constants are float32, int64 or bool."""

import collections
import struct

FLOAT = 1
TYPES = {"float32": FLOAT, "uint8": 2, "int32": 6, "int64": 7, "bool": 9}
# An attribute: what write () takes, but the path.
Graph = collections.namedtuple("Graph", "inputs nodes constants outputs")


def _varint(number):
    data = b""
    while number > 127:
        data += bytes([number & 127 | 128])
        number >>= 7
    return data + bytes([number])


def _field(number, value):
    """A number, or bytes of a text or message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, str):
        value = value.encode()
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _value_info(name, shape):
    type_name = "float32"
    if len(shape) == 2 and isinstance(shape[1], tuple):
        type_name, shape = shape
    dims = b"".join(_field(1, _field(2, size) if isinstance(size, str)
                           else _field(1, size)) for size in shape)
    tensor_type = _field(1, TYPES[type_name]) + _field(2, dims)
    return _field(1, name) + _field(2, _field(1, tensor_type))


def _initializer(name, array):
    code = {"float32": "f", "int64": "q", "bool": "?"}[array.dtype.name]
    return (b"".join(_field(1, size) for size in array.shape)
            + _field(2, TYPES[array.dtype.name]) + _field(8, name)
            + _field(9, struct.pack("<%d%s" % (array.size, code),
                                    *array.ravel())))


def _attribute(name, value):
    if isinstance(value, Graph):
        return _field(1, name) + _field(6, _graph(*value)) + _field(20, 5)
    if isinstance(value, list):
        return (_field(1, name)
                + b"".join(_field(8, item % 2 ** 64) for item in value)
                + _field(20, 7))
    return _field(1, name) + _field(3, value) + _field(20, 2)


def _node(operator, inputs, outputs, attributes):
    return (b"".join(_field(1, name) for name in inputs)
            + b"".join(_field(2, name) for name in outputs)
            + _field(3, outputs[0] + "-node") + _field(4, operator)
            + b"".join(_field(5, _attribute(*item))
                       for item in attributes.items()))


def _graph(inputs, nodes, constants, outputs):
    graph = b"".join(_field(1, _node(*node)) for node in nodes)
    graph += _field(2, "graph")
    graph += b"".join(_field(5, _initializer(*item))
                      for item in constants.items())
    graph += b"".join(_field(11, _value_info(*item))
                      for item in inputs.items())
    graph += b"".join(_field(12, _value_info(*item))
                      for item in outputs.items())
    return graph


def write(path, inputs, nodes, constants, outputs, opset=17):
    """inputs, outputs: {name: shape} or {name: (type, shape)}, where a name
    stands for an open dimension; nodes: (operator, inputs, outputs,
    {attribute: integer, list of integers or Graph}); constants: {name:
    array}."""
    graph = _graph(inputs, nodes, constants, outputs)
    with open(path, "wb") as stream:
        stream.write(_field(1, 8) + _field(7, graph)
                     + _field(8, _field(1, "") + _field(2, opset)))
