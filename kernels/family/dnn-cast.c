/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A tensor → the same values in another type, by ref and by a loop. */
#include "config.h"

#include "kernels/family/dnn-cast.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/family/dnn-view.h"
#include "kernels/loops/dnn-loop-map.h"
#include "kernels/loops/dnn-parallel.h"

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

const gchar *const dnn_cast_round_modes[] = { "up", "down", "nearest", NULL };

/* TensorProto.DataType of the ONNX specification. */
static const DnnType onnx_types[] = {
  [1] = DNN_TYPE_FLOAT32,
  [2] = DNN_TYPE_UINT8,
  [3] = DNN_TYPE_INT8,
  [4] = DNN_TYPE_UINT16,
  [5] = DNN_TYPE_INT16,
  [6] = DNN_TYPE_INT32,
  [7] = DNN_TYPE_INT64,
  [9] = DNN_TYPE_BOOL,
  [10] = DNN_TYPE_FLOAT16,
  [11] = DNN_TYPE_FLOAT64,
  [12] = DNN_TYPE_UINT32,
  [13] = DNN_TYPE_UINT64,
  [16] = DNN_TYPE_BFLOAT16,
  [17] = DNN_TYPE_FLOAT8E4M3FN,
  [18] = DNN_TYPE_FLOAT8E4M3FNUZ,
  [19] = DNN_TYPE_FLOAT8E5M2,
  [20] = DNN_TYPE_FLOAT8E5M2FNUZ,
  [21] = DNN_TYPE_UINT4,
  [22] = DNN_TYPE_INT4,
  [23] = DNN_TYPE_FLOAT4E2M1,
  [24] = DNN_TYPE_FLOAT8E8M0,
  [25] = DNN_TYPE_UINT2,
  [26] = DNN_TYPE_INT2,
};

DnnType
dnn_cast_type (gint64 number)
{
  return number >= 0 && number < (gint64) G_N_ELEMENTS (onnx_types)
      ? onnx_types[number]
      : DNN_TYPE_INVALID;
}

gboolean
dnn_cast_read_type (
    const DnnCall *call, const gchar *key, DnnType *type, GError **error)
{
  gint64 number = dnn_call_int (call, key);

  *type = dnn_cast_type (number);
  if (*type != DNN_TYPE_INVALID)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
      "attribute %s is %" G_GINT64_FORMAT
      ", which is no supported type (1 to 7, 9 to 13, 16 to 26)",
      key, number);
}

/* Any real number to an integer or bool: towards 0, saturating; everything but
 * 0 is true. */
static void
store_real (DnnType type, gpointer dst, gint64 idx, gdouble value)
{
  if (type == DNN_TYPE_BOOL)
    ((guint8 *) dst)[idx] = value != 0;
  else
    dnn_type_set (type, dst, idx, value);
}

/* 64-bit integers don't fit a double: they wrap as bits. */
static void
cast_integers (
    DnnType from, DnnType to, gconstpointer src, gpointer dst, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    gint64 value = dnn_load_int (from, src, i);
    if (to == DNN_TYPE_BOOL)
      ((guint8 *) dst)[i] = value != 0;
    else if (!dnn_type_is_float (to))
      dnn_store_int (to, dst, i, from == DNN_TYPE_BOOL ? value != 0 : value);
    else
      dnn_store (to, dst, i, dnn_type_get (from, src, i));
  }
}

static gboolean
is_small (DnnType type)
{
  return (DNN_TYPES_SMALL & DNN_TYPE_BIT (type)) != 0;
}

/* Those of few bits wrap around, wherever they come from. */
static gboolean
is_integer (DnnType type)
{
  return !dnn_type_is_float (type) &&
      (!is_small (type) || (DNN_TYPES_SMALL_INTEGER & DNN_TYPE_BIT (type)));
}

static DnnRound
read_round (const DnnCall *call)
{
  const gchar *text = dnn_call_attr (call, "round_mode")->s;

  return strcmp (text, "up") == 0  ? DNN_ROUND_UP
      : strcmp (text, "down") == 0 ? DNN_ROUND_DOWN
                                   : DNN_ROUND_NEAREST;
}

static void
cast_small (const DnnCall *call, gconstpointer src, gpointer dst, gint64 n)
{
  DnnType from = call->inputs[0].type, to = call->outputs[0].type;
  gboolean saturates = dnn_call_int (call, "saturate") != 0;
  DnnRound how = read_round (call);

  if (is_integer (from) && is_integer (to)) {
    cast_integers (from, to, src, dst, n);
    return;
  }
  for (gint64 i = 0; i < n; i++) {
    gdouble value = dnn_load (from, src, i);
    if (is_integer (to) && is_small (to) && fabs (value) < 0x1p62)
      ((guint8 *) dst)[i] = dnn_small_wrap (to, (gint64) value);
    else if (is_small (to))
      ((guint8 *) dst)[i] = dnn_small_set (to, value, saturates, how);
    else
      store_real (to, dst, i, value);
  }
}

