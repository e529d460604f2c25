# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Dnn, as Python writes it: NumPy arrays and whatever speaks DLPack → tensors
and back without a copy; config[module]["output"][0].connect (…) builds a
pipeline. Next: GstDnn.py runs it.
"""

import ctypes
import inspect
import itertools
import json
import os
import weakref

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

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


# ---- shapes -----------------------------------------------------------------

class Shape(Dnn.Shape):
    """Shape ([1, 3, -1]): a sequence of dimensions, outermost first; -1 is
    open."""

    def __new__(cls, dims=()):
        return Dnn.Shape.from_dims(list(dims))[1]

    def __init__(self, dims=()):
        """Made by __new__."""

    def __len__(self):
        return max(self.rank, 0)

    def __getitem__(self, idx):
        return tuple(self.dims[:len(self)])[idx]

    def __eq__(self, other):
        return (self.equal(other) if isinstance(other, Dnn.Shape)
                else tuple(self) == other)

    __hash__ = None

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return "<Dnn.Shape %s>" % self


Shape = override(Shape)
__all__.append("Shape")


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
    """From an array, or what NumPy makes one of; copied only if it isn't
    row-major, packed and aligned."""
    import numpy  # pylint: disable=import-outside-toplevel
    array = numpy.require(source, requirements=["C", "A"])
    number = TYPES.get(array.dtype.str)
    if number is None:
        raise TypeError("no tensor has elements of type %s" % array.dtype.str)
    release_arrays()
    token = next(_tokens)
    tensor = Dnn.Tensor.new_at(number, array.shape, array.ctypes.data, token)
    _held[token] = array
    return tensor


class Tensor(Dnn.Tensor):
    """Tensor (array): the array's memory, held as long as somebody needs it.
    Not to be written to meanwhile. numpy.asarray (tensor) is the way back.
    """

    def __new__(cls, source):
        if isinstance(source, Dnn.Tensor):
            return source
        if hasattr(source, "__dlpack__") and not hasattr(
                source, "__array_interface__"):
            return Dnn.Tensor.import_dlpack(_take_capsule(source.__dlpack__()))
        return _tensor_from_array(source)

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

    def copy(self):
        """A tensor with memory of its own."""
        copy = Dnn.Tensor.new(self.get_element_type(), self.get_shape())
        ctypes.memmove(copy.get_writable_data(), self.get_address(),
                       self.get_size())
        return copy

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None,
                   copy=None):
        """A capsule for another framework, as DLPack 0.x has it."""
        if stream is not None or dl_device not in (None, (1, 0)):
            raise BufferError("the tensor is on the CPU")
        address = (self.copy() if copy else self).export_dlpack()
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


# ---- modules ----------------------------------------------------------------

class Module(Dnn.Module):
    """What runs: named inputs, numbered outputs."""

    params = property(lambda self: self.get_params(),
                      doc="Dnn.Params by name; list (module.params)")
    inputs = property(
        lambda self: [self.get_input_name(idx)
                      for idx in range(self.get_n_inputs())],
        doc="Names of the inputs, in their order")
    outputs = property(
        lambda self: [self.get_output_name(idx)
                      for idx in range(self.get_n_outputs())],
        doc="Names of the outputs, in their order")


Module = override(Module)
__all__.append("Module")


# ---- pipelines --------------------------------------------------------------

class UnknownKey(KeyError, RuntimeError):
    """As Python says it, and as TVM said it."""

    __str__ = Exception.__str__


class WrongType(TypeError, RuntimeError):
    """As Python says it, and as TVM said it."""


class WrongValue(ValueError, RuntimeError):
    """As Python says it, and as TVM said it."""


def _index(key):
    """A number, or the text of one."""
    try:
        return int(key)
    except ValueError as reason:
        raise WrongValue("%r is no number of an output" % (key,)) from reason
    except TypeError as reason:
        raise WrongType("%r is no number of an output" % (key,)) from reason


def _name(key):
    """A text."""
    if not isinstance(key, str):
        raise WrongType("%r is no name: inputs and param groups have names, "
                         "outputs have numbers" % (key,))
    return key


class _Interfaces:  # pylint: disable=too-few-public-methods
    """config["input"], module["output"]: a handle for each name or number."""

    def __init__(self, get, convert):
        self._get = get
        self._convert = convert

    def __getitem__(self, key):
        return self._get(self._convert(key))


class PipelineInterface(Dnn.PipelineInterface):
    """One end of a connection: source.connect (target)."""

    io_type = property(lambda self: self.get_io_type(),
                       doc="\"input\", \"output\" or \"param\"")
    name = property(lambda self: self.get_name(),
                    doc="Its name, or the number of an output as text")
    bindings = property(lambda self: self.get_bindings(),
                        doc="What it is connected to")

    def connect(self, target):
        """Binds @self to @target."""
        if not isinstance(target, Dnn.PipelineInterface):
            raise WrongType("%s can't be bound to %r: it is no input, output "
                             "or params" % (self, target))
        return Dnn.PipelineInterface.connect(self, target)

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return "<Dnn.PipelineInterface: %s>" % self


PipelineInterface = override(PipelineInterface)
__all__.append("PipelineInterface")


def _check_range(self, name, value):
    """GObject would let the old value stand, and only warn."""
    spec = self.find_property(name)
    if (isinstance(value, int) and hasattr(spec, "maximum")
            and not spec.minimum <= value <= spec.maximum):
        raise WrongValue("%s is %d, expected %d to %d" % (
            name.replace("-", "_"), value, spec.minimum, spec.maximum))


def _set(self, name, value):
    """What can't be built is refused here, and nothing is changed."""
    before = self.get_property(name)
    _check_range(self, name, value)
    self.set_property(name, value)
    try:
        self.check_settings()
    except GLib.Error:
        self.set_property(name, before)
        raise


