/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* TfIdfVectorizer: how often sequences of numbers stand in each row. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const gchar *const modes[] = { "TF", "IDF", "TFIDF", NULL };

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_INDEX,
      .type_var = "T",
      .doc = "length, or batch × length" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT32 },
};
static const DnnAttrRow attrs[] = {
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .required = TRUE,
      .choices = modes,
      .doc = "how counts are weighted" },
  { .key = "min_gram_length",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = 65536,
      .doc = "" },
  { .key = "max_gram_length",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = 65536,
      .doc = "" },
  { .key = "max_skip_count",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .max = 65536,
      .doc = "items between those of an n-gram" },
  { .key = "ngram_counts",
      .kind = DNN_ATTR_INTS,
      .required = TRUE,
      .max = G_MAXINT32,
      .doc = "where the n-grams of each length begin in the pool" },
  { .key = "ngram_indexes",
      .kind = DNN_ATTR_INTS,
      .required = TRUE,
      .max = 1 << 28,
      .doc = "where each n-gram is counted" },
  { .key = "pool_int64s", .kind = DNN_ATTR_INTS, .doc = "the n-grams" },
  { .key = "pool_strings", .kind = DNN_ATTR_STRINGS, .doc = "not supported" },
  { .key = "weights", .kind = DNN_ATTR_FLOATS, .doc = "of each place" },
};

/* A call, read: the n-grams of @pool by length. */
typedef struct
{
  const DnnAttrValue *pool, *starts, *indexes, *weights;
  gint64 size; /* of a row of the output */
} Grams;

static gboolean
read_grams (const DnnCall *call, Grams *self, GError **error)
{
  self->pool = dnn_call_attr (call, "pool_int64s");
  self->starts = dnn_call_attr (call, "ngram_counts");
  self->indexes = dnn_call_attr (call, "ngram_indexes");
  self->weights = dnn_call_attr (call, "weights");
  self->size = 0;
  if (dnn_call_attr (call, "pool_strings")->present)
    return dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
        "pool_strings is given; strings are not supported");
  for (guint i = 0; i < self->indexes->n; i++)
    self->size = MAX (self->size, self->indexes->ints[i] + 1);
  if (self->weights->present && self->weights->n < self->size)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "weights has %u numbers, expected %" G_GINT64_FORMAT, self->weights->n,
        self->size);
  for (guint i = 0; i < self->starts->n; i++)
    if (self->starts->ints[i] > self->pool->n ||
        (i > 0 && self->starts->ints[i] < self->starts->ints[i - 1]))
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "ngram_counts[%u] is %" G_GINT64_FORMAT
          ", expected rising places in a pool of %u",
          i, self->starts->ints[i], self->pool->n);
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;
  Grams grams;

  if (!dnn_check_rank (call, 0, 1, 2, error) ||
      !read_grams (call, &grams, error))
    return DNN_INFER_ERROR;
  shape.dims[shape.rank - 1] = grams.size;
  dnn_infer_set (call, 0, DNN_TYPE_FLOAT32, &shape);
  return DNN_INFER_OK;
}

/* The items from @src[at] on, @step apart, are the @n from @pool on. */
static gboolean
is_gram (const DnnCall *call, gconstpointer src, gint64 at, gint64 step,
    const gint64 *pool, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    if (dnn_load_int (call->inputs[0].type, src, at + i * step) != pool[i])
      return FALSE;
  return TRUE;
}

/* Where the last n-gram that stands there is counted, -1 if none does. */
static gint64
find_gram (const DnnCall *call, const Grams *self, gconstpointer src, gint64 at,
    gint64 step, gint64 n)
{
  gint64 first = self->starts->ints[n - 1], before = 0, found = -1;
  gint64 end = n < self->starts->n ? self->starts->ints[n] : self->pool->n;

  for (gint64 i = 1; i < n; i++)
    before += (self->starts->ints[i] - self->starts->ints[i - 1]) / i;
  for (gint64 i = 0; i < (end - first) / n; i++)
    if (before + i < self->indexes->n &&
        is_gram (call, src, at, step, self->pool->ints + first + i * n, n))
      found = self->indexes->ints[before + i];
  return found;
}

static void
count_row (const DnnCall *call, const Grams *self, gconstpointer src,
    gint64 base, gint64 length, gfloat *dst)
{
  gint64 least = dnn_call_int (call, "min_gram_length");
  gint64 most = MIN (
      dnn_call_int (call, "max_gram_length"), (gint64) self->starts->n);
  gint64 skips = MIN (dnn_call_int (call, "max_skip_count"), length);

  for (gint64 step = 1; step <= skips + 1; step++)
    for (gint64 n = least; n <= most; n++)
      for (gint64 i = 0; (n > 1 || step == 1) && i + (n - 1) * step < length;
           i++) {
        gint64 idx = find_gram (call, self, src, base + i, step, n);
        if (idx >= 0)
          dst[idx]++;
      }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  const gchar *mode = dnn_call_attr (call, "mode")->s;
  gint64 length = x->dims[x->rank - 1];
  gint64 n_rows = x->rank == 2 ? x->dims[0] : 1;
  gfloat *y = dst[0];
  Grams grams;

  if (!read_grams (call, &grams, error))
    return FALSE;
  memset (y, 0, (gsize) (n_rows * grams.size) * sizeof *y);
  for (gint64 i = 0; i < n_rows; i++)
    count_row (call, &grams, src[0], i * length, length, y + i * grams.size);
  for (gint64 i = 0; i < n_rows * grams.size && *mode != '\0'; i++) {
    gfloat weight = grams.weights->present
        ? grams.weights->floats[i % grams.size]
        : 1;
    if (strcmp (mode, "IDF") == 0)
      y[i] = y[i] > 0 ? weight : 0;
    else if (strcmp (mode, "TFIDF") == 0)
      y[i] *= weight;
  }
  return TRUE;
}

const DnnOp dnn_op_TfIdfVectorizer = {
  .name = "TfIdfVectorizer",
  .doc = "Counts of n-grams of integers, weighted",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
