/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a pooling takes of each window → infer, ref, offer. Next:
 * ops/MaxPool.c. */
#include "config.h"

#include "kernels/spatial/dnn-pool.h"

#include <math.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/reduce/dnn-mean-loop.h"
#include "kernels/spatial/dnn-pool-loop.h"

/* All of the space is one window; beyond three dimensions they are one, for
 * which only their product counts. */
static void
read_global (const DnnCall *call, DnnSpatial *self)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gint last = DNN_MAX_SPATIAL - 1;

  *self = (DnnSpatial){ .n = MIN (shape->rank - 2, DNN_MAX_SPATIAL) };
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    self->src[i] = self->dst[i] = self->kernel[i] = self->stride[i] =
        self->dilation[i] = 1;
  for (gint i = shape->rank - 1; i >= 2; i--)
    self->src[MAX (last - (shape->rank - 1 - i), 0)] *= shape->dims[i];
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    self->kernel[i] = self->stride[i] = self->src[i];
}

static gboolean
read_spatial (const DnnCall *call, DnnSpatial *self, GError **error)
{
  const DnnPool *pool = call->op->family;

  if (!pool->is_global)
    return dnn_spatial_read (
        call, NULL, dnn_call_int (call, "ceil_mode") != 0, self, error);
  read_global (call, self);
  return TRUE;
}

DnnInferResult
dnn_pool_infer (DnnCall *call, GError **error)
{
  const DnnPool *pool = call->op->family;
  const DnnShape *src = &call->inputs[0].shape;
  DnnShape *dst = &call->outputs[0].shape;
  DnnSpatial spatial;

  if (src->rank < 3 && pool->is_global) {
    g_autofree gchar *text = dnn_shape_to_string (src);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "input 0 is of shape %s, expected rank 3 or more", text);
    return DNN_INFER_ERROR;
  }
  if (!read_spatial (call, &spatial, error))
    return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  if (pool->is_global) {
    *dst = *src;
    for (gint i = 2; i < dst->rank; i++)
      dst->dims[i] = 1;
  } else {
    dnn_spatial_set_shape (&spatial, src->dims[0], src->dims[1], dst);
  }
  if (call->n_outputs > 1 && call->outputs[1].present) {
    call->outputs[1].type = DNN_TYPE_INT64;
    call->outputs[1].shape = *dst;
  }
  return DNN_INFER_OK;
}

/* ---- ref --------------------------------------------------------------------
 */

/* What stands inside src in one window. */
typedef struct
{
  gdouble sum, max;
  gint64 n; /* elements inside src */
  gint64 n_padded; /* with padding, without what ceil_mode adds */
  gint64 max_at[DNN_MAX_SPATIAL];
} Window;

static void
visit (const DnnSpatial *s, DnnType type, gconstpointer src, gint64 base,
    const gint64 *at, Window *window)
{
  gdouble value = dnn_load (
      type, src, base + (at[0] * s->src[1] + at[1]) * s->src[2] + at[2]);

  window->sum += value;
  if (window->n++ > 0 && !(value > window->max) &&
      (!isnan (value) || isnan (window->max)))
    return;
  window->max = value;
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    window->max_at[i] = at[i];
}

/* Steps of a window from @start on that lie in [@from, @to) of dimension @i:
 * the first, and one behind the last. Returns how many. */
static gint64
find_steps (const DnnSpatial *s, gint i, gint64 start, gint64 from, gint64 to,
    gint64 *first, gint64 *end)
{
  gint64 dilation = s->dilation[i];

  *first = start >= from ? 0 : (from - start + dilation - 1) / dilation;
  *end = to <= start
      ? 0
      : MIN ((to - start + dilation - 1) / dilation, s->kernel[i]);
  return MAX (*end - *first, 0);
}

/* Only what lies inside src is visited: a window may be far larger. */
static void
read_window (const DnnSpatial *s, DnnType type, gconstpointer src, gint64 base,
    const gint64 *dst_at, Window *window)
{
  gint64 at[DNN_MAX_SPATIAL], start[DNN_MAX_SPATIAL];
  gint64 first[DNN_MAX_SPATIAL], end[DNN_MAX_SPATIAL];
  gint64 n = 1;

  *window = (Window){ .max = -INFINITY, .n_padded = 1 };
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++) {
    start[i] = dst_at[i] * s->stride[i] - s->begin[i];
    window->n_padded *= find_steps (s, i, start[i], -s->begin[i],
        s->src[i] + s->end[i], &first[i], &end[i]);
    n *= find_steps (s, i, start[i], 0, s->src[i], &first[i], &end[i]);
  }
  if (n == 0)
    return;
  for (gint64 z = first[0]; z < end[0]; z++)
    for (gint64 y = first[1]; y < end[1]; y++)
      for (gint64 x = first[2]; x < end[2]; x++) {
        at[0] = start[0] + z * s->dilation[0];
        at[1] = start[1] + y * s->dilation[1];
        at[2] = start[2] + x * s->dilation[2];
        visit (s, type, src, base, at, window);
      }
}

/* Place of the maximum in the whole tensor; storage_order 1 counts the first
 * spatial dimension fastest. */
static gint64
get_index (const DnnSpatial *s, gint64 base, const Window *window,
    gboolean column_major)
{
  const gint64 *at = window->max_at;

  if (column_major)
    return base + (at[2] * s->src[1] + at[1]) * s->src[0] + at[0];
  return base + (at[0] * s->src[1] + at[1]) * s->src[2] + at[2];
}

