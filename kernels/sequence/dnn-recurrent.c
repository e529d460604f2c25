/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sequences → what a recurrent cell makes of them: shapes, the way along the
 * steps, products with W and R. Next: kernels/ops/LSTM.c has a cell. */
#include "config.h"

#include "kernels/sequence/dnn-recurrent.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/sequence/dnn-recurrent-function.h"
#include "kernels/loops/dnn-loop.h"

const gchar *const dnn_recurrent_directions[] = { "forward", "reverse",
  "bidirectional", NULL };

/* ---- shapes ---------------------------------------------------------------
 */

/* Sizes of one call; -1 open. */
typedef struct
{
  gint64 steps, batch, features, units;
  guint n_directions;
  gboolean is_batch_first;
} Sizes;

static gboolean
check_rank (const DnnCall *call, guint idx, gint rank, GError **error)
{
  const DnnCallArg *arg = &call->inputs[idx];
  g_autofree gchar *text = NULL;

  if (!dnn_call_has_input (call, idx) || arg->shape.rank == rank)
    return TRUE;
  text = dnn_shape_to_string (&arg->shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s is %s, expected %d dimensions", call->op->inputs[idx].name, text,
      rank);
}

/* Dimension @dim of input @idx is @size, if both are known. */
static gboolean
check_dim (
    const DnnCall *call, guint idx, gint dim, gint64 size, GError **error)
{
  const DnnCallArg *arg = &call->inputs[idx];
  g_autofree gchar *text = NULL;

  if (!dnn_call_has_input (call, idx) || size < 0 || arg->shape.dims[dim] < 0 ||
      arg->shape.dims[dim] == size)
    return TRUE;
  text = dnn_shape_to_string (&arg->shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s is %s, expected %" G_GINT64_FORMAT " in dimension %d",
      call->op->inputs[idx].name, text, size, dim);
}

static Sizes
get_sizes (const DnnCall *call)
{
  const DnnShape *x = &call->inputs[DNN_RECURRENT_X].shape;
  const gchar *direction = dnn_call_attr (call, "direction")->s;
  Sizes sizes = { 0 };

  sizes.is_batch_first = dnn_call_int (call, "layout") != 0;
  sizes.steps = x->dims[sizes.is_batch_first ? 1 : 0];
  sizes.batch = x->dims[sizes.is_batch_first ? 0 : 1];
  sizes.features = x->dims[2];
  sizes.units = call->inputs[DNN_RECURRENT_R].shape.dims[2];
  sizes.n_directions = strcmp (direction, "bidirectional") == 0 ? 2 : 1;
  return sizes;
}

static gboolean
check_state (const DnnCall *call, const Sizes *sizes, guint idx, GError **error)
{
  gint direction = sizes->is_batch_first ? 1 : 0;

  return check_rank (call, idx, 3, error) &&
      check_dim (call, idx, direction, sizes->n_directions, error) &&
      check_dim (call, idx, 1 - direction, sizes->batch, error) &&
      check_dim (call, idx, 2, sizes->units, error);
}

static gboolean
check_units (const DnnCall *call, const Sizes *sizes, GError **error)
{
  const DnnAttrValue *attr = dnn_call_attr (call, "hidden_size");

  if (!attr->present || sizes->units < 0 || attr->i == sizes->units)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "hidden_size is %" G_GINT64_FORMAT ", but R has %" G_GINT64_FORMAT
      " units",
      attr->i, sizes->units);
}

