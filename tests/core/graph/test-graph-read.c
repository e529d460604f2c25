/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graph JSON: what is read, and every way a file can be wrong. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/core/bad-files.h"
#include "tests/core/rounds.h"

/* Good; each bad row changes one thing. */
static const gchar good[] =
    "{\"nodes\": [\n"
    "{\"op\": \"null\", \"name\": \"x\", \"inputs\": []},\n"
    "{\"op\": \"null\", \"name\": \"w\", \"inputs\": []},\n"
    "{\"op\": \"tvm_op\", \"name\": \"conv\", \"attrs\": {"
    "\"func_name\": \"Conv\", \"num_inputs\": \"3\", \"num_outputs\": \"1\", "
    "\"flatten_data\": \"0\", \"input_slots\": \"[0, 2]\", \"group\": \"1\", "
    "\"post_ops\": \"[{\\\"op\\\": \\\"Relu\\\"}, {\\\"op\\\": \\\"Add\\\", "
    "\\\"attributes\\\": {\\\"k\\\": \\\"v\\\"}, \\\"input\\\": 2}]\"}, "
    "\"inputs\": [[0, 0, 0], [1, 0, 0], [0, 0, 0]]},\n"
    "{\"op\": \"tvm_op\", \"name\": \"split\", \"attrs\": {"
    "\"func_name\": \"Split\", \"num_inputs\": \"1\", \"num_outputs\": \"2\", "
    "\"flatten_data\": \"0\", \"output_slots\": \"[1, 3]\"}, "
    "\"inputs\": [[2, 0, 0]]}],\n"
    "\"arg_nodes\": [0, 1], \"heads\": [[3, 1, 0], [2, 0, 0]],\n"
    "\"node_row_ptr\": [0, 1, 2, 3, 5],\n"
    "\"attrs\": {\"dltype\": [\"list_str\", [\"float32\", \"float32\", "
    "\"float32\", \"int64\", \"\"]],\n"
    "\"shape\": [\"list_shape\", [[1, -1], [4, 4], [1, 4], [], []]],\n"
    "\"storage_id\": [\"list_int\", [0, 1, 2, 3, 4]]},\n"
    "\"metadata\": {\"name\": \"g\", \"opset\": 21, \"params\": [\"w\"], "
    "\"outputs\": [\"one\", \"two\"], \"unknown_ranks\": [4], "
    "\"value_names\": [\"\", \"\", \"c\", \"\", \"last\"], "
    "\"dimensions\": {\"x\": [\"\", \"N\"]}, \"producer\": \"me\"}}";

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph)
      graph = dnn_graph_new_from_data (good, -1, "m.json", &error);
  DnnNode *conv, *split;
  DnnPostOp *add;
  DnnValue *x;

  g_assert_no_error (error);
  g_assert_cmpstr (graph->name, ==, "g");
  g_assert_cmpstr (graph->label, ==, "m.json");
  g_assert_cmpint (graph->opset, ==, 21);
  g_assert_cmpstr (dnn_attrs_get (graph->metadata, "producer"), ==, "me");
  g_assert_false (graph->params_are_open);
  g_assert_cmpuint (graph->inputs->len, ==, 1);
  x = graph->inputs->pdata[0];
  g_assert_cmpstr (x->dim_names[1], ==, "N");
  g_assert_cmpint (x->shape.dims[1], ==, DNN_DIM_OPEN);

  conv = graph->nodes->pdata[0];
  g_assert_cmpuint (conv->n_formal, ==, 3);
  g_assert_cmpuint (conv->inputs->len, ==, 4);
  g_assert_null (conv->inputs->pdata[1]);
  g_assert_true (conv->inputs->pdata[3] == x);
  g_assert_cmpuint (dnn_attrs_get_n (conv->attrs), ==, 1);
  add = conv->post_ops->pdata[1];
  g_assert_cmpint (add->input, ==, 3);
  g_assert_cmpstr (dnn_attrs_get (add->attrs, "k"), ==, "v");

  split = graph->nodes->pdata[1];
  g_assert_cmpuint (split->outputs->len, ==, 4);
  g_assert_null (split->outputs->pdata[0]);
  g_assert_cmpstr (((DnnValue *) split->outputs->pdata[1])->name, ==, "split");
  g_assert_cmpstr (((DnnValue *) split->outputs->pdata[3])->name, ==, "last");
  g_assert_cmpint (((DnnValue *) split->outputs->pdata[3])->shape.rank, ==, -1);
  g_assert_cmpint (((DnnValue *) split->outputs->pdata[1])->shape.rank, ==, 0);
  g_assert_true (graph->outputs->pdata[0] == split->outputs->pdata[3]);
  g_assert_cmpstr (graph->output_names->pdata[1], ==, "two");
}

