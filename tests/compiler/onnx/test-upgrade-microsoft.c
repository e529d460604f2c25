/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of com.microsoft: what they become, and that it computes what ONNX
 * Runtime computes (its numbers). */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

/* x is -1, 0, 1, 2; y what comes out. */
typedef struct
{
  const gchar *name;
  void (*write) (OnnxWriter *writer);
  const gchar *ops;
  gfloat values[4];
  DnnError code; /* with text: refused */
  const gchar *text;
} Row;

static void
write_call (OnnxWriter *writer, const gchar *op, const gchar *inputs,
    const gchar *attrs)
{
  static const gfloat ones[] = { 1, 1, 1, 1 }, twos[] = { 2, 2, 2, 2 };

  onnx_writer_floats (writer, "one", dnn_shape (1, 4), ones);
  onnx_writer_floats (writer, "two", dnn_shape (1, 4), twos);
  onnx_writer_call (writer, "com.microsoft", op, inputs, "y", attrs);
}

#define WRITE(name, op, inputs, attrs)          \
  static void write_##name (OnnxWriter *writer) \
  {                                             \
    write_call (writer, op, inputs, attrs);     \
  }
WRITE (gelu, "Gelu", "x", "")
WRITE (fast_gelu, "FastGelu", "x one", "")
WRITE (bias_gelu, "BiasGelu", "x one", "")
WRITE (quick_gelu, "QuickGelu", "x", "alpha=f:1")
WRITE (skip, "SkipLayerNormalization", "x one two one one", "")
WRITE (skip_rms, "SkipSimplifiedLayerNormalization", "x one two", "")
WRITE (skip_short, "SkipLayerNormalization", "x one", "")

/* The sum that was normalised is asked for, too. */
static void
write_skip_sum (OnnxWriter *writer)
{
  static const gfloat ones[] = { 1, 1, 1, 1 };

  onnx_writer_floats (writer, "one", dnn_shape (1, 4), ones);
  onnx_writer_call (writer, "com.microsoft", "SkipLayerNormalization",
      "x one one one", "z - - y", "");
}

static void
add_scales (OnnxWriter *writer)
{
  static const gfloat scale = 0.5f, double_scale = 1;
  static const guint8 zero = 10;
  const DnnShape scalar = { 0 };
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_UINT8, &scalar, &zero, NULL, NULL);

  onnx_writer_floats (writer, "s", dnn_shape (0), &scale);
  onnx_writer_floats (writer, "t", dnn_shape (0), &double_scale);
  onnx_writer_initializer (writer, "z", tensor, ONNX_WRITER_RAW);
  onnx_writer_node (writer, "QuantizeLinear", "x s z", "q", "");
}

#define WRITE_QUANTISED(name, op, inputs, attrs)                        \
  static void write_##name (OnnxWriter *writer)                         \
  {                                                                     \
    add_scales (writer);                                                \
    onnx_writer_call (writer, "com.microsoft", op, inputs, "r", attrs); \
    onnx_writer_node (writer, "DequantizeLinear", "r t z", "y", "");    \
  }
WRITE_QUANTISED (add, "QLinearAdd", "q s z q s z t z", "")
WRITE_QUANTISED (leaky, "QLinearLeakyRelu", "q s z t z", "alpha=f:2")
WRITE_QUANTISED (concat_short, "QLinearConcat", "t z q s", "axis=i:0")

static void
write_concat (OnnxWriter *writer)
{
  add_scales (writer);
  onnx_writer_call (
      writer, "com.microsoft", "QLinearConcat", "t z q s z", "r", "axis=i:0");
  onnx_writer_node (writer, "DequantizeLinear", "r t z", "y", "");
}

/* x times 2 by integers. */
static void
write_dynamic (OnnxWriter *writer)
{
  static const gint8 eye[16] = { 100, 0, 0, 0, 0, 100, 0, 0, 0, 0, 100, 0, 0, 0,
    0, 100 };
  static const gfloat scale = 0.02f;
  const DnnShape shape = { 2, { 4, 4 } };
  g_autoptr (DnnTensor)
      tensor = dnn_tensor_new_wrapped (DNN_TYPE_INT8, &shape, eye, NULL, NULL);

  onnx_writer_initializer (writer, "b", tensor, ONNX_WRITER_RAW);
  onnx_writer_floats (writer, "bs", dnn_shape (0), &scale);
  onnx_writer_call (
      writer, "com.microsoft", "DynamicQuantizeMatMul", "x b bs", "y", "");
}

