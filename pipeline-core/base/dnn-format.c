/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Type and shape → the core's plain format; formats of a backend go through
 * their class. Next: dnn-plan-choose.c picks among them. */
#include "config.h"

#include "pipeline-core/base/dnn-format.h"

#include <string.h>

static gsize
get_plain_size (const DnnFormat *self)
{
  return (gsize) dnn_shape_n_elements (&self->shape) *
      dnn_type_size (self->type);
}

static gboolean
compare_plain (const DnnFormat *a, const DnnFormat *b)
{
  return a->type == b->type && dnn_shape_equal (&a->shape, &b->shape);
}

static gchar *
print_plain (const DnnFormat *self)
{
  g_autofree gchar *shape = dnn_shape_to_string (&self->shape);

  return g_strdup_printf ("%s plain %s", dnn_type_name (self->type), shape);
}

static void
free_plain (DnnFormat *self)
{
  g_free (self);
}

/* Contiguous when, behind the first dimension that is larger than 1, all
 * dimensions are whole. */
static DnnFormat *
take_plain_part (const DnnFormat *self, const DnnShape *shape,
    const gint64 *offset, gsize *byte_offset)
{
  gboolean below_one = FALSE;
  gint64 start = 0;

  for (gint i = 0; i < self->shape.rank; i++) {
    if (below_one && shape->dims[i] != self->shape.dims[i])
      return NULL;
    below_one = below_one || shape->dims[i] != 1;
    start = start * self->shape.dims[i] + offset[i];
  }
  *byte_offset = (gsize) start * dnn_type_size (self->type);
  return dnn_format_new_plain (self->type, shape);
}

static const DnnFormatClass plain_class = {
  .name = "plain",
  .size = get_plain_size,
  .equal = compare_plain,
  .to_string = print_plain,
  .free = free_plain,
  .part = take_plain_part,
};

/* ---- packed -------------------------------------------------------------- */

typedef struct
{
  DnnFormat parent;
  gchar *layout;
  gsize size;
} PackedFormat;

static gsize
get_packed_size (const DnnFormat *self)
{
  return ((const PackedFormat *) self)->size;
}

static gboolean
compare_packed (const DnnFormat *a, const DnnFormat *b)
{
  const PackedFormat *x = (const PackedFormat *) a;
  const PackedFormat *y = (const PackedFormat *) b;

  return a->type == b->type && dnn_shape_equal (&a->shape, &b->shape) &&
      x->size == y->size && strcmp (x->layout, y->layout) == 0;
}

static gchar *
print_packed (const DnnFormat *self)
{
  return g_strdup (((const PackedFormat *) self)->layout);
}

static void
free_packed (DnnFormat *self)
{
  g_free (((PackedFormat *) self)->layout);
  g_free (self);
}

static const DnnFormatClass packed_class = {
  .name = "packed",
  .size = get_packed_size,
  .equal = compare_packed,
  .to_string = print_packed,
  .free = free_packed,
};

DnnFormat *
dnn_format_new_packed (
    DnnType type, const DnnShape *shape, const gchar *layout, gsize size)
{
  PackedFormat *self = g_new0 (PackedFormat, 1);

  self->parent.klass = &packed_class;
  g_atomic_ref_count_init (&self->parent.ref_count);
  self->parent.type = type;
  self->parent.shape = *shape;
  self->layout = g_strdup (layout);
  self->size = size;
  return &self->parent;
}

/* ---- all ----------------------------------------------------------------- */

DnnFormat *
dnn_format_new_plain (DnnType type, const DnnShape *shape)
{
  DnnFormat *self;

  g_return_val_if_fail (dnn_shape_is_known (shape), NULL);
  self = g_new0 (DnnFormat, 1);
  self->klass = &plain_class;
  g_atomic_ref_count_init (&self->ref_count);
  self->type = type;
  self->shape = *shape;
  return self;
}

gboolean
dnn_format_is_plain (const DnnFormat *self)
{
  return self->klass == &plain_class;
}

/* Immutable but for the count, hence const for those who only hold one. */
DnnFormat *
dnn_format_ref (const DnnFormat *self)
{
  DnnFormat *mutable = (DnnFormat *) self;

  g_atomic_ref_count_inc (&mutable->ref_count);
  return mutable;
}

void
dnn_format_unref (DnnFormat *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    self->klass->free (self);
}

gsize
dnn_format_get_size (const DnnFormat *self)
{
  return self->klass->size (self);
}

gboolean
dnn_format_equal (const DnnFormat *a, const DnnFormat *b)
{
  return a == b || (a->klass == b->klass && a->klass->equal (a, b));
}

gchar *
dnn_format_to_string (const DnnFormat *self)
{
  return self->klass->to_string (self);
}

DnnCandidate *
dnn_format_reorder (const DnnFormat *src, const DnnFormat *dst)
{
  const DnnFormat *other = dnn_format_is_plain (src) ? dst : src;

  if (!other->klass->reorder || !dnn_shape_equal (&src->shape, &dst->shape))
    return NULL;
  return other->klass->reorder (src, dst);
}

DnnFormat *
dnn_format_part (const DnnFormat *self, const DnnShape *shape,
    const gint64 *offset, gsize *byte_offset)
{
  if (!self->klass->part || shape->rank != self->shape.rank)
    return NULL;
  for (gint i = 0; i < shape->rank; i++)
    if (offset[i] < 0 || offset[i] + shape->dims[i] > self->shape.dims[i])
      return NULL;
  return self->klass->part (self, shape, offset, byte_offset);
}
