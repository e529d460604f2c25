/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Whole pipelines as a person types them, each with one mistake: the first
 * error on the bus is ours and says what is wrong, and there is no second. */
#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* Stand for paths in launch lines. */
#define BALL "@BALL@" /* the demo's model: one class */
#define FILES "@FILES@" /* the test's folder */

#define VIDEO "videotestsrc num-buffers=3 ! video/x-raw,width=320,height=240 ! "
#define FRAMES VIDEO "dnnpreprocess ! dnnmodule model=" BALL " ! "
#define FILTER                                                        \
  "other/tensors,format=static,num_tensors=1,dimensions=(string)1:2," \
  "types=(string)float32 ! "
#define NO_CAPS "filesrc location=" FILES "/three ! "

/* What lies in the test's folder. */
static const struct
{
  const gchar *name, *text;
} files[] = {
  { "three", "one\ntwo\nthree\n" },
  { "blank", "\n\n\n" },
  { "empty", "" },
  { "garbage.onnx", "garbage" },
};

typedef struct
{
  const gchar *name, *launch;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4]; /* and NULL */
} Row;

#define NEGOTIATION gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION
#define NOT_FOUND gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND
#define READ gst_resource_error_quark, GST_RESOURCE_ERROR_READ
#define SETTINGS gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS
#define NO_DECODER                         \
  {                                        \
    "sink: data without caps", "decodebin" \
  }
#define NO_TENSORS                                     \
  {                                                    \
    "sink: data without caps", "dnnpreprocess missing" \
  }

static const Row rows[] = {
  { "no-model", VIDEO "dnnvideobin ! fakesink", NOT_FOUND,
      { "Neither config", "nor model" } },
  { "missing-model", VIDEO "dnnvideobin model=" FILES "/no.onnx ! fakesink",
      NOT_FOUND, { "/no.onnx" } },
  { "garbage-model",
      VIDEO "dnnvideobin model=" FILES "/garbage.onnx ! fakesink", READ,
      { "/garbage.onnx", "no ONNX file" } },
  { "missing-labels",
      VIDEO "dnnvideobin model=" BALL " labels=" FILES "/no ! fakesink",
      NOT_FOUND, { "labels: ", "/no" } },
  { "empty-labels",
      VIDEO "dnnvideobin model=" BALL " labels=" FILES "/empty ! fakesink",
      READ, { "labels: ", "is empty" } },
  { "head-of-another-model",
      VIDEO "dnnvideobin model=" BALL " head=yolov5 ! fakesink", NEGOTIATION,
      { "head=yolov5", "it expects 1×N×(5+C)" } },
  { "head-behind-a-bin",
      VIDEO "dnnpreprocess ! dnnbin model=" BALL
            " ! dnndetect head=yolov5 ! fakesink",
      NEGOTIATION, { "head=yolov5" } },
  { "detector-as-classifier",
      VIDEO "dnnvideobin model=" BALL " decoder=classify ! fakesink",
      NEGOTIATION, { "no scores of a classifier", "one tensor 1×C" } },
  { "label-without-labels", FRAMES "dnndetect classes=ball ! fakesink",
      SETTINGS, { "\"ball\"", "set labels" } },
  { "class-that-is-not", FRAMES "dnndetect classes=0,5 ! fakesink", SETTINGS,
      { "classes: 5", "0 to 0" } },
  { "shape-that-does-not-fit",
      VIDEO "dnnpreprocess width=64 ! dnnmodule model=" BALL " ! fakesink",
      NEGOTIATION, { "width=64", "256" } },
  { "no-shape", VIDEO "dnnpreprocess ! fakesink", NEGOTIATION,
      { "set width and height" } },
  { "filter-behind-a-decoder",
      "videotestsrc num-buffers=3 ! video/x-raw,format=RGB,width=320,height=240 "
      "! dnnpreprocess ! dnnmodule model=" BALL
      " ! dnndetect ! video/x-raw,format=NV12 ! fakesink",
      SETTINGS, { "NV12", "put a videoconvert there" } },
  { "filter-of-another-shape",
      VIDEO "dnnpreprocess width=8 height=4 ! " FILTER "fakesink", NEGOTIATION,
      { "width=8, but downstream takes 1" } },
  { "filter-before-another-model",
      VIDEO "dnnpreprocess width=8 height=4 ! " FILTER "dnnmodule model=" BALL
            " ! fakesink",
      NEGOTIATION, { "width=8, but downstream takes 1" } },
  { "filter-of-another-rate",
      VIDEO "dnnpreprocess width=8 height=4 ! other/tensors,"
            "framerate=(fraction)7/1 ! fakesink",
      NEGOTIATION, { "1×3×4×8", "downstream takes", "7/1" } },
  { "forgot-dnnmodule", VIDEO "dnnpreprocess ! dnndetect ! fakesink",
      NEGOTIATION, { "set width and height" } },
  { "image-for-a-classifier",
      VIDEO "dnnpreprocess width=8 height=4 ! dnnclassify ! fakesink",
      NEGOTIATION, { "1×3×4×8", "no scores of a classifier" } },
  { "stages-without-cuts",
      VIDEO "dnnvideobin model=" BALL " stages=2 ! fakesink", SETTINGS,
      { "stages is 2", "set cuts" } },
  { "cut-that-is-not",
      VIDEO "dnnvideobin model=" BALL " stages=2 cuts=stage9 ! fakesink",
      SETTINGS, { "cut \"stage9\"", "stage1" } },
  { "json-nowhere",
      FRAMES "dnndetect ! dnnjson location=" FILES "/no/x.jsonl ! fakesink",
      NOT_FOUND, { "/no/x.jsonl", "writing" } },
  { "no-decoder-videobin", NO_CAPS "dnnvideobin model=" BALL " ! fakesink",
      NEGOTIATION, NO_DECODER },
  { "no-decoder-preprocess",
      NO_CAPS "dnnpreprocess width=8 height=4 ! fakesink", NEGOTIATION,
      NO_DECODER },
  { "no-decoder-overlay", NO_CAPS "dnnoverlay ! fakesink", NEGOTIATION,
      NO_DECODER },
  { "no-decoder-json", NO_CAPS "dnnjson location=/dev/null ! fakesink",
      NEGOTIATION, NO_DECODER },
  { "no-tensors-bin", NO_CAPS "dnnbin model=" BALL " ! fakesink", NEGOTIATION,
      NO_TENSORS },
  { "no-tensors-module", NO_CAPS "dnnmodule model=" BALL " ! fakesink",
      NEGOTIATION, NO_TENSORS },
  { "no-tensors-detect", NO_CAPS "dnndetect ! fakesink", NEGOTIATION,
      NO_TENSORS },
  { "no-tensors-mux", NO_CAPS "dnnmux ! fakesink", NEGOTIATION,
      { "sink_0: data without caps", "dnnpreprocess missing" } },
};