static gboolean
check_weights (const DnnCall *call, const Sizes *sizes, GError **error)
{
  const DnnRecurrent *family = call->op->family;
  gint64 rows = sizes->units < 0 ? -1 : family->n_gates * sizes->units;

  for (guint i = DNN_RECURRENT_W; i <= DNN_RECURRENT_B; i++)
    if (!check_dim (call, i, 0, sizes->n_directions, error))
      return FALSE;
  return check_dim (call, DNN_RECURRENT_W, 1, rows, error) &&
      check_dim (call, DNN_RECURRENT_W, 2, sizes->features, error) &&
      check_dim (call, DNN_RECURRENT_R, 1, rows, error) &&
      check_dim (call, DNN_RECURRENT_B, 1, rows < 0 ? -1 : 2 * rows, error) &&
      check_dim (call, DNN_RECURRENT_LENGTHS, 0, sizes->batch, error);
}

static gboolean
check_cell (const DnnCall *call, const Sizes *sizes, GError **error)
{
  return check_state (call, sizes, DNN_RECURRENT_C, error) &&
      check_rank (call, DNN_RECURRENT_P, 2, error) &&
      check_dim (call, DNN_RECURRENT_P, 0, sizes->n_directions, error) &&
      check_dim (call, DNN_RECURRENT_P, 1,
          sizes->units < 0 ? -1 : 3 * sizes->units, error);
}

static gboolean
check_ranks (const DnnCall *call, GError **error)
{
  static const gint ranks[] = { 3, 3, 3, 2, 1, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (ranks); i++)
    if (!check_rank (call, i, ranks[i], error))
      return FALSE;
  return TRUE;
}

static void
set_outputs (DnnCall *call, const Sizes *sizes)
{
  gint64 directions = sizes->n_directions;

  for (guint i = 0; i < call->n_outputs; i++)
    call->outputs[i].type = call->inputs[DNN_RECURRENT_X].type;
  if (call->n_outputs > 0)
    call->outputs[0].shape = sizes->is_batch_first
        ? dnn_shape (4, sizes->batch, sizes->steps, directions, sizes->units)
        : dnn_shape (4, sizes->steps, directions, sizes->batch, sizes->units);
  for (guint i = 1; i < call->n_outputs; i++)
    call->outputs[i].shape = sizes->is_batch_first
        ? dnn_shape (3, sizes->batch, directions, sizes->units)
        : dnn_shape (3, directions, sizes->batch, sizes->units);
}

/* Doubles of one run: gates, the bias of R, products, peepholes, a state to
 * spare, then two states and a vector of each sequence; behind them floats of
 * the loop. */
static gsize
count_scratch (const DnnCall *call, const Sizes *sizes)
{
  const DnnRecurrent *family = call->op->family;
  gsize units = (gsize) MAX (sizes->units, 0);

  return (3 * family->n_gates * units + 4 * units +
             2 * (gsize) MAX (sizes->batch, 0) * units + 2 * units + 8) *
      sizeof (gdouble);
}

DnnInferResult
dnn_recurrent_infer (DnnCall *call, GError **error)
{
  const DnnRecurrent *family = call->op->family;
  DnnRecurrentFunction functions[2 * DNN_RECURRENT_MAX_FUNCTIONS];
  Sizes sizes;

  if (!check_ranks (call, error))
    return DNN_INFER_ERROR;
  sizes = get_sizes (call);
  if (!check_units (call, &sizes, error) ||
      !check_weights (call, &sizes, error) ||
      !check_state (call, &sizes, DNN_RECURRENT_H, error) ||
      (family->has_cell && !check_cell (call, &sizes, error)) ||
      !dnn_recurrent_get_functions (call, sizes.n_directions, functions, error))
    return DNN_INFER_ERROR;
  set_outputs (call, &sizes);
  call->ref_scratch = count_scratch (call, &sizes);
  return DNN_INFER_OK;
}

/* ---- products -------------------------------------------------------------
 */

/* Row @row of matrix @weights, which begins at element @at, times a vector. */
static gdouble
multiply_ref (DnnType type, gconstpointer weights, gsize at,
    const gdouble *vector, gsize n)
{
  gdouble sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += dnn_load (type, weights, at + i) * vector[i];
  return sum;
}

typedef gfloat (*DotFunc) (const gfloat *a, const gfloat *b, gsize n);

