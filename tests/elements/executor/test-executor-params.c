/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params of a running pipeline: the frame they begin at, in all modules of a
 * group or in none, while others run frames; what is refused. */
#include "config.h"

#include <string.h>

#include "tests/elements/executor/executor-sample.h"

#define SEED 20260728
/* Values of "w" lie so far apart that sums of different ones can't be mixed
 * up. */
#define STEP 1000

/* Modules 0, 1, 2 of the param group "weights", with a gate at one of four
 * places. Output: (x + w0 + w1) + (x + w0) + w2, which is 2·x + 4·w.
 *
 *   x → (0) → m0 → (1) → m1 → m2 → (3) → global output 0
 *              └───── (2) ────↗
 */
static DnnPipelineInterface *
through_gate (DnnPipelineConfig *config, DnnPipelineInterface *src)
{
  DnnPipelineModule *gate = dnn_pipeline_config_append_element (
      config, "samplegate");

  sample_connect (src, dnn_pipeline_module_get_input (gate, "0", NULL));
  return dnn_pipeline_module_get_output (gate, 0, NULL);
}

static DnnPipelineConfig *
make_config (guint place)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  DnnPipelineModule *places[3];
  DnnPipelineInterface *ends[4];

  for (guint i = 0; i < 3; i++) {
    g_autoptr (DnnModule)
        module = sample_module (1, 0, "a", i == 2 ? "b" : NULL);
    places[i] = dnn_pipeline_config_get_module (config, module);
    sample_connect (dnn_pipeline_config_get_param_group (config, "weights"),
        dnn_pipeline_module_get_param (places[i]));
  }
  ends[0] = dnn_pipeline_config_get_input (config, "x");
  ends[1] = ends[2] = dnn_pipeline_module_get_output (places[0], 0, NULL);
  ends[3] = dnn_pipeline_module_get_output (places[2], 0, NULL);
  if (place < 4)
    ends[place] = through_gate (config, ends[place]);
  sample_connect (
      ends[0], dnn_pipeline_module_get_input (places[0], "a", NULL));
  sample_connect (
      ends[1], dnn_pipeline_module_get_input (places[1], "a", NULL));
  sample_connect (dnn_pipeline_module_get_output (places[1], 0, NULL),
      dnn_pipeline_module_get_input (places[2], "a", NULL));
  sample_connect (
      ends[2], dnn_pipeline_module_get_input (places[2], "b", NULL));
  sample_connect (ends[3], dnn_pipeline_config_get_output (config, 0));
  return config;
}

static DnnValue *
add_node (DnnGraph *graph, const gchar *op, const gchar *name, DnnValue *a,
    DnnValue *b)
{
  DnnNode *node = dnn_graph_add_node (graph, name, op);

  dnn_node_add_input (node, a);
  dnn_node_add_input (node, b);
  return dnn_graph_add_result (graph, node, name);
}

static void
add_to_group (DnnPipelineConfig *config, DnnModule *module)
{
  sample_connect (dnn_pipeline_config_get_param_group (config, "weights"),
      dnn_pipeline_module_get_param (
          dnn_pipeline_config_get_module (config, module)));
}

static void
set_params (DnnPipelineExecutor *executor, guint value)
{
  g_autoptr (DnnParams) params = sample_params ("w", (gfloat) (STEP * value));
  g_autoptr (GError) error = NULL;

  dnn_pipeline_executor_set_params (executor, "weights", params, &error);
  g_assert_no_error (error);
}

/* The value that all modules had; what they hadn't in common fails. */
static guint
find_value (GPtrArray *frame, gfloat x)
{
  gfloat sum = sample_get_first (frame) - 2 * x;
  guint value = (guint) (sum / (4 * STEP));

  g_assert_cmpuint (frame->len, ==, 1);
  g_assert_cmpfloat (sum, ==, (gfloat) (4 * STEP * value));
  return value;
}

