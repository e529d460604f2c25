/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineConfig → text for people, in the form that TVM printed. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config-private.h"

/* "mod1.data_n_0", "mod0.output(1)" */
static void
append_end (GString *out, const DnnInterface *end)
{
  if (end->kind == DNN_INTERFACE_MODULE_OUTPUT)
    g_string_append_printf (out, "mod%d.output(%d)", end->mod_idx, end->index);
  else if (end->kind == DNN_INTERFACE_GLOBAL_OUTPUT)
    g_string_append_printf (out, "output(%d)", end->index);
  else
    g_string_append_printf (out, "mod%d.%s", end->mod_idx, end->name);
}

/* "  |data_a: mod0:data_0 mod1:data_0" */
static void
append_group (
    GString *out, const GPtrArray *binds, DnnInterfaceKind kind, gchar *name)
{
  g_string_append_printf (out, "  |%s:", name);
  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind == kind && g_str_equal (bind->src.name, name))
      g_string_append_printf (out, " mod%d:%s", bind->dst.mod_idx,
          kind == DNN_INTERFACE_PARAM_GROUP ? "param" : bind->dst.name);
  }
  g_string_append_c (out, '\n');
}

static void
append_param_groups (GString *out, const GPtrArray *binds)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_PARAM_GROUP &&
        g_hash_table_add (seen, bind->src.name))
      append_group (out, binds, DNN_INTERFACE_PARAM_GROUP, bind->src.name);
  }
}

static gboolean
starts_at (const DnnBind *bind, const DnnBind *other)
{
  return bind->src.kind == other->src.kind &&
      bind->src.mod_idx == other->src.mod_idx &&
      bind->src.index == other->src.index &&
      bind->dst.kind == DNN_INTERFACE_MODULE_INPUT;
}

/* One line an output: all inputs that it feeds. */
static void
append_connections (GString *out, const GPtrArray *binds, gint mod_idx)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind != DNN_INTERFACE_MODULE_OUTPUT ||
        bind->src.mod_idx != mod_idx || !starts_at (bind, bind) ||
        !g_hash_table_add (seen, GINT_TO_POINTER (bind->src.index)))
      continue;
    g_string_append (out, "  |");
    append_end (out, &bind->src);
    g_string_append (out, "->");
    for (guint j = i; j < binds->len; j++) {
      if (!starts_at (binds->pdata[j], bind))
        continue;
      g_string_append_c (out, ' ');
      append_end (out, &((const DnnBind *) binds->pdata[j])->dst);
    }
    g_string_append_c (out, '\n');
  }
}

/* "  |mod0.output(1)=> mod0.state" */
static void
append_states (GString *out, const DnnStage *stage)
{
  guint n = stage->module ? dnn_module_get_n_states (stage->module) : 0;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "  |mod%d.output(%u)=> mod%d.%s\n",
        stage->mod_idx, dnn_module_get_state_output (stage->module, i),
        stage->mod_idx, dnn_module_get_state_name (stage->module, i));
}

/**
 * dnn_pipeline_config_to_string:
 *
 * Returns: (transfer full): param groups, global inputs, global outputs and
 *   the connections between modules, in topological order; states, which lead
 *   to the next frame, behind those of their module, with "=>"
 */
gchar *
dnn_pipeline_config_to_string (DnnPipelineConfig *self)
{
  GString *out = g_string_new ("Params\n");
  const GPtrArray *binds, *stages;

  dnn_pipeline_config_number_stages (self);
  binds = dnn_pipeline_config_get_bindings (self);
  stages = dnn_pipeline_config_get_stages (self);
  append_param_groups (out, binds);
  g_string_append (out, "\nInputs\n");
  for (guint i = 0; i < self->inputs->len; i++)
    append_group (
        out, binds, DNN_INTERFACE_GLOBAL_INPUT, self->inputs->pdata[i]);
  g_string_append (out, "\noutput\n");
  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->dst.kind != DNN_INTERFACE_GLOBAL_OUTPUT)
      continue;
    g_string_append (out, "  |");
    append_end (out, &bind->dst);
    g_string_append (out, " : ");
    append_end (out, &bind->src);
    g_string_append_c (out, '\n');
  }
  g_string_append (out, "\nconnections\n");
  for (guint i = 0; i < stages->len; i++) {
    const DnnStage *stage = stages->pdata[i];
    append_connections (out, binds, stage->mod_idx);
    append_states (out, stage);
  }
  return g_string_free (out, FALSE);
}
