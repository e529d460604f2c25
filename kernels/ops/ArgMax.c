/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ArgMax: where the largest element along an axis stands. */
#include "config.h"

#include "kernels/family/dnn-arg.h"

static const DnnArg arg = { .is_min = FALSE };

const DnnOp dnn_op_ArgMax = {
  .name = "ArgMax",
  .doc = "Where the largest element along an axis stands",
  DNN_ARG_OP,
  .family = &arg,
};
