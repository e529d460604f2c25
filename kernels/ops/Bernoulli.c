/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bernoulli: 1 with the probability that each number is. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-random.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "from 0 to 1" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY },
};
static const DnnAttrRow attrs[] = {
  { .key = "dtype",
      .kind = DNN_ATTR_INT,
      .doc = DNN_CAST_TYPE_DOC "; default: that of input" },
  { .key = "seed",
      .kind = DNN_ATTR_FLOAT,
      .doc = "other numbers; each frame draws the same ones" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnType type = call->inputs[0].type;

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
  guint64 seed = dnn_random_seed (call);

  for (gint64 i = 0; i < dnn_shape_n_elements (&call->inputs[0].shape); i++)
    dnn_store (call->outputs[0].type, dst[0], i,
        dnn_random_uniform (seed, (guint64) i) <
            dnn_load (call->inputs[0].type, src[0], i));
  return TRUE;
}

const DnnOp dnn_op_Bernoulli = {
  .name = "Bernoulli",
  .doc = "1 with the probability that each element is, else 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
