/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Folding, identities, weights, post-ops on graphs made for each: see
 * pass-row.h. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/passes/pass-row.h"
#include "tests/test-folder.h"

static void
write_conv (OnnxWriter *writer, const gchar *input, const gchar *output)
{
  g_autofree gchar *weights = g_strconcat ("w_", output, NULL);
  g_autofree gchar *inputs = g_strdup_printf ("%s %s", input, weights);

  onnx_writer_random (writer, weights, dnn_shape (4, 4, 4, 3, 3), 3);
  onnx_writer_node (writer, "Conv", inputs, output, "pads=is:1,1,1,1");
}

static void
write_batchnorm (
    OnnxWriter *writer, const gchar *input, const gchar *output, gint n)
{
  static const gchar *const names[] = { "scale", "bias", "mean" };
  g_autofree gchar *variance = g_strconcat ("var_", output, NULL);
  g_autoptr (GString) inputs = g_string_new (input);
  gfloat values[8];

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *name = g_strdup_printf ("%s_%s", names[i], output);
    onnx_writer_random (writer, name, dnn_shape (1, n), 10 + i);
    g_string_append_printf (inputs, " %s", name);
  }
  for (gint i = 0; i < n; i++)
    values[i] = 0.5f + i;
  onnx_writer_floats (writer, variance, dnn_shape (1, n), values);
  g_string_append_printf (inputs, " %s", variance);
  onnx_writer_node (
      writer, "BatchNormalization", inputs->str, output, "epsilon=f:0.001");
}

/* ---- fold
 * ------------------------------------------------------------------------- */

