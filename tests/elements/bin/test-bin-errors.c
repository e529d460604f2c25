/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnbin: everything that can be wrong with settings, files, names and caps is
 * one error, and afterwards it plays. */
#include "config.h"

#include <glib/gstdio.h>

#include "gst-plugin/stream/gstdnncaps.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"
#include "tests/test-folder.h"

GST_START_TEST (test_input_is_not_requested)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);

  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      (const gchar *[]){ "global input \"b\"", "pad sink_b", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

GST_START_TEST (test_pad_of_no_input)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autoptr (GstPad) pad = gst_element_request_pad_simple (bin, "sink_x");

  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      (const gchar *[]){ "pad sink_x is of no global input",
          "sink for \"a\", sink_b for \"b\"", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

/* A param is the output. */
GST_START_TEST (test_no_inputs)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnGraph) graph = dnn_graph_new ("constant");
  DnnShape shape = dnn_shape (1, (gint64) 2);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstBus) bus = NULL;

  dnn_graph_add_output (graph, "y", dnn_graph_add_param (graph, "w", tensor));
  module = dnn_module_new (graph, NULL);
  fail_unless (module != NULL);
  dnn_pipeline_config_add_module (config, 0, module);
  dnn_check_bind (config, "0:y", "out:0");
  bin = dnn_check_make_bin (config);
  bus = dnn_check_add_bus (bin);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, GST_STREAM_ERROR,
      GST_STREAM_ERROR_NOT_IMPLEMENTED,
      (const gchar *[]){ "The pipeline has no inputs", "gst-dnn run", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

GST_START_TEST (test_names_clash)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstBus) bus = NULL;

  dnn_check_add_module (config, 0, 3, 1, 2);
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "in:b.c", "0:in1");
  dnn_check_bind (config, "in:b:c", "0:in2");
  dnn_check_bind (config, "0:out0", "out:0");
  bin = dnn_check_make_bin (config);
  bus = dnn_check_add_bus (bin);
  gst_element_set_state (bin, GST_STATE_PAUSED);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      (const gchar *[]){ "\"b.c\" and \"b:c\"", "pad sink_b_c", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

/* Launch texts that are no stage. */
static const struct
{
  const gchar *text;
  const gchar *parts[4];
} bad_elements[] = {
  { "nosuchelement", { "module 1", "nosuchelement" } },
  { "identity ! identity", { "module 1", "is not one element" } },
  { "fakesink", { "module 1", "is not one element" } },
};

GST_START_TEST (test_element_stage_is_wrong)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstBus) bus = NULL;

  dnn_check_add_module (config, 0, 1, 1, 2);
  dnn_pipeline_config_add_element (config, 1, bad_elements[__i__].text);
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "0:out0", "1:0");
  dnn_check_bind (config, "1:out0", "out:0");
  bin = dnn_check_make_bin (config);
  bus = dnn_check_add_bus (bin);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      bad_elements[__i__].parts);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

/* A pipeline whose source gives five frames of these caps. */
static GstElement *
launch (const gchar *path)
{
  g_autofree gchar *text = g_strdup_printf (
      "appsrc name=source format=time ! dnnbin name=b config=%s ! fakesink",
      path);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  fail_unless (pipeline != NULL && error == NULL);
  return pipeline;
}

static void
play (GstElement *pipeline, const gchar *dimensions, guint n_elements)
{
  g_autoptr (GstElement)
      source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstCaps) caps = dnn_check_caps (dimensions);
  GstFlowReturn flow;

  g_object_set (source, "caps", caps, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint frame = 0; frame < 5; frame++) {
    GstBuffer *buffer = dnn_check_buffer (1, n_elements, 1, frame);
    g_signal_emit_by_name (source, "push-buffer", buffer, &flow);
    gst_buffer_unref (buffer);
  }
  g_signal_emit_by_name (source, "end-of-stream", &flow);
}

/* In a whole pipeline: our error comes first and alone, what the source and
 * the queues add afterwards doesn't count; the same pipeline plays with what
 * is right. */
GST_START_TEST (test_error_in_a_pipeline)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autofree gchar *path = dnn_check_export (config, dnn_check_get_folder ());
  g_autofree gchar *other = g_build_filename (
      dnn_check_get_folder (), "other", NULL);
  g_autoptr (DnnModule) module = dnn_check_module ("m", "1,5", 1, 1, 2);
  g_autofree gchar *right = dnn_check_export_module (module, other);
  g_autoptr (GstElement) pipeline = launch (path);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  play (pipeline, "5:1", 5);
  dnn_check_assert_error (bus, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
      (const gchar *[]){ "\"in0\" float32 1×4", "float32 1×5", NULL });
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (pipeline), "b::config", right, NULL);
  play (pipeline, "5:1", 5);
  message = gst_bus_timed_pop_filtered (
      bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  assert_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST;

/* Properties that are wrong. */
static const struct
{
  const gchar *config, *model, *cuts;
  gint stages;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4];
} bad_settings[] = {
  { NULL, NULL, NULL, 1, gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND,
      { "Neither config", "nor model" } },
  { "a", "b", NULL, 1, gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS,
      { "config (a)", "model (b)" } },
  { NULL, "b.onnx", NULL, 3, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "stages is 3", "set cuts" } },
  { "a", NULL, "x", 1, gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS,
      { "cuts and stages are for an ONNX file" } },
  { "/no/such/config", NULL, NULL, 1, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_FOUND, { "/no/such/config" } },
};

