/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Parts of tensors through views, joins, activations and arithmetic. What can't
 * be followed becomes one part of unknown origin. Next:
 * gstdnnevidence-graph.c. */
#include "config.h"

#include "gst-plugin/evidence/gstdnnevidence-parts.h"

#include <string.h>

/* Constants with as many elements belong to candidates: priors, grids; those
 * with fewer to channels: factors, biases. */
#define MIN_TABLE 32

void
gst_dnn_parts_set (GstDnnParts *self, GstDnnMade made, GstDnnSeen seen)
{
  *self = (GstDnnParts){ .axis = -1, .n_parts = 1 };
  self->parts[0].made = made;
  self->parts[0].seen = seen;
}

static void
forget (GstDnnParts *self)
{
  gst_dnn_parts_set (self, GST_DNN_MADE_UNKNOWN, GST_DNN_SEEN_NONE);
}

static gboolean
is_alike (const GstDnnPart *a, const GstDnnPart *b)
{
  return a->made == b->made && a->seen == b->seen;
}

/* Parts that are all of one kind are one. */
static void
simplify (GstDnnParts *self)
{
  GstDnnPart *first = &self->parts[0];

  for (guint i = 1; i < self->n_parts; i++)
    if (!is_alike (first, &self->parts[i]))
      return;
  for (guint i = 1; i < self->n_parts; i++)
    first->extent = MAX (first->extent, self->parts[i].extent);
  self->axis = -1;
  self->n_parts = 1;
}

/* --- Views. */

/* Where dimension @axis of @shape is in @after, -1 if it is no longer one. */
static gint
find_axis (const DnnShape *shape, gint axis, const DnnShape *after)
{
  gint64 before = 1, n = 1;

  for (gint i = 0; i < axis; i++)
    before *= ABS (shape->dims[i]);
  for (gint i = 0; i < after->rank; i++) {
    if (n == before && after->dims[i] == shape->dims[axis])
      return i;
    n *= ABS (after->dims[i]);
  }
  return -1;
}

void
gst_dnn_parts_reshape (
    GstDnnParts *self, const DnnShape *shape, const DnnShape *after)
{
  if (self->axis < 0)
    return;
  self->axis = shape->rank > self->axis && after->rank > 0
      ? find_axis (shape, self->axis, after)
      : -1;
  if (self->axis < 0)
    forget (self);
}

void
gst_dnn_parts_cut (GstDnnParts *self, gint axis, gint64 start, gint64 size)
{
  GstDnnParts whole = *self;
  gint64 at = 0;

  if (self->axis != axis)
    return;
  self->n_parts = 0;
  for (guint i = 0; i < whole.n_parts; i++) {
    gint64 first = MAX (at, start);

    at += whole.parts[i].size;
    if (first >= MIN (at, start + size))
      continue;
    self->parts[self->n_parts] = whole.parts[i];
    self->parts[self->n_parts++].size = MIN (at, start + size) - first;
  }
  if (self->n_parts == 0)
    forget (self);
  simplify (self);
}

/* Side by side along the axis that they are parted by. */
static void
append_parts (GstDnnParts *self, const GstDnnParts *next, gint axis,
    gint64 size, gint64 next_size)
{
  if (self->axis < 0)
    self->parts[0].size = size;
  if (self->n_parts + next->n_parts > GST_DNN_MAX_PARTS) {
    forget (self);
    return;
  }
  self->axis = axis;
  memcpy (self->parts + self->n_parts, next->parts,
      next->n_parts * sizeof (GstDnnPart));
  if (next->axis < 0)
    self->parts[self->n_parts].size = next_size;
  self->n_parts += next->n_parts;
}

void
gst_dnn_parts_join (GstDnnParts *self, const GstDnnParts *next, gint axis,
    gint64 size, gint64 next_size)
{
  gboolean is_across = self->axis >= 0 && self->axis != axis;

  if ((self->axis < 0 || self->axis == axis) &&
      (next->axis < 0 || next->axis == axis)) {
    append_parts (self, next, axis, size, next_size);
    return;
  }
  /* Parted by another axis, both in the same way. */
  if (!is_across || next->axis != self->axis ||
      next->n_parts != self->n_parts) {
    forget (self);
    return;
  }
  for (guint i = 0; i < self->n_parts; i++) {
    if (self->parts[i].size != next->parts[i].size ||
        !is_alike (&self->parts[i], &next->parts[i])) {
      forget (self);
      return;
    }
    self->parts[i].extent = MAX (self->parts[i].extent, next->parts[i].extent);
  }
}

/* --- Functions of one tensor. */

static gboolean
is_probability (const GstDnnPart *part)
{
  return part->seen == GST_DNN_SEEN_SIGMOID ||
      part->seen == GST_DNN_SEEN_SOFTMAX;
}

static void
set_seen (GstDnnPart *part, GstDnnSeen seen)
{
  part->seen = seen;
  part->extent = seen == GST_DNN_SEEN_LOG_SOFTMAX ? 0 : 1;
}

static gboolean
is_one_of (const gchar *op, const gchar *const *ops)
{
  return g_strv_contains (ops, op);
}

