/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pad: more (or fewer) elements at the ends of each dimension. */
#include "config.h"

#include "kernels/family/dnn-copy.h"

#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-parallel.h"

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

/* Inputs, by position. */
enum
{
  DATA,
  PADS,
  VALUE,
  AXES,
};

static const gchar *const modes[] = { "constant", "reflect", "edge", "wrap",
  NULL };

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "pads",
      .types = DNN_TYPES_INT64,
      .doc = "elements before each axis, then behind each; negative: taken "
             "away" },
  { .name = "constant_value",
      .types = DNN_TYPES_ANY,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "scalar; default 0" },
  { .name = "axes",
      .types = DNN_TYPES_INDEX,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "which axes pads speaks of; default: all" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .def = "constant",
      .choices = modes,
      .doc = "what stands there: a value, the mirrored inside, the last "
             "element, the other end" },
};

/* Elements added before and behind each dimension. */
typedef struct
{
  gint64 before[DNN_MAX_RANK], behind[DNN_MAX_RANK];
} Pads;

static gint64
get_axis (const DnnCall *call, gconstpointer axes, gint64 idx)
{
  return call->inputs[AXES].type == DNN_TYPE_INT32
      ? ((const gint32 *) axes)[idx]
      : ((const gint64 *) axes)[idx];
}

/* @pads, @axes: bytes of the inputs. */
static gboolean
read_pads (const DnnCall *call, const gint64 *pads, gconstpointer axes,
    Pads *result, GError **error)
{
  gint rank = call->inputs[DATA].shape.rank;
  gint64 n_axes = dnn_call_has_input (call, AXES)
      ? dnn_shape_n_elements (&call->inputs[AXES].shape)
      : rank;
  gint64 n_pads = dnn_shape_n_elements (&call->inputs[PADS].shape);

  *result = (Pads){ 0 };
  if (n_pads != 2 * n_axes)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "pads has %" G_GINT64_FORMAT " entries; expected %" G_GINT64_FORMAT
        ", two an axis",
        n_pads, 2 * n_axes);
  for (gint64 i = 0; i < n_axes; i++) {
    gint64 axis = dnn_call_has_input (call, AXES) ? get_axis (call, axes, i)
                                                  : i;
    if (axis < -rank || axis >= rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axis %" G_GINT64_FORMAT " is outside the %d dimensions of data",
          axis, rank);
    if (axis < 0)
      axis += rank;
    result->before[axis] = pads[i];
    result->behind[axis] = pads[n_axes + i];
  }
  return TRUE;
}

/* What isn't constant needs an element to show. */
static gboolean
check_mode (const DnnCall *call, gint axis, const Pads *pads, GError **error)
{
  const gchar *mode = dnn_call_attr (call, "mode")->s;
  gint64 dim = call->inputs[DATA].shape.dims[axis];
  gint64 more = MAX (pads->before[axis], pads->behind[axis]);

  if (strcmp (mode, "constant") == 0 || more <= 0)
    return TRUE;
  if (dim > 0)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "mode %s cannot add %" G_GINT64_FORMAT
      " elements to the %" G_GINT64_FORMAT " of axis %d",
      mode, more, dim, axis);
}

static gboolean
set_shape (DnnCall *call, const Pads *pads, GError **error)
{
  const DnnShape *src = &call->inputs[DATA].shape;
  DnnShape *dst = &call->outputs[0].shape;

  for (gint i = 0; i < src->rank; i++) {
    gint64 limit = DNN_MAX_TENSOR_BYTES;
    if (src->dims[i] < 0)
      continue;
    if (pads->before[i] > limit || pads->behind[i] > limit ||
        pads->before[i] < -limit || pads->behind[i] < -limit ||
        src->dims[i] + pads->before[i] + pads->behind[i] < 0)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axis %d of %" G_GINT64_FORMAT
          " elements cannot get %" G_GINT64_FORMAT
          " before and %" G_GINT64_FORMAT " behind",
          i, src->dims[i], pads->before[i], pads->behind[i]);
    dst->dims[i] = src->dims[i] + pads->before[i] + pads->behind[i];
    if (!check_mode (call, i, pads, error))
      return FALSE;
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnCallArg *dst = &call->outputs[0];
  Pads pads;

  dst->type = call->inputs[DATA].type;
  dst->shape = call->inputs[DATA].shape;
  if (dst->shape.rank < 0)
    return DNN_INFER_OK;
  for (gint i = 0; i < dst->shape.rank; i++)
    dst->shape.dims[i] = DNN_DIM_OPEN;
  for (guint i = PADS; i <= AXES; i++) {
    if (i == VALUE || !dnn_call_has_input (call, i) || call->inputs[i].value)
      continue;
    call->needs_value = i;
    return DNN_INFER_NEEDS_VALUE;
  }
  if (!read_pads (call, call->inputs[PADS].value,
          dnn_call_has_input (call, AXES) ? call->inputs[AXES].value : NULL,
          &pads, error) ||
      !set_shape (call, &pads, error))
    return DNN_INFER_ERROR;
  return DNN_INFER_OK;
}

