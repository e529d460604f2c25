/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* CumSum: the sum of all elements up to each, along an axis. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-map.h"
#include "kernels/loops/dnn-parallel.h"

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

static const DnnArgRow inputs[] = {
  { .name = "x", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "axis",
      .types = DNN_TYPES_INDEX,
      .doc = "scalar; negative: from the end" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "exclusive",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: without the element itself" },
  { .key = "reverse",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: from the last to the first" },
};

static gboolean
get_axis (const DnnCall *call, gconstpointer value, gint *axis, GError **error)
{
  gint rank = call->inputs[0].shape.rank;
  gint64 given = dnn_load_int (call->inputs[1].type, value, 0);

  if (given < -rank || given >= rank)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "axis is %" G_GINT64_FORMAT ", expected %d to %d", given, -rank,
        rank - 1);
  *axis = (gint) (given < 0 ? given + rank : given);
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *arg = &call->inputs[1];
  gint axis;

  if (dnn_shape_is_known (&arg->shape) &&
      dnn_shape_n_elements (&arg->shape) != 1) {
    g_autofree gchar *text = dnn_shape_to_string (&arg->shape);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "axis is of shape %s, expected one number", text);
    return DNN_INFER_ERROR;
  }
  if (arg->value && !get_axis (call, arg->value, &axis, error))
    return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

/* ---- the loop ---------------------------------------------------------------
 */

/* @n sums and one more element of each; what is written. Integers wrap. */
typedef void (*StepFunc) (
    gconstpointer x, gpointer sum, gpointer y, gint64 n, gboolean exclusive);

#define DEFINE_STEPS(level, name, type, unsigned_type)                      \
  DNN_TARGET_##level static void lines_##name##_##level (gconstpointer src, \
      gpointer sums, gpointer dst, gint64 n, gboolean exclusive)            \
  {                                                                         \
    const type *x = src;                                                    \
    type *sum = sums, *y = dst;                                             \
    DNN_SIMD for (gint64 i = 0; i < n; i++)                                 \
    {                                                                       \
      type before = sum[i];                                                 \
      sum[i] = (type) ((unsigned_type) before + (unsigned_type) x[i]);      \
      y[i] = exclusive ? before : sum[i];                                   \
    }                                                                       \
  }                                                                         \
  DNN_TARGET_##level static void line_##name##_##level (gconstpointer src,  \
      gpointer sums, gpointer dst, gint64 n, gboolean exclusive)            \
  {                                                                         \
    const type *x = src;                                                    \
    type all = *(type *) sums, *y = dst;                                    \
    for (gint64 i = 0; i < n; i++) {                                        \
      type before = all;                                                    \
      all = (type) ((unsigned_type) before + (unsigned_type) x[i]);         \
      y[i] = exclusive ? before : all;                                      \
    }                                                                       \
    *(type *) sums = all;                                                   \
  }                                                                         \
  DNN_TARGET_##level static void back_##name##_##level (gconstpointer src,  \
      gpointer sums, gpointer dst, gint64 n, gboolean exclusive)            \
  {                                                                         \
    const type *x = src;                                                    \
    type all = *(type *) sums, *y = dst;                                    \
    for (gint64 i = n - 1; i >= 0; i--) {                                   \
      type before = all;                                                    \
      all = (type) ((unsigned_type) before + (unsigned_type) x[i]);         \
      y[i] = exclusive ? before : all;                                      \
    }                                                                       \
    *(type *) sums = all;                                                   \
  }
DNN_AT_LEVELS (DEFINE_STEPS, F64, gdouble, gdouble)
DNN_AT_LEVELS (DEFINE_STEPS, I64, gint64, guint64)

typedef struct
{
  StepFunc at[DNN_N_LEVELS];
} Steps;

static const Steps lines_steps[2] = { DNN_LINE_AT (lines_F64),
  DNN_LINE_AT (lines_I64) };
static const Steps line_steps[2] = { DNN_LINE_AT (line_F64),
  DNN_LINE_AT (line_I64) };
static const Steps back_steps[2] = { DNN_LINE_AT (back_F64),
  DNN_LINE_AT (back_I64) };

typedef struct
{
  const DnnCall *call;
  DnnConvertFunc load, store; /* NULL: as it stands */
  DnnLevel level;
  gboolean is_integer, exclusive, reverse;
  gint64 outer, n, inner, size;
  const guint8 *src;
  guint8 *dst;
} Run;

static void
step (const Run *self, const Steps *steps, gint64 at, gint64 n, guint64 *sums)
{
  guint64 x[DNN_LOOP_BLOCK], y[DNN_LOOP_BLOCK];
  const guint8 *src = self->src + at * self->size;
  guint8 *dst = self->dst + at * self->size;
  StepFunc function = steps[self->is_integer].at[self->level];

  if (!self->load) {
    function (src, sums, dst, n, self->exclusive);
    return;
  }
  self->load (src, x, n);
  function (x, sums, y, n, self->exclusive);
  self->store (y, dst, n);
}