def _setting(name, doc, convert=lambda value: value):
    """A property of the same name as in C."""
    return property(lambda self: self.get_property(name),
                    lambda self, value: _set(self, name, convert(value)),
                    doc=doc)


def _get_instances(self):
    value = self.get_property("instances")
    return "auto" if value == Dnn.INSTANCES_AUTO else value


def _set_instances(self, value):
    _set(self, "instances", Dnn.INSTANCES_AUTO if value == "auto" else value)


def _device(value):
    """"cpu", (1, 0), or an object that says its device_type and device_id."""
    if value is None:
        return ""
    if hasattr(value, "device_type"):
        value = (value.device_type, value.device_id)
    return value if isinstance(value, str) else "%d,%d" % tuple(value)


def _fixed(name, value, accepted, reason):
    """A setting of TVM's that can't be anything else here."""
    def refuse(self, given):
        if given is not None and not accepted(given):
            raise _error(Dnn.Error.UNSUPPORTED, "%s is %r: %s" % (
                name, given, reason))

    return property(lambda self: value, refuse, doc=reason)


def _error(code, text):
    return GLib.Error(text, GLib.quark_to_string(Dnn.error_quark()), code)


def _is_llvm(target):
    return str(target).split()[:1] == ["llvm"]


def _is_tvms(function):
    """function (mod, target, params=, target_host=, mod_name=)"""
    try:
        inspect.signature(function).bind(None, None, params=None,
                                         target_host=None, mod_name=None)
    except (TypeError, ValueError):
        return False
    return True


class _Build:  # pylint: disable=too-few-public-methods
    """A build function; it lives as long as C holds it."""

    def __init__(self, function):
        self.function = function
        self._is_tvms = _is_tvms(function)

    def _call(self, place, source):
        if not self._is_tvms:
            return self.function(place, source)
        return self.function(
            source, place.target, params=place.params,
            target_host=place.target_host, mod_name=place.mod_name)

    def __call__(self, place, source, *unused):
        try:
            built = self._call(place, source)
            if built is not None and not isinstance(built, Dnn.Module):
                raise _error(Dnn.Error.FAILED, "Module %d: its build function "
                             "gave %r, expected a Dnn.Module" % (
                                 place.mod_idx, built))
            return built
        except GLib.Error:
            raise
        except Exception as reason:
            # C hands on nothing but a GLib.Error.
            raise _error(Dnn.Error.FAILED, "Module %d: its build function "
                         "raised %s: %s" % (place.mod_idx,
                                            type(reason).__name__, reason)
                         ) from reason


_builds = weakref.WeakValueDictionary()  # hash of a place → _Build


