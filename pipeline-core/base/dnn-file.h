/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Path of a user → bytes of a regular file, mapped or read; and back. Anything
 * else is refused at once: who opens a pipe or a device may wait for ever. The
 * errors say no path; callers put theirs in front. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* NULL with NOT_FOUND. The bytes of an empty file are NULL. */
DNN_API GMappedFile *dnn_file_map (const gchar *path, GError **error);

/* All of it, with a zero behind; NULL with NOT_FOUND, or LIMIT when there is
 * more than @max_bytes. */
DNN_API gchar *dnn_file_read (
    const gchar *path, guint64 max_bytes, gsize *length, GError **error);

/* Its first bytes, at most *@n, and how many those are; FALSE with
 * NOT_FOUND. */
DNN_API gboolean dnn_file_read_start (
    const gchar *path, guint8 *bytes, gsize *n, GError **error);

/* The file is replaced as a whole, or stays as it was; FALSE with FAILED. What
 * is there and no regular file isn't replaced: /dev/null would be gone.
 * @length: -1: until a zero. */
DNN_API gboolean dnn_file_write (
    const gchar *path, const gchar *bytes, gssize length, GError **error);

/* Whether @path, all links followed, lies below the folder of the file @owner,
 * or below the one that @owner, if it is a link, really lies in. */
DNN_API gboolean dnn_file_is_beside (const gchar *path, const gchar *owner);

/* Which file that was, and in which state. */
typedef struct
{
  gchar *path;
  guint64 device, inode, size;
  gint64 mtime; /* ns */
} DnnFileStamp;

/* NULL with NOT_FOUND. To be taken before the file is mapped: a change in
 * between is seen by the check, then. */
DnnFileStamp *dnn_file_stamp_new (const gchar *path, GError **error);
void dnn_file_stamp_free (DnnFileStamp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnFileStamp, dnn_file_stamp_free)
gboolean dnn_file_stamp_equal (const DnnFileStamp *a, const DnnFileStamp *b);

/* FAILED where the file itself was written to or cut since; one that was
 * deleted, or has another in its place, is still what is mapped. */
gboolean dnn_file_stamp_check (const DnnFileStamp *self, GError **error);

G_END_DECLS
