/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attributes, inputs and post-ops of one node → a call, or an error that names
 * all it is about. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

#include "tests/core/fake-ops.h"

static void
test_registry (void)
{
  const DnnOp *const *list = dnn_op_list ();

  g_assert_nonnull (dnn_op_lookup ("Fake.Relu"));
  g_assert_null (dnn_op_lookup ("Fake.Rel"));
  g_assert_null (dnn_op_lookup (""));
  for (guint i = 0; list[i]; i++) {
    g_assert_true (dnn_op_lookup (list[i]->name) == list[i]);
    if (list[i + 1])
      g_assert_cmpint (strcmp (list[i]->name, list[i + 1]->name), <, 0);
  }
}

/* ---- attributes --------------------------------------------------------- */

typedef struct
{
  const gchar *name, *op, *key, *value;
  gint code;
  const gchar *message;
} AttrCase;

static const AttrCase bad_attrs[] = {
  { "unknown", "Fake.Attrs", "axes", "1", DNN_ERROR_UNKNOWN_KEY,
      "node \"n\" (Fake.Attrs): unknown attribute \"axes\", did you mean "
      "\"axis\"?; valid: \"axis\", \"group\", \"alpha\", \"mode\", \"pads\", "
      "\"scales\", \"names\"" },
  { "unknown-none-near", "Fake.Attrs", "zzzzzz", "1", DNN_ERROR_UNKNOWN_KEY,
      "unknown attribute \"zzzzzz\"; valid: \"axis\"" },
  { "unknown-none-valid", "Fake.Relu", "axis", "1", DNN_ERROR_UNKNOWN_KEY,
      "unknown attribute \"axis\"; valid: none" },
  { "input-is-no-attribute", "Fake.Attrs", "min", "1", DNN_ERROR_UNKNOWN_KEY,
      "unknown attribute \"min\"" },
  { "no-int", "Fake.Attrs", "axis", "one", DNN_ERROR_VALUE,
      "attribute \"axis\" is \"one\", expected an integer" },
  { "int-with-rest", "Fake.Attrs", "axis", "1.5", DNN_ERROR_VALUE,
      "expected an integer" },
  { "int-range", "Fake.Attrs", "group", "0", DNN_ERROR_VALUE,
      "attribute \"group\" is 0, expected 1 to 1024" },
  { "no-float", "Fake.Attrs", "alpha", "0,5", DNN_ERROR_VALUE,
      "attribute \"alpha\" is \"0,5\", expected a number" },
  { "float-range", "Fake.Attrs", "alpha", "1.5", DNN_ERROR_VALUE,
      "attribute \"alpha\" is 1.5, expected 0 to 1" },
  { "float-nan", "Fake.Attrs", "alpha", "nan", DNN_ERROR_VALUE,
      "attribute \"alpha\" is nan, expected 0 to 1" },
  { "choice", "Fake.Attrs", "mode", "liner", DNN_ERROR_VALUE,
      "attribute \"mode\" is \"liner\", expected one of \"linear\", "
      "\"nearest\"; did you mean \"linear\"?" },
  { "no-list", "Fake.Attrs", "pads", "3", DNN_ERROR_VALUE,
      "attribute \"pads\" is \"3\", expected a list of integers: [1, 2]" },
  { "list-range", "Fake.Attrs", "pads", "[0, 101]", DNN_ERROR_VALUE,
      "attribute \"pads\" is [0, 101], expected 0 to 100" },
  { "float-list", "Fake.Attrs", "scales", "[\"a\"]", DNN_ERROR_VALUE,
      "expected a list of numbers: [0.5, 1]" },
  { "text-list", "Fake.Attrs", "names", "[1]", DNN_ERROR_VALUE,
      "expected a list of texts" },
  { "text-list-choice", "Fake.Attrs", "names", "[\"linear\", \"cubic\"]",
      DNN_ERROR_VALUE, "attribute \"names\" is \"cubic\", expected one of" },
};

static void
test_bad_attr (gconstpointer data)
{
  const AttrCase *row = data;
  g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();
  g_autoptr (GError) error = NULL;

  dnn_attrs_set (attrs, row->key, row->value);
  g_assert_null (
      dnn_call_new (dnn_op_lookup (row->op), "n", attrs, 1, 1, &error));
  g_assert_error (error, DNN_ERROR, row->code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, row->message));
}

