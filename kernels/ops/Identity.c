/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Identity: the same tensor; a view. */
#include "config.h"

#include "kernels/family/dnn-view.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ALL, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ALL, .type_var = "T" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

const DnnOp dnn_op_Identity = {
  .name = "Identity",
  .doc = "The same tensor; a view",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = dnn_view_ref,
  .offer = dnn_view_offer,
};
