/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmodule: one module on tensors. */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "pipeline-core/dnn-module.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_MODULE (gst_dnn_module_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnModule, gst_dnn_module, GST, DNN_MODULE, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (dnnmodule);

/* Runs @module, loaded by somebody else, instead of the property's file, which
 * then only says where the module comes from. In NULL only. */
void gst_dnn_module_set_loaded (GstDnnModule *self, DnnModule *module);

/* Params for the frames to come, see dnn_instance_set_params(). From READY on,
 * any thread. */
gboolean gst_dnn_module_set_params (
    GstDnnModule *self, DnnParams *params, GError **error);

G_END_DECLS
