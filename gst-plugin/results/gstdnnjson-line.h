/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results of a frame → one line of JSON. Next: gstdnnjson.c. */
#pragma once

#include "gst-plugin/meta/gstdnnmeta-results.h"

G_BEGIN_DECLS

/**
 * gst_dnn_json_line_append:
 * @line: emptied, then filled; no line end
 * @meta: (nullable): %NULL: no results
 * @timestamp: of the frame, ns; left out if it has none
 * @width: of the frame, pixels
 * @height: of the frame
 *
 * The layout that gvametaconvert of DL Streamer writes, which consumers know:
 * boxes from 0 to 1 in `bounding_box`, in pixels in `x`, `y`, `w`, `h`. Free of
 * locale. Classes of a region stand in `classifications` beside `detection`.
 */
void gst_dnn_json_line_append (GString *line, const GstDnnResultsMeta *meta,
    GstClockTime timestamp, gint width, gint height);

G_END_DECLS
