/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads: tensors made by hand → boxes worked out by hand. */
#include "config.h"

#include <math.h>

#include "tests/elements/heads/head-check.h"

typedef struct
{
  const gchar *name;
  const gchar *tensors;
  GstDnnHeadSettings settings;
  gint batch_idx;
  const gfloat *values[4];
  guint n_expected;
  GstDnnBox expected[2];
} DecodeRow;

/* Two candidates, two classes; the second is below the threshold of 0.5. */
static const gfloat yolov8[] = { 50, 10, 60, 20, 20, 4, 10, 8, 0.1, 0.2, 0.9,
  0.3 };
static const gfloat yolov8_transposed[] = { 50, 60, 20, 10, 0.1, 0.9, 10, 20, 4,
  8, 0.2, 0.3 };
static const gfloat yolov8_logits[] = { 50, 10, 60, 20, 20, 4, 10, 8, -2, -1, 0,
  -3 };
static const gfloat yolov8_parts[] = { 0.5, 0.1, 0.6, 0.2, 0.2, 0.04, 0.1, 0.08,
  0.1, 0.2, 0.9, 0.3 };
static const gfloat yolov8_nan[] = { 50, 10, 60, 20, 20, 4, 10, 8, NAN, 0.2,
  NAN, 0.3 };
static const gfloat yolov5[] = { 50, 60, 20, 10, 0.8, 0.1, 0.9, 10, 20, 4, 8,
  0.5, 0.2, 0.9 };
static const gfloat yolov5_batch[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  50, 60, 20, 10, 0.8, 0.1, 0.9, 10, 20, 4, 8, 0.5, 0.2, 0.9 };
static const gfloat yolov10[] = { 40, 55, 60, 65, 0.9, 1, 0, 0, 9, 9, 0.1, 0, 1,
  1, 2, 2, 0.9, -1 };
static const gfloat face_scores[] = { 0.2, 0.8, 0.9, 0.1 };
static const gfloat face_logits[] = { -1, 1, 1, -1 };
static const gfloat face_boxes[] = { 0.4, 0.55, 0.6, 0.65, 0, 0, 1, 1 };
static const gfloat tf_boxes[] = { 0.55, 0.4, 0.65, 0.6, 0, 0, 1, 1, 0, 0, 1,
  1 };
static const gfloat tf_classes[] = { 1, 0, 3 };
static const gfloat tf_scores[] = { 0.9, 0.2, 0.8 };
static const gfloat tf_count[] = { 2 };
static const gfloat torch_boxes[] = { 40, 55, 60, 65, 0, 0, 100, 100 };
static const gfloat torch_classes[] = { 1, 7 };
static const gfloat torch_scores[] = { 0.9, 0.2 };
static const gfloat raw_boxes[] = { 0.4, 0.55, 0.6, 0.65, 0, 0, 1, 1 };
static const gfloat raw_scores[] = { 0.05, 0.9, 0.05, 0.9, 0.05, 0.05 };
static const gfloat raw_logits[] = { 0, 3, 0, 3, 0, 0 };
/* One cell of 2×1: obj 0.81, class 0.64; offset 0, size sigmoid(0) = 0.5. */
static const gfloat grid[] = { 0.81, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0.3, 0.3,
  0.64, 0.9 };

/* Beside a good box: one that is far off, with a score of 0.001; one that is
 * nowhere; and one that hangs over. None of them changes the unit. */
static const gfloat wild_boxes[] = { 0.4, 0.55, 0.6, 0.65, -1, -1, 2.5, 2.5, 0,
  INFINITY, 0, INFINITY, -30, -30, 400, 400 };
static const gfloat wild_scores[] = { 0.05, 0.9, 0.05, 0.999, 0.001, 0, 0.999,
  0.001, 0, 0.999, 0.001, 0 };
static const gfloat small_boxes[] = { 1, 1, 2, 2, 0, 0, 1, 1 };

#define BOX(score, id)        \
  {                           \
    40, 55, 60, 65, score, id \
  }

