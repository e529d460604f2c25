/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Einsum: sums of products by an equation of letters. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

/* Most inputs. */
#define MAX_OPERANDS 16

static const DnnArgRow inputs[] = {
  { .name = "Inputs",
      .types = DNN_TYPES_NUMBER,
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Output", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "equation",
      .kind = DNN_ATTR_STRING,
      .required = TRUE,
      .doc = "letters of dimensions, as in ij,jk->ik" },
};

/* Letters a … z, A … Z, then dimensions of an ellipsis. */
#define N_LETTERS 52
#define MAX_SYMBOLS (N_LETTERS + DNN_MAX_RANK)

/* An equation, read: the symbols by dimension of each operand and of the
 * output, the size of each. */
typedef struct
{
  gint64 dims[MAX_SYMBOLS]; /* 0: not seen, -1: open */
  gboolean is_seen[MAX_SYMBOLS];
  guint count[MAX_SYMBOLS];
  gint n_dots; /* dimensions of the widest ellipsis */
  guint out[DNN_MAX_RANK];
  gint n_out;
} Equation;

static gint
find_symbol (gchar letter)
{
  if (letter >= 'a' && letter <= 'z')
    return letter - 'a';
  return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 26 : -1;
}

/* The term from @text on: its symbols into @symbols, as many as there are; an
 * ellipsis has @n_dots. Returns how many, -1 where it is no term or too long.
 */
static gint
read_term (const gchar *text, gsize size, gint n_dots, gint all_dots,
    guint *symbols, gboolean *has_dots)
{
  gint n = 0;

  *has_dots = FALSE;
  for (gsize i = 0; i < size; i++) {
    gint symbol = find_symbol (text[i]);
    if (text[i] == ' ')
      continue;
    if (text[i] == '.' && !*has_dots && i + 2 < size && text[i + 1] == '.' &&
        text[i + 2] == '.') {
      *has_dots = TRUE;
      i += 2;
      for (gint k = 0; k < n_dots && n < DNN_MAX_RANK; k++)
        symbols[n++] = (guint) (N_LETTERS + all_dots - n_dots + k);
      continue;
    }
    if (symbol < 0 || n >= DNN_MAX_RANK)
      return -1;
    symbols[n++] = (guint) symbol;
  }
  return n;
}

/* Term @idx of the left side. */
static const gchar *
find_term (const DnnCall *call, guint idx, gsize *size)
{
  const gchar *text = dnn_call_attr (call, "equation")->s;
  const gchar *arrow = strstr (text, "->");
  gsize length = arrow ? (gsize) (arrow - text) : strlen (text);

  for (guint i = 0;; i++) {
    const gchar *comma = memchr (text, ',', length);
    *size = comma ? (gsize) (comma - text) : length;
    if (i == idx || !comma)
      return i == idx ? text : NULL;
    length -= *size + 1;
    text = comma + 1;
  }
}

static gboolean
fail (const DnnCall *call, GError **error)
{
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "the equation \"%s\" doesn't fit its %u inputs",
      dnn_call_attr (call, "equation")->s, call->n_formal);
}

/* Symbols of operand @idx; the dimensions of its ellipsis are the rest. */
static gboolean
read_operand (
    const DnnCall *call, guint idx, gint all_dots, guint *symbols, gint *n_dots)
{
  gint rank = call->inputs[idx].shape.rank, n;
  gboolean has_dots;
  gsize size;
  const gchar *term = find_term (call, idx, &size);

  if (!term)
    return FALSE;
  n = read_term (term, size, 0, all_dots, symbols, &has_dots);
  if (n < 0 || n > rank || (n < rank && !has_dots))
    return FALSE;
  *n_dots = rank - n;
  return read_term (term, size, *n_dots, MAX (all_dots, *n_dots), symbols,
             &has_dots) == rank;
}

static gboolean
join_dim (Equation *self, guint symbol, gint64 dim)
{
  gint64 *known = &self->dims[symbol];
  gboolean is_dots = symbol >= N_LETTERS;

  self->count[symbol]++;
  if (!self->is_seen[symbol] || (is_dots && *known == 1)) {
    *known = dim;
    self->is_seen[symbol] = TRUE;
    return TRUE;
  }
  if (is_dots && dim == 1)
    return TRUE;
  if (*known < 0)
    *known = dim;
  return dim < 0 || *known == dim;
}

/* The right side; without one the symbols that stand once, sorted. */
static gboolean
read_output (const DnnCall *call, Equation *self)
{
  const gchar *text = dnn_call_attr (call, "equation")->s;
  const gchar *arrow = strstr (text, "->");
  gboolean has_dots;

  if (arrow) {
    guint seen[MAX_SYMBOLS] = { 0 };
    self->n_out = read_term (arrow + 2, strlen (arrow + 2), self->n_dots,
        self->n_dots, self->out, &has_dots);
    for (gint i = 0; i < self->n_out; i++)
      if (!self->is_seen[self->out[i]] || seen[self->out[i]]++)
        return FALSE;
    return self->n_out >= 0;
  }
  for (gint i = 0; i < self->n_dots; i++)
    self->out[self->n_out++] = (guint) (N_LETTERS + i);
  for (guint k = 0; k < N_LETTERS; k++) {
    guint symbol = k < 26 ? k + 26 : k - 26; /* capitals first */
    if (self->count[symbol] != 1)
      continue;
    if (self->n_out >= DNN_MAX_RANK)
      return FALSE;
    self->out[self->n_out++] = symbol;
  }
  return TRUE;
}

