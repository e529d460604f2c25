/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Name, unit, blurb, range, default, flags → GParamSpec. Next: class_init of
 * each element. */
#include "config.h"

#include "gst-plugin/stream/gstdnnproperty.h"

/* What a watched object was made with. */
typedef struct
{
  GstElement *element; /* not held: @object, or what owns it */
  gint *is_stale; /* (nullable) */
} Watch;

static void
note_change (GObject *object, GParamSpec *spec, gpointer data)
{
  const Watch *watch = data;
  GstState state;

  if ((spec->flags & GST_PARAM_MUTABLE_READY) == 0)
    return;
  if (watch->is_stale != NULL)
    g_atomic_int_set (watch->is_stale, 1);
  GST_OBJECT_LOCK (watch->element);
  state = GST_STATE (watch->element);
  GST_OBJECT_UNLOCK (watch->element);
  if (state > GST_STATE_READY)
    GST_ELEMENT_WARNING (watch->element, LIBRARY, SETTINGS,
        ("Property \"%s\" is set while the element runs; it counts from the "
         "next start on, or set it in state READY",
            spec->name),
        (NULL));
}

static void
free_watch (gpointer data, GClosure *closure)
{
  g_free (data);
}

void
gst_dnn_property_watch (gpointer object, gpointer element, gint *is_stale)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->element = element;
  watch->is_stale = is_stale;
  g_signal_connect_data (
      object, "notify", G_CALLBACK (note_change), watch, free_watch, 0);
}

gboolean
gst_dnn_property_take_stale (gint *is_stale)
{
  return g_atomic_int_compare_and_exchange (is_stale, 1, 0);
}

void
gst_dnn_property_keep_stale (gint *is_stale)
{
  g_atomic_int_set (is_stale, 1);
}

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
