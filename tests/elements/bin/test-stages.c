/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Elements of others as stages of dnnbin: they change values, have several
 * inputs and outputs, drop frames, hold them, fail; and params that are set
 * while frames stand before and behind one. */
#include "config.h"

#include "gst-plugin/stream/gstdnncaps.h"
#include "pipeline-core/graph/dnn-params.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"
#include "tests/elements/executor/executor-elements.h"

/* @text between two modules: 3 · text (2 · x). */
static DnnPipelineConfig *
make_config (const gchar *text)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();

  dnn_check_add_module (config, 0, 1, 1, 2);
  dnn_pipeline_config_add_element (config, 1, text);
  dnn_check_add_module (config, 2, 1, 1, 3);
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "0:out0", "1:0");
  dnn_check_bind (config, "1:out0", "2:in0");
  dnn_check_bind (config, "2:out0", "out:0");
  return config;
}

/* @text alone. */
static DnnPipelineConfig *
make_alone (const gchar *text)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();

  dnn_pipeline_config_add_element (config, 0, text);
  dnn_check_bind (config, "in:a", "0:0");
  dnn_check_bind (config, "0:out0", "out:0");
  return config;
}

static GstHarness *
start (GstElement *bin)
{
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  return h;
}

static void
push (GstHarness *h, gfloat value, guint frame)
{
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 4, value, frame)), GST_FLOW_OK);
}

static void
check_next (GstHarness *h, guint tensor, gfloat expected, guint frame)
{
  GstBuffer *out = gst_harness_pull (h);

  fail_unless (out != NULL);
  assert_equals_float (dnn_check_get_float (out, tensor, 0), expected);
  assert_equals_uint64 (GST_BUFFER_PTS (out), frame * 10 * GST_MSECOND);
  gst_buffer_unref (out);
}

/* --- values --- */

static void
check_values (GstElement *bin)
{
  GstHarness *h = start (bin);

  for (guint frame = 0; frame < 20; frame++)
    push (h, (gfloat) frame, frame);
  for (guint frame = 0; frame < 20; frame++)
    check_next (h, 0, -6 * (gfloat) frame, frame);
  gst_harness_teardown (h);
}

/* From files and from memory. */
GST_START_TEST (test_values)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("samplenegate");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);

  check_values (bin);
}
GST_END_TEST;

GST_START_TEST (test_values_from_memory)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("samplenegate");
  g_autoptr (GstElement)
      bin = gst_object_ref_sink (gst_element_factory_make ("dnnbin", NULL));

  g_object_set (bin, "configuration", config, NULL);
  check_values (bin);
}
GST_END_TEST;

/* Inputs and outputs have numbers: those of the tensors. */
GST_START_TEST (test_numbers)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) bin = NULL;
  GstHarness *h;

  dnn_check_add_module (config, 0, 1, 3, 2); /* 2x, 3x, 4x */
  dnn_pipeline_config_add_element (config, 1, "samplenegate");
  dnn_check_add_module (config, 2, 1, 1, 10);
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "0:out2", "1:0");
  dnn_check_bind (config, "0:out0", "1:1");
  dnn_check_bind (config, "1:out1", "2:in0");
  dnn_check_bind (config, "2:out0", "out:0");
  dnn_check_bind (config, "1:out0", "out:1");
  bin = dnn_check_make_bin (config);
  h = start (bin);
  for (guint frame = 0; frame < 5; frame++) {
    GstBuffer *out;
    push (h, (gfloat) frame, frame);
    out = gst_harness_pull (h);
    assert_equals_float (dnn_check_get_float (out, 0, 0), -20 * (gfloat) frame);
    assert_equals_float (dnn_check_get_float (out, 1, 0), -4 * (gfloat) frame);
    gst_buffer_unref (out);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- frames --- */

/* Times of GAP events that have come. */
static GArray *
take_gaps (GstHarness *h)
{
  GArray *gaps = g_array_new (FALSE, FALSE, sizeof (GstClockTime));
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (h)) != NULL) {
    GstClockTime time;
    if (GST_EVENT_TYPE (event) == GST_EVENT_GAP) {
      gst_event_parse_gap (event, &time, NULL);
      g_array_append_val (gaps, time);
    }
    gst_event_unref (event);
  }
  return gaps;
}

