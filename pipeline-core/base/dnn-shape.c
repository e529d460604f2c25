/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Dimensions ↔ text; counting elements within the limits. */
#include "config.h"

#include "pipeline-core/base/dnn-shape.h"

#include <stdarg.h>
#include <string.h>

static gpointer
copy_shape (gpointer shape)
{
  return g_memdup2 (shape, sizeof (DnnShape));
}

G_DEFINE_BOXED_TYPE (DnnShape, dnn_shape, copy_shape, g_free)

DnnShape
dnn_shape (gint rank, ...)
{
  DnnShape shape = { .rank = rank };
  va_list args;

  g_assert (rank <= DNN_MAX_RANK);
  va_start (args, rank);
  for (gint i = 0; i < rank; i++)
    shape.dims[i] = va_arg (args, gint);
  va_end (args);
  return shape;
}

DnnShape
dnn_shape_of (gint rank, const gint64 *dims)
{
  DnnShape shape = { .rank = rank };

  g_assert (rank <= DNN_MAX_RANK);
  for (gint i = 0; i < rank; i++)
    shape.dims[i] = dims[i];
  return shape;
}

gboolean
dnn_shape_equal (const DnnShape *a, const DnnShape *b)
{
  if (a->rank != b->rank)
    return FALSE;
  for (gint i = 0; i < a->rank; i++) {
    if (a->dims[i] != b->dims[i])
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_shape_is_known (const DnnShape *shape)
{
  for (gint i = 0; i < shape->rank; i++) {
    if (shape->dims[i] < 0)
      return FALSE;
  }
  return shape->rank >= 0;
}

gboolean
dnn_shape_compatible (const DnnShape *a, const DnnShape *b)
{
  if (a->rank < 0 || b->rank < 0)
    return TRUE;
  if (a->rank != b->rank)
    return FALSE;
  for (gint i = 0; i < a->rank; i++) {
    if (a->dims[i] >= 0 && b->dims[i] >= 0 && a->dims[i] != b->dims[i])
      return FALSE;
  }
  return TRUE;
}

gint64
dnn_shape_n_least (const DnnShape *shape)
{
  gint64 n = 1;

  for (gint i = 0; i < shape->rank; i++) {
    gint64 dim = MAX (shape->dims[i], 1);
    if (n > DNN_MAX_TENSOR_BYTES / dim)
      return -1;
    n *= dim;
  }
  return n;
}

gint64
dnn_shape_n_elements (const DnnShape *shape)
{
  gint64 n = dnn_shape_n_least (shape);

  if (n < 0 || !dnn_shape_is_known (shape))
    return -1;
  for (gint i = 0; i < shape->rank; i++)
    if (shape->dims[i] == 0)
      return 0;
  return n;
}

gchar *
dnn_shape_to_string (const DnnShape *shape)
{
  GString *text = g_string_new (NULL);

  if (shape->rank < 0)
    g_string_append (text, "unknown rank");
  else if (shape->rank == 0)
    g_string_append (text, "scalar");
  for (gint i = 0; i < shape->rank; i++) {
    if (i > 0)
      g_string_append (text, "×");
    if (shape->dims[i] < 0)
      g_string_append_c (text, '?');
    else
      g_string_append_printf (text, "%" G_GINT64_FORMAT, shape->dims[i]);
  }
  return g_string_free (text, FALSE);
}

static gboolean
parse_dim (const gchar *text, gint64 *dim)
{
  if (strcmp (text, "?") == 0 || strcmp (text, "-1") == 0) {
    *dim = DNN_DIM_OPEN;
    return TRUE;
  }
  return g_ascii_string_to_signed (
      text, 10, 0, DNN_MAX_TENSOR_BYTES, dim, NULL);
}

gboolean
dnn_shape_parse (const gchar *text, DnnShape *shape)
{
  g_auto (GStrv) parts = NULL;
  guint n;

  shape->rank = 0;
  if (strcmp (text, "scalar") == 0)
    return TRUE;
  parts = g_strsplit_set (text, ",x", -1);
  n = g_strv_length (parts);
  if (n == 0 || n > DNN_MAX_RANK)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    if (!parse_dim (g_strstrip (parts[i]), &shape->dims[i]))
      return FALSE;
  }
  shape->rank = n;
  return TRUE;
}
