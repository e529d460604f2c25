/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* y = a · (W x + b) + c per channel → W and b that do it: BatchNormalization,
 * Mul, Add, Sub, Div behind Conv, ConvTranspose, Gemm. Next:
 * dnn-pass-pattern.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/base/dnn-tensor-private.h"

#include <math.h>
#include <string.h>

/* Per output channel: y = factor · x + offset. */
typedef struct
{
  gint64 n;
  gdouble *factor;
  gdouble *offset;
} Affine;

static void
init_affine (Affine *self, gint64 n)
{
  self->n = n;
  self->factor = g_new (gdouble, MAX (n, 1));
  self->offset = g_new0 (gdouble, MAX (n, 1));
  for (gint64 i = 0; i < n; i++)
    self->factor[i] = 1;
}

static void
clear_affine (Affine *self)
{
  g_free (self->factor);
  g_free (self->offset);
}

/* ---- the linear node
 * ------------------------------------------------------------ */

static const gfloat *
get_floats (const DnnNode *node, guint idx)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);

  if (!tensor || dnn_tensor_get_element_type (tensor) != DNN_TYPE_FLOAT32)
    return NULL;
  return dnn_tensor_get_data (tensor);
}

static gint64
count_elements (const DnnNode *node, guint idx)
{
  return dnn_shape_n_elements (
      dnn_tensor_get_shape (dnn_pass_get_constant (node, idx)));
}

static gboolean
is_gemm (const DnnNode *node)
{
  return strcmp (node->op, "Gemm") == 0;
}

/* Output channels, or -1 if the weights are not constant float32. */
static gint64
count_channels (const DnnNode *node)
{
  const DnnShape *shape;

  if (!get_floats (node, 1))
    return -1;
  shape = dnn_tensor_get_shape (dnn_pass_get_constant (node, 1));
  if (shape->rank < 2)
    return -1;
  if (is_gemm (node))
    return shape->dims[dnn_pass_get_int (node, "transB", 0) ? 0 : 1];
  if (strcmp (node->op, "ConvTranspose") == 0)
    return shape->dims[1] * dnn_pass_get_int (node, "group", 1);
  return shape->dims[0];
}

static gboolean
is_linear (const DnnNode *node)
{
  static const gchar *const ops[] = { "Conv", "ConvTranspose", "Gemm", NULL };
  DnnValue *bias = dnn_pass_get_input (node, 2);
  gint64 n;

  if (!g_strv_contains (ops, node->op) || node->post_ops->len > 0)
    return FALSE;
  n = count_channels (node);
  if (n < 0 || !bias)
    return n >= 0;
  if (!get_floats (node, 2))
    return FALSE;
  /* a row for each of Gemm's M can't be told from one for N */
  return count_elements (node, 2) == n && bias->shape.rank > 0 &&
      bias->shape.dims[bias->shape.rank - 1] == n;
}

/* The output channel of weight @idx. */
static gint64
find_channel (const DnnNode *node, const DnnShape *shape, gint64 idx)
{
  gint64 inner = 1, group, first;

  for (gint i = 2; i < shape->rank; i++)
    inner *= shape->dims[i];
  if (is_gemm (node))
    return dnn_pass_get_int (node, "transB", 0) ? idx / shape->dims[1]
                                                : idx % shape->dims[1];
  first = idx / inner / shape->dims[1];
  if (strcmp (node->op, "ConvTranspose") != 0)
    return first;
  group = first / (shape->dims[0] / dnn_pass_get_int (node, "group", 1));
  return group * shape->dims[1] + idx / inner % shape->dims[1];
}

/* Weights of one channel that lie side by side. */
static gint64
count_run (const DnnNode *node, const DnnShape *shape)
{
  gint64 run = 1;

  if (is_gemm (node))
    return 1;
  for (gint i = strcmp (node->op, "Conv") == 0 ? 1 : 2; i < shape->rank; i++)
    run *= shape->dims[i];
  return run;
}

