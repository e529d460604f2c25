/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Rate, count, n tensors, n gradients, n of each state → n tensors, n of each
 * state. */
#include "config.h"

#include "kernels/training/dnn-training.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

/* Rate and count stand in front. */
#define FIRST 2

static guint
count_tensors (const DnnCall *call)
{
  const DnnTraining *family = call->op->family;

  return (call->n_formal - FIRST) / (2 + family->n_states);
}

DnnInferResult
dnn_training_infer (DnnCall *call, GError **error)
{
  const DnnTraining *family = call->op->family;
  guint n = count_tensors (call);

  if (!dnn_check_scalar (call, 0, error) || !dnn_check_scalar (call, 1, error))
    return DNN_INFER_ERROR;
  if (n == 0 || call->n_formal != FIRST + n * (2 + family->n_states) ||
      call->n_outputs > n * (1 + family->n_states))
    return dnn_infer_error (call, error, DNN_ERROR_GRAPH,
        "%u inputs and %u outputs, expected %u inputs for each tensor and two, "
        "and at most %u outputs",
        call->n_formal, call->n_outputs, 2 + family->n_states,
        n * (1 + family->n_states));
  for (guint i = FIRST; i < call->n_formal; i++)
    if (!dnn_check_shape (
            call, i, &call->inputs[FIRST + (i - FIRST) % n].shape, error))
      return DNN_INFER_ERROR;
  for (guint i = 0; i < call->n_outputs; i++)
    dnn_infer_set (call, i, call->inputs[FIRST + i % n].type,
        &call->inputs[FIRST + i % n].shape);
  return DNN_INFER_OK;
}

static void
store (const DnnCall *call, gpointer const *dst, guint output, gint64 idx,
    gdouble value)
{
  if (output < call->n_outputs && call->outputs[output].present)
    dnn_store (call->outputs[output].type, dst[output], idx, value);
}

static void
update (const DnnTrainingStep *self, gconstpointer const *src,
    gpointer const *dst, guint tensor, gint64 idx)
{
  const DnnCall *call = self->call;
  const DnnTraining *family = call->op->family;
  guint n = count_tensors (call), at = FIRST + tensor;
  DnnType type = call->inputs[at].type;
  gdouble state[DNN_TRAINING_MAX_STATES], result;

  for (guint i = 0; i < family->n_states; i++)
    state[i] = dnn_load (type, src[at + (2 + i) * n], idx);
  family->step (self, dnn_load (type, src[at], idx),
      dnn_load (type, src[at + n], idx), state, &result);
  store (call, dst, tensor, idx, result);
  for (guint i = 0; i < family->n_states; i++)
    store (call, dst, tensor + (1 + i) * n, idx, state[i]);
}

gboolean
dnn_training_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  DnnTrainingStep step = { call, dnn_load (call->inputs[0].type, src[0], 0),
    *(const gint64 *) src[1] };

  for (guint i = 0; i < count_tensors (call); i++)
    for (gint64 k = 0;
         k < dnn_shape_n_elements (&call->inputs[FIRST + i].shape); k++)
      update (&step, src, dst, i, k);
  return TRUE;
}
