/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A node whose shapes depend on data → its results in each frame: infer, count,
 * ref, in memory of the run; no primitive is made. */
#include "config.h"

#include "pipeline-core/plan/dnn-late-run.h"

#include <string.h>

typedef struct
{
  DnnCall *call; /* this instance's */
  gconstpointer *src;
  gpointer *dst;
} Node;

static void
free_node (gpointer state)
{
  Node *node = state;

  dnn_call_free (node->call);
  g_free (node->src);
  g_free (node->dst);
  g_free (node);
}

static gpointer
create_node (DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  Node *node = g_new0 (Node, 1);

  node->call = dnn_inference_copy_call (
      dnn_late_run_get_plan (run)->late->inference, step->node);
  node->src = g_new0 (gconstpointer, step->n_src + 1);
  node->dst = g_new0 (gpointer, step->n_dst + 1);
  return node;
}

static void
take_inputs (Node *node, DnnLateRun *run, const DnnLateStep *step)
{
  DnnCall *call = node->call;

  for (guint i = 0; i < step->n_src; i++) {
    const DnnLateValue *value;
    if (step->src[i] == G_MAXUINT)
      continue;
    value = dnn_late_run_get (run, step->src[i]);
    call->inputs[i].type = value->type;
    call->inputs[i].shape = value->shape;
    call->inputs[i].value = node->src[i] = value->data;
  }
}

/* Shapes of this frame. */
static gboolean
find_shapes (Node *node, DnnLateRun *run, gpointer *scratch, GError **error)
{
  DnnCall *call = node->call;
  DnnInferResult result = dnn_call_infer (call, error);
  gint64 bytes = (gint64) call->ref_scratch;

  if (result == DNN_INFER_ERROR)
    return FALSE;
  if (result != DNN_INFER_OK && result != DNN_INFER_BOUNDED)
    return dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
        "the shape of its output can't be told from its inputs");
  *scratch = dnn_late_run_get_scratch (run, (gsize) MAX (bytes, 1), error);
  if (!*scratch) {
    g_prefix_error (
        error, "node \"%s\" (%s): ", call->node_name, call->op->name);
    return FALSE;
  }
  return result == DNN_INFER_OK ||
      dnn_call_count (call, node->src, *scratch, error);
}

static gboolean
provide_outputs (
    Node *node, DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  for (guint i = 0; i < step->n_dst; i++) {
    const DnnCallArg *arg = &node->call->outputs[i];
    if (step->dst[i] == G_MAXUINT)
      continue;
    node->dst[i] = dnn_late_run_provide (
        run, step->dst[i], arg->type, &arg->shape, error);
    if (!node->dst[i]) {
      g_prefix_error (error, "node \"%s\" (%s): ", node->call->node_name,
          node->call->op->name);
      return FALSE;
    }
  }
  return TRUE;
}

/* On output 0, in place: through a copy of it in the scratch memory. */
static gboolean
run_post_op (
    Node *node, const DnnCallPostOp *post_op, DnnLateRun *run, GError **error)
{
  DnnCall *inner = post_op->call;
  const DnnCallArg *arg = &node->call->outputs[0];
  gsize size = (gsize) dnn_shape_n_elements (&arg->shape) *
      dnn_type_size (arg->type);
  gsize aligned = (size / DNN_ALIGNMENT + 1) * DNN_ALIGNMENT;
  gconstpointer src[3] = { NULL };
  guint8 *memory = dnn_late_run_get_scratch (
      run, aligned + inner->ref_scratch, error);

  if (!memory)
    return FALSE;
  g_assert (inner->n_inputs <= G_N_ELEMENTS (src));
  memcpy (memory, node->dst[0], size);
  for (guint i = 1; i < inner->n_inputs; i++)
    src[i] = inner->inputs[i].value;
  if (post_op->input >= 0)
    src[post_op->operand_slot] = node->src[post_op->input];
  src[0] = memory;
  return dnn_call_run_ref (inner, src, &node->dst[0], memory + aligned, error);
}

static gboolean
run_node (
    gpointer state, DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  Node *node = state;
  DnnCall *call = node->call;
  gpointer scratch = NULL;

  take_inputs (node, run, step);
  if (!find_shapes (node, run, &scratch, error) ||
      !provide_outputs (node, run, step, error) ||
      !dnn_call_run_ref (call, node->src, node->dst, scratch, error))
    return FALSE;
  for (guint i = 0; i < call->n_post_ops; i++)
    if (!run_post_op (node, &call->post_ops[i], run, error))
      return FALSE;
  return TRUE;
}

const DnnLateKind dnn_late_node_kind = { create_node, run_node, free_node };
