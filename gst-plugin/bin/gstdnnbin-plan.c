/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bindings → branches with their queue depths; settings of the stages, and of
 * those that have none. Next: gstdnnbin-build.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-plan.h"

#include "gst-plugin/module/gstdnninstances.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "pipeline-core/base/dnn-threads.h"

#define DEFAULT_QUEUE_DEPTH 2

static void
free_branch (gpointer data)
{
  GstDnnBranch *branch = data;

  g_array_unref (branch->picks);
  g_free (branch);
}

static void
free_node (gpointer data)
{
  GstDnnNode *node = data;

  g_ptr_array_unref (node->branches);
  g_free (node->name);
  g_free (node);
}

void
gst_dnn_bin_plan_free (GstDnnBinPlan *self)
{
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->output);
  g_object_unref (self->config);
  g_free (self);
}

static GstDnnNode *
add_node (GstDnnBinPlan *self, gchar *name)
{
  GstDnnNode *node = g_new0 (GstDnnNode, 1);

  node->name = name;
  node->branches = g_ptr_array_new_with_free_func (free_branch);
  g_ptr_array_add (self->nodes, node);
  return node;
}

/* --- bindings --- */

/* Node and tensor that a binding begins at. */
static void
find_source (
    const GstDnnBinPlan *self, const DnnInterface *src, guint *node, guint *idx)
{
  const GPtrArray *inputs = dnn_pipeline_config_get_inputs (self->config);
  const GPtrArray *stages = dnn_pipeline_config_get_stages (self->config);

  *node = 0;
  *idx = 0;
  if (src->kind == DNN_INTERFACE_GLOBAL_INPUT) {
    while (!g_str_equal (inputs->pdata[*node], src->name))
      (*node)++;
    return;
  }
  while (((const DnnStage *) stages->pdata[*node])->mod_idx != src->mod_idx)
    (*node)++;
  *node += self->n_inputs;
  *idx = (guint) src->index;
}

/* Appends a tensor: to the last branch if it comes from the same source. */
static void
add_pick (GstDnnBinPlan *self, GPtrArray *branches, const DnnInterface *src)
{
  GstDnnBranch *branch = branches->len > 0 ? branches->pdata[branches->len - 1]
                                           : NULL;
  guint source, idx;

  find_source (self, src, &source, &idx);
  if (branch == NULL || branch->source != source) {
    branch = g_new0 (GstDnnBranch, 1);
    branch->source = source;
    branch->picks = g_array_new (FALSE, FALSE, sizeof (guint));
    g_ptr_array_add (branches, branch);
    ((GstDnnNode *) self->nodes->pdata[source])->n_uses++;
  }
  g_array_append_val (branch->picks, idx);
}

/* The binding that ends there. */
static const DnnBind *
find_binding (const GstDnnBinPlan *self, DnnInterfaceKind kind, gint mod_idx,
    const gchar *name, gint idx)
{
  const GPtrArray *bindings = dnn_pipeline_config_get_bindings (self->config);

  for (guint i = 0; i < bindings->len; i++) {
    const DnnBind *binding = bindings->pdata[i];
    if (binding->dst.kind != kind)
      continue;
    if (kind == DNN_INTERFACE_GLOBAL_OUTPUT ? binding->dst.index == idx
                                            : binding->dst.mod_idx == mod_idx &&
                g_str_equal (binding->dst.name, name))
      return binding;
  }
  return NULL;
}

/* Binding of input @idx of a stage; NULL behind the last. */
static const DnnBind *
find_input (const GstDnnBinPlan *self, const DnnStage *stage, guint idx)
{
  g_autofree gchar *number = g_strdup_printf ("%u", idx);
  const gchar *name = number;

  if (stage->module != NULL) {
    if (idx >= dnn_module_get_n_inputs (stage->module))
      return NULL;
    name = dnn_module_get_input_name (stage->module, idx);
  }
  return find_binding (
      self, DNN_INTERFACE_MODULE_INPUT, stage->mod_idx, name, 0);
}

static gboolean
check_width (const GPtrArray *branches, const gchar *what, const gchar *name,
    GError **error)
{
  guint n_tensors = 0;

  for (guint i = 0; i < branches->len; i++)
    n_tensors += ((const GstDnnBranch *) branches->pdata[i])->picks->len;
  if (n_tensors <= GST_DNN_MAX_TENSORS)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "%s%s: %u tensors on one link, which carries at most %d", what, name,
      n_tensors, GST_DNN_MAX_TENSORS);
  return FALSE;
}

/* Longest way to its sources, and queues that hold as many frames as a longer
 * way beside them does. */
static guint
set_depths (const GstDnnBinPlan *self, GPtrArray *branches, gint queue_depth)
{
  guint depth = queue_depth > 0 ? (guint) queue_depth : DEFAULT_QUEUE_DEPTH;
  guint level = 0;

  for (guint i = 0; i < branches->len; i++) {
    const GstDnnBranch *branch = branches->pdata[i];
    level = MAX (
        level, ((GstDnnNode *) self->nodes->pdata[branch->source])->level + 1);
  }
  for (guint i = 0; i < branches->len; i++) {
    GstDnnBranch *branch = branches->pdata[i];
    guint skipped = level - 1 -
        ((GstDnnNode *) self->nodes->pdata[branch->source])->level;
    branch->depth = skipped > 0 ? (skipped + 1) * (depth + 1) : depth;
  }
  return level;
}

