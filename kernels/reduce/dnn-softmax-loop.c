/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Softmax along any axis of a dense layout → a candidate that runs as a loop: a
 * line whose elements lie side by side as a whole, others as a block of lines.
 * Next: ops/Softmax.c. */
#include "config.h"

#include "kernels/reduce/dnn-softmax.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-map.h"
#include "kernels/loops/dnn-loop-math.h"
#include "kernels/loops/dnn-parallel.h"

/* ns an element, and a line. */
#define COST_ELEMENT 0.6
#define COST_LINE 20

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

#define LANES 16

/* ---- lines ------------------------------------------------------------------
 */

/* The largest and Σ e^(x - m) of what came before, each at @step 0 or by
 * element; @y (nullable): e^(x - m). */
typedef struct
{
  void (*largest) (const gfloat *x, gfloat *m, gsize n);
  void (*sum) (
      const gfloat *x, const gfloat *m, gfloat *sum, gfloat *y, gsize n);
  void (*scale) (gfloat *y, const gfloat *factor, gsize n);
  void (*subtract) (const gfloat *x, const gfloat *amount, gfloat *y, gsize n);
} Lines;

/* Side by side: a line each. */
#define DEFINE_MANY(level, unused)                                           \
  DNN_TARGET_##level static void many_largest_##level (                      \
      const gfloat *x, gfloat *m, gsize n)                                   \
  {                                                                          \
    DNN_SIMD for (gsize i = 0; i < n; i++) m[i] = x[i] > m[i] ? x[i] : m[i]; \
  }                                                                          \
  DNN_TARGET_##level static void many_sum_##level (                          \
      const gfloat *x, const gfloat *m, gfloat *sum, gfloat *y, gsize n)     \
  {                                                                          \
    DNN_SIMD for (gsize i = 0; i < n; i++)                                   \
    {                                                                        \
      gfloat e = dnn_exp_float (x[i] - m[i]);                                \
      sum[i] += e;                                                           \
      y[i] = e;                                                              \
    }                                                                        \
  }                                                                          \
  DNN_TARGET_##level static void many_scale_##level (                        \
      gfloat *y, const gfloat *factor, gsize n)                              \
  {                                                                          \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] *= factor[i];                \
  }                                                                          \
  DNN_TARGET_##level static void many_subtract_##level (                     \
      const gfloat *x, const gfloat *amount, gfloat *y, gsize n)             \
  {                                                                          \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] = x[i] - amount[i];          \
  }

/* A part of one line. */
#define DEFINE_ONE(level, unused)                                         \
  DNN_TARGET_##level static void one_largest_##level (                    \
      const gfloat *x, gfloat *m, gsize n)                                \
  {                                                                       \
    gfloat lanes[LANES], all = *m;                                        \
    gsize i = 0;                                                          \
    for (gsize k = 0; k < LANES; k++)                                     \
      lanes[k] = all;                                                     \
    for (; i + LANES <= n; i += LANES)                                    \
      DNN_SIMD for (gsize k = 0; k < LANES; k++)                          \
          lanes[k] = x[i + k] > lanes[k] ? x[i + k] : lanes[k];           \
    for (; i < n; i++)                                                    \
      all = x[i] > all ? x[i] : all;                                      \
    for (gsize k = 0; k < LANES; k++)                                     \
      all = lanes[k] > all ? lanes[k] : all;                              \
    *m = all;                                                             \
  }                                                                       \
  DNN_TARGET_##level static void one_sum_##level (                        \
      const gfloat *x, const gfloat *m, gfloat *sum, gfloat *y, gsize n)  \
  {                                                                       \
    gfloat all = 0, shift = *m;                                           \
    _Pragma ("omp simd reduction(+ : all)") for (gsize i = 0; i < n; i++) \
    {                                                                     \
      gfloat e = dnn_exp_float (x[i] - shift);                            \
      all += e;                                                           \
      y[i] = e;                                                           \
    }                                                                     \
    *sum += all;                                                          \
  }                                                                       \
  DNN_TARGET_##level static void one_scale_##level (                      \
      gfloat *y, const gfloat *factor, gsize n)                           \
  {                                                                       \
    gfloat f = *factor;                                                   \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] *= f;                     \
  }                                                                       \
  DNN_TARGET_##level static void one_subtract_##level (                   \
      const gfloat *x, const gfloat *amount, gfloat *y, gsize n)          \
  {                                                                       \
    gfloat a = *amount;                                                   \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] = x[i] - a;               \
  }

DNN_AT_LEVELS (DEFINE_MANY, )
DNN_AT_LEVELS (DEFINE_ONE, )

