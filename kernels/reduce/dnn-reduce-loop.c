/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A reduction over known axes → a candidate that runs as a loop. Neighbouring
 * dimensions of one kind are one; where the innermost is reduced, results are
 * runs, else a block of results is folded row by row. Next:
 * dnn-reduce-offer.c. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-map.h"
#include "kernels/loops/dnn-parallel.h"

/* ns an element, and a result. */
#define COST_ELEMENT 0.3
#define COST_SHIFTED 4.5 /* read twice, and the C library's exp */
#define COST_RESULT 5

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

/* Some dimensions of the source, outermost first. */
typedef struct
{
  gint rank;
  gint64 dims[DNN_MAX_RANK], strides[DNN_MAX_RANK];
  gint64 n;
} Dims;

typedef struct
{
  const DnnCall *call;
  DnnKind kind;
  DnnConvertFunc load, store; /* NULL: as it stands */
  gsize src_size, dst_size;
  DnnFoldFunc fold, shift; /* the loops for this shape */
  guint64 start, shift_start;
  gboolean is_run; /* the innermost dimension is reduced */
  Dims kept, reduced; /* without the innermost of all */
  gint64 width; /* the innermost of all */
} Loop;

/* Bits of a double, as one. */
typedef gdouble Real __attribute__ ((may_alias));

typedef struct
{
  const Loop *loop;
  const guint8 *src;
  guint8 *dst;
} Run;

/* Results, what was taken off, and elements of one thread. */
typedef struct
{
  guint64 results[DNN_LOOP_BLOCK], shifts[DNN_LOOP_BLOCK];
  guint64 elements[DNN_LOOP_BLOCK];
} Blocks;

/* ---- preparing --------------------------------------------------------------
 */

static void
push_dim (Dims *self, gint64 n, gint64 stride)
{
  self->dims[self->rank] = n;
  self->strides[self->rank++] = stride;
  self->n *= n;
}

/* Joined dimensions from outermost to innermost, by turns kept and reduced. */
static void
set_dims (Loop *self, const DnnShape *shape, guint mask)
{
  gint64 dims[DNN_MAX_RANK + 1], strides[DNN_MAX_RANK + 1], stride = 1;
  gboolean is_reduced[DNN_MAX_RANK + 1];
  gint n = 0;

  for (gint i = shape->rank - 1; i >= 0; i--) {
    gboolean reduced = mask >> i & 1;
    if (shape->dims[i] != 1) {
      if (n == 0 || is_reduced[n - 1] != reduced) {
        dims[n] = 1;
        strides[n] = stride;
        is_reduced[n++] = reduced;
      }
      dims[n - 1] *= shape->dims[i];
    }
    stride *= shape->dims[i];
  }
  self->kept.n = self->reduced.n = 1;
  self->width = n > 0 ? dims[0] : 1;
  self->is_run = n > 0 && is_reduced[0];
  for (gint i = n - 1; i > 0; i--)
    push_dim (
        is_reduced[i] ? &self->reduced : &self->kept, dims[i], strides[i]);
}

static gpointer
prepare_loop (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  const DnnReduce *reduce = call->op->family;
  DnnType type = call->inputs[0].type;
  Loop *self = g_new0 (Loop, 1);
  DnnLevel level = dnn_loop_level ();
  guint mask;

  dnn_reduce_get_axes (
      call, call->n_formal > 1 ? call->inputs[1].value : NULL, &mask, NULL);
  self->call = call;
  self->kind = dnn_reduce_kind (call);
  self->src_size = self->dst_size = dnn_type_size (type);
  if (!dnn_loop_is_direct (type, self->kind)) {
    self->load = dnn_loop_load (type, self->kind);
    self->store = dnn_loop_store (self->kind, type);
  }
  set_dims (self, &call->inputs[0].shape, mask);
  self->fold = (self->is_run ? reduce->folds->run
                             : reduce->folds->fold)[self->kind]
                   .at[level];
  if (reduce->shift)
    self->shift = (self->is_run ? reduce->shift->run
                                : reduce->shift->fold)[self->kind]
                      .at[level];
  self->start = dnn_reduce_start (call);
  self->shift_start = dnn_reduce_start_of (
      DNN_REDUCE_FROM_LOWEST, type, self->kind);
  return self;
}

/* ---- running ----------------------------------------------------------------
 */

/* Where index @idx of these dimensions lies. */
static gint64
find (const Dims *self, gint64 idx)
{
  gint64 offset = 0;

  for (gint i = self->rank - 1; i >= 0; i--) {
    offset += idx % self->dims[i] * self->strides[i];
    idx /= self->dims[i];
  }
  return offset;
}

/* @n elements from @at on as the kind. */
static gconstpointer
read (const Run *run, gint64 at, gint64 n, Blocks *blocks)
{
  const guint8 *src = run->src + at * (gint64) run->loop->src_size;

  if (!run->loop->load)
    return src;
  run->loop->load (src, blocks->elements, n);
  return blocks->elements;
}

