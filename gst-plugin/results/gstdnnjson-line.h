/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the models found in a frame → one line of JSON. Next: gstdnnjson.c. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstDnnJsonOptions:
 * @source: (nullable): where the frames come from
 * @tags: (nullable): a JSON object on one line
 * @system_timestamp: (nullable): the time, needs no escaping
 * @add_tensors: whether tensors that lie on the frame are written
 *
 * What a line says besides results.
 */
typedef struct
{
  const gchar *source;
  const gchar *tags;
  const gchar *system_timestamp;
  gboolean add_tensors;
} GstDnnJsonOptions;

/**
 * gst_dnn_json_line_append:
 * @line: emptied, then filled; no line end
 * @width: of the frame, pixels
 * @height: of the frame
 * @error: what is wrong with the tensors
 *
 * The layout that gvametaconvert of DL Streamer writes, which consumers know:
 * boxes from 0 to 1 in `bounding_box`, in pixels in `x`, `y`, `w`, `h`. Free of
 * locale. Classes of a region stand in `classifications` beside `detection`. A
 * frame that has no results because no model looked at it says so with
 * `"looked_at": false`; one whose results are an older frame's says by how much
 * with `"age"`, in ns.
 */
gboolean gst_dnn_json_line_append (GString *line, GstBuffer *frame, gint width,
    gint height, const GstDnnJsonOptions *options, GError **error);

G_END_DECLS
