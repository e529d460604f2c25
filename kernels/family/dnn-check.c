/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Inputs of a call → as infer expects them, or an error that says how. */
#include "config.h"

#include "kernels/family/dnn-check.h"

#include "kernels/family/dnn-number.h"

static const gchar *
get_input_name (const DnnCall *call, guint idx)
{
  return call->op->inputs[MIN (idx, call->op->n_inputs - 1)].name;
}

gboolean
dnn_check_rank (
    const DnnCall *call, guint idx, gint least, gint most, GError **error)
{
  const DnnShape *shape = &call->inputs[idx].shape;
  g_autofree gchar *text = NULL;

  if (shape->rank >= least && shape->rank <= most)
    return TRUE;
  text = dnn_shape_to_string (shape);
  if (least == most)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "%s is of shape %s, expected rank %d", get_input_name (call, idx), text,
        least);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s is of shape %s, expected rank %d to %d", get_input_name (call, idx),
      text, least, most);
}

gboolean
dnn_check_shape (
    const DnnCall *call, guint idx, const DnnShape *expected, GError **error)
{
  const DnnShape *shape = &call->inputs[idx].shape;
  g_autofree gchar *found = NULL;
  g_autofree gchar *text = NULL;

  if (dnn_shape_compatible (shape, expected))
    return TRUE;
  found = dnn_shape_to_string (shape);
  text = dnn_shape_to_string (expected);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s is of shape %s, expected %s", get_input_name (call, idx), found,
      text);
}

gboolean
dnn_check_scalar (const DnnCall *call, guint idx, GError **error)
{
  const DnnShape *shape = &call->inputs[idx].shape;
  g_autofree gchar *text = NULL;

  if (!dnn_shape_is_known (shape) || dnn_shape_n_elements (shape) == 1)
    return TRUE;
  text = dnn_shape_to_string (shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s is of shape %s, expected one number", get_input_name (call, idx),
      text);
}

gint64
dnn_check_get_int (const DnnCall *call, guint idx, gconstpointer value)
{
  return dnn_load_int (call->inputs[idx].type, value, 0);
}

gint64
dnn_check_count (const DnnShape *shape, gint from, gint to)
{
  gint64 n = 1;

  for (gint i = from; i < to; i++)
    n *= shape->dims[i];
  return n;
}

DnnInferResult
dnn_infer_needs (DnnCall *call, guint idx)
{
  call->needs_value = idx;
  return DNN_INFER_NEEDS_VALUE;
}

void
dnn_infer_same (DnnCall *call)
{
  dnn_infer_set (call, 0, call->inputs[0].type, &call->inputs[0].shape);
}

void
dnn_infer_set (DnnCall *call, guint idx, DnnType type, const DnnShape *shape)
{
  if (idx >= call->n_outputs || !call->outputs[idx].present)
    return;
  call->outputs[idx].type = type;
  call->outputs[idx].shape = *shape;
}
