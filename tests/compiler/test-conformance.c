/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX's own conformance models, as far as their operators are ours: each is
 * imported and run on its inputs, the outputs compared with the expected. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "compiler/onnx/dnn-onnx-read.h"
#include "compiler/onnx/dnn-upgrade.h"
#include "compiler/passes/dnn-pass.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/plan/dnn-infer.h"
#include "tests/compiler/onnx-run.h"

#include <string.h>

/* ONNX's own test runner compares with these. */
#define RTOL 1e-3
#define ATOL 1e-7
#define BFLOAT16_RTOL (1 / 128.0)

/* Models that don't pass, and why. One that passes is a failure here, so that
 * the list stays true. */
typedef struct
{
  const gchar *name; /* "*" is anything */
  const gchar *reason; /* part of the message */
  gboolean may_pass; /* the fault is in some releases' data */
} Exclusion;

static const Exclusion exclusions[] = {
  { "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_"
    "True",
      "expected 0.0846", TRUE },
  { "test_cast*FLOAT8*", "support" },
  { "test_cast*FLOAT4*", "support" },
  { "test_cast*INT4*", "support" },
  { "test_cast*INT2*", "support" },
  { "test_cast*STRING*", "support" },
  { "test_equal_string*", "support" },
  { "test_batchnorm_epsilon_training_mode", "has 3 outputs" },
  { "test_batchnorm_example_training_mode", "has 3 outputs" },
  { "test_castlike_BFLOAT16_to_FLOAT_expanded",
      "input \"like\" is 1, expected 3×4", TRUE },
  { "test_castlike_FLOAT_to_BFLOAT16_expanded",
      "input \"like\" is 1, expected 3×4", TRUE },
  { "test_training_dropout", "only inference is supported" },
  { "test_training_dropout_default", "only inference is supported" },
  { "test_training_dropout_default_mask", "only inference is supported" },
  { "test_training_dropout_mask", "only inference is supported" },
  { "test_training_dropout_zero_ratio", "only inference is supported" },
  { "test_training_dropout_zero_ratio_mask", "only inference is supported" },
  { NULL, NULL },
};

static const Exclusion *
find_exclusion (const gchar *name)
{
  for (guint i = 0; exclusions[i].name; i++)
    if (g_pattern_match_simple (exclusions[i].name, name))
      return &exclusions[i];
  return NULL;
}

static GPtrArray *
read_tensors (const gchar *dir, const gchar *what, guint n, GError **error)
{
  g_autoptr (GPtrArray) tensors = onnx_run_new_list ();

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *path = g_strdup_printf (
        "%s/test_data_set_0/%s_%u.pb", dir, what, i);
    DnnTensor *tensor = onnx_run_read_tensor (path, error);
    if (!tensor)
      return NULL;
    g_ptr_array_add (tensors, tensor);
  }
  return g_steal_pointer (&tensors);
}

/* Test data of older releases has bfloat16 as uint16 of the same bits, made by
 * cutting off, not by rounding. */
static gdouble
fix_types (GPtrArray *tensors, GPtrArray *values)
{
  gdouble rtol = RTOL;

  for (guint i = 0; i < tensors->len; i++) {
    DnnTensor *tensor = tensors->pdata[i];
    const DnnValue *value = values->pdata[i];
    if (value->type != DNN_TYPE_BFLOAT16 ||
        dnn_tensor_get_element_type (tensor) != DNN_TYPE_UINT16)
      continue;
    tensors->pdata[i] = dnn_tensor_new_wrapped (DNN_TYPE_BFLOAT16,
        dnn_tensor_get_shape (tensor), dnn_tensor_get_data (tensor),
        (GDestroyNotify) dnn_tensor_unref, tensor);
    rtol = BFLOAT16_RTOL;
  }
  return rtol;
}

static gboolean
compare (GPtrArray *found, GPtrArray *expected, gdouble rtol, GError **error)
{
  for (guint i = 0; i < expected->len; i++) {
    g_autofree gchar *why = NULL;
    if (!onnx_run_close (
            found->pdata[i], expected->pdata[i], rtol, ATOL, &why)) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "output %u: %s", i, why);
      return FALSE;
    }
  }
  return TRUE;
}

/* Where a shape depends on an input's data (Reshape's shape, Pad's pads,
 * Resize's scales), which is never the first one, all but that are given to
 * the plan as params. */
static GPtrArray *
run_with_params (DnnGraph *graph, GPtrArray *inputs, GError **error)
{
  g_autoptr (DnnGraph) copy = dnn_graph_copy (graph);
  g_autoptr (GPtrArray) values = g_ptr_array_copy (copy->inputs, NULL, NULL);
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();

  g_ptr_array_set_free_func (values, NULL);
  for (guint i = 0; i < values->len; i++) {
    DnnValue *value = values->pdata[i];
    if (i > 0 || value->type == DNN_TYPE_INT64)
      dnn_graph_set_param (copy, value, inputs->pdata[i]);
    else
      g_ptr_array_add (rest, inputs->pdata[i]);
  }
  return onnx_run_module (copy, rest, error);
}

/* By ref alone, and as the plan runs it. */
static gboolean
run_graph (DnnGraph *graph, GPtrArray *inputs, GPtrArray *expected,
    gdouble rtol, GError **error)
{
  g_autoptr (GPtrArray) by_ref = onnx_run_ref (graph, inputs, error);
  g_autoptr (GPtrArray) by_plan = NULL;
  g_autoptr (GError) local = NULL;

  if (!by_ref || !compare (by_ref, expected, rtol, error)) {
    g_prefix_error (error, "by reference: ");
    return FALSE;
  }
  by_plan = onnx_run_module (graph, inputs, &local);
  if (!by_plan && strstr (local->message, "depends on the data")) {
    g_clear_error (&local);
    by_plan = run_with_params (graph, inputs, &local);
  }
  if (by_plan && compare (by_plan, expected, rtol, &local))
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "as a module: ");
  return FALSE;
}

