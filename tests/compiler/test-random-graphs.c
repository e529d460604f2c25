/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Small random graphs: what the passes leave, cut or whole, computes what the
 * graph computed before, by reference and as planned. */
#include "config.h"

#include "compiler/dnn-compile.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

#define N_GRAPHS 60
#define CHANNELS 4
#define SIZE 6

/* A graph that grows: tensors of 1 × CHANNELS × SIZE × SIZE. */
typedef struct
{
  GRand *random;
  OnnxWriter *writer;
  GPtrArray *names; /* of tensors so far */
  guint n; /* of names made */
} Grower;

static const gchar *
pick (Grower *self)
{
  guint n = self->names->len;
  guint recent = (guint) g_rand_int_range (self->random, 1, 4);
  guint any = (guint) g_rand_int_range (self->random, 1, (gint32) n + 1);
  guint back = g_rand_int_range (self->random, 0, 5) == 0 ? any : recent;

  /* mostly a recent one, so that chains grow */
  return self->names->pdata[n - MIN (back, n)];
}

static gchar *
make_name (Grower *self, const gchar *prefix)
{
  return g_strdup_printf ("%s%u", prefix, self->n++);
}

/* A constant of a shape that broadcasts. */
static gchar *
add_constant (Grower *self)
{
  gchar *name = make_name (self, "c");
  DnnShape shapes[] = { dnn_shape (0), dnn_shape (3, CHANNELS, 1, 1),
    dnn_shape (4, 1, CHANNELS, 1, 1), dnn_shape (1, SIZE),
    dnn_shape (4, 1, 1, 1, 1) };

  onnx_writer_random (self->writer, name,
      shapes[g_rand_int_range (self->random, 0, G_N_ELEMENTS (shapes))],
      g_rand_int (self->random));
  return name;
}

static void
add_node (
    Grower *self, const gchar *op, const gchar *inputs, const gchar *attrs)
{
  gchar *name = make_name (self, "t");

  onnx_writer_node (self->writer, op, inputs, name, attrs);
  g_ptr_array_add (self->names, name);
}

static void
grow_conv (Grower *self)
{
  g_autofree gchar *weights = make_name (self, "w");
  g_autofree gchar *bias = make_name (self, "b");
  gboolean depthwise = g_rand_boolean (self->random);
  gboolean has_bias = g_rand_boolean (self->random);
  g_autofree gchar *inputs = g_strdup_printf ("%s %s%s%s", pick (self), weights,
      has_bias ? " " : "", has_bias ? bias : "");
  g_autofree gchar *attrs = g_strdup_printf (
      "pads=is:1,1,1,1 group=i:%d", depthwise ? CHANNELS : 1);

  if (has_bias)
    onnx_writer_random (self->writer, bias, dnn_shape (1, CHANNELS), self->n);
  onnx_writer_random (self->writer, weights,
      dnn_shape (4, CHANNELS, depthwise ? 1 : CHANNELS, 3, 3), self->n);
  add_node (self, "Conv", inputs, attrs);
}

static void
grow_batchnorm (Grower *self)
{
  static const gfloat variance[CHANNELS] = { 0.5f, 1, 2, 3 };
  g_autofree gchar *scale = make_name (self, "s");
  g_autofree gchar *bias = make_name (self, "b");
  g_autofree gchar *mean = make_name (self, "m");
  g_autofree gchar *var = make_name (self, "v");
  g_autofree gchar *inputs = g_strdup_printf (
      "%s %s %s %s %s", pick (self), scale, bias, mean, var);

  onnx_writer_random (self->writer, scale, dnn_shape (1, CHANNELS), self->n);
  onnx_writer_random (self->writer, bias, dnn_shape (1, CHANNELS), self->n + 1);
  onnx_writer_random (self->writer, mean, dnn_shape (1, CHANNELS), self->n + 2);
  onnx_writer_floats (self->writer, var, dnn_shape (1, CHANNELS), variance);
  add_node (self, "BatchNormalization", inputs, "");
}

static void
grow_unary (Grower *self)
{
  static const gchar *const ops[][2] = {
    { "Relu", "" },
    { "LeakyRelu", "alpha=f:0.2" },
    { "Sigmoid", "" },
    { "HardSigmoid", "" },
    { "HardSwish", "" },
    { "Tanh", "" },
    { "Identity", "" },
    { "Dropout", "" },
    { "Clip", "" },
    { "Cast", "to=i:1" },
    { "Transpose", "perm=is:0,1,3,2" },
    { "Transpose", "perm=is:0,1,2,3" },
    { "Softmax", "axis=i:1" },
  };
  gint i = g_rand_int_range (self->random, 0, G_N_ELEMENTS (ops));

  add_node (self, ops[i][0], pick (self), ops[i][1]);
}

static void
grow_binary (Grower *self)
{
  static const gchar *const ops[] = { "Add", "Mul", "Sub", "Add" };
  const gchar *op = ops[g_rand_int_range (self->random, 0, 4)];
  g_autofree gchar *constant = g_rand_boolean (self->random)
      ? add_constant (self)
      : NULL;
  const gchar *a = pick (self);
  const gchar *b = constant ? constant : pick (self);
  gboolean swap = g_rand_boolean (self->random);
  g_autofree gchar *inputs = g_strdup_printf (
      "%s %s", swap ? b : a, swap ? a : b);

  add_node (self, op, inputs, "");
}

