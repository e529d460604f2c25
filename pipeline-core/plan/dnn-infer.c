/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A sorted graph and the shapes of its inputs → inferred values and calls. What
 * is constant is computed by ref on the way, where somebody needs it. Next:
 * dnn-plan.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-infer.h"

#include <string.h>

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/library/dnn-op-library.h"

/* One pass over the graph. */
typedef struct
{
  DnnInference *result;
  DnnLibrary *library; /* (nullable) */
  DnnInferFlags flags;
  const DnnTarget *target; /* NULL: as calls have it */
  gsize fold_left; /* bytes that constant results may still take */
} Pass;

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
take_input (
    Pass *pass, const DnnValue *value, const DnnShape *given, GError **error)
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

/* Files and other frameworks align nothing. What planning may read as numbers
 * is small: a copy of it lies right for good. */
static DnnTensor *
take_aligned (DnnTensor *tensor)
{
  gsize size = dnn_tensor_get_size (tensor);
  gconstpointer data = dnn_tensor_get_data (tensor);
  DnnTensor *copy;

  if (GPOINTER_TO_SIZE (data) % DNN_ALIGNMENT == 0 ||
      size > DNN_INFER_SMALL_BYTES)
    return dnn_tensor_ref (tensor);
  copy = dnn_tensor_new (
      dnn_tensor_get_element_type (tensor), dnn_tensor_get_shape (tensor));
  memcpy (dnn_tensor_get_writable_data (copy), data, size);
  return copy;
}

static void
take_param (Pass *pass, const DnnValue *value)
{
  DnnInferredValue *known = dnn_inference_get (pass->result, value);

  known->type = value->type;
  known->shape = value->shape;
  known->is_constant = TRUE;
  if (!value->tensor)
    return;
  pass->fold_left += DNN_INFER_MAX_FOLD_FACTOR *
      dnn_tensor_get_size (value->tensor);
  known->tensor = take_aligned (value->tensor);
  known->type = dnn_tensor_get_element_type (value->tensor);
  known->shape = *dnn_tensor_get_shape (value->tensor);
}

/* ---- constant results --------------------------------------------------- */

/* Small params are aligned, see take_aligned(). A large one of a mapped file
 * lies as it comes: ref, which reads numbers, gets a copy for the time of the
 * call. NULL where none is needed. */
static gpointer
copy_misaligned (const DnnCallArg *arg)
{
  gsize size;
  gpointer copy;

  if (!arg->value || GPOINTER_TO_SIZE (arg->value) % DNN_ALIGNMENT == 0)
    return NULL;
  size = (gsize) dnn_shape_n_elements (&arg->shape) * dnn_type_size (arg->type);
  copy = dnn_alloc_aligned (size);
  memcpy (copy, arg->value, size);
  return copy;
}

static gboolean
run_ref (const DnnCall *call, gpointer const *dst, GError **error)
{
  guint n = MAX (call->n_inputs, 1);
  g_autofree gconstpointer *src = g_new0 (gconstpointer, n);
  g_autofree gpointer *copies = g_new0 (gpointer, n);
  gpointer scratch = dnn_alloc_aligned (MAX (call->ref_scratch, 1));
  gboolean ok;

  for (guint i = 0; i < call->n_inputs && !call->op->ref_shapes_only; i++) {
    copies[i] = copy_misaligned (&call->inputs[i]);
    src[i] = copies[i] ? copies[i] : call->inputs[i].value;
  }
  ok = dnn_call_run_ref (call, src, dst, scratch, error);
  for (guint i = 0; i < call->n_inputs; i++)
    dnn_free_aligned (copies[i]);
  dnn_free_aligned (scratch);
  return ok;
}

