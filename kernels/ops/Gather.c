/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Gather: slices of one axis, picked by index. */
#include "config.h"

#include "kernels/family/dnn-copy.h"

#include <string.h>

#include "kernels/family/dnn-offer.h"
#include "kernels/loops/dnn-parallel.h"

/* Bytes that keep a thread busy long enough. */
#define GRAIN 65536

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "indices",
      .types = DNN_TYPES_INDEX,
      .doc = "negative: from the end of the axis" },
};
static const DnnArgRow outputs[] = {
  { .name = "output",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "the shape of indices stands in place of the axis" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis", .kind = DNN_ATTR_INT, .def = "0", .doc = "which one" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  DnnShape *dst = &call->outputs[0].shape;
  gint axis, k = 0;

  call->outputs[0].type = call->inputs[0].type;
  if (!dnn_call_axis (call, "axis", data->rank, &axis, error))
    return DNN_INFER_ERROR;
  if (data->rank - 1 + indices->rank > DNN_MAX_RANK) {
    dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "the result has %d dimensions; at most %d are supported",
        data->rank - 1 + indices->rank, DNN_MAX_RANK);
    return DNN_INFER_ERROR;
  }
  for (gint i = 0; i < axis; i++)
    dst->dims[k++] = data->dims[i];
  for (gint i = 0; i < indices->rank; i++)
    dst->dims[k++] = indices->dims[i];
  for (gint i = axis + 1; i < data->rank; i++)
    dst->dims[k++] = data->dims[i];
  dst->rank = k;
  return DNN_INFER_OK;
}

/* The data as outer × dim × inner, inner in bytes. */
typedef struct
{
  gint64 outer, dim, inner;
} Rows;

static Rows
get_rows (const DnnCall *call)
{
  const DnnShape *shape = &call->inputs[0].shape;
  Rows rows = { 1, 0, (gint64) dnn_type_size (call->inputs[0].type) };
  gint axis;

  dnn_call_axis (call, "axis", shape->rank, &axis, NULL);
  for (gint i = 0; i < axis; i++)
    rows.outer *= shape->dims[i];
  rows.dim = shape->dims[axis];
  for (gint i = axis + 1; i < shape->rank; i++)
    rows.inner *= shape->dims[i];
  return rows;
}

static gint64
get_index (const DnnCall *call, gconstpointer indices, gint64 i)
{
  return call->inputs[1].type == DNN_TYPE_INT32 ? ((const gint32 *) indices)[i]
                                                : ((const gint64 *) indices)[i];
}

static gboolean
check_indices (const DnnCall *call, gconstpointer indices, gint64 n, gint64 dim,
    GError **error)
{
  for (gint64 i = 0; i < n; i++) {
    gint64 idx = get_index (call, indices, i);
    if (idx < -dim || idx >= dim)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "indices[%" G_GINT64_FORMAT "] is %" G_GINT64_FORMAT
          "; the axis has %" G_GINT64_FORMAT " elements",
          i, idx, dim);
  }
  return TRUE;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  Rows rows = get_rows (call);
  gint64 n = dnn_shape_n_elements (&call->inputs[1].shape);
  const guint8 *from = src[0];
  guint8 *to = dst[0];

  if (!check_indices (call, src[1], n, rows.dim, error))
    return FALSE;
  for (gint64 row = 0; row < rows.outer; row++) {
    for (gint64 i = 0; i < n && rows.inner > 0; i++) {
      gint64 idx = get_index (call, src[1], i);
      if (idx < 0)
        idx += rows.dim;
      memcpy (to, from + idx * rows.inner, (gsize) rows.inner);
      to += rows.inner;
    }
    from += rows.dim * rows.inner;
  }
  return TRUE;
}

/* ---- the loop ---------------------------------------------------------------
 */

typedef struct
{
  const DnnCall *call;
  Rows rows;
  gint64 n; /* indices */
  const guint8 *src;
  gconstpointer indices;
  guint8 *dst;
} Run;

static inline gint64
find_row (const Run *run, gint64 i)
{
  gint64 idx = get_index (run->call, run->indices, i);

  return idx < 0 ? idx + run->rows.dim : idx;
}

#define DEFINE_PICK(bits)                                                      \
  static void pick_##bits (const Run *run, gint64 row, gint64 from, gint64 to) \
  {                                                                            \
    const guint##bits *src = (const guint##bits *) run->src +                  \
        row * run->rows.dim;                                                   \
    guint##bits *dst = (guint##bits *) run->dst + row * run->n;                \
    for (gint64 i = from; i < to; i++)                                         \
      dst[i] = src[find_row (run, i)];                                         \
  }
DEFINE_PICK (8)
DEFINE_PICK (16)
DEFINE_PICK (32)
DEFINE_PICK (64)

