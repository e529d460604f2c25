/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Random graphs of the built-in operators → what a plan computes in its own
 * formats, in place, through views and slices, equals ref node by node. */
#include "config.h"

#include "kernels/dnn-init.h"

#include <math.h>
#include <string.h>

#include "pipeline-core/plan/dnn-instance.h"
#include "tests/core/fake-ops.h"

#define SEED 20240607
#define N_GRAPHS 200
#define TOLERANCE 1e-4

/* A graph while it grows: values of rank 4, batch 1. */
typedef struct
{
  DnnGraph *graph;
  GRand *random;
  GPtrArray *values; /* DnnValue *, their shapes set */
  guint n_names;
} Builder;

static gint
roll (Builder *self, gint low, gint high)
{
  return g_rand_int_range (self->random, low, high + 1);
}

static gchar *
make_name (Builder *self)
{
  return g_strdup_printf ("n%u", self->n_names++);
}

static DnnValue *
pick (Builder *self)
{
  gint n = (gint) self->values->len;

  return self->values->pdata[roll (self, MAX (0, n - 6), n - 1)];
}

/* Another value of that shape, if the draw is lucky. */
static DnnValue *
pick_like (Builder *self, const DnnShape *shape)
{
  for (guint i = 0; i < 12; i++) {
    DnnValue *value = pick (self);
    if (dnn_shape_equal (&value->shape, shape))
      return value;
  }
  return NULL;
}

static DnnValue *
add_weights (Builder *self, DnnShape shape)
{
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *data = dnn_tensor_get_writable_data (tensor);
  gint64 n = dnn_shape_n_elements (&shape);
  gdouble scale = 2 / sqrt ((gdouble) (n / shape.dims[0]));
  g_autofree gchar *name = make_name (self);

  for (gint64 i = 0; i < n; i++)
    data[i] = (gfloat) (scale * g_rand_double_range (self->random, -1, 1));
  return dnn_graph_add_param (self->graph, name, tensor);
}

static DnnNode *
add_node (Builder *self, const gchar *op, DnnValue *src)
{
  g_autofree gchar *name = make_name (self);
  DnnNode *node = dnn_graph_add_node (self->graph, name, op);

  dnn_node_add_input (node, src);
  return node;
}

static DnnValue *
add_result (Builder *self, DnnNode *node, DnnShape shape)
{
  g_autofree gchar *name = make_name (self);
  DnnValue *value = dnn_graph_add_result (self->graph, node, name);

  value->type = DNN_TYPE_FLOAT32;
  value->shape = shape;
  g_ptr_array_add (self->values, value);
  return value;
}

static void
add_post_ops (Builder *self, DnnNode *node, const DnnShape *shape)
{
  DnnValue *operand = pick_like (self, shape);

  if (operand && roll (self, 0, 1))
    dnn_node_add_post_op (node, "Add", dnn_attrs_new (), operand);
  if (roll (self, 0, 1)) {
    dnn_node_add_post_op (node, "Relu", dnn_attrs_new (), NULL);
  } else if (roll (self, 0, 1)) {
    DnnAttrs *attrs = dnn_attrs_new ();
    dnn_attrs_set_float (attrs, "min", -0.5);
    dnn_attrs_set_float (attrs, "max", 0.75);
    dnn_node_add_post_op (node, "Clip", attrs, NULL);
  }
}

