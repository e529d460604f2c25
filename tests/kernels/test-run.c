/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The kernel runner: each row of rows/ is a call whose ref is compared with
 * every candidate offered for it, in all the ways the plan may share memory.
 * With --bench [OPERATOR] it prints what each candidate takes instead, with
 * --speed [OPERATOR] a table of ns an element, of the fastest in plain layouts,
 * of rows whose name begins with speed-. */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "kernels/dnn-init.h"
#include "kernels/onednn/dnn-onednn-format.h"
#include "pipeline-core/base/dnn-threads.h"
#include "tests/kernels/kernel-data.h"
#include "tests/kernels/kernel-list.h"

#define SEED 20240607
#define MAX_HINTS 4

/* One row at work. */
typedef struct
{
  const Row *row;
  DnnCall *call;
  RowClass klass;
  Buffer *src[ROW_MAX_ARGS]; /* plain */
  Buffer *ref[ROW_MAX_ARGS]; /* plain, without post-ops */
  DnnFormat *hints[ROW_MAX_ARGS][MAX_HINTS];
  DnnHints offered[ROW_MAX_ARGS];
} Work;

static gint n_threads = 1;

/* ---- setting up ---- */

static gsize
get_size (const DnnCallArg *arg)
{
  return (gsize) dnn_shape_n_elements (&arg->shape) * dnn_type_size (arg->type);
}

/* Layouts that a producer may have: the call must cope with each. */
static void
make_hints (Work *work, guint idx)
{
  static const dnnl_format_tag_t tags[][2] = {
    { dnnl_aBc16b, dnnl_aBc8b },
    { dnnl_aBcd16b, dnnl_aBcd8b },
    { dnnl_aBcde16b, dnnl_aBcde8b },
  };
  const DnnCallArg *arg = &work->call->inputs[idx];
  const DnnShape *shape = &arg->shape;
  guint n = 0;

  if (!arg->present || arg->is_constant || arg->type != DNN_TYPE_FLOAT32 ||
      shape->rank < 3 || shape->rank > 5 || dnn_shape_n_elements (shape) <= 0)
    return;
  work->hints[idx][n++] = dnn_onednn_format_channels_last (arg->type, shape);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnMd) md = dnn_md_new_tag (
        shape->rank, shape->dims, dnnl_f32, tags[shape->rank - 3][i]);
    work->hints[idx][n++] = dnn_onednn_format_new (md, shape);
  }
  work->offered[idx] = (DnnHints){ work->hints[idx], n };
}

static void
fill_inputs (Work *work)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);

  for (guint i = 0; i < work->row->n_inputs; i++)
    if (work->src[i])
      data_fill (
          &work->row->inputs[i], work->klass, random, work->src[i]->data);
}

/* Inputs have their memory and constants their values before infer. */
static void
make_inputs (Work *work)
{
  for (guint i = 0; i < work->row->n_inputs; i++) {
    const RowInput *input = &work->row->inputs[i];
    if (!input->present || dnn_shape_n_elements (&input->shape) < 0)
      continue;
    work->src[i] = buffer_new (get_size (&work->call->inputs[i]));
    if (input->constant)
      dnn_call_set_value (
          work->call, i, input->known ? work->src[i]->data : NULL);
    make_hints (work, i);
  }
  fill_inputs (work);
}

static void
clear_work (Work *work)
{
  for (guint i = 0; i < ROW_MAX_ARGS; i++) {
    g_clear_pointer (&work->src[i], buffer_free);
    g_clear_pointer (&work->ref[i], buffer_free);
    for (guint j = 0; j < MAX_HINTS; j++)
      g_clear_pointer (&work->hints[i][j], dnn_format_unref);
  }
  g_clear_pointer (&work->call, dnn_call_free);
}

/* ---- ref ---- */

