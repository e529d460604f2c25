/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pad in front of Conv, AveragePool, MaxPool → their own padding. Next:
 * dnn-pass-pattern.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include <math.h>
#include <string.h>

/* Pads of the space, begins then ends, as windows have them. */
typedef struct
{
  gint n; /* dimensions of the space */
  gint64 pads[2 * DNN_MAX_RANK];
} Pads;

/* Adds pads of Pad's own form: all dimensions, or those of input axes. */
static gboolean
read_pad (const DnnNode *node, Pads *self)
{
  const DnnValue *x = dnn_pass_get_input (node, 0);
  gint rank = x ? x->shape.rank : -1;
  guint n = 0, n_axes = 0;
  g_autofree gint64 *pads = dnn_pass_get_ints (node, 1, &n);
  g_autofree gint64 *axes = dnn_pass_get_ints (node, 3, &n_axes);
  gboolean has_axes = dnn_pass_get_input (node, 3) != NULL;

  *self = (Pads){ .n = rank - 2 };
  if (!pads || rank < 3 || (has_axes && !axes))
    return FALSE;
  if (!has_axes)
    n_axes = (guint) rank;
  if (n != 2 * n_axes)
    return FALSE;
  for (guint i = 0; i < n_axes; i++) {
    gint64 axis = has_axes ? axes[i] + (axes[i] < 0 ? rank : 0) : (gint64) i;
    gint64 begin = pads[i], end = pads[n_axes + i];
    if (axis < 0 || axis >= rank || begin < 0 || end < 0 ||
        (axis < 2 && (begin > 0 || end > 0)))
      return FALSE;
    if (axis < 2)
      continue;
    self->pads[axis - 2] += begin;
    self->pads[self->n + axis - 2] += end;
  }
  return TRUE;
}

/* What is put there: TRUE for constants only. */
static gboolean
read_value (const DnnNode *node, gdouble *value)
{
  const gchar *mode = dnn_attrs_get (node->attrs, "mode");

  *value = 0;
  if (mode && strcmp (mode, "constant") != 0)
    return FALSE;
  return !dnn_pass_get_input (node, 2) || dnn_pass_get_number (node, 2, value);
}

/* The window's own pads, 0 without; *has tells whether there are any. */
static gboolean
read_own (const DnnNode *node, gint n, gint64 *pads, gboolean *has)
{
  const gchar *auto_pad = dnn_attrs_get (node->attrs, "auto_pad");
  const gchar *text = dnn_attrs_get (node->attrs, "pads");
  g_autofree gint64 *own = NULL;
  guint len = 0;

  *has = FALSE;
  memset (pads, 0, 2 * n * sizeof *pads);
  if (auto_pad && strcmp (auto_pad, "VALID") == 0)
    return TRUE;
  if (auto_pad && strcmp (auto_pad, "NOTSET") != 0)
    return FALSE;
  if (text && (!dnn_text_to_ints (text, &own, &len) || len != 2 * (guint) n))
    return FALSE;
  for (guint i = 0; i < len; i++) {
    pads[i] = own[i];
    *has |= own[i] != 0;
  }
  return TRUE;
}

/* A window that lies in the padding alone would be another matter. */
static gboolean
is_inside (const DnnNode *node, const Pads *pads)
{
  const gchar *text = dnn_attrs_get (node->attrs, "kernel_shape");
  const gchar *dilations = dnn_attrs_get (node->attrs, "dilations");
  const DnnTensor *weights = strcmp (node->op, "Conv") == 0
      ? dnn_pass_get_constant (node, 1)
      : NULL;
  g_autofree gint64 *kernel = NULL;
  g_autofree gint64 *dilation = NULL;
  guint n = 0, n_dilation = 0;

  if (dilations && !dnn_text_to_ints (dilations, &dilation, &n_dilation))
    return FALSE;
  if (text && (!dnn_text_to_ints (text, &kernel, &n) || n != (guint) pads->n))
    return FALSE;
  if (!text &&
      (!weights ||
          ((DnnValue *) node->inputs->pdata[1])->shape.rank != pads->n + 2))
    return FALSE;
  for (gint i = 0; i < pads->n; i++) {
    gint64 size = kernel
        ? kernel[i]
        : ((DnnValue *) node->inputs->pdata[1])->shape.dims[i + 2];
    gint64 step = i < (gint) n_dilation ? dilation[i] : 1;
    if (pads->pads[i] > (size - 1) * step ||
        pads->pads[pads->n + i] > (size - 1) * step)
      return FALSE;
  }
  return TRUE;
}

/* Zeros are as good as nothing for a maximum of what isn't negative. */
static gboolean
is_never_negative (const DnnValue *value)
{
  const DnnNode *node = value ? value->producer : NULL;
  gdouble min;

  if (!node || node->post_ops->len > 0)
    return FALSE;
  if (strcmp (node->op, "Clip") == 0)
    return dnn_pass_get_number (node, 1, &min) && min >= 0;
  return strcmp (node->op, "Relu") == 0 || strcmp (node->op, "Sigmoid") == 0;
}

static gboolean
fits (const DnnNode *node, const DnnNode *pad, gdouble value, gboolean has_own)
{
  if (strcmp (node->op, "Conv") == 0)
    return value == 0;
  if (dnn_pass_get_int (node, "ceil_mode", 0) != 0)
    return FALSE;
  if (strcmp (node->op, "AveragePool") == 0)
    return value == 0 &&
        (!has_own || dnn_pass_get_int (node, "count_include_pad", 0) != 0);
  if (strcmp (node->op, "MaxPool") != 0 || node->outputs->len > 1)
    return FALSE;
  return value == -INFINITY || value <= -3.4e38 ||
      (value == 0 && is_never_negative (dnn_pass_get_input (pad, 0)));
}

static gboolean
take_pad (DnnNode *node)
{
  DnnNode *pad = dnn_pass_get_producer (node, 0);
  gint64 own[2 * DNN_MAX_RANK];
  gboolean has_own;
  gdouble value;
  Pads pads;

  if (!dnn_pass_is (pad, "Pad") || !read_value (pad, &value) ||
      !read_pad (pad, &pads) || !read_own (node, pads.n, own, &has_own) ||
      !fits (node, pad, value, has_own))
    return FALSE;
  for (gint i = 0; i < 2 * pads.n; i++)
    pads.pads[i] += own[i];
  if (!is_inside (node, &pads))
    return FALSE;
  dnn_attrs_remove (node->attrs, "auto_pad");
  dnn_attrs_set_ints (node->attrs, "pads", pads.pads, 2 * pads.n);
  if (strcmp (node->op, "AveragePool") == 0)
    dnn_attrs_set_int (node->attrs, "count_include_pad", 1);
  node->inputs->pdata[0] = pad->inputs->pdata[0];
  return TRUE;
}

gboolean
dnn_pass_pad (DnnGraph *graph, GError **error)
{
  static const gchar *const ops[] = { "Conv", "AveragePool", "MaxPool", NULL };
  gboolean changed = FALSE;

  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    if (g_strv_contains (ops, node->op) && node->post_ops->len == 0)
      changed |= take_pad (node);
  }
  return dnn_pass_end (graph, changed, error);
}
