/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LayerNormalization: each slice brought to mean 0 and variance 1. */
#include "config.h"

#include "kernels/reduce/dnn-normalize.h"

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "Scale",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "broadcast to X" },
  { .name = "B",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "broadcast to X" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "Mean",
      .types = DNN_TYPES_FLOAT32,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "of each slice" },
  { .name = "InvStdDev",
      .types = DNN_TYPES_FLOAT32,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "1 / √(variance + epsilon)" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .doc = "first dimension of a slice" },
  { .key = "epsilon",
      .kind = DNN_ATTR_FLOAT,
      .def = "1e-05",
      .doc = "added to the variance" },
  { .key = "stash_type",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = "type of the first stage; it is computed in double or float32" },
};

static const DnnNormalize normalize = { DNN_NORMALIZE_LAYER, FALSE };

const DnnOp dnn_op_LayerNormalization = {
  .name = "LayerNormalization",
  .doc =
      "Slices from axis on brought to mean 0 and variance 1, then scaled and shifted",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_NORMALIZE_OP,
  .family = &normalize,
};