static gboolean
run_op (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    GError **error)
{
  g_autoptr (Buffer) scratch = buffer_new (call->ref_scratch);
  DnnShape shapes[ROW_MAX_ARGS];
  gboolean done;

  for (guint i = 0; i < call->n_outputs; i++)
    shapes[i] = call->outputs[i].shape;
  done = (!call->op->count ||
             call->op->count (call, src, scratch->data, shapes, error)) &&
      dnn_call_run_ref (call, src, dst, scratch->data, error);
  g_assert_true (buffer_is_guarded (scratch));
  return done;
}

static gboolean
count (Work *work, gconstpointer const *src, GError **error)
{
  g_autoptr (Buffer) scratch = NULL;
  DnnShape bound;

  if (!work->call->op->count ||
      dnn_call_infer (work->call, error) != DNN_INFER_BOUNDED)
    return TRUE;
  scratch = buffer_new (work->call->ref_scratch);
  bound = work->call->outputs[0].shape;
  if (!dnn_call_count (work->call, src, scratch->data, error))
    return FALSE;
  for (gint i = 0; i < bound.rank; i++)
    g_assert_cmpint (work->call->outputs[0].shape.dims[i], <=, bound.dims[i]);
  g_assert_true (buffer_is_guarded (scratch));
  return TRUE;
}

static void
check_shape (const Work *work)
{
  DnnShape shape;

  if (row_get_expected_shape (work->row, &shape) &&
      !dnn_shape_equal (&shape, &work->call->outputs[0].shape)) {
    g_autofree gchar *text = dnn_shape_to_string (
        &work->call->outputs[0].shape);
    g_error ("shape is %s", text);
  }
}

static gboolean
run_ref (Work *work, GError **error)
{
  gconstpointer src[ROW_MAX_ARGS] = { NULL };
  gpointer dst[ROW_MAX_ARGS] = { NULL };

  for (guint i = 0; i < work->call->n_formal; i++)
    src[i] = work->src[i] ? work->src[i]->data : NULL;
  if (!count (work, src, error))
    return FALSE;
  for (guint i = 0; i < work->call->n_outputs; i++) {
    g_clear_pointer (&work->ref[i], buffer_free);
    work->ref[i] = buffer_new (get_size (&work->call->outputs[i]));
    dst[i] = work->ref[i]->data;
  }
  if (!run_op (work->call, src, dst, error))
    return FALSE;
  for (guint i = 0; i < work->call->n_outputs; i++)
    g_assert_true (buffer_is_guarded (work->ref[i]));
  return TRUE;
}

/* The first @n post-ops, on @data in place. */
static void
run_post_ops (const Work *work, guint n, gpointer data)
{
  for (guint i = 0; i < n; i++) {
    const DnnCallPostOp *post_op = &work->call->post_ops[i];
    gconstpointer src[ROW_MAX_ARGS] = { NULL };
    gpointer dst[1] = { data };
    g_autoptr (GError) error = NULL;
    for (guint j = 0; j < post_op->call->n_inputs; j++)
      src[j] = post_op->call->inputs[j].value;
    src[0] = data;
    if (post_op->input >= 0)
      src[post_op->operand_slot] = work->src[post_op->input]->data;
    run_op (post_op->call, src, dst, &error);
    g_assert_no_error (error);
  }
}

/* ---- candidates ---- */

/* How memory lies. */
typedef enum
{
  SHARE_NOTHING,
  SHARE_WHAT_MAY, /* in place; concat inputs in their slices */
  SHIFTED, /* nothing shared, as badly aligned as a caller's may be */
} Sharing;

typedef struct
{
  const DnnCandidate *candidate;
  Buffer *src[ROW_MAX_ARGS], *dst[ROW_MAX_ARGS];
  Buffer *packed[ROW_MAX_ARGS], *scratch;
  gpointer packed_at[ROW_MAX_ARGS];
  gpointer src_at[ROW_MAX_ARGS], dst_at[ROW_MAX_ARGS];
  gpointer prepared, bound;
  DnnBinding binding;
} Run;