static void
write_fold_chain (OnnxWriter *writer)
{
  onnx_writer_random (writer, "c", dnn_shape (4, 1, 4, 1, 1), 1);
  pass_write_scalar (writer, "two", 2);
  onnx_writer_node (writer, "Mul", "c two", "c2", "");
  onnx_writer_node (writer, "Exp", "c2", "c3", "");
  onnx_writer_node (writer, "Add", "x c3", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_fold_large (OnnxWriter *writer)
{
  /* above the small ones that inference computes itself */
  onnx_writer_random (writer, "c", dnn_shape (4, 1, 4, 100, 100), 1);
  onnx_writer_node (writer, "Transpose", "c", "c2", "perm=is:0,1,3,2");
  onnx_writer_node (writer, "Mul", "x c2", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_fold_output (OnnxWriter *writer)
{
  onnx_writer_random (writer, "c", dnn_shape (1, 4), 1);
  onnx_writer_node (writer, "Relu", "c", "y", "");
  onnx_writer_node (writer, "Relu", "x", "z", "");
  onnx_writer_output (writer, "y");
  onnx_writer_output (writer, "z");
}

/* ---- identity
 * ------------------------------------------------------------------------ */

static void
write_identities (OnnxWriter *writer)
{
  static const gint64 pads[8] = { 0 }, shape[] = { 1, 4, 6, 5 };
  static const gint64 starts[] = { 0 }, ends[] = { G_MAXINT64 }, axes[] = { 2 };

  pass_write_scalar (writer, "zero", 0);
  pass_write_scalar (writer, "one", 1);
  onnx_writer_ints (writer, "pads", 8, pads);
  onnx_writer_ints (writer, "shape", 4, shape);
  onnx_writer_ints (writer, "starts", 1, starts);
  onnx_writer_ints (writer, "ends", 1, ends);
  onnx_writer_ints (writer, "axes", 1, axes);
  onnx_writer_node (writer, "Identity", "x", "i1", "");
  onnx_writer_node (writer, "Dropout", "i1", "i2", "");
  onnx_writer_node (writer, "Cast", "i2", "i3", "to=i:1");
  onnx_writer_node (writer, "Transpose", "i3", "i4", "perm=is:0,1,2,3");
  onnx_writer_node (writer, "Reshape", "i4 shape", "i5", "");
  onnx_writer_node (writer, "Pad", "i5 pads", "i6", "");
  onnx_writer_node (writer, "Slice", "i6 starts ends axes", "i7", "");
  onnx_writer_node (writer, "Add", "i7 zero", "i8", "");
  onnx_writer_node (writer, "Mul", "i8 one", "i9", "");
  onnx_writer_node (writer, "Div", "i9 one", "i10", "");
  onnx_writer_node (writer, "Sub", "i10 zero", "i11", "");
  onnx_writer_node (writer, "Clip", "i11", "i12", "");
  onnx_writer_node (writer, "Relu", "i12", "y", "");
  onnx_writer_output (writer, "y");
}

/* Close to an identity, but none. */
static void
write_not_identities (OnnxWriter *writer)
{
  static const gint64 starts[] = { -1 }, ends[] = { G_MININT64 },
                      axes[] = { 2 }, steps[] = { -1 };
  static const gfloat zeros[4] = { 0 };

  onnx_writer_ints (writer, "starts", 1, starts);
  onnx_writer_ints (writer, "ends", 1, ends);
  onnx_writer_ints (writer, "axes", 1, axes);
  onnx_writer_ints (writer, "steps", 1, steps);
  onnx_writer_floats (writer, "zeros", dnn_shape (5, 1, 1, 1, 1, 1), zeros);
  onnx_writer_node (writer, "Slice", "x starts ends axes steps", "a", "");
  onnx_writer_node (writer, "Add", "a zeros", "b", ""); /* adds a dimension */
  onnx_writer_output (writer, "b");
}

static void
write_identity_output (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Relu", "x", "a", "");
  onnx_writer_node (writer, "Identity", "a", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_transposes (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Transpose", "x", "a", "perm=is:0,2,3,1");
  onnx_writer_node (writer, "Transpose", "a", "b", "perm=is:0,3,1,2");
  onnx_writer_node (writer, "Relu", "b", "c", "");
  onnx_writer_node (writer, "Transpose", "c", "d", "perm=is:1,0,2,3");
  onnx_writer_node (writer, "Transpose", "d", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_einsums (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Einsum", "x", "a", "equation=s:...ij->...ji");
  onnx_writer_node (writer, "Einsum", "a", "b", "equation=s:n...c->nc...");
  onnx_writer_node (writer, "Einsum", "b", "y", "equation=s:abcd->dbca");
  onnx_writer_output (writer, "y");
}

static void
write_other_einsums (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Einsum", "x", "a", "equation=s:abcd->abd");
  onnx_writer_node (writer, "Einsum", "a a", "b", "equation=s:abd,abd->dba");
  onnx_writer_node (writer, "Einsum", "b", "y", "equation=s:...d");
  onnx_writer_output (writer, "y");
}

static void
write_reshapes (OnnxWriter *writer)
{
  static const gint64 shape[] = { 2, -1 };

  onnx_writer_ints (writer, "shape", 2, shape);
  onnx_writer_node (writer, "Flatten", "x", "a", "axis=i:2");
  onnx_writer_node (writer, "Reshape", "a shape", "y", "");
  onnx_writer_output (writer, "y");
}

/* ---- batchnorm
 * ------------------------------------------------------------------------- */

static void
write_conv_batchnorm (OnnxWriter *writer)
{
  write_conv (writer, "x", "a");
  write_batchnorm (writer, "a", "y", 4);
  onnx_writer_output (writer, "y");
}

/* Conv with bias, then scale and shift per channel in all ways. */
static void
write_conv_arithmetic (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (4, 4, 4, 1, 1), 1);
  onnx_writer_random (writer, "bias", dnn_shape (1, 4), 2);
  onnx_writer_random (writer, "m", dnn_shape (3, 4, 1, 1), 3);
  onnx_writer_random (writer, "c", dnn_shape (4, 1, 4, 1, 1), 4);
  pass_write_scalar (writer, "half", 0.5f);
  onnx_writer_node (writer, "Conv", "x w bias", "a", "");
  onnx_writer_node (writer, "Mul", "m a", "b", "");
  onnx_writer_node (writer, "Add", "b c", "d", "");
  onnx_writer_node (writer, "Sub", "half d", "e", "");
  onnx_writer_node (writer, "Div", "e half", "f", "");
  onnx_writer_node (writer, "Sub", "f c", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_transpose_groups (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (4, 4, 3, 2, 2), 1);
  onnx_writer_node (
      writer, "ConvTranspose", "x w", "a", "group=i:2 strides=is:2,2");
  write_batchnorm (writer, "a", "y", 6);
  onnx_writer_output (writer, "y");
}

static void
write_gemm (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (2, 5, 4), 1);
  onnx_writer_random (writer, "c", dnn_shape (1, 5), 2);
  onnx_writer_random (writer, "m", dnn_shape (1, 5), 3);
  onnx_writer_node (
      writer, "Gemm", "x w c", "a", "transB=i:1 alpha=f:0.5 beta=f:2");
  onnx_writer_node (writer, "Mul", "a m", "y", "");
  onnx_writer_output (writer, "y");
}

/* What must stay: two users, an output, a factor per row. */
static void
write_not_foldable (OnnxWriter *writer)
{
  onnx_writer_random (writer, "m", dnn_shape (4, 1, 1, 6, 1), 3);
  write_conv (writer, "x", "a");
  onnx_writer_node (writer, "Mul", "a m", "b", "");
  write_conv (writer, "b", "c");
  write_batchnorm (writer, "c", "d", 4);
  onnx_writer_node (writer, "Add", "c d", "y", "");
  onnx_writer_output (writer, "y");
}

/* ---- pattern
 * ------------------------------------------------------------------------------
 */

static void
write_swish (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Sigmoid", "x", "s", "");
  onnx_writer_node (writer, "Mul", "x s", "a", "");
  onnx_writer_node (
      writer, "HardSigmoid", "a", "h", "alpha=f:0.16666667 beta=f:0.5");
  onnx_writer_node (writer, "Mul", "h a", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_hard_swish (OnnxWriter *writer)
{
  pass_write_scalar (writer, "zero", 0);
  pass_write_scalar (writer, "three", 3);
  pass_write_scalar (writer, "six", 6);
  onnx_writer_node (writer, "Add", "x three", "a", "");
  onnx_writer_node (writer, "Clip", "a zero six", "b", "");
  onnx_writer_node (writer, "Mul", "x b", "c", "");
  onnx_writer_node (writer, "Div", "c six", "d", "");
  onnx_writer_node (writer, "Add", "d three", "e", "");
  onnx_writer_node (writer, "Clip", "e zero six", "f", "");
  onnx_writer_node (writer, "Div", "f six", "g", "");
  onnx_writer_node (writer, "Mul", "g d", "y", "");
  onnx_writer_output (writer, "y");
}

/* The sigmoid has another user; the product is of another tensor. */
static void
write_no_swish (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Sigmoid", "x", "s", "");
  onnx_writer_node (writer, "Mul", "x s", "a", "");
  onnx_writer_node (writer, "Sigmoid", "a", "t", "");
  onnx_writer_node (writer, "Mul", "s t", "y", "");
  onnx_writer_output (writer, "y");
}

/* ---- fuse
 * ------------------------------------------------------------------------------------
 */

static void
write_chain (OnnxWriter *writer)
{
  pass_write_scalar (writer, "half", 0.5f);
  pass_write_scalar (writer, "six", 6);
  write_conv (writer, "x", "a");
  onnx_writer_node (writer, "Add", "x a", "b", "");
  onnx_writer_node (writer, "Relu", "b", "c", "");
  onnx_writer_node (writer, "Mul", "half c", "d", "");
  onnx_writer_node (writer, "Clip", "d - six", "e", "");
  onnx_writer_node (writer, "LeakyRelu", "e", "f", "alpha=f:0.25");
  onnx_writer_node (writer, "HardSigmoid", "f", "g", "");
  onnx_writer_node (writer, "HardSwish", "g", "h", "");
  onnx_writer_node (writer, "Add", "h half", "i", "");
  onnx_writer_node (writer, "Tanh", "i", "j", "");
  onnx_writer_node (writer, "Sigmoid", "j", "y", "");
  onnx_writer_output (writer, "y");
}

/* The last of two convolutions takes the sum; a bottleneck's shortcut. */
static void
write_two_convs (OnnxWriter *writer)
{
  write_conv (writer, "x", "a");
  write_conv (writer, "x", "b");
  onnx_writer_node (writer, "Add", "a b", "y", "");
  onnx_writer_output (writer, "y");
}

/* The other operand is made later, by a node that can't take the sum. */
static void
write_later_operand (OnnxWriter *writer)
{
  write_conv (writer, "x", "a");
  onnx_writer_node (writer, "Exp", "x", "b", "");
  onnx_writer_node (writer, "Add", "a b", "c", "");
  onnx_writer_node (writer, "Relu", "c", "y", "");
  onnx_writer_output (writer, "y");
}

/* Two users; an output; twice the same; a broadcast sum; Sub. */
static void
write_not_fusable (OnnxWriter *writer)
{
  onnx_writer_input (writer, "row", "1,1,6,1");
  write_conv (writer, "x", "a");
  onnx_writer_node (writer, "Relu", "a", "b", "");
  onnx_writer_node (writer, "Mul", "a b", "c", "");
  write_conv (writer, "c", "d");
  onnx_writer_node (writer, "Relu", "d", "e", "");
  write_conv (writer, "e", "f");
  onnx_writer_node (writer, "Add", "f f", "g", "");
  write_conv (writer, "g", "h");
  onnx_writer_node (writer, "Add", "h row", "i", "");
  write_conv (writer, "i", "j");
  onnx_writer_node (writer, "Sub", "x j", "y", "");
  onnx_writer_output (writer, "d");
  onnx_writer_output (writer, "y");
}

static void
write_matmul (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (2, 4, 6), 1);
  onnx_writer_random (writer, "v", dnn_shape (2, 6, 3), 2);
  onnx_writer_node (writer, "MatMul", "x w", "a", "");
  onnx_writer_node (writer, "Relu", "a", "b", "");
  onnx_writer_node (writer, "Gemm", "b v", "c", "");
  onnx_writer_node (writer, "Sigmoid", "c", "y", "");
  onnx_writer_output (writer, "y");
}

/* ---- all of them
 * -------------------------------------------------------------------------------
 */

static void
write_all (OnnxWriter *writer)
{
  write_conv (writer, "x", "a");
  write_batchnorm (writer, "a", "b", 4);
  onnx_writer_node (writer, "Sigmoid", "b", "c", "");
  onnx_writer_node (writer, "Mul", "b c", "d", "");
  onnx_writer_node (writer, "Dropout", "d", "e", "");
  write_conv (writer, "e", "f");
  write_batchnorm (writer, "f", "g", 4);
  onnx_writer_node (writer, "Add", "g e", "h", "");
  onnx_writer_node (writer, "Relu", "h", "y", "");
  onnx_writer_output (writer, "y");
}

#define IMAGE "1,4,6,5"

static const PassRow rows[] = {
  { "fold/chain", dnn_pass_fold, IMAGE, write_fold_chain, "Add(y)" },
  { "fold/large", dnn_pass_fold, "1,4,100,100", write_fold_large, "Mul(y)" },
  { "fold/output", dnn_pass_fold, IMAGE, write_fold_output, "Relu(z)" },
  { "einsum/turned", dnn_pass_einsum, IMAGE, write_einsums,
      "Transpose(a) Transpose(b) Transpose(y)" },
  { "einsum/none", dnn_pass_einsum, IMAGE, write_other_einsums,
      "Einsum(a) Einsum(b) Einsum(y)" },
  { "identity/all", dnn_pass_identity, IMAGE, write_identities, "Relu(y)" },
  { "identity/none", dnn_pass_identity, IMAGE, write_not_identities,
      "Slice(a) Add(b)" },
  { "identity/output", dnn_pass_identity, IMAGE, write_identity_output,
      "Relu(a)" },
  { "identity/transposes", dnn_pass_identity, IMAGE, write_transposes,
      "Relu(c) Transpose(y)" },
  { "identity/reshapes", dnn_pass_identity, IMAGE, write_reshapes,
      "Reshape(y)" },
  { "batchnorm/conv", dnn_pass_batchnorm, IMAGE, write_conv_batchnorm,
      "Conv(y)" },
  { "batchnorm/arithmetic", dnn_pass_batchnorm, IMAGE, write_conv_arithmetic,
      "Conv(y)" },
  { "batchnorm/conv-transpose", dnn_pass_batchnorm, IMAGE,
      write_transpose_groups, "ConvTranspose(y)" },
  { "batchnorm/gemm", dnn_pass_batchnorm, "3,4", write_gemm, "Gemm(y)" },
  { "batchnorm/none", dnn_pass_batchnorm, IMAGE, write_not_foldable,
      "Conv(a) Mul(b) Conv(c) BatchNormalization(d) Add(y)" },
  { "pattern/swish", dnn_pass_pattern, IMAGE, write_swish,
      "Swish(a) HardSwish(y)" },
  { "pattern/hard-swish", dnn_pass_pattern, IMAGE, write_hard_swish,
      "HardSwish(d) HardSwish(y)" },
  { "pattern/none", dnn_pass_pattern, IMAGE, write_no_swish,
      "Sigmoid(s) Mul(a) Sigmoid(t) Mul(y)" },
  { "fuse/chain", dnn_pass_fuse, IMAGE, write_chain,
      "Conv(y)+Add[x]+Relu+Mul{B=0.5}+Clip{max=6}+LeakyRelu{alpha=0.25}"
      "+HardSigmoid+HardSwish+Add{B=0.5}+Tanh+Sigmoid" },
  { "fuse/two-convs", dnn_pass_fuse, IMAGE, write_two_convs,
      "Conv(a) Conv(y)+Add[a]" },
  { "fuse/later-operand", dnn_pass_fuse, IMAGE, write_later_operand,
      "Exp(b) Conv(y)+Add[b]+Relu" },
  { "fuse/none", dnn_pass_fuse, IMAGE, write_not_fusable,
      "Conv(a) Relu(b) Mul(c) Conv(d) Relu(e) Conv(f) Add(g) Conv(h) Add(i) "
      "Conv(j) Sub(y)" },
  { "fuse/matmul", dnn_pass_fuse, "3,4", write_matmul,
      "MatMul(b)+Relu Gemm(y)+Sigmoid" },
  { "optimise/all", dnn_optimise_graph, IMAGE, write_all,
      "Conv(d)+Swish Conv(y)+Add[d]+Relu" },
};

/* Open dimensions: nothing is folded that depends on them, residuals aren't
 * fused, since one could be broadcast. */
static void
test_open_shapes (void)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (15);
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *left = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  onnx_writer_input (writer, "x", "1,4,H,W");
  write_all (writer);
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, &error);
  test_folder_remove (dir);
  g_assert_no_error (error);
  dnn_optimise_graph (graph, &error);
  g_assert_no_error (error);
  left = pass_describe (graph);
  g_assert_cmpstr (left, ==, "Conv(d)+Swish Conv(g) Add(h) Relu(y)");
}

/* Folding blows nothing up: a constant that grows a lot stays a node. */
static void
test_fold_bound (void)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (15);
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *left = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  onnx_writer_input (writer, "x", "1000,1000");
  onnx_writer_random (writer, "a", dnn_shape (2, 1000, 1), 1);
  onnx_writer_random (writer, "b", dnn_shape (2, 1, 1000), 2);
  onnx_writer_node (writer, "Mul", "a b", "c", "");
  onnx_writer_node (writer, "Add", "x c", "y", "");
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, &error);
  test_folder_remove (dir);
  g_assert_no_error (error);
  dnn_pass_fold (graph, &error);
  g_assert_no_error (error);
  left = pass_describe (graph);
  g_assert_cmpstr (left, ==, "Mul(c) Add(y)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  pass_add_rows (rows, G_N_ELEMENTS (rows));
  g_test_add_func ("/compiler/pass-optimise/open-shapes", test_open_shapes);
  g_test_add_func ("/compiler/pass-fold/bound", test_fold_bound);
  return g_test_run ();
}
