/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Geometry and weights of a transposed convolution → those of the convolution
 * of its phases; its result → interleaved. Next: dnn-conv-transposed.c. */
#include "config.h"

#include "kernels/conv/dnn-phases.h"

#include <string.h>

#include "pipeline-core/base/dnn-threads.h"

/* One dimension. Phases with fewer taps than others get zeros behind. */
static gboolean
read_dimension (DnnPhases *self, gint i)
{
  const DnnSpatial *s = &self->conv.spatial;
  gint64 last = (s->begin[i] + s->dst[i] - 1) / s->stride[i];
  gint64 taps, before, behind;

  if (s->dilation[i] != 1 || s->kernel[i] < s->stride[i] || s->begin[i] < 0 ||
      s->dst[i] < 1)
    return FALSE;
  self->weights.kernel[i] = s->kernel[i];
  self->weights.stride[i] = s->stride[i];
  taps = (s->kernel[i] + s->stride[i] - 1) / s->stride[i];
  self->weights.taps[i] = taps;
  self->first[i] = s->begin[i] / s->stride[i];
  self->size[i] = last - self->first[i] + 1;
  self->weights.n_phases *= s->stride[i];
  before = taps - 1 - self->first[i];
  behind = self->size[i] - 1 + taps - s->src[i] - before;
  return before >= 0 && before < taps && behind >= 0 && behind <= taps;
}

gboolean
dnn_phases_init (DnnPhases *self, const DnnConv *conv)
{
  memset (self, 0, sizeof *self);
  self->conv = *conv;
  self->weights.src_channels = conv->src_channels;
  self->weights.dst_channels = self->weights.step = conv->dst_channels;
  self->weights.n_phases = 1;
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    if (!read_dimension (self, i))
      return FALSE;
  return conv->transposed && conv->groups == 1 && self->weights.n_phases > 1;
}

gint64
dnn_phases_get_channels (const DnnPhases *self)
{
  return self->weights.n_phases * self->weights.step;
}

void
dnn_phases_get_window (const DnnPhases *self, DnnWindow *window)
{
  const DnnSpatial *s = &self->conv.spatial;
  gint first = DNN_MAX_SPATIAL - s->n;

  *window = (DnnWindow){ .n = s->n };
  for (gint i = first; i < DNN_MAX_SPATIAL; i++) {
    gint64 taps = self->weights.taps[i];
    gint64 before = taps - 1 - self->first[i];
    window->kernel[i - first] = taps;
    window->strides[i - first] = window->dilations[i - first] = 1;
    window->pads_begin[i - first] = before;
    window->pads_end[i - first] = self->size[i] - 1 + taps - s->src[i] - before;
  }
}

/* ---- weights ------------------------------------------------------------ */

/* Index @idx in a box of @size, the last dimension innermost → its places. */
static void
split_index (gint64 idx, const gint64 *size, gint64 *at)
{
  for (gint i = DNN_MAX_SPATIAL - 1; i >= 0; i--) {
    at[i] = idx % size[i];
    idx /= size[i];
  }
}

/* Which element of the kernel tap @tap of phase @phase is, -1: none. */
static gint64
find_weight (const DnnPhaseWeights *self, gint64 phase, gint64 tap)
{
  gint64 phases[DNN_MAX_SPATIAL], taps[DNN_MAX_SPATIAL], idx = 0;

  split_index (phase, self->stride, phases);
  split_index (tap, self->taps, taps);
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++) {
    gint64 at = phases[i] + self->stride[i] * (self->taps[i] - 1 - taps[i]);
    if (at >= self->kernel[i])
      return -1;
    idx = idx * self->kernel[i] + at;
  }
  return idx;
}

void
dnn_phases_fill_weights (gconstpointer data, const gfloat *w, gfloat *to)
{
  const DnnPhaseWeights *self = data;
  gint64 n_kernel = self->kernel[0] * self->kernel[1] * self->kernel[2];
  gint64 n_taps = self->taps[0] * self->taps[1] * self->taps[2];

  for (gint64 phase = 0; phase < self->n_phases; phase++)
    for (gint64 tap = 0; tap < n_taps; tap++) {
      gint64 at = find_weight (self, phase, tap);
      for (gint64 m = 0; at >= 0 && m < self->dst_channels; m++)
        for (gint64 c = 0; c < self->src_channels; c++)
          to[((phase * self->step + m) * self->src_channels + c) * n_taps +
              tap] = w[(c * self->dst_channels + m) * n_kernel + at];
    }
}

