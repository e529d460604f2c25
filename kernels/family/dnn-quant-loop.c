/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Lines with one scale: float32 → 8 bits, 8 or 32 bits → float32, by vectors,
 * on the team of the call. */
#include "config.h"

#include "kernels/family/dnn-quant.h"

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-math.h"
#include "kernels/loops/dnn-loop.h"
#include "kernels/loops/dnn-parallel.h"

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

typedef void (*LineFunc) (
    gconstpointer src, gpointer dst, gint64 n, gfloat scale, gfloat zero);

/* NaN is 0, as in ref. */
#define DEFINE_QUANT(level, name, type, low, high)                          \
  DNN_TARGET_##level static void name##_##level (                           \
      gconstpointer src, gpointer dst, gint64 n, gfloat scale, gfloat zero) \
  {                                                                         \
    const gfloat *x = src;                                                  \
    type *y = dst;                                                          \
    DNN_SIMD for (gint64 i = 0; i < n; i++)                                 \
    {                                                                       \
      gfloat v = DNN_RINT (x[i] / scale) + zero;                            \
      v = v != v ? 0.0f : v;                                                \
      v = v > (low) ? v : (gfloat) (low);                                   \
      v = v < (high) ? v : (gfloat) (high);                                 \
      y[i] = (type) (gint32) v;                                             \
    }                                                                       \
  }
DNN_AT_LEVELS (DEFINE_QUANT, quant_u8, guint8, 0, 255)
DNN_AT_LEVELS (DEFINE_QUANT, quant_s8, gint8, -128, 127)

#define DEFINE_WIDEN(level, name, type)                                     \
  DNN_TARGET_##level static void name##_##level (                           \
      gconstpointer src, gpointer dst, gint64 n, gfloat scale, gfloat zero) \
  {                                                                         \
    const type *x = src;                                                    \
    gfloat *y = dst;                                                        \
    DNN_SIMD for (gint64 i = 0; i < n; i++)                                 \
        y[i] = ((gfloat) x[i] - zero) * scale;                              \
  }
DNN_AT_LEVELS (DEFINE_WIDEN, widen_u8, guint8)
DNN_AT_LEVELS (DEFINE_WIDEN, widen_s8, gint8)

typedef struct
{
  LineFunc at[DNN_N_LEVELS];
} Lines;

static const Lines quant_lines[2] = { DNN_LINE_AT (quant_u8),
  DNN_LINE_AT (quant_s8) };
static const Lines widen_lines[2] = { DNN_LINE_AT (widen_u8),
  DNN_LINE_AT (widen_s8) };

typedef struct
{
  const DnnCall *call;
  DnnQuant quant;
  LineFunc line;
  DnnType type; /* of 8 bits */
  gsize src_size, dst_size;
  gint64 n, length; /* elements, of one line */
} Quantise;

typedef struct
{
  const Quantise *self;
  const guint8 *src;
  const gfloat *scale;
  gconstpointer zero;
  guint8 *dst;
} Run;

static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Quantise *self = run->self;

  while (from < to) {
    gint64 n = MIN (to - from, self->length - from % self->length);
    gint64 at = dnn_quant_find (&self->quant, from);
    gfloat zero = run->zero ? (gfloat) dnn_load (self->type, run->zero, at) : 0;
    self->line (run->src + from * (gint64) self->src_size,
        run->dst + from * (gint64) self->dst_size, n, run->scale[at], zero);
    from += n;
  }
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Quantise *self = g_new0 (Quantise, 1);
  gboolean quantises = call->inputs[0].type == DNN_TYPE_FLOAT32;

  self->call = call;
  dnn_quant_read (call, &self->quant);
  self->type = quantises ? call->outputs[0].type : call->inputs[0].type;
  self->line = (quantises ? quant_lines
                          : widen_lines)[self->type == DNN_TYPE_INT8]
                   .at[dnn_loop_level ()];
  self->src_size = dnn_type_size (call->inputs[0].type);
  self->dst_size = dnn_type_size (call->outputs[0].type);
  self->n = dnn_shape_n_elements (&call->inputs[0].shape);
  self->length = self->quant.n == 1 ? MAX (self->n, 1) : self->quant.inner;
  return self;
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Quantise *self = prepared;
  const DnnCall *call = self->call;
  Run run = { self, binding->src[0], binding->src[1],
    dnn_call_has_input (call, 2) ? binding->src[2] : NULL, binding->dst[0] };

  dnn_parallel_for (call, self->n, GRAIN, run_part, &run);
  return TRUE;
}

static const DnnKernel kernel = {
  .name = "loop",
  .prepare = prepare,
  .unprepare = g_free,
  .run = run_loop,
};

void
dnn_quant_offer (const DnnCall *call, DnnOffers *offers, gboolean quantises)
{
  DnnType wide = call->inputs[0].type, type = call->outputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->inputs[0].shape);
  DnnCandidate *candidate;

  if (!quantises) {
    wide = call->outputs[0].type;
    type = call->inputs[0].type;
  }
  if (wide != DNN_TYPE_FLOAT32 || call->inputs[1].type != DNN_TYPE_FLOAT32 ||
      (type != DNN_TYPE_INT8 && type != DNN_TYPE_UINT8) ||
      (dnn_call_attr (call, "block_size")->i > 0 &&
          dnn_shape_n_elements (&call->inputs[1].shape) != 1) ||
      (quantises && dnn_call_int (call, "precision") > 1))
    return;
  candidate = dnn_candidate_new (&kernel, call->n_inputs, call->n_outputs);
  for (guint i = 0; i < call->n_formal; i++)
    if (call->inputs[i].present)
      candidate->src[i] = dnn_offer_plain (&call->inputs[i]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 + 0.3 * (gdouble) n;
  dnn_offers_add (offers, candidate);
}
