/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A 3×3 convolution → Winograd's, as candidates and their kernel. Next:
 * dnn-winograd-code.h. */
#include "config.h"

#include "kernels/conv/dnn-conv.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/conv/dnn-post-ops.h"
#include "kernels/winograd/dnn-winograd.h"
#include "pipeline-core/base/dnn-threads.h"

/* Largest transformed weights: beyond, they come from memory in each frame,
 * and fewer multiplications gain nothing. Those of F(4×4) are 2.25 times as
 * large as F(2×2)'s, for little more speed where they are that many. */
#define MAX_WEIGHTS_4 (8 << 20)
#define MAX_WEIGHTS_2 (17 << 20)

/* What the transformed input of a chunk may take of the second cache. */
#define CHUNK_BYTES (320 << 10)
#define MIN_CHUNK 12
#define MAX_CHUNK 96

/* Fewest channels on either side: below, transforms outweigh. */
#define MIN_CHANNELS 8

/* Work of the transforms of a tile and 16 channels, as multiplications and
 * additions of the products that take as long. */
#define TRANSFORM_4 12400.0
#define TRANSFORM_2 4800.0

typedef struct
{
  DnnWinograd conv;
  DnnWinograd small; /* the same by F(2×2), for weights that F(4×4) is too far
                        off with */
  const DnnWinogradLevel *level;
  gint threads;
  gint residual, bias; /* inputs, -1: none */
} State;

/* ---- running -------------------------------------------------------------
 */

/* Floats of scratch that one thread has. */
static gint64
get_scratch (const State *state)
{
  return MAX (dnn_winograd_get_scratch (&state->conv, state->level),
      dnn_winograd_get_scratch (&state->small, state->level));
}

typedef struct
{
  const State *state;
  DnnWinogradJob job;
  gfloat *scratch;
} Work;

/* Tiles are shared out where there are enough; else output channels, each
 * thread transforming all of the few tiles. */
static void
run_part (gint idx, gint n_team, gpointer data)
{
  const Work *work = data;
  const State *state = work->state;
  const DnnWinograd *conv = work->job.conv;
  gint64 n_tiles = conv->batch * conv->n_tiles[0] * conv->n_tiles[1];
  gint64 n_blocks = (conv->dst_channels + state->level->block - 1) /
      state->level->block;
  gfloat *scratch = work->scratch + idx * get_scratch (state);

  if (n_tiles >= n_team * conv->chunk || n_blocks < n_team)
    state->level->run (&work->job, n_tiles * idx / n_team,
        n_tiles * (idx + 1) / n_team, 0, n_blocks, scratch);
  else
    state->level->run (&work->job, 0, n_tiles, n_blocks * idx / n_team,
        n_blocks * (idx + 1) / n_team, scratch);
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return candidate->state;
}

static gboolean
pack (gpointer prepared, const DnnCall *call, guint pack_idx,
    gconstpointer constant, gpointer packed, GError **error)
{
  const State *state = prepared;
  g_autoptr (DnnFormat) format = dnn_winograd_format_new (
      state->conv.m, &call->inputs[1].shape, state->level);

  dnn_winograd_pack (format, constant, DNN_WINOGRAD_LIMIT, packed);
  return TRUE;
}

static gboolean
run (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const State *state = prepared;
  const gfloat *packed = binding->packed[0];
  Work work = {
    .state = state,
    .job = {
      /* whoever only measures has packed nothing: as planned then */
      .conv = packed[0] == 2 ? &state->small : &state->conv,
      .src = binding->src[0],
      .weights = packed + DNN_WINOGRAD_HEADER,
      .bias = state->bias >= 0 ? binding->src[state->bias] : NULL,
      .residual = state->residual >= 0 ? binding->src[state->residual] : NULL,
      .dst = binding->dst[0],
    },
    .scratch = binding->scratch,
  };

  dnn_threads_run_parallel (state->threads, run_part, &work);
  return TRUE;
}

