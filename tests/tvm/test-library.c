/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Libraries compiled for this test, in both C interfaces → results, errors, and
 * what their functions see and may call. */
#include "config.h"

#include "tests/tvm/one-node.h"

#include <math.h>
#include <string.h>

#include "kernels/dnn-init.h"

#define N 8

/* ---- running ------------------------------------------------------------ */

static DnnModule *
load (const OneNode *node, const gchar *library)
{
  g_autofree gchar *path = one_node_library (library);
  g_autoptr (GError) error = NULL;
  DnnModule *module = one_node_load (node, path, &error);

  g_assert_no_error (error);
  return module;
}

/* One frame of N numbers, twice. */
static void
run (DnnInstance *instance, gconstpointer src, gfloat *result)
{
  gfloat dst[N + 16] __attribute__ ((aligned (64)));
  gconstpointer inputs[] = { src };
  gpointer outputs[] = { dst };
  g_autoptr (GError) error = NULL;

  for (gint i = 0; i < 2; i++) {
    memset (dst, 0xa5, sizeof dst);
    dnn_instance_run (instance, inputs, outputs, &error);
    g_assert_no_error (error);
    for (gint j = N; j < N + 16; j++)
      g_assert_cmphex (((const guint32 *) dst)[j], ==, 0xa5a5a5a5);
  }
  memcpy (result, dst, N * sizeof (gfloat));
}

static const gfloat numbers[N]
    __attribute__ ((aligned (64))) = { 1, -2, 3, 0.5, 0, 7, -0.25, 4 };

static void
run_one (const OneNode *node, const gchar *library, gint threads,
    gconstpointer src, gfloat *result)
{
  g_autoptr (DnnModule) module = load (node, library);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnInstance) instance = one_node_prepare (module, threads, &error);

  g_assert_no_error (error);
  run (instance, src, result);
}

typedef struct
{
  const gchar *name, *library;
  OneNode node;
  gfloat (*expected) (gfloat value);
} ResultCase;

static gfloat
double_it (gfloat value)
{
  return 2 * value;
}

static gfloat
negate_it (gfloat value)
{
  return -value;
}

static const ResultCase result_cases[] = {
  { "packed", "packed.so", { "twice", "float32", "2, 4", "2, 4" }, double_it },
  { "packed-own-function-by-name", "packed.so",
      { "call_own", "float32", "2, 4", "2, 4" }, double_it },
  { "packed-flattened", "packed.so",
      { "twice", "float32", "1, 2, 4", "1, 2, 4", TRUE }, double_it },
  { "ffi", "ffi.so", { "tangent", "float32", "2, 4", "2, 4" }, tanhf },
  { "ffi-own-function-by-name", "ffi.so",
      { "call_own", "float32", "2, 4", "2, 4" }, tanhf },
  { "ffi-plain-name", "ffi-plain.so", { "negate", "float32", "2, 4", "2, 4" },
      negate_it },
  { "ffi-plain-name-of-c", "ffi-host.so",
      { "negate", "float32", "2, 4", "2, 4" }, negate_it },
#ifdef __x86_64__
  { "packed-float16", "half.so", { "twice", "float32", "8", "8" }, double_it },
#endif
};

static void
test_result (gconstpointer data)
{
  const ResultCase *row = data;
  gfloat result[N];

  run_one (&row->node, row->library, 1, numbers, result);
  for (gint i = 0; i < N; i++)
    g_assert_cmpfloat (result[i], ==, row->expected (numbers[i]));
}

/* ndim, first dimension and stride, code, bits, lanes, device, misalignment */
typedef struct
{
  const gchar *name, *library;
  OneNode node;
  gfloat expected[N];
} SeenCase;

static const SeenCase seen_cases[] = {
  { "packed", "packed.so", { "describe", "float32", "3, 1, 5", "8" },
      { 3, 3, 5, 2, 32, 1, 1, 0 } },
  { "packed-flattened", "packed.so",
      { "describe", "float32", "3, 1, 5", "8", TRUE },
      { 1, 15, 1, 2, 32, 1, 1, 0 } },
  { "packed-bool", "packed.so", { "describe", "bool", "3, 2", "8" },
      { 2, 3, 2, 1, 1, 1, 1, 0 } },
  { "packed-int64", "packed.so", { "describe", "int64", "3, 2", "8" },
      { 2, 3, 2, 0, 64, 1, 1, 0 } },
  { "ffi", "ffi.so", { "describe", "float32", "3, 1, 5", "8" },
      { 3, 3, 5, 2, 32, 1, 1, 0 } },
  { "ffi-flattened", "ffi.so", { "describe", "float32", "3, 1, 5", "8", TRUE },
      { 1, 15, 1, 2, 32, 1, 1, 0 } },
  { "ffi-plain-bool", "ffi-plain.so", { "describe", "bool", "3, 2", "8" },
      { 2, 3, 2, 1, 1, 1, 1, 0 } },
  { "ffi-bool", "ffi.so", { "describe", "bool", "3, 2", "8" },
      { 2, 3, 2, 6, 8, 1, 1, 0 } },
};

