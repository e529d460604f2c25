/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* AveragePool: the average of each window. */
#include "config.h"

#include "kernels/spatial/dnn-pool.h"

static const DnnPool pool = { .is_max = FALSE };

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
  { .key = "count_include_pad",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: padding counts as zeros" },
};

const DnnOp dnn_op_AveragePool = {
  .name = "AveragePool",
  .doc = "Average of each window",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_pool_infer,
  .ref = dnn_pool_ref,
  .offer = dnn_pool_offer,
  .family = &pool,
};