static void
add_conv (Builder *self)
{
  DnnValue *src = pick (self);
  gint64 k = roll (self, 0, 1) ? 3 : 1, stride = roll (self, 0, 3) ? 1 : 2;
  gint64 c = src->shape.dims[1], group = roll (self, 0, 2) ? 1 : c;
  gint64 n = group > 1 ? c : roll (self, 0, 1) ? 16 : roll (self, 1, 40);
  gint64 kernel[] = { k, k }, strides[] = { stride, stride };
  gint64 pads[] = { k / 2, k / 2, k / 2, k / 2 };
  DnnNode *node = add_node (self, "Conv", src);
  DnnShape dst = src->shape;

  dnn_node_add_input (
      node, add_weights (self, dnn_shape (4, n, c / group, k, k)));
  if (roll (self, 0, 1))
    dnn_node_add_input (node, add_weights (self, dnn_shape (1, n)));
  dnn_attrs_set_ints (node->attrs, "kernel_shape", kernel, 2);
  dnn_attrs_set_ints (node->attrs, "strides", strides, 2);
  dnn_attrs_set_ints (node->attrs, "pads", pads, 4);
  dnn_attrs_set_int (node->attrs, "group", group);
  dst.dims[1] = n;
  dst.dims[2] = (dst.dims[2] - 1) / stride + 1;
  dst.dims[3] = (dst.dims[3] - 1) / stride + 1;
  add_post_ops (self, node, &dst);
  add_result (self, node, dst);
}

static void
add_elementwise (Builder *self)
{
  static const gchar *const ops[] = { "Relu", "Sigmoid", "Tanh", "HardSwish",
    "LeakyRelu" };
  DnnValue *src = pick (self);

  add_result (self,
      add_node (self, ops[roll (self, 0, G_N_ELEMENTS (ops) - 1)], src),
      src->shape);
}

/* Products with weights only: squares of squares drown all else. */
static void
add_binary (Builder *self)
{
  DnnValue *a = pick (self), *b = pick_like (self, &a->shape);
  gboolean is_sum = b && roll (self, 0, 1);
  DnnNode *node = add_node (self, is_sum ? "Add" : "Mul", a);
  DnnShape shape = dnn_shape (3, a->shape.dims[1], (gint64) 1, (gint64) 1);

  dnn_node_add_input (node, is_sum ? b : add_weights (self, shape));
  add_result (self, node, a->shape);
}

static void
add_pool (Builder *self)
{
  DnnValue *src = pick (self);
  gint64 kernel[] = { 3, 3 }, strides[] = { 1, 1 }, pads[] = { 1, 1, 1, 1 };
  DnnNode *node = add_node (
      self, roll (self, 0, 1) ? "MaxPool" : "AveragePool", src);

  dnn_attrs_set_ints (node->attrs, "kernel_shape", kernel, 2);
  dnn_attrs_set_ints (node->attrs, "strides", strides, 2);
  dnn_attrs_set_ints (node->attrs, "pads", pads, 4);
  add_result (self, node, src->shape);
}

static void
add_concat (Builder *self)
{
  DnnValue *src = pick (self);
  DnnNode *node = add_node (self, "Concat", src);
  DnnShape dst = src->shape;

  dnn_attrs_set_int (node->attrs, "axis", 1);
  for (guint i = 0; i < 4; i++) {
    DnnValue *other = pick (self);
    if (other->shape.dims[2] != dst.dims[2] ||
        other->shape.dims[3] != dst.dims[3] ||
        dst.dims[1] + other->shape.dims[1] > 96)
      continue;
    dnn_node_add_input (node, other);
    dst.dims[1] += other->shape.dims[1];
  }
  add_result (self, node, dst);
}

static void
add_split (Builder *self)
{
  DnnValue *src = pick (self);
  DnnShape dst = src->shape;
  DnnNode *node;

  if (dst.dims[1] % 2 != 0)
    return;
  dst.dims[1] /= 2;
  node = add_node (self, "Split", src);
  dnn_attrs_set_int (node->attrs, "axis", 1);
  add_result (self, node, dst);
  add_result (self, node, dst);
}

static void
add_transpose (Builder *self)
{
  DnnValue *src = pick (self);
  gint64 perm[] = { 0, 1, 3, 2 };
  DnnNode *node = add_node (self, "Transpose", src);
  DnnShape dst = src->shape;

  dnn_attrs_set_ints (node->attrs, "perm", perm, 4);
  dst.dims[2] = src->shape.dims[3];
  dst.dims[3] = src->shape.dims[2];
  add_result (self, node, dst);
}

