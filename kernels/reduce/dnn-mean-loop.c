/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Planes of pixels → means of their channels. Sums of a hundred pixels are
 * added up in double: oneDNN adds all pixels one by one in float, which loses
 * the last digits of large pictures. Next: dnn-pool.c, dnn-reduce-offer.c. */
#include "config.h"

#include "kernels/reduce/dnn-mean-loop.h"

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop.h"
#include "kernels/loops/dnn-parallel.h"

/* ns an element. */
#define COST_SIDE_BY_SIDE 0.045
#define COST_APART 0.035

/* Channels, or pixels of one channel, that are added at once. */
#define LANES 16

/* Pixels whose sum is a float. */
#define CHUNK 128

typedef struct
{
  const gfloat *src;
  gfloat *dst;
  gint64 n_pixels, inner;
  gint64 width; /* channels of this part, at most LANES */
} Part;

typedef void (*PartFunc) (const Part *part);

typedef struct
{
  const DnnCall *call;
  gint64 planes, inner, n_pixels;
  PartFunc compute;
} Loop;

typedef struct
{
  const Loop *loop;
  const gfloat *src;
  gfloat *dst;
} Run;

/* ---- parts
 * ----------------------------------------------------------------------------
 */

/* @lanes channels; four sums, which don't wait for each other. */
#define ADD_LANES(lanes)                                \
  for (; i + 4 <= to; i += 4)                           \
    for (gint j = 0; j < 4; j++)                        \
      DNN_SIMD for (gint k = 0; k < lanes; k++)         \
          part[j][k] += p->src[(i + j) * p->inner + k]; \
  for (; i < to; i++)                                   \
    DNN_SIMD for (gint k = 0; k < lanes; k++)           \
        part[0][k] += p->src[i * p->inner + k];

/* LANES channels, half of them, or the last few. */
#define DEFINE_SIDE_BY_SIDE(level, unused)                            \
  DNN_TARGET_##level static void side_by_side_##level (const Part *p) \
  {                                                                   \
    gdouble sums[LANES] = { 0 };                                      \
    for (gint64 from = 0; from < p->n_pixels; from += CHUNK) {        \
      gint64 to = MIN (from + CHUNK, p->n_pixels), i = from;          \
      gfloat part[4][LANES] = { { 0 } };                              \
      if (p->width == LANES) {                                        \
        ADD_LANES (LANES)                                             \
      } else if (p->width == LANES / 2) {                             \
        ADD_LANES (LANES / 2)                                         \
      } else {                                                        \
        for (; i < to; i++)                                           \
          for (gint64 k = 0; k < p->width; k++)                       \
            part[0][k] += p->src[i * p->inner + k];                   \
      }                                                               \
      for (gint k = 0; k < LANES; k++)                                \
        sums[k] += (gdouble) part[0][k] + part[1][k] + part[2][k] +   \
            part[3][k];                                               \
    }                                                                 \
    for (gint64 k = 0; k < p->width; k++)                             \
      p->dst[k] = (gfloat) (sums[k] / (gdouble) p->n_pixels);         \
  }
DNN_AT_LEVELS (DEFINE_SIDE_BY_SIDE, )

/* One channel. */
#define DEFINE_APART(level, unused)                                         \
  DNN_TARGET_##level static void apart_##level (const Part *p)              \
  {                                                                         \
    gdouble sum = 0;                                                        \
    for (gint64 from = 0; from < p->n_pixels; from += CHUNK * LANES) {      \
      gint64 to = MIN (from + CHUNK * LANES, p->n_pixels), i = from;        \
      gfloat part[LANES] = { 0 };                                           \
      for (; i + LANES <= to; i += LANES)                                   \
        DNN_SIMD for (gint k = 0; k < LANES; k++) part[k] += p->src[i + k]; \
      for (gint k = 0; k < LANES; k++)                                      \
        sum += part[k];                                                     \
      for (; i < to; i++)                                                   \
        sum += p->src[i];                                                   \
    }                                                                       \
    *p->dst = (gfloat) (sum / (gdouble) p->n_pixels);                       \
  }
DNN_AT_LEVELS (DEFINE_APART, )

