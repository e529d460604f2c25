/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attention, MultiHeadAttention and EmbedLayerNormalization of the domain
 * com.microsoft → the standard's operators that they stand for. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

/* TensorProto's numbers of the types */
#define ONNX_FLOAT 1
#define ONNX_BOOL 9

/* Inputs of the standard's Attention. */
enum
{
  Q,
  K,
  V,
  MASK,
  PAST_KEY,
  PAST_VALUE,
};

/* An input or output that has no counterpart. */
typedef struct
{
  guint idx;
  const gchar *name;
} Port;

static gboolean
refuse_inputs (
    DnnUpgrade *self, DnnNode *node, const Port *ports, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (dnn_upgrade_get_input (node, ports[i].idx))
      return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
          "input %u (%s) is not supported", ports[i].idx, ports[i].name);
  return TRUE;
}

static gboolean
require_inputs (
    DnnUpgrade *self, DnnNode *node, const Port *ports, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!dnn_upgrade_get_input (node, ports[i].idx))
      return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
          "input %u (%s) is absent; only the form that has it is supported",
          ports[i].idx, ports[i].name);
  return TRUE;
}

/* Drops output @port if nobody uses it. */
static gboolean
refuse_output (DnnUpgrade *self, DnnNode *node, Port port, GError **error)
{
  DnnValue *value = port.idx < node->outputs->len
      ? node->outputs->pdata[port.idx]
      : NULL;
  g_autoptr (GPtrArray) users = NULL;

  if (!value)
    return TRUE;
  users = dnn_graph_get_users (self->graph, value);
  if (users->len > 0 || dnn_graph_is_output (self->graph, value))
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "output %u (%s) is not supported", port.idx, port.name);
  return dnn_upgrade_trim_outputs (self, node, port.idx, error);
}

/* ---- masks ---- */

/* What scores of keys that don't count get added: batch × keys of 1 and 0 →
 * batch × 1 × 1 × keys of 0 and @filter. */
static DnnValue *
mask_to_scores (
    DnnUpgrade *self, const DnnNode *node, DnnValue *mask, gfloat filter)
{
  static const gint64 axes[] = { 1, 2 };

  mask = dnn_upgrade_add_op (self, node, "Cast", mask, NULL);
  dnn_attrs_set_int (mask->producer->attrs, "to", ONNX_BOOL);
  mask = dnn_upgrade_add_op (self, node, "Not", mask, NULL);
  mask = dnn_upgrade_add_op (self, node, "Cast", mask, NULL);
  dnn_attrs_set_int (mask->producer->attrs, "to", ONNX_FLOAT);
  mask = dnn_upgrade_add_op (self, node, "Mul", mask,
      dnn_upgrade_add_scalar (self, node, "filter", DNN_TYPE_FLOAT32, filter));
  return dnn_upgrade_add_op (self, node, "Unsqueeze", mask,
      dnn_upgrade_add_ints (self, node, "axes", axes, G_N_ELEMENTS (axes)));
}

/* Input @port (which keys count) and @bias (of scores), either may be absent,
 * as the one input that the standard has. */
static gboolean
join_masks (DnnUpgrade *self, DnnNode *node, Port port, DnnValue *bias,
    DnnValue **joined, GError **error)
{
  DnnValue *mask = dnn_upgrade_get_input (node, port.idx);
  gfloat filter = -10000;

  if (!dnn_upgrade_take_float (self, node, "mask_filter_value", &filter, error))
    return FALSE;
  *joined = bias;
  if (!mask)
    return TRUE;
  if (mask->shape.rank != 2)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "input %u (%s) is supported with two dimensions that the model names",
        port.idx, port.name);
  mask = mask_to_scores (self, node, mask, filter);
  *joined = bias ? dnn_upgrade_add_op (self, node, "Add", mask, bias) : mask;
  return TRUE;
}

/* ---- both attentions ---- */

