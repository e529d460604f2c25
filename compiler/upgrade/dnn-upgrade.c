/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graph of any opset from 1 on → graph of newest forms, by a table of rows.
 * Next: dnn-compile.c. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include "pipeline-core/infer/dnn-infer.h"
#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* Applies to models below opset @until, in the order of the table. The second
 * round, after shape inference, has types and shapes. */
typedef struct
{
  const gchar *op;
  gint64 until;
  gboolean second;
  DnnUpgradeFunc upgrade;
} UpgradeRow;

/* Operators of which every version from opset 1 on is a part of the newest
 * need no row: Conv, ConvTranspose, pools, Gemm, MatMul, Add, Cast, … */
static const UpgradeRow rows[] = {
  { "Add", 7, FALSE, dnn_upgrade_broadcast },
  { "And", 7, FALSE, dnn_upgrade_broadcast },
  { "BatchNormalization", 7, FALSE, dnn_upgrade_is_test },
  { "BatchNormalization", 14, FALSE, dnn_upgrade_batch_normalization },
  { "Cast", 6, FALSE, dnn_upgrade_cast },
  { "Clip", 11, FALSE, dnn_upgrade_clip },
  { "Clip", 11, TRUE, dnn_upgrade_clip_typed },
  { "Concat", 4, FALSE, dnn_upgrade_concat },
  { "DFT", 20, FALSE, dnn_upgrade_dft },
  { "Div", 7, FALSE, dnn_upgrade_broadcast },
  { "Dropout", 7, FALSE, dnn_upgrade_is_test },
  { "Dropout", G_MAXINT64, FALSE, dnn_upgrade_dropout },
  { "Equal", 7, FALSE, dnn_upgrade_broadcast },
  { "Gemm", 7, FALSE, dnn_upgrade_gemm },
  { "GlobalLpPool", 2, FALSE, dnn_upgrade_norm },
  { "Greater", 7, FALSE, dnn_upgrade_broadcast },
  { "GridSample", 20, FALSE, dnn_upgrade_grid_sample },
  { "GroupNormalization", 21, FALSE, dnn_upgrade_group_normalization },
  { "Hardmax", 13, TRUE, dnn_upgrade_softmax },
  { "Less", 7, FALSE, dnn_upgrade_broadcast },
  { "LogSoftmax", 13, TRUE, dnn_upgrade_softmax },
  { "LpPool", 2, FALSE, dnn_upgrade_norm },
  { "Mul", 7, FALSE, dnn_upgrade_broadcast },
  { "Or", 7, FALSE, dnn_upgrade_broadcast },
  { "PRelu", 7, FALSE, dnn_upgrade_prelu },
  { "Pad", 2, FALSE, dnn_upgrade_paddings },
  { "Pad", 11, FALSE, dnn_upgrade_pad },
  { "Pad", 11, TRUE, dnn_upgrade_pad_typed },
  { "Pow", 7, FALSE, dnn_upgrade_broadcast },
  { "ReduceL1", 18, FALSE, dnn_upgrade_axes },
  { "ReduceL2", 18, FALSE, dnn_upgrade_axes },
  { "ReduceLogSum", 18, FALSE, dnn_upgrade_axes },
  { "ReduceLogSumExp", 18, FALSE, dnn_upgrade_axes },
  { "ReduceMax", 18, FALSE, dnn_upgrade_axes },
  { "ReduceMean", 18, FALSE, dnn_upgrade_axes },
  { "ReduceMin", 18, FALSE, dnn_upgrade_axes },
  { "ReduceProd", 18, FALSE, dnn_upgrade_axes },
  { "ReduceSum", 13, FALSE, dnn_upgrade_axes },
  { "ReduceSumSquare", 18, FALSE, dnn_upgrade_axes },
  { "Reshape", 5, FALSE, dnn_upgrade_reshape },
  { "Resize", 11, FALSE, dnn_upgrade_resize_10 },
  { "Resize", G_MAXINT64, FALSE, dnn_upgrade_resize_11 },
  { "Scatter", G_MAXINT64, FALSE, dnn_upgrade_scatter },
  { "Selu", 6, FALSE, dnn_upgrade_selu },
  { "Slice", 10, FALSE, dnn_upgrade_slice },
  { "Softmax", 13, TRUE, dnn_upgrade_softmax },
  { "Split", 13, FALSE, dnn_upgrade_split },
  { "Split", G_MAXINT64, FALSE, dnn_upgrade_split_outputs },
  { "Squeeze", 13, FALSE, dnn_upgrade_axes },
  { "Sub", 7, FALSE, dnn_upgrade_broadcast },
  { "TopK", 10, FALSE, dnn_upgrade_topk },
  { "Unsqueeze", 13, FALSE, dnn_upgrade_axes },
  { "Upsample", 7, FALSE, dnn_upgrade_upsample_1 },
  { "Upsample", G_MAXINT64, FALSE, dnn_upgrade_upsample },
  { "Xor", 7, FALSE, dnn_upgrade_broadcast },
  { "SimplifiedLayerNormalization", G_MAXINT64, FALSE, dnn_upgrade_ms_rms },
  { "ai.onnx.preview.FlexAttention", G_MAXINT64, FALSE,
      dnn_upgrade_flex_attention },
  { "com.microsoft.Attention", G_MAXINT64, FALSE, dnn_upgrade_ms_attention },
  { "com.microsoft.BiasGelu", G_MAXINT64, FALSE, dnn_upgrade_ms_gelu },
  { "com.microsoft.DynamicQuantizeLSTM", G_MAXINT64, FALSE,
      dnn_upgrade_ms_lstm },
  { "com.microsoft.DynamicQuantizeMatMul", G_MAXINT64, FALSE,
      dnn_upgrade_ms_dynamic_matmul },
  { "com.microsoft.EmbedLayerNormalization", G_MAXINT64, FALSE,
      dnn_upgrade_ms_embed },
  { "com.microsoft.FastGelu", G_MAXINT64, FALSE, dnn_upgrade_ms_fast_gelu },
  { "com.microsoft.FusedConv", G_MAXINT64, FALSE, dnn_upgrade_fused_conv },
  { "com.microsoft.FusedMatMul", G_MAXINT64, FALSE, dnn_upgrade_ms_matmul },
  { "com.microsoft.Gelu", G_MAXINT64, FALSE, dnn_upgrade_ms_gelu },
  { "com.microsoft.MatMulIntegerToFloat", G_MAXINT64, FALSE,
      dnn_upgrade_ms_integer_to_float },
  { "com.microsoft.MatMulNBits", G_MAXINT64, FALSE, dnn_upgrade_ms_nbits },
  { "com.microsoft.MultiHeadAttention", G_MAXINT64, FALSE,
      dnn_upgrade_ms_multi_head },
  { "com.microsoft.NhwcMaxPool", G_MAXINT64, FALSE,
      dnn_upgrade_ms_nhwc_max_pool },
  { "com.microsoft.QGemm", G_MAXINT64, FALSE, dnn_upgrade_ms_qgemm },
  { "com.microsoft.QLinearAdd", G_MAXINT64, FALSE, dnn_upgrade_ms_qlinear_two },
  { "com.microsoft.QLinearAveragePool", G_MAXINT64, FALSE,
      dnn_upgrade_ms_qlinear_one },
  { "com.microsoft.QLinearConcat", G_MAXINT64, FALSE,
      dnn_upgrade_ms_qlinear_concat },
  { "com.microsoft.QLinearGlobalAveragePool", G_MAXINT64, FALSE,
      dnn_upgrade_ms_qlinear_one },
  { "com.microsoft.QLinearLeakyRelu", G_MAXINT64, FALSE,
      dnn_upgrade_ms_qlinear_one },
  { "com.microsoft.QLinearMul", G_MAXINT64, FALSE, dnn_upgrade_ms_qlinear_two },
  { "com.microsoft.QLinearSigmoid", G_MAXINT64, FALSE,
      dnn_upgrade_ms_qlinear_one },
  { "com.microsoft.QLinearSoftmax", G_MAXINT64, FALSE,
      dnn_upgrade_ms_qlinear_one },
  { "com.microsoft.QuickGelu", G_MAXINT64, FALSE, dnn_upgrade_ms_quick_gelu },
  { "com.microsoft.SimplifiedLayerNormalization", G_MAXINT64, FALSE,
      dnn_upgrade_ms_rms },
  { "com.microsoft.SkipLayerNormalization", G_MAXINT64, FALSE,
      dnn_upgrade_ms_skip_layer },
  { "com.microsoft.SkipSimplifiedLayerNormalization", G_MAXINT64, FALSE,
      dnn_upgrade_ms_skip_rms },
};

