/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An element-wise operator's inner line → infer, ref, offer. Next:
 * ops/Relu.c. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"

#define MAX_INPUTS 4

DnnInferResult
dnn_eltwise_infer (DnnCall *call, GError **error)
{
  const DnnEltwise *eltwise = call->op->family;

  call->outputs[0].type = eltwise->result ? eltwise->result
                                          : call->inputs[0].type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnEltwiseParams *params)
{
  const DnnEltwise *eltwise = call->op->family;

  *params = (DnnEltwiseParams){ 0 };
  if (eltwise->read)
    eltwise->read (call, src, params);
}

gboolean
dnn_eltwise_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnEltwise *eltwise = call->op->family;
  DnnType from = call->inputs[0].type, to = call->outputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);
  DnnEltwiseParams params;

  read_params (call, src, &params);
  if (eltwise->integer && !dnn_type_is_float (from)) {
    for (gint64 i = 0; i < n; i++)
      dnn_store_int (to, dst[0], i,
          eltwise->integer (dnn_load_int (from, src[0], i), &params));
    return TRUE;
  }
  for (gint64 i = 0; i < n; i++)
    dnn_store (
        to, dst[0], i, eltwise->real (dnn_load (from, src[0], i), &params));
  return TRUE;
}

gboolean
dnn_eltwise_get_alg (
    const DnnCall *call, DnnAlg *alg, gfloat *alpha, gfloat *beta)
{
  const DnnEltwise *eltwise = call->op->family;
  gconstpointer src[MAX_INPUTS] = { NULL };
  DnnEltwiseParams params;

  if (call->op->ref != dnn_eltwise_ref || eltwise->alg == DNN_ALG_NONE ||
      call->n_formal > MAX_INPUTS)
    return FALSE;
  for (guint i = 1; i < call->n_formal; i++) {
    src[i] = call->inputs[i].value;
    if (call->inputs[i].present && !src[i])
      return FALSE;
  }
  read_params (call, src, &params);
  *alg = eltwise->alg;
  *alpha = *beta = 0;
  if (eltwise->coefficients)
    eltwise->coefficients (&params, alpha, beta);
  return TRUE;
}

/* GB/s of the jit code: those without transcendental functions keep up with
 * memory. */
static gdouble
get_rate (DnnAlg alg)
{
  switch (alg) {
    case DNN_ALG_RELU:
    case DNN_ALG_CLIP:
    case DNN_ALG_LINEAR:
    case DNN_ALG_ABS:
    case DNN_ALG_SQUARE:
    case DNN_ALG_ROUND:
      return 90;
    case DNN_ALG_HARDSWISH:
    case DNN_ALG_HARDSIGMOID:
    case DNN_ALG_SQRT:
      return 60;
    case DNN_ALG_LOG:
      return 8;
    default:
      return 18;
  }
}

static DnnMd *
make_md (const DnnFormat *format)
{
  gint64 n = dnn_shape_n_elements (&format->shape);

  if (dnn_format_is_plain (format))
    return dnn_md_new_plain (1, &n, dnn_onednn_type (format->type));
  return dnn_onednn_format_to_md (format);
}

/* ---- our own loop, where oneDNN has none ----------------------------------
 */

typedef struct
{
  void (*line) (
      const gfloat *x, gfloat *y, gsize n, const DnnEltwiseParams *params);
  DnnEltwiseParams params;
  gsize n;
} LineState;

static gpointer
prepare_line (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return g_memdup2 (candidate->state, sizeof (LineState));
}

static gboolean
run_line (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const LineState *state = prepared;

  state->line (binding->src[0], binding->dst[0], state->n, &state->params);
  return TRUE;
}

static const DnnKernel line_kernel = {
  .name = "line",
  .prepare = prepare_line,
  .unprepare = g_free,
  .run = run_line,
};

/* Where blocks stand half empty, what fills them must stay 0: not offered. */
static void
offer_line (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  const DnnEltwise *eltwise = call->op->family;
  gsize size = dnn_format_get_size (format);
  DnnCandidate *candidate;
  LineState *state;

  if (size != (gsize) dnn_offer_bytes (&format->shape))
    return;
  candidate = dnn_candidate_new (&line_kernel, call->n_inputs, call->n_outputs);
  state = g_new0 (LineState, 1);
  state->line = eltwise->line;
  state->n = size / sizeof (gfloat);
  read_params (call, (gconstpointer[MAX_INPUTS]){ NULL }, &state->params);
  candidate->src[0] = dnn_format_ref (format);
  candidate->dst[0] = dnn_format_ref (format);
  candidate->dst_share[0].kind = DNN_SHARE_MAY;
  candidate->impl = g_intern_static_string ("c");
  candidate->cost = dnn_cost_of_bytes (candidate->impl, 2.0 * size, 20);
  candidate->state = state;
  candidate->state_free = g_free;
  dnn_offers_add (offers, candidate);
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  g_autoptr (DnnMd) md = make_md (format);
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = NULL;
  DnnPrimitive *primitive;
  DnnAlg alg;
  gfloat alpha, beta;
  gdouble cost;

  if (!dnn_eltwise_get_alg (call, &alg, &alpha, &beta))
    return;
  pd = dnn_pd_new_eltwise (alg, alpha, beta, md, attr);
  if (!pd || dnn_pd_is_ref (pd)) {
    if (((const DnnEltwise *) call->op->family)->line)
      offer_line (call, offers, format);
    return;
  }
  cost = dnn_cost_of_bytes (
      dnn_pd_get_impl (pd), 2.0 * dnn_md_get_size (md), get_rate (alg));
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, md, format);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, md, format);
  dnn_primitive_set_in_place (primitive, 0);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

void
dnn_eltwise_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnEltwise *eltwise = call->op->family;
  g_autoptr (GPtrArray) formats = NULL;

  if (eltwise->alg == DNN_ALG_NONE ||
      !dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32))
    return;
  formats = dnn_offer_formats (
      offers, 1, DNN_TYPE_FLOAT32, &call->inputs[0].shape);
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, formats->pdata[i]);
}
