/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What operators had before opset 7: broadcasting that had to be asked for,
 * types by name, lists as attributes → the form of 7. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

/* 1 told which inputs may be overwritten. */
void
dnn_upgrade_drop_consumed (DnnNode *node)
{
  dnn_attrs_remove (node->attrs, "consumed_inputs");
}

static gboolean
is_one_of (const gchar *op, const gchar *const *ops)
{
  return g_strv_contains (ops, op);
}

static gint find_rank (const DnnValue *value);

/* Of what Reshape makes: 1 has the shape as attribute. */
static gint
find_reshaped (const DnnNode *node)
{
  const gchar *text = dnn_attrs_get (node->attrs, "shape");
  const DnnValue *shape = dnn_upgrade_get_input (node, 1);
  g_autofree gint64 *dims = NULL;
  guint n;

  if (text && dnn_text_to_ints (text, &dims, &n))
    return (gint) n;
  if (!shape || shape->shape.rank != 1)
    return -1;
  return (gint) shape->shape.dims[0];
}

static gint
find_widest (const DnnNode *node)
{
  gint widest = -1;

  for (guint i = 0; i < node->n_formal; i++) {
    const DnnValue *value = node->inputs->pdata[i];
    gint rank = value ? find_rank (value) : -1;
    widest = MAX (widest, rank);
  }
  return widest;
}

/* How many dimensions a result has, as far as its operator tells before shapes
 * are inferred; -1: it doesn't. */
static gint
find_result (const DnnNode *node)
{
  static const gchar *const two[] = { "Gemm", "Flatten", NULL };
  static const gchar *const other[] = { "Squeeze", "Unsqueeze", "MatMul",
    "Gather", "Shape", "Constant", NULL };
  static const gchar *const widest[] = { "Add", "Sub", "Mul", "Div", "Pow",
    "Sum", "Max", "Min", "Mean", "PRelu", NULL };

  if (is_one_of (node->op, two))
    return 2;
  if (strcmp (node->op, "Reshape") == 0)
    return find_reshaped (node);
  if (is_one_of (node->op, widest))
    return find_widest (node);
  if (is_one_of (node->op, other) || node->n_formal == 0 ||
      !node->inputs->pdata[0] || g_str_has_prefix (node->op, "Reduce") ||
      g_str_has_prefix (node->op, "Arg"))
    return -1;
  return find_rank (node->inputs->pdata[0]);
}

static gint
find_rank (const DnnValue *value)
{
  if (value->shape.rank >= 0)
    return value->shape.rank;
  return value->producer ? find_result (value->producer) : -1;
}

/* Dimensions of one element behind those of input 1. */
static void
add_dims (DnnUpgrade *self, DnnNode *node, gint rank, gint n)
{
  DnnNode *before = dnn_upgrade_insert_node (self, node, 1, "Unsqueeze");
  g_autofree gint64 *axes = g_new0 (gint64, n + 1);

  for (gint i = 0; i < n; i++)
    axes[i] = rank + i;
  dnn_node_add_input (
      before, dnn_upgrade_add_ints (self, node, "axes", axes, (guint) n));
}

/* Add and its like: the second is broadcast only where that is asked for, and
 * from a dimension of the first on, if one is named. */
gboolean
dnn_upgrade_broadcast (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gboolean has_axis = dnn_attrs_get (node->attrs, "axis") != NULL;
  const DnnValue *second = dnn_upgrade_get_input (node, 1);
  gint64 axis = 0;
  gint wide, narrow;

  if (!dnn_upgrade_get_int (self, node, "axis", &axis, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, "axis");
  dnn_attrs_remove (node->attrs, "broadcast");
  if (!has_axis || !second)
    return TRUE;
  wide = find_rank (node->inputs->pdata[0]);
  narrow = find_rank (second);
  if (wide < 0 || narrow < 0)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_NEEDS_SHAPE,
        "axis is %" G_GINT64_FORMAT ", but the rank of its inputs isn't known",
        axis);
  axis = axis < 0 ? axis + wide : axis;
  if (axis < 0 || axis + narrow > wide)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "axis is %" G_GINT64_FORMAT ", its inputs have %d and %d dimensions",
        axis, wide, narrow);
  if (axis + narrow < wide)
    add_dims (self, node, narrow, wide - (gint) axis - narrow);
  return TRUE;
}

