/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What importing takes besides a path, for the driver and for tests. */
#pragma once

#include "compiler/onnx/dnn-onnx-function.h"
#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/**
 * dnn_onnx_import:
 * @shapes: (nullable): "NAME=1,3,224,224", in place of what the model says of
 *   that input; without a name where it has only one
 *
 * Newest operator forms, sorted and checked, nothing optimised or
 * inferred. A batch that the model leaves open is 1.
 */
DnnGraph *dnn_onnx_import (
    const gchar *path, const gchar *const *shapes, GError **error);
/* The same, but an open batch stays so. */
DnnGraph *dnn_onnx_import_open (const gchar *path, GError **error);

/* dnn-onnx-attrs.c: the attributes of a NodeProto into @node; those that refer
 * to one of a function are looked up in @call (nullable). Sparse and other
 * tensors are UNSUPPORTED; graphs are left to dnn-onnx-subgraph.c. */
gboolean dnn_onnx_import_attrs (DnnOnnxFile *file, DnnWireSpan span,
    DnnNode *node, const DnnOnnxCall *call, GError **error);

/* The value of a Constant node, in whichever attribute it stands. */
DnnTensor *dnn_onnx_import_constant (DnnOnnxFile *file, DnnWireSpan span,
    const gchar *node_name, const DnnOnnxCall *call, GError **error);

/* dnn-onnx-inputs.c: an input's first dimension is open, called as a batch is.
 */
gboolean dnn_onnx_has_open_batch (const DnnGraph *graph);

G_END_DECLS
