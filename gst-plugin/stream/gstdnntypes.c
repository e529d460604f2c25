/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tables of names → enumerations. Next: the elements' properties. */
#include "config.h"

#include "gst-plugin/stream/gstdnntypes.h"

#include <gst/gst.h>

#include "gst-plugin/heads/gstdnnhead.h"

/* Registers once, for good; documented with the plugin. */
static GType
register_enum (gsize *type, const gchar *name, const GEnumValue *values)
{
  if (g_once_init_enter (type)) {
    GType registered = g_enum_register_static (name, values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (type, registered);
  }
  return *type;
}

GType
gst_dnn_decoder_kind_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_DECODER_AUTO, "By the model's outputs", "auto" },
    { GST_DNN_DECODER_DETECT, "dnndetect: boxes", "detect" },
    { GST_DNN_DECODER_CLASSIFY, "dnnclassify: classes", "classify" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnDecoderKind", values);
}

GType
gst_dnn_head_id_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_HEAD_AUTO, "By the shapes of the tensors", "auto" },
    { GST_DNN_HEAD_YOLOV8, "YOLOv8 and later: 1×(4+C)×N, no objectness",
        "yolov8" },
    { GST_DNN_HEAD_YOLOV5, "YOLOv5 to v7: 1×N×(5+C), with objectness",
        "yolov5" },
    { GST_DNN_HEAD_YOLOV10, "YOLOv10 and others that choose inside: 1×N×6",
        "yolov10" },
    { GST_DNN_HEAD_SSD,
        "SSD: boxes, classes, scores, count; or boxes and raw scores", "ssd" },
    { GST_DNN_HEAD_ULTRAFACE, "Ultra-Light-Fast-Generic face detectors",
        "ultraface" },
    { GST_DNN_HEAD_FASTESTDET, "FastestDet: 1×(5+C)×H×W", "fastestdet" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnHeadId", values);
}

GType
gst_dnn_activation_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_ACTIVATION_AUTO, "As the decoder does by itself", "auto" },
    { GST_DNN_ACTIVATION_NONE, "The scores are probabilities", "none" },
    { GST_DNN_ACTIVATION_SIGMOID, "Sigmoid of each score", "sigmoid" },
    { GST_DNN_ACTIVATION_SOFTMAX, "Softmax over the classes", "softmax" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnActivation", values);
}

GType
gst_dnn_box_order_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_BOX_AUTO, "What the models of the head do", "auto" },
    { GST_DNN_BOX_XYXY, "Left, top, right, bottom", "xyxy" },
    { GST_DNN_BOX_YXYX, "Top, left, bottom, right", "yxyx" },
    { GST_DNN_BOX_CXCYWH, "Centre, width, height", "cxcywh" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnBoxOrder", values);
}

GType
gst_dnn_resize_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_AUTO, "What the model expects, else stretch", "auto" },
    { GST_DNN_RESIZE_STRETCH, "Whole frame, aspect ratio not kept", "stretch" },
    { GST_DNN_RESIZE_LETTERBOX, "Whole frame in the middle, borders",
        "letterbox" },
    { GST_DNN_RESIZE_LETTERBOX_TOP_LEFT, "Whole frame, borders right and below",
        "letterbox-top-left" },
    { GST_DNN_RESIZE_CROP, "Middle of the frame, nothing distorted", "crop" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnResize", values);
}

GType
gst_dnn_filter_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_FILTER_BILINEAR, "Two neighbours, as OpenCV's INTER_LINEAR",
        "bilinear" },
    { GST_DNN_FILTER_ANTIALIAS, "Wider when shrinking, as PIL's BILINEAR",
        "antialias" },
    { GST_DNN_FILTER_AREA, "Mean of the area when shrinking", "area" },
    { GST_DNN_FILTER_NEAREST, "Nearest pixel", "nearest" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnFilter", values);
}

GType
gst_dnn_color_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_AUTO, "What the model expects, else rgb; gray for one channel",
        "auto" },
    { GST_DNN_COLOR_RGB, "Red, green, blue", "rgb" },
    { GST_DNN_COLOR_BGR, "Blue, green, red", "bgr" },
    { GST_DNN_COLOR_GRAY, "One channel", "gray" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnColor", values);
}

GType
gst_dnn_layout_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_AUTO, "Where 1 or 3 stands among the dimensions, else nchw",
        "auto" },
    { GST_DNN_LAYOUT_NCHW, "Channels outside: 1×3×H×W", "nchw" },
    { GST_DNN_LAYOUT_NHWC, "Channels innermost: 1×H×W×3", "nhwc" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnLayout", values);
}

GType
gst_dnn_input_type_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { DNN_TYPE_INVALID, "What downstream asks for, else float32", "auto" },
    { DNN_TYPE_FLOAT32, "32-bit floating point", "float32" },
    { DNN_TYPE_UINT8, "0 to 255", "uint8" },
    { DNN_TYPE_INT8, "-128 to 127", "int8" },
    { 0, NULL, NULL },
  };

  return register_enum (&type, "GstDnnInputType", values);
}
