/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LpPool: the norm of each window. */
#include "config.h"

#include "kernels/spatial/dnn-lp.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  DNN_SPATIAL_ATTRS (TRUE),
  { .key = "ceil_mode",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: a last window may hang over" },
  { .key = "p",
      .kind = DNN_ATTR_INT,
      .def = "2",
      .min = 1,
      .max = 1024,
      .doc = "of the norm" },
};

static const DnnLp lp = { .is_global = FALSE };

const DnnOp dnn_op_LpPool = {
  .name = "LpPool",
  .doc = "The p-norm of each window",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_LP_OP,
  .family = &lp,
};