/* --- stages --- */

static gboolean
check_stage (const DnnStage *stage, GError **error)
{
  guint n_outputs = stage->module != NULL
      ? dnn_module_get_n_outputs (stage->module)
      : 0;

  if (stage->dev_type != kDLCPU) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "module %d: dev is \"%d,%d\"; only the CPU (\"%d,0\") runs",
        stage->mod_idx, stage->dev_type, stage->dev_id, kDLCPU);
    return FALSE;
  }
  if (!dnn_threads_check_affinity (stage->cpu_affinity, error)) {
    g_prefix_error (error, "module %d: ", stage->mod_idx);
    return FALSE;
  }
  if (stage->module == NULL && stage->instances > 1) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "module %d: instances is %d, but the stage is an element (%s), of "
        "which there is 1",
        stage->mod_idx, stage->instances, stage->element);
    return FALSE;
  }
  if (n_outputs > GST_DNN_MAX_TENSORS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "module %d: %u outputs on one link, which carries at most %d",
        stage->mod_idx, n_outputs, GST_DNN_MAX_TENSORS);
    return FALSE;
  }
  return TRUE;
}

/* What it says, or what holds for those that don't. */
static gboolean
set_workforce (
    GstDnnNode *node, const GstDnnBinDefaults *defaults, GError **error)
{
  const DnnStage *stage = node->stage;
  GstDnnWorkforce workforce = { .cpu_affinity = stage->cpu_affinity,
    .max_in_flight = defaults->max_in_flight };

  node->threads = stage->threads > 0 ? stage->threads : defaults->threads;
  node->instances = stage->instances != 0 ? stage->instances
                                          : defaults->instances;
  workforce.instances = node->instances;
  if (gst_dnn_workforce_check (&workforce, stage->module, error))
    return TRUE;
  g_prefix_error (error, "module %s: ", node->name);
  return FALSE;
}

static gboolean
add_stage (GstDnnBinPlan *self, const DnnStage *stage,
    const GstDnnBinDefaults *defaults, GError **error)
{
  GstDnnNode *node;
  const DnnBind *binding;

  if (!check_stage (stage, error))
    return FALSE;
  node = add_node (self, g_strdup_printf ("%d", stage->mod_idx));
  node->stage = stage;
  if (stage->module != NULL) {
    node->n_tensors = dnn_module_get_n_outputs (stage->module);
    if (!set_workforce (node, defaults, error))
      return FALSE;
  }
  for (guint i = 0; (binding = find_input (self, stage, i)) != NULL; i++)
    add_pick (self, node->branches, &binding->src);
  node->level = set_depths (self, node->branches, stage->queue_depth);
  return check_width (node->branches, "inputs of module ", node->name, error);
}

GstDnnBinPlan *
gst_dnn_bin_plan_new (DnnPipelineConfig *config,
    const GstDnnBinDefaults *defaults, GError **error)
{
  g_autoptr (GstDnnBinPlan) self = g_new0 (GstDnnBinPlan, 1);
  const GPtrArray *stages;

  self->config = g_object_ref (config);
  self->max_in_flight = defaults->max_in_flight;
  self->nodes = g_ptr_array_new_with_free_func (free_node);
  self->output = g_ptr_array_new_with_free_func (free_branch);
  if (!dnn_pipeline_config_check (config, error))
    return NULL;
  self->n_inputs = dnn_pipeline_config_get_inputs (config)->len;
  for (guint i = 0; i < self->n_inputs; i++)
    add_node (self, g_strdup_printf ("in%u", i))->n_tensors = 1;
  stages = dnn_pipeline_config_get_stages (config);
  for (guint i = 0; i < stages->len; i++)
    if (!add_stage (self, stages->pdata[i], defaults, error))
      return NULL;
  for (guint i = 0; i < dnn_pipeline_config_get_n_outputs (config); i++)
    add_pick (self, self->output,
        &find_binding (self, DNN_INTERFACE_GLOBAL_OUTPUT, 0, NULL, (gint) i)
             ->src);
  set_depths (self, self->output, 0);
  if (!check_width (self->output, "global outputs", "", error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
gst_dnn_bin_plan_is_direct (
    const GstDnnBinPlan *self, const GPtrArray *branches)
{
  const GstDnnBranch *branch = branches->pdata[0];
  const GstDnnNode *node = self->nodes->pdata[branch->source];

  if (branches->len != 1 || branch->picks->len != node->n_tensors)
    return FALSE;
  for (guint i = 0; i < branch->picks->len; i++)
    if (g_array_index (branch->picks, guint, i) != i)
      return FALSE;
  return TRUE;
}