gboolean
dnn_upgrade_knows (const gchar *op)
{
  static const gchar *const replaced[][2] = {
    { "Scatter", "ScatterElements" },
    { "Upsample", "Resize" },
    { "SimplifiedLayerNormalization", "RMSNormalization" },
    { "ai.onnx.preview.FlexAttention", "Attention" },
    { "com.microsoft.Attention", "Attention" },
    { "com.microsoft.BiasGelu", "Gelu" },
    { "com.microsoft.DynamicQuantizeLSTM", "LSTM" },
    { "com.microsoft.DynamicQuantizeMatMul", "MatMulInteger" },
    { "com.microsoft.EmbedLayerNormalization", "LayerNormalization" },
    { "com.microsoft.FastGelu", "Gelu" },
    { "com.microsoft.FusedConv", "Conv" },
    { "com.microsoft.FusedMatMul", "MatMul" },
    { "com.microsoft.Gelu", "Gelu" },
    { "com.microsoft.MatMulIntegerToFloat", "MatMulInteger" },
    { "com.microsoft.MatMulNBits", "MatMul" },
    { "com.microsoft.MultiHeadAttention", "Attention" },
    { "com.microsoft.NhwcMaxPool", "MaxPool" },
    { "com.microsoft.QGemm", "Gemm" },
    { "com.microsoft.QLinearAdd", "Add" },
    { "com.microsoft.QLinearAveragePool", "AveragePool" },
    { "com.microsoft.QLinearConcat", "Concat" },
    { "com.microsoft.QLinearGlobalAveragePool", "GlobalAveragePool" },
    { "com.microsoft.QLinearLeakyRelu", "LeakyRelu" },
    { "com.microsoft.QLinearMul", "Mul" },
    { "com.microsoft.QLinearSigmoid", "Sigmoid" },
    { "com.microsoft.QLinearSoftmax", "Softmax" },
    { "com.microsoft.QuickGelu", "Swish" },
    { "com.microsoft.SimplifiedLayerNormalization", "RMSNormalization" },
    { "com.microsoft.SkipLayerNormalization", "LayerNormalization" },
    { "com.microsoft.SkipSimplifiedLayerNormalization", "RMSNormalization" },
  };

  if (dnn_upgrade_is_of_sequences (op))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (replaced); i++)
    if (g_str_equal (replaced[i][0], op))
      return dnn_op_lookup (replaced[i][1]) != NULL;
  return dnn_op_lookup (op) != NULL;
}

