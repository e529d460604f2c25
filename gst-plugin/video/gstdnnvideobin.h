/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnvideobin: video in, the same video out with results. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DNN_VIDEO_BIN (gst_dnn_video_bin_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnVideoBin, gst_dnn_video_bin, GST, DNN_VIDEO_BIN, GstBin)

GST_ELEMENT_REGISTER_DECLARE (dnnvideobin);

G_END_DECLS
