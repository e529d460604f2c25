/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Types, shapes, attributes and tensors, DLPack in and out. */
#include "config.h"

#include "pipeline-core/base/dnn-tensor.h"

#include "pipeline-core/base/dnn-attrs.h"
#include "pipeline-core/base/dnn-dlpack.h"

#include "pipeline-core/base/dnn-type-small.h"

#include <math.h>
#include <string.h>

static void
test_type_names (void)
{
  for (DnnType type = 1; type < DNN_N_TYPES; type++) {
    g_assert_cmpint (
        dnn_type_from_name (dnn_type_name (type)), ==, (gint) type);
    g_assert_cmpint (dnn_type_from_dl (dnn_type_to_dl (type)), ==, (gint) type);
  }
  g_assert_cmpint (dnn_type_from_name ("floaty"), ==, DNN_TYPE_INVALID);
  g_assert_cmpint (
      dnn_type_from_dl ((DLDataType){ kDLUInt, 1, 1 }), ==, DNN_TYPE_BOOL);
  g_assert_cmpint (
      dnn_type_from_dl ((DLDataType){ kDLFloat, 32, 4 }), ==, DNN_TYPE_INVALID);
}

/* Every byte of each, there and back; the ends; what lies between two. */
static void
test_small_types (void)
{
  static const struct
  {
    DnnType type;
    gdouble value, stored;
  } rows[] = {
    { DNN_TYPE_FLOAT8E4M3FN, 1e9, 448 },
    { DNN_TYPE_FLOAT8E4M3FN, 17, 16 },
    { DNN_TYPE_FLOAT8E4M3FNUZ, -1e9, -240 },
    { DNN_TYPE_FLOAT8E5M2, INFINITY, 57344 },
    { DNN_TYPE_FLOAT8E5M2FNUZ, 0x1p-20, 0 },
    { DNN_TYPE_FLOAT8E8M0, 3, 4 },
    { DNN_TYPE_FLOAT4E2M1, 2.5, 2 },
    { DNN_TYPE_FLOAT4E2M1, -99, -6 },
    { DNN_TYPE_INT4, 99, 7 },
    { DNN_TYPE_INT4, -99, -8 },
    { DNN_TYPE_UINT4, 99, 15 },
    { DNN_TYPE_INT2, -1.9, -1 },
    { DNN_TYPE_UINT2, -1, 0 },
  };

  for (DnnType type = DNN_TYPE_FLOAT8E4M3FN; type < DNN_N_TYPES; type++)
    for (guint i = 0; i < 256u / (1u << (8 - 8 / dnn_type_n_packed (type)));
         i++) {
      guint8 bits = type < DNN_TYPE_INT4 ? i : dnn_small_wrap (type, i), back;
      gdouble value = dnn_type_get (type, &bits, 0);
      if (!isfinite (value))
        continue;
      dnn_type_set (type, &back, 0, value);
      g_assert_cmpuint (back, ==, bits);
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint8 bits;
    dnn_type_set (rows[i].type, &bits, 0, rows[i].value);
    g_assert_cmpfloat (
        dnn_type_get (rows[i].type, &bits, 0), ==, rows[i].stored);
  }
}

typedef struct
{
  DnnType type;
  gdouble value, expected;
} ValueRow;

