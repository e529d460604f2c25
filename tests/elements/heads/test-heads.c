/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Non-maximum suppression, labels, model information and what a model's input
 * wants: boxes and files made by hand → boxes and values worked out by hand. */
#include "config.h"

#include <math.h>
#include <glib/gstdio.h>

#include "gst-plugin/heads/gstdnnnms.h"
#include "gst-plugin/results/gstdnnlabels.h"
#include "gst-plugin/heads/gstdnnhead-types.h"
#include "gst-plugin/video/gstdnninput.h"
#include "gst-plugin/video/gstdnnmodelinfo.h"
#include "tests/core/bad-files.h"
#include "tests/elements/heads/head-check.h"

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

/* Names as Ultralytics' models and others carry them. */
static void
test_label_names (void)
{
  static const gchar *const texts[] = { "{0: 'cat', 1: \"dog's\", 3: 'bird'}",
    "['cat', 'dog\\'s', '', 'bird']",
    " {\"0\": \"cat\", \"3\": \"bird\", \"1\": \"dog's\"} \n" };
  static const gchar *const bad[] = { "", "cat", "{0: 'cat'", "{0 'cat'}",
    "{-1: 'cat'}", "{99999999: 'cat'}", "['cat' 'dog']", "['cat", "[]", "{}",
    "{0: cat}", "['cat'] x", "['\xff']" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GstDnnLabels) labels = gst_dnn_labels_new_from_names (texts[i]);

    g_assert_nonnull (labels);
    g_assert_cmpuint (gst_dnn_labels_get_n (labels), ==, 4);
    g_assert_cmpstr (
        g_quark_to_string (gst_dnn_labels_get (labels, 1)), ==, "dog's");
    g_assert_cmpuint (gst_dnn_labels_get (labels, 2), ==, 0);
    g_assert_cmpstr (
        g_quark_to_string (gst_dnn_labels_get (labels, 3)), ==, "bird");
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (gst_dnn_labels_new_from_names (bad[i]));
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
  g_assert_nonnull (strstr (error->message, "It is no UTF-8 text"));
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
    wanted = head_check_info (row->wanted);
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
  GstDnnTensorsInfo wanted = head_check_info ("float32 1,3,8,8");
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
  g_test_add_func ("/elements/nms/boxes", test_nms);
  g_test_add_func ("/elements/labels/file", test_labels);
  g_test_add_func ("/elements/labels/names", test_label_names);
  g_test_add_func ("/elements/labels/numbers", test_label_numbers);
  g_test_add_func ("/elements/labels/errors", test_label_errors);
  g_test_add_func ("/elements/labels/set", test_class_set);
  g_test_add_func ("/elements/modelinfo/ranges", test_model_info);
  g_test_add_func ("/elements/modelinfo/errors", test_model_info_errors);
  ADD_ROWS ("input", input_rows, test_input);
  g_test_add_func ("/elements/input/precedence", test_precedence);
  return g_test_run ();
}
