/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Loop: a trip count, a condition, carried values → those of the last trip, and
 * a slice a trip of what the body gives besides. Carried values are in two
 * buffers in turn. */
#include "config.h"

#include "pipeline-core/control/dnn-loop.h"

#include <string.h>

#include "pipeline-core/base/dnn-workspace.h"

guint
dnn_loop_get_n_carried (const DnnCall *call)
{
  return MAX (call->n_formal, N_FIXED) - N_FIXED;
}

static guint
get_n_scanned (const DnnCall *call)
{
  return call->n_outputs - dnn_loop_get_n_carried (call);
}

/* ---- what it means ------------------------------------------------------- */

static gboolean
check_number (const DnnCall *call, guint idx, GError **error)
{
  const DnnCallArg *arg = &call->inputs[idx];
  g_autofree gchar *text = NULL;

  if (!dnn_call_has_input (call, idx) || !dnn_shape_is_known (&arg->shape) ||
      dnn_shape_n_elements (&arg->shape) == 1)
    return TRUE;
  text = dnn_shape_to_string (&arg->shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "input %u (\"%s\") is %s, expected one element", idx,
      idx == INPUT_TRIPS ? "M" : "cond", text);
}

/* The body's number of the trip may be a list of one. */
static DnnShape
get_number_shape (const DnnCall *call)
{
  const DnnSubgraph *body = call->subgraphs->pdata[0];
  const DnnValue *value = body->graph->inputs->len > 0
      ? body->graph->inputs->pdata[0]
      : NULL;

  return value && value->shape.rank == 1 ? dnn_shape (1, (gint64) 1)
                                         : dnn_shape (0);
}

DnnCallArg *
dnn_loop_make_args (const DnnCall *call)
{
  guint n_carried = dnn_loop_get_n_carried (call);
  DnnCallArg *args = g_new0 (
      DnnCallArg, N_FIXED + n_carried + dnn_control_get_n_captures (call));

  args[0].present = args[1].present = TRUE;
  args[0].type = DNN_TYPE_INT64;
  args[0].shape = get_number_shape (call);
  args[1].type = DNN_TYPE_BOOL;
  args[1].shape = dnn_shape (0);
  for (guint i = 0; i < n_carried; i++) {
    args[N_FIXED + i] = call->inputs[N_FIXED + i];
    args[N_FIXED + i].is_constant = FALSE;
    args[N_FIXED + i].value = NULL;
  }
  dnn_control_add_captures (call, args, N_FIXED + n_carried);
  return args;
}

/* A carried value has one type; where its shape changes, that is open. Returns
 * whether something was widened. */
static gboolean
widen (const DnnCall *call, DnnCallArg *carried, const DnnCallArg *next,
    guint idx, gboolean *widened, GError **error)
{
  if (carried->type != next->type && next->type != DNN_TYPE_INVALID)
    return dnn_call_error (call, error, DNN_ERROR_TYPE,
        "carried value %u is %s, but body gives %s", idx,
        dnn_type_name (carried->type), dnn_type_name (next->type));
  if (carried->shape.rank != next->shape.rank) {
    *widened |= carried->shape.rank >= 0;
    carried->shape.rank = -1;
    return TRUE;
  }
  for (gint i = 0; i < carried->shape.rank; i++) {
    if (carried->shape.dims[i] == next->shape.dims[i])
      continue;
    *widened |= carried->shape.dims[i] != DNN_DIM_OPEN;
    carried->shape.dims[i] = DNN_DIM_OPEN;
  }
  return TRUE;
}

static gboolean
check_condition (const DnnCall *call, const DnnCallArg *result, GError **error)
{
  g_autofree gchar *text = NULL;

  if (result->type != DNN_TYPE_INVALID && result->type != DNN_TYPE_BOOL)
    return dnn_call_error (call, error, DNN_ERROR_TYPE,
        "the condition that body gives is %s, expected bool",
        dnn_type_name (result->type));
  if (!dnn_shape_is_known (&result->shape) ||
      dnn_shape_n_elements (&result->shape) == 1)
    return TRUE;
  text = dnn_shape_to_string (&result->shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "the condition that body gives is %s, expected one element", text);
}

