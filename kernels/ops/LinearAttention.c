/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LinearAttention: attention by a state that each position updates. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const gchar *const rules[] = { "linear", "gated", "delta", "gated_delta",
  NULL };

static const DnnArgRow inputs[] = {
  { .name = "query",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "batch × positions × (heads · key)" },
  { .name = "key", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "value",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "batch × positions × (heads · value)" },
  { .name = "past_state",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "S",
      .doc = "batch × heads × key × value" },
  { .name = "decay",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "logarithms, one a head or a number of its key" },
  { .name = "beta",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "one a head, or one" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "present_state",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "S" },
};
static const DnnAttrRow attrs[] = {
  { .key = "q_num_heads",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = 65536,
      .doc = "" },
  { .key = "kv_num_heads",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = 65536,
      .doc = "" },
  { .key = "update_rule",
      .kind = DNN_ATTR_STRING,
      .def = "gated_delta",
      .choices = rules,
      .doc = "linear, gated, delta or gated_delta" },
  { .key = "scale", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "0: 1 / √key" },
  { .key = "chunk_size",
      .kind = DNN_ATTR_INT,
      .def = "64",
      .doc = "a hint that is not needed" },
};

enum
{
  QUERY,
  KEY,
  VALUE,
  PAST,
  DECAY,
  BETA,
};

/* A call, read. */
typedef struct
{
  gint64 batch, length, q_heads, kv_heads, key, value; /* numbers of a head */
  gint64 decay, beta; /* numbers a position, 0: none */
  gdouble scale;
} Linear;

/* What the rule asks for is there, and no more. */
static gboolean
check_presence (
    const DnnCall *call, guint idx, const gchar *word, GError **error)
{
  const gchar *rule = dnn_call_attr (call, "update_rule")->s;
  gboolean wanted = strstr (rule, word) != NULL;

  if (wanted == dnn_call_has_input (call, idx))
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_GRAPH, "update_rule %s %s %s",
      rule, wanted ? "needs" : "has no", call->op->inputs[idx].name);
}

static gboolean
divide (
    const DnnCall *call, guint idx, gint64 heads, gint64 *size, GError **error)
{
  gint64 dim = call->inputs[idx].shape.dims[2];

  *size = dim < 0 ? DNN_DIM_OPEN : dim / heads;
  if (dim < 0 || dim % heads == 0)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s has %" G_GINT64_FORMAT " numbers a position, expected a multiple of "
      "%" G_GINT64_FORMAT,
      call->op->inputs[idx].name, dim, heads);
}

static gboolean
check_inputs (const DnnCall *call, Linear *self, GError **error)
{
  gboolean is_known = self->key >= 0;
  DnnShape key = { 3,
    { self->batch, self->length,
        is_known ? self->kv_heads * self->key : DNN_DIM_OPEN } };
  DnnShape any = { 3, { self->batch, self->length, DNN_DIM_OPEN } };
  DnnShape past = { 4,
    { self->batch, self->kv_heads, self->key, self->value } };

  if (!dnn_check_shape (call, KEY, &key, error) ||
      !dnn_check_shape (call, VALUE, &any, error))
    return FALSE;
  if (dnn_call_has_input (call, PAST) &&
      !dnn_check_shape (call, PAST, &past, error))
    return FALSE;
  for (guint i = DECAY; i <= BETA; i++)
    if (dnn_call_has_input (call, i) && !dnn_check_shape (call, i, &any, error))
      return FALSE;
  if (dnn_call_has_input (call, DECAY)) {
    self->decay = call->inputs[DECAY].shape.dims[2];
    if (self->decay != self->kv_heads && is_known && self->decay >= 0 &&
        !dnn_check_shape (call, DECAY, &key, error))
      return FALSE;
  }
  if (!dnn_call_has_input (call, BETA))
    return TRUE;
  self->beta = call->inputs[BETA].shape.dims[2];
  any.dims[2] = self->kv_heads;
  return self->beta == 1 || dnn_check_shape (call, BETA, &any, error);
}

static gboolean
read_call (const DnnCall *call, Linear *self, GError **error)
{
  const DnnShape *query = &call->inputs[QUERY].shape;
  gdouble scale = dnn_call_float (call, "scale");

  for (guint i = 0; i <= VALUE; i++)
    if (!dnn_check_rank (call, i, 3, 3, error))
      return FALSE;
  *self = (Linear){ query->dims[0], query->dims[1],
    dnn_call_int (call, "q_num_heads"), dnn_call_int (call, "kv_num_heads") };
  if (self->q_heads % self->kv_heads != 0)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "q_num_heads is %" G_GINT64_FORMAT ", expected a multiple of "
        "kv_num_heads (%" G_GINT64_FORMAT ")",
        self->q_heads, self->kv_heads);
  if (!check_presence (call, DECAY, "gated", error) ||
      !check_presence (call, BETA, "delta", error) ||
      !divide (call, QUERY, self->q_heads, &self->key, error) ||
      !divide (call, VALUE, self->kv_heads, &self->value, error) ||
      !check_inputs (call, self, error))
    return FALSE;
  self->scale = scale == 0 ? 1 / sqrt ((gdouble) self->key) : scale;
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  Linear self;
  DnnShape y, state;
  gboolean has_past = dnn_call_has_input (call, PAST);

  for (guint i = 0; i <= VALUE; i++)
    if (dnn_shape_n_least (&call->inputs[i].shape) < 0)
      return dnn_infer_error (call, error, DNN_ERROR_LIMIT,
          "input %u is larger than a tensor may be", i);
  if (!read_call (call, &self, error))
    return DNN_INFER_ERROR;
  y = (DnnShape){ 3,
    { self.batch, self.length,
        self.value < 0 ? DNN_DIM_OPEN : self.value * self.q_heads } };
  state = (DnnShape){ 4, { self.batch, self.kv_heads, self.key, self.value } };
  dnn_infer_set (call, 0, call->inputs[QUERY].type, &y);
  dnn_infer_set (call, 1, call->inputs[has_past ? PAST : QUERY].type, &state);
  if (self.key > 0 && self.value > 0 && dnn_shape_n_least (&state) >= 0)
    call->ref_scratch = (gsize) (self.key * self.value + self.value) *
        sizeof (gdouble);
  return DNN_INFER_OK;
}