GST_START_TEST (test_settings_that_are_wrong)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autofree gchar *path = NULL;
  GstHarness *h;

  g_object_get (bin, "config", &path, NULL);
  g_object_set (bin, "config", bad_settings[__i__].config, "model",
      bad_settings[__i__].model, "cuts", bad_settings[__i__].cuts, "stages",
      bad_settings[__i__].stages, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, bad_settings[__i__].domain (),
      bad_settings[__i__].code, bad_settings[__i__].parts);
  gst_element_set_state (bin, GST_STATE_NULL);
  g_object_set (
      bin, "config", path, "model", NULL, "cuts", NULL, "stages", 1, NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  dnn_check_push_frames (h, 1);
  gst_buffer_unref (gst_harness_pull (h));
  dnn_check_assert_no_error (bus);
  gst_element_set_bus (bin, NULL);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* A file of the configuration, what is written into it, and the error. */
static const struct
{
  const gchar *file, *content;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4];
} bad_files[] = {
  { "params1", "short", gst_resource_error_quark, GST_RESOURCE_ERROR_READ,
      { "params1" } },
  { "json1", "{\"nodes\": [", gst_resource_error_quark, GST_RESOURCE_ERROR_READ,
      { "json1" } },
  { "config", "{\"load_confg\": \"x\"}", gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "load_confg", "load_config" } },
};

GST_START_TEST (test_files_that_are_wrong)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autofree gchar *file = g_build_filename (
      dnn_check_get_folder (), bad_files[__i__].file, NULL);
  g_autofree gchar *saved = NULL;
  gsize length;
  GstHarness *h;

  fail_unless (g_file_get_contents (file, &saved, &length, NULL), "%s", file);
  g_file_set_contents (file, bad_files[__i__].content, -1, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, bad_files[__i__].domain (),
      bad_files[__i__].code, bad_files[__i__].parts);
  gst_element_set_state (bin, GST_STATE_NULL);
  g_file_set_contents (file, saved, (gssize) length, NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  dnn_check_push_frames (h, 1);
  gst_buffer_unref (gst_harness_pull (h));
  dnn_check_assert_no_error (bus);
  gst_element_set_bus (bin, NULL);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* An element of 257 inputs: no module has them. */
GST_START_TEST (test_too_many_tensors)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstBus) bus = NULL;

  dnn_check_add_module (config, 0, 1, 2, 2);
  dnn_pipeline_config_add_element (config, 1, "identity");
  dnn_check_bind (config, "in:a", "0:in0");
  for (guint i = 0; i < 257; i++) {
    g_autofree gchar *input = g_strdup_printf ("1:%u", i);
    dnn_check_bind (config, i % 2 ? "0:out0" : "0:out1", input);
  }
  dnn_check_bind (config, "1:out0", "out:0");
  bin = dnn_check_make_bin (config);
  bus = dnn_check_add_bus (bin);
  gst_element_set_state (bin, GST_STATE_PAUSED);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
      (const gchar *[]){ "257 tensors on one link", "at most 256", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

/* A configuration whose stage runs the same configuration. */
GST_START_TEST (test_runs_itself)
{
  g_autofree gchar *folder = test_folder_make ();
  g_autofree gchar *path = g_build_filename (folder, "config", NULL);
  g_autofree gchar *text = g_strdup_printf (
      "{\"load_config\": [{\"mod_idx\": 0, \"element\": \"dnnbin "
      "config=%s\"}], \"pipeline_config\": {\"module_connection\": "
      "[{\"mod_idx\": 0, \"output\": [{\"output_idx\": 0, "
      "\"dependencies\": [{\"global_output_index\": 0}]}]}], "
      "\"input_connection\": [{\"global_interface_name\": \"x\", "
      "\"mod_idx\": 0, \"module_interface_name\": \"0\"}]}}",
      path);
  g_autoptr (GstElement)
      bin = gst_object_ref_sink (gst_element_factory_make ("dnnbin", NULL));
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);

  fail_unless (g_file_set_contents (path, text, -1, NULL));
  g_object_set (bin, "config", path, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
      (const gchar *[]){ "9 dnnbin inside of each other, at most 8",
          "does the configuration run itself?", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
  test_folder_remove (folder);
}
GST_END_TEST;

/* --- streams that stop --- */

static GstPadProbeReturn
refuse_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  gst_buffer_unref (GST_PAD_PROBE_INFO_BUFFER (info));
  info->data = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GPOINTER_TO_INT (data);
  return GST_PAD_PROBE_HANDLED;
}

static void
refuse_buffers (GstPad *pad, GstFlowReturn flow)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, refuse_buffer,
      GINT_TO_POINTER (flow), NULL);
}

