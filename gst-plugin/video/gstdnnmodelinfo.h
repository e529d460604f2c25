/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MODEL.modelinfo, the file that GStreamer 1.28's inference elements want
 * beside a model: what the values of the input mean. INI text → mean, scale
 * and layout. Next: gstdnnpreprocess.c. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/**
 * GstDnnModelInfo:
 * @input: name of the input tensor
 * @n_ranges: how many of @mean and @scale are set: 0, 1 or the channels
 * @mean: subtracted from pixels, 0 to 255
 * @scale: multiplied after that
 *
 * What the file says of the first input.
 */
typedef struct
{
  gchar *input;
  guint n_ranges;
  gdouble mean[4], scale[4];
} GstDnnModelInfo;

/**
 * gst_dnn_model_info_new_from_file:
 *
 * A range "min,max" of a channel is what pixels 0 and 255 become.
 *
 * Returns: %NULL with %DNN_ERROR_NOT_FOUND, %DNN_ERROR_FORMAT or
 *   %DNN_ERROR_VALUE, naming file, section and key
 */
GstDnnModelInfo *gst_dnn_model_info_new_from_file (
    const gchar *path, GError **error);
void gst_dnn_model_info_free (GstDnnModelInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnModelInfo, gst_dnn_model_info_free)

G_END_DECLS
