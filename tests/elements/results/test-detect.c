/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnndetect and dnnclassify: raw outputs of models with their frames → the
 * frames, with the results that other software finds in them. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "gst-plugin/meta/gstdnnmeta-tensors.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "tests/elements/dnn-check.h"

#define FRAME_CAPS                                                     \
  "video/x-raw, format=(string)RGB, width=(int)320, height=(int)240, " \
  "framerate=(fraction)25/1"

typedef struct
{
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static Fixture
set_up (const gchar *launch)
{
  Fixture self;

  dnn_check_assert_plugin ();
  self.harness = gst_harness_new_parse (launch);
  self.bus = dnn_check_add_bus (self.harness->element);
  return self;
}

static void
tear_down (Fixture *self)
{
  gst_element_set_bus (self->harness->element, NULL);
  gst_harness_teardown (self->harness);
  gst_object_unref (self->bus);
}

/* A frame that came from @width × @height of a model's input, stretched. */
static GstBuffer *
add_frame (GstBuffer *tensors, const gchar *caps_text, gint width, gint height)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_text);
  GstBuffer *frame = gst_buffer_new_allocate (NULL, 320 * 240 * 3, NULL);
  GstDnnFrameKey key = gst_dnn_frame_key_new ();
  GstDnnFrameMeta *meta;
  GstVideoInfo info;
  GstSegment segment;
  GstDnnAffine map;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.base = 17;
  gst_video_info_from_caps (&info, caps);
  map = (GstDnnAffine){ { (gdouble) info.width / width, 0, 0, 0,
      (gdouble) info.height / height, 0 } };
  GST_BUFFER_PTS (frame) = GST_BUFFER_PTS (tensors);
  meta = gst_buffer_add_dnn_frame_meta (
      tensors, frame, caps, &segment, &map, &key);
  gst_dnn_frame_meta_set_model_size (meta, width, height);
  gst_buffer_unref (frame);
  return tensors;
}

