/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* If: a condition → the outputs of one of two graphs. A branch is planned when
 * it is first taken. */
#include "config.h"

#include "pipeline-core/control/dnn-control.h"

static const gchar *const branches[] = { "else_branch", "then_branch" };

/* ---- what it means ------------------------------------------------------- */

static gboolean
infer_branch (DnnCall *call, guint idx, DnnCallArg *outputs, GError **error)
{
  return dnn_control_infer (call, branches[idx], call->inputs + call->n_formal,
      dnn_control_get_n_captures (call), outputs, call->n_outputs, NULL, error);
}

/* What both branches say; dimensions in which they differ are open. Returns
 * whether none does. */
static gboolean
join_shapes (DnnShape *a, const DnnShape *b)
{
  gboolean is_same = a->rank == b->rank;

  if (!is_same)
    a->rank = -1;
  for (gint i = 0; i < a->rank; i++) {
    if (a->dims[i] == b->dims[i])
      continue;
    a->dims[i] = DNN_DIM_OPEN;
    is_same = FALSE;
  }
  return is_same;
}

static DnnInferResult
infer_both (DnnCall *call, GError **error)
{
  g_autofree DnnCallArg *others = g_new0 (DnnCallArg, call->n_outputs + 1);
  DnnInferResult result = DNN_INFER_OK;

  if (!infer_branch (call, 1, call->outputs, error) ||
      !infer_branch (call, 0, others, error))
    return DNN_INFER_ERROR;
  for (guint i = 0; i < call->n_outputs; i++) {
    DnnCallArg *output = &call->outputs[i];
    if (output->type == DNN_TYPE_INVALID ||
        others[i].type == DNN_TYPE_INVALID) {
      result = DNN_INFER_UNKNOWN;
    } else if (output->type != others[i].type) {
      dnn_call_error (call, error, DNN_ERROR_TYPE,
          "output %u is %s in then_branch, but %s in else_branch", i,
          dnn_type_name (output->type), dnn_type_name (others[i].type));
      return DNN_INFER_ERROR;
    }
    if (!join_shapes (&output->shape, &others[i].shape) &&
        result == DNN_INFER_OK)
      result = DNN_INFER_NEEDS_VALUE; /* of input 0, in each frame */
  }
  return result;
}

/* The one that is known to be taken. */
static DnnInferResult
infer_one (DnnCall *call, guint idx, GError **error)
{
  if (!infer_branch (call, idx, call->outputs, error))
    return DNN_INFER_ERROR;
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].type == DNN_TYPE_INVALID)
      return DNN_INFER_UNKNOWN;
  return DNN_INFER_OK;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *condition = &call->inputs[0];

  if (dnn_shape_is_known (&condition->shape) &&
      dnn_shape_n_elements (&condition->shape) != 1) {
    g_autofree gchar *text = dnn_shape_to_string (&condition->shape);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "its condition is %s, expected one element", text);
    return DNN_INFER_ERROR;
  }
  if (condition->value)
    return infer_one (call, *(const guint8 *) condition->value != 0, error);
  if (condition->is_constant) {
    call->needs_value = 0;
    return DNN_INFER_NEEDS_VALUE;
  }
  return infer_both (call, error);
}

/* ---- running ------------------------------------------------------------- */

/* Of the plan. */
typedef struct
{
  const DnnCall *call;
  DnnModule *modules[2]; /* NULL: never taken */
} Prepared;

static void
unprepare (gpointer data)
{
  Prepared *self = data;

  g_clear_object (&self->modules[0]);
  g_clear_object (&self->modules[1]);
  g_free (self);
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  Prepared *self = g_new0 (Prepared, 1);
  const guint8 *value = call->inputs[0].value;

  self->call = call;
  for (guint i = 0; i < 2; i++) {
    DnnGraph *graph = dnn_control_get_graph (call, branches[i],
        dnn_control_get_n_captures (call), call->n_outputs, error);
    if (value && (*value != 0) != i)
      continue;
    if (graph)
      self->modules[i] = dnn_body_make_module (graph, error);
    if (!self->modules[i]) {
      unprepare (self);
      return NULL;
    }
  }
  return self;
}

/* Of an instance. */
typedef struct
{
  DnnBody *bodies[2]; /* NULL: not taken yet */
  gpointer *unused; /* memory of outputs that nobody wants, by output */
} Bound;

static gpointer
bind (gpointer prepared, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  Bound *bound = g_new0 (Bound, 1);

  bound->unused = g_new0 (gpointer, 2 * self->call->n_outputs + 1);
  return bound;
}

static void
release (gpointer prepared, gpointer data)
{
  const Prepared *self = prepared;
  Bound *bound = data;

  if (!bound)
    return;
  for (guint i = 0; i < 2; i++)
    dnn_body_free (bound->bodies[i]);
  for (guint i = 0; i < 2 * self->call->n_outputs; i++)
    dnn_free_aligned (bound->unused[i]);
  g_free (bound->unused);
  g_free (bound);
}

/* Memory for an output that is absent. */
static gpointer
get_unused (const Prepared *self, Bound *bound, guint branch, guint idx)
{
  gpointer *memory = &bound->unused[branch * self->call->n_outputs + idx];

  if (!*memory)
    *memory = dnn_alloc_aligned (
        MAX (dnn_body_get_output_size (bound->bodies[branch], idx), 1));
  return *memory;
}

