/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A stream through a dnnmodule with several instances is as one through a
 * single one: events, gaps, caps, flushes, errors, the end. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"
#include "tests/elements/module/gate.h"

static GstHarness *
make_harness (const gchar *shape, const gchar *instances)
{
  g_autoptr (DnnModule) module = gate_module (shape);
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *element = gst_element_factory_make ("dnnmodule", NULL);
  GstHarness *h;

  g_object_set (element, "model", path, "instances", instances, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  return h;
}

static GstFlowReturn
push (GstHarness *h, gfloat value, guint n_elements)
{
  return gst_harness_push (
      h, dnn_check_buffer (1, n_elements, value, (guint) MAX (value, 0)));
}

/* --- what leaves, as text --- */

typedef struct
{
  GMutex lock;
  GCond changed;
  GString *text;
} Record;

static void
note (Record *self, const gchar *text)
{
  g_mutex_lock (&self->lock);
  g_string_append_printf (self->text, "%s ", text);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static GstPadProbeReturn
note_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autofree gchar *text = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)
      ? g_strdup ("skipped")
      : g_strdup_printf ("%g", dnn_check_get_float (buffer, 0, 0));

  note (data, text);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
note_event (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  const GstStructure *structure = gst_event_get_structure (event);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    structure = gst_caps_get_structure (caps, 0);
    note (data, gst_structure_get_string (structure, "dimensions"));
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM) {
    note (data, gst_structure_get_name (structure));
  } else if (GST_EVENT_TYPE (event) != GST_EVENT_RECONFIGURE) {
    note (data, GST_EVENT_TYPE_NAME (event));
  }
  return GST_PAD_PROBE_OK;
}

static void
record (GstHarness *h, Record *self)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (h->element, "src");

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->text = g_string_new (NULL);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, note_buffer, self, NULL);
  gst_pad_add_probe (src,
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      note_event, self, NULL);
}

static void
wait_for (Record *self, const gchar *text)
{
  g_mutex_lock (&self->lock);
  while (strstr (self->text->str, text) == NULL)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
clear (Record *self)
{
  g_string_free (self->text, TRUE);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

/* --- events --- */

static void
push_custom (GstHarness *h, const gchar *name)
{
  gst_harness_push_event (h,
      gst_event_new_custom (
          GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty (name)));
}

static void
push_stream (GstHarness *h)
{
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  push (h, 1, 4);
  push_custom (h, "first");
  push (h, 2, 4);
  gst_harness_push_event (
      h, gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "title", NULL)));
  push (h, 3, 4);
  push (h, 4, 4);
  gst_harness_push_event (h, gst_event_new_gap (50 * GST_MSECOND, 1));
  gst_harness_push (h, dnn_check_gap (7, 5));
  push (h, 6, 4);
  gst_harness_set_src_caps (h, dnn_check_caps ("6:1"));
  push (h, 7, 6);
  push_custom (h, "second");
  push_custom (h, "third");
  push (h, 8, 6);
  gst_harness_push (h, dnn_check_gap (9, 9));
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  push (h, 10, 4);
  gst_harness_push_event (h, gst_event_new_eos ());
}

/* Order of everything, whatever a frame takes. */
GST_START_TEST (test_events)
{
  g_autofree gchar *expected = NULL;

  gate_dawdle (99);
  for (guint i = 0; i < 3; i++) {
    GstHarness *h = make_harness ("1,?", i == 0 ? "1" : i == 1 ? "2" : "5");
    Record seen;
    record (h, &seen);
    push_stream (h);
    wait_for (&seen, "eos");
    if (i == 0)
      expected = g_strdup (seen.text->str);
    assert_equals_string (seen.text->str, expected);
    gst_harness_teardown (h);
    clear (&seen);
  }
  fail_unless (strstr (expected, "2 first 4 tag 6 8 gap skipped 12 ") != NULL,
      "%s", expected);
}
GST_END_TEST;

static gpointer
push_eos (gpointer harness)
{
  gst_harness_push_event (harness, gst_event_new_eos ());
  return NULL;
}

/* The end waits for the frames before it. */
GST_START_TEST (test_eos)
{
  GstHarness *h = make_harness ("1,4", "3");
  GThread *pusher;
  Record seen;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  record (h, &seen);
  gate_shut ();
  for (guint value = 1; value <= 3; value++)
    push (h, (gfloat) value, 4);
  gate_wait_for (3);
  pusher = g_thread_new ("pusher", push_eos, h);
  gate_open (3);
  gate_open (2);
  gate_open (1);
  g_thread_join (pusher);
  wait_for (&seen, "eos");
  assert_equals_string (seen.text->str, "2 4 6 eos ");
  gst_harness_teardown (h);
  clear (&seen);
}
GST_END_TEST;

/* --- flushes --- */

static gpointer
push_until_flushing (gpointer harness)
{
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint value = 4; flow == GST_FLOW_OK; value++)
    flow = push (harness, (gfloat) value, 4);
  return GINT_TO_POINTER (flow);
}

