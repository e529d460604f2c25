/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A Loop whose shapes come with its trips → outputs when it ends: carried
 * values in two buffers that grow, slices one behind the other in one that
 * grows. The body is planned again where a trip brings other shapes. */
#include "config.h"

#include "pipeline-core/control/dnn-loop.h"

#include <string.h>

#include "pipeline-core/base/dnn-workspace.h"

/* Of the node. */
typedef struct
{
  const DnnCall *call;
  DnnGraph *graph;
  DnnModule *module;
  guint n_carried, n_scanned, n_captures;
} Prepared;

static void
unprepare (gpointer data)
{
  Prepared *self = data;

  g_clear_object (&self->module);
  g_free (self);
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Prepared *self = g_new0 (Prepared, 1);

  self->call = call;
  self->n_carried = dnn_loop_get_n_carried (call);
  self->n_scanned = call->n_outputs - self->n_carried;
  self->n_captures = dnn_control_get_n_captures (call);
  self->graph = dnn_control_get_graph (call, "body",
      N_FIXED + self->n_carried + self->n_captures, 1 + call->n_outputs, error);
  if (self->graph)
    self->module = dnn_body_make_module (self->graph, error);
  if (self->module)
    return self;
  unprepare (self);
  return NULL;
}

/* ---- memory -------------------------------------------------------------- */

typedef struct
{
  guint8 *memory;
  gsize size; /* that it has */
  gsize used; /* of it, in this frame */
} Buffer;

/* Of an instance. */
typedef struct
{
  const Prepared *prepared;
  DnnBody *body;
  Buffer *carried; /* two for each */
  Buffer *slices; /* of all trips */

  /* of this frame */
  gint64 trip;
  guint8 condition, next_condition;
  DnnCallArg *args; /* of the next trip */
  DnnShape *given; /* by the last one, by output of the node */
  gsize held; /* by all buffers */
  gsize carried_most; /* that one trip gave */
  gsize charged; /* for growth: DNN_LOOP_MIN_GROWTH */
} Bound;

static void
free_buffers (Buffer *buffers, guint n)
{
  for (guint i = 0; i < n; i++)
    dnn_free_aligned (buffers[i].memory);
  g_free (buffers);
}

static void
release (gpointer prepared, gpointer data)
{
  const Prepared *self = prepared;
  Bound *bound = data;

  if (!bound)
    return;
  free_buffers (bound->carried, 2 * self->n_carried);
  free_buffers (bound->slices, self->n_scanned);
  dnn_body_free (bound->body);
  g_free (bound->args);
  g_free (bound->given);
  g_free (bound);
}

static gpointer
bind (gpointer prepared, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = g_new0 (Bound, 1);

  bound->prepared = self;
  bound->carried = g_new0 (Buffer, 2 * self->n_carried + 1);
  bound->slices = g_new0 (Buffer, self->n_scanned + 1);
  bound->args = dnn_loop_make_args (self->call);
  bound->given = g_new0 (DnnShape, self->call->n_outputs + 1);
  bound->body = dnn_body_new (self->module, &self->call->target, error);
  if (bound->body) {
    dnn_body_set_late (bound->body);
    return bound;
  }
  release (prepared, bound);
  return NULL;
}

/* That @output of the node passes the limit. */
static gboolean
set_limit_error (const Bound *bound, guint output, GError **error)
{
  const Prepared *self = bound->prepared;
  const DnnValue *value = self->graph->outputs->pdata[1 + output];

  return dnn_call_error (self->call, error, DNN_ERROR_LIMIT,
      "in trip %" G_GINT64_FORMAT
      " carried values and slices pass the limit of "
      "%" G_GSIZE_FORMAT " bytes, with what \"%s\" gives",
      bound->trip, DNN_LOOP_MAX_BYTES,
      value->producer ? value->producer->name : value->name);
}

