/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Trilu: the upper or lower triangle of matrices. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "… × N × M" },
  { .name = "k",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "diagonal that is kept last, 0: the main one" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "upper",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "0: the lower triangle" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  if (dnn_call_has_input (call, 1) && !dnn_check_scalar (call, 1, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

/* One row keeps elements @from … @to - 1. */
static void
keep (const guint8 *src, guint8 *dst, gint64 n, gint64 from, gint64 to,
    gsize element)
{
  from = CLAMP (from, 0, n);
  to = CLAMP (to, from, n);
  memset (dst, 0, (gsize) n * element);
  memcpy (dst + (gsize) from * element, src + (gsize) from * element,
      (gsize) (to - from) * element);
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gsize element = dnn_type_size (call->inputs[0].type);
  gint64 n = shape->dims[shape->rank - 1], m = shape->dims[shape->rank - 2];
  gint64 n_rows = dnn_check_count (shape, 0, shape->rank - 1);
  gint64 k = dnn_call_has_input (call, 1) ? *(const gint64 *) src[1] : 0;
  gboolean is_upper = dnn_call_int (call, "upper") != 0;

  /* what lies farther away is the same */
  k = CLAMP (k, -m, n);
  for (gint64 i = 0; i < n_rows; i++) {
    const guint8 *from = (const guint8 *) src[0] + (gsize) (i * n) * element;
    guint8 *to = (guint8 *) dst[0] + (gsize) (i * n) * element;
    if (is_upper)
      keep (from, to, n, i % m + k, n, element);
    else
      keep (from, to, n, 0, i % m + k + 1, element);
  }
  return TRUE;
}

const DnnOp dnn_op_Trilu = {
  .name = "Trilu",
  .doc = "Matrices whose other triangle is 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