static gboolean
applies (const DnnUpgrade *self, const UpgradeRow *row, const gchar *op)
{
  return self->opset < row->until && g_str_equal (row->op, op);
}

/* Nodes of a function may be of another opset than the model. */
static void
set_opset (DnnUpgrade *self, const DnnNode *node)
{
  gpointer opset = self->opsets ? g_hash_table_lookup (self->opsets, node)
                                : NULL;

  self->opset = opset ? GPOINTER_TO_INT (opset) : self->model_opset;
}

/* What rows take for granted. */
static gboolean
check_node (DnnUpgrade *self, const DnnNode *node, GError **error)
{
  if (!dnn_upgrade_get_input (node, 0))
    return dnn_upgrade_error (
        self, node, error, DNN_ERROR_GRAPH, "input 0 is required");
  if (!node->outputs->pdata[0])
    return dnn_upgrade_error (
        self, node, error, DNN_ERROR_GRAPH, "output 0 is required");
  return TRUE;
}

/* The nodes of one round; rows add further ones, which are new already. A row
 * may turn the node into another operator, whose rows then don't apply. */
static gboolean
run_round (DnnUpgrade *self, gboolean second, GError **error)
{
  g_autoptr (GPtrArray)
      nodes = g_ptr_array_copy (self->graph->nodes, NULL, NULL);

  g_ptr_array_set_free_func (nodes, NULL);
  for (guint n = 0; n < nodes->len; n++) {
    DnnNode *node = nodes->pdata[n];
    g_autofree gchar *op = g_strdup (node->op);
    set_opset (self, node);
    if (self->opset < 6)
      dnn_upgrade_drop_consumed (node);
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      if (rows[i].second == second && applies (self, &rows[i], op) &&
          (!check_node (self, node, error) ||
              !rows[i].upgrade (self, node, error)))
        return FALSE;
  }
  return dnn_graph_sort (self->graph, error);
}

