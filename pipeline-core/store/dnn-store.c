/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A constant's bytes and a layout → the one block that has them. Next:
 * dnn-plan-prepare.c. */
#include "config.h"

#include "pipeline-core/store/dnn-store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline-core/base/dnn-tensor.h"

typedef enum
{
  FILLING,
  READY,
  FAILED, /* and in the table no more */
} State;

struct _DnnBlock
{
  guint n_refs; /* under the lock */
  State state;
  XXH128_hash_t hash;
  gsize n_bytes; /* hashed */
  DnnFormat *to;
  gpointer data;
};

static GMutex lock;
static GCond changed; /* some block is ready, or failed */
static GHashTable *table; /* DnnBlock → itself; made with the first one */
static gsize total;
static guint64 n_filled;

/* ---- the table ---------------------------------------------------------- */

static guint
hash_block (gconstpointer key)
{
  return (guint) ((const DnnBlock *) key)->hash.low64;
}

static gboolean
equal_blocks (gconstpointer a, gconstpointer b)
{
  const DnnBlock *x = a, *y = b;

  return XXH128_isEqual (x->hash, y->hash) && x->n_bytes == y->n_bytes &&
      dnn_format_equal (x->to, y->to);
}

/* Contents that meet can't be prepared without knowing it. */
static guint64
get_seed (void)
{
  static gsize once = 0;
  static guint64 seed;

  if (g_once_init_enter (&once)) {
    seed = (guint64) g_random_int () << 32 | g_random_int ();
    g_once_init_leave (&once, 1);
  }
  return seed;
}

static DnnBlock *
create_block (gconstpointer bytes, gsize size, const DnnFormat *to)
{
  DnnBlock *self = g_new0 (DnnBlock, 1);

  self->n_refs = 1;
  self->hash = XXH3_128bits_withSeed (bytes, size, get_seed ());
  self->n_bytes = size;
  self->to = dnn_format_ref (to);
  return self;
}

static void
free_block (DnnBlock *self)
{
  dnn_format_unref (self->to);
  dnn_free_aligned (self->data);
  g_free (self);
}

/* The lock is held. */
static void
drop_ref (DnnBlock *self)
{
  if (--self->n_refs > 0)
    return;
  if (self->state == READY) {
    g_hash_table_remove (table, self);
    total -= dnn_block_get_size (self);
  }
  free_block (self);
}

/* ---- filling ------------------------------------------------------------ */

/* The block like @wanted, once it is ready, with a reference; NULL: @wanted
 * itself stands in the table now and is to be filled. The lock is held. */
static DnnBlock *
find_or_claim (DnnBlock *wanted)
{
  DnnBlock *found;

  while ((found = g_hash_table_lookup (table, wanted)) != NULL) {
    gboolean is_ready;
    found->n_refs++;
    while (found->state == FILLING)
      g_cond_wait (&changed, &lock);
    is_ready = found->state == READY;
    if (is_ready)
      return found;
    drop_ref (found);
  }
  g_hash_table_add (table, wanted);
  return NULL;
}

static gboolean
fill_block (DnnBlock *self, gconstpointer bytes, DnnStoreFill fill,
    gpointer data, GError **error)
{
  gsize size = dnn_block_get_size (self);

  self->data = dnn_try_alloc_aligned (MAX (size, 1));
  if (self->data)
    return fill (bytes, self->data, data, error);
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "No memory for %" G_GSIZE_FORMAT " bytes of packed weights", size);
  return FALSE;
}

static DnnBlock *
take (DnnBlock *wanted, gconstpointer bytes, DnnStoreFill fill, gpointer data,
    GError **error)
{
  gboolean ok = fill_block (wanted, bytes, fill, data, error);

  g_mutex_lock (&lock);
  n_filled++;
  wanted->state = ok ? READY : FAILED;
  if (ok)
    total += dnn_block_get_size (wanted);
  else
    g_hash_table_remove (table, wanted);
  g_cond_broadcast (&changed);
  if (!ok)
    drop_ref (wanted);
  g_mutex_unlock (&lock);
  return ok ? wanted : NULL;
}

DnnBlock *
dnn_store_get (gconstpointer bytes, gsize size, const DnnFormat *to,
    DnnStoreFill fill, gpointer data, GError **error)
{
  DnnBlock *wanted = create_block (bytes, size, to);
  DnnBlock *found;

  g_mutex_lock (&lock);
  if (!table)
    table = g_hash_table_new (hash_block, equal_blocks);
  found = find_or_claim (wanted);
  g_mutex_unlock (&lock);
  if (!found)
    return take (wanted, bytes, fill, data, error);
  free_block (wanted);
  return found;
}

gboolean
dnn_store_holds (gsize size, const DnnFormat *to)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GHashTableIter iter;
  gpointer block;

  if (!table)
    return FALSE;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &block, NULL)) {
    const DnnBlock *held = block;
    if (held->n_bytes == size && dnn_format_equal (held->to, to))
      return TRUE;
  }
  return FALSE;
}

/* ---- blocks ------------------------------------------------------------- */

DnnBlock *
dnn_block_ref (DnnBlock *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  self->n_refs++;
  return self;
}

void
dnn_block_unref (DnnBlock *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  drop_ref (self);
}

gpointer
dnn_block_get_data (const DnnBlock *self)
{
  return self->data;
}

gsize
dnn_block_get_size (const DnnBlock *self)
{
  return dnn_format_get_size (self->to);
}

gsize
dnn_store_get_size (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return total;
}

guint64
dnn_store_get_n_filled (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return n_filled;
}
