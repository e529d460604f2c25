/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A tensor → int64 indices of the largest or smallest elements along an axis.
 * NaN counts as what is looked for. Next: ops/ArgMax.c. */
#include "config.h"

#include "kernels/family/dnn-arg.h"

#include <string.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-checked.h"
#include "kernels/loops/dnn-loop-map.h"
#include "kernels/loops/dnn-parallel.h"

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

const DnnArgRow dnn_arg_inputs[1] = {
  { .name = "data", .types = DNN_TYPES_NUMBER },
};
const DnnArgRow dnn_arg_outputs[1] = {
  { .name = "reduced", .types = DNN_TYPES_INT64 },
};
const DnnAttrRow dnn_arg_attrs[3] = {
  { .key = "axis", .kind = DNN_ATTR_INT, .def = "0", .doc = "which one" },
  { .key = "keepdims",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "1: the axis stays, with size 1" },
  { .key = "select_last_index",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: of equal elements the last" },
};

DnnInferResult
dnn_arg_infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  DnnShape dst = { 0 };
  gint axis;

  if (!dnn_call_axis (call, "axis", src->rank, &axis, error))
    return DNN_INFER_ERROR;
  if (src->dims[axis] == 0) {
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "axis %d has no elements, of which none is the %s", axis,
        ((const DnnArg *) call->op->family)->is_min ? "smallest" : "largest");
    return DNN_INFER_ERROR;
  }
  for (gint i = 0; i < src->rank; i++)
    if (i != axis || dnn_call_int (call, "keepdims") != 0)
      dst.dims[dst.rank++] = i == axis ? 1 : src->dims[i];
  call->outputs[0].type = DNN_TYPE_INT64;
  call->outputs[0].shape = dst;
  return DNN_INFER_OK;
}

/* ---- steps ------------------------------------------------------------------
 */

/* @n lines whose elements at index @at are @x: their best so far, and where it
 * stands. With @together one line, of which @x are @n elements from @at on. */
typedef void (*StepFunc) (gconstpointer x, gpointer best, gint64 *where,
    gint64 at, gint64 n, gboolean last);

/* Looked through together. */
#define CHUNK 32
#define PRAGMA(text) _Pragma (#text)
#define SIMD_MOST(of) \
  PRAGMA (omp simd reduction (| : any) reduction (of : most))

#define WINS(x, y, o, last)                   \
  ((x) o (y) || ((x) != (x) && (y) == (y)) || \
      ((last) && ((x) == (y) || ((x) != (x) && (y) != (y)))))
#define DEFINE_STEPS(level, name, type, o, of)                              \
  DNN_TARGET_##level static void lines_##name##_##level (gconstpointer src, \
      gpointer best, gint64 *where, gint64 at, gint64 n, gboolean last)     \
  {                                                                         \
    const type *x = src;                                                    \
    type *y = best;                                                         \
    DNN_SIMD for (gint64 i = 0; i < n; i++)                                 \
    {                                                                       \
      gboolean wins = WINS (x[i], y[i], o, last);                           \
      y[i] = wins ? x[i] : y[i];                                            \
      where[i] = wins ? at : where[i];                                      \
    }                                                                       \
  }                                                                         \
  DNN_TARGET_##level static gint64 find_##name##_##level (                  \
      const type *x, type best, gint64 n)                                   \
  {                                                                         \
    gint64 start = 0;                                                       \
    for (; start + CHUNK <= n; start += CHUNK) {                            \
      gint any = 0;                                                         \
      DNN_SIMD_ANY for (gint64 i = 0; i < CHUNK; i++)                       \
          any |= x[start + i] == best;                                      \
      if (any)                                                              \
        break;                                                              \
    }                                                                       \
    while (x[start] != best)                                                \
      start++;                                                              \
    return start;                                                           \
  }                                                                         \
  DNN_TARGET_##level static void line_##name##_##level (gconstpointer src,  \
      gpointer best, gint64 *where, gint64 at, gint64 n, gboolean last)     \
  {                                                                         \
    const type *x = src;                                                    \
    type *y = best, most = x[0];                                            \
    gint any = 0;                                                           \
    SIMD_MOST (of) for (gint64 i = 0; i < n; i++)                           \
    {                                                                       \
      any |= x[i] != x[i];                                                  \
      most = x[i] o most ? x[i] : most;                                     \
    }                                                                       \
    if (!any && !last && *y == *y && !(most o * y))                         \
      return;                                                               \
    if (!any && !last && *y == *y) {                                        \
      *y = most;                                                            \
      *where = at + find_##name##_##level (x, most, n);                     \
      return;                                                               \
    }                                                                       \
    for (gint64 i = 0; i < n; i++) {                                        \
      if (!WINS (x[i], *y, o, last))                                        \
        continue;                                                           \
      *y = x[i];                                                            \
      *where = at + i;                                                      \
    }                                                                       \
  }
