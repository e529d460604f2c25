/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors that models left on a frame → JSON. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * gst_dnn_json_tensors_append:
 * @frame: a frame
 * @error: what is wrong with a tensor
 *
 * Appends `, "tensors": […]`, nothing if there are none: for each tensor
 * `precision` ("FP32", "I64", …), `dims`, outermost first, `model_name` and
 * `data`, flat, as gvametaconvert of DL Streamer does. What JSON has no number
 * for, NaN and infinite, is null.
 */
gboolean gst_dnn_json_tensors_append (
    GString *line, GstBuffer *frame, GError **error);

G_END_DECLS
