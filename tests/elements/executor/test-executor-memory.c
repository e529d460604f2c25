/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory of tensors in an executor: what modules see is what was given, what
 * comes is what they wrote; nobody writes to what was given, and it is given
 * back once; frames that follow each other allocate nothing. */
#include "config.h"

#include <string.h>

#include "pipeline-core/base/dnn-dlpack.h"
#include "pipeline-core/op/dnn-op.h"
#include "tests/core/count-allocations.h"
#include "tests/elements/executor/executor-sample.h"

/* float32; more than COUNT_LARGE bytes. */
#define N_LARGE 20000

/* ---- an operator that tells what it sees -------------------------------- */

static const DnnArgRow one_input[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
};
static const DnnArgRow one_output[] = {
  { "Y", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Result" },
};

/* Addresses, of all frames: src and dst in turns. */
static GMutex seen_lock;
static GPtrArray *seen;

static DnnInferResult
infer_look (DnnCall *call, GError **error)
{
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

static gboolean
run_look (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);

  g_mutex_lock (&seen_lock);
  g_ptr_array_add (seen, (gpointer) src[0]);
  g_ptr_array_add (seen, dst[0]);
  g_mutex_unlock (&seen_lock);
  for (gint64 i = 0; i < n; i++)
    ((gfloat *) dst[0])[i] = -((const gfloat *) src[0])[i];
  return TRUE;
}

/* Would rather run in place. */
static const DnnOp look = {
  .name = "Sample.Look",
  .doc = "y = -x",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_look,
  .ref = run_look,
  .ref_in_place = TRUE,
};

/* A module of @n_nodes of them, which run on n float32. */
static DnnModule *
make_looking (gint64 n, guint n_nodes)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("look");
  DnnShape shape = dnn_shape (1, n);
  DnnValue *value = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  for (guint i = 0; i < n_nodes; i++) {
    g_autofree gchar *name = g_strdup_printf ("y%u", i);
    DnnNode *node = dnn_graph_add_node (graph, name, "Sample.Look");
    dnn_node_add_input (node, value);
    value = dnn_graph_add_result (graph, node, name);
  }
  dnn_graph_add_output (graph, "y", value);
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

/* x → module → … → module → out. */
static DnnPipelineConfig *
make_chain (gint64 n, guint n_nodes, guint n_modules)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  DnnPipelineInterface *end = dnn_pipeline_config_get_input (config, "x");

  for (guint i = 0; i < n_modules; i++) {
    g_autoptr (DnnModule) module = make_looking (n, n_nodes);
    DnnPipelineModule *place = dnn_pipeline_config_get_module (config, module);
    sample_connect (end, dnn_pipeline_module_get_input (place, "x", NULL));
    end = dnn_pipeline_module_get_output (place, 0, NULL);
  }
  sample_connect (end, dnn_pipeline_config_get_output (config, 0));
  return config;
}

/* ---- where it lies ------------------------------------------------------ */

/* @shift: bytes behind an address that lies on 64. */
static void
check_addresses (DnnPipelineExecutor *executor, gfloat *memory, gsize shift)
{
  gfloat *x = memory + shift / sizeof (gfloat);
  DnnShape shape = dnn_shape (1, (gint64) SAMPLE_SIZE);
  g_autoptr (DnnTensor) output = NULL, input = NULL;
  DLManagedTensor *managed;

  for (guint i = 0; i < SAMPLE_SIZE; i++)
    x[i] = (gfloat) i + 1;
  input = dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape, x, NULL, NULL);
  g_ptr_array_set_size (seen, 0);
  output = sample_pass (executor, input);
  g_assert_cmpuint (seen->len, ==, 4);
  g_assert_true (seen->pdata[0] == x);
  g_assert_true (seen->pdata[1] == seen->pdata[2]);
  managed = dnn_tensor_to_dlpack (output);
  g_assert_true (seen->pdata[3] == managed->dl_tensor.data);
  managed->deleter (managed);
  for (guint i = 0; i < SAMPLE_SIZE; i++) {
    g_assert_cmpfloat (x[i], ==, (gfloat) i + 1);
    g_assert_cmpfloat (
        ((const gfloat *) dnn_tensor_get_data (output))[i], ==, x[i]);
  }
}

