/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MODEL.onnx and the tensor to cut it at → two modules that work on successive
 * frames at the same time, and the first number of each frame's output.
 *
 *   cc pipeline.c $(pkg-config --cflags --libs gstdnn-1.0) */
#include <compiler/dnn-compiler.h>
#include <gst-plugin/executor/gstdnnexecutor.h>

#define N_FRAMES 5

static DnnPipelineConfig *
make_config (const gchar *path, const gchar *cut, GError **error)
{
  const gchar *cuts[] = { cut, NULL };
  g_autoptr (DnnPipelineConfig)
      split = dnn_compile_model (path, cuts, NULL, NULL, error);
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  DnnPipelineModule *place[2];

  if (!split)
    return NULL;
  for (gint i = 0; i < 2; i++)
    place[i] = dnn_pipeline_config_get_module (config,
        dnn_pipeline_module_get_module (
            dnn_pipeline_config_get_module_at (split, i)));
  if (!dnn_pipeline_interface_connect (
          dnn_pipeline_config_get_input (config, "data"),
          dnn_pipeline_module_get_input (place[0], "image", error), error) ||
      !dnn_pipeline_interface_connect (
          dnn_pipeline_module_get_output (place[0], 0, error),
          dnn_pipeline_module_get_input (place[1], cut, error), error) ||
      !dnn_pipeline_interface_connect (
          dnn_pipeline_module_get_output (place[1], 0, error),
          dnn_pipeline_config_get_output (config, 0), error))
    return NULL;
  return g_steal_pointer (&config);
}

static gboolean
run (DnnPipelineExecutor *executor, GError **error)
{
  DnnShape shape = dnn_shape (4, 1, 3, 192, 256);

  for (guint i = 0; i < N_FRAMES; i++) {
    g_autoptr (DnnTensor) frame = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
    ((gfloat *) dnn_tensor_get_writable_data (frame))[0] = (gfloat) i;
    if (!dnn_pipeline_executor_set_input (executor, "data", frame, error) ||
        !dnn_pipeline_executor_run (executor, error))
      return FALSE;
  }
  for (guint i = 0; i < N_FRAMES; i++) {
    g_autoptr (GPtrArray)
        outputs = dnn_pipeline_executor_wait_output (executor, -1, error);
    if (!outputs)
      return FALSE;
    g_print ("frame %u: %g\n", i,
        ((const gfloat *) dnn_tensor_get_data (outputs->pdata[0]))[0]);
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (argc == 3, 2);
  config = make_config (argv[1], argv[2], &error);
  executor = config ? dnn_pipeline_executor_new (config, &error) : NULL;
  if (executor && run (executor, &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
