/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Post-ops of a node → calls of their own on the node's result. */
#include "config.h"

#include "pipeline-core/op/dnn-call-private.h"

/* Attributes that are no attribute of @op are scalars for its inputs. */
static gboolean
parse_scalars (DnnCallFull *full, const DnnAttrs *attrs, GError **error)
{
  const DnnOp *op = full->call.op;

  full->scalars = g_new0 (DnnCallScalar, MAX (op->n_inputs, 1));
  for (guint slot = 1; slot < op->n_inputs; slot++) {
    const gchar *text = attrs ? dnn_attrs_get (attrs, op->inputs[slot].name)
                              : NULL;
    DnnCallScalar *scalar = &full->scalars[full->n_scalars];
    gfloat number;
    gint64 integer;
    if (!text)
      continue;
    if (dnn_text_to_int (text, &integer))
      scalar->number = (gdouble) integer;
    else if (dnn_text_to_float (text, &number))
      scalar->number = number;
    else
      return dnn_call_error (&full->call, error, DNN_ERROR_VALUE,
          "\"%s\" of the post-op is \"%s\", expected a number",
          op->inputs[slot].name, text);
    scalar->slot = slot;
    full->n_scalars++;
  }
  return TRUE;
}

static gboolean
is_scalar_slot (const DnnCallFull *full, guint slot)
{
  for (guint i = 0; i < full->n_scalars; i++)
    if (full->scalars[i].slot == slot)
      return TRUE;
  return FALSE;
}

gboolean
dnn_call_add_post_op (DnnCall *call, const DnnOp *op, const DnnAttrs *attrs,
    gint input, GError **error)
{
  DnnCallFull *full = g_new0 (DnnCallFull, 1);
  g_autoptr (DnnCall) inner = &full->call;
  guint slot = 1;

  g_return_val_if_fail (input < (gint) call->n_inputs, FALSE);
  full->node_name = g_strdup (call->node_name);
  inner->op = op;
  inner->node_name = full->node_name;
  inner->attrs = g_new0 (DnnAttrValue, MAX (op->n_attrs, 1));
  inner->n_inputs = inner->n_formal = MAX (op->n_inputs, 1);
  inner->inputs = g_new0 (DnnCallArg, inner->n_inputs);
  inner->n_outputs = 1;
  inner->outputs = g_new0 (DnnCallArg, 1);
  inner->outputs[0].present = TRUE;
  if (!dnn_call_parse_attrs (inner, attrs, TRUE, error) ||
      !parse_scalars (full, attrs, error))
    return FALSE;
  while (slot < op->n_inputs && is_scalar_slot (full, slot))
    slot++;
  if (input >= 0 && slot >= op->n_inputs)
    return dnn_call_error (inner, error, DNN_ERROR_GRAPH,
        "the post-op has an operand (input %d of the node), but none of its "
        "inputs is free for it",
        input);
  call->post_ops = g_renew (
      DnnCallPostOp, call->post_ops, call->n_post_ops + 1);
  call->post_ops[call->n_post_ops++] = (DnnCallPostOp){
    .op = op,
    .call = g_steal_pointer (&inner),
    .input = input,
    .operand_slot = input >= 0 ? slot : 0,
  };
  if (input >= 0)
    call->n_formal = MIN (call->n_formal, (guint) input);
  return TRUE;
}

/* A scalar has the type of the result where its row shares the variable. */
static DnnType
find_scalar_type (const DnnCall *call, guint slot)
{
  const DnnArgRow *rows = call->op->inputs;

  if (rows[slot].types & DNN_TYPE_BIT (call->inputs[0].type))
    return call->inputs[0].type;
  for (guint type = 1; type < DNN_N_TYPES; type++)
    if (rows[slot].types & DNN_TYPE_BIT (type))
      return type;
  return DNN_TYPE_INVALID;
}

static void
set_inner_inputs (const DnnCall *call, const DnnCallPostOp *post_op)
{
  DnnCallFull *full = (DnnCallFull *) post_op->call;
  DnnCall *inner = post_op->call;
  DnnShape scalar_shape = { .rank = 0 };

  inner->target = call->target;
  inner->inputs[0] = (DnnCallArg){
    .present = TRUE,
    .type = call->outputs[0].type,
    .shape = call->outputs[0].shape,
  };
  for (guint i = 0; i < full->n_scalars; i++) {
    DnnCallScalar *scalar = &full->scalars[i];
    DnnType type = find_scalar_type (inner, scalar->slot);
    dnn_type_set (type, &scalar->bytes, 0, scalar->number);
    dnn_call_set_input (inner, scalar->slot, type, &scalar_shape);
    dnn_call_set_value (inner, scalar->slot, &scalar->bytes);
  }
  if (post_op->input >= 0)
    inner->inputs[post_op->operand_slot] = call->inputs[post_op->input];
}

gboolean
dnn_call_infer_post_ops (DnnCall *call, GError **error)
{
  for (guint i = 0; i < call->n_post_ops; i++) {
    DnnCall *inner = call->post_ops[i].call;
    const DnnCallArg *before = &call->outputs[0], *after = &inner->outputs[0];
    set_inner_inputs (call, &call->post_ops[i]);
    switch (dnn_call_infer (inner, error)) {
      case DNN_INFER_ERROR:
        return FALSE;
      case DNN_INFER_OK:
        break;
      default:
        return dnn_call_error (inner, error, DNN_ERROR_UNSUPPORTED,
            "a post-op whose shape depends on values");
    }
    if (after->type != DNN_TYPE_INVALID && after->type != before->type)
      return dnn_call_error (inner, error, DNN_ERROR_TYPE,
          "the post-op makes %s of %s; it must keep the type",
          dnn_type_name (after->type), dnn_type_name (before->type));
    if (after->shape.rank >= 0 &&
        !dnn_shape_compatible (&after->shape, &before->shape)) {
      g_autofree gchar *now = dnn_shape_to_string (&after->shape);
      g_autofree gchar *was = dnn_shape_to_string (&before->shape);
      return dnn_call_error (inner, error, DNN_ERROR_SHAPE,
          "the post-op makes %s of %s; it must keep the shape", now, was);
    }
  }
  return TRUE;
}