/* Makes @buffer hold @size bytes, of which the first @kept are as before. */
static gboolean
grow (Bound *bound, guint output, Buffer *buffer, gsize kept, gsize size,
    GError **error)
{
  gsize others = bound->held - buffer->used + bound->charged;
  gsize wanted = MAX (buffer->size, 4096);
  guint8 *memory;

  if (others > DNN_LOOP_MAX_BYTES || size > DNN_LOOP_MAX_BYTES - others)
    return set_limit_error (bound, output, error);
  bound->held += size - buffer->used;
  buffer->used = size;
  if (buffer->memory && buffer->size >= size)
    return TRUE;
  while (wanted < size)
    wanted *= 2;
  memory = dnn_try_alloc_aligned (wanted);
  if (!memory)
    return dnn_call_error (bound->prepared->call, error, DNN_ERROR_LIMIT,
        "there is no memory for %" G_GSIZE_FORMAT " bytes", wanted);
  if (kept > 0)
    memcpy (memory, buffer->memory, kept);
  dnn_free_aligned (buffer->memory);
  buffer->memory = memory;
  buffer->size = wanted;
  return TRUE;
}

/* ---- what a trip gives --------------------------------------------------- */

/* All slices of an output have one shape. */
static gboolean
check_slice (
    const Bound *bound, guint output, const DnnShape *shape, GError **error)
{
  const DnnShape *first = &bound->given[output];
  g_autofree gchar *a = NULL, *b = NULL;

  if (bound->trip == 0 || dnn_shape_equal (first, shape))
    return TRUE;
  a = dnn_shape_to_string (shape);
  b = dnn_shape_to_string (first);
  return dnn_call_error (bound->prepared->call, error, DNN_ERROR_SHAPE,
      "trip %" G_GINT64_FORMAT " gives %s for output %u, those before %s",
      bound->trip, a, output, b);
}

static gpointer
take_slice (Bound *bound, guint output, gsize size, GError **error)
{
  const Prepared *self = bound->prepared;
  Buffer *buffer = &bound->slices[output - self->n_carried];
  gsize before = self->call->outputs[output].present ? buffer->used : 0;

  return grow (bound, output, buffer, before, before + size, error)
      ? buffer->memory + before
      : NULL;
}

static gpointer
take_carried (Bound *bound, guint output, gsize size, GError **error)
{
  Buffer *buffer = &bound->carried[2 * output + (bound->trip & 1)];

  return grow (bound, output, buffer, 0, size, error) ? buffer->memory : NULL;
}

/* Where output @idx of the body is to be written. */
static gpointer
take_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  Bound *bound = user_data;
  const Prepared *self = bound->prepared;
  guint output = idx - 1;
  gsize size;

  if (idx == 0) {
    if (dnn_shape_n_elements (shape) == 1)
      return &bound->next_condition;
    dnn_call_error (self->call, error, DNN_ERROR_SHAPE,
        "the condition of trip %" G_GINT64_FORMAT " has not one element",
        bound->trip);
    return NULL;
  }
  size = (gsize) dnn_shape_n_elements (shape) *
      dnn_type_size (self->call->outputs[output].type);
  if (output >= self->n_carried && !check_slice (bound, output, shape, error))
    return NULL;
  bound->given[output] = *shape;
  return output < self->n_carried ? take_carried (bound, output, size, error)
                                  : take_slice (bound, output, size, error);
}

/* ---- trips --------------------------------------------------------------- */

static void
begin (const Prepared *self, Bound *bound, const DnnBinding *binding)
{
  gconstpointer *inputs = dnn_body_get_inputs (bound->body);

  for (guint i = 0; i < self->n_carried; i++)
    bound->args[N_FIXED + i].shape = self->call->inputs[N_FIXED + i].shape;
  for (guint i = 0; i < self->n_captures; i++)
    bound->args[N_FIXED + self->n_carried + i].shape =
        self->call->inputs[self->call->n_formal + i].shape;
  bound->held = bound->carried_most = bound->charged = 0;
  for (guint i = 0; i < 2 * self->n_carried; i++)
    bound->carried[i].used = 0;
  for (guint i = 0; i < self->n_scanned; i++)
    bound->slices[i].used = 0;
  inputs[0] = &bound->trip;
  inputs[1] = &bound->condition;
  for (guint i = 0; i < self->n_carried; i++)
    inputs[N_FIXED + i] = binding->src[N_FIXED + i];
  for (guint i = 0; i < self->n_captures; i++)
    inputs[N_FIXED + self->n_carried + i] =
        binding->src[self->call->n_formal + i];
}

