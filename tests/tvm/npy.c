/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A file of numpy.save() → float32 numbers. */
#include "config.h"

#include "tests/tvm/npy.h"

#include <string.h>

Npy *
npy_read (const gchar *path)
{
  Npy *self = g_new0 (Npy, 1);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *bytes = NULL, *header = NULL;
  const gchar *shape;
  gsize size, start;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, >, 10);
  g_assert_cmpint (memcmp (bytes, "\x93NUMPY\x01", 7), ==, 0);
  start = 10 + (guint8) bytes[8] + 256 * (gsize) (guint8) bytes[9];
  g_assert_cmpuint (size, >=, start);
  header = g_strndup (bytes + 10, start - 10);
  g_assert_nonnull (strstr (header, "'descr': '<f4'"));
  g_assert_nonnull (strstr (header, "'fortran_order': False"));
  shape = strstr (header, "'shape': (");
  g_assert_nonnull (shape);
  self->first = g_ascii_strtoull (shape + strlen ("'shape': ("), NULL, 10);
  self->n = (size - start) / sizeof (gfloat);
  self->data = g_new (gfloat, self->n);
  memcpy (self->data, bytes + start, self->n * sizeof (gfloat));
  return self;
}

void
npy_free (Npy *self)
{
  g_free (self->data);
  g_free (self);
}
