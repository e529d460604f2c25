/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of a small backend. */
#include "config.h"

#include "tests/core/fake-ops.h"

#include <string.h>

#include "tests/core/fake-format.h"

/* ---- element-wise ------------------------------------------------------- */

static const DnnArgRow one_input[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
};
static const DnnArgRow two_inputs[] = {
  { "A", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
  { "B", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
};
static const DnnArgRow one_output[] = {
  { "Y", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Result" },
};

static DnnInferResult
infer_same (DnnCall *call, GError **error)
{
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

static gboolean
ref_relu (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const gfloat *x = src[0];
  gfloat *y = dst[0];

  for (gsize i = 0; i < fake_count (&call->outputs[0]); i++)
    y[i] = x[i] > 0 ? x[i] : 0;
  return TRUE;
}

static DnnInferResult
infer_add (DnnCall *call, GError **error)
{
  const DnnShape *a = &call->inputs[0].shape, *b = &call->inputs[1].shape;

  call->outputs[0].shape = *a;
  if (dnn_shape_compatible (a, b) || b->rank == 0)
    return DNN_INFER_OK;
  g_autofree gchar *text_a = dnn_shape_to_string (a);
  g_autofree gchar *text_b = dnn_shape_to_string (b);
  dnn_call_error (
      call, error, DNN_ERROR_SHAPE, "can't add %s and %s", text_a, text_b);
  return DNN_INFER_ERROR;
}

static gboolean
ref_add (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const gfloat *a = src[0], *b = src[1];
  gboolean scalar = call->inputs[1].shape.rank == 0;
  gfloat *y = dst[0];

  for (gsize i = 0; i < fake_count (&call->outputs[0]); i++)
    y[i] = a[i] + b[scalar ? 0 : i];
  return TRUE;
}

/* ref itself does in any order of elements, as long as it is the same. */
static gpointer
prepare_call (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) call;
}

static gboolean
run_elementwise (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCall *call = prepared;

  return call->op->ref (call, (gconstpointer const *) binding->src,
      binding->dst, binding->scratch, error);
}

static const DnnKernel elementwise_kernel = {
  .name = "fake:elementwise",
  .prepare = prepare_call,
  .run = run_elementwise,
};

static void
offer_elementwise (const DnnCall *call, DnnOffers *offers)
{
  for (gint reversed = 0; reversed < 2; reversed++) {
    DnnCandidate *candidate;
    if (reversed && !fake_hints_reversed (offers, 0) &&
        (call->n_inputs < 2 || !fake_hints_reversed (offers, 1)))
      continue;
    candidate = dnn_candidate_new (
        &elementwise_kernel, call->n_inputs, call->n_outputs);
    candidate->alignment = FAKE_ALIGNMENT;
    for (guint i = 0; i < call->n_formal; i++)
      candidate->src[i] = fake_new_format (
          reversed && call->inputs[i].shape.rank > 0, &call->inputs[i]);
    candidate->dst[0] = fake_new_format (reversed, &call->outputs[0]);
    candidate->dst_share[0].kind = DNN_SHARE_MAY;
    candidate->cost = 0.5 * (gdouble) fake_count (&call->outputs[0]);
    dnn_offers_add (offers, candidate);
  }
}

static const DnnOp relu = {
  .name = "Fake.Relu",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_same,
  .ref = ref_relu,
  .offer = offer_elementwise,
  .ref_in_place = TRUE,
};
static const DnnOp add = {
  .name = "Fake.Add",
  .inputs = two_inputs,
  .n_inputs = 2,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_add,
  .ref = ref_add,
  .offer = offer_elementwise,
  .ref_in_place = TRUE,
};

/* ---- Scale: fast in one format only, packs ------------------------------ */

static const DnnArgRow scale_inputs[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
  { "W", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "One a channel" },
};
static const DnnAttrRow scale_attrs[] = {
  { "gain", DNN_ATTR_FLOAT, "1", FALSE, 0, 0, NULL, "Factor" },
};

static DnnInferResult
infer_scale (DnnCall *call, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *w = &call->inputs[1].shape;

  call->outputs[0].shape = *x;
  if (x->rank == 3 && (x->dims[1] == w->dims[1] || x->dims[1] < 0))
    return DNN_INFER_OK;
  g_autofree gchar *text_x = dnn_shape_to_string (x);
  g_autofree gchar *text_w = dnn_shape_to_string (w);
  dnn_call_error (
      call, error, DNN_ERROR_SHAPE, "can't scale %s by %s", text_x, text_w);
  return DNN_INFER_ERROR;
}

static gboolean
ref_scale (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const gfloat *x = src[0], *w = src[1];
  const DnnShape *shape = &call->outputs[0].shape;
  gfloat *y = dst[0];

  for (gsize i = 0; i < fake_count (&call->outputs[0]); i++)
    y[i] = x[i] * w[i / (gsize) shape->dims[2]] * dnn_call_float (call, "gain");
  return TRUE;
}

static gboolean
pack_scale (gpointer prepared, const DnnCall *call, guint pack_idx,
    gconstpointer constant, gpointer packed, GError **error)
{
  gsize n = (gsize) call->inputs[0].shape.dims[1];
  const gfloat *w = constant;
  gfloat *dst = packed;

  for (gsize i = 0; i < n; i++)
    dst[i] = w[n - 1 - i] * dnn_call_float (call, "gain");
  return TRUE;
}

static gboolean
run_scale (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCall *call = prepared;
  const DnnShape *shape = &call->outputs[0].shape;
  const gfloat *x = binding->src[0], *w = binding->packed[0];
  gfloat *y = binding->dst[0];

  for (gsize i = 0; i < fake_count (&call->outputs[0]); i++)
    y[i] = x[i] * w[i / (gsize) shape->dims[2]];
  return TRUE;
}

static const DnnKernel scale_kernel = {
  .name = "fake:scale",
  .prepare = prepare_call,
  .pack = pack_scale,
  .run = run_scale,
};

void (*fake_when_offered) (void);

static void
offer_scale (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *w = &call->inputs[1];
  g_autofree gchar *layout = g_strdup_printf (
      "backwards × %g", dnn_call_float (call, "gain"));
  g_autoptr (DnnFormat) to = NULL;
  DnnCandidate *candidate;

  if (fake_when_offered)
    fake_when_offered ();
  if (!w->is_constant)
    return;
  to = dnn_format_new_packed (w->type, &w->shape, layout,
      (gsize) call->inputs[0].shape.dims[1] * sizeof (gfloat));
  candidate = dnn_candidate_new (
      &scale_kernel, call->n_inputs, call->n_outputs);
  candidate->src[0] = fake_new_format (TRUE, &call->inputs[0]);
  candidate->dst[0] = fake_new_format (TRUE, &call->outputs[0]);
  dnn_candidate_add_pack (candidate, 1, to);
  candidate->cost = (gdouble) fake_count (&call->outputs[0]);
  dnn_offers_add (offers, candidate);
}

static const DnnOp scale = {
  .name = "Fake.Scale",
  .inputs = scale_inputs,
  .n_inputs = 2,
  .outputs = one_output,
  .n_outputs = 1,
  .attrs = scale_attrs,
  .n_attrs = 1,
  .infer = infer_scale,
  .ref = ref_scale,
  .offer = offer_scale,
};

/* ---- Shift: scratch ----------------------------------------------------- */

static DnnInferResult
infer_shift (DnnCall *call, GError **error)
{
  call->outputs[0].shape = call->inputs[0].shape;
  if (dnn_shape_is_known (&call->inputs[0].shape))
    call->ref_scratch = fake_count (&call->inputs[0]) * sizeof (gfloat);
  return DNN_INFER_OK;
}

static gboolean
ref_shift (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gsize n = fake_count (&call->outputs[0]);
  gfloat *middle = scratch, *y = dst[0];

  g_assert_cmpuint ((guintptr) src[0] % DNN_ALIGNMENT, ==, 0);
  memcpy (middle, src[0], n * sizeof (gfloat));
  memset (y, 0, n * sizeof (gfloat));
  for (gsize i = 0; i < n; i++)
    y[i] = middle[i] + 1;
  return TRUE;
}

static const DnnOp shift = {
  .name = "Fake.Shift",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_shift,
  .ref = ref_shift,
};

/* ---- Concat, Split ------------------------------------------------------ */

static const DnnArgRow many_inputs[] = {
  { "inputs", DNN_TYPES_FLOAT32, DNN_ARG_VARIADIC, "T", "Parts" },
};
static const DnnArgRow many_outputs[] = {
  { "outputs", DNN_TYPES_FLOAT32, DNN_ARG_VARIADIC, "T", "Parts" },
};

static DnnInferResult
infer_concat (DnnCall *call, GError **error)
{
  DnnShape *dst = &call->outputs[0].shape;

  *dst = call->inputs[0].shape;
  for (guint i = 1; i < call->n_formal; i++)
    dst->dims[1] += call->inputs[i].shape.dims[1];
  return DNN_INFER_OK;
}

static gboolean
ref_concat (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gfloat *y = dst[0];

  for (guint i = 0; i < call->n_formal; i++) {
    gsize n = fake_count (&call->inputs[i]);
    memcpy (y, src[i], n * sizeof (gfloat));
    y += n;
  }
  return TRUE;
}

static gpointer
prepare_candidate (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) candidate;
}

static gboolean
run_concat (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCandidate *candidate = prepared;

  for (guint i = 0; i < candidate->n_src; i++) {
    guint8 *dst = (guint8 *) binding->dst[0] + candidate->src_share[i].offset;
    if (binding->src[i] != dst)
      memcpy (dst, binding->src[i],
          (gsize) dnn_shape_n_elements (&candidate->src[i]->shape) *
              sizeof (gfloat));
  }
  return TRUE;
}

static const DnnKernel concat_kernel = {
  .name = "fake:concat",
  .prepare = prepare_candidate,
  .run = run_concat,
};

/* Formats of part and whole whose sizes agree, so that parts fit slices: the
 * reversed format's tail is left out. */
static void
offer_concat (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &concat_kernel, call->n_inputs, call->n_outputs);
  gsize offset = 0;

  for (guint i = 0; i < call->n_formal; i++) {
    candidate->src[i] = fake_new_format (FALSE, &call->inputs[i]);
    candidate->src_share[i] = (DnnShare){ DNN_SHARE_MAY, 0, offset };
    offset += fake_count (&call->inputs[i]) * sizeof (gfloat);
  }
  candidate->dst[0] = fake_new_format (FALSE, &call->outputs[0]);
  candidate->cost = 0.5 * (gdouble) fake_count (&call->outputs[0]);
  dnn_offers_add (offers, candidate);
  if (!fake_hints_reversed (offers, 0))
    return;
  candidate = dnn_candidate_new (
      &concat_kernel, call->n_inputs, call->n_outputs);
  offset = 0;
  for (guint i = call->n_formal; i-- > 0;) {
    candidate->src[i] = fake_new_format (TRUE, &call->inputs[i]);
    candidate->src_share[i].offset = offset;
    offset += fake_count (&call->inputs[i]) * sizeof (gfloat);
  }
  candidate->dst[0] = fake_new_format (TRUE, &call->outputs[0]);
  candidate->cost = 0.5 * (gdouble) fake_count (&call->outputs[0]);
  dnn_offers_add (offers, candidate);
}

static const DnnOp concat = {
  .name = "Fake.Concat",
  .inputs = many_inputs,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_concat,
  .ref = ref_concat,
  .offer = offer_concat,
};

static DnnInferResult
infer_split (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;

  if (src->dims[1] % call->n_outputs != 0) {
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "%" G_GINT64_FORMAT " channels can't be %u equal parts", src->dims[1],
        call->n_outputs);
    return DNN_INFER_ERROR;
  }
  for (guint i = 0; i < call->n_outputs; i++) {
    call->outputs[i].shape = *src;
    call->outputs[i].shape.dims[1] /= call->n_outputs;
  }
  return DNN_INFER_OK;
}

