/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Candidates → times. Next: dnn-plan-tune.c. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-measure.h"

#include <string.h>
#include <time.h>

#include "pipeline-core/base/dnn-pages.h"
#include "pipeline-core/base/dnn-workspace.h"

#define N_ROUNDS 5
/* After two rounds, what is slower than the best by this gives up. */
#define GIVE_UP 1.3
/* Equal pieces of work whose times are compared, and how far they may lie
 * apart. */
#define N_QUIET 5
#define QUIET_SPREAD 1.05
#define QUIET_WORK 200000

/* One candidate at work. */
typedef struct
{
  DnnTuneItem *item;
  gpointer prepared, bound;
  DnnBinding binding;
  gdouble best; /* ns, 0 before the first round */
  gboolean is_out;
} Entry;

/* What all candidates of the call share: they run one after the other. */
typedef struct
{
  const DnnCall *call;
  gpointer *src, *dst;
  gsize *src_size;
  gpointer scratch;
  DnnWorkspace *workspace;
  Entry *entries;
  guint n;
} Group;

static guint64
read_clock (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000u + (guint64) now.tv_nsec;
}

/* ---- memory ------------------------------------------------------------- */

/* Out of all caches: the next reader fetches them from memory, as weights are
 * that the other layers of a network have pushed out. */
static void
flush (gconstpointer memory, gsize size)
{
#if defined(__x86_64__) || defined(__i386__)
  for (gsize i = 0; i < size; i += 64)
    __builtin_ia32_clflush ((const guint8 *) memory + i);
  __builtin_ia32_mfence ();
#else
  static guint8 other[8 << 20];
  if (size > 0)
    memset (other, (gint) (GPOINTER_TO_SIZE (memory) >> 6) & 1, sizeof other);
#endif
}

/* Small numbers; as integers zeros, which may be indices. */
static void
fill (DnnType type, gpointer memory, gsize size)
{
  gboolean is_float = (DNN_TYPE_BIT (type) & DNN_TYPES_FLOAT) != 0;

  memset (memory, is_float ? 0x3c : 0, size);
}

/* Of the format that takes most; a constant's own bytes where they are known.
 * FALSE: there is no memory for it; so the others. */
static gboolean
make_input (Group *self, guint idx)
{
  const DnnCallArg *arg = &self->call->inputs[idx];
  gsize size = 0, plain;

  for (guint i = 0; i < self->n; i++) {
    const DnnFormat *format = self->entries[i].item->candidate->src[idx];
    if (format)
      size = MAX (size, dnn_format_get_size (format));
  }
  if (size == 0)
    return TRUE;
  self->src[idx] = dnn_try_alloc_aligned (size);
  if (!self->src[idx])
    return FALSE;
  self->src_size[idx] = size;
  fill (arg->type, self->src[idx], size);
  plain = (gsize) dnn_shape_n_elements (&arg->shape) *
      dnn_type_size (arg->type);
  if (arg->is_constant && arg->value)
    dnn_pages_copy (self->src[idx], arg->value, MIN (plain, size));
  return TRUE;
}

static gboolean
make_output (Group *self, guint idx)
{
  gsize size = 0;

  for (guint i = 0; i < self->n; i++) {
    const DnnFormat *format = self->entries[i].item->candidate->dst[idx];
    if (format)
      size = MAX (size, dnn_format_get_size (format));
  }
  if (size == 0)
    return TRUE;
  self->dst[idx] = dnn_try_alloc_aligned (size);
  if (self->dst[idx])
    memset (self->dst[idx], 0, size);
  return self->dst[idx] != NULL;
}

static gboolean
make_memory (Group *self)
{
  gsize scratch = 1;
  gboolean ok = TRUE;

  self->src = g_new0 (gpointer, MAX (self->call->n_inputs, 1));
  self->src_size = g_new0 (gsize, MAX (self->call->n_inputs, 1));
  self->dst = g_new0 (gpointer, MAX (self->call->n_outputs, 1));
  self->workspace = dnn_workspace_new (1);
  for (guint i = 0; i < self->call->n_inputs && ok; i++)
    ok = make_input (self, i);
  for (guint i = 0; i < self->call->n_outputs && ok; i++)
    ok = make_output (self, i);
  for (guint i = 0; i < self->n; i++)
    scratch = MAX (scratch, self->entries[i].item->candidate->scratch);
  if (ok)
    self->scratch = dnn_try_alloc_aligned (scratch);
  return self->scratch != NULL;
}

