/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A node that runs graphs, behind data that shapes depend on → its kernel, made
 * ready for the shapes of each frame. Trip counts and conditions are known by
 * then, so what is open while planning is not. */
#include "config.h"

#include "pipeline-core/plan/dnn-late-run.h"

#include <string.h>

/* One kernel made ready: of an If, for one of its branches. */
typedef struct
{
  DnnCall *call;
  DnnShape *shapes; /* of inputs that it is ready for */
  DnnCandidate *candidate; /* NULL: not ready */
  gpointer prepared, bound;
  DnnBinding binding;
  gboolean is_open; /* its outputs have shapes when it ends: DnnOp.open */
} Ready;

typedef struct
{
  Ready ready[2];
} Control;

static void
unprepare (Ready *ready)
{
  const DnnKernel *kernel = ready->candidate ? ready->candidate->kernel : NULL;

  if (!kernel)
    return;
  kernel->release (ready->prepared, ready->bound);
  if (ready->prepared)
    kernel->unprepare (ready->prepared);
  ready->prepared = ready->bound = NULL;
  g_clear_pointer (&ready->candidate, dnn_candidate_free);
}

static void
free_control (gpointer state)
{
  Control *control = state;

  for (guint i = 0; i < G_N_ELEMENTS (control->ready); i++) {
    Ready *ready = &control->ready[i];
    unprepare (ready);
    dnn_call_free (ready->call);
    g_free (ready->shapes);
    g_free (ready->binding.src);
    g_free (ready->binding.dst);
  }
  g_free (control);
}

static gpointer
create_control (DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  Control *control = g_new0 (Control, 1);

  for (guint i = 0; i < G_N_ELEMENTS (control->ready); i++) {
    Ready *ready = &control->ready[i];
    ready->call = dnn_inference_copy_call (
        dnn_late_run_get_plan (run)->late->inference, step->node);
    ready->shapes = g_new0 (DnnShape, step->n_src + 1);
    ready->binding.src = g_new0 (gpointer, step->n_src + 1);
    ready->binding.dst = g_new0 (gpointer, step->n_dst + 1);
  }
  return control;
}

/* Two branches are two kernels, so that taking them in turn plans nothing. */
static Ready *
choose (Control *control, DnnLateRun *run, const DnnLateStep *step)
{
  gboolean is_branch = strcmp (control->ready[0].call->op->name, "If") == 0;
  const guint8 *condition = is_branch
      ? dnn_late_run_get (run, step->src[0])->data
      : NULL;

  return &control->ready[condition && *condition];
}

/* Returns whether shapes are those of before. */
static gboolean
take_inputs (Ready *ready, DnnLateRun *run, const DnnLateStep *step)
{
  gboolean is_same = ready->candidate != NULL;

  for (guint i = 0; i < step->n_src; i++) {
    DnnCallArg *arg = &ready->call->inputs[i];
    const DnnLateValue *value;
    if (step->src[i] == G_MAXUINT)
      continue;
    value = dnn_late_run_get (run, step->src[i]);
    is_same = is_same && dnn_shape_equal (&ready->shapes[i], &value->shape);
    ready->shapes[i] = arg->shape = value->shape;
    arg->type = value->type;
    arg->value = ready->binding.src[i] = value->data;
  }
  return is_same;
}

static gboolean
find_shapes (Ready *ready, GError **error)
{
  DnnCall *call = ready->call;
  DnnInferResult result = dnn_call_infer (call, error);

  if (result == DNN_INFER_ERROR)
    return FALSE;
  for (guint i = 0; i < call->n_outputs && result == DNN_INFER_OK; i++)
    if (call->outputs[i].present &&
        !dnn_shape_is_known (&call->outputs[i].shape))
      result = DNN_INFER_OPEN;
  if (result == DNN_INFER_OPEN && call->op->open)
    ready->is_open = TRUE;
  if (result == DNN_INFER_OK || (result == DNN_INFER_OPEN && ready->is_open))
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
      "the shape of its output can't be told from its inputs");
}

static DnnCandidate *
make_candidate (const Ready *ready)
{
  DnnCall *call = ready->call;
  g_autoptr (GPtrArray) candidates = NULL;

  if (ready->is_open)
    return dnn_candidate_new (call->op->open, call->n_inputs, call->n_outputs);
  candidates = dnn_call_offer (call);
  g_assert (candidates->len > 0);
  return g_ptr_array_steal_index (candidates, 0);
}

static gboolean
prepare (Ready *ready, DnnLateRun *run, GError **error)
{
  DnnCall *call = ready->call;
  const DnnKernel *kernel;

  unprepare (ready);
  ready->binding.workspace = dnn_late_run_get_workspace (run);
  ready->candidate = make_candidate (ready);
  kernel = ready->candidate->kernel;
  ready->prepared = kernel->prepare (call, ready->candidate, error);
  if (ready->prepared)
    ready->bound = kernel->bind (ready->prepared, &ready->binding, error);
  if (ready->bound)
    return TRUE;
  g_prefix_error (error, "node \"%s\" (%s): ", call->node_name, call->op->name);
  unprepare (ready);
  return FALSE;
}

/* For shapes as they come, or for those of this frame. */
static gboolean
is_prepared (const Ready *ready, gboolean is_same)
{
  if (!ready->is_open)
    return is_same;
  return ready->candidate && ready->candidate->kernel == ready->call->op->open;
}

/* Of a frame. */
typedef struct
{
  Ready *ready;
  DnnLateRun *run;
  const DnnLateStep *step;
} Frame;

static gpointer
provide (guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  const Frame *frame = user_data;
  const DnnCallArg *arg = &frame->ready->call->outputs[idx];

  g_assert (frame->step->dst[idx] != G_MAXUINT);
  return dnn_late_run_provide (
      frame->run, frame->step->dst[idx], arg->type, shape, error);
}

static gboolean
run_open (
    Ready *ready, DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  Frame frame = { ready, run, step };

  return ready->candidate->kernel->run_open (
      ready->prepared, ready->bound, &ready->binding, provide, &frame, error);
}

static gboolean
run_control (
    gpointer state, DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  Ready *ready = choose (state, run, step);
  gboolean is_same = take_inputs (ready, run, step);
  const DnnCall *call = ready->call;

  /* What is open is so for these shapes whatever the values are. */
  if ((!(ready->is_open && is_same) && !find_shapes (ready, error)) ||
      (!is_prepared (ready, is_same) && !prepare (ready, run, error)))
    return FALSE;
  if (ready->is_open)
    return run_open (ready, run, step, error);
  for (guint i = 0; i < step->n_dst; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (step->dst[i] == G_MAXUINT)
      continue;
    ready->binding.dst[i] = dnn_late_run_provide (
        run, step->dst[i], arg->type, &arg->shape, error);
    if (!ready->binding.dst[i])
      return FALSE;
  }
  return ready->candidate->kernel->run (
      ready->prepared, ready->bound, &ready->binding, error);
}

const DnnLateKind dnn_late_control_kind = { create_control, run_control,
  free_control };
