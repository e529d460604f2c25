/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BatchNormalization, Clip, Dropout, Softmax of older opsets → newest form. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* 7 has `spatial`; up to 9 the outputs of training may be named though nothing
 * uses them. */
gboolean
dnn_upgrade_batch_normalization (
    DnnUpgrade *self, DnnNode *node, GError **error)
{
  gint64 spatial = 1;

  if (!dnn_upgrade_get_int (self, node, "spatial", &spatial, error))
    return FALSE;
  if (spatial != 1)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "spatial is %" G_GINT64_FORMAT ", only 1 (a mean per channel) is "
        "supported",
        spatial);
  dnn_attrs_remove (node->attrs, "spatial");
  return dnn_upgrade_trim_outputs (self, node, 1, error);
}

/* 6 has attributes `min` and `max`, now inputs of the type of the first one,
 * which only inference knows. */
gboolean
dnn_upgrade_clip (DnnUpgrade *self, DnnNode *node, GError **error)
{
  g_autoptr (DnnAttrs) kept = dnn_attrs_copy (node->attrs);

  dnn_attrs_remove (node->attrs, "min");
  dnn_attrs_remove (node->attrs, "max");
  g_hash_table_insert (self->kept, node, g_steal_pointer (&kept));
  return TRUE;
}

/* The type of the first input; models that don't say it mean float32. */
static DnnType
get_input_type (const DnnNode *node)
{
  const DnnValue *value = dnn_upgrade_get_input (node, 0);

  return value && value->type != DNN_TYPE_INVALID ? value->type
                                                  : DNN_TYPE_FLOAT32;
}

gboolean
dnn_upgrade_clip_typed (DnnUpgrade *self, DnnNode *node, GError **error)
{
  static const gchar *const keys[] = { "min", "max" };
  DnnAttrs *kept = g_hash_table_lookup (self->kept, node);

  for (guint i = 0; kept && i < G_N_ELEMENTS (keys); i++) {
    const gchar *text = dnn_attrs_get (kept, keys[i]);
    gfloat value;
    if (!text)
      continue;
    if (!dnn_text_to_float (text, &value))
      return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
          "attribute \"%s\" is \"%s\", expected a number", keys[i], text);
    dnn_upgrade_set_input (node, i + 1,
        dnn_upgrade_add_scalar (
            self, node, keys[i], get_input_type (node), value));
  }
  return TRUE;
}

/* Whether Dropout-12's training_mode is a constant other than false, or none
 * that is known. */
static gboolean
is_training (const DnnNode *node)
{
  const DnnValue *value = dnn_upgrade_get_input (node, 2);

  if (!value)
    return FALSE;
  return !value->tensor || dnn_tensor_get_size (value->tensor) != 1 ||
      *(const guint8 *) dnn_tensor_get_data (value->tensor) != 0;
}

/* A mask of true in the shape of the input: Cast (x · 0 + 1) is true for each
 * number there is, NaN included. */
static void
add_mask (DnnUpgrade *self, DnnNode *node, DnnValue *mask)
{
  DnnValue *input = node->inputs->pdata[0];
  DnnValue *zero = dnn_upgrade_add_scalar (
      self, node, "zero", DNN_TYPE_FLOAT32, 0);
  DnnValue *one = dnn_upgrade_add_scalar (
      self, node, "one", DNN_TYPE_FLOAT32, 1);
  g_autofree gchar *base = g_strdup_printf ("%s.mask", node->name);
  g_autofree gchar *name = dnn_graph_unique_name (self->graph, base);
  DnnNode *cast = dnn_graph_add_node (self->graph, name, "Cast");
  DnnNode *step;

  dnn_attrs_set_int (cast->attrs, "to", 9); /* TensorProto.BOOL */
  dnn_node_add_input (cast, input);
  step = dnn_upgrade_insert_node (self, cast, 0, "Cast");
  dnn_attrs_set_int (step->attrs, "to", 1); /* TensorProto.FLOAT */
  step = dnn_upgrade_insert_node (self, cast, 0, "Mul");
  dnn_node_add_input (step, zero);
  step = dnn_upgrade_insert_node (self, cast, 0, "Add");
  dnn_node_add_input (step, one);
  node->outputs->pdata[1] = NULL;
  mask->producer = cast;
  mask->producer_slot = 0;
  g_ptr_array_add (cast->outputs, mask);
}

static gboolean
is_used (DnnUpgrade *self, DnnValue *value)
{
  g_autoptr (GPtrArray) users = dnn_graph_get_users (self->graph, value);

  return users->len > 0 || dnn_graph_is_output (self->graph, value);
}

