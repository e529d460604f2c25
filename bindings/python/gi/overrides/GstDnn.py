# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""GstDnn, as Python writes it: a pipeline configuration and arrays → arrays,
with the words of TVM's PipelineModule; and a frame's results as a sequence."""

import os
import time

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Dnn

GstDnn = get_introspection_module("GstDnn")
__all__ = []


SIGNAL_CHECK = 0.25  # seconds; Python handles Ctrl-C between two waits


def _make_config(source):
    """A pipeline of one module, with its inputs and outputs."""
    if not isinstance(source, Dnn.Module):
        return Dnn.load_pipeline(os.fspath(source), None)
    config = Dnn.PipelineConfig()
    place = config[source]
    for idx in range(source.get_n_inputs()):
        name = source.get_input_name(idx)
        config["input"][name].connect(place["input"][name])
    for idx in range(source.get_n_outputs()):
        place["output"][idx].connect(config["output"][idx])
    return config


def _is_writable(value):
    """Whether it has memory that its owner may write to again."""
    if isinstance(value, Dnn.Tensor):
        return False
    flags = getattr(value, "flags", None)
    return getattr(flags, "writeable", True)


class PipelineExecutor(GstDnn.PipelineExecutor):
    """PipelineExecutor (config) builds and starts a pipeline; so does
    PipelineExecutor (module or path), with the module's inputs and outputs as
    its own. load_library (path) starts an exported one."""

    def __new__(cls, source):
        if not isinstance(source, Dnn.PipelineConfig):
            source = _make_config(source)
        return GstDnn.PipelineExecutor.new(source)

    def __init__(self, source):
        """Made by __new__."""

    @staticmethod
    def load_library(path):
        """Of `config` of an exported pipeline, or its folder."""
        return _load_executor(os.fspath(path))

    def set_input(self, key, value, copy=None):
        """For the frames to come. @copy: of what can be written to, since a
        loop may reuse it (None), always, or never. What isn't copied is held,
        and must not be written to."""
        tensor = Dnn.Tensor(value)
        if copy or (copy is None and _is_writable(value)):
            tensor = tensor.copy()
        GstDnn.PipelineExecutor.set_input(self, key, tensor)

    def set_params(self, params_group_name, params_data):
        """Replaces weights of the running pipeline; a dict or Dnn.Params."""
        GstDnn.PipelineExecutor.set_params(
            self, params_group_name, Dnn.Params(params_data or {}))

    def get_output(self, synchronize=True, sleep_interval=None, *,
                   timeout=None):
        """Dnn.Tensors of the next frame, as soon as they are there. [] if they
        aren't after @timeout seconds, or, not @synchronize, now; or if an
        element of the pipeline has dropped the frame. Nothing is polled:
        @sleep_interval is there for programs that were TVM's."""
        Dnn.release_arrays()
        if not synchronize or (timeout is not None and timeout <= 0):
            return GstDnn.PipelineExecutor.get_output(self)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = (SIGNAL_CHECK if end is None else
                    max(0, min(SIGNAL_CHECK, end - time.monotonic())))
            outputs, is_answer = self.wait_answer(max(1, int(1000 * left)))
            if is_answer or (end is not None and time.monotonic() >= end):
                return outputs

    num_inputs = property(lambda self: self.get_num_inputs(),
                          doc="Global inputs")
    num_outputs = property(lambda self: self.get_num_outputs(),
                           doc="Global outputs")
    num_executing_pipeline = property(
        lambda self: self.get_num_executing_pipeline(),
        doc="Frames run since the executor was made")
    num_in_flight = property(lambda self: self.get_num_in_flight(),
                             doc="Frames run whose outputs nobody got yet")

    def get_params_group_pipeline_map(self, group):
        """Number of its module; a list where there are several."""
        modules = GstDnn.PipelineExecutor.get_params_group_pipeline_map(
            self, group)
        return modules[0] if len(modules) == 1 else modules


_load_executor = GstDnn.PipelineExecutor.load_library
PipelineExecutor = override(PipelineExecutor)
__all__.append("PipelineExecutor")


# ---- what the models found in a frame ---------------------------------------

class Result(GstDnn.Result):
    """One of GstDnn.buffer_get_dnn_results_meta (buffer)."""

    label = property(lambda self: self.get_label(),
                     lambda self, text: self.set_label(text),
                     doc="Text of the class, or None")
    model = property(lambda self: self.get_model(),
                     lambda self, text: self.set_model(text),
                     doc="Name of the model, or None")

    @property
    def color(self):
        """(red, green, blue), each to 255: as dnnoverlay draws it."""
        return tuple(self.get_color().to_bytes(3, "big"))

    @property
    def box(self):
        """(x, y, width, height) in pixels of the frame."""
        return self.x, self.y, self.w, self.h

    def __repr__(self):
        name = self.label if self.label is not None else self.label_id
        return "<GstDnn.Result %s %.2f at %.0f, %.0f, %.0f×%.0f>" % (
            name, self.confidence, *self.box)


Result = override(Result)
__all__.append("Result")


def _make_item(get):
    """__getitem__ of a sequence, which also ends loops over it."""
    def get_item(self, idx):
        if isinstance(idx, slice):
            return [get(self, at) for at in range(*idx.indices(len(self)))]
        return get(self, range(len(self))[idx])

    return get_item


# Metadata is no boxed type, which override () asks for: the classes themselves
# get what makes them sequences.

# A sequence of results, as long as the buffer is there; true also where nothing
# was found, since a model has looked.
GstDnn.ResultsMeta.__len__ = GstDnn.ResultsMeta.get_n
GstDnn.ResultsMeta.__bool__ = lambda self: True
GstDnn.ResultsMeta.__getitem__ = _make_item(GstDnn.ResultsMeta.get)

# A sequence of Dnn.Tensor, the model's outputs: .numpy () is an array of the
# same memory.
GstDnn.TensorsMeta.model_name = property(GstDnn.TensorsMeta.get_model)
GstDnn.TensorsMeta.__len__ = GstDnn.TensorsMeta.get_n
GstDnn.TensorsMeta.__getitem__ = _make_item(GstDnn.TensorsMeta.get)