#define PART_FUNC(level, prefix) prefix##_##level,
static const PartFunc side_by_side[] = { DNN_AT_LEVELS (
    PART_FUNC, side_by_side) };
static const PartFunc apart[] = { DNN_AT_LEVELS (PART_FUNC, apart) };

/* ---- all of them
 * ------------------------------------------------------------------------ */

static gint64
count_parts (const Loop *loop)
{
  return (loop->inner + LANES - 1) / LANES;
}

/* Parts @from … @to, over all planes. */
static void
run_parts (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Loop *loop = run->loop;
  gint64 n = count_parts (loop);

  for (gint64 i = from; i < to; i++) {
    gint64 plane = i / n, first = i % n * LANES;
    Part part = { .n_pixels = loop->n_pixels, .inner = loop->inner };
    part.src = run->src + plane * loop->n_pixels * loop->inner + first;
    part.dst = run->dst + plane * loop->inner + first;
    part.width = MIN (loop->inner - first, LANES);
    loop->compute (&part);
  }
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Loop *loop = prepared;
  Run run = { loop, binding->src[0], binding->dst[0] };

  dnn_parallel_for (loop->call, loop->planes * count_parts (loop),
      MAX (4096 / MAX (loop->n_pixels, 1), 1), run_parts, &run);
  return TRUE;
}

static gpointer
prepare_loop (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return g_memdup2 (candidate->state, sizeof (Loop));
}

static const DnnKernel loop_kernel = {
  .name = "loop",
  .prepare = prepare_loop,
  .unprepare = g_free,
  .run = run_loop,
};

gboolean
dnn_planes_read (const DnnFormat *format, gint64 *planes, gint64 *inner)
{
  const DnnShape *shape = &format->shape;
  g_autoptr (DnnMd) md = NULL;
  gint order[DNN_MAX_RANK];
  DnnMdLayout layout;

  *planes = shape->dims[0] * shape->dims[1];
  *inner = 1;
  if (dnn_format_is_plain (format))
    return TRUE;
  md = dnn_onednn_format_to_md (format);
  if (!md || !dnn_md_get_layout (md, &layout))
    return FALSE;
  if (layout.n_blocks == 1 && layout.block_idxs[0] == 1) {
    *inner = layout.blocks[0];
    *planes = shape->dims[0] * layout.padded[1] / *inner;
    return TRUE;
  }
  if (!dnn_onednn_format_get_order (format, order) ||
      order[shape->rank - 1] != 1 || order[0] != 0)
    return FALSE;
  for (gint i = 1; i < shape->rank - 1; i++)
    if (order[i] != i + 1)
      return FALSE;
  *planes = shape->dims[0];
  *inner = shape->dims[1];
  return TRUE;
}

void
dnn_mean_offer_loop (
    const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  const DnnShape *dst_shape = &call->outputs[0].shape;
  Loop loop = { .call = call, .n_pixels = 1 };
  gboolean is_plain = dnn_format_is_plain (format);
  g_autoptr (DnnFormat) dst = NULL;
  DnnCandidate *candidate;

  for (gint i = 2; i < format->shape.rank; i++)
    loop.n_pixels *= format->shape.dims[i];
  if (loop.n_pixels == 0 || (!is_plain && dst_shape->rank < 3) ||
      !dnn_planes_read (format, &loop.planes, &loop.inner))
    return;
  dst = is_plain ? dnn_offer_plain (&call->outputs[0])
                 : dnn_onednn_format_like (format, DNN_TYPE_FLOAT32, dst_shape);
  if (!dst)
    return;
  loop.compute = (is_plain ? apart : side_by_side)[dnn_loop_level ()];
  candidate = dnn_candidate_new (&loop_kernel, call->n_inputs, call->n_outputs);
  candidate->src[0] = dnn_format_ref (format);
  candidate->dst[0] = g_steal_pointer (&dst);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      (gdouble) (loop.planes * loop.inner * loop.n_pixels) *
          (is_plain ? COST_APART : COST_SIDE_BY_SIDE);
  candidate->state = g_memdup2 (&loop, sizeof loop);
  candidate->state_free = g_free;
  dnn_offers_add (offers, candidate);
}
