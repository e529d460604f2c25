/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attention: scaled dot-product attention, with masks, windows and a cache. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "Q",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc =
          "batch × heads × positions × head, or batch × positions × (heads · head)" },
  { .name = "K", .types = DNN_TYPES_FLOAT, .type_var = "T1" },
  { .name = "V", .types = DNN_TYPES_FLOAT, .type_var = "T2" },
  { .name = "attn_mask",
      .types = DNN_TYPES_ANY,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "U",
      .doc =
          "bool: what is seen; else added; broadcast to batch × heads × queries × keys" },
  { .name = "past_key",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "batch × heads × positions × head" },
  { .name = "past_value",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2" },
  { .name = "nonpad_kv_seqlen",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "batch: keys that count" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T1" },
  { .name = "present_key",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "past_key with K behind it" },
  { .name = "present_value",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2" },
  { .name = "qk_matmul_output",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "scores" },
};
static const DnnAttrRow attrs[] = {
  { .key = "is_causal",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: no key behind the query" },
  { .key = "q_num_heads",
      .kind = DNN_ATTR_INT,
      .min = 1,
      .max = 65536,
      .doc = "of inputs with three dimensions" },
  { .key = "kv_num_heads",
      .kind = DNN_ATTR_INT,
      .min = 1,
      .max = 65536,
      .doc = "of inputs with three dimensions" },
  { .key = "scale", .kind = DNN_ATTR_FLOAT, .doc = "default 1 / √head" },
  { .key = "softcap",
      .kind = DNN_ATTR_FLOAT,
      .def = "0",
      .doc = "above 0: scores become softcap · tanh (score / softcap)" },
  { .key = "softmax_precision",
      .kind = DNN_ATTR_INT,
      .doc = "a type; it is computed in double" },
  { .key = "qk_matmul_output_mode",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 3,
      .doc =
          "scores of output 3: 0 as multiplied, 1 capped, 2 masked, 3 probabilities" },
  { .key = "left_window_size",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .min = -1,
      .max = G_MAXINT32,
      .doc = "how many keys before a query are seen, -1: all" },
  { .key = "right_window_size",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .min = -1,
      .max = G_MAXINT32,
      .doc = "how many behind" },
};

enum
{
  Q,
  K,
  V,
  MASK,
  PAST_KEY,
  PAST_VALUE,
  LENGTHS,
};

/* Heads of one tensor: with four dimensions they stand outside of the
 * positions, with three inside. Sizes may be open. */
typedef struct
{
  gint64 batch, heads, length, head;
  gboolean is_flat;
} Heads;

/* A call, read. */
typedef struct
{
  Heads q, k, v;
  gint64 past, total; /* positions of the cache; of all keys */
  gdouble scale, softcap;
  gint64 left, right; /* windows, -1: none */
  gboolean is_causal;
} Attend;

static gboolean
read_heads (const DnnCall *call, guint idx, const gchar *key, Heads *self,
    GError **error)
{
  const DnnShape *shape = &call->inputs[idx].shape;
  const DnnAttrValue *heads = dnn_call_attr (call, key);

  if (!dnn_check_rank (call, idx, 3, 4, error))
    return FALSE;
  if (shape->rank == 4) {
    *self = (Heads){ shape->dims[0], shape->dims[1], shape->dims[2],
      shape->dims[3], FALSE };
    return TRUE;
  }
  if (!heads->present)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute %s is needed where inputs have three dimensions", key);
  if (shape->dims[2] >= 0 && shape->dims[2] % heads->i != 0)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "%s has %" G_GINT64_FORMAT " numbers a position, expected a multiple "
        "of %s (%" G_GINT64_FORMAT ")",
        call->op->inputs[idx].name, shape->dims[2], key, heads->i);
  *self = (Heads){ shape->dims[0], heads->i, shape->dims[1],
    shape->dims[2] < 0 ? DNN_DIM_OPEN : shape->dims[2] / heads->i, TRUE };
  return TRUE;
}

static gboolean
differ (gint64 a, gint64 b)
{
  return a >= 0 && b >= 0 && a != b;
}

static gboolean
check_heads (const DnnCall *call, const Attend *self, GError **error)
{
  const Heads *q = &self->q, *k = &self->k, *v = &self->v;

  if (differ (q->batch, k->batch) || differ (q->batch, v->batch) ||
      differ (q->head, k->head) || differ (k->length, v->length) ||
      differ (k->heads, v->heads))
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "Q, K and V are of %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
        " and %" G_GINT64_FORMAT " heads of %" G_GINT64_FORMAT
        ", %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
        " numbers; they must agree, and in batch and positions",
        q->heads, k->heads, v->heads, q->head, k->head, v->head);
  if (q->heads > 0 &&
      (k->heads == 0 || (k->heads > 0 && q->heads % k->heads != 0)))
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "Q has %" G_GINT64_FORMAT " heads, expected a multiple of K's "
        "%" G_GINT64_FORMAT,
        q->heads, k->heads);
  return TRUE;
}

