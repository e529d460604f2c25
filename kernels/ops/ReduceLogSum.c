/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceLogSum: the logarithm of the sum over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

#include <math.h>

#define ADD(x, y) ((x) + (y))
#define ITSELF(x) (x)
DNN_REAL_FOLD (sum, ITSELF, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (sum) };

static gdouble
take_log (gdouble sum, gint64 n, gdouble shift)
{
  return log (sum);
}

static const DnnReduce reduce = {
  .folds = &folds,
  .is_real = TRUE,
  .finish = take_log,
};

const DnnOp dnn_op_ReduceLogSum = {
  .name = "ReduceLogSum",
  .doc = "Logarithm of the sum over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
