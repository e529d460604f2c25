/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operator, attributes, inputs → a call whose outputs have types and shapes.
 * Next: dnn-candidate.c. */
#include "config.h"

#include "pipeline-core/op/dnn-call-private.h"

#include <string.h>

DnnCall *
dnn_call_new (const DnnOp *op, const gchar *node_name, const DnnAttrs *attrs,
    guint n_inputs, guint n_outputs, GError **error)
{
  DnnCallFull *full = g_new0 (DnnCallFull, 1);
  g_autoptr (DnnCall) call = &full->call;

  full->node_name = g_strdup (node_name);
  call->op = op;
  call->node_name = full->node_name;
  call->attrs = g_new0 (DnnAttrValue, MAX (op->n_attrs, 1));
  call->inputs = g_new0 (DnnCallArg, MAX (n_inputs, 1));
  call->n_inputs = call->n_formal = n_inputs;
  call->outputs = g_new0 (DnnCallArg, MAX (n_outputs, 1));
  call->n_outputs = n_outputs;
  dnn_target_init (&call->target);
  for (guint i = 0; i < n_outputs; i++) {
    call->outputs[i].present = TRUE;
    call->outputs[i].shape.rank = -1;
  }
  if (!dnn_call_parse_attrs (call, attrs, FALSE, error))
    return NULL;
  return g_steal_pointer (&call);
}

void
dnn_call_free (DnnCall *call)
{
  DnnCallFull *full = (DnnCallFull *) call;

  if (!call)
    return;
  dnn_call_clear_attrs (call);
  for (guint i = 0; i < call->n_post_ops; i++)
    dnn_call_free (call->post_ops[i].call);
  g_free (call->post_ops);
  g_free (call->attrs);
  g_free (call->inputs);
  g_free (call->outputs);
  g_free (full->scalars);
  g_free (full->node_name);
  g_free (full);
}

void
dnn_call_set_input (
    DnnCall *call, guint idx, DnnType type, const DnnShape *shape)
{
  g_return_if_fail (idx < call->n_inputs);
  call->inputs[idx].present = TRUE;
  call->inputs[idx].type = type;
  call->inputs[idx].shape = *shape;
}

void
dnn_call_set_value (DnnCall *call, guint idx, gconstpointer value)
{
  g_return_if_fail (idx < call->n_inputs);
  call->inputs[idx].is_constant = TRUE;
  call->inputs[idx].value = value;
}

gboolean
dnn_call_has_input (const DnnCall *call, guint idx)
{
  return idx < call->n_formal && call->inputs[idx].present;
}

gboolean
dnn_call_run_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].present &&
        dnn_shape_n_elements (&call->outputs[i].shape) != 0)
      return call->op->ref (call, src, dst, scratch, error);
  return TRUE;
}

gboolean
dnn_call_count (
    DnnCall *call, gconstpointer const *src, gpointer scratch, GError **error)
{
  DnnShape shapes[DNN_MAX_CALL_OUTPUTS];

  g_return_val_if_fail (call->op->count, FALSE);
  g_return_val_if_fail (call->n_outputs <= DNN_MAX_CALL_OUTPUTS, FALSE);
  for (guint i = 0; i < call->n_outputs; i++)
    shapes[i] = call->outputs[i].shape;
  if (!call->op->count (call, src, scratch, shapes, error))
    return FALSE;
  for (guint i = 0; i < call->n_outputs; i++) {
    call->outputs[i].shape = shapes[i];
    call->outputs[i].bounded = 0;
  }
  return TRUE;
}

gboolean
dnn_call_error (const DnnCall *call, GError **error, DnnError code,
    const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "node \"%s\" (%s): %s", call->node_name,
      call->op->name, message);
  return FALSE;
}

const DnnArgRow *
dnn_arg_row (const DnnArgRow *rows, guint n_rows, guint idx)
{
  if (idx < n_rows)
    return &rows[idx];
  if (n_rows > 0 && (rows[n_rows - 1].flags & DNN_ARG_VARIADIC))
    return &rows[n_rows - 1];
  return NULL;
}

static gchar *
print_types (guint types)
{
  GString *text = g_string_new (NULL);

  for (guint type = 1; type < DNN_N_TYPES; type++)
    if (types & DNN_TYPE_BIT (type))
      g_string_append_printf (
          text, "%s%s", text->len ? ", " : "", dnn_type_name (type));
  return g_string_free (text, FALSE);
}

/* Counts and presence of one side. */
static gboolean
check_presence (const DnnCall *call, const gchar *side, const DnnArgRow *rows,
    guint n_rows, const DnnCallArg *args, guint n_args, GError **error)
{
  if (n_args > 0 && !dnn_arg_row (rows, n_rows, n_args - 1))
    return dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "has %u %ss, expected at most %u", n_args, side, n_rows);
  for (guint i = 0; i < n_rows; i++) {
    gboolean present = i < n_args && args[i].present;
    if (!present && !(rows[i].flags & DNN_ARG_OPTIONAL))
      return dnn_call_error (call, error, DNN_ERROR_GRAPH,
          "%s %u (\"%s\") is required", side, i, rows[i].name);
  }
  return TRUE;
}