static gboolean
read_past (const DnnCall *call, Attend *self, GError **error)
{
  const Heads *k = &self->k, *v = &self->v;
  gboolean has_past = dnn_call_has_input (call, PAST_KEY);
  DnnShape key = { 4, { k->batch, k->heads, DNN_DIM_OPEN, k->head } };
  DnnShape value = { 4, { v->batch, v->heads, DNN_DIM_OPEN, v->head } };

  if (has_past != dnn_call_has_input (call, PAST_VALUE))
    return dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "past_key and past_value must be there together");
  if (has_past && dnn_call_has_input (call, LENGTHS))
    return dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "nonpad_kv_seqlen and past_key can't be there together");
  if (has_past) {
    if (!dnn_check_shape (call, PAST_KEY, &key, error))
      return FALSE;
    self->past = value.dims[2] = call->inputs[PAST_KEY].shape.dims[2];
    if (!dnn_check_shape (call, PAST_VALUE, &value, error))
      return FALSE;
  }
  self->total = self->past < 0 || k->length < 0 ? DNN_DIM_OPEN
                                                : self->past + k->length;
  return TRUE;
}

/* Broadcast to batch × heads × queries × keys; of the last, fewer may be
 * there. */
static gboolean
check_mask (const DnnCall *call, const Attend *self, GError **error)
{
  const DnnShape *mask = &call->inputs[MASK].shape;
  const gint64 dims[] = { self->q.batch, self->q.heads, self->q.length };
  gint64 last;

  if (!dnn_call_has_input (call, MASK))
    return TRUE;
  if (!dnn_check_rank (call, MASK, 1, 4, error))
    return FALSE;
  last = mask->dims[mask->rank - 1];
  for (gint i = 0; i < mask->rank - 1; i++) {
    gint64 dim = dims[4 - mask->rank + i];
    if (mask->dims[i] != 1 && differ (mask->dims[i], dim))
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "dimension %d of attn_mask is %" G_GINT64_FORMAT
          ", expected 1 or %" G_GINT64_FORMAT,
          i, mask->dims[i], dim);
  }
  if (last > self->total && self->total >= 0)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "attn_mask is for %" G_GINT64_FORMAT " keys, there are "
        "%" G_GINT64_FORMAT,
        last, self->total);
  return TRUE;
}

