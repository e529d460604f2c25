/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Names → tensors in the order of addition. Read from a file in
 * dnn-params-read.c, written in dnn-params-write.c. */
#include "config.h"

#include "pipeline-core/graph/dnn-params.h"

struct _DnnParams
{
  gatomicrefcount ref_count;
  GPtrArray *names; /* gchar * */
  GPtrArray *tensors; /* DnnTensor * */
  GHashTable *index; /* name → position + 1 */
};

G_DEFINE_BOXED_TYPE (DnnParams, dnn_params, dnn_params_ref, dnn_params_unref)

DnnParams *
dnn_params_new (void)
{
  DnnParams *self = g_new0 (DnnParams, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->tensors = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

DnnParams *
dnn_params_ref (DnnParams *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
dnn_params_unref (DnnParams *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->index);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->tensors);
  g_free (self);
}

void
dnn_params_set (DnnParams *self, const gchar *name, DnnTensor *tensor)
{
  gsize position = GPOINTER_TO_SIZE (g_hash_table_lookup (self->index, name));
  gchar *copy;

  dnn_tensor_ref (tensor);
  if (position > 0) {
    dnn_tensor_unref (self->tensors->pdata[position - 1]);
    self->tensors->pdata[position - 1] = tensor;
    return;
  }
  copy = g_strdup (name);
  g_ptr_array_add (self->names, copy);
  g_ptr_array_add (self->tensors, tensor);
  g_hash_table_insert (self->index, copy, GSIZE_TO_POINTER (self->names->len));
}

/**
 * dnn_params_lookup:
 *
 * Returns: (transfer none) (nullable): the tensor of that name
 */
DnnTensor *
dnn_params_lookup (DnnParams *self, const gchar *name)
{
  gsize position = GPOINTER_TO_SIZE (g_hash_table_lookup (self->index, name));

  return position ? self->tensors->pdata[position - 1] : NULL;
}

guint
dnn_params_get_n (DnnParams *self)
{
  return self->names->len;
}

const gchar *
dnn_params_get_name (DnnParams *self, guint idx)
{
  g_return_val_if_fail (idx < self->names->len, NULL);
  return self->names->pdata[idx];
}

/**
 * dnn_params_get_tensor:
 *
 * Returns: (transfer none): the tensor
 */
DnnTensor *
dnn_params_get_tensor (DnnParams *self, guint idx)
{
  g_return_val_if_fail (idx < self->names->len, NULL);
  return self->tensors->pdata[idx];
}

gboolean
dnn_params_equal (DnnParams *a, DnnParams *b)
{
  if (a->names->len != b->names->len)
    return FALSE;
  for (guint i = 0; i < a->names->len; i++) {
    DnnTensor *other = dnn_params_lookup (b, a->names->pdata[i]);
    if (!other || !dnn_tensor_equal (a->tensors->pdata[i], other))
      return FALSE;
  }
  return TRUE;
}