static void
check_value (DnnPipelineExecutor *executor, gfloat x, guint value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      frame = dnn_pipeline_executor_wait_output (executor, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (find_value (frame, x), ==, value);
}

/* ---- between which frames ----------------------------------------------- */

/* Frames stand on both sides of the gate when params are set. */
static void
test_in_flight (gconstpointer data)
{
  g_autoptr (DnnPipelineConfig) config = make_config (GPOINTER_TO_UINT (data));
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  guint x = 0;

  sample_gate_shut ();
  for (guint i = 0; i < 4; i++)
    sample_run_first (executor, (gfloat) i);
  sample_gate_wait_for (1);
  set_params (executor, 1);
  for (guint i = 4; i < 7; i++)
    sample_run_first (executor, (gfloat) i);
  set_params (executor, 2);
  set_params (executor, 3);
  sample_gate_step ();
  sample_gate_wait_for (2);
  sample_run_first (executor, 7);
  sample_gate_open ();
  for (; x < 4; x++)
    check_value (executor, (gfloat) x, 0);
  for (; x < 7; x++)
    check_value (executor, (gfloat) x, 1);
  check_value (executor, 7, 3);
  sample_run_first (executor, 8);
  check_value (executor, 8, 3);
}

/* Each frame has params of its own. */
static void
test_each_frame (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  sample_gate_shut ();
  for (guint i = 0; i < 20; i++) {
    set_params (executor, i);
    sample_run_first (executor, (gfloat) i);
  }
  sample_gate_open ();
  for (guint i = 0; i < 20; i++)
    check_value (executor, (gfloat) i, i);
}

/* Rows of SAMPLE_SIZE elements, as many as a frame has. */
static DnnPipelineConfig *
make_open (void)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  DnnShape open = dnn_shape (2, (gint64) -1, (gint64) SAMPLE_SIZE);
  DnnShape one = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  g_autoptr (DnnTensor) zero = dnn_tensor_new (DNN_TYPE_FLOAT32, &one);
  DnnPipelineInterface *end = dnn_pipeline_config_get_input (config, "x");

  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnGraph) graph = dnn_graph_new ("open");
    g_autoptr (DnnModule) module = NULL;
    DnnPipelineModule *place;

    dnn_graph_add_output (graph, "y",
        add_node (graph, "Add", "y",
            dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &open),
            dnn_graph_add_param (graph, "w", zero)));
    module = dnn_module_new (graph, NULL);
    place = dnn_pipeline_config_get_module (config, module);
    sample_connect (i ? through_gate (config, end) : end,
        dnn_pipeline_module_get_input (place, "x", NULL));
    end = dnn_pipeline_module_get_output (place, 0, NULL);
    add_to_group (config, module);
  }
  sample_connect (end, dnn_pipeline_config_get_output (config, 0));
  return config;
}

/* Every frame of another shape, in turns; params begin in between. */
static void
test_shapes (void)
{
  static const gint64 n_rows[] = { 1, 2, 3, 1, 1, 2, 3, 2, 2, 4 };
  const guint n = G_N_ELEMENTS (n_rows);
  g_autoptr (DnnPipelineConfig) config = make_open ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  sample_gate_shut ();
  for (guint i = 0; i < n; i++) {
    DnnShape shape = dnn_shape (2, n_rows[i], (gint64) SAMPLE_SIZE);
    g_autoptr (DnnTensor) x = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);

    *(gfloat *) dnn_tensor_get_writable_data (x) = (gfloat) i;
    sample_set (executor, x);
    if (i == 2 || i == 5 || i == 6)
      set_params (executor, i);
    g_assert_true (dnn_pipeline_executor_run (executor, NULL));
    if (i == 3)
      sample_gate_step ();
  }
  sample_gate_open ();
  for (guint i = 0; i < n; i++) {
    gfloat w = i < 2 ? 0 : i < 5 ? 2 : i < 6 ? 5 : 6;
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray)
        frame = dnn_pipeline_executor_wait_output (executor, -1, &error);
    g_assert_no_error (error);
    g_assert_cmpint (
        dnn_tensor_get_shape (frame->pdata[0])->dims[0], ==, n_rows[i]);
    g_assert_cmpfloat (sample_get_first (frame), ==, (gfloat) i + 2 * STEP * w);
  }
}

/* One thread sets, one runs, one gets. What was run after the setting of a
 * value has it or a later one, the same in all modules; values never go
 * back. */
