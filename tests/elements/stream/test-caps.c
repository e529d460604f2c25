/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensor caps and headers, as tables: text → types and shapes, back, and the
 * error of each thing that can be wrong. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gst-plugin/stream/gstdnncaps.h"

#define STATIC "other/tensors, format=(string)static, "

/* Fixed caps that are read. */
static const struct
{
  const gchar *caps;
  const gchar *text;
} good[] = {
  { STATIC "num_tensors=(int)1, dimensions=(string)\"3:224:224:1\", "
           "types=(string)float32, framerate=(fraction)30/1",
      "float32 1×224×224×3" },
  { STATIC "num_tensors=(int)2, dimensions=(string)\"4:1917:1,91:1917:1\", "
           "types=(string)\"float32,uint8\", framerate=(fraction)0/1",
      "float32 1×1917×4, uint8 1×1917×91" },
  { STATIC "num_tensors=(int)2, dimensions=(string)\"4:1917.91\", "
           "types=(string)\"int64.float16\"",
      "int64 1917×4, float16 91" },
  { "other/tensors, num_tensors=(int)1, dimensions=(string)\"7\", "
    "types=(string)int8",
      "int8 7" },
  { "other/tensors, format=(string)flexible, framerate=(fraction)30/1",
      "flexible" },
};

/* Fixed caps that are refused, with the code and part of the message. */
static const struct
{
  const gchar *caps;
  gint code;
  const gchar *message;
} bad[] = {
  { "video/x-raw", DNN_ERROR_FORMAT, "fixed other/tensors were expected" },
  { STATIC "num_tensors=(int)[1,2]", DNN_ERROR_FORMAT, "were expected, not" },
  { STATIC "num_tensors=(int)257, dimensions=(string)1, types=(string)int8",
      DNN_ERROR_LIMIT, "num_tensors is 257" },
  { STATIC "dimensions=(string)1, types=(string)int8", DNN_ERROR_LIMIT,
      "num_tensors is 0 or missing" },
  { STATIC "num_tensors=(int)1, types=(string)int8", DNN_ERROR_FORMAT,
      "dimensions is missing" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"3:abc:4\", "
           "types=(string)int8",
      DNN_ERROR_VALUE, "dimensions[0]: \"3:abc:4\": \"abc\" is no size" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"3:0\", "
           "types=(string)int8",
      DNN_ERROR_VALUE, "\"0\" is no size" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"3:\", types=(string)int8",
      DNN_ERROR_VALUE, "\"\" is no size" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"\", types=(string)int8",
      DNN_ERROR_FORMAT, "0 entries" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"1:1:1:1:1:1:1:1:1:1:1:1:"
           "1\", types=(string)int8",
      DNN_ERROR_LIMIT, "has rank 13" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"2000000000:2000000000:"
           "2000000000\", types=(string)int8",
      DNN_ERROR_LIMIT, "is too large" },
  { STATIC "num_tensors=(int)2, dimensions=(string)\"1,2\", types=(string)int8",
      DNN_ERROR_FORMAT, "types is \"int8\": 1 entries; num_tensors says 2" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"1\", types=(string)bool",
      DNN_ERROR_TYPE, "types[0]: \"bool\" is no type of a tensor stream" },
  { STATIC "num_tensors=(int)1, dimensions=(string)\"1\", types=(string)float",
      DNN_ERROR_TYPE, "\"float\"" },
  { "other/tensors, format=(string)sparse", DNN_ERROR_UNSUPPORTED,
      "format is \"sparse\"" },
};

/* Shapes and their spellings, in order of preference. */
static const struct
{
  const gchar *shape;
  const gchar *spellings[4];
} spelled[] = {
  { "1,3,224,224", { "224:224:3:1", "224:224:3" } },
  { "10", { "10", "10:1:1:1" } },
  { "2,10", { "10:2", "10:2:1:1" } },
  { "1,1000", { "1000:1", "1000:1:1:1", "1000" } },
  { "1", { "1", "1:1:1:1" } },
  { "1,2,3,4,5", { "5:4:3:2:1", "5:4:3:2" } },
};

