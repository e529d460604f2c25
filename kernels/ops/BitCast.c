/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitCast: the same bits read as another type. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-view.h"
#include "pipeline-core/base/dnn-type-small.h"

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
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnType from = call->inputs[0].type, to;

  if (!dnn_cast_read_type (call, "to", &to, error))
    return DNN_INFER_ERROR;
  if (dnn_type_size (from) != dnn_type_size (to) ||
      dnn_type_n_packed (from) != dnn_type_n_packed (to))
    return dnn_infer_error (call, error, DNN_ERROR_TYPE,
        "%s has another size than %s", dnn_type_name (to),
        dnn_type_name (from));
  dnn_infer_set (call, 0, to, &call->inputs[0].shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType to = call->outputs[0].type;
  DnnType bits = to == DNN_TYPE_FLOAT4E2M1 ? DNN_TYPE_UINT4 : to;

  if (dnn_type_n_packed (to) == 1)
    return dnn_view_ref (call, src, dst, scratch, error);
  for (gint64 i = 0; i < dnn_shape_n_elements (&call->outputs[0].shape); i++)
    ((guint8 *) dst[0])[i] = dnn_small_wrap (
        bits, ((const guint8 *) src[0])[i]);
  return TRUE;
}

const DnnOp dnn_op_BitCast = {
  .name = "BitCast",
  .doc = "The same bits read as a type of the same size",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
