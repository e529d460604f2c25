/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes whose inputs are constant → their results, by ref: while inferring, as
 * far as somebody needs them; the only folder there is, for plans and for the
 * compiler's pass. Next: dnn-infer.c. */
#include "config.h"

#include "pipeline-core/infer/dnn-infer-private.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/op/dnn-once.h"

/* ---- one node ----------------------------------------------------------- */

/* Large params of a mapped file lie as they come. */
static gboolean
run_ref (const DnnCall *call, gpointer const *dst, GError **error)
{
  g_autofree gconstpointer *src = g_new0 (
      gconstpointer, MAX (call->n_inputs, 1));

  for (guint i = 0; i < call->n_inputs; i++)
    src[i] = call->inputs[i].value;
  return dnn_call_compute (call, src, dst, error);
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
fold_node (DnnInferPass *pass, guint node_idx, GError **error)
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

void
dnn_infer_set_values (DnnInferPass *pass, const DnnNode *node, DnnCall *call)
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
is_wanted (DnnInferPass *pass, const DnnNode *node, const guint8 *wanted)
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

gboolean
dnn_infer_fold_value (
    DnnInferPass *pass, const DnnValue *value, guint node_idx, GError **error)
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
    dnn_infer_set_values (
        pass, graph->nodes->pdata[idx], pass->result->calls->pdata[idx]);
    if (!fold_node (pass, idx, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- which nodes -------------------------------------------------------- */

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

static gsize
count_input_bytes (const DnnCall *call)
{
  gsize bytes = 0;

  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].value)
      bytes += (gsize) dnn_shape_n_elements (&call->inputs[i].shape) *
          dnn_type_size (call->inputs[i].type);
  return bytes;
}

/* Most bytes of results of one node that are computed unasked. */
static gsize
get_limit (const DnnInferPass *pass, const DnnCall *call)
{
  if (pass->flags & DNN_INFER_FOLD_ALL)
    return G_MAXSIZE;
  if (pass->flags & DNN_INFER_FOLD_FOR_GOOD)
    return MAX (2 * count_input_bytes (call), DNN_INFER_MAX_GROWTH);
  return DNN_INFER_SMALL_BYTES;
}

static gboolean
is_made_of_params (DnnInferPass *pass, const DnnNode *node)
{
  for (guint i = 0; i < node->inputs->len; i++)
    if (node->inputs->pdata[i] &&
        !dnn_inference_get (pass->result, node->inputs->pdata[i])->is_fixed)
      return FALSE;
  return TRUE;
}

/* What another inference of the graph has computed already. */
static gboolean
take_known (DnnInferPass *pass, const DnnNode *node)
{
  for (guint i = 0; i < node->outputs->len; i++) {
    const DnnValue *value = node->outputs->pdata[i];
    if (value && !dnn_inference_get (pass->known, value)->tensor)
      return FALSE;
  }
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      dnn_inference_get (pass->result, node->outputs->pdata[i])->tensor =
          dnn_tensor_ref (
              dnn_inference_get (pass->known, node->outputs->pdata[i])->tensor);
  return TRUE;
}

/* Notes what is fixed; TRUE where its bytes are there then. */
static gboolean
find_known (DnnInferPass *pass, const DnnNode *node)
{
  if (!is_made_of_params (pass, node))
    return FALSE;
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      dnn_inference_get (pass->result, node->outputs->pdata[i])->is_fixed =
          TRUE;
  return pass->known && take_known (pass, node);
}

gboolean
dnn_infer_consider_folding (
    DnnInferPass *pass, guint node_idx, DnnCall *call, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];
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
  if (find_known (pass, node) || !has_all_values (call) ||
      bytes > get_limit (pass, call))
    return TRUE;
  return fold_node (pass, node_idx, error);
}
