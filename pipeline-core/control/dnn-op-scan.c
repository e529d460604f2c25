/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Scan: states, and tensors of which the body gets a slice a step → the states
 * behind the last step, and slices put together along their axes. */
#include "config.h"

#include "pipeline-core/control/dnn-control.h"

#include <string.h>

#include "pipeline-core/base/dnn-workspace.h"

/* How one scanned tensor lies: @n_outer blocks of (steps × slice) bytes. */
typedef struct
{
  gint axis;
  gboolean is_reverse;
  gsize n_outer, inner; /* inner in bytes */
} Way;

static guint
get_n_scanned (const DnnCall *call)
{
  return (guint) CLAMP (
      dnn_call_int (call, "num_scan_inputs"), 0, (gint64) call->n_formal);
}

static guint
get_n_states (const DnnCall *call)
{
  return call->n_formal - get_n_scanned (call);
}

/* ---- attributes ---------------------------------------------------------- */

static gint64
get_item (const DnnCall *call, const gchar *key, guint idx)
{
  const DnnAttrValue *attr = dnn_call_attr (call, key);

  return attr->present && idx < attr->n ? attr->ints[idx] : 0;
}

static gboolean
check_list (const DnnCall *call, const gchar *key, guint n, GError **error)
{
  const DnnAttrValue *attr = dnn_call_attr (call, key);

  if (!attr->present || attr->n == n)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "%s has %u numbers, expected %u", key, attr->n, n);
}

static gboolean
get_axis (const DnnCall *call, const gchar *key, guint idx, gint rank,
    gint *axis, GError **error)
{
  gint64 given = get_item (call, key, idx);

  *axis = (gint) (given < 0 ? given + rank : given);
  if (given >= -rank && given < rank)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "%s[%u] is %" G_GINT64_FORMAT ", but there are %d dimensions", key, idx,
      given, rank);
}

static gboolean
check_attrs (const DnnCall *call, GError **error)
{
  guint n_inputs = get_n_scanned (call), n_states = get_n_states (call);
  guint n_outputs = call->n_outputs - MIN (n_states, call->n_outputs);
  gint64 given = dnn_call_int (call, "num_scan_inputs");

  if (given < 1 || given > (gint64) call->n_formal)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "num_scan_inputs is %" G_GINT64_FORMAT ", but there are %u inputs",
        given, call->n_formal);
  if (call->n_outputs < n_states)
    return dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "has %u outputs, but %u states", call->n_outputs, n_states);
  return check_list (call, "scan_input_axes", n_inputs, error) &&
      check_list (call, "scan_input_directions", n_inputs, error) &&
      check_list (call, "scan_output_axes", n_outputs, error) &&
      check_list (call, "scan_output_directions", n_outputs, error);
}

/* ---- what it means ------------------------------------------------------- */

static DnnShape
insert_axis (const DnnShape *shape, gint axis, gint64 dim)
{
  DnnShape whole = *shape;

  whole.rank++;
  for (gint i = axis + 1; i < whole.rank; i++)
    whole.dims[i] = shape->dims[i - 1];
  whole.dims[axis] = dim;
  return whole;
}

/* What the body gets; *@steps: how often, -1 open. (transfer full) */
static DnnCallArg *
make_args (const DnnCall *call, gint64 *steps, GError **error)
{
  guint n_states = get_n_states (call), n_scanned = get_n_scanned (call);
  g_autofree DnnCallArg *args = g_new0 (
      DnnCallArg, call->n_formal + dnn_control_get_n_captures (call) + 1);

  *steps = DNN_DIM_OPEN;
  for (guint i = 0; i < call->n_formal; i++) {
    args[i] = call->inputs[i];
    args[i].is_constant = FALSE;
    args[i].value = NULL;
  }
  for (guint i = 0; i < n_scanned; i++) {
    DnnCallArg *arg = &args[n_states + i];
    gint axis;
    gint64 dim;
    if (!get_axis (call, "scan_input_axes", i, arg->shape.rank, &axis, error))
      return NULL;
    dim = arg->shape.dims[axis];
    if (dim >= 0 && *steps >= 0 && dim != *steps) {
      dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "input %u has %" G_GINT64_FORMAT " slices, another %" G_GINT64_FORMAT,
          n_states + i, dim, *steps);
      return NULL;
    }
    *steps = MAX (*steps, dim);
    arg->shape = dnn_control_remove_axis (&arg->shape, axis);
  }
  dnn_control_add_captures (call, args, call->n_formal);
  return g_steal_pointer (&args);
}