#define DEFINE_DOT(level, name)                                           \
  DNN_TARGET_##level static gfloat name##_##level (                       \
      const gfloat *a, const gfloat *b, gsize n)                          \
  {                                                                       \
    gfloat sum = 0;                                                       \
    _Pragma ("omp simd reduction(+ : sum)") for (gsize i = 0; i < n; i++) \
        sum += a[i] * b[i];                                               \
    return sum;                                                           \
  }
DNN_AT_LEVELS (DEFINE_DOT, dot)

static const struct
{
  DotFunc at[DNN_N_LEVELS];
} dots = DNN_LINE_AT (dot);

/* ---- the way along the steps ----------------------------------------------
 */

typedef struct
{
  DnnRecurrentStep step; /* first, so that a cell's can be one of these */
  const DnnRecurrent *family;
  Sizes sizes;
  gconstpointer const *src;
  gpointer const *dst;
  DnnType type;
  DotFunc dot; /* NULL: by ref */
  gfloat *vector; /* of the loop: an operand as floats */
  gdouble *operand; /* of ref */
  guint direction;
  gdouble *all_h, *all_c; /* by sequence */
  DnnRecurrentFunction functions[2 * DNN_RECURRENT_MAX_FUNCTIONS];
} Run;

static gsize
get_n_rows (const Run *self)
{
  return self->family->n_gates * (gsize) self->sizes.units;
}

/* @n rows of W or R from element @at on, times what lies in the operand. */
static void
multiply_rows (const Run *self, guint input, gsize at, gsize n, gsize width,
    gdouble *dst, gboolean adds)
{
  for (gsize row = 0; row < n; row++) {
    gsize first = at + row * width;
    gdouble product = self->dot
        ? self->dot (
              (const gfloat *) self->src[input] + first, self->vector, width)
        : multiply_ref (
              self->type, self->src[input], first, self->operand, width);
    dst[row] = adds ? dst[row] + product : product;
  }
}

static void
set_operand (Run *self, const gdouble *vector, gsize n)
{
  for (gsize i = 0; i < n && self->dot; i++)
    self->vector[i] = (gfloat) vector[i];
  if (!self->dot)
    memcpy (self->operand, vector, n * sizeof *vector);
}

static void
multiply (const DnnRecurrentStep *step, guint gate, const gdouble *vector,
    gdouble *dst)
{
  Run *self = (Run *) step;
  gsize units = step->n_units;

  set_operand (self, vector, units);
  multiply_rows (self, DNN_RECURRENT_R,
      (self->direction * get_n_rows (self) + gate * units) * units, units,
      units, dst, FALSE);
}

/* W times x and the bias of W. */
static void
begin_gates (Run *self, gint64 t, gint64 b)
{
  const Sizes *sizes = &self->sizes;
  gsize n = get_n_rows (self), width = (gsize) sizes->features;
  gsize at = (gsize) (sizes->is_batch_first ? b * sizes->steps + t
                                            : t * sizes->batch + b) *
      width;
  gdouble *gates = self->step.gates;

  for (gsize i = 0; i < n; i++)
    gates[i] = self->src[DNN_RECURRENT_B]
        ? dnn_load (self->type, self->src[DNN_RECURRENT_B],
              2 * n * self->direction + i)
        : 0;
  if (self->dot) {
    gfloat *vector = self->vector;
    self->vector = (gfloat *) self->src[DNN_RECURRENT_X] + at;
    multiply_rows (self, DNN_RECURRENT_W, self->direction * n * width, n, width,
        gates, TRUE);
    self->vector = vector;
    return;
  }
  for (gsize row = 0; row < n; row++) {
    gsize first = (self->direction * n + row) * width;
    for (gsize i = 0; i < width; i++)
      gates[row] += dnn_load (
                        self->type, self->src[DNN_RECURRENT_W], first + i) *
          dnn_load (self->type, self->src[DNN_RECURRENT_X], at + i);
  }
}

