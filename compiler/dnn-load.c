/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Whatever a user names (ONNX model, compiled folder, configuration) →
 * DnnPipelineConfig or the one DnnModule of it, by content. */
#include "config.h"

#include "compiler/dnn-compile.h"

#include <string.h>

#include "compiler/dnn-shared.h"

#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-file.h"

/* How much of a file tells what it is. */
#define N_PROBE 256

static const guint8 params_magic[] = { 0xb7, 0x9c, 0x04, 0x05, 0x4f, 0x8d, 0xe5,
  0xf7 };

typedef enum
{
  CONTENT_ONNX, /* or nothing known: its reader says what is wrong */
  CONTENT_JSON,
  CONTENT_PARAMS,
} Content;

static gboolean
probe (const gchar *path, Content *content, GError **error)
{
  guint8 bytes[N_PROBE];
  gsize n = sizeof bytes, i = 0;

  if (!dnn_file_read_start (path, bytes, &n, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  while (i < n && g_ascii_isspace (bytes[i]))
    i++;
  *content = CONTENT_ONNX;
  if (i < n && (bytes[i] == '{' || bytes[i] == '['))
    *content = CONTENT_JSON;
  else if (n >= sizeof params_magic &&
      memcmp (bytes, params_magic, sizeof params_magic) == 0)
    *content = CONTENT_PARAMS;
  return TRUE;
}

gboolean
dnn_probe_model (const gchar *path, gboolean *is_model, GError **error)
{
  Content content = CONTENT_JSON;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && !probe (path, &content, error))
    return FALSE;
  *is_model = content == CONTENT_ONNX;
  return TRUE;
}

/* Options that only a model can follow. */
static gboolean
check_options (
    const gchar *path, const DnnCompileOptions *options, GError **error)
{
  gboolean cuts = options && options->cuts && options->cuts[0];
  gboolean shapes = options && options->shapes && options->shapes[0];

  if (!cuts && !shapes)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "%s: it is compiled already; %s can be given for an ONNX model only",
      path, cuts ? "cuts" : "shapes");
  return FALSE;
}

/**
 * dnn_load_pipeline:
 * @path: ONNX model, compiled folder, `config` file or single-file form
 * @options: (nullable): for an ONNX model; cuts and shapes are an error for
 *   what is compiled
 *
 * Returns: (transfer full): the configuration, or %NULL with the reader's
 *   error
 */
DnnPipelineConfig *
dnn_load_pipeline (
    const gchar *path, const DnnCompileOptions *options, GError **error)
{
  Content content = CONTENT_JSON;

  dnn_init ();
  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && !probe (path, &content, error))
    return NULL;
  if (content == CONTENT_ONNX)
    return dnn_shared_pipeline (path, options, error);
  if (content == CONTENT_PARAMS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "%s: this is a params file; give the folder or the configuration that "
        "names it",
        path);
    return NULL;
  }
  if (!check_options (path, options, error))
    return NULL;
  return dnn_pipeline_config_new_from_file (path, error);
}

/**
 * dnn_load_module:
 * @path: as for dnn_load_pipeline()
 * @options: (nullable): as there
 *
 * Returns: (transfer full): the module, or %NULL with the error of
 *   dnn_load_pipeline(), or VALUE where there isn't exactly one module
 */
DnnModule *
dnn_load_module (
    const gchar *path, const DnnCompileOptions *options, GError **error)
{
  g_autoptr (DnnPipelineConfig)
      config = dnn_load_pipeline (path, options, error);
  const GPtrArray *stages;
  const DnnStage *stage;

  if (!config)
    return NULL;
  stages = dnn_pipeline_config_get_stages (config);
  stage = stages->len > 0 ? stages->pdata[0] : NULL;
  if (stages->len == 1 && stage->module)
    return g_object_ref (stage->module);
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "%s: %u stages, expected one module: use dnnbin for a pipeline", path,
      stages->len);
  return NULL;
}
