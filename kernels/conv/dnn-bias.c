/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Output 0 and the bias → output 0. Next: dnn-conv-offer.c. */
#include "config.h"

#include "kernels/conv/dnn-bias.h"

#include "kernels/family/dnn-offer.h"
#include "pipeline-core/base/dnn-threads.h"

/* Channels that are added at once. */
#define MAX_RUN 16

typedef struct
{
  DnnLayout layout;
  gint64 batch, space[DNN_MAX_SPATIAL];
  guint input;
  gint threads;
} Follow;

typedef struct
{
  const Follow *follow;
  const gfloat *bias;
  gfloat *dst;
} Job;

/* A row of pixels; @n channels of each from @dst on, @step from one pixel to
 * the next. */
static void
add_row (
    const gfloat *bias, gint64 n, gfloat *dst, gint64 n_pixels, gint64 step)
{
  gfloat run[MAX_RUN] = { 0 };

  for (gint64 c = 0; c < n; c++)
    run[c] = bias[c];
  for (gint64 i = 0; i < n_pixels; i++, dst += step) {
    if (n == MAX_RUN)
      for (gint64 c = 0; c < MAX_RUN; c++)
        dst[c] += run[c];
    else if (n == 1)
      *dst += run[0];
    else
      for (gint64 c = 0; c < n; c++)
        dst[c] += run[c];
  }
}

static void
add_to_rows (const Job *job, gint64 row)
{
  const Follow *self = job->follow;
  const DnnLayout *layout = &self->layout;
  gint64 y = row % self->space[1], rest = row / self->space[1];
  gint64 z = rest % self->space[0], image = rest / self->space[0];
  gfloat *dst = job->dst + image * layout->batch + z * layout->space[0] +
      y * layout->space[1];
  gint64 run;

  for (gint64 c = 0; c < layout->channels; c += run) {
    run = MIN (layout->block - c % layout->block, layout->channels - c);
    run = MIN (run, MAX_RUN);
    add_row (job->bias + c, run, dst + dnn_layout_channel (layout, c),
        self->space[2], layout->space[2]);
  }
}

static void
add_part (gint idx, gint n_team, gpointer data)
{
  const Job *job = data;
  gint64 n = job->follow->batch * job->follow->space[0] * job->follow->space[1];

  for (gint64 row = n * idx / n_team; row < n * (idx + 1) / n_team; row++)
    add_to_rows (job, row);
}

static void
finish (gconstpointer data, const DnnBinding *binding, gconstpointer result)
{
  const Follow *self = data;
  Job job = { self, binding->src[self->input], binding->dst[0] };

  dnn_threads_run_parallel (self->threads, add_part, &job);
}

gboolean
dnn_bias_follow (
    DnnPrimitive *primitive, const DnnCall *call, guint input, const DnnMd *md)
{
  const DnnShape *shape = &call->outputs[0].shape;
  g_autoptr (DnnFormat) plain = dnn_offer_plain (&call->inputs[input]);
  Follow follow = { .batch = shape->dims[0], .input = input };
  DnnLayout layout;

  if (!dnn_layout_read (md, &layout))
    return FALSE;
  follow.layout = layout;
  follow.threads = call->target.threads;
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++) {
    gint dim = shape->rank - DNN_MAX_SPATIAL + i;
    follow.space[i] = dim >= 2 ? shape->dims[dim] : 1;
  }
  dnn_primitive_add_plan_src (primitive, input, plain);
  dnn_primitive_set_suffix (primitive, "+bias");
  dnn_primitive_set_finish (primitive, finish);
  dnn_primitive_set_data (
      primitive, g_memdup2 (&follow, sizeof follow), g_free);
  return TRUE;
}
