/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A sorted graph and the shapes of its inputs → inferred values and calls.
 * Constant results: dnn-infer-fold.c. Next: dnn-plan.c. */
#include "config.h"

#include "pipeline-core/infer/dnn-infer.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/library/dnn-op-library.h"
#include "pipeline-core/infer/dnn-infer-private.h"

#include <string.h>

guint
dnn_inference_index (const DnnInference *self, const DnnValue *value)
{
  gpointer idx = g_hash_table_lookup (self->indices, value);

  g_assert (idx);
  return GPOINTER_TO_UINT (idx) - 1;
}

DnnInferredValue *
dnn_inference_get (const DnnInference *self, const DnnValue *value)
{
  return &self->values[dnn_inference_index (self, value)];
}

DnnTensor *
dnn_inference_find_tensor (const DnnInference *self, gconstpointer bytes)
{
  for (guint i = 0; i < self->graph->values->len; i++) {
    DnnTensor *tensor = self->values[i].tensor;
    if (tensor && dnn_tensor_get_data (tensor) == bytes)
      return tensor;
  }
  return NULL;
}

void
dnn_inference_free (DnnInference *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->graph->values->len; i++)
    g_clear_pointer (&self->values[i].tensor, dnn_tensor_unref);
  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->library_ops);
  g_hash_table_unref (self->indices);
  g_free (self->values);
  g_object_unref (self->graph);
  g_free (self);
}

static DnnInference *
create_inference (DnnGraph *graph)
{
  DnnInference *self = g_new0 (DnnInference, 1);

  self->graph = g_object_ref (graph);
  self->values = g_new0 (DnnInferredValue, MAX (graph->values->len, 1));
  self->calls = g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_call_free);
  self->indices = g_hash_table_new (NULL, NULL);
  self->library_ops = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_library_op_free);
  for (guint i = 0; i < graph->values->len; i++) {
    self->values[i].shape.rank = -1;
    g_hash_table_insert (
        self->indices, graph->values->pdata[i], GUINT_TO_POINTER (i + 1));
  }
  return self;
}

const DnnOp *
dnn_infer_find_op (const gchar *node_name, const gchar *op_name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const DnnOp *op = dnn_op_lookup_view (op_name);
  const gchar *nearest;

  if (!op)
    op = dnn_op_lookup (op_name);
  if (op)
    return op;
  for (const DnnOp *const *list = dnn_op_list (); *list; list++)
    g_ptr_array_add (names, (gpointer) (*list)->name);
  g_ptr_array_add (names, NULL);
  nearest = dnn_nearest_word (op_name, (const gchar *const *) names->pdata);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "node \"%s\": there is no operator \"%s\"%s%s%s", node_name, op_name,
      nearest ? ", did you mean \"" : "", nearest ? nearest : "",
      nearest ? "\"?" : "");
  return NULL;
}

/* ---- inputs and params -------------------------------------------------- */

static gboolean
take_input (DnnInferPass *pass, const DnnValue *value, const DnnShape *given,
    GError **error)
{
  DnnInferredValue *known = dnn_inference_get (pass->result, value);
  const DnnShape *shape = given ? given : &value->shape;

  if (given && !dnn_shape_compatible (given, &value->shape)) {
    g_autofree gchar *found = dnn_shape_to_string (given);
    g_autofree gchar *expected = dnn_shape_to_string (&value->shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "input \"%s\" is %s, expected %s", value->name, found, expected);
    return FALSE;
  }
  if (dnn_shape_n_least (shape) < 0) {
    g_autofree gchar *found = dnn_shape_to_string (shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "input \"%s\" is %s, more than %" G_GINT64_FORMAT " bytes", value->name,
        found, DNN_MAX_TENSOR_BYTES);
    return FALSE;
  }
  if ((pass->flags & DNN_INFER_KNOWN) && !dnn_shape_is_known (shape)) {
    g_autofree gchar *found = dnn_shape_to_string (shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_NEEDS_SHAPE,
        "input \"%s\" is %s: its open dimensions must be given", value->name,
        found);
    return FALSE;
  }
  if ((pass->flags & DNN_INFER_KNOWN) && value->type == DNN_TYPE_INVALID) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "input \"%s\" has no data type", value->name);
    return FALSE;
  }
  known->type = value->type;
  known->shape = *shape;
  return TRUE;
}

