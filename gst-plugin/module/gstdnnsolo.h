/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One frame at a time, in the streaming thread: in the only lane, or where that
 * is a team beside neighbours that want its CPUs, in one thread's. */
#pragma once

#include "gst-plugin/module/gstdnnhabit.h"
#include "gst-plugin/module/gstdnnrunner.h"

G_BEGIN_DECLS

/* Of the streaming thread. */
typedef struct
{
  GstDnnRunner *runner;
  GstDnnHabit habit;
} GstDnnSolo;

/* What is known of how long frames take begins anew. @runner lives longer, and
 * is prepared if it can be. */
void gst_dnn_solo_init (GstDnnSolo *self, GstDnnRunner *runner);

/* One frame. @key (nullable): its own, or none. (transfer full) (nullable) */
GstBuffer *gst_dnn_solo_run (GstDnnSolo *self, GstBuffer *src,
    const GstDnnFrameKey *key, GError **error);

G_END_DECLS