/* The post-ops in order, each from what stands there into a new tensor. */
static gboolean
run_ref_post_ops (const DnnCall *call, DnnTensor **result, GError **error)
{
  for (guint i = 0; i < call->n_post_ops; i++) {
    DnnCall *inner = call->post_ops[i].call;
    g_autoptr (DnnTensor) before = *result;
    gpointer dst;
    gboolean ok;

    *result = dnn_tensor_new (
        dnn_tensor_get_element_type (before), dnn_tensor_get_shape (before));
    inner->inputs[0].value = dnn_tensor_get_data (before);
    dst = dnn_tensor_get_writable_data (*result);
    ok = run_ref (inner, &dst, error);
    inner->inputs[0].value = NULL;
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

/* Results of a node all of whose inputs are known, by ref. */
static gboolean
fold_node (Pass *pass, guint node_idx, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];
  const DnnCall *call = pass->result->calls->pdata[node_idx];
  g_autofree gpointer *dst = g_new0 (gpointer, MAX (call->n_outputs, 1));

  for (guint i = 0; i < call->n_outputs; i++) {
    DnnInferredValue *known;
    if (!call->outputs[i].present)
      continue;
    known = dnn_inference_get (pass->result, node->outputs->pdata[i]);
    known->tensor = dnn_tensor_new_in_file (
        call->outputs[i].type, &call->outputs[i].shape);
    dst[i] = dnn_tensor_get_writable_data (known->tensor);
  }
  if (!run_ref (call, dst, error))
    return FALSE;
  return call->n_post_ops == 0 ||
      run_ref_post_ops (call,
          &dnn_inference_get (pass->result, node->outputs->pdata[0])->tensor,
          error);
}

static void
set_values (Pass *pass, const DnnNode *node, DnnCall *call)
{
  for (guint i = 0; i < node->inputs->len; i++) {
    DnnInferredValue *known;
    if (!node->inputs->pdata[i])
      continue;
    known = dnn_inference_get (pass->result, node->inputs->pdata[i]);
    call->inputs[i].is_constant = known->is_constant;
    call->inputs[i].value = known->tensor ? dnn_tensor_get_data (known->tensor)
                                          : NULL;
  }
  for (guint i = 0; i < call->n_post_ops; i++) {
    DnnCallPostOp *post_op = &call->post_ops[i];
    if (post_op->input >= 0)
      post_op->call->inputs[post_op->operand_slot] =
          call->inputs[post_op->input];
  }
}

static gboolean
reads_shapes_only (const DnnCall *call)
{
  return call->op->ref_shapes_only && call->n_post_ops == 0;
}

static gboolean
has_all_values (const DnnCall *call)
{
  if (reads_shapes_only (call))
    return TRUE;
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].present && !call->inputs[i].value)
      return FALSE;
  return TRUE;
}

/* One of the node's results is marked and has no bytes yet. */
static gboolean
is_wanted (Pass *pass, const DnnNode *node, const guint8 *wanted)
{
  for (guint i = 0; i < node->outputs->len; i++) {
    guint idx;
    if (!node->outputs->pdata[i])
      continue;
    idx = dnn_inference_index (pass->result, node->outputs->pdata[i]);
    if (wanted[idx] && !pass->result->values[idx].tensor)
      return TRUE;
  }
  return FALSE;
}

/* Computes @value, which is constant, with all it depends on; the nodes before
 * @node_idx are inferred. */