static gboolean
check_outputs (
    const Prepared *self, DnnBody *body, guint branch, GError **error)
{
  for (guint i = 0; i < self->call->n_outputs; i++) {
    const DnnCallArg *output = &self->call->outputs[i];
    const DnnShape *shape = dnn_body_get_output_shape (body, i);
    if (output->present && !dnn_shape_equal (shape, &output->shape)) {
      g_autofree gchar *text = dnn_shape_to_string (shape);
      return dnn_call_error (self->call, error, DNN_ERROR_SHAPE,
          "output %u of %s is %s", i, branches[branch], text);
    }
  }
  return TRUE;
}

static gboolean
take_branch (const Prepared *self, Bound *bound, guint branch, GError **error)
{
  g_autoptr (DnnBody) body = NULL;

  if (bound->bodies[branch])
    return TRUE;
  body = dnn_body_new (self->modules[branch], &self->call->target, error);
  if (!body ||
      !dnn_body_prepare (
          body, self->call->inputs + self->call->n_formal, error) ||
      !check_outputs (self, body, branch, error))
    return FALSE;
  bound->bodies[branch] = g_steal_pointer (&body);
  return TRUE;
}

static gboolean
run (
    gpointer prepared, gpointer data, const DnnBinding *binding, GError **error)
{
  const Prepared *self = prepared;
  const DnnCall *call = self->call;
  Bound *bound = data;
  const guint8 *condition = call->inputs[0].value ? call->inputs[0].value
                                                  : binding->src[0];
  guint branch = *condition != 0;

  if (!take_branch (self, bound, branch, error))
    return FALSE;
  for (guint i = 0; i < dnn_control_get_n_captures (call); i++)
    dnn_body_get_inputs (
        bound->bodies[branch])[i] = binding->src[call->n_formal + i];
  for (guint i = 0; i < call->n_outputs; i++)
    dnn_body_get_outputs (bound->bodies[branch])[i] = call->outputs[i].present
        ? binding->dst[i]
        : get_unused (self, bound, branch, i);
  return dnn_body_run (bound->bodies[branch], binding->workspace, error);
}

/* ---- outputs whose shapes the branch tells --------------------------------
 */

/* Of a frame. */
typedef struct
{
  const Prepared *prepared;
  Bound *bound;
  guint branch;
  DnnProvideFunc provide;
  gpointer user_data;
} Frame;

static gpointer
take_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  const Frame *frame = user_data;
  const DnnCall *call = frame->prepared->call;
  gpointer *unused =
      &frame->bound->unused[frame->branch * call->n_outputs + idx];

  if (call->outputs[idx].present)
    return frame->provide (idx, shape, frame->user_data, error);
  dnn_free_aligned (*unused);
  return *unused = dnn_alloc_aligned (
             MAX ((gsize) dnn_shape_n_elements (shape) *
                     dnn_type_size (call->outputs[idx].type),
                 1));
}

static gboolean
run_open (gpointer prepared, gpointer data, const DnnBinding *binding,
    DnnProvideFunc provide, gpointer user_data, GError **error)
{
  const Prepared *self = prepared;
  const DnnCall *call = self->call;
  Bound *bound = data;
  guint branch = *(const guint8 *) binding->src[0] != 0;
  Frame frame = { self, bound, branch, provide, user_data };
  DnnBody **body = &bound->bodies[branch];

  if (!*body)
    *body = dnn_body_new (self->modules[branch], &call->target, error);
  if (!*body)
    return FALSE;
  dnn_body_set_late (*body);
  for (guint i = 0; i < dnn_control_get_n_captures (call); i++)
    dnn_body_get_inputs (*body)[i] = binding->src[call->n_formal + i];
  return dnn_body_prepare (*body, call->inputs + call->n_formal, error) &&
      dnn_body_run_to (*body, binding->workspace, take_output, &frame, error);
}

static gchar *
describe (gpointer prepared)
{
  const Prepared *self = prepared;
  GString *text = g_string_new (NULL);

  for (guint i = 2; i-- > 0;) {
    g_autofree gchar *branch = NULL;
    if (!self->modules[i])
      continue;
    branch = dnn_body_describe (self->modules[i],
        self->call->inputs + self->call->n_formal, &self->call->target,
        branches[i]);
    g_string_append (text, branch);
  }
  return g_string_free (text, FALSE);
}

static const DnnKernel kernel = {
  .name = "branch",
  .prepare = prepare,
  .unprepare = unprepare,
  .bind = bind,
  .run = run,
  .release = release,
  .describe = describe,
};

static const DnnKernel open_kernel = {
  .name = "branch by data",
  .prepare = prepare,
  .unprepare = unprepare,
  .bind = bind,
  .release = release,
  .run_open = run_open,
};

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  dnn_control_offer (call, offers, &kernel);
}

static const DnnArgRow inputs[] = {
  { "cond", DNN_TYPE_BIT (DNN_TYPE_BOOL), DNN_ARG_REQUIRED, NULL,
      "Which branch: one element" },
};
static const DnnArgRow outputs[] = {
  { "outputs", DNN_TYPES_ANY, DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "Those of the branch" },
};

const DnnOp dnn_op_if = {
  .name = "If",
  .doc = "One of two graphs: then_branch or else_branch",
  .inputs = inputs,
  .n_inputs = G_N_ELEMENTS (inputs),
  .outputs = outputs,
  .n_outputs = G_N_ELEMENTS (outputs),
  .infer = infer,
  .offer = offer,
  .never_folded = TRUE,
  .runs_subgraphs = TRUE,
  .open = &open_kernel,
};