static void
add_bytes (OnnxWriter *writer, const gchar *name, DnnType type, DnnShape shape,
    gconstpointer data)
{
  g_autoptr (DnnTensor)
      tensor = dnn_tensor_new_wrapped (type, &shape, data, NULL, NULL);

  onnx_writer_initializer (writer, name, tensor, ONNX_WRITER_RAW);
}

/* x as "a" with the dimensions @dims, "r" as y. */
static void
write_between (OnnxWriter *writer, guint n_dims, const gint64 *dims,
    const gchar *op, const gchar *inputs, const gchar *outputs,
    const gchar *attrs)
{
  static const gint64 flat = -1;

  onnx_writer_ints (writer, "dims", n_dims, dims);
  onnx_writer_ints (writer, "flat", 1, &flat);
  onnx_writer_node (writer, "Reshape", "x dims", "a", "");
  onnx_writer_call (writer, "com.microsoft", op, inputs, outputs, attrs);
  onnx_writer_node (writer, "Reshape", "r flat", "y", "");
}

/* ---- products ---- */

static void
write_fused (OnnxWriter *writer, const gchar *attrs)
{
  static const gfloat b[] = { 1, 2, 3, 4 };
  static const gint64 dims[] = { 2, 2 };

  onnx_writer_floats (writer, "b", dnn_shape (2, 2, 2), b);
  write_between (writer, 2, dims, "FusedMatMul", "a b", "r", attrs);
}

#define WRITE_FUSED(name, attrs)                \
  static void write_##name (OnnxWriter *writer) \
  {                                             \
    write_fused (writer, attrs);                \
  }
WRITE_FUSED (fused_a, "transA=i:1 alpha=f:0.5")
WRITE_FUSED (fused_b, "transB=i:1 alpha=f:2")
WRITE_FUSED (fused_both, "transA=i:1 transB=i:1")
WRITE_FUSED (fused_plain, "")
WRITE_FUSED (fused_batch, "transBatchA=i:1")

static void
write_gemm (OnnxWriter *writer, const gchar *inputs, const gchar *attrs,
    gboolean is_quantised)
{
  static const guint8 w[] = { 2, 4, 6, 8 }, zero = 2;
  static const gint32 c[] = { 4, 8 };
  static const gint64 dims[] = { 2, 2 }, flat = -1;

  add_scales (writer);
  add_bytes (writer, "w", DNN_TYPE_UINT8, dnn_shape (2, 2, 2), w);
  add_bytes (writer, "wz", DNN_TYPE_UINT8, dnn_shape (0), &zero);
  add_bytes (writer, "c", DNN_TYPE_INT32, dnn_shape (1, 2), c);
  onnx_writer_ints (writer, "dims", 2, dims);
  onnx_writer_ints (writer, "flat", 1, &flat);
  onnx_writer_node (writer, "Reshape", "q dims", "a", "");
  onnx_writer_call (writer, "com.microsoft", "QGemm", inputs, "r", attrs);
  if (is_quantised)
    onnx_writer_node (writer, "DequantizeLinear", "r t z", "d", "");
  onnx_writer_node (
      writer, "Reshape", is_quantised ? "d flat" : "r flat", "y", "");
}

static void
write_gemm_bytes (OnnxWriter *writer)
{
  write_gemm (writer, "a s z w s wz c t z", "transB=i:1 alpha=f:2", TRUE);
}

static void
write_gemm_floats (OnnxWriter *writer)
{
  write_gemm (writer, "a s z w s wz c", "transA=i:1", FALSE);
}

static void
write_gemm_short (OnnxWriter *writer)
{
  write_gemm (writer, "a s z w s", "", FALSE);
}

