/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results that nobody uses → absent, where their operator may leave them out:
 * no memory, no time. Next: dnn-compile.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/op/dnn-op.h"

/* Rows of @op say it; the last one may stand for any number. */
static gboolean
may_be_absent (const DnnOp *op, guint idx)
{
  return idx > 0 && idx < op->n_outputs &&
      (op->outputs[idx].flags & DNN_ARG_OPTIONAL) != 0;
}

static gboolean
drop_results (DnnGraph *graph, DnnNode *node)
{
  const DnnOp *op = dnn_op_lookup (node->op);
  gboolean changed = FALSE;

  for (guint i = node->outputs->len; op && i-- > 1;) {
    DnnValue *value = node->outputs->pdata[i];
    if (!value || value->pass_data || !may_be_absent (op, i))
      continue;
    dnn_graph_remove_value (graph, value);
    changed = TRUE;
  }
  while (changed && !node->outputs->pdata[node->outputs->len - 1])
    g_ptr_array_set_size (node->outputs, (gint) node->outputs->len - 1);
  return changed;
}

gboolean
dnn_pass_outputs (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_index_users (graph);
  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    if (node->outputs->len > 1)
      changed |= drop_results (graph, node);
  }
  return dnn_pass_end (graph, changed, error);
}