/* Until shapes stay: each round opens a dimension at least. */
static gboolean
infer_body (const DnnCall *call, DnnCallArg *args, DnnCallArg *results,
    gboolean *is_true, GError **error)
{
  guint n_carried = dnn_loop_get_n_carried (call);
  guint n_args = N_FIXED + n_carried + dnn_control_get_n_captures (call);
  gboolean widened;

  do {
    if (!dnn_control_infer (call, "body", args, n_args, results,
            1 + call->n_outputs, is_true, error))
      return FALSE;
    if (!check_condition (call, &results[0], error))
      return FALSE;
    widened = FALSE;
    for (guint i = 0; i < n_carried; i++)
      if (!widen (
              call, &args[N_FIXED + i], &results[1 + i], i, &widened, error))
        return FALSE;
  } while (widened);
  return TRUE;
}

static gboolean
is_known (const DnnCall *call, guint idx)
{
  return !dnn_call_has_input (call, idx) || call->inputs[idx].value;
}

/* How many trips there are for certain; -1 if only a frame tells. */
static gint64
count_trips (const DnnCall *call, gboolean goes_on)
{
  const guint8 *condition = dnn_call_has_input (call, INPUT_CONDITION)
      ? call->inputs[INPUT_CONDITION].value
      : NULL;
  gint64 trips;

  if (!is_known (call, INPUT_TRIPS) || !is_known (call, INPUT_CONDITION))
    return -1;
  if (condition && !*condition)
    return 0;
  if (!dnn_call_has_input (call, INPUT_TRIPS))
    return -1;
  memcpy (&trips, call->inputs[INPUT_TRIPS].value, sizeof trips);
  if (trips <= 0)
    return 0;
  return goes_on ? trips : -1;
}

/* The input whose value tells the number of trips before the first one; -1 if
 * none does. */
static gint
find_number (const DnnCall *call, gboolean goes_on)
{
  if (!goes_on || !dnn_call_has_input (call, INPUT_TRIPS))
    return -1;
  return is_known (call, INPUT_TRIPS) ? INPUT_CONDITION : INPUT_TRIPS;
}

/* Whether some output is open though no input is. */
static gboolean
is_open (const DnnCall *call)
{
  gboolean any = FALSE;

  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].present && !dnn_shape_is_known (&call->inputs[i].shape))
      return FALSE;
  for (guint i = 0; i < call->n_outputs; i++)
    any |= !dnn_shape_is_known (&call->outputs[i].shape);
  return any;
}

static DnnInferResult
set_outputs (DnnCall *call, const DnnCallArg *args, const DnnCallArg *results,
    gint64 trips, gint number, GError **error)
{
  guint n_carried = dnn_loop_get_n_carried (call);
  DnnInferResult result = DNN_INFER_OK;

  for (guint i = 0; i < call->n_outputs; i++) {
    DnnCallArg *output = &call->outputs[i];
    const DnnCallArg *source = i < n_carried ? &args[N_FIXED + i]
                                             : &results[1 + i];
    output->type = source->type;
    output->shape = source->shape;
    if (source->type == DNN_TYPE_INVALID)
      result = DNN_INFER_UNKNOWN;
    if (i < n_carried || source->shape.rank < 0)
      continue;
    if (source->shape.rank == DNN_MAX_RANK) {
      dnn_call_error (call, error, DNN_ERROR_LIMIT,
          "output %u would have %d dimensions", i, DNN_MAX_RANK + 1);
      return DNN_INFER_ERROR;
    }
    output->shape.rank++;
    output->shape.dims[0] = trips < 0 ? DNN_DIM_OPEN : trips;
    memcpy (output->shape.dims + 1, source->shape.dims,
        (gsize) source->shape.rank * sizeof *source->shape.dims);
  }
  if (result != DNN_INFER_OK)
    return result;
  if (trips >= 0 || n_carried == call->n_outputs)
    return is_open (call) ? DNN_INFER_OPEN : DNN_INFER_OK;
  call->needs_value = (guint) MAX (number, 0);
  return number < 0 ? DNN_INFER_OPEN : DNN_INFER_NEEDS_VALUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  guint n_carried = dnn_loop_get_n_carried (call);
  g_autofree DnnCallArg *args = NULL;
  g_autofree DnnCallArg *results = NULL;
  gboolean goes_on = FALSE;

  if (call->n_outputs < n_carried) {
    dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "has %u outputs, but carries %u values", call->n_outputs, n_carried);
    return DNN_INFER_ERROR;
  }
  if (!check_number (call, INPUT_TRIPS, error) ||
      !check_number (call, INPUT_CONDITION, error))
    return DNN_INFER_ERROR;
  for (guint i = 0; i < N_FIXED && get_n_scanned (call) > 0; i++) {
    if (is_known (call, i) || !call->inputs[i].is_constant)
      continue;
    call->needs_value = i;
    return DNN_INFER_NEEDS_VALUE;
  }
  args = dnn_loop_make_args (call);
  results = g_new0 (DnnCallArg, 1 + call->n_outputs);
  if (!infer_body (call, args, results, &goes_on, error))
    return DNN_INFER_ERROR;
  return set_outputs (call, args, results, count_trips (call, goes_on),
      find_number (call, goes_on), error);
}

