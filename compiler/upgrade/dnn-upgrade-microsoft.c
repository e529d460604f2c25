/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of the domain com.microsoft, which ONNX Runtime's optimiser and
 * quantiser write into files, and FlexAttention → the standard's operators that
 * they stand for.
 * FusedConv is in dnn-upgrade-fused.c, products and attention in files of
 * their own. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

/* TensorProto.FLOAT */
#define ONNX_FLOAT 1

static gboolean
check_inputs (DnnUpgrade *self, DnnNode *node, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!dnn_upgrade_get_input (node, i))
      return dnn_upgrade_error (
          self, node, error, DNN_ERROR_GRAPH, "input %u is required", i);
  return TRUE;
}

/* Without graphs that change scores it is Attention. */
gboolean
dnn_upgrade_flex_attention (DnnUpgrade *self, DnnNode *node, GError **error)
{
  if (node->subgraphs && node->subgraphs->len > 0)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "score_mod and prob_mod are not supported");
  dnn_upgrade_set_op (node, "Attention");
  return TRUE;
}

/* ---- activations ---- */

/* @op of the sum of both inputs, or of the first. */
static gboolean
become_activation (
    DnnUpgrade *self, DnnNode *node, const gchar *op, GError **error)
{
  DnnValue *bias = dnn_upgrade_get_input (node, 1);

  if (bias)
    dnn_node_add_input (dnn_upgrade_insert_node (self, node, 0, "Add"), bias);
  dnn_upgrade_trim_inputs (node, 1);
  dnn_upgrade_set_op (node, op);
  return TRUE;
}

gboolean
dnn_upgrade_ms_gelu (DnnUpgrade *self, DnnNode *node, GError **error)
{
  return become_activation (self, node, "Gelu", error);
}

gboolean
dnn_upgrade_ms_fast_gelu (DnnUpgrade *self, DnnNode *node, GError **error)
{
  dnn_attrs_set (node->attrs, "approximate", "tanh");
  return become_activation (self, node, "Gelu", error);
}

gboolean
dnn_upgrade_ms_quick_gelu (DnnUpgrade *self, DnnNode *node, GError **error)
{
  if (!dnn_attrs_get (node->attrs, "alpha"))
    dnn_attrs_set_float (node->attrs, "alpha", 1.702f);
  return become_activation (self, node, "Swish", error);
}

/* ---- normalisations ---- */

/* Output 3 is the sum; what is normalised is read from there then. */
static void
move_sum (DnnUpgrade *self, DnnNode *node, DnnNode *add)
{
  DnnValue *given = node->outputs->len > 3 ? node->outputs->pdata[3] : NULL;
  DnnValue *sum = add->outputs->pdata[0];

  if (!given)
    return;
  dnn_graph_remove_value (self->graph, sum);
  node->outputs->pdata[3] = NULL;
  node->inputs->pdata[0] = given;
  add->outputs->pdata[0] = given;
  given->producer = add;
  given->producer_slot = 0;
}

/* @n inputs of the normalisation stand behind the two that are added, then a
 * bias. */
static gboolean
become_skip (
    DnnUpgrade *self, DnnNode *node, const gchar *op, guint n, GError **error)
{
  DnnValue *bias = dnn_upgrade_get_input (node, 2 + n), *rest[2];
  DnnNode *add;

  if (!check_inputs (self, node, 3, error))
    return FALSE;
  add = dnn_upgrade_insert_node (self, node, 0, "Add");
  dnn_node_add_input (add, dnn_upgrade_get_input (node, 1));
  if (bias) {
    add = dnn_upgrade_insert_node (self, node, 0, "Add");
    dnn_node_add_input (add, bias);
  }
  for (guint i = 0; i < n; i++)
    rest[i] = dnn_upgrade_get_input (node, 2 + i);
  dnn_upgrade_trim_inputs (node, 1);
  for (guint i = 0; i < n; i++)
    dnn_node_add_input (node, rest[i]);
  move_sum (self, node, add);
  if (!dnn_attrs_get (node->attrs, "epsilon"))
    dnn_attrs_set_float (node->attrs, "epsilon", 1e-12f);
  dnn_upgrade_set_op (node, op);
  return dnn_upgrade_trim_outputs (self, node, 1, error);
}

