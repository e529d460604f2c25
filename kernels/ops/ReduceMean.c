/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceMean: the average over axes. The pattern of a reduction. */
#include "config.h"

#include "kernels/family/dnn-reduce.h"

static gdouble
add (gdouble sum, gdouble x)
{
  return sum + x;
}

static gdouble
divide (gdouble sum, gint64 n)
{
  return sum / (gdouble) n;
}

static gint64
add_integer (gint64 sum, gint64 x)
{
  return (gint64) ((guint64) sum + (guint64) x);
}

static gint64
divide_integer (gint64 sum, gint64 n)
{
  return n > 0 ? sum / n : 0;
}

static const DnnReduce reduce = {
  .step = add,
  .finish = divide,
  .step_integer = add_integer,
  .finish_integer = divide_integer,
  .alg = dnnl_reduction_mean,
};

const DnnOp dnn_op_ReduceMean = {
  .name = "ReduceMean",
  .doc = "Average over axes",
  DNN_REDUCE_ROWS,
  .infer = dnn_reduce_infer,
  .ref = dnn_reduce_ref,
  .offer = dnn_reduce_offer,
  .family = &reduce,
};
