/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DFT: the discrete Fourier transform along an axis. */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/sequence/dnn-fourier.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "… × 1 (real) or … × 2 (complex)" },
  { .name = "dft_length",
      .types = DNN_TYPES_INDEX,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "scalar; default: as many as there are" },
  { .name = "axis",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "scalar, default -2" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T1" },
};
static const DnnAttrRow attrs[] = {
  { .key = "inverse", .kind = DNN_ATTR_INT, .def = "0", .max = 1, .doc = "" },
  { .key = "onesided",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: the half of a spectrum that says all" },
};

/* Longest transform, so that a number in a file is no bomb. */
#define MAX_LENGTH (1 << 26)

/* A call, read. Of the spectrum, @n_src numbers are read of a line and @n_dst
 * written. */
typedef struct
{
  gboolean inverse, one_sided;
  gint axis;
  gint64 n; /* of the transform */
  gint64 n_src, n_dst;
  gint parts_src, parts_dst; /* 1 real, 2 complex */
} Transform;

static gboolean
get_axis (const DnnCall *call, gconstpointer value, gint *axis, GError **error)
{
  gint rank = call->inputs[0].shape.rank;
  gint64 given = value ? *(const gint64 *) value : -2;

  if (given < -rank || given > rank - 2 || given == -1)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "axis is %" G_GINT64_FORMAT ", expected 0 to %d or %d to -2", given,
        rank - 2, -rank);
  *axis = (gint) (given < 0 ? given + rank : given);
  return TRUE;
}

static gboolean
read_call (const DnnCall *call, gconstpointer length, gconstpointer axis,
    Transform *self, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  gboolean to_real;
  gint64 dim;

  self->inverse = dnn_call_int (call, "inverse") != 0;
  self->one_sided = dnn_call_int (call, "onesided") != 0;
  to_real = self->inverse && self->one_sided;
  if (!get_axis (call, axis, &self->axis, error))
    return FALSE;
  dim = x->dims[self->axis];
  self->n = length ? dnn_check_get_int (call, 1, length)
      : dim < 0    ? DNN_DIM_OPEN
      : to_real    ? 2 * (dim - 1)
                   : dim;
  if ((self->n < 1 && self->n != DNN_DIM_OPEN) || self->n > MAX_LENGTH)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "the transform has %" G_GINT64_FORMAT " points, expected 1 to %d",
        self->n, MAX_LENGTH);
  self->parts_src = (gint) x->dims[x->rank - 1];
  if (self->parts_src != 1 && self->parts_src != 2)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "the last dimension of input is %d, expected 1 (real) or 2 (complex)",
        self->parts_src);
  if (self->one_sided && !self->inverse && self->parts_src != 1)
    return dnn_call_error (
        call, error, DNN_ERROR_SHAPE, "onesided needs a real input");
  self->parts_dst = to_real ? 1 : 2;
  if (self->n < 0)
    return TRUE;
  self->n_src = MIN (dim, to_real ? self->n / 2 + 1 : self->n);
  self->n_dst = self->one_sided && !self->inverse ? self->n / 2 + 1 : self->n;
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;
  Transform self = { 0 };

  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  for (guint i = 1; i <= 2; i++) {
    if (!dnn_call_has_input (call, i))
      continue;
    if (!dnn_check_scalar (call, i, error))
      return DNN_INFER_ERROR;
    if (!call->inputs[i].value)
      return dnn_infer_needs (call, i);
  }
  if (!read_call (call,
          dnn_call_has_input (call, 1) ? call->inputs[1].value : NULL,
          dnn_call_has_input (call, 2) ? call->inputs[2].value : NULL, &self,
          error))
    return DNN_INFER_ERROR;
  shape.dims[shape.rank - 1] = self.parts_dst;
  shape.dims[self.axis] = self.n < 0 ? DNN_DIM_OPEN : self.n_dst;
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  if (self.n > 0)
    call->ref_scratch = dnn_fourier_scratch (self.n);
  return DNN_INFER_OK;
}

/* Elements @stride apart, of @self->parts_src numbers each; what isn't there is
 * 0, or the other half of a spectrum. */
static void
load_line (const Transform *self, DnnType type, gconstpointer src, gint64 base,
    gint64 stride, DnnComplex *x)
{
  for (gint64 i = 0; i < self->n; i++) {
    gint64 at = base + i * stride;
    x[i] = (DnnComplex){ 0, 0 };
    if (i >= self->n_src)
      continue;
    x[i].re = dnn_load (type, src, at);
    if (self->parts_src == 2)
      x[i].im = dnn_load (type, src, at + 1);
  }
  for (gint64 i = 1; self->parts_dst == 1 && i < (self->n + 1) / 2; i++)
    x[self->n - i] = (DnnComplex){ x[i].re, -x[i].im };
}

static void
store_line (const Transform *self, DnnType type, gpointer dst, gint64 base,
    gint64 stride, const DnnComplex *x)
{
  gdouble factor = self->inverse ? 1 / (gdouble) self->n : 1;

  for (gint64 i = 0; i < self->n_dst; i++) {
    dnn_store (type, dst, base + i * stride, x[i].re * factor);
    if (self->parts_dst == 2)
      dnn_store (type, dst, base + i * stride + 1, x[i].im * factor);
  }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *y = &call->outputs[0].shape;
  DnnType type = call->inputs[0].type;
  DnnFourier fourier;
  Transform self = { 0 };
  gint64 outer, inner;

  if (!read_call (call, dnn_call_has_input (call, 1) ? src[1] : NULL,
          dnn_call_has_input (call, 2) ? src[2] : NULL, &self, error))
    return FALSE;
  outer = dnn_check_count (x, 0, self.axis);
  inner = dnn_check_count (x, self.axis + 1, x->rank - 1);
  dnn_fourier_init (&fourier, self.n, self.inverse, scratch);
  for (gint64 i = 0; i < outer * inner; i++) {
    gint64 line = i / inner, column = i % inner;
    load_line (&self, type, src[0],
        (line * x->dims[self.axis] * inner + column) * self.parts_src,
        inner * self.parts_src, fourier.x);
    dnn_fourier_run (&fourier);
    store_line (&self, type, dst[0],
        (line * y->dims[self.axis] * inner + column) * self.parts_dst,
        inner * self.parts_dst, fourier.x);
  }
  return TRUE;
}

const DnnOp dnn_op_DFT = {
  .name = "DFT",
  .doc = "The discrete Fourier transform along an axis, in double",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