/* One line in blocks, from the first or the last. */
static void
run_line (const Run *self, gint64 base)
{
  gint64 n_blocks = (self->n + DNN_LOOP_BLOCK - 1) / DNN_LOOP_BLOCK;
  guint64 sum = 0;

  for (gint64 i = 0; i < n_blocks; i++) {
    gint64 at = (self->reverse ? n_blocks - 1 - i : i) * DNN_LOOP_BLOCK;
    step (self, self->reverse ? back_steps : line_steps, base + at,
        MIN (self->n - at, DNN_LOOP_BLOCK), &sum);
  }
}

static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *self = data;

  while (from < to) {
    gint64 row = from / self->inner, column = from % self->inner;
    gint64 width = MIN (MIN (to - from, self->inner - column), DNN_LOOP_BLOCK);
    gint64 base = row * self->n * self->inner + column;
    guint64 sums[DNN_LOOP_BLOCK];
    memset (sums, 0, width * sizeof sums[0]);
    if (self->inner == 1)
      run_line (self, base);
    for (gint64 i = 0; self->inner > 1 && i < self->n; i++)
      step (self, lines_steps,
          base + (self->reverse ? self->n - 1 - i : i) * self->inner, width,
          sums);
    from += width;
  }
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    DnnLevel level, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  DnnKind kind = dnn_type_is_float (type) ? DNN_KIND_F64 : DNN_KIND_I64;
  Run run = { .call = call,
    .level = level,
    .outer = 1,
    .inner = 1,
    .src = src[0],
    .dst = dst[0] };
  gint axis;

  if (shape->rank == 0)
    return dnn_call_error (
        call, error, DNN_ERROR_SHAPE, "x is a scalar, which has no axis");
  if (!get_axis (call, src[1], &axis, error))
    return FALSE;
  run.n = shape->dims[axis];
  for (gint i = 0; i < axis; i++)
    run.outer *= shape->dims[i];
  for (gint i = axis + 1; i < shape->rank; i++)
    run.inner *= shape->dims[i];
  run.size = dnn_type_size (type);
  run.is_integer = kind == DNN_KIND_I64;
  run.exclusive = dnn_call_int (call, "exclusive") != 0;
  run.reverse = dnn_call_int (call, "reverse") != 0;
  if (!dnn_loop_is_direct (type, kind)) {
    run.load = dnn_loop_load (type, kind);
    run.store = dnn_loop_store (kind, type);
  }
  dnn_parallel_for (call, run.outer * run.inner,
      MAX (GRAIN / MAX (run.n, 1), 1), run_part, &run);
  return TRUE;
}

/* ---- ref --------------------------------------------------------------------
 */

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gboolean exclusive = dnn_call_int (call, "exclusive") != 0;
  gboolean reverse = dnn_call_int (call, "reverse") != 0;
  gint64 inner = 1, n, n_lines;
  gint axis;

  if (shape->rank == 0)
    return dnn_call_error (
        call, error, DNN_ERROR_SHAPE, "x is a scalar, which has no axis");
  if (!get_axis (call, src[1], &axis, error))
    return FALSE;
  n = shape->dims[axis];
  for (gint i = axis + 1; i < shape->rank; i++)
    inner *= shape->dims[i];
  n_lines = n > 0 ? dnn_shape_n_elements (shape) / n : 0;
  for (gint64 i = 0; i < n_lines; i++) {
    gdouble real = 0;
    guint64 bits = 0;
    for (gint64 k = 0; k < n; k++) {
      gint64 at = i / inner * n * inner + i % inner +
          (reverse ? n - 1 - k : k) * inner;
      gdouble real_before = real;
      guint64 bits_before = bits;
      if (dnn_type_is_float (type)) {
        real += dnn_load (type, src[0], at);
        dnn_store (type, dst[0], at, exclusive ? real_before : real);
      } else {
        bits += (guint64) dnn_load_int (type, src[0], at);
        dnn_store_int (
            type, dst[0], at, (gint64) (exclusive ? bits_before : bits));
      }
    }
  }
  return TRUE;
}

/* ---- offering ---------------------------------------------------------------
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
      (gpointer const *) binding->dst, dnn_loop_level (), error);
}

static const DnnKernel loop_kernel = {
  .name = "loop",
  .prepare = prepare_loop,
  .run = run_loop,
};

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &loop_kernel, call->n_inputs, call->n_outputs);

  candidate->src[0] = dnn_offer_plain (&call->inputs[0]);
  candidate->src[1] = dnn_offer_plain (&call->inputs[1]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->dst_share[0].kind = DNN_SHARE_MAY;
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      (gdouble) dnn_shape_n_elements (&call->inputs[0].shape);
  dnn_offers_add (offers, candidate);
}

const DnnOp dnn_op_CumSum = {
  .name = "CumSum",
  .doc = "The sum of all elements up to each, along an axis",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
};
