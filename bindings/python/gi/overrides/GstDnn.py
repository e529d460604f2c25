# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""GstDnn, as Python writes it: a pipeline configuration and arrays → arrays,
with the words of TVM's PipelineModule."""

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Dnn

GstDnn = get_introspection_module("GstDnn")
__all__ = []


class PipelineExecutor(GstDnn.PipelineExecutor):
    """PipelineExecutor (config) builds and starts; load_library (path) does so
    with an exported one."""

    def __new__(cls, config):
        return GstDnn.PipelineExecutor.new(config)

    def __init__(self, config):
        """Made by __new__."""

    def set_input(self, name, array):
        """For the frames to come. Held, not copied: not to be written to."""
        GstDnn.PipelineExecutor.set_input(self, name, Dnn.Tensor(array))

    def set_params(self, group, params):
        """Replaces weights of the running pipeline; a dict or Dnn.Params."""
        if params is None:
            raise ValueError("no params were given")
        GstDnn.PipelineExecutor.set_params(self, group, Dnn.Params(params))

    def get_output(self, timeout=0):
        """Dnn.Tensors of the next frame; [] if it isn't there within so many
        seconds. None: as long as it takes."""
        Dnn.release_arrays()
        if not timeout and timeout is not None:
            return GstDnn.PipelineExecutor.get_output(self)
        return self.wait_output(-1 if timeout is None else
                                max(1, int(timeout * 1000)))

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


PipelineExecutor = override(PipelineExecutor)
__all__.append("PipelineExecutor")
