/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceProd: the product over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* Integers wrap around. */
#define MULTIPLY(x, y) ((T) ((U) (x) * (U) (y)))
#define ITSELF(x) (x)
DNN_REAL_FOLD (product, ITSELF, MULTIPLY)
DNN_SIGNED_FOLD (product, ITSELF, MULTIPLY)
static const DnnFolds folds = { DNN_FOLDS_REAL (product),
  DNN_FOLDS_SIGNED (product) };

static const DnnReduce reduce = {
  .folds = &folds,
  .start = DNN_REDUCE_FROM_1,
};

const DnnOp dnn_op_ReduceProd = {
  .name = "ReduceProd",
  .doc = "Product over axes",
  DNN_REDUCE_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