/* What a stream has, what a model asks for, and the shape that then runs. */
static const struct
{
  const gchar *stream, *model, *fitted;
} fits[] = {
  { "1,3,8,8", "1,3,8,8", "1,3,8,8" },
  { "3,8,8", "1,3,8,8", "1,3,8,8" },
  { "1,1,3,8,8", "1,3,8,8", "1,3,8,8" },
  { "2,3,8,8", "?,3,?,?", "2,3,8,8" },
  { "3,8,8", "?,3,?,?", "1,3,8,8" },
  { "3,8,9", "1,3,8,8", NULL },
  { "2,3,8,8", "3,8,8", NULL },
  { "8,8,3", "3,8,8", NULL },
};

static DnnShape
parse_shape (const gchar *text)
{
  DnnShape shape;

  fail_unless (dnn_shape_parse (text, &shape), "%s", text);
  return shape;
}

GST_START_TEST (test_read_good)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (good[__i__].caps);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;
  GstDnnTensorsInfo info;

  fail_unless (gst_dnn_tensors_info_from_caps (&info, caps, &error), "%s",
      error ? error->message : "");
  text = gst_dnn_tensors_info_to_string (&info);
  assert_equals_string (text, good[__i__].text);
}
GST_END_TEST;

GST_START_TEST (test_read_bad)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (bad[__i__].caps);
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo info;

  fail_unless (caps != NULL, "%s", bad[__i__].caps);
  fail_if (gst_dnn_tensors_info_from_caps (&info, caps, &error), "%s",
      bad[__i__].caps);
  fail_unless (g_error_matches (error, DNN_ERROR, bad[__i__].code), "%s",
      error->message);
  fail_unless (strstr (error->message, bad[__i__].message),
      "\"%s\" lacks \"%s\"", error->message, bad[__i__].message);
}
GST_END_TEST;

GST_START_TEST (test_spell)
{
  DnnShape shape = parse_shape (spelled[__i__].shape);
  g_autoptr (GstCaps) caps = NULL;
  GstDnnTensorsInfo info;
  guint n = 0;

  gst_dnn_tensors_info_init (&info);
  fail_unless (
      gst_dnn_tensors_info_add (&info, DNN_TYPE_FLOAT32, &shape, NULL));
  caps = gst_dnn_tensors_info_to_caps (&info);
  for (; spelled[__i__].spellings[n] != NULL; n++) {
    g_autoptr (GstCaps) one = NULL;
    GstDnnTensorsInfo back;
    fail_unless (n < gst_caps_get_size (caps));
    one = gst_caps_fixate (gst_caps_copy_nth (caps, n));
    assert_equals_string (gst_structure_get_string (
                              gst_caps_get_structure (one, 0), "dimensions"),
        spelled[__i__].spellings[n]);
    /* Every spelling means the same numbers. */
    fail_unless (gst_dnn_tensors_info_from_caps (&back, one, NULL));
    fail_unless (gst_dnn_tensors_info_equal (&back, &info));
  }
  assert_equals_int (gst_caps_get_size (caps), n);
}
GST_END_TEST;

GST_START_TEST (test_fit)
{
  DnnShape stream = parse_shape (fits[__i__].stream);
  DnnShape model = parse_shape (fits[__i__].model);
  DnnShape fitted;

  if (fits[__i__].fitted == NULL) {
    fail_if (gst_dnn_shape_fit (&stream, &model, &fitted));
  } else {
    DnnShape expected = parse_shape (fits[__i__].fitted);
    fail_unless (gst_dnn_shape_fit (&stream, &model, &fitted));
    fail_unless (dnn_shape_equal (&fitted, &expected));
  }
}
GST_END_TEST;

