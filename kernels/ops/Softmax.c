/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Softmax: exp (x) / Σ exp (x) along one axis. */
#include "config.h"

#include "kernels/reduce/dnn-softmax.h"

static const DnnSoftmax softmax = { .is_log = FALSE };

const DnnOp dnn_op_Softmax = {
  .name = "Softmax",
  .doc = "exp (x) / Σ exp (x) along one axis",
  .inputs = DNN_ROWS (dnn_softmax_inputs),
  .outputs = DNN_ROWS (dnn_softmax_outputs),
  .attrs = DNN_ROWS (dnn_softmax_attrs),
  .infer = dnn_softmax_infer,
  .ref = dnn_softmax_ref,
  .offer = dnn_softmax_offer,
  .ref_in_place = TRUE,
  .family = &softmax,
};
