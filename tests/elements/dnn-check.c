/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Numbers → buffers, buses → assertions. Next: the tests of elements. */
#include "config.h"

#include "tests/elements/dnn-check.h"

#include <string.h>

GstCaps *
dnn_check_caps (const gchar *dimensions)
{
  g_auto (GStrv) words = g_strsplit (dimensions, ",", -1);
  GString *types = g_string_new ("float32");
  GstCaps *caps;

  for (guint i = 1; i < g_strv_length (words); i++)
    g_string_append (types, ",float32");
  caps = gst_caps_new_simple ("other/tensors", "format", G_TYPE_STRING,
      "static", "num_tensors", G_TYPE_INT, (gint) g_strv_length (words),
      "types", G_TYPE_STRING, types->str, "dimensions", G_TYPE_STRING,
      dimensions, "framerate", GST_TYPE_FRACTION, 100, 1, NULL);
  g_string_free (types, TRUE);
  return caps;
}

GstBuffer *
dnn_check_buffer (guint n_tensors, guint n_elements, gfloat value, guint frame)
{
  GstBuffer *buffer = gst_buffer_new ();

  for (guint t = 0; t < n_tensors; t++) {
    GstAllocationParams params = { .align = 63 };
    GstMemory *memory = gst_allocator_alloc (
        NULL, n_elements * sizeof (gfloat), &params);
    GstMapInfo map;
    gst_memory_map (memory, &map, GST_MAP_WRITE);
    for (guint i = 0; i < n_elements; i++)
      ((gfloat *) map.data)[i] = value + 100.0f * (gfloat) t + (gfloat) i;
    gst_memory_unmap (memory, &map);
    gst_buffer_append_memory (buffer, memory);
  }
  GST_BUFFER_PTS (buffer) = frame * 10 * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = 10 * GST_MSECOND;
  return buffer;
}

void
dnn_check_push_frames (GstHarness *harness, guint n_frames)
{
  for (guint frame = 0; frame < n_frames; frame++)
    assert_equals_int (gst_harness_push (harness,
                           dnn_check_buffer (1, 4, (gfloat) frame, frame)),
        GST_FLOW_OK);
}

GstBuffer *
dnn_check_add_key (GstBuffer *buffer, guint64 serial)
{
  GstDnnFrameKey key = { serial, 0, 1 };

  gst_buffer_add_dnn_frame_meta (buffer, NULL, NULL, NULL, NULL, &key);
  return buffer;
}

guint64
dnn_check_get_serial (GstBuffer *buffer)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);

  fail_unless (meta != NULL);
  return meta->key.serial;
}

GstBuffer *
dnn_check_gap (guint64 serial, guint frame)
{
  GstBuffer *buffer = dnn_check_buffer (0, 0, 0, frame);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  return dnn_check_add_key (buffer, serial);
}

gfloat
dnn_check_get_float (GstBuffer *buffer, guint idx, guint element)
{
  GstMapInfo map;
  gfloat value;

  fail_unless (idx < gst_buffer_n_memory (buffer));
  gst_memory_map (gst_buffer_peek_memory (buffer, idx), &map, GST_MAP_READ);
  fail_unless ((element + 1) * sizeof (gfloat) <= map.size);
  value = ((const gfloat *) map.data)[element];
  gst_memory_unmap (gst_buffer_peek_memory (buffer, idx), &map);
  return value;
}

GstBus *
dnn_check_add_bus (GstElement *element)
{
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (element, bus);
  return bus;
}

/* Errors of the elements of our plugin, not of sources and queues. */
static gboolean
is_ours (GstMessage *message)
{
  GstElement *element = GST_ELEMENT (GST_MESSAGE_SRC (message));
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory == NULL ||
      g_strcmp0 (
          gst_plugin_feature_get_plugin_name (GST_PLUGIN_FEATURE (factory)),
          "dnn") == 0;
}

void
dnn_check_assert_error (
    GstBus *bus, GQuark domain, gint code, const gchar *const *parts)
{
  g_autoptr (GstMessage) first = gst_bus_timed_pop_filtered (
      bus, 10 * GST_SECOND, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;
  GstMessage *next;

  fail_unless (first != NULL, "no error on the bus");
  gst_message_parse_error (first, &error, NULL);
  fail_unless (is_ours (first), "%s", error->message);
  fail_unless (g_error_matches (error, domain, code), "%s %d: %s",
      g_quark_to_string (error->domain), error->code, error->message);
  for (; *parts != NULL; parts++)
    fail_unless (strstr (error->message, *parts) != NULL, "\"%s\" lacks \"%s\"",
        error->message, *parts);
  while ((next = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR)) != NULL) {
    g_autoptr (GError) second = NULL;
    gst_message_parse_error (next, &second, NULL);
    fail_if (is_ours (next), "a second error: %s", second->message);
    gst_message_unref (next);
  }
}

void
dnn_check_assert_no_error (GstBus *bus)
{
  g_autoptr (GstMessage)
      message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message != NULL)
    gst_message_parse_error (message, &error, NULL);
  fail_if (message != NULL, "%s", error->message);
}

void
dnn_check_assert_plugin (void)
{
  g_autoptr (GstPlugin) plugin = gst_plugin_load_by_name ("dnn");
  g_autofree gchar *expected = g_build_filename (
      g_getenv ("DNN_PLUGIN_DIR"), "libgstdnn." G_MODULE_SUFFIX, NULL);

  fail_unless (plugin != NULL, "the plugin doesn't load");
  assert_equals_string (gst_plugin_get_filename (plugin), expected);
}