static void
clear_group (Group *self)
{
  for (guint i = 0; i < self->n; i++) {
    Entry *entry = &self->entries[i];
    const DnnKernel *kernel = entry->item->candidate->kernel;
    if (kernel->release)
      kernel->release (entry->prepared, entry->bound);
    if (kernel->unprepare && entry->prepared)
      kernel->unprepare (entry->prepared);
    for (guint j = 0; j < entry->item->candidate->n_packs; j++)
      if (entry->binding.packed)
        dnn_free_aligned (entry->binding.packed[j]);
    g_free (entry->binding.packed);
    g_free (entry->binding.src);
    g_free (entry->binding.dst);
  }
  for (guint i = 0; i < self->call->n_inputs; i++)
    dnn_free_aligned (self->src[i]);
  for (guint i = 0; i < self->call->n_outputs; i++)
    dnn_free_aligned (self->dst[i]);
  g_free (self->src);
  g_free (self->src_size);
  g_free (self->dst);
  dnn_free_aligned (self->scratch);
  dnn_workspace_free (self->workspace);
  g_free (self->entries);
}

/* ---- one candidate ------------------------------------------------------ */

/* In place where it may, as the plan would have it. */
static void
set_addresses (Group *self, Entry *entry)
{
  const DnnCandidate *candidate = entry->item->candidate;
  DnnBinding *binding = &entry->binding;

  binding->src = g_new0 (gpointer, MAX (candidate->n_src, 1));
  binding->dst = g_new0 (gpointer, MAX (candidate->n_dst, 1));
  for (guint i = 0; i < candidate->n_src; i++)
    binding->src[i] = candidate->src[i] ? self->src[i] : NULL;
  for (guint i = 0; i < candidate->n_dst; i++) {
    const DnnShare *share = &candidate->dst_share[i];
    if (!candidate->dst[i])
      continue;
    binding->dst[i] = self->dst[i];
    if (share->kind == DNN_SHARE_MAY && candidate->src[share->of] &&
        dnn_format_get_size (candidate->dst[i]) <= self->src_size[share->of])
      binding->dst[i] = self->src[share->of];
  }
  binding->scratch = self->scratch;
  binding->workspace = self->workspace;
}

