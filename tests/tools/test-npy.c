/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NumPy files: round trip, NumPy's own files, and what can be wrong. */
#include "config.h"

#include "tools/npy.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/core/bad-files.h"

static gchar *
make_path (void)
{
  g_autofree gchar *dir = g_dir_make_tmp ("dnn-npy-XXXXXX", NULL);

  return g_build_filename (dir, "a.npy", NULL);
}

static void
remove_path (const gchar *path)
{
  g_autofree gchar *dir = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (dir);
}

static void
check_round_trip (DnnType type, const DnnShape *shape)
{
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (type, shape);
  g_autoptr (DnnTensor) narrow = NULL;
  g_autoptr (DnnTensor) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = make_path ();
  gint64 n = dnn_shape_n_elements (shape);

  for (gint64 k = 0; k < n; k++)
    dnn_type_set (
        type, dnn_tensor_get_writable_data (tensor), k, (gdouble) (k % 2));
  g_assert_true (dnn_npy_write (path, tensor, &error));
  back = dnn_npy_read (path, &error);
  remove_path (path);
  g_assert_no_error (error);
  g_assert_true (dnn_shape_equal (dnn_tensor_get_shape (back), shape));
  for (gint64 k = 0; k < n; k++)
    g_assert_cmpfloat (dnn_type_get (dnn_tensor_get_element_type (back),
                           dnn_tensor_get_data (back), k),
        ==, dnn_type_get (type, dnn_tensor_get_data (tensor), k));
  narrow = dnn_npy_narrow (back, type);
  g_assert_nonnull (narrow);
  g_assert_true (dnn_tensor_equal (tensor, narrow));
}

static void
test_round_trip (void)
{
  static const DnnShape shapes[] = { { 0, { 0 } }, { 1, { 5 } },
    { 3, { 2, 3, 4 } }, { 2, { 0, 3 } } };

  for (DnnType type = 1; type < DNN_N_TYPES; type++)
    for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
      check_round_trip (type, &shapes[i]);
}

typedef struct
{
  const gchar *name;
  const gchar *header; /* NULL: the file is `raw` */
  const gchar *raw;
  gsize n_raw; /* bytes of the file, or behind the header */
  const gchar *text;
} BadRow;

static const BadRow bad_rows[] = {
  { "no-npy", NULL, "hello, this is no array", 23, "no NumPy file (.npy)" },
  { "empty", NULL, "", 0, "no NumPy file" },
  { "version", NULL, "\x93NUMPY\x07\x00\x10\x00", 10, "version 7" },
  { "cut-header", NULL, "\x93NUMPY\x01\x00\x60\x00{'descr", 17, "cut off" },
  { "type", "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "", 8,
      "element type '<c8' is not supported" },
  { "big-endian", "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }",
      "", 4, "element type '>f4'" },
  { "column-major", "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }",
      "", 4, "column-major" },
  { "shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", "", 4,
      "malformed" },
  { "rank",
      "{'descr': '<f4', 'fortran_order': False, 'shape': "
      "(1,1,1,1,1,1,1,1,1,1,1,1,1), }",
      "", 4, "more than 12 dimensions" },
  { "huge",
      "{'descr': '<f4', 'fortran_order': False, 'shape': "
      "(1099511627776, 1099511627776), }",
      "", 4, "larger than" },
  { "bytes", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "",
      5, "5 bytes of data; expected 24 for 2×3 of float32" },
  { "huge-and-absent",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }",
      "", 4, "4 bytes of data; expected 8796093022208 for 1099511627776 of" },
  { "no-type", "{'descr': '', 'fortran_order': False, 'shape': (1,), }", "", 4,
      "the element type '' is not supported" },
  { "record",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "",
      4, "no plain 'descr'" },
  { "negative", "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
      "", 4, "impossible" },
  { "2^64",
      "{'descr': '<f4', 'fortran_order': False, 'shape': "
      "(18446744073709551616,), }",
      "", 4, "impossible" },
  { "no-shape", "{'descr': '<f4', 'fortran_order': False, }", "", 4,
      "no 'shape'" },
};

static GString *
make_bad (const BadRow *row)
{
  GString *bytes = g_string_new (NULL);

  if (!row->header)
    return g_string_append_len (bytes, row->raw, row->n_raw);
  g_string_append_len (bytes, "\x93NUMPY\x01\x00", 8);
  g_string_append_c (bytes, (gchar) strlen (row->header));
  g_string_append_c (bytes, 0);
  g_string_append (bytes, row->header);
  for (gsize i = 0; i < row->n_raw; i++)
    g_string_append_c (bytes, 0);
  return bytes;
}

static void
test_bad (gconstpointer user_data)
{
  const BadRow *row = user_data;
  g_autoptr (GString) bytes = make_bad (row);
  g_autofree gchar *path = make_path ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, bytes->str, bytes->len, NULL));
  g_assert_null (dnn_npy_read (path, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_nonnull (strstr (error->message, row->text));
  remove_path (path);
}

static gboolean
load (const gchar *path, gpointer data, GError **error)
{
  g_autoptr (DnnTensor) tensor = dnn_npy_read (path, error);

  return tensor != NULL;
}

static void
test_cut (void)
{
  DnnShape shape = dnn_shape (2, 2, 3);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autofree gchar *path = make_path ();
  g_autofree gchar *bytes = NULL;
  gsize size;

  g_assert_true (dnn_npy_write (path, tensor, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  remove_path (path);
  bad_files_check_cut (bytes, size, 1, load, NULL);
}

static void
test_files (void)
{
  DnnShape shape = dnn_shape (1, 1);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT8, &shape);
  g_autoptr (GError) error = NULL;

  bad_files_check_no_file (load, NULL);
  g_assert_false (dnn_npy_write ("/nonexistent/a.npy", tensor, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "cannot be written"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/npy/round-trip", test_round_trip);
  g_test_add_func ("/tools/npy/files", test_files);
  g_test_add_func ("/tools/npy/cut", test_cut);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/tools/npy/bad/", bad_rows[i].name, NULL);
    g_test_add_data_func (name, &bad_rows[i], test_bad);
  }
  return g_test_run ();
}
