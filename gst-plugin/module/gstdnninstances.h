/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* How many instances of a module work on successive frames, with how many
 * threads each, on which CPUs. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* What was asked for. */
typedef struct
{
  gint instances; /* 1 to 64 or DNN_INSTANCES_AUTO */
  gint threads; /* of one instance; 0: all CPUs that it may use */
  const gchar *cpu_affinity; /* (nullable) */
  guint max_in_flight; /* frames that can be on their way; 0: any number */
} GstDnnWorkforce;

/* VALUE where there are more than frames in flight or CPUs in the affinity, or
 * the module's library keeps state. */
gboolean gst_dnn_workforce_check (
    const GstDnnWorkforce *self, DnnModule *module, GError **error);

/* It may have a team of all CPUs besides, for frames that come one at a time.
 * Not resolved yet. */
gboolean gst_dnn_workforce_wants_team (
    const GstDnnWorkforce *self, DnnModule *module);

/* It is one team, beside which one thread stands for when neighbours want its
 * CPUs. Resolved. */
gboolean gst_dnn_workforce_is_team (
    const GstDnnWorkforce *self, DnnModule *module);

/* Puts numbers in the place of "auto". */
void gst_dnn_workforce_resolve (GstDnnWorkforce *self, DnnModule *module);

/* CPUs of instance @idx of a resolved one: its share of the affinity. (transfer
 * full) (nullable): any */
gchar *gst_dnn_workforce_get_affinity (const GstDnnWorkforce *self, guint idx);

/* How many arenas of @size may be there: a quarter of the memory, at least 1.
 */
guint gst_dnn_instances_count_arenas (gsize size);

G_END_DECLS