static gboolean
needs_second_round (DnnUpgrade *self)
{
  for (guint n = 0; n < self->graph->nodes->len; n++) {
    const DnnNode *node = self->graph->nodes->pdata[n];
    set_opset (self, node);
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      if (rows[i].second && applies (self, &rows[i], node->op))
        return TRUE;
  }
  return FALSE;
}

/* Rows moved results about: what was inferred of them may be another's. */
static void
forget_inferred (DnnGraph *graph)
{
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (value->kind != DNN_VALUE_RESULT)
      continue;
    value->type = DNN_TYPE_INVALID;
    value->shape.rank = -1;
  }
}

gboolean
dnn_upgrade_graph (
    DnnGraph *graph, gint64 opset, GHashTable *opsets, GError **error)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) dnn_attrs_free);
  DnnUpgrade self = { graph, opset, kept, opset, opsets };

  if (!dnn_upgrade_sequences (&self, error) || !run_round (&self, FALSE, error))
    return FALSE;
  if (needs_second_round (&self) &&
      (!dnn_infer_into_graph (self.graph, error) ||
          !run_round (&self, TRUE, error)))
    return FALSE;
  forget_inferred (graph);
  graph->opset = DNN_OPSET_NEWEST;
  return TRUE;
}

/* ---- what rows share ------------------------------------------------------
 */

gboolean
dnn_upgrade_error (DnnUpgrade *self, const DnnNode *node, GError **error,
    DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code,
      "node \"%s\" (%s, opset %" G_GINT64_FORMAT "): %s", node->name, node->op,
      self->opset, text);
  return FALSE;
}

static gboolean
fail_attr (DnnUpgrade *self, const DnnNode *node, const gchar *key,
    const gchar *expected, GError **error)
{
  return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
      "attribute \"%s\" is \"%s\", expected %s", key,
      dnn_attrs_get (node->attrs, key), expected);
}

gboolean
dnn_upgrade_take_ints (DnnUpgrade *self, DnnNode *node, const gchar *key,
    gint64 **values, guint *n, GError **error)
{
  const gchar *text = dnn_attrs_get (node->attrs, key);

  *values = NULL;
  *n = 0;
  if (!text)
    return TRUE;
  if (!dnn_text_to_ints (text, values, n))
    return fail_attr (self, node, key, "a list of integers", error);
  dnn_attrs_remove (node->attrs, key);
  return TRUE;
}

gboolean
dnn_upgrade_take_float (DnnUpgrade *self, DnnNode *node, const gchar *key,
    gfloat *value, GError **error)
{
  const gchar *text = dnn_attrs_get (node->attrs, key);

  if (!text)
    return TRUE;
  if (!dnn_text_to_float (text, value))
    return fail_attr (self, node, key, "a number", error);
  dnn_attrs_remove (node->attrs, key);
  return TRUE;
}

gboolean
dnn_upgrade_get_int (DnnUpgrade *self, const DnnNode *node, const gchar *key,
    gint64 *value, GError **error)
{
  const gchar *text = dnn_attrs_get (node->attrs, key);

  if (!text || dnn_text_to_int (text, value))
    return TRUE;
  return fail_attr (self, node, key, "an integer", error);
}

DnnValue *
dnn_upgrade_add_param (
    DnnUpgrade *self, const DnnNode *node, const gchar *what, DnnTensor *tensor)
{
  g_autofree gchar *base = g_strdup_printf ("%s.%s", node->name, what);
  g_autofree gchar *name = dnn_graph_unique_name (self->graph, base);

  return dnn_graph_add_param (self->graph, name, tensor);
}

DnnValue *
dnn_upgrade_add_ints (DnnUpgrade *self, const DnnNode *node, const gchar *what,
    const gint64 *values, guint n)
{
  DnnShape shape = dnn_shape (1, (gint) n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT64, &shape);

  if (n > 0)
    memcpy (dnn_tensor_get_writable_data (tensor), values, n * sizeof *values);
  return dnn_upgrade_add_param (self, node, what, tensor);
}

DnnValue *
dnn_upgrade_add_floats (DnnUpgrade *self, const DnnNode *node,
    const gchar *what, const gfloat *values, guint n)
{
  DnnShape shape = dnn_shape (1, (gint) n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);

  if (n > 0)
    memcpy (dnn_tensor_get_writable_data (tensor), values, n * sizeof *values);
  return dnn_upgrade_add_param (self, node, what, tensor);
}

