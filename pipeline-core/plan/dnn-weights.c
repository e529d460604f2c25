/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params set while a module runs → what one instance reads in place of the
 * plan's own weights. Next: dnn-bound-plan.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-weights.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/graph/dnn-graph-private.h"

struct _DnnWeights
{
  DnnParams *params;
  GHashTable *bytes; /* of the module's tensor → of the one given */
  GPtrArray *tensors; /* those given, or copies of what came misaligned
                         or in a file */
  GPtrArray *packed; /* DnnBlock *, beside the segment's */
};

/* ---- what the plan was made from ---------------------------------------- */

/* Inference says the same without the value. */
static gboolean
is_inferred_without (const DnnCall *call, guint idx)
{
  g_autofree DnnCallArg *inputs = g_memdup2 (
      call->inputs, call->n_inputs * sizeof (DnnCallArg));
  g_autofree DnnCallArg *outputs = g_memdup2 (
      call->outputs, call->n_outputs * sizeof (DnnCallArg));
  DnnCall blind = *call;
  DnnInferResult result;

  blind.inputs = inputs;
  blind.outputs = outputs;
  inputs[idx].value = NULL;
  result = call->op->infer (&blind, NULL);
  if (result != DNN_INFER_OK)
    return FALSE;
  for (guint i = 0; i < call->n_outputs; i++)
    if (!dnn_shape_equal (&outputs[i].shape, &call->outputs[i].shape))
      return FALSE;
  return TRUE;
}

static const DnnStep *
find_step (const DnnSegment *segment, const DnnCall *call)
{
  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    if (step->call == call)
      return step;
  }
  return NULL;
}

/* The step reads its input @idx in each frame, or packs it. */
static gboolean
reads_input (const DnnStep *step, guint idx)
{
  if (!step)
    return FALSE;
  for (guint i = 0; i < step->candidate->n_packs; i++)
    if (step->candidate->packs[i].input == idx)
      return TRUE;
  return step->candidate->src[idx] != NULL;
}

/* @idx: an operand of post-ops that the node's own step leaves. */
static gboolean
is_read_later (const DnnSegment *segment, const DnnCall *call, guint idx)
{
  const DnnStep *own = find_step (segment, call);
  guint n_taken = own ? own->candidate->n_post_ops : 0;

  for (guint i = 0; i < call->n_post_ops; i++) {
    const DnnCallPostOp *post_op = &call->post_ops[i];
    const DnnStep *step = i < n_taken ? own
                                      : find_step (segment, post_op->call);
    if (post_op->input == (gint) idx &&
        !reads_input (step, i < n_taken ? idx : post_op->operand_slot))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_read (const DnnSegment *segment, const DnnCall *call, guint idx)
{
  if (idx >= call->n_formal)
    return is_read_later (segment, call, idx);
  return is_inferred_without (call, idx) &&
      reads_input (find_step (segment, call), idx);
}

static gboolean
is_replaceable (const DnnPlan *plan, const DnnValue *value, GHashTable *needed)
{
  const DnnSegment *segment = plan->segments->pdata[0];
  const GPtrArray *nodes = segment->inference->graph->nodes;

  for (guint i = 0; i < nodes->len; i++) {
    const DnnNode *node = nodes->pdata[i];
    const DnnCall *call = segment->inference->calls->pdata[i];
    if (!g_hash_table_contains (needed, node))
      continue;
    for (guint j = 0; j < node->inputs->len; j++)
      if (node->inputs->pdata[j] == value && !is_read (segment, call, j))
        return FALSE;
  }
  return TRUE;
}

/* ---- making ------------------------------------------------------------- */

/* Where the plan has the bytes of a param, which may be a copy of the module's.
 */
static gpointer
get_planned_bytes (const DnnPlan *plan, const DnnValue *value)
{
  const DnnSegment *segment = plan->segments->pdata[0];
  const DnnTensor *tensor =
      dnn_inference_get (segment->inference, value)->tensor;

  return tensor ? (gpointer) dnn_tensor_get_data (tensor) : NULL;
}

static gboolean
replace (DnnWeights *self, const DnnPlan *plan, GHashTable *needed,
    const gchar *name, DnnTensor *tensor, GError **error)
{
  DnnGraph *graph = dnn_module_get_graph (plan->module);
  DnnValue *value = dnn_graph_find_value (graph, name);
  DnnTensor *aligned;

  if (dnn_tensor_get_size (tensor) == 0)
    return TRUE;
  if (!is_replaceable (plan, value, needed)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "param \"%s\" can't be replaced while running: the plan was made from "
        "its value",
        name);
    return FALSE;
  }
  aligned = dnn_tensor_settle (tensor, error);
  if (!aligned)
    return FALSE;
  g_ptr_array_add (self->tensors, aligned);
  g_hash_table_insert (self->bytes, get_planned_bytes (plan, value),
      (gpointer) dnn_tensor_get_data (aligned));
  return TRUE;
}

/* Two params of one tensor can't be told apart in the plan. */
static gboolean
check_shared (const DnnWeights *self, const DnnPlan *plan, GError **error)
{
  const GPtrArray *values = dnn_module_get_graph (plan->module)->values;
  g_autoptr (GHashTable) owners = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < values->len; i++) {
    DnnValue *value = values->pdata[i];
    gpointer data = value->tensor ? get_planned_bytes (plan, value) : NULL;
    const DnnValue *owner;
    if (!data || !g_hash_table_contains (self->bytes, data))
      continue;
    owner = g_hash_table_lookup (owners, data);
    if (owner) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
          "param \"%s\" can't be replaced while running: \"%s\" has the same "
          "bytes in memory",
          owner->name, value->name);
      return FALSE;
    }
    g_hash_table_insert (owners, data, value);
  }
  return TRUE;
}

DnnWeights *
dnn_weights_new (DnnPlan *plan, DnnParams *params, GError **error)
{
  g_autoptr (DnnWeights) self = g_new0 (DnnWeights, 1);
  const DnnSegment *segment = plan->segments->pdata[0];
  g_autoptr (GHashTable) needed = dnn_graph_find_needed (
      dnn_module_get_graph (plan->module), NULL, NULL);

  self->params = dnn_params_ref (params);
  self->bytes = g_hash_table_new (NULL, NULL);
  self->tensors = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  for (guint i = 0; i < dnn_params_get_n (params); i++)
    if (!replace (self, plan, needed, dnn_params_get_name (params, i),
            dnn_params_get_tensor (params, i), error))
      return NULL;
  if (!check_shared (self, plan, error))
    return NULL;
  self->packed = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_block_unref);
  if (!dnn_segment_pack (segment, self->bytes, self->packed, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
dnn_weights_free (DnnWeights *self)
{
  if (!self)
    return;
  dnn_params_unref (self->params);
  g_hash_table_unref (self->bytes);
  g_ptr_array_unref (self->tensors);
  g_clear_pointer (&self->packed, g_ptr_array_unref);
  g_free (self);
}

DnnParams *
dnn_weights_get_params (const DnnWeights *self)
{
  return self->params;
}

gpointer
dnn_weights_get_packed (const DnnWeights *self, guint idx)
{
  return dnn_block_get_data (self->packed->pdata[idx]);
}

gconstpointer
dnn_weights_get_bytes (const DnnWeights *self, gconstpointer bytes)
{
  gconstpointer other = g_hash_table_lookup (self->bytes, bytes);

  return other ? other : bytes;
}