static const DnnKernel winograd_kernel = {
  .name = "winograd",
  .prepare = prepare,
  .pack = pack,
  .run = run,
};

/* ---- offering ------------------------------------------------------------
 */

/* What apply () of dnn-winograd-code.h knows. */
static gboolean
has_function (DnnAlg alg)
{
  switch (alg) {
    case DNN_ALG_RELU:
    case DNN_ALG_CLIP:
    case DNN_ALG_LINEAR:
    case DNN_ALG_LOGISTIC:
    case DNN_ALG_SWISH:
    case DNN_ALG_TANH:
    case DNN_ALG_HARDSIGMOID:
    case DNN_ALG_HARDSWISH:
      return TRUE;
    default:
      return FALSE;
  }
}

/* Post-ops from the first on, as far as they can be done here. */
static void
read_post_ops (const DnnCall *call, State *state)
{
  DnnWinograd *conv = &state->conv;

  for (guint i = 0; i < call->n_post_ops; i++) {
    const DnnCallPostOp *post_op = &call->post_ops[i];
    DnnWinogradPostOp *to = &conv->post_ops[i];
    if (i == DNN_WINOGRAD_MAX_POST_OPS)
      return;
    *to = (DnnWinogradPostOp){ DNN_ALG_NONE };
    if (dnn_fusion_is_residual (call, post_op) && state->residual < 0)
      state->residual = post_op->input;
    else if (!dnn_fusion_read_function (
                 post_op, &to->alg, &to->alpha, &to->beta) ||
        !has_function (to->alg))
      return;
    conv->n_post_ops = i + 1;
  }
}

static gdouble
estimate (const State *state)
{
  const DnnWinograd *conv = &state->conv;
  gdouble n_tiles = conv->batch * conv->n_tiles[0] * conv->n_tiles[1];
  gdouble outputs = dnn_winograd_round_up (conv->dst_channels, 16);
  gdouble inputs = dnn_winograd_round_up (conv->src_channels, 16);
  gdouble flops = 2 * n_tiles * dnn_winograd_count_frequencies (conv->m) *
      conv->src_channels * outputs;

  flops += n_tiles * (inputs + outputs) / 16 *
      (conv->m == 4 ? TRANSFORM_4 : TRANSFORM_2);
  return DNN_COST_CALL + flops / state->level->gflops;
}

/* Whole vectors of channels lie together, and nobody's else between. */
static gboolean
is_walkable (const DnnLayout *layout, gint lanes)
{
  return layout->block == layout->channels || layout->block == lanes ||
      (layout->block % lanes == 0 && layout->channels % layout->block == 0);
}

static gboolean
read_layout (const DnnFormat *format, gint lanes, DnnLayout *layout)
{
  g_autoptr (DnnMd) md = dnn_onednn_format_to_md (format);

  return md && dnn_layout_read (md, layout) && is_walkable (layout, lanes);
}

static void
set_geometry (DnnWinograd *self, const DnnConv *conv, gint m, gint lanes)
{
  const DnnSpatial *s = &conv->spatial;
  gint64 bytes = dnn_winograd_count_frequencies (m) *
      dnn_winograd_round_up (conv->src_channels, lanes) *
      (gint64) sizeof (gfloat);

  self->m = m;
  self->batch = conv->batch;
  self->src_channels = conv->src_channels;
  self->dst_channels = conv->dst_channels;
  for (gint i = 0; i < 2; i++) {
    self->src_size[i] = s->src[i + 1];
    self->dst_size[i] = s->dst[i + 1];
    self->begin[i] = s->begin[i + 1];
    self->n_tiles[i] = (s->dst[i + 1] + m - 1) / m;
  }
  self->chunk = CLAMP (CHUNK_BYTES / bytes, MIN_CHUNK, MAX_CHUNK) / 6 * 6;
  self->chunk = MIN (
      self->chunk, conv->batch * self->n_tiles[0] * self->n_tiles[1]);
}