/* Bytes of two columns of @k numbers; x @n times is A's only row. */
static void
write_packed (OnnxWriter *writer, gint n, gint n_bytes, const gchar *inputs,
    const gchar *attrs)
{
  static const gfloat scales[] = { 0.25f, 0.5f, 0.75f, 1 };
  static const gfloat float_zeros[] = { 3.5f, 5 }, bias[] = { 1, 2 };
  static const guint8 zeros[] = { 3, 5 }, zeros_of_two[] = { 0x73, 0x25 };
  const gint64 dims[] = { 1, 4 * n }, flat = -1;
  guint8 data[32];

  for (gint i = 0; i < n_bytes; i++)
    data[i] = (guint8) (i * 37 + 11);
  add_bytes (writer, "b", DNN_TYPE_UINT8, dnn_shape (1, n_bytes), data);
  onnx_writer_floats (writer, "sc", dnn_shape (1, n > 4 ? 4 : 2), scales);
  onnx_writer_floats (writer, "zf", dnn_shape (1, 2), float_zeros);
  onnx_writer_floats (writer, "bias", dnn_shape (1, 2), bias);
  add_bytes (writer, "zp", DNN_TYPE_UINT8, dnn_shape (1, 2),
      n > 4 ? zeros_of_two : zeros);
  onnx_writer_ints (writer, "dims", 2, dims);
  onnx_writer_ints (writer, "flat", 1, &flat);
  onnx_writer_node (
      writer, "Concat", n > 4 ? "x x x x x" : "x x x x", "xx", "axis=i:0");
  onnx_writer_node (writer, "Reshape", "xx dims", "a", "");
  onnx_writer_call (writer, "com.microsoft", "MatMulNBits", inputs, "r", attrs);
  onnx_writer_node (writer, "Concat", "r r", "rr", "axis=i:0");
  onnx_writer_node (writer, "Reshape", "rr flat", "y", "");
}

#define WRITE_BITS(name, n, n_bytes, inputs, attrs)   \
  static void write_##name (OnnxWriter *writer)       \
  {                                                   \
    write_packed (writer, n, n_bytes, inputs, attrs); \
  }
#define SIZES "N=i:2 K=i:16 bits=i:4 block_size=i:16"
WRITE_BITS (bits, 4, 16, "a b sc", SIZES)
WRITE_BITS (bits_zeros, 4, 16, "a b sc zp", SIZES)
WRITE_BITS (bits_floats, 4, 16, "a b sc zf", SIZES)
WRITE_BITS (bits_bias, 4, 16, "a b sc zp - bias", SIZES)
WRITE_BITS (
    bits_eight, 4, 32, "a b sc", "N=i:2 K=i:16 bits=i:8 block_size=i:16")
WRITE_BITS (
    bits_blocks, 5, 32, "a b sc zp", "N=i:2 K=i:20 bits=i:4 block_size=i:16")
WRITE_BITS (
    bits_three, 4, 16, "a b sc", "N=i:2 K=i:16 bits=i:3 block_size=i:16")
WRITE_BITS (bits_block, 4, 16, "a b sc", "N=i:2 K=i:16 bits=i:4")
WRITE_BITS (bits_size, 4, 15, "a b sc", SIZES)
WRITE_BITS (bits_type, 4, 16, "a sc sc", SIZES)
WRITE_BITS (bits_input, 4, 16, "a a sc", SIZES)
WRITE_BITS (bits_index, 4, 16, "a b sc zp b", SIZES)

/* ---- channels last ---- */

static void
write_pool (OnnxWriter *writer, const gchar *op, const gchar *inputs,
    const gchar *attrs)
{
  static const gint64 dims[] = { 1, 1, 2, 2 }, flat = -1;

  add_scales (writer);
  onnx_writer_ints (writer, "dims", 4, dims);
  onnx_writer_ints (writer, "flat", 1, &flat);
  onnx_writer_node (writer, "Reshape", "q dims", "a", "");
  onnx_writer_call (writer, "com.microsoft", op, inputs, "r", attrs);
  onnx_writer_node (writer, "DequantizeLinear", "r s z", "d", "");
  onnx_writer_node (writer, "Reshape", "d flat", "e", "");
}

static void
write_max_pool (OnnxWriter *writer)
{
  write_pool (
      writer, "NhwcMaxPool", "a", "kernel_shape=is:1,2 pads=is:0,0,0,1");
  onnx_writer_node (writer, "Identity", "e", "y", "");
}

static void
write_average_pool (OnnxWriter *writer)
{
  write_pool (writer, "QLinearAveragePool", "a s z s z",
      "kernel_shape=is:1,2 pads=is:0,1,0,0 channels_last=i:1");
  onnx_writer_node (writer, "Identity", "e", "y", "");
}

static void
write_global_pool (OnnxWriter *writer)
{
  write_pool (
      writer, "QLinearGlobalAveragePool", "a s z s z", "channels_last=i:1");
  onnx_writer_node (writer, "Concat", "e e", "y", "axis=i:0");
}

