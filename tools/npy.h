/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NumPy files ↔ tensors. */
#pragma once

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/* Reads versions 1 to 3 of the format; row-major, native or little-endian
 * numbers and bool. Errors name the file and what stands there. */
DnnTensor *dnn_npy_read (const gchar *path, GError **error);

/* bfloat16, which NumPy lacks, is written as float32. */
gboolean dnn_npy_write (const gchar *path, DnnTensor *tensor, GError **error);

G_END_DECLS
