/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A file of rows → rows; a row → a call. Next: kernel-data.c. */
#include "config.h"

#include "tests/kernels/kernel-row.h"

#include <string.h>

static const gchar *const class_names[N_CLASSES] = {
  "uniform",
  "zeros",
  "large",
  "denormal",
  "infinite",
  "nan",
};

static const gchar *const error_names[] = {
  [DNN_ERROR_FAILED] = "failed",
  [DNN_ERROR_LIMIT] = "limit",
  [DNN_ERROR_UNKNOWN_KEY] = "unknown-key",
  [DNN_ERROR_VALUE] = "value",
  [DNN_ERROR_UNSUPPORTED] = "unsupported",
  [DNN_ERROR_GRAPH] = "graph",
  [DNN_ERROR_SHAPE] = "shape",
  [DNN_ERROR_TYPE] = "type",
  [DNN_ERROR_DATA] = "data",
};

const gchar *
row_class_name (RowClass klass)
{
  return class_names[klass];
}

static const gchar *const row_keys[] = { "name", "attrs", "inputs", "outputs",
  "post-ops", "tolerance", "classes", "ref-only", "bench", "flops",
  "expect-shape", "expect", "error", NULL };
static const gchar *const input_keys[] = { "type", "shape", "constant", "known",
  "values", "range", NULL };

static void
check_keys (JsonObject *object, const gchar *const *known, const gchar *place)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *item = members; item; item = item->next)
    if (!g_strv_contains (known, item->data))
      g_error ("%s: unknown key \"%s\"", place, (gchar *) item->data);
}

static DnnShape
read_shape (JsonArray *array)
{
  DnnShape shape = { .rank = json_array_get_length (array) };

  for (gint i = 0; i < shape.rank; i++)
    shape.dims[i] = json_array_get_int_element (array, i);
  return shape;
}

/* "inf", "-inf", "nan" are strings. */
static gdouble
read_number (JsonNode *node)
{
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strtod (json_node_get_string (node), NULL);
  return json_node_get_double (node);
}

static gdouble *
read_numbers (JsonArray *array, guint *n)
{
  gdouble *values;

  *n = json_array_get_length (array);
  values = g_new0 (gdouble, *n + 1);
  for (guint i = 0; i < *n; i++)
    values[i] = read_number (json_array_get_element (array, i));
  return values;
}

static void
read_input (RowInput *input, JsonObject *json, const gchar *place)
{
  const gchar *type = json_object_get_string_member_with_default (
      json, "type", "float32");

  check_keys (json, input_keys, place);
  input->present = TRUE;
  input->type = dnn_type_from_name (type);
  g_assert_cmpint (input->type, !=, DNN_TYPE_INVALID);
  input->shape = read_shape (json_object_get_array_member (json, "shape"));
  input->constant = json_object_get_boolean_member_with_default (
      json, "constant", FALSE);
  /* Its value is not known while planning, although it is constant. */
  input->known = json_object_get_boolean_member_with_default (
      json, "known", TRUE);
  if (json_object_has_member (json, "values")) {
    input->values = read_numbers (
        json_object_get_array_member (json, "values"), &input->n_values);
    g_assert_cmpint (input->n_values, ==, dnn_shape_n_elements (&input->shape));
  }
  if (json_object_has_member (json, "range")) {
    JsonArray *range = json_object_get_array_member (json, "range");
    input->has_range = TRUE;
    input->low = json_array_get_double_element (range, 0);
    input->high = json_array_get_double_element (range, 1);
  }
}

#define FINITE_CLASSES ((1 << CLASS_INFINITE) - 1)

/* By default a bound may come of NaN behind these, and Winograd spreads it. */
static gboolean
is_fast_math (JsonObject *json, const gchar *op)
{
  static const gchar *const ops[] = { "Conv", "ConvTranspose", "Resize", NULL };

  return json_object_has_member (json, "post-ops") || g_strv_contains (ops, op);
}

static guint
read_classes (JsonObject *json)
{
  guint classes = 0;
  JsonArray *array;

  if (!json_object_has_member (json, "classes"))
    return (1 << N_CLASSES) - 1;
  array = json_object_get_array_member (json, "classes");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    const gchar *name = json_array_get_string_element (array, i);
    guint klass = 0;
    while (klass < N_CLASSES && strcmp (class_names[klass], name) != 0)
      klass++;
    if (klass == N_CLASSES)
      g_error ("unknown class \"%s\"", name);
    classes |= 1 << klass;
  }
  return classes;
}