/* A dropped frame makes place for the next one, and is a gap behind dnnbin. */
GST_START_TEST (test_dropped)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("sampledrop");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GArray) gaps = NULL;
  guint64 in_flight;
  GstHarness *h;

  g_object_set (bin, "max-in-flight", 1, NULL);
  h = start (bin);
  push (h, 1, 0);
  for (guint frame = 1; frame < 9; frame++)
    push (h, SAMPLE_DROPPED / 2.0f, frame);
  push (h, 2, 9);
  check_next (h, 0, 6, 0);
  check_next (h, 0, 12, 9);
  gaps = take_gaps (h);
  assert_equals_int (gaps->len, 8);
  for (guint i = 0; i < gaps->len; i++)
    assert_equals_uint64 (
        g_array_index (gaps, GstClockTime, i), (i + 1) * 10 * GST_MSECOND);
  gst_harness_push_event (h, gst_event_new_eos ());
  g_object_get (bin, "in-flight", &in_flight, NULL);
  assert_equals_uint64 (in_flight, 0);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* What an element forgets of a frame, it gets back whole. */
GST_START_TEST (test_forgotten)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("samplestrip");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = start (bin);
  GstBuffer *buffer = dnn_check_add_key (dnn_check_buffer (1, 4, 1, 0), 77);
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);

  gst_dnn_frame_meta_set_model_size (meta, 7, 9);
  gst_harness_push (h, buffer);
  buffer = gst_harness_pull (h);
  meta = gst_buffer_get_dnn_frame_meta (buffer);
  fail_unless (meta != NULL);
  assert_equals_uint64 (meta->key.serial, 77);
  assert_equals_int (meta->model_w, 7);
  assert_equals_int (meta->model_h, 9);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* What it held when it was stopped or flushed is nobody's frame afterwards. */
