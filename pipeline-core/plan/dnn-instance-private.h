/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The instance itself, for the files dnn-instance*.c; and what of it only the
 * core's own files ask for. */
#pragma once

#include "pipeline-core/plan/dnn-bound-plan.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/plan/dnn-states.h"

G_BEGIN_DECLS

struct _DnnInstance
{
  GObject parent;

  DnnModule *module;
  DnnTarget target;
  gchar *cpu_affinity; /* NULL: untouched */
  gsize max_kept_bytes;
  guint max_plans; /* kept together with max_kept_bytes */
  gboolean is_late; /* frames wait while it is prepared */

  GMutex changing; /* one prepare or set_params at a time */
  GMutex lock; /* guards the rest; never held while planning or running */
  DnnArena arena; /* of who prepares or runs */
  GPtrArray *bound; /* DnnBoundPlan *; the current one first, then by the time
                       of last use */
  DnnBoundPlan *next; /* (nullable): the current one with other params, to be
                         taken by the next frame; read atomically */
  DnnParams *params; /* (nullable): all that were set */
  DnnStates *states; /* (nullable): of who prepares or runs */
  gpointer *given; /* by output of the graph: where one frame's went */
  gint is_stopped; /* atomic */
  const gint *stop; /* that, or another's */
};

/* (nullable): what the next frame runs. */
DnnBoundPlan *dnn_instance_get_current (DnnInstance *self);
/* What was set since the last frame becomes the current one. The lock is
 * held. */
void dnn_instance_take_next (DnnInstance *self);

/* Its shapes come with frames that wait: nothing runs to warm up, and
 * DNN_LATE_MAX_PLANS are kept. */
void dnn_instance_set_late (DnnInstance *self);

G_END_DECLS