/* Files and other frameworks align nothing, and files may change. What planning
 * may read as numbers is small: a copy of it is right for good. */
static gboolean
take_param (DnnInferPass *pass, const DnnValue *value, GError **error)
{
  DnnInferredValue *known = dnn_inference_get (pass->result, value);

  known->type = value->type;
  known->shape = value->shape;
  known->is_constant = known->is_fixed = TRUE;
  if (!value->tensor)
    return TRUE;
  pass->fold_left += DNN_INFER_MAX_FOLD_FACTOR *
      dnn_tensor_get_size (value->tensor);
  known->type = dnn_tensor_get_element_type (value->tensor);
  known->shape = *dnn_tensor_get_shape (value->tensor);
  if (dnn_tensor_get_size (value->tensor) <= DNN_INFER_SMALL_BYTES)
    known->tensor = dnn_tensor_settle (value->tensor, error);
  else
    known->tensor = dnn_tensor_ref (value->tensor);
  return known->tensor != NULL;
}

/* ---- one node ----------------------------------------------------------- */

static const DnnOp *
set_missing (const DnnInferPass *pass, const DnnNode *node, GError **error)
{
  const gchar *nearest = dnn_library_find_nearest (pass->library, node->op);

  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "node \"%s\": %s has no function \"%s\"%s%s%s, nor is there an operator "
      "of that name",
      node->name, dnn_library_get_path (pass->library), node->op,
      nearest ? " (did you mean \"" : "", nearest ? nearest : "",
      nearest ? "\"?)" : "");
  return NULL;
}

/* A view of TVM's, else a function of the library, else an operator. */
static const DnnOp *
find_op (DnnInferPass *pass, const DnnNode *node, GError **error)
{
  DnnOp *op;

  if (!pass->library || dnn_op_lookup_view (node->op))
    return dnn_infer_find_op (node->name, node->op, error);
  op = dnn_library_op_new (pass->library, node);
  if (op) {
    g_ptr_array_add (pass->result->library_ops, op);
    return op;
  }
  if (!dnn_op_lookup (node->op))
    return set_missing (pass, node, error);
  return dnn_infer_find_op (node->name, node->op, error);
}

/* Those that @op knows. TVM's nodes have others: names of layouts, a hash. */
static DnnAttrs *
collect_attrs (const DnnOp *op, const DnnNode *node)
{
  const DnnShape *shape;
  DnnAttrs *attrs;

  if (!dnn_op_is_of_library (op) && !dnn_op_lookup_view (op->name))
    return dnn_attrs_copy (node->attrs);
  attrs = dnn_attrs_new ();
  if (dnn_op_is_of_library (op) || node->outputs->len == 0 ||
      !node->outputs->pdata[0])
    return attrs;
  shape = &((DnnValue *) node->outputs->pdata[0])->shape;
  dnn_attrs_set_ints (attrs, "shape", shape->dims, MAX (shape->rank, 0));
  return attrs;
}

