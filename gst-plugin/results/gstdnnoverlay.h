/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnoverlay: frames with results in, the same with boxes and labels drawn. */
#pragma once

#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_DNN_OVERLAY (gst_dnn_overlay_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnOverlay, gst_dnn_overlay, GST, DNN_OVERLAY, GstVideoFilter)

GST_ELEMENT_REGISTER_DECLARE (dnnoverlay);

G_END_DECLS
