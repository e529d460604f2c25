/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Timings in memory and in the user's cache folder. Next: dnn-plan-tune.c. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "pipeline-core/tune/dnn-tune-key.h"
#include "pipeline-core/tune/dnn-tune-machine.h"
#include "pipeline-core/tune/dnn-tune-rows.h"

#define TITLE "gst-dnn timings 1"
/* Between two looks at a lock that somebody has. */
#define LOCK_WAIT_US 10000

struct _DnnTuneStore
{
  gchar *folder, *path, *machine;
  GMutex lock; /* guards the rest */
  GHashTable *ns; /* gchar * → gdouble * */
  gboolean is_loaded;
  gboolean has_reorders;
  gboolean has_complained; /* of the file; one line is enough */
  gint fd; /* of the lock file while it is held, else -1 */
};

DnnTuneStore *
dnn_tune_store_new (const gchar *folder, const gchar *machine)
{
  DnnTuneStore *self = g_new0 (DnnTuneStore, 1);
  g_autofree gchar *sum = g_compute_checksum_for_string (
      G_CHECKSUM_SHA256, machine, -1);
  g_autofree gchar *name = g_strdup_printf ("timings-%.12s", sum);

  self->folder = g_strdup (folder);
  self->path = g_build_filename (folder, name, NULL);
  self->machine = g_strdup (machine);
  g_mutex_init (&self->lock);
  self->ns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->fd = -1;
  return self;
}

void
dnn_tune_store_free (DnnTuneStore *self)
{
  if (!self)
    return;
  g_free (self->folder);
  g_free (self->path);
  g_free (self->machine);
  g_hash_table_unref (self->ns);
  g_mutex_clear (&self->lock);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

DnnTuneStore *
dnn_tune_store_get (void)
{
  static DnnTuneStore *store;
  static gsize once;

  if (g_once_init_enter (&once)) {
    g_autofree gchar *folder = g_build_filename (
        g_get_user_cache_dir (), "gst-dnn", NULL);
    store = dnn_tune_store_new (folder, dnn_tune_get_machine ());
    g_once_init_leave (&once, 1);
  }
  return store;
}

const gchar *
dnn_tune_store_get_path (const DnnTuneStore *self)
{
  return self->path;
}

static void
complain (DnnTuneStore *self, const gchar *what, const gchar *so)
{
  if (!self->has_complained)
    g_message ("%s; %s", what, so);
  self->has_complained = TRUE;
}

/* ---- the file ----------------------------------------------------------- */

/* A number as dnn_tune_store_save() writes it; -1 if it is none. */
static gdouble
parse_ns (const gchar *text)
{
  gchar *end;
  gdouble ns = g_ascii_strtod (text, &end);

  return *text && !*end && ns >= 0 && ns < 1e15 ? ns : -1;
}

static void
set_ns (DnnTuneStore *self, const gchar *key, gdouble ns)
{
  self->has_reorders = self->has_reorders ||
      g_str_has_prefix (key, DNN_TUNE_REORDER);
  g_hash_table_insert (self->ns, g_strdup (key), g_memdup2 (&ns, sizeof ns));
}

/* What is in the file and not here. */
static void
take_rows (DnnTuneStore *self, const DnnTuneRows *rows)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, rows->rows);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    gdouble ns = parse_ns (value);
    if (ns >= 0 && !g_hash_table_contains (self->ns, key))
      set_ns (self, key, ns);
  }
}

/* The lock is held. */
static void
load (DnnTuneStore *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnTuneRows) rows = dnn_tune_rows_read (self->path, TITLE, &error);

  self->is_loaded = TRUE;
  if (rows && g_str_equal (rows->machine, self->machine)) {
    take_rows (self, rows);
  } else if (rows) {
    g_autofree gchar *what = g_strdup_printf (
        "%s: timings of another machine (%s)", self->path, rows->machine);
    complain (self, what, "they are not used");
  } else if (!g_error_matches (error, DNN_ERROR, DNN_ERROR_NOT_FOUND) ||
      g_file_test (self->path, G_FILE_TEST_EXISTS)) {
    complain (self, error->message, "what was measured is not used");
  }
}

gdouble
dnn_tune_store_find (DnnTuneStore *self, const gchar *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const gdouble *ns;

  if (!self->is_loaded)
    load (self);
  ns = g_hash_table_lookup (self->ns, key);
  return ns ? *ns : 0;
}

gboolean
dnn_tune_store_is_known (DnnTuneStore *self, const gchar *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!self->is_loaded)
    load (self);
  return g_hash_table_contains (self->ns, key);
}

gboolean
dnn_tune_store_has_reorders (DnnTuneStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!self->is_loaded)
    load (self);
  return self->has_reorders;
}

void
dnn_tune_store_add (DnnTuneStore *self, const gchar *key, gdouble ns)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  set_ns (self, key, ns);
}

void
dnn_tune_store_save (DnnTuneStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (DnnTuneRows) rows = dnn_tune_rows_new (self->machine);
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer key, value;

  load (self);
  g_hash_table_iter_init (&iter, self->ns);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    gchar number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd (number, sizeof number, "%.0f", *(gdouble *) value);
    dnn_tune_rows_set (rows, key, number);
  }
  if (!dnn_tune_rows_write (rows, self->path, TITLE, &error))
    complain (self, error->message, "what was measured is not kept");
}

/* ---- the lock ----------------------------------------------------------- */

static gint
open_lock (DnnTuneStore *self)
{
  g_autofree gchar *path = g_build_filename (self->folder, "lock", NULL);
  gint fd;

  g_mkdir_with_parents (self->folder, 0700);
  fd = g_open (path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOCTTY, 0600);
  if (fd < 0) {
    g_autofree gchar *what = g_strdup_printf (
        "%s: can't be written: %s", path, g_strerror (errno));
    g_mutex_lock (&self->lock);
    complain (self, what, "nothing is measured");
    g_mutex_unlock (&self->lock);
  }
  return fd;
}

/* Two openings of one file exclude each other in one process too. */
gboolean
dnn_tune_store_lock (DnnTuneStore *self, gint64 deadline)
{
  gint fd = open_lock (self);

  while (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || g_get_monotonic_time () >= deadline) {
      close (fd);
      fd = -1;
    } else {
      g_usleep (LOCK_WAIT_US);
    }
  }
  if (fd < 0)
    return FALSE;
  g_mutex_lock (&self->lock);
  self->fd = fd;
  load (self);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

void
dnn_tune_store_unlock (DnnTuneStore *self)
{
  gint fd;

  g_mutex_lock (&self->lock);
  fd = self->fd;
  self->fd = -1;
  g_mutex_unlock (&self->lock);
  close (fd);
}