/* Module to module and back to the program, wherever the input lies. */
static void
test_addresses (void)
{
  g_autoptr (DnnPipelineConfig) config = make_chain (SAMPLE_SIZE, 1, 2);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  gfloat *memory = dnn_alloc_aligned (128);

  for (gsize shift = 0; shift < 64; shift += 4)
    check_addresses (executor, memory, shift);
  dnn_free_aligned (memory);
}

/* With DLPack's offset and strides: only a layout that is not row-major makes
 * a copy. */
typedef struct
{
  DLManagedTensor managed;
  gint64 dims[2], strides[2];
  gint n_deleted;
} Foreign;

static void
delete_foreign (DLManagedTensor *managed)
{
  g_atomic_int_inc (&((Foreign *) managed->manager_ctx)->n_deleted);
}

static void
init_foreign (Foreign *self, gpointer data, gint64 row, gint64 column)
{
  *self = (Foreign){ .dims = { 2, 2 }, .strides = { row, column } };
  self->managed.manager_ctx = self;
  self->managed.deleter = delete_foreign;
  self->managed.dl_tensor = (DLTensor){ .data = data,
    .device = { kDLCPU, 0 },
    .ndim = 2,
    .dtype = { kDLFloat, 32, 1 },
    .shape = self->dims,
    .strides = self->strides,
    .byte_offset = 2 * sizeof (gfloat) };
}

static void
test_layout (void)
{
  static const struct
  {
    gint64 row, column;
    gboolean is_copied;
    gfloat expected[4];
  } rows[] = { { 2, 1, FALSE, { 2, 3, 4, 5 } }, { 4, 1, TRUE, { 2, 3, 6, 7 } },
    { 1, 2, TRUE, { 2, 4, 3, 5 } }, { 0, 1, TRUE, { 2, 3, 2, 3 } },
    { 3, -1, TRUE, { 2, 1, 5, 4 } } };
  gfloat memory[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (DnnPipelineConfig) config = sample_element ("identity");
    g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
    g_autoptr (GError) error = NULL;
    DnnTensor *tensor, *output;
    Foreign foreign;

    init_foreign (&foreign, memory, rows[i].row, rows[i].column);
    tensor = dnn_tensor_new_from_dlpack (&foreign.managed, &error);
    g_assert_no_error (error);
    output = sample_pass (executor, tensor);
    g_assert_cmpint (
        dnn_tensor_get_data (output) != memory + 2, ==, rows[i].is_copied);
    g_assert_cmpint (memcmp (dnn_tensor_get_data (output), rows[i].expected,
                         sizeof rows[i].expected),
        ==, 0);
    g_assert_cmpint (foreign.n_deleted, ==, rows[i].is_copied ? 1 : 0);
    dnn_tensor_unref (tensor);
    dnn_tensor_unref (output);
    g_clear_object (&executor);
    g_assert_cmpint (foreign.n_deleted, ==, 1);
  }
}

/* ---- nobody writes to it ------------------------------------------------ */

/* Modules whose operators run in place on each other's results, an element
 * that changes buffers where they lie, and both from one input. */
static void
check_unchanged (DnnPipelineConfig *config, gfloat expected)
{
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  DnnShape shape = dnn_shape (1, (gint64) SAMPLE_SIZE);
  const gfloat before[SAMPLE_SIZE] = { 3, 4, 5, 6 };
  gfloat memory[SAMPLE_SIZE];
  DnnTensor *tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &shape, memory, NULL, NULL);

  memcpy (memory, before, sizeof memory);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (DnnTensor) output = sample_pass (executor, tensor);
    g_assert_cmpfloat (
        *(const gfloat *) dnn_tensor_get_data (output), ==, expected);
    g_assert_true (dnn_tensor_get_data (output) != memory);
    g_assert_cmpint (memcmp (memory, before, sizeof memory), ==, 0);
  }
  dnn_tensor_unref (tensor);
}

