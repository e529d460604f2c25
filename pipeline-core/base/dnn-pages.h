/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory that lies in a file: pages that can be given back to the kernel and
 * come again when they are read. For constants that are read seldom. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Smaller tensors are not worth a file. */
#define DNN_PAGES_MIN ((gsize) 64 << 10)

/* Zeroed memory in a file that has no name, in the folder TMPDIR says or else
 * /var/tmp; NULL where none can be had (no folder, no room). */
gpointer dnn_pages_alloc (gsize size);
void dnn_pages_free (gpointer memory, gsize size);

/* Gives back the whole pages in these bytes, which must lie in a file: mapped
 * read-only, or of dnn_pages_alloc(). Any thread, also while they are read. */
void dnn_pages_release (gconstpointer bytes, gsize size);

/* Out of a mapped file that may shrink meanwhile: FALSE, and no signal, where
 * @src has no bytes there any more. @dst is the caller's own memory. */
gboolean dnn_pages_copy (gpointer dst, gconstpointer src, gsize size);

/* Bytes of the heap in use by the whole process; 0 where the C library doesn't
 * say. The difference before and behind some work is what that holds, give or
 * take what other threads did. */
gsize dnn_pages_get_heap (void);

/* Gives heap that is free back to the kernel. Takes milliseconds. */
void dnn_pages_trim_heap (void);

G_END_DECLS