static DnnCall *
create_call (DnnInferPass *pass, const DnnNode *node, GError **error)
{
  const DnnOp *op = find_op (pass, node, error);
  g_autoptr (DnnAttrs) attrs = NULL;
  g_autoptr (DnnCall) call = NULL;

  if (!op)
    return NULL;
  attrs = collect_attrs (op, node);
  call = dnn_call_new (
      op, node->name, attrs, node->inputs->len, node->outputs->len, error);
  if (!call)
    return NULL;
  if (!!node->subgraphs != op->runs_subgraphs) {
    dnn_call_error (call, error, DNN_ERROR_GRAPH,
        node->subgraphs ? "it has subgraphs, but runs none"
                        : "it has no subgraph to run");
    return NULL;
  }
  call->subgraphs = node->subgraphs;
  if (pass->target)
    call->target = *pass->target;
  call->n_formal = node->n_formal;
  for (guint i = 0; i < node->outputs->len; i++)
    call->outputs[i].present = node->outputs->pdata[i] != NULL;
  for (guint i = 0; i < node->inputs->len; i++) {
    DnnInferredValue *known;
    if (!node->inputs->pdata[i])
      continue;
    known = dnn_inference_get (pass->result, node->inputs->pdata[i]);
    dnn_call_set_input (call, i, known->type, &known->shape);
  }
  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    const DnnOp *inner = dnn_infer_find_op (node->name, post_op->op, error);
    if (!inner ||
        !dnn_call_add_post_op (
            call, inner, post_op->attrs, post_op->input, error))
      return NULL;
  }
  return g_steal_pointer (&call);
}

/* Calls infer until it has every value it asks for and that can be had. */
static DnnInferResult
infer_call (DnnInferPass *pass, guint node_idx, DnnCall *call, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];

  for (guint round = 0; round <= call->n_inputs; round++) {
    DnnInferResult result = dnn_call_infer (call, error);
    const DnnValue *value;
    DnnInferredValue *known;

    if (result == DNN_INFER_BOUNDED)
      return dnn_infer_count_constants (pass, node_idx, call, error);
    if (result != DNN_INFER_NEEDS_VALUE)
      return result;
    value = node->inputs->pdata[call->needs_value];
    known = dnn_inference_get (pass->result, value);
    if (known->tensor || !known->is_constant || value->kind == DNN_VALUE_PARAM)
      return DNN_INFER_NEEDS_VALUE;
    if (!dnn_infer_fold_value (pass, value, node_idx, error))
      return DNN_INFER_ERROR;
    if (!known->tensor)
      return DNN_INFER_NEEDS_VALUE;
    dnn_infer_set_values (pass, node, call);
  }
  g_return_val_if_reached (DNN_INFER_UNKNOWN);
}

static gboolean
set_data_error (DnnInferPass *pass, const DnnNode *node, const DnnCall *call,
    DnnInferResult result, GError **error)
{
  const DnnValue *value = result == DNN_INFER_NEEDS_VALUE
      ? node->inputs->pdata[call->needs_value]
      : NULL;

  if (value)
    return dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
        "the shape of its output depends on the data of \"%s\", which is "
        "known only in each frame",
        value->name);
  return dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
      "the shape of its output depends on the data of each frame");
}

/* The graph's own word on a result: it must not contradict; where inference
 * can say nothing, it is believed. */
static gboolean
merge_declared (DnnInferPass *pass, const DnnCall *call, const DnnValue *value,
    DnnInferredValue *known, GError **error)
{
  if (value->type != DNN_TYPE_INVALID && known->type != DNN_TYPE_INVALID &&
      value->type != known->type)
    return dnn_call_error (call, error, DNN_ERROR_TYPE,
        "output \"%s\" is %s, but the graph says %s", value->name,
        dnn_type_name (known->type), dnn_type_name (value->type));
  if (known->shape.rank >= 0 && value->shape.rank >= 0 &&
      !dnn_shape_compatible (&known->shape, &value->shape)) {
    g_autofree gchar *found = dnn_shape_to_string (&known->shape);
    g_autofree gchar *declared = dnn_shape_to_string (&value->shape);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "output \"%s\" is %s, but the graph says %s", value->name, found,
        declared);
  }
  if (pass->flags & DNN_INFER_KNOWN)
    return TRUE;
  if (known->type == DNN_TYPE_INVALID)
    known->type = value->type;
  if (known->shape.rank < 0)
    known->shape = value->shape;
  for (gint i = 0; i < known->shape.rank && value->shape.rank >= 0; i++)
    if (known->shape.dims[i] == DNN_DIM_OPEN)
      known->shape.dims[i] = value->shape.dims[i];
  return TRUE;
}

