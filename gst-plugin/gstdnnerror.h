/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A GError → one ERROR message of an element. The only way that our elements
 * post errors; they invent no text of their own. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Part of each element: whether it has posted since the last READY. */
typedef struct
{
  gint posted; /* atomic */
} GstDnnErrorLatch;

/* Opens the latch: at NULL→READY and PAUSED→READY. */
void gst_dnn_error_reset (GstDnnErrorLatch *latch);

/* Whether an error was posted since. Any thread. */
gboolean gst_dnn_error_is_posted (GstDnnErrorLatch *latch);

/* Counts an error that somebody else posts; FALSE if there was one already, so
 * that it should not go on. Any thread. */
gboolean gst_dnn_error_take (GstDnnErrorLatch *latch);

/* Posts @error with the text of the GError as its text, unless one was posted
 * since gst_dnn_error_reset(); then it is only logged. Any thread, no lock
 * held. */
void gst_dnn_error_post (
    gpointer element, GstDnnErrorLatch *latch, const GError *error);

G_END_DECLS
