/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceMax: the largest over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* NaN wins. */
#define JOIN(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
#define ITSELF(x) (x)
DNN_REAL_FOLD (max, ITSELF, JOIN)
DNN_SIGNED_FOLD (max, ITSELF, JOIN)
DNN_UNSIGNED_FOLD (max, ITSELF, JOIN)
static const DnnFolds folds = { DNN_FOLDS_REAL (max), DNN_FOLDS_SIGNED (max),
  DNN_FOLDS_UNSIGNED (max) };

static const DnnReduce reduce = {
  .folds = &folds,
  .start = DNN_REDUCE_FROM_LOWEST,
};

const DnnOp dnn_op_ReduceMax = {
  .name = "ReduceMax",
  .doc = "Largest over axes; NaN where one is NaN",
  DNN_REDUCE_ANY_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