static const ValueRow value_rows[] = {
  { DNN_TYPE_FLOAT16, 1.0, 1.0 },
  { DNN_TYPE_FLOAT16, -0.333251953125, -0.333251953125 },
  { DNN_TYPE_FLOAT16, 65504, 65504 },
  { DNN_TYPE_FLOAT16, 65519.9, 65504 },
  { DNN_TYPE_FLOAT16, 65520, INFINITY },
  { DNN_TYPE_FLOAT16, 5.960464477539063e-08, 5.960464477539063e-08 },
  { DNN_TYPE_FLOAT16, 1 + 1.0 / 2048, 1.0 }, /* tie to even */
  { DNN_TYPE_FLOAT16, 1 + 3.0 / 2048, 1 + 2.0 / 1024 },
  { DNN_TYPE_FLOAT16, 2047.9999, 2048 },
  { DNN_TYPE_FLOAT16, 6.1e-05, 6.097555160522461e-05 },
  { DNN_TYPE_BFLOAT16, 1.00390625, 1.0 }, /* tie to even */
  { DNN_TYPE_BFLOAT16, 3.140625, 3.140625 },
  { DNN_TYPE_BFLOAT16, -INFINITY, -INFINITY },
  { DNN_TYPE_INT8, 300, 127 },
  { DNN_TYPE_INT8, -129, -128 },
  { DNN_TYPE_UINT8, -1, 0 },
  { DNN_TYPE_INT64, 1e30, 9223372036854775807.0 },
  { DNN_TYPE_UINT64, 1e30, 18446744073709551615.0 },
  { DNN_TYPE_INT32, NAN, 0 },
  { DNN_TYPE_BOOL, 7, 1 },
};

static void
test_type_values (void)
{
  guint8 memory[16], odd[17]; /* files align nothing */

  for (guint i = 0; i < G_N_ELEMENTS (value_rows); i++) {
    const ValueRow *row = &value_rows[i];
    dnn_type_set (row->type, memory, 1, row->value);
    g_test_message ("%s %g", dnn_type_name (row->type), row->value);
    g_assert_cmpfloat (dnn_type_get (row->type, memory, 1), ==, row->expected);
    memmove (odd + 1, memory, sizeof memory);
    g_assert_cmpfloat (dnn_type_get (row->type, odd + 1, 1), ==, row->expected);
  }
  dnn_type_set (DNN_TYPE_BFLOAT16, memory, 0, NAN);
  g_assert_true (isnan (dnn_type_get (DNN_TYPE_BFLOAT16, memory, 0)));
  dnn_type_set (DNN_TYPE_FLOAT16, memory, 0, NAN);
  g_assert_true (isnan (dnn_type_get (DNN_TYPE_FLOAT16, memory, 0)));
}

/* All 65,536 halves survive the way to double and back. */
static void
test_type_halves (void)
{
  static const DnnType types[] = { DNN_TYPE_FLOAT16, DNN_TYPE_BFLOAT16 };

  for (guint t = 0; t < 2; t++) {
    for (guint bits = 0; bits < 65536; bits++) {
      guint16 half = bits, back = 0;
      gdouble value = dnn_type_get (types[t], &half, 0);
      if (isnan (value))
        continue;
      dnn_type_set (types[t], &back, 0, value);
      g_assert_cmpuint (back, ==, half);
    }
  }
}

typedef struct
{
  const gchar *text;
  gboolean valid;
  const gchar *printed;
} ShapeRow;

static const ShapeRow shape_rows[] = {
  { "1,3,224,224", TRUE, "1×3×224×224" },
  { "1x3x-1x?", TRUE, "1×3×?×?" },
  { "scalar", TRUE, "scalar" },
  { "0", TRUE, "0" },
  { "", FALSE, NULL },
  { "1,,2", FALSE, NULL },
  { "-2", FALSE, NULL },
  { "1,2,three", FALSE, NULL },
  { "99999999999999999999", FALSE, NULL },
  { "1,1,1,1,1,1,1,1,1,1,1,1,1", FALSE, NULL },
};

static void
test_shape_text (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shape_rows); i++) {
    const ShapeRow *row = &shape_rows[i];
    DnnShape shape;
    g_test_message ("\"%s\"", row->text);
    g_assert_cmpint (dnn_shape_parse (row->text, &shape), ==, row->valid);
    if (row->valid) {
      g_autofree gchar *printed = dnn_shape_to_string (&shape);
      g_assert_cmpstr (printed, ==, row->printed);
    }
  }
}