static GstBuffer *
new_tensors (guint n, const gfloat *const *data, const gsize *n_elements)
{
  GstBuffer *buffer = gst_buffer_new ();

  for (guint i = 0; i < n; i++) {
    gsize size = n_elements[i] * sizeof (gfloat);
    gpointer copy = g_memdup2 (data[i], size);

    gst_buffer_append_memory (
        buffer, gst_memory_new_wrapped (0, copy, size, 0, size, copy, g_free));
  }
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

/* Two boxes of the ball's head and six empty ones, in pixels of a 100×100
 * model. */
#define BALL_DIMENSIONS "8:5:1"
#define BALL_HEAD "dnndetect head=yolov8 box-axis=first "
static const gfloat ball[] = { 50, 10, 0, 0, 0, 0, 0, 0, /* x */
  60, 20, 0, 0, 0, 0, 0, 0, /* y */
  20, 10, 0, 0, 0, 0, 0, 0, /* width */
  10, 8, 0, 0, 0, 0, 0, 0, /* height */
  0.9, 0.1, 0, 0, 0, 0, 0, 0 }; /* score */

static GstBuffer *
new_ball (const gchar *caps)
{
  const gfloat *data = ball;
  gsize n = G_N_ELEMENTS (ball);

  return add_frame (new_tensors (1, &data, &n), caps, 100, 100);
}

static void
set_ball_caps (Fixture *f)
{
  gst_harness_set_src_caps (f->harness, dnn_check_caps (BALL_DIMENSIONS));
}

static const GstDnnResult *
get_result (GstBuffer *buffer, guint n_expected, guint idx)
{
  GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (buffer);

  fail_unless (meta != NULL);
  assert_equals_int (gst_dnn_results_meta_get_n (meta), n_expected);
  return gst_dnn_results_meta_get (meta, idx);
}

static void
check_box (const GstDnnResult *result, gdouble x, gdouble y, gdouble w,
    gdouble h, gdouble confidence)
{
  g_assert_cmpfloat_with_epsilon (result->x, x, 1e-3);
  g_assert_cmpfloat_with_epsilon (result->y, y, 1e-3);
  g_assert_cmpfloat_with_epsilon (result->w, w, 1e-3);
  g_assert_cmpfloat_with_epsilon (result->h, h, 1e-3);
  g_assert_cmpfloat_with_epsilon (result->confidence, confidence, 1e-5);
}

/* The very buffer that the tensors were made of comes out, with the box, the
 * caps and the segment that it had. */
GST_START_TEST (test_frame)
{
  Fixture f = set_up (BALL_HEAD "model-name=ball");
  GstBuffer *tensors, *frame, *out;
  g_autoptr (GstCaps) expected = gst_caps_from_string (FRAME_CAPS);
  GstMemory *memory;
  GstEvent *event;
  const GstSegment *segment;
  GstCaps *caps;

  set_ball_caps (&f);
  assert_equals_int (gst_harness_events_received (f.harness), 1);
  tensors = new_ball (FRAME_CAPS);
  frame = gst_buffer_get_dnn_frame_meta (tensors)->frame;
  memory = gst_buffer_peek_memory (frame, 0);
  out = gst_harness_push_and_pull (f.harness, tensors);
  fail_unless (out == frame, "the frame was copied");
  fail_unless (gst_buffer_peek_memory (out, 0) == memory);
  check_box (get_result (out, 1, 0), 128, 132, 64, 24, 0.9);
  assert_equals_string (
      gst_dnn_result_get_model (get_result (out, 1, 0)), "ball");
  gst_buffer_unref (out);

  event = gst_harness_pull_event (f.harness);
  assert_equals_int (GST_EVENT_TYPE (event), GST_EVENT_STREAM_START);
  gst_event_unref (event);
  event = gst_harness_pull_event (f.harness);
  assert_equals_int (GST_EVENT_TYPE (event), GST_EVENT_CAPS);
  gst_event_parse_caps (event, &caps);
  fail_unless (gst_caps_is_equal (caps, expected));
  gst_event_unref (event);
  event = gst_harness_pull_event (f.harness);
  assert_equals_int (GST_EVENT_TYPE (event), GST_EVENT_SEGMENT);
  gst_event_parse_segment (event, &segment);
  assert_equals_uint64 (segment->base, 17);
  gst_event_unref (event);
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
}
GST_END_TEST;

/* Another picture: new caps before it, boxes in its own pixels. */
GST_START_TEST (test_new_caps)
{
  Fixture f = set_up (BALL_HEAD);
  GstBuffer *out;
  guint n_events;

  set_ball_caps (&f);
  out = gst_harness_push_and_pull (f.harness, new_ball (FRAME_CAPS));
  gst_buffer_unref (out);
  n_events = gst_harness_events_received (f.harness);
  out = gst_harness_push_and_pull (f.harness, new_ball (FRAME_CAPS));
  gst_buffer_unref (out);
  assert_equals_int (gst_harness_events_received (f.harness), n_events);
  out = gst_harness_push_and_pull (f.harness,
      new_ball ("video/x-raw, format=(string)RGB, width=(int)200, "
                "height=(int)100, framerate=(fraction)25/1"));
  check_box (get_result (out, 1, 0), 80, 55, 40, 10, 0.9);
  assert_equals_int (gst_harness_events_received (f.harness), n_events + 1);
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

/* Serialised events keep their place; an end without a frame is an end. */
GST_START_TEST (test_events)
{
  static const GstEventType expected[] = { GST_EVENT_STREAM_START,
    GST_EVENT_CAPS, GST_EVENT_SEGMENT, GST_EVENT_TAG,
    GST_EVENT_CUSTOM_DOWNSTREAM, GST_EVENT_EOS };
  Fixture f = set_up (BALL_HEAD);
  GstEvent *eos;

  set_ball_caps (&f);
  gst_harness_push_event (
      f.harness, gst_event_new_tag (gst_tag_list_new_empty ()));
  gst_buffer_unref (
      gst_harness_push_and_pull (f.harness, new_ball (FRAME_CAPS)));
  gst_harness_push_event (f.harness,
      gst_event_new_custom (
          GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("x")));
  gst_harness_push_event (f.harness, gst_event_new_eos ());
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (f.harness);

    assert_equals_int (GST_EVENT_TYPE (event), expected[i]);
  }
  tear_down (&f);

  f = set_up (BALL_HEAD);
  set_ball_caps (&f);
  gst_harness_push_event (f.harness, gst_event_new_eos ());
  gst_event_unref (gst_harness_pull_event (f.harness));
  eos = gst_harness_pull_event (f.harness);
  assert_equals_int (GST_EVENT_TYPE (eos), GST_EVENT_EOS);
  gst_event_unref (eos);
  tear_down (&f);
}
GST_END_TEST;

/* A skipped frame passes by, the same buffer, without results. */
GST_START_TEST (test_gap)
{
  Fixture f = set_up (BALL_HEAD);
  GstBuffer *gap = gst_buffer_new (), *frame, *out;

  set_ball_caps (&f);
  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  add_frame (gap, FRAME_CAPS, 100, 100);
  frame = gst_buffer_get_dnn_frame_meta (gap)->frame;
  out = gst_harness_push_and_pull (f.harness, gap);
  fail_unless (out == frame);
  fail_unless (gst_buffer_get_dnn_results_meta (out) == NULL);
  fail_if (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

/* Letterboxed: the borders are taken off, what sticks out is cut off. */
GST_START_TEST (test_map)
{
  Fixture f = set_up (BALL_HEAD "score-threshold=0.05");
  GstBuffer *tensors, *out;
  GstDnnFrameMeta *meta;

  set_ball_caps (&f);
  tensors = new_ball (FRAME_CAPS);
  meta = gst_buffer_get_dnn_frame_meta (tensors);
  /* 320×240 in 100×100: scaled by 0.3125, 12.5 rows of border. */
  meta->to_frame = (GstDnnAffine){ { 3.2, 0, 0, 0, 3.2, -40 } };
  out = gst_harness_push_and_pull (f.harness, tensors);
  check_box (get_result (out, 2, 0), 128, 136, 64, 32, 0.9);
  check_box (get_result (out, 2, 1), 16, 11.2, 32, 25.6, 0.1);
  gst_buffer_unref (out);

  tensors = new_ball (FRAME_CAPS);
  meta = gst_buffer_get_dnn_frame_meta (tensors);
  meta->to_frame = (GstDnnAffine){ { 10, 0, -420, 0, 10, -640 } };
  out = gst_harness_push_and_pull (f.harness, tensors);
  check_box (get_result (out, 1, 0), 0, 0, 180, 10, 0.9);
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

/* What readers of other metadata find. */
GST_START_TEST (test_derived)
{
  Fixture f = set_up (BALL_HEAD);
  GstVideoRegionOfInterestMeta *roi;
  GstStructure *detection;
  gdouble x_min = 0, y_max = 0, confidence = 0;
  gint label_id = -1;
  GstBuffer *out;

  set_ball_caps (&f);
  out = gst_harness_push_and_pull (f.harness, new_ball (FRAME_CAPS));
  roi = (GstVideoRegionOfInterestMeta *) gst_buffer_get_meta (
      out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
  fail_unless (roi != NULL);
  assert_equals_int (roi->x, 128);
  assert_equals_int (roi->y, 132);
  assert_equals_int (roi->w, 64);
  assert_equals_int (roi->h, 24);
  detection = gst_video_region_of_interest_meta_get_param (roi, "detection");
  fail_unless (detection != NULL);
  fail_unless (gst_structure_get (detection, "x_min", G_TYPE_DOUBLE, &x_min,
      "y_max", G_TYPE_DOUBLE, &y_max, "confidence", G_TYPE_DOUBLE, &confidence,
      "label_id", G_TYPE_INT, &label_id, NULL));
  g_assert_cmpfloat_with_epsilon (x_min, 0.4, 1e-6);
  g_assert_cmpfloat_with_epsilon (y_max, 0.65, 1e-6);
  g_assert_cmpfloat_with_epsilon (confidence, 0.9, 1e-6);
  assert_equals_int (label_id, 0);
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

/* The raw outputs on the frame, shared, and gone with it. */
GST_START_TEST (test_attach)
{
  Fixture f = set_up (BALL_HEAD "attach-tensors=true");
  GstBuffer *tensors, *out;
  GstMemory *memory;
  GstDnnTensorsMeta *meta;

  set_ball_caps (&f);
  tensors = new_ball (FRAME_CAPS);
  memory = gst_buffer_peek_memory (tensors, 0);
  out = gst_harness_push_and_pull (f.harness, tensors);
  meta = gst_buffer_get_dnn_tensors_meta (out);
  fail_unless (meta != NULL);
  fail_unless (gst_buffer_peek_memory (meta->tensors, 0) == memory);
  fail_unless (gst_buffer_get_dnn_frame_meta (meta->tensors) == NULL);
  assert_equals_int (GST_MINI_OBJECT_REFCOUNT_VALUE (out), 1);
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

/* Shapes before the data instead of in the caps. */
GST_START_TEST (test_flexible)
{
  Fixture f = set_up (BALL_HEAD);
  GstBuffer *tensors = gst_buffer_new (), *out;
  DnnShape shape = dnn_shape (3, 1, 5, 8);
  guint8 *data = g_malloc (GST_DNN_HEADER_SIZE + sizeof (ball));
  gsize size = GST_DNN_HEADER_SIZE + sizeof (ball);

  gst_dnn_header_write (data, DNN_TYPE_FLOAT32, &shape);
  memcpy (data + GST_DNN_HEADER_SIZE, ball, sizeof (ball));
  gst_buffer_append_memory (
      tensors, gst_memory_new_wrapped (0, data, size, 0, size, data, g_free));
  gst_harness_set_src_caps_str (f.harness,
      "other/tensors, format=(string)flexible, framerate=(fraction)25/1");
  out = gst_harness_push_and_pull (
      f.harness, add_frame (tensors, FRAME_CAPS, 100, 100));
  fail_unless (out != NULL);
  check_box (get_result (out, 1, 0), 128, 132, 64, 24, 0.9);
  gst_buffer_unref (out);
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
}
GST_END_TEST;

/* --- Errors. */

typedef struct
{
  const gchar *launch;
  const gchar *dimensions; /* NULL: the state change fails */
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4];
} ErrorRow;

static const ErrorRow error_rows[] = {
  { "dnndetect labels=/nowhere/coco.txt", NULL, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_FOUND, { "labels: /nowhere/coco.txt" } },
  { "dnndetect head=ultraface classes=hat", NULL, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "\"hat\" is none of the 2 labels" } },
  { "dnndetect", "1000:1", gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION,
      { "No head fits tensors float32 1×1000", "yolov8: 1×(4+C)×N" } },
  { "dnndetect", BALL_DIMENSIONS, gst_core_error_quark,
      GST_CORE_ERROR_NEGOTIATION,
      { "No head fits tensors float32 1×5×8 for sure", "set head to",
          "the model says of them: nothing" } },
  { "dnndetect tensors=boxes=2", BALL_DIMENSIONS, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "tensors: \"boxes=2\"" } },
  { "dnnclassify", "10:1", gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS,
      { "What the scores are is not said: set score-activation" } },
  { "dnndetect head=ssd", BALL_DIMENSIONS, gst_core_error_quark,
      GST_CORE_ERROR_NEGOTIATION,
      { "head=ssd can't read tensors float32 1×5×8", "boxes 1×N×4" } },
  { BALL_HEAD, "768:5:4", gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION,
      { "a batch of 4" } },
  { BALL_HEAD "classes=cat", BALL_DIMENSIONS, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "without labels" } },
  { "dnnclassify", "10:10:1", gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION,
      { "float32 1×10×10 are no scores", "one tensor 1×C" } },
};

GST_START_TEST (test_errors)
{
  const ErrorRow *row = &error_rows[__i__];
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (row->launch, &error);
  GstBus *bus;

  g_assert_no_error (error);
  bus = dnn_check_add_bus (element);
  if (row->dimensions == NULL) {
    assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
        GST_STATE_CHANGE_FAILURE);
  } else {
    GstHarness *h = gst_harness_new_with_element (element, "sink", "src");
    g_autoptr (GstCaps) caps = dnn_check_caps (row->dimensions);

    gst_harness_push_event (h, gst_event_new_caps (caps));
    dnn_check_assert_error (bus, row->domain (), row->code, row->parts);
    gst_harness_teardown (h);
  }
  if (row->dimensions == NULL)
    dnn_check_assert_error (bus, row->domain (), row->code, row->parts);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
}
GST_END_TEST;

GST_START_TEST (test_no_frame)
{
  static const gchar *const parts[] = { "no frame with them", "dnnpreprocess",
    NULL };
  Fixture f = set_up (BALL_HEAD);
  const gfloat *data = ball;
  gsize n = G_N_ELEMENTS (ball);

  set_ball_caps (&f);
  assert_equals_int (
      gst_harness_push (f.harness, new_tensors (1, &data, &n)), GST_FLOW_ERROR);
  assert_equals_int (
      gst_harness_push (f.harness, new_tensors (1, &data, &n)), GST_FLOW_ERROR);
  dnn_check_assert_error (
      f.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, parts);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_short_tensor)
{
  static const gchar *const parts[] = { "float32 1×5×8", "160 bytes", NULL };
  Fixture f = set_up (BALL_HEAD);
  const gfloat *data = ball;
  gsize n = G_N_ELEMENTS (ball) - 1;

  set_ball_caps (&f);
  assert_equals_int (
      gst_harness_push (f.harness,
          add_frame (new_tensors (1, &data, &n), FRAME_CAPS, 100, 100)),
      GST_FLOW_ERROR);
  dnn_check_assert_error (
      f.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, parts);
  tear_down (&f);
}
GST_END_TEST;

/* --- Raw outputs of real models. */

/* The floats of a file of NumPy. (transfer full) */
static gfloat *
load_npy (const gchar *folder, const gchar *name, gsize *n)
{
  g_autofree gchar *path = g_build_filename (
      g_getenv ("DNN_SHARED"), "models", folder, name, NULL);
  g_autofree gchar *text = NULL;
  gsize size, header;

  fail_unless (g_file_get_contents (path, &text, &size, NULL), "%s", path);
  fail_unless (memcmp (text, "\x93NUMPY\x01", 7) == 0);
  header = 10 + ((guint8) text[8] | (guint8) text[9] << 8);
  *n = (size - header) / sizeof (gfloat);
  return g_memdup2 (text + header, *n * sizeof (gfloat));
}

static JsonArray *
load_expected (JsonParser *parser, const gchar *folder, const gchar *picture,
    const gchar *key)
{
  g_autofree gchar *path = g_build_filename (
      g_getenv ("DNN_SHARED"), "models", folder, "expected.json", NULL);
  JsonObject *root;

  fail_unless (json_parser_load_from_file (parser, path, NULL));
  root = json_node_get_object (json_parser_get_root (parser));
  root = json_object_get_object_member (root, picture);
  return json_object_get_array_member (root, key);
}

static gboolean
has_models (const gchar *folder)
{
  g_autofree gchar *path = g_build_filename (
      g_getenv ("DNN_SHARED"), "models", folder, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_print ("# SKIP no %s\n", path);
  return FALSE;
}

/* IoU of a result with an expected box of corners from 0 to 1, both within
 * the frame of 320×240. */
static gdouble
get_iou (const GstDnnResult *r, JsonArray *box)
{
  gdouble x0 = MAX (json_array_get_double_element (box, 0), 0) * 320;
  gdouble y0 = MAX (json_array_get_double_element (box, 1), 0) * 240;
  gdouble x1 = MIN (json_array_get_double_element (box, 2), 1) * 320;
  gdouble y1 = MIN (json_array_get_double_element (box, 3), 1) * 240;
  gdouble w = MIN (x1, r->x + r->w) - MAX (x0, r->x);
  gdouble h = MIN (y1, r->y + r->h) - MAX (y0, r->y);
  gdouble both = MAX (w, 0) * MAX (h, 0);

  return both / ((x1 - x0) * (y1 - y0) + r->w * r->h - both);
}

/* Each expected object is found, with its score, and nothing else. */
static void
compare (GstBuffer *frame, JsonArray *expected)
{
  guint n = json_array_get_length (expected);

  for (guint i = 0; i < n; i++) {
    JsonObject *object = json_array_get_object_element (expected, i);
    JsonArray *box = json_object_get_array_member (object, "box");
    gdouble best = 0;

    for (guint k = 0; k < n; k++) {
      const GstDnnResult *result = get_result (frame, n, k);
      gdouble score = json_object_get_double_member (object, "score");

      if (json_object_has_member (object, "label") &&
          g_strcmp0 (json_object_get_string_member (object, "label"),
              gst_dnn_result_get_label (result)) != 0)
        continue;
      if (ABS (score - result->confidence) < 1e-3)
        best = MAX (best, get_iou (result, box));
    }
    fail_unless (best >= 0.9, "object %u: best IoU %f", i, best);
  }
}

GST_START_TEST (test_ultraface)
{
  static const gchar *const pictures[] = { "13", "19", "23" };
  gfloat *data[2];
  gsize n[2];

  if (!has_models ("ultraface"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++) {
    Fixture f = set_up ("dnndetect head=ultraface");
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autofree gchar *scores = g_strconcat (pictures[i], ".scores.npy", NULL);
    g_autofree gchar *boxes = g_strconcat (pictures[i], ".boxes.npy", NULL);
    g_autofree gchar *picture = g_strconcat (pictures[i], ".jpg", NULL);
    GstBuffer *out;

    data[0] = load_npy ("ultraface", scores, &n[0]);
    data[1] = load_npy ("ultraface", boxes, &n[1]);
    gst_harness_set_src_caps (f.harness, dnn_check_caps ("2:4420:1,4:4420:1"));
    out = gst_harness_push_and_pull (f.harness,
        add_frame (new_tensors (2, (const gfloat *const *) data, n), FRAME_CAPS,
            320, 240));
    fail_unless (out != NULL);
    assert_equals_string (gst_dnn_result_get_label (gst_dnn_results_meta_get (
                              gst_buffer_get_dnn_results_meta (out), 0)),
        "face");
    compare (out, load_expected (parser, "ultraface", picture, "faces"));
    gst_buffer_unref (out);
    g_free (data[0]);
    g_free (data[1]);
    tear_down (&f);
  }
}
GST_END_TEST;

GST_START_TEST (test_fastestdet)
{
  static const gchar *const pictures[] = { "0", "3" };

  if (!has_models ("fastestdet"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++) {
    g_autofree gchar *launch = g_strdup_printf (
        "dnndetect head=fastestdet labels=%s/models/fastestdet/coco.names",
        g_getenv ("DNN_SHARED"));
    Fixture f = set_up (launch);
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autofree gchar *name = g_strconcat (pictures[i], ".output.npy", NULL);
    g_autofree gchar *picture = g_strconcat (pictures[i], ".jpg", NULL);
    g_autofree gfloat *data = NULL;
    const gfloat *const_data;
    GstBuffer *out;
    gsize n;

    const_data = data = load_npy ("fastestdet", name, &n);
    gst_harness_set_src_caps (f.harness, dnn_check_caps ("22:22:85:1"));
    out = gst_harness_push_and_pull (f.harness,
        add_frame (new_tensors (1, &const_data, &n), FRAME_CAPS, 352, 352));
    fail_unless (out != NULL);
    compare (out, load_expected (parser, "fastestdet", picture, "objects"));
    gst_buffer_unref (out);
    tear_down (&f);
  }
}
GST_END_TEST;

/* --- Classes. */

static GstBuffer *
classify (const gchar *launch, const gfloat *scores, gsize n)
{
  Fixture f = set_up (launch);
  GstBuffer *out;
  g_autofree gchar *dimensions = g_strdup_printf ("%d:1", (gint) n);

  gst_harness_set_src_caps (f.harness, dnn_check_caps (dimensions));
  out = gst_harness_push_and_pull (
      f.harness, add_frame (new_tensors (1, &scores, &n), FRAME_CAPS, 32, 32));
  fail_unless (out != NULL);
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
  return out;
}

GST_START_TEST (test_classify)
{
  static const gfloat probabilities[] = { 0.1, 0.2, 0.5, 0.2 };
  static const gfloat logits[] = { 0, 1, 3, 2 };
  GstBuffer *out = classify (
      "dnnclassify score-activation=none top-k=3 model-name=c", probabilities,
      4);

  /* Equal ones by number. */
  assert_equals_int (get_result (out, 3, 0)->label_id, 2);
  assert_equals_int (get_result (out, 3, 1)->label_id, 1);
  assert_equals_int (get_result (out, 3, 2)->label_id, 3);
  check_box (get_result (out, 3, 0), 0, 0, 320, 240, 0.5);
  assert_equals_int (
      get_result (out, 3, 0)->kind, GST_DNN_RESULT_CLASSIFICATION);
  gst_buffer_unref (out);

  out = classify ("dnnclassify score-activation=softmax top-k=2", logits, 4);
  check_box (get_result (out, 2, 0), 0, 0, 320, 240, 0.643914);
  check_box (get_result (out, 2, 1), 0, 0, 320, 240, 0.236883);
  gst_buffer_unref (out);

  out = classify ("dnnclassify score-activation=none", logits, 4);
  check_box (get_result (out, 1, 0), 0, 0, 320, 240, 3);
  gst_buffer_unref (out);

  out = classify ("dnnclassify score-activation=sigmoid top-k=9", logits, 4);
  check_box (get_result (out, 4, 3), 0, 0, 320, 240, 0.5);
  gst_buffer_unref (out);

  out = classify ("dnnclassify score-activation=none score-threshold=0.6",
      probabilities, 4);
  assert_equals_int (
      gst_dnn_results_meta_get_n (gst_buffer_get_dnn_results_meta (out)), 0);
  gst_buffer_unref (out);
}
GST_END_TEST;

static Suite *
detect_suite (void)
{
  Suite *suite = suite_create ("detect");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_frame);
  tcase_add_test (tc, test_new_caps);
  tcase_add_test (tc, test_events);
  tcase_add_test (tc, test_gap);
  tcase_add_test (tc, test_map);
  tcase_add_test (tc, test_derived);
  tcase_add_test (tc, test_attach);
  tcase_add_test (tc, test_flexible);
  tcase_add_loop_test (tc, test_errors, 0, G_N_ELEMENTS (error_rows));
  tcase_add_test (tc, test_no_frame);
  tcase_add_test (tc, test_short_tensor);
  tcase_add_test (tc, test_ultraface);
  tcase_add_test (tc, test_fastestdet);
  tcase_add_test (tc, test_classify);
  return suite;
}

GST_CHECK_MAIN (detect);
