/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnParams → a params file whose arrays lie on 64 bytes when it is mapped.
 *
 * The format has no padding of its own, so a filler array of bytes stands in
 * front of an array that would lie crooked. */
#include "config.h"

#include "pipeline-core/graph/dnn-params.h"

#include "pipeline-core/graph/dnn-params-file.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>

/* One array as it will be written: a tensor, or n bytes of filler. */
typedef struct
{
  gchar *name;
  DnnTensor *tensor; /* NULL: filler; borrowed */
  gsize filler;
} Entry;

static void
clear_entry (gpointer data)
{
  g_free (((Entry *) data)->name);
}

static gsize
measure_head (gint rank)
{
  return DNN_PARAMS_ARRAY_HEAD + (gsize) rank * 8 + 8;
}

static gsize
measure_names (GArray *entries)
{
  gsize size = 16 + 8 + 8;

  for (guint i = 0; i < entries->len; i++)
    size += 8 + strlen (g_array_index (entries, Entry, i).name);
  return size;
}

/* A filler before each array that has bytes; a filler's length depends on where
 * it stands, so lengths are set when all names are known. */
static GArray *
make_entries (DnnParams *params)
{
  GArray *entries = g_array_new (FALSE, TRUE, sizeof (Entry));

  g_array_set_clear_func (entries, clear_entry);
  for (guint i = 0; i < dnn_params_get_n (params); i++) {
    Entry filler = { g_strdup_printf (DNN_PARAMS_FILLER "%u", i), NULL, 0 };
    Entry array = { g_strdup (dnn_params_get_name (params, i)),
      dnn_params_get_tensor (params, i), 0 };
    g_array_append_val (entries, filler);
    g_array_append_val (entries, array);
  }
  return entries;
}

static void
set_fillers (GArray *entries)
{
  gsize pos = measure_names (entries);

  for (guint i = 0; i < entries->len; i += 2) {
    Entry *filler = &g_array_index (entries, Entry, i);
    Entry *array = &g_array_index (entries, Entry, i + 1);
    gint rank = dnn_tensor_get_shape (array->tensor)->rank;
    gsize start = pos + measure_head (1) + measure_head (rank);

    filler->filler = (DNN_ALIGNMENT - start % DNN_ALIGNMENT) % DNN_ALIGNMENT;
    pos = start + filler->filler + dnn_tensor_get_size (array->tensor);
  }
}

static gboolean
put (GOutputStream *stream, gconstpointer data, gsize size, GError **error)
{
  return g_output_stream_write_all (stream, data, size, NULL, NULL, error);
}

static gboolean
put_u64 (GOutputStream *stream, guint64 value, GError **error)
{
  value = GUINT64_TO_LE (value);
  return put (stream, &value, sizeof value, error);
}

static gboolean
put_array (GOutputStream *stream, const Entry *entry, GError **error)
{
  DnnShape filler = { .rank = 1, .dims = { entry->filler } };
  static const guint8 zeros[DNN_ALIGNMENT];
  const DnnShape *shape = entry->tensor ? dnn_tensor_get_shape (entry->tensor)
                                        : &filler;
  DnnType type = entry->tensor ? dnn_tensor_get_element_type (entry->tensor)
                               : DNN_TYPE_UINT8;
  gsize size = entry->tensor ? dnn_tensor_get_size (entry->tensor)
                             : entry->filler;
  /* bool stands in files as TVM writes it: one bit, unsigned */
  DLDataType dl = type == DNN_TYPE_BOOL ? (DLDataType){ kDLUInt, 1, 1 }
                                        : dnn_type_to_dl (type);
  guint32 head[4] = { GUINT32_TO_LE (kDLCPU), 0, GUINT32_TO_LE (shape->rank),
    GUINT32_TO_LE (dl.code | dl.bits << 8 | (guint32) dl.lanes << 16) };

  if (!put_u64 (stream, DNN_PARAMS_ARRAY_MAGIC, error) ||
      !put_u64 (stream, 0, error) || !put (stream, head, sizeof head, error))
    return FALSE;
  for (gint i = 0; i < shape->rank; i++) {
    if (!put_u64 (stream, (guint64) shape->dims[i], error))
      return FALSE;
  }
  return put_u64 (stream, size, error) &&
      put (stream, entry->tensor ? dnn_tensor_get_data (entry->tensor) : zeros,
          size, error);
}

static gboolean
put_all (GOutputStream *stream, GArray *entries, GError **error)
{
  if (!put_u64 (stream, DNN_PARAMS_LIST_MAGIC, error) ||
      !put_u64 (stream, 0, error) || !put_u64 (stream, entries->len, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++) {
    const gchar *name = g_array_index (entries, Entry, i).name;
    if (!put_u64 (stream, strlen (name), error) ||
        !put (stream, name, strlen (name), error))
      return FALSE;
  }
  if (!put_u64 (stream, entries->len, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++) {
    if (!put_array (stream, &g_array_index (entries, Entry, i), error))
      return FALSE;
  }
  return TRUE;
}

/* Closing under a cancelled cancellable leaves the old file as it was. */
static void
discard (GOutputStream *stream)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_output_stream_close (stream, cancelled, NULL);
}

gboolean
dnn_params_write (DnnParams *self, const gchar *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GFileOutputStream) raw = g_file_replace (
      file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, &cause);
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (GArray) entries = make_entries (self);

  set_fillers (entries);
  if (raw) {
    stream = g_buffered_output_stream_new_sized (
        G_OUTPUT_STREAM (raw), 1 << 16);
    if (put_all (stream, entries, &cause) &&
        g_output_stream_close (stream, NULL, &cause))
      return TRUE;
    discard (stream);
  }
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "%s: the params file cannot be written: %s", path, cause->message);
  return FALSE;
}
