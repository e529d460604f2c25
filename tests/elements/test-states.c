/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Every element of the plugin through every state, up and down, twice, with and
 * without data, and nothing is left; what gst-inspect shows of each. */
#include "config.h"

#include <string.h>

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* Element factories of the plugin, by name. */
static GList *
list_factories (void)
{
  GList *features = gst_registry_get_feature_list_by_plugin (
      gst_registry_get (), "dnn");
  GList *factories = NULL;

  for (GList *link = features; link != NULL; link = link->next)
    if (GST_IS_ELEMENT_FACTORY (link->data))
      factories = g_list_prepend (factories, gst_object_ref (link->data));
  gst_plugin_feature_list_free (features);
  return factories;
}

/* A model and labels where an element has properties for them. */
static void
give_files (GstElement *element)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (element);
  g_autoptr (DnnModule) module = dnn_check_module ("m", "1,3,8,8", 1, 1, 2);
  g_autofree gchar *config = dnn_check_export_module (
      module, dnn_check_get_folder ());

  if (g_object_class_find_property (klass, "config") != NULL)
    g_object_set (element, "config", config, NULL);
  else if (g_object_class_find_property (klass, "model") != NULL)
    g_object_set (element, "model", config, NULL);
}

static void
set_state (GstElement *element, GstState state)
{
  GstStateChangeReturn result = gst_element_set_state (element, state);
  g_autofree gchar *name = gst_object_get_name (GST_OBJECT (element));

  fail_unless (result != GST_STATE_CHANGE_FAILURE, "%s to %s", name,
      gst_element_state_get_name (state));
}

/* --- what is left --- */

static GstTracer *
find_leaks_tracer (void)
{
  GList *tracers = gst_tracing_get_active_tracers ();
  GstTracer *found = NULL;

  for (GList *link = tracers; link != NULL; link = link->next)
    if (g_str_equal (G_OBJECT_TYPE_NAME (link->data), "GstLeaksTracer"))
      found = link->data;
  g_list_free (tracers);
  fail_unless (found != NULL, "GST_TRACERS=leaks is not set");
  return found;
}

static void
start_tracking (void)
{
  g_signal_emit_by_name (find_leaks_tracer (), "activity-start-tracking");
}

/* Types of which none may outlive what was tested. */
static gboolean
is_counted (const gchar *type_name)
{
  static const gchar *types[] = { "GstBuffer", "GstMemory", "GstEvent",
    "GstQuery", "GstPipeline", "GstGhostPad", "GstPad", "GstQueue", "GstTee" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (type_name, types[i]))
      return TRUE;
  return g_str_has_prefix (type_name, "GstDnn");
}

/* Adds @step for every object of a list to the counts by type. */
static void
count_types (GHashTable *counts, const GstStructure *checkpoint,
    const gchar *field, gint step)
{
  const GValue *list = gst_structure_get_value (checkpoint, field);

  for (guint i = 0; i < gst_value_list_get_size (list); i++) {
    const gchar *type_name = gst_structure_get_string (
        gst_value_get_structure (gst_value_list_get_value (list, i)),
        "type-name");
    gpointer count = g_hash_table_lookup (counts, type_name);
    if (is_counted (type_name))
      g_hash_table_insert (counts, g_strdup (type_name),
          GINT_TO_POINTER (GPOINTER_TO_INT (count) + step));
  }
}

/* "2 GstBuffer, …": made since start_tracking() and still there. */
static gchar *
list_left (void)
{
  g_autoptr (GHashTable)
      counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *left = g_string_new (NULL);
  GstStructure *checkpoint = NULL;
  GHashTableIter iter;
  gpointer type_name, count;

  g_signal_emit_by_name (
      find_leaks_tracer (), "activity-get-checkpoint", &checkpoint);
  count_types (counts, checkpoint, "objects-created-list", 1);
  count_types (counts, checkpoint, "objects-removed-list", -1);
  gst_structure_free (checkpoint);
  g_signal_emit_by_name (find_leaks_tracer (), "activity-stop-tracking");
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &type_name, &count))
    if (GPOINTER_TO_INT (count) != 0)
      g_string_append_printf (
          left, "%d %s ", GPOINTER_TO_INT (count), (const gchar *) type_name);
  return g_string_free (left, FALSE);
}

static void
assert_nothing_is_left (void)
{
  g_autofree gchar *left = list_left ();

  assert_equals_string (left, "");
}

/* --- states --- */