GST_START_TEST (test_again)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("sampledelay");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = start (bin);

  for (guint round = 0; round < 3; round++) {
    for (guint frame = 0; frame < 3; frame++)
      push (h, (gfloat) (10 * round + frame), frame);
    for (guint frame = 0; frame < 2; frame++)
      check_next (h, 0, 6 * (gfloat) (10 * round + frame), frame);
    gst_element_set_state (bin, GST_STATE_READY);
    gst_harness_play (h);
    gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- what is wrong --- */

static const struct
{
  const gchar *text;
  gboolean is_alone;
  const gchar *parts[4];
} failures[] = {
  { "samplesilent", TRUE, { "element0 (samplesilent)", "didn't say why" } },
  { "samplesilent", FALSE, { "element1 (samplesilent)", "didn't say why" } },
  { "samplenegate", TRUE, { "There is a value that can't be negated" } },
};

GST_START_TEST (test_failure)
{
  const gchar *text = failures[__i__].text;
  g_autoptr (DnnPipelineConfig) config = failures[__i__].is_alone
      ? make_alone (text)
      : make_config (text);
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  GstHarness *h = start (bin);

  push (h, SAMPLE_BAD / (failures[__i__].is_alone ? 1.0f : 2.0f), 0);
  message = gst_bus_timed_pop_filtered (
      bus, 60 * GST_SECOND, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  for (guint i = 0; failures[__i__].parts[i] != NULL; i++)
    fail_unless (strstr (error->message, failures[__i__].parts[i]) != NULL,
        "%s", error->message);
  gst_harness_teardown (h);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

/* A configuration inside another one. */
GST_START_TEST (test_nested)
{
  g_autoptr (DnnPipelineConfig) inner = make_config ("samplenegate");
  g_autofree gchar *folder = g_build_filename (
      dnn_check_get_folder (), "inner", NULL);
  g_autofree gchar *path = dnn_check_export (inner, folder);
  g_autofree gchar *text = g_strdup_printf ("dnnbin config=%s", path);
  g_autoptr (DnnPipelineConfig) outer = make_config (text);
  g_autoptr (GstElement) bin = dnn_check_make_bin (outer);
  GstHarness *h = start (bin);

  for (guint frame = 0; frame < 20; frame++)
    push (h, (gfloat) frame, frame);
  for (guint frame = 0; frame < 20; frame++)
    check_next (h, 0, -36 * (gfloat) frame, frame);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Types that don't go together are told when the stream is negotiated. */
GST_START_TEST (test_types)
{
  g_autoptr (DnnPipelineConfig)
      config = make_config ("capsfilter caps=other/tensors,types=(string)int8");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  GstHarness *h = start (bin);

  gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0));
  message = gst_bus_timed_pop_filtered (
      bus, 60 * GST_SECOND, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (
      g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION), "%s",
      error->message);
  fail_unless (strstr (error->message, "float32") != NULL &&
          strstr (error->message, "int8") != NULL,
      "%s", error->message);
  gst_harness_teardown (h);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

/* A valve that is shut swallows frames and events, from the first on: all come
 * out as gaps, and the end does. */
GST_START_TEST (test_shut_valve)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("valve drop=true");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h;
  GstEvent *event;
  guint n_gaps = 0;
  gboolean is_end = FALSE;

  g_object_set (bin, "max-in-flight", 1, NULL);
  h = start (bin);
  for (guint frame = 0; frame < 5; frame++)
    push (h, (gfloat) frame, frame);
  gst_harness_push_event (h, gst_event_new_eos ());
  while (!is_end && (event = gst_harness_pull_event (h)) != NULL) {
    n_gaps += GST_EVENT_TYPE (event) == GST_EVENT_GAP;
    is_end = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless (is_end);
  assert_equals_int (n_gaps, 5);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- params --- */

static void
set_factor (GstElement *bin, gfloat factor)
{
  g_autoptr (DnnParams) params = dnn_params_new ();
  DnnShape scalar = dnn_shape (0);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &scalar);
  GError *error = NULL;

  *(gfloat *) dnn_tensor_get_writable_data (tensor) = factor;
  dnn_params_set (params, "factor0", tensor);
  g_signal_emit_by_name (bin, "set-params", "factors", params, &error);
  fail_unless (error == NULL);
}

static void
bind_params (DnnPipelineConfig *config, gint mod_idx)
{
  DnnInterface group = { DNN_INTERFACE_PARAM_GROUP, 0, 0, (gchar *) "factors" };
  DnnInterface module = { DNN_INTERFACE_MODULE_PARAMS, mod_idx, 0, NULL };

  fail_unless (dnn_pipeline_config_bind (config, &group, &module, NULL));
}

/* Frames that have entered keep the old ones in both modules; a buffer that
 * comes again, with its old key, is a new frame. Before and after a stop. */
GST_START_TEST (test_params)
{
  g_autoptr (DnnPipelineConfig) config = make_config ("samplegate");
  g_autoptr (GstElement) bin = NULL;
  GstBuffer *again = dnn_check_add_key (
      dnn_check_buffer (1, 4, 1, 0), gst_dnn_frame_key_new ().serial);
  GstHarness *h;

  bind_params (config, 0);
  bind_params (config, 2);
  bin = dnn_check_make_bin (config);
  h = start (bin);
  sample_gate_shut ();
  gst_harness_push (h, gst_buffer_ref (again));
  sample_gate_wait_for (1);
  set_factor (bin, 10);
  gst_harness_push (h, gst_buffer_ref (again));
  sample_gate_step ();
  sample_gate_wait_for (2);
  set_factor (bin, 100);
  sample_gate_open ();
  check_next (h, 0, 6, 0);
  check_next (h, 0, 100, 0);
  gst_harness_push (h, again);
  check_next (h, 0, 10000, 0);
  gst_element_set_state (bin, GST_STATE_READY);
  set_factor (bin, 5);
  gst_harness_play (h);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  push (h, 1, 0);
  check_next (h, 0, 25, 0);
  gst_harness_teardown (h);
}
GST_END_TEST;

static Suite *
stages_suite (void)
{
  Suite *suite = suite_create ("stages");
  TCase *cases = tcase_create ("stages");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_checked_fixture (cases, sample_elements_register, NULL);
  tcase_add_test (cases, test_values);
  tcase_add_test (cases, test_values_from_memory);
  tcase_add_test (cases, test_numbers);
  tcase_add_test (cases, test_dropped);
  tcase_add_test (cases, test_forgotten);
  tcase_add_test (cases, test_again);
  tcase_add_loop_test (cases, test_failure, 0, G_N_ELEMENTS (failures));
  tcase_add_test (cases, test_nested);
  tcase_add_test (cases, test_types);
  tcase_add_test (cases, test_shut_valve);
  tcase_add_test (cases, test_params);
  return suite;
}

GST_CHECK_MAIN (stages);