/* The part of the data that stays, where it lies on both sides. */
static DnnCopy
make_copy (const DnnCall *call, const Pads *pads)
{
  const DnnShape *src = &call->inputs[DATA].shape;
  const DnnShape *dst = &call->outputs[0].shape;
  DnnCopy copy = { .element = dnn_type_size (call->inputs[DATA].type),
    .rank = src->rank };

  dnn_copy_get_strides (src, copy.src_strides);
  dnn_copy_get_strides (dst, copy.dst_strides);
  for (gint i = 0; i < src->rank; i++) {
    gint64 first = MAX (-pads->before[i], 0);
    gint64 at = MAX (pads->before[i], 0);
    gint64 n = MIN (src->dims[i] - first, dst->dims[i] - at);
    copy.dims[i] = MAX (n, 0);
    copy.src_offset += first * copy.src_strides[i];
    copy.dst_offset += at * copy.dst_strides[i];
  }
  return copy;
}

typedef enum
{
  MODE_CONSTANT,
  MODE_REFLECT,
  MODE_EDGE,
  MODE_WRAP,
} Mode;

static Mode
get_mode (const DnnCall *call)
{
  const gchar *text = dnn_call_attr (call, "mode")->s;
  guint mode = 0;

  while (modes[mode] && strcmp (modes[mode], text) != 0)
    mode++;
  return mode;
}

/* The element of a dimension of @dim that index @i (before or behind it)
 * shows. */
static gint64
fold_index (Mode mode, gint64 i, gint64 dim)
{
  switch (mode) {
    case MODE_REFLECT: /* back and forth, the ends once */
      if (dim == 1)
        return 0;
      i = ABS (i) % (2 * (dim - 1));
      return i >= dim ? 2 * (dim - 1) - i : i;
    case MODE_EDGE:
      return CLAMP (i, 0, dim - 1);
    default:
      i %= dim;
      return i < 0 ? i + dim : i;
  }
}

/* Element by element: index of the output → index of the data. */
static void
compute_folded (
    const DnnCall *call, const Pads *pads, const guint8 *src, guint8 *dst)
{
  const DnnShape *from = &call->inputs[DATA].shape;
  const DnnShape *to = &call->outputs[0].shape;
  gsize element = dnn_type_size (call->inputs[DATA].type);
  Mode mode = get_mode (call);
  gint64 strides[DNN_MAX_RANK];

  dnn_copy_get_strides (from, strides);
  for (gint64 pos = 0; pos < dnn_shape_n_elements (to); pos++) {
    gint64 rest = pos, offset = 0;
    for (gint i = to->rank - 1; i >= 0; i--) {
      gint64 idx = rest % to->dims[i] - pads->before[i];
      offset += fold_index (mode, idx, from->dims[i]) * strides[i];
      rest /= to->dims[i];
    }
    memcpy (
        dst + pos * (gint64) element, src + offset * (gint64) element, element);
  }
}

static void
compute_constant (const DnnCall *call, const Pads *pads, const guint8 *src,
    guint8 *dst, const guint8 *value)
{
  static const guint8 zeros[8];
  gsize element = dnn_type_size (call->inputs[DATA].type);
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);
  DnnCopy copy = make_copy (call, pads);

  for (gint64 i = 0; i < n; i++)
    memcpy (dst + i * (gint64) element, value ? value : zeros, element);
  dnn_copy_simplify (&copy);
  dnn_copy_run (&copy, src, dst);
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->outputs[0].shape;
  Pads pads;

  if (!read_pads (call, src[PADS],
          dnn_call_has_input (call, AXES) ? src[AXES] : NULL, &pads, error))
    return FALSE;
  for (gint i = 0; i < shape->rank; i++) {
    gint64 dim = call->inputs[DATA].shape.dims[i] + pads.before[i] +
        pads.behind[i];
    if (!check_mode (call, i, &pads, error))
      return FALSE;
    if (dim != shape->dims[i])
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "pads give %" G_GINT64_FORMAT
          " elements on axis %d; planned were %" G_GINT64_FORMAT,
          dim, i, shape->dims[i]);
  }
  if (get_mode (call) == MODE_CONSTANT)
    compute_constant (call, &pads, src[DATA], dst[0],
        dnn_call_has_input (call, VALUE) ? src[VALUE] : NULL);
  else
    compute_folded (call, &pads, src[DATA], dst[0]);
  return TRUE;
}

/* ---- the loop over rows, for what is no constant ----------------------------
 */

typedef struct
{
  const DnnCall *call;
  Mode mode;
  Pads pads;
  gint64 strides[DNN_MAX_RANK];
} Folded;

