/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Lines of float32 → normalised, by vectors, on the team of the call. Sums are
 * taken in double, in eight parts. */
#include "config.h"

#include <math.h>

#include "kernels/reduce/dnn-normalize.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop.h"
#include "kernels/loops/dnn-parallel.h"

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

typedef gdouble (*SumFunc) (const gfloat *x, gint64 n, gdouble mean);
typedef void (*ApplyFunc) (const gfloat *x, gfloat *y, gint64 n, gfloat mean,
    gfloat factor, const gfloat *scale, const gfloat *bias);

/* Σ x; Σ (x − mean)²; one line scaled by element, one plane by channel. */
#define DEFINE_LEVEL(level, name)                                            \
  DNN_TARGET_##level static gdouble sum_##name##_##level (                   \
      const gfloat *x, gint64 n, gdouble unused)                             \
  {                                                                          \
    gdouble sum = 0;                                                         \
    _Pragma ("omp simd reduction(+ : sum)") for (gint64 i = 0; i < n; i++)   \
        sum += (gdouble) x[i];                                               \
    return sum;                                                              \
  }                                                                          \
  DNN_TARGET_##level static gdouble squares_##name##_##level (               \
      const gfloat *x, gint64 n, gdouble mean)                               \
  {                                                                          \
    gdouble sum = 0;                                                         \
    _Pragma ("omp simd reduction(+ : sum)") for (gint64 i = 0; i < n; i++)   \
    {                                                                        \
      gdouble d = (gdouble) x[i] - mean;                                     \
      sum += d * d;                                                          \
    }                                                                        \
    return sum;                                                              \
  }                                                                          \
  DNN_TARGET_##level static void apply_##name##_##level (const gfloat *x,    \
      gfloat *y, gint64 n, gfloat mean, gfloat factor, const gfloat *scale,  \
      const gfloat *bias)                                                    \
  {                                                                          \
    if (bias)                                                                \
      DNN_SIMD for (gint64 i = 0; i < n; i++)                                \
          y[i] = (x[i] - mean) * factor * scale[i] + bias[i];                \
    else                                                                     \
      DNN_SIMD for (gint64 i = 0; i < n; i++)                                \
          y[i] = (x[i] - mean) * factor * scale[i];                          \
  }                                                                          \
  DNN_TARGET_##level static void plane_##name##_##level (const gfloat *x,    \
      gfloat *y, gint64 n, gfloat mean, gfloat factor, const gfloat *scale,  \
      const gfloat *bias)                                                    \
  {                                                                          \
    const gfloat by = factor * *scale, add = *bias;                          \
    DNN_SIMD for (gint64 i = 0; i < n; i++) y[i] = (x[i] - mean) * by + add; \
  }
DNN_AT_LEVELS (DEFINE_LEVEL, F32)

static const struct
{
  SumFunc at[DNN_N_LEVELS];
} sums = DNN_LINE_AT (sum_F32), squares = DNN_LINE_AT (squares_F32);
static const struct
{
  ApplyFunc at[DNN_N_LEVELS];
} applies = DNN_LINE_AT (apply_F32), planes = DNN_LINE_AT (plane_F32);

typedef struct
{
  const DnnCall *call;
  DnnNormalizeLines lines;
  DnnLevel level;
} Normalize;

typedef struct
{
  const Normalize *self;
  const gfloat *x, *scale, *bias;
  gfloat *y, *means, *factors;
} Run;

static void
apply_line (const Run *run, gint64 line, gfloat mean, gfloat factor)
{
  const DnnNormalizeLines *lines = &run->self->lines;
  gint64 base = line * lines->n, plane = lines->plane;

  if (lines->channels == 0) {
    applies.at[run->self->level](run->x + base, run->y + base, lines->n, mean,
        factor, run->scale, run->bias);
    return;
  }
  for (gint64 i = 0; i < lines->n; i += plane) {
    gint64 channel = (base + i) / plane % lines->channels;
    planes.at[run->self->level](run->x + base + i, run->y + base + i, plane,
        mean, factor, run->scale + channel, run->bias + channel);
  }
}

static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const DnnNormalizeLines *lines = &run->self->lines;
  DnnLevel level = run->self->level;

  for (gint64 k = from; k < to; k++) {
    const gfloat *x = run->x + k * lines->n;
    gdouble mean = lines->keeps_mean
        ? 0
        : sums.at[level](x, lines->n, 0) / (gdouble) lines->n;
    gdouble factor = 1 /
        sqrt (squares.at[level](x, lines->n, mean) / (gdouble) lines->n +
            lines->epsilon);
    apply_line (run, k, (gfloat) mean, (gfloat) factor);
    if (run->means)
      run->means[k] = (gfloat) mean;
    if (run->factors)
      run->factors[k] = (gfloat) factor;
  }
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Normalize *self = g_new0 (Normalize, 1);

  self->call = call;
  self->level = dnn_loop_level ();
  dnn_normalize_read (call, &self->lines);
  return self;
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Normalize *self = prepared;
  const DnnCall *call = self->call;
  Run run = { self, .x = binding->src[0], .scale = binding->src[1],
    .bias = call->n_inputs > 2 ? binding->src[2] : NULL, .y = binding->dst[0],
    .means = call->n_outputs > 1 ? binding->dst[1] : NULL,
    .factors = call->n_outputs > 2 ? binding->dst[2] : NULL };

  dnn_parallel_for (call, self->lines.n_lines,
      MAX (GRAIN / MAX (self->lines.n, 1), 1), run_part, &run);
  return TRUE;
}

static const DnnKernel kernel = {
  .name = "loop",
  .prepare = prepare,
  .unprepare = g_free,
  .run = run_loop,
};

static gboolean
is_float32 (const DnnCall *call)
{
  for (guint i = 0; i < call->n_formal; i++)
    if (call->inputs[i].present && call->inputs[i].type != DNN_TYPE_FLOAT32)
      return FALSE;
  return call->outputs[0].present;
}

void
dnn_normalize_offer_loop (
    const DnnCall *call, const DnnNormalizeLines *lines, DnnOffers *offers)
{
  DnnCandidate *candidate;

  if (!is_float32 (call) || (lines->channels == 0 && !lines->is_plain) ||
      lines->n == 0)
    return;
  candidate = dnn_candidate_new (&kernel, call->n_inputs, call->n_outputs);
  for (guint i = 0; i < call->n_formal; i++)
    if (call->inputs[i].present)
      candidate->src[i] = dnn_offer_plain (&call->inputs[i]);
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].present)
      candidate->dst[i] = dnn_offer_plain (&call->outputs[i]);
  candidate->dst_share[0].kind = DNN_SHARE_MAY;
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      0.4 * (gdouble) (lines->n_lines * lines->n);
  dnn_offers_add (offers, candidate);
}
