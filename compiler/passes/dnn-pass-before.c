/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* W (a · x + c) + b per channel of x → W and b that do it: Mul, Add, Sub, Div
 * in front of Conv, Gemm, MatMul. Next: dnn-pass-pad.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/base/dnn-tensor-private.h"

#include <math.h>
#include <string.h>

/* A node whose weights are constant. */
typedef struct
{
  DnnNode *node;
  DnnTensor *weights;
  gboolean is_conv;
  gint64 n; /* channels that come in */
  gint64 n_out;
  gint64 inner; /* weights side by side of one channel */
  gint64 group_out; /* channels that go out of one group */
  gboolean is_turned; /* Gemm's transB */
} Linear;

/* What stands before: y = factor · x + offset. */
typedef struct
{
  gdouble *factor;
  gdouble *offset;
  gboolean has_offset;
} Affine;

static DnnTensor *
get_float_constant (const DnnNode *node, guint idx)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);

  return tensor && dnn_tensor_get_element_type (tensor) == DNN_TYPE_FLOAT32
      ? tensor
      : NULL;
}

/* Large weights of a mapped file may be misaligned. */
static gdouble
load (const DnnTensor *tensor, gint64 idx)
{
  gfloat value;

  memcpy (&value,
      (const guint8 *) dnn_tensor_get_data ((DnnTensor *) tensor) +
          idx * sizeof value,
      sizeof value);
  return value;
}

static gboolean
read_linear (DnnNode *node, Linear *self)
{
  const DnnShape *shape;

  *self = (Linear){ .node = node, .weights = get_float_constant (node, 1) };
  self->is_conv = strcmp (node->op, "Conv") == 0;
  if (!self->weights || node->post_ops->len > 0 ||
      (!self->is_conv && strcmp (node->op, "Gemm") != 0 &&
          strcmp (node->op, "MatMul") != 0))
    return FALSE;
  shape = dnn_tensor_get_shape (self->weights);
  if (self->is_conv) {
    gint64 group = MAX (dnn_pass_get_int (node, "group", 1), 1);
    if (shape->rank < 3 || shape->dims[0] % group != 0)
      return FALSE;
    self->n = shape->dims[1] * group;
    self->n_out = shape->dims[0];
    self->group_out = shape->dims[0] / group;
    self->inner = 1;
    for (gint i = 2; i < shape->rank; i++)
      self->inner *= shape->dims[i];
    return self->group_out > 0;
  }
  self->is_turned = dnn_pass_get_int (node, "transB", 0) != 0;
  if (shape->rank != 2 || dnn_pass_get_int (node, "transA", 0) != 0)
    return FALSE;
  self->n = shape->dims[self->is_turned ? 1 : 0];
  self->n_out = shape->dims[self->is_turned ? 0 : 1];
  return TRUE;
}

/* Which channels weight @idx stands between. */
static void
find_channels (const Linear *self, gint64 idx, gint64 *in, gint64 *out)
{
  const DnnShape *shape = dnn_tensor_get_shape (self->weights);

  if (self->is_conv) {
    *out = idx / self->inner / shape->dims[1];
    *in = *out / self->group_out * shape->dims[1] +
        idx / self->inner % shape->dims[1];
  } else {
    *in = self->is_turned ? idx % self->n : idx / self->n_out;
    *out = self->is_turned ? idx / self->n : idx % self->n_out;
  }
}

static gboolean
is_unpadded (const DnnNode *node)
{
  const gchar *auto_pad = dnn_attrs_get (node->attrs, "auto_pad");
  const gchar *text = dnn_attrs_get (node->attrs, "pads");
  g_autofree gint64 *pads = NULL;
  guint n = 0;

  if (auto_pad && strncmp (auto_pad, "SAME", 4) == 0)
    return FALSE;
  if (text && !dnn_text_to_ints (text, &pads, &n))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (pads[i] != 0)
      return FALSE;
  return TRUE;
}

/* Where an offset of x can go. */
static gboolean
has_place_for_offset (const Linear *self)
{
  const DnnValue *bias = dnn_pass_get_input (self->node, 2);

  if (strcmp (self->node->op, "MatMul") == 0)
    return FALSE;
  if (self->is_conv && !is_unpadded (self->node))
    return FALSE;
  return !bias ||
      (get_float_constant (self->node, 2) && bias->shape.rank == 1 &&
          bias->shape.dims[0] == self->n_out &&
          dnn_pass_get_float (self->node, "beta", 1) == 1);
}

/* ---- what stands before it
 * --------------------------------------------------------------- */

/* x has these channels itself, and the constant gives it no others. */
static gboolean
is_per_channel (const Linear *self, const DnnShape *x, const DnnShape *constant)
{
  gint dim = self->is_conv ? 1 : x->rank - 1;
  gint offset = x->rank - constant->rank;

  if (offset < 0 || dim < 0 || x->dims[dim] != self->n)
    return FALSE;
  for (gint i = 0; i < constant->rank; i++)
    if (constant->dims[i] != 1 &&
        (i + offset != dim || constant->dims[i] != self->n))
      return FALSE;
  return TRUE;
}

