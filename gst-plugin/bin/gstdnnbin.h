/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnbin: a pipeline configuration as one element. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DNN_BIN (gst_dnn_bin_get_type ())
G_DECLARE_FINAL_TYPE (GstDnnBin, gst_dnn_bin, GST, DNN_BIN, GstBin)

GST_ELEMENT_REGISTER_DECLARE (dnnbin);

G_END_DECLS
