/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A feature map and a block's length → channels and space rearranged, as one
 * copied box. */
#include "config.h"

#include "kernels/family/dnn-blocks.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-copy.h"

const gchar *const dnn_blocks_modes[] = { "DCR", "CRD", NULL };

static gboolean
is_to_space (const DnnCall *call)
{
  return ((const DnnBlocks *) call->op->family)->to_space;
}

static gboolean
divide (
    const DnnCall *call, gint dim, gint64 by, DnnShape *shape, GError **error)
{
  if (shape->dims[dim] < 0)
    return TRUE;
  if (shape->dims[dim] % by != 0)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "dimension %d of input is %" G_GINT64_FORMAT
        ", expected a multiple of %" G_GINT64_FORMAT,
        dim, shape->dims[dim], by);
  shape->dims[dim] /= by;
  return TRUE;
}

static void
multiply (gint dim, gint64 by, DnnShape *shape)
{
  if (shape->dims[dim] >= 0)
    shape->dims[dim] *= by;
}

DnnInferResult
dnn_blocks_infer (DnnCall *call, GError **error)
{
  gint64 block = dnn_call_int (call, "blocksize");
  DnnShape shape = call->inputs[0].shape;

  if (!dnn_check_rank (call, 0, 4, 4, error))
    return DNN_INFER_ERROR;
  if (dnn_shape_n_least (&shape) < 0)
    return dnn_infer_error (
        call, error, DNN_ERROR_LIMIT, "input is larger than a tensor may be");
  if (is_to_space (call)) {
    if (!divide (call, 1, block * block, &shape, error))
      return DNN_INFER_ERROR;
    multiply (2, block, &shape);
    multiply (3, block, &shape);
  } else {
    if (!divide (call, 2, block, &shape, error) ||
        !divide (call, 3, block, &shape, error))
      return DNN_INFER_ERROR;
    multiply (1, block * block, &shape);
  }
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* N, C, H, W of the deep side, block rows, block columns; the deep side is
 * N × row × column × C × H × W (DCR) or N × C × row × column × H × W, the wide
 * one N × C × (H, row) × (W, column). */
static DnnCopy
make_copy (const DnnCall *call)
{
  gboolean to_space = is_to_space (call);
  const DnnShape *deep = to_space ? &call->inputs[0].shape
                                  : &call->outputs[0].shape;
  gint64 b = dnn_call_int (call, "blocksize");
  gint64 n = deep->dims[0], c = deep->dims[1] / (b * b), h = deep->dims[2],
         w = deep->dims[3];
  gboolean dcr = strcmp (dnn_call_attr (call, "mode")->s, "DCR") == 0;
  const gint64 dims[] = { n, c, h, b, w, b };
  const gint64 of_deep[] = { c * b * b * h * w, (dcr ? 1 : b * b) * h * w, w,
    (dcr ? c : 1) * b * h * w, 1, (dcr ? c : 1) * h * w };
  const gint64 of_wide[] = { c * b * b * h * w, b * b * h * w, b * b * w, b * w,
    b, 1 };
  DnnCopy copy = { .element = dnn_type_size (call->inputs[0].type), .rank = 6 };

  memcpy (copy.dims, dims, sizeof dims);
  memcpy (
      to_space ? copy.src_strides : copy.dst_strides, of_deep, sizeof of_deep);
  memcpy (
      to_space ? copy.dst_strides : copy.src_strides, of_wide, sizeof of_wide);
  return copy;
}

gboolean
dnn_blocks_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  DnnCopy copy = make_copy (call);

  dnn_copy_simplify (&copy);
  dnn_copy_run (&copy, src[0], dst[0]);
  return TRUE;
}

void
dnn_blocks_offer (const DnnCall *call, DnnOffers *offers)
{
  DnnCopy copy = make_copy (call);

  dnn_offers_add (offers, dnn_copy_candidate (call, &copy, 1, NULL));
}
