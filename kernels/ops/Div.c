/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Div: a / b. Integers go towards 0; by 0 they give 0, so that no value in a
 * frame can stop the process. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

static gdouble
compute (gdouble a, gdouble b)
{
  return a / b;
}

static gint64
compute_integer (gint64 a, gint64 b)
{
  if (b == 0)
    return 0;
  return b == -1 ? (gint64) (0 - (guint64) a) : a / b;
}

static guint64
compute_natural (guint64 a, guint64 b)
{
  return b == 0 ? 0 : a / b;
}

static const DnnBroadcast broadcast = {
  .real = compute,
  .integer = compute_integer,
  .natural = compute_natural,
  .alg = dnnl_binary_div,
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Div = {
  .name = "Div",
  .doc = "A / B, broadcast; integers towards 0, by 0: 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_broadcast_infer,
  .ref = dnn_broadcast_ref,
  .offer = dnn_broadcast_offer,
  .family = &broadcast,
};
