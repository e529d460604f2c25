/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A Resize → a candidate that goes along one axis after the other, by tables of
 * taps: nearest moves elements of any type, the others are sums in float32.
 * Next: ops/Resize.c. */
#include "config.h"

#include "kernels/spatial/dnn-resize.h"

#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-math.h"
#include "kernels/loops/dnn-loop.h"
#include "kernels/loops/dnn-parallel.h"

/* ns a tap of an element. */
#define COST_TAP 0.35

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

/* One axis: the tensor is outer × n_src × inner before, outer × n_dst × inner
 * behind it. Tables are n_taps rows of n_dst. */
typedef struct
{
  gint64 outer, n_src, n_dst, inner;
  gint n_taps;
  gint32 *idx;
  gfloat *weights;
} Pass;

typedef struct
{
  const DnnCall *call;
  gboolean moves; /* elements as they are */
  gsize element;
  guint n_passes;
  Pass passes[DNN_MAX_RANK];
  gsize between; /* bytes of the largest tensor between two passes */
} State;

typedef struct
{
  const State *state;
  const Pass *pass;
  const guint8 *src;
  guint8 *dst;
} Run;

/* Rows of the innermost axis that are mixed side by side, results of each at a
 * time, and what these may be made of. */
#define ROWS 16
#define COLUMNS 32
#define SPAN 128

/* Results from @x on, and the elements they are made of. */
typedef struct
{
  gint64 x, first;
  gint width, n;
} Span;

/* ---- lines ------------------------------------------------------------------
 */

typedef gfloat Four __attribute__ ((vector_size (16)));

#define LOAD(four, address) memcpy (&(four), (address), sizeof (Four))
#define STORE(address, four) memcpy ((address), &(four), sizeof (Four))

/* Rows of @src become columns of @dst: 4 × 4 elements. */
DNN_INLINE void
turn_four (const gfloat *src, gint64 src_row, gfloat *dst, gint64 dst_row)
{
  Four a, b, c, d, ab, cd, y;

  LOAD (a, src);
  LOAD (b, src + src_row);
  LOAD (c, src + 2 * src_row);
  LOAD (d, src + 3 * src_row);
  ab = __builtin_shufflevector (a, b, 0, 4, 1, 5);
  cd = __builtin_shufflevector (c, d, 0, 4, 1, 5);
  y = __builtin_shufflevector (ab, cd, 0, 1, 4, 5);
  STORE (dst, y);
  y = __builtin_shufflevector (ab, cd, 2, 3, 6, 7);
  STORE (dst + dst_row, y);
  ab = __builtin_shufflevector (a, b, 2, 6, 3, 7);
  cd = __builtin_shufflevector (c, d, 2, 6, 3, 7);
  y = __builtin_shufflevector (ab, cd, 0, 1, 4, 5);
  STORE (dst + 2 * dst_row, y);
  y = __builtin_shufflevector (ab, cd, 2, 3, 6, 7);
  STORE (dst + 3 * dst_row, y);
}

/* @n_rows × @n_columns elements of @src, the other way round. */
DNN_INLINE void
turn_over (const gfloat *src, gint64 src_row, gint n_columns, gfloat *dst,
    gint64 dst_row, gint n_rows)
{
  gint rows = n_rows / 4 * 4, columns = n_columns / 4 * 4;

  for (gint r = 0; r < n_rows; r += 4)
    for (gint i = 0; i < columns && r < rows; i += 4)
      turn_four (
          src + r * src_row + i, src_row, dst + i * dst_row + r, dst_row);
  for (gint r = 0; r < n_rows; r++)
    for (gint i = r < rows ? columns : 0; i < n_columns; i++)
      dst[i * dst_row + r] = src[r * src_row + i];
}

