/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GlobalMaxPool: the largest element of each channel. */
#include "config.h"

#include "kernels/spatial/dnn-pool.h"

static const DnnPool pool = { .is_max = TRUE, .is_global = TRUE };

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_GlobalMaxPool = {
  .name = "GlobalMaxPool",
  .doc = "Largest element of each channel",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_pool_infer,
  .ref = dnn_pool_ref,
  .offer = dnn_pool_offer,
  .family = &pool,
};