static DnnCall *
new_call (const gchar *op, const DnnAttrs *attrs, guint n_inputs)
{
  g_autoptr (GError) error = NULL;
  DnnCall *call = dnn_call_new (
      dnn_op_lookup (op), "n", attrs, n_inputs, 1, &error);

  g_assert_no_error (error);
  return call;
}

static void
test_attrs (void)
{
  g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();
  g_autoptr (DnnCall) call = NULL;
  const DnnAttrValue *names;

  dnn_attrs_set (attrs, "axis", "-1");
  dnn_attrs_set (attrs, "pads", "[1, 2, 3]");
  dnn_attrs_set (attrs, "scales", "[0.5, 2]");
  dnn_attrs_set (attrs, "names", "[\"nearest\"]");
  call = new_call ("Fake.Attrs", attrs, 1);
  g_assert_cmpint (dnn_call_int (call, "axis"), ==, -1);
  g_assert_cmpuint (dnn_call_attr (call, "pads")->n, ==, 3);
  g_assert_cmpint (dnn_call_attr (call, "pads")->ints[2], ==, 3);
  g_assert_cmpfloat (dnn_call_attr (call, "scales")->floats[0], ==, 0.5);
  names = dnn_call_attr (call, "names");
  g_assert_cmpuint (names->n, ==, 1);
  g_assert_cmpstr (names->strings[0], ==, "nearest");
}

static void
test_defaults (void)
{
  g_autoptr (DnnCall) call = new_call ("Fake.Attrs", NULL, 1);

  g_assert_true (dnn_call_attr (call, "axis")->present);
  g_assert_cmpint (dnn_call_int (call, "axis"), ==, 1);
  g_assert_cmpfloat (dnn_call_float (call, "alpha"), ==, 0.5);
  g_assert_cmpstr (dnn_call_attr (call, "mode")->s, ==, "linear");
  g_assert_false (dnn_call_attr (call, "pads")->present);
}

/* ---- rows --------------------------------------------------------------- */

/* Inputs as rows of letters: f float32, d float64, i int64, - absent. */
typedef struct
{
  const gchar *name, *op, *inputs;
  gint code;
  const gchar *message;
} RowCase;

static const RowCase bad_rows[] = {
  { "missing", "Fake.Add", "f", DNN_ERROR_GRAPH,
      "node \"n\" (Fake.Add): input 1 (\"B\") is required" },
  { "absent", "Fake.Add", "-f", DNN_ERROR_GRAPH,
      "input 0 (\"A\") is required" },
  { "too-many", "Fake.Relu", "ff", DNN_ERROR_GRAPH,
      "has 2 inputs, expected at most 1" },
  { "type", "Fake.Relu", "i", DNN_ERROR_TYPE,
      "input 0 (\"X\") is int64, expected float32" },
  { "type-variable", "Fake.Attrs", "fd", DNN_ERROR_TYPE,
      "input 1 (\"min\") is float64, but input 0 (\"X\") is float32; they "
      "must be the same" },
  { "variadic-none", "Fake.Concat", "", DNN_ERROR_GRAPH,
      "input 0 (\"inputs\") is required" },
  { "variadic-type", "Fake.Concat", "fffd", DNN_ERROR_TYPE,
      "input 3 (\"inputs\") is float64, expected float32" },
};

static void
set_inputs (DnnCall *call, const gchar *letters)
{
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 2, (gint64) 3);

  for (guint i = 0; letters[i]; i++) {
    DnnType type = letters[i] == 'f' ? DNN_TYPE_FLOAT32
        : letters[i] == 'd'          ? DNN_TYPE_FLOAT64
                                     : DNN_TYPE_INT64;
    if (letters[i] != '-')
      dnn_call_set_input (call, i, type, &shape);
  }
}

static void
test_bad_rows (gconstpointer data)
{
  const RowCase *row = data;
  g_autoptr (DnnCall)
      call = new_call (row->op, NULL, (guint) strlen (row->inputs));
  g_autoptr (GError) error = NULL;

  set_inputs (call, row->inputs);
  g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_ERROR);
  g_assert_error (error, DNN_ERROR, row->code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, row->message));
}