static void
clear_run (Run *run)
{
  const DnnKernel *kernel = run->candidate->kernel;

  if (kernel && kernel->release)
    kernel->release (run->prepared, run->bound);
  if (kernel && kernel->unprepare)
    kernel->unprepare (run->prepared);
  for (guint i = 0; i < ROW_MAX_ARGS; i++) {
    g_clear_pointer (&run->src[i], buffer_free);
    g_clear_pointer (&run->dst[i], buffer_free);
    g_clear_pointer (&run->packed[i], buffer_free);
  }
  g_clear_pointer (&run->scratch, buffer_free);
}

/* Bytes behind an aligned address. */
static gsize
get_shift (const Run *run, DnnType type, Sharing sharing)
{
  if (sharing != SHIFTED)
    return 0;
  return MAX (run->candidate->alignment, dnn_type_size (type));
}

/* Where output @idx lies, of its own or in an input. */
static void
place_output (const Work *work, Run *run, guint idx, Sharing sharing)
{
  const DnnCandidate *candidate = run->candidate;
  const DnnShare *share = &candidate->dst_share[idx];
  gsize size = dnn_format_get_size (candidate->dst[idx]);

  if (share->kind == DNN_SHARE_VIEW) {
    run->dst_at[idx] = run->src[share->of]->data + share->offset;
  } else if (share->kind == DNN_SHARE_MAY && sharing == SHARE_WHAT_MAY) {
    g_assert_cmpuint (run->src[share->of]->size, >=, size);
    run->dst_at[idx] = run->src[share->of]->data;
  } else {
    run->dst[idx] = buffer_new_shifted (
        size, get_shift (run, work->call->outputs[idx].type, sharing));
    run->dst_at[idx] = run->dst[idx]->data;
  }
}

static void
place_all (const Work *work, Run *run, Sharing sharing)
{
  const DnnCandidate *candidate = run->candidate;

  for (guint i = 0; i < candidate->n_src; i++) {
    if (!candidate->src[i])
      continue;
    run->src[i] = buffer_new_shifted (dnn_format_get_size (candidate->src[i]),
        get_shift (run, work->call->inputs[i].type, sharing));
    run->src_at[i] = run->src[i]->data;
  }
  for (guint i = 0; i < candidate->n_dst; i++)
    if (candidate->dst[i])
      place_output (work, run, i, sharing);
  for (guint i = 0; i < candidate->n_src; i++) {
    const DnnShare *share = &candidate->src_share[i];
    if (share->kind == DNN_SHARE_MAY && sharing == SHARE_WHAT_MAY)
      run->src_at[i] = (guint8 *) run->dst_at[share->of] + share->offset;
  }
  for (guint i = 0; i < candidate->n_packs; i++) {
    run->packed[i] = buffer_new (dnn_format_get_size (candidate->packs[i].to));
    run->packed_at[i] = run->packed[i]->data;
  }
  run->scratch = buffer_new (candidate->scratch);
  run->binding = (DnnBinding){ run->src_at, run->dst_at, run->packed_at,
    run->scratch->data };
}

/* Inputs in the formats the candidate wants. */
static void
convert_inputs (const Work *work, Run *run)
{
  for (guint i = 0; i < run->candidate->n_src; i++) {
    g_autoptr (DnnFormat) plain = NULL;
    if (!run->candidate->src[i])
      continue;
    plain = dnn_format_new_plain (
        work->call->inputs[i].type, &work->call->inputs[i].shape);
    data_convert (
        plain, work->src[i]->data, run->candidate->src[i], run->src_at[i]);
  }
}