/* Between layers of a network; the numbers stay what they are. */
static const gchar *const layer_functions[] = { "Relu", "LeakyRelu", "PRelu",
  "HardSwish", "Swish", "Elu", "Selu", "Celu", "Gelu", "Mish", "Softplus",
  "Softsign", "ThresholdedRelu", NULL };

static void
apply (GstDnnPart *part, const gchar *op, gfloat most)
{
  if (g_str_equal (op, "Sigmoid") || g_str_equal (op, "HardSigmoid") ||
      g_str_equal (op, "com.microsoft.QLinearSigmoid")) {
    set_seen (part, GST_DNN_SEEN_SIGMOID);
  } else if (g_str_equal (op, "Softmax")) {
    set_seen (part, GST_DNN_SEEN_SOFTMAX);
  } else if (g_str_equal (op, "LogSoftmax")) {
    set_seen (part, GST_DNN_SEEN_LOG_SOFTMAX);
  } else if (g_str_equal (op, "Clip")) {
    if (most > 0 && !is_probability (part))
      part->extent = most;
  } else if (g_str_equal (op, "Sqrt") && is_probability (part)) {
    part->seen = GST_DNN_SEEN_SIGMOID;
  } else {
    part->made = is_one_of (op, layer_functions) &&
            part->made == GST_DNN_MADE_RAW
        ? GST_DNN_MADE_RAW
        : GST_DNN_MADE_COMPUTED;
    part->seen = GST_DNN_SEEN_NONE;
    part->extent = 0;
  }
}

void
gst_dnn_parts_apply (GstDnnParts *self, const gchar *op, gfloat most)
{
  for (guint i = 0; i < self->n_parts; i++)
    apply (&self->parts[i], op, most);
  simplify (self);
}

/* --- Arithmetic. */

static gboolean
is_bias (const GstDnnPart *part)
{
  return part->made == GST_DNN_MADE_CONSTANT && !part->is_table;
}

/* About how large a ∘ b gets; a factor or summand that is one number says
 * nothing where the other side isn't known. */
static gfloat
combine_extents (const gchar *op, const GstDnnPart *a, const GstDnnPart *b)
{
  gboolean both = a->extent > 0 && b->extent > 0;

  if (g_str_equal (op, "Mul") && both)
    return a->extent * b->extent;
  if (g_str_equal (op, "Div") && b->made == GST_DNN_MADE_CONSTANT &&
      b->extent > 0)
    return a->extent / b->extent;
  if (!both && a->made == GST_DNN_MADE_CONSTANT && a->n < MIN_TABLE)
    return 0;
  if (!both && b->made == GST_DNN_MADE_CONSTANT && b->n < MIN_TABLE)
    return 0;
  return MAX (a->extent, b->extent);
}

static void
combine (GstDnnPart *a, const gchar *op, const GstDnnPart *b)
{
  gboolean is_add = g_str_equal (op, "Add");

  if (is_probability (a) && is_probability (b) && g_str_equal (op, "Mul")) {
    set_seen (a, GST_DNN_SEEN_SIGMOID);
    return;
  }
  if (is_add && a->made == GST_DNN_MADE_RAW && a->seen == GST_DNN_SEEN_NONE &&
      is_bias (b))
    return;
  a->extent = combine_extents (op, a, b);
  a->seen = GST_DNN_SEEN_NONE;
  if (a->made == GST_DNN_MADE_INDEX &&
      (b->made == GST_DNN_MADE_CONSTANT || b->made == GST_DNN_MADE_INDEX))
    return;
  if (a->made != GST_DNN_MADE_CONSTANT || b->made != GST_DNN_MADE_CONSTANT)
    a->made = GST_DNN_MADE_COMPUTED;
  a->n = MAX (a->n, b->n);
  a->is_table |= b->is_table;
}

static void
combine_parted (GstDnnParts *self, const gchar *op, const GstDnnParts *other)
{
  if (other->axis >= 0 &&
      (other->axis != self->axis || other->n_parts != self->n_parts)) {
    gst_dnn_parts_set (self, GST_DNN_MADE_COMPUTED, GST_DNN_SEEN_NONE);
    return;
  }
  for (guint i = 0; i < self->n_parts; i++)
    combine (&self->parts[i], op, &other->parts[other->axis < 0 ? 0 : i]);
}

/* Operands whose order does not matter here may change places. */
static gboolean
swaps (const GstDnnParts *self, const GstDnnParts *other)
{
  if (self->axis < 0 && other->axis >= 0)
    return TRUE;
  return self->axis < 0 && self->parts[0].made == GST_DNN_MADE_CONSTANT;
}

void
gst_dnn_parts_combine (GstDnnParts *self, const gchar *op, gint shift,
    const GstDnnParts *other, gint other_shift)
{
  GstDnnParts a = *self, b = *other;
  gboolean is_quotient = g_str_equal (op, "Div") || g_str_equal (op, "Mod");

  a.axis += a.axis >= 0 ? shift : 0;
  b.axis += b.axis >= 0 ? other_shift : 0;
  if (!is_quotient && swaps (&a, &b)) {
    combine_parted (&b, op, &a);
    *self = b;
  } else {
    if (a.axis < 0 && b.axis >= 0)
      gst_dnn_parts_set (&a, GST_DNN_MADE_COMPUTED, GST_DNN_SEEN_NONE);
    else
      combine_parted (&a, op, &b);
    *self = a;
  }
  simplify (self);
}
