/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params set while an instance runs: packed, in place, at the output; for one
 * instance, all shapes, from one frame to the next; and what is refused. */
#include "config.h"

#include "pipeline-core/plan/dnn-instance.h"

#include <string.h>

#include "pipeline-core/plan/dnn-weights.h"
#include "pipeline-core/store/dnn-store.h"
#include "tests/core/fake-ops.h"

#define SEED 20
#define N_CHANNELS 16

static DnnTensor *
make_tensor (gint rank, gint64 c, gint64 l, gfloat first)
{
  DnnShape shape = dnn_shape (rank, (gint64) 1, c, l);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (gint64 i = 0; i < dnn_shape_n_elements (&shape); i++)
    data[i] = first + (gfloat) (i % 7);
  return tensor;
}

/* Adds to @graph; the graph doesn't take it. */
static void
add_param (DnnGraph *graph, const gchar *name, gint64 l)
{
  g_autoptr (DnnTensor) tensor = make_tensor (3, N_CHANNELS, l, 3);

  dnn_graph_add_param (graph, name, tensor);
}

static DnnModule *
make_module (DnnGraph *graph)
{
  g_autoptr (GError) error = NULL;
  DnnModule *module = dnn_module_new (graph, &error);

  g_assert_no_error (error);
  return module;
}

/* A packed param, one read as it lies, one that is an output, one folded, one
 * a shape, one nobody uses. */
static DnnModule *
make_sample (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("sample");
  DnnNode *node;

  fake_input (graph, "x", N_CHANNELS, 8);
  fake_param (graph, "packed", N_CHANNELS);
  add_param (graph, "plain", 8);
  add_param (graph, "operand", 8);
  add_param (graph, "output", 8);
  add_param (graph, "folded", 8);
  add_param (graph, "unused", 8);
  fake_ints (graph, "shape", 3, (gint64) 1, (gint64) 8, (gint64) 16);
  fake_node (graph, "Fake.Scale", "s", "x", "packed");
  node = fake_node (graph, "Fake.Add", "a", "s", "plain");
  dnn_node_add_post_op (node, "Fake.Add", dnn_attrs_new (),
      dnn_graph_find_value (graph, "operand"));
  fake_node (graph, "Fake.Shift", "f", "folded");
  fake_node (graph, "Fake.Add", "b", "a", "f");
  fake_node (graph, "Fake.Reshape", "r", "b", "shape");
  fake_output (graph, "b");
  fake_output (graph, "output");
  fake_output (graph, "r");
  return make_module (graph);
}

static DnnInstance *
make_instance (DnnModule *module)
{
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = dnn_instance_new (module, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  return instance;
}

static void
prepare (DnnInstance *instance)
{
  DnnModule *module = dnn_instance_get_module (instance);
  DnnShape shapes[4];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    shapes[i] = *dnn_module_get_input_shape (module, i);
  dnn_instance_prepare (instance, shapes, &error);
  g_assert_no_error (error);
}

/* What the module answers with @params in place of its own, by ref alone. */
static GPtrArray *
evaluate (DnnModule *module, DnnParams *params, GPtrArray *inputs)
{
  g_autoptr (DnnGraph) graph = dnn_graph_copy (dnn_module_get_graph (module));

  for (guint i = 0; params && i < dnn_params_get_n (params); i++) {
    DnnValue *value = dnn_graph_find_value (
        graph, dnn_params_get_name (params, i));
    dnn_tensor_unref (value->tensor);
    value->tensor = dnn_tensor_ref (dnn_params_get_tensor (params, i));
  }
  return fake_evaluate (graph, inputs);
}

static GPtrArray *
run (DnnInstance *instance, GPtrArray *inputs)
{
  DnnModule *module = dnn_instance_get_module (instance);
  guint n = dnn_module_get_n_outputs (module);
  GPtrArray *outputs = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  gconstpointer src[4];
  gpointer dst[4];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < inputs->len; i++)
    src[i] = dnn_tensor_get_data (inputs->pdata[i]);
  for (guint i = 0; i < n; i++) {
    DnnTensor *tensor = dnn_tensor_new (dnn_module_get_output_type (module, i),
        dnn_instance_get_output_shape (instance, i));
    g_ptr_array_add (outputs, tensor);
    dst[i] = dnn_tensor_get_writable_data (tensor);
  }
  dnn_instance_run (instance, src, dst, &error);
  g_assert_no_error (error);
  return outputs;
}