static void
write_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree gchar *path = g_build_filename (
        dnn_check_get_folder (), files[i].name, NULL);
    fail_unless (g_file_set_contents (path, files[i].text, -1, NULL));
  }
}

/* With paths. */
static gchar *
complete (const gchar *text)
{
  g_autofree gchar *ball = g_build_filename (
      g_getenv ("DNN_EXAMPLES"), "ball", "ball.onnx", NULL);
  GString *completed = g_string_new (text);

  g_string_replace (completed, BALL, ball, 0);
  g_string_replace (completed, FILES, dnn_check_get_folder (), 0);
  return g_string_free (completed, FALSE);
}

static GstElement *
make_pipeline (const gchar *launch)
{
  g_autofree gchar *text = complete (launch);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline;

  write_files ();
  pipeline = gst_parse_launch (text, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  if (GST_IS_PIPELINE (pipeline))
    g_object_set (pipeline, "auto-flush-bus", FALSE, NULL);
  return pipeline;
}

/* Plays until it ends; all that was said stays on the bus. */
static GstBus *
play (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline), *all = gst_bus_new ();
  GstMessageType type;
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  do {
    message = gst_bus_timed_pop (bus, 60 * GST_SECOND);
    fail_unless (message != NULL, "neither an error nor an end");
    type = GST_MESSAGE_TYPE (message);
    gst_bus_post (all, message);
  } while (type != GST_MESSAGE_ERROR && type != GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  while ((message = gst_bus_pop (bus)) != NULL)
    gst_bus_post (all, message);
  gst_object_unref (bus);
  return all;
}

GST_START_TEST (test_mistake)
{
  const Row *row = &rows[__i__];
  GstElement *pipeline = make_pipeline (row->launch);
  GstBus *bus = play (pipeline);

  g_print ("# %s\n", row->name);
  dnn_check_assert_error (bus, row->domain (), row->code, row->parts);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}
GST_END_TEST;

/* Labels of three classes for a model of one: a warning, and it plays. */
GST_START_TEST (test_too_many_labels)
{
  GstElement *pipeline = make_pipeline (
      FRAMES "dnndetect labels=" FILES "/three ! fakesink");
  GstBus *bus = play (pipeline);
  g_autoptr (GstMessage)
      message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  g_autoptr (GError) warning = NULL;

  fail_unless (message != NULL);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (strstr (warning->message, "names 3 classes, the model has 1"));
  dnn_check_assert_no_error (bus);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}
GST_END_TEST;

/* Names that are left out, with and without the lines for them. */
GST_START_TEST (test_too_few_labels)
{
  static const gchar *const parts[] = { "has 1 lines", "has 3 classes",
    "one line for each", NULL };
  GstHarness *harness;
  GstBus *bus;

  write_files ();
  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *launch = g_strdup_printf (
        "dnnclassify score-activation=none labels=%s/%s",
        dnn_check_get_folder (), i == 0 ? "blank" : "garbage.onnx");

    harness = gst_harness_new_parse (launch);
    bus = dnn_check_add_bus (harness->element);
    gst_harness_set_src_caps (harness, dnn_check_caps ("3:1"));
    if (i == 0)
      dnn_check_assert_no_error (bus);
    else
      dnn_check_assert_error (
          bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
    gst_element_set_bus (harness->element, NULL);
    gst_object_unref (bus);
    gst_harness_teardown (harness);
  }
}
GST_END_TEST;

/* Elements that are ready, and a property that is set then. */
static const struct
{
  const gchar *launch, *property, *wrong, *right;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4]; /* and NULL */
} ready_rows[] = {
  { "dnnmodule model=" BALL, "model", FILES "/no.onnx", BALL, NOT_FOUND,
      { "/no.onnx" } },
  { "dnnmodule model=" BALL, "instances", "none", "2", SETTINGS,
      { "instances: \"none\"" } },
  { "dnnbin model=" BALL, "model", FILES "/no.onnx", BALL, NOT_FOUND,
      { "/no.onnx" } },
  { "dnnbin model=" BALL, "tune-file", FILES "/no", "", NOT_FOUND, { "/no" } },
  { "dnnvideobin model=" BALL, "model", FILES "/no.onnx", BALL, NOT_FOUND,
      { "/no.onnx" } },
  { "dnnvideobin model=" BALL, "labels", FILES "/no", FILES "/three", NOT_FOUND,
      { "/no" } },
  { "dnnpreprocess", "mean", "a", "0", SETTINGS, { "mean" } },
  { "dnndetect", "labels", FILES "/no", FILES "/three", NOT_FOUND, { "/no" } },
  { "dnnclassify", "labels", FILES "/no", FILES "/three", NOT_FOUND,
      { "/no" } },
};