static gboolean
ref_split (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gsize n = fake_count (&call->outputs[0]);

  for (guint i = 0; i < call->n_outputs; i++)
    if (dst[i])
      memcpy (dst[i], (const gfloat *) src[0] + i * n, n * sizeof (gfloat));
  return TRUE;
}

static void
offer_split (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      NULL, call->n_inputs, call->n_outputs);

  candidate->src[0] = fake_new_format (FALSE, &call->inputs[0]);
  for (guint i = 0; i < call->n_outputs; i++) {
    if (!call->outputs[i].present)
      continue;
    candidate->dst[i] = fake_new_format (FALSE, &call->outputs[i]);
    candidate->dst_share[i] = (DnnShare){ DNN_SHARE_VIEW, 0,
      i * fake_count (&call->outputs[i]) * sizeof (gfloat) };
  }
  dnn_offers_add (offers, candidate);
}

static const DnnOp split = {
  .name = "Fake.Split",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = many_outputs,
  .n_outputs = 1,
  .infer = infer_split,
  .ref = ref_split,
  .offer = offer_split,
};

/* ---- Reshape, Shape ----------------------------------------------------- */

static const DnnArgRow reshape_inputs[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
  { "shape", DNN_TYPES_INT64, DNN_ARG_REQUIRED, NULL, "New shape" },
};

