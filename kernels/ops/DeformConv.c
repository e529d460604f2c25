/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DeformConv: a convolution whose taps stand where offsets say. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/spatial/dnn-spatial.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × H × W" },
  { .name = "W",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "M × (C / group) × kernel" },
  { .name = "offset",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × (offset_group · taps · 2) × output" },
  { .name = "B",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "M" },
  { .name = "mask",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "N × (offset_group · taps) × output" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "kernel_shape",
      .kind = DNN_ATTR_INTS,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "default: that of W" },
  { .key = "strides",
      .kind = DNN_ATTR_INTS,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "default 1" },
  { .key = "dilations",
      .kind = DNN_ATTR_INTS,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "default 1" },
  { .key = "pads",
      .kind = DNN_ATTR_INTS,
      .max = DNN_MAX_WINDOW,
      .doc = "default 0" },
  { .key = "group",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = G_MAXINT32,
      .doc = "" },
  { .key = "offset_group",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = 65536,
      .doc = "" },
};

enum
{
  X,
  W,
  OFFSET,
  B,
  MASK,
};

/* A call, read. */
typedef struct
{
  gint64 channels, n_dst, groups, offset_groups;
  gint64 src[2], dst[2], kernel[2], stride[2], dilation[2], begin[2];
} Deform;

static gint64
get_number (const DnnCall *call, const gchar *key, gint i, gint64 absent)
{
  const DnnAttrValue *value = dnn_call_attr (call, key);

  return value->present ? value->ints[i] : absent;
}

static gboolean
check_counts (const DnnCall *call, GError **error)
{
  static const struct
  {
    const gchar *key;
    guint n;
  } rows[] = {
    { "kernel_shape", 2 },
    { "strides", 2 },
    { "dilations", 2 },
    { "pads", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const DnnAttrValue *value = dnn_call_attr (call, rows[i].key);
    if (value->present && value->n != rows[i].n)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "attribute %s has %u numbers, expected %u", rows[i].key, value->n,
          rows[i].n);
  }
  return TRUE;
}

static gboolean
read_dim (const DnnCall *call, Deform *self, gint i, GError **error)
{
  gint64 window, room;

  self->src[i] = call->inputs[X].shape.dims[2 + i];
  self->kernel[i] = get_number (
      call, "kernel_shape", i, call->inputs[W].shape.dims[2 + i]);
  self->stride[i] = get_number (call, "strides", i, 1);
  self->dilation[i] = get_number (call, "dilations", i, 1);
  self->begin[i] = get_number (call, "pads", i, 0);
  self->dst[i] = DNN_DIM_OPEN;
  if (self->src[i] < 0 || self->kernel[i] < 0)
    return TRUE;
  if (self->kernel[i] < 1 || self->kernel[i] > DNN_MAX_WINDOW)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "a kernel of %" G_GINT64_FORMAT " is not supported", self->kernel[i]);
  window = (self->kernel[i] - 1) * self->dilation[i] + 1;
  room = self->src[i] + self->begin[i] + get_number (call, "pads", 2 + i, 0) -
      window;
  if (room < 0)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "a window of %" G_GINT64_FORMAT " doesn't fit X in dimension %d",
        window, 2 + i);
  self->dst[i] = room / self->stride[i] + 1;
  return TRUE;
}

static gboolean
check_shapes (const DnnCall *call, const Deform *self, GError **error)
{
  gint64 taps = self->kernel[0] < 0 || self->kernel[1] < 0
      ? DNN_DIM_OPEN
      : self->kernel[0] * self->kernel[1] * self->offset_groups;
  gint64 batch = call->inputs[X].shape.dims[0];
  DnnShape w = { 4,
    { DNN_DIM_OPEN, DNN_DIM_OPEN, self->kernel[0], self->kernel[1] } };
  DnnShape offset = { 4,
    { batch, taps < 0 ? DNN_DIM_OPEN : 2 * taps, self->dst[0], self->dst[1] } };
  DnnShape mask = offset, bias = { 1, { self->n_dst } };

  mask.dims[1] = taps;
  if (self->channels >= 0) {
    if (self->channels % self->groups != 0 ||
        self->channels % self->offset_groups != 0 ||
        (self->n_dst >= 0 && self->n_dst % self->groups != 0))
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "%" G_GINT64_FORMAT " channels in, %" G_GINT64_FORMAT
          " out, expected multiples of group (%" G_GINT64_FORMAT
          ") and offset_group (%" G_GINT64_FORMAT ")",
          self->channels, self->n_dst, self->groups, self->offset_groups);
    w.dims[1] = self->channels / self->groups;
  }
  return dnn_check_shape (call, W, &w, error) &&
      dnn_check_shape (call, OFFSET, &offset, error) &&
      (!dnn_call_has_input (call, B) ||
          dnn_check_shape (call, B, &bias, error)) &&
      (!dnn_call_has_input (call, MASK) ||
          dnn_check_shape (call, MASK, &mask, error));
}