static DnnInferResult
set_states (DnnCall *call, const DnnCallArg *args, const DnnCallArg *results,
    GError **error)
{
  for (guint i = 0; i < get_n_states (call); i++) {
    g_autofree gchar *a = NULL, *b = NULL;
    call->outputs[i].type = args[i].type;
    call->outputs[i].shape = args[i].shape;
    if (results[i].type == DNN_TYPE_INVALID)
      return DNN_INFER_UNKNOWN;
    if (results[i].type == args[i].type &&
        dnn_shape_compatible (&results[i].shape, &args[i].shape))
      continue;
    a = dnn_shape_to_string (&args[i].shape);
    b = dnn_shape_to_string (&results[i].shape);
    dnn_call_error (call, error,
        results[i].type == args[i].type ? DNN_ERROR_SHAPE : DNN_ERROR_TYPE,
        "state %u is %s %s, but body gives %s %s", i,
        dnn_type_name (args[i].type), a, dnn_type_name (results[i].type), b);
    return DNN_INFER_ERROR;
  }
  return DNN_INFER_OK;
}

static DnnInferResult
set_scanned (
    DnnCall *call, const DnnCallArg *results, gint64 steps, GError **error)
{
  guint n_states = get_n_states (call);
  DnnInferResult result = DNN_INFER_OK;

  for (guint i = n_states; i < call->n_outputs; i++) {
    gint axis;
    call->outputs[i].type = results[i].type;
    if (results[i].type == DNN_TYPE_INVALID || results[i].shape.rank < 0) {
      result = DNN_INFER_UNKNOWN;
      continue;
    }
    if (results[i].shape.rank == DNN_MAX_RANK) {
      dnn_call_error (call, error, DNN_ERROR_LIMIT,
          "output %u would have %d dimensions", i, DNN_MAX_RANK + 1);
      return DNN_INFER_ERROR;
    }
    if (!get_axis (call, "scan_output_axes", i - n_states,
            results[i].shape.rank + 1, &axis, error))
      return DNN_INFER_ERROR;
    call->outputs[i].shape = insert_axis (&results[i].shape, axis, steps);
  }
  return result;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  g_autofree DnnCallArg *args = NULL;
  g_autofree DnnCallArg *results = NULL;
  DnnInferResult result;
  gint64 steps;

  if (!check_attrs (call, error))
    return DNN_INFER_ERROR;
  for (guint i = get_n_states (call); i < call->n_formal; i++)
    if (call->inputs[i].shape.rank < 0)
      return DNN_INFER_UNKNOWN;
  args = make_args (call, &steps, error);
  if (!args)
    return DNN_INFER_ERROR;
  results = g_new0 (DnnCallArg, call->n_outputs + 1);
  if (!dnn_control_infer (call, "body", args,
          call->n_formal + dnn_control_get_n_captures (call), results,
          call->n_outputs, NULL, error))
    return DNN_INFER_ERROR;
  result = set_states (call, args, results, error);
  return result == DNN_INFER_OK ? set_scanned (call, results, steps, error)
                                : result;
}

/* ---- running ------------------------------------------------------------- */

/* Of the plan. */
typedef struct
{
  const DnnCall *call;
  DnnModule *module;
  DnnCallArg *args; /* of the body */
  guint n_states, n_inputs, n_outputs; /* inputs and outputs: scanned ones */
  gint64 steps;
  Way *ways; /* of scanned inputs, then of scanned outputs */
} Prepared;

static void
unprepare (gpointer data)
{
  Prepared *self = data;

  g_clear_object (&self->module);
  g_free (self->args);
  g_free (self->ways);
  g_free (self);
}

static Way
make_way (const DnnShape *whole, DnnType type, gint axis, gboolean is_reverse)
{
  Way way = { axis, is_reverse, 1, dnn_type_size (type) };

  for (gint i = 0; i < axis; i++)
    way.n_outer *= (gsize) whole->dims[i];
  for (gint i = axis + 1; i < whole->rank; i++)
    way.inner *= (gsize) whole->dims[i];
  return way;
}

