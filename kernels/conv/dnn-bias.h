/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One number a channel, added to a feature map in place. */
#pragma once

#include "kernels/spatial/dnn-spatial.h"
#include "kernels/onednn/dnn-onednn-layout.h"
#include "kernels/onednn/dnn-onednn-kernel.h"

G_BEGIN_DECLS

/* Adds input @input of @call, of one element a channel of output 0, behind
 * @primitive, which writes that output in layout @md and format @dst. FALSE
 * for layouts that it can't walk. */
gboolean dnn_bias_follow (
    DnnPrimitive *primitive, const DnnCall *call, guint input, const DnnMd *md);

G_END_DECLS
