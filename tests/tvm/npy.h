/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NumPy's files of float32 → numbers. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gfloat *data;
  gsize n; /* of all numbers */
  gsize first; /* of the first dimension */
} Npy;

/* Asserts that @path is such a file, row-major. */
Npy *npy_read (const gchar *path);
void npy_free (Npy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Npy, npy_free)

G_END_DECLS