gboolean
dnn_upgrade_ms_skip_layer (DnnUpgrade *self, DnnNode *node, GError **error)
{
  return become_skip (self, node, "LayerNormalization", 2, error);
}

gboolean
dnn_upgrade_ms_skip_rms (DnnUpgrade *self, DnnNode *node, GError **error)
{
  return become_skip (self, node, "RMSNormalization", 1, error);
}

gboolean
dnn_upgrade_ms_rms (DnnUpgrade *self, DnnNode *node, GError **error)
{
  dnn_upgrade_set_op (node, "RMSNormalization");
  return dnn_upgrade_trim_outputs (self, node, 1, error);
}

/* ---- quantised operators ---- */

/* Input @idx times @scale, less @zero. */
static void
dequantise (
    DnnUpgrade *self, DnnNode *node, guint idx, DnnValue *scale, DnnValue *zero)
{
  DnnNode *before = dnn_upgrade_insert_node (
      self, node, idx, "DequantizeLinear");

  dnn_node_add_input (before, scale);
  if (zero)
    dnn_node_add_input (before, zero);
}

static void
quantise (DnnUpgrade *self, DnnNode *node, DnnValue *scale, DnnValue *zero)
{
  DnnNode *behind = dnn_upgrade_append_node (
      self, node->outputs->pdata[0], "QuantizeLinear");

  dnn_node_add_input (behind, scale);
  if (zero)
    dnn_node_add_input (behind, zero);
}

/* Channels come first at @node alone. */
static void
put_channels_first (DnnUpgrade *self, DnnNode *node)
{
  dnn_attrs_set (dnn_upgrade_insert_node (self, node, 0, "Einsum")->attrs,
      "equation", "n...c->nc...");
  dnn_attrs_set (
      dnn_upgrade_append_node (self, node->outputs->pdata[0], "Einsum")->attrs,
      "equation", "nc...->n...c");
}

gboolean
dnn_upgrade_ms_nhwc_max_pool (DnnUpgrade *self, DnnNode *node, GError **error)
{
  put_channels_first (self, node);
  dnn_upgrade_set_op (node, "MaxPool");
  return TRUE;
}

/* "com.microsoft.QLinearAdd" is an Add. */
static void
drop_prefix (DnnNode *node)
{
  static const gchar prefix[] = "com.microsoft.QLinear";
  g_autofree gchar *op = g_strdup (node->op + strlen (prefix));

  dnn_upgrade_set_op (node, op);
}

