/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Small graphs for tests, written as lines of text. */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/* A line a node, "OUTPUT = Op(INPUT INPUT) key=value", in order; inputs are
 * "x" of shape @input, results of lines above, constants "@2,84=79.5" (shape,
 * and the value of each element), and lists of integers "#1/-1/85". Results
 * named out… are outputs. */
DnnGraph *dnn_check_graph (const gchar *input, const gchar *const *lines);

G_END_DECLS