static void
test_shape_elements (void)
{
  DnnShape huge = dnn_shape (4, 1 << 20, 1 << 20, 1 << 20, 1 << 20);
  DnnShape none = dnn_shape (3, 1 << 20, 1 << 20, 0);
  DnnShape strides = dnn_shape (4, 0, 1 << 30, 1 << 30, 1 << 30);
  DnnShape open = dnn_shape (2, 3, DNN_DIM_OPEN);
  DnnShape other = dnn_shape (2, DNN_DIM_OPEN, 4);
  DnnShape scalar = dnn_shape (0);
  DnnShape unknown = { .rank = -1 };

  g_assert_cmpint (dnn_shape_n_elements (&huge), ==, -1);
  g_assert_cmpint (dnn_shape_n_elements (&none), ==, 0);
  g_assert_cmpint (dnn_shape_n_elements (&strides), ==, -1);
  g_assert_cmpint (dnn_shape_n_elements (&open), ==, -1);
  g_assert_cmpint (dnn_shape_n_elements (&scalar), ==, 1);
  g_assert_cmpint (dnn_shape_n_elements (&unknown), ==, -1);
  g_assert_true (dnn_shape_compatible (&open, &other));
  g_assert_true (dnn_shape_compatible (&unknown, &scalar));
  g_assert_false (dnn_shape_compatible (&open, &scalar));
}

static void
test_attrs_floats (void)
{
  static const gfloat values[] = { 0.1f, 1.0f / 3, 1e-45f, 3.4028235e38f, -0.0f,
    16777217.f, 0.2f };
  g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();
  g_autofree gfloat *list = NULL;
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    gfloat back = 0;
    dnn_attrs_set_float (attrs, "x", values[i]);
    g_assert_true (dnn_text_to_float (dnn_attrs_get (attrs, "x"), &back));
    g_assert_true (memcmp (&back, &values[i], sizeof back) == 0);
  }
  dnn_attrs_set_float (attrs, "x", 0.2f);
  g_assert_cmpstr (dnn_attrs_get (attrs, "x"), ==, "0.2");
  dnn_attrs_set_float (attrs, "x", -INFINITY);
  g_assert_cmpstr (dnn_attrs_get (attrs, "x"), ==, "-inf");
  dnn_attrs_set_floats (attrs, "list", (gfloat[]){ 1.5f, INFINITY, -2.f }, 3);
  g_assert_true (dnn_text_to_floats (dnn_attrs_get (attrs, "list"), &list, &n));
  g_assert_cmpuint (n, ==, 3);
  g_assert_true (list[0] == 1.5f && isinf (list[1]) && list[2] == -2.f);
}

static void
test_attrs_lists (void)
{
  static const struct
  {
    const gchar *text;
    guint n;
    gint64 last;
  } lists[] = {
    { "[-5,7]", 2, 7 },
    { " [ 1 , 2 ] ", 2, 2 },
    { "[]", 0, 0 },
    { "[-9223372036854775808]", 1, G_MININT64 },
    { "[0, -0, 123456789012345678]", 3, 123456789012345678 },
  };
  g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();
  g_autofree gint64 *ints = NULL;
  g_auto (GStrv) strings = NULL;
  gint64 value = 0;
  guint n = 0;

  dnn_attrs_set_ints (attrs, "pads", (gint64[]){ 1, -2, G_MAXINT64 }, 3);
  g_assert_true (dnn_text_to_ints (dnn_attrs_get (attrs, "pads"), &ints, &n));
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (ints[2], ==, G_MAXINT64);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree gint64 *list = NULL;
    g_assert_true (dnn_text_to_ints (lists[i].text, &list, &n));
    g_assert_cmpuint (n, ==, lists[i].n);
    g_assert_cmpint (n > 0 ? list[n - 1] : 0, ==, lists[i].last);
  }
  g_assert_false (dnn_text_to_ints ("[1, 2.5]", &ints, &n));
  g_assert_false (dnn_text_to_ints ("[1, 2]]", &ints, &n));
  g_assert_false (dnn_text_to_ints ("[1,, 2]", &ints, &n));
  g_assert_false (dnn_text_to_ints ("[1, 2", &ints, &n));
  g_assert_false (dnn_text_to_ints ("7", &ints, &n));
  g_assert_false (dnn_text_to_int ("7x", &value));
  g_assert_false (dnn_text_to_int ("", &value));
  g_assert_true (dnn_text_to_strings ("[\"a\", \"b\"]", &strings, &n));
  g_assert_cmpstr (strings[1], ==, "b");
  dnn_attrs_set (attrs, "pads", "[]");
  g_assert_cmpuint (dnn_attrs_get_n (attrs), ==, 1);
  dnn_attrs_remove (attrs, "pads");
  g_assert_null (dnn_attrs_get (attrs, "pads"));
}