/* ---- running ------------------------------------------------------------- */

/* Of the plan. */
typedef struct
{
  const DnnCall *call;
  DnnModule *module;
  DnnCallArg *args; /* of the body */
  guint n_carried, n_scanned;
} Prepared;

static void
unprepare (gpointer data)
{
  Prepared *self = data;

  g_clear_object (&self->module);
  g_free (self->args);
  g_free (self);
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Prepared *self = g_new0 (Prepared, 1);
  DnnGraph *graph;

  self->call = call;
  self->n_carried = dnn_loop_get_n_carried (call);
  self->n_scanned = get_n_scanned (call);
  self->args = dnn_loop_make_args (call);
  graph = dnn_control_get_graph (call, "body",
      N_FIXED + self->n_carried + dnn_control_get_n_captures (call),
      1 + call->n_outputs, error);
  if (graph)
    self->module = dnn_body_make_module (graph, error);
  if (self->module)
    return self;
  unprepare (self);
  return NULL;
}

/* Of an instance. */
typedef struct
{
  DnnBody *body;
  gint64 number;
  guint8 condition, next_condition;
  gpointer *carried; /* two for each */
  gsize *sizes; /* of carried values, then of slices */
  gpointer *unused; /* slices of outputs that nobody wants */
} Bound;

static void
release (gpointer prepared, gpointer data)
{
  const Prepared *self = prepared;
  Bound *bound = data;

  if (!bound)
    return;
  for (guint i = 0; i < 2 * self->n_carried; i++)
    dnn_free_aligned (bound->carried[i]);
  for (guint i = 0; i < self->n_scanned; i++)
    dnn_free_aligned (bound->unused[i]);
  dnn_body_free (bound->body);
  g_free (bound->carried);
  g_free (bound->unused);
  g_free (bound->sizes);
  g_free (bound);
}

static void
allocate (const Prepared *self, Bound *bound)
{
  for (guint i = 0; i < self->n_carried + self->n_scanned; i++)
    bound->sizes[i] = dnn_body_get_output_size (bound->body, 1 + i);
  for (guint i = 0; i < 2 * self->n_carried; i++)
    bound->carried[i] = dnn_alloc_aligned (MAX (bound->sizes[i / 2], 1));
  for (guint i = 0; i < self->n_scanned; i++)
    if (!self->call->outputs[self->n_carried + i].present)
      bound->unused[i] = dnn_alloc_aligned (
          MAX (bound->sizes[self->n_carried + i], 1));
}

/* What a graph says of its values is believed before it is planned. */
static gboolean
check_body (const Prepared *self, DnnBody *body, GError **error)
{
  for (guint i = 0; i < self->call->n_outputs; i++) {
    DnnShape expected = self->call->outputs[i].shape;
    if (i < self->n_carried)
      expected = self->args[N_FIXED + i].shape;
    else
      expected = dnn_control_remove_axis (&expected, 0);
    if (!dnn_control_check_output (self->call, body, 1 + i, &expected, error))
      return FALSE;
  }
  return TRUE;
}

/* Planned now: there is one body for all trips. */
static gpointer
bind (gpointer prepared, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = g_new0 (Bound, 1);

  bound->carried = g_new0 (gpointer, 2 * self->n_carried + 1);
  bound->unused = g_new0 (gpointer, self->n_scanned + 1);
  bound->sizes = g_new0 (gsize, self->n_carried + self->n_scanned + 1);
  bound->body = dnn_body_new (self->module, &self->call->target, error);
  if (!bound->body || !dnn_body_prepare (bound->body, self->args, error) ||
      !check_body (self, bound->body, error)) {
    release (prepared, bound);
    return NULL;
  }
  allocate (self, bound);
  return bound;
}

