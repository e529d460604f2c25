/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MaxPool: the largest element of each window, and where it stands. */
#include "config.h"

#include "kernels/spatial/dnn-pool.h"

static const DnnPool pool = { .is_max = TRUE };

#define MAX_POOL_TYPES                              \
  (DNN_TYPES_FLOAT | DNN_TYPE_BIT (DNN_TYPE_INT8) | \
      DNN_TYPE_BIT (DNN_TYPE_UINT8))

static const DnnArgRow inputs[] = {
  { .name = "X", .types = MAX_POOL_TYPES, .type_var = "T", .doc = "N × C × …" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = MAX_POOL_TYPES, .type_var = "T" },
  { .name = "Indices",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "place of each in X" },
};
static const DnnAttrRow attrs[] = {
  DNN_SPATIAL_ATTRS (TRUE),
  { .key = "ceil_mode",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: a last window may hang over" },
  { .key = "storage_order",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: Indices count the first dimension fastest" },
};

const DnnOp dnn_op_MaxPool = {
  .name = "MaxPool",
  .doc = "Largest element of each window",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_pool_infer,
  .ref = dnn_pool_ref,
  .offer = dnn_pool_offer,
  .family = &pool,
};
