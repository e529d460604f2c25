/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads, non-maximum suppression, labels and model information: tensors and
 * files made by hand → boxes and values worked out by hand. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

#include <math.h>
#include <glib/gstdio.h>

#include "gst-plugin/heads/gstdnnnms.h"
#include "gst-plugin/results/gstdnnlabels.h"
#include "gst-plugin/heads/gstdnnhead-types.h"
#include "gst-plugin/video/gstdnninput.h"
#include "gst-plugin/video/gstdnnmodelinfo.h"
#include "tests/core/bad-files.h"

/* "float32 1,84,8400; int64 1,5" */
static GstDnnTensorsInfo
make_info (const gchar *text)
{
  g_auto (GStrv) rows = g_strsplit (text, ";", -1);
  GstDnnTensorsInfo info;

  gst_dnn_tensors_info_init (&info);
  for (guint i = 0; rows[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (g_strstrip (rows[i]), " ", 2);
    DnnShape shape;

    g_assert_true (dnn_shape_parse (words[1], &shape));
    g_assert_true (gst_dnn_tensors_info_add (
        &info, dnn_type_from_name (words[0]), &shape, NULL));
  }
  return info;
}

/* --- Which head for which shapes. */

typedef struct
{
  const gchar *name;
  const gchar *tensors;
  guint n_labels;
  GstDnnHeadId id, expected;
  gint n_boxes, n_classes;
} ChooseRow;

static const ChooseRow choose_rows[] = {
  { "yolov8-coco", "float32 1,84,8400", 0, 0, GST_DNN_HEAD_YOLOV8, 8400, 80 },
  { "yolov8-transposed", "float32 1,8400,84", 0, 0, GST_DNN_HEAD_YOLOV8, 8400,
      80 },
  { "yolov8-ball", "float32 1,5,768", 0, 0, GST_DNN_HEAD_YOLOV8, 768, 1 },
  { "yolov8-without-batch", "float32 5,768", 0, 0, GST_DNN_HEAD_YOLOV8, 768,
      1 },
  { "yolov8-by-labels", "float32 1,300,14", 10, 0, GST_DNN_HEAD_YOLOV8, 300,
      10 },
  { "yolov8-asked", "float32 1,300,14", 0, GST_DNN_HEAD_YOLOV8,
      GST_DNN_HEAD_YOLOV8, 300, 10 },
  { "yolov8-short-side-by-labels", "float32 1,24,20", 20, GST_DNN_HEAD_YOLOV8,
      GST_DNN_HEAD_YOLOV8, 20, 20 },
  { "yolov5-coco", "float32 1,25200,85", 0, 0, GST_DNN_HEAD_YOLOV5, 25200, 80 },
  { "yolov5-transposed", "float32 1,85,25200", 0, 0, GST_DNN_HEAD_YOLOV5, 25200,
      80 },
  { "yolov5-one-class", "float32 1,25200,6", 0, 0, GST_DNN_HEAD_YOLOV5, 25200,
      1 },
  { "yolov10", "float32 1,300,6", 0, 0, GST_DNN_HEAD_YOLOV10, 300, 0 },
  { "ultraface", "float32 1,4420,2; float32 1,4420,4", 0, 0,
      GST_DNN_HEAD_ULTRAFACE, 4420, 1 },
  { "ultraface-turned", "float32 1,4420,4; float32 1,4420,2", 0, 0,
      GST_DNN_HEAD_ULTRAFACE, 4420, 1 },
  { "ssd-tensorflow", "float32 1,10,4; float32 1,10; float32 1,10; float32 1",
      0, 0, GST_DNN_HEAD_SSD, 10, 0 },
  { "ssd-torch", "float32 50,4; int64 50; float32 50", 0, 0, GST_DNN_HEAD_SSD,
      50, 0 },
  { "ssd-torch-turned", "float32 50; int64 50; float32 50,4", 0, 0,
      GST_DNN_HEAD_SSD, 50, 0 },
  { "ssd-raw", "float32 1,3000,21; float32 1,3000,4", 0, 0, GST_DNN_HEAD_SSD,
      3000, 21 },
  { "fastestdet", "float32 1,85,22,22", 0, 0, GST_DNN_HEAD_FASTESTDET, 484,
      80 },
};

static void
test_choose (gconstpointer data)
{
  const ChooseRow *row = data;
  GstDnnTensorsInfo info = make_info (row->tensors);
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;
  const GstDnnHead *head = gst_dnn_head_choose (
      row->id, &info, row->n_labels, &setup, &error);

  g_assert_no_error (error);
  g_assert_cmpint (head->id, ==, row->expected);
  g_assert_cmpint (setup.n_boxes, ==, row->n_boxes);
  g_assert_cmpint (setup.n_classes, ==, row->n_classes);
  g_assert_cmpint (setup.n_batch, ==, 1);
}

static void
test_choose_none (void)
{
  GstDnnTensorsInfo info = make_info ("float32 1,1000");
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;

  g_assert_null (
      gst_dnn_head_choose (GST_DNN_HEAD_AUTO, &info, 0, &setup, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "no head fits tensors float32"));
  g_assert_nonnull (strstr (error->message, "1×1000"));
  g_assert_nonnull (strstr (error->message, "ultraface: scores 1×N×2"));
  g_clear_error (&error);
  g_assert_null (
      gst_dnn_head_choose (GST_DNN_HEAD_SSD, &info, 0, &setup, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "head=ssd can't read tensors"));
}

/* --- What heads read. */

typedef struct
{
  const gchar *name;
  const gchar *tensors;
  GstDnnHeadId id;
  gint batch_idx;
  GstDnnActivation activation;
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

#define BOX(score, id)        \
  {                           \
    40, 55, 60, 65, score, id \
  }

static const DecodeRow decode_rows[] = {
  { "yolov8", "float32 1,6,2", GST_DNN_HEAD_YOLOV8, 0, 0, { yolov8 }, 1,
      { BOX (0.9, 1) } },
  { "yolov8-transposed", "float32 1,2,6", GST_DNN_HEAD_YOLOV8, 0, 0,
      { yolov8_transposed }, 1, { BOX (0.9, 1) } },
  { "yolov8-sigmoid", "float32 1,6,2", GST_DNN_HEAD_YOLOV8, 0,
      GST_DNN_ACTIVATION_SIGMOID, { yolov8_logits }, 1, { BOX (0.5, 1) } },
  { "yolov8-nan", "float32 1,6,2", GST_DNN_HEAD_YOLOV8, 0, 0, { yolov8_nan }, 0,
      { { 0 } } },
  { "yolov5", "float32 1,2,7", GST_DNN_HEAD_YOLOV5, 0, 0, { yolov5 }, 1,
      { BOX (0.72, 1) } },
  { "yolov5-second-of-batch", "float32 2,2,7", GST_DNN_HEAD_YOLOV5, 1, 0,
      { yolov5_batch }, 1, { BOX (0.72, 1) } },
  { "yolov10", "float32 1,3,6", GST_DNN_HEAD_YOLOV10, 0, 0, { yolov10 }, 1,
      { BOX (0.9, 1) } },
  { "ultraface", "float32 1,2,2; float32 1,2,4", GST_DNN_HEAD_ULTRAFACE, 0, 0,
      { face_scores, face_boxes }, 1, { BOX (0.8, 0) } },
  { "ultraface-turned", "float32 1,2,4; float32 1,2,2", GST_DNN_HEAD_ULTRAFACE,
      0, 0, { face_boxes, face_scores }, 1, { BOX (0.8, 0) } },
  { "ultraface-softmax", "float32 1,2,2; float32 1,2,4", GST_DNN_HEAD_ULTRAFACE,
      0, GST_DNN_ACTIVATION_SOFTMAX, { face_logits, face_boxes }, 1,
      { BOX (0.880797, 0) } },
  { "ssd-count", "float32 1,3,4; float32 1,3; float32 1,3; float32 1",
      GST_DNN_HEAD_SSD, 0, 0, { tf_boxes, tf_classes, tf_scores, tf_count }, 1,
      { BOX (0.9, 1) } },
  { "ssd-without-count", "float32 1,3,4; float32 1,3; float32 1,3",
      GST_DNN_HEAD_SSD, 0, 0, { tf_boxes, tf_classes, tf_scores }, 2,
      { BOX (0.9, 1), { 0, 0, 100, 100, 0.8, 3 } } },
  { "ssd-pixels", "float32 2,4; int64 2; float32 2", GST_DNN_HEAD_SSD, 0, 0,
      { torch_boxes, torch_classes, torch_scores }, 1, { BOX (0.9, 1) } },
  { "ssd-raw", "float32 1,2,3; float32 1,2,4", GST_DNN_HEAD_SSD, 0, 0,
      { raw_scores, raw_boxes }, 1, { BOX (0.9, 1) } },
  { "ssd-raw-softmax", "float32 1,2,3; float32 1,2,4", GST_DNN_HEAD_SSD, 0,
      GST_DNN_ACTIVATION_SOFTMAX, { raw_logits, raw_boxes }, 1,
      { BOX (0.909443, 1) } },
  { "fastestdet", "float32 1,7,1,2", GST_DNN_HEAD_FASTESTDET, 0, 0, { grid }, 1,
      { { -25, -25, 25, 25, 0.737165, 1 } } },
};

static void
test_decode (gconstpointer data)
{
  const DecodeRow *row = data;
  GstDnnTensorsInfo info = make_info (row->tensors);
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;
  const GstDnnHead *head = gst_dnn_head_choose (
      row->id, &info, 2, &setup, &error);

  g_assert_no_error (error);
  setup.score_threshold = 0.5;
  setup.activation = row->activation;
  setup.model_w = setup.model_h = 100;
  head->decode (&setup, row->values, row->batch_idx, boxes);
  g_assert_cmpuint (boxes->len, ==, row->n_expected);
  for (guint i = 0; i < boxes->len; i++) {
    const GstDnnBox *found = &g_array_index (boxes, GstDnnBox, i);
    const GstDnnBox *expected = &row->expected[i];

    g_assert_cmpfloat_with_epsilon (found->x0, expected->x0, 1e-4);
    g_assert_cmpfloat_with_epsilon (found->y0, expected->y0, 1e-4);
    g_assert_cmpfloat_with_epsilon (found->x1, expected->x1, 1e-4);
    g_assert_cmpfloat_with_epsilon (found->y1, expected->y1, 1e-4);
    g_assert_cmpfloat_with_epsilon (found->score, expected->score, 1e-5);
    g_assert_cmpint (found->label_id, ==, expected->label_id);
  }
}

/* The blocked way through many candidates finds what the plain one does. */
static void
test_blocks (void)
{
  GstDnnTensorsInfo inner = make_info ("float32 1,9,150");
  GstDnnTensorsInfo outer = make_info ("float32 1,150,9");
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GArray) a = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
  g_autoptr (GArray) b = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
  gfloat x[9 * 150], y[9 * 150];
  const gfloat *px = x, *py = y;
  GstDnnHeadSetup setup;

  for (gint i = 0; i < 150; i++)
    for (gint v = 0; v < 9; v++)
      x[v * 150 + i] = y[i * 9 + v] = g_rand_double (rand);
  gst_dnn_head_choose (GST_DNN_HEAD_YOLOV8, &inner, 5, &setup, NULL);
  setup.score_threshold = 0.5;
  gst_dnn_head_yolov8.decode (&setup, &px, 0, a);
  gst_dnn_head_choose (GST_DNN_HEAD_YOLOV8, &outer, 5, &setup, NULL);
  setup.score_threshold = 0.5;
  gst_dnn_head_yolov8.decode (&setup, &py, 0, b);
  g_assert_cmpuint (a->len, >, 100);
  g_assert_cmpmem (a->data, a->len * sizeof (GstDnnBox), b->data,
      b->len * sizeof (GstDnnBox));
}

/* --- Non-maximum suppression. */

static void
test_nms (void)
{
  static const GstDnnBox rows[] = {
    { 0, 0, 10, 10, 0.5, 0 }, /* covered by the next */
    { 1, 0, 11, 10, 0.9, 0 },
    { 1, 0, 11, 10, 0.7, 1 }, /* same place, another class */
    { 50, 50, 60, 60, 0.6, 0 },
    { 5, 5, 5, 9, 0.99, 0 }, /* empty */
    { NAN, 0, 1, 1, 0.98, 0 },
  };
  static const gfloat scores[] = { 0.9, 0.7, 0.6 };
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));

  g_assert_cmpfloat_with_epsilon (
      gst_dnn_box_iou (&rows[0], &rows[1]), 90.0 / 110, 1e-6);
  g_assert_cmpfloat (gst_dnn_box_iou (&rows[0], &rows[3]), ==, 0);
  g_array_append_vals (boxes, rows, G_N_ELEMENTS (rows));
  gst_dnn_nms (boxes, 0.5, 10);
  g_assert_cmpuint (boxes->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (
        g_array_index (boxes, GstDnnBox, i).score, ==, scores[i]);
  gst_dnn_nms (boxes, 0.5, 2);
  g_assert_cmpuint (boxes->len, ==, 2);

  g_array_set_size (boxes, 0);
  g_array_append_vals (boxes, rows, 2);
  gst_dnn_nms (boxes, 1, 10);
  g_assert_cmpuint (boxes->len, ==, 2);
}

