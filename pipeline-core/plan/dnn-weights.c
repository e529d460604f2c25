/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params set while a module runs → what instances read in place of the plan's
 * own weights: made once for all that get the same tensors. Next:
 * dnn-bound-plan.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-weights.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/graph/dnn-graph-private.h"
#include "pipeline-core/plan/dnn-module-private.h"

struct _DnnWeights
{
  gint ref_count; /* under the module's plan lock, as the plan's list is */
  DnnPlan *plan; /* its users hold that */
  DnnParams *params;
  GHashTable *replaced; /* address of a constant of the plan → DnnTensor */
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

/* Behind the head: there the module's own is read. */
static gboolean
is_read_late (const DnnPlan *plan, const gchar *name)
{
  const DnnLate *late = plan->late;
  guint value;

  if (!late)
    return FALSE;
  value = dnn_inference_index (
      late->inference, dnn_graph_find_value (late->inference->graph, name));
  for (guint i = 0; i < late->steps->len; i++) {
    const DnnLateStep *step = late->steps->pdata[i];
    for (guint j = 0; j < step->n_src; j++)
      if (step->src[j] == value)
        return TRUE;
  }
  return late->rest &&
      dnn_graph_find_value (dnn_module_get_graph (late->rest), name);
}

static gboolean
replace (DnnWeights *self, GHashTable *needed, guint idx, GError **error)
{
  const gchar *name = dnn_params_get_name (self->params, idx);
  DnnTensor *tensor = dnn_params_get_tensor (self->params, idx);
  const DnnSegment *segment = self->plan->segments->pdata[0];
  DnnValue *value = dnn_graph_find_value (segment->inference->graph, name);

  if (dnn_tensor_get_size (tensor) == 0)
    return TRUE;
  if (!value || is_read_late (self->plan, name) ||
      !is_replaceable (self->plan, value, needed)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "param \"%s\" can't be replaced while running: the plan was made from "
        "its value",
        name);
    return FALSE;
  }
  g_hash_table_insert (self->replaced, get_planned_bytes (self->plan, value),
      dnn_tensor_ref (tensor));
  return TRUE;
}

/* Two params of one tensor can't be told apart in the plan. */
static gboolean
check_shared (const DnnWeights *self, GError **error)
{
  const DnnSegment *segment = self->plan->segments->pdata[0];
  const GPtrArray *values = segment->inference->graph->values;
  g_autoptr (GHashTable) owners = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < values->len; i++) {
    DnnValue *value = values->pdata[i];
    gpointer data = value->tensor ? get_planned_bytes (self->plan, value)
                                  : NULL;
    const DnnValue *owner;
    if (!data || !g_hash_table_contains (self->replaced, data))
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

/* Addresses of constants that frames read as they lie. */
static GHashTable *
find_read_bytes (const DnnSegment *segment)
{
  GHashTable *read = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    for (guint j = 0; j < step->candidate->n_src; j++)
      if (step->src[j].base == DNN_BASE_BYTES)
        g_hash_table_add (read, (gpointer) step->src[j].bytes);
  }
  return read;
}

/* What is packed now is needed no more; what frames read must lie aligned, and
 * stay what it is. */
static gboolean
settle_tensors (DnnWeights *self, GError **error)
{
  g_autoptr (GHashTable)
      read = find_read_bytes (self->plan->segments->pdata[0]);
  GHashTableIter iter;
  gpointer bytes, tensor;

  g_hash_table_iter_init (&iter, self->replaced);
  while (g_hash_table_iter_next (&iter, &bytes, &tensor)) {
    DnnTensor *settled;
    if (!g_hash_table_contains (read, bytes)) {
      g_hash_table_iter_remove (&iter);
      continue;
    }
    settled = dnn_tensor_settle (tensor, error);
    if (!settled)
      return FALSE;
    g_hash_table_iter_replace (&iter, settled);
  }
  return TRUE;
}

static gboolean
make (DnnWeights *self, GError **error)
{
  const DnnSegment *segment = self->plan->segments->pdata[0];
  g_autoptr (GHashTable)
      needed = dnn_graph_find_needed (segment->inference->graph, NULL, NULL);

  for (guint i = 0; i < dnn_params_get_n (self->params); i++)
    if (!replace (self, needed, i, error))
      return FALSE;
  return check_shared (self, error) &&
      dnn_segment_pack (self->plan->segments->pdata[0], self->replaced,
          self->packed, error) &&
      settle_tensors (self, error);
}

/* ---- sharing ------------------------------------------------------------ */

static void
free_weights (DnnWeights *self)
{
  dnn_params_unref (self->params);
  g_hash_table_unref (self->replaced);
  g_ptr_array_unref (self->packed);
  g_free (self);
}

/* The very same tensors under the same names. */
static gboolean
has_tensors (const DnnWeights *self, DnnParams *params)
{
  guint n = dnn_params_get_n (params);

  if (dnn_params_get_n (self->params) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (dnn_params_lookup (self->params, dnn_params_get_name (params, i)) !=
        dnn_params_get_tensor (params, i))
      return FALSE;
  return TRUE;
}

static DnnWeights *
find_weights (DnnPlan *plan, DnnPlanCache *cache, DnnParams *params)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&cache->lock);

  for (guint i = 0; i < plan->weights->len; i++) {
    DnnWeights *weights = plan->weights->pdata[i];
    if (has_tensors (weights, params)) {
      weights->ref_count++;
      return weights;
    }
  }
  return NULL;
}

static DnnWeights *
make_weights (
    DnnPlan *plan, DnnPlanCache *cache, DnnParams *params, GError **error)
{
  DnnWeights *self = g_new0 (DnnWeights, 1);

  self->ref_count = 1;
  self->plan = plan;
  self->params = dnn_params_ref (params);
  self->replaced = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) dnn_tensor_unref);
  self->packed = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_block_unref);
  if (!make (self, error)) {
    free_weights (self);
    return NULL;
  }
  g_mutex_lock (&cache->lock);
  g_ptr_array_add (plan->weights, self);
  g_mutex_unlock (&cache->lock);
  return self;
}

DnnWeights *
dnn_weights_get (DnnPlan *plan, DnnParams *params, GError **error)
{
  DnnPlanCache *cache = dnn_module_get_plan_cache (plan->module);
  g_autoptr (GMutexLocker) making = g_mutex_locker_new (&cache->planning);
  DnnWeights *found = find_weights (plan, cache, params);

  return found ? found : make_weights (plan, cache, params, error);
}

void
dnn_weights_unref (DnnWeights *self)
{
  DnnPlanCache *cache = dnn_module_get_plan_cache (self->plan->module);
  gboolean is_last;

  g_mutex_lock (&cache->lock);
  is_last = --self->ref_count == 0;
  if (is_last)
    g_ptr_array_remove (self->plan->weights, self);
  g_mutex_unlock (&cache->lock);
  if (is_last)
    free_weights (self);
}

gpointer
dnn_weights_get_packed (const DnnWeights *self, guint idx)
{
  return dnn_block_get_data (self->packed->pdata[idx]);
}

gconstpointer
dnn_weights_get_bytes (const DnnWeights *self, gconstpointer bytes)
{
  const DnnTensor *other = g_hash_table_lookup (self->replaced, bytes);

  return other ? dnn_tensor_get_data (other) : bytes;
}
