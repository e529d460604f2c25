/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX → graph: names, params, inputs, attributes, and what a wrong model is
 * told; models that are cut off or damaged, through all of the compiler. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "compiler/onnx/dnn-onnx-declared.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/infer/dnn-infer.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

typedef TestFolder Fixture;

static DnnGraph *
import (Fixture *fixture, OnnxWriter *writer, GError **error)
{
  g_autofree gchar *path = onnx_writer_save (writer, fixture->dir, "m.onnx");

  return dnn_onnx_import_file (path, error);
}

/* Old exporters list initialisers as inputs; the batch is 1; names are kept. */
static void
test_interfaces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  const DnnValue *x, *w;
  const DnnNode *node;
  DnnShape shape = dnn_shape (4, 1, 3, -1, -1);

  onnx_writer_input (writer, "w", "4,3,3,3");
  onnx_writer_input (writer, "x:0", "batch_size,3,height,?");
  onnx_writer_random (writer, "w", dnn_shape (4, 4, 3, 3, 3), 1);
  onnx_writer_node (writer, "Conv", "x:0 w", "conv/out",
      "kernel_shape=is:3,3 group=i:1 auto_pad=s:VALID");
  onnx_writer_node (writer, "LeakyRelu", "conv/out", "y", "alpha=f:0.1");
  onnx_writer_output (writer, "y");
  graph = import (fixture, writer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (graph->inputs->len, ==, 1);
  x = graph->inputs->pdata[0];
  g_assert_cmpstr (x->name, ==, "x:0");
  g_assert_true (dnn_shape_equal (&x->shape, &shape));
  g_assert_cmpstr (x->dim_names[0], ==, "");
  g_assert_cmpstr (x->dim_names[2], ==, "height");
  g_assert_cmpstr (x->dim_names[3], ==, "");
  w = dnn_graph_find_value (graph, "w");
  g_assert_cmpint (w->kind, ==, DNN_VALUE_PARAM);
  node = graph->nodes->pdata[0];
  g_assert_cmpstr (node->name, ==, "conv/out");
  g_assert_cmpstr (node->op, ==, "Conv");
  g_assert_cmpstr (dnn_attrs_get (node->attrs, "kernel_shape"), ==, "[3, 3]");
  g_assert_cmpstr (dnn_attrs_get (node->attrs, "group"), ==, "1");
  g_assert_cmpstr (dnn_attrs_get (node->attrs, "auto_pad"), ==, "VALID");
  node = graph->nodes->pdata[1];
  g_assert_cmpstr (dnn_attrs_get (node->attrs, "alpha"), ==, "0.1");
  g_assert_cmpstr (graph->output_names->pdata[0], ==, "y");
  g_assert_nonnull (strstr (graph->label, "m.onnx"));
}

typedef struct
{
  const gchar *name;
  const gchar *dim;
  gint64 expected;
  const gchar *rest; /* further dimensions; NULL: one, "N" */
} BatchRow;

static const BatchRow batch_rows[] = {
  { "n", "N", 1 },
  { "batch", "batch", 1 },
  { "batch-size", "Batch_Size", 1 },
  { "prefixed", "input_batch_dim", 1 },
  { "other", "length", -1 },
  { "unnamed", "?", -1 },
  { "negative", "-1", -1 },
  { "fixed", "4", 4 },
  { "by-place", "unk__5", 1, ",N,3" },
  { "by-place-dynamic", "DynamicDimension.0", 1, ",N,3,8" },
  { "by-place-unnamed", "?", 1, ",N,3,8" },
  { "length-first", "seq_len", -1, ",N,3" },
  { "time-first", "T", -1, ",N,3" },
};

