/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MaxPool as a loop: oneDNN's drops NaN. Every layout is planes of pixels of
 * `inner` channels that lie side by side: 1 in a plain one, 8 or 16 in blocks,
 * all of them where channels are last. Next: dnn-pool.c. */
#include "config.h"

#include "kernels/spatial/dnn-pool-loop.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop.h"
#include "kernels/loops/dnn-parallel.h"
#include "kernels/reduce/dnn-mean-loop.h"

/* ns a window element. */
#define COST_SIDE_BY_SIDE 0.06
#define COST_APART 0.5

#define LANES 16

typedef struct
{
  const gfloat *src; /* of the plane */
  gfloat *dst; /* of the row of results */
  gint64 inner, width, src_width;
  gint64 kernel, stride, dilation, begin; /* along the row */
  const gint64 *rows; /* where in the plane the window's rows begin */
  gint64 n_rows;
} Row;

typedef void (*RowFunc) (const Row *row);

typedef struct
{
  const DnnCall *call;
  DnnSpatial spatial;
  gint64 planes, inner;
  RowFunc compute;
} Loop;

typedef struct
{
  const Loop *loop;
  const gfloat *src;
  gfloat *dst;
} Run;

/* ---- rows -------------------------------------------------------------------
 */

typedef gfloat Vector8 __attribute__ ((vector_size (32), aligned (4)));
typedef gint32 Mask8 __attribute__ ((vector_size (32), aligned (4)));
typedef gfloat Vector16 __attribute__ ((vector_size (64), aligned (4)));
typedef gint32 Mask16 __attribute__ ((vector_size (64), aligned (4)));

/* Steps of the window inside the row: [*first, *end). */
static inline void
find_steps (const Row *row, gint64 x, gint64 *first, gint64 *end)
{
  gint64 start = x * row->stride - row->begin;

  *first = start >= 0 ? 0 : (row->dilation - 1 - start) / row->dilation;
  *end = MIN (row->kernel,
      (row->src_width - start + row->dilation - 1) / row->dilation);
}

