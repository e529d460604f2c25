/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceL1: the sum of |x| over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* Integers wrap around. */
#define ADD(x, y) ((T) ((U) (x) + (U) (y)))
#define SIZE(x) ((x) < 0 ? (T) (0 - (U) (x)) : (x))
#define ITSELF(x) (x)
DNN_REAL_FOLD (size, SIZE, ADD)
DNN_SIGNED_FOLD (size, SIZE, ADD)
DNN_UNSIGNED_FOLD (size, ITSELF, ADD)
static const DnnFolds folds = { DNN_FOLDS_REAL (size), DNN_FOLDS_SIGNED (size),
  DNN_FOLDS_UNSIGNED (size) };

static const DnnReduce reduce = {
  .folds = &folds,
};

const DnnOp dnn_op_ReduceL1 = {
  .name = "ReduceL1",
  .doc = "Sum of |x| over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