/* ---- attention ---- */

static void
write_heads (OnnxWriter *writer, const gchar *op, const gchar *inputs,
    const gchar *outputs, const gchar *attrs)
{
  static const gfloat k[] = { 1, 0, 0.5f, -1 }, v[] = { 1, 2, 3, -4 },
                      w[] = { 1, 0.5f, -1, 2, 0.25f, 1, 0, 1, 0.5f, -0.5f, 2,
                        -1 },
                      bias[] = { 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f },
                      scores[] = { 0, 1, -1, 0 }, pk[] = { 2, -1 },
                      pv[] = { 5, 7 };
  static const gint32 mask[] = { 1, 0 };
  static const gint64 dims[] = { 1, 2, 2 };

  onnx_writer_floats (writer, "k", dnn_shape (3, 1, 2, 2), k);
  onnx_writer_floats (writer, "v", dnn_shape (3, 1, 2, 2), v);
  onnx_writer_floats (writer, "w", dnn_shape (2, 2, 6), w);
  onnx_writer_floats (writer, "bias", dnn_shape (1, 6), bias);
  onnx_writer_floats (writer, "ab", dnn_shape (4, 1, 1, 2, 2), scores);
  onnx_writer_floats (writer, "pk", dnn_shape (4, 1, 2, 1, 1), pk);
  onnx_writer_floats (writer, "pv", dnn_shape (4, 1, 2, 1, 1), pv);
  add_bytes (writer, "mask", DNN_TYPE_INT32, dnn_shape (2, 1, 2), mask);
  add_bytes (writer, "ends", DNN_TYPE_INT32, dnn_shape (1, 1), mask);
  write_between (writer, 3, dims, op, inputs, outputs, attrs);
}

#define WRITE_HEADS(name, op, inputs, outputs, attrs) \
  static void write_##name (OnnxWriter *writer)       \
  {                                                   \
    write_heads (writer, op, inputs, outputs, attrs); \
  }
#define WRITE_MULTI(name, inputs, outputs, attrs) \
  WRITE_HEADS (name, "MultiHeadAttention", inputs, outputs, attrs)
WRITE_MULTI (multi, "a k v", "r", "num_heads=i:1")
WRITE_MULTI (multi_bias, "a k v bias", "r", "num_heads=i:2 scale=f:1")
WRITE_MULTI (multi_causal, "a k v", "r", "num_heads=i:2 unidirectional=i:1")
WRITE_MULTI (multi_mask, "a k v - mask ab", "r", "num_heads=i:2")
WRITE_MULTI (multi_scores, "a k v - - ab", "r", "num_heads=i:2")
WRITE_MULTI (
    multi_past, "a k v - - - pk pv", "r present_k present_v", "num_heads=i:2")
WRITE_MULTI (multi_past_causal, "a k v - - - pk pv", "r",
    "num_heads=i:2 unidirectional=i:1")
WRITE_MULTI (multi_packed, "a", "r", "num_heads=i:2")
WRITE_MULTI (multi_ends, "a k v - ends", "r", "num_heads=i:2")
WRITE_MULTI (multi_length, "a k v - - - pk pv ends", "r", "num_heads=i:2")
#define WRITE_SINGLE(name, inputs, attrs) \
  WRITE_HEADS (name, "Attention", inputs, "r", attrs)
WRITE_SINGLE (attention, "a w bias", "num_heads=i:2")
WRITE_SINGLE (attention_one, "a w bias", "num_heads=i:1 do_rotary=i:0")
WRITE_SINGLE (attention_unbiased, "a w", "num_heads=i:2")
WRITE_SINGLE (
    attention_sizes, "a w bias", "num_heads=i:2 qkv_hidden_sizes=is:2,2,2")
WRITE_SINGLE (attention_mask, "a w bias mask", "num_heads=i:2")
WRITE_SINGLE (
    attention_scores, "a w bias - - ab", "num_heads=i:2 unidirectional=i:1")
WRITE_SINGLE (attention_past, "a w bias - pk", "num_heads=i:2")
WRITE_SINGLE (attention_rotary, "a w bias", "num_heads=i:2 do_rotary=i:1")
WRITE_SINGLE (
    attention_two_sizes, "a w bias", "num_heads=i:2 qkv_hidden_sizes=is:2,2")

