/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Updates and the frames they begin after → the instance, between two frames.
 * Next: gstdnnrunner-run.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnpending.h"

typedef struct
{
  guint64 last; /* serial of the last frame without it */
  DnnUpdate *update;
} Entry;

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  dnn_update_free (entry->update);
  g_free (entry);
}

void
gst_dnn_pending_init (GstDnnPending *self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->entries);
}

void
gst_dnn_pending_clear (GstDnnPending *self)
{
  g_queue_clear_full (&self->entries, free_entry);
  g_mutex_clear (&self->lock);
}

DnnParams *
gst_dnn_pending_get_params (GstDnnPending *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const Entry *newest = g_queue_peek_tail (&self->entries);

  return newest != NULL
      ? dnn_params_ref (dnn_update_get_params (newest->update))
      : NULL;
}

/* Takes out those that no frame will see, since the next one begins at the same
 * frame and contains them. The lock is held. */
static GList *
steal_hidden (GstDnnPending *self, guint64 last)
{
  GList *hidden = NULL;
  const Entry *newest;

  while ((newest = g_queue_peek_tail (&self->entries)) != NULL &&
      newest->last >= last)
    hidden = g_list_prepend (hidden, g_queue_pop_tail (&self->entries));
  return hidden;
}

void
gst_dnn_pending_add (GstDnnPending *self, guint64 last, DnnUpdate *update)
{
  Entry *entry = g_new0 (Entry, 1);
  GList *hidden;

  entry->last = last;
  entry->update = update;
  g_mutex_lock (&self->lock);
  hidden = steal_hidden (self, last);
  g_queue_push_tail (&self->entries, entry);
  g_atomic_int_set (
      &self->n_entries, (gint) g_queue_get_length (&self->entries));
  g_mutex_unlock (&self->lock);
  g_list_free_full (hidden, free_entry);
}

/* (transfer full) (nullable): the oldest, if the frame is to see it. */
static DnnUpdate *
pop_update (GstDnnPending *self, const GstDnnFrameKey *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry *oldest = g_queue_peek_head (&self->entries);
  DnnUpdate *update;

  if (oldest == NULL || (key != NULL && key->serial <= oldest->last))
    return NULL;
  update = oldest->update;
  g_free (g_queue_pop_head (&self->entries));
  g_atomic_int_set (
      &self->n_entries, (gint) g_queue_get_length (&self->entries));
  return update;
}

gboolean
gst_dnn_pending_apply (GstDnnPending *self, DnnInstance *instance,
    const GstDnnFrameKey *key, GError **error)
{
  g_autoptr (DnnUpdate) newest = NULL;
  DnnUpdate *update;

  if (G_LIKELY (g_atomic_int_get (&self->n_entries) == 0))
    return TRUE;
  /* Each contains those before it. */
  while ((update = pop_update (self, key)) != NULL) {
    dnn_update_free (newest);
    newest = update;
  }
  return newest == NULL ||
      dnn_instance_take_update (instance, g_steal_pointer (&newest), error);
}
