/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params files: round trip, alignment, and every way a file can be wrong. */
#define _GNU_SOURCE /* memmem */
#include "config.h"

#include "pipeline-core/graph/dnn-params.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/core/bad-files.h"
#include "tests/core/rounds.h"

static DnnTensor *
make_tensor (DnnType type, DnnShape shape, guint seed)
{
  DnnTensor *tensor = dnn_tensor_new (type, &shape);
  guint8 *data = dnn_tensor_get_writable_data (tensor);

  for (gsize i = 0; i < dnn_tensor_get_size (tensor); i++)
    data[i] = type == DNN_TYPE_BOOL ? (i + seed) % 2 : (guint8) (i * 7 + seed);
  return tensor;
}

static DnnParams *
make_params (void)
{
  DnnParams *params = dnn_params_new ();
  static const struct
  {
    const gchar *name;
    DnnType type;
    DnnShape shape;
  } rows[] = {
    { "conv1/weight", DNN_TYPE_FLOAT32, { 4, { 8, 3, 3, 3 } } },
    { "scalar", DNN_TYPE_INT64, { 0, { 0 } } },
    { "mask", DNN_TYPE_BOOL, { 1, { 13 } } },
    { "empty", DNN_TYPE_FLOAT32, { 2, { 0, 5 } } },
    { "half", DNN_TYPE_BFLOAT16, { 1, { 7 } } },
    { "packed", DNN_TYPE_FLOAT32, { 6, { 1, 2, 3, 1, 2, 2 } } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (DnnTensor) tensor = make_tensor (rows[i].type, rows[i].shape, i);
    dnn_params_set (params, rows[i].name, tensor);
  }
  return params;
}

static gchar *
write_params (DnnParams *params)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *dir = g_dir_make_tmp ("dnn-params-XXXXXX", NULL);
  gchar *path = g_build_filename (dir, "params", NULL);

  dnn_params_write (params, path, &error);
  g_assert_no_error (error);
  return path;
}

static void
remove_file (const gchar *path)
{
  g_autofree gchar *dir = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (dir);
}

static void
test_round_trip (void)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autofree gchar *path = write_params (params);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnParams) back = dnn_params_new_from_file (path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (dnn_params_get_n (back), ==, dnn_params_get_n (params));
  for (guint i = 0; i < dnn_params_get_n (params); i++) {
    DnnTensor *tensor = dnn_params_get_tensor (back, i);
    g_assert_cmpstr (
        dnn_params_get_name (back, i), ==, dnn_params_get_name (params, i));
    g_assert_cmpuint ((gsize) dnn_tensor_get_data (tensor) % 64, ==, 0);
  }
  g_assert_true (dnn_params_equal (params, back));
  remove_file (path);
}

/* Arrays are used where the file is mapped: writing it again gives the same
 * bytes, and the tensors outlive the DnnParams. */
static void
test_mapped (void)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autofree gchar *path = write_params (params);
  DnnParams *back = dnn_params_new_from_file (path, NULL);
  g_autoptr (DnnTensor)
      tensor = dnn_tensor_ref (dnn_params_lookup (back, "conv1/weight"));
  DnnTensor *first = dnn_params_lookup (params, "conv1/weight");

  remove_file (path);
  dnn_params_unref (back);
  g_assert_true (dnn_tensor_equal (tensor, first));
}

typedef struct
{
  const gchar *name;
  gsize offset; /* where `value` is written over a good file */
  guint64 value;
  guint n; /* bytes of value; 0: the file is cut at offset */
  DnnError code;
  const gchar *text;
} BadRow;

/* The first array is the filler of "conv1/weight", then that array. */
static gsize
find_array (const guint8 *data, gsize size, guint idx)
{
  static const guint8 magic[8] = { 0x3f, 0xa1, 0xb4, 0x96, 0xf0, 0x40, 0x5e,
    0xdd };

  for (gsize i = 0; i + 8 <= size; i++) {
    if (memcmp (data + i, magic, 8) == 0 && idx-- == 0)
      return i;
  }
  g_assert_not_reached ();
}

#define ARRAY(field) (1000000 + (field))
/* Before the first array. */
#define COUNT(field) (2000000 + (field))