/* Attributes and inputs of the standard's. */
static gboolean
become_attention (
    DnnUpgrade *self, DnnNode *node, DnnValue *const inputs[6], GError **error)
{
  gint64 heads = 0, causal = 0;

  if (!dnn_upgrade_get_int (self, node, "num_heads", &heads, error) ||
      !dnn_upgrade_get_int (self, node, "unidirectional", &causal, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, "num_heads");
  dnn_attrs_remove (node->attrs, "unidirectional");
  dnn_attrs_set_int (node->attrs, "q_num_heads", heads);
  dnn_attrs_set_int (node->attrs, "kv_num_heads", heads);
  dnn_attrs_set_int (node->attrs, "is_causal", causal ? 1 : 0);
  dnn_upgrade_trim_inputs (node, 0);
  for (guint i = 0; i < 6; i++)
    if (inputs[i])
      dnn_upgrade_set_input (node, i, inputs[i]);
  dnn_upgrade_set_op (node, "Attention");
  return TRUE;
}

/* @value in three along @axis, of @sizes (nullable) or alike, to @parts. */
static void
split (DnnUpgrade *self, const DnnNode *node, DnnValue *value, gint64 axis,
    DnnValue *sizes, DnnValue **parts)
{
  parts[0] = dnn_upgrade_add_op (self, node, "Split", value, sizes);
  dnn_attrs_set_int (parts[0]->producer->attrs, "axis", axis);
  for (guint i = 1; i < 3; i++) {
    g_autofree gchar *name = dnn_graph_unique_name (
        self->graph, parts[0]->name);
    parts[i] = dnn_graph_add_result (self->graph, parts[0]->producer, name);
  }
}

/* Query, key, value; a bias of all three; masks; what came before. */
gboolean
dnn_upgrade_ms_multi_head (DnnUpgrade *self, DnnNode *node, GError **error)
{
  static const Port required[] = { { 1, "key" }, { 2, "value" } };
  static const Port refused[] = { { 8, "past_sequence_length" },
    { 9, "cache_indirection" } };
  const Port mask = { 4, "key_padding_mask" }, scores = { 3, "qk" };
  DnnValue *bias = dnn_upgrade_get_input (node, 3);
  DnnValue *inputs[6], *parts[3];

  if (!require_inputs (self, node, required, G_N_ELEMENTS (required), error) ||
      !refuse_inputs (self, node, refused, G_N_ELEMENTS (refused), error) ||
      !refuse_output (self, node, scores, error))
    return FALSE;
  for (guint i = Q; i <= V; i++)
    inputs[i] = dnn_upgrade_get_input (node, i);
  inputs[PAST_KEY] = dnn_upgrade_get_input (node, 6);
  inputs[PAST_VALUE] = dnn_upgrade_get_input (node, 7);
  if (bias) {
    split (self, node, bias, 0, NULL, parts);
    for (guint i = Q; i <= V; i++)
      inputs[i] = dnn_upgrade_add_op (self, node, "Add", inputs[i], parts[i]);
  }
  return join_masks (self, node, mask, dnn_upgrade_get_input (node, 5),
             &inputs[MASK], error) &&
      become_attention (self, node, inputs, error);
}

/* The sizes of query, key and value, or NULL if they are alike. */
static gboolean
take_hidden_sizes (
    DnnUpgrade *self, DnnNode *node, DnnValue **sizes, GError **error)
{
  g_autofree gint64 *values = NULL;
  guint n;

  *sizes = NULL;
  if (!dnn_upgrade_take_ints (
          self, node, "qkv_hidden_sizes", &values, &n, error))
    return FALSE;
  if (n != 0 && n != 3)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "qkv_hidden_sizes has %u numbers, expected 3", n);
  if (n == 3)
    *sizes = dnn_upgrade_add_ints (self, node, "sizes", values, n);
  return TRUE;
}

static gboolean
refuse_flags (DnnUpgrade *self, DnnNode *node, GError **error)
{
  static const gchar *const keys[] = { "do_rotary",
    "past_present_share_buffer" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    gint64 flag = 0;
    if (!dnn_upgrade_get_int (self, node, keys[i], &flag, error))
      return FALSE;
    if (flag != 0)
      return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
          "%s is %" G_GINT64_FORMAT ", only 0 is supported", keys[i], flag);
    dnn_attrs_remove (node->attrs, keys[i]);
  }
  dnn_attrs_remove (node->attrs, "rotary_embedding_dim");
  return TRUE;
}