/* Nodes may stand in any order; the reader sorts them. */
static void
test_unsorted (void)
{
  static const gchar text[] =
      "{\"nodes\": ["
      "{\"op\": \"tvm_op\", \"name\": \"b\", \"attr\": {\"func_name\": \"F\", "
      "\"num_inputs\": \"1\", \"num_outputs\": \"1\", \"flatten_data\": "
      "\"1\"}, \"inputs\": [[1, 0]], \"control_deps\": []}, "
      "{\"op\": \"tvm_op\", \"name\": \"a\", \"attrs\": {\"func_name\": \"F\", "
      "\"num_inputs\": \"1\", \"num_outputs\": \"1\", \"flatten_data\": "
      "\"0\"}, \"inputs\": [[2, 0, 0]]}, "
      "{\"op\": \"null\", \"name\": \"x\", \"inputs\": []}], "
      "\"arg_nodes\": [2], \"heads\": [[0, 0, 0], [0, 0, 0]], "
      "\"node_row_ptr\": [0, 1, 2, 3], \"attrs\": {"
      "\"dltype\": [\"list_str\", [\"bool\", \"bool\", \"bool\"]], "
      "\"shape\": [\"list_shape\", [[], [], []]], "
      "\"device_index\": [\"list_int\", [1, 1, 1]], "
      "\"storage_id\": [\"list_int\", [0, 0, 0]]}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = dnn_graph_new_from_data (text, -1, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (((DnnNode *) graph->nodes->pdata[0])->name, ==, "a");
  g_assert_true (((DnnNode *) graph->nodes->pdata[1])->flatten_data);
  g_assert_true (graph->params_are_open);
  g_assert_cmpstr (graph->output_names->pdata[0], ==, "b");
  g_assert_cmpstr (graph->output_names->pdata[1], ==, "b_1");
}

typedef struct
{
  const gchar *name;
  const gchar *find, *replace; /* the first occurrence */
  DnnError code;
  const gchar *message; /* whole, behind "m.json: "; or a part, with "*" */
} Row;