static const BadRow bad_rows[] = {
  { "empty-file", 0, 0, 0, DNN_ERROR_FORMAT, "byte 0: the file ends in" },
  { "cut-in-magic", 7, 0, 0, DNN_ERROR_FORMAT, "the file ends in" },
  { "cut-in-names", 40, 0, 0, DNN_ERROR_FORMAT, "the file ends in a name" },
  { "wrong-magic", 0, 1, 8, DNN_ERROR_FORMAT, "expected 0xF7E58D4F05049CB7" },
  { "huge-name-count", 16, G_GUINT64_CONSTANT (1) << 63, 8, DNN_ERROR_LIMIT,
      "the number of names is 9223372036854775808; at most 1048576" },
  { "huge-name", 24, G_GUINT64_CONSTANT (1) << 62, 8, DNN_ERROR_LIMIT,
      "name 0 has 4611686018427387904 bytes; at most 4096" },
  { "zero-in-name", 32, 0, 1, DNN_ERROR_FORMAT, "name 0 is no UTF-8 text" },
  { "array-magic", ARRAY (0), 3, 8, DNN_ERROR_FORMAT,
      "expected 0xDD5E40F096B4A13F" },
  { "array-on-gpu", ARRAY (16), 2, 4, DNN_ERROR_UNSUPPORTED,
      "array \"conv1/weight\" is of device type 2; expected the CPU (1)" },
  { "rank-100", ARRAY (24), 100, 4, DNN_ERROR_LIMIT,
      "array \"conv1/weight\" has 100 dimensions; expected 0 to 12" },
  { "rank-negative", ARRAY (24), 0xffffffff, 4, DNN_ERROR_LIMIT,
      "has -1 dimensions" },
  { "lanes-4", ARRAY (30), 4, 2, DNN_ERROR_TYPE,
      "type code 2, 32 bits, 4 lanes" },
  { "bits-7", ARRAY (29), 7, 1, DNN_ERROR_TYPE, "7 bits" },
  { "type-code-9", ARRAY (28), 9, 1, DNN_ERROR_TYPE, "type code 9, 32 bits" },
  { "lanes-0", ARRAY (30), 0, 2, DNN_ERROR_TYPE, "0 lanes" },
  { "rank-2^31", ARRAY (24), G_GUINT64_CONSTANT (1) << 31, 4, DNN_ERROR_LIMIT,
      "has -2147483648 dimensions" },
  { "name-to-the-end", 24, G_MAXUINT64, 8, DNN_ERROR_LIMIT,
      "name 0 has 18446744073709551615 bytes; at most 4096" },
  { "name-no-utf8", 32, 0xff, 1, DNN_ERROR_FORMAT, "name 0 is no UTF-8 text" },
  { "fewer-arrays", COUNT (0), 3, 8, DNN_ERROR_FORMAT, "3 arrays follow " },
  { "huge-array-count", COUNT (0), G_GUINT64_CONSTANT (1) << 63, 8,
      DNN_ERROR_LIMIT, "the number of arrays is 9223372036854775808" },
  { "bytes-2^64", ARRAY (64), G_MAXUINT64, 8, DNN_ERROR_FORMAT,
      "has 18446744073709551615 bytes; expected 864" },
  { "bytes-overflow", ARRAY (32), G_GUINT64_CONSTANT (1) << 39, 8,
      DNN_ERROR_LIMIT, "impossible shape 549755813888×3×3×3" },
  { "negative-dim", ARRAY (32), G_MAXUINT64, 8, DNN_ERROR_LIMIT,
      "impossible shape" },
  { "huge-dim", ARRAY (32), G_MAXINT64, 8, DNN_ERROR_LIMIT,
      "impossible shape 9223372036854775807×3×3×3" },
  { "wrong-bytes", ARRAY (64), 12, 8, DNN_ERROR_FORMAT,
      "has 12 bytes; expected 864 for 8×3×3×3 of float32" },
  { "cut-in-data", ARRAY (100), 0, 0, DNN_ERROR_FORMAT,
      "the file ends in conv1/weight: 864 bytes are needed, 28 are left" },
};

static GBytes *
spoil (const BadRow *row)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autofree gchar *path = write_params (params);
  gchar *data = NULL;
  gsize size = 0, offset = row->offset;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  remove_file (path);
  if (offset >= COUNT (0))
    offset = find_array ((const guint8 *) data, size, 0) - 8;
  else if (offset >= ARRAY (0))
    offset = offset - ARRAY (0) + find_array ((const guint8 *) data, size, 1);
  if (row->n == 0)
    size = offset;
  else
    memcpy (data + offset, &row->value, row->n);
  return g_bytes_new_take (data, size);
}

static void
test_bad (gconstpointer user_data)
{
  const BadRow *row = user_data;
  g_autoptr (GBytes) bytes = spoil (row);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnParams)
      params = dnn_params_new_from_bytes (bytes, "model/params0", &error);

  g_assert_null (params);
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, "model/params0: byte "));
  g_assert_nonnull (strstr (error->message, row->text));
}

