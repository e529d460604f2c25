/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Path of a user → bytes of a regular file, and back. Next: the reader of its
 * format. */
#define _GNU_SOURCE /* realpath */
#include "config.h"

#include "pipeline-core/base/dnn-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
set_reason (GError **error, const gchar *reason)
{
  g_set_error_literal (error, DNN_ERROR, DNN_ERROR_NOT_FOUND, reason);
  return FALSE;
}

/* Of what is no regular file. */
static const gchar *
describe_type (mode_t mode)
{
  return S_ISDIR (mode) ? "a folder, expected a file" : "not a regular file";
}

/* Nothing waits here: a pipe that nobody writes to opens at once, and then is
 * seen to be one. -1 with an error. */
static gint
open_regular (const gchar *path, guint64 *size, GError **error)
{
  gint fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0) {
    set_reason (error, g_strerror (errno));
  } else if (!S_ISREG (info.st_mode)) {
    set_reason (error, describe_type (info.st_mode));
  } else {
    *size = info.st_size;
    return fd;
  }
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Until the end of the file, or @n bytes. */
static gboolean
read_bytes (gint fd, gpointer bytes, gsize n, gsize *length, GError **error)
{
  *length = 0;
  while (*length < n) {
    gssize got = read (fd, (guint8 *) bytes + *length, n - *length);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return set_reason (error, g_strerror (errno));
    if (got == 0)
      break;
    *length += got;
  }
  return TRUE;
}

GMappedFile *
dnn_file_map (const gchar *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GMappedFile *file;
  guint64 size;
  gint fd = open_regular (path, &size, error);

  if (fd < 0)
    return NULL;
  file = g_mapped_file_new_from_fd (fd, FALSE, &cause);
  close (fd);
  if (!file)
    set_reason (error, cause->message);
  return file;
}

gchar *
dnn_file_read (
    const gchar *path, guint64 max_bytes, gsize *length, GError **error)
{
  g_autofree gchar *text = NULL;
  guint64 size;
  gint fd = open_regular (path, &size, error);
  gboolean ok = FALSE;

  if (fd < 0)
    return NULL;
  if (size > max_bytes)
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%" G_GUINT64_FORMAT " bytes, at most %" G_GUINT64_FORMAT " are read",
        size, max_bytes);
  else if (!(text = g_try_malloc (size + 1)))
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%" G_GUINT64_FORMAT " bytes: more than there is memory", size);
  else
    ok = read_bytes (fd, text, size, length, error);
  close (fd);
  if (!ok)
    return NULL;
  text[*length] = '\0';
  return g_steal_pointer (&text);
}

gboolean
dnn_file_read_start (const gchar *path, guint8 *bytes, gsize *n, GError **error)
{
  guint64 size;
  gint fd = open_regular (path, &size, error);
  gboolean ok;

  if (fd < 0)
    return FALSE;
  ok = read_bytes (fd, bytes, *n, n, error);
  close (fd);
  return ok;
}

gboolean
dnn_file_write (
    const gchar *path, const gchar *bytes, gssize length, GError **error)
{
  g_autoptr (GError) cause = NULL;
  struct stat info;

  if (stat (path, &info) == 0 && !S_ISREG (info.st_mode)) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_FAILED, describe_type (info.st_mode));
    return FALSE;
  }
  if (g_file_set_contents (path, bytes, length, &cause))
    return TRUE;
  g_set_error_literal (error, DNN_ERROR, DNN_ERROR_FAILED, cause->message);
  return FALSE;
}

/* @folder is free of links, as @path is. A folder is within itself. */
static gboolean
is_within (const gchar *path, const gchar *folder)
{
  gsize length = strlen (folder);

  return g_str_has_prefix (path, folder) &&
      (path[length] == '/' || !path[length] || g_str_equal (folder, "/"));
}

gboolean
dnn_file_is_beside (const gchar *path, const gchar *owner)
{
  g_autofree gchar *folder = g_path_get_dirname (owner);
  g_autofree gchar *target = realpath (path, NULL);
  g_autofree gchar *named = realpath (folder, NULL);
  g_autofree gchar *real = realpath (owner, NULL);
  g_autofree gchar *linked = real ? g_path_get_dirname (real) : NULL;

  return target &&
      ((named && is_within (target, named)) ||
          (linked && is_within (target, linked)));
}

/* ---- stamps -------------------------------------------------------------- */

DnnFileStamp *
dnn_file_stamp_new (const gchar *path, GError **error)
{
  DnnFileStamp *self;
  struct stat info;

  if (stat (path, &info) != 0) {
    set_reason (error, g_strerror (errno));
    return NULL;
  }
  self = g_new0 (DnnFileStamp, 1);
  self->path = g_strdup (path);
  self->device = info.st_dev;
  self->inode = info.st_ino;
  self->size = (guint64) info.st_size;
  self->mtime = (gint64) info.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) +
      info.st_mtim.tv_nsec;
  return self;
}

void
dnn_file_stamp_free (DnnFileStamp *self)
{
  if (!self)
    return;
  g_free (self->path);
  g_free (self);
}

static gboolean
is_same_file (const DnnFileStamp *a, const DnnFileStamp *b)
{
  return a->device == b->device && a->inode == b->inode;
}

gboolean
dnn_file_stamp_equal (const DnnFileStamp *a, const DnnFileStamp *b)
{
  return is_same_file (a, b) && a->size == b->size && a->mtime == b->mtime;
}

gboolean
dnn_file_stamp_check (const DnnFileStamp *self, GError **error)
{
  g_autoptr (DnnFileStamp) now = dnn_file_stamp_new (self->path, NULL);

  if (!now || !is_same_file (self, now) || dnn_file_stamp_equal (self, now))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "%s: The file has changed since it was loaded (%" G_GUINT64_FORMAT
      " bytes then, %" G_GUINT64_FORMAT
      " now): load it again; write a new file and rename it into place",
      self->path, self->size, now->size);
  return FALSE;
}