static void
prepare_and_bind (const Work *work, Run *run)
{
  const DnnKernel *kernel = run->candidate->kernel;
  g_autoptr (GError) error = NULL;

  if (!kernel)
    return;
  if (kernel->prepare) {
    run->prepared = kernel->prepare (work->call, run->candidate, &error);
    g_assert_no_error (error);
    g_assert_nonnull (run->prepared);
  }
  for (guint i = 0; i < run->candidate->n_packs; i++) {
    kernel->pack (run->prepared, work->call, i,
        work->src[run->candidate->packs[i].input]->data, run->packed_at[i],
        &error);
    g_assert_no_error (error);
  }
  if (kernel->bind) {
    run->bound = kernel->bind (run->prepared, &run->binding, &error);
    g_assert_no_error (error);
  }
}

static gboolean
run_once (Run *run)
{
  const DnnKernel *kernel = run->candidate->kernel;
  g_autoptr (GError) error = NULL;

  if (kernel)
    kernel->run (run->prepared, run->bound, &run->binding, &error);
  if (error)
    g_test_message ("%s", error->message);
  return !error;
}

static gboolean
check_guards (const Run *run)
{
  gboolean whole = buffer_is_guarded (run->scratch);

  for (guint i = 0; i < ROW_MAX_ARGS; i++) {
    whole &= !run->src[i] || buffer_is_guarded (run->src[i]);
    whole &= !run->dst[i] || buffer_is_guarded (run->dst[i]);
    whole &= !run->packed[i] || buffer_is_guarded (run->packed[i]);
  }
  if (!whole)
    g_test_message ("wrote outside its memory");
  return whole;
}

static gboolean
compare_output (const Work *work, const Run *run, guint idx, const gchar *what)
{
  const DnnCallArg *arg = &work->call->outputs[idx];
  const DnnCandidate *candidate = run->candidate;
  g_autoptr (Buffer) expected = buffer_new (get_size (arg));
  g_autoptr (Buffer) found = buffer_new (get_size (arg));
  g_autoptr (DnnFormat) plain = dnn_format_new_plain (arg->type, &arg->shape);

  memcpy (expected->data, work->ref[idx]->data, expected->size);
  if (idx == 0)
    run_post_ops (work, candidate->n_post_ops, expected->data);
  data_convert (candidate->dst[idx], run->dst_at[idx], plain, found->data);
  return data_compare (arg->type, &arg->shape, expected->data, found->data,
      work->row->tolerance, what);
}

static gchar *
describe (const Work *work, const DnnCandidate *candidate, Sharing sharing)
{
  GString *text = g_string_new (candidate->impl);

  for (guint i = 0; i < candidate->n_src; i++) {
    g_autofree gchar *format = candidate->src[i]
        ? dnn_format_to_string (candidate->src[i])
        : g_strdup ("-");
    g_string_append_printf (text, "%s%s", i ? ", " : " ", format);
  }
  for (guint i = 0; i < candidate->n_dst; i++) {
    g_autofree gchar *format = candidate->dst[i]
        ? dnn_format_to_string (candidate->dst[i])
        : g_strdup ("-");
    g_string_append_printf (text, "%s%s", i ? ", " : " → ", format);
  }
  if (candidate->n_post_ops)
    g_string_append_printf (text, " +%u", candidate->n_post_ops);
  g_string_append_printf (text, " [%s%s]", row_class_name (work->klass),
      sharing == SHARE_WHAT_MAY ? ", shared"
          : sharing == SHIFTED  ? ", shifted"
                                : "");
  return g_string_free (text, FALSE);
}

/* Twice in the same memory: a second run must not depend on the first. */
static gboolean
check_candidate (
    const Work *work, const DnnCandidate *candidate, Sharing sharing)
{
  g_autofree gchar *what = describe (work, candidate, sharing);
  Run run = { .candidate = candidate };
  gboolean good = TRUE;

  place_all (work, &run, sharing);
  prepare_and_bind (work, &run);
  for (guint i = 0; i < 2 && good; i++) {
    convert_inputs (work, &run);
    good = run_once (&run) && check_guards (&run);
    for (guint j = 0; j < candidate->n_dst && good; j++)
      good = !candidate->dst[j] || compare_output (work, &run, j, what);
  }
  if (!good)
    g_test_message ("failed: %s", what);
  clear_run (&run);
  return good;
}

