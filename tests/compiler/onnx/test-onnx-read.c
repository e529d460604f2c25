/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The ONNX reader: tensors of all types and forms, bytes that stay in the file,
 * external data, and files that are cut off or damaged. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-read.h"
#include "pipeline-core/base/dnn-type-small.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/core/bad-files.h"
#include "tests/test-folder.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef TestFolder Fixture;

static gchar *
write_bytes (Fixture *fixture, gconstpointer data, gsize size)
{
  gchar *path = g_build_filename (fixture->dir, "m.onnx", NULL);

  onnx_writer_write_file (path, data, size);
  return path;
}

/* A model with something of everything. */
static OnnxWriter *
make_model (void)
{
  static const gint64 ints[] = { 1, -1, G_MAXINT64, G_MININT64 };
  OnnxWriter *writer = onnx_writer_new (13);

  onnx_writer_input (writer, "x", "N,3,8,?");
  onnx_writer_random (writer, "w", dnn_shape (4, 4, 3, 3, 3), 1);
  onnx_writer_ints (writer, "shape", 4, ints);
  onnx_writer_node (
      writer, "Conv", "x w", "c", "kernel_shape=is:3,3 auto_pad=s:SAME_UPPER");
  onnx_writer_node (writer, "LeakyRelu", "c", "y", "alpha=f:0.25");
  onnx_writer_output (writer, "y");
  return writer;
}

static DnnTensor *
read_first (DnnOnnxModel *model, gchar **name, GError **error)
{
  return dnn_onnx_read_tensor (model->file,
      g_array_index (model->initializers, DnnWireSpan, 0), "?", name, error);
}

static void
test_model (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = make_model ();
  g_autofree gchar *path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnOnnxModel) model = dnn_onnx_model_open (path, &error);
  Onnx__NodeProto *node;

  g_assert_no_error (error);
  g_assert_cmpint (model->header->opset_import[0]->version, ==, 13);
  g_assert_cmpuint (model->nodes->len, ==, 2);
  g_assert_cmpuint (model->initializers->len, ==, 2);
  g_assert_cmpuint (model->graph->n_node, ==, 0);
  g_assert_cmpuint (model->graph->n_initializer, ==, 0);
  g_assert_cmpstr (model->graph->input[0]->name, ==, "x");
  node = dnn_onnx_unpack_node (g_array_index (model->nodes, DnnWireSpan, 0));
  g_assert_cmpstr (node->op_type, ==, "Conv");
  g_assert_cmpuint (node->n_input, ==, 2);
  g_assert_cmpuint (node->n_attribute, ==, 0);
  onnx__node_proto__free_unpacked (node, NULL);
}

/* ---- tensors
 * ----------------------------------------------------------------- */

static DnnTensor *
make_tensor (DnnType type)
{
  DnnShape shape = dnn_shape (2, 3, 5);
  DnnTensor *tensor = dnn_tensor_new (type, &shape);
  gpointer data = dnn_tensor_get_writable_data (tensor);

  for (gsize i = 0; i < 15; i++)
    dnn_type_set (
        type, data, i, type == DNN_TYPE_BOOL ? i % 2 : ((gdouble) i - 7) * 16);
  return tensor;
}

