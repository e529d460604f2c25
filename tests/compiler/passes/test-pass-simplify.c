/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Casts, common subexpressions, arithmetic and padding in front of weights,
 * activations, results that nobody uses: see pass-row.h. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/passes/pass-row.h"
#include "tests/test-folder.h"

#include <math.h>

static void
write_node (OnnxWriter *writer, const gchar *op, const gchar *inputs,
    const gchar *output)
{
  onnx_writer_node (writer, op, inputs, output, "");
}

static void
write_weights (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (4, 4, 4, 3, 3), 3);
}

/* ---- cast
 * -----------------------------------------------------------------------------
 */

/* float32 → float64 → float32 is nothing; → int32 → float32 is something. */
static void
write_casts (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Cast", "x", "a", "to=i:11");
  onnx_writer_node (writer, "Cast", "a", "b", "to=i:1");
  onnx_writer_node (writer, "Cast", "b", "c", "to=i:6");
  onnx_writer_node (writer, "Cast", "c", "d", "to=i:7");
  onnx_writer_node (writer, "Cast", "d", "y", "to=i:1");
  onnx_writer_output (writer, "y");
}

/* ---- common
 * ---------------------------------------------------------------------------
 */

/* Equal constants, equal nodes of them, one an output by its own name; another
 * attribute, another order of inputs are something else. */
static void
write_common (OnnxWriter *writer)
{
  pass_write_scalar (writer, "two", 2);
  pass_write_scalar (writer, "zwei", 2);
  write_node (writer, "Sub", "x two", "a");
  write_node (writer, "Sub", "x zwei", "b");
  write_node (writer, "Exp", "a", "c");
  write_node (writer, "Exp", "b", "d");
  write_node (writer, "Sub", "zwei x", "e");
  onnx_writer_node (writer, "LeakyRelu", "d", "f", "alpha=f:0.5");
  onnx_writer_node (writer, "LeakyRelu", "c", "g", "alpha=f:0.25");
  write_node (writer, "Sum", "c d e f g", "y");
  onnx_writer_output (writer, "d");
  onnx_writer_output (writer, "y");
}

/* ---- before
 * ---------------------------------------------------------------------------
 */

static void
write_per_channel (OnnxWriter *writer)
{
  onnx_writer_random (writer, "m", dnn_shape (4, 1, 4, 1, 1), 5);
  onnx_writer_random (writer, "n", dnn_shape (3, 4, 1, 1), 6);
}

/* No padding: factor and offset. */
static void
write_before_conv (OnnxWriter *writer)
{
  write_per_channel (writer);
  pass_write_scalar (writer, "half", 0.5f);
  onnx_writer_random (writer, "bias", dnn_shape (1, 6), 7);
  onnx_writer_random (writer, "w", dnn_shape (4, 6, 2, 3, 3), 3);
  write_node (writer, "Div", "x half", "a");
  write_node (writer, "Mul", "m a", "b");
  write_node (writer, "Sub", "n b", "c");
  onnx_writer_node (writer, "Conv", "c w bias", "y", "group=i:2");
  onnx_writer_output (writer, "y");
}

/* Padded: what is added would be missing in the padding; the sum stays, what
 * stands before it too. */
static void
write_before_padded (OnnxWriter *writer)
{
  write_per_channel (writer);
  write_weights (writer);
  write_node (writer, "Add", "x n", "a");
  write_node (writer, "Mul", "a m", "b");
  onnx_writer_node (writer, "Conv", "b w", "y", "pads=is:1,1,1,1");
  onnx_writer_output (writer, "y");
}

/* Two users; a factor a row; one channel made four. */
static void
write_before_none (OnnxWriter *writer)
{
  write_per_channel (writer);
  write_weights (writer);
  onnx_writer_input (writer, "one", "1,1,6,5");
  onnx_writer_random (writer, "rows", dnn_shape (2, 6, 1), 5);
  write_node (writer, "Mul", "x m", "a");
  write_node (writer, "Conv", "a w", "b");
  write_node (writer, "Mul", "x rows", "c");
  write_node (writer, "Conv", "c w", "d");
  write_node (writer, "Mul", "one m", "e");
  write_node (writer, "Conv", "e w", "f");
  write_node (writer, "Sum", "b d f", "y");
  onnx_writer_output (writer, "a");
  onnx_writer_output (writer, "y");
}