DNN_AT_LEVELS (DEFINE_STEPS, max_F64, gdouble, >, max)
DNN_AT_LEVELS (DEFINE_STEPS, max_I64, gint64, >, max)
DNN_AT_LEVELS (DEFINE_STEPS, max_U64, guint64, >, max)
DNN_AT_LEVELS (DEFINE_STEPS, min_F64, gdouble, <, min)
DNN_AT_LEVELS (DEFINE_STEPS, min_I64, gint64, <, min)
DNN_AT_LEVELS (DEFINE_STEPS, min_U64, guint64, <, min)

typedef struct
{
  StepFunc at[DNN_N_LEVELS];
} Steps;

/* By smallest or largest, kind, and lines or a line. */
static const Steps steps[2][DNN_KIND_U64 + 1][2] = {
  { [DNN_KIND_F64] = { DNN_LINE_AT (lines_max_F64),
        DNN_LINE_AT (line_max_F64) },
      [DNN_KIND_I64] = { DNN_LINE_AT (lines_max_I64),
          DNN_LINE_AT (line_max_I64) },
      [DNN_KIND_U64] = { DNN_LINE_AT (lines_max_U64),
          DNN_LINE_AT (line_max_U64) } },
  { [DNN_KIND_F64] = { DNN_LINE_AT (lines_min_F64),
        DNN_LINE_AT (line_min_F64) },
      [DNN_KIND_I64] = { DNN_LINE_AT (lines_min_I64),
          DNN_LINE_AT (line_min_I64) },
      [DNN_KIND_U64] = { DNN_LINE_AT (lines_min_U64),
          DNN_LINE_AT (line_min_U64) } },
};

static DnnKind
get_kind (DnnType type)
{
  if (dnn_type_is_float (type))
    return DNN_KIND_F64;
  return type == DNN_TYPE_UINT64 ? DNN_KIND_U64 : DNN_KIND_I64;
}

/* ---- one line or a block of them --------------------------------------------
 */

typedef struct
{
  const DnnCall *call;
  DnnKind kind;
  DnnConvertFunc load; /* NULL: as it stands */
  StepFunc lines, line;
  gint64 outer, n, inner, size;
  gboolean last;
} Arg;

static void
init_arg (Arg *self, const DnnCall *call, DnnLevel level)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  const DnnArg *family = call->op->family;
  gint axis = 0;

  dnn_call_axis (call, "axis", shape->rank, &axis, NULL);
  *self = (Arg){
    .call = call, .kind = get_kind (type), .outer = 1, .inner = 1
  };
  self->n = shape->dims[axis];
  for (gint i = 0; i < axis; i++)
    self->outer *= shape->dims[i];
  for (gint i = axis + 1; i < shape->rank; i++)
    self->inner *= shape->dims[i];
  self->size = dnn_type_size (type);
  self->last = dnn_call_int (call, "select_last_index") != 0;
  if (!dnn_loop_is_direct (type, self->kind))
    self->load = dnn_loop_load (type, self->kind);
  self->lines = steps[family->is_min != 0][self->kind][0].at[level];
  self->line = steps[family->is_min != 0][self->kind][1].at[level];
}