typedef struct
{
  DnnPipelineExecutor *executor;
  gint n_set; /* atomic: this value and all before are set */
  gint n_frames;
  gint *least; /* by frame: the value it has at least */
} Stress;

static gpointer
set_many (gpointer data)
{
  Stress *stress = data;
  GRand *random = g_rand_new_with_seed (SEED);

  for (gint i = 1; i <= 60; i++) {
    set_params (stress->executor, (guint) i);
    g_atomic_int_set (&stress->n_set, i);
    for (gint n = g_rand_int_range (random, 0, 50); n > 0; n--)
      g_thread_yield ();
  }
  g_rand_free (random);
  return NULL;
}

static gpointer
run_many (gpointer data)
{
  Stress *stress = data;

  for (gint i = 0; i < stress->n_frames; i++) {
    stress->least[i] = g_atomic_int_get (&stress->n_set);
    sample_run_first (stress->executor, (gfloat) (i % 16));
  }
  return NULL;
}

static void
test_stress (gconstpointer data)
{
  g_autoptr (DnnPipelineConfig) config = make_config (GPOINTER_TO_UINT (data));
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  Stress stress = { executor, 0, 400, NULL };
  GThread *setter, *runner;
  guint value = 0;

  g_test_message ("seed %d", SEED);
  g_object_set (executor, "max-in-flight", stress.n_frames, NULL);
  stress.least = g_new0 (gint, stress.n_frames);
  setter = g_thread_new ("setter", set_many, &stress);
  runner = g_thread_new ("runner", run_many, &stress);
  for (gint i = 0; i < stress.n_frames; i++) {
    g_autoptr (GPtrArray)
        frame = dnn_pipeline_executor_wait_output (executor, -1, NULL);
    guint found = find_value (frame, (gfloat) (i % 16));
    g_assert_cmpuint (found, >=, value);
    g_assert_cmpint ((gint) found, >=, stress.least[i]);
    value = found;
  }
  g_thread_join (runner);
  g_thread_join (setter);
  sample_run_first (executor, 5);
  check_value (executor, 5, 60);
  g_free (stress.least);
}

/* Two threads set different params of one group: both are in force at last. */
static gpointer
set_v (gpointer executor)
{
  for (guint i = 1; i <= 20; i++) {
    g_autoptr (DnnParams) params = sample_params ("v", (gfloat) i);
    g_assert_true (
        dnn_pipeline_executor_set_params (executor, "weights", params, NULL));
  }
  return NULL;
}

static void
test_two_setters (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("two");
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  g_autoptr (DnnTensor) zero = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnTensor) none = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (DnnModule) module = NULL;
  DnnValue *sum = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  DnnPipelineModule *place;
  GThread *setter;

  sum = add_node (
      graph, "Add", "s", sum, dnn_graph_add_param (graph, "w", zero));
  sum = add_node (
      graph, "Add", "t", sum, dnn_graph_add_param (graph, "v", none));
  dnn_graph_add_output (graph, "t", sum);
  module = dnn_module_new (graph, NULL);
  place = dnn_pipeline_config_get_module (config, module);
  sample_connect (dnn_pipeline_config_get_input (config, "x"),
      dnn_pipeline_module_get_input (place, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (place, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  add_to_group (config, module);
  executor = sample_executor (config);
  setter = g_thread_new ("setter", set_v, executor);
  for (guint i = 1; i <= 20; i++)
    set_params (executor, i);
  g_thread_join (setter);
  sample_run_first (executor, 3);
  sample_check_first (executor, 3 + 20 * STEP + 20);
}

/* ---- in all or in none -------------------------------------------------- */

/* y = Reshape (x · b, shape): "b" is packed, "shape" is what the plan is made
 * from. */
static DnnModule *
make_matmul (gfloat diagonal)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("matmul");
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  DnnShape square = dnn_shape (2, (gint64) SAMPLE_SIZE, (gint64) SAMPLE_SIZE);
  DnnShape pair = dnn_shape (1, (gint64) 2);
  g_autoptr (DnnTensor) b = dnn_tensor_new (DNN_TYPE_FLOAT32, &square);
  g_autoptr (DnnTensor) dims = dnn_tensor_new (DNN_TYPE_INT64, &pair);
  DnnValue *x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  for (guint i = 0; i < SAMPLE_SIZE; i++)
    ((gfloat *) dnn_tensor_get_writable_data (
        b))[i * (SAMPLE_SIZE + 1)] = diagonal;
  ((gint64 *) dnn_tensor_get_writable_data (dims))[0] = 1;
  ((gint64 *) dnn_tensor_get_writable_data (dims))[1] = SAMPLE_SIZE;
  x = add_node (graph, "MatMul", "m", x, dnn_graph_add_param (graph, "b", b));
  x = add_node (
      graph, "Reshape", "y", x, dnn_graph_add_param (graph, "shape", dims));
  dnn_graph_add_output (graph, "y", x);
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

/* x → matmul → matmul; only the second one is asked for "shape". */
static DnnPipelineConfig *
make_packed (void)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  DnnPipelineInterface *end = dnn_pipeline_config_get_input (config, "x");

  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnModule) module = make_matmul (2);
    DnnPipelineModule *place = dnn_pipeline_config_get_module (config, module);
    sample_connect (end, dnn_pipeline_module_get_input (place, "x", NULL));
    end = dnn_pipeline_module_get_output (place, 0, NULL);
    add_to_group (config, module);
  }
  sample_connect (end, dnn_pipeline_config_get_output (config, 0));
  return config;
}

