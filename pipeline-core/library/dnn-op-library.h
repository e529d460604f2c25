/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A node whose operator is a function of a library → an operator of its own,
 * run by the kernel "tvm". Next: dnn-infer.c. */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"
#include "pipeline-core/library/dnn-library.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* NULL if @library has no function of the node's name. Holds @library; types
 * and shapes of the results are those that the graph says. */
DnnOp *dnn_library_op_new (DnnLibrary *library, const DnnNode *node);
void dnn_library_op_free (DnnOp *op);
gboolean dnn_op_is_of_library (const DnnOp *op);

G_END_DECLS
