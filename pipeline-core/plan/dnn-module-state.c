/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Module, names of an input and an output → the module whose input is what that
 * output was a frame ago. Next: dnn-states.c keeps it between frames. */
#include "config.h"

#include "pipeline-core/plan/dnn-module.h"

#include <string.h>

#include "pipeline-core/plan/dnn-module-private.h"

static const DnnValue *
get_graph_input (DnnModule *self, guint idx)
{
  return dnn_module_get_graph (self)->inputs->pdata[idx];
}

/* ---- what fits ---------------------------------------------------------- */

static gboolean
check_input (DnnModule *self, const gchar *name, guint *input, GError **error)
{
  const gchar *label = dnn_module_get_label (self);
  gint idx = dnn_module_find_input (self, name);
  gint state = dnn_module_find_state (self, name);

  if (idx >= 0) {
    *input = dnn_module_get_graph_input (self, (guint) idx);
    return TRUE;
  }
  if (state >= 0)
    g_set_error (error, DNN_ERROR, DNN_ERROR_TWO_SOURCES,
        "%s: state \"%s\" is output %u of the frame before already: it can't "
        "be another one too",
        label, name, dnn_module_get_state_output (self, (guint) state));
  else
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "%s: state \"%s\": there is no input of that name", label, name);
  return FALSE;
}

/* What an input is like → whether that other tensor may stand for it, as far as
 * that is known. */
static gboolean
check_fit (DnnModule *self, const DnnValue *input, const gchar *what,
    DnnType type, const DnnShape *shape, GError **error)
{
  const gchar *label = dnn_module_get_label (self);
  g_autofree gchar *own = NULL, *other = NULL;

  if (type != input->type && type != DNN_TYPE_INVALID) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "%s: state \"%s\" is %s, but %s is %s", label, input->name,
        dnn_type_name (input->type), what, dnn_type_name (type));
    return FALSE;
  }
  if (dnn_shape_compatible (shape, &input->shape))
    return TRUE;
  own = dnn_shape_to_string (&input->shape);
  other = dnn_shape_to_string (shape);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "%s: state \"%s\" is %s, but %s is %s", label, input->name, own, what,
      other);
  return FALSE;
}

static gboolean
check_output (
    DnnModule *self, const DnnValue *input, guint output, GError **error)
{
  guint n = dnn_module_get_n_outputs (self);
  g_autofree gchar *what = NULL;

  if (output >= n) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "%s: state \"%s\": there is no output %u (outputs: 0 to %u)",
        dnn_module_get_label (self), input->name, output, n - 1);
    return FALSE;
  }
  what = g_strdup_printf (
      "output \"%s\"", dnn_module_get_output_name (self, output));
  return check_fit (self, input, what,
      dnn_module_get_output_type (self, output),
      dnn_module_get_output_shape (self, output), error);
}

static const DnnValue *
find_param (DnnModule *self, const gchar *name)
{
  const DnnValue *value = dnn_graph_find_value (
      dnn_module_get_graph (self), name);

  return value && value->kind == DNN_VALUE_PARAM ? value : NULL;
}

static gboolean
check_initial (DnnModule *self, const DnnValue *input, const gchar *initial,
    GError **error)
{
  const DnnValue *param;
  g_autofree gchar *what = NULL;

  if (!initial)
    return TRUE;
  param = find_param (self, initial);
  if (!param) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "%s: state \"%s\": its first value \"%s\" is no param",
        dnn_module_get_label (self), input->name, initial);
    return FALSE;
  }
  what = g_strdup_printf ("its first value \"%s\"", initial);
  return check_fit (self, input, what, param->type, &param->shape, error);
}

static gboolean
check_rank (DnnModule *self, const DnnValue *input, GError **error)
{
  if (input->shape.rank >= 0)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_NEEDS_SHAPE,
      "%s: state \"%s\" has no known rank: give its shape",
      dnn_module_get_label (self), input->name);
  return FALSE;
}

/**
 * dnn_module_new_with_state:
 * @input: one of its inputs
 * @output: number of the output that the input is at the next frame; it stays
 *   an output
 * @initial: (nullable): param that is the first value; %NULL: zeros
 *
 * Returns: (transfer full): the module with a state more; %NULL with
 *   UNKNOWN_NAME, TWO_SOURCES (it is one already), TYPE, SHAPE, NEEDS_SHAPE
 *
 * Since: 0.2
 */
DnnModule *
dnn_module_new_with_state (DnnModule *self, const gchar *input, guint output,
    const gchar *initial, GError **error)
{
  DnnState state = { .output = output, .initial = (gchar *) initial };
  const DnnValue *value;

  if (!check_input (self, input, &state.input, error))
    return NULL;
  value = get_graph_input (self, state.input);
  if (!check_rank (self, value, error) ||
      !check_output (self, value, output, error) ||
      !check_initial (self, value, initial, error))
    return NULL;
  return dnn_module_add_state (self, &state);
}

/* ---- what names say ----------------------------------------------------- */

/* Input and output that differ by these belong together. */
static const struct
{
  const gchar *input, *output; /* ends */
  const gchar *before; /* what the output begins with */
} pairs[] = {
  { "", "N", "" }, /* state, stateN */
  { "", "n", "" }, /* h, hn */
  { "0", "n", "" }, /* h0, hn; h_0, h_n */
  { "", "_n", "" },
  { "", "_out", "" },
  { "_in", "_out", "" },
  { "", "_next", "" },
  { "", "_new", "" },
  { "", "", "new_" },
  { "", "", "next_" },
};

