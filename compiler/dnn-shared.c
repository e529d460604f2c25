/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Path of an ONNX model and options → a new DnnPipelineConfig of modules that
 * are compiled already, where somebody holds them. Next: dnn-compile.c. */
#include "config.h"

#include "compiler/dnn-shared.h"

#include "pipeline-core/config/dnn-pipeline-config-private.h"
#include "pipeline-core/plan/dnn-module-share.h"

typedef struct
{
  const gchar *path;
  const DnnCompileOptions *options; /* (nullable) */
} Source;

static GPtrArray *
make (gpointer data, gpointer *extra, GError **error)
{
  const Source *source = data;
  g_autoptr (DnnPipelineConfig)
      config = dnn_compile_file (source->path, source->options, error);
  const GPtrArray *stages;
  GPtrArray *modules;

  if (!config)
    return NULL;
  stages = dnn_pipeline_config_get_stages (config);
  modules = g_ptr_array_new_with_free_func (g_object_unref);
  for (gint i = 0; i < (gint) stages->len; i++) {
    const DnnStage *stage = dnn_pipeline_config_get_stage (config, i);
    g_ptr_array_add (modules, g_object_ref (stage->module));
  }
  *extra = dnn_pipeline_config_get_shape (config);
  return modules;
}

static gpointer
use (gpointer data, GPtrArray *modules, gpointer extra, GError **error)
{
  const Source *source = data;
  const gchar *precision = source->options ? source->options->precision : NULL;
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();

  for (guint i = 0; i < modules->len; i++) {
    DnnStage *stage = dnn_pipeline_config_add_module (
        config, (gint) i, modules->pdata[i]);
    g_free (stage->precision);
    stage->precision = g_strdup (precision);
  }
  if (!dnn_pipeline_config_set_shape (config, extra, error))
    return NULL;
  return g_steal_pointer (&config);
}

static void
add_words (GString *key, const gchar *what, const gchar *const *words)
{
  for (; words && *words; words++)
    g_string_append_printf (key, "\n%s %s", what, *words);
}

static gchar *
make_key (const gchar *path, const DnnCompileOptions *options)
{
  g_autofree gchar *info_path = g_strconcat (path, ".modelinfo", NULL);
  g_autofree gchar *model = dnn_module_share_key (path);
  g_autofree gchar *info = dnn_module_share_key (info_path);
  GString *key = g_string_new (NULL);

  g_string_append_printf (key, "model %s\n%s", model, info);
  if (options) {
    add_words (key, "cut", options->cuts);
    add_words (key, "shape", options->shapes);
    if (options->precision)
      g_string_append_printf (key, "\nprecision %s", options->precision);
    if (options->dump_passes)
      g_string_append_printf (key, "\ndump %s", options->dump_passes);
    if (options->no_states)
      g_string_append (key, "\nno states");
    if (options->no_optimise)
      g_string_append (key, "\nas it is");
  }
  return g_string_free (key, FALSE);
}

DnnPipelineConfig *
dnn_shared_pipeline (
    const gchar *path, const DnnCompileOptions *options, GError **error)
{
  static const DnnModuleShare share = { make,
    (GDestroyNotify) dnn_pipeline_shape_free, use };
  Source source = { path, options };
  g_autofree gchar *key = make_key (path, options);

  return dnn_module_share (key, &share, &source, error);
}
