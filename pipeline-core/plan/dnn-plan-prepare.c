/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Steps of a segment → prepared kernels and one block of packed weights, both
 * shared by all instances. Next: dnn-instance.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

#include <string.h>

/* One reorder, now: prepare, bind, run, and away. */
static gboolean
run_reorder (const DnnCandidate *candidate, gconstpointer src, gpointer dst,
    GError **error)
{
  const DnnKernel *kernel = candidate->kernel;
  gpointer src_slot = (gpointer) src, dst_slot = dst;
  gpointer prepared = NULL, bound = NULL;
  DnnBinding binding = { &src_slot, &dst_slot, NULL, NULL };
  gboolean ok;

  if (kernel->prepare) {
    prepared = kernel->prepare (NULL, candidate, error);
    if (!prepared)
      return FALSE;
  }
  binding.scratch = dnn_alloc_aligned (MAX (candidate->scratch, 1));
  if (kernel->bind)
    bound = kernel->bind (prepared, &binding, error);
  ok = (!kernel->bind || bound) &&
      kernel->run (prepared, bound, &binding, error);
  if (kernel->release)
    kernel->release (prepared, bound);
  if (kernel->unprepare)
    kernel->unprepare (prepared);
  dnn_free_aligned (binding.scratch);
  return ok;
}

/* A kernel that wants a non-plain format which only exists through plain can't
 * come here: plain is where a constant starts. */
static gboolean
fill_constant (const DnnDraftConstant *constant, gconstpointer bytes,
    gpointer packed, GError **error)
{
  gpointer dst = (guint8 *) packed + constant->offset;
  gsize size = dnn_format_get_size (constant->src);
  g_autoptr (DnnCandidate) candidate = NULL;
  gpointer src;
  gboolean ok;

  if (dnn_format_equal (constant->src, constant->dst)) {
    memcpy (dst, bytes, size);
    return TRUE;
  }
  candidate = dnn_format_reorder (constant->src, constant->dst);
  if (!candidate) {
    g_autofree gchar *wanted = dnn_format_to_string (constant->dst);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "there is no way to reorder a constant to %s", wanted);
    return FALSE;
  }
  src = dnn_alloc_aligned (MAX (size, 1));
  memcpy (src, bytes, size);
  ok = run_reorder (candidate, src, dst, error);
  dnn_free_aligned (src);
  return ok;
}

/* What stands in place of a constant's bytes; @replaced NULL: nothing. */
static gconstpointer
find_bytes (GHashTable *replaced, gconstpointer bytes)
{
  gconstpointer other = replaced ? g_hash_table_lookup (replaced, bytes) : NULL;

  return other ? other : bytes;
}

static gboolean
pack_step (
    const DnnStep *step, GHashTable *replaced, gpointer packed, GError **error)
{
  const DnnCall *call = step->call;
  g_autofree gconstpointer *constants = NULL;

  if (step->candidate->packed == 0 || !step->candidate->kernel->pack || !call)
    return TRUE;
  constants = g_new0 (gconstpointer, MAX (call->n_inputs, 1));
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].is_constant)
      constants[i] = find_bytes (replaced, call->inputs[i].value);
  return step->candidate->kernel->pack (step->prepared, call, constants,
      (guint8 *) packed + step->packed_offset, error);
}

static void
add_place (const DnnStep *step, GError **error)
{
  g_prefix_error (error, "node \"%s\" (%s, %s): ", step->info.node_name,
      step->info.op, step->info.impl);
}

static gboolean
prepare_step (DnnStep *step, GError **error)
{
  const DnnKernel *kernel = step->candidate->kernel;

  if (!kernel->prepare)
    return TRUE;
  step->prepared = kernel->prepare (step->call, step->candidate, error);
  if (!step->prepared)
    add_place (step, error);
  return step->prepared != NULL;
}

gboolean
dnn_segment_pack (const DnnSegment *self, GHashTable *replaced, gpointer packed,
    GError **error)
{
  for (guint i = 0; i < self->constants->len; i++) {
    const DnnDraftConstant *constant = &g_array_index (
        self->constants, DnnDraftConstant, i);
    if (!fill_constant (
            constant, find_bytes (replaced, constant->bytes), packed, error))
      return FALSE;
  }
  for (guint i = 0; i < self->steps->len; i++) {
    const DnnStep *step = self->steps->pdata[i];
    if (pack_step (step, replaced, packed, error))
      continue;
    add_place (step, error);
    return FALSE;
  }
  return TRUE;
}

gboolean
dnn_plan_prepare (DnnDraft *self, DnnSegment *segment, GError **error)
{
  segment->constants = g_array_ref (self->constants);
  if (segment->packed_size > 0)
    segment->packed = dnn_alloc_aligned (segment->packed_size);
  for (guint i = 0; i < segment->steps->len; i++)
    if (!prepare_step (segment->steps->pdata[i], error))
      return FALSE;
  return dnn_segment_pack (segment, NULL, segment->packed, error);
}
