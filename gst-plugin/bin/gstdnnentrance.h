/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where frames enter dnnbin: matched, if there are several inputs, stamped
 * with one key, and held back while too many are in flight. One src pad a sink
 * pad. Not registered: dnnbin alone makes it. */
#pragma once

#include "gst-plugin/join/gstdnnjoin.h"
#include "gst-plugin/meta/gstdnnmeta-frame.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_ENTRANCE (gst_dnn_entrance_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnEntrance, gst_dnn_entrance, GST, DNN_ENTRANCE, GstDnnJoin)

/* Pads sink_0, src_0 to sink_N, src_N. (transfer floating) */
GstElement *gst_dnn_entrance_new (guint n_inputs);

/* 0: no limit. Any thread. */
void gst_dnn_entrance_set_max_in_flight (GstDnnEntrance *self, guint max);

/* The frame of @key has left dnnbin, and with it all before it. Any thread. */
void gst_dnn_entrance_leave (GstDnnEntrance *self, const GstDnnFrameKey *key);

/* Calls @function while no frame enters, with the serial of the newest frame
 * that has entered, or @last if that is newer; frames that enter from then on
 * have newer ones, but for those made before the one of @last. */
void gst_dnn_entrance_divide (GstDnnEntrance *self, guint64 last,
    void (*function) (guint64 last, gpointer data), gpointer data);

/* How many have entered and not left. */
guint gst_dnn_entrance_get_n_in_flight (GstDnnEntrance *self);

G_END_DECLS