static gboolean
run_model (const gchar *dir, GError **error)
{
  g_autofree gchar *path = g_build_filename (dir, "model.onnx", NULL);
  g_autoptr (DnnGraph) graph = dnn_onnx_import_file (path, error);
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GPtrArray) expected = NULL;
  gdouble rtol;

  if (!graph || !dnn_infer_into_graph (graph, error))
    return FALSE;
  inputs = read_tensors (dir, "input", graph->inputs->len, error);
  if (!inputs)
    return FALSE;
  fix_types (inputs, graph->inputs);
  expected = read_tensors (dir, "output", graph->outputs->len, error);
  if (!expected)
    return FALSE;
  rtol = fix_types (expected, graph->outputs);
  return run_graph (graph, inputs, expected, rtol, error);
}

static void
test_model (gconstpointer data)
{
  const gchar *dir = data;
  g_autofree gchar *name = g_path_get_basename (dir);
  const Exclusion *exclusion = find_exclusion (name);
  g_autoptr (GError) error = NULL;
  gboolean ok = run_model (dir, &error);

  if (!exclusion && !ok)
    g_test_fail_printf ("%s", error->message);
  if (!exclusion)
    return;
  g_test_message ("excluded: %s", exclusion->reason);
  if (ok && exclusion->may_pass)
    return;
  if (ok)
    g_test_fail_printf ("passes now: take it off the list of exclusions");
  else if (!strstr (error->message, exclusion->reason))
    g_test_fail_printf ("fails for another reason: %s", error->message);
}

static void
test_no_models (void)
{
  g_test_skip ("no conformance models; DNN_ONNX_TESTDATA names their folder");
}

/* Models of an operator that is no longer known would be passed over. */
static void
test_operators (void)
{
  static const gchar *const ops[] = { "Add", "AveragePool",
    "BatchNormalization", "Cast", "Clip", "Concat", "Conv", "ConvTranspose",
    "Div", "Dropout", "Exp", "Flatten", "Gemm", "GlobalAveragePool",
    "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "MatMul", "MaxPool",
    "Mul", "Pad", "ReduceMean", "Relu", "Reshape", "Resize", "Sigmoid", "Slice",
    "Softmax", "Split", "Squeeze", "Sub", "Swish", "Tanh", "Transpose",
    "Unsqueeze", "Upsample" };

  for (guint i = 0; i < G_N_ELEMENTS (ops); i++)
    if (!dnn_upgrade_knows (ops[i]))
      g_error ("%s is not known", ops[i]);
}

/* All operators are ours, in an opset we read. */
static gboolean
is_ours (const DnnOnnxModel *model)
{
  for (gsize i = 0; i < model->header->n_opset_import; i++) {
    const Onnx__OperatorSetIdProto *opset = model->header->opset_import[i];
    if ((opset->domain && *opset->domain) || opset->version < DNN_OPSET_OLDEST)
      return FALSE;
  }
  for (guint i = 0; i < model->nodes->len; i++) {
    Onnx__NodeProto *node = dnn_onnx_unpack_node (
        g_array_index (model->nodes, DnnWireSpan, i));
    gboolean known = strcmp (node->op_type, "Constant") == 0 ||
        dnn_upgrade_knows (node->op_type);
    onnx__node_proto__free_unpacked (node, NULL);
    if (!known)
      return FALSE;
  }
  return model->nodes->len > 0;
}

static gboolean
has_tensors_only (const DnnOnnxModel *model)
{
  for (gsize i = 0; i < model->graph->n_input; i++)
    if (model->graph->input[i]->type->value_case !=
        ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
      return FALSE;
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

static void
add_models (const gchar *root, const gchar *folder, guint *n, guint *n_skipped)
{
  g_autofree gchar *path = g_build_filename (root, folder, NULL);
  g_autoptr (GDir) entries = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;

  while (entries && (name = g_dir_read_name (entries)))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    gchar *dir = g_build_filename (path, names->pdata[i], NULL);
    g_autofree gchar *file = g_build_filename (dir, "model.onnx", NULL);
    g_autoptr (DnnOnnxModel) model = dnn_onnx_model_open (file, NULL);
    g_autofree gchar *test = g_strdup_printf (
        "/compiler/conformance/%s/%s", folder, (gchar *) names->pdata[i]);
    if (!model || !is_ours (model) || !has_tensors_only (model)) {
      g_free (dir);
      (*n_skipped)++;
      continue;
    }
    g_test_add_data_func_full (test, dir, test_model, g_free);
    (*n)++;
  }
}

int
main (int argc, char **argv)
{
  static const gchar *const folders[] = { "node", "pytorch-converted",
    "pytorch-operator", "simple" };
  const gchar *root = g_getenv ("DNN_ONNX_TESTDATA");
  guint n = 0, n_skipped = 0;

  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_func ("/compiler/conformance/operators", test_operators);
  for (guint i = 0; root && i < G_N_ELEMENTS (folders); i++)
    add_models (root, folders[i], &n, &n_skipped);
  if (n + n_skipped == 0)
    g_test_add_func ("/compiler/conformance/models", test_no_models);
  g_test_message ("%u models; %u have other operators or opsets", n, n_skipped);
  return g_test_run ();
}
