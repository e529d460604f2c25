/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Name, unit, blurb, range, default, flags → GParamSpec. Next: class_init of
 * each element. */
#include "config.h"

#include "gst-plugin/stream/gstdnnproperty.h"

/* "Time of a run" + "ns" → "Time of a run [ns]"; lives as long as the
 * process, as static strings must. */
static const gchar *
add_unit (const gchar *blurb, const gchar *unit)
{
  g_autofree gchar *text = g_strdup_printf ("%s [%s]", blurb, unit);

  return g_intern_string (text);
}

GParamSpec *
gst_dnn_property_int (const gchar *name, const gchar *unit, const gchar *blurb,
    gint min, gint max, gint value, gint flags)
{
  return g_param_spec_int (
      name, name, add_unit (blurb, unit), min, max, value, flags);
}

GParamSpec *
gst_dnn_property_uint64 (const gchar *name, const gchar *unit,
    const gchar *blurb, guint64 min, guint64 max, guint64 value, gint flags)
{
  return g_param_spec_uint64 (
      name, name, add_unit (blurb, unit), min, max, value, flags);
}

GParamSpec *
gst_dnn_property_double (const gchar *name, const gchar *unit,
    const gchar *blurb, gdouble min, gdouble max, gdouble value, gint flags)
{
  return g_param_spec_double (
      name, name, add_unit (blurb, unit), min, max, value, flags);
}

GParamSpec *
gst_dnn_property_string (
    const gchar *name, const gchar *blurb, const gchar *value, gint flags)
{
  return g_param_spec_string (name, name, blurb, value, flags);
}

GParamSpec *
gst_dnn_property_boolean (
    const gchar *name, const gchar *blurb, gboolean value, gint flags)
{
  return g_param_spec_boolean (name, name, blurb, value, flags);
}

GParamSpec *
gst_dnn_property_enum (
    const gchar *name, const gchar *blurb, GType type, gint value, gint flags)
{
  return g_param_spec_enum (name, name, blurb, type, value, flags);
}
