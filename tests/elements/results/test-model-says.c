/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Models whose graphs say what their numbers mean, in pipelines: decoders hear
 * of it through dnnmodule, dnnbin, dnnvideobin, dnnmux, queues and tees. */
#include "config.h"

#include <string.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "tests/elements/dnn-check-graph.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

#define VIDEO                     \
  "videotestsrc num-buffers=2 ! " \
  "video/x-raw,format=RGB,width=80,height=80 ! "
#define FROM_VIDEO VIDEO "dnnpreprocess ! "
#define SINK " ! fakesink name=sink signal-handoffs=true"

/* Each of 64 candidates is the box 2, 2 to 6, 6 of 8×8 pixels; two scores of
 * sigmoid (3), or 3 itself. */
#define BOXES(scores)                                                     \
  {                                                                       \
    "f = Conv(x @6,3,1,1=0)", "r = Reshape(f #1/6/64)",                   \
        "box cls = Split(r #4/2) axis=1", "m = Mul(box @1,4,64=20)",      \
        "px = Add(m @1,4,64=4)", "c = Add(cls @=3)", "s = " scores "(c)", \
        "wide = Mul(px @=8)", "same = Mul(wide @=0.125)",                 \
        "out = Concat(same s) axis=1", NULL                               \
  }

static const gchar *const boxes[] = BOXES ("Sigmoid");

/* The same for a picture whose sides are open, and one class. */
static const gchar *const open_boxes[] = { "f = Conv(x @5,3,1,1=0)",
  "r = Reshape(f #1/5/-1)", "box cls = Split(r #4/1) axis=1",
  "m = Mul(box @=20)", "px = Add(m @1,4,1=4)", "c = Add(cls @=3)",
  "s = Sigmoid(c)", "out = Concat(px s) axis=1", NULL };

/* Logits 0, 0, 2 of three classes. */
#define CLASSES(last)                                                       \
  {                                                                         \
    "f = Conv(x @3,3,1,1=0)", "p = GlobalAveragePool(f)", "v = Flatten(p)", \
        last, NULL                                                          \
  }

static const gchar *const logits[] = CLASSES ("out = Gemm(v @3,3=0 @3=2)");
static const gchar *const probabilities[] = { "f = Conv(x @3,3,1,1=0)",
  "p = GlobalAveragePool(f)", "v = Flatten(p)", "out = Softmax(v) axis=1",
  NULL };

/* A folder with that model; (transfer full) its path. */
static gchar *
write_model (const gchar *input, const gchar *const *lines, const gchar *names)
{
  g_autoptr (DnnGraph) graph = dnn_check_graph (input, lines);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) module = NULL;

  if (names != NULL)
    dnn_attrs_set (graph->metadata, "onnx.names", names);
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return dnn_check_export_module (module, dnn_check_get_folder ());
}

typedef struct
{
  guint n_frames;
  GPtrArray *texts; /* "LABEL ID CONFIDENCE X Y W H" */
} Found;

static void
take_frame (GstElement *sink, GstBuffer *frame, GstPad *pad, gpointer data)
{
  GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (frame);
  Found *found = data;

  found->n_frames++;
  for (guint i = 0; meta != NULL && i < gst_dnn_results_meta_get_n (meta);
       i++) {
    const GstDnnResult *r = gst_dnn_results_meta_get (meta, i);
    const gchar *label = gst_dnn_result_get_label (r);

    g_ptr_array_add (found->texts,
        g_strdup_printf ("%s %d %.3f %.0f %.0f %.0f %.0f",
            label != NULL ? label : "-", r->label_id, r->confidence, r->x, r->y,
            r->w, r->h));
  }
}

/* Runs @launch, in which every %s is @model, to its end; the texts of WARNINGs
 * come back. (transfer full) */
static gchar *
run (const gchar *launch, const gchar *model, Found *found, GError **failure)
{
  g_auto (GStrv) parts = g_strsplit (launch, "MODEL", -1);
  g_autofree gchar *text = g_strjoinv (model, parts);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstBus) bus = NULL;
  GString *warnings = g_string_new (NULL);
  gboolean done = FALSE;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (take_frame), found);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!done) {
    g_autoptr (GstMessage)
        message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
            GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

    done = GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING;
    if (!done) {
      gst_message_parse_warning (message, &error, NULL);
      g_string_append (warnings, error->message);
      g_clear_error (&error);
    } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, failure, NULL);
    }
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return g_string_free (warnings, FALSE);
}

typedef struct
{
  const gchar *launch;
  const gchar *const *lines;
  const gchar *names;
  const gchar *expected; /* of each frame */
  const gchar *warning; /* part of it; NULL: no WARNING */
  const gchar *input; /* shape; NULL: 1,3,8,8 */
} Row;