static gdouble
get_average (const DnnCall *call, const Window *window)
{
  const DnnPool *pool = call->op->family;
  gboolean with_padding = !pool->is_global &&
      dnn_call_int (call, "count_include_pad") != 0;
  gint64 n = with_padding ? window->n_padded : window->n;

  return n > 0 ? window->sum / (gdouble) n : 0;
}

/* One plane of one channel. */
static void
pool_plane (const DnnCall *call, const DnnSpatial *s, gconstpointer src,
    gint64 base, gpointer dst, gint64 *indices, gint64 idx)
{
  const DnnPool *pool = call->op->family;
  DnnType type = call->inputs[0].type;
  gboolean column_major = pool->is_max && !pool->is_global &&
      dnn_call_int (call, "storage_order") != 0;
  gint64 at[DNN_MAX_SPATIAL];
  Window window;

  for (at[0] = 0; at[0] < s->dst[0]; at[0]++)
    for (at[1] = 0; at[1] < s->dst[1]; at[1]++)
      for (at[2] = 0; at[2] < s->dst[2]; at[2]++, idx++) {
        read_window (s, type, src, base, at, &window);
        dnn_store (type, dst, idx,
            pool->is_max ? window.max : get_average (call, &window));
        if (indices)
          indices[idx] = get_index (s, base, &window, column_major);
      }
}

gboolean
dnn_pool_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gint64 *indices = call->n_outputs > 1 ? dst[1] : NULL;
  DnnSpatial s;
  gint64 src_plane, dst_plane;

  if (!read_spatial (call, &s, error))
    return FALSE;
  src_plane = s.src[0] * s.src[1] * s.src[2];
  dst_plane = s.dst[0] * s.dst[1] * s.dst[2];
  for (gint64 i = 0; i < shape->dims[0] * shape->dims[1]; i++)
    pool_plane (
        call, &s, src[0], i * src_plane, dst[0], indices, i * dst_plane);
  return TRUE;
}

/* ---- offer ------------------------------------------------------------------
 */

static gboolean
find_alg (const DnnCall *call, const DnnSpatial *spatial,
    const DnnWindow *window, dnnl_alg_kind_t *alg)
{
  const DnnPool *pool = call->op->family;
  gboolean with_padding = !pool->is_max && !pool->is_global &&
      dnn_call_int (call, "count_include_pad") != 0;

  *alg = pool->is_max ? dnnl_pooling_max
      : with_padding  ? dnnl_pooling_avg_include_padding
                      : dnnl_pooling_avg_exclude_padding;
  /* oneDNN counts what ceil_mode adds as padding; ONNX doesn't */
  for (gint i = 0; i < window->n && with_padding; i++)
    if (window->pads_end[i] > spatial->end[DNN_MAX_SPATIAL - window->n + i])
      return FALSE;
  return TRUE;
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format,
    dnnl_alg_kind_t alg, const DnnWindow *window)
{
  const DnnShape *shape = &call->outputs[0].shape;
  g_autoptr (DnnMd) src = dnn_onednn_format_to_md (format);
  g_autoptr (DnnMd) any = dnn_md_new_any (
      shape->rank, shape->dims, dnn_onednn_type (format->type));
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = dnn_pd_new_pooling (alg, src, any, window, attr);
  g_autoptr (DnnFormat) dst_format = NULL;
  const DnnMd *dst;
  DnnPrimitive *primitive;
  gdouble cost;

  if (!pd || dnn_pd_is_ref (pd))
    return;
  dst = dnn_pd_get_md (pd, dnnl_query_dst_md, 0);
  dst_format = dnn_onednn_format_new (dst, shape);
  if (!dst_format)
    return;
  /* planes are pooled at a third of the speed of channels side by side */
  cost = dnn_cost_of_bytes (dnn_pd_get_impl (pd),
      dnn_md_get_size (src) + dnn_md_get_size (dst),
      dnn_format_is_plain (format) ? 20 : 55);
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, src, format);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, dst, dst_format);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

void
dnn_pool_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0];
  gboolean with_indices = call->n_outputs > 1 && call->outputs[1].present;
  g_autoptr (GPtrArray) formats = NULL;
  dnnl_alg_kind_t alg;
  DnnSpatial spatial;
  DnnWindow window;

  if (with_indices || src->shape.rank > 5 ||
      dnn_onednn_type (src->type) == dnnl_data_type_undef ||
      src->type == DNN_TYPE_FLOAT16 || src->type == DNN_TYPE_BFLOAT16 ||
      !dnn_offer_is_float32 (call, src->type) ||
      !read_spatial (call, &spatial, NULL))
    return;
  dnn_spatial_to_window (&spatial, &window);
  if (!find_alg (call, &spatial, &window, &alg))
    return;
  formats = dnn_offer_formats (offers, 1, src->type, &src->shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (src->type, &src->shape));
  for (guint i = 0; i < formats->len; i++) {
    /* oneDNN's maximum passes NaN over */
    if (alg == dnnl_pooling_max && src->type == DNN_TYPE_FLOAT32)
      dnn_pool_offer_loop (call, offers, &spatial, formats->pdata[i]);
    /* … and its averages over all of the space lose digits */
    else if (((const DnnPool *) call->op->family)->is_global &&
        src->type == DNN_TYPE_FLOAT32)
      dnn_mean_offer_loop (call, offers, formats->pdata[i]);
    else
      offer_format (call, offers, formats->pdata[i], alg, &window);
  }
}