static void
test_nearest_word (void)
{
  static const gchar *const known[] = { "mod_idx", "output", "cpu_affinity",
    NULL };

  g_assert_cmpstr (dnn_nearest_word ("mod_id", known), ==, "mod_idx");
  g_assert_cmpstr (dnn_nearest_word ("cpu-afinity", known), ==, "cpu_affinity");
  g_assert_null (dnn_nearest_word ("zebra", known));
}

/* Names come from files: nothing of them may move a terminal's cursor. */
static void
test_print (void)
{
  static const struct
  {
    const gchar *message, *shown;
  } rows[] = {
    { "a/b: 2×3 → \"ü\"", "a/b: 2×3 → \"ü\"" },
    { "\033[2J\a\nx\tq", "\\x1b[2J\\x07\\x0ax\\x09q" },
    { "\xe9t\xe9 \xff\xc3", "\\xe9t\\xe9 \\xff\\xc3" },
    { "a\xc2\x9b"
      "1m\xe2\x80\xae"
      "b",
        "a\\xc2\\x9b1m\\xe2\\x80\\xae"
        "b" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError)
        row = g_error_new_literal (DNN_ERROR, 0, rows[i].message);
    g_autofree gchar *shown = dnn_error_print (row);
    g_assert_cmpstr (shown, ==, rows[i].shown);
  }
}

/* A megabyte that somebody gave as a name hides neither place nor reason. */
static void
test_print_long (void)
{
  g_autofree gchar *name = g_strnfill (1 << 20, 'x');
  g_autofree gchar *part = g_strnfill (DNN_MAX_ERROR_WORD / 2, 'x');
  g_autoptr (GError)
      error = g_error_new (DNN_ERROR, 0, "model: \"%s\": can't be read", name);
  g_autofree gchar *expected = g_strdup_printf (
      "model: \"%s…%s\": can't be read", part, part);
  g_autofree gchar *cut = dnn_error_print (error);
  g_autofree gchar *list = g_strnfill (6 * DNN_MAX_ERROR_TEXT, ' ');
  g_autoptr (GString) umlauts = g_string_new (NULL);

  g_assert_cmpstr (cut, ==, expected);
  g_clear_pointer (&cut, g_free);
  g_clear_error (&error);

  memcpy (list, "inputs:", strlen ("inputs:"));
  list[6 * DNN_MAX_ERROR_TEXT - 1] = '!';
  error = g_error_new_literal (DNN_ERROR, 0, list);
  cut = dnn_error_print (error);
  g_assert_cmpuint (strlen (cut), ==, DNN_MAX_ERROR_TEXT + strlen ("…"));
  g_assert_true (g_str_has_prefix (cut, "inputs:"));
  g_assert_true (g_str_has_suffix (cut, " !"));
  g_clear_pointer (&cut, g_free);
  g_clear_error (&error);

  /* Characters stay whole. */
  g_string_append_c (umlauts, 'x');
  for (guint i = 0; i < DNN_MAX_ERROR_WORD; i++)
    g_string_append (umlauts, "ü");
  error = g_error_new_literal (DNN_ERROR, 0, umlauts->str);
  cut = dnn_error_print (error);
  g_assert_cmpuint (strlen (cut), <, umlauts->len);
  g_assert_true (g_utf8_validate (cut, -1, NULL));
}

