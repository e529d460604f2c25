/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph and the shapes of its inputs → parts of its outputs, from each
 * output back to the last layers of the network. Next: gstdnnevidence-parts.c.
 */
#include "config.h"

#include "gst-plugin/evidence/gstdnnevidence-graph.h"

#include <math.h>
#include <string.h>

#include "gst-plugin/evidence/gstdnnevidence-parts.h"
#include "pipeline-core/infer/dnn-infer.h"

/* Operators on the way from an output to the last layers. */
#define MAX_DEPTH 256

/* Constants with more elements are weights, no tables. */
#define MAX_TABLE (1 << 22)

typedef struct
{
  DnnInference *inference;
  GHashTable *known; /* DnnValue * → GstDnnParts * */
  guint depth;
} Walk;

/* One operator and what it does; in the order of the rows below. */
typedef struct
{
  const gchar *op;
  void (*read) (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out);
} Row;

static void read_value (Walk *self, const DnnValue *value, GstDnnParts *out);

/* --- What is asked of a graph. */

static const DnnShape *
get_shape (Walk *self, const DnnValue *value)
{
  return &dnn_inference_get (self->inference, value)->shape;
}

static const DnnValue *
get_input (const DnnNode *node, guint idx)
{
  return idx < node->inputs->len ? node->inputs->pdata[idx] : NULL;
}

static gint64
get_attr (const DnnNode *node, const gchar *key, gint64 fallback)
{
  const gchar *text = dnn_attrs_get (node->attrs, key);
  gint64 value;

  return text != NULL && dnn_text_to_int (text, &value) ? value : fallback;
}

/* Number @idx of a constant input; %FALSE if it isn't known. */
static gboolean
get_number (Walk *self, const DnnValue *value, gint64 idx, gdouble *number)
{
  DnnTensor *tensor = value != NULL
      ? dnn_inference_get (self->inference, value)->tensor
      : NULL;

  if (tensor == NULL ||
      idx >= dnn_shape_n_elements (dnn_tensor_get_shape (tensor)))
    return FALSE;
  *number = dnn_type_get (
      dnn_tensor_get_element_type (tensor), dnn_tensor_get_data (tensor), idx);
  return TRUE;
}

static gint
normalise_axis (gint64 axis, gint rank)
{
  return (gint) (axis < 0 ? axis + rank : axis);
}

static void
forget (GstDnnParts *out)
{
  gst_dnn_parts_set (out, GST_DNN_MADE_UNKNOWN, GST_DNN_SEEN_NONE);
}

/* --- Operators. */

static void
read_first (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  read_value (self, get_input (node, 0), out);
}

static void
read_layer (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const gchar *activation = dnn_attrs_get (node->attrs, "activation");

  gst_dnn_parts_set (out, GST_DNN_MADE_RAW, GST_DNN_SEEN_NONE);
  if (activation != NULL) /* of FusedConv */
    gst_dnn_parts_apply (out, activation, 0);
}

static void
read_index (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  gst_dnn_parts_set (out, GST_DNN_MADE_INDEX, GST_DNN_SEEN_NONE);
}

static void
read_view (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const DnnValue *src = get_input (node, 0);

  read_value (self, src, out);
  gst_dnn_parts_reshape (
      out, get_shape (self, src), get_shape (self, node->outputs->pdata[slot]));
}

static void
read_transpose (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const gchar *text = dnn_attrs_get (node->attrs, "perm");
  gint rank = get_shape (self, get_input (node, 0))->rank;
  g_autofree gint64 *perm = NULL;
  guint n = 0;

  read_value (self, get_input (node, 0), out);
  if (out->axis < 0)
    return;
  if (text == NULL) {
    out->axis = rank - 1 - out->axis;
    return;
  }
  if (dnn_text_to_ints (text, &perm, &n))
    for (guint i = 0; i < n; i++)
      if (perm[i] == out->axis) {
        out->axis = (gint) i;
        return;
      }
  forget (out);
}

static gint64
get_dim (Walk *self, const DnnValue *value, gint axis)
{
  const DnnShape *shape = get_shape (self, value);

  return axis >= 0 && axis < shape->rank ? shape->dims[axis] : -1;
}