/* Input, the weights and bias of query, key and value, masks. */
gboolean
dnn_upgrade_ms_attention (DnnUpgrade *self, DnnNode *node, GError **error)
{
  static const Port required[] = { { 1, "weights" } };
  static const Port refused[] = { { 4, "past" },
    { 6, "past_sequence_length" } };
  const Port mask = { 3, "mask_index" }, present = { 1, "present" };
  DnnValue *bias = dnn_upgrade_get_input (node, 2);
  DnnValue *inputs[6] = { NULL }, *all, *sizes;

  if (!require_inputs (self, node, required, G_N_ELEMENTS (required), error) ||
      !refuse_inputs (self, node, refused, G_N_ELEMENTS (refused), error) ||
      !refuse_output (self, node, present, error) ||
      !refuse_flags (self, node, error) ||
      !take_hidden_sizes (self, node, &sizes, error))
    return FALSE;
  all = dnn_upgrade_add_op (self, node, "MatMul",
      dnn_upgrade_get_input (node, 0), dnn_upgrade_get_input (node, 1));
  if (bias)
    all = dnn_upgrade_add_op (self, node, "Add", all, bias);
  split (self, node, all, -1, sizes, inputs);
  return join_masks (self, node, mask, dnn_upgrade_get_input (node, 5),
             &inputs[MASK], error) &&
      become_attention (self, node, inputs, error);
}

/* ---- EmbedLayerNormalization ---- */

enum
{
  IDS,
  SEGMENT_IDS,
  WORDS,
  POSITIONS,
  SEGMENTS,
  GAMMA,
  BETA,
  COUNTING,
  POSITION_IDS,
  N_EMBED,
};

/* Rows of the table of positions: those named, or the first ones. */
static DnnValue *
find_positions (
    DnnUpgrade *self, const DnnNode *node, DnnValue *const inputs[N_EMBED])
{
  static const gint64 zero = 0;
  DnnValue *n, *rows;

  if (inputs[POSITION_IDS])
    return dnn_upgrade_add_op (
        self, node, "Gather", inputs[POSITIONS], inputs[POSITION_IDS]);
  n = dnn_upgrade_add_op (self, node, "Shape", inputs[IDS], NULL);
  dnn_attrs_set_int (n->producer->attrs, "start", 1);
  dnn_attrs_set_int (n->producer->attrs, "end", 2);
  rows = dnn_upgrade_add_op (self, node, "Slice", inputs[POSITIONS],
      dnn_upgrade_add_ints (self, node, "begin", &zero, 1));
  dnn_node_add_input (rows->producer, n);
  return rows;
}

static DnnValue *
sum_embeddings (
    DnnUpgrade *self, const DnnNode *node, DnnValue *const inputs[N_EMBED])
{
  DnnValue *sum = dnn_upgrade_add_op (self, node, "Add",
      dnn_upgrade_add_op (self, node, "Gather", inputs[WORDS], inputs[IDS]),
      find_positions (self, node, inputs));

  if (!inputs[SEGMENT_IDS] || !inputs[SEGMENTS])
    return sum;
  return dnn_upgrade_add_op (self, node, "Add", sum,
      dnn_upgrade_add_op (
          self, node, "Gather", inputs[SEGMENTS], inputs[SEGMENT_IDS]));
}

/* The sum is read from where the model has it, if it has. */
static DnnValue *
give_sum (DnnUpgrade *self, DnnNode *node, DnnValue *sum)
{
  DnnValue *given = node->outputs->len > 2 ? node->outputs->pdata[2] : NULL;
  DnnNode *producer = sum->producer;

  if (!given)
    return sum;
  dnn_graph_remove_value (self->graph, sum);
  node->outputs->pdata[2] = NULL;
  producer->outputs->pdata[0] = given;
  given->producer = producer;
  given->producer_slot = 0;
  return given;
}

gboolean
dnn_upgrade_ms_embed (DnnUpgrade *self, DnnNode *node, GError **error)
{
  static const Port required[] = { { WORDS, "word_embedding" },
    { POSITIONS, "position_embedding" }, { GAMMA, "gamma" }, { BETA, "beta" } };
  const Port counts = { 1, "mask_index" };
  DnnValue *inputs[N_EMBED], *sum;

  if (!require_inputs (self, node, required, G_N_ELEMENTS (required), error))
    return FALSE;
  for (guint i = 0; i < N_EMBED; i++)
    inputs[i] = dnn_upgrade_get_input (node, i);
  sum = give_sum (self, node, sum_embeddings (self, node, inputs));
  if (!refuse_output (self, node, counts, error))
    return FALSE;
  dnn_upgrade_trim_inputs (node, 0);
  dnn_node_add_input (node, sum);
  dnn_node_add_input (node, inputs[GAMMA]);
  dnn_node_add_input (node, inputs[BETA]);
  dnn_attrs_remove (node->attrs, "mask_index_type");
  if (!dnn_attrs_get (node->attrs, "epsilon"))
    dnn_attrs_set_float (node->attrs, "epsilon", 1e-12f);
  dnn_upgrade_set_op (node, "LayerNormalization");
  return dnn_upgrade_trim_outputs (self, node, 1, error);
}