static gsize
get_state_at (const Run *self, gint64 b)
{
  const Sizes *sizes = &self->sizes;

  return (gsize) (sizes->is_batch_first
                 ? b * sizes->n_directions + self->direction
                 : self->direction * sizes->batch + b) *
      (gsize) sizes->units;
}

static void
load_states (Run *self, guint input, gdouble *states)
{
  gsize units = (gsize) self->sizes.units;

  for (gint64 b = 0; b < self->sizes.batch; b++)
    for (gsize i = 0; i < units; i++)
      states[(gsize) b * units + i] = self->src[input]
          ? dnn_load (self->type, self->src[input], get_state_at (self, b) + i)
          : 0;
}

static void
store_states (const Run *self, guint output, const gdouble *states)
{
  gsize units = (gsize) self->sizes.units;

  if (output >= self->step.call->n_outputs ||
      !self->step.call->outputs[output].present)
    return;
  for (gint64 b = 0; b < self->sizes.batch; b++)
    for (gsize i = 0; i < units; i++)
      dnn_store (self->type, self->dst[output], get_state_at (self, b) + i,
          states[(gsize) b * units + i]);
}

/* @h NULL: zeros, behind the end of a sequence. */
static void
store_step (const Run *self, gint64 t, gint64 b, const gdouble *h)
{
  const Sizes *sizes = &self->sizes;
  gint64 n = sizes->n_directions, d = self->direction;
  gsize at = (gsize) (sizes->is_batch_first ? (b * sizes->steps + t) * n + d
                                            : (t * n + d) * sizes->batch + b) *
      (gsize) sizes->units;

  if (!self->step.call->outputs[0].present)
    return;
  for (gsize i = 0; i < (gsize) sizes->units; i++)
    dnn_store (self->type, self->dst[0], at + i, h ? h[i] : 0);
}

static gboolean
run_sequence (Run *self, gint64 b, gboolean is_reverse, GError **error)
{
  const gint32 *lengths = self->src[DNN_RECURRENT_LENGTHS];
  gint64 length = lengths ? lengths[b] : self->sizes.steps;
  gsize units = (gsize) self->sizes.units;

  if (length < 0 || length > self->sizes.steps)
    return dnn_call_error (self->step.call, error, DNN_ERROR_DATA,
        "sequence_lens[%" G_GINT64_FORMAT "] is %" G_GINT64_FORMAT
        ", expected 0 to %" G_GINT64_FORMAT,
        b, length, self->sizes.steps);
  self->step.h = self->all_h + (gsize) b * units;
  self->step.c = self->all_c + (gsize) b * units;
  for (gint64 i = 0; i < length; i++) {
    gint64 t = is_reverse ? length - 1 - i : i;
    begin_gates (self, t, b);
    self->family->step (&self->step);
    store_step (self, t, b, self->step.h);
  }
  for (gint64 t = length; t < self->sizes.steps; t++)
    store_step (self, t, b, NULL);
  return TRUE;
}

/* The bias of R, and weights that look at the cell. */
static void
load_constants (Run *self)
{
  gsize n = get_n_rows (self), units = (gsize) self->sizes.units;

  for (gsize i = 0; i < n; i++)
    self->step.bias[i] = self->src[DNN_RECURRENT_B]
        ? dnn_load (self->type, self->src[DNN_RECURRENT_B],
              2 * n * self->direction + n + i)
        : 0;
  if (!self->family->has_cell)
    return;
  for (gsize i = 0; i < 3 * units; i++)
    self->step.peephole[i] = self->src[DNN_RECURRENT_P]
        ? dnn_load (self->type, self->src[DNN_RECURRENT_P],
              3 * units * self->direction + i)
        : 0;
}