static gboolean
may_share (const DnnCandidate *candidate)
{
  gboolean may = FALSE;

  for (guint i = 0; i < candidate->n_src; i++)
    may |= candidate->src_share[i].kind == DNN_SHARE_MAY;
  for (guint i = 0; i < candidate->n_dst; i++)
    may |= candidate->dst_share[i].kind == DNN_SHARE_MAY;
  return may;
}

static void
check_candidates (Work *work, GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    if (!check_candidate (work, candidate, SHARE_NOTHING))
      g_test_fail ();
    if (may_share (candidate) &&
        !check_candidate (work, candidate, SHARE_WHAT_MAY))
      g_test_fail ();
    if (!check_candidate (work, candidate, SHIFTED))
      g_test_fail ();
  }
}

/* ---- one row ---- */

/* An operator that offers must have offered something for this call; what
 * exists on less than the machine's own instructions is oneDNN's business. */
static void
check_offered (const Work *work, GPtrArray *candidates)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree gchar **list = NULL;
  g_autofree gchar *text = NULL;
  gboolean is_native = !g_getenv ("ONEDNN_MAX_CPU_ISA");

  for (guint i = 0; i < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    g_hash_table_add (names, (gpointer) candidate->impl);
  }
  list = (gchar **) g_hash_table_get_keys_as_array (names, NULL);
  text = g_strjoinv (", ", list);
  g_test_message ("%u candidates: %s", candidates->len, text);
  if (work->call->op->offer && is_native && !work->row->ref_only &&
      work->call->target.fast_math && candidates->len < 2)
    g_test_fail_printf ("only ref");
}

/* oneDNN 2.6 walks over the result of a deconvolution once more for each
 * post-op, at 30 ns an element: none may be left to it. */
static void
check_transposed (const Work *work, GPtrArray *candidates)
{
  if (strcmp (work->row->op, "ConvTranspose") != 0 ||
      dnn_onednn_fuses_transposed ())
    return;
  for (guint i = 0; i < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    if (candidate->n_post_ops > 0 &&
        !g_str_has_suffix (candidate->impl, "+interleave"))
      g_test_fail_printf ("%s does post-ops", candidate->impl);
  }
}

static void
check_expected (const Work *work)
{
  g_autofree gdouble *values = NULL;
  const DnnCallArg *arg = &work->call->outputs[0];
  g_autofree gchar *what = g_strdup_printf ("ref of %s", work->row->name);
  g_autoptr (Buffer) expected = NULL;
  guint n = 0;

  values = row_get_expected (work->row, &n);
  if (!values)
    return;
  g_assert_cmpint (n, ==, dnn_shape_n_elements (&arg->shape));
  expected = buffer_new (get_size (arg));
  for (guint i = 0; i < n; i++)
    dnn_type_set (arg->type, expected->data, i, values[i]);
  if (!data_compare (arg->type, &arg->shape, expected->data, work->ref[0]->data,
          work->row->tolerance, what))
    g_test_fail ();
}

/* TRUE: @error is what the row asks for. */
static gboolean
check_error (const Row *row, const GError *error)
{
  const gchar *text = NULL;
  DnnError code = 0;

  if (!row_get_expected_error (row, &code, &text)) {
    g_assert_no_error (error);
    return FALSE;
  }
  g_assert_error (error, DNN_ERROR, (gint) code);
  if (!strstr (error->message, text))
    g_error ("\"%s\" is not in \"%s\"", text, error->message);
  g_assert_nonnull (strstr (error->message, row->name));
  return TRUE;
}

static gboolean
all_known (const DnnCallArg *args, guint n)
{
  for (guint i = 0; i < n; i++)
    if (args[i].present && !dnn_shape_is_known (&args[i].shape))
      return FALSE;
  return TRUE;
}

