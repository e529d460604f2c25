/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Resize: another number of elements along some axes, by the nearest one, by
 * linear or by cubic interpolation. oneDNN has one way to count coordinates;
 * it is offered for every call whose tables of sources are the same. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/spatial/dnn-resize.h"

static const gchar *const coordinate_modes[] = { "half_pixel",
  "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
  "tf_crop_and_resize", NULL };
static const gchar *const modes[] = { "nearest", "linear", "cubic", NULL };
static const gchar *const nearest_modes[] = { "round_prefer_floor",
  "round_prefer_ceil", "floor", "ceil", NULL };
static const gchar *const policies[] = { "stretch", "not_larger", "not_smaller",
  NULL };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_ANY, .type_var = "T1" },
  { .name = "roi",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "starts, then ends, of 1; tf_crop_and_resize only" },
  { .name = "scales",
      .types = DNN_TYPES_FLOAT32,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "one an axis" },
  { .name = "sizes",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "one an axis, in place of scales" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_ANY, .type_var = "T1" },
};
static const DnnAttrRow attrs[] = {
  { .key = "antialias",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: shrinking averages" },
  { .key = "axes",
      .kind = DNN_ATTR_INTS,
      .doc = "those that scales and sizes are for, default all" },
  { .key = "coordinate_transformation_mode",
      .kind = DNN_ATTR_STRING,
      .def = "half_pixel",
      .choices = coordinate_modes,
      .doc = "where an element of Y lies in X" },
  { .key = "cubic_coeff_a",
      .kind = DNN_ATTR_FLOAT,
      .def = "-0.75",
      .doc = "of cubic" },
  { .key = "exclude_outside",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: what lies outside has no weight" },
  { .key = "extrapolation_value",
      .kind = DNN_ATTR_FLOAT,
      .def = "0",
      .doc = "outside X with tf_crop_and_resize" },
  { .key = "keep_aspect_ratio_policy",
      .kind = DNN_ATTR_STRING,
      .def = "stretch",
      .choices = policies,
      .doc = "of sizes" },
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .def = "nearest",
      .choices = modes,
      .doc = "interpolation" },
  { .key = "nearest_mode",
      .kind = DNN_ATTR_STRING,
      .def = "round_prefer_floor",
      .choices = nearest_modes,
      .doc = "rounding of nearest" },
};

/* Bytes of the tables of all axes. */
static gsize
count_scratch (const DnnResize *self)
{
  gsize n = 0;

  for (gint i = 0; i < self->rank; i++)
    n += MAX (self->axes[i].n_dst, 0) * self->axes[i].n_taps;
  return n * sizeof (DnnResizeTap);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gconstpointer values[4] = { NULL };
  DnnShape *shape = &call->outputs[0].shape;
  DnnResize resize;

  call->outputs[0].type = call->inputs[0].type;
  *shape = call->inputs[0].shape;
  for (gint i = 0; i < shape->rank; i++)
    shape->dims[i] = DNN_DIM_OPEN;
  for (guint i = 1; i < call->n_formal; i++) {
    values[i] = call->inputs[i].value;
    if (call->inputs[i].present && !values[i] &&
        dnn_shape_n_elements (&call->inputs[i].shape) != 0) {
      call->needs_value = i;
      return DNN_INFER_NEEDS_VALUE;
    }
  }
  if (!dnn_resize_read (call, values, &resize, error))
    return DNN_INFER_ERROR;
  shape->rank = resize.rank;
  for (gint i = 0; i < resize.rank; i++)
    shape->dims[i] = resize.axes[i].n_dst;
  call->ref_scratch = count_scratch (&resize);
  return DNN_INFER_OK;
}

/* ---- ref --------------------------------------------------------------------
 */

/* Source, strides and the rows of taps of one output element. */
typedef struct
{
  gint rank;
  DnnType type;
  gconstpointer src;
  gint64 strides[DNN_MAX_RANK];
  gint n_taps[DNN_MAX_RANK];
  const DnnResizeTap *rows[DNN_MAX_RANK];
} Mix;

/* Σ weights × elements over axes @axis and later ones, from @base on. */
static gdouble
mix (const Mix *self, gint axis, gint64 base)
{
  gdouble sum = 0;

  if (axis == self->rank)
    return dnn_type_get (self->type, self->src, base);
  for (gint i = 0; i < self->n_taps[axis]; i++) {
    const DnnResizeTap *tap = &self->rows[axis][i];
    if (tap->weight != 0)
      sum += tap->weight *
          mix (self, axis + 1, base + tap->idx * self->strides[axis]);
  }
  return sum;
}

/* Nearest moves bytes: no type is too wide. */
static gint64
find_source (const Mix *self)
{
  gint64 idx = 0;

  for (gint i = 0; i < self->rank; i++)
    idx += self->rows[i]->idx * self->strides[i];
  return idx;
}

static gboolean
is_outside (const Mix *self)
{
  for (gint i = 0; i < self->rank; i++)
    if (self->rows[i]->idx < 0)
      return TRUE;
  return FALSE;
}

static void
compute (const DnnCall *call, const DnnResize *resize, const Mix *self,
    gpointer dst, gint64 idx)
{
  gsize element = dnn_type_size (self->type);

  if (is_outside (self))
    dnn_type_set (
        self->type, dst, idx, dnn_call_float (call, "extrapolation_value"));
  else if (resize->mode == DNN_RESIZE_NEAREST)
    memcpy ((guint8 *) dst + idx * element,
        (const guint8 *) self->src + find_source (self) * element, element);
  else
    dnn_type_set (self->type, dst, idx, mix (self, 0, 0));
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gconstpointer values[4] = { NULL };
  DnnResizeTap *taps = scratch;
  const DnnResizeTap *tables[DNN_MAX_RANK];
  gint64 at[DNN_MAX_RANK] = { 0 };
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape), stride = 1;
  Mix self = { .type = call->inputs[0].type, .src = src[0] };
  DnnResize resize;

  memcpy (values, src, call->n_formal * sizeof (gconstpointer));
  if (!dnn_resize_read (call, values, &resize, error))
    return FALSE;
  self.rank = resize.rank;
  for (gint i = resize.rank - 1; i >= 0; i--) {
    const DnnResizeAxis *axis = &resize.axes[i];
    dnn_resize_fill (call, axis, taps);
    tables[i] = taps;
    taps += axis->n_dst * axis->n_taps;
    self.n_taps[i] = axis->n_taps;
    self.strides[i] = stride;
    stride *= axis->n_src;
  }
  for (gint64 idx = 0; idx < n; idx++) {
    for (gint i = 0; i < resize.rank; i++)
      self.rows[i] = tables[i] + at[i] * self.n_taps[i];
    compute (call, &resize, &self, dst[0], idx);
    for (gint i = resize.rank - 1; i >= 0 && ++at[i] == resize.axes[i].n_dst;
         i--)
      at[i] = 0;
  }
  return TRUE;
}

