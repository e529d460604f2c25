/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A buffer of tensors → the memory of each. Next: gstdnnmux.c,
 * gstdnnrunner.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnbuffer.h"

#include "gst-plugin/stream/gstdnnpacked.h"

gboolean
gst_dnn_buffer_is_gap (GstBuffer *buffer)
{
  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP) &&
      gst_buffer_n_memory (buffer) == 0;
}

GstBuffer *
gst_dnn_buffer_new_gap (GstBuffer *buffer)
{
  GstBuffer *gap = gst_buffer_new ();

  gst_buffer_copy_into (gap, buffer,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META,
      0, -1);
  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  return gap;
}

guint
gst_dnn_buffer_get_n_tensors (GstBuffer *buffer, const GstDnnTensorsInfo *info)
{
  guint n = gst_buffer_n_memory (buffer);

  if (!info->flexible)
    return info->n_tensors;
  return n < GST_DNN_MAX_MEMORIES
      ? n
      : n - 1 + gst_dnn_packed_get_n (gst_buffer_peek_memory (buffer, n - 1));
}

gchar *
gst_dnn_buffer_print_time (GstBuffer *buffer)
{
  GstClockTime time = GST_BUFFER_PTS (buffer);
  guint64 ms = time / GST_MSECOND;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return g_strdup ("no time");
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u.%03u", ms / 3600000,
      (guint) (ms / 60000 % 60), (guint) (ms / 1000 % 60), (guint) (ms % 1000));
}

static void
complain_about_size (
    GstBuffer *buffer, const GstDnnTensorsInfo *info, guint idx, GError **error)
{
  g_autofree gchar *text = gst_dnn_tensors_info_to_string (info);
  g_autofree gchar *time = gst_dnn_buffer_print_time (buffer);

  g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
      "buffer at %s: tensor %u: the caps say %s, %" G_GSIZE_FORMAT
      " bytes for this one; the buffer has %" G_GSIZE_FORMAT
      " bytes in %u memories",
      time, idx, text, gst_dnn_tensors_info_get_size (info, idx),
      gst_buffer_get_size (buffer), gst_buffer_n_memory (buffer));
}

/* The last memory holds several tensors. */
static gboolean
is_packed (GstBuffer *buffer)
{
  guint n = gst_buffer_n_memory (buffer);

  return n == GST_DNN_MAX_MEMORIES &&
      gst_dnn_packed_get_n (gst_buffer_peek_memory (buffer, n - 1)) > 1;
}

static GstMemory *
get_flexible (
    GstBuffer *buffer, const GstDnnTensorsInfo *info, guint idx, GError **error)
{
  g_autofree gchar *time = NULL;
  guint n = gst_buffer_n_memory (buffer);

  if (is_packed (buffer) && idx >= n - 1)
    return gst_dnn_packed_get (
        gst_buffer_peek_memory (buffer, n - 1), info, idx, error);
  if (idx < n)
    return gst_buffer_get_memory (buffer, idx);
  time = gst_dnn_buffer_print_time (buffer);
  g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
      "buffer at %s: tensor %u: the buffer has %u", time, idx,
      gst_buffer_n_memory (buffer));
  return NULL;
}

GstMemory *
gst_dnn_buffer_get_tensor (
    GstBuffer *buffer, const GstDnnTensorsInfo *info, guint idx, GError **error)
{
  guint n_memories = gst_buffer_n_memory (buffer);
  gsize size, before = 0, total = 0;

  if (info->flexible)
    return get_flexible (buffer, info, idx, error);
  size = gst_dnn_tensors_info_get_size (info, idx);
  if (info->n_tensors > GST_DNN_MAX_MEMORIES && is_packed (buffer)) {
    if (idx >= n_memories - 1)
      return gst_dnn_packed_get (
          gst_buffer_peek_memory (buffer, n_memories - 1), info, idx, error);
    if (gst_buffer_peek_memory (buffer, idx)->size == size)
      return gst_buffer_get_memory (buffer, idx);
    complain_about_size (buffer, info, idx, error);
    return NULL;
  }
  if (n_memories == info->n_tensors) {
    if (gst_buffer_peek_memory (buffer, idx)->size == size)
      return gst_buffer_get_memory (buffer, idx);
    complain_about_size (buffer, info, idx, error);
    return NULL;
  }
  for (guint i = 0; i < info->n_tensors; i++) {
    before += i < idx ? gst_dnn_tensors_info_get_size (info, i) : 0;
    total += gst_dnn_tensors_info_get_size (info, i);
  }
  if (n_memories == 0 || gst_buffer_get_size (buffer) != total) {
    complain_about_size (buffer, info, idx, error);
    return NULL;
  }
  if (n_memories > 1) {
    g_autoptr (GstMemory) whole = gst_buffer_get_all_memory (buffer);
    return gst_memory_share (whole, (gssize) before, (gssize) size);
  }
  return gst_memory_share (
      gst_buffer_peek_memory (buffer, 0), (gssize) before, (gssize) size);
}

gboolean
gst_dnn_buffer_append_tensors (GstBuffer *buffer, GstMemory *const *memories,
    guint n, const GstDnnTensorsInfo *info, GError **error)
{
  guint n_own = n <= GST_DNN_MAX_MEMORIES ? n : GST_DNN_MAX_MEMORIES - 1;
  GstMemory *packed;

  for (guint i = 0; i < n_own; i++)
    gst_buffer_append_memory (buffer, gst_memory_ref (memories[i]));
  if (n_own == n)
    return TRUE;
  packed = gst_dnn_packed_new (memories + n_own, n - n_own, info, error);
  if (packed == NULL)
    return FALSE;
  gst_buffer_append_memory (buffer, packed);
  return TRUE;
}
