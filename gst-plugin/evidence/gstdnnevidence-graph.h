/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph, read backwards from its outputs → what can be said of them. */
#pragma once

#include "gst-plugin/evidence/gstdnnevidence.h"
#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/**
 * gst_dnn_evidence_new_from_graph:
 * @graph: sorted and checked
 * @inputs: a shape for each input of the graph
 *
 * Cheap but for shape inference; decides nothing, so never fails: what it can't
 * read is of unknown origin.
 *
 * Returns: (transfer full): one entry an output
 */
GstDnnEvidence *gst_dnn_evidence_new_from_graph (
    DnnGraph *graph, const DnnShape *inputs);

G_END_DECLS