static DnnParams *
make_square (DnnType type, gint64 n, gfloat diagonal)
{
  DnnShape square = dnn_shape (2, n, n);
  g_autoptr (DnnTensor) b = dnn_tensor_new (type, &square);
  DnnParams *params = dnn_params_new ();

  for (gint64 i = 0; i < n; i++)
    dnn_type_set (type, dnn_tensor_get_writable_data (b), (gsize) (i * (n + 1)),
        (gdouble) diagonal);
  dnn_params_set (params, "b", b);
  return params;
}

static void
check_refused (DnnPipelineExecutor *executor, const gchar *group,
    DnnParams *params, DnnError code, const gchar *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      dnn_pipeline_executor_set_params (executor, group, params, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
check_factor (DnnPipelineExecutor *executor, gfloat factor)
{
  sample_run_first (executor, 3);
  sample_check_first (executor, 3 * factor);
}

/* Another executor of the same modules shares their packed weights. */
static void
test_packed (void)
{
  g_autoptr (DnnPipelineConfig) config = make_packed ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnPipelineExecutor) other = sample_executor (config);
  g_autoptr (DnnPipelineExecutor) later = NULL;
  g_autoptr (DnnParams) params = make_square (DNN_TYPE_FLOAT32, 4, 5);

  check_factor (executor, 4);
  g_assert_true (
      dnn_pipeline_executor_set_params (executor, "weights", params, NULL));
  check_factor (executor, 25);
  check_factor (other, 4);
  later = sample_executor (config);
  check_factor (later, 4);
  check_factor (executor, 25);
}

/* The first module would take it, the second one refuses. */
static void
test_all_or_none (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (DnnModule) first = sample_module (1, 1, "x", NULL);
  g_autoptr (DnnModule) second = make_matmul (2);
  g_autoptr (DnnParams) params = sample_params ("w", 7);
  g_autoptr (DnnParams) good = sample_params ("w", 8);
  DnnShape pair = dnn_shape (1, (gint64) 2);
  g_autoptr (DnnTensor) dims = dnn_tensor_new (DNN_TYPE_INT64, &pair);
  DnnPipelineModule *a = dnn_pipeline_config_get_module (config, first);
  DnnPipelineModule *b = dnn_pipeline_config_get_module (config, second);

  add_to_group (config, first);
  add_to_group (config, second);
  sample_connect (dnn_pipeline_config_get_input (config, "x"),
      dnn_pipeline_module_get_input (a, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (a, 0, NULL),
      dnn_pipeline_module_get_input (b, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (b, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  executor = sample_executor (config);
  dnn_params_set (params, "shape", dims);
  check_refused (executor, "weights", params, DNN_ERROR_UNSUPPORTED,
      "param \"shape\" can't be replaced while running: the plan was made from "
      "its value");
  sample_run_first (executor, 3);
  sample_check_first (executor, 2 * (3 + 1));
  g_assert_true (
      dnn_pipeline_executor_set_params (executor, "weights", good, NULL));
  sample_run_first (executor, 3);
  sample_check_first (executor, 2 * (3 + 8));
}

static void
test_refused (void)
{
  g_autoptr (DnnPipelineConfig) config = make_packed ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnParams) good = make_square (DNN_TYPE_FLOAT32, 4, 5);
  g_autoptr (DnnParams) type = make_square (DNN_TYPE_FLOAT16, 4, 5);
  g_autoptr (DnnParams) shape = make_square (DNN_TYPE_FLOAT32, 5, 5);
  g_autoptr (DnnParams) name = sample_params ("bb", 5);
  g_autoptr (DnnParams) input = sample_params ("x", 5);
  g_autoptr (DnnParams) none = dnn_params_new ();

  check_refused (executor, "weight", good, DNN_ERROR_UNKNOWN_NAME,
      "There is no param group \"weight\"");
  check_refused (
      executor, NULL, good, DNN_ERROR_UNKNOWN_NAME, "There is no param group");
  check_refused (executor, "weights", none, DNN_ERROR_VALUE,
      "Param group \"weights\": no params were given");
  check_refused (executor, "weights", name, DNN_ERROR_UNKNOWN_NAME,
      "Param group \"weights\": \"bb\" is no param of its modules");
  check_refused (executor, "weights", input, DNN_ERROR_UNKNOWN_NAME,
      "Param group \"weights\": \"x\" is no param of its modules");
  check_refused (executor, "weights", type, DNN_ERROR_TYPE,
      "param \"b\" is float16, expected float32");
  check_refused (executor, "weights", shape, DNN_ERROR_SHAPE,
      "param \"b\" is 5×5, expected 4×4");
  check_factor (executor, 4);
}

/* ---- memory ------------------------------------------------------------- */

/* Params are given back once when others have taken their place. */
static void
test_given_back (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (4);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  gfloat values[SAMPLE_SIZE] = { STEP, STEP, STEP, STEP };
  gint n_given_back = 0;
  DnnTensor *tensor = dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape, values,
      (GDestroyNotify) g_atomic_int_inc, &n_given_back);
  DnnParams *params = dnn_params_new ();

  dnn_params_set (params, "w", tensor);
  dnn_tensor_unref (tensor);
  g_assert_true (
      dnn_pipeline_executor_set_params (executor, "weights", params, NULL));
  dnn_params_unref (params);
  sample_run_first (executor, 1);
  check_value (executor, 1, 1);
  g_assert_cmpint (g_atomic_int_get (&n_given_back), ==, 0);
  set_params (executor, 2);
  sample_run_first (executor, 1);
  check_value (executor, 1, 2);
  dnn_pipeline_executor_stop (executor);
  g_assert_cmpint (g_atomic_int_get (&n_given_back), ==, 1);
}

gint
main (gint argc, gchar **argv)
{
  static const gchar *places[] = { "first", "in-the-middle", "in-a-branch",
    "last" };

  g_test_init (&argc, &argv, NULL);
  sample_init ();
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/executor-params/in-flight/gate-", places[i], NULL);
    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_in_flight);
  }
  g_test_add_func ("/elements/executor-params/each-frame", test_each_frame);
  g_test_add_func ("/elements/executor-params/shapes", test_shapes);
  g_test_add_data_func ("/elements/executor-params/stress/modules-only",
      GUINT_TO_POINTER (4), test_stress);
  g_test_add_data_func ("/elements/executor-params/stress/with-element",
      GUINT_TO_POINTER (2), test_stress);
  g_test_add_func ("/elements/executor-params/two-setters", test_two_setters);
  g_test_add_func ("/elements/executor-params/packed", test_packed);
  g_test_add_func ("/elements/executor-params/all-or-none", test_all_or_none);
  g_test_add_func ("/elements/executor-params/refused", test_refused);
  g_test_add_func ("/elements/executor-params/given-back", test_given_back);
  return g_test_run ();
}
