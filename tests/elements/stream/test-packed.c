/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* More tensors than a buffer holds memories: in and out again, static and
 * flexible; the bytes that others read; what doesn't fit. */
#include "config.h"

#include <string.h>

#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnpacked.h"

/* Tensor @idx has idx % 7 + 1 elements of 1, 4 or 8 bytes. */
static DnnType
get_type (guint idx)
{
  static const DnnType types[] = { DNN_TYPE_UINT8, DNN_TYPE_FLOAT32,
    DNN_TYPE_INT64 };

  return types[idx % G_N_ELEMENTS (types)];
}

static DnnShape
get_shape (guint idx)
{
  return dnn_shape (2, (gint64) 1, (gint64) idx % 7 + 1);
}

static gsize
get_size (guint idx)
{
  return (idx % 7 + 1) * dnn_type_size (get_type (idx));
}

/* All bytes are the number of the tensor. */
static GstMemory *
make_memory (guint idx, gboolean flexible)
{
  gsize header_size = flexible ? GST_DNN_HEADER_SIZE : 0;
  GstMemory *memory = gst_allocator_alloc (
      NULL, header_size + get_size (idx), NULL);
  DnnShape shape = get_shape (idx);
  GstMapInfo map;

  gst_memory_map (memory, &map, GST_MAP_WRITE);
  memset (map.data, (gint) idx, map.size);
  if (flexible)
    gst_dnn_header_write (map.data, get_type (idx), &shape);
  gst_memory_unmap (memory, &map);
  return memory;
}

static GstBuffer *
make_buffer (guint n, gboolean flexible, GstDnnTensorsInfo *info)
{
  GstMemory *memories[GST_DNN_MAX_TENSORS];
  GstBuffer *buffer = gst_buffer_new ();
  g_autoptr (GError) error = NULL;

  gst_dnn_tensors_info_init (info);
  info->flexible = flexible;
  for (guint i = 0; i < n; i++) {
    DnnShape shape = get_shape (i);
    memories[i] = make_memory (i, flexible);
    if (!flexible)
      gst_dnn_tensors_info_add (info, get_type (i), &shape, &error);
    g_assert_no_error (error);
  }
  gst_dnn_buffer_append_tensors (buffer, memories, n, info, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    gst_memory_unref (memories[i]);
  return buffer;
}

static void
check_tensor (GstBuffer *buffer, const GstDnnTensorsInfo *info, guint idx)
{
  gsize header_size = info->flexible ? GST_DNN_HEADER_SIZE : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstMemory)
      memory = gst_dnn_buffer_get_tensor (buffer, info, idx, &error);
  GstMapInfo map;

  g_assert_no_error (error);
  gst_memory_map (memory, &map, GST_MAP_READ);
  g_assert_cmpuint (map.size, ==, header_size + get_size (idx));
  g_assert_cmpuint (GPOINTER_TO_SIZE (map.data) % 8, ==, 0);
  for (gsize i = header_size; i < map.size; i++)
    g_assert_cmpuint (map.data[i], ==, (guint8) idx);
  gst_memory_unmap (memory, &map);
}

static void
test_round_trip (void)
{
  static const guint counts[] = { 1, 15, 16, 17, 18, 100, 255, 256 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (counts); i++) {
    guint n = counts[i / 2];
    GstDnnTensorsInfo info;
    g_autoptr (GstBuffer) buffer = make_buffer (n, i % 2, &info);
    g_assert_cmpuint (gst_buffer_n_memory (buffer), ==, MIN (n, 16));
    g_assert_cmpuint (gst_dnn_buffer_get_n_tensors (buffer, &info), ==, n);
    for (guint k = 0; k < n; k++)
      check_tensor (buffer, &info, k);
  }
}

/* NNStreamer's structure on a machine of 64 bits: magic, version, number, the
 * size of the 16th; then 240 times name, type, 16 dimensions. */
