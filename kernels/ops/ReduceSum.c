/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceSum: the sum over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* Integers wrap around. */
#define ADD(x, y) ((T) ((U) (x) + (U) (y)))
#define ITSELF(x) (x)
DNN_REAL_FOLD (sum, ITSELF, ADD)
DNN_SIGNED_FOLD (sum, ITSELF, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (sum), DNN_FOLDS_SIGNED (sum) };

static const DnnReduce reduce = {
  .folds = &folds,
};

const DnnOp dnn_op_ReduceSum = {
  .name = "ReduceSum",
  .doc = "Sum over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
