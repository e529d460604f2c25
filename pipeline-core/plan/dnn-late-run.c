/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Steps behind the head of a graph → slots for their results, and frames.
 * Next: dnn-late-node.c, dnn-late-rest.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-late-run.h"

#include <string.h>
#include <time.h>

/* Least bytes of a slot, so that small results never make it grow. */
#define MIN_SLOT_BYTES ((gsize) 4096)

/* Memory that results use one after the other. */
typedef struct
{
  gpointer memory;
  gsize size;
} Slot;

typedef struct
{
  const DnnLateKind *kind;
  const DnnLateStep *step;
  gpointer state;
} Entry;

/* A value that is an output of the module. */
typedef struct
{
  guint output; /* of the module */
  guint value;
  gpointer given; /* by the caller, in this frame */
} Port;

struct _DnnLateRun
{
  const DnnPlan *plan;
  DnnWorkspace *workspace; /* of the instance */
  const DnnLate *late;
  DnnLateValue *values; /* by value of the graph */
  guint n_values;
  guint *slot_of; /* by value; G_MAXUINT none */
  GArray *slots; /* Slot */
  Slot scratch;
  Entry *entries;
  guint n_entries;
  Port *ports;
  guint n_ports;
  gpointer *head; /* by output of the head; NULL: the module's */

  DnnOutputFunc output; /* of this frame */
  gpointer user_data;
};

/* ---- memory ---------------------------------------------------------------
 */

static gsize
round_up (gsize size)
{
  gsize rounded = MIN_SLOT_BYTES;

  while (rounded < size)
    rounded *= 2;
  return rounded;
}

/* Contents are lost where it grows. */
static gpointer
ensure (Slot *slot, gsize size, GError **error)
{
  gsize rounded = round_up (size);

  if (slot->memory && slot->size >= size)
    return slot->memory;
  dnn_free_aligned (slot->memory);
  slot->memory = size <= DNN_PLAN_MAX_BYTES ? dnn_try_alloc_aligned (rounded)
                                            : NULL;
  slot->size = slot->memory ? rounded : 0;
  if (!slot->memory)
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "There is no memory for %" G_GSIZE_FORMAT " bytes", size);
  return slot->memory;
}

gpointer
dnn_late_run_get_scratch (DnnLateRun *self, gsize size, GError **error)
{
  return ensure (&self->scratch, size, error);
}

void
dnn_late_run_reserve (DnnLateRun *self, guint value, gsize size)
{
  guint slot = self->slot_of[value];

  if (slot != G_MAXUINT && size <= DNN_LATE_MAX_RESERVED)
    ensure (&g_array_index (self->slots, Slot, slot), size, NULL);
}

const DnnPlan *
dnn_late_run_get_plan (const DnnLateRun *self)
{
  return self->plan;
}

DnnWorkspace *
dnn_late_run_get_workspace (const DnnLateRun *self)
{
  return self->workspace;
}

DnnLateValue *
dnn_late_run_get (DnnLateRun *self, guint value)
{
  return &self->values[value];
}

gpointer
dnn_late_run_get_memory (const DnnLateRun *self, guint idx)
{
  return self->head[idx];
}

gsize
dnn_late_run_get_size (const DnnLateRun *self)
{
  gsize size = self->scratch.size;

  for (guint i = 0; i < self->slots->len; i++)
    size += g_array_index (self->slots, Slot, i).size;
  return size;
}

/* ---- outputs --------------------------------------------------------------
 */

gpointer
dnn_output_ask (DnnModule *module, guint idx, const DnnShape *shape,
    DnnOutputFunc output, gpointer user_data, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gpointer given = output (idx, shape, user_data, &reason);
  const gchar *name;

  if (given)
    return given;
  name = dnn_module_get_output_name (module, idx);
  if (reason) {
    g_propagate_prefixed_error (
        error, g_steal_pointer (&reason), "output \"%s\": ", name);
  } else {
    g_autofree gchar *text = dnn_shape_to_string (shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "output \"%s\": no memory was given for %s", name, text);
  }
  return NULL;
}

