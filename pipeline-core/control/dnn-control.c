/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What operators that run graphs share: a call → its subgraphs, their types and
 * shapes, one candidate. Next: dnn-op-if.c, dnn-op-loop.c, dnn-op-scan.c. */
#include "config.h"

#include "pipeline-core/control/dnn-control.h"

#include <string.h>

#include "pipeline-core/infer/dnn-infer.h"

void
dnn_control_register (void)
{
  dnn_op_register (&dnn_op_if);
  dnn_op_register (&dnn_op_loop);
  dnn_op_register (&dnn_op_scan);
}

guint
dnn_control_get_n_captures (const DnnCall *call)
{
  return call->n_inputs - call->n_formal;
}

DnnGraph *
dnn_control_get_graph (const DnnCall *call, const gchar *name, guint n_inputs,
    guint n_outputs, GError **error)
{
  DnnGraph *graph = NULL;

  for (guint i = 0; call->subgraphs && i < call->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = call->subgraphs->pdata[i];
    if (strcmp (subgraph->name, name) == 0)
      graph = subgraph->graph;
  }
  if (!graph)
    dnn_call_error (
        call, error, DNN_ERROR_GRAPH, "it has no subgraph \"%s\"", name);
  else if (graph->inputs->len != n_inputs)
    dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "%s has %u inputs, of which %u are captured; expected %u", name,
        graph->inputs->len, dnn_control_get_n_captures (call), n_inputs);
  else if (graph->outputs->len != n_outputs)
    dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "%s has %u outputs, expected %u", name, graph->outputs->len, n_outputs);
  else
    return graph;
  return NULL;
}

void
dnn_control_add_captures (const DnnCall *call, DnnCallArg *args, guint n)
{
  for (guint i = 0; i < dnn_control_get_n_captures (call); i++)
    args[n + i] = call->inputs[call->n_formal + i];
}

gboolean
dnn_control_fail (const DnnCall *call, const gchar *name, GError **error)
{
  g_prefix_error (
      error, "node \"%s\" (%s): %s: ", call->node_name, call->op->name, name);
  return FALSE;
}

static gboolean
is_always_true (const DnnInference *inference)
{
  const DnnGraph *graph = inference->graph;
  const DnnValue *output = graph->outputs->pdata[0];
  const DnnInferredValue *known;

  while (output->producer && output->producer->n_formal == 1 &&
      strcmp (output->producer->op, "Identity") == 0)
    output = output->producer->inputs->pdata[0];
  if (output == graph->inputs->pdata[1])
    return TRUE;
  known = dnn_inference_get (inference, output);
  return known->tensor && dnn_tensor_get_size (known->tensor) == 1 &&
      *(const guint8 *) dnn_tensor_get_data (known->tensor) != 0;
}

gboolean
dnn_control_infer (const DnnCall *call, const gchar *name,
    const DnnCallArg *args, guint n_args, DnnCallArg *outputs, guint n_outputs,
    gboolean *is_true, GError **error)
{
  DnnGraph *graph = dnn_control_get_graph (
      call, name, n_args, n_outputs, error);
  g_autoptr (DnnInference) inference = NULL;

  if (!graph)
    return FALSE;
  inference = dnn_infer_subgraph (graph, args, error);
  if (!inference)
    return dnn_control_fail (call, name, error);
  for (guint i = 0; i < n_outputs; i++) {
    const DnnInferredValue *known = dnn_inference_get (
        inference, graph->outputs->pdata[i]);
    outputs[i].type = known->type;
    outputs[i].shape = known->shape;
  }
  if (is_true)
    *is_true = is_always_true (inference);
  return TRUE;
}

DnnShape
dnn_control_remove_axis (const DnnShape *shape, gint axis)
{
  DnnShape slice = *shape;

  slice.rank--;
  for (gint i = axis; i < slice.rank; i++)
    slice.dims[i] = shape->dims[i + 1];
  return slice;
}

gboolean
dnn_control_check_output (const DnnCall *call, DnnBody *body, guint idx,
    const DnnShape *expected, GError **error)
{
  const DnnShape *shape = dnn_body_get_output_shape (body, idx);
  g_autofree gchar *found = NULL, *wanted = NULL;

  if (dnn_shape_equal (shape, expected))
    return TRUE;
  found = dnn_shape_to_string (shape);
  wanted = dnn_shape_to_string (expected);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "output %u of body is %s in each frame, but the graph says %s", idx,
      found, wanted);
}

void
dnn_control_offer (
    const DnnCall *call, DnnOffers *offers, const DnnKernel *kernel)
{
  DnnCandidate *candidate = dnn_candidate_new (
      kernel, call->n_inputs, call->n_outputs);

  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].present)
      candidate->src[i] = dnn_format_new_plain (
          call->inputs[i].type, &call->inputs[i].shape);
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].present)
      candidate->dst[i] = dnn_format_new_plain (
          call->outputs[i].type, &call->outputs[i].shape);
  candidate->cost = 1000;
  dnn_offers_add (offers, candidate);
}