static void
set_text (GstElement *element, const gchar *property, const gchar *value)
{
  g_autofree gchar *text = complete (value);

  gst_util_set_object_arg (
      G_OBJECT (element), property, *text != '\0' ? text : "NULL");
}

/* What was wrong at one start is wrong at the next, and said again; what is
 * right counts. */
GST_START_TEST (test_wrong_when_ready)
{
  const gchar *property = ready_rows[__i__].property;
  GstElement *element = make_pipeline (ready_rows[__i__].launch);
  GstBus *bus = dnn_check_add_bus (element);

  g_print ("# %s %s\n", GST_OBJECT_NAME (element), property);
  assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  set_text (element, property, ready_rows[__i__].wrong);
  for (guint i = 0; i < 2; i++) {
    assert_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
        GST_STATE_CHANGE_FAILURE);
    dnn_check_assert_error (bus, ready_rows[__i__].domain (),
        ready_rows[__i__].code, ready_rows[__i__].parts);
    assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
        GST_STATE_CHANGE_SUCCESS);
    dnn_check_assert_no_error (bus);
  }
  set_text (element, property, ready_rows[__i__].right);
  assert_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_SUCCESS);
  dnn_check_assert_no_error (bus);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
}
GST_END_TEST;

static Suite *
mistakes_suite (void)
{
  Suite *suite = suite_create ("mistakes");
  TCase *cases = tcase_create ("all");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_loop_test (cases, test_mistake, 0, G_N_ELEMENTS (rows));
  tcase_add_test (cases, test_too_many_labels);
  tcase_add_test (cases, test_too_few_labels);
  tcase_add_loop_test (
      cases, test_wrong_when_ready, 0, G_N_ELEMENTS (ready_rows));
  return suite;
}

GST_CHECK_MAIN (mistakes);
