/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What differs between GStreamer 1.22 and 1.28: every version #if of this
 * layer stands here. GStreamer's headers come in, one spelling goes out. */
#pragma once

#include <gst/gst.h>

/* GstAnalyticsRelationMeta, where the build found it. */
#if GST_CHECK_VERSION(1, 24, 0) && defined(GST_DNN_WITH_ANALYTICS)
#include <gst/analytics/analytics.h>
#define GST_DNN_HAVE_ANALYTICS 1
#else
#define GST_DNN_HAVE_ANALYTICS 0
#endif

/* GstVideoMetaTransformMatrix: crops, borders and rotations of a picture. */
#if GST_CHECK_VERSION(1, 28, 0)
#define GST_DNN_HAVE_META_MATRIX 1
#else
#define GST_DNN_HAVE_META_MATRIX 0
#endif