/* The caller's memory, where kernels can write there. */
static gboolean
ask_outputs (DnnLateRun *self, guint idx, gpointer *memory, GError **error)
{
  DnnLateValue *value = &self->values[idx];

  for (guint i = 0; i < self->n_ports; i++) {
    Port *port = &self->ports[i];
    if (port->value != idx)
      continue;
    port->given = dnn_output_ask (self->plan->module, port->output,
        &value->shape, self->output, self->user_data, error);
    if (!port->given)
      return FALSE;
    if (!*memory &&
        GPOINTER_TO_SIZE (port->given) % dnn_type_size (value->type) == 0)
      *memory = port->given;
  }
  return TRUE;
}

gpointer
dnn_late_run_provide (DnnLateRun *self, guint idx, DnnType type,
    const DnnShape *shape, GError **error)
{
  DnnLateValue *value = &self->values[idx];
  gpointer memory = NULL;

  value->type = type;
  value->shape = *shape;
  if (!ask_outputs (self, idx, &memory, error))
    return NULL;
  if (!memory)
    memory = ensure (&g_array_index (self->slots, Slot, self->slot_of[idx]),
        (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type), error);
  return value->data = memory;
}

/* Outputs that could not be written where they belong. */
static void
copy_outputs (DnnLateRun *self)
{
  for (guint i = 0; i < self->n_ports; i++) {
    const Port *port = &self->ports[i];
    const DnnLateValue *value = &self->values[port->value];
    gsize size = (gsize) dnn_shape_n_elements (&value->shape) *
        dnn_type_size (value->type);
    if (port->given != value->data && size > 0)
      memcpy (port->given, value->data, size);
  }
}

/* ---- frames ---------------------------------------------------------------
 */

static guint64
read_clock (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000u + (guint64) now.tv_nsec;
}

gboolean
dnn_late_run_frame (DnnLateRun *self, DnnOutputFunc output, gpointer user_data,
    guint64 *ns, GError **error)
{
  self->output = output;
  self->user_data = user_data;
  for (guint i = 0; i < self->n_entries; i++) {
    const Entry *entry = &self->entries[i];
    guint64 start = ns ? read_clock () : 0;
    if (!entry->kind->run (entry->state, self, entry->step, error))
      return FALSE;
    if (ns)
      ns[i] = read_clock () - start;
  }
  copy_outputs (self);
  return TRUE;
}

/* ---- life -----------------------------------------------------------------
 */

/* The step that reads each value last; an output is read to the end. */
static guint *
find_last_uses (const DnnLateRun *self)
{
  guint *last = g_new0 (guint, self->n_values + 1);

  for (guint i = 0; i < self->n_entries; i++) {
    const DnnLateStep *step = self->entries[i].step;
    for (guint j = 0; j < step->n_dst; j++)
      if (step->dst[j] != G_MAXUINT)
        last[step->dst[j]] = i;
    for (guint j = 0; j < step->n_src; j++)
      if (step->src[j] != G_MAXUINT)
        last[step->src[j]] = i;
  }
  for (guint i = 0; i < self->n_ports; i++)
    last[self->ports[i].value] = self->n_entries;
  return last;
}

static guint
take_slot (DnnLateRun *self, GArray *free_slots)
{
  Slot none = { NULL, 0 };
  guint slot;

  if (free_slots->len == 0) {
    g_array_append_val (self->slots, none);
    return self->slots->len - 1;
  }
  slot = g_array_index (free_slots, guint, free_slots->len - 1);
  g_array_set_size (free_slots, free_slots->len - 1);
  return slot;
}

/* A slot is free again behind the last step that reads what lies there. */
static void
assign_slots (DnnLateRun *self)
{
  g_autofree guint *last = find_last_uses (self);
  g_autoptr (GArray) free_slots = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->n_values; i++)
    self->slot_of[i] = G_MAXUINT;
  for (guint i = 0; i < self->n_entries; i++) {
    const DnnLateStep *step = self->entries[i].step;
    for (guint j = 0; j < step->n_dst; j++)
      if (step->dst[j] != G_MAXUINT)
        self->slot_of[step->dst[j]] = take_slot (self, free_slots);
    for (guint v = 0; v < self->n_values; v++)
      if (last[v] == i && self->slot_of[v] != G_MAXUINT)
        g_array_append_val (free_slots, self->slot_of[v]);
  }
}

