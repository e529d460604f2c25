/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An operator's lines → candidates that run as loops. Next: ops/Greater.c. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include <string.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-loop-map.h"

/* ns an element of what is as fast as the caches are. */
#define CHEAP 0.12

typedef struct
{
  const DnnCall *call;
  DnnLoopParams params;
  gboolean reads; /* params anew in each run */
  guint n_maps;
  DnnMap *maps[];
} Prepared;

static guint
count_tensors (const DnnCall *call)
{
  const DnnMapOp *self = call->op->family;

  return self->n > 0 ? self->n : call->n_formal;
}

static DnnKind
get_kind (const DnnCall *call, const DnnLines *lines)
{
  const DnnMapOp *self = call->op->family;
  DnnType type = self->choose_type
      ? self->choose_type (call)
      : call->inputs[self->has_condition ? 1 : 0].type;

  return dnn_loop_choose_kind (lines, type);
}

/* Layouts other than plain ones are all alike: one run of elements. */
static DnnShape
get_shape (const DnnCallArg *arg, const DnnFormat *format)
{
  gint64 n;

  if (dnn_format_is_plain (format))
    return arg->shape;
  n = (gint64) (dnn_format_get_size (format) / dnn_type_size (arg->type));
  return dnn_shape_of (1, &n);
}

static DnnMap *
make_map (const DnnCall *call, const DnnLines *lines, const DnnMapArg *src,
    guint n, const DnnShape *shape, const DnnLoopParams *params)
{
  DnnKind kind = get_kind (call, lines);
  DnnMapArg dst = { call->outputs[0].type, kind, *shape };

  if (dst.type == DNN_TYPE_BOOL)
    dst.kind = DNN_KIND_U8;
  return dnn_map_new (call, &lines->of[kind], src, n, &dst, params);
}

/* The first tensors at once, each further one joins the result. */
static void
make_maps (Prepared *self, const DnnCandidate *candidate)
{
  const DnnCall *call = self->call;
  const DnnMapOp *op = call->op->family;
  guint n = count_tensors (call);
  DnnKind kind = get_kind (call, dnn_map_op_lines (call));
  DnnShape shape = get_shape (&call->outputs[0], candidate->dst[0]);
  DnnMapArg src[DNN_MAP_MAX_INPUTS];
  guint n_first = op->n > 0 ? n : 2;

  for (guint i = 0; i < n; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    DnnMapArg *to = &src[i < n_first ? i : 1];
    *to = (DnnMapArg){ arg->type, kind, get_shape (arg, candidate->src[i]) };
    if (op->has_condition && i == 0)
      to->kind = DNN_KIND_U8;
    if (i + 1 >= n_first)
      self->maps[self->n_maps++] = make_map (
          call, dnn_map_op_lines (call), src, n_first, &shape, &self->params);
    if (i + 1 == n_first && op->n == 0)
      src[0] = (DnnMapArg){ call->outputs[0].type, kind, shape };
  }
  if (op->finish) {
    src[0].shape = shape;
    self->maps[self->n_maps++] = make_map (
        call, op->finish, src, 1, &shape, &self->params);
  }
}

static gpointer
prepare_maps (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Prepared *self = g_malloc0 (
      sizeof *self + (call->n_formal + 1) * sizeof self->maps[0]);

  self->call = call;
  self->reads = !dnn_map_op_read_known (call, &self->params);
  make_maps (self, candidate);
  return self;
}

static void
unprepare_maps (gpointer data)
{
  Prepared *self = data;

  for (guint i = 0; i < self->n_maps; i++)
    dnn_map_free (self->maps[i]);
  g_free (self);
}