/* One slope a channel stood in a list; now it is broadcast. */
gboolean
dnn_upgrade_prelu (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const DnnValue *slope = dnn_upgrade_get_input (node, 1);
  gint rank = find_rank (node->inputs->pdata[0]);

  if (slope && find_rank (slope) == 1 && rank > 2 && slope->shape.dims[0] != 1)
    add_dims (self, node, 1, rank - 2);
  return TRUE;
}

gboolean
dnn_upgrade_gemm (DnnUpgrade *self, DnnNode *node, GError **error)
{
  dnn_attrs_remove (node->attrs, "broadcast");
  return TRUE;
}

/* The type by its name in TensorProto.DataType. */
gboolean
dnn_upgrade_cast (DnnUpgrade *self, DnnNode *node, GError **error)
{
  static const gchar *const names[] = { "UNDEFINED", "FLOAT", "UINT8", "INT8",
    "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
    "UINT32", "UINT64" };
  const gchar *text = dnn_attrs_get (node->attrs, "to");

  for (guint i = 0; text && i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (text, names[i]) == 0) {
      dnn_attrs_set_int (node->attrs, "to", i);
      break;
    }
  return TRUE;
}

/* Up to 3 the axis had a default. */
gboolean
dnn_upgrade_concat (DnnUpgrade *self, DnnNode *node, GError **error)
{
  if (!dnn_attrs_get (node->attrs, "axis"))
    dnn_attrs_set_int (node->attrs, "axis", 1);
  return TRUE;
}

gboolean
dnn_upgrade_reshape (DnnUpgrade *self, DnnNode *node, GError **error)
{
  g_autofree gint64 *dims = NULL;
  guint n;

  if (!dnn_attrs_get (node->attrs, "shape"))
    return TRUE;
  if (!dnn_upgrade_take_ints (self, node, "shape", &dims, &n, error))
    return FALSE;
  dnn_upgrade_set_input (
      node, 1, dnn_upgrade_add_ints (self, node, "shape", dims, n));
  return TRUE;
}

/* `paddings` became `pads`. */
gboolean
dnn_upgrade_paddings (DnnUpgrade *self, DnnNode *node, GError **error)
{
  g_autofree gchar *text = g_strdup (dnn_attrs_get (node->attrs, "paddings"));

  if (text) {
    dnn_attrs_remove (node->attrs, "paddings");
    dnn_attrs_set (node->attrs, "pads", text);
  }
  return TRUE;
}

/* Other factors where none is given. */
gboolean
dnn_upgrade_selu (DnnUpgrade *self, DnnNode *node, GError **error)
{
  if (!dnn_attrs_get (node->attrs, "alpha"))
    dnn_attrs_set_float (node->attrs, "alpha", 1.6732f);
  if (!dnn_attrs_get (node->attrs, "gamma"))
    dnn_attrs_set_float (node->attrs, "gamma", 1.0507f);
  return TRUE;
}

/* The norm was a real number. */
gboolean
dnn_upgrade_norm (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gfloat p = 2;

  if (!dnn_upgrade_take_float (self, node, "p", &p, error))
    return FALSE;
  if (p != (gfloat) (gint) p)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "p is %g, only whole numbers are supported", (gdouble) p);
  dnn_attrs_set_int (node->attrs, "p", (gint64) p);
  return TRUE;
}

/* One factor for height, one for width. */
gboolean
dnn_upgrade_upsample_1 (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gfloat scales[4] = { 1, 1, 1, 1 };

  if (!dnn_upgrade_take_float (self, node, "height_scale", &scales[2], error) ||
      !dnn_upgrade_take_float (self, node, "width_scale", &scales[3], error))
    return FALSE;
  if (!dnn_attrs_get (node->attrs, "scales"))
    dnn_attrs_set_floats (node->attrs, "scales", scales, 4);
  return TRUE;
}

/* Inference, or a training that nobody asks here. */
gboolean
dnn_upgrade_is_test (DnnUpgrade *self, DnnNode *node, GError **error)
{
  dnn_attrs_remove (node->attrs, "is_test");
  return TRUE;
}
