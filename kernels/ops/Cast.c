/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Cast: the same values in another type. */
#include "config.h"

#include "kernels/family/dnn-cast.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ALL },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ALL },
};
static const DnnAttrRow attrs[] = {
  { .key = "to",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .doc = DNN_CAST_TYPE_DOC },
  DNN_CAST_ATTRS,
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  if (!dnn_cast_read_type (call, "to", &call->outputs[0].type, error))
    return DNN_INFER_ERROR;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

const DnnOp dnn_op_Cast = {
  .name = "Cast",
  .doc = "The same values in another type",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = dnn_cast_ref,
  .offer = dnn_cast_offer,
};