#define V8                                                        \
  {                                                               \
    .id = GST_DNN_HEAD_YOLOV8, .box_axis = GST_DNN_BOX_AXIS_FIRST \
  }
#define V5                    \
  {                           \
    .id = GST_DNN_HEAD_YOLOV5 \
  }
#define FACE                     \
  {                              \
    .id = GST_DNN_HEAD_ULTRAFACE \
  }
#define SSD_TF                                                               \
  {                                                                          \
    .id = GST_DNN_HEAD_SSD, .tensors = "boxes=0,classes=1,scores=2",         \
    .box_order = GST_DNN_BOX_YXYX, .box_units = GST_DNN_BOX_UNITS_NORMALISED \
  }

static const DecodeRow decode_rows[] = {
  { "yolov8", "float32 1,6,2", V8, 0, { yolov8 }, 1, { BOX (0.9, 1) } },
  { "yolov8-transposed", "float32 1,2,6",
      { .id = GST_DNN_HEAD_YOLOV8, .box_axis = GST_DNN_BOX_AXIS_LAST }, 0,
      { yolov8_transposed }, 1, { BOX (0.9, 1) } },
  { "yolov8-sigmoid", "float32 1,6,2",
      { .id = GST_DNN_HEAD_YOLOV8, .activation = GST_DNN_ACTIVATION_SIGMOID },
      0, { yolov8_logits }, 1, { BOX (0.5, 1) } },
  { "yolov8-nan", "float32 1,6,2", V8, 0, { yolov8_nan }, 0, { { 0 } } },
  { "yolov8-parts-of-the-picture", "float32 1,6,2",
      { .id = GST_DNN_HEAD_YOLOV8, .box_units = GST_DNN_BOX_UNITS_NORMALISED },
      0, { yolov8_parts }, 1, { BOX (0.9, 1) } },
  { "yolov5", "float32 1,2,7", V5, 0, { yolov5 }, 1, { BOX (0.72, 1) } },
  { "yolov5-second-of-batch", "float32 2,2,7", V5, 1, { yolov5_batch }, 1,
      { BOX (0.72, 1) } },
  { "yolov10", "float32 1,3,6", { .id = GST_DNN_HEAD_YOLOV10 }, 0, { yolov10 },
      1, { BOX (0.9, 1) } },
  { "ultraface", "float32 1,2,2; float32 1,2,4", FACE, 0,
      { face_scores, face_boxes }, 1, { BOX (0.8, 0) } },
  { "ultraface-turned", "float32 1,2,4; float32 1,2,2", FACE, 0,
      { face_boxes, face_scores }, 1, { BOX (0.8, 0) } },
  { "ultraface-softmax", "float32 1,2,2; float32 1,2,4",
      { .id = GST_DNN_HEAD_ULTRAFACE,
          .activation = GST_DNN_ACTIVATION_SOFTMAX },
      0, { face_logits, face_boxes }, 1, { BOX (0.880797, 0) } },
  { "ssd-count", "float32 1,3,4; float32 1,3; float32 1,3; float32 1", SSD_TF,
      0, { tf_boxes, tf_classes, tf_scores, tf_count }, 1, { BOX (0.9, 1) } },
  { "ssd-without-count", "float32 1,3,4; float32 1,3; float32 1,3", SSD_TF, 0,
      { tf_boxes, tf_classes, tf_scores }, 2,
      { BOX (0.9, 1), { 0, 0, 100, 100, 0.8, 3 } } },
  { "ssd-pixels", "float32 2,4; int64 2; float32 2",
      { .id = GST_DNN_HEAD_SSD,
          .box_order = GST_DNN_BOX_XYXY,
          .box_units = GST_DNN_BOX_UNITS_PIXELS },
      0, { torch_boxes, torch_classes, torch_scores }, 1, { BOX (0.9, 1) } },
  { "ssd-one-small-box", "float32 2,4; int64 2; float32 2",
      { .id = GST_DNN_HEAD_SSD,
          .box_order = GST_DNN_BOX_XYXY,
          .box_units = GST_DNN_BOX_UNITS_PIXELS },
      0, { small_boxes, torch_classes, torch_scores }, 1,
      { { 1, 1, 2, 2, 0.9, 1 } } },
  { "ssd-raw", "float32 1,2,3; float32 1,2,4", { .id = GST_DNN_HEAD_SSD }, 0,
      { raw_scores, raw_boxes }, 1, { BOX (0.9, 1) } },
  { "ssd-wild-candidates", "float32 1,4,3; float32 1,4,4",
      { .id = GST_DNN_HEAD_SSD, .tensors = "boxes=1" }, 0,
      { wild_scores, wild_boxes }, 1, { BOX (0.9, 1) } },
  { "ssd-raw-softmax", "float32 1,2,3; float32 1,2,4",
      { .id = GST_DNN_HEAD_SSD, .activation = GST_DNN_ACTIVATION_SOFTMAX }, 0,
      { raw_logits, raw_boxes }, 1, { BOX (0.909443, 1) } },
  { "fastestdet", "float32 1,7,1,2", { .id = GST_DNN_HEAD_FASTESTDET }, 0,
      { grid }, 1, { { -25, -25, 25, 25, 0.737165, 1 } } },
};

