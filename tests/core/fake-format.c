/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The fake backend's own format, and its reorders. */
#include "config.h"

#include "tests/core/fake-format.h"

static gsize
count_elements (const DnnFormat *self)
{
  return (gsize) dnn_shape_n_elements (&self->shape);
}

static gsize
get_reversed_size (const DnnFormat *self)
{
  return count_elements (self) * sizeof (gfloat) + 64;
}

static gboolean
compare_reversed (const DnnFormat *a, const DnnFormat *b)
{
  return a->type == b->type && dnn_shape_equal (&a->shape, &b->shape);
}

static gchar *
print_reversed (const DnnFormat *self)
{
  return g_strdup_printf ("%s reversed", dnn_type_name (self->type));
}

static void
free_reversed (DnnFormat *self)
{
  g_free (self);
}

static gboolean
run_reverse (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  gsize n = count_elements (((const DnnCandidate *) prepared)->src[0]);
  const gfloat *src = binding->src[0];
  gfloat *dst = binding->dst[0];

  for (gsize i = 0; i < n; i++)
    dst[i] = src[n - 1 - i];
  return TRUE;
}

static gpointer
prepare_reverse (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) candidate;
}

static const DnnKernel reverse_kernel = {
  .name = "fake:reverse",
  .prepare = prepare_reverse,
  .run = run_reverse,
};

static DnnCandidate *
offer_reverse (const DnnFormat *src, const DnnFormat *dst)
{
  DnnCandidate *candidate;

  if (src->type != DNN_TYPE_FLOAT32 || dst->type != DNN_TYPE_FLOAT32)
    return NULL;
  candidate = dnn_candidate_new (&reverse_kernel, 1, 1);
  candidate->src[0] = dnn_format_ref (src);
  candidate->dst[0] = dnn_format_ref (dst);
  candidate->cost = 2.0 * (gdouble) count_elements (src);
  return candidate;
}

static const DnnFormatClass reversed_class = {
  .name = "reversed",
  .size = get_reversed_size,
  .equal = compare_reversed,
  .to_string = print_reversed,
  .free = free_reversed,
  .reorder = offer_reverse,
};

static DnnFormat *
new_reversed (DnnType type, const DnnShape *shape)
{
  DnnFormat *self = g_new0 (DnnFormat, 1);

  self->klass = &reversed_class;
  g_atomic_ref_count_init (&self->ref_count);
  self->type = type;
  self->shape = *shape;
  return self;
}

static gboolean
is_reversed (const DnnFormat *format)
{
  return format->klass == &reversed_class;
}

DnnFormat *
fake_new_format (gboolean reversed, const DnnCallArg *arg)
{
  return reversed ? new_reversed (arg->type, &arg->shape)
                  : dnn_format_new_plain (arg->type, &arg->shape);
}

gboolean
fake_hints_reversed (const DnnOffers *offers, guint idx)
{
  DnnHints hints = dnn_offers_get_hints (offers, idx);

  for (guint i = 0; i < hints.n; i++)
    if (is_reversed (hints.formats[i]))
      return TRUE;
  return FALSE;
}

gsize
fake_count (const DnnCallArg *arg)
{
  return (gsize) dnn_shape_n_elements (&arg->shape);
}