static gboolean
run_direction (Run *self, guint direction, GError **error)
{
  const gchar *word = dnn_call_attr (self->step.call, "direction")->s;
  gboolean is_reverse = direction == 1 || strcmp (word, "reverse") == 0;

  self->direction = direction;
  self->step.functions = self->functions +
      direction * self->family->n_functions;
  load_constants (self);
  load_states (self, DNN_RECURRENT_H, self->all_h);
  if (self->family->has_cell)
    load_states (self, DNN_RECURRENT_C, self->all_c);
  for (gint64 b = 0; b < self->sizes.batch; b++)
    if (!run_sequence (self, b, is_reverse, error))
      return FALSE;
  store_states (self, 1, self->all_h);
  if (self->family->has_cell)
    store_states (self, 2, self->all_c);
  return TRUE;
}

/* Parts of the scratch memory, as count_scratch() has them. */
static void
part_scratch (Run *self, gdouble *scratch)
{
  gsize n = get_n_rows (self), units = (gsize) self->sizes.units;
  gsize batch = (gsize) self->sizes.batch;

  self->step.gates = scratch;
  self->step.bias = scratch + n;
  self->step.from_h = scratch + 2 * n;
  self->step.peephole = scratch + 3 * n;
  self->step.spare = self->step.peephole + 3 * units;
  self->all_h = self->step.spare + units;
  self->all_c = self->all_h + batch * units;
  self->operand = self->all_c + batch * units;
  self->vector = (gfloat *) (self->operand + units);
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, DotFunc function, GError **error)
{
  gconstpointer inputs[DNN_RECURRENT_P + 1] = { NULL };
  const DnnAttrValue *clip = dnn_call_attr (call, "clip");
  Run self = { .family = call->op->family };

  for (guint i = 0; i < MIN (call->n_formal, G_N_ELEMENTS (inputs)); i++)
    inputs[i] = call->inputs[i].present ? src[i] : NULL;
  self.sizes = get_sizes (call);
  self.src = inputs;
  self.dst = dst;
  self.type = call->inputs[DNN_RECURRENT_X].type;
  self.dot = function;
  self.step.call = call;
  self.step.n_units = (gsize) self.sizes.units;
  self.step.clip = clip->present && clip->f > 0 ? clip->f : INFINITY;
  self.step.multiply = multiply;
  part_scratch (&self, scratch);
  if (!dnn_recurrent_get_functions (
          call, self.sizes.n_directions, self.functions, error))
    return FALSE;
  for (guint i = 0; i < self.sizes.n_directions; i++)
    if (!run_direction (&self, i, error))
      return FALSE;
  return TRUE;
}

gboolean
dnn_recurrent_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  return compute (call, src, dst, scratch, NULL, error);
}

/* ---- offering -------------------------------------------------------------
 */

static gpointer
prepare_loop (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) call;
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  return compute (prepared, (gconstpointer const *) binding->src,
      (gpointer const *) binding->dst, binding->scratch,
      dots.at[dnn_loop_level ()], error);
}

static const DnnKernel loop_kernel = {
  .name = "loop",
  .prepare = prepare_loop,
  .run = run_loop,
};

void
dnn_recurrent_offer (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate;
  Sizes sizes = get_sizes (call);

  if (call->inputs[DNN_RECURRENT_X].type != DNN_TYPE_FLOAT32)
    return;
  candidate = dnn_candidate_new (&loop_kernel, call->n_inputs, call->n_outputs);
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].present)
      candidate->src[i] = dnn_offer_plain (&call->inputs[i]);
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].present)
      candidate->dst[i] = dnn_offer_plain (&call->outputs[i]);
  candidate->scratch = call->ref_scratch;
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL +
      (gdouble) sizes.steps * (gdouble) sizes.batch *
          (gdouble) sizes.n_directions * 4 * (gdouble) sizes.units *
          (gdouble) (sizes.units + sizes.features) / 16;
  dnn_offers_add (offers, candidate);
}
