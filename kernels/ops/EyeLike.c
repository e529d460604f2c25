/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* EyeLike: ones on a diagonal, in the shape of a matrix. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_ANY,
      .doc = "only shape and type count" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY },
};
static const DnnAttrRow attrs[] = {
  { .key = "dtype",
      .kind = DNN_ATTR_INT,
      .doc = DNN_CAST_TYPE_DOC "; default: that of input" },
  { .key = "k",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .doc = "diagonal, above the main one" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnType type = call->inputs[0].type;

  if (!dnn_check_rank (call, 0, 2, 2, error))
    return DNN_INFER_ERROR;
  if (dnn_call_attr (call, "dtype")->present &&
      !dnn_cast_read_type (call, "dtype", &type, error))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, type, &call->inputs[0].shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnCallArg *out = &call->outputs[0];
  gint64 n = out->shape.dims[0], m = out->shape.dims[1];
  gint64 k = CLAMP (dnn_call_int (call, "k"), -n, m);

  memset (dst[0], 0, (gsize) (n * m) * dnn_type_size (out->type));
  for (gint64 i = MAX (0, -k); i < n && i + k < m; i++)
    dnn_store (out->type, dst[0], i * m + i + k, 1);
  return TRUE;
}

const DnnOp dnn_op_EyeLike = {
  .name = "EyeLike",
  .doc = "Ones on a diagonal, 0 elsewhere, in the shape of input",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .ref_shapes_only = TRUE,
};
