/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a primitive wants of a constant → a format, by which equal layouts are
 * told: blocked ones, and those that only oneDNN understands. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/base/dnn-format.h"

G_BEGIN_DECLS

/* Plain bytes seen as @from, brought into @to, float32 ones multiplied by
 * @factor. @plain: the constant's own format. (transfer full) */
DnnFormat *dnn_onednn_packed_format_new (
    const DnnMd *from, const DnnMd *to, gfloat factor, const DnnFormat *plain);

G_END_DECLS
