/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GlobalLpPool: the norm of each channel. */
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
  { .key = "p",
      .kind = DNN_ATTR_INT,
      .def = "2",
      .min = 1,
      .max = 1024,
      .doc = "of the norm" },
};

static const DnnLp lp = { .is_global = TRUE };

const DnnOp dnn_op_GlobalLpPool = {
  .name = "GlobalLpPool",
  .doc = "The p-norm of each channel",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_LP_OP,
  .family = &lp,
};
