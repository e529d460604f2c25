/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One primitive → candidate, prepared primitive, packed constants, arguments
 * of an instance, one run. Next: the plan in pipeline-core. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-kernel.h"

#include <string.h>

#include "kernels/onednn/dnn-onednn-cost.h"
#include "kernels/onednn/dnn-onednn-packed.h"
#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/op/dnn-once.h"

/* Where an argument's bytes are. */
typedef enum
{
  FROM_SRC,
  FROM_DST,
  FROM_PACKED,
  FROM_SCRATCH,
} Place;

/* An argument that is none of the primitive's: only a format for the plan. */
#define NO_ARG 0

typedef struct
{
  gint arg; /* DNNL_ARG_… */
  Place place;
  guint idx; /* of the call's input or output */
  gsize offset; /* in scratch */
  DnnMd *md; /* NULL with NO_ARG */
  DnnMd *from; /* packed: the constant's own bytes */
  gfloat factor;
  const DnnRecipe *recipe; /* packed: makes the bytes of it; the format's */
  guint pack; /* packed: index among the candidate's */
  DnnFormat *format; /* of the plan, or what is packed; NULL for scratch */
} Arg;

struct _DnnPrimitive
{
  gatomicrefcount ref_count;
  DnnPd *pd;
  GArray *args;
  guint n_packs;
  gsize scratch;
  gboolean has_result;
  gsize result; /* where it is in scratch */
  DnnPrimitiveFinish finish;
  const gchar *suffix; /* static; NULL: none */
  gpointer data; /* of finish */
  GDestroyNotify data_destroy;
  gint residual, in_place; /* inputs or -1 */
  gsize residual_size;
  DnnFormat *residual_format;
  guint n_post_ops;
};

/* Immutable, shared by all instances. */
typedef struct
{
  DnnPrimitive *primitive;
  dnnl_primitive_t handle;
} Prepared;

/* One instance's. */
typedef struct
{
  const DnnBinding *binding;
  dnnl_stream_t stream;
  guint n;
  dnnl_exec_arg_t *args;
  gpointer **slots; /* by argument: where its address stands, */
  gsize *offsets; /* and how far behind that */
  gpointer *handles; /* by argument: the address it has now */
} Bound;

/* ---- building -------------------------------------------------------------
 */

static void
clear_arg (gpointer data)
{
  Arg *arg = data;

  g_clear_pointer (&arg->md, dnn_md_free);
  g_clear_pointer (&arg->from, dnn_md_free);
  g_clear_pointer (&arg->format, dnn_format_unref);
}

DnnPrimitive *
dnn_primitive_new (DnnPd *pd)
{
  DnnPrimitive *self = g_new0 (DnnPrimitive, 1);
  const DnnMd *scratch = dnn_pd_get_md (pd, dnnl_query_scratchpad_md, 0);

  g_atomic_ref_count_init (&self->ref_count);
  self->pd = pd;
  self->residual = self->in_place = -1;
  self->args = g_array_new (FALSE, TRUE, sizeof (Arg));
  g_array_set_clear_func (self->args, clear_arg);
  if (scratch && dnn_md_get_size (scratch) > 0) {
    Arg arg = { .arg = DNNL_ARG_SCRATCHPAD, .place = FROM_SCRATCH };
    arg.md = dnn_md_copy (scratch);
    self->scratch = dnn_md_get_size (scratch);
    g_array_append_val (self->args, arg);
  }
  return self;
}

void
dnn_primitive_unref (DnnPrimitive *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_array_unref (self->args);
  g_clear_pointer (&self->residual_format, dnn_format_unref);
  if (self->data_destroy)
    self->data_destroy (self->data);
  dnn_pd_free (self->pd);
  g_free (self);
}

static void
add_arg (DnnPrimitive *self, gint dnnl_arg, Place place, guint idx,
    const DnnMd *md, const DnnFormat *format)
{
  Arg arg = { .arg = dnnl_arg, .place = place, .idx = idx };

  arg.md = md ? dnn_md_copy (md) : NULL;
  arg.format = format ? dnn_format_ref (format) : NULL;
  g_array_append_val (self->args, arg);
}

void
dnn_primitive_add_src (DnnPrimitive *self, gint arg, guint input,
    const DnnMd *md, const DnnFormat *format)
{
  add_arg (self, arg, FROM_SRC, input, md, format);
}

