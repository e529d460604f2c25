/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Products of the domain com.microsoft: FusedMatMul, QGemm, MatMulNBits → the
 * standard's MatMul and Gemm; packed weights → plain ones. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

/* TensorProto.FLOAT */
#define ONNX_FLOAT 1

/* Takes a flag off the node. */
static gboolean
take_flag (DnnUpgrade *self, DnnNode *node, const gchar *key, gint64 *flag,
    GError **error)
{
  *flag = 0;
  if (!dnn_upgrade_get_int (self, node, key, flag, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, key);
  return TRUE;
}

static gboolean
check_constant (DnnUpgrade *self, DnnNode *node, guint idx, const gchar *name,
    GError **error)
{
  const DnnValue *value = dnn_upgrade_get_input (node, idx);

  if (value && value->tensor)
    return TRUE;
  return dnn_upgrade_error (self, node, error,
      value ? DNN_ERROR_UNSUPPORTED : DNN_ERROR_GRAPH,
      "input %u (%s) has to be a constant", idx, name);
}

/* ---- FusedMatMul ---- */

/* Both matrices may be of any rank. */
static gboolean
turn (DnnUpgrade *self, DnnNode *node, guint idx, const gchar *key,
    GError **error)
{
  gint64 is_turned;

  if (!take_flag (self, node, key, &is_turned, error))
    return FALSE;
  if (is_turned)
    dnn_attrs_set (dnn_upgrade_insert_node (self, node, idx, "Einsum")->attrs,
        "equation", "...ij->...ji");
  return TRUE;
}

static gboolean
refuse_flag (DnnUpgrade *self, DnnNode *node, const gchar *key, GError **error)
{
  gint64 flag;

  return take_flag (self, node, key, &flag, error) &&
      (flag == 0 ||
          dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
              "%s is %" G_GINT64_FORMAT ", only 0 is supported", key, flag));
}

gboolean
dnn_upgrade_ms_matmul (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnType type = dnn_upgrade_get_input (node, 0)->type;
  gfloat alpha = 1;

  if (!dnn_upgrade_get_input (node, 1))
    return dnn_upgrade_error (
        self, node, error, DNN_ERROR_GRAPH, "input 1 is required");
  if (!refuse_flag (self, node, "transBatchA", error) ||
      !refuse_flag (self, node, "transBatchB", error) ||
      !dnn_upgrade_take_float (self, node, "alpha", &alpha, error) ||
      !turn (self, node, 0, "transA", error) ||
      !turn (self, node, 1, "transB", error))
    return FALSE;
  dnn_upgrade_set_op (node, "MatMul");
  if (alpha != 1)
    dnn_node_add_input (
        dnn_upgrade_append_node (self, node->outputs->pdata[0], "Mul"),
        dnn_upgrade_add_scalar (self, node, "alpha",
            type != DNN_TYPE_INVALID ? type : DNN_TYPE_FLOAT32, alpha));
  return TRUE;
}

/* ---- QGemm ---- */

static void
dequantise (
    DnnUpgrade *self, DnnNode *node, guint idx, DnnValue *scale, DnnValue *zero)
{
  DnnNode *before = dnn_upgrade_insert_node (
      self, node, idx, "DequantizeLinear");

  dnn_node_add_input (before, scale);
  if (zero)
    dnn_node_add_input (before, zero);
}

/* C counts in steps of both scales' product. */
static void
add_integers (
    DnnUpgrade *self, DnnNode *node, DnnValue *values, DnnValue *a, DnnValue *b)
{
  DnnNode *step;

  dnn_node_add_input (node, values);
  dnn_attrs_set_int (
      dnn_upgrade_insert_node (self, node, 2, "Cast")->attrs, "to", ONNX_FLOAT);
  step = dnn_upgrade_insert_node (self, node, 2, "Mul");
  dnn_node_add_input (step, a);
  step = dnn_upgrade_insert_node (self, node, 2, "Mul");
  dnn_node_add_input (step, b);
}

/* alpha is of C, too. */
static gboolean
set_factors (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gfloat alpha = 1;

  if (!dnn_upgrade_take_float (self, node, "alpha", &alpha, error))
    return FALSE;
  dnn_attrs_set_float (node->attrs, "alpha", alpha);
  dnn_attrs_set_float (node->attrs, "beta", alpha);
  return TRUE;
}