/* Misaligned weights of a mapped file are read bytewise. */
static gfloat
load_float (const gfloat *src, gint64 idx)
{
  gfloat value;

  memcpy (&value, (const guint8 *) src + idx * sizeof value, sizeof value);
  return value;
}

static DnnTensor *
scale_weights (const DnnNode *node, const Affine *affine)
{
  DnnTensor *weights = dnn_pass_get_constant (node, 1);
  const DnnShape *shape = dnn_tensor_get_shape (weights);
  DnnTensor *result = dnn_tensor_new_in_file (DNN_TYPE_FLOAT32, shape);
  gfloat *dst = dnn_tensor_get_writable_data (result);
  const gfloat *src = dnn_tensor_get_data (weights);
  gint64 n = dnn_shape_n_elements (shape), run = count_run (node, shape);

  for (gint64 i = 0; i < n; i += run) {
    gdouble factor = affine->factor[find_channel (node, shape, i)];
    for (gint64 j = i; j < i + run; j++)
      dst[j] = (gfloat) (load_float (src, j) * factor);
  }
  return result;
}

/* Gemm's beta goes into the new bias. */
static DnnTensor *
scale_bias (const DnnNode *node, const Affine *affine)
{
  DnnShape shape = dnn_shape (1, affine->n);
  DnnTensor *result = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *dst = dnn_tensor_get_writable_data (result);
  const gfloat *src = get_floats (node, 2);
  gdouble beta = is_gemm (node) ? dnn_pass_get_float (node, "beta", 1) : 1;

  for (gint64 i = 0; i < affine->n; i++) {
    gdouble old = src ? load_float (src, i) * beta : 0;
    dst[i] = (gfloat) (old * affine->factor[i] + affine->offset[i]);
  }
  return result;
}

static void
replace_param (DnnGraph *graph, DnnNode *node, guint idx, const gchar *what,
    DnnTensor *tensor)
{
  DnnValue *old = dnn_pass_get_input (node, idx);
  g_autofree gchar *base = old ? g_strdup (old->name)
                               : g_strdup_printf ("%s.%s", node->name, what);
  DnnValue *value = dnn_pass_add_param (graph, base, tensor);

  while (node->n_formal <= idx)
    dnn_node_add_input (node, NULL);
  node->inputs->pdata[idx] = value;
  value->pass_data = node;
  /* at once: the old weights leave memory before the next ones are made */
  if (old && dnn_pass_single_user (old) == node)
    g_clear_pointer (&old->tensor, dnn_tensor_unref);
}

static gboolean
is_one (const Affine *affine)
{
  for (gint64 i = 0; i < affine->n; i++)
    if (affine->factor[i] != 1)
      return FALSE;
  return TRUE;
}

static void
apply (DnnGraph *graph, DnnNode *node, const Affine *affine)
{
  DnnTensor *bias = scale_bias (node, affine);

  if (!is_one (affine))
    replace_param (graph, node, 1, "weight", scale_weights (node, affine));
  replace_param (graph, node, 2, "bias", bias);
  if (is_gemm (node))
    dnn_attrs_remove (node->attrs, "beta");
}

/* ---- what stands behind it
 * --------------------------------------------------------- */

static gboolean
read_batchnorm (const DnnNode *node, Affine *affine)
{
  const gfloat *in[4];
  gdouble epsilon = dnn_pass_get_float (node, "epsilon", 1e-5f);

  if (dnn_pass_get_int (node, "training_mode", 0) != 0 ||
      node->outputs->len != 1)
    return FALSE;
  for (guint i = 0; i < 4; i++) {
    in[i] = get_floats (node, i + 1);
    if (!in[i] || count_elements (node, i + 1) != affine->n)
      return FALSE;
  }
  for (gint64 i = 0; i < affine->n; i++) {
    affine->factor[i] = load_float (in[0], i) /
        sqrt (load_float (in[3], i) + epsilon);
    affine->offset[i] = load_float (in[1], i) -
        load_float (in[2], i) * affine->factor[i];
  }
  return TRUE;
}