/* While all lanes have frames, and another one waits. */
GST_START_TEST (test_flush)
{
  GstHarness *h = make_harness ("1,4", "3");
  GstSegment segment;
  GThread *pusher;
  Record seen;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  record (h, &seen);
  for (guint round = 0; round < 5; round++) {
    gate_shut ();
    for (guint value = 1; value <= 3; value++)
      push (h, (gfloat) value, 4);
    gate_wait_for (3);
    pusher = g_thread_new ("pusher", push_until_flushing, h);
    gst_harness_push_event (h, gst_event_new_flush_start ());
    assert_equals_int (
        GPOINTER_TO_INT (g_thread_join (pusher)), GST_FLOW_FLUSHING);
    gate_open_all ();
    gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_harness_push_event (h, gst_event_new_segment (&segment));
    assert_equals_int (push (h, 100, 4), GST_FLOW_OK);
    assert_equals_int (push (h, 101, 4), GST_FLOW_OK);
    wait_for (&seen, "202");
    assert_equals_string (
        seen.text->str, "flush-start flush-stop segment 200 202 ");
    g_string_truncate (seen.text, 0);
  }
  gst_harness_teardown (h);
  clear (&seen);
}
GST_END_TEST;

/* From the thread that pushes, in the middle of that. */
static GstPadProbeReturn
flush_here (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstHarness *h = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (dnn_check_get_float (buffer, 0, 0) != 4)
    return GST_PAD_PROBE_OK;
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  return GST_PAD_PROBE_DROP;
}

GST_START_TEST (test_flush_from_inside)
{
  GstHarness *h = make_harness ("1,4", "2");
  g_autoptr (GstPad) src = gst_element_get_static_pad (h->element, "src");
  GstSegment segment;
  Record seen;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, flush_here, h, NULL);
  record (h, &seen);
  push (h, 1, 4);
  push (h, 2, 4);
  wait_for (&seen, "flush-stop");
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  assert_equals_int (push (h, 3, 4), GST_FLOW_OK);
  wait_for (&seen, "6 ");
  assert_equals_string (seen.text->str, "2 flush-start flush-stop segment 6 ");
  gst_harness_teardown (h);
  clear (&seen);
}
GST_END_TEST;

/* --- errors --- */

static const gchar *bad_frame[] = { "the frame is a bad one", NULL };

/* Frames before the bad one leave, those behind it don't; whoever sends learns
 * of it once. */
GST_START_TEST (test_error)
{
  GstHarness *h = make_harness ("1,4", "4");
  g_autoptr (GstBus) bus = dnn_check_add_bus (h->element);
  GstFlowReturn flow = GST_FLOW_OK;
  Record seen;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  record (h, &seen);
  gate_shut ();
  push (h, 1, 4);
  push (h, 2, 4);
  push (h, GATE_BAD, 4);
  push (h, 3, 4);
  gate_wait_for (3);
  gate_open_all ();
  dnn_check_assert_error (
      bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, bad_frame);
  while (flow == GST_FLOW_OK)
    flow = gst_harness_push (h, dnn_check_gap (10, 10));
  assert_equals_int (flow, GST_FLOW_ERROR);
  gst_harness_push_event (h, gst_event_new_eos ());
  wait_for (&seen, "eos");
  fail_unless (g_str_has_prefix (seen.text->str, "2 4 "), seen.text->str);
  fail_unless (strstr (seen.text->str, "6 ") == NULL, seen.text->str);
  dnn_check_assert_no_error (bus);
  gst_harness_teardown (h);
  clear (&seen);
}
GST_END_TEST;

/* Nobody pushes any more when it is found. */
GST_START_TEST (test_error_at_the_end)
{
  GstHarness *h = make_harness ("1,4", "3");
  g_autoptr (GstBus) bus = dnn_check_add_bus (h->element);
  Record seen;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  record (h, &seen);
  push (h, 1, 4);
  push (h, GATE_BAD, 4);
  gst_harness_push_event (h, gst_event_new_eos ());
  dnn_check_assert_error (
      bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, bad_frame);
  assert_equals_string (seen.text->str, "2 eos ");
  gst_harness_teardown (h);
  clear (&seen);
}
GST_END_TEST;

static GstPadProbeReturn
refuse (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  gst_buffer_unref (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GPOINTER_TO_INT (data);
  return GST_PAD_PROBE_HANDLED;
}

/* What downstream says reaches upstream. */
GST_START_TEST (test_flow)
{
  static const GstFlowReturn flows[] = { GST_FLOW_EOS, GST_FLOW_NOT_LINKED,
    GST_FLOW_ERROR };
  GstHarness *h = make_harness ("1,4", "2");
  g_autoptr (GstPad) src = gst_element_get_static_pad (h->element, "src");
  GstFlowReturn flow = GST_FLOW_OK;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, refuse,
      GINT_TO_POINTER (flows[__i__]), NULL);
  while (flow == GST_FLOW_OK)
    flow = push (h, 1, 4);
  assert_equals_int (flow, flows[__i__]);
  gst_harness_teardown (h);
}
GST_END_TEST;

static Suite *
make_suite (void)
{
  Suite *suite = suite_create ("crew-stream");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_events);
  tcase_add_test (cases, test_eos);
  tcase_add_test (cases, test_flush);
  tcase_add_test (cases, test_flush_from_inside);
  tcase_add_test (cases, test_error);
  tcase_add_test (cases, test_error_at_the_end);
  tcase_add_loop_test (cases, test_flow, 0, 3);
  return suite;
}

int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  gate_register ();
  return gst_check_run_suite (make_suite (), "crew-stream", __FILE__);
}
