/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A call → the formats worth offering. Next: the operators in kernels/ops/. */
#include "config.h"

#include "kernels/family/dnn-offer.h"

static gboolean
is_offerable (const DnnCallArg *args, guint n, DnnType also)
{
  for (guint i = 0; i < n; i++) {
    const DnnCallArg *arg = &args[i];
    if (!arg->present)
      continue;
    if (arg->type != DNN_TYPE_FLOAT32 && arg->type != also)
      return FALSE;
    if (dnn_shape_n_elements (&arg->shape) <= 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_offer_is_float32 (const DnnCall *call, DnnType also)
{
  return dnn_target_may_use_type (&call->target, DNN_TYPE_FLOAT32) &&
      dnn_onednn_engine () &&
      is_offerable (call->inputs, call->n_inputs, also) &&
      is_offerable (call->outputs, call->n_outputs, also);
}

DnnFormat *
dnn_offer_plain (const DnnCallArg *arg)
{
  return dnn_format_new_plain (arg->type, &arg->shape);
}

void
dnn_offer_add_format (GPtrArray *formats, DnnFormat *format)
{
  if (!format)
    return;
  for (guint i = 0; i < formats->len; i++) {
    if (dnn_format_equal (formats->pdata[i], format)) {
      dnn_format_unref (format);
      return;
    }
  }
  g_ptr_array_add (formats, format);
}

GPtrArray *
dnn_offer_formats (const DnnOffers *offers, guint n_inputs, DnnType type,
    const DnnShape *shape)
{
  GPtrArray *formats = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_format_unref);

  g_ptr_array_add (formats, dnn_format_new_plain (type, shape));
  for (guint i = 0; i < n_inputs; i++) {
    DnnHints hints = dnn_offers_get_hints (offers, i);
    for (guint j = 0; j < hints.n; j++)
      if (hints.formats[j]->type == type &&
          dnn_shape_equal (&hints.formats[j]->shape, shape))
        dnn_offer_add_format (formats, dnn_format_ref (hints.formats[j]));
  }
  return formats;
}

gdouble
dnn_offer_bytes (const DnnShape *shape)
{
  return (gdouble) dnn_shape_n_elements (shape) * sizeof (gfloat);
}