static void
test_infer (void)
{
  g_autoptr (DnnCall) call = new_call ("Fake.Concat", NULL, 3);
  g_autoptr (GError) error = NULL;

  set_inputs (call, "fff");
  g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_OK);
  g_assert_cmpint (call->outputs[0].type, ==, DNN_TYPE_FLOAT32);
  g_assert_cmpint (call->outputs[0].shape.dims[1], ==, 6);
}

/* An optional input behind the end, or absent, is not there. */
static void
test_optional (void)
{
  g_autoptr (DnnCall) one = new_call ("Fake.Attrs", NULL, 1);
  g_autoptr (DnnCall) two = new_call ("Fake.Attrs", NULL, 2);

  set_inputs (one, "d");
  set_inputs (two, "d-");
  g_assert_cmpint (dnn_call_infer (one, NULL), ==, DNN_INFER_OK);
  g_assert_cmpint (dnn_call_infer (two, NULL), ==, DNN_INFER_OK);
  g_assert_cmpint (two->outputs[0].type, ==, DNN_TYPE_FLOAT64);
  g_assert_true (dnn_call_has_input (two, 0));
  g_assert_false (dnn_call_has_input (two, 1));
  g_assert_false (dnn_call_has_input (one, 1));
}

static void
test_unknown_rank (void)
{
  g_autoptr (DnnCall) call = new_call ("Fake.Attrs", NULL, 1);
  DnnShape unknown = { .rank = -1 };

  dnn_call_set_input (call, 0, DNN_TYPE_FLOAT64, &unknown);
  g_assert_cmpint (dnn_call_infer (call, NULL), ==, DNN_INFER_OK);
  g_assert_cmpint (call->outputs[0].type, ==, DNN_TYPE_FLOAT64);
  g_assert_cmpint (call->outputs[0].shape.rank, ==, -1);
}

static void
test_axis (void)
{
  static const struct
  {
    const gchar *text;
    gint axis;
  } rows[] = { { "0", 0 }, { "2", 2 }, { "-1", 2 }, { "-3", 0 }, { "3", -1 },
    { "-4", -1 }, { "9223372036854775807", -1 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();
    g_autoptr (DnnCall) call = NULL;
    g_autoptr (GError) error = NULL;
    gint axis = -1;

    dnn_attrs_set (attrs, "axis", rows[i].text);
    call = new_call ("Fake.Attrs", attrs, 1);
    if (dnn_call_axis (call, "axis", 3, &axis, &error)) {
      g_assert_cmpint (axis, ==, rows[i].axis);
    } else {
      g_autofree gchar *expected = g_strdup_printf (
          "node \"n\" (Fake.Attrs): attribute \"axis\" is %s, which a tensor "
          "of rank 3 doesn't have",
          rows[i].text);
      g_assert_cmpint (rows[i].axis, ==, -1);
      g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
      g_assert_cmpstr (error->message, ==, expected);
    }
  }
}

/* What an operator's infer says must be possible. */
static void
test_impossible_shape (void)
{
  g_autoptr (DnnCall) call = new_call ("Fake.Reshape", NULL, 2);
  DnnShape x = dnn_shape (1, (gint64) 4), shape = dnn_shape (1, (gint64) 2);
  gint64 negative[] = { 2, -3 }, huge[] = { 1 << 30, 1 << 30 };
  g_autoptr (GError) error = NULL;

  dnn_call_set_input (call, 0, DNN_TYPE_FLOAT32, &x);
  dnn_call_set_input (call, 1, DNN_TYPE_INT64, &shape);
  dnn_call_set_value (call, 1, negative);
  g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_ERROR);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message,
      "output 0 (\"Y\") would have -3 elements in dimension 1"));
  g_clear_error (&error);
  dnn_call_set_value (call, 1, huge);
  g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_ERROR);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "1073741824×1073741824"));
}

/* ---- post-ops ----------------------------------------------------------- */

