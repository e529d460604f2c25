/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Addresses and dimensions of another language → DnnTensor, and back. */
#include "config.h"

#include "pipeline-core/graph/dnn-tensor-binding.h"

/**
 * dnn_shape_from_dims:
 * @dims: (array length=n_dims): outermost first; negative ones are open
 * @n_dims: how many; at most DNN_MAX_RANK
 * @shape: (out caller-allocates): the shape
 *
 * Returns: %FALSE with LIMIT
 */
gboolean
dnn_shape_from_dims (
    const gint64 *dims, guint n_dims, DnnShape *shape, GError **error)
{
  if (n_dims > DNN_MAX_RANK) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "A tensor has %u dimensions; at most %d are supported", n_dims,
        DNN_MAX_RANK);
    return FALSE;
  }
  *shape = dnn_shape_of ((gint) n_dims, dims);
  for (guint i = 0; i < n_dims; i++)
    shape->dims[i] = MAX (dims[i], DNN_DIM_OPEN);
  return TRUE;
}

static gboolean
check_described (DnnType type, const gint64 *dims, guint n_dims,
    DnnShape *shape, GError **error)
{
  g_autofree gchar *text = NULL;

  if (type <= DNN_TYPE_INVALID || type >= DNN_N_TYPES) {
    g_set_error (
        error, DNN_ERROR, DNN_ERROR_TYPE, "%d is no element type", (gint) type);
    return FALSE;
  }
  if (!dnn_shape_from_dims (dims, n_dims, shape, error))
    return FALSE;
  if (dnn_shape_n_elements (shape) >= 0)
    return TRUE;
  text = dnn_shape_to_string (shape);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "A tensor can't have the shape %s", text);
  return FALSE;
}

/* ---- who is told ------------------------------------------------------- */

/* A language with a lock of its own can't be called from a streaming thread, or
 * while it unwinds an exception: it asks. */
static GMutex released_lock;
static GArray *released; /* guint64; NULL: none yet */

static void
note_released (gpointer data)
{
  guint64 token = GPOINTER_TO_SIZE (data);

  g_mutex_lock (&released_lock);
  if (!released)
    released = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_array_append_val (released, token);
  g_mutex_unlock (&released_lock);
}

/**
 * dnn_tensor_take_released:
 * @n_tokens: (out): how many
 *
 * Returns: (transfer full) (array length=n_tokens) (nullable): tokens of
 *   dnn_tensor_new_at() whose bytes nobody needs any more, each once
 */
guint64 *
dnn_tensor_take_released (gsize *n_tokens)
{
  guint64 *tokens = NULL;

  *n_tokens = 0;
  g_mutex_lock (&released_lock);
  if (released)
    tokens = g_array_steal (released, n_tokens);
  g_mutex_unlock (&released_lock);
  return tokens;
}

/**
 * dnn_tensor_new_at:
 * @type: type of the elements
 * @dims: (array length=n_dims): outermost first, none negative
 * @n_dims: how many; at most DNN_MAX_RANK
 * @address: of the bytes: row-major, tightly packed
 * @token: what dnn_tensor_take_released() says once nobody needs the bytes any
 *   more; 0: nothing
 * @error: where to say why not
 *
 * A tensor of memory that the caller keeps alive. Nothing is copied.
 *
 * Returns: (transfer full): the tensor; %NULL with TYPE, LIMIT or SHAPE
 */
DnnTensor *
dnn_tensor_new_at (DnnType type, const gint64 *dims, guint n_dims,
    guint64 address, guint64 token, GError **error)
{
  DnnShape shape;

  if (!check_described (type, dims, n_dims, &shape, error))
    return NULL;
  return dnn_tensor_new_wrapped (type, &shape,
      GSIZE_TO_POINTER ((gsize) address), token ? note_released : NULL,
      GSIZE_TO_POINTER ((gsize) token));
}

/**
 * dnn_tensor_get_address:
 *
 * Returns: where the bytes lie, as long as the tensor lives
 */
guint64
dnn_tensor_get_address (const DnnTensor *self)
{
  return GPOINTER_TO_SIZE (dnn_tensor_get_data (self));
}

/**
 * dnn_tensor_get_dims:
 * @n_dims: (out): how many
 *
 * Returns: (transfer full) (array length=n_dims): the shape, outermost first
 */
gint64 *
dnn_tensor_get_dims (const DnnTensor *self, guint *n_dims)
{
  const DnnShape *shape = dnn_tensor_get_shape (self);

  *n_dims = (guint) shape->rank;
  return g_memdup2 (shape->dims, sizeof (gint64) * (gsize) shape->rank);
}

/**
 * dnn_tensor_import_dlpack:
 * @managed: address of a `DLManagedTensor`; taken also when the call fails
 *
 * Returns: (transfer full): dnn_tensor_new_from_dlpack()
 */
DnnTensor *
dnn_tensor_import_dlpack (guint64 managed, GError **error)
{
  g_return_val_if_fail (managed != 0, NULL);
  return dnn_tensor_new_from_dlpack (GSIZE_TO_POINTER ((gsize) managed), error);
}

/**
 * dnn_tensor_export_dlpack:
 *
 * Returns: address of a `DLManagedTensor` that holds @self; whoever takes it
 *   calls its deleter
 */
guint64
dnn_tensor_export_dlpack (DnnTensor *self)
{
  return GPOINTER_TO_SIZE (dnn_tensor_to_dlpack (self));
}
