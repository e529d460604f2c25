/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* How modules are made ready (DnnTarget) as properties, the same in all
 * elements that have modules in them: tune, tune-file, fast-math, winograd. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/base/dnn-target.h"

G_BEGIN_DECLS

/* Ids that an element leaves for them, from its first one on. */
enum
{
  GST_DNN_TARGET_TUNE,
  GST_DNN_TARGET_TUNE_FILE,
  GST_DNN_TARGET_FAST_MATH,
  GST_DNN_TARGET_WINOGRAD,
  GST_DNN_N_TARGET_PROPERTIES,
};

#define GST_TYPE_DNN_TUNE (gst_dnn_tune_get_type ())
GType gst_dnn_tune_get_type (void);

void gst_dnn_target_install (GObjectClass *klass, guint first_id);
/* FALSE: @id is none of them. */
gboolean gst_dnn_target_set (
    DnnTarget *target, guint first_id, guint id, const GValue *value);
gboolean gst_dnn_target_get (
    const DnnTarget *target, guint first_id, guint id, GValue *value);
/* From a bin to what is in it. */
void gst_dnn_target_pass_on (const DnnTarget *target, GObject *element);

G_END_DECLS
