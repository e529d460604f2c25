/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An inferred graph → its head, whose shapes are known, and what follows in
 * each frame: nodes that are interpreted, then a module that is planned by
 * shape where it holds what ref is too slow for. Next: dnn-late-run.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-late.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/library/dnn-op-library.h"

static void
free_step (gpointer data)
{
  DnnLateStep *step = data;

  g_free (step->src);
  g_free (step->dst);
  g_free (step);
}

static void
free_info (gpointer data)
{
  DnnPlanStep *info = data;

  g_free (info->text);
  g_free (info);
}

void
dnn_late_free (DnnLate *self)
{
  if (!self)
    return;
  dnn_inference_free (self->inference);
  g_clear_object (&self->head);
  g_clear_object (&self->rest);
  g_free (self->head_values);
  g_free (self->ready);
  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->infos);
  g_free (self);
}

/* ---- which nodes ----------------------------------------------------------
 */

typedef enum
{
  ROLE_NONE, /* constant, or needed by nobody */
  ROLE_HEAD,
  ROLE_FIRST, /* late, of inputs that are not */
  ROLE_LATER,
} Role;

typedef struct
{
  DnnInference *inference;
  const DnnGraph *graph;
  guint8 *needed; /* by value */
  guint8 *roles; /* by node */
} Split;

static guint
find_value (const Split *self, const DnnValue *value)
{
  return value ? dnn_inference_index (self->inference, value) : G_MAXUINT;
}

static Role
find_role (const Split *self, const DnnNode *node)
{
  gboolean runs = FALSE, is_late = FALSE;

  for (guint i = 0; i < node->outputs->len; i++) {
    guint idx = find_value (self, node->outputs->pdata[i]);
    if (idx == G_MAXUINT)
      continue;
    runs |= self->needed[idx] && !self->inference->values[idx].tensor;
    is_late |= self->inference->values[idx].is_late;
  }
  if (!runs)
    return ROLE_NONE;
  if (!is_late)
    return ROLE_HEAD;
  for (guint i = 0; i < node->inputs->len; i++) {
    guint idx = find_value (self, node->inputs->pdata[i]);
    if (idx != G_MAXUINT && self->inference->values[idx].is_late)
      return ROLE_LATER;
  }
  return ROLE_FIRST;
}

/* Returns whether any node is late. */
static gboolean
find_roles (Split *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->graph->outputs->len; i++)
    self->needed[find_value (self, self->graph->outputs->pdata[i])] = 1;
  for (guint n = self->graph->nodes->len; n-- > 0;) {
    const DnnNode *node = self->graph->nodes->pdata[n];
    self->roles[n] = (guint8) find_role (self, node);
    any |= self->roles[n] >= ROLE_FIRST;
    for (guint i = 0; i < node->inputs->len && self->roles[n]; i++)
      if (node->inputs->pdata[i])
        self->needed[find_value (self, node->inputs->pdata[i])] = 1;
  }
  return any;
}

static const DnnCall *
get_call (const Split *self, guint node)
{
  return self->inference->calls->pdata[node];
}

static gboolean
has_planned_rest (const Split *self)
{
  for (guint n = 0; n < self->graph->nodes->len; n++)
    if (self->roles[n] == ROLE_LATER && get_call (self, n)->op->always_planned)
      return TRUE;
  return FALSE;
}

/* A function of a library is told shapes that don't change. */
static gboolean
check_library (const Split *self, GError **error)
{
  for (guint n = 0; n < self->graph->nodes->len; n++)
    if (self->roles[n] >= ROLE_FIRST &&
        dnn_op_is_of_library (get_call (self, n)->op))
      return dnn_call_error (get_call (self, n), error, DNN_ERROR_UNSUPPORTED,
          "a function of a library can't follow a node whose shape depends on "
          "the data of each frame");
  return TRUE;
}

/* ---- the head -------------------------------------------------------------
 */

static void
add_head_output (DnnLate *self, DnnValue *value, const gchar *name,
    GPtrArray *values, GPtrArray *names)
{
  self->head_values[self->n_head++] = dnn_inference_index (
      self->inference, value);
  g_ptr_array_add (values, value);
  g_ptr_array_add (names, (gpointer) name);
}