/* x · sigmoid (x) */
static void
grow_swish (Grower *self)
{
  g_autofree gchar *x = g_strdup (pick (self));
  g_autofree gchar *inputs = NULL;

  add_node (self, "Sigmoid", x, "");
  inputs = g_strdup_printf (
      "%s %s", x, (const gchar *) self->names->pdata[self->names->len - 1]);
  add_node (self, "Mul", inputs, "");
}

/* There and back through another shape. */
static void
grow_reshape (Grower *self)
{
  static const gint64 shape[] = { 1, CHANNELS, SIZE, SIZE };
  g_autofree gchar *name = make_name (self, "r");
  g_autofree gchar *flat = make_name (self, "f");
  g_autofree gchar *inputs = g_strdup_printf ("%s %s", flat, name);

  onnx_writer_ints (self->writer, name, 4, shape);
  onnx_writer_node (self->writer, "Flatten", pick (self), flat, "axis=i:2");
  add_node (self, "Reshape", inputs, "");
}

static void
grow (Grower *self)
{
  switch (g_rand_int_range (self->random, 0, 10)) {
    case 0:
    case 1:
      grow_conv (self);
      break;
    case 2:
    case 3:
      grow_batchnorm (self);
      break;
    case 4:
    case 5:
      grow_unary (self);
      break;
    case 6:
      grow_swish (self);
      break;
    case 7:
      grow_reshape (self);
      break;
    default:
      grow_binary (self);
      break;
  }
}

/* A graph of 3 to 20 growths with one to three outputs; the names of its
 * results in @names. */
static gchar *
write_graph (guint32 seed, const gchar *dir, GPtrArray *names)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (OnnxWriter) writer = onnx_writer_new (14);
  Grower self = { random, writer, names, 0 };
  gint n = g_rand_int_range (random, 3, 20);
  guint n_outputs = (guint) g_rand_int_range (random, 1, 4);

  onnx_writer_input (writer, "x", "1,4,6,6");
  g_ptr_array_add (names, g_strdup ("x"));
  while (n-- > 0)
    grow (&self);
  for (guint i = 1; i <= n_outputs && i < names->len; i++)
    onnx_writer_output (writer, names->pdata[names->len - i]);
  return onnx_writer_save (writer, dir, "m.onnx");
}

static void
compare (GPtrArray *found, GPtrArray *expected, const gchar *how)
{
  g_assert_cmpuint (found->len, ==, expected->len);
  for (guint i = 0; i < expected->len; i++) {
    g_autofree gchar *why = NULL;
    gdouble atol = 2e-5 * onnx_run_magnitude (expected->pdata[i]);
    if (!onnx_run_close (found->pdata[i], expected->pdata[i], 1e-3, atol, &why))
      g_error ("%s: output %u: %s", how, i, why);
  }
}

static DnnGraph *
import (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnGraph *graph = dnn_onnx_import_file (path, &error);

  g_assert_no_error (error);
  return graph;
}

/* Cutting at a tensor may be refused (nothing before or behind it). */
static void
run (
    const gchar *path, const gchar *cut, GPtrArray *inputs, GPtrArray *expected)
{
  const gchar *cuts[] = { cut, NULL };
  DnnCompileOptions options = { .cuts = cut ? cuts : NULL };
  g_autoptr (DnnGraph) graph = import (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig)
      config = dnn_compile_graph (graph, &options, &error);
  g_autoptr (GPtrArray) found = NULL;

  if (!config && cut &&
      (g_error_matches (error, DNN_ERROR, DNN_ERROR_VALUE) ||
          g_error_matches (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME)))
    return;
  g_assert_no_error (error);
  found = onnx_run_pipeline (config, inputs, &error);
  g_assert_no_error (error);
  compare (found, expected, cut ? cut : "whole");
}

static void
test_graph (gconstpointer data)
{
  guint32 seed = GPOINTER_TO_UINT (data);
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *path = write_graph (seed, dir, names);
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (DnnGraph) graph = import (path);
  g_autoptr (GError) error = NULL;
  DnnShape shape = dnn_shape (4, 1, CHANNELS, SIZE, SIZE);

  g_test_message ("seed %u, %u tensors", seed, names->len);
  g_ptr_array_add (inputs, onnx_run_random (&shape, seed));
  expected = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  run (path, NULL, inputs, expected);
  run (path, names->pdata[names->len / 2], inputs, expected);
  test_folder_remove (dir);
}

static void
add (guint seed)
{
  g_autofree gchar *name = g_strdup_printf ("/compiler/random-graphs/%u", seed);

  g_test_add_data_func (name, GUINT_TO_POINTER (seed), test_graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint seed = 1; seed <= N_GRAPHS; seed++)
    add (seed);
  add (1900); /* Mul and Add of constants in one chain of post-ops */
  return g_test_run ();
}