static void
test_batch (Fixture *fixture, gconstpointer data)
{
  const BatchRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autofree gchar *dims = g_strconcat (
      row->dim, row->rest ? row->rest : ",N", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  const DnnValue *x;

  onnx_writer_input (writer, "x", dims);
  onnx_writer_node (writer, "Relu", "x", "y", "");
  onnx_writer_output (writer, "y");
  graph = import (fixture, writer, &error);
  g_assert_no_error (error);
  x = graph->inputs->pdata[0];
  g_assert_cmpint (x->shape.dims[0], ==, row->expected);
  /* only the first dimension is a batch */
  g_assert_cmpint (x->shape.dims[1], ==, DNN_DIM_OPEN);
}

/* Nodes in any order, absent inputs, nodes without names, outputs that are
 * inputs or constants. */
static void
test_odd_graph (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  static const gfloat one = 1;
  const DnnNode *first, *second;

  onnx_writer_input (writer, "x", "2");
  onnx_writer_floats (writer, "max", dnn_shape (0), &one);
  onnx_writer_node (writer, "Relu", "a", "y", "");
  onnx_writer_last_node (writer)->name = NULL;
  onnx_writer_node (writer, "Clip", "x - max", "a", "");
  onnx_writer_last_node (writer)->name = (gchar *) "y";
  onnx_writer_output (writer, "y");
  onnx_writer_output (writer, "x");
  onnx_writer_output (writer, "max");
  graph = import (fixture, writer, &error);
  g_assert_no_error (error);
  first = graph->nodes->pdata[0];
  second = graph->nodes->pdata[1];
  g_assert_cmpstr (first->op, ==, "Clip");
  g_assert_null (first->inputs->pdata[1]);
  g_assert_cmpstr (second->name, ==, "y");
  g_assert_cmpstr (first->name, ==, "y_1");
  g_assert_cmpuint (graph->outputs->len, ==, 3);
}

/* ---- what else a file may hold
 * ------------------------------------------------------------------ */

/* A tensor of strings, and a constant of one, that nothing uses. */
static void
test_unused_strings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  onnx_writer_input (writer, "x", "2");
  onnx_writer_random (writer, "s", dnn_shape (1, 1), 1);
  onnx_writer_get_model (writer)->graph->initializer[0]->data_type = 8;
  onnx_writer_node (writer, "Constant", "", "k", "value_string=s:text");
  onnx_writer_node (writer, "Relu", "x", "y", "");
  onnx_writer_output (writer, "y");
  graph = import (fixture, writer, &error);
  g_assert_no_error (error);
  g_assert_null (dnn_graph_find_value (graph, "s"));
}

/* Moves the two initialisers written last into a sparse one of @dims. */
static void
make_sparse (OnnxWriter *writer, gint n_dims, const gint64 *dims)
{
  Onnx__GraphProto *graph = onnx_writer_get_model (writer)->graph;
  Onnx__SparseTensorProto *sparse = onnx_writer_alloc (writer, sizeof *sparse);

  onnx__sparse_tensor_proto__init (sparse);
  graph->n_initializer -= 2;
  sparse->values = graph->initializer[graph->n_initializer];
  sparse->indices = graph->initializer[graph->n_initializer + 1];
  sparse->n_dims = n_dims;
  sparse->dims = onnx_writer_alloc (writer, n_dims * sizeof *sparse->dims);
  for (gint i = 0; i < n_dims; i++)
    sparse->dims[i] = dims[i];
  graph->sparse_initializer = onnx_writer_alloc (writer, sizeof (gpointer));
  graph->sparse_initializer[0] = sparse;
  graph->n_sparse_initializer = 1;
}

typedef struct
{
  const gchar *name;
  gint64 indices[4];
  gboolean is_pairs; /* a row and a column each */
  gint64 dims[2];
  const gchar *text; /* of the error; NULL: none */
} SparseRow;

static const SparseRow sparse_rows[] = {
  { "places", { 1, 5 }, FALSE, { 2, 3 }, NULL },
  { "rows", { 0, 1, 1, 2 }, TRUE, { 2, 3 }, NULL },
  { "outside", { 1, 6 }, FALSE, { 2, 3 },
      "sparse tensor \"an initializer\": index 1 lies outside of its shape" },
  { "outside-row", { 0, 1, 0, 3 }, TRUE, { 2, 3 }, "index 1 lies outside" },
  { "negative", { 1, -1 }, FALSE, { 2, 3 }, "index 1 lies outside" },
  { "huge", { 1, 2 }, FALSE, { 1 << 20, 1 << 20 }, "may become" },
};

