/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors of an application ↔ samples of a link, without a copy where types
 * are the same. Next: gstdnnexecutor.c. */
#pragma once

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/* Frame @number of an input, known by @key. Holds @tensor as long as somebody
 * reads it. */
GstSample *gst_dnn_sample_from_tensor (DnnTensor *tensor, guint64 number,
    const GstDnnFrameKey *key, GError **error);

/* What a pipeline's output is to the model. */
typedef struct
{
  DnnType type; /* DNN_TYPE_INVALID: as it travels */
  DnnShape shape; /* rank -1: as it travels */
} GstDnnOutput;

/* One DnnTensor an output; each holds its memory of the sample's buffer. */
GPtrArray *gst_dnn_sample_to_tensors (GstSample *sample,
    const GstDnnOutput *outputs, guint n_outputs, GError **error);

G_END_DECLS
