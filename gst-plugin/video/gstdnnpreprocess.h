/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnpreprocess: video frames in, one tensor each out, with the frame. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DNN_PREPROCESS (gst_dnn_preprocess_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnPreprocess, gst_dnn_preprocess, GST, DNN_PREPROCESS, GstElement)

GST_ELEMENT_REGISTER_DECLARE (dnnpreprocess);

G_END_DECLS