static void
write_present (OnnxWriter *writer)
{
  write_heads (writer, "Attention", "a w bias", "r present", "num_heads=i:2");
  onnx_writer_output (writer, "present");
}

static void
write_tables (OnnxWriter *writer, const gchar *inputs, const gchar *outputs)
{
  static const gfloat words[] = { 0, 1, 2, 4, 1, -1, 3, 0 },
                      positions[] = { 0.5f, 0, 1, 2, 9, 9 },
                      segments[] = { 0, 2, 1, 0 }, gamma[] = { 1, 2 },
                      beta[] = { 0.5f, 0 };
  static const gint32 ids[] = { 3, 2 }, sid[] = { 0, 1 }, pid[] = { 2, 0 };
  static const gint64 flat = -1;

  onnx_writer_floats (writer, "words", dnn_shape (2, 4, 2), words);
  onnx_writer_floats (writer, "pos", dnn_shape (2, 3, 2), positions);
  onnx_writer_floats (writer, "seg", dnn_shape (2, 2, 2), segments);
  onnx_writer_floats (writer, "g", dnn_shape (1, 2), gamma);
  onnx_writer_floats (writer, "b", dnn_shape (1, 2), beta);
  add_bytes (writer, "ids", DNN_TYPE_INT32, dnn_shape (2, 1, 2), ids);
  add_bytes (writer, "sid", DNN_TYPE_INT32, dnn_shape (2, 1, 2), sid);
  add_bytes (writer, "pid", DNN_TYPE_INT32, dnn_shape (2, 1, 2), pid);
  onnx_writer_ints (writer, "flat", 1, &flat);
  onnx_writer_call (writer, "com.microsoft", "EmbedLayerNormalization", inputs,
      outputs, "epsilon=f:1");
  onnx_writer_node (writer, "Reshape", "r flat", "f", "");
}

static void
write_embed (OnnxWriter *writer)
{
  write_tables (writer, "ids sid words pos seg g b", "r m");
  onnx_writer_node (writer, "Add", "f x", "y", "");
}

static void
write_embed_positions (OnnxWriter *writer)
{
  write_tables (writer, "ids - words pos - g b - pid", "r m");
  onnx_writer_node (writer, "Add", "f x", "y", "");
}

static void
write_embed_sum (OnnxWriter *writer)
{
  write_tables (writer, "ids sid words pos seg g b", "r m sum");
  onnx_writer_node (writer, "Reshape", "sum flat", "s", "");
  onnx_writer_node (writer, "Add", "f s", "t", "");
  onnx_writer_node (writer, "Add", "t x", "y", "");
}

static void
write_embed_count (OnnxWriter *writer)
{
  write_tables (writer, "ids sid words pos seg g b", "r m");
  onnx_writer_node (writer, "Add", "f x", "y", "");
  onnx_writer_output (writer, "m");
}

static void
write_embed_short (OnnxWriter *writer)
{
  write_tables (writer, "ids sid words pos seg g", "r m");
  onnx_writer_node (writer, "Add", "f x", "y", "");
}

/* One unit along the four numbers of x; scales of shape @scale. */
static void
write_lstm (OnnxWriter *writer, DnnShape scale, const gfloat *of_w,
    const gfloat *of_r, const gint8 *zero_of_w, const gint8 *zero_of_r)
{
  static const gint8 w[] = { 100, -50, 30, 120 }, r[] = { -60, 90, 40, -110 };
  static const gfloat b[] = { 0.1f, -0.2f, 0.3f, 0, 0.05f, 0, -0.1f, 0.2f };
  static const gint64 sequence[] = { 4, 1, 1 }, flat[] = { 4 };

  add_bytes (writer, "w", DNN_TYPE_INT8, (DnnShape){ 3, { 1, 1, 4 } }, w);
  add_bytes (writer, "r", DNN_TYPE_INT8, (DnnShape){ 3, { 1, 1, 4 } }, r);
  add_bytes (writer, "wz", DNN_TYPE_INT8, scale, zero_of_w);
  add_bytes (writer, "rz", DNN_TYPE_INT8, scale, zero_of_r);
  onnx_writer_floats (writer, "ws", scale, of_w);
  onnx_writer_floats (writer, "rs", scale, of_r);
  onnx_writer_floats (writer, "b", (DnnShape){ 2, { 1, 8 } }, b);
  onnx_writer_ints (writer, "sequence", 3, sequence);
  onnx_writer_ints (writer, "flat", 1, flat);
  onnx_writer_node (writer, "Reshape", "x sequence", "x3", "");
  onnx_writer_call (writer, "com.microsoft", "DynamicQuantizeLSTM",
      "x3 w r b - - - - ws wz rs rz", "y4", "hidden_size=i:1");
  onnx_writer_node (writer, "Reshape", "y4 flat", "y", "");
}

