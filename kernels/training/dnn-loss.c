/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Scores of classes and the classes that are right → the loss. */
#include "config.h"

#include "kernels/training/dnn-loss.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/reduce/dnn-softmax.h"

const gchar *const dnn_loss_reductions[] = { "none", "sum", "mean", NULL };

static gboolean
is_log (const DnnCall *call)
{
  return ((const DnnLoss *) call->op->family)->is_log;
}

DnnInferResult
dnn_loss_infer (DnnCall *call, GError **error)
{
  const DnnShape *scores = &call->inputs[0].shape;
  DnnShape shape = { .rank = scores->rank - 1 }, classes = { .rank = 1 };
  const DnnShape scalar = { 0 };

  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; i < shape.rank; i++)
    shape.dims[i] = scores->dims[i == 0 ? 0 : i + 1];
  classes.dims[0] = scores->dims[1];
  if (!dnn_check_shape (call, 1, &shape, error) ||
      (dnn_call_has_input (call, 2) &&
          !dnn_check_shape (call, 2, &classes, error)))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, call->inputs[0].type,
      *dnn_call_attr (call, "reduction")->s == 'n' ? &shape : &scalar);
  dnn_infer_set (call, 1, call->inputs[0].type, scores);
  return DNN_INFER_OK;
}

/* A call, read. */
typedef struct
{
  const DnnCall *call;
  DnnType type;
  gint64 classes, plane, n;
  gconstpointer scores, target, weight;
} Loss;

/* The logarithm of the probability of class @idx at place @i. */
static gdouble
get_log (const Loss *self, gint64 i, gint64 idx)
{
  gint64 base = i / self->plane * self->classes * self->plane + i % self->plane;
  gdouble x = dnn_load (self->type, self->scores, base + idx * self->plane);
  gdouble most = -INFINITY, sum = 0;

  if (is_log (self->call))
    return x;
  for (gint64 k = 0; k < self->classes; k++)
    most = fmax (
        most, dnn_load (self->type, self->scores, base + k * self->plane));
  for (gint64 k = 0; k < self->classes; k++)
    sum += exp (
        dnn_load (self->type, self->scores, base + k * self->plane) - most);
  return x - most - log (sum);
}

/* Loss and weight at place @i. */
static gboolean
compute (
    const Loss *self, gint64 i, gdouble *loss, gdouble *weight, GError **error)
{
  const DnnAttrValue *ignored = dnn_call_attr (self->call, "ignore_index");
  gint64 idx = dnn_load_int (self->call->inputs[1].type, self->target, i);

  *loss = *weight = 0;
  if (ignored->present && ignored->i == idx)
    return TRUE;
  if (idx < 0 || idx >= self->classes)
    return dnn_call_error (self->call, error, DNN_ERROR_DATA,
        "element %" G_GINT64_FORMAT " of the classes is %" G_GINT64_FORMAT
        ", expected 0 to %" G_GINT64_FORMAT,
        i, idx, self->classes - 1);
  *weight = self->weight ? dnn_load (self->type, self->weight, idx) : 1;
  *loss = -get_log (self, i, idx) * *weight;
  return TRUE;
}

static void
store_log_prob (const Loss *self, gpointer dst)
{
  for (gint64 i = 0; i < self->n; i++)
    dnn_softmax_compute_line (TRUE, self->type, self->scores, dst,
        i / self->plane * self->classes * self->plane + i % self->plane,
        self->classes, self->plane);
}

gboolean
dnn_loss_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnShape *scores = &call->inputs[0].shape;
  gchar how = *dnn_call_attr (call, "reduction")->s;
  Loss self = { call, call->inputs[0].type, .classes = scores->dims[1],
    .plane = dnn_check_count (scores, 2, scores->rank), .scores = src[0],
    .target = src[1], .weight = dnn_call_has_input (call, 2) ? src[2] : NULL };
  gdouble sum = 0, weights = 0, loss, weight;

  self.n = scores->dims[0] * self.plane;
  for (gint64 i = 0; i < self.n; i++) {
    if (!compute (&self, i, &loss, &weight, error))
      return FALSE;
    if (how == 'n' && dst[0])
      dnn_store (self.type, dst[0], i, loss);
    sum += loss;
    weights += weight;
  }
  if (how != 'n' && dst[0])
    dnn_store (self.type, dst[0], 0, how == 'm' ? sum / weights : sum);
  if (call->n_outputs > 1 && call->outputs[1].present)
    store_log_prob (&self, dst[1]);
  return TRUE;
}
