/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A seed and a place → a number, by the mixing steps of splitmix64. */
#include "config.h"

#include "kernels/family/dnn-random.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static guint64
mix (guint64 x)
{
  x ^= x >> 30;
  x *= G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x ^= x >> 27;
  x *= G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ x >> 31;
}

guint64
dnn_random_seed (const DnnCall *call)
{
  const DnnAttrValue *value = dnn_call_attr (call, "seed");
  guint32 bits = 0;

  if (value->present && value->f != 0)
    memcpy (&bits, &value->f, sizeof bits);
  return mix ((guint64) bits ^ (guint64) value->i);
}

gdouble
dnn_random_uniform (guint64 seed, guint64 idx)
{
  guint64 bits = mix (
      seed + (idx + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  return (gdouble) (bits >> 11) * 0x1p-53;
}

DnnInferResult
dnn_random_infer (DnnCall *call, GError **error)
{
  const DnnAttrValue *dtype = dnn_call_attr (call, "dtype");
  DnnType type = DNN_TYPE_FLOAT32;
  DnnShape shape;

  if (call->op->n_inputs > 0) {
    shape = call->inputs[0].shape;
    type = call->inputs[0].type;
  } else {
    const DnnAttrValue *dims = dnn_call_attr (call, "shape");
    if (dims->n > DNN_MAX_RANK)
      return dnn_infer_error (call, error, DNN_ERROR_LIMIT,
          "attribute shape has %u numbers; at most %d are supported", dims->n,
          DNN_MAX_RANK);
    shape = dnn_shape_of ((gint) dims->n, dims->ints);
  }
  if (dtype->present && !dnn_cast_read_type (call, "dtype", &type, error))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, type, &shape);
  return DNN_INFER_OK;
}

/* Box and Muller's. */
static gdouble
draw_normal (guint64 seed, guint64 idx)
{
  gdouble a = 1 - dnn_random_uniform (seed, 2 * idx);
  gdouble b = dnn_random_uniform (seed, 2 * idx + 1);

  return sqrt (-2 * log (a)) * cos (2 * G_PI * b);
}

gboolean
dnn_random_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnRandom *family = call->op->family;
  const DnnCallArg *out = &call->outputs[0];
  guint64 seed = dnn_random_seed (call);
  gdouble from = dnn_call_float (call, family->is_normal ? "mean" : "low");
  gdouble step = family->is_normal ? dnn_call_float (call, "scale")
                                   : dnn_call_float (call, "high") - from;

  for (gint64 i = 0; i < dnn_shape_n_elements (&out->shape); i++)
    dnn_store (out->type, dst[0], i,
        from +
            step *
                (family->is_normal ? draw_normal (seed, (guint64) i)
                                   : dnn_random_uniform (seed, (guint64) i)));
  return TRUE;
}