static gconstpointer
read (const Arg *self, const guint8 *src, gint64 n, gpointer buffer)
{
  if (!self->load)
    return src;
  self->load (src, buffer, n);
  return buffer;
}

typedef struct
{
  const Arg *arg;
  const guint8 *src;
  gint64 *dst;
} Run;

/* @width lines side by side. */
static void
find_lines (const Run *run, const guint8 *src, gint64 *dst, gint64 width)
{
  const Arg *self = run->arg;
  guint64 best[DNN_LOOP_BLOCK], buffer[DNN_LOOP_BLOCK];

  memcpy (best, read (self, src, width, buffer), width * sizeof best[0]);
  memset (dst, 0, width * sizeof dst[0]);
  for (gint64 at = 1; at < self->n; at++)
    self->lines (
        read (self, src + at * self->inner * self->size, width, buffer), best,
        dst, at, width, self->last);
}

static void
find_line (const Run *run, const guint8 *src, gint64 *dst)
{
  const Arg *self = run->arg;
  guint64 best, buffer[DNN_LOOP_BLOCK];

  memcpy (&best, read (self, src, 1, buffer), sizeof best);
  *dst = 0;
  for (gint64 at = 1; at < self->n; at += DNN_LOOP_BLOCK) {
    gint64 n = MIN (self->n - at, DNN_LOOP_BLOCK);
    self->line (read (self, src + at * self->size, n, buffer), &best, dst, at,
        n, self->last);
  }
}

static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Arg *self = run->arg;

  while (from < to) {
    gint64 row = from / self->inner, column = from % self->inner;
    gint64 width = MIN (MIN (to - from, self->inner - column), DNN_LOOP_BLOCK);
    const guint8 *src = run->src +
        (row * self->n * self->inner + column) * self->size;
    if (self->inner == 1)
      find_line (run, src, run->dst + from);
    else
      find_lines (run, src, run->dst + from, width);
    from += width;
  }
}

/* The same steps without vectors, a line at a time. */
gboolean
dnn_arg_ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->inputs[0].type;
  gint64 *where = dst[0];
  Arg self;

  init_arg (&self, call, DNN_LEVEL_BASE);
  for (gint64 i = 0; i < self.outer * self.inner; i++) {
    gint64 base = i / self.inner * self.n * self.inner + i % self.inner;
    gdouble best_real = 0, real = 0;
    gint64 best = 0, x = 0;
    where[i] = 0;
    for (gint64 at = 0; at < self.n; at++) {
      gboolean is_real = self.kind == DNN_KIND_F64;
      gint64 idx = base + at * self.inner;
      if (is_real)
        real = dnn_load (type, src[0], idx);
      else
        x = dnn_load_int (type, src[0], idx);
      if (at == 0 && is_real)
        best_real = real;
      else if (at == 0)
        best = x;
      else if (is_real)
        self.line (&real, &best_real, &where[i], at, 1, self.last);
      else
        self.line (&x, &best, &where[i], at, 1, self.last);
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
  Arg *self = g_new (Arg, 1);

  init_arg (self, call, dnn_loop_level ());
  return self;
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Arg *self = prepared;
  Run run = { self, binding->src[0], binding->dst[0] };

  dnn_parallel_for (self->call, self->outer * self->inner,
      MAX (GRAIN / self->n, 1), run_part, &run);
  return TRUE;
}

static const DnnKernel loop_kernel = {
  .name = "loop",
  .prepare = prepare_loop,
  .unprepare = g_free,
  .run = run_loop,
};

void
dnn_arg_offer (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &loop_kernel, call->n_inputs, call->n_outputs);

  candidate->src[0] = dnn_offer_plain (&call->inputs[0]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      (gdouble) dnn_shape_n_elements (&call->inputs[0].shape);
  dnn_offers_add (offers, candidate);
}
