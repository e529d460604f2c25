/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The exit of dnnbin by itself: frames that come, enter, and leave while others
 * are dropped. */
#include "config.h"

#include "gst-plugin/bin/gstdnnexit.h"

#include "gst-plugin/stream/gstdnnbuffer.h"

/* Frames have times of whole ms, by which they are named here. */
typedef struct
{
  GstElement *bin;
  GstPad *src, *sink;
  GstBus *bus;
  GstDnnExit *exit;
  GstBuffer *frames[8];
  GString *left; /* in order; gaps in parentheses */
} Fixture;

static const GstDnnExitPolicy policy = {
  .is_live = TRUE,
  .drops_oldest = TRUE,
  .pass_limit = GST_SECOND,
};

static GstFlowReturn
note_buffer (GstPad *sink, GstObject *parent, GstBuffer *buffer)
{
  Fixture *self = gst_pad_get_element_private (sink);

  g_string_append_printf (self->left, "%" G_GUINT64_FORMAT " ",
      GST_BUFFER_PTS (buffer) / GST_MSECOND);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
note_event (GstPad *sink, GstObject *parent, GstEvent *event)
{
  Fixture *self = gst_pad_get_element_private (sink);
  GstClockTime time;

  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP) {
    gst_event_parse_gap (event, &time, NULL);
    g_string_append_printf (
        self->left, "(%" G_GUINT64_FORMAT ") ", time / GST_MSECOND);
  }
  gst_event_unref (event);
  return TRUE;
}

static GstBuffer *
make_frame (guint time)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 4, NULL);
  GstDnnFrameKey key = gst_dnn_frame_key_new ();

  GST_BUFFER_PTS (buffer) = time * GST_MSECOND;
  gst_buffer_add_dnn_frame_meta (buffer, NULL, NULL, NULL, NULL, &key);
  return buffer;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("a/b");
  GstSegment segment;

  self->bin = gst_object_ref_sink (gst_bin_new ("bin"));
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->bin, self->bus);
  self->src = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  self->sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  self->left = g_string_new (NULL);
  gst_pad_set_element_private (self->sink, self);
  gst_pad_set_chain_function (self->sink, note_buffer);
  gst_pad_set_event_function (self->sink, note_event);
  gst_pad_set_active (self->sink, TRUE);
  gst_pad_set_active (self->src, TRUE);
  g_assert_cmpint (gst_pad_link (self->src, self->sink), ==, GST_PAD_LINK_OK);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->src, gst_event_new_stream_start ("stream"));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
  self->exit = gst_dnn_exit_new (self->bin, self->src);
  gst_dnn_exit_start (self->exit, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (self->frames); i++)
    self->frames[i] = make_frame (i);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->frames); i++)
    gst_clear_buffer (&self->frames[i]);
  gst_dnn_exit_free (self->exit);
  gst_bus_set_sync_handler (self->bus, NULL, NULL, NULL);
  gst_element_set_bus (self->bin, NULL);
  gst_pad_set_active (self->src, FALSE);
  gst_pad_set_active (self->sink, FALSE);
  gst_object_unref (self->src);
  gst_object_unref (self->sink);
  gst_object_unref (self->bin);
  gst_object_unref (self->bus);
  g_string_free (self->left, TRUE);
}

/* Into the graph. */
static void
come (Fixture *self, guint i)
{
  GstBuffer *buffer = gst_buffer_ref (self->frames[i]);
  GstFlowReturn flow;

  g_assert_false (gst_dnn_exit_take (self->exit, &policy, &buffer, &flow));
  gst_buffer_unref (buffer);
}

/* One that nobody looks at. */
static void
pass (Fixture *self, guint i)
{
  GstBuffer *gap = gst_dnn_buffer_new_gap (self->frames[i]);
  GstFlowReturn flow;

  g_assert_true (gst_dnn_exit_take (self->exit, &policy, &gap, &flow));
  g_assert_cmpint (flow, ==, GST_FLOW_OK);
}

/* Out of the queue before the graph. */
static void
enter (Fixture *self, guint i)
{
  gst_dnn_exit_enter (
      self->exit, &gst_buffer_get_dnn_frame_meta (self->frames[i])->key);
}

static void
leave (Fixture *self, guint i)
{
  g_assert_cmpint (
      gst_dnn_exit_leave (self->exit, gst_buffer_ref (self->frames[i])), ==,
      GST_FLOW_OK);
}

static void
test_dropped (Fixture *self, gconstpointer data)
{
  come (self, 0);
  enter (self, 0);
  come (self, 1);
  come (self, 2);
  pass (self, 3);
  enter (self, 2);
  leave (self, 0);
  leave (self, 2);
  g_assert_cmpstr (self->left->str, ==, "0 2 (3) ");
  g_assert_cmpuint (gst_dnn_exit_get_n_dropped (self->exit), ==, 1);
}

static GstBusSyncReply
leave_meanwhile (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_QOS)
    for (guint i = 0; i < 2; i++)
      leave (data, i);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* While a frame is told of that the queue dropped, others leave: what came
 * later is still expected, and not counted as dropped. */
static void
test_leave_meanwhile (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 2; i++) {
    come (self, i);
    enter (self, i);
  }
  for (guint i = 2; i < 5; i++)
    come (self, i);
  gst_bus_set_sync_handler (self->bus, leave_meanwhile, self, NULL);
  enter (self, 3);
  g_assert_cmpstr (self->left->str, ==, "0 1 ");
  g_assert_cmpuint (gst_dnn_exit_get_n_dropped (self->exit), ==, 1);
  pass (self, 5);
  leave (self, 3);
  enter (self, 4);
  leave (self, 4);
  g_assert_cmpstr (self->left->str, ==, "0 1 3 4 (5) ");
  g_assert_cmpuint (gst_dnn_exit_get_n_dropped (self->exit), ==, 1);
}

#define ADD(name, function) \
  g_test_add ("/bin/exit/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  ADD ("dropped", test_dropped);
  ADD ("leave-meanwhile", test_leave_meanwhile);
  return g_test_run ();
}