/* TRUE: there is something to run. */
static gboolean
infer (Work *work)
{
  g_autoptr (GError) error = NULL;
  DnnInferResult result;

  work->call = row_make_call (work->row, &error);
  if (!work->call) {
    check_error (work->row, error);
    return FALSE;
  }
  work->call->target.threads = n_threads;
  make_inputs (work);
  result = dnn_call_infer (work->call, &error);
  if (result == DNN_INFER_ERROR) {
    check_error (work->row, error);
    return FALSE;
  }
  if (result != DNN_INFER_BOUNDED) {
    g_assert_cmpint (result, ==, DNN_INFER_OK);
    check_shape (work);
  }
  return all_known (work->call->inputs, work->call->n_inputs) &&
      all_known (work->call->outputs, work->call->n_outputs);
}

/* All that is offered, with each of these classes. */
static void
check_classes (Work *work, guint classes)
{
  g_autoptr (GPtrArray)
      candidates = dnn_call_offer_hinted (work->call, work->offered);

  check_offered (work, candidates);
  check_transposed (work, candidates);
  for (work->klass = 0; work->klass < N_CLASSES; work->klass++) {
    g_autoptr (GError) error = NULL;
    if (!(classes >> work->klass & 1))
      continue;
    fill_inputs (work);
    if (!run_ref (work, &error)) {
      check_error (work->row, error);
      break;
    }
    check_shape (work);
    check_expected (work);
    if (!work->call->op->count)
      check_candidates (work, candidates);
  }
}

static void
test_row (gconstpointer data)
{
  Work work = { .row = data };
  DnnThreadsState state;

  dnn_threads_enter (&state, n_threads, NULL);
  if (infer (&work)) {
    check_classes (&work, work.row->classes);
    work.call->target.fast_math = FALSE;
    if (work.row->exact_classes != 0)
      check_classes (&work, work.row->exact_classes);
  }
  clear_work (&work);
  dnn_threads_leave (&state);
}

/* ---- bench ---- */

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  return *(const gint64 *) a < *(const gint64 *) b ? -1 : 1;
}

/* Median of 15 timings of as many runs as 2 ms hold; µs. */
static gdouble
measure (Run *run)
{
  gint64 times[15];
  guint n = 1;

  for (;;) {
    gint64 start = g_get_monotonic_time ();
    for (guint i = 0; i < n; i++)
      run_once (run);
    if (g_get_monotonic_time () - start > 2000 || n > 100000)
      break;
    n *= 2;
  }
  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    gint64 start = g_get_monotonic_time ();
    for (guint j = 0; j < n; j++)
      run_once (run);
    times[i] = g_get_monotonic_time () - start;
  }
  qsort (times, G_N_ELEMENTS (times), sizeof (gint64), compare_times);
  return (gdouble) times[G_N_ELEMENTS (times) / 2] / n;
}

/* µs of a candidate, warm. Not in place: what runs on its own results soon has
 * none but infinities and NaN. */
static gdouble
measure_candidate (const Work *work, const DnnCandidate *candidate)
{
  Run run = { .candidate = candidate };
  gdouble us;

  place_all (work, &run, SHARE_NOTHING);
  prepare_and_bind (work, &run);
  convert_inputs (work, &run);
  us = measure (&run);
  clear_run (&run);
  return us;
}

static void
print_times (const Work *work, GPtrArray *candidates)
{
  const Row *row = work->row;

  for (guint i = 0; i + (candidates->len > 1) < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    g_autofree gchar *what = describe (work, candidate, SHARE_WHAT_MAY);
    gdouble us = measure_candidate (work, candidate);
    g_print ("%s/%s %9.1f µs (estimated %9.1f) %6.1f GFLOP/s  %s\n", row->op,
        row->name, us, candidate->cost / 1000, row->flops / us / 1000, what);
  }
}