static void
check (DnnInstance *instance, DnnParams *params, guint32 seed)
{
  DnnModule *module = dnn_instance_get_module (instance);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GPtrArray)
      inputs = fake_random_inputs (dnn_module_get_graph (module), random);
  g_autoptr (GPtrArray) expected = evaluate (module, params, inputs);
  g_autoptr (GPtrArray) found = run (instance, inputs);

  for (guint i = 0; i < expected->len; i++)
    g_assert_true (dnn_tensor_equal (found->pdata[i], expected->pdata[i]));
}

static void
set (DnnInstance *instance, DnnParams *params)
{
  g_autoptr (GError) error = NULL;

  dnn_instance_set_params (instance, params, &error);
  g_assert_no_error (error);
}

static DnnParams *
make_params (const gchar *name, gfloat first)
{
  DnnParams *params = dnn_params_new ();
  gboolean packed = strcmp (name, "packed") == 0;
  g_autoptr (DnnTensor)
      tensor = make_tensor (packed ? 2 : 3, N_CHANNELS, 8, first);

  dnn_params_set (params, name, tensor);
  return params;
}

/* ---- what works --------------------------------------------------------- */

static void
test_one (gconstpointer name)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnInstance) other = make_instance (module);
  g_autoptr (DnnParams) params = make_params (name, -50);
  g_autoptr (DnnParams) again = make_params (name, 20);

  prepare (instance);
  prepare (other);
  check (instance, NULL, 1);
  set (instance, params);
  check (instance, params, 2);
  check (other, NULL, 3);
  set (instance, again);
  check (instance, again, 4);
}

/* Those set before stay. */
static void
test_two (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnParams) both = make_params ("packed", 2);
  g_autoptr (DnnParams) plain = make_params ("plain", 9);

  prepare (instance);
  set (instance, both);
  set (instance, plain);
  dnn_params_set (both, "plain", dnn_params_lookup (plain, "plain"));
  check (instance, both, 1);
}

static void
test_before_prepare (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnParams) params = make_params ("packed", 2);

  set (instance, params);
  prepare (instance);
  check (instance, params, 1);
  dnn_instance_unprepare (instance);
  prepare (instance);
  check (instance, params, 2);
}

/* For shapes seen before and shapes that come later. */
static void
test_shapes (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("open");
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) N_CHANNELS, (gint64) -1);
  g_autoptr (DnnParams) params = make_params ("packed", 2);
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  static const gint64 lengths[] = { 8, 5, 8, 3, 5 };

  dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  fake_param (graph, "packed", N_CHANNELS);
  fake_node (graph, "Fake.Scale", "s", "x", "packed");
  fake_output (graph, "s");
  module = make_module (graph);
  instance = make_instance (module);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func (
        (GDestroyNotify) dnn_tensor_unref);
    g_autoptr (GPtrArray) expected = NULL, found = NULL;

    shape.dims[2] = lengths[i];
    g_assert_true (dnn_instance_prepare (instance, &shape, NULL));
    if (i == 1)
      set (instance, params);
    g_ptr_array_add (inputs, make_tensor (3, N_CHANNELS, lengths[i], -2));
    expected = evaluate (module, i < 1 ? NULL : params, inputs);
    found = run (instance, inputs);
    g_assert_true (dnn_tensor_equal (found->pdata[0], expected->pdata[0]));
  }
}

/* Bytes of someone else, misaligned: used as long as the instance needs them,
 * then given back. */
