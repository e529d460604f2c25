/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One graph and names of tensors → one graph a stage, each with what it gets
 * from others as inputs and what others need as outputs. Next:
 * dnn-compile.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include <string.h>

#include "pipeline-core/base/dnn-hint.h"

#define UNASSIGNED (-1)

/* One cutting at work. */
typedef struct
{
  DnnGraph *graph;
  GHashTable *stage_of; /* DnnNode * → stage + 1 */
  gint n_stages;
} Cutting;

static gboolean
fail (Cutting *self, GError **error, DnnError code, const gchar *name,
    const gchar *text)
{
  g_set_error (error, DNN_ERROR, code, "%s: cut \"%s\": %s", self->graph->label,
      name, text);
  return FALSE;
}

static gint
get_stage (Cutting *self, const DnnNode *node)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->stage_of, node)) - 1;
}

/* ---- the tensors of a cut
 * ---------------------------------------------------------- */

/* By its own name or by that of an output of the model. */
static DnnValue *
find_value (DnnGraph *graph, const gchar *name)
{
  for (guint i = 0; i < graph->outputs->len; i++)
    if (strcmp (graph->output_names->pdata[i], name) == 0)
      return graph->outputs->pdata[i];
  return dnn_graph_find_value (graph, name);
}

static gboolean
check_value (
    Cutting *self, const gchar *name, const DnnValue *value, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autofree gchar *hint = NULL;
  g_autofree gchar *text = NULL;

  if (value && value->kind == DNN_VALUE_RESULT)
    return TRUE;
  if (value)
    return fail (self, error, DNN_ERROR_VALUE, name,
        value->kind == DNN_VALUE_INPUT
            ? "it is an input of the model; a stage ends at a result"
            : "it is constant; a stage ends at a result");
  names = g_ptr_array_new ();
  for (guint i = 0; i < self->graph->values->len; i++) {
    const DnnValue *other = self->graph->values->pdata[i];
    if (other->kind == DNN_VALUE_RESULT)
      g_ptr_array_add (names, other->name);
  }
  hint = dnn_hint_names ("tensors", name, names);
  text = g_strdup_printf (
      "there is no such tensor%s; gst-dnn inspect --tensors lists them", hint);
  return fail (self, error, DNN_ERROR_UNKNOWN_NAME, name, text);
}

/* The values of "a" or "a,b"; a name that has commas itself comes first. */
static GPtrArray *
parse_cut (Cutting *self, const gchar *cut, GError **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  DnnValue *whole = find_value (self->graph, cut);
  g_auto (GStrv) names = whole ? g_new0 (gchar *, 2)
                               : g_strsplit (cut, ",", -1);

  if (whole)
    names[0] = g_strdup (cut);
  for (guint i = 0; names[i]; i++) {
    DnnValue *value = find_value (self->graph, names[i]);
    if (!check_value (self, names[i], value, error))
      return NULL;
    g_ptr_array_add (values, value);
  }
  if (values->len == 0) {
    check_value (self, cut, NULL, error);
    return NULL;
  }
  return g_steal_pointer (&values);
}

/* ---- stages
 * ---------------------------------------------------------------------------
 */

/* Gives @stage all nodes that @values need and no stage has; how many. */
static guint
assign (Cutting *self, GPtrArray *values, gint stage)
{
  g_autoptr (GPtrArray) stack = g_ptr_array_copy (values, NULL, NULL);
  guint n = 0;

  g_ptr_array_set_free_func (stack, NULL);
  while (stack->len > 0) {
    DnnValue *value = g_ptr_array_remove_index_fast (stack, stack->len - 1);
    DnnNode *node = value->producer;
    if (!node || get_stage (self, node) != UNASSIGNED)
      continue;
    g_hash_table_insert (self->stage_of, node, GINT_TO_POINTER (stage + 1));
    n++;
    for (guint i = 0; i < node->inputs->len; i++)
      if (node->inputs->pdata[i])
        g_ptr_array_add (stack, node->inputs->pdata[i]);
  }
  return n;
}

static gboolean
assign_all (Cutting *self, const gchar *const *cuts, GError **error)
{
  for (; *cuts; cuts++) {
    g_autoptr (GPtrArray) values = parse_cut (self, *cuts, error);
    if (!values)
      return FALSE;
    if (assign (self, values, self->n_stages) == 0)
      return fail (self, error, DNN_ERROR_VALUE, *cuts,
          "its stage would be empty: all it needs is in earlier stages; give "
          "cuts in the order of the data, each tensor once");
    self->n_stages++;
    if (cuts[1])
      continue;
    if (assign (self, self->graph->outputs, self->n_stages) == 0)
      return fail (self, error, DNN_ERROR_VALUE, *cuts,
          "no stage is left behind it: it is all that the outputs need");
  }
  self->n_stages++;
  return TRUE;
}

/* The stage that makes @value; inputs and params: none. */
static gint
get_source (Cutting *self, const DnnValue *value)
{
  return value->producer ? get_stage (self, value->producer) : UNASSIGNED;
}

/* Where an output of the model comes from: inputs and params that are outputs
 * are the last stage's. */
static gint
get_output_stage (Cutting *self, const DnnValue *value)
{
  return value->producer ? get_source (self, value) : self->n_stages - 1;
}

/* ---- one stage's graph
 * -------------------------------------------------------------------- */

typedef struct
{
  Cutting *cutting;
  gint stage;
  DnnGraph *dst;
  GHashTable *copies; /* DnnValue * → its DnnValue * in dst */
} Stage;

static void
copy_facts (DnnValue *dst, const DnnValue *src)
{
  dst->type = src->type;
  dst->shape = src->shape;
  if (src->dim_names && !dst->dim_names)
    dst->dim_names = g_strdupv (src->dim_names);
}