/* B's scale may be one a column of the product. */
static gboolean
set_axis (DnnUpgrade *self, DnnNode *node, GError **error)
{
  gint64 is_turned = 0;
  DnnNode *before = ((DnnValue *) node->inputs->pdata[1])->producer;

  if (!dnn_upgrade_get_int (self, node, "transB", &is_turned, error))
    return FALSE;
  dnn_attrs_set_int (before->attrs, "axis", is_turned ? 0 : 1);
  return TRUE;
}

/* A, its scale and zero point, the same of B, C, those of the result. */
gboolean
dnn_upgrade_ms_qgemm (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *inputs[9];

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++) {
    inputs[i] = dnn_upgrade_get_input (node, i);
    if (!inputs[i] && i < 6)
      return dnn_upgrade_error (
          self, node, error, DNN_ERROR_GRAPH, "input %u is required", i);
  }
  dnn_upgrade_trim_inputs (node, 1);
  dnn_node_add_input (node, inputs[3]);
  dequantise (self, node, 0, inputs[1], inputs[2]);
  dequantise (self, node, 1, inputs[4], inputs[5]);
  if (inputs[6])
    add_integers (self, node, inputs[6], inputs[1], inputs[4]);
  if (!set_axis (self, node, error) || !set_factors (self, node, error))
    return FALSE;
  dnn_upgrade_set_op (node, "Gemm");
  if (inputs[7]) {
    DnnNode *behind = dnn_upgrade_append_node (
        self, node->outputs->pdata[0], "QuantizeLinear");
    dnn_node_add_input (behind, inputs[7]);
    if (inputs[8])
      dnn_node_add_input (behind, inputs[8]);
  }
  return TRUE;
}

/* ---- MatMulNBits ---- */

/* Rows of the packed matrix are columns of the plain one; a row is blocks of
 * numbers with a scale and zero point each. */
typedef struct
{
  gint64 n, k, bits, block, n_blocks;
} Packed;

static gboolean
take_size (DnnUpgrade *self, DnnNode *node, const gchar *key, gint64 min,
    gint64 max, gint64 *size, GError **error)
{
  if (!dnn_upgrade_get_int (self, node, key, size, error))
    return FALSE;
  if (*size < min || *size > max)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "%s is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
        " to %" G_GINT64_FORMAT,
        key, *size, min, max);
  dnn_attrs_remove (node->attrs, key);
  return TRUE;
}

static gboolean
take_sizes (DnnUpgrade *self, DnnNode *node, Packed *packed, GError **error)
{
  *packed = (Packed){ .bits = 4 };
  if (!take_size (self, node, "N", 1, 1 << 24, &packed->n, error) ||
      !take_size (self, node, "K", 1, 1 << 24, &packed->k, error) ||
      !take_size (self, node, "bits", 2, 8, &packed->bits, error) ||
      !take_size (self, node, "block_size", 16, 1 << 16, &packed->block, error))
    return FALSE;
  if (8 % packed->bits != 0)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "bits is %" G_GINT64_FORMAT ", only 2, 4 and 8 are supported",
        packed->bits);
  packed->n_blocks = (packed->k + packed->block - 1) / packed->block;
  return TRUE;
}

/* Input @idx is a constant of @n elements, of type @type if that is one. */
static gboolean
check_tensor (DnnUpgrade *self, DnnNode *node, guint idx, const gchar *name,
    gint64 n, DnnType type, GError **error)
{
  DnnTensor *tensor;
  gint64 found;

  if (!check_constant (self, node, idx, name, error))
    return FALSE;
  tensor = dnn_upgrade_get_input (node, idx)->tensor;
  found = dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
  if (type != DNN_TYPE_INVALID && type != dnn_tensor_get_element_type (tensor))
    return dnn_upgrade_error (self, node, error, DNN_ERROR_TYPE,
        "input %u (%s) is %s, expected %s", idx, name,
        dnn_type_name (dnn_tensor_get_element_type (tensor)),
        dnn_type_name (type));
  if (found == n)
    return TRUE;
  return dnn_upgrade_error (self, node, error, DNN_ERROR_SHAPE,
      "input %u (%s) has %" G_GINT64_FORMAT
      " elements, expected %" G_GINT64_FORMAT,
      idx, name, found, n);
}

static gint64
bytes_of (gint64 n, gint64 bits)
{
  return (n * bits + 7) / 8;
}