static void
test_foreign_memory (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autofree gfloat *memory = g_new0 (gfloat, N_CHANNELS * 8 + 1);
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) N_CHANNELS, (gint64) 8);
  gint n_given_back = 0;
  DnnTensor *tensor = dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape,
      memory + 1, (GDestroyNotify) g_atomic_int_inc, &n_given_back);
  DnnParams *params = dnn_params_new ();

  for (guint i = 0; i <= N_CHANNELS * 8; i++)
    memory[i] = (gfloat) i;
  dnn_params_set (params, "plain", tensor);
  dnn_tensor_unref (tensor);
  prepare (instance);
  set (instance, params);
  check (instance, params, 1);
  dnn_params_unref (params);
  g_assert_cmpint (n_given_back, ==, 0);
  g_clear_object (&instance);
  g_assert_cmpint (n_given_back, ==, 1);
}

/* In two steps: frames run with those of before until it is taken, also where
 * others are made meanwhile, and where it is unprepared in between. */
static void
test_update (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnInstance) other = make_instance (module);
  g_autoptr (DnnParams) packed = make_params ("packed", 2);
  g_autoptr (DnnParams) plain = make_params ("plain", 9);
  g_autoptr (DnnParams) both = dnn_params_new ();
  g_autoptr (GError) error = NULL;
  DnnUpdate *first, *second;

  dnn_params_set (both, "packed", dnn_params_lookup (packed, "packed"));
  dnn_params_set (both, "plain", dnn_params_lookup (plain, "plain"));
  prepare (instance);
  first = dnn_instance_make_update (instance, NULL, packed, &error);
  g_assert_no_error (error);
  second = dnn_instance_make_update (
      instance, dnn_update_get_params (first), plain, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_update_is_for (first, instance));
  g_assert_false (dnn_update_is_for (first, other));
  check (instance, NULL, 1);
  g_assert_true (dnn_instance_take_update (instance, first, &error));
  check (instance, packed, 2);
  dnn_instance_unprepare (instance);
  prepare (instance);
  check (instance, packed, 3);
  g_assert_true (dnn_instance_take_update (instance, second, &error));
  check (instance, both, 4);
  set (instance, packed);
  first = dnn_instance_make_update (instance, NULL, plain, NULL);
  dnn_update_free (first);
  check (instance, both, 5);
}

/* Instances that get the same tensors read one copy of what is made of them;
 * blocks that don't hang on those are the plan's own. */
static void
test_once (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) a = make_instance (module);
  g_autoptr (DnnInstance) b = make_instance (module);
  g_autoptr (DnnInstance) other = make_instance (module);
  g_autoptr (DnnParams) packed = make_params ("packed", 2);
  g_autoptr (DnnParams) same = dnn_params_new ();
  g_autoptr (DnnParams) plain = make_params ("plain", 9);
  gsize bytes = N_CHANNELS * sizeof (gfloat), before;
  guint64 n_filled;
  g_autoptr (DnnWeights) first = NULL, second = NULL, third = NULL;
  DnnPlan *plan;

  dnn_params_set (same, "packed", dnn_params_lookup (packed, "packed"));
  prepare (a);
  prepare (b);
  prepare (other);
  before = dnn_store_get_size ();
  n_filled = dnn_store_get_n_filled ();
  set (a, packed);
  set (b, same);
  check (a, packed, 1);
  check (b, packed, 2);
  check (other, NULL, 3);
  g_assert_cmpuint (dnn_store_get_n_filled (), ==, n_filled + 1);
  g_assert_cmpuint (dnn_store_get_size (), ==, before + bytes);

  plan = dnn_instance_get_plan (a);
  first = dnn_weights_get (plan, packed, NULL);
  second = dnn_weights_get (plan, same, NULL);
  third = dnn_weights_get (plan, plain, NULL);
  g_assert_true (first == second);
  g_assert_true (first != third);
  g_assert_true (
      dnn_weights_get_packed (first, 0) != dnn_weights_get_packed (third, 0));
  g_assert_cmpuint (dnn_store_get_n_filled (), ==, n_filled + 1);
}

/* Made before there is a plan, taken when there is one; dropped with it. */
static void
test_update_before_prepare (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnParams) params = make_params ("packed", 2);
  g_autoptr (DnnParams) again = make_params ("packed", 4);
  DnnUpdate *update = dnn_instance_make_update (instance, NULL, params, NULL);

  prepare (instance);
  check (instance, NULL, 1);
  g_assert_true (dnn_instance_take_update (instance, update, NULL));
  check (instance, params, 2);
  update = dnn_instance_make_update (instance, NULL, again, NULL);
  dnn_instance_unprepare (instance);
  g_assert_true (dnn_instance_take_update (instance, update, NULL));
  prepare (instance);
  check (instance, again, 3);
}

