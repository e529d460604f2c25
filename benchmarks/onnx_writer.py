# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Layers → an ONNX file, with nothing but NumPy.

ONNX is protocol buffers; the few messages that a convolutional network needs
are written here by hand (field numbers from onnx.proto), so that benchmarks
and examples need no package beside python3-numpy.
"""

import struct

import numpy as np

FLOAT, INT64 = 1, 7  # TensorProto.DataType


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def chunk(field, data):
    if isinstance(data, str):
        data = data.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def real(field, value):
    return varint(field << 3 | 5) + struct.pack("<f", value)


def attribute(name, value):
    """AttributeProto: name 1, f 2, i 3, s 4, t 5, floats 7, ints 8, type 20."""
    data = chunk(1, name)
    if isinstance(value, np.ndarray):
        return data + chunk(5, tensor("", value)) + number(20, 4)
    if isinstance(value, float):
        return data + real(2, value) + number(20, 1)
    if isinstance(value, int):
        return data + number(3, value) + number(20, 2)
    if isinstance(value, str):
        return data + chunk(4, value) + number(20, 3)
    return data + b"".join(number(8, v) for v in value) + number(20, 7)


def tensor(name, array):
    """TensorProto: dims 1, data_type 2, name 8, raw_data 9."""
    kind = {"float32": FLOAT, "int64": INT64}[array.dtype.name]
    data = b"".join(number(1, d) for d in array.shape)
    return data + number(2, kind) + chunk(8, name) + chunk(9, array.tobytes())


def value_info(name, shape, kind=FLOAT):
    """ValueInfoProto: name 1, type 2 (tensor 1: elem_type 1, shape 2)."""
    dims = b"".join(
        chunk(1, chunk(2, d) if isinstance(d, str) else number(1, d))
        for d in shape)
    return chunk(1, name) + chunk(2, chunk(1, number(1, kind) +
                                           chunk(2, dims)))


class Model:
    """One graph under construction. Values are names."""

    def __init__(self, name, opset=13, seed=1):
        self.name, self.opset = name, opset
        self.rng = np.random.default_rng(seed)
        self.nodes, self.params, self.inputs, self.outputs = [], [], [], []
        self.channels = {}
        self.known = set()  # constants that are there already
        self.count = 0

    def input(self, name, shape):
        self.inputs.append(value_info(name, shape))
        self.channels[name] = shape[1]
        return name

    def output(self, name, shape):
        self.outputs.append(value_info(name, shape))

    def param(self, name, array):
        self.params.append(tensor(name, array))
        return name

    def node(self, op, inputs, output=None, **attributes):
        """NodeProto: input 1, output 2, name 3, op_type 4, attribute 5.
        @output: a name, or a list of names; made up if there is none."""
        self.count += 1
        output = output or f"{op.lower()}_{self.count}"
        names = [output] if isinstance(output, str) else output
        data = b"".join(chunk(1, i) for i in inputs)
        data += b"".join(chunk(2, name) for name in names)
        data += chunk(3, f"{op}_{self.count}") + chunk(4, op)
        for key, value in attributes.items():
            data += chunk(5, attribute(key, value))
        self.nodes.append(data)
        return output

    def random(self, *shape, scale=1.0):
        return (self.rng.standard_normal(shape) * scale).astype(np.float32)

    def conv(self, x, filters, kernel, stride=1, groups=1, pad=None,
             bias=False, output=None, dilation=1):
        depth = self.channels[x]
        pad = kernel // 2 if pad is None else pad
        fan_in = depth // groups * kernel * kernel
        name = f"conv{self.count + 1}"
        inputs = [x, self.param(
            name + ".weight", self.random(
                filters, depth // groups, kernel, kernel,
                scale=(2.0 / fan_in) ** 0.5))]
        if bias:
            inputs.append(self.param(name + ".bias",
                                     self.random(filters, scale=0.1)))
        y = self.node("Conv", inputs, output, kernel_shape=[kernel, kernel],
                      strides=[stride, stride], pads=[pad] * 4, group=groups,
                      dilations=[dilation] * 2)
        self.channels[y] = filters
        return y

    def batch_norm(self, x, gain=1.0):
        n = self.channels[x]
        name = f"bn{self.count + 1}"
        ones = np.ones(n, np.float32)
        inputs = [x] + [self.param(f"{name}.{key}", array) for key, array in (
            ("scale", gain * ones + self.random(n, scale=0.05)),
            ("bias", self.random(n, scale=0.05)),
            ("mean", self.random(n, scale=0.05)),
            ("var", ones + abs(self.random(n, scale=0.05))))]
        return self.keep(self.node("BatchNormalization", inputs,
                                   epsilon=1e-5), x)

    def keep(self, y, x):
        """y has as many channels as x."""
        self.channels[y] = self.channels[x]
        return y

    def silu(self, x):
        gate = self.node("Sigmoid", [x])
        return self.keep(self.node("Mul", [x, gate]), x)

    def relu(self, x, output=None):
        return self.keep(self.node("Relu", [x], output), x)

    def relu6(self, x, output=None):
        if not hasattr(self, "limits"):
            self.limits = [
                self.param("relu6.min", np.array(0, np.float32)),
                self.param("relu6.max", np.array(6, np.float32))]
        return self.keep(self.node("Clip", [x] + self.limits, output), x)

    def add(self, a, b, output=None):
        return self.keep(self.node("Add", [a, b], output), a)

    def concat(self, parts, output=None):
        """Along the channels."""
        y = self.node("Concat", parts, output, axis=1)
        self.channels[y] = sum(self.channels[part] for part in parts)
        return y

    def split(self, x, sizes):
        """Along the channels."""
        names = [f"split_{self.count + 1}_{i}" for i in range(len(sizes))]
        self.node("Split", [x, self.numbers(sizes)], names, axis=1)
        self.channels.update(zip(names, sizes))
        return names

    def pool(self, op, x, kernel, stride, pad=0, **attributes):
        return self.keep(self.node(
            op, [x], kernel_shape=[kernel] * 2, strides=[stride] * 2,
            pads=[pad] * 4, **attributes), x)

    def reshape(self, x, shape, output=None):
        return self.node("Reshape", [x, self.numbers(shape)], output)

    def numbers(self, values):
        """int64 constants, one for equal ones."""
        name = "numbers." + ".".join(str(v) for v in values)
        if name not in self.known:
            self.known.add(name)
            self.param(name, np.array(values, np.int64))
        return name

    def dense(self, x, n, output):
        depth = self.channels[x]
        y = self.node("Gemm", [
            x, self.param("fc.weight",
                          self.random(n, depth, scale=depth ** -0.5)),
            self.param("fc.bias", self.random(n, scale=0.1))],
            output, transB=1)
        self.channels[y] = n
        return y

    def write(self, path):
        """GraphProto: node 1, name 2, initializer 5, input 11, output 12.
        ModelProto: ir_version 1, producer 2, graph 7, opset_import 8."""
        graph = b"".join(chunk(1, n) for n in self.nodes)
        graph += chunk(2, self.name)
        graph += b"".join(chunk(5, p) for p in self.params)
        graph += b"".join(chunk(11, i) for i in self.inputs)
        graph += b"".join(chunk(12, o) for o in self.outputs)
        with open(path, "wb") as file:
            file.write(number(1, 7) + chunk(2, "gst-dnn") + chunk(7, graph) +
                       chunk(8, chunk(1, "") + number(2, self.opset)))