static void
add_candidate (const DnnCall *call, const State *state, const DnnFormat *src,
    const DnnFormat *dst, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &winograd_kernel, call->n_inputs, call->n_outputs);
  g_autoptr (DnnFormat) packed = dnn_winograd_format_new (
      state->conv.m, &call->inputs[1].shape, state->level);

  candidate->src[0] = dnn_format_ref (src);
  candidate->dst[0] = dnn_format_ref (dst);
  dnn_candidate_add_pack (candidate, 1, packed);
  if (state->bias >= 0)
    candidate->src[state->bias] = dnn_offer_plain (&call->inputs[state->bias]);
  if (state->residual >= 0) {
    candidate->src[state->residual] = dnn_format_ref (dst);
    candidate->dst_share[0].kind = DNN_SHARE_MAY;
    candidate->dst_share[0].of = state->residual;
  }
  candidate->scratch = (gsize) get_scratch (state) * sizeof (gfloat) *
      state->threads;
  candidate->n_post_ops = state->conv.n_post_ops;
  candidate->impl = state->level->impl[state->conv.m == 4];
  candidate->cost = estimate (state);
  candidate->state = g_memdup2 (state, sizeof *state);
  candidate->state_free = g_free;
  dnn_offers_add (offers, candidate);
}

static void
offer_format (const DnnCall *call, const DnnConv *conv, const DnnFormat *src,
    DnnOffers *offers)
{
  g_autoptr (DnnFormat) dst = dnn_onednn_format_like (
      src, DNN_TYPE_FLOAT32, &call->outputs[0].shape);
  State state = {
    .level = dnn_winograd_get_level (),
    .threads = call->target.threads,
    .residual = -1,
    .bias = dnn_call_has_input (call, 2) ? 2 : -1,
  };

  if (!dst || !read_layout (src, state.level->lanes, &state.conv.src) ||
      !read_layout (dst, state.level->lanes, &state.conv.dst))
    return;
  read_post_ops (call, &state);
  for (gint m = 2; m <= 4; m += 2) {
    set_geometry (&state.conv, conv, m, state.level->lanes);
    state.small = state.conv;
    set_geometry (&state.small, conv, 2, state.level->lanes);
    if (dnn_winograd_get_weights_size (
            m, conv->src_channels, conv->dst_channels, state.level->lanes) *
            (gint64) sizeof (gfloat) <=
        (m == 4 ? MAX_WEIGHTS_4 : MAX_WEIGHTS_2))
      add_candidate (call, &state, src, dst, offers);
  }
}

static gboolean
is_possible (const DnnCall *call, const DnnConv *conv)
{
  const DnnSpatial *s = &conv->spatial;

  if (!dnn_target_may_use_winograd (&call->target) || conv->transposed ||
      conv->groups > 1 || s->n != 2 || !call->inputs[1].is_constant ||
      MIN (conv->src_channels, conv->dst_channels) < MIN_CHANNELS)
    return FALSE;
  for (gint i = DNN_MAX_SPATIAL - s->n; i < DNN_MAX_SPATIAL; i++)
    if (s->kernel[i] != 3 || s->stride[i] != 1 || s->dilation[i] != 1)
      return FALSE;
  return TRUE;
}

void
dnn_conv_offer_winograd (
    const DnnCall *call, const DnnConv *conv, DnnOffers *offers)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gint lanes = dnn_winograd_get_level ()->lanes;
  g_autoptr (GPtrArray) formats = NULL;
  g_autoptr (DnnMd) blocked = NULL;

  if (!is_possible (call, conv))
    return;
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (DNN_TYPE_FLOAT32, shape));
  blocked = dnn_md_new_tag (shape->rank, shape->dims, dnnl_f32,
      lanes == 16 ? dnnl_aBcd16b : dnnl_aBcd8b);
  dnn_offer_add_format (formats, dnn_onednn_format_new (blocked, shape));
  for (guint i = 0; i < formats->len; i++)
    if (!dnn_format_is_plain (formats->pdata[i]))
      offer_format (call, conv, formats->pdata[i], offers);
}