void
dnn_primitive_add_dst (DnnPrimitive *self, gint arg, guint output,
    const DnnMd *md, const DnnFormat *format)
{
  add_arg (self, arg, FROM_DST, output, md, format);
}

static gsize
round_up (gsize size)
{
  return (size + DNN_ALIGNMENT - 1) & ~(gsize) (DNN_ALIGNMENT - 1);
}

/* @arg becomes one of the candidate's packs. */
static void
add_packed (DnnPrimitive *self, Arg *arg, const DnnMd *from, const DnnMd *to,
    const DnnFormat *plain)
{
  arg->place = FROM_PACKED;
  arg->md = dnn_md_copy (to);
  arg->from = dnn_md_copy (from);
  arg->pack = self->n_packs++;
  arg->format = dnn_onednn_packed_format_new (
      from, to, arg->factor, arg->recipe, plain);
  arg->recipe = dnn_onednn_packed_format_get_recipe (arg->format);
  g_array_append_val (self->args, *arg);
}

void
dnn_primitive_add_constant (DnnPrimitive *self, gint dnnl_arg, guint input,
    const DnnMd *from, const DnnMd *to, gfloat factor, const DnnFormat *plain)
{
  Arg arg = { .arg = dnnl_arg, .idx = input, .factor = factor };

  if (factor == 1.f && dnn_md_equal (from, to)) {
    dnn_primitive_add_src (self, dnnl_arg, input, to, plain);
    return;
  }
  add_packed (self, &arg, from, to, plain);
}

void
dnn_primitive_add_made (DnnPrimitive *self, gint dnnl_arg, guint input,
    const DnnMd *from, const DnnMd *to, const DnnRecipe *recipe,
    const DnnFormat *plain)
{
  Arg arg = { .arg = dnnl_arg, .idx = input, .recipe = recipe, .factor = 1 };

  add_packed (self, &arg, from, to, plain);
}

void
dnn_primitive_add_result (DnnPrimitive *self, gint dnnl_arg, const DnnMd *md)
{
  Arg arg = { .arg = dnnl_arg, .place = FROM_SCRATCH };

  arg.md = dnn_md_copy (md);
  arg.offset = self->result = round_up (self->scratch);
  self->has_result = TRUE;
  self->scratch = self->result + dnn_md_get_size (md);
  g_array_append_val (self->args, arg);
}

void
dnn_primitive_add_plan_src (
    DnnPrimitive *self, guint input, const DnnFormat *format)
{
  add_arg (self, NO_ARG, FROM_SRC, input, NULL, format);
}

void
dnn_primitive_add_plan_dst (
    DnnPrimitive *self, guint output, const DnnFormat *format)
{
  add_arg (self, NO_ARG, FROM_DST, output, NULL, format);
}

void
dnn_primitive_set_finish (DnnPrimitive *self, DnnPrimitiveFinish finish)
{
  self->finish = finish;
}

void
dnn_primitive_set_suffix (DnnPrimitive *self, const gchar *suffix)
{
  self->suffix = suffix;
}

void
dnn_primitive_set_data (
    DnnPrimitive *self, gpointer data, GDestroyNotify destroy)
{
  self->data = data;
  self->data_destroy = destroy;
}

void
dnn_primitive_set_residual (
    DnnPrimitive *self, guint input, const DnnFormat *format)
{
  self->residual = input;
  self->residual_size = dnn_format_get_size (format);
  self->residual_format = dnn_format_ref (format);
}

void
dnn_primitive_set_in_place (DnnPrimitive *self, guint input)
{
  self->in_place = input;
}

void
dnn_primitive_set_n_post_ops (DnnPrimitive *self, guint n_post_ops)
{
  self->n_post_ops = n_post_ops;
}

static const DnnKernel onednn_kernel;

static const gchar *
get_name (const DnnPrimitive *self)
{
  g_autofree gchar *name = NULL;

  if (!self->suffix)
    return dnn_pd_get_impl (self->pd);
  name = g_strconcat (dnn_pd_get_impl (self->pd), self->suffix, NULL);
  return g_intern_string (name);
}