/* Up and down, in single steps and in jumps. */
static void
walk (GstElement *element)
{
  static const GstState states[] = { GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_READY, GST_STATE_NULL, GST_STATE_PLAYING, GST_STATE_NULL };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    set_state (element, states[i]);
}

GST_START_TEST (test_states_without_data)
{
  GList *factories = list_factories ();

  fail_unless (factories != NULL);
  for (GList *link = factories; link != NULL; link = link->next) {
    GstElement *element;
    start_tracking ();
    element = gst_element_factory_create (link->data, NULL);
    fail_unless (element != NULL);
    gst_object_ref_sink (element);
    give_files (element);
    walk (element);
    walk (element);
    gst_object_unref (element);
    assert_nothing_is_left ();
  }
  gst_plugin_feature_list_free (factories);
}
GST_END_TEST;

/* The check itself finds what is left. */
GST_START_TEST (test_leaks_are_found)
{
  GstBuffer *buffer;
  g_autofree gchar *left = NULL;

  start_tracking ();
  buffer = gst_buffer_new ();
  left = list_left ();
  assert_equals_string (left, "1 GstBuffer ");
  gst_buffer_unref (buffer);
}
GST_END_TEST;

/* Pipelines in which each element sees data. %s is the configuration. */
static const gchar *launch_lines[] = {
  "videotestsrc ! video/x-raw,width=16,height=16 ! dnnpreprocess "
  "! dnnmodule model=%s ! fakesink",
  "videotestsrc ! video/x-raw,width=16,height=16 ! dnnpreprocess "
  "! dnnbin config=%s ! fakesink",
  "videotestsrc ! dnnpreprocess width=8 height=8 ! tee name=t ! queue "
  "! mux.sink_0 t. ! queue ! mux.sink_1 dnnmux name=mux ! fakesink",
};

