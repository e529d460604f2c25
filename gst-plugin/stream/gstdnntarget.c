/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Properties ↔ DnnTarget. Next: gstdnnmodule.c, gstdnnbin.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnntarget.h"

#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnntypes.h"

GType
gst_dnn_tune_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { DNN_TUNE_AUTO, "On, or what the environment's DNN_TUNE says", "auto" },
    { DNN_TUNE_OFF, "By estimates", "off" },
    { DNN_TUNE_CACHED, "By what was measured before", "cached" },
    { DNN_TUNE_ON, "Measure what was never measured", "on" },
    { 0, NULL, NULL },
  };

  return gst_dnn_register_enum (&type, "GstDnnTune", values);
}

void
gst_dnn_target_install (GObjectClass *klass, guint first_id)
{
  g_object_class_install_property (klass, first_id + GST_DNN_TARGET_TUNE,
      gst_dnn_property_enum ("tune",
          "How implementations are chosen: by estimates, or by times, which "
          "are kept in the user's cache folder; measuring takes up to a second "
          "when the element starts for the first time",
          GST_TYPE_DNN_TUNE, DNN_TUNE_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, first_id + GST_DNN_TARGET_TUNE_FILE,
      gst_dnn_property_string ("tune-file",
          "File of \"gst-dnn tune\": its choices are used, nothing is measured",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, first_id + GST_DNN_TARGET_FAST_MATH,
      gst_dnn_property_boolean ("fast-math",
          "Kernels may treat values that are not finite as if they were: a NaN "
          "may become a bound, or spread to neighbours",
          TRUE, GST_DNN_SET_READY));
  g_object_class_install_property (klass, first_id + GST_DNN_TARGET_WINOGRAD,
      gst_dnn_property_boolean ("winograd",
          "Convolutions may be computed by Winograd's algorithm, which rounds "
          "otherwise; never without fast-math",
          TRUE, GST_DNN_SET_READY));
}

gboolean
gst_dnn_target_set (
    DnnTarget *target, guint first_id, guint id, const GValue *value)
{
  switch (id - first_id) {
    case GST_DNN_TARGET_TUNE:
      target->tune = g_value_get_enum (value);
      return TRUE;
    case GST_DNN_TARGET_TUNE_FILE:
      dnn_target_set_tune_file (target, g_value_get_string (value));
      return TRUE;
    case GST_DNN_TARGET_FAST_MATH:
      target->fast_math = g_value_get_boolean (value);
      return TRUE;
    case GST_DNN_TARGET_WINOGRAD:
      target->winograd = g_value_get_boolean (value);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
gst_dnn_target_get (
    const DnnTarget *target, guint first_id, guint id, GValue *value)
{
  switch (id - first_id) {
    case GST_DNN_TARGET_TUNE:
      g_value_set_enum (value, target->tune);
      return TRUE;
    case GST_DNN_TARGET_TUNE_FILE:
      g_value_set_string (value, target->tune_file);
      return TRUE;
    case GST_DNN_TARGET_FAST_MATH:
      g_value_set_boolean (value, target->fast_math);
      return TRUE;
    case GST_DNN_TARGET_WINOGRAD:
      g_value_set_boolean (value, target->winograd);
      return TRUE;
    default:
      return FALSE;
  }
}

void
gst_dnn_target_pass_on (const DnnTarget *target, GObject *element)
{
  g_object_set (element, "tune", target->tune, "tune-file", target->tune_file,
      "fast-math", target->fast_math, "winograd", target->winograd, NULL);
}