/* @value in the stage; from outside it is an input or a param there. */
static DnnValue *
take_value (Stage *self, DnnValue *value)
{
  DnnValue *copy;

  if (!value)
    return NULL;
  copy = g_hash_table_lookup (self->copies, value);
  if (copy)
    return copy;
  if (value->kind == DNN_VALUE_PARAM) {
    copy = dnn_graph_add_param (self->dst, value->name, value->tensor);
  } else {
    copy = dnn_graph_add_input (
        self->dst, value->name, value->type, &value->shape);
    copy_facts (copy, value);
  }
  g_hash_table_insert (self->copies, value, copy);
  return copy;
}

static gboolean
uses (Stage *self, const DnnValue *value)
{
  Cutting *cutting = self->cutting;
  DnnGraph *graph = cutting->graph;

  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    if (get_stage (cutting, node) == self->stage &&
        g_ptr_array_find (node->inputs, value, NULL))
      return TRUE;
  }
  return self->stage == cutting->n_stages - 1 &&
      dnn_graph_is_output (graph, (DnnValue *) value);
}

/* The model's inputs in its order; one that nothing uses stays with the first
 * stage, as a part of the interface. */
static void
add_inputs (Stage *self)
{
  GPtrArray *inputs = self->cutting->graph->inputs;

  for (guint i = 0; i < inputs->len; i++) {
    DnnValue *value = inputs->pdata[i];
    g_autoptr (GPtrArray)
        users = dnn_graph_get_users (self->cutting->graph, value);
    gboolean unused = users->len == 0 &&
        !dnn_graph_is_output (self->cutting->graph, value);
    if (uses (self, value) || (unused && self->stage == 0))
      take_value (self, value);
  }
}

static void
copy_node (Stage *self, const DnnNode *node)
{
  DnnNode *copy = dnn_graph_add_node (self->dst, node->name, node->op);

  dnn_attrs_free (copy->attrs);
  copy->attrs = dnn_attrs_copy (node->attrs);
  copy->flatten_data = node->flatten_data;
  for (guint i = 0; i < node->n_formal; i++)
    dnn_node_add_input (copy, take_value (self, node->inputs->pdata[i]));
  for (guint i = 0; i < dnn_node_get_n_captures (node); i++)
    dnn_node_add_capture (
        copy, take_value (self, node->inputs->pdata[node->n_formal + i]));
  for (guint i = 0; node->subgraphs && i < node->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = node->subgraphs->pdata[i];
    dnn_node_add_subgraph (copy, subgraph->name, subgraph->graph);
  }
  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    dnn_node_add_post_op (copy, post_op->op, dnn_attrs_copy (post_op->attrs),
        post_op->input < 0
            ? NULL
            : take_value (self, node->inputs->pdata[post_op->input]));
  }
  for (guint i = 0; i < node->outputs->len; i++) {
    DnnValue *value = node->outputs->pdata[i];
    DnnValue *result = dnn_graph_add_result (
        self->dst, copy, value ? value->name : NULL);
    if (!value)
      continue;
    copy_facts (result, value);
    g_hash_table_insert (self->copies, value, result);
  }
}

/* Whether a later stage uses @value, which this one makes. */
static gboolean
crosses (Stage *self, const DnnValue *value)
{
  DnnGraph *graph = self->cutting->graph;

  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    if (get_stage (self->cutting, node) > self->stage &&
        g_ptr_array_find (node->inputs, value, NULL))
      return TRUE;
  }
  return FALSE;
}

/* Outputs of the model under their names, then what crosses to later stages. */
static void
add_outputs (Stage *self)
{
  DnnGraph *graph = self->cutting->graph;
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < graph->outputs->len; i++) {
    DnnValue *value = graph->outputs->pdata[i];
    if (get_output_stage (self->cutting, value) != self->stage)
      continue;
    g_hash_table_add (names, graph->output_names->pdata[i]);
    dnn_graph_add_output (
        self->dst, graph->output_names->pdata[i], take_value (self, value));
  }
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (get_source (self->cutting, value) != self->stage ||
        dnn_graph_is_output (graph, value) || !crosses (self, value))
      continue;
    dnn_graph_add_output (self->dst, value->name, take_value (self, value));
  }
}

static DnnGraph *
make_stage (Cutting *cutting, gint stage)
{
  DnnGraph *graph = cutting->graph;
  g_autoptr (GHashTable) copies = g_hash_table_new (NULL, NULL);
  Stage self = { cutting, stage, dnn_graph_new (graph->name), copies };

  g_free (self.dst->label);
  self.dst->label = g_strdup_printf ("%s (stage %d)", graph->label, stage);
  self.dst->opset = graph->opset;
  dnn_graph_set_files (self.dst, graph->files);
  dnn_attrs_free (self.dst->metadata);
  self.dst->metadata = dnn_attrs_copy (graph->metadata);
  add_inputs (&self);
  for (guint i = 0; i < graph->nodes->len; i++)
    if (get_stage (cutting, graph->nodes->pdata[i]) == stage)
      copy_node (&self, graph->nodes->pdata[i]);
  add_outputs (&self);
  return self.dst;
}

GPtrArray *
dnn_pass_cut (DnnGraph *graph, const gchar *const *cuts, GError **error)
{
  g_autoptr (GHashTable) stage_of = g_hash_table_new (NULL, NULL);
  Cutting self = { graph, stage_of, 0 };
  g_autoptr (GPtrArray) stages = NULL;

  if (!assign_all (&self, cuts, error))
    return NULL;
  stages = g_ptr_array_new_with_free_func (g_object_unref);
  for (gint i = 0; i < self.n_stages; i++)
    g_ptr_array_add (stages, make_stage (&self, i));
  return g_steal_pointer (&stages);
}