static gboolean
read_call (const DnnCall *call, Deform *self, GError **error)
{
  *self = (Deform){ .channels = call->inputs[X].shape.dims[1],
    .n_dst = call->inputs[W].shape.dims[0],
    .groups = dnn_call_int (call, "group"),
    .offset_groups = dnn_call_int (call, "offset_group") };
  return check_counts (call, error) && read_dim (call, self, 0, error) &&
      read_dim (call, self, 1, error) && check_shapes (call, self, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape;
  Deform self;

  for (guint i = X; i <= OFFSET; i++)
    if (!dnn_check_rank (call, i, 4, 4, error))
      return DNN_INFER_ERROR;
  if (!read_call (call, &self, error))
    return DNN_INFER_ERROR;
  shape = (DnnShape){ 4,
    { call->inputs[X].shape.dims[0], self.n_dst, self.dst[0], self.dst[1] } };
  dnn_infer_set (call, 0, call->inputs[X].type, &shape);
  return DNN_INFER_OK;
}

/* The plane from @base on, read between its elements; 0 outside. */
static gdouble
read_place (const Deform *self, DnnType type, gconstpointer src, gint64 base,
    gdouble y, gdouble x)
{
  gdouble fy, fx, sum = 0;

  if (!(y > -1 && y < (gdouble) self->src[0] && x > -1 &&
          x < (gdouble) self->src[1]))
    return 0;
  fy = floor (y);
  fx = floor (x);
  for (gint i = 0; i < 4; i++) {
    gint64 row = (gint64) fy + i / 2, column = (gint64) fx + i % 2;
    gdouble share = (i / 2 ? y - fy : 1 - y + fy) *
        (i % 2 ? x - fx : 1 - x + fx);
    if (row >= 0 && row < self->src[0] && column >= 0 && column < self->src[1])
      sum += share * dnn_load (type, src, base + row * self->src[1] + column);
  }
  return sum;
}

/* Tap @k of input channel @c of image @n for the output at @place. */
static gdouble
read_tap (const DnnCall *call, const Deform *self, gconstpointer const *src,
    gint64 n, gint64 c, gint64 k, gint64 place)
{
  DnnType type = call->inputs[X].type;
  gint64 taps = self->kernel[0] * self->kernel[1];
  gint64 plane = self->dst[0] * self->dst[1];
  gint64 group = c / (self->channels / self->offset_groups);
  gint64 tap = (n * self->offset_groups + group) * taps + k;
  gdouble y = (gdouble) (place / self->dst[1] * self->stride[0] -
      self->begin[0] + k / self->kernel[1] * self->dilation[0]);
  gdouble x = (gdouble) (place % self->dst[1] * self->stride[1] -
      self->begin[1] + k % self->kernel[1] * self->dilation[1]);

  y += dnn_load (type, src[OFFSET], 2 * tap * plane + place);
  x += dnn_load (type, src[OFFSET], (2 * tap + 1) * plane + place);
  return read_place (self, type, src[X],
             (n * self->channels + c) * self->src[0] * self->src[1], y, x) *
      (dnn_call_has_input (call, MASK)
              ? dnn_load (type, src[MASK], tap * plane + place)
              : 1);
}

static gdouble
compute (const DnnCall *call, const Deform *self, gconstpointer const *src,
    gint64 n, gint64 m, gint64 place)
{
  DnnType type = call->inputs[X].type;
  gint64 taps = self->kernel[0] * self->kernel[1];
  gint64 n_src = self->channels / self->groups;
  gint64 first = m / (self->n_dst / self->groups) * n_src;
  gdouble sum = dnn_call_has_input (call, B) ? dnn_load (type, src[B], m) : 0;

  for (gint64 i = 0; i < n_src; i++)
    for (gint64 k = 0; k < taps; k++)
      sum += dnn_load (type, src[W], (m * n_src + i) * taps + k) *
          read_tap (call, self, src, n, first + i, k, place);
  return sum;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint64 plane, idx = 0;
  Deform self;

  if (!read_call (call, &self, error))
    return FALSE;
  plane = self.dst[0] * self.dst[1];
  for (gint64 i = 0; i < call->inputs[X].shape.dims[0] * self.n_dst; i++)
    for (gint64 place = 0; place < plane; place++)
      dnn_store (call->outputs[0].type, dst[0], idx++,
          compute (call, &self, src, i / self.n_dst, i % self.n_dst, place));
  return TRUE;
}

const DnnOp dnn_op_DeformConv = {
  .name = "DeformConv",
  .doc =
      "Convolution of pictures whose taps stand where offset says, weighted by mask",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