static gboolean
read_call (const DnnCall *call, Attend *self, GError **error)
{
  const DnnAttrValue *scale = dnn_call_attr (call, "scale");
  DnnShape lengths = { .rank = 1 };

  *self = (Attend){ .softcap = dnn_call_float (call, "softcap"),
    .left = dnn_call_int (call, "left_window_size"),
    .right = dnn_call_int (call, "right_window_size"),
    .is_causal = dnn_call_int (call, "is_causal") != 0 };
  if (!read_heads (call, Q, "q_num_heads", &self->q, error) ||
      !read_heads (call, K, "kv_num_heads", &self->k, error) ||
      !read_heads (call, V, "kv_num_heads", &self->v, error) ||
      !check_heads (call, self, error) || !read_past (call, self, error) ||
      !check_mask (call, self, error))
    return FALSE;
  lengths.dims[0] = self->q.batch;
  if (dnn_call_has_input (call, LENGTHS) &&
      !dnn_check_shape (call, LENGTHS, &lengths, error))
    return FALSE;
  self->scale = scale->present ? (gdouble) scale->f
                               : 1 / sqrt ((gdouble) self->q.head);
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnAttrValue *precision = dnn_call_attr (call, "softmax_precision");
  DnnType q_type = call->inputs[Q].type, v_type = call->inputs[V].type;
  DnnShape y, present = { .rank = 4 }, scores = { .rank = 4 };
  Attend self;

  if (precision->present &&
      !(DNN_TYPES_FLOAT & DNN_TYPE_BIT (dnn_cast_type (precision->i))))
    return dnn_infer_error (call, error, DNN_ERROR_VALUE,
        "softmax_precision is %" G_GINT64_FORMAT
        ", expected 1, 10, 11 or 16 (float32, float16, float64, bfloat16)",
        precision->i);
  for (guint i = 0; i <= V; i++)
    if (dnn_shape_n_least (&call->inputs[i].shape) < 0)
      return dnn_infer_error (call, error, DNN_ERROR_LIMIT,
          "input %u is larger than a tensor may be", i);
  if (!read_call (call, &self, error))
    return DNN_INFER_ERROR;
  y = call->inputs[Q].shape;
  y.dims[y.rank - 1] = self.v.head < 0 || (self.q.is_flat && self.q.heads < 0)
      ? DNN_DIM_OPEN
      : self.v.head * (self.q.is_flat ? self.q.heads : 1);
  dnn_infer_set (call, 0, q_type, &y);
  present = (DnnShape){ 4,
    { self.k.batch, self.k.heads, self.total, self.k.head } };
  dnn_infer_set (call, 1, q_type, &present);
  present.dims[3] = self.v.head;
  dnn_infer_set (call, 2, v_type, &present);
  scores = (DnnShape){ 4,
    { self.q.batch, self.q.heads, self.q.length, self.total } };
  dnn_infer_set (call, 3, q_type, &scores);
  if (self.total > 0)
    call->ref_scratch = (gsize) self.total * 2 * sizeof (gdouble);
  return DNN_INFER_OK;
}

/* ---- ref ---- */

/* A number as @type holds it: results between the steps are of the tensors'
 * type. */
static gdouble
round_to (DnnType type, gdouble x)
{
  guint64 bits;

  dnn_store (type, &bits, 0, x);
  return dnn_load (type, &bits, 0);
}

/* One query at work. */
typedef struct
{
  const DnnCall *call;
  const Attend *attend;
  gconstpointer const *src;
  gint64 b, h, i; /* batch, head, position */
  gdouble *scores, *bias; /* by key */
} Query;

static gint64
get_base (const Heads *self, gint64 b, gint64 h, gint64 i)
{
  if (self->is_flat)
    return ((b * self->length + i) * self->heads + h) * self->head;
  return ((b * self->heads + h) * self->length + i) * self->head;
}

/* Key or value @t of head @h: in the cache, or among the new ones. */
static void
find_entry (const Query *self, gboolean is_value, gint64 h, gint64 t,
    guint *input, gint64 *base)
{
  const Attend *attend = self->attend;
  const Heads *heads = is_value ? &attend->v : &attend->k;

  if (t < attend->past) {
    *input = is_value ? PAST_VALUE : PAST_KEY;
    *base = ((self->b * heads->heads + h) * attend->past + t) * heads->head;
  } else {
    *input = is_value ? V : K;
    *base = get_base (heads, self->b, h, t - attend->past);
  }
}

static gint64
get_kv_head (const Query *self)
{
  return self->h / (self->attend->q.heads / self->attend->k.heads);
}