/* Every frame has the params of before or those of after. */
typedef struct
{
  DnnInstance *instance;
  GPtrArray *inputs;
  GPtrArray *expected[2];
  gint is_done; /* atomic */
  guint n_frames[2];
} Stream;

static gpointer
run_stream (gpointer data)
{
  Stream *stream = data;

  while (!g_atomic_int_get (&stream->is_done)) {
    g_autoptr (GPtrArray) found = run (stream->instance, stream->inputs);
    guint which = dnn_tensor_equal (
                      found->pdata[0], stream->expected[0]->pdata[0])
        ? 0
        : 1;
    stream->n_frames[which]++;
    for (guint i = 0; i < found->len; i++)
      g_assert_true (dnn_tensor_equal (
          found->pdata[i], stream->expected[which]->pdata[i]));
  }
  return NULL;
}

static void
test_while_running (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  g_autoptr (GPtrArray)
      inputs = fake_random_inputs (dnn_module_get_graph (module), random);
  DnnParams *params[2] = { make_params ("packed", 1),
    make_params ("packed", 9) };
  Stream stream = { instance, inputs };
  GThread *thread;

  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnTensor) plain = make_tensor (3, N_CHANNELS, 8, 5 + (gint) i);
    dnn_params_set (params[i], "plain", plain);
    stream.expected[i] = evaluate (module, params[i], inputs);
  }
  prepare (instance);
  set (instance, params[0]);
  thread = g_thread_new ("stream", run_stream, &stream);
  for (guint i = 1; i <= 100; i++)
    set (instance, params[i % 2]);
  g_atomic_int_set (&stream.is_done, 1);
  g_thread_join (thread);
  for (guint i = 0; i < 2; i++) {
    g_ptr_array_unref (stream.expected[i]);
    dnn_params_unref (params[i]);
  }
}

/* Random graphs: what is taken answers as a module made with it; every param
 * that is read in a frame is taken. */
static void
test_random (void)
{
  for (guint32 seed = SEED; seed < SEED + 200; seed++) {
    g_autoptr (GRand) random = g_rand_new_with_seed (seed);
    g_autoptr (DnnGraph) graph = fake_random_graph (random, 30);
    g_autoptr (DnnModule) module = make_module (graph);
    g_autoptr (DnnInstance) instance = make_instance (module);
    g_autoptr (DnnParams) params = dnn_params_new ();

    g_test_message ("seed %u", seed);
    for (guint i = 1; i <= 16; i += 1 + seed % 3) {
      g_autofree gchar *name = g_strdup_printf ("w%u", i);
      g_autoptr (DnnTensor) tensor = make_tensor (2, i, 0, -3);
      dnn_params_set (params, name, tensor);
    }
    prepare (instance);
    check (instance, NULL, seed);
    set (instance, params);
    check (instance, params, seed);
  }
}

/* ---- what is refused ---------------------------------------------------- */

typedef struct
{
  const gchar *name; /* of the test */
  const gchar *param;
  gint rank;
  gint64 c, l;
  DnnError code;
  const gchar *message;
} Row;

static const Row rows[] = {
  { "unknown", "plains", 3, N_CHANNELS, 8, DNN_ERROR_UNKNOWN_NAME,
      "sample: \"plains\" is no param of the module, did you mean \"plain\"?" },
  { "input", "x", 3, N_CHANNELS, 8, DNN_ERROR_UNKNOWN_NAME,
      "sample: \"x\" is no param of the module" },
  { "shape-differs", "plain", 3, N_CHANNELS, 9, DNN_ERROR_SHAPE,
      "sample: param \"plain\" is 1×16×9, expected 1×16×8" },
  { "rank-differs", "plain", 2, N_CHANNELS, 0, DNN_ERROR_SHAPE,
      "sample: param \"plain\" is 1×16, expected 1×16×8" },
  { "type-differs", "shape", 1, 0, 0, DNN_ERROR_TYPE,
      "sample: param \"shape\" is float32, expected int64" },
  { "folded", "folded", 3, N_CHANNELS, 8, DNN_ERROR_UNSUPPORTED,
      "sample: param \"folded\" can't be replaced while running: the plan was "
      "made from its value" },
};