static gboolean
infer_node (DnnInferPass *pass, guint node_idx, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];
  DnnCall *call = create_call (pass, node, error);
  gboolean must_be_known = (pass->flags & DNN_INFER_KNOWN) != 0;
  DnnInferResult result;

  if (!call)
    return FALSE;
  g_ptr_array_add (pass->result->calls, call);
  dnn_infer_set_values (pass, node, call);
  result = infer_call (pass, node_idx, call, error);
  if (result == DNN_INFER_ERROR)
    return FALSE;
  /* what has no count can't be had later either */
  if ((pass->flags & DNN_INFER_LATE) && result != DNN_INFER_UNKNOWN)
    must_be_known = result == DNN_INFER_OK &&
        !dnn_infer_has_late_input (pass, node);
  if (result != DNN_INFER_OK && must_be_known)
    return set_data_error (pass, node, call, result, error);
  for (guint i = 0; i < node->outputs->len; i++) {
    DnnInferredValue *known;
    if (!node->outputs->pdata[i])
      continue;
    known = dnn_inference_get (pass->result, node->outputs->pdata[i]);
    known->type = call->outputs[i].type;
    if (result == DNN_INFER_OK || result == DNN_INFER_NEEDS_VALUE ||
        result == DNN_INFER_OPEN)
      known->shape = call->outputs[i].shape;
    else if (result == DNN_INFER_BOUNDED)
      dnn_infer_take_bounded (known, &call->outputs[i]);
    if (!merge_declared (pass, call, node->outputs->pdata[i], known, error))
      return FALSE;
    if (must_be_known && !dnn_shape_is_known (&known->shape))
      return set_data_error (pass, node, call, result, error);
  }
  if (result == DNN_INFER_OK &&
      !dnn_infer_consider_folding (pass, node_idx, call, error))
    return FALSE;
  dnn_infer_mark_late (pass, node, result);
  return TRUE;
}

DnnCall *
dnn_inference_copy_call (const DnnInference *self, guint idx)
{
  DnnInferPass pass = { .result = (DnnInference *) self };
  const DnnNode *node = self->graph->nodes->pdata[idx];
  const DnnCall *own = self->calls->pdata[idx];
  DnnCall *call;

  pass.target = &own->target;
  call = create_call (&pass, node, NULL);
  g_assert (call);
  dnn_infer_set_values (&pass, node, call);
  return call;
}

/* ---- all nodes ---------------------------------------------------------- */

/* How many nodes one message tells of that can't run. */
#define MAX_TOLD 8

/* Whether node @idx is told of among others: it can't run for what it is, not
 * for what went wrong before it. */
static gboolean
can_go_on (const DnnInferPass *pass, guint idx, const GError *error)
{
  return pass->result->calls->len == idx + 1 &&
      (g_error_matches (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED) ||
          g_error_matches (error, DNN_ERROR, DNN_ERROR_TYPE));
}

static gboolean
has_unknown_input (const DnnInferPass *pass, guint idx)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[idx];

  for (guint i = 0; i < node->inputs->len; i++)
    if (node->inputs->pdata[i] &&
        dnn_inference_get (pass->result, node->inputs->pdata[i])->type ==
            DNN_TYPE_INVALID)
      return TRUE;
  return FALSE;
}

/* Takes @error; *@first, (nullable), is what is told of all. */
static void
add_error (GError **first, guint n, GError *error)
{
  g_autoptr (GError) added = error;
  gchar *text;

  if (!*first) {
    *first = g_steal_pointer (&added);
    return;
  }
  if (n >= MAX_TOLD)
    return;
  text = g_strdup_printf ("%s; %s", (*first)->message, added->message);
  g_free ((*first)->message);
  (*first)->message = text;
}

