/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MODEL.modelinfo → mean and scale of the first input.
 * Next: gstdnnpreprocess.c. */
#include "config.h"

#include "gst-plugin/video/gstdnnmodelinfo.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"

#define FILE_GROUP "modelinfo"

/* A file larger than this is none. */
#define MAX_BYTES (1 << 20)

void
gst_dnn_model_info_free (GstDnnModelInfo *self)
{
  g_free (self->input);
  g_free (self);
}

static gboolean
parse_number (const gchar *text, gdouble *value)
{
  gchar *end;

  *value = g_ascii_strtod (text, &end);
  while (g_ascii_isspace (*end))
    end++;
  return end != text && *end == '\0' && *value > -1e9 && *value < 1e9;
}

/* "min,max": (x - mean) · scale makes min of 0 and max of 255. */
static gboolean
parse_range (const gchar *text, gdouble *mean, gdouble *scale)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  gdouble min, max;

  if (g_strv_length (words) != 2 || !parse_number (words[0], &min) ||
      !parse_number (words[1], &max) || !(max > min))
    return FALSE;
  *scale = (max - min) / 255;
  *mean = -min / *scale;
  return TRUE;
}

static gboolean
parse_ranges (
    GstDnnModelInfo *self, const gchar *path, const gchar *text, GError **error)
{
  g_auto (GStrv) ranges = g_strsplit (text, ";", -1);

  for (guint i = 0; ranges[i] != NULL; i++) {
    if (*g_strstrip (ranges[i]) == '\0' && ranges[i + 1] == NULL)
      break;
    if (i == G_N_ELEMENTS (self->mean) ||
        !parse_range (ranges[i], &self->mean[i], &self->scale[i])) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
          "%s: [%s] ranges: \"%s\" was found; \"min,max\" for each of at most "
          "%u channels, separated by \";\", was expected",
          path, self->input, text, (guint) G_N_ELEMENTS (self->mean));
      return FALSE;
    }
    self->n_ranges++;
  }
  return TRUE;
}

/* The first section that describes an input. */
static gchar *
find_input (GKeyFile *file)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++) {
    g_autofree gchar *dir = g_key_file_get_string (
        file, groups[i], "dir", NULL);

    if (!g_str_equal (groups[i], FILE_GROUP) && g_strcmp0 (dir, "input") == 0)
      return g_strdup (groups[i]);
  }
  return NULL;
}

static gboolean
load_key_file (GKeyFile *file, const gchar *path, GError **error)
{
  gsize size;
  g_autofree gchar *text = dnn_file_read (path, MAX_BYTES, &size, error);

  if (text == NULL)
    return FALSE;
  if (!g_utf8_validate (text, size, NULL)) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_FORMAT, "It is no UTF-8 text");
    return FALSE;
  }
  return g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, error);
}

GstDnnModelInfo *
gst_dnn_model_info_new_from_file (const gchar *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GstDnnModelInfo) self = g_new0 (GstDnnModelInfo, 1);
  g_autoptr (GError) cause = NULL;
  g_autofree gchar *ranges = NULL;

  if (!load_key_file (file, path, &cause)) {
    g_set_error (error, DNN_ERROR,
        cause->domain == DNN_ERROR ? cause->code : DNN_ERROR_FORMAT,
        "%s: can't be read as model information: %s", path, cause->message);
    return NULL;
  }
  if (!g_key_file_has_group (file, FILE_GROUP)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "%s: has no section [" FILE_GROUP "], so is no model information",
        path);
    return NULL;
  }
  self->input = find_input (file);
  if (self->input != NULL)
    ranges = g_key_file_get_string (file, self->input, "ranges", NULL);
  if (ranges != NULL && !parse_ranges (self, path, ranges, error))
    return NULL;
  return g_steal_pointer (&self);
}
