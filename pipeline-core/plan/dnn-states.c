/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Outputs of a frame → inputs of the next one. */
#include "config.h"

#include "pipeline-core/plan/dnn-states.h"

#include <string.h>

#include "pipeline-core/plan/dnn-module-private.h"

typedef struct
{
  DnnShape shape; /* rank -1: not prepared */
  gsize size;
  gpointer memory;
} Slot;

struct _DnnStates
{
  DnnModule *module;
  guint n;
  Slot *slots;
  gconstpointer *inputs; /* of the graph */
};

DnnStates *
dnn_states_new (DnnModule *module)
{
  DnnStates *self;
  guint n = dnn_module_get_n_states (module);

  if (n == 0)
    return NULL;
  self = g_new0 (DnnStates, 1);
  self->module = module;
  self->n = n;
  self->slots = g_new0 (Slot, n);
  for (guint i = 0; i < n; i++)
    self->slots[i].shape.rank = -1;
  self->inputs = g_new0 (gconstpointer, dnn_module_get_n_graph_inputs (module));
  return self;
}

void
dnn_states_free (DnnStates *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n; i++)
    dnn_free_aligned (self->slots[i].memory);
  g_free (self->slots);
  g_free (self->inputs);
  g_free (self);
}

/* ---- preparing ---------------------------------------------------------- */

/* What wasn't known before there was a plan. */
static gboolean
check_type (DnnStates *self, guint idx, DnnType type, GError **error)
{
  DnnType own = dnn_module_get_state_type (self->module, idx);
  guint number = dnn_module_get_state_output (self->module, idx);

  if (type == own)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
      "%s: state \"%s\" is %s, but output \"%s\" is %s",
      dnn_module_get_label (self->module),
      dnn_module_get_state_name (self->module, idx), dnn_type_name (own),
      dnn_module_get_output_name (self->module, number), dnn_type_name (type));
  return FALSE;
}

static gboolean
check_shape (DnnStates *self, guint idx, const DnnShape *own,
    const DnnShape *output, GError **error)
{
  g_autofree gchar *own_text = NULL, *output_text = NULL;
  guint number = dnn_module_get_state_output (self->module, idx);

  if (dnn_shape_equal (own, output))
    return TRUE;
  own_text = dnn_shape_to_string (own);
  output_text = dnn_shape_to_string (output);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "%s: state \"%s\" is %s, but output \"%s\" is %s for these inputs",
      dnn_module_get_label (self->module),
      dnn_module_get_state_name (self->module, idx), own_text,
      dnn_module_get_output_name (self->module, number), output_text);
  return FALSE;
}

static void
set_first (DnnStates *self, guint idx)
{
  const DnnState *state = dnn_module_get_state (self->module, idx);
  const Slot *slot = &self->slots[idx];
  const DnnValue *param;

  if (!state->initial) {
    memset (slot->memory, 0, slot->size);
    return;
  }
  param = dnn_graph_find_value (
      dnn_module_get_graph (self->module), state->initial);
  memcpy (slot->memory, dnn_tensor_get_data (param->tensor), slot->size);
}

static gboolean
make_slot (DnnStates *self, guint idx, const DnnShape *shape, GError **error)
{
  Slot *slot = &self->slots[idx];

  slot->size = (gsize) dnn_shape_n_elements (shape) *
      dnn_type_size (dnn_module_get_state_type (self->module, idx));
  slot->shape.rank = -1;
  dnn_free_aligned (slot->memory);
  slot->memory = dnn_states_get_size (self) > DNN_MAX_STATE_BYTES
      ? NULL
      : dnn_try_alloc_aligned (MAX (slot->size, 1));
  if (!slot->memory) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%s: state \"%s\": %" G_GSIZE_FORMAT " bytes are more than there are",
        dnn_module_get_label (self->module),
        dnn_module_get_state_name (self->module, idx), slot->size);
    slot->size = 0;
    return FALSE;
  }
  slot->shape = *shape;
  set_first (self, idx);
  return TRUE;
}

gboolean
dnn_states_prepare (DnnStates *self, const DnnPlan *plan, GError **error)
{
  for (guint i = 0; i < self->n; i++) {
    const DnnState *state = dnn_module_get_state (self->module, i);
    const DnnShape *shape = dnn_plan_get_input_shape (plan, state->input);
    if (!check_type (
            self, i, dnn_plan_get_output_type (plan, state->output), error) ||
        !check_shape (self, i, shape,
            dnn_plan_get_output_shape (plan, state->output), error) ||
        (!dnn_shape_equal (shape, &self->slots[i].shape) &&
            !make_slot (self, i, shape, error)))
      return FALSE;
  }
  return TRUE;
}

void
dnn_states_reset (DnnStates *self)
{
  for (guint i = 0; i < self->n; i++)
    if (self->slots[i].shape.rank >= 0)
      set_first (self, i);
}

gboolean
dnn_states_set (DnnStates *self, guint idx, DnnTensor *value, GError **error)
{
  const Slot *slot = &self->slots[idx];
  const gchar *name = dnn_module_get_state_name (self->module, idx);
  DnnType type = dnn_module_get_state_type (self->module, idx);
  g_autofree gchar *own = NULL, *given = NULL;

  if (dnn_tensor_get_element_type (value) != type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "%s: state \"%s\" is %s, not %s", dnn_module_get_label (self->module),
        name, dnn_type_name (type),
        dnn_type_name (dnn_tensor_get_element_type (value)));
    return FALSE;
  }
  if (slot->shape.rank >= 0 &&
      dnn_shape_equal (dnn_tensor_get_shape (value), &slot->shape)) {
    memcpy (slot->memory, dnn_tensor_get_data (value), slot->size);
    return TRUE;
  }
  own = dnn_shape_to_string (&slot->shape);
  given = dnn_shape_to_string (dnn_tensor_get_shape (value));
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "%s: state \"%s\" is %s, not %s", dnn_module_get_label (self->module),
      name, own, given);
  return FALSE;
}

/* ---- running ------------------------------------------------------------ */

gconstpointer const *
dnn_states_add (DnnStates *self, gconstpointer const *inputs)
{
  guint n = dnn_module_get_n_inputs (self->module);

  for (guint i = 0; i < n; i++)
    self->inputs[dnn_module_get_graph_input (self->module, i)] = inputs[i];
  for (guint i = 0; i < self->n; i++)
    self->inputs[dnn_module_get_state (self->module, i)->input] =
        self->slots[i].memory;
  return self->inputs;
}

void
dnn_states_keep (DnnStates *self, gpointer const *outputs)
{
  for (guint i = 0; i < self->n; i++)
    memcpy (self->slots[i].memory,
        outputs[dnn_module_get_state (self->module, i)->output],
        self->slots[i].size);
}

gsize
dnn_states_get_size (const DnnStates *self)
{
  gsize size = 0;

  for (guint i = 0; self && i < self->n; i++)
    size += self->slots[i].size;
  return size;
}