/* A tap of no weight isn't there: 0 · ∞ would be NaN. */
#define DEFINE_LINES(level, unused)                                            \
  DNN_TARGET_##level static void set_row_##level (                             \
      gfloat *y, const gfloat *x, gfloat weight, gint64 n)                     \
  {                                                                            \
    DNN_SIMD for (gint64 i = 0; i < n; i++) y[i] = weight * x[i];              \
  }                                                                            \
  DNN_TARGET_##level static void add_row_##level (                             \
      gfloat *y, const gfloat *x, gfloat weight, gint64 n)                     \
  {                                                                            \
    DNN_SIMD for (gint64 i = 0; i < n; i++) y[i] += weight * x[i];             \
  }                                                                            \
  DNN_TARGET_##level static void add_taps_##level (gfloat *y, const gfloat *x, \
      const gint32 *idx, const gfloat *weights, gint64 n)                      \
  {                                                                            \
    DNN_SIMD for (gint64 i = 0; i < n; i++)                                    \
        y[i] += weights[i] == 0 ? 0 : weights[i] * x[idx[i]];                  \
  }                                                                            \
  DNN_TARGET_##level static void mix_block_##level (                           \
      const Pass *pass, const gfloat *src, gfloat *dst, const Span *span)      \
  {                                                                            \
    gfloat in[SPAN][ROWS], out[COLUMNS][ROWS];                                 \
    turn_over (src + span->first, pass->n_src, span->n, in[0], ROWS, ROWS);    \
    for (gint x = 0; x < span->width; x++) {                                   \
      const gint32 *idx = pass->idx + span->x + x;                             \
      const gfloat *weights = pass->weights + span->x + x;                     \
      gfloat sum[ROWS] = { 0 };                                                \
      for (gint k = 0; k < pass->n_taps; k++) {                                \
        const gfloat weight = weights[k * pass->n_dst];                        \
        const gfloat *tap = in[idx[k * pass->n_dst] - span->first];            \
        if (weight != 0)                                                       \
          DNN_SIMD for (gint r = 0; r < ROWS; r++) sum[r] += weight * tap[r];  \
      }                                                                        \
      memcpy (out[x], sum, sizeof sum);                                        \
    }                                                                          \
    turn_over (out[0], ROWS, ROWS, dst + span->x, pass->n_dst, span->width);   \
  }
DNN_AT_LEVELS (DEFINE_LINES, )

typedef struct
{
  void (*set_row) (gfloat *y, const gfloat *x, gfloat weight, gint64 n);
  void (*add_row) (gfloat *y, const gfloat *x, gfloat weight, gint64 n);
  void (*add_taps) (gfloat *y, const gfloat *x, const gint32 *idx,
      const gfloat *weights, gint64 n);
  void (*mix_block) (
      const Pass *pass, const gfloat *src, gfloat *dst, const Span *span);
} Lines;

