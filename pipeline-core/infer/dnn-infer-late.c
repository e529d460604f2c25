/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What inference knows of results whose shapes depend on data, and which values
 * are late. Next: dnn-late.c. */
#include "config.h"

#include "pipeline-core/infer/dnn-infer-private.h"

#include "pipeline-core/op/dnn-once.h"

void
dnn_infer_take_bounded (DnnInferredValue *known, const DnnCallArg *arg)
{
  known->shape = arg->shape;
  known->bound = (gsize) dnn_shape_n_least (&arg->shape) *
      dnn_type_size (arg->type);
  for (gint i = 0; i < known->shape.rank; i++)
    if (arg->bounded & (1u << i))
      known->shape.dims[i] = DNN_DIM_OPEN;
}

gboolean
dnn_infer_has_late_input (DnnInferPass *pass, const DnnNode *node)
{
  for (guint i = 0; i < node->inputs->len; i++)
    if (node->inputs->pdata[i] &&
        dnn_inference_get (pass->result, node->inputs->pdata[i])->is_late)
      return TRUE;
  return FALSE;
}

/* Results that can't be made before a frame has told a shape. */
void
dnn_infer_mark_late (
    DnnInferPass *pass, const DnnNode *node, DnnInferResult result)
{
  gboolean is_late = result != DNN_INFER_OK ||
      dnn_infer_has_late_input (pass, node);

  if (!(pass->flags & DNN_INFER_LATE))
    return;
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      is_late |= !dnn_shape_is_known (
          &dnn_inference_get (pass->result, node->outputs->pdata[i])->shape);
  for (guint i = 0; is_late && i < node->outputs->len; i++) {
    DnnInferredValue *known;
    if (!node->outputs->pdata[i])
      continue;
    known = dnn_inference_get (pass->result, node->outputs->pdata[i]);
    known->is_late = !known->is_constant;
    if (known->type == DNN_TYPE_INVALID)
      known->type = ((DnnValue *) node->outputs->pdata[i])->type;
  }
}

static gboolean
can_be_counted (const DnnCall *call)
{
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].present && !call->inputs[i].is_constant)
      return FALSE;
  return call->ref_scratch <= DNN_INFER_MAX_FOLD_BYTES;
}

/* Bytes of all inputs, by input; NULL where some can't be had. */
static gconstpointer *
collect_values (
    DnnInferPass *pass, guint node_idx, const DnnCall *call, GError **error)
{
  const DnnNode *node = pass->result->graph->nodes->pdata[node_idx];
  g_autofree gconstpointer *src = g_new0 (
      gconstpointer, MAX (call->n_inputs, 1));

  for (guint i = 0; i < call->n_inputs; i++) {
    const DnnInferredValue *known;
    if (!call->inputs[i].present)
      continue;
    known = dnn_inference_get (pass->result, node->inputs->pdata[i]);
    if (!known->tensor &&
        !dnn_infer_fold_value (pass, node->inputs->pdata[i], node_idx, error))
      return NULL;
    if (!known->tensor)
      return NULL;
    src[i] = dnn_tensor_get_data (known->tensor);
  }
  return g_steal_pointer (&src);
}

DnnInferResult
dnn_infer_count_constants (
    DnnInferPass *pass, guint node_idx, DnnCall *call, GError **error)
{
  g_autofree gconstpointer *src = NULL;
  g_autoptr (GError) reason = NULL;

  if (!can_be_counted (call))
    return DNN_INFER_BOUNDED;
  src = collect_values (pass, node_idx, call, &reason);
  if (src) {
    dnn_infer_set_values (
        pass, pass->result->graph->nodes->pdata[node_idx], call);
    dnn_call_count_once (call, src, &reason);
  }
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return DNN_INFER_ERROR;
  }
  return src ? DNN_INFER_OK : DNN_INFER_BOUNDED;
}
