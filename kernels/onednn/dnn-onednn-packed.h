/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a primitive wants of a constant → a format, by which equal layouts are
 * told: blocked ones, and those that only oneDNN understands. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/base/dnn-format.h"

G_BEGIN_DECLS

/* How float32 weights are made of a constant before they are packed. Equal
 * bytes of @data make equal weights: no padding, no addresses. */
typedef struct
{
  void (*fill) (gconstpointer data, const gfloat *constant, gfloat *to);
  gconstpointer data;
  gsize size; /* of @data */
} DnnRecipe;

/* Plain bytes seen as @from, brought into @to, float32 ones multiplied by
 * @factor. @recipe: (nullable): copied; makes what is seen as @from. @plain:
 * the constant's own format. (transfer full) */
DnnFormat *dnn_onednn_packed_format_new (const DnnMd *from, const DnnMd *to,
    gfloat factor, const DnnRecipe *recipe, const DnnFormat *plain);
/* The format's own copy. (nullable) */
const DnnRecipe *dnn_onednn_packed_format_get_recipe (const DnnFormat *self);

G_END_DECLS