static gboolean
check_input_type (const DnnCall *call, guint idx, GError **error)
{
  const DnnOp *op = call->op;
  const DnnArgRow *row = dnn_arg_row (op->inputs, op->n_inputs, idx);
  DnnType type = call->inputs[idx].type;

  if (!(row->types & DNN_TYPE_BIT (type))) {
    g_autofree gchar *valid = print_types (row->types);
    return dnn_call_error (call, error, DNN_ERROR_TYPE,
        "input %u (\"%s\") is %s, expected %s", idx, row->name,
        dnn_type_name (type), valid);
  }
  for (guint i = 0; i < idx && row->type_var; i++) {
    const DnnArgRow *other = dnn_arg_row (op->inputs, op->n_inputs, i);
    const DnnCallArg *arg = &call->inputs[i];
    if (arg->present && arg->type != DNN_TYPE_INVALID && arg->type != type &&
        g_strcmp0 (other->type_var, row->type_var) == 0)
      return dnn_call_error (call, error, DNN_ERROR_TYPE,
          "input %u (\"%s\") is %s, but input %u (\"%s\") is %s; they must be "
          "the same",
          idx, row->name, dnn_type_name (type), i, other->name,
          dnn_type_name (arg->type));
  }
  return TRUE;
}

static gboolean
check_inputs (const DnnCall *call, gboolean *unknown, GError **error)
{
  const DnnOp *op = call->op;

  if (!check_presence (call, "input", op->inputs, op->n_inputs, call->inputs,
          call->n_formal, error) ||
      !check_presence (call, "output", op->outputs, op->n_outputs,
          call->outputs, call->n_outputs, error))
    return FALSE;
  *unknown = FALSE;
  for (guint i = 0; i < call->n_formal; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    if (!arg->present)
      continue;
    if (arg->type == DNN_TYPE_INVALID || arg->shape.rank < 0)
      *unknown = TRUE;
    if (arg->type != DNN_TYPE_INVALID && !check_input_type (call, i, error))
      return FALSE;
  }
  return TRUE;
}

/* The type of the inputs that share a variable, or the only one a row has. */
static DnnType
find_output_type (const DnnCall *call, const DnnArgRow *row)
{
  const DnnOp *op = call->op;

  for (guint i = 0; i < call->n_formal && row->type_var; i++) {
    const DnnArgRow *other = dnn_arg_row (op->inputs, op->n_inputs, i);
    if (call->inputs[i].present &&
        g_strcmp0 (other->type_var, row->type_var) == 0 &&
        call->inputs[i].type != DNN_TYPE_INVALID)
      return call->inputs[i].type;
  }
  for (guint type = 1; type < DNN_N_TYPES; type++)
    if (row->types == DNN_TYPE_BIT (type))
      return type;
  return DNN_TYPE_INVALID;
}

static void
reset_outputs (DnnCall *call)
{
  const DnnOp *op = call->op;

  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnArgRow *row = dnn_arg_row (op->outputs, op->n_outputs, i);
    call->outputs[i].type = find_output_type (call, row);
    call->outputs[i].shape.rank = -1;
    call->outputs[i].bounded = 0;
  }
  call->ref_scratch = 0;
  call->needs_value = 0;
}

/* What infer said must be a tensor that can exist. */
static gboolean
check_output (const DnnCall *call, guint idx, GError **error)
{
  const DnnArgRow *row = dnn_arg_row (
      call->op->outputs, call->op->n_outputs, idx);
  const DnnCallArg *arg = &call->outputs[idx];
  gint64 n;

  for (gint i = 0; i < arg->shape.rank; i++)
    if (arg->shape.dims[i] < DNN_DIM_OPEN)
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "output %u (\"%s\") would have %" G_GINT64_FORMAT
          " elements in dimension %d",
          idx, row->name, arg->shape.dims[i], i);
  if (!(row->types & DNN_TYPE_BIT (arg->type)))
    return dnn_call_error (call, error, DNN_ERROR_TYPE,
        "output %u (\"%s\") would be %s, which isn't supported", idx, row->name,
        dnn_type_name (arg->type));
  n = dnn_shape_n_least (&arg->shape);
  if (n < 0 || n > DNN_MAX_TENSOR_BYTES / (gint64) dnn_type_size (arg->type)) {
    g_autofree gchar *shape = dnn_shape_to_string (&arg->shape);
    return dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "output %u (\"%s\") %s be %s of %s, more than %" G_GINT64_FORMAT
        " bytes",
        idx, row->name, arg->bounded ? "could" : "would", shape,
        dnn_type_name (arg->type), DNN_MAX_TENSOR_BYTES);
  }
  return TRUE;
}

DnnInferResult
dnn_call_infer (DnnCall *call, GError **error)
{
  DnnInferResult result;
  gboolean unknown;

  if (!check_inputs (call, &unknown, error))
    return DNN_INFER_ERROR;
  reset_outputs (call);
  if (unknown && !call->op->runs_subgraphs)
    return DNN_INFER_OK;
  result = call->op->infer (call, error);
  if (result != DNN_INFER_OK && result != DNN_INFER_BOUNDED)
    return result;
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].present && !check_output (call, i, error))
      return DNN_INFER_ERROR;
  if (!dnn_call_infer_post_ops (call, error))
    return DNN_INFER_ERROR;
  return result;
}
