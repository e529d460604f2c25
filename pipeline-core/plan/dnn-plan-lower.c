/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Chosen options → steps in order, and the buffers they read and write. A
 * value that is wanted in another format is reordered once, before its first
 * reader. Next: dnn-plan-share.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

#include <string.h>

#include "pipeline-core/base/dnn-tensor-private.h"

/* While lowering. */
typedef struct
{
  DnnDraft *draft;
  GArray **of_value; /* by value: guint, buffer of each of its formats */
} Lowering;

/* ---- copies ------------------------------------------------------------- */

static gpointer
prepare_copy (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) candidate;
}

static gboolean
run_copy (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCandidate *candidate = prepared;

  memcpy (binding->dst[0], binding->src[0],
      dnn_format_get_size (candidate->dst[0]));
  return TRUE;
}

static const DnnKernel copy_kernel = {
  .name = "copy",
  .prepare = prepare_copy,
  .run = run_copy,
};

/* ---- buffers ------------------------------------------------------------ */

DnnBuffer *
dnn_draft_buffer (DnnDraft *self, guint idx)
{
  return &g_array_index (self->buffers, DnnBuffer, idx);
}

guint
dnn_draft_add_buffer (DnnDraft *self, DnnBaseKind base, gsize size)
{
  guint idx = self->buffers->len;
  DnnBuffer buffer = {
    .size = size,
    .place.base = base,
    .root = idx,
    .next = DNN_NONE,
    .tail = idx,
  };

  g_array_append_val (self->buffers, buffer);
  return idx;
}

static guint
add_bytes_buffer (DnnDraft *self, gconstpointer bytes, gsize size)
{
  guint idx = dnn_draft_add_buffer (self, DNN_BASE_BYTES, size);

  dnn_draft_buffer (self, idx)->place.bytes = bytes;
  return idx;
}

/* What each frame reads must stay what it is. */
static gboolean
is_settled (const DnnDraft *self, gconstpointer bytes)
{
  const DnnTensor *tensor = dnn_inference_find_tensor (self->inference, bytes);

  return GPOINTER_TO_SIZE (bytes) % DNN_PLAN_ALIGN == 0 &&
      (!tensor || !dnn_tensor_may_change (tensor));
}

/* The buffer of a constant in @format: its own bytes where they are plain,
 * aligned and not in a file that may change, else a place in the packed block,
 * filled while preparing. */
static guint
get_constant (DnnDraft *self, const DnnCallArg *arg, const DnnFormat *format)
{
  g_autoptr (DnnFormat) plain = dnn_format_new_plain (arg->type, &arg->shape);
  gsize size = dnn_format_get_size (format);
  DnnDraftConstant constant = { 0 };

  if (dnn_format_equal (plain, format) && is_settled (self, arg->value))
    return add_bytes_buffer (self, arg->value, size);
  for (guint i = 0; i < self->constants->len; i++) {
    const DnnDraftConstant *other = &g_array_index (
        self->constants, DnnDraftConstant, i);
    if (other->bytes == arg->value && dnn_format_equal (other->dst, format))
      return other->buffer;
  }
  constant.bytes = arg->value;
  constant.src = g_steal_pointer (&plain);
  constant.dst = dnn_format_ref (format);
  constant.buffer = dnn_draft_add_buffer (self, DNN_BASE_PACKED, size);
  g_array_append_val (self->constants, constant);
  return constant.buffer;
}

/* ---- steps -------------------------------------------------------------- */

static void
add_label (GString *text, const DnnFormat *format)
{
  g_autofree gchar *label = dnn_format_to_string (format);

  g_string_append_printf (text, "%s%s", text->len ? ", " : "", label);
}

static gchar *
print_formats (const DnnCandidate *candidate)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GString) dst = g_string_new (NULL);

  for (guint i = 0; i < candidate->n_src; i++)
    if (candidate->src[i])
      add_label (text, candidate->src[i]);
  for (guint i = 0; i < candidate->n_dst; i++)
    if (candidate->dst[i])
      add_label (dst, candidate->dst[i]);
  g_string_append_printf (text, " → %s", dst->str);
  return g_string_free (text, FALSE);
}