void
dnn_phases_fill_bias (gconstpointer data, const gfloat *b, gfloat *to)
{
  const DnnPhaseWeights *self = data;

  for (gint64 phase = 0; phase < self->n_phases; phase++)
    memcpy (to + phase * self->step, b, self->dst_channels * sizeof (gfloat));
}

/* ---- interleaving ------------------------------------------------------- */

/* Pixels of @n channels, and @n_zero zeros behind each. Sizes that are a
 * vector's are spelled out for the compiler. */
static void
copy_pixels (const gfloat *src, gint64 src_step, gfloat *dst, gint64 dst_step,
    gint64 n_pixels, gint64 n, gint64 n_zero)
{
  for (gint64 i = 0; i < n_pixels; i++) {
    if (n == 16)
      memcpy (dst, src, 16 * sizeof (gfloat));
    else if (n == 8)
      memcpy (dst, src, 8 * sizeof (gfloat));
    else if (n == 1)
      *dst = *src;
    else
      memcpy (dst, src, n * sizeof (gfloat));
    if (n_zero > 0)
      memset (dst + n, 0, n_zero * sizeof (gfloat));
    src += src_step;
    dst += dst_step;
  }
}

/* Channels that lie side by side on both sides, from @channel on. */
static gint64
get_run (const DnnPhases *self, gint64 from_channel, gint64 channel)
{
  gint64 run = self->conv.dst_channels - channel;

  run = MIN (run, self->to.block - channel % self->to.block);
  return MIN (run, self->from.block - from_channel % self->from.block);
}

/* All columns of phase @phase in one row. */
static void
interleave_phase (const DnnPhases *self, const gfloat *src, gint64 phase,
    gint64 column_phase, gfloat *dst)
{
  const DnnSpatial *s = &self->conv.spatial;
  gint64 stride = s->stride[2], begin = s->begin[2];
  gint64 start = (column_phase - begin % stride + stride) % stride;
  gint64 n = start < s->dst[2] ? (s->dst[2] - start + stride - 1) / stride : 0;
  gint64 column = (start + begin) / stride - self->first[2];
  gint64 run;

  for (gint64 c = 0; c < self->conv.dst_channels; c += run) {
    gint64 from = phase * self->weights.step + c;
    gint64 end;
    run = get_run (self, from, c);
    end = (c + run) % self->to.block;
    copy_pixels (src + dnn_layout_channel (&self->from, from) +
            column * self->from.space[2],
        self->from.space[2],
        dst + dnn_layout_channel (&self->to, c) + start * self->to.space[2],
        stride * self->to.space[2], n, run,
        c + run == self->conv.dst_channels && end ? self->to.block - end : 0);
  }
}

typedef struct
{
  const DnnPhases *phases;
  const gfloat *src;
  gfloat *dst;
} Job;

/* Row @row of all images. */
static void
interleave_row (const Job *job, gint64 row)
{
  const DnnPhases *self = job->phases;
  const DnnSpatial *s = &self->conv.spatial;
  gint64 sizes[DNN_MAX_SPATIAL] = { G_MAXINT32, s->dst[0], s->dst[1] };
  gint64 at[DNN_MAX_SPATIAL], phase = 0;
  const gfloat *src = job->src;
  gfloat *dst = job->dst;

  split_index (row, sizes, at);
  src += at[0] * self->from.batch;
  dst += at[0] * self->to.batch;
  for (gint i = 0; i < 2; i++) {
    gint64 t = at[i + 1] + s->begin[i];
    phase = phase * s->stride[i] + t % s->stride[i];
    src += (t / s->stride[i] - self->first[i]) * self->from.space[i];
    dst += at[i + 1] * self->to.space[i];
  }
  for (gint64 i = 0; i < s->stride[2]; i++)
    interleave_phase (self, src, phase * s->stride[2] + i, i, dst);
}

static void
interleave_part (gint idx, gint n_team, gpointer data)
{
  const Job *job = data;
  const DnnConv *conv = &job->phases->conv;
  gint64 n = conv->batch * conv->spatial.dst[0] * conv->spatial.dst[1];

  for (gint64 row = n * idx / n_team; row < n * (idx + 1) / n_team; row++)
    interleave_row (job, row);
}

void
dnn_phases_interleave (
    gconstpointer data, const DnnBinding *binding, gconstpointer result)
{
  const DnnPhases *self = data;
  Job job = { self, result, binding->dst[0] };

  dnn_threads_run_parallel (self->threads, interleave_part, &job);
}