/* Until a frame comes back with the error of the one before it. An end is what
 * makes a queue complain. */
static void
push_until_stopped (GstHarness *h)
{
  GstFlowReturn flow = GST_FLOW_OK;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint frame = 0; flow == GST_FLOW_OK; frame++)
    flow = gst_harness_push (h, dnn_check_buffer (1, 4, (gfloat) frame, frame));
  gst_harness_push_event (h, gst_event_new_eos ());
}

/* An element inside gives up without a word: dnnbin says where. */
GST_START_TEST (test_nobody_says_why)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autoptr (GstElement) module = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");

  module = gst_bin_get_by_name (GST_BIN (bin), "module2");
  pad = gst_element_get_static_pad (module, "sink");
  refuse_buffers (pad, GST_FLOW_ERROR);
  push_until_stopped (h);
  dnn_check_assert_error (bus, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED,
      (const gchar *[]){ "The stream stopped behind queue_", "error", NULL });
  gst_element_set_bus (bin, NULL);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* GStreamer refuses caps that no pad of ours has, without a word. */
GST_START_TEST (test_stream_of_another_kind)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");

  gst_harness_set_src_caps_str (h, "audio/x-raw, rate=(int)8000");
  assert_equals_int (gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0)),
      GST_FLOW_NOT_NEGOTIATED);
  dnn_check_assert_error (bus, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
      (const gchar *[]){
          "sink: The stream is audio/x-raw", "tensors were expected", NULL });
  gst_element_set_bus (bin, NULL);
  gst_harness_teardown (h);
}
GST_END_TEST;

static GstFlowReturn
refuse_caps (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gboolean is_caps = GST_EVENT_TYPE (event) == GST_EVENT_CAPS;

  gst_event_unref (event);
  return is_caps ? GST_FLOW_ERROR : GST_FLOW_OK;
}

/* Who stands behind dnnbin has told it already, when a frame comes or when its
 * caps do; with one input and with two. */
GST_START_TEST (test_downstream_says_why)
{
  g_autoptr (DnnPipelineConfig) config = (__i__ & 1) == 0
      ? dnn_check_skipping_config ()
      : dnn_check_two_input_config ("b");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  GstHarness *other = NULL, *h;

  if ((__i__ & 1) != 0)
    other = gst_harness_new_with_element (bin, "sink_b", NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  if ((__i__ & 2) == 0)
    refuse_buffers (h->sinkpad, GST_FLOW_ERROR);
  else
    gst_pad_set_event_full_function (h->sinkpad, refuse_caps);
  if (other != NULL) {
    gst_harness_set_src_caps (other, dnn_check_caps ("4:1"));
    gst_harness_push (other, dnn_check_buffer (1, 4, 0, 0));
    gst_harness_push_event (other, gst_event_new_eos ());
  }
  push_until_stopped (h);
  gst_element_set_state (bin, GST_STATE_READY);
  dnn_check_assert_no_error (bus);
  gst_element_set_bus (bin, NULL);
  g_clear_pointer (&other, gst_harness_teardown);
  gst_harness_teardown (h);
}
GST_END_TEST;

static Suite *
bin_errors_suite (void)
{
  Suite *suite = suite_create ("bin-errors");
  TCase *cases = tcase_create ("bin-errors");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_input_is_not_requested);
  tcase_add_test (cases, test_pad_of_no_input);
  tcase_add_test (cases, test_no_inputs);
  tcase_add_test (cases, test_names_clash);
  tcase_add_loop_test (
      cases, test_element_stage_is_wrong, 0, G_N_ELEMENTS (bad_elements));
  tcase_add_test (cases, test_error_in_a_pipeline);
  tcase_add_loop_test (
      cases, test_settings_that_are_wrong, 0, G_N_ELEMENTS (bad_settings));
  tcase_add_loop_test (
      cases, test_files_that_are_wrong, 0, G_N_ELEMENTS (bad_files));
  tcase_add_test (cases, test_too_many_tensors);
  tcase_add_test (cases, test_runs_itself);
  tcase_add_test (cases, test_nobody_says_why);
  tcase_add_test (cases, test_stream_of_another_kind);
  tcase_add_loop_test (cases, test_downstream_says_why, 0, 4);
  return suite;
}

GST_CHECK_MAIN (bin_errors);