static void
read_concat (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  gint rank = get_shape (self, node->outputs->pdata[slot])->rank;
  gint axis = normalise_axis (get_attr (node, "axis", 0), rank);
  gint64 size = get_dim (self, get_input (node, 0), axis);

  read_value (self, get_input (node, 0), out);
  for (guint i = 1; i < node->n_formal; i++) {
    const DnnValue *next = get_input (node, i);
    gint64 next_size = next != NULL ? get_dim (self, next, axis) : -1;
    GstDnnParts parts;

    if (size < 0 || next_size < 0) {
      forget (out);
      return;
    }
    read_value (self, next, &parts);
    gst_dnn_parts_join (out, &parts, axis, size, next_size);
    size += next_size;
  }
  /* Of one kind: one part. */
  gst_dnn_parts_cut (out, out->axis, 0, G_MAXINT32);
}

static void
read_split (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const DnnValue *src = get_input (node, 0);
  gint rank = get_shape (self, src)->rank;
  gint axis = normalise_axis (get_attr (node, "axis", 0), rank);
  gint64 start = 0;

  read_value (self, src, out);
  if (out->axis < 0)
    return;
  for (guint i = 0; i < slot; i++)
    start += node->outputs->pdata[i] != NULL
        ? get_dim (self, node->outputs->pdata[i], axis)
        : get_dim (self, node->outputs->pdata[slot], axis);
  gst_dnn_parts_cut (
      out, axis, start, get_dim (self, node->outputs->pdata[slot], axis));
}

static void
read_slice (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const DnnValue *src = get_input (node, 0);
  const DnnValue *dst = node->outputs->pdata[slot];
  gint rank = get_shape (self, src)->rank;
  gdouble start, axis, step = 1;

  read_value (self, src, out);
  for (gint i = 0; out->axis >= 0 && i < rank; i++) {
    gint64 size = get_dim (self, src, out->axis);

    axis = i;
    if (!get_number (self, get_input (node, 1), i, &start))
      break;
    get_number (self, get_input (node, 3), i, &axis);
    get_number (self, get_input (node, 4), i, &step);
    if (normalise_axis ((gint64) axis, rank) != out->axis)
      continue;
    if (step != 1)
      forget (out);
    else
      gst_dnn_parts_cut (out, out->axis,
          (gint64) (start < 0 ? start + size : start),
          get_dim (self, dst, out->axis));
    return;
  }
  if (out->axis >= 0 &&
      get_dim (self, src, out->axis) != get_dim (self, dst, out->axis))
    forget (out);
}

/* Of the parted axis: the part that a constant position says. */
static void
read_gather (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const DnnValue *src = get_input (node, 0);
  const DnnValue *indices = get_input (node, 1);
  gint rank = get_shape (self, src)->rank;
  gint axis = normalise_axis (get_attr (node, "axis", 0), rank);
  gint more = get_shape (self, indices)->rank - 1;
  gdouble position;

  read_value (self, src, out);
  if (out->axis < 0)
    return;
  if (out->axis != axis) {
    out->axis += out->axis > axis ? more : 0;
  } else if (get_shape (self, indices)->rank == 0 &&
      get_number (self, indices, 0, &position)) {
    gint64 size = get_dim (self, src, axis);

    gst_dnn_parts_cut (
        out, axis, (gint64) (position < 0 ? position + size : position), 1);
  } else {
    forget (out);
  }
}

/* Rows of a tensor, picked: parted along its last dimension, or not at all. */
static void
read_picked (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  const DnnValue *src = get_input (node, 0);
  const DnnShape *after = get_shape (self, node->outputs->pdata[slot]);
  gint last = get_shape (self, src)->rank - 1;

  read_value (self, src, out);
  if (out->axis < 0)
    return;
  if (out->axis == last && after->rank > 0 &&
      get_dim (self, src, last) == after->dims[after->rank - 1])
    out->axis = after->rank - 1;
  else
    forget (out);
}

static void
read_topk (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  if (slot == 1)
    read_index (self, node, slot, out);
  else
    read_picked (self, node, slot, out);
}

static void
read_where (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  gint rank = get_shape (self, node->outputs->pdata[slot])->rank;
  const DnnValue *a = get_input (node, 1), *b = get_input (node, 2);
  GstDnnParts other;

  read_value (self, a, out);
  read_value (self, b, &other);
  gst_dnn_parts_combine (out, "Where", rank - get_shape (self, a)->rank, &other,
      rank - get_shape (self, b)->rank);
}

static void
read_function (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  gdouble most = 0;

  read_value (self, get_input (node, 0), out);
  if (g_str_equal (node->op, "Clip"))
    get_number (self, get_input (node, 2), 0, &most);
  gst_dnn_parts_apply (out, node->op, (gfloat) most);
}

