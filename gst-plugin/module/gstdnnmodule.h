/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmodule: one module on tensors. */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "pipeline-core/plan/dnn-instance.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_MODULE (gst_dnn_module_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnModule, gst_dnn_module, GST, DNN_MODULE, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (dnnmodule);

/* Runs @module, loaded by somebody else, instead of the property's file, which
 * then only says where the module comes from. In NULL only. */
void gst_dnn_module_set_loaded (GstDnnModule *self, DnnModule *module);

/* Packs @params, see dnn_instance_make_update(); nothing is changed yet. One
 * caller at a time, from READY on. (transfer full) */
DnnUpdate *gst_dnn_module_make_update (
    GstDnnModule *self, DnnParams *params, GError **error);
/* Frames after that with serial @last run with @update (transfer full). Any
 * thread; only puts it into a queue. */
void gst_dnn_module_add_update (
    GstDnnModule *self, guint64 last, DnnUpdate *update);

G_END_DECLS