/* Indices @from … @to of row @row. */
static void
pick (const Run *run, gint64 row, gint64 from, gint64 to)
{
  gint64 inner = run->rows.inner;
  const guint8 *src = run->src + row * run->rows.dim * inner;
  guint8 *dst = run->dst + row * run->n * inner;

  if ((gsize) inner != dnn_type_size (run->call->inputs[0].type)) {
    for (gint64 i = from; i < to; i++)
      memcpy (dst + i * inner, src + find_row (run, i) * inner, (gsize) inner);
    return;
  }
  switch (inner) {
    case 1:
      pick_8 (run, row, from, to);
      break;
    case 2:
      pick_16 (run, row, from, to);
      break;
    case 4:
      pick_32 (run, row, from, to);
      break;
    default:
      pick_64 (run, row, from, to);
      break;
  }
}

static void
gather_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;

  while (from < to) {
    gint64 row = from / run->n, begin = from % run->n;
    gint64 end = MIN (run->n, begin + to - from);
    pick (run, row, begin, end);
    from += end - begin;
  }
}

static gpointer
prepare_gather (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) call;
}

static gboolean
run_gather (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCall *call = prepared;
  Run run = { call, get_rows (call),
    dnn_shape_n_elements (&call->inputs[1].shape), binding->src[0],
    binding->src[1], binding->dst[0] };

  if (!check_indices (call, run.indices, run.n, run.rows.dim, error))
    return FALSE;
  dnn_parallel_for (call, run.rows.outer * run.n,
      MAX (GRAIN / MAX (run.rows.inner, 1), 1), gather_part, &run);
  return TRUE;
}

static const DnnKernel gather_kernel = {
  .name = "loop",
  .prepare = prepare_gather,
  .run = run_gather,
};

static void
offer_loop (const DnnCall *call, DnnOffers *offers, const Rows *rows)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &gather_kernel, call->n_inputs, call->n_outputs);
  gint64 n = rows->outer * dnn_shape_n_elements (&call->inputs[1].shape);

  candidate->src[0] = dnn_offer_plain (&call->inputs[0]);
  candidate->src[1] = dnn_offer_plain (&call->inputs[1]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      (gdouble) n * (1.5 + (gdouble) rows->inner / 4);
  dnn_offers_add (offers, candidate);
}

/* One known index of the outermost axis is a part of the bytes. */
static void
offer_view (const DnnCall *call, DnnOffers *offers, const Rows *rows)
{
  const DnnCallArg *data = &call->inputs[0], *out = &call->outputs[0];
  g_autoptr (DnnFormat) plain = dnn_format_new_plain (data->type, &data->shape);
  DnnFormat *dst = dnn_format_new_plain (out->type, &out->shape);
  gint64 idx = get_index (call, call->inputs[1].value, 0);
  gsize offset = (idx < 0 ? idx + rows->dim : idx) * rows->inner;

  dnn_offers_add (offers, dnn_view_candidate (call, plain, &dst, &offset));
}

/* Known indices at equal distances are one box. */
static gboolean
make_copy (const DnnCall *call, const Rows *rows, gint64 n, DnnCopy *copy)
{
  gsize element = dnn_type_size (call->inputs[0].type);
  gint64 inner = rows->inner / (gint64) element;
  gconstpointer indices = call->inputs[1].value;
  gint64 first = get_index (call, indices, 0), step = 0;

  if (first < 0)
    first += rows->dim;
  for (gint64 i = 1; i < n; i++) {
    gint64 idx = get_index (call, indices, i);
    if (idx < 0)
      idx += rows->dim;
    if (i == 1)
      step = idx - first;
    else if (idx != first + i * step)
      return FALSE;
  }
  *copy = (DnnCopy){ .element = element,
    .rank = 3,
    .dims = { rows->outer, n, inner },
    .src_strides = { rows->dim * inner, step * inner, 1 },
    .dst_strides = { n * inner, inner, 1 },
    .src_offset = first * inner };
  return TRUE;
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  gint64 n = dnn_shape_n_elements (&call->inputs[1].shape);
  Rows rows = get_rows (call);
  DnnCopy copy;

  if (n < 1 || rows.outer * rows.inner == 0)
    return;
  offer_loop (call, offers, &rows);
  if (!call->inputs[1].value ||
      !check_indices (call, call->inputs[1].value, n, rows.dim, NULL))
    return;
  if (make_copy (call, &rows, n, &copy))
    dnn_offers_add (offers, dnn_copy_candidate (call, &copy, 1, NULL));
  if (n == 1 && rows.outer == 1)
    offer_view (call, offers, &rows);
}

const DnnOp dnn_op_Gather = {
  .name = "Gather",
  .doc = "Slices of one axis, picked by index",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .offer = offer,
};