static const Row rows[] = {
  /* text */
  { "empty", NULL, "", DNN_ERROR_FORMAT, "no JSON in the text" },
  { "cut-off", NULL, "{\"nodes\": [\n", DNN_ERROR_FORMAT,
      "line 2: the text ends where 2 brackets are not closed: is the file cut "
      "off?" },
  { "two-values", NULL, "{}\n{\"nodes\": []}", DNN_ERROR_FORMAT,
      "line 2: there is text after the end of the JSON" },
  { "not-json", NULL, "nodes", DNN_ERROR_FORMAT,
      "line 1: \"nodes\" is no JSON" },
  { "list", NULL, "[]", DNN_ERROR_VALUE,
      "expected an object, found a list of 0" },
  { "trailing-garbage", "\"me\"}}", "\"me\"}} 5", DNN_ERROR_FORMAT,
      "*there is text after the end of the JSON" },
  { "key-twice", "\"opset\": 21", "\"opset\": 21, \"opset\": 2",
      DNN_ERROR_FORMAT, "the key \"opset\" stands twice in one object" },
  { "above-64-bits", "[1, -1]", "[1, 18446744073709551615]", DNN_ERROR_LIMIT,
      "line 9: the number 18446744073709551615 does not fit 64 bits (-2^63 "
      "to 2^63-1)" },
  { "two-to-63", "[1, -1]", "[9223372036854775808]", DNN_ERROR_LIMIT,
      "*9223372036854775808 does not fit 64 bits" },
  { "hexadecimal", "[1, -1]", "[0x10, -1]", DNN_ERROR_FORMAT,
      "line 9: \"0x\" is no JSON number (no hexadecimal, no leading zeros)" },
  { "octal", "[1, -1]", "[010, -1]", DNN_ERROR_FORMAT,
      "*\"010\" is no JSON number" },
  { "nul-escape", "\"me\"", "\"m\\u0000e\"", DNN_ERROR_FORMAT,
      "*\"\\u0000\" in a string" },
  { "control-character", "\"me\"", "\"m\tq\"", DNN_ERROR_FORMAT,
      "*control character 0x09 in a string" },
  { "byte-order-mark", NULL, "\xef\xbb\xbf{}", DNN_ERROR_FORMAT,
      "line 1: U+FEFF, a byte order mark, is no JSON" },
  { "no-ascii", NULL, "\xc3\xa9", DNN_ERROR_FORMAT,
      "line 1: U+00E9 is no JSON" },
  { "cut-number", "[1, -1]", "[1, -\xc3\xa9]", DNN_ERROR_FORMAT,
      "*line 9: \"-\" is no JSON number" },
  { "nan", "[1, -1]", "[NaN, -1]", DNN_ERROR_FORMAT,
      "line 9: \"NaN\" is no JSON" },
  { "infinity", "[1, -1]", "[-Infinity, -1]", DNN_ERROR_FORMAT,
      "*is no JSON number" },
  { "float-for-int", "[1, -1]", "[1.0, -1]", DNN_ERROR_VALUE,
      "*expected a whole number, found the number 1" },
  { "large-float", "[1, -1]", "[1e308, -1]", DNN_ERROR_VALUE,
      "*expected a whole number, found the number 1" },
  { "float-beyond", "[1, -1]", "[1e999, -1]", DNN_ERROR_VALUE,
      "*expected a whole number, found the number " },
  { "half-surrogate", "\"name\": \"w\"", "\"name\": \"\\ud800\"",
      DNN_ERROR_FORMAT, "*" },
  { "not-utf8", "\"me\"", "\"m\xff\"", DNN_ERROR_FORMAT,
      "*is not valid UTF-8 text" },
  { "comma-at-end", "\"me\"}}", "\"me\"},}", DNN_ERROR_FORMAT, "*Parse error" },

  /* keys */
  { "unknown-key", "\"heads\"", "\"head\"", DNN_ERROR_UNKNOWN_KEY,
      "unknown key \"head\"; did you mean \"heads\"?" },
  { "far-unknown-key", "\"heads\"", "\"quite_other\"", DNN_ERROR_UNKNOWN_KEY,
      "unknown key \"quite_other\" (known: \"nodes\", \"arg_nodes\", "
      "\"heads\", \"node_row_ptr\", \"attrs\", \"metadata\")" },
  { "missing-nodes", NULL, "{}", DNN_ERROR_VALUE,
      "the key \"nodes\" is missing" },
  { "missing-heads", "\"heads\": [[3, 1, 0], [2, 0, 0]],", "", DNN_ERROR_VALUE,
      "the key \"heads\" is missing" },
  { "unknown-node-key", "\"inputs\": []", "\"inputs\": [], \"input\": []",
      DNN_ERROR_UNKNOWN_KEY,
      "nodes[0]: unknown key \"input\"; did you mean \"inputs\"?" },

  /* nodes */
  { "arg-nodes-no-list", "\"arg_nodes\": [0, 1]", "\"arg_nodes\": 1",
      DNN_ERROR_VALUE, "arg_nodes: expected a list, found the number 1" },
  { "node-no-object", "{\"op\": \"null\", \"name\": \"w\", \"inputs\": []}",
      "7.5", DNN_ERROR_VALUE,
      "nodes[1]: expected an object, found the number 7.5" },
  { "unknown-op", "\"tvm_op\"", "\"onnx_op\"", DNN_ERROR_VALUE,
      "nodes[2].op: \"onnx_op\" is neither \"null\" nor \"tvm_op\"" },
  { "op-no-string", "\"tvm_op\"", "true", DNN_ERROR_VALUE,
      "nodes[2].op: expected a string, found true" },
  { "no-name", "\"name\": \"conv\", ", "", DNN_ERROR_VALUE,
      "nodes[2]: the key \"name\" is missing" },
  { "empty-name", "\"conv\"", "\"\"", DNN_ERROR_VALUE, "nodes[2].name: empty" },
  { "same-null-name", "\"name\": \"w\"", "\"name\": \"x\"", DNN_ERROR_GRAPH,
      "nodes[1].name: \"x\" is the name of another input, param or result" },
  { "same-node-name", "\"split\"", "\"conv\"", DNN_ERROR_GRAPH,
      "nodes[3].name: \"conv\" is the name of another node" },
  { "null-with-inputs", "\"inputs\": []", "\"inputs\": [[0, 0, 0]]",
      DNN_ERROR_GRAPH, "nodes[0].inputs: a null node has no inputs, found 1" },
  { "no-attrs", "\"attrs\": {\"func_name\": \"Split\"",
      "\"control_deps\": {\"func_name\": \"Split\"", DNN_ERROR_VALUE,
      "nodes[3]: the key \"attrs\" is missing" },
  { "no-func-name", "\"func_name\": \"Conv\", ", "", DNN_ERROR_VALUE,
      "nodes[2].attrs: the key \"func_name\" is missing" },
  { "empty-func-name", "\"Conv\"", "\"\"", DNN_ERROR_VALUE,
      "nodes[2].attrs.func_name: empty" },
  { "attr-no-string", "\"group\": \"1\"", "\"group\": 1", DNN_ERROR_VALUE,
      "nodes[2].attrs.group: expected a string, found the number 1" },
  { "num-inputs-negative", "\"num_inputs\": \"3\"", "\"num_inputs\": \"-3\"",
      DNN_ERROR_VALUE,
      "nodes[2].attrs.num_inputs: \"-3\" is no count (0 to 4096)" },
  { "num-inputs-text", "\"num_inputs\": \"3\"", "\"num_inputs\": \"3x\"",
      DNN_ERROR_VALUE, "*\"3x\" is no count" },
  { "num-inputs-huge", "\"num_inputs\": \"3\"",
      "\"num_inputs\": \"9223372036854775807\"", DNN_ERROR_LIMIT,
      "nodes[2].attrs.num_inputs: 9223372036854775807 is above the limit of "
      "4096" },
  { "num-inputs-wrong",
      "\"num_inputs\": \"3\", \"num_outputs\": \"1\", "
      "\"flatten_data\": \"0\", \"input_slots\": \"[0, 2]\"",
      "\"num_inputs\": \"2\", \"num_outputs\": \"1\", "
      "\"flatten_data\": \"0\", \"input_slots\": \"[0]\"",
      DNN_ERROR_VALUE,
      "nodes[2].attrs.post_ops[1].input: 2, expected 1: operands stand behind "
      "the formal inputs, in the order of the post-ops" },
  { "inputs-count", "[[0, 0, 0], [1, 0, 0], [0, 0, 0]]",
      "[[0, 0, 0], [1, 0, 0]]", DNN_ERROR_GRAPH,
      "nodes[2].inputs: 2 inputs, but attrs.num_inputs is 3" },
  { "no-outputs",
      "\"num_outputs\": \"2\", \"flatten_data\": \"0\", "
      "\"output_slots\": \"[1, 3]\"",
      "\"num_outputs\": \"0\", \"flatten_data\": \"0\"", DNN_ERROR_GRAPH,
      "nodes[3].attrs.num_outputs: 0, expected 1 or more: a node without "
      "outputs does nothing" },
  { "flatten-data", "\"flatten_data\": \"0\"", "\"flatten_data\": \"2\"",
      DNN_ERROR_LIMIT,
      "nodes[2].attrs.flatten_data: 2 is above the limit of 1" },
  { "slots-count", "\"[0, 2]\"", "\"[0, 1, 2]\"", DNN_ERROR_VALUE,
      "nodes[2].attrs.input_slots: 3 positions for the 2 that are present" },
  { "slots-order", "\"[0, 2]\"", "\"[2, 0]\"", DNN_ERROR_VALUE,
      "nodes[2].attrs.input_slots: \"[2, 0]\": positions ascend from 0 to at "
      "most 4095" },
  { "slots-far", "\"[1, 3]\"", "\"[1, 4096]\"", DNN_ERROR_VALUE,
      "*positions ascend from 0 to at most 4095" },
  { "slots-text", "\"[1, 3]\"", "\"1, 3\"", DNN_ERROR_VALUE,
      "nodes[3].attrs.output_slots: \"1, 3\" is no list of whole numbers" },
  { "post-ops-json", "\\\"Relu\\\"}", "\\\"Relu\\\"", DNN_ERROR_FORMAT,
      "*nodes[2].attrs.post_ops: " },
  { "post-ops-key", "\\\"attributes\\\"", "\\\"attribute\\\"",
      DNN_ERROR_UNKNOWN_KEY,
      "nodes[2].attrs.post_ops[1]: unknown key \"attribute\"; did you mean "
      "\"attributes\"?" },
  { "post-ops-op", "{\\\"op\\\": \\\"Relu\\\"}", "{}", DNN_ERROR_VALUE,
      "nodes[2].attrs.post_ops[0]: the key \"op\" is missing" },
  { "post-ops-attr", "\\\"v\\\"", "1", DNN_ERROR_VALUE,
      "nodes[2].attrs.post_ops[1].attributes.k: expected a string, found the "
      "number 1" },
  { "post-ops-too-many", "\\\"Relu\\\"}",
      "\\\"Mul\\\", \\\"input\\\": 0}, {\\\"op\\\": \\\"Mul\\\", "
      "\\\"input\\\": 1}, {\\\"op\\\": \\\"Mul\\\", \\\"input\\\": 1}",
      DNN_ERROR_VALUE,
      "nodes[2].attrs.num_inputs: 3 inputs, but 4 post-ops have an operand" },

  /* edges */
  { "no-such-node", "[1, 0, 0], [0, 0, 0]", "[17, 0, 0], [0, 0, 0]",
      DNN_ERROR_GRAPH, "nodes[2].inputs[1][0]: 17 is no node (nodes: 0 to 3)" },
  { "negative-node", "[1, 0, 0], [0, 0, 0]", "[-1, 0, 0], [0, 0, 0]",
      DNN_ERROR_GRAPH, "nodes[2].inputs[1][0]: -1 is no node (nodes: 0 to 3)" },
  { "no-such-output", "[1, 0, 0], [0, 0, 0]", "[1, 2, 0], [0, 0, 0]",
      DNN_ERROR_GRAPH,
      "nodes[2].inputs[1][1]: 2 is no output of node \"w\" (outputs: 0 to "
      "0)" },
  { "reference-of-one", "[1, 0, 0], [0, 0, 0]", "[1], [0, 0, 0]",
      DNN_ERROR_VALUE,
      "nodes[2].inputs[1]: expected [node, output, version], found a list of "
      "1" },
  { "reference-of-text", "[1, 0, 0], [0, 0, 0]", "[\"w\", 0], [0, 0, 0]",
      DNN_ERROR_VALUE,
      "nodes[2].inputs[1][0]: expected a whole number, found the string "
      "\"w\"" },
  { "reference-of-fraction", "[1, 0, 0], [0, 0, 0]", "[1.0, 0], [0, 0, 0]",
      DNN_ERROR_VALUE,
      "nodes[2].inputs[1][0]: expected a whole number, found the number "
      "1.0" },
  { "cycle", "[1, 0, 0], [0, 0, 0]", "[3, 0, 0], [0, 0, 0]", DNN_ERROR_CYCLE,
      "the graph has a cycle: conv → split → conv" },
  { "heads-range", "[[3, 1, 0], [2, 0, 0]]", "[[4, 0, 0], [2, 0, 0]]",
      DNN_ERROR_GRAPH, "heads[0][0]: 4 is no node (nodes: 0 to 3)" },
  { "heads-output", "[[3, 1, 0], [2, 0, 0]]", "[[3, 2, 0], [2, 0, 0]]",
      DNN_ERROR_GRAPH,
      "heads[0][1]: 2 is no output of node \"split\" (outputs: 0 to 1)" },
  { "heads-empty", "[[3, 1, 0], [2, 0, 0]]", "[]", DNN_ERROR_GRAPH,
      "heads: empty: the graph has no outputs" },
  { "arg-nodes-range", "\"arg_nodes\": [0, 1]", "\"arg_nodes\": [0, 9]",
      DNN_ERROR_GRAPH, "arg_nodes[1]: 9 is no null node" },
  { "arg-nodes-op", "\"arg_nodes\": [0, 1]", "\"arg_nodes\": [0, 2]",
      DNN_ERROR_GRAPH, "arg_nodes[1]: 2 is no null node" },
  { "arg-nodes-twice", "\"arg_nodes\": [0, 1]", "\"arg_nodes\": [0, 0]",
      DNN_ERROR_GRAPH, "arg_nodes[1]: node 0 stands twice" },
  { "arg-nodes-missing", "\"arg_nodes\": [0, 1]", "\"arg_nodes\": [0]",
      DNN_ERROR_GRAPH, "arg_nodes: null node 1 (\"w\") is missing" },
  { "row-ptr-short", "[0, 1, 2, 3, 5]", "[0, 1, 2, 3]", DNN_ERROR_GRAPH,
      "node_row_ptr: 4 numbers for 4 nodes, expected 5" },
  { "row-ptr-wrong", "[0, 1, 2, 3, 5]", "[0, 1, 2, 4, 5]", DNN_ERROR_GRAPH,
      "node_row_ptr[3]: 4, expected 3: the outputs of the nodes before" },
  { "row-ptr-end", "[0, 1, 2, 3, 5]", "[0, 1, 2, 3, 4]", DNN_ERROR_GRAPH,
      "*node_row_ptr[4]: 4, expected 5" },
  { "row-ptr-negative", "[0, 1, 2, 3, 5]", "[0, -1, 2, 3, 5]", DNN_ERROR_VALUE,
      "*node_row_ptr[1]: -1 is out of range" },

  /* types and shapes */
  { "no-types", "\"dltype\"", "\"dtype\"", DNN_ERROR_UNKNOWN_KEY,
      "attrs: unknown key \"dtype\"; did you mean \"dltype\"?" },
  { "list-tag", "\"list_str\"", "\"list_int\"", DNN_ERROR_VALUE,
      "attrs.dltype[0]: expected \"list_str\", found \"list_int\"" },
  { "list-of-one", "[\"list_int\", [0, 1, 2, 3, 4]]", "[[0, 1, 2, 3, 4]]",
      DNN_ERROR_VALUE,
      "attrs.storage_id: expected [\"list_int\", [...]], found a list of 1" },
  { "types-short", "\"int64\", \"\"]", "\"int64\"]", DNN_ERROR_GRAPH,
      "attrs.dltype[1]: 4 items, but the nodes have 5 outputs" },
  { "shapes-long", "[], []]", "[], [], []]", DNN_ERROR_GRAPH,
      "attrs.shape[1]: 6 items, but the nodes have 5 outputs" },
  { "wrong-dtype", "\"int64\"", "\"float31\"", DNN_ERROR_UNSUPPORTED,
      "attrs.dltype[1][3]: \"float31\" is no data type (float32, float64, "
      "float16, bfloat16, int8 to int64, uint8 to uint64, bool)" },
  { "dtype-lanes", "\"int64\"", "\"float32x4\"", DNN_ERROR_UNSUPPORTED,
      "*\"float32x4\" is no data type" },
  { "dtype-of-input", "[\"float32\"", "[\"\"", DNN_ERROR_UNSUPPORTED,
      "*attrs.dltype[1][0]: \"\" is no data type" },
  { "negative-dim", "[1, -1]", "[1, -2]", DNN_ERROR_VALUE,
      "attrs.shape[1][0][1]: -2 is out of range (-1 to 9223372036854775807)" },
  { "shape-text", "[1, -1]", "[1, \"N\"]", DNN_ERROR_VALUE,
      "*attrs.shape[1][0][1]: expected a whole number" },
  { "too-big", "[4, 4]", "[4, 1099511627776]", DNN_ERROR_LIMIT,
      "attrs.shape[1][1]: a tensor of 4×1099511627776 float32 is above the "
      "limit of 1099511627776 bytes" },
  { "product-overflows", "[4, 4]", "[9223372036854775807, 3]", DNN_ERROR_LIMIT,
      "*is above the limit" },
  { "open-and-huge", "[4, 4]", "[-1, 9223372036854775807, 3]", DNN_ERROR_LIMIT,
      "*a tensor of ?×9223372036854775807×3 float32 is above the limit" },
  { "empty-and-huge", "[4, 4]", "[0, 1099511627776, 1099511627776]",
      DNN_ERROR_LIMIT, "*is above the limit" },
  { "storage-id", "[0, 1, 2, 3, 4]]}", "[0, 1, 2, 3, null]]}", DNN_ERROR_VALUE,
      "attrs.storage_id[1][4]: expected a whole number, found null" },

  /* metadata */
  { "params-unknown", "[\"w\"]", "[\"w\", \"v\"]", DNN_ERROR_GRAPH,
      "metadata.params: \"v\" is no null node" },
  { "params-twice", "[\"w\"]", "[\"w\", \"w\"]", DNN_ERROR_VALUE,
      "metadata.params[1]: \"w\" stands twice" },
  { "outputs-count", "[\"one\", \"two\"]", "[\"one\"]", DNN_ERROR_VALUE,
      "metadata.outputs: 1 names for 2 outputs" },
  { "outputs-twice", "[\"one\", \"two\"]", "[\"one\", \"one\"]",
      DNN_ERROR_VALUE, "metadata.outputs[1]: the name stands twice" },
  { "outputs-empty", "[\"one\", \"two\"]", "[\"one\", \"\"]", DNN_ERROR_GRAPH,
      "one name is empty (output)" },
  { "opset-text", "\"opset\": 21", "\"opset\": \"21\"", DNN_ERROR_VALUE,
      "metadata.opset: expected a whole number, found the string \"21\"" },
  { "value-names-count", "[\"\", \"\", \"c\", \"\", \"last\"]", "[\"c\"]",
      DNN_ERROR_VALUE, "metadata.value_names: 1 names for 5 outputs" },
  { "value-names-twice", "\"c\", \"\", \"last\"", "\"c\", \"\", \"c\"",
      DNN_ERROR_GRAPH, "metadata.value_names[4]: \"c\" stands twice" },
  { "value-names-clash", "\"c\", \"\", \"last\"", "\"w\", \"\", \"last\"",
      DNN_ERROR_GRAPH,
      "metadata.value_names[2]: \"w\" is the name of an input or param" },
  { "dimensions-unknown", "{\"x\": [\"\"", "{\"y\": [\"\"", DNN_ERROR_GRAPH,
      "metadata.dimensions.y: no value has that name" },
  { "dimensions-count", "[\"\", \"N\"]", "[\"N\"]", DNN_ERROR_VALUE,
      "metadata.dimensions.x: 1 names for 2 dimensions" },
  { "metadata-key", "\"opset\": 21", "\"opsets\": 21", DNN_ERROR_UNKNOWN_KEY,
      "metadata.opsets: unknown key, and not a string; did you mean "
      "\"opset\"?" },
};

