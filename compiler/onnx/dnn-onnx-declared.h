/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a model says of its results (outputs, value_info): never believed, but
 * told where it is otherwise. */
#pragma once

#include "compiler/onnx/dnn-onnx-read.h"
#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/* Keeps with @graph what @model says, for the below. */
void dnn_onnx_keep_declared (DnnGraph *graph, const DnnOnnxModel *model);

/* Behind inference: an INFO for what is not as the model says; text of all, or
 * NULL. (transfer full) */
gchar *dnn_onnx_tell_declared (DnnGraph *graph);

G_END_DECLS
