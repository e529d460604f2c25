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

/* All blocks of a segment. */
typedef struct
{
  const DnnSegment *segment;
  GHashTable *replaced; /* (nullable) */
  GPtrArray *packed; /* DnnBlock *, so far */
  gpointer copy; /* of a constant that lies in a file; as long as any so far */
  gsize copy_size;
} Packing;

/* The bytes of a constant that lies in a file of the user's are taken out of it
 * once: what was hashed is what is packed then, and the file may be cut. */
static gconstpointer
take_bytes (Packing *self, const DnnTensor *tensor, GError **error)
{
  gsize size = dnn_tensor_get_size (tensor);

  if (size > self->copy_size) {
    dnn_free_aligned (self->copy);
    self->copy = dnn_alloc_or_fail (size, error);
    self->copy_size = self->copy ? size : 0;
  }
  return self->copy && dnn_tensor_copy_bytes (tensor, self->copy, error)
      ? self->copy
      : NULL;
}

/* @tensor: (nullable): the one that has @bytes, where that may lie in a file */
static DnnBlock *
make_block (Packing *self, const DnnTensor *tensor, gconstpointer bytes,
    gsize size, const DnnFormat *to, DnnStoreFill fill, gpointer data,
    GError **error)
{
  DnnBlock *block;

  if (tensor && dnn_tensor_may_change (tensor))
    bytes = take_bytes (self, tensor, error);
  block = bytes ? dnn_store_get (bytes, size, to, fill, data, error) : NULL;
  /* what was packed is read no more, as a rule */
  if (tensor)
    dnn_tensor_release_pages (tensor);
  return block;
}

/* The block of @bytes, or of what stands in their place; the segment's own,
 * where there is one already and nothing does. */
static gboolean
add_block (Packing *self, gconstpointer bytes, const DnnFormat *plain,
    const DnnFormat *to, DnnStoreFill fill, gpointer data, GError **error)
{
  const DnnSegment *segment = self->segment;
  const DnnTensor *other = self->replaced
      ? g_hash_table_lookup (self->replaced, bytes)
      : NULL;
  gsize size = dnn_format_get_size (plain);
  DnnBlock *block;

  if (other)
    block = make_block (
        self, other, dnn_tensor_get_data (other), size, to, fill, data, error);
  else if (self->replaced)
    block = dnn_block_ref (segment->packed->pdata[self->packed->len]);
  else
    block = make_block (self,
        dnn_inference_find_tensor (segment->inference, bytes), bytes, size, to,
        fill, data, error);
  if (!block)
    return FALSE;
  g_ptr_array_add (self->packed, block);
  return TRUE;
}

static gboolean
pack_constant (Packing *self, DnnDraftConstant *constant, GError **error)
{
  return add_block (self, constant->bytes, constant->src, constant->dst,
      fill_constant, constant, error);
}

static gboolean
pack_step (Packing *self, const DnnStep *step, GError **error)
{
  const DnnCandidate *candidate = step->candidate;

  for (guint i = 0; i < candidate->n_packs; i++) {
    const DnnPack *pack = &candidate->packs[i];
    const DnnCallArg *arg = &step->call->inputs[pack->input];
    g_autoptr (DnnFormat) plain = dnn_format_new_plain (arg->type, &arg->shape);
    PackWork work = { step, i };
    if (!add_block (self, arg->value, plain, pack->to, fill_pack, &work, error))
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

static gboolean
pack_all (Packing *self, GError **error)
{
  const DnnSegment *segment = self->segment;

  for (guint i = 0; i < segment->constants->len; i++)
    if (!pack_constant (self,
            &g_array_index (segment->constants, DnnDraftConstant, i), error))
      return FALSE;
  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    if (pack_step (self, step, error))
      continue;
    add_place (step, error);
    return FALSE;
  }
  return TRUE;
}

gboolean
dnn_segment_pack (const DnnSegment *self, GHashTable *replaced,
    GPtrArray *packed, GError **error)
{
  Packing packing = { self, replaced, packed, NULL, 0 };
  gboolean ok = pack_all (&packing, error);

  dnn_free_aligned (packing.copy);
  return ok;
}

gboolean
dnn_plan_prepare (DnnDraft *self, DnnSegment *segment, GError **error)
{
  segment->constants = g_array_ref (self->constants);
  segment->packed = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_block_unref);
  for (guint i = 0; i < segment->steps->len; i++)
    if (!prepare_step (segment->steps->pdata[i], error))
      return FALSE;
  return dnn_segment_pack (segment, NULL, segment->packed, error);
}