static void
test_trailing_bytes (void)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autofree gchar *path = write_params (params);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (DnnParams) back = NULL;
  gchar *data = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  remove_file (path);
  data = g_realloc (data, size + 3);
  memset (data + size, 0, 3);
  bytes = g_bytes_new_take (data, size + 3);
  back = dnn_params_new_from_bytes (bytes, "params0", &error);
  g_assert_null (back);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "3 bytes follow the last array"));
}

static gboolean
load (const gchar *path, gpointer data, GError **error)
{
  g_autoptr (DnnParams) params = dnn_params_new_from_file (path, error);

  return params != NULL;
}

static void
test_no_file (void)
{
  g_autoptr (GError) error = NULL;

  bad_files_check_no_file (load, NULL);
  g_assert_null (dnn_params_new_from_file ("/nonexistent/params0", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==,
      "/nonexistent/params0: the params file cannot be opened: No such file or "
      "directory");
}

static void
test_cut_anywhere (void)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autofree gchar *path = write_params (params);
  g_autofree gchar *data = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  remove_file (path);
  bad_files_check_cut (data, size, size / get_rounds (size), load, NULL);
}

/* Two arrays of one name: which one is meant? */
static void
test_same_name (void)
{
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (DnnTensor)
      tensor = make_tensor (DNN_TYPE_INT8, (DnnShape){ 1, { 64 } }, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree gchar *path = NULL;
  gchar *data = NULL, *second;
  gsize size = 0;

  dnn_params_set (params, "aaaa", tensor);
  dnn_params_set (params, "bbbb", tensor);
  path = write_params (params);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  remove_file (path);
  second = memmem (data, size, "bbbb", 4);
  g_assert_nonnull (second);
  memcpy (second, "aaaa", 4);
  bytes = g_bytes_new_take (data, size);
  g_assert_null (dnn_params_new_from_bytes (bytes, "params0", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "two arrays are called \"aaaa\""));
}

static void
test_unwritable (void)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autoptr (GError) error = NULL;

  g_assert_false (
      dnn_params_write (params, "/nonexistent/dir/params0", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "cannot be written"));
}

/* Files that TVM wrote load as they are. */
static void
test_tvm (gconstpointer user_data)
{
  g_autofree gchar *path = g_build_filename (
      g_getenv ("DNN_SHARED"), "tvm", user_data, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnParams) params = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("no TVM material beside the project");
    return;
  }
  params = dnn_params_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dnn_params_get_n (params), >, 0);
  for (guint i = 0; i < dnn_params_get_n (params); i++) {
    DnnTensor *tensor = dnn_params_get_tensor (params, i);
    g_assert_cmpuint ((gsize) dnn_tensor_get_data (tensor) % 64, ==, 0);
  }
}

/* Any byte changed: an error or a file that still makes sense, no crash. */
static void
test_mutations (void)
{
  g_autoptr (DnnParams) params = make_params ();
  g_autofree gchar *path = write_params (params);
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  g_autofree gchar *data = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  remove_file (path);
  g_test_message ("seed 20");
  for (guint i = 0; i < get_rounds (5000); i++) {
    g_autofree gchar *copy = g_memdup2 (data, size);
    g_autoptr (GBytes) bytes = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnParams) back = NULL;
    copy[g_rand_int_range (rand, 0, size)] = (gchar) g_rand_int (rand);
    bytes = g_bytes_new (copy,
        g_rand_int_range (rand, 0, 4)
            ? size
            : (gsize) g_rand_int_range (rand, 0, size));
    back = dnn_params_new_from_bytes (bytes, "params0", &error);
    g_assert_true ((back == NULL) == (error != NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/params/round-trip", test_round_trip);
  g_test_add_func ("/core/params/mapped", test_mapped);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/params/bad/", bad_rows[i].name, NULL);
    g_test_add_data_func (name, &bad_rows[i], test_bad);
  }
  g_test_add_func ("/core/params/bad/trailing-bytes", test_trailing_bytes);
  g_test_add_func ("/core/params/bad/no-file", test_no_file);
  g_test_add_func ("/core/params/bad/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/core/params/bad/same-name", test_same_name);
  g_test_add_func ("/core/params/bad/unwritable", test_unwritable);
  g_test_add_data_func ("/core/params/tvm/0.9", "v0.9/params0", test_tvm);
  g_test_add_data_func ("/core/params/tvm/set", "v0.9/params2", test_tvm);
  g_test_add_data_func (
      "/core/params/tvm/current", "current/params0", test_tvm);
  g_test_add_func ("/core/params/mutations", test_mutations);
  return g_test_run ();
}