GST_START_TEST (test_states_with_data)
{
  g_autoptr (DnnModule) module = dnn_check_module ("m", "1,3,8,8", 1, 1, 2);
  g_autofree gchar *config = dnn_check_export_module (
      module, dnn_check_get_folder ());
  g_auto (GStrv) parts = g_strsplit (launch_lines[__i__], "%s", 2);
  g_autofree gchar *line = g_strjoinv (config, parts);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;
  GstElement *pipeline;

  start_tracking ();
  pipeline = gst_parse_launch (line, &error);
  fail_unless (pipeline != NULL && error == NULL, "%s: %s", line,
      error ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  for (guint i = 0; i < 3; i++) {
    GstStateChangeReturn result;
    set_state (pipeline, GST_STATE_PLAYING);
    result = gst_element_get_state (pipeline, NULL, NULL, 60 * GST_SECOND);
    dnn_check_assert_no_error (bus);
    assert_equals_int (result, GST_STATE_CHANGE_SUCCESS);
    set_state (pipeline, i == 0 ? GST_STATE_READY : GST_STATE_NULL);
  }
  set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_clear_pointer (&bus, gst_object_unref);
  assert_nothing_is_left ();
}
GST_END_TEST;

/* --- going down while a stream comes --- */

/* One element, with what comes to it. */
static const struct
{
  const gchar *launch, *caps;
} streams[] = {
  { "dnnmodule model=%s instances=1",
      "other/tensors,format=static,num_tensors=1,types=(string)float32,"
      "dimensions=(string)8:8:3:1,framerate=10/1" },
  { "dnnmodule model=%s instances=2",
      "other/tensors,format=static,num_tensors=1,types=(string)float32,"
      "dimensions=(string)8:8:3:1,framerate=10/1" },
  { "dnnbin config=%s",
      "other/tensors,format=static,num_tensors=1,types=(string)float32,"
      "dimensions=(string)8:8:3:1,framerate=10/1" },
  { "dnnpreprocess width=8 height=8",
      "video/x-raw,format=RGB,width=8,height=8,framerate=10/1" },
  { "dnnoverlay", "video/x-raw,format=RGB,width=8,height=8,framerate=10/1" },
};

/* The pad src, or what stands behind it, is down already, the pad sink not yet:
 * what comes is told so, and nothing is an error. */
static void
check_going_down (guint idx, gboolean is_peer)
{
  g_autoptr (DnnModule) module = dnn_check_module ("m", "1,3,8,8", 1, 1, 2);
  g_autofree gchar *config = dnn_check_export_module (
      module, dnn_check_get_folder ());
  g_auto (GStrv) parts = g_strsplit (streams[idx].launch, "%s", 2);
  g_autofree gchar *line = g_strjoinv (config, parts); /* of one or two */
  g_autoptr (GstElement) element = gst_parse_launch (line, NULL);
  g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");
  GstHarness *h = gst_harness_new_with_element (element, "sink", "src");
  g_autoptr (GstBus) bus = dnn_check_add_bus (h->element);
  g_autoptr (GstPad) last = NULL;
  GstFlowReturn flow = GST_FLOW_OK;
  GstSegment segment;

  if (GST_IS_GHOST_PAD (src))
    last = gst_ghost_pad_get_target (GST_GHOST_PAD (src));
  gst_harness_set_src_caps_str (h, streams[idx].caps);
  gst_harness_push (h, gst_harness_create_buffer (h, 8 * 8 * 3 * 4));
  gst_buffer_unref (gst_harness_pull (h));
  gst_pad_set_active (is_peer ? h->sinkpad : last != NULL ? last : src, FALSE);
  if (is_peer)
    gst_harness_push (h, gst_harness_create_buffer (h, 8 * 8 * 3 * 4));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.base = 1;
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  for (guint i = 0; i < 100 && flow == GST_FLOW_OK; i++)
    flow = gst_harness_push (h, gst_harness_create_buffer (h, 8 * 8 * 3 * 4));
  assert_equals_int (flow, GST_FLOW_FLUSHING);
  dnn_check_assert_no_error (bus);
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

GST_START_TEST (test_stream_while_going_down)
{
  check_going_down (__i__, FALSE);
}
GST_END_TEST;

GST_START_TEST (test_stream_while_peer_is_down)
{
  check_going_down (__i__, TRUE);
}
GST_END_TEST;

/* --- what gst-inspect shows --- */

/* A property of ours says its unit, if it is a number, and when it can be
 * set. */
static void
check_property (const gchar *element, GParamSpec *spec)
{
  const gchar *blurb = g_param_spec_get_blurb (spec);
  gboolean is_number = G_IS_PARAM_SPEC_INT (spec) ||
      G_IS_PARAM_SPEC_UINT (spec) || G_IS_PARAM_SPEC_INT64 (spec) ||
      G_IS_PARAM_SPEC_UINT64 (spec) || G_IS_PARAM_SPEC_FLOAT (spec) ||
      G_IS_PARAM_SPEC_DOUBLE (spec);
  guint when = GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PAUSED |
      GST_PARAM_MUTABLE_PLAYING;

  fail_unless (blurb != NULL && strlen (blurb) > 10, "%s: %s has no blurb",
      element, spec->name);
  fail_unless (!is_number || g_str_has_suffix (blurb, "]"),
      "%s: %s has no unit: %s", element, spec->name, blurb);
  fail_unless (!(spec->flags & G_PARAM_WRITABLE) || (spec->flags & when) != 0,
      "%s: %s doesn't say when it can be set", element, spec->name);
}

static void
check_element (GstElement *element)
{
  guint n_specs;
  g_autofree GParamSpec **specs = g_object_class_list_properties (
      G_OBJECT_GET_CLASS (element), &n_specs);
  GstElementFactory *factory = gst_element_get_factory (element);

  for (guint i = 0; i < n_specs; i++)
    if (specs[i]->owner_type == G_OBJECT_TYPE (element) ||
        g_str_has_prefix (g_type_name (specs[i]->owner_type), "GstDnn"))
      check_property (GST_OBJECT_NAME (factory), specs[i]);
  fail_unless (gst_element_factory_get_metadata (
                   factory, GST_ELEMENT_METADATA_DESCRIPTION) != NULL);
  assert_equals_string (
      gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_AUTHOR),
      "The gst-dnn authors");
}

GST_START_TEST (test_properties)
{
  GList *factories = list_factories ();

  for (GList *link = factories; link != NULL; link = link->next) {
    GstElement *element = gst_element_factory_create (link->data, NULL);
    gst_object_ref_sink (element);
    check_element (element);
    gst_object_unref (element);
  }
  gst_plugin_feature_list_free (factories);
}
GST_END_TEST;

static Suite *
states_suite (void)
{
  Suite *suite = suite_create ("states");
  TCase *cases = tcase_create ("states");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_states_without_data);
  tcase_add_loop_test (
      cases, test_states_with_data, 0, G_N_ELEMENTS (launch_lines));
  tcase_add_loop_test (
      cases, test_stream_while_going_down, 0, G_N_ELEMENTS (streams));
  tcase_add_loop_test (
      cases, test_stream_while_peer_is_down, 0, G_N_ELEMENTS (streams));
  tcase_add_test (cases, test_leaks_are_found);
  tcase_add_test (cases, test_properties);
  return suite;
}

GST_CHECK_MAIN (states);
