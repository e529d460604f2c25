/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Dropout: in training mode, elements that are set to 0 at random. */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-random.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "ratio",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "scalar, default 0.5" },
  { .name = "training_mode",
      .types = DNN_TYPES_BOOL,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "scalar, default false" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "mask",
      .types = DNN_TYPES_BOOL,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "which stay" },
};
static const DnnAttrRow attrs[] = {
  { .key = "seed",
      .kind = DNN_ATTR_INT,
      .doc = "other elements; each frame draws the same ones" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  for (guint i = 1; i <= 2; i++)
    if (dnn_call_has_input (call, i) && !dnn_check_scalar (call, i, error))
      return DNN_INFER_ERROR;
  dnn_infer_same (call);
  dnn_infer_set (call, 1, DNN_TYPE_BOOL, &call->inputs[0].shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->inputs[0].type;
  gboolean trains = dnn_call_has_input (call, 2) && *(const guint8 *) src[2];
  gdouble ratio = dnn_call_has_input (call, 1)
      ? dnn_load (call->inputs[1].type, src[1], 0)
      : 0.5;
  guint64 seed = dnn_random_seed (call);
  gboolean has_mask = call->n_outputs > 1 && call->outputs[1].present;

  if (trains && !(ratio >= 0 && ratio < 1))
    return dnn_call_error (call, error, DNN_ERROR_DATA,
        "ratio is %g, expected 0 to less than 1", ratio);
  for (gint64 i = 0; i < dnn_shape_n_elements (&call->inputs[0].shape); i++) {
    gboolean stays = !trains || ratio == 0 ||
        dnn_random_uniform (seed, (guint64) i) >= ratio;
    gdouble x = dnn_load (type, src[0], i);
    if (dst[0])
      dnn_store (type, dst[0], i, !trains ? x : stays ? x / (1 - ratio) : 0);
    if (has_mask)
      ((guint8 *) dst[1])[i] = stays;
  }
  return TRUE;
}

const DnnOp dnn_op_Dropout = {
  .name = "Dropout",
  .doc =
      "Elements set to 0 with a probability, the others scaled up, in training mode",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