static gchar *
change (const gchar *find, const gchar *replace)
{
  const gchar *at = find ? strstr (good, find) : NULL;

  if (!find)
    return g_strdup (replace);
  g_assert_nonnull (at);
  return g_strdup_printf (
      "%.*s%s%s", (gint) (at - good), good, replace, at + strlen (find));
}

static void
assert_refused (
    const gchar *text, gssize length, DnnError code, const gchar *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph)
      graph = dnn_graph_new_from_data (text, length, "m.json", &error);

  g_assert_null (graph);
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_true (g_str_has_prefix (error->message, "m.json:"));
  if (message[0] == '*')
    g_assert_nonnull (strstr (error->message, message + 1));
  else
    g_assert_cmpstr (error->message + strlen ("m.json: "), ==, message);
}

static void
test_bad (gconstpointer data)
{
  const Row *row = data;
  g_autofree gchar *text = change (row->find, row->replace);

  assert_refused (text, -1, row->code, row->message);
}

static void
test_rank_100 (void)
{
  g_autoptr (GString) shape = g_string_new ("[1");
  g_autofree gchar *text = NULL;

  for (guint i = 1; i < 100; i++)
    g_string_append (shape, ", 1");
  g_string_append_c (shape, ']');
  text = change ("[1, -1]", shape->str);
  assert_refused (text, -1, DNN_ERROR_LIMIT,
      "attrs.shape[1][0]: 100 dimensions, at most 12 are supported");
}