/* Takes @candidate; the caller fills src and dst. */
static DnnDraftStep *
add_step (DnnDraft *self, const DnnCall *call, const gchar *name,
    const gchar *op, DnnCandidate *candidate)
{
  DnnDraftStep *draft = g_new0 (DnnDraftStep, 1);
  DnnStep *step = draft->step = g_new0 (DnnStep, 1);

  step->call = call;
  step->candidate = candidate;
  step->src = g_new0 (DnnPlace, MAX (candidate->n_src, 1));
  step->dst = g_new0 (DnnPlace, MAX (candidate->n_dst, 1));
  step->info.node_name = name;
  step->info.op = op;
  step->info.impl = candidate->impl;
  step->info.cost = candidate->cost;
  step->info.is_measured = candidate->is_measured;
  step->info.text = print_formats (candidate);
  draft->src = g_new0 (guint, MAX (candidate->n_src, 1));
  draft->dst = g_new0 (guint, MAX (candidate->n_dst, 1));
  memset (draft->src, 0xff, candidate->n_src * sizeof (guint));
  memset (draft->dst, 0xff, candidate->n_dst * sizeof (guint));
  g_ptr_array_add (self->steps, draft);
  return draft;
}

static void
set_step_src (DnnDraft *self, DnnDraftStep *step, guint slot, guint buffer)
{
  step->src[slot] = buffer;
  dnn_draft_buffer (self, buffer)->last = self->steps->len - 1;
}

static guint
set_step_dst (DnnDraft *self, DnnDraftStep *step, guint slot)
{
  gsize size = dnn_format_get_size (step->step->candidate->dst[slot]);
  guint buffer = dnn_draft_add_buffer (self, DNN_BASE_ARENA, size);

  step->dst[slot] = buffer;
  dnn_draft_buffer (self, buffer)->first = self->steps->len - 1;
  dnn_draft_buffer (self, buffer)->last = self->steps->len - 1;
  return buffer;
}

void
dnn_draft_add_copy (
    DnnDraft *self, guint src, guint output_idx, const DnnFormat *format)
{
  DnnCandidate *candidate = dnn_candidate_new (&copy_kernel, 1, 1);
  DnnDraftStep *step;
  guint dst;

  candidate->src[0] = dnn_format_ref (format);
  candidate->dst[0] = dnn_format_ref (format);
  candidate->cost = (gdouble) dnn_format_get_size (format) / 8;
  step = add_step (self, NULL, "", "copy", candidate);
  set_step_src (self, step, 0, src);
  dst = set_step_dst (self, step, 0);
  dnn_draft_buffer (self, dst)->place = (DnnPlace){
    .base = DNN_BASE_OUTPUT,
    .index = output_idx,
  };
}

/* Steps from one format to another, through plain where need be. */
static gboolean
add_reorder (DnnDraft *self, guint src, const DnnFormat *from,
    const DnnFormat *to, guint *dst, GError **error)
{
  DnnCandidate *candidate = dnn_format_reorder (from, to);
  DnnDraftStep *step;

  if (!candidate && !dnn_format_is_plain (from) && !dnn_format_is_plain (to)) {
    g_autoptr (DnnFormat)
        plain = dnn_format_new_plain (from->type, &from->shape);
    guint middle;
    return add_reorder (self, src, from, plain, &middle, error) &&
        add_reorder (self, middle, plain, to, dst, error);
  }
  if (!candidate) {
    g_autofree gchar *a = dnn_format_to_string (from);
    g_autofree gchar *b = dnn_format_to_string (to);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "There is no way to reorder %s to %s", a, b);
    return FALSE;
  }
  dnn_draft_price_reorder (self, candidate);
  step = add_step (self, NULL, "", "reorder", candidate);
  set_step_src (self, step, 0, src);
  *dst = set_step_dst (self, step, 0);
  return TRUE;
}