static void
test_types (Fixture *fixture, gconstpointer data)
{
  OnnxWriterData how = GPOINTER_TO_INT (data);

  for (DnnType type = DNN_TYPE_INVALID + 1; type < DNN_N_TYPES; type++) {
    g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
    g_autoptr (DnnTensor) expected = make_tensor (type);
    g_autoptr (GError) error = NULL;
    g_autofree gchar *path = NULL;
    g_autoptr (DnnOnnxModel) model = NULL;
    g_autoptr (DnnTensor) tensor = NULL;
    g_autofree gchar *name = NULL;

    if (dnn_type_n_packed (type) > 1) /* test_packed */
      continue;
    onnx_writer_initializer (writer, "t", expected, how);
    path = onnx_writer_save (writer, fixture->dir, "m.onnx");
    model = dnn_onnx_model_open (path, &error);
    g_assert_no_error (error);
    tensor = read_first (model, &name, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (name, ==, "t");
    g_test_message ("%s", dnn_type_name (type));
    g_assert_true (dnn_tensor_equal (tensor, expected));
  }
}

/* float_data not packed, as proto2 writers without the option do it. */
static void
test_unpacked (Fixture *fixture, gconstpointer data)
{
  static const guint8 tensor_bytes[] = { 0x08, 2, /* dims: 2 */
    0x10, 1, /* FLOAT */
    0x25, 0, 0, 0x80, 0x3f, /* float_data: 1 */
    0x25, 0, 0, 0, 0x40 }; /* 2 */
  DnnWireSpan span;
  g_autofree gchar *path = write_bytes (
      fixture, tensor_bytes, sizeof tensor_bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnOnnxFile) file = dnn_onnx_file_open (path, &error);
  g_autoptr (DnnTensor) tensor = NULL;
  const gfloat *values;

  g_assert_no_error (error);
  span = dnn_onnx_file_get_span (file);
  g_assert_true (
      dnn_wire_check (span, &onnx__tensor_proto__descriptor, path, &error));
  tensor = dnn_onnx_read_tensor (file, span, "it", NULL, &error);
  g_assert_no_error (error);
  values = dnn_tensor_get_data (tensor);
  g_assert_cmpfloat (values[0], ==, 1);
  g_assert_cmpfloat (values[1], ==, 2);
}

/* Three int4 in two bytes, the first in the lowest bits; as bytes, and as
 * numbers that are bytes. */
static void
test_packed (Fixture *fixture, gconstpointer data)
{
  static const guint8 raw[] = { 0x08, 3, /* dims: 3 */
    0x10, 22, /* INT4 */
    0x4a, 2, 0x81, 0x07 }; /* raw_data: 1, -8; 7 */
  static const guint8 list[] = { 0x08, 3, 0x10, 22, 0x2a, 3, 0x81, 0x01,
    0x07 }; /* int32_data: 129, 7 */
  static const gint8 expected[] = { 1, -8, 7 };
  const guint8 *const bytes[] = { raw, list };
  const gsize sizes[] = { sizeof raw, sizeof list };

  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++) {
    g_autofree gchar *path = write_bytes (fixture, bytes[i], sizes[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnTensor) tensor = onnx_run_read_tensor (path, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (dnn_tensor_get_data (tensor), dnn_tensor_get_size (tensor),
        expected, sizeof expected);
  }
}

static void
test_wrong_size (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = make_model ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autoptr (DnnOnnxModel) model = NULL;

  onnx_writer_get_model (writer)->graph->initializer[0]->dims[0] = 5;
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  model = dnn_onnx_model_open (path, &error);
  g_assert_no_error (error);
  g_assert_null (read_first (model, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "tensor \"w\": 432 bytes of data"));
  g_assert_nonnull (strstr (error->message, "5×3×3×3 takes 540"));
}

typedef struct
{
  const gchar *name;
  gint data_type;
  gint64 dims[2];
  DnnError code;
  const gchar *text;
} BadTensor;

static const BadTensor bad_tensors[] = {
  { "string", 8, { 1, 1 }, DNN_ERROR_UNSUPPORTED, "data type 8 (string)" },
  { "unknown", 77, { 1, 1 }, DNN_ERROR_UNSUPPORTED, "data type 77" },
  { "negative", 1, { 1, -3 }, DNN_ERROR_FORMAT, "dimension 1 is -3" },
  { "huge", 1, { G_MAXINT64 / 2, 3 }, DNN_ERROR_LIMIT, "too large" },
  { "no-data", 7, { 1000, 1000 }, DNN_ERROR_FORMAT, "no data of that size" },
};

static void
test_bad_tensor (Fixture *fixture, gconstpointer data)
{
  const BadTensor *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autoptr (DnnOnnxModel) model = NULL;
  Onnx__TensorProto *proto;

  onnx_writer_random (writer, "w", dnn_shape (2, 1, 1), 1);
  proto = onnx_writer_get_model (writer)->graph->initializer[0];
  proto->has_raw_data = FALSE;
  proto->data_type = row->data_type;
  proto->dims[0] = row->dims[0];
  proto->dims[1] = row->dims[1];
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  model = dnn_onnx_model_open (path, &error);
  g_assert_no_error (error);
  g_assert_null (read_first (model, NULL, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_nonnull (strstr (error->message, row->text));
}

/* ---- memory
 * -------------------------------------------------------------------- */

#define LARGE_BYTES (64 << 20)

/* The large initialiser is the file's memory, not a copy; reading it all and
 * letting it go leaves neither heap nor pages of the file behind. */
static void
test_no_copy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autoptr (DnnOnnxModel) model = NULL;
  g_autoptr (DnnTensor) tensor = NULL;
  const guint8 *bytes;
  DnnWireSpan span;

  {
    g_autoptr (OnnxWriter) writer = make_model ();
    onnx_writer_random (
        writer, "large", dnn_shape (2, 16, LARGE_BYTES / 64), 2);
    path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  }
  model = dnn_onnx_model_open (path, &error);
  g_assert_no_error (error);
  span = dnn_onnx_file_get_span (model->file);
  tensor = dnn_onnx_read_tensor (model->file,
      g_array_index (model->initializers, DnnWireSpan, 2), "?", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dnn_tensor_get_size (tensor), ==, LARGE_BYTES);
  bytes = dnn_tensor_get_data (tensor);
  g_assert_true (bytes >= span.data);
  g_assert_true (bytes + LARGE_BYTES <= span.data + span.size);
}

/* What may be read as numbers stands on an address of its type, however large
 * it is and wherever in the file. */
static void
test_large_integers (Fixture *fixture, gconstpointer data)
{
  gsize n = 20000;
  g_autofree gint64 *values = g_new0 (gint64, n);

  for (guint shift = 0; shift < 8; shift++) {
    g_autoptr (OnnxWriter) writer = make_model ();
    g_autofree gchar *name = g_strnfill (shift + 1, 'n');
    g_autofree gchar *path = NULL;
    g_autoptr (DnnOnnxModel) model = NULL;
    g_autoptr (DnnTensor) tensor = NULL;
    g_autoptr (GError) error = NULL;
    values[n - 1] = shift;
    onnx_writer_ints (writer, name, n, values);
    path = onnx_writer_save (writer, fixture->dir, "m.onnx");
    model = dnn_onnx_model_open (path, &error);
    g_assert_no_error (error);
    tensor = dnn_onnx_read_tensor (model->file,
        g_array_index (model->initializers, DnnWireSpan, 2), "?", NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint ((guintptr) dnn_tensor_get_data (tensor) % 8, ==, 0);
    g_assert_cmpint (
        ((const gint64 *) dnn_tensor_get_data (tensor))[n - 1], ==, shift);
  }
}

static glong
get_resident_kib (void)
{
  g_autofree gchar *text = NULL;
  glong pages = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*d %ld", &pages), ==, 1);
  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

static void
test_pages_released (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autoptr (DnnOnnxModel) model = NULL;
  DnnTensor *tensor;
  glong before, read, after;
  gsize sum = 0;

  if (!g_file_test ("/proc/self/statm", G_FILE_TEST_EXISTS)) {
    g_test_skip ("no /proc");
    return;
  }
  {
    g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
    onnx_writer_random (writer, "large", dnn_shape (1, LARGE_BYTES / 4), 2);
    path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  }
  before = get_resident_kib ();
  model = dnn_onnx_model_open (path, &error);
  g_assert_no_error (error);
  tensor = read_first (model, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < LARGE_BYTES; i += 512)
    sum += ((const guint8 *) dnn_tensor_get_data (tensor))[i];
  read = get_resident_kib ();
  dnn_tensor_unref (tensor);
  after = get_resident_kib ();
  g_test_message ("before %ld, read %ld, after %ld KiB (sum %" G_GSIZE_FORMAT
                  ")",
      before, read, after, sum);
  g_assert_cmpint (read - before, >, LARGE_BYTES / 1024 / 2);
  g_assert_cmpint (after - before, <, LARGE_BYTES / 1024 / 8);
}

/* ---- external data
 * ---------------------------------------------------------------- */

typedef struct
{
  const gchar *name;
  const gchar *location, *offset, *length;
  gint code; /* -1: fine */
  const gchar *text;
} ExternalRow;

static const ExternalRow external_rows[] = {
  { "offset", "weights.bin", "4", "8", -1, NULL },
  { "no-length", "weights.bin", "4", NULL, -1, NULL },
  { "missing", "other.bin", "0", "8", DNN_ERROR_NOT_FOUND, "other.bin" },
  { "beyond", "weights.bin", "60", "8", DNN_ERROR_FORMAT,
      "bytes 60 to 68 of \"weights.bin\", which has 64" },
  { "far-beyond", "weights.bin", "9223372036854775807", "8", DNN_ERROR_FORMAT,
      "which has 64" },
  { "wrong-length", "weights.bin", "0", "12", DNN_ERROR_FORMAT,
      "12 bytes of data; float32 of shape 2 takes 8" },
  { "no-number", "weights.bin", "-1", "8", DNN_ERROR_VALUE,
      "offset is \"-1\"" },
  { "parent", "../weights.bin", "0", "8", DNN_ERROR_VALUE,
      "no path inside the model's folder" },
  { "absolute", "/etc/passwd", "0", "8", DNN_ERROR_VALUE,
      "no path inside the model's folder" },
  { "link", "link.bin", "0", "8", DNN_ERROR_VALUE,
      "leads out of the model's folder" },
  { "empty", "", "0", "8", DNN_ERROR_VALUE,
      "no path inside the model's folder" },
  { "pipe", "pipe", "0", "8", DNN_ERROR_NOT_FOUND,
      "external data \"pipe\": not a regular file" },
  { "link-to-pipe", "link-to-pipe", "0", "8", DNN_ERROR_NOT_FOUND,
      "external data \"link-to-pipe\": not a regular file" },
  { "folder", ".", "0", "8", DNN_ERROR_NOT_FOUND,
      "external data \".\": a folder, expected a file" },
  { "sum-overflows", "weights.bin", "9223372036854775800", NULL,
      DNN_ERROR_FORMAT, "which has 64" },
};

static void
test_external (Fixture *fixture, gconstpointer data)
{
  const ExternalRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autofree gchar *weights = g_build_filename (
      fixture->dir, "weights.bin", NULL);
  g_autofree gchar *link = g_build_filename (fixture->dir, "link.bin", NULL);
  g_autofree gchar *pipe = g_build_filename (fixture->dir, "pipe", NULL);
  g_autofree gchar *to_pipe = g_build_filename (
      fixture->dir, "link-to-pipe", NULL);
  gfloat values[16];
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnOnnxModel) model = NULL;
  g_autoptr (DnnTensor) tensor = NULL;

  for (guint i = 0; i < 16; i++)
    values[i] = i;
  g_assert_true (g_file_set_contents (
      weights, (const gchar *) values, sizeof values, NULL));
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  bad_files_make ("pipe", pipe);
  g_assert_cmpint (symlink ("pipe", to_pipe), ==, 0);
  onnx_writer_external (writer, "w", DNN_TYPE_FLOAT32, dnn_shape (1, 2),
      row->location, row->offset, row->length);
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  model = dnn_onnx_model_open (path, &error);
  g_assert_no_error (error);
  tensor = read_first (model, NULL, &error);
  if (row->code < 0) {
    g_assert_no_error (error);
    g_assert_cmpfloat (
        ((const gfloat *) dnn_tensor_get_data (tensor))[0], ==, 1);
    g_assert_cmpfloat (
        ((const gfloat *) dnn_tensor_get_data (tensor))[1], ==, 2);
    return;
  }
  g_assert_null (tensor);
  g_assert_error (error, DNN_ERROR, row->code);
  g_assert_nonnull (strstr (error->message, row->text));
  g_assert_nonnull (strstr (error->message, "tensor \"w\""));
}

/* ---- damage
 * ------------------------------------------------------------------------ */

static gboolean
try_read (const gchar *path, GError **error)
{
  g_autoptr (DnnOnnxModel) model = dnn_onnx_model_open (path, error);

  if (!model)
    return FALSE;
  for (guint i = 0; i < model->initializers->len; i++) {
    g_autoptr (DnnTensor) tensor = dnn_onnx_read_tensor (model->file,
        g_array_index (model->initializers, DnnWireSpan, i), "?", NULL, error);
    if (!tensor)
      return FALSE;
  }
  return TRUE;
}

/* Every prefix: one error with file and byte. The writer puts opset_import
 * last, so that no prefix is a model. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = make_model ();
  g_autoptr (GBytes) bytes = onnx_writer_pack (writer);
  gsize size;
  gconstpointer whole = g_bytes_get_data (bytes, &size);

  for (gsize n = 0; n < size; n++) {
    g_autofree gchar *path = write_bytes (fixture, whole, n);
    g_autoptr (GError) error = NULL;
    g_assert_false (try_read (path, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
    g_assert_true (g_str_has_prefix (error->message, path));
    g_assert_nonnull (strstr (error->message, ": byte "));
    g_assert_nonnull (strstr (error->message, "cut off"));
  }
}

/* Flipped bytes: a model or an error, nothing else. */
static void
test_mutated (Fixture *fixture, gconstpointer data)
{
  const guint32 seed = 20240611;
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (OnnxWriter) writer = make_model ();
  g_autoptr (GBytes) bytes = onnx_writer_pack (writer);
  gsize size;
  gconstpointer whole = g_bytes_get_data (bytes, &size);
  guint n_errors = 0;

  g_test_message ("seed %u", seed);
  for (guint round = 0; round < 3000; round++) {
    g_autofree guint8 *copy = g_memdup2 (whole, size);
    g_autofree gchar *path = NULL;
    g_autoptr (GError) error = NULL;
    for (guint n = g_rand_int_range (random, 1, 4); n > 0; n--)
      copy[g_rand_int_range (random, 0, (gint32) size)] = (guint8) g_rand_int (
          random);
    path = write_bytes (fixture, copy, size);
    if (try_read (path, &error))
      continue;
    g_assert_nonnull (error);
    g_assert_true (g_str_has_prefix (error->message, path));
    n_errors++;
  }
  g_test_message ("%u of 3000 are errors", n_errors);
  g_assert_cmpuint (n_errors, >, 100);
}

/* Messages in messages in messages. */
static void
test_nested (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1999; i++) {
    /* graph { node { attribute { g { … } } } }, from the inside out */
    static const guint8 tags[] = { 0x32, 0x2a, 0x0a };
    guint8 head[6] = { i == 1998 ? 0x3a : tags[i % 3] };
    gsize n = 1, size = bytes->len;
    for (; size >= 0x80; size >>= 7)
      head[n++] = (guint8) (size | 0x80);
    head[n++] = (guint8) size;
    g_byte_array_prepend (bytes, head, n);
  }
  path = write_bytes (fixture, bytes->data, bytes->len);
  g_assert_false (try_read (path, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "nest too deep"));
}

static void
test_not_onnx (Fixture *fixture, gconstpointer data)
{
  static const gchar *const texts[] = { "", "{\"nodes\": []}", "\x89PNG\r\n",
    "not a model at all" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree gchar *path = write_bytes (fixture, texts[i], strlen (texts[i]));
    g_autoptr (GError) error = NULL;
    g_assert_false (try_read (path, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "no ONNX"));
  }
}

static gboolean
load (const gchar *path, gpointer data, GError **error)
{
  return try_read (path, error);
}

static void
test_no_file (Fixture *fixture, gconstpointer data)
{
  bad_files_check_no_file (load, NULL);
}

static void
add (const gchar *name, gconstpointer data,
    void (*test) (Fixture *, gconstpointer))
{
  g_autofree gchar *path = g_strconcat ("/compiler/onnx-read/", name, NULL);

  g_test_add (
      path, Fixture, data, test_folder_set_up, test, test_folder_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("model", NULL, test_model);
  add ("types/raw", GINT_TO_POINTER (ONNX_WRITER_RAW), test_types);
  add ("types/typed", GINT_TO_POINTER (ONNX_WRITER_TYPED), test_types);
  add ("types/unpacked", NULL, test_unpacked);
  add ("types/packed", NULL, test_packed);
  add ("wrong-size", NULL, test_wrong_size);
  for (guint i = 0; i < G_N_ELEMENTS (bad_tensors); i++) {
    g_autofree gchar *name = g_strconcat (
        "bad-tensor/", bad_tensors[i].name, NULL);
    add (name, &bad_tensors[i], test_bad_tensor);
  }
  for (guint i = 0; i < G_N_ELEMENTS (external_rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "external/", external_rows[i].name, NULL);
    add (name, &external_rows[i], test_external);
  }
  add ("no-copy", NULL, test_no_copy);
  add ("large-integers", NULL, test_large_integers);
  add ("pages-released", NULL, test_pages_released);
  add ("truncated", NULL, test_truncated);
  add ("mutated", NULL, test_mutated);
  add ("nested", NULL, test_nested);
  add ("not-onnx", NULL, test_not_onnx);
  add ("no-file", NULL, test_no_file);
  return g_test_run ();
}