DnnValue *
dnn_upgrade_add_scalar (DnnUpgrade *self, const DnnNode *node,
    const gchar *what, DnnType type, gdouble value)
{
  DnnShape shape = dnn_shape (0);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (type, &shape);

  dnn_type_set (type, dnn_tensor_get_writable_data (tensor), 0, value);
  return dnn_upgrade_add_param (self, node, what, tensor);
}

DnnValue *
dnn_upgrade_get_input (const DnnNode *node, guint idx)
{
  return idx < node->n_formal ? node->inputs->pdata[idx] : NULL;
}

void
dnn_upgrade_set_input (DnnNode *node, guint idx, DnnValue *value)
{
  while (node->n_formal <= idx)
    dnn_node_add_input (node, NULL);
  node->inputs->pdata[idx] = value;
}

void
dnn_upgrade_trim_inputs (DnnNode *node, guint n)
{
  if (node->n_formal <= n)
    return;
  g_ptr_array_set_size (node->inputs, (gint) n);
  node->n_formal = n;
}

gboolean
dnn_upgrade_trim_outputs (
    DnnUpgrade *self, DnnNode *node, guint n, GError **error)
{
  DnnGraph *graph = self->graph;

  while (node->outputs->len > n) {
    guint last = node->outputs->len - 1;
    DnnValue *value = node->outputs->pdata[last];
    if (value) {
      g_autoptr (GPtrArray) users = dnn_graph_get_users (graph, value);
      if (users->len > 0 || dnn_graph_is_output (graph, value))
        return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
            "output %u (\"%s\") is used; only training has it", last,
            value->name);
      dnn_graph_remove_value (graph, value);
    }
    g_ptr_array_set_size (node->outputs, (gint) last);
  }
  return TRUE;
}

static DnnNode *
add_node (DnnUpgrade *self, const gchar *near, const gchar *op, DnnValue *input,
    DnnValue **result)
{
  g_autofree gchar *base = g_strdup_printf ("%s.%s", near, op);
  g_autofree gchar *name = dnn_graph_unique_name (self->graph, base);
  DnnNode *node = dnn_graph_add_node (self->graph, name, op);

  dnn_node_add_input (node, input);
  *result = dnn_graph_add_result (self->graph, node, name);
  return node;
}

DnnValue *
dnn_upgrade_add_op (DnnUpgrade *self, const DnnNode *near, const gchar *op,
    DnnValue *a, DnnValue *b)
{
  DnnValue *result;
  DnnNode *node = add_node (self, near->name, op, a, &result);

  if (b)
    dnn_node_add_input (node, b);
  return result;
}

/* The new node takes the name of @value over, so that users of the model find
 * the tensor they know; @value gets the new one. */
DnnNode *
dnn_upgrade_append_node (DnnUpgrade *self, DnnValue *value, const gchar *op)
{
  DnnGraph *graph = self->graph;
  g_autofree gchar *name = g_strdup (value->name);
  DnnValue *result;
  DnnNode *node = add_node (self, name, op, NULL, &result);
  g_autofree gchar *inner = dnn_graph_unique_name (graph, node->name);

  dnn_graph_replace_uses (graph, value, result);
  node->inputs->pdata[0] = value;
  dnn_graph_rename_value (graph, value, inner);
  dnn_graph_rename_value (graph, result, name);
  return node;
}

DnnNode *
dnn_upgrade_insert_node (
    DnnUpgrade *self, DnnNode *node, guint idx, const gchar *op)
{
  DnnValue *result;
  DnnNode *before = add_node (
      self, node->name, op, node->inputs->pdata[idx], &result);

  node->inputs->pdata[idx] = result;
  return before;
}

DnnValue *
dnn_upgrade_add_result (DnnUpgrade *self, DnnNode *node, const gchar *what)
{
  g_autofree gchar *base = g_strdup_printf ("%s.%s", node->name, what);
  g_autofree gchar *name = dnn_graph_unique_name (self->graph, base);

  return dnn_graph_add_result (self->graph, node, name);
}

void
dnn_upgrade_set_op (DnnNode *node, const gchar *op)
{
  g_free (node->op);
  node->op = g_strdup (op);
}