static gboolean
is_late (const DnnLate *self, const DnnValue *value)
{
  return dnn_inference_get (self->inference, value)->is_late;
}

/* What late nodes read that is neither late nor constant, each once. */
static void
add_crossing (
    DnnLate *self, const Split *split, GPtrArray *values, GPtrArray *names)
{
  g_autofree guint8 *seen = g_new0 (guint8, split->graph->values->len + 1);

  for (guint n = 0; n < split->graph->nodes->len; n++) {
    const DnnNode *node = split->graph->nodes->pdata[n];
    for (guint i = 0; i < node->inputs->len; i++) {
      DnnValue *value = node->inputs->pdata[i];
      guint idx = find_value (split, value);
      if (split->roles[n] < ROLE_FIRST || !value || seen[idx] ||
          is_late (self, value) || self->inference->values[idx].tensor)
        continue;
      seen[idx] = 1;
      add_head_output (self, value, value->name, values, names);
    }
  }
}

static void
make_head (DnnLate *self, const Split *split)
{
  const DnnGraph *graph = split->graph;
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree guint8 *nodes = g_new0 (guint8, graph->nodes->len + 1);

  self->head_values = g_new0 (guint, graph->outputs->len + graph->values->len);
  self->ready = g_new0 (gint, graph->outputs->len + 1);
  for (guint i = 0; i < graph->outputs->len; i++) {
    self->ready[i] = -1;
    if (is_late (self, graph->outputs->pdata[i]))
      continue;
    self->ready[i] = (gint) self->n_head;
    add_head_output (self, graph->outputs->pdata[i],
        graph->output_names->pdata[i], values, names);
  }
  self->n_ready = self->n_head;
  add_crossing (self, split, values, names);
  for (guint n = 0; n < graph->nodes->len; n++)
    nodes[n] = split->roles[n] == ROLE_HEAD;
  self->head = dnn_inference_extract (
      self->inference, nodes, values, names, NULL);
}

/* ---- the steps ------------------------------------------------------------
 */

static guint *
list_values (const Split *self, const GPtrArray *values, guint *n)
{
  guint *list = g_new0 (guint, MAX (values->len, 1));

  *n = values->len;
  for (guint i = 0; i < values->len; i++)
    list[i] = find_value (self, values->pdata[i]);
  return list;
}

static void
add_info (DnnLate *self, const gchar *node, const gchar *op, const gchar *impl,
    gchar *text)
{
  DnnPlanStep *info = g_new0 (DnnPlanStep, 1);

  info->node_name = node;
  info->op = op;
  info->impl = impl;
  info->text = text;
  g_ptr_array_add (self->infos, info);
}

/* "? × 3 int64, at most 1234 bytes". */
static gchar *
describe_node (const DnnLate *self, const DnnNode *node)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < node->outputs->len; i++) {
    const DnnInferredValue *known;
    g_autofree gchar *shape = NULL;
    if (!node->outputs->pdata[i])
      continue;
    known = dnn_inference_get (self->inference, node->outputs->pdata[i]);
    shape = dnn_shape_to_string (&known->shape);
    g_string_append_printf (text, "%s%s %s", text->len ? ", " : "",
        dnn_type_name (known->type), shape);
    if (known->bound > 0)
      g_string_append_printf (
          text, " (at most %" G_GSIZE_FORMAT " bytes)", known->bound);
  }
  return g_string_free (text, FALSE);
}

static void
add_node_step (DnnLate *self, const Split *split, guint n)
{
  const DnnNode *node = split->graph->nodes->pdata[n];
  DnnLateStep *step = g_new0 (DnnLateStep, 1);

  step->node = n;
  step->src = list_values (split, node->inputs, &step->n_src);
  step->dst = list_values (split, node->outputs, &step->n_dst);
  g_ptr_array_add (self->steps, step);
  add_info (self, node->name, node->op, "by data", describe_node (self, node));
}