/* As many channels from @c on as go into vectors of @lanes; NaN wins. */
#define WHILE_LANES(lanes)                                                    \
  for (; c + lanes <= row->inner; c += lanes) {                               \
    Vector##lanes most = (Vector##lanes){ 0 } - INFINITY;                     \
    for (gint64 r = 0; r < row->n_rows; r++) {                                \
      const gfloat *src = row->src + (row->rows[r] + start) * row->inner + c; \
      for (gint64 k = first; k < end; k++) {                                  \
        Vector##lanes v = *(                                                  \
            const Vector##lanes *) (src + k * row->dilation * row->inner);    \
        Mask##lanes wins = (Mask##lanes) (v > most) | (Mask##lanes) (v != v); \
        most = (Vector##lanes) (                                              \
            (wins & (Mask##lanes) v) | (~wins & (Mask##lanes) most));         \
      }                                                                       \
    }                                                                         \
    *(Vector##lanes *) (dst + c) = most;                                      \
  }

/* Channels side by side. */
#define DEFINE_SIDE_BY_SIDE(level, unused)                                   \
  DNN_TARGET_##level static void side_by_side_##level (const Row *row)       \
  {                                                                          \
    for (gint64 x = 0; x < row->width; x++) {                                \
      gint64 first, end, start = x * row->stride - row->begin, c = 0;        \
      gfloat *dst = row->dst + x * row->inner;                               \
      find_steps (row, x, &first, &end);                                     \
      WHILE_LANES (16)                                                       \
      WHILE_LANES (8)                                                        \
      for (; c < row->inner; c++) {                                          \
        gfloat most = -INFINITY;                                             \
        for (gint64 r = 0; r < row->n_rows; r++)                             \
          for (gint64 k = first; k < end; k++) {                             \
            gfloat v = row->src[(row->rows[r] + start + k * row->dilation) * \
                    row->inner +                                             \
                c];                                                          \
            most = v > most || v != v ? v : most;                            \
          }                                                                  \
        dst[c] = most;                                                       \
      }                                                                      \
    }                                                                        \
  }
DNN_AT_LEVELS (DEFINE_SIDE_BY_SIDE, )

/* One channel, a wide window: each result by itself. */
#define DEFINE_WIDE(level, unused)                                         \
  DNN_TARGET_##level static void wide_##level (const Row *row)             \
  {                                                                        \
    for (gint64 x = 0; x < row->width; x++) {                              \
      gint64 first, end;                                                   \
      gfloat lanes[LANES], most = -INFINITY;                               \
      find_steps (row, x, &first, &end);                                   \
      for (gint k = 0; k < LANES; k++)                                     \
        lanes[k] = most;                                                   \
      for (gint64 r = 0; r < row->n_rows; r++) {                           \
        const gfloat *src = row->src + row->rows[r] + x * row->stride -    \
            row->begin;                                                    \
        gint64 i = first;                                                  \
        for (; i + LANES <= end; i += LANES)                               \
          DNN_SIMD for (gint k = 0; k < LANES; k++)                        \
              lanes[k] = src[i + k] > lanes[k] || src[i + k] != src[i + k] \
              ? src[i + k]                                                 \
              : lanes[k];                                                  \
        for (; i < end; i++)                                               \
          most = src[i] > most || src[i] != src[i] ? src[i] : most;        \
      }                                                                    \
      for (gint k = 0; k < LANES; k++)                                     \
        most = lanes[k] > most || lanes[k] != lanes[k] ? lanes[k] : most;  \
      row->dst[x] = most;                                                  \
    }                                                                      \
  }
DNN_AT_LEVELS (DEFINE_WIDE, )

/* Longest row of which the window's rows are joined first. */
#define MAX_JOINED 1024
/* Most that a window of stride 1 reaches over their ends, where it slides over
 * a padded row. */
#define PAD 64

/* One channel: a whole row of results, step by step of the window; first of its
 * rows, then along the one that these make. */
#define DEFINE_APART(level, unused)                                            \
  DNN_TARGET_##level static void join_rows_##level (const Row *row, gfloat *y) \
  {                                                                            \
    memcpy (y, row->src + row->rows[0], row->src_width * sizeof *y);           \
    for (gint64 r = 1; r < row->n_rows; r++) {                                 \
      const gfloat *src = row->src + row->rows[r];                             \
      DNN_SIMD for (gint64 x = 0; x < row->src_width; x++)                     \
          y[x] = src[x] > y[x] || src[x] != src[x] ? src[x] : y[x];            \
    }                                                                          \
  }                                                                            \
  DNN_TARGET_##level static void slide_##level (                               \
      const Row *row, const gfloat *padded)                                    \
  {                                                                            \
    for (gint64 x = 0; x < row->width; x += LANES) {                           \
      const gfloat *src = padded + x - row->begin;                             \
      Vector16 most = *(const Vector16 *) src;                                 \
      for (gint64 k = 1; k < row->kernel; k++) {                               \
        Vector16 v = *(const Vector16 *) (src + k * row->dilation);            \
        Mask16 wins = (Mask16) (v > most) | (Mask16) (v != v);                 \
        most = (Vector16) ((wins & (Mask16) v) | (~wins & (Mask16) most));     \
      }                                                                        \
      memcpy (                                                                 \
          row->dst + x, &most, MIN (row->width - x, LANES) * sizeof (gfloat)); \
    }                                                                          \
  }                                                                            \
  DNN_TARGET_##level static void apart_##level (const Row *row)                \
  {                                                                            \
    static const gint64 start = 0;                                             \
    gfloat padded[PAD + MAX_JOINED + PAD + LANES], *joined = padded + PAD;     \
    Row one = *row;                                                            \
    if (row->n_rows > 0 && row->src_width <= MAX_JOINED) {                     \
      join_rows_##level (row, joined);                                         \
      if (row->stride == 1 && row->begin <= PAD &&                             \
          row->kernel * row->dilation <= PAD) {                                \
        for (gint i = 0; i < PAD; i++)                                         \
          padded[i] = -INFINITY;                                               \
        for (gint i = 0; i < PAD + LANES; i++)                                 \
          joined[row->src_width + i] = -INFINITY;                              \
        slide_##level (row, joined);                                           \
        return;                                                                \
      }                                                                        \
      one.src = joined;                                                        \
      one.rows = &start;                                                       \
      one.n_rows = 1;                                                          \
      row = &one;                                                              \
    }                                                                          \
    gfloat *y = row->dst;                                                      \
    gint64 stride = row->stride;                                               \
    for (gint64 x = 0; x < row->width; x++)                                    \
      y[x] = -INFINITY;                                                        \
    for (gint64 k = 0; k < row->kernel; k++) {                                 \
      gint64 shift = k * row->dilation - row->begin;                           \
      gint64 first = shift >= 0 ? 0 : (stride - 1 - shift) / stride;           \
      gint64 end = MIN (                                                       \
          row->width, (row->src_width - shift + stride - 1) / stride);         \
      for (gint64 r = 0; r < row->n_rows; r++) {                               \
        const gfloat *src = row->src + row->rows[r] + shift;                   \
        if (stride == 1) {                                                     \
          DNN_SIMD for (gint64 x = first; x < end; x++)                        \
              y[x] = src[x] > y[x] || src[x] != src[x] ? src[x] : y[x];        \
        } else {                                                               \
          DNN_SIMD for (gint64 x = first; x < end; x++)                        \
          {                                                                    \
            gfloat v = src[x * stride];                                        \
            y[x] = v > y[x] || v != v ? v : y[x];                              \
          }                                                                    \
        }                                                                      \
      }                                                                        \
    }                                                                          \
  }
DNN_AT_LEVELS (DEFINE_APART, )

#define ROW_FUNC(level, prefix) prefix##_##level,
static const RowFunc side_by_side[] = { DNN_AT_LEVELS (
    ROW_FUNC, side_by_side) };
static const RowFunc wide[] = { DNN_AT_LEVELS (ROW_FUNC, wide) };
static const RowFunc apart[] = { DNN_AT_LEVELS (ROW_FUNC, apart) };

/* ---- planes -----------------------------------------------------------------
 */

/* Rows of the plane in the window of row (@z, @y) of the result; their
 * number. */
static gint64
find_rows (const DnnSpatial *s, gint64 z, gint64 y, gint64 *rows)
{
  gint64 n = 0;

  for (gint64 i = 0; i < s->kernel[0]; i++) {
    gint64 src_z = z * s->stride[0] + i * s->dilation[0] - s->begin[0];
    for (gint64 j = 0; j < s->kernel[1] && src_z >= 0 && src_z < s->src[0];
         j++) {
      gint64 src_y = y * s->stride[1] + j * s->dilation[1] - s->begin[1];
      if (src_y < 0 || src_y >= s->src[1])
        continue;
      rows[n++] = (src_z * s->src[1] + src_y) * s->src[2];
    }
  }
  return n;
}

/* More rows than a window may have here: not offered. */
#define MAX_ROWS 256

/* Rows of results @from … @to, over all planes. */
static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Loop *loop = run->loop;
  const DnnSpatial *s = &loop->spatial;
  gint64 rows[MAX_ROWS];
  gint64 src_plane = s->src[0] * s->src[1] * s->src[2] * loop->inner;
  Row row = { .inner = loop->inner,
    .width = s->dst[2],
    .src_width = s->src[2],
    .kernel = s->kernel[2],
    .stride = s->stride[2],
    .dilation = s->dilation[2],
    .begin = s->begin[2],
    .rows = rows };

  for (gint64 i = from; i < to; i++) {
    gint64 y = i % s->dst[1], z = i / s->dst[1] % s->dst[0];
    row.src = run->src + i / (s->dst[0] * s->dst[1]) * src_plane;
    row.dst = run->dst + i * s->dst[2] * loop->inner;
    row.n_rows = find_rows (s, z, y, rows);
    loop->compute (&row);
  }
}

static gboolean
run_loop (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Loop *loop = prepared;
  const DnnSpatial *s = &loop->spatial;
  Run run = { loop, binding->src[0], binding->dst[0] };

  dnn_parallel_for (loop->call, loop->planes * s->dst[0] * s->dst[1],
      MAX (4096 / (s->dst[2] * loop->inner), 1), run_part, &run);
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

/* ---- offering ---------------------------------------------------------------
 */

/* Each window holds an element: what fills half empty blocks stays 0. */
static gboolean
has_elements (const DnnSpatial *s)
{
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++) {
    gint64 last = (s->dst[i] - 1) * s->stride[i] - s->begin[i];
    if (s->begin[i] > (s->kernel[i] - 1) * s->dilation[i] ||
        last >= s->src[i] || s->dilation[i] > s->src[i])
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_whole (const DnnSpatial *s, gint i)
{
  return s->dst[i] == 1 && s->kernel[i] == s->src[i] && s->begin[i] == 0 &&
      s->dilation[i] == 1;
}

/* Windows that are the whole space have one row. */
static void
join_space (DnnSpatial *s)
{
  for (gint i = DNN_MAX_SPATIAL - 1; i > 0; i--) {
    if (!is_whole (s, DNN_MAX_SPATIAL - 1) || !is_whole (s, i - 1))
      return;
    s->src[DNN_MAX_SPATIAL - 1] *= s->src[i - 1];
    s->kernel[DNN_MAX_SPATIAL - 1] = s->src[DNN_MAX_SPATIAL - 1];
    s->src[i - 1] = s->kernel[i - 1] = 1;
  }
}

static const RowFunc *
choose_func (const Loop *self)
{
  const DnnSpatial *s = &self->spatial;

  if (self->inner > 1)
    return side_by_side;
  return s->kernel[2] >= LANES && s->dilation[2] == 1 ? wide : apart;
}

void
dnn_pool_offer_loop (const DnnCall *call, DnnOffers *offers,
    const DnnSpatial *spatial, const DnnFormat *format)
{
  Loop loop = { .call = call, .spatial = *spatial };
  g_autoptr (DnnFormat) dst = NULL;
  DnnCandidate *candidate;
  gdouble n;

  join_space (&loop.spatial);
  if (loop.spatial.kernel[0] * loop.spatial.kernel[1] > MAX_ROWS ||
      !dnn_planes_read (format, &loop.planes, &loop.inner) ||
      (!dnn_format_is_plain (format) && !has_elements (spatial)))
    return;
  dst = dnn_format_is_plain (format)
      ? dnn_offer_plain (&call->outputs[0])
      : dnn_onednn_format_like (
            format, DNN_TYPE_FLOAT32, &call->outputs[0].shape);
  if (!dst)
    return;
  loop.compute = choose_func (&loop)[dnn_loop_level ()];
  n = (gdouble) (loop.planes * loop.inner * spatial->dst[0] * spatial->dst[1] *
      spatial->dst[2] * spatial->kernel[0] * spatial->kernel[1] *
      spatial->kernel[2]);
  candidate = dnn_candidate_new (&loop_kernel, call->n_inputs, call->n_outputs);
  candidate->src[0] = dnn_format_ref (format);
  candidate->dst[0] = g_steal_pointer (&dst);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      n * (loop.inner > 1 ? COST_SIDE_BY_SIDE : COST_APART);
  candidate->state = g_memdup2 (&loop, sizeof loop);
  candidate->state_free = g_free;
  dnn_offers_add (offers, candidate);
}