static void
write_before_matrices (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (2, 4, 6), 1);
  onnx_writer_random (writer, "v", dnn_shape (2, 3, 6), 2);
  onnx_writer_random (writer, "c", dnn_shape (1, 3), 3);
  onnx_writer_random (writer, "m", dnn_shape (1, 4), 4);
  onnx_writer_random (writer, "n", dnn_shape (1, 6), 5);
  write_node (writer, "Mul", "x m", "a");
  write_node (writer, "MatMul", "a w", "b");
  write_node (writer, "Add", "b n", "d");
  onnx_writer_node (writer, "Gemm", "d v c", "y", "transB=i:1 alpha=f:0.5");
  onnx_writer_output (writer, "y");
}

/* ---- pad
 * ------------------------------------------------------------------------------
 */

static void
write_pads (OnnxWriter *writer, const gchar *name, gint64 channel, gint64 top,
    gint64 left, gint64 bottom, gint64 right)
{
  const gint64 pads[] = { 0, channel, top, left, 0, 0, bottom, right };

  onnx_writer_ints (writer, name, 8, pads);
}

static void
write_pad_conv (OnnxWriter *writer)
{
  write_weights (writer);
  write_pads (writer, "p", 0, 1, 0, 1, 2);
  write_node (writer, "Pad", "x p", "a");
  onnx_writer_node (writer, "Conv", "a w", "y", "pads=is:0,1,1,0");
  onnx_writer_output (writer, "y");
}

static void
write_pad_pools (OnnxWriter *writer)
{
  pass_write_scalar (writer, "low", -INFINITY);
  write_pads (writer, "p", 0, 1, 1, 1, 1);
  write_node (writer, "Pad", "x p", "a");
  onnx_writer_node (
      writer, "AveragePool", "a", "b", "kernel_shape=is:3,3 strides=is:2,2");
  write_node (writer, "Relu", "b", "c");
  write_node (writer, "Pad", "c p", "d");
  onnx_writer_node (writer, "MaxPool", "d", "e", "kernel_shape=is:2,2");
  write_node (writer, "Pad", "e p low", "f");
  onnx_writer_node (writer, "MaxPool", "f", "y", "kernel_shape=is:3,3");
  onnx_writer_output (writer, "y");
}

/* Channels; another number; SAME; a maximum that may be negative; more than the
 * window; edges. */
static void
write_pad_none (OnnxWriter *writer)
{
  pass_write_scalar (writer, "one", 1);
  write_weights (writer);
  onnx_writer_random (writer, "v", dnn_shape (4, 4, 5, 1, 1), 4);
  write_pads (writer, "p", 0, 1, 1, 1, 1);
  write_pads (writer, "q", 1, 1, 1, 1, 1);
  write_pads (writer, "r", 0, 3, 3, 3, 3);
  write_node (writer, "Pad", "x q", "a");
  write_node (writer, "Conv", "a v", "b");
  write_node (writer, "Pad", "b p one", "c");
  write_node (writer, "Conv", "c w", "d");
  write_node (writer, "Pad", "d p", "e");
  onnx_writer_node (writer, "Conv", "e w", "f", "auto_pad=s:SAME_UPPER");
  write_node (writer, "Pad", "f p", "g");
  onnx_writer_node (writer, "MaxPool", "g", "h", "kernel_shape=is:3,3");
  write_node (writer, "Pad", "h r", "i");
  write_node (writer, "Conv", "i w", "j");
  onnx_writer_node (writer, "Pad", "j p", "k", "mode=s:edge");
  write_node (writer, "Conv", "k w", "y");
  onnx_writer_output (writer, "y");
}

/* ---- pattern
 * -------------------------------------------------------------------------- */

static void
write_numbers (OnnxWriter *writer)
{
  pass_write_scalar (writer, "half", 0.5f);
  pass_write_scalar (writer, "one", 1);
  pass_write_scalar (writer, "root2", 1.41421354f);
  pass_write_scalar (writer, "rsqrt2", 0.70710677f);
  pass_write_scalar (writer, "three", 3);
  pass_write_scalar (writer, "cubic", 0.044715f);
  pass_write_scalar (writer, "factor", 0.79788458f);
}

