/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors whose bytes lie in a file: constants, which are read seldom. */
#pragma once

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/* As dnn_tensor_new(), in memory whose pages dnn_tensor_release_pages() can
 * give back, where it is large and such memory can be had. */
DnnTensor *dnn_tensor_new_in_file (DnnType type, const DnnShape *shape);

/* Says that the bytes lie in a file that is mapped read-only. */
void dnn_tensor_set_in_file (DnnTensor *self);

/* Gives memory back to the kernel where the bytes lie in a file; they come
 * again from there when they are read. Any thread, at any time. */
void dnn_tensor_release_pages (DnnTensor *self);

G_END_DECLS