static void
read_arithmetic (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  gint rank = get_shape (self, node->outputs->pdata[slot])->rank;

  read_value (self, get_input (node, 0), out);
  for (guint i = 1; i < node->n_formal; i++) {
    const DnnValue *next = get_input (node, i);
    gint shift = i == 1 ? rank - get_shape (self, get_input (node, 0))->rank
                        : 0;
    GstDnnParts parts;

    read_value (self, next, &parts);
    gst_dnn_parts_combine (
        out, node->op, shift, &parts, rank - get_shape (self, next)->rank);
  }
}

static const Row rows[] = {
  { "Identity", read_first },
  { "Cast", read_first },
  { "Dropout", read_first },
  { "QuantizeLinear", read_first },
  { "DequantizeLinear", read_first },
  { "Conv", read_layer },
  { "com.microsoft.FusedConv", read_layer },
  { "ConvTranspose", read_layer },
  { "QLinearConv", read_layer },
  { "MatMul", read_layer },
  { "QLinearMatMul", read_layer },
  { "Gemm", read_layer },
  { "BatchNormalization", read_layer },
  { "AveragePool", read_layer },
  { "GlobalAveragePool", read_layer },
  { "GlobalMaxPool", read_layer },
  { "MaxPool", read_layer },
  { "ReduceMean", read_layer },
  { "Resize", read_first },
  { "Reshape", read_view },
  { "Flatten", read_view },
  { "Squeeze", read_view },
  { "Unsqueeze", read_view },
  { "Transpose", read_transpose },
  { "Concat", read_concat },
  { "Split", read_split },
  { "Slice", read_slice },
  { "Gather", read_gather },
  { "GatherElements", read_picked },
  { "GatherND", read_picked },
  { "Compress", read_picked },
  { "ReduceMax", read_picked },
  { "TopK", read_topk },
  { "ArgMax", read_index },
  { "NonMaxSuppression", read_index },
  { "NonZero", read_index },
  { "Where", read_where },
  { "Add", read_arithmetic },
  { "Sub", read_arithmetic },
  { "Mul", read_arithmetic },
  { "Div", read_arithmetic },
  { "Pow", read_arithmetic },
  { "Mod", read_arithmetic },
  { "Min", read_arithmetic },
  { "Max", read_arithmetic },
};

/* Functions of one tensor, element by element, which keep its shape. */
static const gchar *const functions[] = { "Sigmoid", "HardSigmoid", "Softmax",
  "LogSoftmax", "com.microsoft.QLinearSigmoid", "Clip", "Relu", "LeakyRelu",
  "PRelu", "HardSwish", "Swish", "Elu", "Gelu", "Mish", "Softplus", "Exp",
  "Log", "Sqrt", "Tanh", "Neg", "Abs", "Floor", "Ceil", "Round", "Reciprocal",
  NULL };

static void
read_node (Walk *self, const DnnNode *node, guint slot, GstDnnParts *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].op, node->op) && get_input (node, 0) != NULL) {
      rows[i].read (self, node, slot, out);
      return;
    }
  if (g_strv_contains (functions, node->op) && get_input (node, 0) != NULL)
    read_function (self, node, slot, out);
  else
    forget (out);
}

/* Operators that were fused into the node, in order. */
static void
read_post_ops (Walk *self, const DnnNode *node, GstDnnParts *out)
{
  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    const gchar *text = dnn_attrs_get (post_op->attrs, "max");
    gfloat most = 0;

    if (post_op->input >= 0) {
      GstDnnParts operand;

      read_value (self, get_input (node, (guint) post_op->input), &operand);
      gst_dnn_parts_combine (out, post_op->op, 0, &operand, 0);
      continue;
    }
    if (text != NULL)
      dnn_text_to_float (text, &most);
    gst_dnn_parts_apply (out, post_op->op, most);
  }
}

/* --- Values. */

static void
read_constant (DnnTensor *tensor, GstDnnParts *out)
{
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  gint64 n = dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
  DnnType type = dnn_tensor_get_element_type (tensor);
  gint n_long = 0;
  gdouble most = 0;

  for (gint i = 0; i < shape->rank; i++)
    n_long += shape->dims[i] > 1;
  for (gint64 i = 0; i < n && n <= MAX_TABLE; i++) {
    gdouble x = fabs (dnn_type_get (type, dnn_tensor_get_data (tensor), i));

    most = isfinite (x) && x > most ? x : most;
  }
  gst_dnn_parts_set (out, GST_DNN_MADE_CONSTANT, GST_DNN_SEEN_NONE);
  out->parts[0].extent = (gfloat) most;
  out->parts[0].n = n;
  out->parts[0].is_table = n_long > 1;
}