/* Tensors come aligned even where the caller's are not. */
static void
test_seen (gconstpointer data)
{
  const SeenCase *row = data;
  guint8 src[256] = { 0 };
  gfloat result[N];

  for (gint shift = 0; shift < 2; shift++) {
    run_one (&row->node, row->library, 1, src + 1 + shift, result);
    g_assert_cmpmem (result, sizeof result, row->expected, sizeof result);
  }
}

/* Filled when the library is loaded, and not before. */
static void
test_pointers (void)
{
  OneNode node = { "count", NULL, NULL, "8" };
  gfloat result[N];

  run_one (&node, "all-pointers.so", 1, NULL, result);
  g_assert_cmpfloat (result[0], ==, 0);
  g_assert_cmpfloat (result[1], ==, 14);
}

/* ---- threads ------------------------------------------------------------ */

/* Each task has its own workspace and waits for the others at the barrier. */
static void
test_parallel (gconstpointer data)
{
  gint threads = GPOINTER_TO_INT (data);
  OneNode node = { "neighbours", "float32", "8", "8" };
  gfloat result[N], sum = 0;

  for (gint i = 0; i < N; i++)
    sum += numbers[i];
  run_one (&node, "packed.so", threads, numbers, result);
  g_assert_cmpfloat (result[0], ==, threads);
  for (gint i = 1; i < N; i++)
    g_assert_cmpfloat (result[i], ==, sum);
}

typedef struct
{
  DnnInstance *instance;
  gfloat factor;
} Runner;

static gpointer
run_frames (gpointer data)
{
  Runner *self = data;
  gfloat src[N] __attribute__ ((aligned (64)));
  gfloat sum = 0;

  for (gint i = 0; i < N; i++)
    sum += src[i] = self->factor * numbers[i];
  for (gint frame = 0; frame < 200; frame++) {
    gfloat result[N];
    run (self->instance, src, result);
    for (gint i = 1; i < N; i++)
      g_assert_cmpfloat (result[i], ==, sum);
  }
  return NULL;
}

/* The library's pointers are the process's, what stands behind them is the
 * running thread's. */
static void
test_two_at_once (void)
{
  OneNode node = { "neighbours", "float32", "8", "8" };
  g_autoptr (DnnModule) module = load (&node, "packed.so");
  Runner runners[2] = { { NULL, 1 }, { NULL, 16 } };
  GThread *threads[2];

  for (gint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    runners[i].instance = one_node_prepare (module, 2, &error);
    g_assert_no_error (error);
  }
  for (gint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("run", run_frames, &runners[i]);
  for (gint i = 0; i < 2; i++) {
    g_thread_join (threads[i]);
    g_object_unref (runners[i].instance);
  }
}

/* ---- what is kept ------------------------------------------------------- */

/* A function with a state runs once a frame, though nothing it depends on ever
 * changes. */
static void
test_never_folded (void)
{
  OneNode node = { "count_frames", NULL, NULL, "8" };
  g_autoptr (DnnModule) module = load (&node, "packed.so");
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnInstance) instance = one_node_prepare (module, 1, &error);
  gfloat first[N], second[N];

  g_assert_no_error (error);
  run (instance, NULL, first);
  run (instance, NULL, second);
  g_assert_cmpfloat (second[0], ==, first[0] + 2);
}

/* While it is made ready, no function sees data that it can't have. */
static void
test_no_zeros (void)
{
  static const guint8 small[N]
      __attribute__ ((aligned (64))) = { 1, 2, 5, 10, 20, 50, 100, 200 };
  static const gint32 wide[N]
      __attribute__ ((aligned (64))) = { 1, 2, 5, 10, 20, 50, 100, 200 };
  OneNode node = { "divide", "uint8", "8", "8" };
  gfloat result[N];

  run_one (&node, "packed.so", 1, small, result);
  g_assert_cmpfloat (result[1], ==, 50);
  node.type = "int32";
  run_one (&node, "packed.so", 1, wide, result);
  g_assert_cmpfloat (result[2], ==, 20);
}

