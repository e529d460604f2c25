/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An inferred graph → the draft of a plan: which nodes run with each frame, and
 * who uses what. Next: dnn-plan-offer.c. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph-private.h"
#include "pipeline-core/plan/dnn-plan-private.h"

void
dnn_option_free (DnnOption *self)
{
  dnn_candidate_free (self->first);
  g_ptr_array_unref (self->rest);
  g_free (self->src);
  g_free (self->dst);
  g_free (self);
}

static void
free_node (gpointer data)
{
  DnnDraftNode *node = data;

  g_ptr_array_unref (node->options);
  g_free (node->key);
  g_free (node->src);
  g_free (node->dst);
  g_free (node);
}

static void
free_step (gpointer data)
{
  DnnDraftStep *step = data;

  if (step->step)
    dnn_step_free (step->step);
  g_free (step->src);
  g_free (step->dst);
  g_free (step);
}

static void
clear_constant (gpointer data)
{
  DnnDraftConstant *constant = data;

  dnn_format_unref (constant->src);
  dnn_format_unref (constant->dst);
}

void
dnn_draft_free (DnnDraft *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n_values; i++) {
    g_array_unref (self->values[i].users);
    g_ptr_array_unref (self->values[i].formats);
    g_free (self->values[i].reorder);
  }
  g_free (self->values);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->steps);
  g_array_unref (self->buffers);
  g_array_unref (self->constants);
  g_free (self->output_buffers);
  g_free (self);
}

guint
dnn_draft_add_format (DnnDraft *self, guint value_idx, const DnnFormat *format)
{
  GPtrArray *formats = self->values[value_idx].formats;

  for (guint i = 0; i < formats->len; i++)
    if (dnn_format_equal (formats->pdata[i], format))
      return i;
  g_ptr_array_add (formats, dnn_format_ref (format));
  return formats->len - 1;
}

static gboolean
is_folded (const DnnValue *value, gconstpointer inference)
{
  return dnn_inference_get (inference, value)->tensor != NULL;
}

static void
add_user (DnnDraftValue *value, guint node_idx)
{
  if (value->users->len == 0 ||
      g_array_index (value->users, guint, value->users->len - 1) != node_idx)
    g_array_append_val (value->users, node_idx);
}

static guint
find_value (const DnnInference *inference, const DnnValue *value)
{
  guint idx;

  if (!value)
    return DNN_NONE;
  idx = dnn_inference_index (inference, value);
  return inference->values[idx].tensor ? DNN_NONE : idx;
}

static void
add_node (DnnDraft *self, const DnnNode *node, DnnCall *call)
{
  DnnDraftNode *draft = g_new0 (DnnDraftNode, 1);

  draft->node = node;
  draft->call = call;
  draft->src = g_new0 (guint, MAX (node->inputs->len, 1));
  draft->dst = g_new0 (guint, MAX (node->outputs->len, 1));
  draft->options = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_option_free);
  for (guint i = 0; i < node->inputs->len; i++) {
    draft->src[i] = find_value (self->inference, node->inputs->pdata[i]);
    call->inputs[i].is_constant = node->inputs->pdata[i] &&
        draft->src[i] == DNN_NONE;
    if (draft->src[i] != DNN_NONE)
      add_user (&self->values[draft->src[i]], self->nodes->len);
  }
  for (guint i = 0; i < node->outputs->len; i++) {
    draft->dst[i] = find_value (self->inference, node->outputs->pdata[i]);
    if (draft->dst[i] == DNN_NONE)
      continue;
    self->values[draft->dst[i]].producer = self->nodes->len;
    self->values[draft->dst[i]].producer_slot = i;
  }
  g_ptr_array_add (self->nodes, draft);
}

static void
create_values (DnnDraft *self)
{
  self->n_values = self->graph->values->len;
  self->values = g_new0 (DnnDraftValue, MAX (self->n_values, 1));
  for (guint i = 0; i < self->n_values; i++) {
    DnnDraftValue *value = &self->values[i];
    const DnnInferredValue *known = &self->inference->values[i];
    value->producer = DNN_NONE;
    value->users = g_array_new (FALSE, FALSE, sizeof (guint));
    value->formats = g_ptr_array_new_with_free_func (
        (GDestroyNotify) dnn_format_unref);
    if (!known->tensor && known->type != DNN_TYPE_INVALID &&
        dnn_shape_is_known (&known->shape))
      g_ptr_array_add (
          value->formats, dnn_format_new_plain (known->type, &known->shape));
    value->n_produced = value->formats->len;
  }
}

DnnDraft *
dnn_draft_new (DnnInference *inference)
{
  DnnDraft *self = g_new0 (DnnDraft, 1);
  DnnGraph *graph = inference->graph;
  g_autoptr (GHashTable)
      needed = dnn_graph_find_needed (graph, is_folded, inference);

  self->scale = 1;
  self->graph = graph;
  self->inference = inference;
  self->nodes = g_ptr_array_new_with_free_func (free_node);
  self->steps = g_ptr_array_new_with_free_func (free_step);
  self->buffers = g_array_new (FALSE, TRUE, sizeof (DnnBuffer));
  self->constants = g_array_new (FALSE, TRUE, sizeof (DnnDraftConstant));
  g_array_set_clear_func (self->constants, clear_constant);
  self->output_buffers = g_new0 (guint, MAX (graph->outputs->len, 1));
  create_values (self);
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_hash_table_contains (needed, graph->nodes->pdata[i]))
      add_node (self, graph->nodes->pdata[i], inference->calls->pdata[i]);
  for (guint i = 0; i < graph->outputs->len; i++) {
    guint idx = find_value (inference, graph->outputs->pdata[i]);
    if (idx != DNN_NONE)
      self->values[idx].is_output = TRUE;
  }
  return self;
}
