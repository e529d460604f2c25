/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Options and files → shapes of the inputs, or an error that names them. */
#include "config.h"

#include "tools/tensor-args.h"

#include <string.h>

#include "tools/npy.h"

static gchar *
list_inputs (DnnSerial *serial)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < dnn_serial_get_n_inputs (serial); i++)
    g_string_append_printf (
        text, "%s\"%s\"", i ? ", " : "", dnn_serial_get_input_name (serial, i));
  return g_string_free (text, FALSE);
}

gint
dnn_args_find_input (DnnSerial *serial, const gchar *option, const gchar *text,
    const gchar **rest, GError **error)
{
  const gchar *equals = strrchr (text, '=');
  g_autofree gchar *name = NULL;
  g_autofree gchar *list = NULL;

  if (!equals && dnn_serial_get_n_inputs (serial) == 1) {
    *rest = text;
    return 0;
  }
  list = list_inputs (serial);
  if (!equals) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "%s %s: expected NAME=… (inputs: %s)", option, text, list);
    return -1;
  }
  name = g_strndup (text, equals - text);
  for (guint i = 0; i < dnn_serial_get_n_inputs (serial); i++) {
    if (strcmp (dnn_serial_get_input_name (serial, i), name) == 0) {
      *rest = equals + 1;
      return i;
    }
  }
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "%s: \"%s\" is no input (inputs: %s)", option, name, list);
  return -1;
}

static gboolean
set_shape (DnnSerial *serial, guint idx, const DnnShape *given, DnnShape *shape,
    GError **error)
{
  g_autofree gchar *found = NULL;
  g_autofree gchar *expected = NULL;

  if (dnn_shape_compatible (given, shape)) {
    *shape = *given;
    return TRUE;
  }
  found = dnn_shape_to_string (given);
  expected = dnn_shape_to_string (shape);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "input \"%s\": shape %s given; the model has %s",
      dnn_serial_get_input_name (serial, idx), found, expected);
  return FALSE;
}

/* An input that is last frame's output: it has the shape of that. */
static gboolean
is_state (DnnSerial *serial, const gchar *text)
{
  const gchar *equals = strrchr (text, '=');
  g_autofree gchar *name = g_strndup (text, equals ? equals - text : 0);

  for (guint i = 0; i < dnn_serial_get_n_instances (serial); i++)
    if (dnn_module_find_state (
            dnn_instance_get_module (dnn_serial_get_instance (serial, i)),
            name) >= 0)
      return TRUE;
  return FALSE;
}

static gboolean
apply_shape_option (
    DnnSerial *serial, const gchar *text, DnnShape *shapes, GError **error)
{
  const gchar *rest = NULL;
  DnnShape given;
  gint idx;

  if (is_state (serial, text) &&
      dnn_shape_parse (strrchr (text, '=') + 1, &given))
    return TRUE;
  idx = dnn_args_find_input (serial, "--shape", text, &rest, error);

  if (idx < 0)
    return FALSE;
  if (!dnn_shape_parse (rest, &given)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "--shape %s: \"%s\" is no shape such as 1,3,224,224", text, rest);
    return FALSE;
  }
  return set_shape (serial, idx, &given, &shapes[idx], error);
}

DnnShape *
dnn_args_get_shapes (DnnSerial *serial, const gchar *const *options,
    DnnTensor *const *tensors, GError **error)
{
  guint n = dnn_serial_get_n_inputs (serial);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    shapes[i] = dnn_serial_get_input_shape (serial, i);
  for (; options && *options; options++) {
    if (!apply_shape_option (serial, *options, shapes, error))
      return NULL;
  }
  for (guint i = 0; i < n; i++) {
    if (tensors && tensors[i] &&
        !set_shape (
            serial, i, dnn_tensor_get_shape (tensors[i]), &shapes[i], error))
      return NULL;
    if (!dnn_shape_is_known (&shapes[i])) {
      g_autofree gchar *text = dnn_shape_to_string (&shapes[i]);
      g_set_error (error, DNN_ERROR, DNN_ERROR_NEEDS_SHAPE,
          "input \"%s\" has the open shape %s; give it with --shape %s=…",
          dnn_serial_get_input_name (serial, i), text,
          dnn_serial_get_input_name (serial, i));
      return NULL;
    }
  }
  return g_steal_pointer (&shapes);
}

/* ---- loading ------------------------------------------------------------- */

/* "NAME=FILE.npy" → "NAME=1,3,8,8"; NULL where that isn't to be had. */
static gchar *
describe_input (const gchar *text, gboolean has_frames)
{
  const gchar *equals = strrchr (text, '=');
  g_autoptr (DnnTensor)
      tensor = dnn_npy_read (equals ? equals + 1 : text, NULL);
  const DnnShape *shape;
  GString *word;

  if (!tensor)
    return NULL;
  shape = dnn_tensor_get_shape (tensor);
  if (shape->rank <= (has_frames ? 1 : 0))
    return NULL;
  word = g_string_new_len (text, equals ? equals + 1 - text : 0);
  for (gint i = has_frames ? 1 : 0; i < shape->rank; i++)
    g_string_append_printf (word, "%s%" G_GINT64_FORMAT,
        i > (has_frames ? 1 : 0) ? "," : "", shape->dims[i]);
  return g_string_free (word, FALSE);
}

static gchar **
collect_shapes (
    const gchar *const *shapes, const gchar *const *inputs, gboolean has_frames)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  for (; inputs && *inputs; inputs++) {
    g_autofree gchar *word = describe_input (*inputs, has_frames);
    if (word)
      g_strv_builder_add (words, word);
  }
  for (; shapes && *shapes; shapes++)
    g_strv_builder_add (words, *shapes);
  return g_strv_builder_end (words);
}

/* What can't follow shapes (it is compiled, or they don't fit, which is told
 * later) is read without. */
DnnPipelineConfig *
dnn_args_load (const gchar *path, const DnnCompileOptions *options,
    const gchar *const *shapes, const gchar *const *inputs, gboolean has_frames,
    GError **error)
{
  g_auto (GStrv) words = collect_shapes (shapes, inputs, has_frames);
  DnnCompileOptions with_shapes = *options;
  DnnPipelineConfig *config = NULL;

  with_shapes.shapes = (const gchar *const *) words;
  if (words[0])
    config = dnn_load_pipeline (path, &with_shapes, NULL);
  return config ? config : dnn_load_pipeline (path, options, error);
}
