/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of kernels/ (or of a test) → the sorted table that everything else
 * looks them up in. Next: dnn-call.c. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

#include "pipeline-core/base/dnn-pages.h"

static GMutex registry_lock;
/* const DnnOp *, sorted by name, NULL-terminated; NULL before the first. */
static GPtrArray *registry;

/* Where @name stands, or would stand. */
static guint
find_position (const gchar *name, gboolean *found)
{
  guint low = 0, high = registry ? registry->len - 1 : 0;

  *found = FALSE;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    const DnnOp *op = g_ptr_array_index (registry, middle);
    gint order = strcmp (name, op->name);
    if (order == 0) {
      *found = TRUE;
      return middle;
    }
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

void
dnn_op_register (const DnnOp *op)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry_lock);
  gboolean found;
  guint position;

  g_return_if_fail (op->name && op->infer && (op->ref || op->runs_subgraphs));
  position = find_position (op->name, &found);
  g_return_if_fail (!found);
  if (!registry) {
    registry = g_ptr_array_new ();
    g_ptr_array_add (registry, NULL);
  }
  g_ptr_array_insert (registry, position, (gpointer) op);
}

const DnnOp *
dnn_op_lookup (const gchar *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry_lock);
  gboolean found;
  guint position = find_position (name, &found);

  return found ? g_ptr_array_index (registry, position) : NULL;
}

const DnnOp *const *
dnn_op_list (void)
{
  static const DnnOp *const none[] = { NULL };
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry_lock);

  return registry ? (const DnnOp *const *) registry->pdata : none;
}

/* ---- the backend's caches -------------------------------------------------
 */

static void (*trim_backend) (void);

void
dnn_op_set_trim (void (*trim) (void))
{
  trim_backend = trim;
}

void
dnn_op_trim (void)
{
  if (trim_backend)
    trim_backend ();
  dnn_pages_trim_heap ();
}
