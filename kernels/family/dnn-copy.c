/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Boxes of elements → the same elements elsewhere. */
#include "config.h"

#include "kernels/family/dnn-copy.h"

#include <string.h>

#include "kernels/loops/dnn-parallel.h"
#include "kernels/onednn/dnn-onednn-cost.h"

/* Side of the squares in which two crossing directions are walked: both lines
 * of a square stay in the first cache. */
#define TILE 16

/* Copying well runs at this many bytes a ns. */
#define COPY_RATE 8.0

/* Elements that keep a thread busy long enough. */
#define GRAIN 32768

typedef struct
{
  const DnnCall *call;
  guint n_copies;
  gboolean has_fill;
  guint8 fill[8];
  gsize fill_size; /* bytes of output 0 */
  DnnCopy copies[];
} CopyState;

void
dnn_copy_get_strides (const DnnShape *shape, gint64 *strides)
{
  gint64 stride = 1;

  for (gint i = shape->rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape->dims[i];
  }
}

static void
swap_dims (DnnCopy *self, gint a, gint b)
{
  gint64 *lists[3] = { self->dims, self->src_strides, self->dst_strides };

  for (guint k = 0; k < 3; k++) {
    gint64 kept = lists[k][a];
    lists[k][a] = lists[k][b];
    lists[k][b] = kept;
  }
}

static void
drop_single_dims (DnnCopy *self)
{
  gint rank = 0;

  for (gint i = 0; i < self->rank; i++) {
    if (self->dims[i] == 1)
      continue;
    swap_dims (self, i, rank);
    rank++;
  }
  self->rank = rank;
}

/* Outermost first by the destination's strides: what is written lies in
 * order. */
static void
sort_dims (DnnCopy *self)
{
  for (gint i = 1; i < self->rank; i++) {
    for (gint k = i; k > 0 && self->dst_strides[k] > self->dst_strides[k - 1];
         k--)
      swap_dims (self, k, k - 1);
  }
}

static void
merge_dims (DnnCopy *self)
{
  for (gint i = self->rank - 2; i >= 0; i--) {
    gint64 n = self->dims[i + 1];
    if (self->src_strides[i] != self->src_strides[i + 1] * n ||
        self->dst_strides[i] != self->dst_strides[i + 1] * n)
      continue;
    self->dims[i] *= n;
    self->src_strides[i] = self->src_strides[i + 1];
    self->dst_strides[i] = self->dst_strides[i + 1];
    for (gint k = i + 1; k + 1 < self->rank; k++)
      swap_dims (self, k, k + 1);
    self->rank--;
  }
}

void
dnn_copy_simplify (DnnCopy *self)
{
  drop_single_dims (self);
  sort_dims (self);
  merge_dims (self);
}

/* The innermost two dimensions of a box. */
typedef struct
{
  gint64 rows, columns;
  gint64 src_row, src_column, dst_row, dst_column; /* strides */
} Plane;

#define DEFINE_COPY_PLANE(bits)                                      \
  static void copy_plane_##bits (                                    \
      const Plane *p, const guint##bits *src, guint##bits *dst)      \
  {                                                                  \
    for (gint64 row = 0; row < p->rows; row += TILE) {               \
      for (gint64 column = 0; column < p->columns; column += TILE) { \
        gint64 row_end = MIN (row + TILE, p->rows);                  \
        gint64 column_end = MIN (column + TILE, p->columns);         \
        for (gint64 r = row; r < row_end; r++) {                     \
          for (gint64 c = column; c < column_end; c++)               \
            dst[r * p->dst_row + c * p->dst_column] =                \
                src[r * p->src_row + c * p->src_column];             \
        }                                                            \
      }                                                              \
    }                                                                \
  }

DEFINE_COPY_PLANE (8)
DEFINE_COPY_PLANE (16)
DEFINE_COPY_PLANE (32)
DEFINE_COPY_PLANE (64)

