/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmodule: one module on tensors. */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "gst-plugin/module/gstdnnrunner.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_MODULE (gst_dnn_module_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnModule, gst_dnn_module, GST, DNN_MODULE, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (dnnmodule);

/* Runs @module, loaded by somebody else, instead of the property's file, which
 * then only says where the module comes from. In NULL only. */
void gst_dnn_module_set_loaded (GstDnnModule *self, DnnModule *module);

/* How many frames can be on their way at once, 0: any number; no more instances
 * than that are made. In NULL only. */
void gst_dnn_module_set_max_in_flight (GstDnnModule *self, guint max_in_flight);

/* Packs @params for each instance, see dnn_instance_make_update(); nothing is
 * changed yet. One caller at a time, from READY on. (transfer full) */
GstDnnUpdates *gst_dnn_module_make_updates (
    GstDnnModule *self, DnnParams *params, GError **error);
/* Frames after that with serial @last run with @updates (transfer full). Any
 * thread; only puts them into queues. */
void gst_dnn_module_add_updates (
    GstDnnModule *self, guint64 last, GstDnnUpdates *updates);

G_END_DECLS