/* PyTorch's, then with the half first, then with a factor. */
static void
write_gelu (OnnxWriter *writer)
{
  write_numbers (writer);
  write_node (writer, "Div", "x root2", "a");
  write_node (writer, "Erf", "a", "b");
  write_node (writer, "Add", "b one", "c");
  write_node (writer, "Mul", "x c", "d");
  write_node (writer, "Mul", "d half", "e");
  write_node (writer, "Mul", "rsqrt2 e", "f");
  write_node (writer, "Erf", "f", "g");
  write_node (writer, "Add", "one g", "h");
  write_node (writer, "Mul", "e half", "i");
  write_node (writer, "Mul", "h i", "j");
  write_node (writer, "Div", "j root2", "k");
  write_node (writer, "Erf", "k", "l");
  write_node (writer, "Add", "l one", "m");
  write_node (writer, "Mul", "half m", "n");
  write_node (writer, "Mul", "n j", "y");
  onnx_writer_output (writer, "y");
}

/* With Pow, with products, and with x taken out. */
static void
write_gelu_tanh (OnnxWriter *writer)
{
  write_numbers (writer);
  write_node (writer, "Pow", "x three", "a");
  write_node (writer, "Mul", "a cubic", "b");
  write_node (writer, "Add", "x b", "c");
  write_node (writer, "Mul", "c factor", "d");
  write_node (writer, "Tanh", "d", "e");
  write_node (writer, "Add", "e one", "f");
  write_node (writer, "Mul", "x f", "g");
  write_node (writer, "Mul", "g half", "h");
  write_node (writer, "Mul", "h h", "i");
  write_node (writer, "Mul", "i h", "j");
  write_node (writer, "Mul", "cubic j", "k");
  write_node (writer, "Add", "k h", "l");
  write_node (writer, "Mul", "factor l", "m");
  write_node (writer, "Tanh", "m", "n");
  write_node (writer, "Add", "one n", "o");
  write_node (writer, "Mul", "half h", "p");
  write_node (writer, "Mul", "p o", "q");
  write_node (writer, "Mul", "q q", "r");
  write_node (writer, "Mul", "r cubic", "s");
  write_node (writer, "Add", "s one", "t");
  write_node (writer, "Mul", "q factor", "u");
  write_node (writer, "Mul", "u t", "v");
  write_node (writer, "Tanh", "v", "w");
  write_node (writer, "Add", "w one", "z");
  write_node (writer, "Mul", "q z", "zz");
  write_node (writer, "Mul", "zz half", "y");
  onnx_writer_output (writer, "y");
}

static void
write_mish (OnnxWriter *writer)
{
  pass_write_scalar (writer, "quick", 1.702f);
  write_node (writer, "Softplus", "x", "a");
  write_node (writer, "Tanh", "a", "b");
  write_node (writer, "Mul", "x b", "c");
  write_node (writer, "Mul", "c quick", "d");
  write_node (writer, "Sigmoid", "d", "e");
  write_node (writer, "Mul", "e c", "y");
  onnx_writer_output (writer, "y");
}

/* Another number; an inner result that is an output. */
static void
write_no_gelu (OnnxWriter *writer)
{
  write_numbers (writer);
  write_node (writer, "Div", "x root2", "a");
  write_node (writer, "Erf", "a", "b");
  write_node (writer, "Add", "b one", "c");
  write_node (writer, "Mul", "x c", "d");
  write_node (writer, "Mul", "d rsqrt2", "e");
  write_node (writer, "Softplus", "e", "f");
  write_node (writer, "Tanh", "f", "g");
  write_node (writer, "Mul", "e g", "y");
  onnx_writer_output (writer, "g");
  onnx_writer_output (writer, "y");
}

/* ---- norm
 * -----------------------------------------------------------------------------
 */

/* @centred over the root of the mean of its squares, or times its inverse. */
static void
write_quotient (OnnxWriter *writer, const gchar *centred, const gchar *output,
    gboolean with_reciprocal)
{
  g_autofree gchar *square = g_strconcat ("sq_", output, NULL);
  g_autofree gchar *mean = g_strconcat ("mean_", output, NULL);
  g_autofree gchar *sum = g_strconcat ("sum_", output, NULL);
  g_autofree gchar *root = g_strconcat ("root_", output, NULL);
  g_autofree gchar *inverse = g_strconcat ("inv_", output, NULL);
  g_autofree gchar *power = g_strdup_printf (
      "%s %s", centred, with_reciprocal ? centred : "two");
  g_autofree gchar *mean_eps = g_strdup_printf ("%s eps", mean);
  g_autofree gchar *inputs = g_strdup_printf (
      "%s %s", centred, with_reciprocal ? inverse : root);

  write_node (writer, with_reciprocal ? "Mul" : "Pow", power, square);
  onnx_writer_node (writer, "ReduceMean", square, mean, "axes=is:-1");
  write_node (writer, "Add", mean_eps, sum);
  write_node (writer, "Sqrt", sum, root);
  if (with_reciprocal)
    write_node (writer, "Reciprocal", root, inverse);
  write_node (writer, with_reciprocal ? "Mul" : "Div", inputs, output);
}

