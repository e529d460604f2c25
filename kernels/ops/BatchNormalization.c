/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BatchNormalization: scale · (x − mean) / √(variance + epsilon) + B, each by
 * channel. What stands behind a convolution is folded into it by the
 * compiler; this is for the rest. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
  { .name = "scale", .types = DNN_TYPES_FLOAT, .type_var = "T1", .doc = "C" },
  { .name = "B", .types = DNN_TYPES_FLOAT, .type_var = "T1", .doc = "C" },
  { .name = "input_mean",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T2",
      .doc = "C" },
  { .name = "input_var",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T2",
      .doc = "C" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "running_mean",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2",
      .doc = "C; of training" },
  { .name = "running_var",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2",
      .doc = "C; of training" },
};
static const DnnAttrRow attrs[] = {
  { .key = "epsilon",
      .kind = DNN_ATTR_FLOAT,
      .def = "1e-05",
      .doc = "added to the variance" },
  { .key = "momentum",
      .kind = DNN_ATTR_FLOAT,
      .def = "0.9",
      .doc = "of training: share of the old statistics" },
  { .key = "training_mode",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: statistics of X itself" },
};

enum
{
  X,
  SCALE,
  B,
  MEAN,
  VARIANCE,
};

static gboolean
has_output (const DnnCall *call, guint idx)
{
  return idx < call->n_outputs && call->outputs[idx].present;
}

static gboolean
has_statistics (const DnnCall *call)
{
  return has_output (call, 1) || has_output (call, 2);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *x = &call->inputs[X].shape;
  DnnShape expected = { .rank = 1 };

  if (dnn_call_int (call, "training_mode") == 0 && has_statistics (call)) {
    dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "running_mean and running_var are of training, training_mode is 0");
    return DNN_INFER_ERROR;
  }
  if (x->rank < 2) {
    g_autofree gchar *text = dnn_shape_to_string (x);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "X is of shape %s, expected rank 2 or more", text);
    return DNN_INFER_ERROR;
  }
  expected.dims[0] = x->dims[1];
  for (guint i = SCALE; i <= VARIANCE; i++) {
    if (!dnn_shape_compatible (&call->inputs[i].shape, &expected)) {
      g_autofree gchar *text = dnn_shape_to_string (&call->inputs[i].shape);
      dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "%s is of shape %s, expected %" G_GINT64_FORMAT
          " (the channels of X)",
          inputs[i].name, text, x->dims[1]);
      return DNN_INFER_ERROR;
    }
  }
  call->outputs[0].type = call->inputs[X].type;
  call->outputs[0].shape = *x;
  for (guint i = 1; i <= 2; i++)
    if (has_output (call, i)) {
      call->outputs[i].type = call->inputs[MEAN].type;
      call->outputs[i].shape = expected;
    }
  return DNN_INFER_OK;
}

static gdouble
load (const DnnCall *call, gconstpointer const *src, guint input, gint64 idx)
{
  return dnn_load (call->inputs[input].type, src[input], idx);
}