static gint n_deleted;

static void
count_deleted (DLManagedTensor *managed)
{
  n_deleted++;
}

static void
count_deleted_versioned (struct DLManagedTensorVersioned *managed)
{
  n_deleted++;
}

/* Another framework's memory is used where it is, until the last reference. */
static void
test_dlpack_in (void)
{
  gfloat data[6] = { 1, 2, 3, 4, 5, 6 };
  gint64 dims[2] = { 2, 3 }, strides[2] = { 3, 1 };
  DLManagedTensor managed = { { data, { kDLCPU, 0 }, 2, { kDLFloat, 32, 1 },
                                  dims, strides, 4 },
    NULL, count_deleted };
  g_autoptr (GError) error = NULL;
  DnnTensor *tensor;

  dims[0] = 1;
  n_deleted = 0;
  tensor = dnn_tensor_new_from_dlpack (&managed, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_tensor_get_data (tensor) == data + 1);
  g_assert_cmpint (n_deleted, ==, 0);
  dnn_tensor_unref (dnn_tensor_ref (tensor));
  g_assert_cmpint (n_deleted, ==, 0);
  dnn_tensor_unref (tensor);
  g_assert_cmpint (n_deleted, ==, 1);
}

/* Transposed, in steps, backwards, the same row twice: copied, and given back
 * at once. */
static void
test_dlpack_strides (void)
{
  static const struct
  {
    gint64 strides[3];
    gint8 expected[8];
  } rows[] = { { { 1, 2, 4 }, { 2, 6, 4, 8, 3, 7, 5, 9 } },
    { { 4, -1, 1 }, { 2, 3, 1, 2, 6, 7, 5, 6 } },
    { { 0, 3, 1 }, { 2, 3, 5, 6, 2, 3, 5, 6 } } };
  gint8 data[12] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
  gint64 dims[3] = { 2, 2, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    DLManagedTensor managed = { { data, { kDLCPU, 0 }, 3, { kDLInt, 8, 1 },
                                    dims, (gint64 *) rows[i].strides, 2 },
      NULL, count_deleted };
    struct DLManagedTensorVersioned versioned = { { DLPACK_MAJOR_VERSION, 0 },
      NULL, count_deleted_versioned, 0, { 0 } };
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnTensor) tensor = NULL, same = NULL;

    n_deleted = 0;
    tensor = dnn_tensor_new_from_dlpack (&managed, &error);
    g_assert_no_error (error);
    g_assert_cmpint (n_deleted, ==, 1);
    g_assert_cmpmem (dnn_tensor_get_data (tensor), dnn_tensor_get_size (tensor),
        rows[i].expected, sizeof rows[i].expected);

    versioned.dl_tensor = managed.dl_tensor;
    same = dnn_tensor_new_from_dlpack_versioned (&versioned, &error);
    g_assert_no_error (error);
    g_assert_cmpint (n_deleted, ==, 2);
    g_assert_true (dnn_tensor_equal (same, tensor));
  }
}

typedef struct
{
  const gchar *name;
  DLTensor dl;
  DnnError code;
  const gchar *text;
} BadTensor;

static gint64 bad_dims[13] = { 2, 3, -1 };
static gint64 huge_dims[3] = { G_MAXINT64, G_MAXINT64, 2 };
/* Its product wraps around to 0. */
static gint64 wrapping_dims[3] = { G_GINT64_CONSTANT (1) << 32,
  G_GINT64_CONSTANT (1) << 32, 1 };
static gint64 one_byte[3] = { 1 };
static gint64 no_strides[3] = { 0 };
static gint64 many[2] = { G_GINT64_CONSTANT (1) << 20,
  G_GINT64_CONSTANT (1) << 20 };

