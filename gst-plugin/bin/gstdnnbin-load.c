/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Properties of dnnbin → the configuration that they ask for. Next:
 * gstdnnbin-plan.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-load.h"

#include "compiler/dnn-compiler.h"

void
gst_dnn_bin_settings_clear (GstDnnBinSettings *settings)
{
  g_free (settings->config_path);
  g_free (settings->model);
  g_free (settings->shape);
  g_free (settings->cuts);
  g_free (settings->precision);
  g_free (settings->instances);
  g_clear_object (&settings->configuration);
}

static gboolean
is_set (const gchar *text)
{
  return text != NULL && *text != '\0';
}

/* The parts of a list, without the blanks around them. */
static GStrv
split_list (const gchar *text, const gchar *separator)
{
  GStrv words;

  if (!is_set (text))
    return NULL;
  words = g_strsplit (text, separator, -1);
  for (guint i = 0; words[i] != NULL; i++)
    g_strstrip (words[i]);
  return words;
}

static gboolean
check_settings (const GstDnnBinSettings *settings, GError **error)
{
  gboolean has_config = is_set (settings->config_path);
  gboolean has_model = is_set (settings->model);

  if (settings->configuration != NULL && (has_config || has_model))
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "configuration and %s (%s) are both set; only one was expected",
        has_config ? "config" : "model",
        has_config ? settings->config_path : settings->model);
  else if (settings->configuration != NULL)
    return TRUE;
  else if (!has_config && !has_model)
    g_set_error_literal (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "Neither config (a pipeline configuration or compiled folder) nor "
        "model (an ONNX file) is set");
  else if (has_config && has_model)
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "config (%s) and model (%s) are both set; only one was expected",
        settings->config_path, settings->model);
  else if (has_config && (is_set (settings->cuts) || settings->stages > 1))
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "cuts and stages are for an ONNX file (model); the stages of %s are "
        "made already",
        settings->config_path);
  else if (settings->stages > 1 && !is_set (settings->cuts))
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "stages is %d, but where to cut is not said: set cuts to the names of "
        "the tensors between stages",
        settings->stages);
  else
    return TRUE;
  return FALSE;
}

const gchar *
gst_dnn_bin_settings_get_file (const GstDnnBinSettings *settings)
{
  return is_set (settings->model) ? settings->model : settings->config_path;
}

DnnPipelineConfig *
gst_dnn_bin_load (const GstDnnBinSettings *settings, GError **error)
{
  g_auto (GStrv) cuts = split_list (settings->cuts, ",");
  g_auto (GStrv) shapes = split_list (settings->shape, ";");
  DnnCompileOptions options = {
    .cuts = (const gchar *const *) cuts,
    .shapes = (const gchar *const *) shapes,
  };
  g_autoptr (DnnPipelineConfig) config = NULL;
  guint n_stages;

  if (!check_settings (settings, error))
    return NULL;
  if (settings->configuration != NULL) {
    if (!dnn_pipeline_config_check (settings->configuration, error))
      return NULL;
    return g_object_ref (settings->configuration);
  }
  config = dnn_load_pipeline (
      gst_dnn_bin_settings_get_file (settings), &options, error);
  if (config == NULL)
    return NULL;
  n_stages = dnn_pipeline_config_get_stages (config)->len;
  if (settings->stages > 1 && n_stages != (guint) settings->stages) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "stages is %d, but cuts \"%s\" make %u stages", settings->stages,
        settings->cuts, n_stages);
    return NULL;
  }
  return g_steal_pointer (&config);
}
