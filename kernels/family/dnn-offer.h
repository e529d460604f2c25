/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What operators ask again and again while they offer. */
#pragma once

#include "kernels/onednn/dnn-onednn-cost.h"
#include "kernels/onednn/dnn-onednn-format.h"
#include "kernels/onednn/dnn-onednn-kernel.h"

G_BEGIN_DECLS

/* Every present input and output is float32, or of the type @also, and has
 * elements: oneDNN has no empty tensors. And the target computes in float32. */
gboolean dnn_offer_is_float32 (const DnnCall *call, DnnType also);

/* The plain format of input or output. (transfer full) */
DnnFormat *dnn_offer_plain (const DnnCallArg *arg);

/* The formats to try for a tensor like @shape: plain, and of the hints of
 * inputs 0 to @n_inputs - 1 those that have this shape and type, each once.
 * (element-type DnnFormat) (transfer full) */
GPtrArray *dnn_offer_formats (const DnnOffers *offers, guint n_inputs,
    DnnType type, const DnnShape *shape);

/* Adds @format unless it is there. (nullable) @format: taken */
void dnn_offer_add_format (GPtrArray *formats, DnnFormat *format);

/* Bytes of a shape of float32. */
gdouble dnn_offer_bytes (const DnnShape *shape);

G_END_DECLS