/* ---- offer ------------------------------------------------------------------
 */

/* oneDNN's position; it rounds half away from zero, so that a tie is better
 * left to ref. */
static gboolean
is_same_nearest (const DnnResizeAxis *axis, gint64 x, const DnnResizeTap *tap)
{
  gdouble position = (x + 0.5) * (gdouble) axis->n_src / (gdouble) axis->n_dst -
      0.5;
  gdouble fraction = position - floor (position);

  return fabs (fraction - 0.5) > 1e-4 && tap->idx == (gint64) round (position);
}

static gboolean
is_same_linear (const DnnResizeAxis *axis, gint64 x, const DnnResizeTap *taps)
{
  gdouble position = (x + 0.5) * (gdouble) axis->n_src / (gdouble) axis->n_dst -
      0.5;
  gdouble place = 0;

  position = CLAMP (position, 0, (gdouble) axis->n_src - 1);
  for (gint i = 0; i < axis->n_taps; i++)
    place += taps[i].weight * (gdouble) taps[i].idx;
  return fabs (place - position) < 1e-5;
}

static gboolean
is_same_axis (const DnnCall *call, const DnnResize *resize, gint i)
{
  const DnnResizeAxis *axis = &resize->axes[i];
  g_autofree DnnResizeTap *taps = NULL;

  if (i < 2 || axis->is_identity)
    return axis->is_identity;
  if (axis->n_taps > 2)
    return FALSE;
  taps = g_new (DnnResizeTap, axis->n_dst * axis->n_taps);
  dnn_resize_fill (call, axis, taps);
  for (gint64 x = 0; x < axis->n_dst; x++) {
    const DnnResizeTap *row = &taps[x * axis->n_taps];
    if (resize->mode == DNN_RESIZE_NEAREST ? !is_same_nearest (axis, x, row)
                                           : !is_same_linear (axis, x, row))
      return FALSE;
  }
  return TRUE;
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, DnnResizeMode mode,
    const DnnFormat *format)
{
  dnnl_alg_kind_t alg = mode == DNN_RESIZE_NEAREST ? dnnl_resampling_nearest
                                                   : dnnl_resampling_linear;
  g_autoptr (DnnFormat) to = dnn_onednn_format_like (
      format, DNN_TYPE_FLOAT32, &call->outputs[0].shape);
  g_autoptr (DnnMd) src = dnn_onednn_format_to_md (format);
  g_autoptr (DnnMd) dst = to ? dnn_onednn_format_to_md (to) : NULL;
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = NULL;
  gboolean is_plain = dnn_format_is_plain (format);
  DnnPrimitive *primitive;
  gdouble cost;

  if (!dst)
    return;
  pd = dnn_pd_new_resampling (alg, src, dst, attr);
  if (!pd || dnn_pd_is_ref (pd))
    return;
  cost = dnn_cost_of_bytes (dnn_pd_get_impl (pd),
      dnn_md_get_size (src) + dnn_md_get_size (dst),
      !is_plain                        ? 30
          : mode == DNN_RESIZE_NEAREST ? 12
                                       : 3);
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, src, format);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, dst, to);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *x = &call->inputs[0];
  gconstpointer values[4] = { NULL };
  g_autoptr (GPtrArray) formats = NULL;
  DnnResize resize;

  dnn_resize_offer_loop (call, offers);
  if (x->type != DNN_TYPE_FLOAT32 || x->shape.rank < 3 || x->shape.rank > 5 ||
      dnn_shape_n_elements (&x->shape) <= 0 ||
      dnn_shape_n_elements (&call->outputs[0].shape) <= 0)
    return;
  for (guint i = 1; i < call->n_formal; i++)
    values[i] = call->inputs[i].value;
  if (!dnn_resize_read (call, values, &resize, NULL) ||
      resize.mode == DNN_RESIZE_CUBIC || resize.crops)
    return;
  /* a weight of 0 makes NaN of an infinity */
  if (resize.mode == DNN_RESIZE_LINEAR && !call->target.fast_math)
    return;
  for (gint i = 0; i < resize.rank; i++)
    if (!is_same_axis (call, &resize, i))
      return;
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, &x->shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (DNN_TYPE_FLOAT32, &x->shape));
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, resize.mode, formats->pdata[i]);
}

const DnnOp dnn_op_Resize = {
  .name = "Resize",
  .doc = "Another number of elements along some axes",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
};
