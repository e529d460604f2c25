/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceMean: the average over axes. The pattern of a reduction. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* Integers wrap around. */
#define ADD(x, y) ((T) ((U) (x) + (U) (y)))
#define ITSELF(x) (x)
DNN_REAL_FOLD (sum, ITSELF, ADD)
DNN_SIGNED_FOLD (sum, ITSELF, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (sum), DNN_FOLDS_SIGNED (sum) };

static gdouble
divide (gdouble sum, gint64 n, gdouble shift)
{
  return sum / (gdouble) n;
}

static gint64
divide_integer (gint64 sum, gint64 n)
{
  return n > 0 ? sum / n : 0;
}

static const DnnReduce reduce = {
  .folds = &folds,
  .finish = divide,
  .finish_integer = divide_integer,
  .alg = dnnl_reduction_mean,
};

const DnnOp dnn_op_ReduceMean = {
  .name = "ReduceMean",
  .doc = "Average over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