static void
reserve_slots (DnnLateRun *self)
{
  for (guint i = 0; i < self->n_values; i++)
    dnn_late_run_reserve (self, i, self->late->inference->values[i].bound);
}

static void
take_values (DnnLateRun *self)
{
  const DnnInference *inference = self->late->inference;

  for (guint i = 0; i < self->n_entries; i++) {
    const DnnLateStep *step = self->entries[i].step;
    for (guint j = 0; j < step->n_src; j++) {
      const DnnInferredValue *known;
      guint idx = step->src[j];
      if (idx == G_MAXUINT || self->values[idx].data)
        continue;
      known = &inference->values[idx];
      self->values[idx].type = known->type;
      self->values[idx].shape = known->shape;
      if (known->tensor)
        self->values[idx].data = (gpointer) dnn_tensor_get_data (known->tensor);
    }
  }
}

/* Memory of what the head hands on. */
static void
allocate_head (DnnLateRun *self)
{
  const DnnLate *late = self->late;

  self->head = g_new0 (gpointer, late->n_head + 1);
  for (guint i = late->n_ready; i < late->n_head; i++) {
    DnnLateValue *value = &self->values[late->head_values[i]];
    gsize size = (gsize) dnn_shape_n_elements (&value->shape) *
        dnn_type_size (value->type);
    self->head[i] = value->data = dnn_alloc_aligned (MAX (size, 1));
  }
}

static void
create_ports (DnnLateRun *self)
{
  const GPtrArray *outputs = self->late->inference->graph->outputs;

  self->ports = g_new0 (Port, outputs->len + 1);
  for (guint i = 0; i < outputs->len; i++) {
    guint value = dnn_inference_index (
        self->late->inference, outputs->pdata[i]);
    if (self->late->ready[i] < 0)
      self->ports[self->n_ports++] = (Port){ i, value, NULL };
  }
}

static const DnnLateKind *
choose_kind (const DnnLateRun *self, const DnnLateStep *step)
{
  const DnnCall *call;

  if (step->node == G_MAXUINT)
    return &dnn_late_rest_kind;
  call = self->late->inference->calls->pdata[step->node];
  return call->op->runs_subgraphs ? &dnn_late_control_kind
                                  : &dnn_late_node_kind;
}

static void
create_entries (DnnLateRun *self)
{
  const GPtrArray *steps = self->late->steps;

  self->n_entries = steps->len;
  self->entries = g_new0 (Entry, steps->len + 1);
  for (guint i = 0; i < steps->len; i++) {
    const DnnLateStep *step = steps->pdata[i];
    self->entries[i].step = step;
    self->entries[i].kind = choose_kind (self, step);
  }
}

DnnLateRun *
dnn_late_run_new (const DnnPlan *plan, DnnWorkspace *workspace, GError **error)
{
  g_autoptr (DnnLateRun) self = g_new0 (DnnLateRun, 1);

  self->plan = plan;
  self->workspace = workspace;
  self->late = plan->late;
  self->n_values = self->late->inference->graph->values->len;
  self->values = g_new0 (DnnLateValue, self->n_values + 1);
  self->slot_of = g_new0 (guint, self->n_values + 1);
  self->slots = g_array_new (FALSE, TRUE, sizeof (Slot));
  create_entries (self);
  create_ports (self);
  assign_slots (self);
  take_values (self);
  allocate_head (self);
  reserve_slots (self);
  for (guint i = 0; i < self->n_entries; i++) {
    Entry *entry = &self->entries[i];
    entry->state = entry->kind->create (self, entry->step, error);
    if (!entry->state)
      return NULL;
  }
  return g_steal_pointer (&self);
}

void
dnn_late_run_free (DnnLateRun *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n_entries; i++)
    if (self->entries[i].state)
      self->entries[i].kind->free (self->entries[i].state);
  for (guint i = 0; i < self->slots->len; i++)
    dnn_free_aligned (g_array_index (self->slots, Slot, i).memory);
  for (guint i = 0; self->head && i < self->late->n_head; i++)
    dnn_free_aligned (self->head[i]);
  dnn_free_aligned (self->scratch.memory);
  g_array_unref (self->slots);
  g_free (self->values);
  g_free (self->slot_of);
  g_free (self->entries);
  g_free (self->ports);
  g_free (self->head);
  g_free (self);
}