/* What a function forgets is taken back when it returns. */
static void
test_workspace_is_steady (void)
{
  static const gchar *const functions[] = { "leak_workspace", "neighbours" };

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++) {
    OneNode node = { functions[i], "float32", "8", "8" };
    g_autoptr (DnnModule) module = load (&node, "packed.so");
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnInstance) instance = one_node_prepare (module, 2, &error);
    gsize size = dnn_instance_get_arena_size (instance);
    gfloat result[N];

    g_assert_no_error (error);
    g_assert_cmpuint (size, >=, 1000);
    for (gint frame = 0; frame < 50; frame++)
      run (instance, numbers, result);
    g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==, size);
  }
}

/* Functions, views of TVM's and built-in operators in one graph. */
static void
test_mixed (void)
{
  static const gchar json[] =
      "{\"nodes\": [{\"op\": \"null\", \"name\": \"x\", \"inputs\": []}, "
      "{\"op\": \"tvm_op\", \"name\": \"a\", \"attrs\": {\"func_name\": "
      "\"twice\", \"num_inputs\": \"1\", \"num_outputs\": \"1\", "
      "\"flatten_data\": \"0\"}, \"inputs\": [[0, 0, 0]]}, "
      "{\"op\": \"tvm_op\", \"name\": \"reshape_nop\", \"attrs\": "
      "{\"func_name\": \"__nop\", \"num_inputs\": \"1\", \"num_outputs\": "
      "\"1\", \"flatten_data\": \"0\", \"hash\": \"7\"}, \"inputs\": [[1, 0, "
      "0]]}, "
      "{\"op\": \"tvm_op\", \"name\": \"r\", \"attrs\": {\"func_name\": "
      "\"Relu\", \"num_inputs\": \"1\", \"num_outputs\": \"1\", "
      "\"flatten_data\": \"0\"}, \"inputs\": [[2, 0, 0]]}, "
      "{\"op\": \"tvm_op\", \"name\": \"c\", \"attrs\": {\"func_name\": "
      "\"__copy\", \"num_inputs\": \"1\", \"num_outputs\": \"1\", "
      "\"flatten_data\": \"0\"}, \"inputs\": [[3, 0, 0]]}], "
      "\"arg_nodes\": [0], \"heads\": [[4, 0, 0]], "
      "\"node_row_ptr\": [0, 1, 2, 3, 4, 5], \"attrs\": {\"dltype\": "
      "[\"list_str\", [\"float32\", \"float32\", \"float32\", \"float32\", "
      "\"float32\"]], \"shape\": [\"list_shape\", [[2, 4], [2, 4], [8], [8], "
      "[8]]], \"storage_id\": [\"list_int\", [0, 1, 1, 2, 3]]}}";
  g_autofree gchar *path = one_node_library ("packed.so");
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) module = one_node_load_json (json, path, &error);
  g_autoptr (DnnInstance) instance = NULL;
  gfloat result[N];

  g_assert_no_error (error);
  g_assert_cmpint (dnn_module_get_output_shape (module, 0)->rank, ==, 1);
  instance = one_node_prepare (module, 1, &error);
  g_assert_no_error (error);
  run (instance, numbers, result);
  for (gint i = 0; i < N; i++)
    g_assert_cmpfloat (result[i], ==, MAX (2 * numbers[i], 0));
}

/* ---- errors ------------------------------------------------------------- */

typedef struct
{
  const gchar *name, *library;
  OneNode node;
  gint threads;
  DnnError code;
  const gchar *text; /* stands in the message */
} ErrorCase;

static const ErrorCase load_cases[] = {
  { "missing-library", "none.so", { "f", "float32", "8", "8" }, 1,
      DNN_ERROR_NOT_FOUND, "none.so: can't be opened: No such file" },
  { "no-library", "../../config.h", { "f", "float32", "8", "8" }, 1,
      DNN_ERROR_FORMAT, "is no shared library" },
  { "missing-function", "packed.so", { "twices", "float32", "8", "8" }, 1,
      DNN_ERROR_UNSUPPORTED,
      "packed.so has no function \"twices\" (did you mean \"twice\"?), nor is "
      "there an operator of that name" },
  { "function-of-a-dependency", "ffi.so", { "tanhf", "float32", "8", "8" }, 1,
      DNN_ERROR_UNSUPPORTED, "ffi.so has no function \"tanhf\"" },
  { "pointer-not-provided", "needs-pointer.so", { "f", "float32", "8", "8" }, 1,
      DNN_ERROR_UNSUPPORTED,
      "needs-pointer.so: needs the function \"TVMDeviceAllocDataSpace\" of "
      "TVM's runtime, which is not provided" },
  { "import-not-provided", "needs-import.so", { "f", "float32", "8", "8" }, 1,
      DNN_ERROR_UNSUPPORTED,
      "needs-import.so: needs the function \"TVMArrayCopyFromTo\", which is "
      "not provided" },
  { "shape-open", "packed.so", { "twice", "float32", "-1, 4", "-1, 4" }, 1,
      DNN_ERROR_GRAPH,
      "node \"n\" (twice): the graph must say type and shape of \"n\"" },
};