/* --- Files. */

static gchar *
write_file (const gchar *text, gssize size)
{
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint fd = g_file_open_tmp ("dnn-XXXXXX.txt", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, text, size, &error);
  g_assert_no_error (error);
  return path;
}

static GstDnnLabels *
load_labels (const gchar *text, gssize size, GError **error)
{
  g_autofree gchar *path = write_file (text, size);
  GstDnnLabels *labels = gst_dnn_labels_new_from_file (path, error);

  g_unlink (path);
  return labels;
}

static void
test_labels (void)
{
  static const gchar *const texts[] = { "cat\ndog\n\nbird\n",
    "cat\r\ndog\r\n\r\nbird\r\n\n\n", "0: cat\n1: dog\n2: \n3: bird\n",
    "0 cat\n1 dog\n2 \n3 bird",
    "\xef\xbb\xbf"
    "0: cat\n1: dog\n2: \n3: bird" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstDnnLabels) labels = load_labels (texts[i], -1, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (gst_dnn_labels_get_n (labels), ==, 4);
    if (i == 3) /* "2" alone may be a name */
      continue;
    g_assert_cmpstr (
        g_quark_to_string (gst_dnn_labels_get (labels, 0)), ==, "cat");
    g_assert_cmpstr (
        g_quark_to_string (gst_dnn_labels_get (labels, 1)), ==, "dog");
    g_assert_cmpuint (gst_dnn_labels_get (labels, 2), ==, 0);
    g_assert_cmpstr (
        g_quark_to_string (gst_dnn_labels_get (labels, 3)), ==, "bird");
    g_assert_cmpuint (gst_dnn_labels_get (labels, 4), ==, 0);
    g_assert_cmpuint (gst_dnn_labels_get (labels, -1), ==, 0);
  }
}

