/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Each operator at each opset in which its schema changed: what it computes is
 * what the standard of that opset says. opsets.json, made by make-opsets.py. */
#include "config.h"

#include <json-glib/json-glib.h>

#include "compiler/dnn-compiler.h"
#include "compiler/upgrade/dnn-upgrade.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#define RTOL 1e-4
#define ATOL 1e-5

static DnnShape
read_shape (JsonObject *json)
{
  JsonArray *array = json_object_get_array_member (json, "shape");
  DnnShape shape = { .rank = json_array_get_length (array) };

  for (gint i = 0; i < shape.rank; i++)
    shape.dims[i] = json_array_get_int_element (array, i);
  return shape;
}

static gdouble
read_number (JsonNode *node)
{
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strtod (json_node_get_string (node), NULL);
  return json_node_get_double (node);
}

static DnnTensor *
read_tensor (JsonObject *json)
{
  DnnType type = dnn_type_from_name (
      json_object_get_string_member (json, "type"));
  JsonArray *values = json_object_get_array_member (json, "values");
  DnnShape shape = read_shape (json);
  DnnTensor *tensor;

  g_assert_cmpint (type, !=, DNN_TYPE_INVALID);
  tensor = dnn_tensor_new (type, &shape);
  for (guint i = 0; i < json_array_get_length (values); i++)
    dnn_type_set (type, dnn_tensor_get_writable_data (tensor), i,
        read_number (json_array_get_element (values, i)));
  return tensor;
}

static gchar *
write_dims (const DnnShape *shape)
{
  GString *text = g_string_new (NULL);

  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (
        text, "%s%" G_GINT64_FORMAT, i ? "," : "", shape->dims[i]);
  return g_string_free (text, FALSE);
}

static gchar *
list_names (const gchar *letter, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s%u", i ? " " : "", letter, i);
  return g_string_free (text, FALSE);
}

/* Constant inputs become initialisers, the others @run. */
static void
add_inputs (OnnxWriter *writer, JsonArray *inputs, GPtrArray *run)
{
  for (guint i = 0; i < json_array_get_length (inputs); i++) {
    JsonObject *json = json_array_get_object_element (inputs, i);
    g_autoptr (DnnTensor) tensor = read_tensor (json);
    g_autofree gchar *name = g_strdup_printf ("x%u", i);
    g_autofree gchar *dims = write_dims (dnn_tensor_get_shape (tensor));
    if (json_object_get_boolean_member (json, "constant")) {
      onnx_writer_initializer (writer, name, tensor, ONNX_WRITER_RAW);
    } else {
      onnx_writer_input_typed (
          writer, name, dims, dnn_tensor_get_element_type (tensor));
      g_ptr_array_add (run, dnn_tensor_ref (tensor));
    }
  }
}

static DnnGraph *
import (JsonObject *json, const gchar *dir, GPtrArray *run)
{
  g_autoptr (OnnxWriter)
      writer = onnx_writer_new (json_object_get_int_member (json, "opset"));
  JsonArray *inputs = json_object_get_array_member (json, "inputs");
  guint n_outputs = json_array_get_length (
      json_object_get_array_member (json, "outputs"));
  g_autofree gchar *x = list_names ("x", json_array_get_length (inputs));
  g_autofree gchar *y = list_names ("y", n_outputs);
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  DnnGraph *graph;

  add_inputs (writer, inputs, run);
  onnx_writer_node (writer, json_object_get_string_member (json, "op"), x, y,
      json_object_get_string_member (json, "attrs"));
  for (guint i = 0; i < n_outputs; i++) {
    g_autofree gchar *name = g_strdup_printf ("y%u", i);
    onnx_writer_output (writer, name);
  }
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, &error);
  g_assert_no_error (error);
  return graph;
}

static void
compare (JsonObject *json, GPtrArray *found, const gchar *how)
{
  JsonArray *outputs = json_object_get_array_member (json, "outputs");

  for (guint i = 0; i < found->len; i++) {
    g_autoptr (DnnTensor)
        expected = read_tensor (json_array_get_object_element (outputs, i));
    g_autofree gchar *why = NULL;
    if (!onnx_run_close (found->pdata[i], expected, RTOL, ATOL, &why))
      g_test_fail_printf ("%s, output %u: %s", how, i, why);
  }
}

static void
test_row (gconstpointer data)
{
  JsonObject *json = (JsonObject *) data;
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GPtrArray) run = onnx_run_new_list ();
  g_autoptr (DnnGraph) graph = import (json, dir, run);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) by_ref = onnx_run_ref (graph, run, &error);
  g_autoptr (GPtrArray) by_plan = NULL;

  g_assert_no_error (error);
  compare (json, by_ref, "ref");
  by_plan = onnx_run_module (graph, run, &error);
  g_assert_no_error (error);
  compare (json, by_plan, "plan");
  test_folder_remove (dir);
}

static gboolean
has_row (JsonArray *rows, const gchar *op, gint64 opset)
{
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *json = json_array_get_object_element (rows, i);
    if (json_object_get_int_member (json, "opset") == opset &&
        g_str_equal (json_object_get_string_member (json, "op"), op))
      return TRUE;
  }
  return FALSE;
}

/* ONNX Runtime, which made the rows, reads no older ones; test-upgrade.c and
 * the conformance cases do. */
#define OLDEST_ROW 7

/* Every operator of the table that is ours has a row at every opset in which
 * its schema changed since. */
static void
test_versions (gconstpointer data)
{
  JsonObject *table = (JsonObject *) data;
  JsonObject *versions = json_object_get_object_member (table, "versions");
  JsonArray *rows = json_object_get_array_member (table, "rows");
  g_autoptr (GList) names = json_object_get_members (versions);

  for (GList *item = names; item; item = item->next) {
    JsonArray *list = json_object_get_array_member (versions, item->data);
    if (!dnn_upgrade_knows (item->data))
      g_test_fail_printf ("%s is not known", (gchar *) item->data);
    for (guint i = 0; i < json_array_get_length (list); i++) {
      gint64 since = json_array_get_int_element (list, i);
      if (since >= OLDEST_ROW && since <= DNN_OPSET_NEWEST &&
          !has_row (rows, item->data, since))
        g_test_fail_printf ("%s of opset %" G_GINT64_FORMAT " has no row",
            (gchar *) item->data, since);
    }
  }
}

static void
add_row (JsonArray *rows, guint idx)
{
  JsonObject *json = json_array_get_object_element (rows, idx);
  g_autofree gchar *name = g_strdup_printf (
      "/compiler/opsets/%s/%" G_GINT64_FORMAT "/%u",
      json_object_get_string_member (json, "op"),
      json_object_get_int_member (json, "opset"), idx);

  g_test_add_data_func (name, json, test_row);
}

int
main (int argc, char **argv)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *table;
  JsonArray *rows;

  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  json_parser_load_from_file (parser, g_getenv ("DNN_OPSETS_TABLE"), &error);
  g_assert_no_error (error);
  table = json_node_get_object (json_parser_get_root (parser));
  rows = json_object_get_array_member (table, "rows");
  g_test_add_data_func ("/compiler/opsets/versions", table, test_versions);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    add_row (rows, i);
  return g_test_run ();
}