#define LINES_ROW(level, unused) \
  { set_row_##level, add_row_##level, add_taps_##level, mix_block_##level },
static const Lines lines_of_levels[] = { DNN_AT_LEVELS (LINES_ROW, ) };

/* ---- one pass ---------------------------------------------------------------
 */

/* Rows of `inner` elements that lie side by side. */
static void
mix_rows (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Pass *pass = run->pass;
  const Lines *lines = &lines_of_levels[dnn_loop_level ()];
  gint64 row = pass->inner * (gint64) run->state->element;

  for (gint64 i = from; i < to; i++) {
    gint64 x = i % pass->n_dst, outer = i / pass->n_dst;
    const guint8 *src = run->src + outer * pass->n_src * row;
    gfloat *y = (gfloat *) (run->dst + i * row);
    gboolean is_set = FALSE;
    if (run->state->moves) {
      memcpy (y, src + pass->idx[x] * row, (gsize) row);
      continue;
    }
    for (gint k = 0; k < pass->n_taps; k++) {
      gfloat weight = pass->weights[k * pass->n_dst + x];
      const gfloat *tap = (const gfloat *) (src +
          pass->idx[k * pass->n_dst + x] * row);
      if (weight != 0)
        (is_set ? lines->add_row : lines->set_row) (
            y, tap, weight, pass->inner);
      is_set = is_set || weight != 0;
    }
    if (!is_set)
      memset (y, 0, (gsize) row);
  }
}

#define DEFINE_PICK(bits)                                                    \
  static void pick_##bits (                                                  \
      const gint32 *idx, const guint##bits *src, guint##bits *dst, gint64 n) \
  {                                                                          \
    for (gint64 i = 0; i < n; i++)                                           \
      dst[i] = src[idx[i]];                                                  \
  }
DEFINE_PICK (8)
DEFINE_PICK (16)
DEFINE_PICK (32)
DEFINE_PICK (64)

static void
pick (const Pass *pass, gsize element, gconstpointer src, gpointer dst)
{
  switch (element) {
    case 1:
      pick_8 (pass->idx, src, dst, pass->n_dst);
      break;
    case 2:
      pick_16 (pass->idx, src, dst, pass->n_dst);
      break;
    case 4:
      pick_32 (pass->idx, src, dst, pass->n_dst);
      break;
    default:
      pick_64 (pass->idx, src, dst, pass->n_dst);
      break;
  }
}

/* FALSE: they are made of too many. */
static gboolean
find_span (const Pass *pass, gint64 x, Span *span)
{
  gint64 last = 0;

  *span = (Span){ x, pass->n_src, (gint) MIN (pass->n_dst - x, COLUMNS), 0 };
  for (gint k = 0; k < pass->n_taps; k++)
    for (gint i = 0; i < span->width; i++) {
      gint32 idx = pass->idx[k * pass->n_dst + x + i];
      span->first = MIN (span->first, idx);
      last = MAX (last, idx);
    }
  span->n = (gint) MIN (last - span->first + 1, SPAN + 1);
  return span->n <= SPAN;
}

/* As many rows as fit; returns how many. Reading elements in the order of a
 * table takes longer than turning blocks over, twice. */
static gint64
mix_blocks (const Run *run, gint64 from, gint64 to)
{
  const Pass *pass = run->pass;
  const Lines *lines = &lines_of_levels[dnn_loop_level ()];
  gint64 n = (to - from) / ROWS * ROWS;
  Span span;

  for (gint64 x = 0; x < pass->n_dst; x += COLUMNS) {
    if (!find_span (pass, x, &span))
      return 0;
    for (gint64 i = from; i < from + n; i += ROWS)
      lines->mix_block (pass, (const gfloat *) run->src + i * pass->n_src,
          (gfloat *) run->dst + i * pass->n_dst, &span);
  }
  return n;
}

/* The innermost axis: whole rows of it. */
static void
mix_elements (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Pass *pass = run->pass;
  const Lines *lines = &lines_of_levels[dnn_loop_level ()];
  gint64 element = (gint64) run->state->element;

  if (!run->state->moves)
    from += mix_blocks (run, from, to);
  for (gint64 i = from; i < to; i++) {
    const guint8 *src = run->src + i * pass->n_src * element;
    guint8 *dst = run->dst + i * pass->n_dst * element;
    if (run->state->moves) {
      pick (pass, run->state->element, src, dst);
      continue;
    }
    memset (dst, 0, (gsize) (pass->n_dst * element));
    for (gint k = 0; k < pass->n_taps; k++)
      lines->add_taps ((gfloat *) dst, (const gfloat *) src,
          pass->idx + k * pass->n_dst, pass->weights + k * pass->n_dst,
          pass->n_dst);
  }
}

static gboolean
run_passes (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const State *state = prepared;
  guint8 *between[2] = { binding->scratch,
    (guint8 *) binding->scratch + state->between };
  const guint8 *src = binding->src[0];

  for (guint i = 0; i < state->n_passes; i++) {
    const Pass *pass = &state->passes[i];
    guint8 *dst = i + 1 < state->n_passes ? between[i % 2] : binding->dst[0];
    Run run = { state, pass, src, dst };
    if (pass->inner > 1)
      dnn_parallel_for (state->call, pass->outer * pass->n_dst,
          MAX (GRAIN / pass->inner, 1), mix_rows, &run);
    else
      dnn_parallel_for (state->call, pass->outer, MAX (GRAIN / pass->n_dst, 1),
          mix_elements, &run);
    src = dst;
  }
  return TRUE;
}

/* ---- preparing --------------------------------------------------------------
 */

static void
fill_pass (const DnnCall *call, const DnnResizeAxis *axis, Pass *pass)
{
  g_autofree DnnResizeTap *taps = g_new (
      DnnResizeTap, axis->n_dst * axis->n_taps);

  pass->n_taps = axis->n_taps;
  pass->idx = g_new (gint32, axis->n_dst * axis->n_taps);
  pass->weights = g_new (gfloat, axis->n_dst * axis->n_taps);
  dnn_resize_fill (call, axis, taps);
  for (gint64 x = 0; x < axis->n_dst; x++)
    for (gint k = 0; k < axis->n_taps; k++) {
      const DnnResizeTap *tap = &taps[x * axis->n_taps + k];
      pass->idx[k * axis->n_dst + x] = (gint32) tap->idx;
      pass->weights[k * axis->n_dst + x] = (gfloat) tap->weight;
    }
}

static gboolean
read_resize (const DnnCall *call, DnnResize *resize)
{
  gconstpointer values[4] = { NULL };

  for (guint i = 1; i < call->n_formal; i++)
    values[i] = call->inputs[i].value;
  return dnn_resize_read (call, values, resize, NULL);
}

/* Axes from outermost to innermost; of one that stays nothing is done, unless
 * all do. */
static void
set_passes (State *self, const DnnResize *resize, gboolean with_tables)
{
  gint64 dims[DNN_MAX_RANK];
  gsize size = self->element;

  for (gint i = 0; i < resize->rank; i++) {
    dims[i] = resize->axes[i].n_src;
    size *= dims[i];
  }
  for (gint i = 0; i < resize->rank; i++) {
    const DnnResizeAxis *axis = &resize->axes[i];
    gboolean is_last = i + 1 == resize->rank && self->n_passes == 0;
    Pass *pass = &self->passes[self->n_passes];
    if (axis->is_identity && !is_last)
      continue;
    *pass = (Pass){
      .outer = 1, .n_src = axis->n_src, .n_dst = axis->n_dst, .inner = 1
    };
    for (gint k = 0; k < resize->rank; k++)
      *(k < i ? &pass->outer : &pass->inner) *= k == i ? 1 : dims[k];
    if (with_tables)
      fill_pass (self->call, axis, pass);
    dims[i] = axis->n_dst;
    size = size / axis->n_src * axis->n_dst;
    self->between = MAX (self->between, (size + 63) / 64 * 64);
    self->n_passes++;
  }
}

static void
init_state (State *self, const DnnCall *call, const DnnResize *resize)
{
  *self = (State){ .call = call,
    .moves = resize->mode == DNN_RESIZE_NEAREST,
    .element = dnn_type_size (call->inputs[0].type) };
}

static gpointer
prepare_passes (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  State *self = g_new (State, 1);
  DnnResize resize;

  read_resize (call, &resize);
  init_state (self, call, &resize);
  set_passes (self, &resize, TRUE);
  return self;
}

static void
unprepare_passes (gpointer data)
{
  State *self = data;

  for (guint i = 0; i < self->n_passes; i++) {
    g_free (self->passes[i].idx);
    g_free (self->passes[i].weights);
  }
  g_free (self);
}

static const DnnKernel passes_kernel = {
  .name = "loop",
  .prepare = prepare_passes,
  .unprepare = unprepare_passes,
  .run = run_passes,
};

/* What is left to ref: crops, sums of other types, and axes beyond 2^31. */
static gboolean
is_beyond (const DnnCall *call, DnnResize *resize)
{
  if (!read_resize (call, resize) || resize->crops ||
      (resize->mode != DNN_RESIZE_NEAREST &&
          call->inputs[0].type != DNN_TYPE_FLOAT32))
    return TRUE;
  for (gint i = 0; i < resize->rank; i++)
    if (resize->axes[i].n_src > G_MAXINT32)
      return TRUE;
  return resize->rank == 0;
}

void
dnn_resize_offer_loop (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0];
  DnnCandidate *candidate;
  DnnResize resize;
  State state;
  gdouble cost = DNN_COST_CALL / 4;

  if (dnn_shape_n_elements (&src->shape) <= 0 ||
      dnn_shape_n_elements (&call->outputs[0].shape) <= 0 ||
      is_beyond (call, &resize))
    return;
  init_state (&state, call, &resize);
  set_passes (&state, &resize, FALSE);
  for (guint i = 0; i < state.n_passes; i++)
    cost += COST_TAP *
        (gdouble) (state.passes[i].outer * state.passes[i].n_dst *
            state.passes[i].inner);
  candidate = dnn_candidate_new (
      &passes_kernel, call->n_inputs, call->n_outputs);
  candidate->src[0] = dnn_offer_plain (src);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->scratch = state.n_passes > 1 ? 2 * state.between : 0;
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = cost;
  dnn_offers_add (offers, candidate);
}