static GArray *
decode (const gchar *tensors, const GstDnnHeadSettings *settings,
    guint n_labels, gint side, gint batch_idx, const gfloat *const *values)
{
  GstDnnTensorsInfo info = head_check_info (tensors);
  GArray *boxes = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;
  const GstDnnHead *head = gst_dnn_head_choose (
      settings, &info, NULL, n_labels, &setup, NULL, &error);

  g_assert_no_error (error);
  gst_dnn_head_set_size (head, &setup, side, side, &error);
  g_assert_no_error (error);
  setup.score_threshold = 0.5;
  head->decode (&setup, values, batch_idx, boxes);
  return boxes;
}

static void
check_boxes (const GArray *boxes, const GstDnnBox *expected, guint n_expected)
{
  g_assert_cmpuint (boxes->len, ==, n_expected);
  for (guint i = 0; i < boxes->len; i++, expected++) {
    const GstDnnBox *found = &g_array_index (boxes, GstDnnBox, i);

    g_assert_cmpfloat_with_epsilon (found->x0, expected->x0, 1e-3);
    g_assert_cmpfloat_with_epsilon (found->y0, expected->y0, 1e-3);
    g_assert_cmpfloat_with_epsilon (found->x1, expected->x1, 1e-3);
    g_assert_cmpfloat_with_epsilon (found->y1, expected->y1, 1e-3);
    g_assert_cmpfloat_with_epsilon (found->score, expected->score, 1e-5);
    g_assert_cmpint (found->label_id, ==, expected->label_id);
  }
}

static void
test_decode (gconstpointer data)
{
  const DecodeRow *row = data;
  g_autoptr (GArray) boxes = decode (
      row->tensors, &row->settings, 2, 100, row->batch_idx, row->values);

  check_boxes (boxes, row->expected, row->n_expected);
}

/* --- Offsets from cells and priors, in a picture of 64×64. */

#define SIDE 64
#define LN_2 0.69314718f

static void
set_values (gfloat *dst, guint n, const gfloat *values)
{
  for (guint i = 0; i < n; i++)
    dst[i] = values[i];
}

/* Cell 3, 2 of stride 8, the prior of 16 pixels: centre 28 + 0.1 · 16, 20 − 0.2
 * · 16, size 16 · e, 16. */
static void
test_ultraface_priors (void)
{
  enum
  {
    N = 235,
    AT = (2 * 8 + 3) * 3 + 1
  };
  static const gfloat offsets[] = { 1, -2, 5, 0 };
  static const GstDnnBox expected = { 7.85375, 8.8, 51.34625, 24.8, 0.9, 0 };
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_ULTRAFACE,
    .box_units = GST_DNN_BOX_UNITS_PRIORS };
  gfloat scores[N * 2] = { 0 }, boxes[N * 4] = { 0 };
  const gfloat *values[] = { scores, boxes };
  g_autoptr (GArray) found = NULL;

  scores[AT * 2 + 1] = 0.9f;
  set_values (boxes + AT * 4, 4, offsets);
  found = decode (
      "float32 1,235,2; float32 1,235,4", &settings, 0, SIDE, 0, values);
  check_boxes (found, &expected, 1);
}