static void
test_sparse (Fixture *fixture, gconstpointer data)
{
  static const gfloat values[] = { 5, 7 }, expected[] = { 0, 5, 0, 0, 0, 7 };
  const SparseRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  DnnShape pairs = dnn_shape (2, 2, 2);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_INT64, &pairs, row->indices, NULL, NULL);

  onnx_writer_input (writer, "x", "2,3");
  onnx_writer_floats (writer, "s", dnn_shape (1, 2), values);
  if (row->is_pairs)
    onnx_writer_initializer (writer, "i", tensor, ONNX_WRITER_RAW);
  else
    onnx_writer_ints (writer, "i", 2, row->indices);
  make_sparse (writer, 2, row->dims);
  onnx_writer_node (writer, "Add", "x s", "y", "");
  onnx_writer_output (writer, "y");
  graph = import (fixture, writer, &error);
  if (row->text) {
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, row->text));
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpmem (
      dnn_tensor_get_data (dnn_graph_find_value (graph, "s")->tensor),
      sizeof expected, expected, sizeof expected);
}

/* What the model says of its results is otherwise: ours counts, and is told. */
static void
test_declared (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  g_autofree gchar *told = NULL;
  Onnx__GraphProto *proto = onnx_writer_get_model (writer)->graph;

  onnx_writer_input (writer, "x", "2,3");
  onnx_writer_input_typed (writer, "a", "2,4", DNN_TYPE_FLOAT32);
  onnx_writer_input_typed (writer, "y", "?,3", DNN_TYPE_INT64);
  onnx_writer_input_typed (writer, "b", "2,?", DNN_TYPE_FLOAT32);
  proto->n_value_info = 3;
  proto->value_info = proto->input + 1;
  proto->n_input = 1;
  onnx_writer_node (writer, "Relu", "x", "a", "");
  onnx_writer_node (writer, "Neg", "a", "b", "");
  onnx_writer_node (writer, "Neg", "b", "y", "");
  onnx_writer_output (writer, "y");
  graph = import (fixture, writer, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_infer_into_graph (graph, &error));
  told = dnn_onnx_tell_declared (graph);
  g_assert_cmpstr (told, ==,
      "\"a\" is float32 2×3, not float32 2×4; \"y\" is float32 2×3, not int64 "
      "?×3");
  g_assert_null (dnn_onnx_tell_declared (graph));
}

/* Absent inputs at the end are none. */
static void
test_trailing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  onnx_writer_input (writer, "x", "2,3");
  onnx_writer_node (writer, "Relu", "x - -", "a", "");
  onnx_writer_node (writer, "Clip", "a - -", "y", "");
  onnx_writer_output (writer, "y");
  graph = import (fixture, writer, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < graph->nodes->len; i++)
    g_assert_cmpuint (((DnnNode *) graph->nodes->pdata[i])->n_formal, ==, 1);
}

/* Every edition of the format, opsets of domains that nobody asks for. */
static void
test_editions (Fixture *fixture, gconstpointer data)
{
  for (gint64 ir = 3; ir <= 13; ir++) {
    g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnGraph) graph = NULL;
    Onnx__ModelProto *model = onnx_writer_get_model (writer);
    Onnx__OperatorSetIdProto other = ONNX__OPERATOR_SET_ID_PROTO__INIT;
    Onnx__OperatorSetIdProto *opsets[] = { &other, model->opset_import[0],
      &other };
    other.domain = (gchar *) "com.example";
    other.has_version = TRUE;
    other.version = 1;
    model->ir_version = ir;
    model->opset_import = opsets;
    model->n_opset_import = G_N_ELEMENTS (opsets);
    onnx_writer_input (writer, "x", "2,3");
    onnx_writer_node (writer, "Relu", "x", "y", "");
    onnx_writer_last_node (writer)->domain = (gchar *) "ai.onnx";
    onnx_writer_output (writer, "y");
    graph = import (fixture, writer, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (graph->nodes->len, ==, 1);
  }
}

/* ---- errors
 * -------------------------------------------------------------------- */

static void
write_unknown_ops (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Reluu", "x", "a", "");
  onnx_writer_output (writer, "a");
}

static void
write_many_unknown_ops (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Frob", "x", "a", "");
  onnx_writer_node (writer, "Nicate", "a", "b", "");
  onnx_writer_node (writer, "Frob", "b", "c", "");
  onnx_writer_last_node (writer)->domain = (gchar *) "com.example";
  onnx_writer_output (writer, "c");
}

static void
write_unknown_input (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "xx", "a", "");
  onnx_writer_output (writer, "a");
}

static void
write_unknown_output (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "x", "a", "");
  onnx_writer_output (writer, "b");
}

static void
write_no_output (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "x", "a", "");
}