static DnnInferResult
infer_reshape (DnnCall *call, GError **error)
{
  const gint64 *dims = call->inputs[1].value;

  if (!dims) {
    call->needs_value = 1;
    return DNN_INFER_NEEDS_VALUE;
  }
  g_assert_cmpuint ((guintptr) dims % sizeof (gint64), ==, 0);
  call->outputs[0].shape = dnn_shape_of (
      (gint) call->inputs[1].shape.dims[0], dims);
  return DNN_INFER_OK;
}

static gboolean
ref_reshape (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  memcpy (dst[0], src[0], fake_count (&call->outputs[0]) * sizeof (gfloat));
  return TRUE;
}

static void
offer_view (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      NULL, call->n_inputs, call->n_outputs);

  candidate->src[0] = fake_new_format (FALSE, &call->inputs[0]);
  candidate->dst[0] = fake_new_format (FALSE, &call->outputs[0]);
  candidate->dst_share[0].kind = DNN_SHARE_VIEW;
  dnn_offers_add (offers, candidate);
}

static const DnnOp reshape = {
  .name = "Fake.Reshape",
  .inputs = reshape_inputs,
  .n_inputs = 2,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_reshape,
  .ref = ref_reshape,
  .offer = offer_view,
};

static const DnnArgRow shape_outputs[] = {
  { "shape", DNN_TYPES_INT64, DNN_ARG_REQUIRED, NULL, "Dimensions" },
};

