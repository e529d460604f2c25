/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of dnnbin, for gstdnnbin.c and gstdnnbin-frames.c. */
#pragma once

#include "gst-plugin/bin/gstdnnbin.h"
#include "gst-plugin/bin/gstdnnbin-build.h"
#include "gst-plugin/bin/gstdnnexit.h"
#include "gst-plugin/stream/gstdnnerror.h"

G_BEGIN_DECLS

struct _GstDnnBin
{
  GstBin parent;

  /* properties; the object lock */
  gchar *config_path;
  gchar *model;
  DnnPipelineConfig *configuration;
  gchar *shape;
  gchar *cuts;
  gchar *precision;
  gchar *instances;
  DnnTarget target; /* what of it has a property of that name */
  gint stages;
  gint threads;
  guint max_in_flight;
  GstDnnDrop drop;
  gint pass_limit; /* ms */

  GstDnnExit *exit;
  guint n_instances; /* upstream's thread: since the stream began */
  GstDnnErrorLatch latch; /* of the bin and all that is in it */
  gint is_stale; /* loaded with other properties than those of now */
  GMutex setting; /* params: one caller at a time; before all other locks */
  /* from NULL→READY to READY→NULL; the pointers by the object lock */
  DnnPipelineConfig *config;
  GstDnnBinParts parts;
};

/* Counts what the queues at the entrance drop. */
void gst_dnn_bin_watch_queues (GstDnnBin *self);

/* Frames that nobody looks at go from @sink to @src past the graph. */
void gst_dnn_bin_watch_pads (GstDnnBin *self, GstPad *sink, GstPad *src);

G_END_DECLS
