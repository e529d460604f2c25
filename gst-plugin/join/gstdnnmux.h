/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmux: tensors of one or several buffers of the same frame → one buffer. */
#pragma once

#include "gst-plugin/join/gstdnnjoin.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_MUX_PAD (gst_dnn_mux_pad_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnMuxPad, gst_dnn_mux_pad, GST, DNN_MUX_PAD, GstDnnJoinPad)

#define GST_TYPE_DNN_MUX (gst_dnn_mux_get_type ())
G_DECLARE_FINAL_TYPE (GstDnnMux, gst_dnn_mux, GST, DNN_MUX, GstDnnJoin)

GST_ELEMENT_REGISTER_DECLARE (dnnmux);

G_END_DECLS
