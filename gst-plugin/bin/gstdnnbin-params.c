/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Param group and params → an update for each of its modules, which all take
 * theirs at the same frame. Next: gstdnnpending.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-params.h"

#include "gst-plugin/module/gstdnnmodule.h"
#include "pipeline-core/config/dnn-pipeline-params.h"

/* What one module is to take. */
typedef struct
{
  GstDnnModule *module;
  GstDnnUpdates *updates; /* (nullable) */
} Change;

static void
clear_change (gpointer data)
{
  Change *change = data;

  g_clear_pointer (&change->updates, gst_dnn_updates_free);
}

static gboolean
prepare_module (const GstDnnBinParts *parts, const DnnModuleParams *part,
    GArray *changes, GError **error)
{
  Change change = { NULL, NULL };

  change.module = g_hash_table_lookup (
      parts->modules, GINT_TO_POINTER (part->mod_idx));
  change.updates = gst_dnn_module_make_updates (
      change.module, part->params, error);
  if (change.updates == NULL)
    return FALSE;
  g_array_append_val (changes, change);
  return TRUE;
}

/* No frame enters meanwhile. */
static void
hand_over (guint64 last, gpointer data)
{
  GArray *changes = data;

  for (guint i = 0; i < changes->len; i++) {
    Change *change = &g_array_index (changes, Change, i);
    gst_dnn_module_add_updates (
        change->module, last, g_steal_pointer (&change->updates));
  }
}

gboolean
gst_dnn_bin_set_params (const GstDnnBinParts *parts, DnnPipelineConfig *config,
    const gchar *group, DnnParams *params, guint64 last, GError **error)
{
  g_autoptr (GArray)
      split = dnn_pipeline_config_split_params (config, group, params, error);
  g_autoptr (GArray) changes = NULL;

  if (split == NULL)
    return FALSE;
  changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_set_clear_func (changes, clear_change);
  for (guint i = 0; i < split->len; i++)
    if (!prepare_module (parts, &g_array_index (split, DnnModuleParams, i),
            changes, error)) {
      g_prefix_error (error, "Param group \"%s\": ", group);
      return FALSE;
    }
  gst_dnn_entrance_divide (parts->entrance, last, hand_over, changes);
  return TRUE;
}
