/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GroupNormalization: groups of channels brought to mean 0 and variance 1. */
#include "config.h"

#include "kernels/reduce/dnn-normalize.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
  { .name = "scale", .types = DNN_TYPES_FLOAT, .type_var = "T", .doc = "C" },
  { .name = "bias", .types = DNN_TYPES_FLOAT, .type_var = "T", .doc = "C" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "num_groups",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = G_MAXINT32,
      .doc = "must divide C" },
  { .key = "epsilon",
      .kind = DNN_ATTR_FLOAT,
      .def = "1e-05",
      .doc = "added to the variance" },
  { .key = "stash_type",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = "type of the first stage; it is computed in double or float32" },
};

static const DnnNormalize normalize = { DNN_NORMALIZE_GROUP, FALSE };

const DnnOp dnn_op_GroupNormalization = {
  .name = "GroupNormalization",
  .doc =
      "Groups of channels brought to mean 0 and variance 1, then scaled and shifted by channel",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_NORMALIZE_OP,
  .family = &normalize,
};
