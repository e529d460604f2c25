/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Mul: a · b. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

static gdouble
compute (gdouble a, gdouble b)
{
  return a * b;
}

/* Unsigned, since overflow of signed integers is undefined in C. */
static gint64
compute_integer (gint64 a, gint64 b)
{
  return (gint64) ((guint64) a * (guint64) b);
}

static const DnnBroadcast broadcast = {
  .real = compute,
  .integer = compute_integer,
  .alg = dnnl_binary_mul,
  .commutes = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Mul = {
  .name = "Mul",
  .doc = "A B, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_broadcast_infer,
  .ref = dnn_broadcast_ref,
  .offer = dnn_broadcast_offer,
  .family = &broadcast,
};
