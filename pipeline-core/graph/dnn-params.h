/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The params file (TVM's NDArray dictionary): name → tensor. The file is
 * mapped, its arrays are used in place. */
#pragma once

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

#define DNN_TYPE_PARAMS (dnn_params_get_type ())
typedef struct _DnnParams DnnParams;

DNN_API GType dnn_params_get_type (void);
DNN_API DnnParams *dnn_params_ref (DnnParams *self);
DNN_API void dnn_params_unref (DnnParams *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnParams, dnn_params_unref)

DNN_API DnnParams *dnn_params_new (void);

/**
 * dnn_params_new_from_file:
 *
 * Maps @path. Errors name the file, the byte offset, the array, what stands
 * there and what was expected (NOT_FOUND, FORMAT, LIMIT).
 */
DNN_API DnnParams *dnn_params_new_from_file (const gchar *path, GError **error);
/* The same on bytes that somebody else holds (tests, fuzzing); @label stands
 * for the file name in messages. */
DNN_API DnnParams *dnn_params_new_from_bytes (
    GBytes *bytes, const gchar *label, GError **error);

/* Adds or replaces. The order of first addition is the order in the file. */
DNN_API void dnn_params_set (
    DnnParams *self, const gchar *name, DnnTensor *tensor);
DNN_API DnnTensor *dnn_params_lookup (
    DnnParams *self, const gchar *name); /* (transfer none) (nullable) */
DNN_API guint dnn_params_get_n (DnnParams *self);
DNN_API const gchar *dnn_params_get_name (DnnParams *self, guint idx);
DNN_API DnnTensor *dnn_params_get_tensor (DnnParams *self, guint idx);
DNN_API gboolean dnn_params_equal (DnnParams *a, DnnParams *b);

/* Writes TVM's format; filler arrays under names no node has ("_pad_N")
 * put every array on 64 bytes; they are dropped on reading. Written to a
 * temporary file and renamed. */
DNN_API gboolean dnn_params_write (
    DnnParams *self, const gchar *path, GError **error);

G_END_DECLS