static void
write_lstm_direction (OnnxWriter *writer)
{
  static const gfloat of_w = 0.01f, of_r = 0.02f;
  static const gint8 zero_of_w = 3, zero_of_r = -2;

  write_lstm (
      writer, (DnnShape){ 1, { 1 } }, &of_w, &of_r, &zero_of_w, &zero_of_r);
}

static void
write_lstm_column (OnnxWriter *writer)
{
  static const gfloat of_w[] = { 0.01f, 0.02f, 0.03f, 0.04f };
  static const gfloat of_r[] = { 0.02f, 0.01f, 0.02f, 0.01f };
  static const gint8 zeros[4];

  write_lstm (writer, (DnnShape){ 2, { 1, 4 } }, of_w, of_r, zeros, zeros);
}

static void
write_lstm_scalar (OnnxWriter *writer)
{
  static const gfloat scale = 1;
  static const gint8 zero;

  write_lstm (writer, (DnnShape){ 0 }, &scale, &scale, &zero, &zero);
}

#define LSTM_WEIGHTS "Cast Unsqueeze Cast Sub Unsqueeze Mul Transpose "
#define LSTM_OPS                                                              \
  "Reshape DynamicQuantizeLinear DequantizeLinear " LSTM_WEIGHTS LSTM_WEIGHTS \
  "LSTM Reshape"