static DnnInferResult
infer_shape (DnnCall *call, GError **error)
{
  call->outputs[0].shape = dnn_shape (1, (gint64) call->inputs[0].shape.rank);
  return DNN_INFER_OK;
}

static gboolean
ref_shape (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  g_assert_null (src[0]);
  memcpy (dst[0], call->inputs[0].shape.dims,
      (gsize) call->inputs[0].shape.rank * sizeof (gint64));
  return TRUE;
}

static const DnnOp shape_op = {
  .name = "Fake.Shape",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = shape_outputs,
  .n_outputs = 1,
  .infer = infer_shape,
  .ref = ref_shape,
  .ref_shapes_only = TRUE,
};

/* ---- data --------------------------------------------------------------- */

static DnnInferResult
infer_nonzero (DnnCall *call, GError **error)
{
  return DNN_INFER_UNKNOWN;
}

static const DnnOp nonzero = {
  .name = "Fake.NonZero",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_nonzero,
  .ref = ref_relu,
};

static gboolean
ref_checked (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const gfloat *x = src[0];

  for (gsize i = 0; i < fake_count (&call->outputs[0]); i++)
    if (x[i] < 0)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "element %" G_GSIZE_FORMAT " is below 0", i);
  return ref_relu (call, src, dst, scratch, error);
}

static const DnnOp checked = {
  .name = "Fake.Checked",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_same,
  .ref = ref_checked,
};

/* ---- failures ----------------------------------------------------------- */

gint fake_n_states;

static gboolean
fail_at (const DnnCall *call, const gchar *when, GError **error)
{
  if (strcmp (dnn_call_attr (call, "at")->s, when) != 0)
    return FALSE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "the backend is broken");
  return TRUE;
}

static gpointer
prepare_broken (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  if (fail_at (call, "prepare", error))
    return NULL;
  g_atomic_int_inc (&fake_n_states);
  return (gpointer) call;
}

static void
unprepare_broken (gpointer prepared)
{
  g_atomic_int_add (&fake_n_states, -1);
}

static gboolean
pack_broken (gpointer prepared, const DnnCall *call, guint pack_idx,
    gconstpointer constant, gpointer packed, GError **error)
{
  return !fail_at (call, "pack", error);
}

