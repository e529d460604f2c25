/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A GError → one ERROR message of an element. The only way that our elements
 * post errors; they invent no text of their own. */
#pragma once

#include <gst/base/gstbasetransform.h>
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

/* Where in our code a message comes from, for its debug text. */
typedef struct
{
  const gchar *file, *function;
  gint line;
} GstDnnErrorPlace;

#define GST_DNN_ERROR_HERE \
  (&(const GstDnnErrorPlace){ __FILE__, (G_STRFUNC), __LINE__ })

/* Posts @error with the text of the GError as its text, unless one was posted
 * since gst_dnn_error_reset(); then it is only logged. Any thread, no lock
 * held. */
#define gst_dnn_error_post(element, latch, error) \
  gst_dnn_error_post_from (element, latch, error, GST_DNN_ERROR_HERE)
void gst_dnn_error_post_from (gpointer element, GstDnnErrorLatch *latch,
    const GError *error, const GstDnnErrorPlace *place);

/* Posts @doubt as a WARNING message: something looks wrong, but runs. */
#define gst_dnn_error_post_warning(element, doubt) \
  gst_dnn_error_post_warning_from (element, doubt, GST_DNN_ERROR_HERE)
void gst_dnn_error_post_warning_from (
    gpointer element, const GError *doubt, const GstDnnErrorPlace *place);

/* Whether the peer of @src, if there is one, takes frames of @caps; else TYPE,
 * with both. */
gboolean gst_dnn_error_check_peer (GstPad *src, GstCaps *caps, GError **error);

/* What upstream is told of an event: where it wasn't @handled because the pad
 * @src, through which it should leave, isn't active or is flushed, that is
 * FLUSHING and no error. For event functions of the full kind; in others FALSE
 * stops the stream with an error that nobody posts. */
GstFlowReturn gst_dnn_error_get_event_flow (GstPad *src, gboolean handled);

/* The same for the pad sink of @trans, whose base class knows only FALSE. At
 * its init. */
void gst_dnn_error_tell_flushing (GstBaseTransform *trans);

/* Data that comes before any caps, such as a file that nobody decodes, and caps
 * that the pad's template doesn't have are an error from now on. @pad: a sink
 * pad of @element, owner of @latch. @expected: text that stays,
 * GST_DNN_EXPECTS_VIDEO or GST_DNN_EXPECTS_TENSORS. */
void gst_dnn_error_watch_caps (GstPad *pad, gpointer element,
    GstDnnErrorLatch *latch, const gchar *expected);

/* Pad, what is expected. */
#define GST_DNN_NO_CAPS "%s: data without caps, of no known type; %s"
#define GST_DNN_EXPECTS_VIDEO \
  "raw video was expected; is a decoder missing, such as decodebin?"
#define GST_DNN_EXPECTS_TENSORS \
  "tensors were expected; is dnnpreprocess missing?"

G_END_DECLS
