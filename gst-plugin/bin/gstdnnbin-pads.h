/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pads of dnnbin: names of global inputs → names of pads, and their targets. */
#pragma once

#include "gst-plugin/bin/gstdnnbin-build.h"

G_BEGIN_DECLS

/* "sink" for the first global input, "sink_NAME" for the others, with "_" for
 * what no pad name may have. (transfer full) */
gchar *gst_dnn_bin_pads_get_name (const GPtrArray *inputs, guint idx);

/* Two inputs with one name, or a pad for no input, are errors. */
gboolean gst_dnn_bin_pads_check_names (
    GstElement *bin, const GPtrArray *inputs, GError **error);

/* Every input has its pad, else UNBOUND. */
gboolean gst_dnn_bin_pads_check_requested (
    GstElement *bin, const GPtrArray *inputs, GError **error);

/* Joins the pads that are there with the queues of their inputs. */
void gst_dnn_bin_pads_set_targets (
    GstElement *bin, const GPtrArray *inputs, const GstDnnBinParts *parts);
/* Nothing is behind any pad any more. */
void gst_dnn_bin_pads_clear_targets (GstElement *bin);

/* @sink: of the queue of an input whose pad is released. Whoever waits there
 * comes back now; then, once nobody comes again, the input has ended. */
void gst_dnn_bin_pads_open_queue (GstPad *sink);
void gst_dnn_bin_pads_end (GstPad *sink);

G_END_DECLS