/* The buffer that has a value in one of its formats. */
static gboolean
get_value (Lowering *self, guint value_idx, guint format_idx, guint *buffer,
    GError **error)
{
  DnnDraft *draft = self->draft;
  const DnnDraftValue *value = &draft->values[value_idx];
  GArray *buffers = self->of_value[value_idx];
  guint produced = 0;

  *buffer = g_array_index (buffers, guint, format_idx);
  if (*buffer != DNN_NONE)
    return TRUE;
  if (value->producer != DNN_NONE) {
    const DnnDraftNode *node = draft->nodes->pdata[value->producer];
    const DnnOption *option = node->options->pdata[node->chosen];
    produced = option->dst[value->producer_slot];
  }
  if (!add_reorder (draft, g_array_index (buffers, guint, produced),
          value->formats->pdata[produced], value->formats->pdata[format_idx],
          buffer, error))
    return FALSE;
  g_array_index (buffers, guint, format_idx) = *buffer;
  return TRUE;
}

/* ---- nodes -------------------------------------------------------------- */

/* Buffer of node input @idx in @format, DNN_NONE where it isn't read. */
static gboolean
find_input (Lowering *self, const DnnDraftNode *node, guint idx,
    const DnnFormat *format, guint *buffer, GError **error)
{
  guint format_idx;

  *buffer = DNN_NONE;
  if (!format)
    return TRUE;
  if (node->src[idx] == DNN_NONE) {
    if (node->call->inputs[idx].present)
      *buffer = get_constant (self->draft, &node->call->inputs[idx], format);
    return TRUE;
  }
  format_idx = dnn_draft_add_format (self->draft, node->src[idx], format);
  return get_value (self, node->src[idx], format_idx, buffer, error);
}

static gboolean
lower_first (Lowering *self, const DnnDraftNode *node, DnnOption *option,
    guint *result, GError **error)
{
  DnnDraft *draft = self->draft;
  const DnnCandidate *first = option->first;
  g_autofree guint *src = g_new0 (guint, MAX (first->n_src, 1));
  DnnDraftStep *step;

  for (guint i = 0; i < first->n_src; i++)
    if (!find_input (self, node, i, first->src[i], &src[i], error))
      return FALSE;
  step = add_step (draft, node->call, node->node->name, node->call->op->name,
      g_steal_pointer (&option->first));
  for (guint i = 0; i < first->n_src; i++)
    if (src[i] != DNN_NONE)
      set_step_src (draft, step, i, src[i]);
  for (guint i = 0; i < first->n_dst; i++) {
    guint buffer;
    if (!first->dst[i])
      continue;
    buffer = set_step_dst (draft, step, i);
    if (i == 0)
      *result = buffer;
    if (node->dst[i] != DNN_NONE && (i > 0 || option->rest->len == 0))
      g_array_index (
          self->of_value[node->dst[i]], guint, option->dst[i]) = buffer;
  }
  return TRUE;
}

/* One post-op as a step of its own: reads *@buffer in *@format, leaves there
 * what it makes. */
static gboolean
lower_post_op (Lowering *self, const DnnDraftNode *node,
    const DnnCallPostOp *post_op, DnnCandidate *candidate, guint *buffer,
    DnnFormat **format, GError **error)
{
  DnnDraft *draft = self->draft;
  const DnnCall *inner = post_op->call;
  g_autoptr (DnnCandidate) owned = candidate;
  g_autofree guint *src = g_new0 (guint, candidate->n_src);
  DnnDraftStep *step;

  if (!dnn_format_equal (*format, candidate->src[0]) &&
      !add_reorder (draft, *buffer, *format, candidate->src[0], buffer, error))
    return FALSE;
  src[0] = *buffer;
  for (guint i = 1; i < candidate->n_src; i++) {
    const DnnFormat *wanted = candidate->src[i];
    src[i] = DNN_NONE;
    if (!wanted)
      continue;
    if (post_op->input >= 0 && i == post_op->operand_slot) {
      if (!find_input (
              self, node, (guint) post_op->input, wanted, &src[i], error))
        return FALSE;
    } else if (inner->inputs[i].present && inner->inputs[i].value) {
      src[i] = get_constant (draft, &inner->inputs[i], wanted);
    }
  }
  step = add_step (draft, inner, node->node->name, inner->op->name,
      g_steal_pointer (&owned));
  for (guint i = 0; i < candidate->n_src; i++)
    if (src[i] != DNN_NONE)
      set_step_src (draft, step, i, src[i]);
  *buffer = set_step_dst (draft, step, 0);
  *format = candidate->dst[0];
  return TRUE;
}