static void
write_norm_numbers (OnnxWriter *writer)
{
  pass_write_scalar (writer, "two", 2);
  pass_write_scalar (writer, "eps", 1e-4f);
  onnx_writer_random (writer, "scale", dnn_shape (1, 5), 8);
  onnx_writer_random (writer, "shift", dnn_shape (1, 5), 9);
}

static void
write_layer_norm (OnnxWriter *writer)
{
  write_norm_numbers (writer);
  onnx_writer_node (writer, "ReduceMean", "x", "m", "axes=is:-1");
  write_node (writer, "Sub", "x m", "d");
  write_quotient (writer, "d", "n", FALSE);
  write_node (writer, "Mul", "n scale", "p");
  write_node (writer, "Add", "shift p", "a");
  onnx_writer_node (writer, "ReduceMean", "a", "o", "axes=is:3");
  write_node (writer, "Sub", "a o", "e");
  write_quotient (writer, "e", "y", TRUE); /* neither scale nor shift */
  onnx_writer_output (writer, "y");
}

static void
write_rms_norm (OnnxWriter *writer)
{
  write_norm_numbers (writer);
  write_quotient (writer, "x", "n", TRUE);
  write_node (writer, "Mul", "scale n", "y");
  onnx_writer_output (writer, "y");
}

/* The mean is of another dimension; the deviation is an output. */
static void
write_no_norm (OnnxWriter *writer)
{
  write_norm_numbers (writer);
  onnx_writer_node (writer, "ReduceMean", "x", "m", "axes=is:1");
  write_node (writer, "Sub", "x m", "d");
  write_quotient (writer, "x", "n", FALSE);
  write_node (writer, "Mul", "d n", "y");
  onnx_writer_output (writer, "root_n");
  onnx_writer_output (writer, "y");
}

static void
write_group_norm (OnnxWriter *writer)
{
  static const gint64 groups[] = { 0, 2, -1 }, back[] = { 1, 4, 6, 5 };
  static const gfloat ones[] = { 1, 1 }, zeros[] = { 0, 0 };

  onnx_writer_ints (writer, "groups", 3, groups);
  onnx_writer_ints (writer, "back", 4, back);
  onnx_writer_floats (writer, "ones", dnn_shape (1, 2), ones);
  onnx_writer_floats (writer, "zeros", dnn_shape (1, 2), zeros);
  onnx_writer_random (writer, "scale", dnn_shape (3, 4, 1, 1), 8);
  onnx_writer_random (writer, "shift", dnn_shape (3, 4, 1, 1), 9);
  write_node (writer, "Reshape", "x groups", "a");
  onnx_writer_node (
      writer, "InstanceNormalization", "a ones zeros", "b", "epsilon=f:0.001");
  write_node (writer, "Reshape", "b back", "c");
  write_node (writer, "Mul", "c scale", "d");
  write_node (writer, "Add", "d shift", "y");
  onnx_writer_output (writer, "y");
}

/* ---- fuse
 * ------------------------------------------------------------------------------
 */

/* One value a channel, of a constant and of a tensor, on either side. */
static void
write_fuse_channels (OnnxWriter *writer)
{
  onnx_writer_input (writer, "gate", "1,4,1,1");
  pass_write_scalar (writer, "two", 2);
  write_per_channel (writer);
  write_weights (writer);
  write_node (writer, "Conv", "x w", "a");
  write_node (writer, "Relu", "a", "b");
  write_node (writer, "Mul", "gate b", "c");
  write_node (writer, "Sub", "c n", "d");
  write_node (writer, "Sub", "d two", "e");
  write_node (writer, "Div", "e two", "y");
  onnx_writer_output (writer, "y");
}

