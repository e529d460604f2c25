/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DFT, GridSample, GroupNormalization, Scatter of older opsets → newest form.
 */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

/* 17 has the axis as attribute, with another default. */
gboolean
dnn_upgrade_dft (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gint64 axis = 1;

  if (!dnn_upgrade_get_int (self, node, "axis", &axis, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, "axis");
  dnn_upgrade_set_input (node, 2,
      dnn_upgrade_add_scalar (
          self, node, "axis", DNN_TYPE_INT64, (gdouble) axis));
  return TRUE;
}

/* 16 names the modes of pictures. */
gboolean
dnn_upgrade_grid_sample (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const gchar *mode = dnn_attrs_get (node->attrs, "mode");

  if (g_strcmp0 (mode, "bilinear") == 0)
    dnn_attrs_set (node->attrs, "mode", "linear");
  else if (g_strcmp0 (mode, "bicubic") == 0)
    dnn_attrs_set (node->attrs, "mode", "cubic");
  return TRUE;
}

gboolean
dnn_upgrade_scatter (DnnUpgrade *self, DnnNode *node, GError **error)
{
  dnn_upgrade_set_op (node, "ScatterElements");
  return TRUE;
}

/* 18 has scale and bias by group: with the channels of each as one, that is
 * InstanceNormalization. */
gboolean
dnn_upgrade_group_normalization (
    DnnUpgrade *self, DnnNode *node, GError **error)
{
  gint64 joined[] = { 0, 0, -1 };
  DnnValue *x = node->inputs->pdata[0];
  DnnNode *before, *behind, *shape;

  if (!dnn_upgrade_get_int (self, node, "num_groups", &joined[1], error))
    return FALSE;
  if (joined[1] < 1)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "num_groups is %" G_GINT64_FORMAT ", expected 1 or more", joined[1]);
  dnn_attrs_remove (node->attrs, "num_groups");
  dnn_upgrade_set_op (node, "InstanceNormalization");
  before = dnn_upgrade_insert_node (self, node, 0, "Reshape");
  dnn_node_add_input (
      before, dnn_upgrade_add_ints (self, node, "joined", joined, 3));
  behind = dnn_upgrade_append_node (self, node->outputs->pdata[0], "Reshape");
  dnn_node_add_input (behind, x);
  shape = dnn_upgrade_insert_node (self, behind, 1, "Shape");
  g_assert (shape->inputs->pdata[0] == x);
  return TRUE;
}