static const BadTensor bad_tensors[] = {
  { "gpu", { NULL, { kDLCUDA, 0 }, 2, { kDLFloat, 32, 1 }, bad_dims, NULL, 0 },
      DNN_ERROR_UNSUPPORTED, "device type 2; only the CPU (1)" },
  { "no-memory",
      { NULL, { kDLCPU, 0 }, 2, { kDLFloat, 32, 1 }, bad_dims, NULL, 0 },
      DNN_ERROR_VALUE, "has elements, but no memory" },
  { "lanes", { NULL, { kDLCPU, 0 }, 2, { kDLFloat, 32, 2 }, bad_dims, NULL, 0 },
      DNN_ERROR_TYPE, "2 lanes" },
  { "no-lanes",
      { one_byte, { kDLCPU, 0 }, 1, { kDLInt, 8, 0 }, one_byte, NULL, 0 },
      DNN_ERROR_TYPE, "0 lanes" },
  { "type-code",
      { one_byte, { kDLCPU, 0 }, 1, { 77, 8, 1 }, one_byte, NULL, 0 },
      DNN_ERROR_TYPE, "type code 77, 8 bits" },
  { "no-shape", { one_byte, { kDLCPU, 0 }, 1, { kDLInt, 8, 1 }, NULL, NULL, 0 },
      DNN_ERROR_SHAPE, "1 dimensions, but no shape" },
  { "rank-100",
      { one_byte, { kDLCPU, 0 }, 100, { kDLInt, 8, 1 }, one_byte, NULL, 0 },
      DNN_ERROR_LIMIT, "100 dimensions" },
  { "rank-negative",
      { one_byte, { kDLCPU, 0 }, G_MININT32, { kDLInt, 8, 1 }, one_byte, NULL,
          0 },
      DNN_ERROR_LIMIT, "-2147483648 dimensions" },
  { "huge",
      { one_byte, { kDLCPU, 0 }, 3, { kDLInt, 8, 1 }, huge_dims, NULL, 0 },
      DNN_ERROR_SHAPE, "impossible shape 9223372036854775807×" },
  { "product-overflows",
      { one_byte, { kDLCPU, 0 }, 3, { kDLInt, 8, 1 }, wrapping_dims, NULL, 0 },
      DNN_ERROR_SHAPE, "impossible shape 4294967296×4294967296×1" },
  { "one-byte-many-times",
      { one_byte, { kDLCPU, 0 }, 2, { kDLFloat, 64, 1 }, many, no_strides, 0 },
      DNN_ERROR_LIMIT, "no memory for a copy of 8796093022208 bytes" },
  { "rank", { NULL, { kDLCPU, 0 }, 13, { kDLFloat, 32, 1 }, bad_dims, NULL, 0 },
      DNN_ERROR_LIMIT, "13 dimensions; at most 12" },
  { "negative",
      { NULL, { kDLCPU, 0 }, 3, { kDLFloat, 32, 1 }, bad_dims, NULL, 0 },
      DNN_ERROR_SHAPE, "impossible shape 2×3×?" },
};