/* x → negate → a, x → b of a module: what the branch changes isn't x. */
static DnnPipelineConfig *
make_branches (void)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  g_autoptr (DnnGraph) graph = dnn_graph_new ("sum");
  DnnShape shape = dnn_shape (1, (gint64) SAMPLE_SIZE);
  g_autoptr (DnnModule) module = NULL;
  DnnPipelineInterface *x = dnn_pipeline_config_get_input (config, "x");
  DnnPipelineModule *negate = dnn_pipeline_config_append_element (
      config, "samplenegate");
  DnnNode *node = dnn_graph_add_node (graph, "n", "Sub");
  DnnPipelineModule *join;

  dnn_node_add_input (
      node, dnn_graph_add_input (graph, "a", DNN_TYPE_FLOAT32, &shape));
  dnn_node_add_input (
      node, dnn_graph_add_input (graph, "b", DNN_TYPE_FLOAT32, &shape));
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
  module = dnn_module_new (graph, NULL);
  join = dnn_pipeline_config_get_module (config, module);
  sample_connect (x, dnn_pipeline_module_get_input (negate, "0", NULL));
  sample_connect (x, dnn_pipeline_module_get_input (join, "b", NULL));
  sample_connect (dnn_pipeline_module_get_output (negate, 0, NULL),
      dnn_pipeline_module_get_input (join, "a", NULL));
  sample_connect (dnn_pipeline_module_get_output (join, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  return config;
}

static void
test_unchanged (void)
{
  g_autoptr (DnnPipelineConfig) in_place = make_chain (SAMPLE_SIZE, 3, 1);
  g_autoptr (DnnPipelineConfig) element = sample_element ("samplenegate");
  g_autoptr (DnnPipelineConfig) both = sample_elements (
      (const gchar *const[]){ "queue", "samplenegate", NULL });
  g_autoptr (DnnPipelineConfig) branches = make_branches ();

  check_unchanged (in_place, -3);
  check_unchanged (element, -3);
  check_unchanged (both, -3);
  check_unchanged (branches, -6);
}

/* ---- given back --------------------------------------------------------- */

typedef struct
{
  gfloat memory[SAMPLE_SIZE];
  gint n_given_back; /* atomic */
  GThread *thread; /* that did it */
} Lent;

static void
give_back (gpointer data)
{
  Lent *self = data;

  self->thread = g_thread_self ();
  g_atomic_int_inc (&self->n_given_back);
}

static DnnTensor *
lend (Lent *self)
{
  DnnShape shape = dnn_shape (1, (gint64) SAMPLE_SIZE);

  *self = (Lent){ { 1, 2, 3, 4 } };
  return dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &shape, self->memory, give_back, self);
}

/* Set and never run, set again, run, in flight when it is stopped, refused:
 * once each. */
static void
test_given_back (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  Lent lent[5];
  DnnTensor *tensors[5];

  for (guint i = 0; i < G_N_ELEMENTS (lent); i++)
    tensors[i] = lend (&lent[i]);
  sample_set (executor, tensors[0]);
  sample_set (executor, tensors[1]);
  dnn_tensor_unref (tensors[0]);
  g_assert_cmpint (lent[0].n_given_back, ==, 1);
  g_assert_true (lent[0].thread == g_thread_self ());
  dnn_tensor_unref (sample_pass (executor, tensors[1]));
  sample_set (executor, tensors[2]);
  dnn_tensor_unref (tensors[1]);
  sample_gate_shut ();
  g_assert_true (dnn_pipeline_executor_run (executor, NULL));
  sample_set (executor, tensors[3]);
  g_assert_true (dnn_pipeline_executor_run (executor, NULL));
  sample_gate_wait_for (1);
  g_assert_false (
      dnn_pipeline_executor_set_input (executor, "none", tensors[4], NULL));
  for (guint i = 2; i < 5; i++)
    dnn_tensor_unref (tensors[i]);
  g_assert_cmpint (g_atomic_int_get (&lent[2].n_given_back), ==, 0);
  g_assert_cmpint (lent[4].n_given_back, ==, 1);
  g_clear_object (&executor);
  sample_gate_open ();
  for (guint i = 0; i < G_N_ELEMENTS (lent); i++)
    g_assert_cmpint (g_atomic_int_get (&lent[i].n_given_back), ==, 1);
}

