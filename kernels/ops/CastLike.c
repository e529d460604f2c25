/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* CastLike: the same values in the type of another tensor. */
#include "config.h"

#include "kernels/family/dnn-cast.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ALL },
  { .name = "target_type",
      .types = DNN_TYPES_ALL,
      .type_var = "T2",
      .doc = "only its type counts" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ALL, .type_var = "T2" },
};
static const DnnAttrRow attrs[] = {
  DNN_CAST_ATTRS,
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  call->outputs[0].type = call->inputs[1].type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

const DnnOp dnn_op_CastLike = {
  .name = "CastLike",
  .doc = "The same values in the type of target_type",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = dnn_cast_ref,
  .offer = dnn_cast_offer,
};