/* What is the same in all trips. */
static void
begin (const Prepared *self, Bound *bound, const DnnBinding *binding)
{
  gconstpointer *inputs = dnn_body_get_inputs (bound->body);

  inputs[0] = &bound->number;
  inputs[1] = &bound->condition;
  dnn_body_get_outputs (bound->body)[0] = &bound->next_condition;
  for (guint i = 0; i < self->n_carried; i++)
    inputs[N_FIXED + i] = binding->src[N_FIXED + i];
  for (guint i = 0; i < dnn_control_get_n_captures (self->call); i++)
    inputs[N_FIXED + self->n_carried + i] =
        binding->src[self->call->n_formal + i];
}

static gboolean
run_trip (const Prepared *self, Bound *bound, const DnnBinding *binding,
    gint64 trip, GError **error)
{
  gconstpointer *inputs = dnn_body_get_inputs (bound->body);
  gpointer *outputs = dnn_body_get_outputs (bound->body);

  bound->number = trip;
  for (guint i = 0; i < self->n_carried; i++)
    outputs[1 + i] = bound->carried[2 * i + (trip & 1)];
  for (guint i = 0; i < self->n_scanned; i++) {
    guint output = self->n_carried + i;
    outputs[1 + output] = bound->unused[i]
        ? bound->unused[i]
        : (guint8 *) binding->dst[output] + (gsize) trip * bound->sizes[output];
  }
  if (!dnn_body_run (bound->body, binding->workspace, error))
    return FALSE;
  for (guint i = 0; i < self->n_carried; i++)
    inputs[N_FIXED + i] = outputs[1 + i];
  bound->condition = bound->next_condition;
  return TRUE;
}

/* A value of this frame, or of all. */
static gconstpointer
get_value (const DnnCall *call, const DnnBinding *binding, guint idx)
{
  if (!dnn_call_has_input (call, idx))
    return NULL;
  return call->inputs[idx].value ? call->inputs[idx].value : binding->src[idx];
}

gboolean
dnn_loop_get_condition (const DnnCall *call, const DnnBinding *binding)
{
  const guint8 *condition = get_value (call, binding, INPUT_CONDITION);

  return !condition || *condition;
}

gint64
dnn_loop_get_most (const DnnCall *call, const DnnBinding *binding)
{
  gconstpointer value = get_value (call, binding, INPUT_TRIPS);
  gint64 most = G_MAXINT64;

  if (value)
    memcpy (&most, value, sizeof most);
  if (dnn_workspace_is_rehearsal (binding->workspace))
    most = MIN (most, 1);
  return most;
}

static gboolean
run (
    gpointer prepared, gpointer data, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = data;
  gint64 most = dnn_loop_get_most (self->call, binding);

  begin (self, bound, binding);
  bound->condition = dnn_loop_get_condition (self->call, binding);
  for (gint64 trip = 0; trip < most && bound->condition; trip++)
    if (!run_trip (self, bound, binding, trip, error))
      return FALSE;
  for (guint i = 0; i < self->n_carried; i++)
    if (self->call->outputs[i].present)
      memcpy (binding->dst[i], dnn_body_get_inputs (bound->body)[N_FIXED + i],
          bound->sizes[i]);
  return TRUE;
}

static gchar *
describe (gpointer prepared)
{
  const Prepared *self = prepared;

  return dnn_body_describe (
      self->module, self->args, &self->call->target, "body");
}

static const DnnKernel kernel = {
  .name = "loop",
  .prepare = prepare,
  .unprepare = unprepare,
  .bind = bind,
  .run = run,
  .release = release,
  .describe = describe,
};

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  dnn_control_offer (call, offers, &kernel);
}

static const DnnArgRow inputs[] = {
  { "M", DNN_TYPE_BIT (DNN_TYPE_INT64), DNN_ARG_OPTIONAL, NULL,
      "Most trips; absent: any number" },
  { "cond", DNN_TYPE_BIT (DNN_TYPE_BOOL), DNN_ARG_OPTIONAL, NULL,
      "Whether there is a first one; absent: yes" },
  { "v_initial", DNN_TYPES_ANY, DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "Carried from trip to trip" },
};
static const DnnArgRow outputs[] = {
  { "v_final_and_scan_outputs", DNN_TYPES_ANY,
      DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "Carried values of the last trip; then slices of all" },
};

const DnnOp dnn_op_loop = {
  .name = "Loop",
  .doc = "The graph body, as often as M and the condition that it gives say",
  .inputs = inputs,
  .n_inputs = G_N_ELEMENTS (inputs),
  .outputs = outputs,
  .n_outputs = G_N_ELEMENTS (outputs),
  .infer = infer,
  .offer = offer,
  .never_folded = TRUE,
  .runs_subgraphs = TRUE,
  .open = &dnn_loop_open_kernel,
};