static void
test_deep (void)
{
  g_autofree gchar *text = g_strnfill (100000, '[');

  assert_refused (
      text, -1, DNN_ERROR_LIMIT, "line 1: nested deeper than 64 levels");
}

/* Wherever the file is cut off: one error, nothing else. */
static void
test_truncated (void)
{
  for (gsize length = 0; length + 1 < strlen (good); length++) {
    g_autofree gchar *text = g_strndup (good, length);
    g_autoptr (GError) error = NULL;
    g_assert_null (dnn_graph_new_from_data (text, length, "m.json", &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  }
}

/* Random bytes changed: an error of ours or a graph, never anything else. */
static void
test_mutations (void)
{
  static const gchar bytes[] = "0123456789-[]{},:\"\\ ex.";
  const guint n_rounds = get_rounds (20000);
  guint n_read = 0;

  for (guint i = 0; i < n_rounds; i++) {
    g_autofree gchar *text = g_strdup (good);
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnGraph) graph = NULL;
    gint n = g_test_rand_int_range (1, 4);
    while (n-- > 0)
      text[g_test_rand_int_range (0, strlen (good))] =
          bytes[g_test_rand_int_range (0, strlen (bytes))];
    graph = dnn_graph_new_from_data (text, -1, "m.json", &error);
    g_assert_true (!graph == (error != NULL));
    if (!graph) {
      g_assert_true (error->domain == DNN_ERROR);
      continue;
    }
    n_read++;
    {
      g_autofree gchar *json = dnn_graph_to_json (graph);
      g_autoptr (DnnGraph)
          again = dnn_graph_new_from_data (json, -1, "again", &error);
      g_assert_no_error (error);
      g_assert_true (dnn_graph_equal (graph, again));
    }
  }
  g_test_message ("%u of %u could be read", n_read, n_rounds);
  g_assert_cmpuint (n_read, >, 0);
}

static gboolean
load (const gchar *path, gpointer data, GError **error)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new_from_file (path, error);

  return graph != NULL;
}