static void
add_reshape (Builder *self)
{
  DnnValue *src = pick (self);
  DnnShape dst = src->shape, rank = dnn_shape (1, (gint64) 4);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT64, &rank);
  g_autofree gchar *name = make_name (self);
  DnnNode *node = add_node (self, "Reshape", src);

  dst.dims[2] = 1;
  dst.dims[3] = src->shape.dims[2] * src->shape.dims[3];
  memcpy (dnn_tensor_get_writable_data (tensor), dst.dims, 4 * sizeof (gint64));
  dnn_node_add_input (node, dnn_graph_add_param (self->graph, name, tensor));
  add_result (self, node, dst);
}

typedef struct
{
  const gchar *op; /* one that add() uses; absent operators are left out */
  void (*add) (Builder *self);
  guint weight;
} Kind;

static const Kind kinds[] = {
  { "Conv", add_conv, 6 },
  { "Relu", add_elementwise, 3 },
  { "Add", add_binary, 3 },
  { "MaxPool", add_pool, 2 },
  { "Concat", add_concat, 3 },
  { "Split", add_split, 2 },
  { "Transpose", add_transpose, 1 },
  { "Reshape", add_reshape, 1 },
};

static DnnGraph *
make_graph (guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  g_autoptr (GPtrArray) draws = g_ptr_array_new ();
  DnnGraph *graph = dnn_graph_new ("random");
  Builder self = { graph, random, values, 0 };
  DnnShape shape = dnn_shape (4, (gint64) 1,
      (gint64) (roll (&self, 0, 1) ? 16 : 3), (gint64) roll (&self, 4, 9),
      (gint64) roll (&self, 4, 9));

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 0; dnn_op_lookup (kinds[i].op) && j < kinds[i].weight; j++)
      g_ptr_array_add (draws, (gpointer) &kinds[i]);
  g_ptr_array_add (
      values, dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape));
  for (gint i = roll (&self, 2, 25); i > 0; i--) {
    const Kind *kind = draws->pdata[roll (&self, 0, (gint) draws->len - 1)];
    kind->add (&self);
  }
  fake_output (graph, ((DnnValue *) values->pdata[values->len - 1])->name);
  fake_output (graph, pick (&self)->name);
  return graph;
}

static void
compare (const DnnTensor *expected, const gfloat *found)
{
  const gfloat *data = dnn_tensor_get_data (expected);
  gint64 n = dnn_shape_n_elements (dnn_tensor_get_shape (expected));
  gdouble largest = 0;

  for (gint64 i = 0; i < n; i++)
    largest = MAX (largest, fabs (data[i]));
  for (gint64 i = 0; i < n; i++)
    g_assert_cmpfloat (
        fabs (data[i] - found[i]), <=, TOLERANCE * MAX (largest, 1));
}

static void
run_graph (guint32 seed)
{
  g_autoptr (DnnGraph) graph = make_graph (seed);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) module = dnn_module_new (graph, &error);
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GPtrArray) expected = NULL;
  gconstpointer src[1];
  gpointer dst[2];

  g_assert_no_error (error);
  instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  dnn_instance_prepare (
      instance, &((DnnValue *) graph->inputs->pdata[0])->shape, &error);
  g_assert_no_error (error);
  inputs = fake_random_inputs (graph, random);
  expected = fake_evaluate (graph, inputs);
  src[0] = dnn_tensor_get_data (inputs->pdata[0]);
  for (guint i = 0; i < 2; i++) {
    gsize size = dnn_tensor_get_size (expected->pdata[i]);
    dst[i] = dnn_alloc_aligned (size);
    memset (dst[i], 0xff, size);
  }
  dnn_instance_run (instance, src, dst, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++) {
    compare (expected->pdata[i], dst[i]);
    dnn_free_aligned (dst[i]);
  }
}

static void
test_random_graphs (void)
{
  for (guint32 i = 0; i < N_GRAPHS; i++) {
    g_test_message ("seed %u", SEED + i);
    run_graph (SEED + i);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_func ("/kernels/random-graphs", test_random_graphs);
  return g_test_run ();
}
