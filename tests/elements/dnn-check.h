/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the tests of elements share: buffers of floats with frame keys, errors
 * on a bus. */
#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include "gst-plugin/meta/gstdnnmeta-frame.h"

G_BEGIN_DECLS

/* Tensor caps of float32 tensors; @dimensions as in caps: "4:1,3". */
GstCaps *dnn_check_caps (const gchar *dimensions);

/* A buffer of @n_tensors float32 tensors with @n_elements each; element i of
 * tensor t is @value + 100·t + i. PTS is @frame · 10 ms, 10 ms long. */
GstBuffer *dnn_check_buffer (
    guint n_tensors, guint n_elements, gfloat value, guint frame);

/* The first @n_frames of those, of one tensor with 4 elements: value = frame.
 */
void dnn_check_push_frames (GstHarness *harness, guint n_frames);

/* Adds frame meta with a serial of its own. */
GstBuffer *dnn_check_add_key (GstBuffer *buffer, guint64 serial);
guint64 dnn_check_get_serial (GstBuffer *buffer);

/* A gap of that serial. */
GstBuffer *dnn_check_gap (guint64 serial, guint frame);

/* First element of tensor @idx. */
gfloat dnn_check_get_float (GstBuffer *buffer, guint idx, guint element);

/* A bus for an element that is in no pipeline. (transfer full) */
GstBus *dnn_check_add_bus (GstElement *element);

/* Waits for an ERROR on @bus: it is of @code, its text holds every one of the
 * NULL-terminated @parts; no second of ours follows. Empties the bus. */
void dnn_check_assert_error (
    GstBus *bus, GQuark domain, gint code, const gchar *const *parts);
void dnn_check_assert_no_error (GstBus *bus);

/* The plugin under test comes from the build folder. */
void dnn_check_assert_plugin (void);

G_END_DECLS
