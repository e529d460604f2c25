/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RotaryEmbedding: halves of each head turned by the angle of their position.
 */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc =
          "batch × heads × length × head, or batch × length × (heads · head)" },
  { .name = "cos_cache",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "positions × half, or batch × length × half" },
  { .name = "sin_cache", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "position_ids",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "batch × length: rows of the caches" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "interleaved",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: pairs are neighbours, not halves" },
  { .key = "num_heads",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 65536,
      .doc = "of X with three dimensions" },
  { .key = "rotary_embedding_dim",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = G_MAXINT32,
      .doc = "how many numbers of a head are turned, 0: all" },
};

/* A call, read: heads of @head numbers, of which @rotary are turned. */
typedef struct
{
  gint64 batch, length, heads, head, rotary;
  gint64 strides[3]; /* batch, position, head */
  gint64 rows; /* of the caches where position_ids pick one, else 0 */
} Rotary;

static gboolean
read_heads (const DnnCall *call, Rotary *self, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  gint64 n = dnn_call_int (call, "num_heads");

  if (x->rank == 4) {
    *self = (Rotary){ x->dims[0], x->dims[2], x->dims[1], x->dims[3] };
    return TRUE;
  }
  if (n < 1 || (x->dims[2] >= 0 && x->dims[2] % n != 0))
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "num_heads is %" G_GINT64_FORMAT
        ", expected a divisor of %" G_GINT64_FORMAT,
        n, x->dims[2]);
  *self = (Rotary){ x->dims[0], x->dims[1], n,
    x->dims[2] < 0 ? DNN_DIM_OPEN : x->dims[2] / n };
  return TRUE;
}

static gboolean
check_caches (const DnnCall *call, const Rotary *self, GError **error)
{
  gboolean has_ids = dnn_call_has_input (call, 3);
  DnnShape cache = { .rank = has_ids ? 2 : 3 };
  const DnnShape ids = { 2, { self->batch, self->length } };

  cache.dims[0] = has_ids ? DNN_DIM_OPEN : self->batch;
  cache.dims[1] = self->length;
  cache.dims[cache.rank - 1] = self->rotary < 0 ? DNN_DIM_OPEN
                                                : self->rotary / 2;
  return dnn_check_shape (call, 1, &cache, error) &&
      dnn_check_shape (call, 2, &call->inputs[1].shape, error) &&
      (!has_ids || dnn_check_shape (call, 3, &ids, error));
}

static gboolean
read_call (const DnnCall *call, Rotary *self, GError **error)
{
  gint64 rotary = dnn_call_int (call, "rotary_embedding_dim");

  if (!dnn_check_rank (call, 0, 3, 4, error) || !read_heads (call, self, error))
    return FALSE;
  self->rotary = rotary == 0 ? self->head : rotary;
  if (self->rotary >= 0 && self->head >= 0 &&
      (self->rotary % 2 != 0 || self->rotary > self->head))
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "%" G_GINT64_FORMAT " numbers of a head of %" G_GINT64_FORMAT
        " are to be turned, expected an even part of it",
        self->rotary, self->head);
  if (!check_caches (call, self, error))
    return FALSE;
  if (call->inputs[0].shape.rank == 4) {
    self->strides[0] = self->heads * self->length * self->head;
    self->strides[1] = self->head;
    self->strides[2] = self->length * self->head;
  } else {
    self->strides[0] = self->heads * self->length * self->head;
    self->strides[1] = self->heads * self->head;
    self->strides[2] = self->head;
  }
  self->rows = dnn_call_has_input (call, 3) ? call->inputs[1].shape.dims[0] : 0;
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  Rotary rotary;

  if (dnn_shape_n_least (&call->inputs[0].shape) < 0)
    return dnn_infer_error (
        call, error, DNN_ERROR_LIMIT, "X is larger than a tensor may be");
  if (!read_call (call, &rotary, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

/* One head at one position; @row of the caches. */
static void
turn (const DnnCall *call, const Rotary *self, gconstpointer const *src,
    gpointer dst, gint64 base, gint64 row)
{
  DnnType type = call->inputs[0].type;
  gboolean is_interleaved = dnn_call_int (call, "interleaved") != 0;
  gint64 half = self->rotary / 2;

  for (gint64 i = 0; i < half; i++) {
    gint64 a = base + (is_interleaved ? 2 * i : i);
    gint64 b = base + (is_interleaved ? 2 * i + 1 : i + half);
    gdouble x = dnn_load (type, src[0], a), y = dnn_load (type, src[0], b);
    gdouble c = dnn_load (type, src[1], row * half + i);
    gdouble s = dnn_load (type, src[2], row * half + i);
    dnn_store (type, dst, a, c * x - s * y);
    dnn_store (type, dst, b, s * x + c * y);
  }
  for (gint64 i = self->rotary; i < self->head; i++)
    dnn_store (type, dst, base + i, dnn_load (type, src[0], base + i));
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  Rotary self;

  if (!read_call (call, &self, error))
    return FALSE;
  for (gint64 i = 0; i < self.batch * self.length; i++) {
    gint64 row = self.rows ? ((const gint64 *) src[3])[i] : i;
    gint64 base = i / self.length * self.strides[0] +
        i % self.length * self.strides[1];
    if (self.rows && row < 0)
      row += self.rows;
    if (self.rows && (row < 0 || row >= self.rows))
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "position_ids[%" G_GINT64_FORMAT "] is %" G_GINT64_FORMAT
          ", expected less than %" G_GINT64_FORMAT,
          i, row, self.rows);
    for (gint64 h = 0; h < self.heads; h++)
      turn (call, &self, src, dst[0], base + h * self.strides[2], row);
  }
  return TRUE;
}

const DnnOp dnn_op_RotaryEmbedding = {
  .name = "RotaryEmbedding",
  .doc = "Pairs of numbers of each head, turned by the angle of their position",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