static Row *
read_row (JsonObject *json, const gchar *op)
{
  Row *row = g_new0 (Row, 1);
  JsonArray *inputs = json_object_get_array_member (json, "inputs");

  row->op = g_strdup (op);
  row->name = g_strdup (json_object_get_string_member (json, "name"));
  row->json = json_object_ref (json);
  check_keys (json, row_keys, row->name);
  row->n_inputs = json_array_get_length (inputs);
  g_assert_cmpuint (row->n_inputs, <=, ROW_MAX_ARGS);
  for (guint i = 0; i < row->n_inputs; i++) {
    JsonNode *node = json_array_get_element (inputs, i);
    if (!JSON_NODE_HOLDS_NULL (node))
      read_input (&row->inputs[i], json_node_get_object (node), row->name);
  }
  row->n_outputs = json_object_get_int_member_with_default (json, "outputs", 1);
  row->tolerance = json_object_get_double_member_with_default (
      json, "tolerance", 1e-5);
  row->classes = read_classes (json);
  if (is_fast_math (json, op)) {
    row->exact_classes = row->classes & ~FINITE_CLASSES;
    row->classes &= FINITE_CLASSES;
  }
  row->ref_only = json_object_get_boolean_member_with_default (
      json, "ref-only", FALSE);
  row->bench = json_object_get_boolean_member_with_default (
      json, "bench", FALSE);
  row->flops = json_object_get_double_member_with_default (json, "flops", 0);
  return row;
}

void
row_free (Row *row)
{
  for (guint i = 0; i < row->n_inputs; i++)
    g_free (row->inputs[i].values);
  json_object_unref (row->json);
  g_free (row->op);
  g_free (row->name);
  g_free (row);
}

GPtrArray *
row_read_file (const gchar *path, const gchar *op)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  JsonArray *array;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  array = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (
        rows, read_row (json_array_get_object_element (array, i), op));
  return rows;
}

/* Attributes as graph JSON has them: text. */
static DnnAttrs *
make_attrs (JsonObject *json)
{
  DnnAttrs *attrs = dnn_attrs_new ();
  g_autoptr (GList) members = NULL;

  if (!json || !json_object_has_member (json, "attrs"))
    return attrs;
  json = json_object_get_object_member (json, "attrs");
  members = json_object_get_members (json);
  for (GList *item = members; item; item = item->next) {
    JsonNode *node = json_object_get_member (json, item->data);
    g_autofree gchar *text = json_node_get_value_type (node) == G_TYPE_STRING
        ? g_strdup (json_node_get_string (node))
        : json_to_string (node, FALSE);
    dnn_attrs_set (attrs, item->data, text);
  }
  return attrs;
}

static gboolean
add_post_ops (const Row *row, DnnCall *call, GError **error)
{
  JsonArray *array;

  if (!json_object_has_member (row->json, "post-ops"))
    return TRUE;
  array = json_object_get_array_member (row->json, "post-ops");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *json = json_array_get_object_element (array, i);
    g_autoptr (DnnAttrs) attrs = make_attrs (json);
    const DnnOp *op = dnn_op_lookup (
        json_object_get_string_member (json, "op"));
    gint input = json_object_get_int_member_with_default (json, "input", -1);
    g_assert_nonnull (op);
    if (!dnn_call_add_post_op (call, op, attrs, input, error))
      return FALSE;
  }
  return TRUE;
}

DnnCall *
row_make_call (const Row *row, GError **error)
{
  g_autoptr (DnnAttrs) attrs = make_attrs (row->json);
  const DnnOp *op = dnn_op_lookup (row->op);
  g_autoptr (DnnCall) call = NULL;

  g_assert_nonnull (op);
  call = dnn_call_new (
      op, row->name, attrs, row->n_inputs, row->n_outputs, error);
  if (!call)
    return NULL;
  for (guint i = 0; i < row->n_inputs; i++)
    if (row->inputs[i].present)
      dnn_call_set_input (call, i, row->inputs[i].type, &row->inputs[i].shape);
  if (!add_post_ops (row, call, error))
    return NULL;
  return g_steal_pointer (&call);
}

gdouble *
row_get_expected (const Row *row, guint *n)
{
  if (!json_object_has_member (row->json, "expect"))
    return NULL;
  return read_numbers (json_object_get_array_member (row->json, "expect"), n);
}

gboolean
row_get_expected_shape (const Row *row, DnnShape *shape)
{
  if (!json_object_has_member (row->json, "expect-shape"))
    return FALSE;
  *shape = read_shape (
      json_object_get_array_member (row->json, "expect-shape"));
  return TRUE;
}

gboolean
row_get_expected_error (const Row *row, DnnError *code, const gchar **text)
{
  JsonArray *array;
  const gchar *name;

  if (!json_object_has_member (row->json, "error"))
    return FALSE;
  array = json_object_get_array_member (row->json, "error");
  name = json_array_get_string_element (array, 0);
  *text = json_array_get_string_element (array, 1);
  for (guint i = 0; i < G_N_ELEMENTS (error_names); i++) {
    if (g_strcmp0 (error_names[i], name) == 0) {
      *code = i;
      return TRUE;
    }
  }
  g_error ("%s: unknown error code \"%s\"", row->name, name);
}