/* A prior that is larger than the picture ends with it: the last of 256. */
static void
test_ultraface_last_prior (void)
{
  static const GstDnnBox expected = { 0, 0, 64, 64, 0.75, 1 };
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_ULTRAFACE,
    .box_units = GST_DNN_BOX_UNITS_PRIORS };
  gfloat scores[235 * 3] = { 0 }, boxes[235 * 4] = { 0 };
  const gfloat *values[] = { boxes, scores };
  g_autoptr (GArray) found = NULL;

  scores[234 * 3 + 2] = 0.75f;
  found = decode (
      "float32 1,235,4; float32 1,235,3", &settings, 0, SIDE, 0, values);
  check_boxes (found, &expected, 1);
}

/* Cell 2, 1 of stride 16. */
static void
test_yolox (void)
{
  enum
  {
    N = 84,
    AT = 64 + 4 + 2
  };
  static const gfloat candidate[] = { 0.5, 0.25, LN_2, 0, 0.9, 0.1, 0.8 };
  static const GstDnnBox expected = { 24, 12, 56, 28, 0.72, 1 };
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_YOLOX };
  gfloat outer[N * 7] = { 0 }, inner[N * 7] = { 0 };
  const gfloat *values[] = { outer };
  g_autoptr (GArray) found = NULL, found_inner = NULL;

  set_values (outer + AT * 7, 7, candidate);
  for (gint i = 0; i < 7; i++)
    inner[i * N + AT] = candidate[i];
  found = decode ("float32 1,84,7", &settings, 2, SIDE, 0, values);
  check_boxes (found, &expected, 1);
  values[0] = inner;
  found_inner = decode ("float32 1,7,84", &settings, 2, SIDE, 0, values);
  check_boxes (found_inner, &expected, 1);
}

/* Distances of 1.5, 2, 0 and 7 cells: logits so high that no other bin counts,
 * once the same in two bins. */
static const gfloat distances[32] = { 0, 50, 50, 0, 0, 0, 0, 0, 0, 0, 50, 0, 0,
  0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50 };

/* From the middle of cell 2, 1 of stride 16. */
static void
test_nanodet (void)
{
  static const GstDnnBox expected = { 16, -8, 40, 136, 0.75, 1 };
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_NANODET };
  gfloat scores[3][64 * 2] = { { 0 } }, bins[3][64 * 32] = { { 0 } };
  const gfloat *values[] = { scores[2], scores[1], bins[0], scores[0], bins[1],
    bins[2] };
  g_autoptr (GArray) found = NULL;

  scores[1][6 * 2 + 1] = 0.75f;
  set_values (bins[1] + 6 * 32, 32, distances);
  found = decode ("float32 1,4,2; float32 1,16,2; float32 1,64,32; "
                  "float32 1,64,2; float32 1,16,32; float32 1,4,32",
      &settings, 2, SIDE, 0, values);
  check_boxes (found, &expected, 1);
}

/* From the corner of that cell. */
static void
test_nanodet_plus (void)
{
  enum
  {
    N = 85,
    AT = 64 + 4 + 2
  };
  static const GstDnnBox expected = { 8, -16, 32, 128, 0.75, 1 };
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_NANODET };
  gfloat all[N * 34] = { 0 };
  const gfloat *values[] = { all };
  g_autoptr (GArray) found = NULL;

  all[AT * 34 + 1] = 0.75f;
  set_values (all + AT * 34 + 2, 32, distances);
  found = decode ("float32 1,85,34", &settings, 2, SIDE, 0, values);
  check_boxes (found, &expected, 1);
}

