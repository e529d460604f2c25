/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What runs once: a call by its ref, a reorder; see dnn-once.h. */
#include "config.h"

#include "pipeline-core/op/dnn-once.h"

#include "pipeline-core/base/dnn-tensor-private.h"

/* ---- a call ------------------------------------------------------------- */

/* @src by input as ref wants it; what had to be moved is in @copies. */
static gboolean
align_inputs (const DnnCall *call, gconstpointer const *given,
    gconstpointer *src, gpointer *copies, GError **error)
{
  for (guint i = 0; i < call->n_inputs; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    if (!given[i])
      continue;
    src[i] = dnn_align_bytes (given[i],
        (gsize) dnn_shape_n_elements (&arg->shape) * dnn_type_size (arg->type),
        DNN_ALIGNMENT, &copies[i], error);
    if (!src[i])
      return FALSE;
  }
  return TRUE;
}

/* ref finds in @scratch what count leaves there. */
static gboolean
leave_counted (const DnnCall *call, gconstpointer const *src, gpointer scratch,
    GError **error)
{
  DnnShape shapes[DNN_MAX_CALL_OUTPUTS];

  if (!call->op->count)
    return TRUE;
  for (guint i = 0; i < call->n_outputs; i++)
    shapes[i] = call->outputs[i].shape;
  return call->op->count (call, src, scratch, shapes, error);
}

gboolean
dnn_call_count_once (DnnCall *call, gconstpointer const *src, GError **error)
{
  guint n = MAX (call->n_inputs, 1);
  g_autofree gconstpointer *aligned = g_new0 (gconstpointer, n);
  g_autofree gpointer *copies = g_new0 (gpointer, n);
  gpointer scratch = dnn_alloc_or_fail (call->ref_scratch, error);
  gboolean ok = scratch && align_inputs (call, src, aligned, copies, error) &&
      dnn_call_count (call, aligned, scratch, error);

  for (guint i = 0; i < call->n_inputs; i++)
    dnn_free_aligned (copies[i]);
  dnn_free_aligned (scratch);
  return ok;
}

gboolean
dnn_call_compute (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, GError **error)
{
  guint n = MAX (call->n_inputs, 1);
  g_autofree gconstpointer *aligned = g_new0 (gconstpointer, n);
  g_autofree gpointer *copies = g_new0 (gpointer, n);
  gpointer scratch = dnn_alloc_or_fail (call->ref_scratch, error);
  gboolean ok = scratch &&
      (call->op->ref_shapes_only ||
          align_inputs (call, src, aligned, copies, error)) &&
      leave_counted (call, aligned, scratch, error) &&
      dnn_call_run_ref (call, aligned, dst, scratch, error);

  for (guint i = 0; i < call->n_inputs; i++)
    dnn_free_aligned (copies[i]);
  dnn_free_aligned (scratch);
  return ok;
}

/* ---- a reorder ---------------------------------------------------------- */

static gboolean
run_bound (const DnnKernel *kernel, gpointer prepared, DnnBinding *binding,
    GError **error)
{
  gpointer bound = NULL;
  gboolean ok;

  if (kernel->bind)
    bound = kernel->bind (prepared, binding, error);
  ok = (!kernel->bind || bound) &&
      kernel->run (prepared, bound, binding, error);
  if (kernel->release)
    kernel->release (prepared, bound);
  return ok;
}

static gboolean
run_prepared (const DnnCandidate *self, DnnBinding *binding, GError **error)
{
  const DnnKernel *kernel = self->kernel;
  gpointer prepared = NULL;
  gboolean ok;

  if (kernel->prepare) {
    prepared = kernel->prepare (NULL, self, error);
    if (!prepared)
      return FALSE;
  }
  ok = run_bound (kernel, prepared, binding, error);
  if (kernel->unprepare)
    kernel->unprepare (prepared);
  return ok;
}

gboolean
dnn_candidate_run_once (
    const DnnCandidate *self, gconstpointer src, gpointer dst, GError **error)
{
  gpointer src_slot = (gpointer) src, dst_slot = dst;
  DnnBinding binding = { &src_slot, &dst_slot, NULL, NULL, NULL };
  gboolean ok;

  binding.scratch = dnn_alloc_or_fail (self->scratch, error);
  ok = binding.scratch && run_prepared (self, &binding, error);
  dnn_free_aligned (binding.scratch);
  return ok;
}