typedef struct
{
  const Folded *folded;
  const guint8 *src;
  guint8 *dst;
} Run;

/* Where row @row of the output, all but its last index, lies in the data. */
static gint64
find_row (const Folded *self, gint64 row)
{
  const DnnShape *from = &self->call->inputs[DATA].shape;
  const DnnShape *to = &self->call->outputs[0].shape;
  gint64 offset = 0;

  for (gint i = to->rank - 2; i >= 0; i--) {
    gint64 idx = row % to->dims[i] - self->pads.before[i];
    offset += fold_index (self->mode, idx, from->dims[i]) * self->strides[i];
    row /= to->dims[i];
  }
  return offset;
}

/* Elements @from … @to of a row, counted from the data's own first one. */
static void
fold_elements (
    const Folded *self, const guint8 *src, guint8 *dst, gint64 from, gint64 to)
{
  gint last = self->call->inputs[DATA].shape.rank - 1;
  gint64 dim = self->call->inputs[DATA].shape.dims[last];
  gint64 before = self->pads.before[last];
  gsize element = dnn_type_size (self->call->inputs[DATA].type);

  for (gint64 i = from; i < to; i++)
    memcpy (dst + (i + before) * (gint64) element,
        src + fold_index (self->mode, i, dim) * (gint64) element, element);
}

static void
fold_rows (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Folded *self = run->folded;
  gint last = self->call->inputs[DATA].shape.rank - 1;
  gint64 dim = self->call->inputs[DATA].shape.dims[last];
  gint64 length = self->call->outputs[0].shape.dims[last];
  gint64 before = self->pads.before[last], behind = self->pads.behind[last];
  gint64 first = MAX (-before, 0), end = MIN (dim + behind, dim);
  gsize element = dnn_type_size (self->call->inputs[DATA].type);

  for (gint64 row = from; row < to; row++) {
    const guint8 *src = run->src + find_row (self, row) * (gint64) element;
    guint8 *dst = run->dst + row * length * (gint64) element;
    fold_elements (self, src, dst, -before, MIN (0, dim + behind));
    if (end > first)
      memcpy (dst + (first + before) * (gint64) element,
          src + first * (gint64) element, (end - first) * element);
    fold_elements (self, src, dst, MAX (dim, -before), dim + behind);
  }
}

static gpointer
prepare_folded (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Folded *self = g_new0 (Folded, 1);

  self->call = call;
  self->mode = get_mode (call);
  dnn_copy_get_strides (&call->inputs[DATA].shape, self->strides);
  read_pads (call, call->inputs[PADS].value,
      dnn_call_has_input (call, AXES) ? call->inputs[AXES].value : NULL,
      &self->pads, NULL);
  return self;
}

static gboolean
run_folded (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Folded *self = prepared;
  const DnnShape *shape = &self->call->outputs[0].shape;
  gint64 length = shape->dims[shape->rank - 1];
  Run run = { self, binding->src[DATA], binding->dst[0] };

  if (length > 0)
    dnn_parallel_for (self->call, dnn_shape_n_elements (shape) / length,
        MAX (GRAIN / length, 1), fold_rows, &run);
  return TRUE;
}

static const DnnKernel folded_kernel = {
  .name = "loop",
  .prepare = prepare_folded,
  .unprepare = g_free,
  .run = run_folded,
};

static void
offer_folded (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate;

  if (!call->inputs[PADS].value || call->outputs[0].shape.rank < 1 ||
      (dnn_call_has_input (call, AXES) && !call->inputs[AXES].value))
    return;
  candidate = dnn_candidate_new (
      &folded_kernel, call->n_inputs, call->n_outputs);
  candidate->src[DATA] = dnn_offer_plain (&call->inputs[DATA]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      0.3 * (gdouble) dnn_shape_n_elements (&call->outputs[0].shape);
  dnn_offers_add (offers, candidate);
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  static const guint8 zeros[8];
  gconstpointer fill = zeros;
  DnnCopy copy;
  Pads pads;

  if (get_mode (call) != MODE_CONSTANT) {
    offer_folded (call, offers);
    return;
  }
  if (!call->inputs[PADS].value ||
      (dnn_call_has_input (call, AXES) && !call->inputs[AXES].value))
    return;
  if (dnn_call_has_input (call, VALUE))
    fill = call->inputs[VALUE].value;
  if (!fill ||
      !read_pads (call, call->inputs[PADS].value,
          dnn_call_has_input (call, AXES) ? call->inputs[AXES].value : NULL,
          &pads, NULL))
    return;
  copy = make_copy (call, &pads);
  dnn_offers_add (offers, dnn_copy_candidate (call, &copy, 1, fill));
}

const DnnOp dnn_op_Pad = {
  .name = "Pad",
  .doc = "More (or fewer) elements at the ends of each dimension",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .offer = offer,
};
