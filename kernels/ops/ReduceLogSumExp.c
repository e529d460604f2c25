/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceLogSumExp: the logarithm of the sum of e^x over axes. The
 * largest element is taken off before, so that no e^x overflows. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

#include <math.h>

#include "kernels/loops/dnn-loop-power.h"

#define ADD(x, y) ((x) + (y))
DNN_REAL_FOLD (exponential, dnn_exp_double, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (exponential) };

#define LARGER(x, y) ((x) > (y) ? (x) : (y))
#define ITSELF(x) (x)
DNN_REAL_FOLD (largest, ITSELF, LARGER)
static const DnnFolds largest_of = { DNN_FOLDS_REAL (largest) };

static gdouble
take_log (gdouble sum, gint64 n, gdouble shift)
{
  return log (sum) + shift;
}

static const DnnReduce reduce = {
  .folds = &folds,
  .is_real = TRUE,
  .shift = &largest_of,
  .finish = take_log,
};

const DnnOp dnn_op_ReduceLogSumExp = {
  .name = "ReduceLogSumExp",
  .doc = "Logarithm of the sum of exp (x) over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