static void
test_files (void)
{
  g_autofree gchar *dir = g_dir_make_tmp ("dnn-graph-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (dir, "json0", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  bad_files_check_no_file (load, NULL);
  g_assert_true (g_file_set_contents (path, good, -1, NULL));
  graph = dnn_graph_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (graph->label, ==, path);
  g_unlink (path);
  g_rmdir (dir);
}

/* ---- params ---------------------------------------------------------------
 */

static DnnParams *
make_params (const gchar *name, DnnType type, DnnShape shape)
{
  DnnParams *params = dnn_params_new ();
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (type, &shape);

  dnn_params_set (params, name, tensor);
  return params;
}

static void
assert_not_bound (DnnParams *params, DnnError code, const gchar *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph)
      graph = dnn_graph_new_from_data (good, -1, "m.json", &error);

  g_assert_no_error (error);
  g_assert_false (dnn_graph_bind_params (graph, params, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
  dnn_params_unref (params);
}

static void
test_params (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph)
      graph = dnn_graph_new_from_data (good, -1, "m.json", &error);
  g_autoptr (DnnParams)
      params = make_params ("w", DNN_TYPE_FLOAT32, (DnnShape){ 2, { 4, 4 } });

  g_assert_true (dnn_graph_bind_params (graph, params, &error));
  g_assert_no_error (error);
  g_assert_true (dnn_graph_find_value (graph, "w")->tensor ==
      dnn_params_get_tensor (params, 0));

  assert_not_bound (dnn_params_new (), DNN_ERROR_UNKNOWN_NAME,
      "m.json: param \"w\" is not in the params file (0 params there)");
  assert_not_bound (
      make_params ("ww", DNN_TYPE_FLOAT32, (DnnShape){ 2, { 4, 4 } }),
      DNN_ERROR_UNKNOWN_NAME,
      "m.json: \"ww\" of the params file is no param of the graph; did you "
      "mean \"w\"?");
  assert_not_bound (make_params ("x", DNN_TYPE_FLOAT32, (DnnShape){ 0 }),
      DNN_ERROR_UNKNOWN_NAME,
      "m.json: \"x\" of the params file is no param of the graph; did you "
      "mean \"w\"?");
  assert_not_bound (
      make_params ("w", DNN_TYPE_INT32, (DnnShape){ 2, { 4, 4 } }),
      DNN_ERROR_TYPE,
      "m.json: param \"w\" is float32 in the graph, but int32 in the params "
      "file");
  assert_not_bound (
      make_params ("w", DNN_TYPE_FLOAT32, (DnnShape){ 2, { 4, 5 } }),
      DNN_ERROR_SHAPE,
      "m.json: param \"w\" is 4×4 in the graph, but 4×5 in the params file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/graph-read/good", test_good);
  g_test_add_func ("/core/graph-read/unsorted", test_unsorted);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/graph-read/bad/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_bad);
  }
  g_test_add_func ("/core/graph-read/bad/rank-100", test_rank_100);
  g_test_add_func ("/core/graph-read/bad/deep", test_deep);
  g_test_add_func ("/core/graph-read/truncated", test_truncated);
  g_test_add_func ("/core/graph-read/mutations", test_mutations);
  g_test_add_func ("/core/graph-read/files", test_files);
  g_test_add_func ("/core/graph-read/params", test_params);
  return g_test_run ();
}
