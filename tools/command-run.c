/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model + NumPy files → NumPy files: of one frame, or of many in a row. */
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
  GPtrArray *states; /* State *, owned: first values that were given */
  gboolean has_frames; /* the first dimension of files counts frames */
  gint64 n_frames; /* -1: not known yet */
  gint64 frame; /* the one that runs */
  DnnShape *shapes; /* by output: of one frame */
  gboolean is_model; /* outputs keep their names */
} Run;

/* What a state is at the first frame. */
typedef struct
{
  DnnInstance *instance;
  guint idx;
  DnnTensor *value;
} State;

static void
free_state (gpointer data)
{
  State *state = data;

  dnn_tensor_unref (state->value);
  g_free (state);
}

static void
clear_run (Run *run)
{
  for (guint i = 0; run->inputs && i < run->n_inputs; i++)
    g_clear_pointer (&run->inputs[i], dnn_tensor_unref);
  for (guint i = 0; run->outputs && i < run->n_outputs; i++)
    g_clear_pointer (&run->outputs[i], dnn_tensor_unref);
  g_free (run->inputs);
  g_free (run->outputs);
  g_free (run->shapes);
  g_clear_pointer (&run->states, g_ptr_array_unref);
  g_clear_pointer (&run->serial, dnn_serial_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, clear_run)

/* FALSE: it names no state. */
static gboolean
find_state (Run *run, const gchar *text, State *state, const gchar **path)
{
  const gchar *equals = strrchr (text, '=');
  g_autofree gchar *name = equals ? g_strndup (text, (gsize) (equals - text))
                                  : NULL;

  for (guint i = 0; name && i < dnn_serial_get_n_instances (run->serial); i++) {
    DnnInstance *instance = dnn_serial_get_instance (run->serial, i);
    gint idx = dnn_module_find_state (dnn_instance_get_module (instance), name);
    if (idx < 0)
      continue;
    *state = (State){ instance, (guint) idx, NULL };
    *path = equals + 1;
    return TRUE;
  }
  return FALSE;
}

static gboolean
read_state (Run *run, const State *found, const gchar *path, GError **error)
{
  State *state = NULL;
  DnnTensor *value = dnn_npy_read (path, error);

  if (!value)
    return FALSE;
  state = g_new (State, 1);
  *state = *found;
  state->value = value;
  g_ptr_array_add (run->states, state);
  return TRUE;
}

static void
unref_tensor (gpointer tensor)
{
  dnn_tensor_unref (tensor);
}

/* A file of frames → its first frame, which holds the file's bytes. */
static DnnTensor *
take_frames (Run *run, DnnTensor *file, const gchar *path, GError **error)
{
  g_autoptr (DnnTensor) owned = file;
  const DnnShape *shape = dnn_tensor_get_shape (file);
  DnnType type = dnn_tensor_get_element_type (file);
  DnnShape frame;

  if (shape->rank == 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "%s: a scalar has no frames: its first dimension was to count them",
        path);
    return NULL;
  }
  if (run->n_frames < 0)
    run->n_frames = shape->dims[0];
  if (shape->dims[0] != run->n_frames) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "%s: %" G_GINT64_FORMAT " frames; another file has %" G_GINT64_FORMAT,
        path, shape->dims[0], run->n_frames);
    return NULL;
  }
  frame = dnn_shape_of (shape->rank - 1, shape->dims + 1);
  return dnn_tensor_new_wrapped (type, &frame, dnn_tensor_get_data (file),
      unref_tensor, g_steal_pointer (&owned));
}

static gboolean
read_input (Run *run, const gchar *text, GError **error)
{
  State state;
  const gchar *path = NULL;
  g_autoptr (DnnTensor) tensor = NULL;
  g_autoptr (DnnTensor) narrow = NULL;
  DnnType type;
  gint idx;

  if (find_state (run, text, &state, &path))
    return read_state (run, &state, path, error);
  idx = dnn_args_find_input (run->serial, "--input", text, &path, error);
  if (idx < 0)
    return FALSE;
  tensor = dnn_npy_read (path, error);
  if (!tensor)
    return FALSE;
  type = dnn_serial_get_input_type (run->serial, idx);
  narrow = dnn_npy_narrow (tensor, type);
  if (!narrow) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "%s: elements are %s; input \"%s\" takes %s", path,
        dnn_type_name (dnn_tensor_get_element_type (tensor)),
        dnn_serial_get_input_name (run->serial, idx), dnn_type_name (type));
    return FALSE;
  }
  if (run->has_frames)
    narrow = take_frames (run, g_steal_pointer (&narrow), path, error);
  g_clear_pointer (&run->inputs[idx], dnn_tensor_unref);
  run->inputs[idx] = g_steal_pointer (&narrow);
  return run->inputs[idx] != NULL;
}