static void
write_node_without_output (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "x", "", "");
  onnx_writer_output (writer, "x");
}

static void
write_cycle (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Add", "x b", "a", "");
  onnx_writer_node (writer, "Relu", "a", "b", "");
  onnx_writer_output (writer, "b");
}

static void
write_twice (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "x", "a", "");
  onnx_writer_node (writer, "Tanh", "x", "a", "");
  onnx_writer_output (writer, "a");
}

static void
write_unknown_attr (OnnxWriter *writer)
{
  onnx_writer_node (writer, "LeakyRelu", "x", "a", "alfa=f:1");
  onnx_writer_output (writer, "a");
}

static void
write_attr_twice (OnnxWriter *writer)
{
  onnx_writer_node (writer, "LeakyRelu", "x", "a", "alpha=f:1 alpha=f:2");
  onnx_writer_output (writer, "a");
}

static void
write_subgraph (OnnxWriter *writer)
{
  Onnx__AttributeProto *attr;

  onnx_writer_node (writer, "Relu", "x", "a", "body=i:0");
  attr = onnx_writer_last_node (writer)->attribute[0];
  attr->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH;
  attr->g = onnx_writer_alloc (writer, sizeof *attr->g);
  onnx__graph_proto__init (attr->g);
  onnx_writer_output (writer, "a");
}

/* Everything that is wrong stands in one message, each once. */
static void
write_many_reasons (OnnxWriter *writer)
{
  Onnx__ModelProto *model = onnx_writer_get_model (writer);

  onnx_writer_input (writer, "s", "2");
  model->graph->input[1]->type->tensor_type->elem_type = 8;
  onnx_writer_node (writer, "Frob", "x", "a", "");
  onnx_writer_node (writer, "Constant", "", "k", "value_string=s:text");
  onnx_writer_node (writer, "Frob", "a", "b", "");
  onnx_writer_node (writer, "Nicate", "b", "c", "");
  onnx_writer_node (writer, "Relu", "k", "d", "");
  onnx_writer_output (writer, "c");
}

static void
write_not_utf8 (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "x", "a", "mode=s:\xff");
  onnx_writer_output (writer, "a");
}

static void
write_sequence (OnnxWriter *writer)
{
  Onnx__ModelProto *model = onnx_writer_get_model (writer);
  Onnx__TypeProto *type = onnx_writer_alloc (writer, sizeof *type);

  onnx__type_proto__init (type);
  model->graph->input[0]->type = type;
  onnx_writer_node (writer, "Relu", "x", "a", "");
  onnx_writer_output (writer, "a");
}

static void
write_string_input (OnnxWriter *writer)
{
  Onnx__ModelProto *model = onnx_writer_get_model (writer);

  model->graph->input[0]->type->tensor_type->elem_type = 8;
  onnx_writer_node (writer, "Relu", "x", "a", "");
  onnx_writer_output (writer, "a");
}

static void
write_high_rank (OnnxWriter *writer)
{
  onnx_writer_input (writer, "r", "1,1,1,1,1,1,1,1,1,1,1,1,1");
  onnx_writer_node (writer, "Relu", "r", "a", "");
  onnx_writer_output (writer, "a");
}

static void
write_constant_string (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Constant", "", "a", "value_string=s:text");
  onnx_writer_output (writer, "a");
}

typedef struct
{
  const gchar *name;
  void (*write) (OnnxWriter *writer);
  DnnError code;
  const gchar *text;
} BadRow;

