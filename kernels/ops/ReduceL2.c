/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceL2: the root of the sum of x² over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

#include <math.h>

#define ADD(x, y) ((x) + (y))
#define SQUARE(x) ((x) * (x))
DNN_REAL_FOLD (square, SQUARE, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (square) };

static gdouble
take_root (gdouble sum, gint64 n, gdouble shift)
{
  return sqrt (sum);
}

static const DnnReduce reduce = {
  .folds = &folds,
  .is_real = TRUE,
  .finish = take_root,
};

const DnnOp dnn_op_ReduceL2 = {
  .name = "ReduceL2",
  .doc = "Root of the sum of squares over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
