/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Real models and pictures beside the project: optimised, unoptimised and in
 * stages they give what another runtime gave. Skipped where they are absent. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"

#include <string.h>

#define TOLERANCE 1e-4

/* One model, one picture. */
typedef struct
{
  const gchar *name;
  const gchar *model;
  const gchar *picture; /* number and folder: "ultraface/13" */
  const gchar *outputs[3];
  gboolean swap_colours; /* BGR */
  gfloat mean, scale; /* (x - mean) / scale */
  const gchar *cut;
} ModelRow;

static const ModelRow rows[] = {
  { "ultraface-13", "ultraface/version-RFB-320.onnx", "ultraface/13",
      { "scores", "boxes" }, FALSE, 127, 128, "286" },
  { "ultraface-19", "ultraface/version-RFB-320.onnx", "ultraface/19",
      { "scores", "boxes" }, FALSE, 127, 128, "286" },
  { "ultraface-23", "ultraface/version-RFB-320.onnx", "ultraface/23",
      { "scores", "boxes" }, FALSE, 127, 128, "286" },
  { "fastestdet-0", "fastestdet/FastestDet.onnx", "fastestdet/0", { "output" },
      TRUE, 0, 255, "onnx::Conv_738" },
  { "fastestdet-3", "fastestdet/FastestDet.onnx", "fastestdet/3", { "output" },
      TRUE, 0, 255, "onnx::Conv_738" },
};

/* ---- NumPy files
 * ---------------------------------------------------------------- */

static DnnTensor *
read_npy (const gchar *path)
{
  g_autofree gchar *content = NULL;
  gsize size, header;
  g_autofree gchar *text = NULL;
  const gchar *dims;
  DnnTensor *tensor;
  DnnShape shape = { 0 };
  DnnType type;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpmem (content, 6, "\x93NUMPY", 6);
  header = (guint8) content[8] | (guint8) content[9] << 8;
  text = g_strndup (content + 10, header);
  type = strstr (text, "|u1") ? DNN_TYPE_UINT8 : DNN_TYPE_FLOAT32;
  dims = strstr (text, "'shape': (");
  g_assert_nonnull (dims);
  for (dims += strlen ("'shape': ("); g_ascii_isdigit (*dims);) {
    gchar *end;
    shape.dims[shape.rank++] = g_ascii_strtoll (dims, &end, 10);
    dims = end + strspn (end, ", ");
  }
  tensor = dnn_tensor_new (type, &shape);
  g_assert_cmpuint (size - 10 - header, ==, dnn_tensor_get_size (tensor));
  memcpy (dnn_tensor_get_writable_data (tensor), content + 10 + header,
      dnn_tensor_get_size (tensor));
  return tensor;
}

/* H×W×3 bytes → 1×3×H×W float32. */
static DnnTensor *
make_input (const ModelRow *row, DnnTensor *picture)
{
  const DnnShape *src_shape = dnn_tensor_get_shape (picture);
  gint64 n = src_shape->dims[0] * src_shape->dims[1];
  DnnShape shape = dnn_shape (
      4, 1, 3, (gint) src_shape->dims[0], (gint) src_shape->dims[1]);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *dst = dnn_tensor_get_writable_data (tensor);
  const guint8 *src = dnn_tensor_get_data (picture);

  shape.dims[2] = src_shape->dims[0];
  for (gint64 i = 0; i < n; i++)
    for (gint c = 0; c < 3; c++)
      dst[c * n + i] = (src[i * 3 + (row->swap_colours ? 2 - c : c)] -
                           row->mean) /
          row->scale;
  return tensor;
}

/* ---- running
 * ----------------------------------------------------------------------- */

static const gchar *
get_shared (void)
{
  return g_getenv ("DNN_SHARED");
}

static DnnTensor *
read_array (const ModelRow *row, const gchar *what)
{
  g_autofree gchar *path = g_strdup_printf (
      "%s/models/%s.%s.npy", get_shared (), row->picture, what);

  return read_npy (path);
}

static void
check_outputs (const ModelRow *row, GPtrArray *found, const gchar *how)
{
  for (guint i = 0; row->outputs[i]; i++) {
    g_autoptr (DnnTensor) expected = read_array (row, row->outputs[i]);
    g_autofree gchar *why = NULL;
    if (!onnx_run_close (found->pdata[i], expected, 0, TOLERANCE, &why))
      g_error ("%s: %s: %s", how, row->outputs[i], why);
  }
}

static DnnPipelineConfig *
compile (const gchar *path, const DnnCompileOptions *options, guint n_stages)
{
  g_autoptr (GError) error = NULL;
  DnnPipelineConfig *config = dnn_load_pipeline (path, options, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (dnn_pipeline_config_get_stages (config)->len, ==, n_stages);
  return config;
}

static void
run (const ModelRow *row, DnnPipelineConfig *config, GPtrArray *inputs,
    const gchar *how)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = onnx_run_pipeline (config, inputs, &error);

  g_assert_no_error (error);
  check_outputs (row, found, how);
}

static void
test_model (gconstpointer data)
{
  const ModelRow *row = data;
  const gchar *cuts[] = { row->cut, NULL };
  const DnnCompileOptions plain = { .no_optimise = TRUE };
  const DnnCompileOptions cut = { .cuts = cuts };
  g_autofree gchar *path = NULL;
  g_autoptr (DnnTensor) picture = NULL;
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (DnnPipelineConfig) optimised = NULL;
  g_autoptr (DnnPipelineConfig) unoptimised = NULL;
  g_autoptr (DnnPipelineConfig) in_stages = NULL;

  path = g_build_filename (
      get_shared () ? get_shared () : "", "models", row->model, NULL);
  if (!get_shared () || !g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("no models beside the project");
    return;
  }
  picture = read_array (row, "input-u8");
  g_ptr_array_add (inputs, make_input (row, picture));
  optimised = compile (path, NULL, 1);
  run (row, optimised, inputs, "optimised");
  unoptimised = compile (path, &plain, 1);
  run (row, unoptimised, inputs, "not optimised");
  in_stages = compile (path, &cut, 2);
  run (row, in_stages, inputs, "in stages");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/compiler/models/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_model);
  }
  return g_test_run ();
}
