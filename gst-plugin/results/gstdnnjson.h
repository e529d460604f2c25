/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnjson: frames pass, a line of JSON with the results of each is written. */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_DNN_JSON (gst_dnn_json_get_type ())
G_DECLARE_FINAL_TYPE (GstDnnJson, gst_dnn_json, GST, DNN_JSON, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (dnnjson);

G_END_DECLS