static void
assert_error (const GError *error, const ErrorCase *row)
{
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_test_message ("%s", error->message);
  if (!strstr (error->message, row->text))
    g_error ("\"%s\" lacks \"%s\"", error->message, row->text);
}

static void
test_load_error (gconstpointer data)
{
  const ErrorCase *row = data;
  g_autofree gchar *path = one_node_library (row->library);
  g_autoptr (GError) error = NULL;

  g_assert_null (one_node_load (&row->node, path, &error));
  assert_error (error, row);
}

/* In the first run, while preparing. */
static const ErrorCase run_cases[] = {
  { "function-not-provided", "packed.so",
      { "call_foreign", "float32", "8", "8" }, 1, DNN_ERROR_FAILED,
      "packed.so: function \"call_foreign\" failed (-1): the function "
      "\"tvm.contrib.cblas.matmul\" of TVM's runtime is asked for, which is not "
      "provided" },
  { "no-reason", "packed.so", { "fail_silently", "float32", "8", "8" }, 1,
      DNN_ERROR_FAILED,
      "function \"fail_silently\" failed (7): it gives no reason" },
  { "in-parts", "ffi.so", { "fail_in_parts", "float32", "8", "8" }, 1,
      DNN_ERROR_FAILED, "(-1): TypeError: Expected float64 on argument #0" },
  { "wrong-count", "packed.so", { "twice", NULL, NULL, "8" }, 1,
      DNN_ERROR_FAILED, "Assert fail: (num_args == 2), twice" },
  { "in-a-task-alone", "packed.so", { "fail_in_task", "float32", "8", "8" }, 1,
      DNN_ERROR_FAILED, "the last task has failed" },
  { "in-a-task-of-two", "packed.so", { "fail_in_task", "float32", "8", "8" }, 2,
      DNN_ERROR_FAILED, "the last task has failed" },
  { "barrier-of-too-many", "packed.so", { "many_tasks", "float32", "8", "8" },
      2, DNN_ERROR_FAILED,
      "TVMBackendParallelBarrier: 6 tasks run on 2 threads" },
  { "huge-workspace", "packed.so", { "huge_workspace", "float32", "8", "8" }, 1,
      DNN_ERROR_FAILED,
      "no memory for a workspace of 18446744073709551615 bytes" },
  { "example-packed", "../../examples/custom-op/custom-op.so",
      { "rms_normalize", "float32", "2, 2, 2", "2, 2, 2" }, 1, DNN_ERROR_FAILED,
      "(-1): matrices of float32 are expected" },
  { "example-ffi", "../../examples/custom-op/custom-op.so",
      { "softcap", "uint8", "8", "8" }, 1, DNN_ERROR_FAILED,
      "(-1): TypeError: float32 is expected" },
};

static void
test_run_error (gconstpointer data)
{
  const ErrorCase *row = data;
  g_autoptr (DnnModule) module = load (&row->node, row->library);

  for (gint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (one_node_prepare (module, row->threads, &error));
    assert_error (error, row);
  }
}

#define ADD(prefix, cases, function)                                    \
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {                    \
    g_autofree gchar *path = g_strconcat (prefix, cases[i].name, NULL); \
    g_test_add_data_func (path, &cases[i], function);                   \
  }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  ADD ("/tvm/library/result/", result_cases, test_result);
  ADD ("/tvm/library/seen/", seen_cases, test_seen);
  g_test_add_func ("/tvm/library/pointers", test_pointers);
  g_test_add_data_func (
      "/tvm/library/threads/one", GINT_TO_POINTER (1), test_parallel);
  g_test_add_data_func (
      "/tvm/library/threads/two", GINT_TO_POINTER (2), test_parallel);
  g_test_add_data_func (
      "/tvm/library/threads/four", GINT_TO_POINTER (4), test_parallel);
  g_test_add_func ("/tvm/library/threads/two-instances", test_two_at_once);
  g_test_add_func ("/tvm/library/never-folded", test_never_folded);
  g_test_add_func ("/tvm/library/no-zeros", test_no_zeros);
  g_test_add_func ("/tvm/library/workspace", test_workspace_is_steady);
  g_test_add_func ("/tvm/library/mixed", test_mixed);
  ADD ("/tvm/library/load-error/", load_cases, test_load_error);
  ADD ("/tvm/library/run-error/", run_cases, test_run_error);
  return g_test_run ();
}