/* What one trip gave is the next one's. */
static void
carry_on (const Prepared *self, Bound *bound)
{
  gsize size = 0;

  for (guint i = 0; i < self->n_carried; i++) {
    const Buffer *buffer = &bound->carried[2 * i + (bound->trip & 1)];
    dnn_body_get_inputs (bound->body)[N_FIXED + i] = buffer->memory;
    bound->args[N_FIXED + i].shape = bound->given[i];
    size += buffer->used;
  }
  if (size > bound->carried_most) {
    gsize growth = size - bound->carried_most;
    bound->charged += growth < DNN_LOOP_MIN_GROWTH
        ? DNN_LOOP_MIN_GROWTH - growth
        : 0;
    bound->carried_most = size;
  }
  bound->condition = bound->next_condition;
}

static gboolean
run_trips (const Prepared *self, Bound *bound, const DnnBinding *binding,
    GError **error)
{
  gint64 most = dnn_loop_get_most (self->call, binding);

  bound->condition = dnn_loop_get_condition (self->call, binding);
  for (bound->trip = 0; bound->trip < most && bound->condition; bound->trip++) {
    if (!dnn_body_prepare (bound->body, bound->args, error))
      return dnn_control_fail (self->call, "body", error);
    if (!dnn_body_run_to (
            bound->body, binding->workspace, take_output, bound, error))
      return FALSE;
    carry_on (self, bound);
  }
  return TRUE;
}

/* ---- when it ends -------------------------------------------------------- */

/* Without a trip, what nobody knows of a slice is 0. */
static DnnShape
find_shape (const Prepared *self, const Bound *bound, guint output)
{
  DnnShape shape = self->call->outputs[output].shape;

  if (output < self->n_carried)
    return bound->args[N_FIXED + output].shape;
  if (bound->trip > 0) {
    const DnnShape *slice = &bound->given[output];
    shape.rank = slice->rank + 1;
    for (gint i = 0; i < slice->rank; i++)
      shape.dims[i + 1] = slice->dims[i];
  }
  shape.rank = MAX (shape.rank, 1);
  shape.dims[0] = bound->trip;
  for (gint i = 1; i < shape.rank; i++)
    shape.dims[i] = MAX (shape.dims[i], 0);
  return shape;
}

static gboolean
give_output (const Prepared *self, const Bound *bound, guint output,
    DnnProvideFunc provide, gpointer user_data, GError **error)
{
  DnnShape shape = find_shape (self, bound, output);
  gsize size = (gsize) dnn_shape_n_elements (&shape) *
      dnn_type_size (self->call->outputs[output].type);
  gconstpointer src = output < self->n_carried
      ? dnn_body_get_inputs (bound->body)[N_FIXED + output]
      : bound->slices[output - self->n_carried].memory;
  gpointer dst = provide (output, &shape, user_data, error);

  if (!dst)
    return FALSE;
  if (size > 0)
    memcpy (dst, src, size);
  return TRUE;
}

static gboolean
run_open (gpointer prepared, gpointer data, const DnnBinding *binding,
    DnnProvideFunc provide, gpointer user_data, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = data;

  begin (self, bound, binding);
  if (!run_trips (self, bound, binding, error))
    return FALSE;
  for (guint i = 0; i < self->call->n_outputs; i++)
    if (self->call->outputs[i].present &&
        !give_output (self, bound, i, provide, user_data, error))
      return FALSE;
  return TRUE;
}

const DnnKernel dnn_loop_open_kernel = {
  .name = "loop by data",
  .prepare = prepare,
  .unprepare = unprepare,
  .bind = bind,
  .release = release,
  .run_open = run_open,
};