#define LINES_ROW(level, prefix)                                            \
  { prefix##_largest_##level, prefix##_sum_##level, prefix##_scale_##level, \
    prefix##_subtract_##level },
static const Lines many_lines[] = { DNN_AT_LEVELS (LINES_ROW, many) };
static const Lines one_lines[] = { DNN_AT_LEVELS (LINES_ROW, one) };

/* ---- the loop ---------------------------------------------------------------
 */

typedef struct
{
  const DnnCall *call;
  const Lines *lines;
  gboolean is_log;
  gint64 outer, n, inner;
  DnnConvertFunc load, store; /* NULL: float32 as it stands */
  gint64 size; /* of an element */
} Loop;

/* A block of lines, or one line: its place and how many steps it has. */
typedef struct
{
  const Loop *loop;
  const guint8 *src;
  guint8 *dst;
  gint64 n_steps, stride, width; /* elements */
} Block;

typedef struct
{
  const Loop *loop;
  const guint8 *src;
  guint8 *dst;
} Run;

/* Step @i of a block: all of its lines, or a part of its line. */
static gint64
get_count (const Block *block, gint64 i)
{
  const Loop *loop = block->loop;

  return loop->inner > 1 ? block->width
                         : MIN (loop->n - i * DNN_LOOP_BLOCK, DNN_LOOP_BLOCK);
}

static const gfloat *
read_step (const Block *block, gint64 i, gfloat *buffer)
{
  const guint8 *src = block->src + i * block->stride * block->loop->size;

  if (!block->loop->load)
    return (const gfloat *) src;
  block->loop->load (src, buffer, get_count (block, i));
  return buffer;
}

/* Where the results of a step go first. */
static gfloat *
get_result (const Block *block, gint64 i, gfloat *buffer)
{
  return block->loop->store
      ? buffer
      : (gfloat *) (block->dst + i * block->stride * block->loop->size);
}

static void
write_step (const Block *block, gint64 i, const gfloat *buffer)
{
  if (block->loop->store)
    block->loop->store (buffer,
        block->dst + i * block->stride * block->loop->size,
        get_count (block, i));
}

/* e^x of +∞ and of what else is large can't be told apart in float: then ref
 * computes these lines. */
static gboolean
take_largest (const Block *block, gfloat *m, gint64 n, gfloat *buffer)
{
  const Loop *loop = block->loop;

  for (gint64 i = 0; i < n; i++)
    m[i] = -INFINITY;
  for (gint64 i = 0; i < block->n_steps; i++)
    loop->lines->largest (
        read_step (block, i, buffer), m, get_count (block, i));
  for (gint64 i = 0; i < n; i++) {
    if (m[i] == INFINITY)
      return FALSE;
    m[i] = m[i] == -INFINITY ? 0 : m[i];
  }
  return TRUE;
}

static void
finish_softmax (
    const Block *block, gfloat *m, gfloat *sum, gint64 n, gfloat *buffer)
{
  const Loop *loop = block->loop;
  gfloat unused[DNN_LOOP_BLOCK];

  memset (unused, 0, n * sizeof unused[0]);
  for (gint64 i = 0; i < n; i++)
    sum[i] = 1 / sum[i];
  for (gint64 i = 0; i < block->n_steps; i++) {
    gfloat *y = get_result (block, i, buffer);
    if (loop->load)
      loop->lines->sum (
          read_step (block, i, buffer), m, unused, y, get_count (block, i));
    loop->lines->scale (y, sum, get_count (block, i));
    write_step (block, i, y);
  }
}

static void
finish_log (
    const Block *block, gfloat *m, const gfloat *sum, gint64 n, gfloat *buffer)
{
  const Loop *loop = block->loop;

  for (gint64 i = 0; i < n; i++)
    m[i] += logf (sum[i]);
  for (gint64 i = 0; i < block->n_steps; i++) {
    const gfloat *x = read_step (block, i, buffer);
    gfloat *y = get_result (block, i, buffer);
    loop->lines->subtract (x, m, y, get_count (block, i));
    write_step (block, i, y);
  }
}

static void
compute_block (const Block *block)
{
  const Loop *loop = block->loop;
  gint64 n = loop->inner > 1 ? block->width : 1;
  gfloat m[DNN_LOOP_BLOCK], sum[DNN_LOOP_BLOCK];
  gfloat buffer[DNN_LOOP_BLOCK], unused[DNN_LOOP_BLOCK];

  if (!take_largest (block, m, n, buffer)) {
    for (gint64 i = 0; i < n; i++)
      dnn_softmax_compute_line (loop->is_log, loop->call->inputs[0].type,
          block->src, block->dst, i, loop->n, loop->inner);
    return;
  }
  memset (sum, 0, n * sizeof sum[0]);
  for (gint64 i = 0; i < block->n_steps; i++)
    loop->lines->sum (read_step (block, i, buffer), m, sum,
        loop->is_log || loop->store ? unused : get_result (block, i, buffer),
        get_count (block, i));
  if (loop->is_log)
    finish_log (block, m, sum, n, buffer);
  else
    finish_softmax (block, m, sum, n, buffer);
}

/* Lines @from … @to, counted outer by outer. */
static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Loop *loop = run->loop;
  Block block = { .loop = loop, .n_steps = loop->n, .stride = loop->inner };

  if (loop->inner == 1) {
    block.n_steps = (loop->n + DNN_LOOP_BLOCK - 1) / DNN_LOOP_BLOCK;
    block.stride = DNN_LOOP_BLOCK;
  }
  while (from < to) {
    gint64 row = from / loop->inner, column = from % loop->inner;
    gint64 at = (row * loop->n * loop->inner + column) * loop->size;
    block.width = MIN (MIN (to - from, loop->inner - column), DNN_LOOP_BLOCK);
    block.src = run->src + at;
    block.dst = run->dst + at;
    compute_block (&block);
    from += block.width;
  }
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Loop *loop = prepared;
  Run run = { loop, binding->src[0], binding->dst[0] };

  dnn_parallel_for (loop->call, loop->outer * loop->inner,
      MAX (GRAIN / MAX (loop->n, 1), 1), run_part, &run);
  return TRUE;
}