/* One head of keys and values at work. */
typedef struct
{
  const DnnCall *call;
  const Linear *linear;
  gconstpointer const *src;
  gint64 b, h;
  gdouble *state, *v; /* key × value; value */
} Head;

static gdouble
load (const Head *self, guint idx, gint64 at)
{
  return dnn_load (self->call->inputs[idx].type, self->src[idx], at);
}

/* The state, row by row times e^decay. */
static void
decay (const Head *self, gint64 row)
{
  const Linear *linear = self->linear;
  gboolean is_by_head = linear->decay == linear->kv_heads;

  for (gint64 d = 0; linear->decay > 0 && d < linear->key; d++) {
    gint64 at = row * linear->decay +
        (is_by_head ? self->h : self->h * linear->key + d);
    gdouble factor = exp (load (self, DECAY, at));
    for (gint64 m = 0; m < linear->value; m++)
      self->state[d * linear->value + m] *= factor;
  }
}

/* What is to be added: the value, or by how much what the state has for this
 * key misses it. */
static void
correct (const Head *self, gint64 row)
{
  const Linear *linear = self->linear;
  gint64 n = linear->value,
         keys = (row * linear->kv_heads + self->h) * linear->key;
  gdouble factor = linear->beta == 0
      ? 1
      : load (
            self, BETA, row * linear->beta + (linear->beta == 1 ? 0 : self->h));

  for (gint64 m = 0; m < n; m++) {
    gdouble found = 0;
    for (gint64 d = 0; linear->beta > 0 && d < linear->key; d++)
      found += self->state[d * n + m] * load (self, KEY, keys + d);
    self->v[m] = factor *
        (load (self, VALUE, (row * linear->kv_heads + self->h) * n + m) -
            found);
  }
}

static void
add (const Head *self, gint64 row)
{
  const Linear *linear = self->linear;
  gint64 keys = (row * linear->kv_heads + self->h) * linear->key;

  for (gint64 d = 0; d < linear->key; d++)
    for (gint64 m = 0; m < linear->value; m++)
      self->state[d * linear->value + m] += load (self, KEY, keys + d) *
          self->v[m];
}

/* All query heads that read this one. */
static void
answer (const Head *self, gint64 row, gpointer dst)
{
  const Linear *linear = self->linear;
  gint64 n = linear->q_heads / linear->kv_heads;

  for (gint64 h = self->h * n; h < (self->h + 1) * n; h++)
    for (gint64 m = 0; m < linear->value; m++) {
      gdouble sum = 0;
      for (gint64 d = 0; d < linear->key; d++)
        sum += load (
                   self, QUERY, (row * linear->q_heads + h) * linear->key + d) *
            self->state[d * linear->value + m];
      dnn_store (self->call->outputs[0].type, dst,
          (row * linear->q_heads + h) * linear->value + m, sum * linear->scale);
    }
}

static void
run_head (const Head *self, gpointer const *dst)
{
  const Linear *linear = self->linear;
  gint64 n = linear->key * linear->value;
  gint64 base = (self->b * linear->kv_heads + self->h) * n;

  for (gint64 i = 0; i < n; i++)
    self->state[i] = dnn_call_has_input (self->call, PAST)
        ? load (self, PAST, base + i)
        : 0;
  for (gint64 t = 0; t < linear->length; t++) {
    gint64 row = self->b * linear->length + t;
    decay (self, row);
    correct (self, row);
    add (self, row);
    if (dst[0])
      answer (self, row, dst[0]);
  }
  for (gint64 i = 0;
       i < n && self->call->n_outputs > 1 && self->call->outputs[1].present;
       i++)
    dnn_store (self->call->outputs[1].type, dst[1], base + i, self->state[i]);
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  Linear linear;
  Head head = { call, &linear, src, .state = scratch };

  if (!read_call (call, &linear, error))
    return FALSE;
  head.v = head.state + linear.key * linear.value;
  for (head.b = 0; head.b < linear.batch; head.b++)
    for (head.h = 0; head.h < linear.kv_heads; head.h++)
      run_head (&head, dst);
  return TRUE;
}

const DnnOp dnn_op_LinearAttention = {
  .name = "LinearAttention",
  .doc = "Attention by a state that each position decays, corrects and adds to",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
