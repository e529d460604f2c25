/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* STFT: the Fourier transforms of frames of a signal. */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/sequence/dnn-fourier.h"

static const DnnArgRow inputs[] = {
  { .name = "signal",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "batch × length × 1 (real) or 2 (complex)" },
  { .name = "frame_step",
      .types = DNN_TYPES_INDEX,
      .type_var = "T2",
      .doc = "scalar" },
  { .name = "window",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "of the length of a frame" },
  { .name = "frame_length",
      .types = DNN_TYPES_INDEX,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2",
      .doc = "scalar; default: that of window" },
};
static const DnnArgRow outputs[] = {
  { .name = "output",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "batch × frames × frequencies × 2" },
};
static const DnnAttrRow attrs[] = {
  { .key = "onesided",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "1: the half of each spectrum that says all" },
};

#define MAX_LENGTH (1 << 26)

enum
{
  SIGNAL,
  STEP,
  WINDOW,
  LENGTH,
};

/* A call, read; n_frames is open where the signal's length is. */
typedef struct
{
  gint64 step, length, n_frames, n_bins;
  gint parts;
} Frames;

/* That of frame_length, of the window, or of the signal. */
static gint64
get_length (const DnnCall *call, gconstpointer given)
{
  if (given)
    return dnn_check_get_int (call, LENGTH, given);
  if (dnn_call_has_input (call, WINDOW))
    return call->inputs[WINDOW].shape.dims[0];
  return call->inputs[SIGNAL].shape.dims[1];
}

static gboolean
read_call (const DnnCall *call, gconstpointer step, gconstpointer length,
    Frames *self, GError **error)
{
  const DnnShape *x = &call->inputs[SIGNAL].shape;
  gboolean one_sided = dnn_call_int (call, "onesided") != 0;

  self->step = dnn_check_get_int (call, STEP, step);
  self->length = get_length (call, length);
  self->parts = x->rank == 3 ? (gint) x->dims[2] : 1;
  if (self->parts != 1 && self->parts != 2)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "the last dimension of signal is %d, expected 1 (real) or 2 (complex)",
        self->parts);
  if (one_sided && self->parts == 2)
    return dnn_call_error (
        call, error, DNN_ERROR_SHAPE, "onesided needs a real signal");
  if (self->step < 1 || self->length < 1 || self->length > MAX_LENGTH ||
      (x->dims[1] >= 0 && self->length > x->dims[1]))
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "frames of %" G_GINT64_FORMAT " every %" G_GINT64_FORMAT
        " of a signal of %" G_GINT64_FORMAT,
        self->length, self->step, x->dims[1]);
  self->n_frames = x->dims[1] < 0
      ? DNN_DIM_OPEN
      : 1 + (x->dims[1] - self->length) / self->step;
  self->n_bins = one_sided ? self->length / 2 + 1 : self->length;
  return TRUE;
}

static gboolean
check_window (const DnnCall *call, gint64 length, GError **error)
{
  const DnnShape expected = { 1, { length } };

  return !dnn_call_has_input (call, WINDOW) ||
      dnn_check_shape (call, WINDOW, &expected, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = { .rank = 4 };
  Frames self = { 0 };

  if (!dnn_check_rank (call, SIGNAL, 2, 3, error) ||
      !dnn_check_scalar (call, STEP, error) ||
      (dnn_call_has_input (call, WINDOW) &&
          !dnn_check_rank (call, WINDOW, 1, 1, error)) ||
      (dnn_call_has_input (call, LENGTH) &&
          !dnn_check_scalar (call, LENGTH, error)))
    return DNN_INFER_ERROR;
  if (!call->inputs[STEP].value)
    return dnn_infer_needs (call, STEP);
  if (dnn_call_has_input (call, LENGTH) && !call->inputs[LENGTH].value)
    return dnn_infer_needs (call, LENGTH);
  if (!read_call (call, call->inputs[STEP].value,
          dnn_call_has_input (call, LENGTH) ? call->inputs[LENGTH].value : NULL,
          &self, error) ||
      !check_window (call, self.length, error))
    return DNN_INFER_ERROR;
  shape.dims[0] = call->inputs[SIGNAL].shape.dims[0];
  shape.dims[1] = self.n_frames;
  shape.dims[2] = self.n_bins;
  shape.dims[3] = 2;
  dnn_infer_set (call, 0, call->inputs[SIGNAL].type, &shape);
  call->ref_scratch = dnn_fourier_scratch (self.length);
  return DNN_INFER_OK;
}

static void
load_frame (const DnnCall *call, const Frames *self, gconstpointer const *src,
    gint64 base, DnnComplex *x)
{
  DnnType type = call->inputs[SIGNAL].type;
  gboolean has_window = dnn_call_has_input (call, WINDOW);

  for (gint64 i = 0; i < self->length; i++) {
    gint64 at = (base + i) * self->parts;
    gdouble weight = has_window ? dnn_load (type, src[WINDOW], i) : 1;
    x[i].re = dnn_load (type, src[SIGNAL], at) * weight;
    x[i].im = self->parts == 2 ? dnn_load (type, src[SIGNAL], at + 1) * weight
                               : 0;
  }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[SIGNAL].shape;
  DnnType type = call->inputs[SIGNAL].type;
  DnnFourier fourier;
  Frames self = { 0 };
  gint64 at = 0;

  if (!read_call (call, src[STEP],
          dnn_call_has_input (call, LENGTH) ? src[LENGTH] : NULL, &self, error))
    return FALSE;
  dnn_fourier_init (&fourier, self.length, FALSE, scratch);
  for (gint64 i = 0; i < x->dims[0] * self.n_frames; i++) {
    load_frame (call, &self, src,
        i / self.n_frames * x->dims[1] + i % self.n_frames * self.step,
        fourier.x);
    dnn_fourier_run (&fourier);
    for (gint64 k = 0; k < self.n_bins; k++) {
      dnn_store (type, dst[0], at++, fourier.x[k].re);
      dnn_store (type, dst[0], at++, fourier.x[k].im);
    }
  }
  return TRUE;
}

const DnnOp dnn_op_STFT = {
  .name = "STFT",
  .doc = "Fourier transforms of overlapping frames of a signal, in double",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
