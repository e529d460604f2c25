/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnclassify: scores of a classifier in, the frame with its classes out. */
#pragma once

#include "gst-plugin/results/gstdnndecoder.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_CLASSIFY (gst_dnn_classify_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnClassify, gst_dnn_classify, GST, DNN_CLASSIFY, GstDnnDecoder)

/* Whether one of the tensors can be a classifier's scores: all its dimensions
 * but one are 1. Its index, -1 if none or several can. */
gint gst_dnn_classify_find_scores (const GstDnnTensorsInfo *info);

GST_ELEMENT_REGISTER_DECLARE (dnnclassify);

G_END_DECLS