/* Outside of training it passes its input on; what trains, or may, is the
 * operator itself. Up to 9 the mask has the type of
 * the input, then it is bool. */
gboolean
dnn_upgrade_dropout (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *mask = node->outputs->len > 1 ? node->outputs->pdata[1] : NULL;

  if (is_training (node))
    return TRUE;
  if (mask && self->opset >= 10 && is_used (self, mask)) {
    add_mask (self, node, mask);
    g_ptr_array_set_size (node->outputs, 1);
  } else if (!dnn_upgrade_trim_outputs (self, node, 1, error)) {
    return FALSE;
  }
  dnn_upgrade_trim_inputs (node, 1);
  dnn_attrs_remove (node->attrs, "ratio");
  dnn_attrs_remove (node->attrs, "seed");
  dnn_upgrade_set_op (node, "Identity");
  return TRUE;
}

/* The dimensions from @axis on, as the shape that Reshape is given: at most one
 * open one can be told from the others. */
static gboolean
fill_shape (const DnnShape *shape, gint axis, gint64 *dims)
{
  gint n_open = 0;

  for (gint i = 0; i < shape->rank; i++) {
    if (i < axis)
      dims[i] = 0; /* as before */
    else
      dims[i] = shape->dims[i];
    n_open += i >= axis && shape->dims[i] < 0;
  }
  return n_open <= 1;
}

/* By what is there when it runs: Flatten before, Reshape to the shape that was
 * there behind. */
static void
wrap_any_softmax (DnnUpgrade *self, DnnNode *node, gint64 axis)
{
  DnnValue *input = node->inputs->pdata[0];
  DnnNode *flatten = dnn_upgrade_insert_node (self, node, 0, "Flatten");
  DnnNode *reshape = dnn_upgrade_append_node (
      self, node->outputs->pdata[0], "Reshape");
  DnnNode *shape;

  dnn_attrs_set_int (flatten->attrs, "axis", axis);
  dnn_node_add_input (reshape, input);
  shape = dnn_upgrade_insert_node (self, reshape, 1, "Shape");
  g_assert (shape->inputs->pdata[0] == input);
  dnn_attrs_set_int (node->attrs, "axis", -1);
}

/* Reshape before and behind: [d0 … d(axis-1), all others]. */
static void
wrap_softmax (DnnUpgrade *self, DnnNode *node, gint axis)
{
  const DnnShape *shape = &((DnnValue *) node->inputs->pdata[0])->shape;
  gint64 before[DNN_MAX_RANK] = { 0 }, behind[DNN_MAX_RANK] = { 0 };
  DnnNode *reshape;

  before[axis] = -1;
  if (!fill_shape (shape, axis, behind)) {
    wrap_any_softmax (self, node, axis);
    return;
  }
  reshape = dnn_upgrade_insert_node (self, node, 0, "Reshape");
  dnn_node_add_input (
      reshape, dnn_upgrade_add_ints (self, node, "flat", before, axis + 1));
  reshape = dnn_upgrade_append_node (self, node->outputs->pdata[0], "Reshape");
  dnn_node_add_input (
      reshape, dnn_upgrade_add_ints (self, node, "shape", behind, shape->rank));
}

/* Up to 11 the default axis is 1, and softmax goes over all dimensions from
 * `axis` on together. */
gboolean
dnn_upgrade_softmax (DnnUpgrade *self, DnnNode *node, GError **error)
{
  const DnnValue *input = dnn_upgrade_get_input (node, 0);
  gint64 axis = 1;
  gint rank;
  gboolean plain = TRUE;

  if (!dnn_upgrade_get_int (self, node, "axis", &axis, error))
    return FALSE;
  rank = input ? input->shape.rank : -1;
  if (rank < 0 && axis >= 0) {
    wrap_any_softmax (self, node, axis);
    return TRUE;
  }
  if (rank < 0)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_NEEDS_SHAPE,
        "the rank of its input is unknown, and axis is %" G_GINT64_FORMAT
        ": give the model's input shapes",
        axis);
  if (axis < -rank || axis >= rank)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "axis is %" G_GINT64_FORMAT ", its input has %d dimensions", axis,
        rank);
  axis = axis < 0 ? axis + rank : axis;
  for (gint i = (gint) axis + 1; i < rank; i++)
    plain = plain && input->shape.dims[i] == 1;
  dnn_attrs_set_int (node->attrs, "axis", plain ? axis : -1);
  if (plain)
    return TRUE;
  wrap_softmax (self, node, (gint) axis);
  return TRUE;
}
