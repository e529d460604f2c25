/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Enumerations of the video elements as GObject knows them: names in launch
 * lines and gst-inspect → values. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GST_TYPE_DNN_HEAD_ID (gst_dnn_head_id_get_type ())
#define GST_TYPE_DNN_ACTIVATION (gst_dnn_activation_get_type ())
#define GST_TYPE_DNN_BOX_ORDER (gst_dnn_box_order_get_type ())
#define GST_TYPE_DNN_RESIZE (gst_dnn_resize_get_type ())
#define GST_TYPE_DNN_FILTER (gst_dnn_filter_get_type ())
#define GST_TYPE_DNN_COLOR (gst_dnn_color_get_type ())
#define GST_TYPE_DNN_LAYOUT (gst_dnn_layout_get_type ())
#define GST_TYPE_DNN_DECODER_KIND (gst_dnn_decoder_kind_get_type ())
#define GST_TYPE_DNN_INPUT_TYPE (gst_dnn_input_type_get_type ())

/* Properties that may be left to others have this value besides those of
 * their enumeration. */
#define GST_DNN_AUTO (-1)

/* What reads a model's outputs. */
typedef enum
{
  GST_DNN_DECODER_AUTO,
  GST_DNN_DECODER_DETECT,
  GST_DNN_DECODER_CLASSIFY,
} GstDnnDecoderKind;

GType gst_dnn_decoder_kind_get_type (void);
GType gst_dnn_head_id_get_type (void);
GType gst_dnn_activation_get_type (void);
GType gst_dnn_box_order_get_type (void);
GType gst_dnn_resize_get_type (void);
GType gst_dnn_filter_get_type (void);
GType gst_dnn_color_get_type (void);
GType gst_dnn_layout_get_type (void);
GType gst_dnn_input_type_get_type (void);

G_END_DECLS
