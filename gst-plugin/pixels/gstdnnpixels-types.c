/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tables of names → enumerations of ways to make tensors of pictures. Next: the
 * elements' properties. */
#include "config.h"

#include "gst-plugin/pixels/gstdnnpixels-types.h"

#include "gst-plugin/meta/gstdnngeometry.h"
#include "gst-plugin/pixels/gstdnnpixels.h"
#include "gst-plugin/pixels/gstdnntaps.h"

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

  return gst_dnn_register_enum (&type, "GstDnnResize", values);
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

  return gst_dnn_register_enum (&type, "GstDnnFilter", values);
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

  return gst_dnn_register_enum (&type, "GstDnnColor", values);
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

  return gst_dnn_register_enum (&type, "GstDnnLayout", values);
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

  return gst_dnn_register_enum (&type, "GstDnnInputType", values);
}