static const BadRow bad_rows[] = {
  { "unknown-operator", write_unknown_ops, DNN_ERROR_UNSUPPORTED,
      "operators that are not supported (opset 13): Reluu (node \"a\") "
      "(nearest: \"Relu\")" },
  { "unknown-operators", write_many_unknown_ops, DNN_ERROR_UNSUPPORTED,
      "Frob (node \"a\"), Nicate (node \"b\"), com.example.Frob (node "
      "\"c\")" },
  { "many-reasons", write_many_reasons, DNN_ERROR_UNSUPPORTED,
      "operators that are not supported (opset 13): Frob (node \"a\"), Nicate "
      "(node \"c\"); input \"s\": data type 8 (string) is not supported; node "
      "\"k\": attribute \"value_string\": strings are not supported" },
  { "unknown-input", write_unknown_input, DNN_ERROR_GRAPH,
      "node \"a\" (Relu): input 0 \"xx\" is no tensor of the graph (tensors: "
      "\"x\", \"a\")" },
  { "unknown-output", write_unknown_output, DNN_ERROR_GRAPH,
      "output 0 \"b\" is no tensor of the graph" },
  { "no-output", write_no_output, DNN_ERROR_GRAPH, "has no outputs" },
  { "node-without-output", write_node_without_output, DNN_ERROR_GRAPH,
      "(Relu) has no output" },
  { "cycle", write_cycle, DNN_ERROR_CYCLE, "the graph has a cycle: " },
  { "two-of-a-name", write_twice, DNN_ERROR_GRAPH,
      "there is a tensor of that name already" },
  { "attribute-twice", write_attr_twice, DNN_ERROR_FORMAT,
      "attribute \"alpha\": it is given twice" },
  { "subgraph", write_subgraph, DNN_ERROR_GRAPH, "node \"a\": body: /" },
  { "not-utf-8", write_not_utf8, DNN_ERROR_FORMAT,
      "attribute \"mode\": its text is not valid UTF-8" },
  { "no-tensor", write_sequence, DNN_ERROR_UNSUPPORTED,
      "input \"x\": it is no tensor" },
  { "strings", write_string_input, DNN_ERROR_UNSUPPORTED,
      "input \"x\": data type 8 (string) is not supported" },
  { "rank", write_high_rank, DNN_ERROR_LIMIT, "at most 12 are supported" },
  { "constant-string", write_constant_string, DNN_ERROR_UNSUPPORTED,
      "node \"a\": attribute \"value_string\": strings are not supported" },
};

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  const BadRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  onnx_writer_input (writer, "x", "2");
  row->write (writer);
  graph = import (fixture, writer, &error);
  g_assert_null (graph);
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  if (!strstr (error->message, row->text))
    g_error ("\"%s\" lacks \"%s\"", error->message, row->text);
  g_assert_nonnull (strstr (error->message, "m.onnx: "));
}

