/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory descriptors → DnnFormat: size, equality, text, reorders, parts.
 * Next: dnn-onednn-kernel.c. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-format.h"

#include "kernels/onednn/dnn-onednn-kernel.h"

#include <string.h>

/* One loop over memory: @extent steps of @stride elements, each of which
 * advances @dim by @step. */
typedef struct
{
  gint dim;
  gint64 step, extent, stride;
} Level;

#define MAX_LEVELS (2 * DNNL_MAX_NDIMS)

/* A layout as loops, outermost first, in a form that is the same for the same
 * placement of bytes. */
typedef struct
{
  Level levels[MAX_LEVELS];
  guint n;
} Canon;

typedef struct
{
  DnnFormat parent;
  DnnMd *md;
  DnnMdLayout layout;
  Canon canon;
} OnednnFormat;

static const DnnFormatClass onednn_format_class;

static const OnednnFormat *
get_onednn (const DnnFormat *format)
{
  return format->klass == &onednn_format_class ? (const OnednnFormat *) format
                                               : NULL;
}

/* ---- canonical form ------------------------------------------------------ */

static void
add_level (Canon *canon, gint dim, gint64 step, gint64 extent, gint64 stride)
{
  if (extent > 1)
    canon->levels[canon->n++] = (Level){ dim, step, extent, stride };
}

static int
compare_levels (gconstpointer a, gconstpointer b)
{
  const Level *x = a, *y = b;

  return x->stride < y->stride ? 1 : x->stride > y->stride ? -1 : 0;
}

/* Joins a level with the next inner one where both walk one dimension without
 * a gap: a dimension of 32 in blocks of 16 with nothing between. */
static void
merge_levels (Canon *canon)
{
  guint n = 0;

  for (guint i = 0; i < canon->n; i++) {
    Level *level = &canon->levels[i];
    Level *outer = n > 0 ? &canon->levels[n - 1] : NULL;
    if (outer && outer->dim == level->dim &&
        outer->step == level->step * level->extent &&
        outer->stride == level->stride * level->extent) {
      outer->extent *= level->extent;
      outer->step = level->step;
      outer->stride = level->stride;
    } else {
      canon->levels[n++] = *level;
    }
  }
  canon->n = n;
}

static void
make_canon (const DnnMdLayout *layout, Canon *canon)
{
  gint64 block[DNNL_MAX_NDIMS]; /* elements of a dim below this level */
  gint64 stride = 1;

  canon->n = 0;
  for (gint i = 0; i < layout->rank; i++)
    block[i] = 1;
  for (gint i = layout->n_blocks - 1; i >= 0; i--) {
    gint dim = layout->block_idxs[i];
    add_level (canon, dim, block[dim], layout->blocks[i], stride);
    stride *= layout->blocks[i];
    block[dim] *= layout->blocks[i];
  }
  for (gint i = 0; i < layout->rank; i++)
    add_level (
        canon, i, block[i], layout->padded[i] / block[i], layout->strides[i]);
  qsort (canon->levels, canon->n, sizeof (Level), compare_levels);
  merge_levels (canon);
}

static gboolean
canon_equal (const Canon *a, const Canon *b)
{
  if (a->n != b->n)
    return FALSE;
  for (guint i = 0; i < a->n; i++) {
    const Level *x = &a->levels[i], *y = &b->levels[i];
    if (x->dim != y->dim || x->step != y->step || x->extent != y->extent ||
        x->stride != y->stride)
      return FALSE;
  }
  return TRUE;
}

/* Row-major without padding: each level's stride is what its steps weigh. */
static gboolean
is_row_major (const DnnMdLayout *layout, const Canon *canon)
{
  gint64 weights[DNNL_MAX_NDIMS];
  gint64 weight = 1;

  for (gint i = layout->rank - 1; i >= 0; i--) {
    if (layout->padded[i] != layout->dims[i])
      return FALSE;
    weights[i] = weight;
    weight *= layout->dims[i];
  }
  for (guint i = 0; i < canon->n; i++)
    if (canon->levels[i].stride !=
        canon->levels[i].step * weights[canon->levels[i].dim])
      return FALSE;
  return TRUE;
}

/* ---- making ---------------------------------------------------------------
 */

DnnFormat *
dnn_onednn_format_new (const DnnMd *md, const DnnShape *shape)
{
  OnednnFormat *self;
  DnnMdLayout layout;
  Canon canon;
  DnnType type;

  if (!md || !dnn_md_get_layout (md, &layout) || layout.offset != 0)
    return NULL;
  type = dnn_onednn_type_from (layout.type);
  if (type == DNN_TYPE_INVALID)
    return NULL;
  make_canon (&layout, &canon);
  if (is_row_major (&layout, &canon))
    return dnn_format_new_plain (type, shape);
  g_return_val_if_fail (layout.rank == shape->rank, NULL);
  for (gint i = 0; i < layout.rank; i++)
    g_return_val_if_fail (layout.dims[i] == shape->dims[i], NULL);

  self = g_new0 (OnednnFormat, 1);
  self->parent.klass = &onednn_format_class;
  g_atomic_ref_count_init (&self->parent.ref_count);
  self->parent.type = type;
  self->parent.shape = *shape;
  self->md = dnn_md_copy (md);
  self->layout = layout;
  self->canon = canon;
  return &self->parent;
}