static gboolean
set_number (Affine *self, gint64 i, const gchar *op, gboolean is_swapped,
    gdouble number)
{
  self->factor[i] = 1;
  self->offset[i] = 0;
  if (strcmp (op, "Mul") == 0)
    self->factor[i] = number;
  else if (strcmp (op, "Div") == 0)
    self->factor[i] = 1 / number;
  else if (strcmp (op, "Add") == 0)
    self->offset[i] = number;
  else { /* Sub */
    self->factor[i] = is_swapped ? -1 : 1;
    self->offset[i] = is_swapped ? number : -number;
  }
  self->has_offset |= self->offset[i] != 0;
  return isfinite (self->factor[i]) && isfinite (self->offset[i]);
}

/* Takes the arithmetic in front of @self: x, or NULL. */
static DnnValue *
read_before (const Linear *self, Affine *affine)
{
  static const gchar *const ops[] = { "Mul", "Div", "Add", "Sub", NULL };
  const DnnNode *node = dnn_pass_get_producer (self->node, 0);
  gboolean is_swapped;
  DnnTensor *numbers;
  DnnValue *x;
  gint64 n;

  if (!node || !g_strv_contains (ops, node->op) || node->n_formal != 2 ||
      node->post_ops->len > 0 ||
      dnn_pass_single_user (node->outputs->pdata[0]) != self->node)
    return NULL;
  is_swapped = get_float_constant (node, 0) != NULL;
  numbers = get_float_constant (node, is_swapped ? 0 : 1);
  x = node->inputs->pdata[is_swapped ? 1 : 0];
  if (!numbers || !x || (is_swapped && strcmp (node->op, "Div") == 0) ||
      !is_per_channel (self, &x->shape, dnn_tensor_get_shape (numbers)))
    return NULL;
  n = dnn_shape_n_elements (dnn_tensor_get_shape (numbers));
  for (gint64 i = 0; i < self->n; i++)
    if (!set_number (
            affine, i, node->op, is_swapped, load (numbers, n == 1 ? 0 : i)))
      return NULL;
  return x;
}

/* ---- new weights
 * ------------------------------------------------------------------------- */

static void
set_input (DnnGraph *graph, DnnNode *node, guint idx, const gchar *what,
    DnnTensor *tensor)
{
  const DnnValue *old = dnn_pass_get_input (node, idx);
  g_autofree gchar *base = old ? g_strdup (old->name)
                               : g_strdup_printf ("%s.%s", node->name, what);
  DnnValue *value = dnn_pass_add_param (graph, base, tensor);

  while (node->n_formal <= idx)
    dnn_node_add_input (node, NULL);
  node->inputs->pdata[idx] = value;
  value->pass_data = node;
}

/* W · factor; sums of W · offset go into @sums. */
static DnnTensor *
make_weights (const Linear *self, const Affine *affine, gdouble *sums)
{
  const DnnShape *shape = dnn_tensor_get_shape (self->weights);
  DnnTensor *result = dnn_tensor_new_in_file (DNN_TYPE_FLOAT32, shape);
  gfloat *dst = dnn_tensor_get_writable_data (result);

  for (gint64 i = 0; i < dnn_shape_n_elements (shape); i++) {
    gdouble weight = load (self->weights, i);
    gint64 in, out;
    find_channels (self, i, &in, &out);
    dst[i] = (gfloat) (weight * affine->factor[in]);
    sums[out] += weight * affine->offset[in];
  }
  return result;
}

static DnnTensor *
make_bias (const Linear *self, const gdouble *sums)
{
  DnnShape shape = dnn_shape (1, self->n_out);
  DnnTensor *result = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  const DnnTensor *old = get_float_constant (self->node, 2);
  gdouble alpha = self->is_conv ? 1
                                : dnn_pass_get_float (self->node, "alpha", 1);
  gfloat *dst = dnn_tensor_get_writable_data (result);

  for (gint64 i = 0; i < self->n_out; i++)
    dst[i] = (gfloat) ((old ? load (old, i) : 0) + alpha * sums[i]);
  return result;
}

static void
apply (DnnGraph *graph, const Linear *self, const Affine *affine, DnnValue *x)
{
  g_autofree gdouble *sums = g_new0 (gdouble, MAX (self->n_out, 1));
  DnnTensor *weights = make_weights (self, affine, sums);
  const DnnNode *before = dnn_pass_get_producer (self->node, 0);

  set_input (graph, self->node, 1, "weight", weights);
  if (affine->has_offset)
    set_input (graph, self->node, 2, "bias", make_bias (self, sums));
  self->node->inputs->pdata[0] = x;
  if (x->pass_data == before)
    x->pass_data = self->node;
}

static gboolean
take_before (DnnGraph *graph, DnnNode *node)
{
  g_autofree gdouble *factor = NULL;
  g_autofree gdouble *offset = NULL;
  Affine affine = { NULL };
  Linear linear;
  DnnValue *x;

  if (!read_linear (node, &linear))
    return FALSE;
  affine.factor = factor = g_new (gdouble, MAX (linear.n, 1));
  affine.offset = offset = g_new (gdouble, MAX (linear.n, 1));
  x = read_before (&linear, &affine);
  if (!x || (affine.has_offset && !has_place_for_offset (&linear)))
    return FALSE;
  apply (graph, &linear, &affine, x);
  return TRUE;
}

gboolean
dnn_pass_before (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_index_users (graph);
  for (guint i = 0; i < graph->nodes->len; i++)
    changed |= take_before (graph, graph->nodes->pdata[i]);
  return dnn_pass_end (graph, changed, error);
}