/* Attributes are the operators' business: known when the module is made. */
static void
test_unknown_attr (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;

  onnx_writer_input (writer, "x", "2");
  write_unknown_attr (writer);
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  g_assert_null (dnn_load_module (path, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_KEY);
  g_assert_nonnull (strstr (error->message, "m.onnx: node \"a\""));
  g_assert_nonnull (strstr (error->message, "alfa"));
}

/* Types are known behind inference: all nodes that can't have theirs are told,
 * but not those that only stand behind one. */
static void
test_many_types (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;

  onnx_writer_input_typed (writer, "x", "2", DNN_TYPE_BOOL);
  onnx_writer_input_typed (writer, "i", "2", DNN_TYPE_UINT8);
  onnx_writer_node (writer, "Sigmoid", "x", "a", "");
  onnx_writer_node (writer, "Relu", "a", "b", "");
  onnx_writer_node (writer, "Softmax", "i", "c", "");
  onnx_writer_node (writer, "Add", "b c", "y", "");
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  g_assert_null (dnn_load_module (path, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_TYPE);
  g_assert_nonnull (strstr (error->message, "m.onnx: node \"a\" (Sigmoid): "));
  g_assert_nonnull (strstr (error->message, "; node \"c\" (Softmax): "));
  g_assert_null (strstr (error->message, "\"b\""));
  g_assert_null (strstr (error->message, "\"y\""));
}

/* ---- damage
 * --------------------------------------------------------------------- */

/* A little of everything that the importer and the upgrade look at. */
static OnnxWriter *
make_model (void)
{
  static const gint64 shape[] = { 1, -1 };
  OnnxWriter *writer = onnx_writer_new (9);

  onnx_writer_input (writer, "x", "N,2,6,6");
  onnx_writer_random (writer, "w", dnn_shape (4, 2, 2, 3, 3), 1);
  onnx_writer_ints (writer, "shape", 2, shape);
  onnx_writer_node (writer, "Conv", "x w", "c", "pads=is:1,1,1,1");
  onnx_writer_node (writer, "Clip", "c", "d", "min=f:0 max=f:6");
  onnx_writer_node (writer, "Pad", "d", "e", "pads=is:0,0,1,1,0,0,1,1");
  onnx_writer_node (
      writer, "Slice", "e", "f", "starts=is:1 ends=is:3 axes=is:2");
  onnx_writer_node (writer, "Constant", "", "k", "value_float=f:2");
  onnx_writer_node (writer, "Dropout", "f", "h", "ratio=f:0.5");
  onnx_writer_node (writer, "Split", "h", "i j", "axis=i:1 split=is:1,1");
  onnx_writer_node (writer, "ReduceMean", "i", "l", "axes=is:2,3");
  onnx_writer_node (writer, "Mul", "j l", "m", "");
  onnx_writer_node (writer, "Reshape", "m shape", "y", "");
  onnx_writer_output (writer, "y");
  return writer;
}

static gboolean
try_load (const gchar *path, GError **error)
{
  g_autoptr (DnnPipelineConfig) config = dnn_load_pipeline (path, NULL, error);

  return config != NULL;
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OnnxWriter) writer = make_model ();
  g_autoptr (GBytes) bytes = onnx_writer_pack (writer);
  g_autofree gchar *path = g_build_filename (fixture->dir, "m.onnx", NULL);
  gsize size;
  gconstpointer whole = g_bytes_get_data (bytes, &size);
  g_autoptr (GError) none = NULL;

  onnx_writer_write_file (path, whole, size);
  g_assert_true (try_load (path, &none));
  g_assert_no_error (none);
  for (gsize n = 0; n < size; n++) {
    g_autoptr (GError) error = NULL;
    onnx_writer_write_file (path, whole, n);
    g_assert_false (try_load (path, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
    g_assert_true (g_str_has_prefix (error->message, path));
    g_assert_nonnull (strstr (error->message, ": byte "));
  }
}

static void
test_mutated (Fixture *fixture, gconstpointer data)
{
  const guint32 seed = 77;
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (OnnxWriter) writer = make_model ();
  g_autoptr (GBytes) bytes = onnx_writer_pack (writer);
  g_autofree gchar *path = g_build_filename (fixture->dir, "m.onnx", NULL);
  gsize size;
  gconstpointer whole = g_bytes_get_data (bytes, &size);
  guint n_errors = 0;

  g_test_message ("seed %u", seed);
  for (guint round = 0; round < 3000; round++) {
    g_autofree guint8 *copy = g_memdup2 (whole, size);
    g_autoptr (GError) error = NULL;
    for (guint n = g_rand_int_range (random, 1, 4); n > 0; n--)
      copy[g_rand_int_range (random, 0, (gint32) size)] = (guint8) g_rand_int (
          random);
    onnx_writer_write_file (path, copy, size);
    if (try_load (path, &error))
      continue;
    g_assert_nonnull (error);
    if (error->domain != DNN_ERROR || !g_str_has_prefix (error->message, path))
      g_error ("round %u: %s", round, error->message);
    n_errors++;
  }
  g_test_message ("%u of 3000 are errors", n_errors);
  g_assert_cmpuint (n_errors, >, 1000);
}

static void
add (const gchar *folder, const gchar *name, gconstpointer data,
    void (*test) (Fixture *, gconstpointer))
{
  g_autofree gchar *path = g_strdup_printf ("/compiler/%s/%s", folder, name);

  g_test_add (
      path, Fixture, data, test_folder_set_up, test, test_folder_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  add ("onnx-import", "interfaces", NULL, test_interfaces);
  add ("onnx-import", "odd-graph", NULL, test_odd_graph);
  add ("onnx-import", "unused-strings", NULL, test_unused_strings);
  add ("onnx-import", "declared", NULL, test_declared);
  add ("onnx-import", "trailing", NULL, test_trailing);
  add ("onnx-import", "editions", NULL, test_editions);
  for (guint i = 0; i < G_N_ELEMENTS (sparse_rows); i++)
    add ("onnx-import/sparse", sparse_rows[i].name, &sparse_rows[i],
        test_sparse);
  for (guint i = 0; i < G_N_ELEMENTS (batch_rows); i++)
    add ("onnx-import/batch", batch_rows[i].name, &batch_rows[i], test_batch);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    add ("onnx-import-errors", bad_rows[i].name, &bad_rows[i], test_bad);
  add ("onnx-import-errors", "unknown-attribute", NULL, test_unknown_attr);
  add ("onnx-import-errors", "many-types", NULL, test_many_types);
  add ("onnx-import-errors", "truncated", NULL, test_truncated);
  add ("onnx-import-errors", "mutated", NULL, test_mutated);
  return g_test_run ();
}