/* The same without what is taken off; @step: 0 where all have one shift. */
static gconstpointer
read_shifted (const Run *run, gint64 at, gint64 n, gint step, Blocks *blocks)
{
  const Real *src = read (run, at, n, blocks);
  Real *dst = (Real *) blocks->elements;
  const Real *shifts = (const Real *) blocks->shifts;

  for (gint64 i = 0; i < n; i++)
    dst[i] = src[i] - shifts[i * step];
  return dst;
}

static void
fill (guint64 *values, gint64 n, guint64 value)
{
  for (gint64 i = 0; i < n; i++)
    values[i] = value;
}

static void
make_usable (guint64 *shifts, gint64 n)
{
  Real *values = (Real *) shifts;

  for (gint64 i = 0; i < n; i++)
    values[i] = dnn_reduce_usable_shift (shifts[i]);
}

/* One pass over what is reduced, for the results from element @base on: one
 * run, or @n side by side. */
static void
fold_all (const Run *run, DnnFoldFunc fold, guint64 *results, gint64 base,
    gint64 n, gboolean shifted, Blocks *blocks)
{
  const Loop *loop = run->loop;
  gint64 length = loop->is_run ? loop->width : n;

  for (gint64 i = 0; i < loop->reduced.n; i++) {
    gint64 row = base + find (&loop->reduced, i);
    for (gint64 at = 0; at < length; at += DNN_LOOP_BLOCK) {
      gint64 count = MIN (length - at, DNN_LOOP_BLOCK);
      fold (results,
          shifted ? read_shifted (run, row + at, count, !loop->is_run, blocks)
                  : read (run, row + at, count, blocks),
          count);
    }
  }
}

/* @n results, at most a block, whose elements begin at @base. */
static void
compute (
    const Run *run, guint64 *results, gint64 base, gint64 n, Blocks *blocks)
{
  const Loop *loop = run->loop;
  gint64 n_reduced = loop->reduced.n * (loop->is_run ? loop->width : 1);

  fill (results, n, loop->start);
  if (loop->shift) {
    fill (blocks->shifts, n, loop->shift_start);
    fold_all (run, loop->shift, blocks->shifts, base, n, FALSE, blocks);
    make_usable (blocks->shifts, n);
  }
  fold_all (run, loop->fold, results, base, n, loop->shift != NULL, blocks);
  for (gint64 i = 0; i < n; i++)
    results[i] = dnn_reduce_finish (
        loop->call, results[i], n_reduced, loop->shift ? blocks->shifts[i] : 0);
}

static void
write_results (const Run *run, const Blocks *blocks, gint64 at, gint64 n)
{
  const Loop *loop = run->loop;
  guint8 *dst = run->dst + at * (gint64) loop->dst_size;

  if (loop->store)
    loop->store (blocks->results, dst, n);
  else
    memcpy (dst, blocks->results, n * sizeof (guint64));
}

/* Results @from … @to. */
static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Loop *loop = run->loop;
  Blocks blocks;

  while (from < to) {
    gint64 n = 0, in_row = loop->is_run ? 0 : from % loop->width;
    if (loop->is_run) {
      for (; n < MIN (to - from, DNN_LOOP_BLOCK); n++)
        compute (
            run, &blocks.results[n], find (&loop->kept, from + n), 1, &blocks);
    } else {
      n = MIN (MIN (to - from, loop->width - in_row), DNN_LOOP_BLOCK);
      compute (run, blocks.results,
          find (&loop->kept, from / loop->width) + in_row, n, &blocks);
    }
    write_results (run, &blocks, from, n);
    from += n;
  }
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Loop *loop = prepared;
  gint64 n_reduced = loop->reduced.n * (loop->is_run ? loop->width : 1);
  gint64 n = loop->kept.n * (loop->is_run ? 1 : loop->width);
  Run run = { loop, binding->src[0], binding->dst[0] };

  dnn_parallel_for (
      loop->call, n, MAX (GRAIN / MAX (n_reduced, 1), 1), run_part, &run);
  return TRUE;
}

static const DnnKernel loop_kernel = {
  .name = "loop",
  .prepare = prepare_loop,
  .unprepare = g_free,
  .run = run_loop,
};

void
dnn_reduce_offer_loop (const DnnCall *call, DnnOffers *offers, guint mask)
{
  const DnnReduce *reduce = call->op->family;
  DnnCandidate *candidate = dnn_candidate_new (
      &loop_kernel, call->n_inputs, call->n_outputs);

  candidate->src[0] = dnn_offer_plain (&call->inputs[0]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      (reduce->shift ? COST_SHIFTED : COST_ELEMENT) *
          dnn_shape_n_elements (&call->inputs[0].shape) +
      COST_RESULT * dnn_shape_n_elements (&call->outputs[0].shape);
  dnn_offers_add (offers, candidate);
}