#define BOX "dog 0 0.953 20 20 40 40"

static const Row rows[] = {
  { FROM_VIDEO "dnnmodule model=MODEL ! dnndetect" SINK, boxes,
      "{0: 'dog', 1: 'cat'}", BOX },
  { FROM_VIDEO
      "dnnmodule model=MODEL ! queue ! tee ! identity ! dnndetect" SINK,
      boxes, "{0: 'dog', 1: 'cat'}", BOX },
  { FROM_VIDEO "dnnmodule model=MODEL ! dnnmux ! dnndetect" SINK, boxes,
      "['dog', 'cat']", BOX },
  { FROM_VIDEO "dnnbin config=MODEL ! dnndetect classes=dog" SINK, boxes,
      "['dog', 'cat']", BOX },
  { VIDEO "dnnvideobin config=MODEL" SINK, boxes, "['dog', 'cat']", BOX },
  /* Names that are none. */
  { FROM_VIDEO "dnnmodule model=MODEL ! dnndetect head=yolov8" SINK, boxes,
      "dog", "- 0 0.953 20 20 40 40" },
  { FROM_VIDEO "dnnmodule model=MODEL ! dnnclassify" SINK, logits,
      "['a', 'b', 'c']", "a 0 0.333 0 0 80 80", "set mean, scale and color" },
  { VIDEO "dnnvideobin mean=0 scale=1 config=MODEL" SINK, probabilities, NULL,
      "- 0 0.333 0 0 80 80" },
  /* Sides that the user gives: the model's kind is known before caps are. */
  { VIDEO
      "dnnpreprocess width=8 height=8 ! dnnbin config=MODEL ! dnndetect" SINK,
      open_boxes, NULL, "- 0 0.953 20 20 40 40", NULL, "1,3,?,?" },
  { VIDEO "dnnvideobin width=8 height=8 config=MODEL" SINK, open_boxes, NULL,
      "- 0 0.953 20 20 40 40", NULL, "1,3,?,?" },
  /* A head that is named, of a model whose graph says less. */
  { FROM_VIDEO "dnnmodule model=MODEL ! dnndetect head=yolov8" SINK,
      (const gchar *const[]){ "f = Conv(x @5,3,1,1=0)", "a = Mul(f @=0)",
          "r = Reshape(a #1/8/40)", "out = Add(r @1,8,40=4)", NULL },
      NULL, "- 0 4.000 20 20 40 40",
      "head=yolov8: a guess: neither the model nor a property says box-axis" },
};

GST_START_TEST (test_row)
{
  const Row *row = &rows[__i__];
  g_autofree gchar *model = write_model (
      row->input != NULL ? row->input : "1,3,8,8", row->lines, row->names);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Found found = { 0, texts };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *warnings = run (row->launch, model, &found, &error);

  g_assert_no_error (error);
  assert_equals_int (found.n_frames, 2);
  assert_equals_int (texts->len, 2);
  for (guint i = 0; i < texts->len; i++)
    assert_equals_string (texts->pdata[i], row->expected);
  fail_unless_equals_int (*warnings != '\0', row->warning != NULL);
  if (row->warning != NULL)
    fail_unless (strstr (warnings, row->warning) != NULL, "%s", warnings);
}
GST_END_TEST;

/* Nothing is taken for granted: a graph that says nothing of its outputs. */
GST_START_TEST (test_refused)
{
  static const gchar *const lines[] = { "f = Conv(x @5,3,1,1=0)",
    "a = Mul(f @=0)", "r = Reshape(a #1/5/64)", "out = Add(r @1,5,64=4)",
    NULL };
  static const gchar *const parts[] = { "No head fits tensors float32 1×5×64",
    "out 1×5×64: computed (up to about 4)", "yolov8", NULL };
  g_autofree gchar *model = write_model ("1,3,8,8", lines, NULL);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Found found = { 0, texts };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *warnings = run (FROM_VIDEO
      "dnnmodule model=MODEL ! dnndetect" SINK,
      model, &found, &error);

  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION);
  for (guint i = 0; parts[i] != NULL; i++)
    fail_unless (strstr (error->message, parts[i]), "%s", error->message);
  assert_equals_int (texts->len, 0);
}
GST_END_TEST;

static Suite *
model_says_suite (void)
{
  Suite *suite = suite_create ("model-says");
  TCase *cases = tcase_create ("all");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_loop_test (cases, test_row, 0, G_N_ELEMENTS (rows));
  tcase_add_test (cases, test_refused);
  return suite;
}

GST_CHECK_MAIN (model_says);