/* All nodes that can't run are told at once. */
static gboolean
infer_nodes (DnnInferPass *pass, GError **error)
{
  g_autoptr (GError) first = NULL;
  guint n = 0;

  for (guint i = 0; i < pass->result->graph->nodes->len; i++) {
    GError *local = NULL;
    gboolean goes_on;
    if (infer_node (pass, i, &local))
      continue;
    goes_on = can_go_on (pass, i, local);
    if (first && has_unknown_input (pass, i))
      g_clear_error (&local);
    else if (goes_on || !first)
      add_error (&first, n++, local);
    else
      g_clear_error (&local);
    if (!goes_on)
      break;
  }
  if (!first)
    return TRUE;
  if (n > MAX_TOLD) {
    g_autofree gchar *text = g_strdup (first->message);
    g_free (first->message);
    first->message = g_strdup_printf ("%s; and %u more", text, n - MAX_TOLD);
  }
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

DnnInference *
dnn_infer_graph (DnnGraph *graph, const DnnShape *inputs,
    const DnnTarget *target, DnnInferFlags flags, GError **error)
{
  return dnn_infer_graph_of_library (graph, NULL, inputs, target, flags, error);
}

DnnInference *
dnn_infer_graph_of_library (DnnGraph *graph, DnnLibrary *library,
    const DnnShape *inputs, const DnnTarget *target, DnnInferFlags flags,
    GError **error)
{
  return dnn_infer_graph_like (
      graph, library, inputs, target, flags, NULL, error);
}

DnnInference *
dnn_infer_graph_like (DnnGraph *graph, DnnLibrary *library,
    const DnnShape *inputs, const DnnTarget *target, DnnInferFlags flags,
    const DnnInference *known, GError **error)
{
  g_autoptr (DnnInference) result = create_inference (graph);
  DnnInferPass pass = { result, library, flags, target, known,
    DNN_INFER_MAX_FOLD_BYTES };

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM && !take_param (&pass, value, error))
      return NULL;
  }
  for (guint i = 0; i < graph->inputs->len; i++)
    if (!take_input (
            &pass, graph->inputs->pdata[i], inputs ? &inputs[i] : NULL, error))
      return NULL;
  return infer_nodes (&pass, error) ? g_steal_pointer (&result) : NULL;
}

/* ---- subgraphs ---------------------------------------------------------- */

static gboolean
take_argument (
    DnnInferPass *pass, DnnValue *value, const DnnCallArg *arg, GError **error)
{
  DnnInferredValue *known = dnn_inference_get (pass->result, value);
  gsize size = (gsize) MAX (dnn_shape_n_elements (&arg->shape), 0) *
      dnn_type_size (arg->type);

  if (value->type == DNN_TYPE_INVALID)
    value->type = arg->type;
  if (arg->type != DNN_TYPE_INVALID && value->type != arg->type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "input \"%s\" is %s, but gets %s", value->name,
        dnn_type_name (value->type), dnn_type_name (arg->type));
    return FALSE;
  }
  known->type = value->type;
  known->shape = arg->shape;
  if (!arg->is_constant || !arg->value || size > DNN_INFER_SMALL_BYTES)
    return TRUE;
  known->is_constant = TRUE;
  known->tensor = dnn_tensor_new (arg->type, &arg->shape);
  if (size > 0)
    memcpy (dnn_tensor_get_writable_data (known->tensor), arg->value, size);
  return TRUE;
}

DnnInference *
dnn_infer_subgraph (DnnGraph *graph, const DnnCallArg *inputs, GError **error)
{
  g_autoptr (DnnInference) result = create_inference (graph);
  DnnInferPass pass = { result, NULL, 0, NULL, NULL, DNN_INFER_MAX_FOLD_BYTES };

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM && !take_param (&pass, value, error))
      return NULL;
  }
  for (guint i = 0; i < graph->inputs->len; i++)
    if (!take_argument (&pass, graph->inputs->pdata[i], &inputs[i], error))
      return NULL;
  for (guint i = 0; i < graph->nodes->len; i++)
    if (!infer_node (&pass, i, error))
      return NULL;
  return g_steal_pointer (&result);
}

gboolean
dnn_infer_into_graph (DnnGraph *graph, GError **error)
{
  g_autoptr (DnnInference)
      inference = dnn_infer_graph (graph, NULL, NULL, 0, error);

  if (!inference)
    return FALSE;
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    value->type = inference->values[i].type;
    value->shape = inference->values[i].shape;
  }
  return TRUE;
}
