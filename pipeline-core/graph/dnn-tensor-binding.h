/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors for other languages: addresses as integers and dimensions as arrays
 * → DnnTensor, and back. C programs have dnn-tensor.h. */
#pragma once

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

DNN_API gboolean dnn_shape_from_dims (
    const gint64 *dims, guint n_dims, DnnShape *shape, GError **error);
DNN_API DnnTensor *dnn_tensor_new_at (DnnType type, const gint64 *dims,
    guint n_dims, guint64 address, guint64 token, GError **error);
DNN_API guint64 *dnn_tensor_take_released (gsize *n_tokens);
DNN_API guint64 dnn_tensor_get_address (const DnnTensor *self);
DNN_API gint64 *dnn_tensor_get_dims (const DnnTensor *self, guint *n_dims);
DNN_API DnnTensor *dnn_tensor_import_dlpack (guint64 managed, GError **error);
DNN_API guint64 dnn_tensor_export_dlpack (DnnTensor *self);

G_END_DECLS
