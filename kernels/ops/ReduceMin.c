/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReduceMin: the smallest over axes. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

/* NaN wins. */
#define JOIN(x, y) ((x) < (y) || (x) != (x) ? (x) : (y))
#define ITSELF(x) (x)
DNN_REAL_FOLD (min, ITSELF, JOIN)
DNN_SIGNED_FOLD (min, ITSELF, JOIN)
DNN_UNSIGNED_FOLD (min, ITSELF, JOIN)
static const DnnFolds folds = { DNN_FOLDS_REAL (min), DNN_FOLDS_SIGNED (min),
  DNN_FOLDS_UNSIGNED (min) };

static const DnnReduce reduce = {
  .folds = &folds,
  .start = DNN_REDUCE_FROM_HIGHEST,
};

const DnnOp dnn_op_ReduceMin = {
  .name = "ReduceMin",
  .doc = "Smallest over axes; NaN where one is NaN",
  DNN_REDUCE_ANY_ROWS,
  DNN_REDUCE_OP,
  .family = &reduce,
};
