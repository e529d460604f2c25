/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results → the metadata of others that says the same, so that their elements
 * and applications can read it. */
#pragma once

#include "gst-plugin/meta/gstdnnmeta-results.h"

G_BEGIN_DECLS

/**
 * gst_dnn_results_derive:
 * @frame: a writable buffer
 * @result: a result on it
 * @width: of the frame, pixels
 * @height: of the frame
 *
 * Adds a GstVideoRegionOfInterestMeta with a structure "detection" (or
 * "classification"), and what GstAnalyticsRelationMeta has for it where
 * GStreamer has that.
 */
void gst_dnn_results_derive (
    GstBuffer *frame, const GstDnnResult *result, gint width, gint height);

G_END_DECLS