/* A, its scale and zero point, the same of B, those of the result. */
gboolean
dnn_upgrade_ms_qlinear_two (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *inputs[8];

  if (!check_inputs (self, node, 2, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    inputs[i] = dnn_upgrade_get_input (node, i);
  if (!inputs[3] || !inputs[4] || !inputs[6])
    return dnn_upgrade_error (
        self, node, error, DNN_ERROR_GRAPH, "a tensor or scale is absent");
  dnn_upgrade_trim_inputs (node, 1);
  dnn_node_add_input (node, inputs[3]);
  dequantise (self, node, 0, inputs[1], inputs[2]);
  dequantise (self, node, 1, inputs[4], inputs[5]);
  drop_prefix (node);
  quantise (self, node, inputs[6], inputs[7]);
  return TRUE;
}

/* X, its scale and zero point, those of the result. */
gboolean
dnn_upgrade_ms_qlinear_one (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *scale = dnn_upgrade_get_input (node, 1);
  DnnValue *zero = dnn_upgrade_get_input (node, 2);
  DnnValue *to_scale = dnn_upgrade_get_input (node, 3);
  DnnValue *to_zero = dnn_upgrade_get_input (node, 4);
  gint64 is_last = 0;

  if (!scale || !to_scale)
    return dnn_upgrade_error (
        self, node, error, DNN_ERROR_GRAPH, "a scale is absent");
  if (!dnn_upgrade_get_int (self, node, "channels_last", &is_last, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, "channels_last");
  dnn_attrs_remove (node->attrs, "opset");
  dnn_upgrade_trim_inputs (node, 1);
  if (is_last)
    put_channels_first (self, node);
  dequantise (self, node, 0, scale, zero);
  drop_prefix (node);
  quantise (self, node, to_scale, to_zero);
  return TRUE;
}

/* Scale and zero point of the result, then three inputs for each tensor. */
gboolean
dnn_upgrade_ms_qlinear_concat (DnnUpgrade *self, DnnNode *node, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_copy (node->inputs, NULL, NULL);
  guint n = (node->n_formal - MIN (node->n_formal, 2)) / 3;

  g_ptr_array_set_free_func (inputs, NULL);
  if (n == 0 || node->n_formal != 2 + 3 * n ||
      !check_inputs (self, node, node->n_formal, error))
    return n > 0 && node->n_formal == 2 + 3 * n
        ? FALSE
        : dnn_upgrade_error (self, node, error, DNN_ERROR_GRAPH,
              "has %u inputs, expected two and three for each tensor",
              node->n_formal);
  dnn_upgrade_trim_inputs (node, 0);
  for (guint i = 0; i < n; i++) {
    dnn_node_add_input (node, inputs->pdata[2 + 3 * i]);
    dequantise (
        self, node, i, inputs->pdata[3 + 3 * i], inputs->pdata[4 + 3 * i]);
  }
  drop_prefix (node);
  quantise (self, node, inputs->pdata[0], inputs->pdata[1]);
  return TRUE;
}

/* A product of integers, which @node is: as float32, times both scales, and a
 * bias added. */
static void
scale_product (DnnUpgrade *self, DnnNode *node, DnnValue *a_scale,
    DnnValue *b_scale, DnnValue *bias)
{
  DnnNode *step = dnn_upgrade_append_node (
      self, node->outputs->pdata[0], "Cast");

  dnn_attrs_set_int (step->attrs, "to", ONNX_FLOAT);
  step = dnn_upgrade_append_node (self, step->outputs->pdata[0], "Mul");
  dnn_node_add_input (step, a_scale);
  dnn_node_add_input (dnn_upgrade_insert_node (self, step, 1, "Mul"), b_scale);
  if (bias)
    dnn_node_add_input (
        dnn_upgrade_append_node (self, step->outputs->pdata[0], "Add"), bias);
}

/* A, B, their scales, their zero points, a bias. */
gboolean
dnn_upgrade_ms_integer_to_float (
    DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *inputs[7];

  if (!check_inputs (self, node, 4, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    inputs[i] = dnn_upgrade_get_input (node, i);
  dnn_upgrade_trim_inputs (node, 2);
  for (guint i = 4; i < 6; i++)
    dnn_node_add_input (node, inputs[i]);
  dnn_upgrade_set_op (node, "MatMulInteger");
  scale_product (self, node, inputs[2], inputs[3], inputs[6]);
  return TRUE;
}

/* A of float32, B, its scale and zero point, a bias. */
gboolean
dnn_upgrade_ms_dynamic_matmul (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *b, *scale, *zero, *bias, *a_scale, *a_zero;
  DnnNode *before;

  if (!check_inputs (self, node, 3, error))
    return FALSE;
  b = dnn_upgrade_get_input (node, 1);
  scale = dnn_upgrade_get_input (node, 2);
  zero = dnn_upgrade_get_input (node, 3);
  bias = dnn_upgrade_get_input (node, 4);
  before = dnn_upgrade_insert_node (self, node, 0, "DynamicQuantizeLinear");
  a_scale = dnn_upgrade_add_result (self, before, "scale");
  a_zero = dnn_upgrade_add_result (self, before, "zero");
  dnn_upgrade_trim_inputs (node, 1);
  dnn_node_add_input (node, b);
  dnn_node_add_input (node, a_zero);
  dnn_node_add_input (node, zero);
  dnn_upgrade_set_op (node, "MatMulInteger");
  scale_product (self, node, a_scale, scale, bias);
  return TRUE;
}