static DnnCall *
new_post_op_call (const gchar *op, const gchar *key, const gchar *value,
    gint input, GError **error)
{
  g_autoptr (DnnCall) call = new_call ("Fake.Relu", NULL, input >= 0 ? 2 : 1);
  g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();

  if (key)
    dnn_attrs_set (attrs, key, value);
  set_inputs (call, input >= 0 ? "ff" : "f");
  if (!dnn_call_add_post_op (call, dnn_op_lookup (op), attrs, input, error))
    return NULL;
  return g_steal_pointer (&call);
}

static void
test_post_op_scalar (void)
{
  g_autoptr (DnnCall)
      call = new_post_op_call ("Fake.Add", "B", "1.5", -1, NULL);
  const DnnCall *inner = call->post_ops[0].call;

  g_assert_cmpint (dnn_call_infer (call, NULL), ==, DNN_INFER_OK);
  g_assert_cmpuint (call->n_formal, ==, 1);
  g_assert_cmpint (inner->inputs[1].type, ==, DNN_TYPE_FLOAT32);
  g_assert_cmpint (inner->inputs[1].shape.rank, ==, 0);
  g_assert_true (inner->inputs[1].is_constant);
  g_assert_cmpfloat (*(const gfloat *) inner->inputs[1].value, ==, 1.5);
  g_assert_true (
      dnn_shape_equal (&inner->outputs[0].shape, &call->outputs[0].shape));
}

static void
test_post_op_operand (void)
{
  g_autoptr (DnnCall) call = new_post_op_call ("Fake.Add", NULL, NULL, 1, NULL);
  const DnnCallPostOp *post_op = &call->post_ops[0];

  g_assert_cmpuint (call->n_formal, ==, 1);
  g_assert_cmpuint (post_op->operand_slot, ==, 1);
  g_assert_cmpint (dnn_call_infer (call, NULL), ==, DNN_INFER_OK);
  g_assert_cmpint (post_op->call->inputs[1].shape.rank, ==, 3);
}

static void
assert_post_op_error (const gchar *op, const gchar *key, const gchar *value,
    gint input, gint code, const gchar *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnCall) call = new_post_op_call (op, key, value, input, &error);

  if (call)
    g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_ERROR);
  g_assert_error (error, DNN_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_post_op_errors (void)
{
  assert_post_op_error ("Fake.Add", "C", "1", -1, DNN_ERROR_UNKNOWN_KEY,
      "node \"n\" (Fake.Add): unknown attribute \"C\"");
  assert_post_op_error ("Fake.Add", "B", "x", -1, DNN_ERROR_VALUE,
      "\"B\" of the post-op is \"x\", expected a number");
  assert_post_op_error ("Fake.Relu", NULL, NULL, 1, DNN_ERROR_GRAPH,
      "none of its inputs is free");
  assert_post_op_error ("Fake.Add", NULL, NULL, -1, DNN_ERROR_GRAPH,
      "input 1 (\"B\") is required");
  assert_post_op_error ("Fake.Shape", NULL, NULL, -1, DNN_ERROR_TYPE,
      "the post-op makes int64 of float32; it must keep the type");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  g_test_add_func ("/core/op/registry", test_registry);
  for (guint i = 0; i < G_N_ELEMENTS (bad_attrs); i++) {
    g_autofree gchar *path = g_strconcat (
        "/core/call-attrs/", bad_attrs[i].name, NULL);
    g_test_add_data_func (path, &bad_attrs[i], test_bad_attr);
  }
  g_test_add_func ("/core/call-attrs/values", test_attrs);
  g_test_add_func ("/core/call-attrs/defaults", test_defaults);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++) {
    g_autofree gchar *path = g_strconcat (
        "/core/call-rows/", bad_rows[i].name, NULL);
    g_test_add_data_func (path, &bad_rows[i], test_bad_rows);
  }
  g_test_add_func ("/core/call/infer", test_infer);
  g_test_add_func ("/core/call/optional", test_optional);
  g_test_add_func ("/core/call/unknown-rank", test_unknown_rank);
  g_test_add_func ("/core/call/axis", test_axis);
  g_test_add_func ("/core/call/impossible-shape", test_impossible_shape);
  g_test_add_func ("/core/call-post-op/scalar", test_post_op_scalar);
  g_test_add_func ("/core/call-post-op/operand", test_post_op_operand);
  g_test_add_func ("/core/call-post-op/errors", test_post_op_errors);
  return g_test_run ();
}