static void
test_label_numbers (void)
{
  g_autoptr (GstDnnLabels)
      numbered = load_labels ("0: cat\n1: dog\n2: 3d printer\n", -1, NULL);
  g_autoptr (GstDnnLabels)
      plain = load_labels ("0 degrees\n5 degrees\n", -1, NULL);

  g_assert_cmpstr (
      g_quark_to_string (gst_dnn_labels_get (numbered, 2)), ==, "3d printer");
  g_assert_cmpstr (
      g_quark_to_string (gst_dnn_labels_get (plain, 0)), ==, "0 degrees");
}

static gboolean
try_labels (const gchar *path, gpointer data, GError **error)
{
  g_autoptr (GstDnnLabels) labels = gst_dnn_labels_new_from_file (path, error);

  return labels != NULL;
}

static void
test_label_errors (void)
{
  g_autofree gchar *large = g_strnfill (GST_DNN_MAX_LABELS_BYTES + 1, 'a');
  g_autofree gchar *many = g_strnfill (GST_DNN_MAX_LABELS + 1, '\n');
  g_autoptr (GError) error = NULL;

  bad_files_check_no_file (try_labels, NULL);
  g_assert_null (load_labels (large, -1, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (load_labels ("cat\0dog\n", 8, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_clear_error (&error);
  many[GST_DNN_MAX_LABELS] = 'a';
  g_assert_null (load_labels (many, -1, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (load_labels ("a\xff\n", -1, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "no UTF-8 text"));
  g_clear_error (&error);
  g_assert_null (load_labels ("", 0, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "is empty"));
}

static void
test_class_set (void)
{
  g_autoptr (GstDnnLabels)
      labels = load_labels ("person\ncar\ndog\n", -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray)
      ids = gst_dnn_labels_parse_set (labels, "dog, person,7", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 3);
  g_assert_cmpint (g_array_index (ids, gint, 0), ==, 0);
  g_assert_cmpint (g_array_index (ids, gint, 1), ==, 2);
  g_assert_cmpint (g_array_index (ids, gint, 2), ==, 7);
  g_assert_null (gst_dnn_labels_parse_set (labels, "persom", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_nonnull (strstr (error->message, "the nearest is \"person\""));
  g_clear_error (&error);
  g_assert_null (gst_dnn_labels_parse_set (NULL, "dog", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_nonnull (strstr (error->message, "without labels"));
}

static GstDnnModelInfo *
load_model_info (const gchar *text, GError **error)
{
  g_autofree gchar *path = write_file (text, -1);
  GstDnnModelInfo *info = gst_dnn_model_info_new_from_file (path, error);

  g_unlink (path);
  return info;
}

static void
test_model_info (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstDnnModelInfo) info = load_model_info (
      "[modelinfo]\nversion=1.0\ngroup-id=g\n[output]\ndir=output\n"
      "[image]\nid=x\ntype=float32\ndims=1,3,224,224\ndir=input\n"
      "ranges=0.0,1.0;-1.0,1.0;-2,3\n",
      &error);

  g_assert_no_error (error);
  g_assert_cmpstr (info->input, ==, "image");
  g_assert_cmpuint (info->n_ranges, ==, 3);
  for (guint i = 0; i < 3; i++) {
    static const gdouble low[] = { 0, -1, -2 }, high[] = { 1, 1, 3 };

    g_assert_cmpfloat_with_epsilon (
        (0 - info->mean[i]) * info->scale[i], low[i], 1e-9);
    g_assert_cmpfloat_with_epsilon (
        (255 - info->mean[i]) * info->scale[i], high[i], 1e-9);
  }
}

static gboolean
try_model_info (const gchar *path, gpointer data, GError **error)
{
  g_autoptr (GstDnnModelInfo)
      info = gst_dnn_model_info_new_from_file (path, error);

  return info != NULL;
}

/* Ranges that are none. */
static const gchar *const bad_ranges[] = { ",", "1", "1,2,3", "nan,1", "0,nan",
  "-inf,inf", "1,0", "0,1e308", "0,0", "0,1;;0,1", "0,1x",
  "0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1;0,1" };

static void
test_model_info_errors (void)
{
  g_autoptr (GError) error = NULL;

  bad_files_check_no_file (try_model_info, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad_ranges); i++) {
    g_autofree gchar *text = g_strdup_printf (
        "[modelinfo]\n[x]\ndir=input\nranges=%s\n", bad_ranges[i]);

    g_assert_null (load_model_info (text, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
    g_assert_nonnull (strstr (error->message, ": [x] ranges: "));
    g_clear_error (&error);
  }
  g_assert_null (load_model_info ("[modelinfo]\nx=\xff\n", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "it is no UTF-8 text"));
  g_clear_error (&error);
  g_assert_null (load_model_info ("\xef\xbb\xbf[modelinfo]\n", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (load_model_info ("[modelinfo]\n[x\ndir=input\n", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (load_model_info ("{}", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (load_model_info ("[other]\n", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "no section [modelinfo]"));
  g_clear_error (&error);
  g_assert_null (
      load_model_info ("[modelinfo]\n[x]\ndir=input\nranges=1,zero\n", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "[x] ranges: \"1,zero\""));
}

/* --- What the input wants. */

typedef struct
{
  const gchar *name;
  const gchar *wanted; /* NULL: downstream says nothing */
  GstDnnInputSettings settings;
  gint error; /* -1: none */
  const gchar *text; /* part of the description or of the error */
} InputRow;

#define LAID_OUT(layout_, color_, ...)                                         \
  {                                                                            \
    .layout = layout_, .color = color_, .resize = -1, .fill = (gchar *) "114", \
    .center_crop = 1, __VA_ARGS__                                              \
  }
#define SETTINGS(...) LAID_OUT (-1, -1, __VA_ARGS__)

static const InputRow input_rows[] = {
  { "nchw", "float32 1,3,240,320", SETTINGS (), -1,
      "320x240 float32 nchw rgb, stretch" },
  { "nhwc", "uint8 1,240,320,3", SETTINGS (), -1,
      "320x240 uint8 nhwc rgb, stretch, bilinear; mean 0,0,0 scale 1,1,1" },
  { "int8", "int8 1,240,320,3", SETTINGS (), -1, "mean 128,128,128 scale 1" },
  { "without-batch", "float32 3,240,320", SETTINGS (), -1, "320x240 float32" },
  { "gray", "float32 1,1,28,28", SETTINGS (), -1, "28x28 float32 nchw gray" },
  { "both-three", "float32 1,3,10,3", LAID_OUT (1, -1), -1,
      "10x3 float32 nhwc" },
  { "from-properties", NULL, SETTINGS (.width = 64, .height = 32), -1,
      "64x32 float32 nchw rgb" },
  { "mean-only", "float32 1,3,8,8", SETTINGS (.mean = (gchar *) "1,2,3"), -1,
      "mean 1,2,3 scale 1,1,1 (properties)" },
  { "scale-only", "float32 1,3,8,8", SETTINGS (.scale = (gchar *) "0.5"), -1,
      "mean 0,0,0 scale 0.5,0.5,0.5 (properties)" },
  { "no-shape", NULL, SETTINGS (), DNN_ERROR_NEEDS_SHAPE,
      "set width and height" },
  { "two-tensors", "float32 1,3,8,8; float32 1,4", SETTINGS (), DNN_ERROR_SHAPE,
      "takes 2 tensors (float32 1×3×8×8, float32 1×4)" },
  { "batch", "float32 4,3,8,8", SETTINGS (), DNN_ERROR_SHAPE,
      "takes float32 4×3×8×8; one picture is" },
  { "channels", "float32 1,16,8,8", SETTINGS (), DNN_ERROR_SHAPE,
      "1 or 3 channels were expected outermost" },
  { "layout", "float32 1,3,8,8", LAID_OUT (1, -1), DNN_ERROR_SHAPE,
      "innermost (layout nhwc)" },
  { "width", "float32 1,3,8,8", SETTINGS (.width = 9), DNN_ERROR_SHAPE,
      "width=9, but downstream takes 8" },
  { "type", "float32 1,3,8,8", SETTINGS (.type = DNN_TYPE_UINT8),
      DNN_ERROR_TYPE, "type=uint8, but downstream takes float32" },
  { "int64", "int64 1,3,8,8", SETTINGS (), DNN_ERROR_TYPE,
      "takes int64; dnnpreprocess makes" },
  { "color", "float32 1,1,8,8", LAID_OUT (-1, 0), DNN_ERROR_SHAPE,
      "color=rgb or bgr, but downstream takes 1 channels" },
  { "mean", "float32 1,3,8,8", SETTINGS (.mean = (gchar *) "1,2"),
      DNN_ERROR_VALUE, "mean=\"1,2\": one number" },
  { "scale", "float32 1,3,8,8", SETTINGS (.scale = (gchar *) "x"),
      DNN_ERROR_VALUE, "scale=\"x\": one number" },
};

static void
test_input (gconstpointer data)
{
  const InputRow *row = data;
  GstDnnTensorsInfo wanted = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;
  GstDnnInputSources sources = { NULL, NULL, NULL };
  GstDnnPixelsOptions options;
  gboolean guessed, done;

  if (row->wanted != NULL) {
    wanted = make_info (row->wanted);
    sources.wanted = &wanted;
  }
  done = gst_dnn_input_resolve (
      &row->settings, &sources, &options, &guessed, &text, &error);
  if (row->error < 0) {
    g_assert_no_error (error);
    g_assert_true (done);
    if (strstr (text, row->text) == NULL)
      g_error ("\"%s\" is not in \"%s\"", row->text, text);
    return;
  }
  g_assert_error (error, DNN_ERROR, row->error);
  if (strstr (error->message, row->text) == NULL)
    g_error ("\"%s\" is not in \"%s\"", row->text, error->message);
}

/* Property before model information before the head before the guess. */
static void
test_precedence (void)
{
  GstDnnInputSettings settings = SETTINGS ();
  GstDnnTensorsInfo wanted = make_info ("float32 1,3,8,8");
  GstDnnModelInfo info = { .n_ranges = 1, .mean = { 5 }, .scale = { 0.5 } };
  GstDnnInputSources sources = { &wanted, NULL, NULL };
  GstDnnPixelsOptions o;
  gboolean guessed;
  gchar *text;

  g_assert_true (
      gst_dnn_input_resolve (&settings, &sources, &o, &guessed, &text, NULL));
  g_assert_true (guessed);
  g_free (text);
  sources.hint = &gst_dnn_head_ultraface.input;
  g_assert_true (
      gst_dnn_input_resolve (&settings, &sources, &o, &guessed, &text, NULL));
  g_assert_false (guessed);
  g_assert_cmpfloat (o.mean[2], ==, 127);
  g_free (text);
  sources.model_info = &info;
  sources.hint = &gst_dnn_head_fastestdet.input;
  g_assert_true (
      gst_dnn_input_resolve (&settings, &sources, &o, &guessed, &text, NULL));
  g_assert_cmpfloat (o.mean[2], ==, 5);
  g_assert_cmpint (o.color, ==, GST_DNN_COLOR_BGR);
  g_free (text);
  settings.mean = (gchar *) "9";
  settings.scale = (gchar *) "0.25";
  settings.color = GST_DNN_COLOR_RGB;
  settings.resize = GST_DNN_RESIZE_CROP;
  g_assert_true (
      gst_dnn_input_resolve (&settings, &sources, &o, &guessed, &text, NULL));
  g_assert_cmpfloat (o.mean[0], ==, 9);
  g_assert_cmpfloat (o.scale[2], ==, 0.25);
  g_assert_cmpint (o.color, ==, GST_DNN_COLOR_RGB);
  g_assert_cmpint (o.resize, ==, GST_DNN_RESIZE_CROP);
  g_free (text);
}

#define ADD_ROWS(path, rows, function)               \
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {  \
    g_autofree gchar *name = g_strconcat (           \
        "/elements/" path "/", rows[i].name, NULL);  \
    g_test_add_data_func (name, &rows[i], function); \
  }

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD_ROWS ("heads/choose", choose_rows, test_choose);
  g_test_add_func ("/elements/heads/choose-none", test_choose_none);
  ADD_ROWS ("heads/decode", decode_rows, test_decode);
  g_test_add_func ("/elements/heads/blocks", test_blocks);
  g_test_add_func ("/elements/nms/boxes", test_nms);
  g_test_add_func ("/elements/labels/file", test_labels);
  g_test_add_func ("/elements/labels/numbers", test_label_numbers);
  g_test_add_func ("/elements/labels/errors", test_label_errors);
  g_test_add_func ("/elements/labels/set", test_class_set);
  g_test_add_func ("/elements/modelinfo/ranges", test_model_info);
  g_test_add_func ("/elements/modelinfo/errors", test_model_info_errors);
  ADD_ROWS ("input", input_rows, test_input);
  g_test_add_func ("/elements/input/precedence", test_precedence);
  return g_test_run ();
}
