/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What dnnbin consists of: a plan → elements in a bin, linked as the bindings
 * say. */
#pragma once

#include "gst-plugin/bin/gstdnnbin-plan.h"
#include "gst-plugin/bin/gstdnnentrance.h"
#include "pipeline-core/base/dnn-target.h"

G_BEGIN_DECLS

/* What happens to frames that come while too many are in flight. */
typedef enum
{
  GST_DNN_DROP_NONE,
  GST_DNN_DROP_NEWEST,
  GST_DNN_DROP_OLDEST,
  GST_DNN_DROP_PASS,
} GstDnnDrop;

/* What dnnbin needs to know of its inside. The bin owns all of it; the arrays
 * and the table hold what is in them, for whoever holds them. */
typedef struct
{
  GstDnnEntrance *entrance;
  GPtrArray *queues; /* GstElement, one a global input */
  GPtrArray *bypasses; /* GstDnnBypass, one a stage of others */
  GHashTable *modules; /* mod_idx → GstDnnModule */
  GstPad *src; /* where all global outputs leave */
} GstDnnBinParts;

void gst_dnn_bin_parts_init (GstDnnBinParts *parts);
void gst_dnn_bin_parts_clear (GstDnnBinParts *parts);

/* Fills @bin; @model (nullable): the file it comes from. On failure it may be
 * half full. @parts is initialised already. */
gboolean gst_dnn_bin_build (GstBin *bin, const GstDnnBinPlan *plan,
    const gchar *precision, const DnnTarget *target, const gchar *model,
    GstDnnBinParts *parts, GError **error);

/* Sets what the queues at the entrance do when they are full. */
void gst_dnn_bin_parts_set_drop (const GstDnnBinParts *parts, GstDnnDrop drop);

G_END_DECLS
