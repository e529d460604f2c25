/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Properties as gst-inspect shall show them: a unit in the blurb, default and
 * range by GObject, when they can change by GStreamer's flags. A row comes in,
 * a GParamSpec goes out. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* When a property may be set. */
#define GST_DNN_SET_READY \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define GST_DNN_SET_PLAYING \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
/* A figure of the running element. */
#define GST_DNN_READ_ONLY (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

/* Called once, when @object is made: a property of GST_DNN_SET_READY that is
 * set while @element runs is a WARNING, since it counts from the next start on;
 * whenever one is set, @is_stale (nullable) becomes 1, so that what was loaded
 * for READY is loaded again before PAUSED. @object: @element, or its pad. */
void gst_dnn_property_watch (gpointer object, gpointer element, gint *is_stale);
/* Whether one was set since this was asked last. */
gboolean gst_dnn_property_take_stale (gint *is_stale);
/* What was loaded then has failed: the next start is to load it again. */
void gst_dnn_property_keep_stale (gint *is_stale);

/* @unit: "ns", "frames", "threads", "pixels", "1" for a plain number; stands
 * in the blurb as "… [ns]". All texts are static. (transfer floating) */
GParamSpec *gst_dnn_property_int (const gchar *name, const gchar *unit,
    const gchar *blurb, gint min, gint max, gint value, gint flags);
GParamSpec *gst_dnn_property_uint64 (const gchar *name, const gchar *unit,
    const gchar *blurb, guint64 min, guint64 max, guint64 value, gint flags);
GParamSpec *gst_dnn_property_double (const gchar *name, const gchar *unit,
    const gchar *blurb, gdouble min, gdouble max, gdouble value, gint flags);
/* @blurb says the notation: "Shape of the input, outermost first, e.g. …". */
GParamSpec *gst_dnn_property_string (
    const gchar *name, const gchar *blurb, const gchar *value, gint flags);
GParamSpec *gst_dnn_property_boolean (
    const gchar *name, const gchar *blurb, gboolean value, gint flags);
GParamSpec *gst_dnn_property_enum (
    const gchar *name, const gchar *blurb, GType type, gint value, gint flags);

G_END_DECLS