static void
copy_plane (const Plane *plane, gsize element, const guint8 *src, guint8 *dst)
{
  if (plane->src_column == 1 && plane->dst_column == 1) {
    for (gint64 row = 0; row < plane->rows; row++)
      memcpy (dst + row * plane->dst_row * (gint64) element,
          src + row * plane->src_row * (gint64) element,
          (gsize) plane->columns * element);
    return;
  }
  switch (element) {
    case 1:
      copy_plane_8 (plane, src, dst);
      break;
    case 2:
      copy_plane_16 (plane, (const guint16 *) src, (guint16 *) dst);
      break;
    case 4:
      copy_plane_32 (plane, (const guint32 *) src, (guint32 *) dst);
      break;
    default:
      copy_plane_64 (plane, (const guint64 *) src, (guint64 *) dst);
      break;
  }
}

/* The dimension that the rows of planes run along: where the source is
 * contiguous, so that squares use whole lines of both sides. */
static gint
choose_row_dim (const DnnCopy *self)
{
  for (gint i = 0; i < self->rank - 1; i++) {
    if (self->src_strides[i] == 1)
      return i;
  }
  return self->rank - 2;
}

static Plane
make_plane (const DnnCopy *self, gint row_dim)
{
  gint last = self->rank - 1;
  Plane plane = { 1, 1, 0, 0, 0, 0 };

  if (last >= 0) {
    plane.columns = self->dims[last];
    plane.src_column = self->src_strides[last];
    plane.dst_column = self->dst_strides[last];
  } else {
    plane.src_column = plane.dst_column = 1;
  }
  if (row_dim >= 0) {
    plane.rows = self->dims[row_dim];
    plane.src_row = self->src_strides[row_dim];
    plane.dst_row = self->dst_strides[row_dim];
  }
  return plane;
}

/* Steps to the next plane; FALSE behind the last. */
static gboolean
advance (const DnnCopy *self, gint row_dim, gint64 *idx, gint64 *src_pos,
    gint64 *dst_pos)
{
  for (gint i = self->rank - 2; i >= 0; i--) {
    if (i == row_dim)
      continue;
    *src_pos += self->src_strides[i];
    *dst_pos += self->dst_strides[i];
    if (++idx[i] < self->dims[i])
      return TRUE;
    *src_pos -= self->src_strides[i] * self->dims[i];
    *dst_pos -= self->dst_strides[i] * self->dims[i];
    idx[i] = 0;
  }
  return FALSE;
}

void
dnn_copy_run (const DnnCopy *self, gconstpointer src, gpointer dst)
{
  gint row_dim = choose_row_dim (self);
  Plane plane = make_plane (self, row_dim);
  gint64 idx[DNN_MAX_RANK] = { 0 };
  gint64 src_pos = self->src_offset, dst_pos = self->dst_offset;

  for (gint i = 0; i < self->rank; i++) {
    if (self->dims[i] == 0)
      return;
  }
  do {
    copy_plane (&plane, self->element,
        (const guint8 *) src + src_pos * (gint64) self->element,
        (guint8 *) dst + dst_pos * (gint64) self->element);
  } while (advance (self, row_dim, idx, &src_pos, &dst_pos));
}

static void
fill_output (guint8 *dst, gsize size, const guint8 *fill, gsize element)
{
  if (size == 0)
    return;
  memcpy (dst, fill, element);
  for (gsize done = element; done < size; done *= 2)
    memcpy (dst + done, dst, MIN (done, size - done));
}

/* One copy, cut along its outermost dimension. */
typedef struct
{
  const DnnCopy *copy;
  gconstpointer src;
  gpointer dst;
} Work;

static void
copy_part (gint64 from, gint64 to, gpointer data)
{
  const Work *work = data;
  DnnCopy part = *work->copy;

  part.dims[0] = to - from;
  part.src_offset += from * part.src_strides[0];
  part.dst_offset += from * part.dst_strides[0];
  dnn_copy_run (&part, work->src, work->dst);
}

