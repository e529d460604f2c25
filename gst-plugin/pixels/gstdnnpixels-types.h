/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Ways to make tensors of pictures as property types. */
#pragma once

#include "gst-plugin/stream/gstdnntypes.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_RESIZE (gst_dnn_resize_get_type ())
#define GST_TYPE_DNN_FILTER (gst_dnn_filter_get_type ())
#define GST_TYPE_DNN_COLOR (gst_dnn_color_get_type ())
#define GST_TYPE_DNN_LAYOUT (gst_dnn_layout_get_type ())
#define GST_TYPE_DNN_INPUT_TYPE (gst_dnn_input_type_get_type ())

GType gst_dnn_resize_get_type (void);
GType gst_dnn_filter_get_type (void);
GType gst_dnn_color_get_type (void);
GType gst_dnn_layout_get_type (void);
GType gst_dnn_input_type_get_type (void);

G_END_DECLS