static gboolean
fold_value (Pass *pass, const DnnValue *value, guint node_idx, GError **error)
{
  DnnGraph *graph = pass->result->graph;
  g_autofree guint8 *wanted = g_new0 (guint8, graph->values->len);
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));

  wanted[dnn_inference_index (pass->result, value)] = 1;
  for (guint i = node_idx; i-- > 0;) {
    const DnnNode *node = graph->nodes->pdata[i];
    if (!is_wanted (pass, node, wanted))
      continue;
    g_array_append_val (order, i);
    if (reads_shapes_only (pass->result->calls->pdata[i]))
      continue;
    for (guint j = 0; j < node->inputs->len; j++)
      if (node->inputs->pdata[j])
        wanted[dnn_inference_index (pass->result, node->inputs->pdata[j])] = 1;
  }
  for (guint i = order->len; i-- > 0;) {
    guint idx = g_array_index (order, guint, i);
    set_values (
        pass, graph->nodes->pdata[idx], pass->result->calls->pdata[idx]);
    if (!fold_node (pass, idx, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- one node ----------------------------------------------------------- */

static const DnnOp *
set_missing (const Pass *pass, const DnnNode *node, GError **error)
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
find_op (Pass *pass, const DnnNode *node, GError **error)
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
create_call (Pass *pass, const DnnNode *node, GError **error)
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
infer_call (Pass *pass, guint node_idx, DnnCall *call, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];

  for (guint round = 0; round <= call->n_inputs; round++) {
    DnnInferResult result = dnn_call_infer (call, error);
    const DnnValue *value;
    DnnInferredValue *known;

    if (result != DNN_INFER_NEEDS_VALUE)
      return result;
    value = node->inputs->pdata[call->needs_value];
    known = dnn_inference_get (pass->result, value);
    if (known->tensor || !known->is_constant || value->kind == DNN_VALUE_PARAM)
      return DNN_INFER_NEEDS_VALUE;
    if (!fold_value (pass, value, node_idx, error))
      return DNN_INFER_ERROR;
    if (!known->tensor)
      return DNN_INFER_NEEDS_VALUE;
    set_values (pass, node, call);
  }
  g_return_val_if_reached (DNN_INFER_UNKNOWN);
}

static gboolean
set_data_error (Pass *pass, const DnnNode *node, const DnnCall *call,
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
merge_declared (Pass *pass, const DnnCall *call, const DnnValue *value,
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
are_inputs_constant (const DnnCall *call)
{
  gboolean shapes_only = reads_shapes_only (call);

  for (guint i = 0; i < call->n_inputs; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    if (!arg->present)
      continue;
    if (shapes_only ? !dnn_shape_is_known (&arg->shape) : !arg->is_constant)
      return FALSE;
  }
  return TRUE;
}

/* All of the call's outputs are known in shape; *@bytes of them together. */
static gboolean
measure_outputs (const DnnCall *call, gsize *bytes)
{
  *bytes = 0;
  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (!arg->present)
      continue;
    if (arg->type == DNN_TYPE_INVALID || !dnn_shape_is_known (&arg->shape))
      return FALSE;
    *bytes += (gsize) dnn_shape_n_elements (&arg->shape) *
        dnn_type_size (arg->type);
  }
  return TRUE;
}

/* Marks results that are constant; computes them where that is cheap, or asked
 * for. */
static gboolean
consider_folding (Pass *pass, guint node_idx, DnnCall *call, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];
  gboolean all = (pass->flags & DNN_INFER_FOLD_ALL) != 0;
  gsize bytes;

  if (call->op->never_folded || !are_inputs_constant (call) ||
      !measure_outputs (call, &bytes) || bytes > pass->fold_left ||
      call->ref_scratch > DNN_INFER_MAX_FOLD_BYTES)
    return TRUE;
  pass->fold_left -= bytes;
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      dnn_inference_get (pass->result, node->outputs->pdata[i])->is_constant =
          TRUE;
  if (!has_all_values (call) || (!all && bytes > DNN_INFER_SMALL_BYTES))
    return TRUE;
  return fold_node (pass, node_idx, error);
}

static gboolean
infer_node (Pass *pass, guint node_idx, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];
  DnnCall *call = create_call (pass, node, error);
  DnnInferResult result;

  if (!call)
    return FALSE;
  g_ptr_array_add (pass->result->calls, call);
  set_values (pass, node, call);
  result = infer_call (pass, node_idx, call, error);
  if (result == DNN_INFER_ERROR)
    return FALSE;
  if (result != DNN_INFER_OK && (pass->flags & DNN_INFER_KNOWN))
    return set_data_error (pass, node, call, result, error);
  for (guint i = 0; i < node->outputs->len; i++) {
    DnnInferredValue *known;
    if (!node->outputs->pdata[i])
      continue;
    known = dnn_inference_get (pass->result, node->outputs->pdata[i]);
    known->type = call->outputs[i].type;
    if (result == DNN_INFER_OK)
      known->shape = call->outputs[i].shape;
    if (!merge_declared (pass, call, node->outputs->pdata[i], known, error))
      return FALSE;
    if ((pass->flags & DNN_INFER_KNOWN) && !dnn_shape_is_known (&known->shape))
      return set_data_error (pass, node, call, result, error);
  }
  return result != DNN_INFER_OK ||
      consider_folding (pass, node_idx, call, error);
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
  g_autoptr (DnnInference) result = create_inference (graph);
  Pass pass = { result, library, flags, target, DNN_INFER_MAX_FOLD_BYTES };

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM)
      take_param (&pass, value);
  }
  for (guint i = 0; i < graph->inputs->len; i++)
    if (!take_input (
            &pass, graph->inputs->pdata[i], inputs ? &inputs[i] : NULL, error))
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
