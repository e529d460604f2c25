/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnndetect: outputs of a detector in, the frame with boxes out. */
#pragma once

#include "gst-plugin/results/gstdnndecoder.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_DETECT (gst_dnn_detect_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnDetect, gst_dnn_detect, GST, DNN_DETECT, GstDnnDecoder)

GST_ELEMENT_REGISTER_DECLARE (dnndetect);

G_END_DECLS