static const Row rows[] = {
  { "gelu", write_gelu, "Gelu", { -0.158655f, 0, 0.841345f, 1.954500f } },
  { "fast-gelu", write_fast_gelu, "Add Gelu",
      { 0, 0.841192f, 1.954598f, 2.996363f } },
  { "bias-gelu", write_bias_gelu, "Add Gelu",
      { 0, 0.841345f, 1.954500f, 2.995950f } },
  { "quick-gelu", write_quick_gelu, "Swish",
      { -0.268941f, 0, 0.731059f, 1.761594f } },
  { "skip-layer", write_skip, "Add Add LayerNormalization",
      { -1.683282f, 0.105573f, 1.894427f, 3.683282f } },
  { "skip-layer-sum", write_skip_sum, "Add LayerNormalization",
      { 0, 1, 2, 3 } },
  { "skip-rms", write_skip_rms, "Add RMSNormalization",
      { 0, 1.069045f, 2.138090f, 3.207135f } },
  { "qlinear-add", write_add,
      "QuantizeLinear DequantizeLinear DequantizeLinear Add QuantizeLinear "
      "DequantizeLinear",
      { -2, 0, 2, 4 } },
  { "qlinear-leaky", write_leaky,
      "QuantizeLinear DequantizeLinear LeakyRelu QuantizeLinear "
      "DequantizeLinear",
      { -2, 0, 1, 2 } },
  { "qlinear-concat", write_concat,
      "QuantizeLinear DequantizeLinear Concat QuantizeLinear DequantizeLinear",
      { -1, 0, 1, 2 } },
  { "dynamic-matmul", write_dynamic,
      "DynamicQuantizeLinear MatMulInteger Cast Mul Mul", { -2, 0, 2, 4 } },
  { "fused-a", write_fused_a, "Reshape Einsum MatMul Mul Reshape",
      { 1, 1, 3, 4 } },
  { "fused-b", write_fused_b, "Reshape Einsum MatMul Mul Reshape",
      { -2, -6, 10, 22 } },
  { "fused-both", write_fused_both, "Reshape Einsum Einsum MatMul Reshape",
      { 1, 1, 4, 8 } },
  { "fused-plain", write_fused_plain, "Reshape MatMul Reshape",
      { -1, -2, 7, 10 } },
  { "gemm-bytes", write_gemm_bytes,
      "QuantizeLinear Reshape DequantizeLinear DequantizeLinear Cast Mul Mul Gemm QuantizeLinear DequantizeLinear Reshape",
      { 2, 0, 6, 20 } },
  { "gemm-floats", write_gemm_floats,
      "QuantizeLinear Reshape DequantizeLinear DequantizeLinear Cast Mul Mul Gemm Reshape",
      { 3, 4, 5, 8 } },
  { "bits", write_bits, "Concat Reshape MatMul Concat Reshape",
      { -8, 2, -8, 2 } },
  { "bits-zeros", write_bits_zeros, "Concat Reshape MatMul Concat Reshape",
      { 2, 14, 2, 14 } },
  { "bits-floats", write_bits_floats, "Concat Reshape MatMul Concat Reshape",
      { 1, 14, 1, 14 } },
  { "bits-bias", write_bits_bias, "Concat Reshape MatMul Add Concat Reshape",
      { 3, 16, 3, 16 } },
  { "bits-eight", write_bits_eight, "Concat Reshape MatMul Concat Reshape",
      { -70, 180, -70, 180 } },
  { "bits-blocks", write_bits_blocks, "Concat Reshape MatMul Concat Reshape",
      { 2.5f, 21, 2.5f, 21 } },
  { "max-pool", write_max_pool,
      "QuantizeLinear Reshape Einsum MaxPool Einsum DequantizeLinear Reshape Identity",
      { 1, 2, 1, 2 } },
  { "average-pool", write_average_pool,
      "QuantizeLinear Reshape Einsum DequantizeLinear AveragePool QuantizeLinear Einsum DequantizeLinear Reshape Identity",
      { -1, 0, 0, 1 } },
  { "global-pool", write_global_pool,
      "QuantizeLinear Reshape Einsum DequantizeLinear GlobalAveragePool QuantizeLinear Einsum DequantizeLinear Reshape Concat",
      { 0, 1, 0, 1 } },
  { "multi", write_multi, "Reshape Attention Reshape",
      { 2.174958f, -1.524874f, 1.291641f, 1.125078f } },
  { "multi-bias", write_multi_bias,
      "Reshape Split Add Add Add Attention Reshape",
      { 2.721279f, -0.100996f, 2.231729f, 2.001497f } },
  { "multi-causal", write_multi_causal, "Reshape Attention Reshape",
      { 1, 2, 1.755081f, 1.284782f } },
  { "multi-mask", write_multi_mask,
      "Reshape Cast Not Cast Mul Unsqueeze Add Attention Reshape",
      { 1, 2, 1, 2 } },
  { "multi-scores", write_multi_scores, "Reshape Attention Reshape",
      { 2.635149f, -2.386352f, 2.244919f, 0.386351f } },
  { "multi-past", write_multi_past, "Reshape Attention Reshape",
      { 2.580905f, 1.666667f, 3.794616f, 1.893493f } },
  { "multi-past-causal", write_multi_past_causal, "Reshape Attention Reshape",
      { 2.075766f, 4.5f, 3.794616f, 1.893493f } },
  { "attention", write_attention, "Reshape MatMul Add Split Attention Reshape",
      { 3.449273f, -0.4f, 1.373830f, -0.4f } },
  { "attention-one", write_attention_one,
      "Reshape MatMul Add Split Attention Reshape",
      { 2.5f, -0.4f, 4.718341f, -0.4f } },
  { "attention-unbiased", write_attention_unbiased,
      "Reshape MatMul Split Attention Reshape",
      { 3.039765f, -1, 0.960236f, -1 } },
  { "attention-sizes", write_attention_sizes,
      "Reshape MatMul Add Split Attention Reshape",
      { 3.449273f, -0.4f, 1.373830f, -0.4f } },
  { "attention-mask", write_attention_mask,
      "Reshape MatMul Add Split Cast Not Cast Mul Unsqueeze Attention Reshape",
      { 0.25f, -0.4f, 0.25f, -0.4f } },
  { "attention-scores", write_attention_scores,
      "Reshape MatMul Add Split Attention Reshape",
      { 0.25f, -0.4f, 2.387594f, -0.4f } },
  { "embed", write_embed,
      "Gather Shape Slice Add Gather Add LayerNormalization Reshape Add",
      { 0.1f, -1.2f, 2.207107f, 0.585786f } },
  { "embed-positions", write_embed_positions,
      "Gather Gather Add LayerNormalization Reshape Add",
      { 0.332051f, -1.664101f, 2.280869f, 0.438262f } },
  { "embed-sum", write_embed_sum,
      "Gather Shape Slice Add Gather Add LayerNormalization Reshape Reshape Add Add",
      { 3.6f, 0.8f, 5.207107f, 1.585787f } },
  { "fused-batch", write_fused_batch, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "transBatchA is 1, only 0 is supported" },
  { "gemm-short", write_gemm_short, NULL, { 0 }, DNN_ERROR_GRAPH,
      "input 5 is required" },
  { "bits-three", write_bits_three, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "bits is 3, only 2, 4 and 8 are supported" },
  { "bits-block", write_bits_block, NULL, { 0 }, DNN_ERROR_VALUE,
      "block_size is 0, expected 16 to 65536" },
  { "bits-size", write_bits_size, NULL, { 0 }, DNN_ERROR_SHAPE,
      "input 1 (B) has 15 elements, expected 16" },
  { "bits-type", write_bits_type, NULL, { 0 }, DNN_ERROR_TYPE,
      "input 1 (B) is float32, expected uint8" },
  { "bits-input", write_bits_input, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 1 (B) has to be a constant" },
  { "bits-index", write_bits_index, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 4 (g_idx) is not supported" },
  { "multi-packed", write_multi_packed, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 1 (key) is absent; only the form that has it is supported" },
  { "multi-ends", write_multi_ends, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 4 (key_padding_mask) is supported with two dimensions that the model names" },
  { "multi-length", write_multi_length, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 8 (past_sequence_length) is not supported" },
  { "attention-past", write_attention_past, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 4 (past) is not supported" },
  { "attention-rotary", write_attention_rotary, NULL, { 0 },
      DNN_ERROR_UNSUPPORTED, "do_rotary is 1, only 0 is supported" },
  { "attention-two-sizes", write_attention_two_sizes, NULL, { 0 },
      DNN_ERROR_VALUE, "qkv_hidden_sizes has 2 numbers, expected 3" },
  { "attention-present", write_present, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "output 1 (present) is not supported" },
  { "embed-count", write_embed_count, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "output 1 (mask_index) is not supported" },
  { "embed-short", write_embed_short, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "input 6 (beta) is absent" },
  { "lstm-scale-of-direction", write_lstm_direction, LSTM_OPS,
      { -0.1309014f, 0.05376564f, 0.2135734f, 0.25855142f } },
  { "lstm-scale-of-column", write_lstm_column, LSTM_OPS,
      { -0.20060186f, 0.03420141f, 0.15942544f, 0.10460155f } },
  { "lstm-scalar", write_lstm_scalar, NULL, { 0 }, DNN_ERROR_SHAPE,
      "input 8 has rank 0, expected 1 or 2" },
  { "skip-short", write_skip_short, NULL, { 0 }, DNN_ERROR_GRAPH,
      "input 2 is required" },
  { "concat-short", write_concat_short, NULL, { 0 }, DNN_ERROR_GRAPH,
      "has 4 inputs, expected two and three for each tensor" },
};

static gchar *
list_ops (DnnGraph *graph)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
        ((DnnNode *) graph->nodes->pdata[i])->op);
  return g_strdup (text->str);
}

static DnnGraph *
import (const Row *row, GError **error)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (18);
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *path = NULL;
  DnnGraph *graph;

  onnx_writer_input (writer, "x", "4");
  row->write (writer);
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, error);
  test_folder_remove (dir);
  return graph;
}

static void
compare (const Row *row, DnnGraph *graph)
{
  static const gfloat x[] = { -1, 0, 1, 2 };
  const DnnShape shape = { 1, { 4 } };
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (DnnTensor) expected = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &shape, row->values, NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *why = NULL;

  g_ptr_array_add (
      inputs, dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape, x, NULL, NULL));
  found = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  if (!onnx_run_close (found->pdata[0], expected, 1e-2, 1e-2, &why))
    g_test_fail_printf ("%s", why);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = import (row, &error);
  g_autofree gchar *ops = NULL;

  if (row->text) {
    g_assert_error (error, DNN_ERROR, (gint) row->code);
    if (!strstr (error->message, row->text))
      g_test_fail_printf ("%s", error->message);
    return;
  }
  g_assert_no_error (error);
  ops = list_ops (graph);
  g_assert_cmpstr (ops, ==, row->ops);
  compare (row, graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strdup_printf (
        "/compiler/upgrade-microsoft/%s", rows[i].name);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  return g_test_run ();
}
