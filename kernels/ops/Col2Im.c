/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Col2Im: columns of blocks → the image that they overlap to. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/spatial/dnn-spatial.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T",
      .doc = "N × (C · elements of a block) × blocks" },
  { .name = "image_shape", .types = DNN_TYPES_INT64 },
  { .name = "block_shape", .types = DNN_TYPES_INT64 },
};
static const DnnArgRow outputs[] = {
  { .name = "output",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T",
      .doc = "N × C × image" },
};
static const DnnAttrRow attrs[] = {
  { .key = "strides",
      .kind = DNN_ATTR_INTS,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "default 1" },
  { .key = "pads",
      .kind = DNN_ATTR_INTS,
      .max = DNN_MAX_WINDOW,
      .doc = "default 0" },
  { .key = "dilations",
      .kind = DNN_ATTR_INTS,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "default 1" },
};

/* A call, read: n spatial dimensions. */
typedef struct
{
  gint n;
  gint64 image[DNN_MAX_RANK], block[DNN_MAX_RANK], steps[DNN_MAX_RANK];
  gint64 stride[DNN_MAX_RANK], dilation[DNN_MAX_RANK], begin[DNN_MAX_RANK];
  gint64 block_size, n_blocks; /* products of block and steps */
} Columns;

static gint64
get_number (const DnnCall *call, const gchar *key, gint i, gint64 absent)
{
  const DnnAttrValue *value = dnn_call_attr (call, key);

  return value->present ? value->ints[i] : absent;
}

static gboolean
check_count (const DnnCall *call, const gchar *key, guint n, GError **error)
{
  const DnnAttrValue *value = dnn_call_attr (call, key);

  if (!value->present || value->n == n)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "attribute %s has %u numbers, expected %u", key, value->n, n);
}

static gboolean
read_dim (const DnnCall *call, Columns *self, gint i, GError **error)
{
  gint64 end = get_number (call, "pads", self->n + i, 0), room;

  self->stride[i] = get_number (call, "strides", i, 1);
  self->dilation[i] = get_number (call, "dilations", i, 1);
  self->begin[i] = get_number (call, "pads", i, 0);
  if (self->image[i] < 1 || self->image[i] > G_MAXINT32 || self->block[i] < 1 ||
      self->block[i] > DNN_MAX_WINDOW)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "an image of %" G_GINT64_FORMAT " has blocks of %" G_GINT64_FORMAT,
        self->image[i], self->block[i]);
  room = self->image[i] + self->begin[i] + end -
      self->dilation[i] * (self->block[i] - 1) - 1;
  if (room < 0)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "a block of %" G_GINT64_FORMAT " doesn't fit an image of "
        "%" G_GINT64_FORMAT,
        self->block[i], self->image[i]);
  self->steps[i] = room / self->stride[i] + 1;
  return TRUE;
}

static gboolean
read_call (const DnnCall *call, gconstpointer image, gconstpointer block,
    Columns *self, GError **error)
{
  DnnShape shape = { .rank = 0 };

  self->n = (gint) call->inputs[1].shape.dims[0];
  if (!check_count (call, "strides", (guint) self->n, error) ||
      !check_count (call, "dilations", (guint) self->n, error) ||
      !check_count (call, "pads", 2 * (guint) self->n, error))
    return FALSE;
  for (gint i = 0; i < self->n; i++) {
    self->image[i] = ((const gint64 *) image)[i];
    self->block[i] = ((const gint64 *) block)[i];
    if (!read_dim (call, self, i, error))
      return FALSE;
  }
  shape.rank = self->n;
  memcpy (shape.dims, self->block, sizeof self->block);
  self->block_size = dnn_shape_n_elements (&shape);
  memcpy (shape.dims, self->steps, sizeof self->steps);
  self->n_blocks = dnn_shape_n_elements (&shape);
  if (self->block_size >= 0 && self->n_blocks >= 0)
    return TRUE;
  return dnn_call_error (
      call, error, DNN_ERROR_LIMIT, "the blocks have too many elements");
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  DnnShape shape = { 0 };
  Columns self = { 0 };

  if (!dnn_check_rank (call, 0, 3, 3, error) ||
      !dnn_check_rank (call, 1, 1, 1, error) ||
      !dnn_check_shape (call, 2, &call->inputs[1].shape, error))
    return DNN_INFER_ERROR;
  for (guint i = 1; i <= 2; i++)
    if (!call->inputs[i].value)
      return dnn_infer_needs (call, i);
  if (call->inputs[1].shape.dims[0] < 1 ||
      call->inputs[1].shape.dims[0] > DNN_MAX_RANK - 2)
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "image_shape has %" G_GINT64_FORMAT " numbers, expected 1 to %d",
        call->inputs[1].shape.dims[0], DNN_MAX_RANK - 2);
  if (!read_call (
          call, call->inputs[1].value, call->inputs[2].value, &self, error))
    return DNN_INFER_ERROR;
  if ((x->dims[1] >= 0 && x->dims[1] % self.block_size != 0) ||
      (x->dims[2] >= 0 && x->dims[2] != self.n_blocks))
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "input has %" G_GINT64_FORMAT " rows and %" G_GINT64_FORMAT
        " columns, expected a multiple of %" G_GINT64_FORMAT
        " and %" G_GINT64_FORMAT,
        x->dims[1], x->dims[2], self.block_size, self.n_blocks);
  shape.rank = 2 + self.n;
  shape.dims[0] = x->dims[0];
  shape.dims[1] = x->dims[1] < 0 ? DNN_DIM_OPEN : x->dims[1] / self.block_size;
  memcpy (shape.dims + 2, self.image, (gsize) self.n * sizeof (gint64));
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  if (dnn_shape_is_known (&shape) && dnn_shape_n_elements (&shape) > 0)
    call->ref_scratch = (gsize) dnn_shape_n_elements (&shape) *
        sizeof (gdouble);
  return DNN_INFER_OK;
}

/* Where element @k of block @step lies in the image; -1 in the padding. */
static gint64
find_place (const Columns *self, gint64 k, gint64 step)
{
  gint64 at = 0, stride = 1;

  for (gint i = self->n - 1; i >= 0; i--) {
    gint64 x = step % self->steps[i] * self->stride[i] +
        k % self->block[i] * self->dilation[i] - self->begin[i];
    if (x < 0 || x >= self->image[i])
      return -1;
    at += x * stride;
    stride *= self->image[i];
    step /= self->steps[i];
    k /= self->block[i];
  }
  return at;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnCallArg *out = &call->outputs[0];
  DnnType type = call->inputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->inputs[0].shape), plane;
  gdouble *sums = scratch;
  Columns self = { 0 };

  if (!read_call (call, src[1], src[2], &self, error))
    return FALSE;
  plane = dnn_check_count (&out->shape, 2, out->shape.rank);
  memset (
      sums, 0, (gsize) dnn_shape_n_elements (&out->shape) * sizeof (gdouble));
  for (gint64 i = 0; i < n; i++) {
    gint64 row = i / self.n_blocks;
    gint64 at = find_place (&self, row % self.block_size, i % self.n_blocks);
    if (at >= 0)
      sums[row / self.block_size * plane + at] += dnn_load (type, src[0], i);
  }
  for (gint64 i = 0; i < dnn_shape_n_elements (&out->shape); i++)
    dnn_store (type, dst[0], i, sums[i]);
  return TRUE;
}

const DnnOp dnn_op_Col2Im = {
  .name = "Col2Im",
  .doc = "Blocks added up to an image where they overlap",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
