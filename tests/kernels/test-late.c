/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs whose shapes depend on the data of a frame, of built-in operators:
 * what each frame gives, what memory it takes, what is refused. */
#include "config.h"

#include "kernels/dnn-init.h"

#include <string.h>

#include "pipeline-core/plan/dnn-instance.h"
#include "tests/core/count-allocations.h"

#define N_BOXES 64

/* ---- graphs ---------------------------------------------------------------
 */

static DnnValue *
add_node (DnnGraph *graph, const gchar *op, const gchar *name, guint n, ...)
{
  DnnNode *node = dnn_graph_add_node (graph, name, op);
  va_list args;

  va_start (args, n);
  for (guint i = 0; i < n; i++)
    dnn_node_add_input (node, va_arg (args, DnnValue *));
  va_end (args);
  return dnn_graph_add_result (graph, node, name);
}

static DnnValue *
add_ints (DnnGraph *graph, const gchar *name, gint rank, gint n, ...)
{
  DnnShape shape = dnn_shape (rank, n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT64, &shape);
  gint64 *data = dnn_tensor_get_writable_data (tensor);
  va_list args;

  va_start (args, n);
  for (gint i = 0; i < n; i++)
    data[i] = va_arg (args, gint);
  va_end (args);
  return dnn_graph_add_param (graph, name, tensor);
}

static DnnValue *
add_floats (DnnGraph *graph, const gchar *name, DnnShape shape, gfloat first,
    gfloat step)
{
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (gint64 i = 0; i < dnn_shape_n_elements (&shape); i++)
    data[i] = first + step * (gfloat) i;
  return dnn_graph_add_param (graph, name, tensor);
}

static DnnValue *
add_input (DnnGraph *graph, const gchar *name, DnnShape shape)
{
  return dnn_graph_add_input (graph, name, DNN_TYPE_FLOAT32, &shape);
}

/* What isn't 0 in x + 1, and its places; x itself as a third output. */
static DnnGraph *
make_nonzero (void)
{
  DnnGraph *graph = dnn_graph_new ("nonzero");
  DnnValue *x = add_input (graph, "x", dnn_shape (1, 8));
  DnnValue *one = add_floats (graph, "one", dnn_shape (0), 1, 0);
  DnnValue *sum = add_node (graph, "Add", "sum", 2, x, one);
  DnnValue *places = add_node (graph, "NonZero", "places", 1, sum);
  DnnValue *axes = add_ints (graph, "axes", 1, 1, 0);
  DnnValue *flat = add_node (graph, "Squeeze", "flat", 2, places, axes);
  DnnValue *values = add_node (graph, "Gather", "values", 2, sum, flat);

  dnn_graph_add_output (graph, "values", values);
  dnn_graph_add_output (graph, "places", places);
  dnn_graph_add_output (graph, "sum", sum);
  return graph;
}

/* Boxes and scores → rows of box and score, as exporters end detectors. */
static DnnGraph *
make_detector (void)
{
  DnnGraph *graph = dnn_graph_new ("detector");
  DnnValue *boxes = add_input (graph, "boxes", dnn_shape (3, 1, N_BOXES, 4));
  DnnValue *scores = add_input (graph, "scores", dnn_shape (3, 1, 2, N_BOXES));
  DnnValue *most = add_ints (graph, "most", 1, 1, 20);
  DnnValue *iou = add_floats (graph, "iou", dnn_shape (1, 1), 0.5, 0);
  DnnValue *least = add_floats (graph, "least", dnn_shape (1, 1), 0.25, 0);
  DnnValue *found = add_node (
      graph, "NonMaxSuppression", "found", 5, boxes, scores, most, iou, least);
  DnnValue *two = add_ints (graph, "two", 0, 1, 2);
  DnnValue *one = add_ints (graph, "one", 1, 1, 1);
  DnnValue *idx = add_node (graph, "Gather", "idx", 2, found, two);
  DnnValue *zero = add_ints (graph, "zero", 1, 1, 0);
  DnnValue *plain = add_node (graph, "Squeeze", "plain", 2, boxes, zero);
  DnnValue *kept = add_node (graph, "Gather", "kept", 2, plain, idx);
  DnnValue *shape = add_node (graph, "Shape", "shape", 1, kept);
  DnnValue *n = add_node (graph, "Gather", "n", 2, shape, zero);
  DnnValue *rows = add_node (graph, "Concat", "rows", 2, n, one);
  DnnValue *filler = add_node (graph, "ConstantOfShape", "filler", 1, rows);
  DnnValue *joined = add_node (graph, "Concat", "joined", 2, kept, filler);
  DnnNode *node = idx->producer;

  dnn_attrs_set_int (node->attrs, "axis", 1);
  dnn_attrs_set_int (rows->producer->attrs, "axis", 0);
  dnn_attrs_set_int (joined->producer->attrs, "axis", 1);
  dnn_graph_add_output (graph, "joined", joined);
  dnn_graph_add_output (graph, "found", found);
  return graph;
}

