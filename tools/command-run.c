/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model + NumPy files → NumPy files. */
#include "config.h"

#include "tools/command.h"

#include <stdlib.h>
#include <string.h>

#include "tools/npy.h"
#include "tools/target-args.h"
#include "tools/tensor-args.h"

typedef struct
{
  DnnSerial *serial;
  DnnTensor **inputs; /* by global input */
  DnnTensor **outputs;
  guint n_inputs, n_outputs;
  gboolean is_model; /* outputs keep their names */
} Run;

static void
clear_run (Run *run)
{
  for (guint i = 0; run->inputs && i < run->n_inputs; i++)
    g_clear_pointer (&run->inputs[i], dnn_tensor_unref);
  for (guint i = 0; run->outputs && i < run->n_outputs; i++)
    g_clear_pointer (&run->outputs[i], dnn_tensor_unref);
  g_free (run->inputs);
  g_free (run->outputs);
  g_clear_pointer (&run->serial, dnn_serial_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, clear_run)

static gboolean
read_input (Run *run, const gchar *text, GError **error)
{
  const gchar *path = NULL;
  gint idx = dnn_args_find_input (run->serial, "--input", text, &path, error);
  g_autoptr (DnnTensor) tensor = NULL;
  DnnType type;

  if (idx < 0)
    return FALSE;
  tensor = dnn_npy_read (path, error);
  if (!tensor)
    return FALSE;
  type = dnn_serial_get_input_type (run->serial, idx);
  if (dnn_tensor_get_element_type (tensor) != type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "%s: elements are %s; input \"%s\" takes %s", path,
        dnn_type_name (dnn_tensor_get_element_type (tensor)),
        dnn_serial_get_input_name (run->serial, idx), dnn_type_name (type));
    return FALSE;
  }
  g_clear_pointer (&run->inputs[idx], dnn_tensor_unref);
  run->inputs[idx] = g_steal_pointer (&tensor);
  return TRUE;
}

static gboolean
read_inputs (Run *run, const gchar *const *inputs, GError **error)
{
  run->n_inputs = dnn_serial_get_n_inputs (run->serial);
  run->inputs = g_new0 (DnnTensor *, MAX (run->n_inputs, 1));
  for (; inputs && *inputs; inputs++) {
    if (!read_input (run, *inputs, error))
      return FALSE;
  }
  for (guint i = 0; i < run->n_inputs; i++) {
    if (!run->inputs[i]) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNBOUND,
          "input \"%s\" is not given (--input %s=FILE.npy)",
          dnn_serial_get_input_name (run->serial, i),
          dnn_serial_get_input_name (run->serial, i));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
compute (Run *run, const gchar *const *shape_options, GError **error)
{
  g_autofree DnnShape *shapes = dnn_args_get_shapes (
      run->serial, shape_options, run->inputs, error);
  g_autofree gconstpointer *src = NULL;
  g_autofree gpointer *dst = NULL;

  if (!shapes || !dnn_serial_prepare (run->serial, shapes, error))
    return FALSE;
  run->n_outputs = dnn_serial_get_n_outputs (run->serial);
  run->outputs = g_new0 (DnnTensor *, MAX (run->n_outputs, 1));
  src = g_new0 (gconstpointer, MAX (run->n_inputs, 1));
  dst = g_new0 (gpointer, MAX (run->n_outputs, 1));
  for (guint i = 0; i < run->n_inputs; i++)
    src[i] = dnn_tensor_get_data (run->inputs[i]);
  for (guint i = 0; i < run->n_outputs; i++) {
    run->outputs[i] = dnn_tensor_new (
        dnn_serial_get_output_type (run->serial, i),
        dnn_serial_get_output_shape (run->serial, i));
    dst[i] = dnn_tensor_get_writable_data (run->outputs[i]);
  }
  return dnn_serial_run (run->serial, src, dst, error);
}

static gboolean
write_outputs (Run *run, const gchar *dir, GError **error)
{
  if (g_mkdir_with_parents (dir, 0777) != 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%s: the folder cannot be made", dir);
    return FALSE;
  }
  for (guint i = 0; i < run->n_outputs; i++) {
    g_autofree gchar *file = run->is_model
        ? g_strdup_printf (
              "%s.npy", dnn_serial_get_output_name (run->serial, i))
        : g_strdup_printf ("output-%u.npy", i);
    g_autofree gchar *path = NULL;
    g_autofree gchar *shape = dnn_shape_to_string (
        dnn_tensor_get_shape (run->outputs[i]));

    path = g_build_filename (dir, g_strdelimit (file, "/", '_'), NULL);
    if (!dnn_npy_write (path, run->outputs[i], error))
      return FALSE;
    g_print ("%s %s %s\n", path,
        dnn_type_name (dnn_tensor_get_element_type (run->outputs[i])), shape);
  }
  return TRUE;
}

static gint
run_run (gint argc, gchar **argv)
{
  g_auto (GStrv) inputs = NULL;
  g_auto (GStrv) shapes = NULL;
  g_autofree gchar *output = NULL;
  gint threads = 0;
  g_auto (DnnTargetArgs) target_args = { 0 };
  DnnTarget target;
  const GOptionEntry entries[] = {
    { "input", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &inputs,
        "an input as NumPy file; once an input", "NAME=FILE.npy" },
    { "shape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &shapes,
        "shape of an input with open dimensions", "[NAME=]1,3,224,224" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
        "folder for one NumPy file an output (default: .)", "DIR" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
        "OpenMP threads, 0: as many as CPUs (default)", "N" },
    DNN_TARGET_ENTRIES (target_args),
    { NULL },
  };
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_auto (Run) run = { 0 };
  DnnCompileOptions options = { 0 };
  GError *error = NULL;

  if (!dnn_command_parse (&dnn_command_run, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  if (dnn_target_args_get (&target_args, threads, &target, &error))
    config = dnn_load_pipeline (argv[1], &options, &error);
  if (config)
    run.serial = dnn_serial_new_for_target (config, &target, &error);
  if (!run.serial)
    return dnn_command_fail (error);
  run.is_model = dnn_serial_get_n_instances (run.serial) == 1;
  if (!read_inputs (&run, (const gchar *const *) inputs, &error) ||
      !compute (&run, (const gchar *const *) shapes, &error) ||
      !write_outputs (&run, output ? output : ".", &error))
    return dnn_command_fail (error);
  return EXIT_SUCCESS;
}

const DnnCommand dnn_command_run = {
  "run",
  "DIR|MODEL.onnx",
  "run one frame from and to NumPy files",
  run_run,
};