/* One element, or one per channel in the place of the channels. */
static gboolean
is_per_channel (const DnnShape *shape, gint64 n, gint rank, gint channel_dim)
{
  gint offset = rank - shape->rank;

  if (shape->rank > rank || rank < 0)
    return FALSE;
  for (gint i = 0; i < shape->rank; i++)
    if (shape->dims[i] != 1 &&
        (i + offset != channel_dim || shape->dims[i] != n))
      return FALSE;
  return TRUE;
}

static void
set_affine (
    Affine *affine, gint64 i, const gchar *op, gboolean swapped, gdouble number)
{
  if (strcmp (op, "Mul") == 0) {
    affine->factor[i] = number;
  } else if (strcmp (op, "Div") == 0) {
    affine->factor[i] = 1 / number;
  } else if (strcmp (op, "Add") == 0) {
    affine->offset[i] = number;
  } else { /* Sub */
    affine->factor[i] = swapped ? -1 : 1;
    affine->offset[i] = swapped ? number : -number;
  }
}

static gboolean
read_arithmetic (const DnnNode *linear, const DnnNode *node, Affine *affine)
{
  const DnnValue *result = linear->outputs->pdata[0];
  gboolean swapped = node->inputs->pdata[1] == result;
  guint idx = swapped ? 0 : 1;
  const gfloat *numbers = get_floats (node, idx);
  gint rank = result->shape.rank;
  gint64 n;

  if (!numbers || (swapped && strcmp (node->op, "Div") == 0))
    return FALSE;
  if (!is_per_channel (dnn_tensor_get_shape (dnn_pass_get_constant (node, idx)),
          affine->n, rank, is_gemm (linear) ? rank - 1 : 1))
    return FALSE;
  n = count_elements (node, idx);
  for (gint64 i = 0; i < affine->n; i++)
    set_affine (
        affine, i, node->op, swapped, load_float (numbers, n == 1 ? 0 : i));
  return TRUE;
}

static gboolean
is_finite (const Affine *affine)
{
  for (gint64 i = 0; i < affine->n; i++)
    if (!isfinite (affine->factor[i]) || !isfinite (affine->offset[i]))
      return FALSE;
  return TRUE;
}

/* BatchNormalization's channels are dimension 1; those of Gemm's result too. */
static gboolean
read_affine (const DnnNode *linear, const DnnNode *node, Affine *affine)
{
  static const gchar *const ops[] = { "Mul", "Div", "Add", "Sub", NULL };
  gboolean ok = FALSE;

  if (node->post_ops->len > 0)
    return FALSE;
  if (strcmp (node->op, "BatchNormalization") == 0)
    ok = node->inputs->pdata[0] == linear->outputs->pdata[0] &&
        read_batchnorm (node, affine);
  else if (g_strv_contains (ops, node->op))
    ok = read_arithmetic (linear, node, affine);
  return ok && is_finite (affine);
}

/* One node behind @node goes into it. */
static gboolean
fold_user (DnnGraph *graph, DnnNode *node)
{
  DnnNode *user = dnn_pass_single_user (node->outputs->pdata[0]);
  Affine affine;
  gboolean ok;

  if (!user || !is_linear (node))
    return FALSE;
  init_affine (&affine, count_channels (node));
  ok = read_affine (node, user, &affine);
  if (ok) {
    apply (graph, node, &affine);
    dnn_pass_absorb (graph, node, user);
  }
  clear_affine (&affine);
  return ok;
}

gboolean
dnn_pass_batchnorm (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_index_users (graph);
  /* in order, and nodes that go stand behind the one that takes them */
  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    while (node->outputs->len == 1 && fold_user (graph, node))
      changed = TRUE;
  }
  return dnn_pass_end (graph, changed, error);
}