DnnMd *
dnn_onednn_format_to_md (const DnnFormat *self)
{
  const OnednnFormat *onednn = get_onednn (self);
  static const gint64 one[1] = { 1 };

  if (onednn)
    return dnn_md_copy (onednn->md);
  if (self->shape.rank == 0)
    return dnn_md_new_plain (1, one, dnn_onednn_type (self->type));
  return dnn_md_new_plain (
      self->shape.rank, self->shape.dims, dnn_onednn_type (self->type));
}

DnnFormat *
dnn_onednn_format_permuted (
    DnnType type, const DnnShape *shape, const gint *order)
{
  g_autoptr (DnnMd) md = NULL;
  gint64 strides[DNN_MAX_RANK];
  gint64 stride = 1;

  for (gint i = shape->rank - 1; i >= 0; i--) {
    strides[order[i]] = stride;
    stride *= shape->dims[order[i]];
  }
  md = dnn_md_new_strides (
      shape->rank, shape->dims, dnn_onednn_type (type), strides);
  return dnn_onednn_format_new (md, shape);
}

DnnFormat *
dnn_onednn_format_channels_last (DnnType type, const DnnShape *shape)
{
  gint order[DNN_MAX_RANK] = { 0 };

  if (shape->rank < 3 || shape->rank > 5)
    return NULL;
  for (gint i = 1; i < shape->rank - 1; i++)
    order[i] = i + 1;
  order[shape->rank - 1] = 1;
  return dnn_onednn_format_permuted (type, shape, order);
}

/* Dimensions by descending stride, outermost first. */
static void
sort_dims (const DnnMdLayout *layout, gint *order)
{
  for (gint i = 0; i < layout->rank; i++) {
    gint j = i;
    for (; j > 0 && layout->strides[order[j - 1]] < layout->strides[i]; j--)
      order[j] = order[j - 1];
    order[j] = i;
  }
}

gboolean
dnn_onednn_format_get_order (const DnnFormat *self, gint *order)
{
  const OnednnFormat *onednn = get_onednn (self);

  if (!onednn) {
    for (gint i = 0; i < self->shape.rank; i++)
      order[i] = i;
    return TRUE;
  }
  sort_dims (&onednn->layout, order);
  return onednn->layout.n_blocks == 0;
}

/* "aBcd16b" */
static gchar *
describe_layout (const DnnMdLayout *layout)
{
  GString *text = g_string_new (NULL);
  gint order[DNNL_MAX_NDIMS];
  guint blocked = 0;

  sort_dims (layout, order);
  for (gint i = 0; i < layout->n_blocks; i++)
    blocked |= 1u << layout->block_idxs[i];
  for (gint i = 0; i < layout->rank; i++)
    g_string_append_c (text, (blocked >> order[i] & 1 ? 'A' : 'a') + order[i]);
  for (gint i = 0; i < layout->n_blocks; i++)
    g_string_append_printf (text, "%d%c", (gint) layout->blocks[i],
        'a' + (gint) layout->block_idxs[i]);
  return g_string_free (text, FALSE);
}

/* Blocked layouts of activations; oneDNN 3 makes them from tags only. */
static const struct
{
  const gchar *text;
  dnnl_format_tag_t tag;
} blocked_tags[] = {
  { "aBc16b", dnnl_aBc16b },
  { "aBcd16b", dnnl_aBcd16b },
  { "aBcde16b", dnnl_aBcde16b },
  { "aBc8b", dnnl_aBc8b },
  { "aBcd8b", dnnl_aBcd8b },
  { "aBcde8b", dnnl_aBcde8b },
  { "aBc4b", dnnl_aBc4b },
  { "aBcd4b", dnnl_aBcd4b },
  { "aBcde4b", dnnl_aBcde4b },
  { "aBc32b", dnnl_aBc32b },
  { "aBcd32b", dnnl_aBcd32b },
  { "aBcde32b", dnnl_aBcde32b },
};

DnnFormat *
dnn_onednn_format_like (
    const DnnFormat *self, DnnType type, const DnnShape *shape)
{
  const OnednnFormat *onednn = get_onednn (self);
  g_autofree gchar *text = NULL;
  gint order[DNN_MAX_RANK];

  if (!onednn)
    return dnn_format_new_plain (type, shape);
  if (onednn->layout.rank != shape->rank)
    return NULL;
  if (dnn_onednn_format_get_order (self, order))
    return dnn_onednn_format_permuted (type, shape, order);
  text = describe_layout (&onednn->layout);
  for (guint i = 0; i < G_N_ELEMENTS (blocked_tags); i++) {
    if (strcmp (blocked_tags[i].text, text) == 0) {
      g_autoptr (DnnMd) md = dnn_md_new_tag (shape->rank, shape->dims,
          dnn_onednn_type (type), blocked_tags[i].tag);
      return dnn_onednn_format_new (md, shape);
    }
  }
  return NULL;
}