static gboolean
is_pair (const gchar *input, const gchar *output)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    gsize end = strlen (pairs[i].input);
    gsize length = strlen (input);
    g_autofree gchar *stem = NULL;
    g_autofree gchar *wanted = NULL;
    if (length <= end || !g_str_has_suffix (input, pairs[i].input))
      continue;
    stem = g_strndup (input, length - end);
    wanted = g_strconcat (pairs[i].before, stem, pairs[i].output, NULL);
    if (g_str_equal (wanted, output))
      return TRUE;
  }
  return FALSE;
}

static gint
find_pair (DnnModule *self, const gchar *input)
{
  for (guint i = 0; i < dnn_module_get_n_outputs (self); i++)
    if (is_pair (input, dnn_module_get_output_name (self, i)))
      return (gint) i;
  return -1;
}

/**
 * dnn_module_new_with_named_state:
 * @input: one of its inputs
 *
 * An input and an output of equal type and shape are a state where their names
 * are like "h" and "hn", "state" and "stateN", "cache" and "cache_out". The
 * last input stays one. A line of the log (INFO) tells what was found.
 *
 * Returns: (transfer full) (nullable): the module with a state more; %NULL:
 *   names don't say so
 *
 * Since: 0.2
 */
DnnModule *
dnn_module_new_with_named_state (DnnModule *self, const gchar *input)
{
  gint output = find_pair (self, input);
  DnnModule *added = output < 0 || dnn_module_get_n_inputs (self) == 1
      ? NULL
      : dnn_module_new_with_state (self, input, (guint) output, NULL, NULL);

  if (added)
    g_info ("%s: input \"%s\" is a state: output \"%s\" of the frame before",
        dnn_module_get_label (self), input,
        dnn_module_get_output_name (self, (guint) output));
  return added;
}

/* ---- interfaces --------------------------------------------------------- */

static const DnnValue *
get_value (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < dnn_module_get_n_states (self), NULL);
  return get_graph_input (self, dnn_module_get_state (self, idx)->input);
}

/**
 * dnn_module_get_state_name:
 *
 * Returns: (transfer none): name of the input that it stands for
 *
 * Since: 0.2
 */
const gchar *
dnn_module_get_state_name (DnnModule *self, guint idx)
{
  const DnnValue *value = get_value (self, idx);

  return value ? value->name : NULL;
}

/**
 * dnn_module_get_state_output:
 *
 * Returns: number of the output that it is at the next frame
 *
 * Since: 0.2
 */
guint
dnn_module_get_state_output (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < dnn_module_get_n_states (self), 0);
  return dnn_module_get_state (self, idx)->output;
}

/**
 * dnn_module_get_state_initial:
 *
 * Returns: (nullable) (transfer none): param that is its first value; %NULL:
 *   zeros
 *
 * Since: 0.2
 */
const gchar *
dnn_module_get_state_initial (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < dnn_module_get_n_states (self), NULL);
  return dnn_module_get_state (self, idx)->initial;
}

/**
 * dnn_module_get_state_type:
 *
 * Since: 0.2
 */
DnnType
dnn_module_get_state_type (DnnModule *self, guint idx)
{
  const DnnValue *value = get_value (self, idx);

  return value ? value->type : DNN_TYPE_INVALID;
}

/**
 * dnn_module_find_state:
 *
 * Returns: its number, or -1
 *
 * Since: 0.2
 */
gint
dnn_module_find_state (DnnModule *self, const gchar *name)
{
  for (guint i = 0; i < dnn_module_get_n_states (self); i++)
    if (strcmp (get_value (self, i)->name, name) == 0)
      return (gint) i;
  return -1;
}

/* ---- shapes ------------------------------------------------------------- */

/* What an input has in a dimension called @name. Where none is called so it is
 * that of one frame, as the importer's batch: 1. That the output is another one
 * is told when it is planned. */
static gint64
find_dim (DnnModule *self, const DnnShape *inputs, const gchar *name)
{
  for (guint i = 0; i < dnn_module_get_n_inputs (self); i++) {
    const DnnValue *value = get_graph_input (
        self, dnn_module_get_graph_input (self, i));
    for (gint j = 0; value->dim_names && j < value->shape.rank; j++)
      if (strcmp (value->dim_names[j], name) == 0 && j < inputs[i].rank)
        return inputs[i].dims[j];
  }
  return 1;
}

static DnnShape
get_state_shape (DnnModule *self, const DnnShape *inputs, guint idx)
{
  const DnnState *state = dnn_module_get_state (self, idx);
  const DnnValue *value = get_graph_input (self, state->input);
  DnnShape shape = value->shape;

  if (state->initial)
    return find_param (self, state->initial)->shape;
  for (gint i = 0; i < shape.rank; i++)
    if (shape.dims[i] == DNN_DIM_OPEN)
      shape.dims[i] = value->dim_names && *value->dim_names[i]
          ? find_dim (self, inputs, value->dim_names[i])
          : 1;
  return shape;
}

void
dnn_module_expand_shapes (
    DnnModule *self, const DnnShape *inputs, DnnShape *all)
{
  for (guint i = 0; i < dnn_module_get_n_inputs (self); i++)
    all[dnn_module_get_graph_input (self, i)] = inputs[i];
  for (guint i = 0; i < dnn_module_get_n_states (self); i++)
    all[dnn_module_get_state (self, i)->input] = get_state_shape (
        self, inputs, i);
}