static void
multiply_keys (const Query *self)
{
  const Attend *attend = self->attend;
  DnnType type = self->call->inputs[Q].type;
  gint64 from = get_base (&attend->q, self->b, self->h, self->i);
  gdouble factor = round_to (type, sqrt (fabs (attend->scale)));
  gdouble sign = attend->scale < 0 ? -1 : 1;

  for (gint64 t = 0; t < attend->total; t++) {
    gint64 base;
    guint input;
    gdouble sum = 0;
    find_entry (self, FALSE, get_kv_head (self), t, &input, &base);
    for (gint64 d = 0; d < attend->q.head; d++)
      sum += round_to (type, dnn_load (type, self->src[Q], from + d) * factor) *
          round_to (type, dnn_load (type, self->src[input], base + d) * factor);
    self->scores[t] = round_to (type, sum * sign);
  }
}

static gdouble
get_mask (const Query *self, gint64 t)
{
  const DnnCallArg *arg = &self->call->inputs[MASK];
  const DnnShape *shape = &arg->shape;
  const gint64 at[] = { self->b, self->h, self->i };
  gint64 idx = 0;

  if (t >= shape->dims[shape->rank - 1])
    return -INFINITY;
  for (gint i = 0; i < shape->rank - 1; i++)
    idx = idx * shape->dims[i] +
        (shape->dims[i] == 1 ? 0 : at[4 - shape->rank + i]);
  idx = idx * shape->dims[shape->rank - 1] + t;
  if (arg->type == DNN_TYPE_BOOL)
    return ((const guint8 *) self->src[MASK])[idx] ? 0 : -INFINITY;
  return dnn_load (arg->type, self->src[MASK], idx);
}

/* What is added to each score. TRUE: some key may be seen. */
static gboolean
fill_bias (const Query *self)
{
  const Attend *attend = self->attend;
  gboolean has_mask = dnn_call_has_input (self->call, MASK);
  gboolean has_lengths = dnn_call_has_input (self->call, LENGTHS);
  gint64 length = has_lengths ? ((const gint64 *) self->src[LENGTHS])[self->b]
                              : attend->total;
  gint64 place = self->i +
      (has_lengths ? length - attend->q.length : attend->past);
  gboolean is_seen = FALSE;

  for (gint64 t = 0; t < attend->total; t++) {
    gboolean is_hidden = t >= length || (attend->is_causal && t > place) ||
        (attend->left >= 0 && place - t > attend->left) ||
        (attend->right >= 0 && t - place > attend->right);
    self->bias[t] = is_hidden ? -INFINITY : has_mask ? get_mask (self, t) : 0;
    is_seen = is_seen || self->bias[t] != -INFINITY;
  }
  return is_seen;
}

/* Each step in @type. */
static void
compute_softmax (gdouble *x, gint64 n, DnnType type)
{
  gdouble most = -INFINITY, sum = 0;

  for (gint64 i = 0; i < n; i++)
    most = x[i] > most || isnan (x[i]) ? x[i] : most;
  for (gint64 i = 0; i < n; i++) {
    x[i] = most == -INFINITY
        ? 0
        : round_to (type, exp (round_to (type, x[i] - most)));
    sum = round_to (type, sum + x[i]);
  }
  for (gint64 i = 0; i < n; i++)
    x[i] = sum == 0 ? 0 : round_to (type, x[i] / sum);
}

/* Those of float32 and float64 are computed in double. */
static DnnType
get_precision (const DnnCall *call)
{
  const DnnAttrValue *given = dnn_call_attr (call, "softmax_precision");
  DnnType type = given->present ? dnn_cast_type (given->i)
                                : call->inputs[Q].type;

  return type == DNN_TYPE_FLOAT16 || type == DNN_TYPE_BFLOAT16
      ? type
      : DNN_TYPE_FLOAT64;
}

static void
store_scores (const Query *self, gpointer const *dst, gint64 mode)
{
  const Attend *attend = self->attend;
  gint64 row = (self->b * attend->q.heads + self->h) * attend->q.length +
      self->i;

  if (self->call->n_outputs < 4 || !self->call->outputs[3].present ||
      dnn_call_int (self->call, "qk_matmul_output_mode") != mode)
    return;
  for (gint64 t = 0; t < attend->total; t++)
    dnn_store (self->call->outputs[3].type, dst[3], row * attend->total + t,
        self->scores[t]);
}

