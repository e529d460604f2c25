/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tables of names → enumerations of heads, activations and orders of boxes.
 * Next: the elements' properties. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead-types.h"

#include "gst-plugin/heads/gstdnnhead.h"

GType
gst_dnn_head_id_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_HEAD_AUTO, "By what the model's graph says", "auto" },
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
    { GST_DNN_HEAD_YOLOX, "YOLOX: 1×N×(5+C), offsets from cells", "yolox" },
    { GST_DNN_HEAD_NANODET, "NanoDet and NanoDet-Plus: 1×N×C and 1×N×32",
        "nanodet" },
    { GST_DNN_HEAD_YUNET, "YuNet: faces, twelve tensors", "yunet" },
    { 0, NULL, NULL },
  };

  return gst_dnn_register_enum (&type, "GstDnnHeadId", values);
}

GType
gst_dnn_activation_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_ACTIVATION_AUTO, "What the model's graph says", "auto" },
    { GST_DNN_ACTIVATION_NONE, "The scores are probabilities", "none" },
    { GST_DNN_ACTIVATION_SIGMOID, "Sigmoid of each score", "sigmoid" },
    { GST_DNN_ACTIVATION_SOFTMAX, "Softmax over the classes", "softmax" },
    { 0, NULL, NULL },
  };

  return gst_dnn_register_enum (&type, "GstDnnActivation", values);
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

  return gst_dnn_register_enum (&type, "GstDnnBoxOrder", values);
}

GType
gst_dnn_box_units_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_BOX_UNITS_AUTO,
        "What the model's graph says, else what the models of the head do",
        "auto" },
    { GST_DNN_BOX_UNITS_PIXELS, "Pixels of the model's input", "pixels" },
    { GST_DNN_BOX_UNITS_NORMALISED, "The model's input is 1 wide and 1 high",
        "normalised" },
    { GST_DNN_BOX_UNITS_PRIORS,
        "Offsets from the cells or priors of the head's models", "priors" },
    { 0, NULL, NULL },
  };

  return gst_dnn_register_enum (&type, "GstDnnBoxUnits", values);
}

GType
gst_dnn_box_axis_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_BOX_AXIS_AUTO, "What the model's graph says", "auto" },
    { GST_DNN_BOX_AXIS_FIRST, "1×V×N: candidates lie innermost", "first" },
    { GST_DNN_BOX_AXIS_LAST, "1×N×V: candidates lie outermost", "last" },
    { 0, NULL, NULL },
  };

  return gst_dnn_register_enum (&type, "GstDnnBoxAxis", values);
}