static gboolean
is_all_plain (const DnnCandidate *candidate)
{
  for (guint i = 0; i < candidate->n_src; i++)
    if (candidate->src[i] && !dnn_format_is_plain (candidate->src[i]))
      return FALSE;
  return dnn_format_is_plain (candidate->dst[0]);
}

/* A line of the table: ns for each element of the largest tensor. */
static void
print_speed (const Work *work, GPtrArray *candidates)
{
  const DnnCall *call = work->call;
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);
  const gchar *impl = NULL;
  gdouble best = 0;

  for (guint i = 0; i < call->n_formal; i++)
    n = MAX (n, dnn_shape_n_elements (&call->inputs[i].shape));
  for (guint i = 0; i + (candidates->len > 1) < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    gdouble us;
    if (!is_all_plain (candidate))
      continue;
    us = measure_candidate (work, candidate);
    if (!impl || us < best) {
      best = us;
      impl = candidate->impl;
    }
  }
  if (impl)
    g_print ("| %s | %s | %.2f | %s |\n", work->row->op,
        work->row->name + strlen ("speed-"), best * 1000 / (gdouble) n, impl);
}

static void
bench_row (const Row *row, gboolean as_table)
{
  Work work = { .row = row };
  DnnThreadsState state;

  dnn_threads_enter (&state, n_threads, NULL);
  if (infer (&work)) {
    g_autoptr (GPtrArray)
        candidates = dnn_call_offer_hinted (work.call, work.offered);
    if (as_table)
      print_speed (&work, candidates);
    else
      print_times (&work, candidates);
  }
  clear_work (&work);
  dnn_threads_leave (&state);
}

/* ---- main ---- */

typedef enum
{
  MODE_TEST,
  MODE_BENCH,
  MODE_SPEED,
} Mode;

static Mode
choose_mode (const gchar *argument)
{
  if (g_strcmp0 (argument, "--bench") == 0)
    return MODE_BENCH;
  return g_strcmp0 (argument, "--speed") == 0 ? MODE_SPEED : MODE_TEST;
}

/* All rows of an operator as tests; or those meant for it (with @with_small
 * all) at once when benching. */
static void
add_rows (const gchar *op, Mode mode, gboolean with_small, GPtrArray *all)
{
  g_autofree gchar *path = g_strdup_printf ("%s/%s.json", DNN_KERNEL_ROWS, op);
  GPtrArray *rows;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return; /* test_files complains */
  rows = row_read_file (path, op);
  g_ptr_array_add (all, rows);
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = rows->pdata[i];
    g_autofree gchar *name = g_strdup_printf (
        "/kernels/run/%s/%s", row->op, row->name);
    if (mode == MODE_BENCH && (row->bench || with_small))
      bench_row (row, FALSE);
    else if (mode == MODE_SPEED && g_str_has_prefix (row->name, "speed-"))
      bench_row (row, TRUE);
    else if (mode == MODE_TEST && !row->bench)
      g_test_add_data_func (name, row, test_row);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray)
      all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  Mode mode = choose_mode (argc > 1 ? argv[1] : NULL);
  gboolean bench = mode != MODE_TEST;
  const DnnOp *const *ops;

  if (g_getenv ("DNN_KERNEL_THREADS"))
    n_threads = atoi (g_getenv ("DNN_KERNEL_THREADS"));
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (!bench)
    g_test_init (&argc, &argv, NULL);
  dnn_init ();
  ops = dnn_op_list ();
  for (guint i = 0; ops[i]; i++)
    if (!bench || argc < 3 || strcmp (argv[2], ops[i]->name) == 0)
      add_rows (ops[i]->name, mode, argc > 2, all);
  if (bench)
    return 0;
  g_test_message ("seed %d, %d threads", SEED, n_threads);
  kernel_list_add_tests ();
  return g_test_run ();
}
