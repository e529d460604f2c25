/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Steps of a segment → prepared kernels, shared by all instances, and packed
 * weights, shared by all in the process. Next: dnn-instance.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/op/dnn-once.h"

#include <string.h>

/* A kernel that wants a non-plain format which only exists through plain can't
 * come here: plain is where a constant starts. */
static gboolean
fill_constant (
    gconstpointer bytes, gpointer block, gpointer data, GError **error)
{
  const DnnDraftConstant *constant = data;
  gsize size = dnn_format_get_size (constant->src);
  g_autoptr (DnnCandidate) candidate = NULL;
  gconstpointer src;
  gpointer copy = NULL;
  gboolean ok;

  if (dnn_format_equal (constant->src, constant->dst)) {
    memcpy (block, bytes, size);
    return TRUE;
  }
  candidate = dnn_format_reorder (constant->src, constant->dst);
  if (!candidate) {
    g_autofree gchar *wanted = dnn_format_to_string (constant->dst);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "There is no way to reorder a constant to %s", wanted);
    return FALSE;
  }
  src = dnn_align_bytes (bytes, size, DNN_PLAN_ALIGN, &copy, error);
  ok = src && dnn_candidate_run_once (candidate, src, block, error);
  dnn_free_aligned (copy);
  return ok;
}

/* One pack of one step. */
typedef struct
{
  const DnnStep *step;
  guint idx;
} PackWork;

static gboolean
fill_pack (gconstpointer bytes, gpointer block, gpointer data, GError **error)
{
  const PackWork *work = data;
  const DnnStep *step = work->step;
  const DnnPack *pack = &step->candidate->packs[work->idx];
  const DnnCallArg *arg = &step->call->inputs[pack->input];
  gsize element = dnn_type_size (arg->type);
  gsize size = (gsize) dnn_shape_n_elements (&arg->shape) * element;
  gpointer copy = NULL;
  gboolean ok;

  /* files align nothing */
  bytes = dnn_align_bytes (bytes, size, element, &copy, error);
  ok = bytes &&
      step->candidate->kernel->pack (
          step->prepared, step->call, work->idx, bytes, block, error);
  dnn_free_aligned (copy);
  return ok;
}

/* Address → DnnTensor of each constant that may lie in a file. */
static GHashTable *
find_tensors (const DnnSegment *self)
{
  const DnnInference *inference = self->inference;
  GHashTable *tensors = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < inference->graph->values->len; i++) {
    DnnTensor *tensor = inference->values[i].tensor;
    if (tensor)
      g_hash_table_insert (
          tensors, (gpointer) dnn_tensor_get_data (tensor), tensor);
  }
  return tensors;
}

/* What was packed is read no more, as a rule. */
static void
release_pages (const DnnSegment *self, gconstpointer bytes)
{
  DnnTensor *tensor = self->tensors ? g_hash_table_lookup (self->tensors, bytes)
                                    : NULL;

  if (tensor)
    dnn_tensor_release_pages (tensor);
}

/* Block @idx into @packed: the segment's own, where @bytes are what it was made
 * of. */
static gboolean
add_block (const DnnSegment *self, GPtrArray *packed, gconstpointer bytes,
    gboolean is_replaced, const DnnFormat *plain, const DnnFormat *to,
    DnnStoreFill fill, gpointer data, GError **error)
{
  guint idx = packed->len;
  DnnBlock *block;

  if (packed != self->packed && !is_replaced)
    block = dnn_block_ref (self->packed->pdata[idx]);
  else
    block = dnn_store_get (
        bytes, dnn_format_get_size (plain), to, fill, data, error);
  if (!block)
    return FALSE;
  g_ptr_array_add (packed, block);
  release_pages (self, bytes);
  return TRUE;
}

/* What stands in place of a constant's bytes; @replaced NULL: nothing. */
static gconstpointer
find_bytes (GHashTable *replaced, gconstpointer bytes)
{
  gconstpointer other = replaced ? g_hash_table_lookup (replaced, bytes) : NULL;

  return other ? other : bytes;
}

static gboolean
pack_constant (const DnnSegment *self, guint idx, GHashTable *replaced,
    GPtrArray *packed, GError **error)
{
  DnnDraftConstant *constant = &g_array_index (
      self->constants, DnnDraftConstant, idx);
  gconstpointer bytes = find_bytes (replaced, constant->bytes);

  return add_block (self, packed, bytes, bytes != constant->bytes,
      constant->src, constant->dst, fill_constant, constant, error);
}

static gboolean
pack_step (const DnnSegment *self, const DnnStep *step, GHashTable *replaced,
    GPtrArray *packed, GError **error)
{
  const DnnCandidate *candidate = step->candidate;

  for (guint i = 0; i < candidate->n_packs; i++) {
    const DnnPack *pack = &candidate->packs[i];
    const DnnCallArg *arg = &step->call->inputs[pack->input];
    gconstpointer bytes = find_bytes (replaced, arg->value);
    g_autoptr (DnnFormat) plain = dnn_format_new_plain (arg->type, &arg->shape);
    PackWork work = { step, i };
    if (!add_block (self, packed, bytes, bytes != arg->value, plain, pack->to,
            fill_pack, &work, error))
      return FALSE;
  }
  return TRUE;
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
dnn_segment_pack (const DnnSegment *self, GHashTable *replaced,
    GPtrArray *packed, GError **error)
{
  for (guint i = 0; i < self->constants->len; i++)
    if (!pack_constant (self, i, replaced, packed, error))
      return FALSE;
  for (guint i = 0; i < self->steps->len; i++) {
    const DnnStep *step = self->steps->pdata[i];
    if (pack_step (self, step, replaced, packed, error))
      continue;
    add_place (step, error);
    return FALSE;
  }
  return TRUE;
}

gboolean
dnn_plan_prepare (DnnDraft *self, DnnSegment *segment, GError **error)
{
  g_autoptr (GHashTable) tensors = NULL;
  gboolean ok;

  segment->constants = g_array_ref (self->constants);
  segment->packed = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_block_unref);
  for (guint i = 0; i < segment->steps->len; i++)
    if (!prepare_step (segment->steps->pdata[i], error))
      return FALSE;
  tensors = find_tensors (segment);
  segment->tensors = tensors;
  ok = dnn_segment_pack (segment, NULL, segment->packed, error);
  segment->tensors = NULL;
  return ok;
}