GST_START_TEST (test_types_on_links)
{
  DnnShape shape = parse_shape ("2");
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo info;

  gst_dnn_tensors_info_init (&info);
  gst_dnn_tensors_info_add (&info, DNN_TYPE_BOOL, &shape, NULL);
  gst_dnn_tensors_info_add (&info, DNN_TYPE_BFLOAT16, &shape, NULL);
  gst_dnn_tensors_info_add (&info, DNN_TYPE_FLOAT16, &shape, NULL);
  text = gst_dnn_tensors_info_to_string (&info);
  assert_equals_string (text, "uint8 2, float32 2, float16 2");
  assert_equals_int (gst_dnn_tensors_info_get_size (&info, 1), 8);
  while (info.n_tensors < GST_DNN_MAX_TENSORS)
    fail_unless (
        gst_dnn_tensors_info_add (&info, DNN_TYPE_INT8, &shape, &error));
  fail_if (gst_dnn_tensors_info_add (&info, DNN_TYPE_INT8, &shape, &error));
  fail_unless (g_error_matches (error, DNN_ERROR, DNN_ERROR_LIMIT));
  fail_unless (strstr (error->message, "More than 256 tensors"));
}
GST_END_TEST;

GST_START_TEST (test_empty_tensor)
{
  DnnShape shape = dnn_shape (2, (gint64) 3, (gint64) 0);
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo info;

  gst_dnn_tensors_info_init (&info);
  fail_if (gst_dnn_tensors_info_add (&info, DNN_TYPE_INT8, &shape, &error));
  fail_unless (g_error_matches (error, DNN_ERROR, DNN_ERROR_SHAPE));
  fail_unless (strstr (error->message, "3×0"), "%s", error->message);
}
GST_END_TEST;

GST_START_TEST (test_open_shape)
{
  DnnShape shape = parse_shape ("?,3");
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) fixed = gst_caps_from_string (
      STATIC "num_tensors=(int)1, dimensions=(string)\"3:5\", "
             "types=(string)uint8, framerate=(fraction)30/1");
  GstDnnTensorsInfo info;

  gst_dnn_tensors_info_init (&info);
  gst_dnn_tensors_info_add (&info, DNN_TYPE_UINT8, &shape, NULL);
  caps = gst_dnn_tensors_info_to_caps (&info);
  fail_unless (gst_caps_can_intersect (caps, fixed));
  assert_equals_int (gst_dnn_tensors_info_get_size (&info, 0), 0);
}
GST_END_TEST;

GST_START_TEST (test_header)
{
  DnnShape shape = parse_shape ("2,3,5"), back;
  guint8 bytes[GST_DNN_HEADER_SIZE + 60] = { 0 };
  const guint32 *words = (const guint32 *) bytes;
  DnnType type;

  gst_dnn_header_write (bytes, DNN_TYPE_BFLOAT16, &shape);
  assert_equals_int (words[0], 0xfeedcced);
  assert_equals_int (words[1], 0xde001000);
  assert_equals_int (words[2], 7);
  assert_equals_int (words[3], 5);
  assert_equals_int (words[5], 2);
  assert_equals_int (words[6], 0);
  assert_equals_int (words[19], 1);
  assert_equals_int (words[20], 4);
  /* 30 floats need 120 bytes. */
  fail_if (gst_dnn_header_read (bytes, sizeof (bytes), &type, &back, NULL));
  gst_dnn_header_write (bytes, DNN_TYPE_INT16, &shape);
  fail_unless (gst_dnn_header_read (bytes, sizeof (bytes), &type, &back, NULL));
  assert_equals_int (type, DNN_TYPE_INT16);
  fail_unless (dnn_shape_equal (&shape, &back));
}
GST_END_TEST;