/* Outputs of the module that the rest makes, each once. */
static GPtrArray *
list_rest_outputs (const Split *split)
{
  GPtrArray *values = g_ptr_array_new ();

  for (guint n = 0; n < split->graph->nodes->len; n++) {
    const DnnNode *node = split->graph->nodes->pdata[n];
    for (guint i = 0; i < node->outputs->len; i++) {
      DnnValue *value = node->outputs->pdata[i];
      if (split->roles[n] == ROLE_LATER && value &&
          g_ptr_array_find (split->graph->outputs, value, NULL))
        g_ptr_array_add (values, value);
    }
  }
  return values;
}

static GPtrArray *
list_names (const GPtrArray *values)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < values->len; i++)
    g_ptr_array_add (names, ((DnnValue *) values->pdata[i])->name);
  return names;
}

static gboolean
add_rest_step (DnnLate *self, const Split *split, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  g_autoptr (GPtrArray) outputs = list_rest_outputs (split);
  g_autoptr (GPtrArray) names = list_names (outputs);
  g_autofree guint8 *nodes = g_new0 (guint8, split->graph->nodes->len + 1);
  g_autoptr (DnnGraph) graph = NULL;
  DnnLateStep *step = g_new0 (DnnLateStep, 1);
  guint n_nodes = 0;

  for (guint n = 0; n < split->graph->nodes->len; n++)
    n_nodes += nodes[n] = split->roles[n] == ROLE_LATER;
  graph = dnn_inference_extract (
      self->inference, nodes, outputs, names, inputs);
  step->node = G_MAXUINT;
  step->src = list_values (split, inputs, &step->n_src);
  step->dst = list_values (split, outputs, &step->n_dst);
  g_ptr_array_add (self->steps, step);
  add_info (self, "", "segment", "planned by shape",
      g_strdup_printf (
          "%u nodes, %d plans at most", n_nodes, DNN_LATE_MAX_PLANS));
  self->rest = dnn_module_new (graph, error);
  return self->rest != NULL;
}

static gboolean
make_steps (DnnLate *self, const Split *split, GError **error)
{
  gboolean has_rest = has_planned_rest (split);

  for (guint n = 0; n < split->graph->nodes->len; n++)
    if (split->roles[n] == ROLE_FIRST ||
        (split->roles[n] == ROLE_LATER && !has_rest))
      add_node_step (self, split, n);
  return !has_rest || add_rest_step (self, split, error);
}

/* What late nodes read of constants in each frame lies aligned, and is theirs:
 * files may change. */
static gboolean
settle_constants (DnnLate *self, GError **error)
{
  for (guint i = 0; i < self->steps->len; i++) {
    const DnnLateStep *step = self->steps->pdata[i];
    for (guint j = 0; j < step->n_src && step->node != G_MAXUINT; j++) {
      DnnInferredValue *known;
      DnnTensor *settled;
      if (step->src[j] == G_MAXUINT)
        continue;
      known = &self->inference->values[step->src[j]];
      if (!known->tensor)
        continue;
      settled = dnn_tensor_settle (known->tensor, error);
      if (!settled)
        return FALSE;
      dnn_tensor_unref (known->tensor);
      known->tensor = settled;
    }
  }
  return TRUE;
}

static DnnLate *
create_late (DnnInference *inference)
{
  DnnLate *self = g_new0 (DnnLate, 1);

  self->inference = inference;
  self->steps = g_ptr_array_new_with_free_func (free_step);
  self->infos = g_ptr_array_new_with_free_func (free_info);
  return self;
}

DnnLate *
dnn_late_new (DnnInference *inference, GError **error)
{
  const DnnGraph *graph = inference->graph;
  g_autofree guint8 *needed = g_new0 (guint8, graph->values->len + 1);
  g_autofree guint8 *roles = g_new0 (guint8, graph->nodes->len + 1);
  Split split = { inference, graph, needed, roles };
  DnnLate *self;

  if (!find_roles (&split) || !check_library (&split, error))
    return NULL;
  self = create_late (inference);
  make_head (self, &split);
  if (make_steps (self, &split, error) && settle_constants (self, error))
    return self;
  self->inference = NULL;
  dnn_late_free (self);
  return NULL;
}
