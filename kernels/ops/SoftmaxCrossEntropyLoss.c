/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* SoftmaxCrossEntropyLoss: the cross entropy of softmax with the class that is
 * right. */
#include "config.h"

#include "kernels/training/dnn-loss.h"

static const DnnArgRow inputs[] = {
  { .name = "scores",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
  { .name = "labels", .types = DNN_TYPES_INDEX, .doc = "N × …" },
  { .name = "weights",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "C" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "log_prob",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "log softmax of scores" },
};
static const DnnAttrRow attrs[] = {
  { .key = "reduction",
      .kind = DNN_ATTR_STRING,
      .def = "mean",
      .choices = dnn_loss_reductions,
      .doc = "none: one loss each" },
  { .key = "ignore_index",
      .kind = DNN_ATTR_INT,
      .doc = "a class that has no loss" },
};

static const DnnLoss loss = { .is_log = FALSE };

const DnnOp dnn_op_SoftmaxCrossEntropyLoss = {
  .name = "SoftmaxCrossEntropyLoss",
  .doc =
      "-log softmax of scores at the class in labels, weighted; summed or averaged",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_LOSS_OP,
  .family = &loss,
};
