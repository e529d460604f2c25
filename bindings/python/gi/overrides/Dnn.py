# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Dnn, as Python writes it: NumPy arrays and whatever speaks DLPack → tensors
and back without a copy; config[module]["output"][0].connect (…) builds a
pipeline. Next: GstDnn.py runs it.
"""

import ctypes
import itertools
import json
import os

from gi.module import get_introspection_module
from gi.overrides import override

Dnn = get_introspection_module("Dnn")
__all__ = []

# Names that NumPy has for our types; bfloat16 has none.
TYPE_NAMES = {
    Dnn.type_from_name(ours): name for ours, name in (
        ("float32", "<f4"), ("float64", "<f8"), ("float16", "<f2"),
        ("int8", "|i1"), ("int16", "<i2"), ("int32", "<i4"),
        ("int64", "<i8"), ("uint8", "|u1"), ("uint16", "<u2"),
        ("uint32", "<u4"), ("uint64", "<u8"), ("bool", "|b1"))
}
TYPES = {name: number for number, name in TYPE_NAMES.items()}


# ---- DLPack: addresses in capsules -----------------------------------------

CAPSULE = b"dltensor"
USED_CAPSULE = b"used_dltensor"
DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Managed(ctypes.Structure):
    """DLManagedTensor, as far as its deleter."""

    _fields_ = [("tensor", ctypes.c_uint8 * 48), ("context", ctypes.c_void_p),
                ("deleter", ctypes.c_void_p)]


def _declare(name, result, *arguments):
    """A function of Python's own C interface."""
    function = getattr(ctypes.pythonapi, name)
    function.restype = result
    function.argtypes = arguments
    return function


_is_valid = _declare("PyCapsule_IsValid", ctypes.c_int, ctypes.c_void_p,
                     ctypes.c_char_p)
_get_pointer = _declare("PyCapsule_GetPointer", ctypes.c_void_p,
                        ctypes.c_void_p, ctypes.c_char_p)
_set_name = _declare("PyCapsule_SetName", ctypes.c_int, ctypes.c_void_p,
                     ctypes.c_char_p)
_new_capsule = _declare("PyCapsule_New", ctypes.py_object, ctypes.c_void_p,
                        ctypes.c_char_p, ctypes.c_void_p)


@ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
def _free_capsule(capsule):
    """Nobody took the tensor. The capsule comes as an address: it dies."""
    if _is_valid(capsule, CAPSULE):
        address = _get_pointer(capsule, CAPSULE)
        DELETER(_Managed.from_address(address).deleter)(address)


def _take_capsule(capsule):
    """The DLManagedTensor inside, which is ours now."""
    if not _is_valid(id(capsule), CAPSULE):
        raise TypeError("__dlpack__ () gave no capsule named \"dltensor\"")
    address = _get_pointer(id(capsule), CAPSULE)
    _set_name(id(capsule), USED_CAPSULE)
    return address


# ---- tensors ----------------------------------------------------------------

_held = {}  # token → the array whose memory a tensor has
_tokens = itertools.count(1)


def release_arrays():
    """Lets go of arrays that nobody needs any more. Asked for, never called
    back: a tensor may go in a streaming thread, or while an exception is on
    its way."""
    for token in Dnn.Tensor.take_released() or ():
        _held.pop(token, None)


__all__.append("release_arrays")


def _tensor_from_array(source):
    """From what has NumPy's interface; copied only if it isn't packed."""
    interface = source.__array_interface__
    if interface.get("strides") is not None or interface["data"] is None:
        import numpy  # pylint: disable=import-outside-toplevel
        source = numpy.ascontiguousarray(source)
        interface = source.__array_interface__
    number = TYPES.get(interface["typestr"])
    if number is None:
        raise TypeError("no tensor has elements of type %s"
                        % interface["typestr"])
    release_arrays()
    token = next(_tokens)
    tensor = Dnn.Tensor.new_at(
        number, list(interface["shape"]), interface["data"][0], token)
    _held[token] = source
    return tensor


