/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ArgMin: where the smallest element along an axis stands. */
#include "config.h"

#include "kernels/family/dnn-arg.h"

static const DnnArg arg = { .is_min = TRUE };

const DnnOp dnn_op_ArgMin = {
  .name = "ArgMin",
  .doc = "Where the smallest element along an axis stands",
  DNN_ARG_OP,
  .family = &arg,
};
