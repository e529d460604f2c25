/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Upsample, and Resize of older opsets → newest Resize. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

enum
{
  INPUT_ROI = 1,
  INPUT_SCALES,
  INPUT_SIZES,
};

static void
set_string (DnnNode *node, const gchar *key, const gchar *value)
{
  dnn_attrs_set (node->attrs, key, value);
}

/* Upsample (7: scales an attribute; 9: an input) and Resize-10 have no
 * coordinate modes: x_src = x_dst / scale. */
static void
set_asymmetric (DnnNode *node, const gchar *nearest_mode)
{
  set_string (node, "coordinate_transformation_mode", "asymmetric");
  if (g_strcmp0 (dnn_attrs_get (node->attrs, "mode"), "linear") != 0)
    set_string (node, "nearest_mode", nearest_mode);
}

static void
move_scales (DnnNode *node)
{
  dnn_upgrade_set_input (
      node, INPUT_SCALES, dnn_upgrade_get_input (node, INPUT_ROI));
  node->inputs->pdata[INPUT_ROI] = NULL;
}

/* bilinear and trilinear are names that Upsample-1 had. */
gboolean
dnn_upgrade_upsample (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const gchar *text = dnn_attrs_get (node->attrs, "scales");
  g_autofree gfloat *scales = NULL;
  guint n;

  if (text && !dnn_text_to_floats (text, &scales, &n))
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "attribute \"scales\" is \"%s\", expected a list of numbers", text);
  if (scales) {
    dnn_upgrade_set_input (node, INPUT_ROI,
        dnn_upgrade_add_floats (self, node, "scales", scales, n));
    dnn_attrs_remove (node->attrs, "scales");
  }
  dnn_upgrade_set_op (node, "Resize");
  move_scales (node);
  set_asymmetric (node, "floor");
  return TRUE;
}

/* The constant scales, or NULL. */
static const gfloat *
get_scales (const DnnNode *node, guint *n)
{
  const DnnValue *value = dnn_upgrade_get_input (node, INPUT_SCALES);

  if (!value || !value->tensor || value->type != DNN_TYPE_FLOAT32)
    return NULL;
  *n = (guint) dnn_shape_n_elements (&value->shape);
  return dnn_tensor_get_data (value->tensor);
}

/* Nearest of 10 rounds down where it enlarges and up where it shrinks; one
 * that does both becomes two, since the dimensions don't mix. */
static void
split_nearest (DnnUpgrade *self, DnnNode *node, const gfloat *scales, guint n)
{
  g_autofree gfloat *larger = g_new (gfloat, MAX (n, 1));
  g_autofree gfloat *smaller = g_new (gfloat, MAX (n, 1));
  gboolean enlarges = FALSE, shrinks = FALSE;
  DnnNode *second;

  for (guint i = 0; i < n; i++) {
    larger[i] = MAX (scales[i], 1);
    smaller[i] = MIN (scales[i], 1);
    enlarges = enlarges || scales[i] > 1;
    shrinks = shrinks || scales[i] < 1;
  }
  set_asymmetric (node, shrinks && !enlarges ? "ceil" : "floor");
  if (!shrinks || !enlarges)
    return;
  dnn_upgrade_set_input (node, INPUT_SCALES,
      dnn_upgrade_add_floats (self, node, "larger", larger, n));
  second = dnn_upgrade_append_node (self, node->outputs->pdata[0], "Resize");
  set_string (second, "mode", "nearest");
  set_asymmetric (second, "ceil");
  dnn_upgrade_set_input (second, INPUT_SCALES,
      dnn_upgrade_add_floats (self, node, "smaller", smaller, n));
}

gboolean
dnn_upgrade_resize_10 (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const gchar *mode = dnn_attrs_get (node->attrs, "mode");
  const gfloat *scales;
  guint n = 0;

  move_scales (node);
  scales = get_scales (node, &n);
  if (scales && g_strcmp0 (mode, "linear") != 0)
    split_nearest (self, node, scales, n);
  else
    set_asymmetric (node, "floor");
  return TRUE;
}

static void
drop_empty (DnnNode *node, guint idx)
{
  const DnnValue *value = dnn_upgrade_get_input (node, idx);

  if (value && dnn_shape_n_elements (&value->shape) == 0)
    node->inputs->pdata[idx] = NULL;
}

/* u = (x_dst + 0.5) / scale is half_pixel's v + 0.5, so that rounding u is
 * another rounding of v. */
static gboolean
replace_tf_half_pixel (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const gchar *mode = dnn_attrs_get (node->attrs, "mode");
  const gchar *nearest = dnn_attrs_get (node->attrs, "nearest_mode");
  const gchar *replacement;

  if (mode && strcmp (mode, "nearest") != 0)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "coordinate_transformation_mode \"tf_half_pixel_for_nn\" with mode "
        "\"%s\"; only with \"nearest\"",
        mode);
  if (!nearest || strcmp (nearest, "round_prefer_floor") == 0)
    replacement = "ceil";
  else if (strcmp (nearest, "floor") == 0)
    replacement = "round_prefer_ceil";
  else
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "coordinate_transformation_mode \"tf_half_pixel_for_nn\" with "
        "nearest_mode \"%s\"; only with \"floor\" or \"round_prefer_floor\"",
        nearest);
  set_string (node, "coordinate_transformation_mode", "half_pixel");
  set_string (node, "nearest_mode", replacement);
  return TRUE;
}

/* 11 has to give roi and scales, if only empty ones. roi counts for one mode
 * alone. */
gboolean
dnn_upgrade_resize_11 (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const gchar *mode = dnn_attrs_get (
      node->attrs, "coordinate_transformation_mode");

  for (guint idx = INPUT_ROI; idx <= INPUT_SIZES; idx++)
    drop_empty (node, idx);
  if (node->n_formal > INPUT_ROI && g_strcmp0 (mode, "tf_crop_and_resize") != 0)
    node->inputs->pdata[INPUT_ROI] = NULL;
  if (g_strcmp0 (mode, "tf_half_pixel_for_nn") == 0)
    return replace_tf_half_pixel (self, node, error);
  return TRUE;
}
