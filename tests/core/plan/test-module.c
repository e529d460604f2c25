/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Files → modules with their interfaces, and back. */
#include "config.h"

#include "pipeline-core/plan/dnn-module.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/core/fake-ops.h"

static DnnGraph *
make_graph (void)
{
  DnnGraph *graph = dnn_graph_new ("m");

  fake_input (graph, "x", 4, DNN_DIM_OPEN);
  fake_input (graph, "y", 4, 16);
  fake_param (graph, "w", 4);
  fake_node (graph, "Fake.Scale", "s", "x", "w");
  fake_node (graph, "Fake.Concat", "c", "s", "x");
  fake_output (graph, "c");
  fake_output (graph, "y");
  return graph;
}

typedef struct
{
  gchar *folder, *json, *params;
  DnnModule *module;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("dnn-module-XXXXXX", NULL);
  fixture->json = g_build_filename (fixture->folder, "m.json", NULL);
  fixture->params = g_build_filename (fixture->folder, "m.params", NULL);
  fixture->module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  dnn_module_write (fixture->module, fixture->json, fixture->params, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_remove (fixture->json);
  g_remove (fixture->params);
  g_rmdir (fixture->folder);
  g_free (fixture->json);
  g_free (fixture->params);
  g_free (fixture->folder);
  g_object_unref (fixture->module);
}

static void
test_interfaces (Fixture *fixture, gconstpointer data)
{
  DnnModule *self = fixture->module;
  g_autofree gchar *shape = dnn_shape_to_string (
      dnn_module_get_output_shape (self, 0));

  g_assert_cmpuint (dnn_module_get_n_inputs (self), ==, 2);
  g_assert_cmpuint (dnn_module_get_n_outputs (self), ==, 2);
  g_assert_cmpstr (dnn_module_get_input_name (self, 1), ==, "y");
  g_assert_cmpstr (dnn_module_get_output_name (self, 1), ==, "out1");
  g_assert_cmpint (dnn_module_get_input_type (self, 0), ==, DNN_TYPE_FLOAT32);
  g_assert_cmpint (dnn_module_get_output_type (self, 0), ==, DNN_TYPE_FLOAT32);
  g_assert_cmpint (
      dnn_module_get_input_shape (self, 0)->dims[2], ==, DNN_DIM_OPEN);
  g_assert_cmpstr (shape, ==, "1×8×?");
  g_assert_cmpint (dnn_module_find_input (self, "y"), ==, 1);
  g_assert_cmpint (dnn_module_find_input (self, "w"), ==, -1);
  g_assert_cmpint (dnn_module_find_output (self, "out0"), ==, 0);
  g_assert_cmpint (dnn_module_find_output (self, "c"), ==, -1);
  g_assert_cmpstr (dnn_module_get_lib_name (self), ==, "onednn");
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) read = dnn_module_new_from_files (
      fixture->json, fixture->params, "onednn", &error);

  g_assert_no_error (error);
  g_assert_true (dnn_graph_equal (
      dnn_module_get_graph (read), dnn_module_get_graph (fixture->module)));
  g_assert_cmpstr (dnn_module_get_label (read), ==, fixture->json);
}

static void
test_infer (Fixture *fixture, gconstpointer data)
{
  DnnShape inputs[] = { dnn_shape (3, (gint64) 1, (gint64) 4, (gint64) 5),
    dnn_shape (3, (gint64) 1, (gint64) 4, (gint64) 16) };
  DnnShape outputs[2];
  g_autoptr (GError) error = NULL;

  g_assert_true (
      dnn_module_infer_outputs (fixture->module, inputs, outputs, &error));
  g_assert_cmpint (outputs[0].dims[1], ==, 8);
  g_assert_cmpint (outputs[0].dims[2], ==, 5);
  inputs[1].dims[2] = 17;
  g_assert_false (
      dnn_module_infer_outputs (fixture->module, inputs, outputs, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_cmpstr (
      error->message, ==, "m: input \"y\" is 1×4×17, expected 1×4×16");
}

/* What a library's functions do is tested in tests/tvm. */
static void
test_library (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_module_new_from_files (
      fixture->json, fixture->params, "no-such-lib.so", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
  g_assert_nonnull (
      strstr (error->message, "no-such-lib.so: can't be opened: "));
}

static void
assert_error (Fixture *fixture, const gchar *json, const gchar *params,
    gint code, const gchar *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_module_new_from_files (json, params, "onednn", &error));
  g_assert_error (error, DNN_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GString) json = NULL;

  assert_error (fixture, "/nowhere/m.json", fixture->params,
      DNN_ERROR_NOT_FOUND, "/nowhere/m.json");
  assert_error (fixture, fixture->json, "/nowhere/m.params",
      DNN_ERROR_NOT_FOUND, "/nowhere/m.params");
  assert_error (fixture, fixture->json, NULL, DNN_ERROR_UNKNOWN_NAME,
      "param \"w\" is not in the params file (0 params there)");
  g_file_get_contents (fixture->json, &text, NULL, NULL);
  json = g_string_new (text);
  g_string_replace (json, "Fake.Scale", "Fake.Scael", 0);
  g_file_set_contents (fixture->json, json->str, -1, NULL);
  assert_error (fixture, fixture->json, fixture->params, DNN_ERROR_UNSUPPORTED,
      "m.json: node \"s\": there is no operator \"Fake.Scael\", did you mean "
      "\"Fake.Scale\"?");
}

static void
test_write_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_module_write (
      fixture->module, "/nowhere/m.json", fixture->params, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_true (
      g_str_has_prefix (error->message, "/nowhere/m.json: can't be written"));
}

static void
test_no_bytes (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (GError) error = NULL;

  g_clear_pointer (
      &dnn_graph_find_value (graph, "w")->tensor, dnn_tensor_unref);
  g_assert_null (dnn_module_new (graph, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_GRAPH);
  g_assert_cmpstr (error->message, ==,
      "m: param \"w\" has no bytes: a params file is needed");
}

#define ADD(name, function) \
  g_test_add ("/core/module/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  ADD ("interfaces", test_interfaces);
  ADD ("files", test_files);
  ADD ("infer", test_infer);
  ADD ("library", test_library);
  ADD ("errors", test_errors);
  ADD ("write-error", test_write_error);
  g_test_add_func ("/core/module/no-bytes", test_no_bytes);
  return g_test_run ();
}
