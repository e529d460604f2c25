/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of a dnnmodule, for gstdnnmodule.c, gstdnnmodule-caps.c,
 * gstdnnmodule-crew.c and gstdnnmodule-evidence.c. */
#pragma once

#include "gst-plugin/module/gstdnncrew.h"
#include "gst-plugin/module/gstdnnmodule.h"
#include "gst-plugin/module/gstdnnsolo.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnlatency.h"

G_BEGIN_DECLS

struct _GstDnnModule
{
  GstBaseTransform parent;

  /* properties; the object lock */
  gchar *model;
  gchar *shape;
  gint threads;
  gchar *precision;
  gchar *cpu_affinity;
  gchar *instances;
  DnnTarget target; /* what of it has a property of that name */
  guint max_in_flight; /* frames that whoever stands before it lets in */

  DnnModule *loaded; /* (nullable): instead of @model */
  GstDnnErrorLatch latch;
  gint is_stale; /* loaded with other properties than those of now */
  GMutex lock; /* the pointer to the runner, and inference with it */
  GstDnnRunner *runner; /* from NULL→READY to READY→NULL */
  GstDnnCrew *crew; /* (nullable): from start to stop, if there are several
                       lanes at once */
  GstDnnSolo solo; /* else; of the streaming thread */
  GstPadActivateModeFunction activate_src; /* the base class's */
  guint64 n_frames; /* atomic would do; the object lock */
  /* the object lock */
  GstDnnLatency latency; /* that the pipeline knows */
  gboolean is_live; /* so that it matters */
};

/* Virtual methods of the base class. */
GstCaps *gst_dnn_module_transform_caps (GstBaseTransform *trans,
    GstPadDirection direction, GstCaps *caps, GstCaps *filter);
gboolean gst_dnn_module_accept_caps (
    GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps);
/* FALSE: nothing is loaded. */
gboolean gst_dnn_module_answer_caps (
    GstBaseTransform *trans, GstQuery *question);

/* What a decoder downstream wants to know of the graph. Any thread. FALSE:
 * nothing is loaded. */
gboolean gst_dnn_module_answer_evidence (
    GstDnnModule *self, GstQuery *question);

/* A frame was run: figures. Any thread. */
void gst_dnn_module_count_frame (GstDnnModule *self);

/* Several lanes: frames leave in a thread of their own. The pad src is active
 * already. */
gboolean gst_dnn_module_start_crew (GstDnnModule *self, GError **error);
/* The pads aren't active any more. */
void gst_dnn_module_stop_crew (GstDnnModule *self);

/* The pad src: its thread ends before it waits for it. */
gboolean gst_dnn_module_activate_src (
    GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active);

/* Before a serialised event or query that is handled where it comes: all
 * frames have left. FALSE while flushing. */
gboolean gst_dnn_module_drain (GstDnnModule *self);

/* In place of the base class, which is called where that is right; takes
 * @event. */
gboolean gst_dnn_module_crew_event (GstDnnModule *self, GstEvent *event,
    gboolean (*handle) (GstBaseTransform *trans, GstEvent *event));

/* Of these properties; @shape: (nullable). gstdnnmodule-load.c */
DnnModule *gst_dnn_module_load_file (
    const gchar *model, const gchar *shape, GError **error);

G_END_DECLS