static gpointer
bind_broken (gpointer prepared, const DnnBinding *binding, GError **error)
{
  if (fail_at (prepared, "bind", error))
    return NULL;
  g_atomic_int_inc (&fake_n_states);
  return prepared;
}

static gboolean
run_broken (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  return !fail_at (prepared, "run", error);
}

static void
release_broken (gpointer prepared, gpointer bound)
{
  if (bound)
    g_atomic_int_add (&fake_n_states, -1);
}

static const DnnKernel broken_kernel = {
  .name = "fake:broken",
  .prepare = prepare_broken,
  .unprepare = unprepare_broken,
  .pack = pack_broken,
  .bind = bind_broken,
  .run = run_broken,
  .release = release_broken,
};

static void
offer_broken (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &broken_kernel, call->n_inputs, call->n_outputs);

  candidate->src[0] = fake_new_format (FALSE, &call->inputs[0]);
  candidate->dst[0] = fake_new_format (FALSE, &call->outputs[0]);
  if (dnn_call_has_input (call, 1)) {
    g_autoptr (DnnFormat) to = dnn_format_new_packed (
        call->inputs[1].type, &call->inputs[1].shape, "broken", 64);
    dnn_candidate_add_pack (candidate, 1, to);
  }
  dnn_offers_add (offers, candidate);
}

static const DnnArgRow broken_inputs[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Input" },
  { "W", DNN_TYPES_FLOAT32, DNN_ARG_OPTIONAL, "T", "Constant" },
};

static const DnnAttrRow broken_attrs[] = {
  { "at", DNN_ATTR_STRING, "never", FALSE, 0, 0, NULL, "When" },
};

static const DnnOp broken = {
  .name = "Fake.Broken",
  .inputs = broken_inputs,
  .n_inputs = 2,
  .outputs = one_output,
  .n_outputs = 1,
  .attrs = broken_attrs,
  .n_attrs = 1,
  .infer = infer_same,
  .ref = ref_relu,
  .offer = offer_broken,
};

/* ---- attributes --------------------------------------------------------- */

static const gchar *const modes[] = { "linear", "nearest", NULL };
static const DnnAttrRow all_attrs[] = {
  { "axis", DNN_ATTR_INT, "1", FALSE, 0, 0, NULL, "Dimension" },
  { "group", DNN_ATTR_INT, "1", FALSE, 1, 1024, NULL, "Groups" },
  { "alpha", DNN_ATTR_FLOAT, "0.5", FALSE, 0, 1, NULL, "Slope" },
  { "mode", DNN_ATTR_STRING, "linear", FALSE, 0, 0, modes, "How" },
  { "pads", DNN_ATTR_INTS, NULL, FALSE, 0, 100, NULL, "Border" },
  { "scales", DNN_ATTR_FLOATS, NULL, FALSE, 0, 0, NULL, "Factors" },
  { "names", DNN_ATTR_STRINGS, NULL, FALSE, 0, 0, modes, "Words" },
};
static const DnnArgRow attrs_inputs[] = {
  { "X", DNN_TYPES_FLOAT, DNN_ARG_REQUIRED, "T", "Data" },
  { "min", DNN_TYPES_FLOAT, DNN_ARG_OPTIONAL, "T", "Lowest" },
};
static const DnnArgRow attrs_outputs[] = {
  { "Y", DNN_TYPES_FLOAT, DNN_ARG_REQUIRED, "T", "Result" },
};

static DnnInferResult
infer_attrs (DnnCall *call, GError **error)
{
  gint axis;

  if (!dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, error))
    return DNN_INFER_ERROR;
  return infer_same (call, error);
}

static const DnnOp attrs_op = {
  .name = "Fake.Attrs",
  .inputs = attrs_inputs,
  .n_inputs = 2,
  .outputs = attrs_outputs,
  .n_outputs = 1,
  .attrs = all_attrs,
  .n_attrs = G_N_ELEMENTS (all_attrs),
  .infer = infer_attrs,
  .ref = ref_relu,
};

void
fake_ops_register (void)
{
  static const DnnOp *const ops[] = { &relu, &add, &scale, &shift, &concat,
    &split, &reshape, &shape_op, &nonzero, &checked, &broken, &attrs_op };

  for (guint i = 0; i < G_N_ELEMENTS (ops); i++)
    dnn_op_register (ops[i]);
}
