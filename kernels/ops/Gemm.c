/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Gemm: alpha · A · B + beta · C of matrices, each of which may stand
 * transposed. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"
#include "kernels/conv/dnn-matrix.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"

#define GEMM_TYPES                                                      \
  (DNN_TYPES_FLOAT | DNN_TYPES_INDEX | DNN_TYPE_BIT (DNN_TYPE_UINT32) | \
      DNN_TYPE_BIT (DNN_TYPE_UINT64))

static const DnnArgRow inputs[] = {
  { .name = "A", .types = GEMM_TYPES, .type_var = "T", .doc = "M × K" },
  { .name = "B", .types = GEMM_TYPES, .type_var = "T", .doc = "K × N" },
  { .name = "C",
      .types = GEMM_TYPES,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "broadcast to M × N" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = GEMM_TYPES, .type_var = "T", .doc = "M × N" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "on A · B" },
  { .key = "beta", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "on C" },
  { .key = "transA",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: A is K × M" },
  { .key = "transB",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: B is N × K" },
};

/* A call, read: sizes and steps between elements. */
typedef struct
{
  gint64 m, n, k;
  gint64 a_row, a_column, b_row, b_column;
} Gemm;

static void
read_gemm (const DnnCall *call, Gemm *self)
{
  const gint64 *a = call->inputs[0].shape.dims;
  const gint64 *b = call->inputs[1].shape.dims;
  gboolean trans_a = dnn_call_int (call, "transA") != 0;
  gboolean trans_b = dnn_call_int (call, "transB") != 0;

  self->m = a[trans_a ? 1 : 0];
  self->k = a[trans_a ? 0 : 1];
  self->n = b[trans_b ? 0 : 1];
  self->a_row = trans_a ? 1 : a[1];
  self->a_column = trans_a ? a[1] : 1;
  self->b_row = trans_b ? 1 : b[1];
  self->b_column = trans_b ? b[1] : 1;
}

static gboolean
check_c (const DnnCall *call, const DnnShape *y, GError **error)
{
  const DnnShape *c = &call->inputs[2].shape;
  gboolean fits = c->rank <= 2;

  for (gint i = 0; fits && i < c->rank; i++) {
    gint64 from = c->dims[i], to = y->dims[i + 2 - c->rank];
    fits = from == 1 || from == to || from == DNN_DIM_OPEN ||
        to == DNN_DIM_OPEN;
  }
  if (!fits) {
    g_autofree gchar *c_text = dnn_shape_to_string (c);
    g_autofree gchar *y_text = dnn_shape_to_string (y);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "C of shape %s can't be broadcast to Y's %s", c_text, y_text);
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *a = &call->inputs[0].shape, *b = &call->inputs[1].shape;
  gint64 b_k;
  Gemm gemm = { 0 };

  if (a->rank == 2 && b->rank == 2)
    read_gemm (call, &gemm);
  b_k = b->dims[dnn_call_int (call, "transB") ? 1 : 0];
  if (a->rank != 2 || b->rank != 2 ||
      (gemm.k != b_k && gemm.k != DNN_DIM_OPEN && b_k != DNN_DIM_OPEN)) {
    g_autofree gchar *a_text = dnn_shape_to_string (a);
    g_autofree gchar *b_text = dnn_shape_to_string (b);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "A of shape %s and B of shape %s (transA %d, transB %d) can't be "
        "multiplied",
        a_text, b_text, (gint) dnn_call_int (call, "transA"),
        (gint) dnn_call_int (call, "transB"));
    return DNN_INFER_ERROR;
  }
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = dnn_shape (2, gemm.m, gemm.n);
  if (dnn_call_has_input (call, 2) &&
      !check_c (call, &call->outputs[0].shape, error))
    return DNN_INFER_ERROR;
  return DNN_INFER_OK;
}

/* alpha or beta for integers, which wrap around; what is beyond them, or no
 * number, is the next that they hold. */
static guint64
take_factor (gdouble factor)
{
  gdouble limit = 0x1p62;

  return (guint64) (gint64) (factor > -limit ? MIN (factor, limit) : -limit);
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->inputs[0].type;
  gboolean has_c = dnn_call_has_input (call, 2);
  gdouble alpha = dnn_call_float (call, "alpha");
  gdouble beta = dnn_call_float (call, "beta");
  gint64 c_strides[2] = { 0, 0 };
  Gemm g;

  read_gemm (call, &g);
  if (has_c)
    dnn_broadcast_strides (
        &call->inputs[2].shape, &call->outputs[0].shape, c_strides);
  for (gint64 i = 0; i < g.m * g.n; i++) {
    gint64 row = i / g.n, column = i % g.n;
    gint64 c_idx = row * c_strides[0] + column * c_strides[1];
    DnnMatrixLine a = { src[0], row * g.a_row, g.a_column };
    DnnMatrixLine b = { src[1], column * g.b_column, g.b_row };
    if (dnn_type_is_float (type)) {
      gdouble y = alpha * dnn_matrix_dot (type, &a, &b, g.k);
      dnn_store (type, dst[0], i,
          has_c ? y + beta * dnn_load (type, src[2], c_idx) : y);
    } else {
      guint64 y = take_factor (alpha) *
          (guint64) dnn_matrix_dot_int (type, &a, &b, g.k);
      if (has_c)
        y += take_factor (beta) * (guint64) dnn_load_int (type, src[2], c_idx);
      dnn_store_int (type, dst[0], i, (gint64) y);
    }
  }
  return TRUE;
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  DnnMatrix matrix = { .rank = 2, .addend = -1, .addend_factor = 1 };
  Gemm g;

  if (!dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32))
    return;
  read_gemm (call, &g);
  matrix.a[0] = matrix.y[0] = g.m;
  matrix.a[1] = matrix.b[0] = g.k;
  matrix.b[1] = matrix.y[1] = g.n;
  matrix.a_strides[0] = g.a_row;
  matrix.a_strides[1] = g.a_column;
  matrix.b_strides[0] = g.b_row;
  matrix.b_strides[1] = g.b_column;
  matrix.b_factor = dnn_call_float (call, "alpha");
  if (dnn_call_has_input (call, 2)) {
    const DnnShape *c = &call->inputs[2].shape;
    matrix.addend = 2;
    matrix.addend_factor = dnn_call_float (call, "beta");
    for (gint i = 0; i < 2; i++)
      matrix.addend_dims[i] = i < 2 - c->rank ? 1 : c->dims[i - 2 + c->rank];
  }
  dnn_matrix_offer (call, &matrix, offers);
}

const DnnOp dnn_op_Gemm = {
  .name = "Gemm",
  .doc = "alpha · A · B + beta · C of matrices",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
  .always_planned = TRUE,
};