/* By the pipeline's thread, when it is the last to hold the tensor. */
static void
test_given_back_by_pipeline (void)
{
  g_autoptr (DnnPipelineConfig) config = make_chain (SAMPLE_SIZE, 1, 1);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  Lent first, second;
  DnnTensor *tensor = lend (&first);

  sample_gate_open ();
  sample_set (executor, tensor);
  g_assert_true (dnn_pipeline_executor_run (executor, NULL));
  dnn_tensor_unref (tensor);
  tensor = lend (&second);
  dnn_tensor_unref (sample_pass (executor, tensor));
  dnn_tensor_unref (tensor);
  dnn_pipeline_executor_stop (executor);
  g_assert_cmpint (g_atomic_int_get (&first.n_given_back), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&second.n_given_back), ==, 0);
  g_clear_object (&executor);
  g_assert_cmpint (g_atomic_int_get (&second.n_given_back), ==, 1);
}

/* An output that is the input holds it, after the executor has gone too. */
static void
test_output_outlives (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("identity");
  DnnPipelineExecutor *executor = sample_executor (config);
  Lent lent;
  DnnTensor *tensor = lend (&lent);
  DnnTensor *output = sample_pass (executor, tensor);

  dnn_tensor_unref (tensor);
  g_object_unref (executor);
  g_assert_cmpint (lent.n_given_back, ==, 0);
  g_assert_cmpfloat (*(const gfloat *) dnn_tensor_get_data (output), ==, 1);
  dnn_tensor_unref (output);
  g_assert_cmpint (lent.n_given_back, ==, 1);
}

/* ---- frames that follow each other -------------------------------------- */

static void
run_large (DnnPipelineExecutor *executor, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++) {
    g_autoptr (GPtrArray) frame = NULL;
    g_assert_true (dnn_pipeline_executor_run (executor, NULL));
    g_assert_true (dnn_pipeline_executor_run (executor, NULL));
    for (guint j = 0; j < 2; j++) {
      g_clear_pointer (&frame, g_ptr_array_unref);
      frame = dnn_pipeline_executor_wait_output (executor, -1, NULL);
      g_assert_cmpuint (frame->len, ==, 1);
    }
  }
}

/* Two frames in flight, two modules, and what lies between. */
static void
test_steady (void)
{
  g_autoptr (DnnPipelineConfig) config = make_chain (N_LARGE, 3, 2);
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  DnnShape shape = dnn_shape (1, (gint64) N_LARGE);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gint before = count_large_allocations ();

  if (!count_allocations_or_skip ())
    return;
  executor = sample_executor (config);
  sample_set (executor, tensor);
  run_large (executor, 20);
  g_assert_cmpint (count_large_allocations (), >, before);
  before = count_large_allocations ();
  run_large (executor, 100);
  g_assert_cmpint (count_large_allocations (), ==, before);
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    GTestFunc run;
  } tests[] = { { "addresses", test_addresses }, { "layout", test_layout },
    { "unchanged", test_unchanged }, { "given-back", test_given_back },
    { "given-back-by-pipeline", test_given_back_by_pipeline },
    { "output-outlives", test_output_outlives }, { "steady", test_steady } };

  g_test_init (&argc, &argv, NULL);
  sample_init ();
  dnn_op_register (&look);
  seen = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/executor-memory/", tests[i].name, NULL);
    g_test_add_func (path, tests[i].run);
  }
  return g_test_run ();
}