static gboolean
run_maps (
    gpointer data, gpointer bound, const DnnBinding *binding, GError **error)
{
  const Prepared *self = data;
  const DnnMapOp *op = self->call->op->family;
  gconstpointer const *src = (gconstpointer const *) binding->src;
  DnnLoopParams params = self->params;

  if (self->reads)
    op->read (self->call, src, &params);
  dnn_map_run (self->maps[0], src, binding->dst[0], &params);
  for (guint i = 1; i < self->n_maps; i++) {
    guint next = MIN (i + 1, self->call->n_formal - 1);
    gconstpointer both[2] = { binding->dst[0], src[next] };
    dnn_map_run (self->maps[i], both, binding->dst[0], &params);
  }
  return TRUE;
}

static const DnnKernel map_kernel = {
  .name = "loop",
  .prepare = prepare_maps,
  .unprepare = unprepare_maps,
  .run = run_maps,
};

/* What fills blocks that stand half empty is 0 and must stay so. */
static gboolean
keeps_zero (const DnnCall *call)
{
  const DnnLines *lines = dnn_map_op_lines (call);
  DnnKind kind = get_kind (call, lines);
  gfloat zero = 0, result = 0;
  gconstpointer src[3] = { &zero, &zero, &zero };
  DnnLoopParams params;

  if (kind != DNN_KIND_F32 || !dnn_map_op_read_known (call, &params))
    return FALSE;
  lines->of[kind].at[DNN_LEVEL_BASE](&result, src, 1, &params);
  return result == 0;
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  const DnnMapOp *self = call->op->family;
  DnnCandidate *candidate = dnn_candidate_new (
      &map_kernel, call->n_inputs, call->n_outputs);
  gdouble n = dnn_shape_n_elements (&call->outputs[0].shape);
  DnnLoopParams params;
  gboolean reads = !dnn_map_op_read_known (call, &params);

  for (guint i = 0; i < call->n_formal; i++) {
    if (!call->inputs[i].present || (i >= count_tensors (call) && !reads))
      continue;
    candidate->src[i] = i < count_tensors (call) &&
            !dnn_format_is_plain (format)
        ? dnn_format_ref (format)
        : dnn_offer_plain (&call->inputs[i]);
  }
  candidate->dst[0] = dnn_format_is_plain (format)
      ? dnn_offer_plain (&call->outputs[0])
      : dnn_format_ref (format);
  if (self->n > 0 && !call->inputs[0].is_constant &&
      call->inputs[0].type == call->outputs[0].type &&
      dnn_shape_equal (&call->inputs[0].shape, &call->outputs[0].shape))
    candidate->dst_share[0].kind = DNN_SHARE_MAY;
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      n * (self->cost > 0 ? self->cost : CHEAP) *
          (self->n > 0 ? 1 : count_tensors (call));
  dnn_offers_add (offers, candidate);
}

/* All tensors, and the result, are float32 of one shape. */
static gboolean
is_uniform (const DnnCall *call)
{
  const DnnCallArg *dst = &call->outputs[0];

  if (dst->type != DNN_TYPE_FLOAT32)
    return FALSE;
  for (guint i = 0; i < count_tensors (call); i++)
    if (call->inputs[i].type != DNN_TYPE_FLOAT32 ||
        call->inputs[i].is_constant ||
        !dnn_shape_equal (&call->inputs[i].shape, &dst->shape))
      return FALSE;
  return TRUE;
}

void
dnn_map_op_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnMapOp *self = call->op->family;
  const DnnCallArg *dst = &call->outputs[0];
  g_autoptr (GPtrArray) formats = NULL;

  if (count_tensors (call) == 1 && self->n == 0)
    return;
  formats = dnn_offer_formats (offers,
      is_uniform (call) ? count_tensors (call) : 0, dst->type, &dst->shape);
  for (guint i = 0; i < formats->len; i++) {
    const DnnFormat *format = formats->pdata[i];
    if (dnn_format_get_size (format) == (gsize) dnn_offer_bytes (&dst->shape) ||
        dnn_format_is_plain (format) || keeps_zero (call))
      offer_format (call, offers, format);
  }
}
