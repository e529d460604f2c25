/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pad, Slice, Split, Squeeze, Unsqueeze, ReduceMean of older opsets: what was
 * an attribute becomes an input. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

/* The list of attribute @key becomes input @idx; an absent or, where
 * @may_be_empty is FALSE, an empty one no input. */
static gboolean
move_ints (DnnUpgrade *self, DnnNode *node, const gchar *key, guint idx,
    gboolean may_be_empty, GError **error)
{
  g_autofree gint64 *values = NULL;
  gboolean present = dnn_attrs_get (node->attrs, key) != NULL;
  guint n;

  if (!dnn_upgrade_take_ints (self, node, key, &values, &n, error))
    return FALSE;
  if (present && (n > 0 || may_be_empty))
    dnn_upgrade_set_input (
        node, idx, dnn_upgrade_add_ints (self, node, key, values, n));
  return TRUE;
}

/* Squeeze, Unsqueeze, ReduceMean up to 12 or 17. */
gboolean
dnn_upgrade_axes (DnnUpgrade *self, DnnNode *node, GError **error)
{
  return move_ints (self, node, "axes", 1, FALSE, error);
}

/* Slice-1. */
gboolean
dnn_upgrade_slice (DnnUpgrade *self, DnnNode *node, GError **error)
{
  return move_ints (self, node, "starts", 1, TRUE, error) &&
      move_ints (self, node, "ends", 2, TRUE, error) &&
      move_ints (self, node, "axes", 3, FALSE, error);
}

/* Pad-2. The value waits for the type of the input. */
gboolean
dnn_upgrade_pad (DnnUpgrade *self, DnnNode *node, GError **error)
{
  g_autoptr (DnnAttrs) kept = dnn_attrs_copy (node->attrs);

  dnn_attrs_remove (node->attrs, "value");
  g_hash_table_insert (self->kept, node, g_steal_pointer (&kept));
  return move_ints (self, node, "pads", 1, TRUE, error);
}

gboolean
dnn_upgrade_pad_typed (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const DnnValue *input = dnn_upgrade_get_input (node, 0);
  DnnAttrs *kept = g_hash_table_lookup (self->kept, node);
  const gchar *text = kept ? dnn_attrs_get (kept, "value") : NULL;
  gfloat value = 0;

  if (text && !dnn_text_to_float (text, &value))
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "attribute \"value\" is \"%s\", expected a number", text);
  if (value == 0 || !input)
    return TRUE;
  dnn_upgrade_set_input (node, 2,
      dnn_upgrade_add_scalar (self, node, "value",
          input->type != DNN_TYPE_INVALID ? input->type : DNN_TYPE_FLOAT32,
          value));
  return TRUE;
}

/* Split-2 and 11. */
gboolean
dnn_upgrade_split (DnnUpgrade *self, DnnNode *node, GError **error)
{
  return move_ints (self, node, "split", 1, FALSE, error);
}

/* 18 counts its outputs in an attribute; the node itself has their number. */
gboolean
dnn_upgrade_split_outputs (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gint64 n_outputs = node->outputs->len;

  if (!dnn_upgrade_get_int (self, node, "num_outputs", &n_outputs, error))
    return FALSE;
  if (n_outputs < node->outputs->len || n_outputs > DNN_MAX_NODE_INPUTS)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "num_outputs is %" G_GINT64_FORMAT ", but the node names %u outputs",
        n_outputs, node->outputs->len);
  while (node->outputs->len < (guint) n_outputs)
    dnn_graph_add_result (self->graph, node, NULL);
  dnn_attrs_remove (node->attrs, "num_outputs");
  return TRUE;
}

/* TopK-1. */
gboolean
dnn_upgrade_topk (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gint64 k = 0;

  if (!dnn_upgrade_get_int (self, node, "k", &k, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, "k");
  dnn_upgrade_set_input (
      node, 1, dnn_upgrade_add_ints (self, node, "k", &k, 1));
  return TRUE;
}
