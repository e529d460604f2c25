/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes in any order → producers before users; a cycle is named. Depth first
 * without recursion, so that depth is bounded by memory, not by the stack; an
 * order that is right already stays. Next: dnn-plan.h. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

/* Longest part of a cycle that a message shows. */
#define MAX_CYCLE_NAMES 8

enum
{
  NEW,
  OPEN, /* on the stack */
  DONE,
};

typedef struct
{
  DnnNode *node;
  guint next_input;
} Step;

static guint
get_state (GHashTable *states, DnnNode *node)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (states, node));
}

static void
open_node (GArray *stack, GHashTable *states, DnnNode *node)
{
  Step step = { node, 0 };

  g_array_append_val (stack, step);
  g_hash_table_insert (states, node, GUINT_TO_POINTER (OPEN));
}

/* The stack runs from user to producer; the message from producer to user,
 * from @again round to itself. */
static gboolean
tell_cycle (DnnGraph *self, GArray *stack, DnnNode *again, GError **error)
{
  g_autoptr (GString) text = g_string_new (again->name);
  guint top = stack->len, n = 0;

  while (g_array_index (stack, Step, top - 1).node != again) {
    if (n++ < MAX_CYCLE_NAMES)
      g_string_append_printf (
          text, " → %s", g_array_index (stack, Step, top - 1).node->name);
    top--;
  }
  if (n > MAX_CYCLE_NAMES)
    g_string_append_printf (text, " → … (%u more)", n - MAX_CYCLE_NAMES);
  g_string_append_printf (text, " → %s", again->name);
  g_set_error (error, DNN_ERROR, DNN_ERROR_CYCLE,
      "%s%sthe graph has a cycle: %s", self->label, self->label[0] ? ": " : "",
      text->str);
  return FALSE;
}

/* The next producer of the topmost node that isn't done, or NULL. */
static DnnNode *
advance (Step *step, GHashTable *states)
{
  while (step->next_input < step->node->inputs->len) {
    DnnValue *value = step->node->inputs->pdata[step->next_input++];
    if (value && value->producer && get_state (states, value->producer) != DONE)
      return value->producer;
  }
  return NULL;
}

static gboolean
visit (DnnGraph *self, DnnNode *root, GArray *stack, GHashTable *states,
    GPtrArray *order, GError **error)
{
  if (get_state (states, root) != NEW)
    return TRUE;
  open_node (stack, states, root);
  while (stack->len > 0) {
    Step *step = &g_array_index (stack, Step, stack->len - 1);
    DnnNode *producer = advance (step, states);
    if (producer && get_state (states, producer) == OPEN)
      return tell_cycle (self, stack, producer, error);
    if (producer) {
      open_node (stack, states, producer);
      continue;
    }
    g_hash_table_insert (states, step->node, GUINT_TO_POINTER (DONE));
    g_ptr_array_add (order, step->node);
    g_array_set_size (stack, stack->len - 1);
  }
  return TRUE;
}

/**
 * dnn_graph_sort:
 *
 * Orders the nodes so that each comes behind those whose results it uses. An
 * order that is right already stays as it is.
 *
 * Returns: %FALSE with CYCLE when there is no such order; the graph is
 *   unchanged then
 */
gboolean
dnn_graph_sort (DnnGraph *self, GError **error)
{
  g_autoptr (GPtrArray) order = g_ptr_array_sized_new (self->nodes->len);
  g_autoptr (GHashTable) states = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Step));

  for (guint i = 0; i < self->nodes->len; i++)
    if (!visit (self, self->nodes->pdata[i], stack, states, order, error))
      return FALSE;
  for (guint i = 0; i < order->len; i++)
    self->nodes->pdata[i] = order->pdata[i];
  return TRUE;
}