/* What isn't 0, as rows through a matrix: planned by its number. */
static DnnGraph *
make_planned (void)
{
  DnnGraph *graph = dnn_graph_new ("planned");
  DnnValue *x = add_input (graph, "x", dnn_shape (2, 16, 4));
  DnnValue *mark = add_input (graph, "mark", dnn_shape (1, 16));
  DnnValue *places = add_node (graph, "NonZero", "places", 1, mark);
  DnnValue *axes = add_ints (graph, "axes", 1, 1, 0);
  DnnValue *flat = add_node (graph, "Squeeze", "flat", 2, places, axes);
  DnnValue *rows = add_node (graph, "Gather", "rows", 2, x, flat);
  DnnValue *w = add_floats (graph, "w", dnn_shape (2, 4, 3), -0.5, 0.25);
  DnnValue *y = add_node (graph, "MatMul", "y", 2, rows, w);

  dnn_graph_add_output (graph, "y", y);
  return graph;
}

/* ---- running --------------------------------------------------------------
 */

#define MAX_OUTPUTS 4

typedef struct
{
  DnnInstance *instance;
  DnnShape shapes[MAX_OUTPUTS];
  gpointer memory[MAX_OUTPUTS];
  guint n_asked[MAX_OUTPUTS];
  guint refused; /* output that gets nothing, from 1 */
  const gchar *why;
} Fixture;

static void
clear_fixture (Fixture *self)
{
  g_clear_object (&self->instance);
  for (guint i = 0; i < MAX_OUTPUTS; i++)
    dnn_free_aligned (self->memory[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, clear_fixture)

/* Takes @graph. */
static void
init_fixture (Fixture *self, DnnGraph *graph)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) owned = graph;
  g_autoptr (DnnModule) module = dnn_module_new (graph, &error);
  DnnShape shapes[2];

  g_assert_no_error (error);
  *self = (Fixture){ NULL };
  self->instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    shapes[i] = *dnn_module_get_input_shape (module, i);
  dnn_instance_prepare (self->instance, shapes, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < MAX_OUTPUTS; i++)
    self->memory[i] = dnn_alloc_aligned (65536);
}

static gpointer
give (guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  Fixture *self = user_data;

  self->n_asked[idx]++;
  self->shapes[idx] = *shape;
  g_assert_true (dnn_shape_is_known (shape));
  if (self->refused != idx + 1)
    return self->memory[idx];
  if (self->why)
    g_set_error_literal (error, DNN_ERROR, DNN_ERROR_LIMIT, self->why);
  return NULL;
}

