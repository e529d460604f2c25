/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory of a test: guarded, filled, converted, compared. Next: test-run.c. */
#include "config.h"

#include "tests/kernels/kernel-data.h"

#include <math.h>
#include <string.h>

#include "pipeline-core/op/dnn-op.h"

#define GUARD 128
#define PATTERN 0xa5

/* What flushing denormals to zero may lose. */
#define TINY 1e-37

Buffer *
buffer_new_shifted (gsize size, gsize shift)
{
  Buffer *buffer = g_new0 (Buffer, 1);

  buffer->size = size;
  buffer->memory = dnn_alloc_aligned (size + shift + 2 * GUARD);
  memset (buffer->memory, PATTERN, size + shift + 2 * GUARD);
  buffer->data = buffer->memory + GUARD + shift;
  return buffer;
}

Buffer *
buffer_new (gsize size)
{
  return buffer_new_shifted (size, 0);
}

void
buffer_free (Buffer *buffer)
{
  dnn_free_aligned (buffer->memory);
  g_free (buffer);
}

gboolean
buffer_is_guarded (const Buffer *buffer)
{
  for (guint i = 0; i < GUARD; i++)
    if (buffer->data[-1 - (gssize) i] != PATTERN ||
        buffer->data[buffer->size + i] != PATTERN)
      return FALSE;
  return TRUE;
}

static gdouble
make_float (RowClass klass, GRand *random)
{
  gdouble value = g_rand_double_range (random, -1, 1);

  switch (klass) {
    case CLASS_ZEROS:
      return 0;
    case CLASS_LARGE:
      return value * 1e4;
    case CLASS_DENORMAL:
      return value * 1e-39;
    case CLASS_INFINITE:
      return g_rand_int_range (random, 0, 16) == 0 ? copysign (INFINITY, value)
                                                   : value;
    case CLASS_NAN:
      if (g_rand_int_range (random, 0, 16) != 0)
        return value;
      return g_rand_boolean (random) ? NAN : -NAN;
    case CLASS_UNIFORM:
    default:
      return value;
  }
}

void
data_fill (const RowInput *input, RowClass klass, GRand *random, gpointer data)
{
  gint64 n = dnn_shape_n_elements (&input->shape);
  gboolean is_float = (DNN_TYPES_FLOAT & DNN_TYPE_BIT (input->type)) != 0;

  /* no weights are infinite: a convolution multiplies its padding by them */
  if (input->constant && klass >= CLASS_INFINITE)
    klass = CLASS_UNIFORM;

  for (gint64 i = 0; i < n; i++) {
    gdouble value;
    if (input->values)
      value = input->values[i];
    else if (input->has_range && is_float)
      value = g_rand_double_range (random, input->low, input->high);
    else if (input->has_range)
      value = g_rand_int_range (random, input->low, input->high + 1);
    else if (is_float)
      value = make_float (klass, random);
    else if (input->type == DNN_TYPE_BOOL)
      value = g_rand_boolean (random);
    else
      value = g_rand_int_range (random, -9, 10);
    dnn_type_set (input->type, data, i, value);
  }
}

/* Runs a candidate with one input and one output. */
static void
run_reorder (const DnnCandidate *candidate, gpointer src, gpointer dst)
{
  const DnnKernel *kernel = candidate->kernel;
  gpointer srcs[] = { src }, dsts[] = { dst };
  g_autoptr (Buffer) scratch = buffer_new (candidate->scratch);
  DnnBinding binding = { srcs, dsts, NULL, scratch->data };
  g_autoptr (GError) error = NULL;
  gpointer prepared = kernel->prepare (NULL, candidate, &error);
  gpointer bound;

  g_assert_no_error (error);
  bound = kernel->bind (prepared, &binding, &error);
  g_assert_no_error (error);
  kernel->run (prepared, bound, &binding, &error);
  g_assert_no_error (error);
  kernel->release (prepared, bound);
  kernel->unprepare (prepared);
}

void
data_convert (
    const DnnFormat *from, gconstpointer src, const DnnFormat *to, gpointer dst)
{
  g_autoptr (DnnCandidate) candidate = NULL;

  if (dnn_format_equal (from, to)) {
    memcpy (dst, src, dnn_format_get_size (from));
    return;
  }
  candidate = dnn_format_reorder (from, to);
  g_assert_nonnull (candidate);
  run_reorder (candidate, (gpointer) src, dst);
}

static gboolean
is_close (gdouble expected, gdouble found, gdouble allowed)
{
  if (isnan (expected) || isnan (found))
    return isnan (expected) && isnan (found);
  if (isinf (expected) || isinf (found))
    return expected == found;
  return fabs (expected - found) <= allowed;
}

gboolean
data_compare (DnnType type, const DnnShape *shape, gconstpointer expected,
    gconstpointer found, gdouble tolerance, const gchar *what)
{
  gint64 n = dnn_shape_n_elements (shape);
  gdouble largest = 0;

  if (!(DNN_TYPES_FLOAT & DNN_TYPE_BIT (type))) {
    if (memcmp (expected, found, n * dnn_type_size (type)) == 0)
      return TRUE;
    tolerance = 0;
  }
  for (gint64 i = 0; i < n; i++) {
    gdouble value = fabs (dnn_type_get (type, expected, i));
    if (isfinite (value))
      largest = MAX (largest, value);
  }
  for (gint64 i = 0; i < n; i++) {
    gdouble a = dnn_type_get (type, expected, i);
    gdouble b = dnn_type_get (type, found, i);
    if (!is_close (a, b, tolerance * largest + TINY)) {
      g_test_message ("%s: element %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                      " is %.9g, expected %.9g (largest %.9g)",
          what, i, n, b, a, largest);
      return FALSE;
    }
  }
  return TRUE;
}