static void
weigh (const Query *self)
{
  const Attend *attend = self->attend;
  gboolean is_seen = fill_bias (self);

  for (gint64 t = 0; t < attend->total; t++)
    self->scores[t] = round_to (
        self->call->inputs[Q].type, self->scores[t] + self->bias[t]);
  if (!is_seen)
    for (gint64 t = 0; t < attend->total; t++)
      self->bias[t] = NAN; /* a mark: nothing is seen */
}

static void
cap (const Query *self)
{
  gdouble softcap = self->attend->softcap;

  for (gint64 t = 0; softcap > 0 && t < self->attend->total; t++)
    self->scores[t] = tanh (self->scores[t] / softcap) * softcap;
}

static void
compute_probabilities (const Query *self)
{
  gboolean is_hidden = self->attend->total > 0 && isnan (self->bias[0]) &&
      isnan (self->bias[self->attend->total - 1]);

  if (is_hidden)
    memset (
        self->scores, 0, (gsize) self->attend->total * sizeof *self->scores);
  else
    compute_softmax (
        self->scores, self->attend->total, get_precision (self->call));
  for (gint64 t = 0; t < self->attend->total; t++)
    self->scores[t] = round_to (self->call->inputs[Q].type, self->scores[t]);
}

static void
multiply_values (const Query *self, gpointer dst)
{
  const Attend *attend = self->attend;
  Heads y = attend->q;
  gint64 to;

  y.head = attend->v.head;
  to = get_base (&y, self->b, self->h, self->i);
  for (gint64 d = 0; d < y.head; d++) {
    gdouble sum = 0;
    for (gint64 t = 0; t < attend->total; t++) {
      gint64 base;
      guint input;
      if (self->scores[t] == 0)
        continue;
      find_entry (self, TRUE, get_kv_head (self), t, &input, &base);
      sum += self->scores[t] *
          dnn_load (self->call->inputs[input].type, self->src[input], base + d);
    }
    dnn_store (self->call->outputs[0].type, dst, to + d, sum);
  }
}

static void
answer (const Query *self, gpointer const *dst)
{
  multiply_keys (self);
  store_scores (self, dst, 0);
  cap (self);
  store_scores (self, dst, 1);
  weigh (self);
  store_scores (self, dst, 2);
  compute_probabilities (self);
  store_scores (self, dst, 3);
  if (dst[0])
    multiply_values (self, dst[0]);
}

/* The cache with the new entries behind it. */
static void
store_present (const DnnCall *call, const Attend *attend,
    gconstpointer const *src, gpointer const *dst, guint idx)
{
  const Heads *heads = idx == 2 ? &attend->v : &attend->k;
  Query at = { .call = call, .attend = attend, .src = src };
  gint64 n = heads->heads * attend->total, to = 0;

  if (idx >= call->n_outputs || !call->outputs[idx].present)
    return;
  for (gint64 i = 0; i < heads->batch * n; i++) {
    gsize element = dnn_type_size (call->outputs[idx].type);
    gint64 base;
    guint input;
    at.b = i / n;
    find_entry (
        &at, idx == 2, i % n / attend->total, i % attend->total, &input, &base);
    memcpy ((guint8 *) dst[idx] + (gsize) to * element,
        (const guint8 *) src[input] + (gsize) base * element,
        (gsize) heads->head * element);
    to += heads->head;
  }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  Attend attend;
  Query query = { call, &attend, src, 0 };
  gint64 n;

  if (!read_call (call, &attend, error))
    return FALSE;
  n = attend.q.heads * attend.q.length;
  query.scores = scratch;
  query.bias = query.scores + attend.total;
  for (gint64 i = 0; i < attend.q.batch * n; i++) {
    query.b = i / n;
    query.h = i % n / attend.q.length;
    query.i = i % attend.q.length;
    answer (&query, dst);
  }
  store_present (call, &attend, src, dst, 1);
  store_present (call, &attend, src, dst, 2);
  return TRUE;
}

const DnnOp dnn_op_Attention = {
  .name = "Attention",
  .doc =
      "softmax (scale Q K^T + mask) V by heads, with a cache of keys and values",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
