/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a primitive wants of a constant → a format, by which equal layouts are
 * told: blocked ones, and those that only oneDNN understands. Next:
 * pipeline-core/store/dnn-store.c. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-packed.h"

#include <string.h>

typedef struct
{
  DnnFormat parent;
  DnnMd *from, *to;
  gfloat factor;
  DnnRecipe recipe; /* fill NULL: none */
} PackedFormat;

static gsize
get_size (const DnnFormat *self)
{
  return dnn_md_get_size (((const PackedFormat *) self)->to);
}

static gboolean
compare (const DnnFormat *a, const DnnFormat *b)
{
  const PackedFormat *x = (const PackedFormat *) a;
  const PackedFormat *y = (const PackedFormat *) b;

  return x->factor == y->factor && x->recipe.fill == y->recipe.fill &&
      x->recipe.size == y->recipe.size &&
      (x->recipe.size == 0 ||
          memcmp (x->recipe.data, y->recipe.data, x->recipe.size) == 0) &&
      dnn_md_equal (x->from, y->from) && dnn_md_equal (x->to, y->to);
}

static gchar *
print (const DnnFormat *self)
{
  g_autofree gchar *shape = dnn_shape_to_string (&self->shape);

  return g_strdup_printf ("%s packed %s", dnn_type_name (self->type), shape);
}

static void
release (DnnFormat *self)
{
  dnn_md_free (((PackedFormat *) self)->from);
  dnn_md_free (((PackedFormat *) self)->to);
  g_free ((gpointer) ((PackedFormat *) self)->recipe.data);
  g_free (self);
}

static const DnnFormatClass packed_class = {
  .name = "oneDNN packed",
  .size = get_size,
  .equal = compare,
  .to_string = print,
  .free = release,
};

DnnFormat *
dnn_onednn_packed_format_new (const DnnMd *from, const DnnMd *to, gfloat factor,
    const DnnRecipe *recipe, const DnnFormat *plain)
{
  PackedFormat *self = g_new0 (PackedFormat, 1);

  self->parent.klass = &packed_class;
  g_atomic_ref_count_init (&self->parent.ref_count);
  self->parent.type = plain->type;
  self->parent.shape = plain->shape;
  self->from = dnn_md_copy (from);
  self->to = dnn_md_copy (to);
  self->factor = factor;
  if (recipe) {
    self->recipe = *recipe;
    self->recipe.data = g_memdup2 (recipe->data, recipe->size);
  }
  return &self->parent;
}

const DnnRecipe *
dnn_onednn_packed_format_get_recipe (const DnnFormat *self)
{
  const PackedFormat *packed = (const PackedFormat *) self;

  return packed->recipe.fill ? &packed->recipe : NULL;
}