static void
run (Fixture *self, gconstpointer a, gconstpointer b)
{
  gconstpointer inputs[2] = { a, b };
  g_autoptr (GError) error = NULL;

  dnn_instance_run_to (self->instance, inputs, give, self, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_shape (const Fixture *self, guint idx, const gchar *expected)
{
  g_autofree gchar *text = dnn_shape_to_string (&self->shapes[idx]);

  g_assert_cmpstr (text, ==, expected);
}

/* ---- what frames give -----------------------------------------------------
 */

static void
test_counts (void)
{
  static const gfloat frames[][8] = {
    { 0, 1, 2, 3, 4, 5, 6, 7 },
    { -1, -1, -1, -1, -1, -1, -1, -1 },
    { -1, -1, 2, -1, -1, -1, -1, 9 },
    { 0, 1, 2, 3, -1, 5, 6, 7 },
  };
  g_auto (Fixture) self = { NULL };

  init_fixture (&self, make_nonzero ());
  g_assert_true (dnn_instance_is_late (self.instance));
  for (guint f = 0; f < G_N_ELEMENTS (frames); f++) {
    const gfloat *values = self.memory[0], *sum = self.memory[2];
    const gint64 *places = self.memory[1];
    guint n = 0;
    run (&self, frames[f], NULL);
    for (guint i = 0; i < 8; i++) {
      g_assert_cmpfloat (sum[i], ==, frames[f][i] + 1);
      if (sum[i] == 0)
        continue;
      g_assert_cmpint (places[n], ==, i);
      g_assert_cmpfloat (values[n], ==, sum[i]);
      n++;
    }
    g_assert_cmpint (self.shapes[0].dims[0], ==, n);
    g_assert_cmpint (self.shapes[1].dims[1], ==, n);
    for (guint i = 0; i < 3; i++)
      g_assert_cmpint (self.n_asked[i], ==, f + 1);
  }
}

/* Boxes on a grid, of which @n have a score. */
static void
fill_boxes (gfloat *boxes, gfloat *scores, guint n)
{
  memset (scores, 0, 2 * N_BOXES * sizeof *scores);
  for (guint i = 0; i < N_BOXES; i++) {
    boxes[4 * i] = boxes[4 * i + 1] = (gfloat) (10 * i);
    boxes[4 * i + 2] = boxes[4 * i + 3] = (gfloat) (10 * i + 5);
    if (i < n)
      scores[N_BOXES * (i % 2) + i] = 0.9f - (gfloat) i / 256;
  }
}

static void
test_detector (void)
{
  g_auto (Fixture) self = { NULL };
  gfloat boxes[4 * N_BOXES], scores[2 * N_BOXES];

  init_fixture (&self, make_detector ());
  for (guint n = 0; n <= 40; n += 8) {
    const gfloat *rows = self.memory[0];
    const gint64 *found = self.memory[1];
    fill_boxes (boxes, scores, n);
    run (&self, boxes, scores);
    g_assert_cmpint (self.shapes[0].dims[0], ==, n);
    g_assert_cmpint (self.shapes[0].dims[1], ==, 5);
    for (guint i = 0; i < n; i++) {
      guint klass = i >= n / 2, box = 2 * (i - klass * n / 2) + klass;
      g_assert_cmpint (found[3 * i + 1], ==, klass);
      g_assert_cmpint (found[3 * i + 2], ==, box);
      g_assert_cmpfloat (rows[5 * i], ==, (gfloat) (10 * box));
      g_assert_cmpfloat (rows[5 * i + 4], ==, 0);
    }
  }
}

static void
test_planned (void)
{
  g_auto (Fixture) self = { NULL };
  gfloat x[64], mark[16];

  init_fixture (&self, make_planned ());
  for (guint frame = 0; frame < 40; frame++) {
    const gfloat *y = self.memory[0];
    guint n = 0;
    for (guint i = 0; i < 16; i++)
      mark[i] = (frame * 7 + i * 5) % 11 < frame % 12;
    for (guint i = 0; i < 64; i++)
      x[i] = (gfloat) ((i * 13 + frame) % 9) - 4;
    run (&self, x, mark);
    for (guint i = 0; i < 16; i++) {
      if (mark[i] == 0)
        continue;
      for (guint j = 0; j < 3; j++) {
        gdouble sum = 0;
        for (guint k = 0; k < 4; k++)
          sum += x[4 * i + k] * (-0.5 + 0.25 * (3 * k + j));
        g_assert_cmpfloat_with_epsilon (y[3 * n + j], sum, 1e-5);
      }
      n++;
    }
    g_assert_cmpint (self.shapes[0].dims[0], ==, n);
  }
}

/* ---- memory ---------------------------------------------------------------
 */

static void
test_allocations (void)
{
  g_auto (Fixture) self = { NULL };
  gfloat boxes[4 * N_BOXES], scores[2 * N_BOXES];
  gint before;

  if (!count_allocations_or_skip ())
    return;
  init_fixture (&self, make_detector ());
  for (guint i = 0; i < 100; i++) {
    fill_boxes (boxes, scores, i % 8);
    run (&self, boxes, scores);
  }
  before = count_allocations ();
  for (guint i = 0; i < 10000; i++) {
    fill_boxes (boxes, scores, (i * 7) % 41);
    run (&self, boxes, scores);
  }
  g_assert_cmpint (count_allocations (), ==, before);
}

/* ---- what is refused ------------------------------------------------------
 */

static void
assert_refused (Fixture *self, const gchar *expected)
{
  gfloat frame[8] = { 1 };
  gconstpointer inputs[1] = { frame };
  g_autoptr (GError) error = NULL;

  g_assert_false (
      dnn_instance_run_to (self->instance, inputs, give, self, NULL, &error));
  if (!error || !strstr (error->message, expected))
    g_error ("\"%s\" is not in \"%s\"", expected, error ? error->message : "");
}

static void
test_refused (void)
{
  g_auto (Fixture) self = { NULL };
  gfloat frame[8] = { 1 };

  init_fixture (&self, make_nonzero ());
  self.refused = 1;
  assert_refused (&self,
      "node \"values\" (Gather): output \"values\": no memory was given for 8");
  self.refused = 2;
  self.why = "the pool is empty";
  assert_refused (
      &self, "node \"places\" (NonZero): output \"places\": the pool is empty");
  self.refused = 3;
  assert_refused (&self, "output \"sum\": the pool is empty");
  self.refused = 0;
  run (&self, frame, NULL);
  assert_shape (&self, 0, "8");
}

static void
test_array (void)
{
  g_auto (Fixture) self = { NULL };
  gfloat frame[8] = { 1 };
  gconstpointer inputs[1] = { frame };
  g_autoptr (GError) error = NULL;

  init_fixture (&self, make_nonzero ());
  g_assert_false (
      dnn_instance_run (self.instance, inputs, self.memory, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message,
      "nonzero: the shape of output \"values\" is known only in each frame"));
}

static void
test_range (void)
{
  DnnGraph *graph = dnn_graph_new ("range");
  DnnValue *x = add_input (graph, "x", dnn_shape (1, 8));
  DnnValue *zero = add_ints (graph, "zero", 0, 1, 0);
  DnnValue *one = add_ints (graph, "one", 0, 1, 1);
  DnnValue *sum = add_node (graph, "ReduceSum", "total", 1, x);
  DnnValue *limit = add_node (graph, "Cast", "limit", 1, sum);
  g_auto (Fixture) self = { NULL };
  gfloat frame[8] = { 3, 2 }, far[8] = { 0x1p62f };
  gconstpointer inputs[1] = { far };
  g_autoptr (GError) error = NULL;

  dnn_attrs_set_int (sum->producer->attrs, "keepdims", 0);
  dnn_attrs_set_int (limit->producer->attrs, "to", 7);
  dnn_graph_add_output (graph, "numbers",
      add_node (graph, "Range", "numbers", 3, zero, limit, one));
  init_fixture (&self, graph);
  run (&self, frame, NULL);
  assert_shape (&self, 0, "5");
  g_assert_cmpint (((gint64 *) self.memory[0])[4], ==, 4);
  g_assert_false (
      dnn_instance_run_to (self.instance, inputs, give, &self, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_nonnull (
      strstr (error->message, "node \"numbers\" (Range): from 0"));
}

/* A bound beyond all tensors. */
static void
test_bound (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("bound");
  DnnShape boxes = dnn_shape (3, 1 << 18, 1 << 10, 4);
  DnnShape scores = dnn_shape (3, 1 << 18, 1 << 10, 1 << 10);
  DnnValue *a = add_input (graph, "a", boxes);
  DnnValue *b = add_input (graph, "b", scores);
  DnnValue *most = add_ints (graph, "most", 1, 1, G_MAXINT);
  g_autoptr (GError) error = NULL;

  dnn_graph_add_output (graph, "y",
      add_node (graph, "NonMaxSuppression", "found", 3, a, b, most));
  g_assert_null (dnn_module_new (graph, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_nonnull (
      strstr (error->message, "node \"found\" (NonMaxSuppression): output 0"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_func ("/kernels/late/counts", test_counts);
  g_test_add_func ("/kernels/late/detector", test_detector);
  g_test_add_func ("/kernels/late/planned", test_planned);
  g_test_add_func ("/kernels/late/allocations", test_allocations);
  g_test_add_func ("/kernels/late/refused", test_refused);
  g_test_add_func ("/kernels/late/array", test_array);
  g_test_add_func ("/kernels/late/range", test_range);
  g_test_add_func ("/kernels/late/bound", test_bound);
  return g_test_run ();
}
