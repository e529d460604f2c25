/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What importing takes besides a path, for the driver and for tests. */
#pragma once

#include "compiler/onnx/dnn-onnx-read.h"
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

/* dnn-onnx-attrs.c: the attributes of a NodeProto into @node. Subgraphs,
 * sparse and other tensors are UNSUPPORTED. */
gboolean dnn_onnx_import_attrs (
    DnnOnnxFile *file, DnnWireSpan span, DnnNode *node, GError **error);

/* The value of a Constant node, in whichever attribute it stands. */
DnnTensor *dnn_onnx_import_constant (DnnOnnxFile *file, DnnWireSpan span,
    const gchar *node_name, GError **error);

/* dnn-onnx-inputs.c: a graph input as @proto says it, or @override does. */
DnnValue *dnn_onnx_import_input (DnnOnnxFile *file, DnnGraph *graph,
    const Onnx__ValueInfoProto *proto, const DnnShape *override,
    gboolean keeps_batch, GError **error);
gboolean dnn_onnx_has_open_batch (const DnnGraph *graph);

G_END_DECLS