/* ---- offering ---------------------------------------------------------------
 */

/* Dimensions before and behind the axis, as they lie in memory. */
static gboolean
set_dims (Loop *self, const DnnFormat *format, gint axis)
{
  gint order[DNN_MAX_RANK];
  gboolean is_behind = FALSE;

  if (!dnn_onednn_format_get_order (format, order))
    return FALSE;
  self->outer = self->inner = 1;
  self->n = format->shape.dims[axis];
  for (gint i = 0; i < format->shape.rank; i++) {
    if (order[i] == axis)
      is_behind = TRUE;
    else if (is_behind)
      self->inner *= format->shape.dims[order[i]];
    else
      self->outer *= format->shape.dims[order[i]];
  }
  return dnn_format_get_size (format) ==
      (gsize) (self->outer * self->n * self->inner * self->size);
}

static gboolean
init_loop (Loop *self, const DnnCall *call, const DnnFormat *format)
{
  const DnnSoftmax *softmax = call->op->family;
  DnnType type = call->inputs[0].type;
  gint axis;

  if (!dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, NULL))
    return FALSE;
  self->call = call;
  self->is_log = softmax->is_log;
  self->size = dnn_type_size (type);
  if (!set_dims (self, format, axis))
    return FALSE;
  self->lines = &(self->inner > 1 ? many_lines : one_lines)[dnn_loop_level ()];
  if (type != DNN_TYPE_FLOAT32) {
    self->load = dnn_loop_load (type, DNN_KIND_F32);
    self->store = dnn_loop_store (DNN_KIND_F32, type);
  }
  return TRUE;
}

static gpointer
prepare_loop (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Loop *self = g_new0 (Loop, 1);

  init_loop (self, call, candidate->src[0]);
  return self;
}

static const DnnKernel loop_kernel = {
  .name = "loop",
  .prepare = prepare_loop,
  .unprepare = g_free,
  .run = run_loop,
};

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  DnnCandidate *candidate;
  Loop loop = { NULL };

  if (!init_loop (&loop, call, format))
    return;
  candidate = dnn_candidate_new (&loop_kernel, call->n_inputs, call->n_outputs);
  candidate->src[0] = dnn_format_ref (format);
  candidate->dst[0] = dnn_format_ref (format);
  candidate->dst_share[0].kind = DNN_SHARE_MAY;
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      COST_ELEMENT * (gdouble) (loop.outer * loop.n * loop.inner) +
      (loop.inner > 1 ? COST_LINE * (gdouble) (loop.outer * loop.n)
                      : COST_LINE * (gdouble) loop.outer);
  dnn_offers_add (offers, candidate);
}

/* double stays with ref. */
void
dnn_softmax_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0];
  g_autoptr (GPtrArray) formats = NULL;

  if (src->type == DNN_TYPE_FLOAT64 || dnn_shape_n_elements (&src->shape) <= 0)
    return;
  formats = dnn_offer_formats (offers, 1, src->type, &src->shape);
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, formats->pdata[i]);
}