class PipelineModule(Dnn.PipelineModule):
    """config[module]: module["input"][name], module["output"][number],
    module["param"], and settings. PipelineModule (config) is a
    GstDnn.PipelineExecutor, as TVM's of that name was."""

    def __new__(cls, config):
        return _get_executor()(config)

    def __init__(self, config):
        """Made by __new__."""

    @staticmethod
    def load_library(path):
        """The executor of an exported pipeline."""
        return _get_executor().load_library(path)

    def __getitem__(self, key):
        if key == "input":
            return _Interfaces(self.get_input, _name)
        if key == "output":
            return _Interfaces(self.get_output, _index)
        if key == "param":
            return self.get_param()
        raise UnknownKey(
            "%r is none of \"input\", \"output\", \"param\"" % (key,))

    def __setattr__(self, name, value):
        """What is no setting is a mistake, which Python would let pass."""
        if not hasattr(type(self), name):
            raise AttributeError("a module has no setting %r (%s)" % (
                name, ", ".join(SETTINGS)))
        super().__setattr__(name, value)

    mod_idx = property(lambda self: self.get_mod_idx(), doc="Its number")
    path = property(lambda self: self.get_property("path"),
                    doc="The file it was named by, or None")
    source = property(lambda self: self.get_property("source"),
                      doc="The Dnn.Module that was named")
    device = _setting("device", "\"cpu\"", _device)
    dev = device
    threads = _setting("threads", "Threads of one instance; 0: the default")
    cpu_affinity = _setting("cpu-affinity", "\"0,1\"",
                            lambda value: value or "")
    precision = _setting("precision", "\"f32\"")
    queue_depth = _setting("queue-depth", "Frames that wait for it")
    instances = property(_get_instances, _set_instances,
                         doc="How many work on successive frames, or \"auto\"")
    shapes = _setting("shapes", "[\"NAME=1,3,224,224\"]: a model's dimensions")

    def _set_build_func(self, function):
        if function is None:
            self.set_build_func(None)
            _builds.pop(hash(self), None)
            return
        build_ = _Build(function)
        self.set_build_func(build_)
        _builds[hash(self)] = build_

    def _get_build_func(self):
        build_ = _builds.get(hash(self))
        return build_ and build_.function

    build_func = property(
        _get_build_func, _set_build_func,
        doc="function (place, module), or TVM's function (module, target, "
            "params=, target_host=, mod_name=) → the Dnn.Module to run")

    target = _fixed("target", "llvm", _is_llvm,
                    "only \"llvm\", the CPU that it runs on, is there")
    target_host = _fixed("target_host", None, _is_llvm,
                         "only \"llvm\", the CPU that it runs on, is there")
    mod_name = _fixed("mod_name", "default", lambda name: name == "default",
                      "functions have the names that the library exports")
    params = property(
        lambda self: self.get_property("params"),
        lambda self, value: self.set_property(
            "params", Params(value) if value else None),
        doc="Params in place of its own, taken when it is built")
    fcompile = _fixed("fcompile", None, lambda function: False,
                      "nothing is linked when a pipeline is exported")
    export_cc = _fixed("export_cc", None, lambda name: False,
                       "nothing is linked when a pipeline is exported")

    def _get_options(self, pipeline):
        """What get_config () says of it, with TVM's keys."""
        return {"pipeline": pipeline, "dev": self.dev, "target": self.target,
                "target_host": self.target_host, "mod_name": self.mod_name,
                "build": self.build_func, "params": self.params,
                "fcompile": self.fcompile, "export_cc": self.export_cc}


SETTINGS = ("dev", "threads", "cpu_affinity", "precision", "queue_depth",
            "instances", "shapes", "params", "build_func")
PipelineModule = override(PipelineModule)
__all__.append("PipelineModule")


class PipelineConfig(Dnn.PipelineConfig):
    """config["input"][name], config["output"][number],
    config["param_group"][name], config[module], where a module is a Dnn.Module
    or the path of an ONNX model or compiled folder."""

    def __getitem__(self, key):
        if key == "input":
            return _Interfaces(self.get_input, _name)
        if key == "output":
            return _Interfaces(self.get_output, _index)
        if key == "param_group":
            return _Interfaces(self.get_param_group, _name)
        if isinstance(key, Dnn.PipelineModule):
            return key
        if isinstance(key, Dnn.Module):
            return self.get_module(key)
        if not isinstance(key, (str, os.PathLike)):
            raise WrongType("%r is no module, and no path of one" % (key,))
        return self._get_file(os.fspath(key))

    def _get_file(self, path):
        """What is no file may have been meant as a key."""
        try:
            return self.get_module_for_file(path)
        except GLib.Error as reason:
            if not reason.matches(Dnn.error_quark(), Dnn.Error.NOT_FOUND):
                raise
            meant = Dnn.nearest_word(path, ["input", "output", "param_group"])
            if meant is None:
                raise
            raise _error(Dnn.Error.NOT_FOUND, "%s; did you mean %r?" % (
                reason.message, meant)) from None

    def export_library(self, path):
        """Writes a folder; the path of its file config."""
        return Dnn.PipelineConfig.export_library(self, os.fspath(path))

    @staticmethod
    def load_library(path):
        """What export_library () has written."""
        return _load_config(os.fspath(path))

    def __str__(self):
        return self.to_string()

    @property
    def mods_config(self):
        """What stands in the file pipeline_config, as lists and dicts."""
        return json.loads(Dnn.PipelineConfig.get_config(self))

    def get_config(self):
        """The same, but module_connection is a dict as TVM's: what a module
        was named by (Dnn.Module, path; an element: its place) → {"pipeline":
        what stands in the file, "dev": …, "build": …}."""
        config = self.mods_config
        connection = {}
        for pipeline in config["module_connection"]:
            place = self.get_module_at(pipeline["mod_idx"])
            key = place.path or place.source or place
            # pylint: disable=protected-access
            connection[key] = place._get_options(pipeline)
        config["module_connection"] = connection
        return config


_load_config = Dnn.PipelineConfig.load_library
PipelineConfig = override(PipelineConfig)
__all__.append("PipelineConfig")


def _get_executor():
    from gi.repository import GstDnn  # pylint: disable=import-outside-toplevel
    return GstDnn.PipelineExecutor


def load_module(path, options=None):
    """The one module of an ONNX model or of what is compiled."""
    return _load_module(os.fspath(path), options)


def load_pipeline(path, options=None):
    """An ONNX model or what is compiled, as a pipeline."""
    return _load_pipeline(os.fspath(path), options)


_load_module, _load_pipeline = Dnn.load_module, Dnn.load_pipeline
__all__ += ["load_module", "load_pipeline"]


def build(config):
    """What config names → what runs; config itself has export_library ()."""
    config.build()
    return config


__all__.append("build")
Dnn.init()