static void
test_dlpack_bad (gconstpointer user_data)
{
  const BadTensor *row = user_data;
  DLManagedTensor managed = { row->dl, NULL, count_deleted };
  g_autoptr (GError) error = NULL;

  n_deleted = 0;
  g_assert_null (dnn_tensor_new_from_dlpack (&managed, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_nonnull (strstr (error->message, row->text));
  g_assert_cmpint (n_deleted, ==, 1);
}

static void
test_dlpack_out (void)
{
  DnnShape shape = dnn_shape (3, 2, 3, 4);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_INT16, &shape);
  DLManagedTensor *managed = dnn_tensor_to_dlpack (tensor);
  gint16 *data = managed->dl_tensor.data;

  dnn_tensor_unref (tensor);
  g_assert_cmpint (managed->dl_tensor.ndim, ==, 3);
  g_assert_cmpint (managed->dl_tensor.shape[2], ==, 4);
  g_assert_cmpint (managed->dl_tensor.strides[0], ==, 12);
  g_assert_cmpint (managed->dl_tensor.strides[2], ==, 1);
  g_assert_cmpint (managed->dl_tensor.dtype.bits, ==, 16);
  data[23] = 5;
  managed->deleter (managed);
}

static void
test_dlpack_versioned (void)
{
  gint32 data[2] = { 1, 2 };
  gint64 dims[1] = { 2 };
  struct DLManagedTensorVersioned managed = { { DLPACK_MAJOR_VERSION, 0 }, NULL,
    count_deleted_versioned, DLPACK_FLAG_BITMASK_READ_ONLY,
    { data, { kDLCPU, 0 }, 1, { kDLInt, 32, 1 }, dims, NULL, 0 } };
  g_autoptr (GError) error = NULL;
  DnnTensor *tensor;
  struct DLManagedTensorVersioned *out;

  n_deleted = 0;
  tensor = dnn_tensor_new_from_dlpack_versioned (&managed, &error);
  g_assert_no_error (error);
  out = dnn_tensor_to_dlpack_versioned (tensor);
  dnn_tensor_unref (tensor);
  g_assert_true (out->dl_tensor.data == data);
  g_assert_true (out->flags & DLPACK_FLAG_BITMASK_READ_ONLY);
  g_assert_cmpint (n_deleted, ==, 0);
  out->deleter (out);
  g_assert_cmpint (n_deleted, ==, 1);

  managed.version.major = 9;
  g_assert_null (dnn_tensor_new_from_dlpack_versioned (&managed, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "DLPack version 9.0"));
  g_assert_cmpint (n_deleted, ==, 2);
}

static void
test_aligned (void)
{
  DnnShape scalar = dnn_shape (0), none = dnn_shape (1, 0);
  g_autoptr (DnnTensor) a = dnn_tensor_new (DNN_TYPE_FLOAT32, &scalar);
  g_autoptr (DnnTensor) b = dnn_tensor_new (DNN_TYPE_FLOAT32, &none);

  g_assert_cmpuint ((gsize) dnn_tensor_get_data (a) % DNN_ALIGNMENT, ==, 0);
  g_assert_cmpuint (dnn_tensor_get_size (a), ==, 4);
  g_assert_nonnull (dnn_tensor_get_data (b));
  g_assert_cmpuint (dnn_tensor_get_size (b), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/tensor/small-types", test_small_types);
  g_test_add_func ("/core/type/names", test_type_names);
  g_test_add_func ("/core/type/values", test_type_values);
  g_test_add_func ("/core/type/halves", test_type_halves);
  g_test_add_func ("/core/shape/text", test_shape_text);
  g_test_add_func ("/core/shape/elements", test_shape_elements);
  g_test_add_func ("/core/attrs/floats", test_attrs_floats);
  g_test_add_func ("/core/attrs/lists", test_attrs_lists);
  g_test_add_func ("/core/error/nearest-word", test_nearest_word);
  g_test_add_func ("/core/error/print", test_print);
  g_test_add_func ("/core/error/print-long", test_print_long);
  g_test_add_func ("/core/tensor/aligned", test_aligned);
  g_test_add_func ("/core/tensor/dlpack-in", test_dlpack_in);
  g_test_add_func ("/core/tensor/dlpack-strides", test_dlpack_strides);
  for (guint i = 0; i < G_N_ELEMENTS (bad_tensors); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/tensor/dlpack-bad/", bad_tensors[i].name, NULL);
    g_test_add_data_func (name, &bad_tensors[i], test_dlpack_bad);
  }
  g_test_add_func ("/core/tensor/dlpack-out", test_dlpack_out);
  g_test_add_func ("/core/tensor/dlpack-versioned", test_dlpack_versioned);
  return g_test_run ();
}