DnnCandidate *
dnn_primitive_to_candidate (
    DnnPrimitive *self, guint n_src, guint n_dst, gdouble cost)
{
  DnnCandidate *candidate = dnn_candidate_new (&onednn_kernel, n_src, n_dst);
  gint shared = self->residual >= 0 ? self->residual : self->in_place;

  for (guint i = 0; i < self->args->len; i++) {
    const Arg *arg = &g_array_index (self->args, Arg, i);
    DnnFormat **slot = NULL;
    if (arg->place == FROM_SRC)
      slot = &candidate->src[arg->idx];
    else if (arg->place == FROM_DST)
      slot = &candidate->dst[arg->idx];
    if (slot && !*slot && arg->format)
      *slot = dnn_format_ref (arg->format);
    if (arg->place == FROM_PACKED)
      dnn_candidate_add_pack (candidate, arg->idx, arg->format);
  }
  if (self->residual >= 0)
    candidate->src[self->residual] = dnn_format_ref (self->residual_format);
  if (shared >= 0) {
    candidate->dst_share[0].kind = DNN_SHARE_MAY;
    candidate->dst_share[0].of = shared;
  }
  candidate->alignment = dnn_onednn_alignment ();
  candidate->scratch = self->scratch;
  candidate->n_post_ops = self->n_post_ops;
  candidate->impl = get_name (self);
  candidate->cost = cost;
  candidate->state = self;
  candidate->state_free = (GDestroyNotify) dnn_primitive_unref;
  return candidate;
}

DnnCandidate *
dnn_primitive_new_reorder (const DnnMd *from, const DnnFormat *src,
    const DnnMd *to, const DnnFormat *dst)
{
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  DnnPd *pd = dnn_pd_new_reorder (from, to, attr);
  DnnPrimitive *self;

  if (!pd)
    return NULL;
  self = dnn_primitive_new (pd);
  dnn_primitive_add_src (self, DNNL_ARG_FROM, 0, from, src);
  dnn_primitive_add_dst (self, DNNL_ARG_TO, 0, to, dst);
  return dnn_primitive_to_candidate (self, 1, 1,
      dnn_cost_of_bytes (dnn_pd_get_impl (pd),
          dnn_md_get_size (from) + dnn_md_get_size (to), 30));
}

/* ---- kernel ----------------------------------------------------------------
 */

static gboolean
set_error (GError **error, const gchar *what, dnnl_status_t status)
{
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s: %s failed, status %d",
      dnn_onednn_version (), what, (gint) status);
  return FALSE;
}

static void
unprepare (gpointer data)
{
  Prepared *prepared = data;

  if (!prepared)
    return;
  if (prepared->handle)
    dnnl_primitive_destroy (prepared->handle);
  dnn_primitive_unref (prepared->primitive);
  g_free (prepared);
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  DnnPrimitive *primitive = candidate->state;
  Prepared *prepared = g_new0 (Prepared, 1);
  dnnl_status_t status;

  g_atomic_ref_count_inc (&primitive->ref_count);
  prepared->primitive = primitive;
  status = dnnl_primitive_create (&prepared->handle, primitive->pd);
  if (status) {
    set_error (error, candidate->impl, status);
    unprepare (prepared);
    return NULL;
  }
  return prepared;
}

/* The bytes that are packed for @arg; NULL: the constant's own. */
static gboolean
make_constant (
    const Arg *arg, gconstpointer constant, gfloat **made, GError **error)
{
  gsize size = dnn_md_get_size (arg->from), n = size / sizeof (gfloat);

  *made = NULL;
  if (!arg->recipe && arg->factor == 1.f)
    return TRUE;
  *made = dnn_alloc_or_fail (size, error);
  if (!*made)
    return FALSE;
  if (arg->recipe) {
    memset (*made, 0, size);
    arg->recipe->fill (arg->recipe->data, constant, *made);
  }
  for (gsize i = 0; !arg->recipe && i < n; i++)
    (*made)[i] = ((const gfloat *) constant)[i] * arg->factor;
  return TRUE;
}

static gboolean
pack_arg (const Arg *arg, gconstpointer constant, gpointer to, GError **error)
{
  g_autoptr (DnnCandidate)
      reorder = dnn_primitive_new_reorder (arg->from, NULL, arg->md, NULL);
  gfloat *made = NULL;
  gboolean ok;

  if (!reorder)
    return set_error (error, "reorder of constants", dnnl_unimplemented);
  ok = make_constant (arg, constant, &made, error) &&
      dnn_candidate_run_once (reorder, made ? made : constant, to, error);
  dnn_free_aligned (made);
  return ok;
}