static void
check_refused (DnnParams *params, DnnError code, const gchar *message)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnParams) good = make_params ("packed", 4);
  g_autoptr (GError) error = NULL;

  prepare (instance);
  set (instance, good);
  g_assert_false (dnn_instance_set_params (instance, params, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
  check (instance, good, 1);
}

static void
test_refused (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (DnnTensor) tensor = make_tensor (row->rank, row->c, row->l, 0);

  dnn_params_set (params, row->param, tensor);
  check_refused (params, row->code, row->message);
}

static void
test_shape_value (void)
{
  g_autoptr (DnnParams) params = dnn_params_new ();
  DnnShape shape = dnn_shape (1, (gint64) 3);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT64, &shape);

  dnn_params_set (params, "shape", tensor);
  check_refused (params, DNN_ERROR_UNSUPPORTED,
      "sample: param \"shape\" can't be replaced while running: the plan was "
      "made from its value");
}

static void
test_none (void)
{
  g_autoptr (DnnParams) params = dnn_params_new ();

  check_refused (params, DNN_ERROR_VALUE, "sample: No params were given");
}

/* Set before there is a plan: planning then says so. */
static void
test_refused_later (void)
{
  g_autoptr (DnnModule) module = make_sample ();
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autoptr (DnnParams) params = make_params ("folded", 4);
  g_autoptr (GError) error = NULL;

  set (instance, params);
  g_assert_false (dnn_instance_prepare (
      instance, dnn_module_get_input_shape (module, 0), &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "param \"folded\""));
}

static void
test_same_bytes (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("same");
  g_autoptr (DnnTensor) tensor = make_tensor (3, N_CHANNELS, 8, 1);
  g_autoptr (DnnParams) params = make_params ("a", 4);
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  fake_input (graph, "x", N_CHANNELS, 8);
  dnn_graph_add_param (graph, "a", tensor);
  dnn_graph_add_param (graph, "b", tensor);
  fake_node (graph, "Fake.Add", "y", "x", "a");
  fake_node (graph, "Fake.Add", "z", "y", "b");
  fake_output (graph, "z");
  module = make_module (graph);
  instance = make_instance (module);
  prepare (instance);
  g_assert_false (dnn_instance_set_params (instance, params, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
      "same: param \"a\" can't be replaced while running: \"b\" has the same "
      "bytes in memory");
}

gint
main (gint argc, gchar **argv)
{
  static const gchar *const names[] = { "packed", "plain", "operand", "output",
    "unused" };

  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = g_strconcat (
        "/core/set-params/one/", names[i], NULL);
    g_test_add_data_func (path, names[i], test_one);
  }
  g_test_add_func ("/core/set-params/two", test_two);
  g_test_add_func ("/core/set-params/before-prepare", test_before_prepare);
  g_test_add_func ("/core/set-params/once", test_once);
  g_test_add_func ("/core/set-params/update", test_update);
  g_test_add_func (
      "/core/set-params/update-before-prepare", test_update_before_prepare);
  g_test_add_func ("/core/set-params/shapes", test_shapes);
  g_test_add_func ("/core/set-params/foreign-memory", test_foreign_memory);
  g_test_add_func ("/core/set-params/while-running", test_while_running);
  g_test_add_func ("/core/set-params/random", test_random);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *path = g_strconcat (
        "/core/set-params/refused/", rows[i].name, NULL);
    g_test_add_data_func (path, &rows[i], test_refused);
  }
  g_test_add_func ("/core/set-params/refused/shape", test_shape_value);
  g_test_add_func ("/core/set-params/refused/none", test_none);
  g_test_add_func ("/core/set-params/refused/later", test_refused_later);
  g_test_add_func ("/core/set-params/refused/same-bytes", test_same_bytes);
  return g_test_run ();
}