/* With other numbers it would run as long; other types may be indices. */
static gboolean
pack_all (Entry *entry)
{
  const DnnCandidate *candidate = entry->item->candidate;
  const DnnCall *call = entry->item->call;

  entry->binding.packed = g_new0 (gpointer, MAX (candidate->n_packs, 1));
  for (guint i = 0; i < candidate->n_packs; i++) {
    const DnnPack *pack = &candidate->packs[i];
    gsize size = dnn_format_get_size (pack->to);
    gpointer block = dnn_try_alloc_aligned (MAX (size, 1));
    entry->binding.packed[i] = block;
    if (!block)
      return FALSE;
    if (DNN_TYPE_BIT (pack->to->type) & DNN_TYPES_FLOAT)
      fill (pack->to->type, block, size);
    else if (!candidate->kernel->pack (entry->prepared, call, i,
                 call->inputs[pack->input].value, block, NULL))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run (const Entry *entry)
{
  return entry->item->candidate->kernel->run (
      entry->prepared, entry->bound, &entry->binding, NULL);
}

/* FALSE: it can't run here. */
static gboolean
start (Group *self, Entry *entry)
{
  const DnnCandidate *candidate = entry->item->candidate;
  const DnnKernel *kernel = candidate->kernel;

  set_addresses (self, entry);
  if (kernel->prepare) {
    entry->prepared = kernel->prepare (entry->item->call, candidate, NULL);
    if (!entry->prepared)
      return FALSE;
  }
  if (!pack_all (entry))
    return FALSE;
  if (kernel->bind) {
    entry->bound = kernel->bind (entry->prepared, &entry->binding, NULL);
    if (!entry->bound)
      return FALSE;
  }
  return run (entry);
}

static void
flush_constants (const Group *self, const Entry *entry)
{
  const DnnCandidate *candidate = entry->item->candidate;

  for (guint i = 0; i < candidate->n_packs; i++)
    flush (
        entry->binding.packed[i], dnn_format_get_size (candidate->packs[i].to));
  for (guint i = 0; i < self->call->n_inputs; i++)
    if (self->call->inputs[i].is_constant && entry->binding.src[i])
      flush (entry->binding.src[i], self->src_size[i]);
}

static void
time_entry (const Group *self, Entry *entry)
{
  guint64 before;
  gdouble ns;

  flush_constants (self, entry);
  before = read_clock ();
  if (!run (entry)) {
    entry->is_out = TRUE;
    entry->best = 0;
    return;
  }
  ns = (gdouble) MAX (read_clock () - before, 1);
  entry->best = entry->best > 0 ? MIN (entry->best, ns) : ns;
}

/* ---- all of them -------------------------------------------------------- */

gboolean
dnn_tune_is_measurable (const DnnCandidate *candidate)
{
  if (!candidate->kernel || candidate->is_reference)
    return FALSE;
  for (guint i = 0; i < candidate->n_src; i++)
    if (candidate->src_share[i].kind != DNN_SHARE_NONE)
      return FALSE;
  for (guint i = 0; i < candidate->n_dst; i++)
    if (candidate->dst_share[i].kind == DNN_SHARE_VIEW)
      return FALSE;
  return TRUE;
}

static gdouble
find_best (const Group *self)
{
  gdouble best = G_MAXDOUBLE;

  for (guint i = 0; i < self->n; i++)
    if (self->entries[i].best > 0)
      best = MIN (best, self->entries[i].best);
  return best;
}

static void
drop_slow (Group *self)
{
  gdouble best = find_best (self);

  for (guint i = 0; i < self->n; i++)
    if (self->entries[i].best > best * GIVE_UP)
      self->entries[i].is_out = TRUE;
}

static gboolean
run_rounds (Group *self, gint64 deadline)
{
  for (guint round = 0; round < N_ROUNDS; round++) {
    for (guint i = 0; i < self->n; i++) {
      Entry *entry = &self->entries[i];
      if (entry->is_out)
        continue;
      if (g_get_monotonic_time () >= deadline)
        return FALSE;
      time_entry (self, entry);
    }
    if (round > 0)
      drop_slow (self);
  }
  return TRUE;
}

/* By the table, each could run once: a call with large tensors isn't begun. */
static gboolean
is_time_left (const DnnTuneItem *items, guint n, gint64 deadline)
{
  gdouble ns = 0;

  for (guint i = 0; i < n; i++)
    ns += items[i].candidate->cost;
  return ns / 1000 < (gdouble) (deadline - g_get_monotonic_time ());
}

gboolean
dnn_tune_measure (DnnTuneItem *items, guint n, gint64 deadline)
{
  Group self = { .call = items[0].call, .n = n };
  gboolean ok;

  for (guint i = 0; i < n; i++)
    items[i].ns = 0;
  if (!is_time_left (items, n, deadline))
    return FALSE;
  self.entries = g_new0 (Entry, n);
  for (guint i = 0; i < n; i++)
    self.entries[i].item = &items[i];
  ok = make_memory (&self);
  for (guint i = 0; i < n && ok; i++) {
    self.entries[i].is_out = !start (&self, &self.entries[i]);
    ok = g_get_monotonic_time () < deadline;
  }
  ok = ok && run_rounds (&self, deadline);
  for (guint i = 0; i < n && ok; i++)
    items[i].ns = self.entries[i].best;
  clear_group (&self);
  return ok;
}

/* ---- quiet -------------------------------------------------------------- */

/* About a millisecond of the calling thread, the same each time. */
static gdouble
work_a_little (void)
{
  guint64 before = read_clock ();
  volatile guint32 state = 1;

  for (guint i = 0; i < QUIET_WORK; i++)
    state = state * 1664525u + 1013904223u;
  return (gdouble) (read_clock () - before);
}

gboolean
dnn_tune_wait_for_quiet (gint64 deadline)
{
  gdouble times[N_QUIET];

  for (guint n = 0;; n++) {
    gdouble least = G_MAXDOUBLE, most = 0;
    times[n % N_QUIET] = work_a_little ();
    for (guint i = 0; i < N_QUIET && n + 1 >= N_QUIET; i++) {
      least = MIN (least, times[i]);
      most = MAX (most, times[i]);
    }
    if (n + 1 >= N_QUIET && most <= least * QUIET_SPREAD)
      return TRUE;
    if (n + 1 >= N_QUIET && g_get_monotonic_time () >= deadline)
      return FALSE;
  }
}