static void
run_copy (
    const DnnCall *call, const DnnCopy *copy, gconstpointer src, gpointer dst)
{
  Work work = { copy, src, dst };
  gint64 inner = 1;

  for (gint i = 1; i < copy->rank; i++)
    inner *= copy->dims[i];
  if (copy->rank == 0)
    dnn_copy_run (copy, src, dst);
  else
    dnn_parallel_for (
        call, copy->dims[0], MAX (GRAIN / MAX (inner, 1), 1), copy_part, &work);
}

static gboolean
run_copies (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const CopyState *state = prepared;

  if (state->has_fill)
    fill_output (binding->dst[0], state->fill_size, state->fill,
        state->copies[0].element);
  for (guint i = 0; i < state->n_copies; i++) {
    const DnnCopy *copy = &state->copies[i];
    run_copy (state->call, copy, binding->src[copy->src_idx],
        binding->dst[copy->dst_idx]);
  }
  return TRUE;
}

/* The state outlives the candidate's use: what prepare returns is a copy. */
static gpointer
prepare_copies (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  const CopyState *state = candidate->state;

  return g_memdup2 (
      state, sizeof *state + state->n_copies * sizeof state->copies[0]);
}

static const DnnKernel copy_kernel = {
  .name = "copy",
  .prepare = prepare_copies,
  .unprepare = g_free,
  .run = run_copies,
};

static void
set_plain_formats (DnnCandidate *candidate, const DnnCall *call)
{
  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (arg->present)
      candidate->dst[i] = dnn_format_new_plain (arg->type, &arg->shape);
  }
}

static gdouble
measure_bytes (const DnnCall *call)
{
  gdouble bytes = 0;

  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (arg->present)
      bytes += 2.0 * (gdouble) dnn_shape_n_elements (&arg->shape) *
          dnn_type_size (arg->type);
  }
  return bytes;
}

DnnCandidate *
dnn_copy_candidate (const DnnCall *call, const DnnCopy *copies, guint n_copies,
    gconstpointer fill)
{
  DnnCandidate *self = dnn_candidate_new (
      &copy_kernel, call->n_inputs, call->n_outputs);
  CopyState *state = g_malloc0 (
      sizeof *state + n_copies * sizeof state->copies[0]);
  const DnnCallArg *dst = &call->outputs[0];

  state->call = call;
  state->n_copies = n_copies;
  for (guint i = 0; i < n_copies; i++) {
    state->copies[i] = copies[i];
    dnn_copy_simplify (&state->copies[i]);
  }
  if (fill) {
    state->has_fill = TRUE;
    memcpy (state->fill, fill, dnn_type_size (dst->type));
    state->fill_size = (gsize) dnn_shape_n_elements (&dst->shape) *
        dnn_type_size (dst->type);
  }
  set_plain_formats (self, call);
  self->src[0] = dnn_format_new_plain (
      call->inputs[0].type, &call->inputs[0].shape);
  self->impl = g_intern_static_string ("copy");
  self->cost = DNN_COST_CALL / 7 + measure_bytes (call) / COPY_RATE;
  self->state = state;
  self->state_free = g_free;
  return self;
}

DnnCandidate *
dnn_view_candidate (const DnnCall *call, const DnnFormat *src,
    DnnFormat *const *dst, const gsize *offsets)
{
  DnnCandidate *self = dnn_candidate_new (
      NULL, call->n_inputs, call->n_outputs);

  self->src[0] = dnn_format_ref (src);
  for (guint i = 0; i < call->n_outputs; i++) {
    self->dst[i] = dst[i];
    self->dst_share[i] = (DnnShare){ DNN_SHARE_VIEW, 0, offsets[i] };
  }
  self->impl = g_intern_static_string ("view");
  return self;
}
