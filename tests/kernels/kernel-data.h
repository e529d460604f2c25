/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory with guard bytes, filled by class, compared with tolerance. */
#pragma once

#include "pipeline-core/base/dnn-format.h"
#include "tests/kernels/kernel-row.h"

/* Bytes with a pattern around them and in them. */
typedef struct
{
  guint8 *memory;
  guint8 *data; /* 64-byte aligned */
  gsize size;
} Buffer;

Buffer *buffer_new (gsize size);
/* @shift bytes behind an address that is aligned to 64. */
Buffer *buffer_new_shifted (gsize size, gsize shift);
void buffer_free (Buffer *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Buffer, buffer_free)
/* The pattern around is whole. */
gboolean buffer_is_guarded (const Buffer *buffer);

/* Fills @input's plain bytes. */
void data_fill (
    const RowInput *input, RowClass klass, GRand *random, gpointer data);

/* Copies a tensor from one format to another. */
void data_convert (const DnnFormat *from, gconstpointer src,
    const DnnFormat *to, gpointer dst);

/* Fails with @what, the place and both values where plain @found differs from
 * @expected by more than @tolerance of the largest value. */
gboolean data_compare (DnnType type, const DnnShape *shape,
    gconstpointer expected, gconstpointer found, gdouble tolerance,
    const gchar *what);