static gboolean
make_ways (Prepared *self, GError **error)
{
  const DnnCall *call = self->call;

  self->ways = g_new0 (Way, self->n_inputs + self->n_outputs + 1);
  for (guint i = 0; i < self->n_inputs + self->n_outputs; i++) {
    gboolean is_input = i < self->n_inputs;
    guint idx = is_input ? i : i - self->n_inputs;
    const DnnCallArg *arg = is_input ? &call->inputs[self->n_states + idx]
                                     : &call->outputs[self->n_states + idx];
    gint axis;
    if (!get_axis (call, is_input ? "scan_input_axes" : "scan_output_axes", idx,
            arg->shape.rank, &axis, error))
      return FALSE;
    self->ways[i] = make_way (&arg->shape, arg->type, axis,
        get_item (call,
            is_input ? "scan_input_directions" : "scan_output_directions",
            idx) == 1);
  }
  return TRUE;
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Prepared *self = g_new0 (Prepared, 1);
  DnnGraph *graph = dnn_control_get_graph (call, "body",
      call->n_formal + dnn_control_get_n_captures (call), call->n_outputs,
      error);

  self->call = call;
  self->n_states = get_n_states (call);
  self->n_inputs = get_n_scanned (call);
  self->n_outputs = call->n_outputs - self->n_states;
  self->args = make_args (call, &self->steps, error);
  if (graph && self->args && make_ways (self, error))
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
  gpointer *states; /* two for each */
  gpointer *slices; /* of scanned inputs, then outputs, that don't lie in one
                       piece, or that nobody wants; else NULL */
} Bound;

static void
release (gpointer prepared, gpointer data)
{
  const Prepared *self = prepared;
  Bound *bound = data;

  if (!bound)
    return;
  for (guint i = 0; i < 2 * self->n_states; i++)
    dnn_free_aligned (bound->states[i]);
  for (guint i = 0; i < self->n_inputs + self->n_outputs; i++)
    dnn_free_aligned (bound->slices[i]);
  dnn_body_free (bound->body);
  g_free (bound->states);
  g_free (bound->slices);
  g_free (bound);
}

static gsize
get_size (DnnType type, const DnnShape *shape)
{
  return MAX ((gsize) dnn_shape_n_elements (shape) * dnn_type_size (type), 1);
}

static void
allocate (const Prepared *self, Bound *bound)
{
  for (guint i = 0; i < 2 * self->n_states; i++)
    bound->states[i] = dnn_alloc_aligned (
        get_size (self->args[i / 2].type, &self->args[i / 2].shape));
  for (guint i = 0; i < self->n_inputs; i++) {
    const DnnCallArg *arg = &self->args[self->n_states + i];
    if (self->ways[i].n_outer > 1)
      bound->slices[i] = dnn_alloc_aligned (get_size (arg->type, &arg->shape));
  }
  for (guint i = 0; i < self->n_outputs; i++) {
    guint output = self->n_states + i;
    if (self->ways[self->n_inputs + i].n_outer > 1 ||
        !self->call->outputs[output].present)
      bound->slices[self->n_inputs + i] = dnn_alloc_aligned (
          MAX (dnn_body_get_output_size (bound->body, output), 1));
  }
}

/* What a graph says of its values is believed before it is planned. */
static gboolean
check_body (const Prepared *self, DnnBody *body, GError **error)
{
  for (guint i = 0; i < self->call->n_outputs; i++) {
    DnnShape expected = self->args[i].shape;
    if (i >= self->n_states)
      expected = dnn_control_remove_axis (&self->call->outputs[i].shape,
          self->ways[self->n_inputs + i - self->n_states].axis);
    if (!dnn_control_check_output (self->call, body, i, &expected, error))
      return FALSE;
  }
  return TRUE;
}

static gpointer
bind (gpointer prepared, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = g_new0 (Bound, 1);

  bound->states = g_new0 (gpointer, 2 * self->n_states + 1);
  bound->slices = g_new0 (gpointer, self->n_inputs + self->n_outputs + 1);
  bound->body = dnn_body_new (self->module, &self->call->target, error);
  if (!bound->body || !dnn_body_prepare (bound->body, self->args, error) ||
      !check_body (self, bound->body, error)) {
    release (prepared, bound);
    return NULL;
  }
  allocate (self, bound);
  return bound;
}

/* Byte offset of the slice of a step in each block. */
static gsize
find_slice (const Prepared *self, const Way *way, gint64 step)
{
  return way->inner * (gsize) (way->is_reverse ? self->steps - 1 - step : step);
}

static void
copy_slice (const Prepared *self, const Way *way, gint64 step, guint8 *whole,
    guint8 *slice, gboolean to_slice)
{
  whole += find_slice (self, way, step);
  for (gsize i = 0; i < way->n_outer; i++) {
    memcpy (to_slice ? slice : whole, to_slice ? whole : slice, way->inner);
    whole += way->inner * (gsize) self->steps;
    slice += way->inner;
  }
}