static void
test_layout (void)
{
  GstDnnTensorsInfo info;
  g_autoptr (GstBuffer) buffer = make_buffer (18, FALSE, &info);
  GstMemory *packed = gst_buffer_peek_memory (buffer, 15);
  gsize header_size = 24 + 240 * 80;
  guint32 words[3], tensor[17];
  guint64 first_size;
  GstMapInfo map;

  if (sizeof (gpointer) != 8) {
    g_test_skip ("another layout");
    return;
  }
  gst_memory_map (packed, &map, GST_MAP_READ);
  g_assert_cmpuint (map.size, ==,
      header_size + get_size (15) + get_size (16) + get_size (17));
  memcpy (words, map.data, sizeof words);
  g_assert_cmphex (words[0], ==, 0xf00dc0deu);
  g_assert_cmpuint (words[1], ==, 0);
  g_assert_cmpuint (words[2], ==, 2);
  memcpy (&first_size, map.data + 16, sizeof first_size);
  g_assert_cmpuint (first_size, ==, get_size (15));
  memcpy (tensor, map.data + 24 + 8, sizeof tensor);
  g_assert_cmpuint (tensor[0], ==, 7); /* float32 */
  g_assert_cmpuint (tensor[1], ==, 16 % 7 + 1);
  g_assert_cmpuint (tensor[2], ==, 1);
  g_assert_cmpuint (tensor[3], ==, 0);
  memcpy (tensor, map.data + 24 + 80 + 8, sizeof tensor);
  g_assert_cmpuint (tensor[0], ==, 8); /* int64 */
  g_assert_cmpuint (map.data[header_size], ==, 15);
  g_assert_cmpuint (map.data[header_size + get_size (15)], ==, 16);
  gst_memory_unmap (packed, &map);
}

/* One memory with all tensors and no header is read as well. */
static void
test_whole (void)
{
  GstBuffer *whole = gst_buffer_new ();
  GstDnnTensorsInfo info;

  gst_buffer_unref (make_buffer (20, FALSE, &info));
  for (guint i = 0; i < 20; i++) {
    GstMemory *memory = make_memory (i, FALSE);
    GstBuffer *one = gst_buffer_new ();
    gst_buffer_append_memory (one, memory);
    whole = gst_buffer_append (whole, one);
  }
  gst_buffer_replace_all_memory (whole, gst_buffer_get_all_memory (whole));
  for (guint i = 0; i < 20; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstMemory)
        memory = gst_dnn_buffer_get_tensor (whole, &info, i, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (memory->size, ==, get_size (i));
  }
  gst_buffer_unref (whole);
}

typedef struct
{
  const gchar *name;
  gsize offset; /* of a 32-bit word */
  guint32 value;
  gboolean flexible;
  const gchar *message;
} BadRow;

static const BadRow bad[] = {
  { "size-of-first", 16, 1, FALSE, "Tensor 15: 1 bytes don't fit the stream" },
  { "huge-first", 16, 0x7fffffff, TRUE, "Tensor 15: 2147483647 bytes don't" },
  { "too-few", 8, 1, FALSE,
      "Tensor 17: the last memory of the buffer doesn't" },
  { "magic", 0, 5, FALSE, "Tensor 17: " },
  { "number", 8, 241, FALSE, "Tensor 17: " },
};

static void
test_bad (gconstpointer data)
{
  const BadRow *row = data;
  GstDnnTensorsInfo info;
  g_autoptr (GstBuffer) buffer = make_buffer (18, row->flexible, &info);
  g_autoptr (GstMemory) memory = NULL;
  g_autoptr (GError) error = NULL;
  GstMapInfo map;

  gst_memory_map (gst_buffer_peek_memory (buffer, 15), &map, GST_MAP_READWRITE);
  memcpy (map.data + row->offset, &row->value, sizeof row->value);
  gst_memory_unmap (gst_buffer_peek_memory (buffer, 15), &map);
  memory = gst_dnn_packed_get (
      gst_buffer_peek_memory (buffer, 15), &info, 17, &error);
  g_assert_null (memory);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_DATA);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, row->message));
}

/* Cut off at every byte of the numbers and behind. */
static void
test_cut (void)
{
  GstDnnTensorsInfo info;
  g_autoptr (GstBuffer) buffer = make_buffer (18, FALSE, &info);
  GstMemory *packed = gst_buffer_peek_memory (buffer, 15);

  for (gsize size = 0; size < packed->size; size += size < 64 ? 1 : 97) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstMemory) part = gst_memory_share (packed, 0, (gssize) size);
    g_assert_null (gst_dnn_packed_get (part, &info, 17, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_DATA);
  }
}

gint
main (gint argc, gchar **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/packed/round-trip", test_round_trip);
  g_test_add_func ("/elements/packed/layout", test_layout);
  g_test_add_func ("/elements/packed/whole", test_whole);
  g_test_add_func ("/elements/packed/cut", test_cut);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *name = g_strconcat (
        "/elements/packed/bad/", bad[i].name, NULL);
    g_test_add_data_func (name, &bad[i], test_bad);
  }
  return g_test_run ();
}