static gboolean
lower_node (Lowering *self, DnnDraftNode *node, GError **error)
{
  DnnOption *option = node->options->pdata[node->chosen];
  guint n_taken = option->first->n_post_ops;
  DnnFormat *format = option->first->dst[0];
  guint buffer = DNN_NONE;

  if (!lower_first (self, node, option, &buffer, error))
    return FALSE;
  if (option->rest->len == 0)
    return TRUE;
  for (guint i = 0; i < option->rest->len; i++)
    if (!lower_post_op (self, node, &node->call->post_ops[n_taken + i],
            g_steal_pointer (&option->rest->pdata[i]), &buffer, &format, error))
      return FALSE;
  if (node->dst[0] != DNN_NONE)
    g_array_index (
        self->of_value[node->dst[0]], guint, option->dst[0]) = buffer;
  return TRUE;
}

/* ---- ends --------------------------------------------------------------- */

static void
lower_inputs (Lowering *self)
{
  DnnDraft *draft = self->draft;

  for (guint i = 0; i < draft->graph->inputs->len; i++) {
    guint value_idx = dnn_inference_index (
        draft->inference, draft->graph->inputs->pdata[i]);
    const DnnDraftValue *value = &draft->values[value_idx];
    guint buffer = dnn_draft_add_buffer (
        draft, DNN_BASE_INPUT, dnn_format_get_size (value->formats->pdata[0]));
    dnn_draft_buffer (draft, buffer)->place.index = i;
    g_array_index (self->of_value[value_idx], guint, 0) = buffer;
  }
}

/* A module output that is the same for every frame. */
static guint
add_constant_output (DnnDraft *self, guint value_idx)
{
  const DnnInferredValue *known = &self->inference->values[value_idx];
  const DnnCallArg arg = { .present = TRUE,
    .type = known->type,
    .shape = known->shape,
    .value = dnn_tensor_get_data (known->tensor) };
  g_autoptr (DnnFormat) plain = dnn_format_new_plain (arg.type, &arg.shape);

  return get_constant (self, &arg, plain);
}

static gboolean
lower_outputs (Lowering *self, GError **error)
{
  DnnDraft *draft = self->draft;
  GPtrArray *outputs = draft->graph->outputs;

  for (guint i = 0; i < outputs->len; i++) {
    guint value_idx = dnn_inference_index (draft->inference, outputs->pdata[i]);
    guint *buffer = &draft->output_buffers[i];
    if (draft->inference->values[value_idx].tensor)
      *buffer = add_constant_output (draft, value_idx);
    else if (!get_value (self, value_idx, 0, buffer, error))
      return FALSE;
  }
  for (guint i = 0; i < outputs->len; i++)
    dnn_draft_buffer (draft, draft->output_buffers[i])->last =
        draft->steps->len;
  return TRUE;
}

static void
create_buffer_lists (Lowering *self)
{
  self->of_value = g_new0 (GArray *, MAX (self->draft->n_values, 1));
  for (guint i = 0; i < self->draft->n_values; i++) {
    guint n = self->draft->values[i].formats->len;
    self->of_value[i] = g_array_sized_new (FALSE, FALSE, sizeof (guint), n);
    for (guint j = 0; j < n; j++) {
      guint none = DNN_NONE;
      g_array_append_val (self->of_value[i], none);
    }
  }
}

gboolean
dnn_plan_lower (DnnDraft *self, GError **error)
{
  Lowering lowering = { self, NULL };
  gboolean ok = TRUE;

  create_buffer_lists (&lowering);
  lower_inputs (&lowering);
  for (guint i = 0; i < self->nodes->len && ok; i++)
    ok = lower_node (&lowering, self->nodes->pdata[i], error);
  ok = ok && lower_outputs (&lowering, error);
  for (guint i = 0; i < self->n_values; i++)
    g_array_unref (lowering.of_value[i]);
  g_free (lowering.of_value);
  return ok;
}