class Tensor(Dnn.Tensor):
    """Tensor (array): the array's memory, held as long as somebody needs it.
    Not to be written to meanwhile. numpy.asarray (tensor) is the way back.
    """

    def __new__(cls, source):
        if isinstance(source, Dnn.Tensor):
            return source
        if hasattr(source, "__array_interface__"):
            return _tensor_from_array(source)
        if hasattr(source, "__dlpack__"):
            return Dnn.Tensor.import_dlpack(_take_capsule(source.__dlpack__()))
        import numpy  # pylint: disable=import-outside-toplevel
        return _tensor_from_array(numpy.ascontiguousarray(source))

    def __init__(self, source):
        """Made by __new__."""

    @property
    def shape(self):
        """Outermost dimension first."""
        return tuple(self.get_dims())

    @property
    def dtype(self):
        """"float32", …"""
        return Dnn.type_name(self.get_element_type())

    @property
    def __array_interface__(self):
        """The memory, read-only: a pipeline may still read it."""
        name = TYPE_NAMES.get(self.get_element_type())
        if name is None:
            raise TypeError("NumPy has no %s" % self.dtype)
        return {"version": 3, "shape": self.shape, "typestr": name,
                "data": (self.get_address(), True), "strides": None}

    def numpy(self):
        """A read-only array of the same memory, which it keeps."""
        import numpy  # pylint: disable=import-outside-toplevel
        return numpy.asarray(self)

    def __dlpack__(self, stream=None, **unused):
        """A capsule for another framework."""
        address = self.export_dlpack()
        return _new_capsule(address, CAPSULE,
                            ctypes.cast(_free_capsule, ctypes.c_void_p))

    def __dlpack_device__(self):
        """The CPU."""
        return (1, 0)

    def __repr__(self):
        return "<Dnn.Tensor %s %s>" % (self.dtype,
                                       "×".join(map(str, self.shape)))


Tensor = override(Tensor)
__all__.append("Tensor")


class Params(Dnn.Params):
    """Params ({"name": array, …}), or of a file: Params ("path")."""

    def __new__(cls, source=()):
        if isinstance(source, Dnn.Params):
            return source
        if isinstance(source, (str, os.PathLike)):
            return Dnn.Params.new_from_file(os.fspath(source))
        params = Dnn.Params.new()
        for name, tensor in dict(source).items():
            params.set(name, Tensor(tensor))
        return params

    def __init__(self, source=()):
        """Made by __new__."""

    def __len__(self):
        return self.get_n()

    def keys(self):
        """The names, in their order."""
        return [self.get_name(idx) for idx in range(len(self))]

    def __iter__(self):
        return iter(self.keys())

    def __contains__(self, name):
        return self.lookup(name) is not None

    def __getitem__(self, name):
        tensor = self.lookup(name)
        if tensor is None:
            raise KeyError(name)
        return tensor


Params = override(Params)
__all__.append("Params")


# ---- pipelines --------------------------------------------------------------

class _Interfaces:
    """config["input"], module["output"]: a handle for each name or number."""

    def __init__(self, get):
        self._get = get

    def __getitem__(self, key):
        return self._get(key)


def _setting(name, doc):
    """A property of the same name as in C."""
    return property(lambda self: self.get_property(name),
                    lambda self, value: self.set_property(name, value),
                    doc=doc)


class PipelineModule(Dnn.PipelineModule):
    """config[module]: module["input"][name], module["output"][number],
    module["param"], and settings."""

    def __getitem__(self, key):
        if key == "input":
            return _Interfaces(self.get_input)
        if key == "output":
            return _Interfaces(lambda idx: self.get_output(int(idx)))
        if key == "param":
            return self.get_param()
        raise KeyError("%r is none of \"input\", \"output\", \"param\"" % key)

    mod_idx = property(lambda self: self.get_mod_idx(), doc="Its number")
    device = _setting("device", "\"cpu\"")
    dev = device
    threads = _setting("threads", "Size of its team; 0: its share")
    cpu_affinity = _setting("cpu-affinity", "\"0,1\"")
    precision = _setting("precision", "\"f32\"")
    queue_depth = _setting("queue-depth", "Frames that wait for it")
    instances = _setting("instances", "How many run at the same time")
    shapes = _setting("shapes", "[\"NAME=1,3,224,224\"]: a model's dimensions")

    def _set_build_func(self, function):
        if function is None:
            self.set_build_func(None)
        else:
            self.set_build_func(
                lambda module, source, *unused: function(module, source))

    build_func = property(None, _set_build_func, doc=
                          "function (place, module) → the Dnn.Module to run")


PipelineModule = override(PipelineModule)
__all__.append("PipelineModule")


class PipelineConfig(Dnn.PipelineConfig):
    """config["input"][name], config["output"][number],
    config["param_group"][name], config[module], where a module is a Dnn.Module
    or the path of an ONNX model or compiled folder."""

    def __getitem__(self, key):
        if key == "input":
            return _Interfaces(self.get_input)
        if key == "output":
            return _Interfaces(lambda idx: self.get_output(int(idx)))
        if key == "param_group":
            return _Interfaces(self.get_param_group)
        if isinstance(key, Dnn.Module):
            module = self.get_module(key)
        else:
            module = Dnn.PipelineConfig.get_module_for_file(
                self, os.fspath(key))
        module.config = self  # a module doesn't keep its configuration
        return module

    def __str__(self):
        return self.to_string()

    def get_config(self):
        """What stands in the file pipeline_config, as lists and dicts."""
        return json.loads(Dnn.PipelineConfig.get_config(self))


PipelineConfig = override(PipelineConfig)
__all__.append("PipelineConfig")


def build(config):
    """What config names → what runs; config itself has export_library ()."""
    config.build()
    return config


__all__.append("build")
Dnn.init()