gboolean
dnn_cast_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  DnnType from = call->inputs[0].type, to = call->outputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);

  if (from == to) {
    if (n > 0)
      memcpy (dst[0], src[0], (gsize) n * dnn_type_size (to));
  } else if (is_small (from) || is_small (to)) {
    cast_small (call, src[0], dst[0], n);
  } else if (!dnn_type_is_float (from)) {
    cast_integers (from, to, src[0], dst[0], n);
  } else {
    for (gint64 i = 0; i < n; i++)
      store_real (to, dst[0], i, dnn_load (from, src[0], i));
  }
  return TRUE;
}

/* ---- the loop ---------------------------------------------------------------
 */

typedef struct
{
  const DnnCall *call;
  gint64 n;
  gsize src_size, dst_size;
  DnnConvertFunc load, store; /* NULL: as it stands */
} Cast;

typedef struct
{
  const Cast *cast;
  const guint8 *src;
  guint8 *dst;
} Run;

/* What holds every value of @from until it becomes @to. */
static DnnKind
choose_kind (DnnType from, DnnType to)
{
  if (from == DNN_TYPE_FLOAT64)
    return DNN_KIND_F64;
  if (dnn_type_is_float (from) || to == DNN_TYPE_FLOAT16 ||
      to == DNN_TYPE_BFLOAT16)
    return DNN_KIND_F32;
  if (from == DNN_TYPE_UINT64)
    return DNN_KIND_U64;
  return from == DNN_TYPE_INT64 || from == DNN_TYPE_UINT32 ? DNN_KIND_I64
                                                           : DNN_KIND_I32;
}

static gpointer
prepare_cast (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  DnnType from = call->inputs[0].type, to = call->outputs[0].type;
  DnnKind kind = choose_kind (from, to);
  Cast *self = g_new0 (Cast, 1);

  self->call = call;
  self->n = dnn_shape_n_elements (&call->outputs[0].shape);
  self->src_size = dnn_type_size (from);
  self->dst_size = dnn_type_size (to);
  if (!dnn_loop_is_direct (from, kind))
    self->load = dnn_loop_load (from, kind);
  /* bits of U64 are no double */
  if (!dnn_loop_is_direct (to, kind) || to == DNN_TYPE_FLOAT64)
    self->store = dnn_loop_store (kind, to);
  return self;
}

static void
cast_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  const Cast *self = run->cast;
  guint64 block[DNN_LOOP_BLOCK];

  for (; from < to; from += DNN_LOOP_BLOCK) {
    gint64 n = MIN (to - from, DNN_LOOP_BLOCK);
    const guint8 *src = run->src + from * (gint64) self->src_size;
    guint8 *dst = run->dst + from * (gint64) self->dst_size;
    if (self->load && self->store) {
      self->load (src, block, n);
      self->store (block, dst, n);
    } else if (self->load || self->store) {
      (self->load ? self->load : self->store) (src, dst, n);
    } else {
      memcpy (dst, src, n * self->dst_size);
    }
  }
}

static gboolean
run_cast (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const Cast *cast = prepared;
  Run run = { cast, binding->src[0], binding->dst[0] };

  dnn_parallel_for (cast->call, cast->n, GRAIN, cast_part, &run);
  return TRUE;
}

static const DnnKernel cast_kernel = {
  .name = "loop",
  .prepare = prepare_cast,
  .unprepare = g_free,
  .run = run_cast,
};

void
dnn_cast_offer (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate;

  if (call->inputs[0].type == call->outputs[0].type) {
    dnn_view_offer (call, offers);
    return;
  }
  if (is_small (call->inputs[0].type) || is_small (call->outputs[0].type))
    return;
  candidate = dnn_candidate_new (&cast_kernel, call->n_inputs, call->n_outputs);
  candidate->src[0] = dnn_offer_plain (&call->inputs[0]);
  candidate->dst[0] = dnn_offer_plain (&call->outputs[0]);
  candidate->impl = g_intern_static_string ("loop");
  candidate->cost = DNN_COST_CALL / 4 +
      0.3 * (gdouble) dnn_shape_n_elements (&call->inputs[0].shape);
  dnn_offers_add (offers, candidate);
}