static gboolean
read_equation (const DnnCall *call, Equation *self, GError **error)
{
  guint symbols[DNN_MAX_RANK];
  gint n_dots;
  gsize size;

  memset (self, 0, sizeof *self);
  if (find_term (call, call->n_formal, &size))
    return fail (call, error);
  for (guint i = 0; i < call->n_formal; i++) {
    if (!read_operand (call, i, 0, symbols, &n_dots))
      return fail (call, error);
    self->n_dots = MAX (self->n_dots, n_dots);
  }
  for (guint i = 0; i < call->n_formal; i++) {
    const DnnShape *shape = &call->inputs[i].shape;
    read_operand (call, i, self->n_dots, symbols, &n_dots);
    for (gint k = 0; k < shape->rank; k++)
      if (!join_dim (self, symbols[k], shape->dims[k]))
        return dnn_call_error (call, error, DNN_ERROR_SHAPE,
            "dimension %d of input %u is %" G_GINT64_FORMAT
            ", elsewhere it is %" G_GINT64_FORMAT,
            k, i, shape->dims[k], self->dims[symbols[k]]);
  }
  return read_output (call, self) || fail (call, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = { 0 };
  Equation equation;

  if (call->n_formal > MAX_OPERANDS)
    return dnn_infer_error (call, error, DNN_ERROR_LIMIT,
        "%u inputs; at most %d are supported", call->n_formal, MAX_OPERANDS);
  if (!read_equation (call, &equation, error))
    return DNN_INFER_ERROR;
  shape.rank = equation.n_out;
  for (gint i = 0; i < shape.rank; i++)
    shape.dims[i] = equation.dims[equation.out[i]];
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* Symbols that are walked over, and by how much each operand advances. */
typedef struct
{
  gint n;
  gint64 dims[MAX_SYMBOLS], strides[MAX_OPERANDS][MAX_SYMBOLS];
  gint64 n_steps;
} Walk;

typedef struct
{
  const DnnCall *call;
  DnnType type;
  guint n;
  gconstpointer const *src;
} Product;

static void
add_symbol (
    const DnnCall *call, const Equation *equation, guint symbol, Walk *walk)
{
  for (guint i = 0; i < call->n_formal; i++) {
    const DnnShape *shape = &call->inputs[i].shape;
    guint symbols[DNN_MAX_RANK];
    gint64 stride = 1, sum = 0;
    gint n_dots;
    read_operand (call, i, equation->n_dots, symbols, &n_dots);
    for (gint k = shape->rank - 1; k >= 0; k--) {
      if (symbols[k] == symbol && shape->dims[k] != 1)
        sum += stride;
      stride *= shape->dims[k];
    }
    walk->strides[i][walk->n] = sum;
  }
  walk->dims[walk->n++] = equation->dims[symbol];
  walk->n_steps *= equation->dims[symbol];
}

/* Where each operand stands at step @step. */
static void
find_places (
    const Walk *walk, guint n, gint64 step, const gint64 *base, gint64 *at)
{
  for (guint i = 0; i < n; i++)
    at[i] = base[i];
  for (gint k = walk->n - 1; k >= 0; k--) {
    gint64 place = step % walk->dims[k];
    step /= walk->dims[k];
    for (guint i = 0; i < n; i++)
      at[i] += place * walk->strides[i][k];
  }
}

static void
store_sum (const Product *self, const Walk *walk, const gint64 *base,
    gpointer dst, gint64 idx)
{
  gboolean is_float = dnn_type_is_float (self->type);
  gdouble real = 0;
  guint64 bits = 0;

  for (gint64 step = 0; step < walk->n_steps; step++) {
    gint64 at[MAX_OPERANDS];
    gdouble factor = 1;
    guint64 whole = 1;
    find_places (walk, self->n, step, base, at);
    for (guint i = 0; i < self->n; i++)
      if (is_float)
        factor *= dnn_load (self->type, self->src[i], at[i]);
      else
        whole *= (guint64) dnn_load_int (self->type, self->src[i], at[i]);
    real += factor;
    bits += whole;
  }
  if (is_float)
    dnn_store (self->type, dst, idx, real);
  else
    dnn_store_int (self->type, dst, idx, (gint64) bits);
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  static const gint64 nothing[MAX_OPERANDS] = { 0 };
  Product product = { call, call->inputs[0].type, call->n_formal, src };
  Walk outer = { .n_steps = 1 }, inner = { .n_steps = 1 };
  Equation equation;

  if (!read_equation (call, &equation, error))
    return FALSE;
  for (gint i = 0; i < equation.n_out; i++) {
    add_symbol (call, &equation, equation.out[i], &outer);
    equation.count[equation.out[i]] = 0;
  }
  for (guint symbol = 0; symbol < MAX_SYMBOLS; symbol++)
    if (equation.count[symbol] > 0)
      add_symbol (call, &equation, symbol, &inner);
  for (gint64 i = 0; i < outer.n_steps; i++) {
    gint64 base[MAX_OPERANDS];
    find_places (&outer, product.n, i, nothing, base);
    store_sum (&product, &inner, base, dst[0], i);
  }
  return TRUE;
}

const DnnOp dnn_op_Einsum = {
  .name = "Einsum",
  .doc = "Sums of products of tensors, as the equation says",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
