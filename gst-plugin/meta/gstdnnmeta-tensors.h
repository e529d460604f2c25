/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Raw outputs of a model as metadata on the frame that they describe, for
 * applications that decode them on their own. Decoders add it where
 * attach-tensors=true. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/**
 * GstDnnTensorsMeta:
 * @meta: parent
 * @tensors: one memory a tensor; never with frame meta of its own
 * @caps: tensor caps of @tensors, see gst_dnn_tensors_info_from_caps()
 * @model: name of the model, 0 if it has none
 *
 * A buffer may have several, one a model. Copies with the buffer and through
 * every converter; the tensors are shared, not copied.
 */
typedef struct
{
  GstMeta meta;

  GstBuffer *tensors;
  GstCaps *caps;
  GQuark model;
} GstDnnTensorsMeta;

#define GST_DNN_TENSORS_META_API_TYPE (gst_dnn_tensors_meta_api_get_type ())
#define GST_DNN_TENSORS_META_INFO (gst_dnn_tensors_meta_get_info ())
DNN_API GType gst_dnn_tensors_meta_api_get_type (void);
DNN_API const GstMetaInfo *gst_dnn_tensors_meta_get_info (void);

/**
 * gst_buffer_add_dnn_tensors_meta:
 * @buffer: a writable buffer
 * @tensors: (transfer none): a buffer of tensors without frame meta
 * @caps: (transfer none): its caps
 * @model: (nullable): name of the model
 *
 * Returns: (transfer none): the meta
 */
DNN_API GstDnnTensorsMeta *gst_buffer_add_dnn_tensors_meta (
    GstBuffer *buffer, GstBuffer *tensors, GstCaps *caps, const gchar *model);

/**
 * gst_buffer_get_dnn_tensors_meta:
 *
 * Returns: (transfer none) (nullable): the first of them
 */
DNN_API GstDnnTensorsMeta *gst_buffer_get_dnn_tensors_meta (GstBuffer *buffer);

/**
 * gst_buffer_find_dnn_tensors_meta:
 * @model: name of a model
 *
 * Returns: (transfer none) (nullable): those of @model, the first if there are
 *   several
 *
 * Since: 0.2
 */
DNN_API GstDnnTensorsMeta *gst_buffer_find_dnn_tensors_meta (
    GstBuffer *buffer, const gchar *model);

/**
 * gst_dnn_tensors_meta_get_model:
 *
 * Returns: (transfer none) (nullable): name of the model
 *
 * Since: 0.2
 */
DNN_API const gchar *gst_dnn_tensors_meta_get_model (
    const GstDnnTensorsMeta *self);

/**
 * gst_dnn_tensors_meta_get_n:
 *
 * Returns: number of tensors, the model's outputs in their order; 0 if @caps
 *   are no tensor caps, gst_dnn_tensors_meta_get() says why
 *
 * Since: 0.2
 */
DNN_API guint gst_dnn_tensors_meta_get_n (const GstDnnTensorsMeta *self);

/**
 * gst_dnn_tensors_meta_get:
 * @idx: less than gst_dnn_tensors_meta_get_n()
 *
 * Returns: (transfer full): tensor @idx, without a copy; valid as long as it is
 *   held, also when the buffer has gone. %NULL with %DNN_ERROR_DATA if its
 *   bytes are not those that the caps promise, with another code of
 *   gst_dnn_tensors_info_from_caps() if the caps themselves are wrong
 *
 * Since: 0.2
 */
DNN_API DnnTensor *gst_dnn_tensors_meta_get (
    const GstDnnTensorsMeta *self, guint idx, GError **error);

G_END_DECLS