/* Zero points are packed like the weights, or plain numbers. */
static gboolean
check_zeros (
    DnnUpgrade *self, DnnNode *node, const Packed *packed, GError **error)
{
  const DnnValue *zeros = dnn_upgrade_get_input (node, 3);
  gboolean is_packed;

  if (!zeros)
    return TRUE;
  if (!check_constant (self, node, 3, "zero_points", error))
    return FALSE;
  is_packed = dnn_tensor_get_element_type (zeros->tensor) == DNN_TYPE_UINT8;
  return check_tensor (self, node, 3, "zero_points",
      packed->n *
          (is_packed ? bytes_of (packed->n_blocks, packed->bits)
                     : packed->n_blocks),
      DNN_TYPE_INVALID, error);
}

static guint
get_bits (const guint8 *data, gint64 idx, gint64 bits)
{
  return (guint) (data[idx * bits / 8] >> (idx * bits % 8)) &
      ((1u << bits) - 1);
}

static gdouble
get_zero (const DnnTensor *zeros, const Packed *packed, gint64 row, gint64 i)
{
  DnnType type;
  const guint8 *data;

  if (!zeros)
    return 1 << (packed->bits - 1);
  type = dnn_tensor_get_element_type (zeros);
  data = dnn_tensor_get_data (zeros);
  if (type != DNN_TYPE_UINT8)
    return dnn_type_get (type, data, (gsize) (row * packed->n_blocks + i));
  data += row * bytes_of (packed->n_blocks, packed->bits);
  return get_bits (data, i, packed->bits);
}

static void
unpack_block (const Packed *packed, const guint8 *src, gdouble scale,
    gdouble zero, DnnTensor *plain, gint64 row, gint64 i)
{
  DnnType type = dnn_tensor_get_element_type (plain);
  gpointer dst = dnn_tensor_get_writable_data (plain);
  gint64 begin = i * packed->block;
  gint64 end = MIN (begin + packed->block, packed->k);

  src += (row * packed->n_blocks + i) * bytes_of (packed->block, packed->bits);
  for (gint64 k = begin; k < end; k++)
    dnn_type_set (type, dst, (gsize) (k * packed->n + row),
        scale * (get_bits (src, k - begin, packed->bits) - zero));
}

/* K × N, of the scales' type. */
static DnnTensor *
unpack (const DnnNode *node, const Packed *packed)
{
  const DnnValue *zeros = dnn_upgrade_get_input (node, 3);
  const DnnTensor *scales = dnn_upgrade_get_input (node, 2)->tensor;
  const guint8 *src = dnn_tensor_get_data (
      dnn_upgrade_get_input (node, 1)->tensor);
  DnnType type = dnn_tensor_get_element_type (scales);
  DnnShape shape = dnn_shape (2, (gint) packed->k, (gint) packed->n);
  DnnTensor *plain = dnn_tensor_new (type, &shape);

  for (gint64 row = 0; row < packed->n; row++)
    for (gint64 i = 0; i < packed->n_blocks; i++)
      unpack_block (packed, src,
          dnn_type_get (type, dnn_tensor_get_data (scales),
              (gsize) (row * packed->n_blocks + i)),
          get_zero (zeros ? zeros->tensor : NULL, packed, row, i), plain, row,
          i);
  return plain;
}

static gboolean
check_packed (DnnUpgrade *self, DnnNode *node, Packed *packed, GError **error)
{
  if (!take_sizes (self, node, packed, error))
    return FALSE;
  if (dnn_upgrade_get_input (node, 4))
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "input 4 (g_idx) is not supported");
  return check_tensor (self, node, 1, "B",
             packed->n * packed->n_blocks *
                 bytes_of (packed->block, packed->bits),
             DNN_TYPE_UINT8, error) &&
      check_tensor (self, node, 2, "scales", packed->n * packed->n_blocks,
          DNN_TYPE_INVALID, error) &&
      check_zeros (self, node, packed, error);
}

gboolean
dnn_upgrade_ms_nbits (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *bias = dnn_upgrade_get_input (node, 5);
  g_autoptr (DnnTensor) plain = NULL;
  Packed packed;

  if (!refuse_flag (self, node, "weight_prepacked", error) ||
      !check_packed (self, node, &packed, error))
    return FALSE;
  dnn_attrs_remove (node->attrs, "accuracy_level");
  plain = unpack (node, &packed);
  dnn_upgrade_trim_inputs (node, 1);
  dnn_node_add_input (node, dnn_upgrade_add_param (self, node, "plain", plain));
  dnn_upgrade_set_op (node, "MatMul");
  if (bias)
    dnn_node_add_input (
        dnn_upgrade_append_node (self, node->outputs->pdata[0], "Add"), bias);
  return TRUE;
}
