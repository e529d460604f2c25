/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NegativeLogLikelihoodLoss: the negative log-probability of the class that is
 * right. */
#include "config.h"

#include "kernels/training/dnn-loss.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "logarithms of probabilities, N × C × …" },
  { .name = "target", .types = DNN_TYPES_INDEX, .doc = "N × …" },
  { .name = "weight",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "C" },
};
static const DnnArgRow outputs[] = {
  { .name = "loss", .types = DNN_TYPES_FLOAT, .type_var = "T" },
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

static const DnnLoss loss = { .is_log = TRUE };

const DnnOp dnn_op_NegativeLogLikelihoodLoss = {
  .name = "NegativeLogLikelihoodLoss",
  .doc = "-input at the class in target, weighted; summed or averaged",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_LOSS_OP,
  .family = &loss,
};