static void
set_addresses (
    const Prepared *self, Bound *bound, const DnnBinding *binding, gint64 step)
{
  gconstpointer *inputs = dnn_body_get_inputs (bound->body);
  gpointer *outputs = dnn_body_get_outputs (bound->body);

  for (guint i = 0; i < self->n_states; i++)
    outputs[i] = bound->states[2 * i + (step & 1)];
  for (guint i = 0; i < self->n_inputs; i++) {
    const Way *way = &self->ways[i];
    guint8 *whole = binding->src[self->n_states + i];
    inputs[self->n_states + i] = bound->slices[i]
        ? bound->slices[i]
        : whole + find_slice (self, way, step);
    if (bound->slices[i])
      copy_slice (self, way, step, whole, bound->slices[i], TRUE);
  }
  for (guint i = 0; i < self->n_outputs; i++) {
    gpointer slice = bound->slices[self->n_inputs + i];
    outputs[self->n_states + i] = slice
        ? slice
        : (guint8 *) binding->dst[self->n_states + i] +
            find_slice (self, &self->ways[self->n_inputs + i], step);
  }
}

static gboolean
run_step (const Prepared *self, Bound *bound, const DnnBinding *binding,
    gint64 step, GError **error)
{
  set_addresses (self, bound, binding, step);
  if (!dnn_body_run (bound->body, binding->workspace, error))
    return FALSE;
  for (guint i = 0; i < self->n_states; i++)
    dnn_body_get_inputs (bound->body)[i] = dnn_body_get_outputs (
        bound->body)[i];
  for (guint i = 0; i < self->n_outputs; i++) {
    gpointer slice = bound->slices[self->n_inputs + i];
    if (slice && self->call->outputs[self->n_states + i].present)
      copy_slice (self, &self->ways[self->n_inputs + i], step,
          binding->dst[self->n_states + i], slice, FALSE);
  }
  return TRUE;
}

static gboolean
run (
    gpointer prepared, gpointer data, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = data;
  gconstpointer *inputs = dnn_body_get_inputs (bound->body);
  gint64 steps = dnn_workspace_is_rehearsal (binding->workspace)
      ? MIN (self->steps, 1)
      : self->steps;

  for (guint i = 0; i < self->n_states; i++)
    inputs[i] = binding->src[i];
  for (guint i = 0; i < dnn_control_get_n_captures (self->call); i++)
    inputs[self->call->n_formal + i] = binding->src[self->call->n_formal + i];
  for (gint64 step = 0; step < steps; step++)
    if (!run_step (self, bound, binding, step, error))
      return FALSE;
  for (guint i = 0; i < self->n_states; i++)
    if (self->call->outputs[i].present)
      memcpy (binding->dst[i], inputs[i],
          (gsize) dnn_shape_n_elements (&self->args[i].shape) *
              dnn_type_size (self->args[i].type));
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
  .name = "scan",
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
  { "initial_state_and_scan_inputs", DNN_TYPES_ANY, DNN_ARG_VARIADIC, NULL,
      "States, then what is scanned" },
};
static const DnnArgRow outputs[] = {
  { "final_state_and_scan_outputs", DNN_TYPES_ANY,
      DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "States behind the last step, then slices put together" },
};
static const DnnAttrRow attrs[] = {
  { "num_scan_inputs", DNN_ATTR_INT, NULL, TRUE, 0, 0, NULL,
      "How many inputs are scanned: the last ones" },
  { "scan_input_axes", DNN_ATTR_INTS, NULL, FALSE, 0, 0, NULL,
      "Axis of each; absent: 0" },
  { "scan_input_directions", DNN_ATTR_INTS, NULL, FALSE, 0, 1, NULL,
      "0 forward, 1 backward; absent: 0" },
  { "scan_output_axes", DNN_ATTR_INTS, NULL, FALSE, 0, 0, NULL,
      "Axis along which slices of each are put together; absent: 0" },
  { "scan_output_directions", DNN_ATTR_INTS, NULL, FALSE, 0, 1, NULL,
      "0: behind each other, 1: in front; absent: 0" },
};

const DnnOp dnn_op_scan = {
  .name = "Scan",
  .doc = "The graph body, once for each slice of the scanned inputs",
  .inputs = inputs,
  .n_inputs = G_N_ELEMENTS (inputs),
  .outputs = outputs,
  .n_outputs = G_N_ELEMENTS (outputs),
  .attrs = attrs,
  .n_attrs = G_N_ELEMENTS (attrs),
  .infer = infer,
  .offer = offer,
  .never_folded = TRUE,
  .runs_subgraphs = TRUE,
};
