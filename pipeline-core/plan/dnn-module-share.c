/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A key → modules that are in use already, or are made now. Next:
 * dnn-module.c, compiler/dnn-load.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-module-share.h"

#include "pipeline-core/base/dnn-file.h"

/* The modules are the users' own; @refs knows them while they live. */
typedef struct
{
  GMutex making; /* guards the rest but for n_users */
  guint n_users; /* under the table's lock: callers that have it now */
  GPtrArray *refs; /* GWeakRef *; NULL: never made */
  gpointer extra;
  GDestroyNotify extra_free;
} Entry;

static GMutex lock;
static GHashTable *table; /* key → Entry */

static void
free_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
clear_entry (Entry *self)
{
  g_clear_pointer (&self->refs, g_ptr_array_unref);
  if (self->extra && self->extra_free)
    self->extra_free (self->extra);
  self->extra = NULL;
}

static void
free_entry (gpointer data)
{
  Entry *self = data;

  clear_entry (self);
  g_mutex_clear (&self->making);
  g_free (self);
}

static Entry *
enter (const gchar *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Entry *entry;

  if (!table)
    table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_entry);
  entry = g_hash_table_lookup (table, key);
  if (!entry) {
    entry = g_new0 (Entry, 1);
    g_mutex_init (&entry->making);
    g_hash_table_insert (table, g_strdup (key), entry);
  }
  entry->n_users++;
  return entry;
}

/* All modules, if they live; NULL. */
static GPtrArray *
ref_modules (Entry *self)
{
  g_autoptr (GPtrArray) modules = NULL;

  if (!self->refs)
    return NULL;
  modules = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->refs->len; i++) {
    gpointer module = g_weak_ref_get (self->refs->pdata[i]);
    if (!module)
      return NULL;
    g_ptr_array_add (modules, module);
  }
  return g_steal_pointer (&modules);
}

static gboolean
is_forgotten (gpointer key, gpointer value, gpointer data)
{
  Entry *entry = value;
  g_autoptr (GPtrArray) modules = NULL;

  if (entry->n_users > 0)
    return FALSE;
  modules = ref_modules (entry);
  return modules == NULL;
}

static void
leave (Entry *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  self->n_users--;
  g_hash_table_foreach_remove (table, is_forgotten, NULL);
}

/* The files lie where they lay, and are as they were. */
static gboolean
are_fresh (const GPtrArray *modules)
{
  for (guint i = 0; i < modules->len; i++) {
    const GPtrArray *files = dnn_module_get_graph (modules->pdata[i])->files;
    for (guint j = 0; j < files->len; j++) {
      const DnnFileStamp *then = files->pdata[j];
      g_autoptr (DnnFileStamp) now = dnn_file_stamp_new (then->path, NULL);
      if (!now || !dnn_file_stamp_equal (then, now))
        return FALSE;
    }
  }
  return TRUE;
}

static GPtrArray *
make_modules (
    Entry *self, const DnnModuleShare *share, gpointer data, GError **error)
{
  GPtrArray *modules;

  clear_entry (self);
  self->extra_free = share->extra_free;
  modules = share->make (data, &self->extra, error);
  if (!modules)
    return NULL;
  self->refs = g_ptr_array_new_with_free_func (free_ref);
  for (guint i = 0; i < modules->len; i++) {
    GWeakRef *ref = g_new0 (GWeakRef, 1);
    g_weak_ref_init (ref, modules->pdata[i]);
    g_ptr_array_add (self->refs, ref);
  }
  return modules;
}

static gpointer
use_entry (
    Entry *self, const DnnModuleShare *share, gpointer data, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->making);
  g_autoptr (GPtrArray) modules = ref_modules (self);

  if (modules && !are_fresh (modules))
    g_clear_pointer (&modules, g_ptr_array_unref);
  if (!modules)
    modules = make_modules (self, share, data, error);
  return modules ? share->use (data, modules, self->extra, error) : NULL;
}

gpointer
dnn_module_share (const gchar *key, const DnnModuleShare *share, gpointer data,
    GError **error)
{
  Entry *entry = enter (key);
  gpointer result = use_entry (entry, share, data, error);

  leave (entry);
  return result;
}

gchar *
dnn_module_share_key (const gchar *path)
{
  g_autoptr (DnnFileStamp) stamp = dnn_file_stamp_new (path, NULL);

  if (!stamp)
    return g_strdup_printf ("%s: none", path);
  return g_strdup_printf ("%s: %" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT
                          ", %" G_GUINT64_FORMAT " bytes, %" G_GINT64_FORMAT,
      path, stamp->device, stamp->inode, stamp->size, stamp->mtime);
}