/* One channel by its own statistics, which join the running ones. */
static void
train_channel (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gint64 c, gint64 plane)
{
  const DnnShape *shape = &call->inputs[X].shape;
  gdouble momentum = dnn_call_float (call, "momentum");
  gdouble n = (gdouble) (shape->dims[0] * plane), mean = 0, variance = 0;
  gdouble factor;

  for (gint64 i = 0; i < shape->dims[0] * plane; i++)
    mean += load (
        call, src, X, (i / plane * shape->dims[1] + c) * plane + i % plane);
  mean /= n;
  for (gint64 i = 0; i < shape->dims[0] * plane; i++) {
    gdouble x = load (call, src, X,
                    (i / plane * shape->dims[1] + c) * plane + i % plane) -
        mean;
    variance += x * x / n;
  }
  factor = load (call, src, SCALE, c) /
      sqrt (variance + dnn_call_float (call, "epsilon"));
  for (gint64 i = 0; i < shape->dims[0] * plane; i++) {
    gint64 at = (i / plane * shape->dims[1] + c) * plane + i % plane;
    if (has_output (call, 0))
      dnn_store (call->outputs[0].type, dst[0], at,
          (load (call, src, X, at) - mean) * factor + load (call, src, B, c));
  }
  if (has_output (call, 1))
    dnn_store (call->outputs[1].type, dst[1], c,
        load (call, src, MEAN, c) * momentum + mean * (1 - momentum));
  if (has_output (call, 2))
    dnn_store (call->outputs[2].type, dst[2], c,
        load (call, src, VARIANCE, c) * momentum + variance * (1 - momentum));
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[X].shape;
  gdouble epsilon = dnn_call_float (call, "epsilon");
  gint64 plane = 1, idx = 0;

  for (gint i = 2; i < shape->rank; i++)
    plane *= shape->dims[i];
  if (dnn_call_int (call, "training_mode") != 0) {
    for (gint64 c = 0; c < shape->dims[1]; c++)
      train_channel (call, src, dst, c, plane);
    return TRUE;
  }
  for (gint64 i = 0; i < shape->dims[0] * shape->dims[1]; i++) {
    gint64 c = i % shape->dims[1];
    gdouble factor = load (call, src, SCALE, c) /
        sqrt (load (call, src, VARIANCE, c) + epsilon);
    gdouble mean = load (call, src, MEAN, c), shift = load (call, src, B, c);
    for (gint64 j = 0; j < plane; j++, idx++)
      dnn_store (call->outputs[0].type, dst[0], idx,
          (load (call, src, X, idx) - mean) * factor + shift);
  }
  return TRUE;
}

/* Planes have fast code as images only: whatever space there is, is one row.
 */
static DnnMd *
make_md (const DnnFormat *format)
{
  const DnnShape *shape = &format->shape;
  gint64 dims[4] = { shape->dims[0], shape->dims[1], 1, 1 };

  if (!dnn_format_is_plain (format))
    return dnn_onednn_format_to_md (format);
  for (gint i = 2; i < shape->rank; i++)
    dims[3] *= shape->dims[i];
  return dnn_md_new_plain (4, dims, dnnl_f32);
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  static const gint args[] = {
    [SCALE] = DNNL_ARG_SCALE,
    [B] = DNNL_ARG_SHIFT,
    [MEAN] = DNNL_ARG_MEAN,
    [VARIANCE] = DNNL_ARG_VARIANCE,
  };
  g_autoptr (DnnMd) md = make_md (format);
  g_autoptr (DnnMd)
      channels = dnn_md_new_plain (1, &format->shape.dims[1], dnnl_f32);
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = dnn_pd_new_batch_normalization (
      md, dnn_call_float (call, "epsilon"), attr);
  DnnPrimitive *primitive;
  gdouble cost;

  if (!pd || dnn_pd_is_ref (pd))
    return;
  cost = dnn_cost_of_bytes (
      dnn_pd_get_impl (pd), 2.0 * dnn_md_get_size (md), 35);
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, X, md, format);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, md, format);
  for (guint i = SCALE; i <= VARIANCE; i++) {
    g_autoptr (DnnFormat) plain = dnn_offer_plain (&call->inputs[i]);
    dnn_primitive_add_src (primitive, args[i], i, channels, plain);
  }
  dnn_primitive_set_in_place (primitive, X);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnShape *shape = &call->inputs[X].shape;
  g_autoptr (GPtrArray) formats = NULL;

  if (!dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32) || shape->rank > 5 ||
      dnn_call_int (call, "training_mode") != 0)
    return;
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, formats->pdata[i]);
}

const DnnOp dnn_op_BatchNormalization = {
  .name = "BatchNormalization",
  .doc = "Each channel shifted and scaled to given statistics",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
  .ref_in_place = TRUE,
};