static void
read_value (Walk *self, const DnnValue *value, GstDnnParts *out)
{
  GstDnnParts *known = value != NULL ? g_hash_table_lookup (self->known, value)
                                     : NULL;
  DnnTensor *tensor = value != NULL
      ? dnn_inference_get (self->inference, value)->tensor
      : NULL;

  forget (out);
  if (known != NULL)
    *out = *known;
  if (known != NULL || value == NULL || self->depth >= MAX_DEPTH)
    return;
  self->depth++;
  if (tensor != NULL) {
    read_constant (tensor, out);
  } else if (value->kind == DNN_VALUE_RESULT) {
    read_node (self, value->producer, value->producer_slot, out);
    if (value->producer_slot == 0)
      read_post_ops (self, value->producer, out);
  }
  self->depth--;
  g_hash_table_insert (
      self->known, (gpointer) value, g_memdup2 (out, sizeof *out));
}

/* --- Was there a choice? */

static gboolean
is_layer (const DnnNode *node)
{
  static const gchar *const layers[] = { "Conv", "com.microsoft.FusedConv",
    "ConvTranspose", "QLinearConv", "MatMul", "QLinearMatMul", "Gemm", NULL };

  return g_strv_contains (layers, node->op);
}

static gboolean
is_choice (const DnnNode *node)
{
  return g_str_equal (node->op, "TopK") ||
      strstr (node->op, "NonMaxSuppression") != NULL;
}

/* Between @value and the last layers. */
static gboolean
is_chosen (const DnnValue *value)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();

  g_ptr_array_add (stack, (gpointer) value);
  while (stack->len > 0) {
    const DnnValue *next = g_ptr_array_steal_index (stack, stack->len - 1);
    const DnnNode *node = next->kind == DNN_VALUE_RESULT ? next->producer
                                                         : NULL;

    if (node == NULL || !g_hash_table_add (seen, (gpointer) node))
      continue;
    if (is_choice (node))
      return TRUE;
    for (guint i = 0; i < node->inputs->len && !is_layer (node); i++)
      if (node->inputs->pdata[i] != NULL)
        g_ptr_array_add (stack, node->inputs->pdata[i]);
  }
  return FALSE;
}

/* --- The model. */

static gboolean
is_channels (gint64 n)
{
  return n == 1 || n == 3;
}

/* 1×C×H×W or 1×H×W×C. */
static void
take_picture (GstDnnEvidence *evidence, const DnnShape *shape)
{
  const gint64 *d = shape->dims;

  if (shape->rank != 4 || !dnn_shape_is_known (shape))
    return;
  if (is_channels (d[1])) {
    evidence->model_h = (gint) MIN (d[2], G_MAXINT16);
    evidence->model_w = (gint) MIN (d[3], G_MAXINT16);
  } else if (is_channels (d[3])) {
    evidence->model_h = (gint) MIN (d[1], G_MAXINT16);
    evidence->model_w = (gint) MIN (d[2], G_MAXINT16);
  }
}

static void
add_output (GstDnnEvidence *evidence, Walk *walk, DnnGraph *graph, guint idx)
{
  const DnnValue *value = graph->outputs->pdata[idx];
  GstDnnOutput output = { .name = graph->output_names->pdata[idx],
    .type = value->type,
    .shape = value->shape };

  if (walk->inference != NULL) {
    output.type = dnn_inference_get (walk->inference, value)->type;
    output.shape = *get_shape (walk, value);
    read_value (walk, value, &output.parts);
    output.chosen = is_chosen (value);
  } else {
    forget (&output.parts);
  }
  gst_dnn_evidence_add (evidence, &output);
}

GstDnnEvidence *
gst_dnn_evidence_new_from_graph (DnnGraph *graph, const DnnShape *inputs)
{
  GstDnnEvidence *evidence = gst_dnn_evidence_new ();
  g_autoptr (DnnInference)
      inference = dnn_infer_graph (graph, inputs, NULL, 0, NULL);
  g_autoptr (GHashTable)
      known = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Walk walk = { inference, known, 0 };

  for (guint i = 0; i < graph->outputs->len; i++)
    add_output (evidence, &walk, graph, i);
  if (graph->inputs->len == 1)
    take_picture (evidence, &inputs[0]);
  evidence->modelinfo = g_strdup (dnn_attrs_get (graph->metadata, "modelinfo"));
  evidence->names = g_strdup (dnn_attrs_get (graph->metadata, "onnx.names"));
  return evidence;
}