static gboolean
pack (gpointer data, const DnnCall *call, guint pack_idx,
    gconstpointer constant, gpointer packed, GError **error)
{
  Prepared *prepared = data;
  GArray *args = prepared->primitive->args;

  for (guint i = 0; i < args->len; i++) {
    const Arg *arg = &g_array_index (args, Arg, i);
    if (arg->place == FROM_PACKED && arg->pack == pack_idx)
      return pack_arg (arg, constant, packed, error);
  }
  g_return_val_if_reached (FALSE);
}

static void
release (gpointer prepared, gpointer data)
{
  Bound *bound = data;

  if (!bound)
    return;
  for (guint i = 0; i < bound->n; i++)
    if (bound->args[i].memory)
      dnnl_memory_destroy (bound->args[i].memory);
  if (bound->stream)
    dnnl_stream_destroy (bound->stream);
  g_free (bound->args);
  g_free (bound->slots);
  g_free (bound->offsets);
  g_free (bound->handles);
  g_free (bound);
}

/* Where the address of an argument stands; the binding outlives the bound
 * state. */
static gpointer *
find_slot (const DnnBinding *binding, const Arg *arg)
{
  switch (arg->place) {
    case FROM_SRC:
      return &binding->src[arg->idx];
    case FROM_DST:
      return &binding->dst[arg->idx];
    case FROM_PACKED:
      return &binding->packed[arg->pack];
    case FROM_SCRATCH:
    default:
      return (gpointer *) &binding->scratch;
  }
}

static dnnl_status_t
bind_arg (Bound *bound, const DnnBinding *binding, const Arg *arg)
{
  guint i = bound->n;

  if (arg->arg == NO_ARG)
    return dnnl_success;
  bound->args[i].arg = arg->arg;
  bound->slots[i] = find_slot (binding, arg);
  bound->offsets[i] = arg->offset;
  bound->n++;
  return dnnl_memory_create (
      &bound->args[i].memory, arg->md, dnn_onednn_engine (), DNNL_MEMORY_NONE);
}

/* Memory objects get their addresses in run: setting one may touch the
 * padding, and that belongs to the streaming thread. */
static gpointer
bind (gpointer data, const DnnBinding *binding, GError **error)
{
  Prepared *prepared = data;
  GArray *args = prepared->primitive->args;
  Bound *bound = g_new0 (Bound, 1);
  dnnl_status_t status;

  bound->binding = binding;
  bound->args = g_new0 (dnnl_exec_arg_t, args->len);
  bound->slots = g_new0 (gpointer *, args->len);
  bound->offsets = g_new0 (gsize, args->len);
  bound->handles = g_new0 (gpointer, args->len);
  status = dnnl_stream_create (
      &bound->stream, dnn_onednn_engine (), dnnl_stream_default_flags);
  for (guint i = 0; i < args->len && !status; i++)
    status = bind_arg (bound, binding, &g_array_index (args, Arg, i));
  if (status) {
    set_error (error, "memory object", status);
    release (prepared, bound);
    return NULL;
  }
  return bound;
}

static dnnl_status_t
follow_addresses (Bound *bound)
{
  for (guint i = 0; i < bound->n; i++) {
    gpointer handle = (guint8 *) *bound->slots[i] + bound->offsets[i];
    if (handle != bound->handles[i]) {
      dnnl_status_t status = dnnl_memory_set_data_handle (
          bound->args[i].memory, handle);
      if (status)
        return status;
      bound->handles[i] = handle;
    }
  }
  return dnnl_success;
}

static gboolean
run (gpointer data, gpointer bound_data, const DnnBinding *binding,
    GError **error)
{
  const Prepared *prepared = data;
  const DnnPrimitive *primitive = prepared->primitive;
  Bound *bound = bound_data;
  dnnl_status_t status = follow_addresses (bound);

  if (primitive->residual >= 0 &&
      binding->dst[0] != binding->src[primitive->residual])
    memcpy (binding->dst[0], binding->src[primitive->residual],
        primitive->residual_size);
  if (!status)
    status = dnnl_primitive_execute (
        prepared->handle, bound->stream, bound->n, bound->args);
  if (status)
    return set_error (error, dnn_pd_get_impl (primitive->pd), status);
  if (primitive->finish)
    primitive->finish (primitive->data, binding,
        primitive->has_result ? (guint8 *) binding->scratch + primitive->result
                              : NULL);
  return TRUE;
}

static const DnnKernel onednn_kernel = {
  .name = "oneDNN",
  .prepare = prepare,
  .unprepare = unprepare,
  .pack = pack,
  .bind = bind,
  .run = run,
  .release = release,
};
