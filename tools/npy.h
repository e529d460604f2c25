/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NumPy files ↔ tensors. */
#pragma once

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/* Reads versions 1 to 3 of the format; row-major, native or little-endian
 * numbers and bool. Errors name the file and what stands there. */
DnnTensor *dnn_npy_read (const gchar *path, GError **error);

/* bfloat16 and smaller floating-point numbers, which NumPy lacks, are written
 * as float32, integers of fewer than 8 bits as int8 and uint8. */
gboolean dnn_npy_write (const gchar *path, DnnTensor *tensor, GError **error);

/* What a file has in place of type @to, as that: rounded to nearest even;
 * uint16 are bits of bfloat16. (transfer full) (nullable): NULL where it is
 * another type. */
DnnTensor *dnn_npy_narrow (DnnTensor *tensor, DnnType to);

G_END_DECLS