GST_START_TEST (test_empty_header)
{
  const DnnShape shapes[] = { dnn_shape (2, 0, 6), dnn_shape (2, 3, 0),
    dnn_shape (1, 0), dnn_shape (3, 1, 0, 4) };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    guint8 bytes[GST_DNN_HEADER_SIZE];
    DnnShape back;
    DnnType type;
    gst_dnn_header_write (bytes, DNN_TYPE_FLOAT32, &shapes[i]);
    fail_unless (
        gst_dnn_header_read (bytes, sizeof (bytes), &type, &back, NULL));
    fail_unless (dnn_shape_equal (&shapes[i], &back));
  }
}
GST_END_TEST;

/* A word of the header, what is put there, and the error. */
static const struct
{
  guint word;
  guint32 value;
  gint code;
  const gchar *message;
} bad_words[] = {
  { 0, 0xfeedcce0, DNN_ERROR_DATA, "magic 0xfeedcced was expected" },
  { 1, 0xde002000, DNN_ERROR_DATA, "version 0xde001000 was expected" },
  { 2, 11, DNN_ERROR_DATA, "type is 11; 0 to 10" },
  { 3, 0, DNN_ERROR_LIMIT, "rank is 0" },
  { 4, 0xffffffff, DNN_ERROR_DATA, "does not fit into the 60 bytes" },
  { 19, 2, DNN_ERROR_DATA, "sparse" },
};

GST_START_TEST (test_bad_header)
{
  DnnShape shape = parse_shape ("2,3,5"), back;
  guint8 bytes[GST_DNN_HEADER_SIZE + 60] = { 0 };
  g_autoptr (GError) error = NULL;
  DnnType type;

  gst_dnn_header_write (bytes, DNN_TYPE_INT16, &shape);
  ((guint32 *) bytes)[bad_words[__i__].word] = bad_words[__i__].value;
  fail_if (gst_dnn_header_read (bytes, sizeof (bytes), &type, &back, &error));
  fail_unless (g_error_matches (error, DNN_ERROR, bad_words[__i__].code), "%s",
      error->message);
  fail_unless (
      strstr (error->message, bad_words[__i__].message), "%s", error->message);
}
GST_END_TEST;

GST_START_TEST (test_long_header)
{
  DnnShape shape;
  guint32 words[GST_DNN_HEADER_SIZE / 4];
  g_autoptr (GError) error = NULL;
  DnnType type;

  gst_dnn_header_write (words, DNN_TYPE_INT8, &(DnnShape){ .rank = 0 });
  fail_if (gst_dnn_header_read (words, 127, &type, &shape, &error));
  fail_unless (strstr (error->message, "there are 127"), "%s", error->message);
  g_clear_error (&error);
  for (guint i = 3; i < 19; i++)
    words[i] = 1;
  fail_if (gst_dnn_header_read (words, 128, &type, &shape, &error));
  fail_unless (strstr (error->message, "rank is 16"), "%s", error->message);
}
GST_END_TEST;

static Suite *
caps_suite (void)
{
  Suite *suite = suite_create ("caps");
  TCase *cases = tcase_create ("caps");

  suite_add_tcase (suite, cases);
  tcase_add_loop_test (cases, test_read_good, 0, G_N_ELEMENTS (good));
  tcase_add_loop_test (cases, test_read_bad, 0, G_N_ELEMENTS (bad));
  tcase_add_loop_test (cases, test_spell, 0, G_N_ELEMENTS (spelled));
  tcase_add_loop_test (cases, test_fit, 0, G_N_ELEMENTS (fits));
  tcase_add_test (cases, test_types_on_links);
  tcase_add_test (cases, test_empty_tensor);
  tcase_add_test (cases, test_open_shape);
  tcase_add_test (cases, test_header);
  tcase_add_test (cases, test_empty_header);
  tcase_add_loop_test (cases, test_bad_header, 0, G_N_ELEMENTS (bad_words));
  tcase_add_test (cases, test_long_header);
  return suite;
}

GST_CHECK_MAIN (caps);