/* Cell 3, 2 of stride 8: √(0.81 · 1); an objectness above 1 counts as 1. */
static void
test_yunet (void)
{
  static const gfloat offsets[] = { 0.5, 0.5, LN_2, 0 };
  static const GstDnnBox expected = { 20, 16, 36, 24, 0.9, 0 };
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_YUNET };
  gfloat scores[64] = { 0 }, objects[64] = { 0 }, boxes[64 * 4] = { 0 };
  gfloat nothing[64 * 10] = { 0 };
  const gfloat *values[] = { scores, nothing, nothing, objects, nothing,
    nothing, boxes, nothing, nothing, nothing, nothing, nothing };
  g_autoptr (GArray) found = NULL;

  scores[2 * 8 + 3] = 0.81f;
  objects[2 * 8 + 3] = 1.5f;
  set_values (boxes + (2 * 8 + 3) * 4, 4, offsets);
  found = decode ("float32 1,64,1; float32 1,16,1; float32 1,4,1; "
                  "float32 1,64,1; float32 1,16,1; float32 1,4,1; "
                  "float32 1,64,4; float32 1,16,4; float32 1,4,4; "
                  "float32 1,64,10; float32 1,16,10; float32 1,4,10",
      &settings, 0, SIDE, 0, values);
  check_boxes (found, &expected, 1);
}

/* Candidates that are not those of the picture; a picture of unknown size. */
static void
test_sizes (void)
{
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_YOLOX };
  GstDnnTensorsInfo info = head_check_info ("float32 1,84,7");
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;
  const GstDnnHead *head = gst_dnn_head_choose (
      &settings, &info, NULL, 2, &setup, NULL, &error);
  static const gchar *const wrong[] = { "84 candidates", "320x240", NULL };
  static const gchar *const unknown[] = { "head=yolox: the frame does not say",
    NULL };

  g_assert_no_error (error);
  g_assert_false (gst_dnn_head_set_size (head, &setup, 320, 240, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  head_check_parts (error->message, wrong);
  g_clear_error (&error);
  g_assert_false (gst_dnn_head_set_size (head, &setup, 0, 0, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_DATA);
  head_check_parts (error->message, unknown);
}

/* The blocked way through many candidates finds what the plain one does. */
static void
test_blocks (void)
{
  GstDnnTensorsInfo inner = head_check_info ("float32 1,9,150");
  GstDnnTensorsInfo outer = head_check_info ("float32 1,150,9");
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GArray) a = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
  g_autoptr (GArray) b = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
  gfloat x[9 * 150], y[9 * 150];
  const gfloat *px = x, *py = y;
  GstDnnHeadSettings settings = { .id = GST_DNN_HEAD_YOLOV8 };
  GstDnnHeadSetup setup;

  for (gint i = 0; i < 150; i++)
    for (gint v = 0; v < 9; v++)
      x[v * 150 + i] = y[i * 9 + v] = g_rand_double (rand);
  gst_dnn_head_choose (&settings, &inner, NULL, 5, &setup, NULL, NULL);
  setup.score_threshold = 0.5;
  gst_dnn_head_yolov8.decode (&setup, &px, 0, a);
  gst_dnn_head_choose (&settings, &outer, NULL, 5, &setup, NULL, NULL);
  setup.score_threshold = 0.5;
  gst_dnn_head_yolov8.decode (&setup, &py, 0, b);
  g_assert_cmpuint (a->len, >, 100);
  g_assert_cmpmem (a->data, a->len * sizeof (GstDnnBox), b->data,
      b->len * sizeof (GstDnnBox));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (decode_rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/elements/heads/decode/", decode_rows[i].name, NULL);
    g_test_add_data_func (name, &decode_rows[i], test_decode);
  }
  g_test_add_func ("/elements/heads/ultraface-priors", test_ultraface_priors);
  g_test_add_func (
      "/elements/heads/ultraface-last-prior", test_ultraface_last_prior);
  g_test_add_func ("/elements/heads/yolox", test_yolox);
  g_test_add_func ("/elements/heads/nanodet", test_nanodet);
  g_test_add_func ("/elements/heads/nanodet-plus", test_nanodet_plus);
  g_test_add_func ("/elements/heads/yunet", test_yunet);
  g_test_add_func ("/elements/heads/sizes", test_sizes);
  g_test_add_func ("/elements/heads/blocks", test_blocks);
  return g_test_run ();
}