static gboolean
read_inputs (Run *run, const gchar *const *inputs, GError **error)
{
  run->n_inputs = dnn_serial_get_n_inputs (run->serial);
  run->inputs = g_new0 (DnnTensor *, MAX (run->n_inputs, 1));
  run->states = g_ptr_array_new_with_free_func (free_state);
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
set_states (Run *run, GError **error)
{
  for (guint i = 0; i < run->states->len; i++) {
    const State *state = run->states->pdata[i];
    if (!dnn_instance_set_state (
            state->instance, state->idx, state->value, error))
      return FALSE;
  }
  return TRUE;
}

/* Room for all frames of an output that is @frame in each. */
static gboolean
make_output (Run *run, guint idx, const DnnShape *frame, GError **error)
{
  DnnType type = dnn_serial_get_output_type (run->serial, idx);
  DnnShape shape = *frame;

  if (run->has_frames) {
    if (shape.rank == DNN_MAX_RANK) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
          "output \"%s\" has %d dimensions: one more, for frames, is too many",
          dnn_serial_get_output_name (run->serial, idx), shape.rank);
      return FALSE;
    }
    shape.rank++;
    shape.dims[0] = run->n_frames;
    memcpy (shape.dims + 1, frame->dims,
        (gsize) frame->rank * sizeof frame->dims[0]);
  }
  if (dnn_shape_n_elements (&shape) < 0) {
    g_autofree gchar *text = dnn_shape_to_string (&shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "output \"%s\" is %s: more than there is memory for",
        dnn_serial_get_output_name (run->serial, idx), text);
    return FALSE;
  }
  run->outputs[idx] = dnn_tensor_new (type, &shape);
  run->shapes[idx] = *frame;
  return TRUE;
}

/* All frames lie in one file: they must be alike. */
static gboolean
check_alike (Run *run, guint idx, const DnnShape *shape, GError **error)
{
  g_autofree gchar *now = NULL, *before = NULL;

  if (dnn_shape_equal (shape, &run->shapes[idx]))
    return TRUE;
  now = dnn_shape_to_string (shape);
  before = dnn_shape_to_string (&run->shapes[idx]);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "it is %s, but %s in frames before: they have no room in one file", now,
      before);
  return FALSE;
}

/* Where this frame's output goes. */
static gpointer
give_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  Run *run = user_data;
  gsize n = run->has_frames ? (gsize) run->n_frames : 1;

  if (!run->outputs[idx] && !make_output (run, idx, shape, error))
    return NULL;
  if (!check_alike (run, idx, shape, error))
    return NULL;
  return (guint8 *) dnn_tensor_get_writable_data (run->outputs[idx]) +
      (gsize) run->frame *
      (dnn_tensor_get_size (run->outputs[idx]) / MAX (n, 1));
}

static gboolean
run_frames (Run *run, gconstpointer *src, GError **error)
{
  gint64 n = run->has_frames ? MAX (run->n_frames, 0) : 1;

  for (run->frame = 0; run->frame < n; run->frame++) {
    for (guint i = 0; i < run->n_inputs; i++)
      src[i] = (const guint8 *) dnn_tensor_get_data (run->inputs[i]) +
          (gsize) run->frame * dnn_tensor_get_size (run->inputs[i]);
    if (dnn_serial_run_to (run->serial, src, give_output, run, NULL, error))
      continue;
    if (run->has_frames)
      g_prefix_error (error, "frame %" G_GINT64_FORMAT ": ", run->frame);
    return FALSE;
  }
  return TRUE;
}

/* Outputs whose shape is known are there even if no frame comes. */
static gboolean
make_outputs (Run *run, GError **error)
{
  run->n_outputs = dnn_serial_get_n_outputs (run->serial);
  run->outputs = g_new0 (DnnTensor *, MAX (run->n_outputs, 1));
  run->shapes = g_new0 (DnnShape, MAX (run->n_outputs, 1));
  for (guint i = 0; i < run->n_outputs; i++) {
    DnnShape shape = *dnn_serial_get_output_shape (run->serial, i);
    gboolean is_known = dnn_shape_is_known (&shape);
    if (run->has_frames && run->n_frames == 0 && !is_known) {
      for (gint j = 0; j < shape.rank; j++)
        shape.dims[j] = MAX (shape.dims[j], 0);
      shape.rank = MAX (shape.rank, 0);
      is_known = TRUE;
    }
    if (is_known && !make_output (run, i, &shape, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
compute (Run *run, const gchar *const *shape_options, GError **error)
{
  g_autofree DnnShape *shapes = dnn_args_get_shapes (
      run->serial, shape_options, run->inputs, error);
  g_autofree gconstpointer *src = NULL;

  if (!shapes || !dnn_serial_prepare (run->serial, shapes, error) ||
      !set_states (run, error))
    return FALSE;
  if (!make_outputs (run, error))
    return FALSE;
  src = g_new0 (gconstpointer, MAX (run->n_inputs, 1));
  return run_frames (run, src, error);
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
  gboolean frames = FALSE;
  g_auto (DnnTargetArgs) target_args = { 0 };
  DnnTarget target;
  const GOptionEntry entries[] = {
    { "input", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &inputs,
        "an input as NumPy file; once an input; of a state: its first value",
        "NAME=FILE.npy" },
    { "frames", 0, 0, G_OPTION_ARG_NONE, &frames,
        "the first dimension of each input's file counts frames, which run one "
        "after the other; that of outputs, too",
        NULL },
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
  g_auto (Run) run = { .n_frames = -1 };
  DnnCompileOptions options = { 0 };
  GError *error = NULL;

  if (!dnn_command_parse (&dnn_command_run, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  if (dnn_target_args_get (&target_args, threads, &target, &error))
    config = dnn_args_load (argv[1], &options, (const gchar *const *) shapes,
        (const gchar *const *) inputs, frames, &error);
  if (config)
    run.serial = dnn_serial_new_for_target (config, &target, &error);
  if (!run.serial)
    return dnn_command_fail (error);
  run.has_frames = frames;
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
  "run one frame, or many, from and to NumPy files",
  run_run,
};
