/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceSumSquare: the sum of x² over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* Integers wrap around. */
#define ADD(x, y) ((T) ((U) (x) + (U) (y)))
#define SQUARE(x) ((T) ((U) (x) * (U) (x)))
DNN_REAL_FOLD (square, SQUARE, ADD)
DNN_SIGNED_FOLD (square, SQUARE, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (square),
  DNN_FOLDS_SIGNED (square) };

static const DnnReduce reduce = {
  .folds = &folds,
};

const DnnOp dnn_op_ReduceSumSquare = {
  .name = "ReduceSumSquare",
  .doc = "Sum of squares over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