/* ---- class -----------------------------------------------------------------
 */

static gsize
get_size (const DnnFormat *format)
{
  return dnn_md_get_size (((const OnednnFormat *) format)->md);
}

static gboolean
equal (const DnnFormat *a, const DnnFormat *b)
{
  const OnednnFormat *x = get_onednn (a), *y = get_onednn (b);

  return x && y && a->type == b->type &&
      dnn_shape_equal (&a->shape, &b->shape) &&
      canon_equal (&x->canon, &y->canon);
}

static const gchar *
get_short_name (DnnType type)
{
  switch (type) {
    case DNN_TYPE_FLOAT32:
      return "f32";
    case DNN_TYPE_FLOAT16:
      return "f16";
    case DNN_TYPE_BFLOAT16:
      return "bf16";
    case DNN_TYPE_INT32:
      return "s32";
    case DNN_TYPE_INT8:
      return "s8";
    case DNN_TYPE_UINT8:
      return "u8";
    default:
      return dnn_type_name (type);
  }
}

static gchar *
to_string (const DnnFormat *format)
{
  g_autofree gchar *layout = describe_layout (
      &((const OnednnFormat *) format)->layout);

  return g_strdup_printf ("%s %s", get_short_name (format->type), layout);
}

static void
free_format (DnnFormat *format)
{
  OnednnFormat *self = (OnednnFormat *) format;

  dnn_md_free (self->md);
  g_free (self);
}

static DnnCandidate *
make_reorder (const DnnFormat *src, const DnnFormat *dst)
{
  g_autoptr (DnnMd) src_md = dnn_onednn_format_to_md (src);
  g_autoptr (DnnMd) dst_md = dnn_onednn_format_to_md (dst);

  if (!src_md || !dst_md)
    return NULL;
  return dnn_primitive_new_reorder (src_md, src, dst_md, dst);
}

/* Blocks of one dimension together. */
static gint64
get_block (const DnnMdLayout *layout, gint dim)
{
  gint64 block = 1;

  for (gint i = 0; i < layout->n_blocks; i++)
    if (layout->block_idxs[i] == dim)
      block *= layout->blocks[i];
  return block;
}

/* Loops outside the one that is cut must run once, loops inside it must be
 * whole; cuts must fall between blocks. */
static DnnFormat *
make_part (const DnnFormat *format, const DnnShape *shape, const gint64 *offset,
    gsize *byte_offset)
{
  const OnednnFormat *self = (const OnednnFormat *) format;
  const DnnMdLayout *layout = &self->layout;
  g_autoptr (DnnFormat) part = NULL;
  gint order[DNNL_MAX_NDIMS];
  gboolean inside = FALSE;
  gint64 start = 0;

  if (shape->rank != layout->rank)
    return NULL;
  sort_dims (layout, order);
  for (gint i = 0; i < layout->rank; i++) {
    gint dim = order[i];
    gint64 block = get_block (layout, dim);
    gint64 end = offset[dim] + shape->dims[dim];
    gboolean whole = shape->dims[dim] == layout->dims[dim];
    if (end > layout->dims[dim] || offset[dim] % block != 0 ||
        (end % block != 0 && end != layout->dims[dim]))
      return NULL;
    if (inside && !whole)
      return NULL;
    if (!inside && (end - offset[dim] + block - 1) / block > 1)
      inside = TRUE;
    start += offset[dim] / block * layout->strides[dim];
  }
  part = dnn_onednn_format_like (format, format->type, shape);
  if (part)
    *byte_offset = start * dnn_type_size (format->type);
  return g_steal_pointer (&part);
}

gboolean
dnn_onednn_format_cut (const DnnFormat *self, gint axis, gsize *n_outer,
    gsize *unit, gint64 *block)
{
  const OnednnFormat *onednn = get_onednn (self);
  gint order[DNN_MAX_RANK];

  if (axis >= self->shape.rank)
    return FALSE;
  *n_outer = 1;
  *block = 1;
  if (!onednn) {
    *unit = dnn_type_size (self->type);
    for (gint i = 0; i < axis; i++)
      *n_outer *= self->shape.dims[i];
    for (gint i = axis + 1; i < self->shape.rank; i++)
      *unit *= self->shape.dims[i];
    return TRUE;
  }
  sort_dims (&onednn->layout, order);
  for (gint i = 0; order[i] != axis; i++)
    *n_outer *= onednn->layout.padded[order[i]] /
        get_block (&onednn->layout, order[i]);
  *block = get_block (&onednn->layout, axis);
  *unit = onednn->layout.strides[axis] * dnn_type_size (self->type);
  return TRUE;
}

static const DnnFormatClass onednn_format_class = {
  .name = "oneDNN",
  .size = get_size,
  .equal = equal,
  .to_string = to_string,
  .free = free_format,
  .reorder = make_reorder,
  .part = make_part,
};