static void
write_fuse_columns (OnnxWriter *writer)
{
  onnx_writer_random (writer, "w", dnn_shape (2, 4, 6), 1);
  onnx_writer_random (writer, "v", dnn_shape (2, 6, 3), 2);
  onnx_writer_random (writer, "c", dnn_shape (1, 6), 3);
  onnx_writer_random (writer, "r", dnn_shape (2, 5, 1), 3);
  write_node (writer, "MatMul", "x w", "a");
  write_node (writer, "Add", "c a", "b");
  write_node (writer, "Relu", "b", "d");
  write_node (writer, "MatMul", "d v", "e");
  write_node (writer, "Add", "e r", "y"); /* one a row */
  onnx_writer_output (writer, "y");
}

/* ---- outputs
 * -------------------------------------------------------------------------- */

static void
write_outputs (OnnxWriter *writer)
{
  onnx_writer_node (
      writer, "MaxPool", "x", "y i", "kernel_shape=is:2,2 strides=is:2,2");
  onnx_writer_output (writer, "y");
}

#define IMAGE "1,4,6,5"

static const PassRow rows[] = {
  { "cast/chain", dnn_pass_cast, IMAGE, write_casts, "Cast(c) Cast(y)" },
  { "common/all", dnn_pass_common, IMAGE, write_common,
      "Sub(a) Exp(c) Sub(e) LeakyRelu(f) LeakyRelu(g) Sum(y)" },
  { "before/conv", dnn_optimise_graph, IMAGE, write_before_conv, "Conv(y)" },
  { "before/padded", dnn_pass_before, IMAGE, write_before_padded,
      "Add(a) Conv(y)" },
  { "before/none", dnn_pass_before, IMAGE, write_before_none,
      "Mul(a) Conv(b) Mul(c) Conv(d) Mul(e) Conv(f) Sum(y)" },
  { "before/matrices", dnn_pass_before, "3,4", write_before_matrices,
      "MatMul(b) Gemm(y)" },
  { "pad/conv", dnn_pass_pad, IMAGE, write_pad_conv, "Conv(y)" },
  { "pad/pools", dnn_pass_pad, IMAGE, write_pad_pools,
      "AveragePool(b) Relu(c) MaxPool(e) MaxPool(y)" },
  { "pad/none", dnn_pass_pad, IMAGE, write_pad_none,
      "Pad(a) Conv(b) Pad(c) Conv(d) Pad(e) Conv(f) Pad(g) MaxPool(h) Pad(i) "
      "Conv(j) Pad(k) Conv(y)" },
  { "pattern/gelu", dnn_pass_pattern, IMAGE, write_gelu,
      "Gelu(e) Gelu(j) Gelu(y)" },
  { "pattern/gelu-tanh", dnn_pass_pattern, IMAGE, write_gelu_tanh,
      "Gelu(h) Gelu(q) Gelu(y)" },
  { "pattern/mish", dnn_pass_pattern, IMAGE, write_mish, "Mish(c) Swish(y)" },
  { "pattern/no-gelu", dnn_pass_pattern, IMAGE, write_no_gelu,
      "Div(a) Erf(b) Add(c) Mul(d) Mul(e) Softplus(f) Tanh(g) Mul(y)" },
  { "norm/layer", dnn_pass_norm, IMAGE, write_layer_norm,
      "LayerNormalization(a) LayerNormalization(y)" },
  { "norm/rms", dnn_pass_norm, IMAGE, write_rms_norm, "RMSNormalization(y)" },
  { "norm/none", dnn_pass_norm, IMAGE, write_no_norm,
      "ReduceMean(m) Sub(d) Pow(sq_n) ReduceMean(mean_n) Add(sum_n) "
      "Sqrt(root_n) Div(n) Mul(y)" },
  { "norm/group", dnn_pass_norm, IMAGE, write_group_norm,
      "GroupNormalization(y)" },
  { "fuse/channels", dnn_pass_fuse, IMAGE, write_fuse_channels,
      "Conv(y)+Relu+Mul[gate]+Sub[n]+Add{B=-2}+Mul{B=0.5}" },
  { "fuse/columns", dnn_pass_fuse, "5,4", write_fuse_columns,
      "MatMul(d)+Add[c]+Relu MatMul(e) Add(y)" },
  { "outputs/max-pool", dnn_pass_outputs, IMAGE, write_outputs, "MaxPool(y)" },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  pass_add_rows (rows, G_N_ELEMENTS (rows));
  return g_test_run ();
}
