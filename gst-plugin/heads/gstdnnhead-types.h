/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads, activations and orders of boxes as property types. */
#pragma once

#include "gst-plugin/stream/gstdnntypes.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_HEAD_ID (gst_dnn_head_id_get_type ())
#define GST_TYPE_DNN_ACTIVATION (gst_dnn_activation_get_type ())
#define GST_TYPE_DNN_BOX_ORDER (gst_dnn_box_order_get_type ())
#define GST_TYPE_DNN_BOX_UNITS (gst_dnn_box_units_get_type ())
#define GST_TYPE_DNN_BOX_AXIS (gst_dnn_box_axis_get_type ())

GType gst_dnn_head_id_get_type (void);
GType gst_dnn_activation_get_type (void);
GType gst_dnn_box_order_get_type (void);
GType gst_dnn_box_units_get_type (void);
GType gst_dnn_box_axis_get_type (void);

G_END_DECLS
