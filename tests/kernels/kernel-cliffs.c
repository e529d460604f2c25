/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Cliffs: candidates that take many times their estimate. Measures every
 * candidate of all rows, or of all nodes of the models named, at one thread
 * with cold weights; prints those beyond the limit and fails if there are any.
 *
 *   build/tests/kernels/kernel-cliffs [MODEL.onnx…]
 *
 * Estimates are in ns of one machine: the median of all ratios is taken for
 * this one's speed. It measures, so it is no test: the machine must be quiet.
 */
#include "config.h"

#include <locale.h>
#include <stdlib.h>

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/config/dnn-pipeline-config.h"
#include "pipeline-core/plan/dnn-module-private.h"
#include "pipeline-core/plan/dnn-plan-private.h"
#include "pipeline-core/tune/dnn-tune-measure.h"
#include "tests/kernels/kernel-data.h"

/* × the estimate. */
#define LIMIT 5.0
/* What is over in less is of no account, and clocks are coarse. */
#define LEAST_NS 20000.0

typedef struct
{
  gchar *what;
  gdouble ns, estimate;
} Found;

static void
clear_found (gpointer data)
{
  g_free (((Found *) data)->what);
}

static gchar *
describe (const gchar *place, const DnnCandidate *candidate)
{
  g_autofree gchar *src = candidate->n_src > 0 && candidate->src[0]
      ? dnn_format_to_string (candidate->src[0])
      : g_strdup ("-");
  g_autofree gchar *dst = candidate->dst[0]
      ? dnn_format_to_string (candidate->dst[0])
      : g_strdup ("-");

  return g_strdup_printf ("%s: %s, %s → %s, %u post-ops", place,
      candidate->impl, src, dst, candidate->n_post_ops);
}

/* Each by itself: beside a faster one a slow one is given up early. */
static void
measure_call (
    const DnnCall *call, const gchar *place, DnnHints *hints, GArray *found)
{
  g_autoptr (GPtrArray) candidates = dnn_call_offer_hinted (call, hints);

  for (guint i = 0; i < candidates->len; i++) {
    DnnTuneItem item = { call, candidates->pdata[i], 0 };
    Found one;
    if (!dnn_tune_is_measurable (item.candidate) ||
        !dnn_tune_measure (&item, 1, G_MAXINT64) || item.ns <= 0)
      continue;
    one = (Found){ describe (place, item.candidate), item.ns,
      item.candidate->cost };
    g_array_append_val (found, one);
  }
}

/* ---- rows ---------------------------------------------------------------- */

static gboolean
is_known (const DnnCall *call)
{
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i].present && !dnn_shape_is_known (&call->inputs[i].shape))
      return FALSE;
  for (guint i = 0; i < call->n_outputs; i++)
    if (call->outputs[i].present &&
        dnn_shape_n_elements (&call->outputs[i].shape) <= 0)
      return FALSE;
  return TRUE;
}

static void
measure_row (const Row *row, GArray *found)
{
  g_autoptr (DnnCall) call = row_make_call (row, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *place = g_strdup_printf ("%s/%s", row->op, row->name);

  for (guint i = 0; call && i < row->n_inputs; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    gpointer value;
    if (!row->inputs[i].present || !row->inputs[i].constant ||
        dnn_shape_n_elements (&arg->shape) < 0)
      continue;
    value = g_malloc0 (MAX (1,
        (gsize) dnn_shape_n_elements (&arg->shape) *
            dnn_type_size (arg->type)));
    g_ptr_array_add (values, value);
    data_fill (&row->inputs[i], CLASS_UNIFORM, random, value);
    dnn_call_set_value (call, i, row->inputs[i].known ? value : NULL);
  }
  if (call && dnn_call_infer (call, NULL) == DNN_INFER_OK && is_known (call))
    measure_call (call, place, NULL, found);
}

static void
measure_rows (GArray *found)
{
  const DnnOp *const *ops = dnn_op_list ();

  for (guint i = 0; ops[i]; i++) {
    g_autofree gchar *path = g_strdup_printf (
        "%s/%s.json", DNN_KERNEL_ROWS, ops[i]->name);
    g_autoptr (GPtrArray) rows = NULL;
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    rows = row_read_file (path, ops[i]->name);
    for (guint j = 0; j < rows->len; j++)
      measure_row (rows->pdata[j], found);
  }
}

/* ---- models -------------------------------------------------------------- */

static gboolean
measure_module (DnnModule *module, GArray *found, GError **error)
{
  g_autoptr (DnnInference) inference = NULL;
  g_autoptr (DnnDraft) draft = NULL;
  DnnTarget target;

  dnn_target_init (&target);
  inference = dnn_infer_graph_of_library (dnn_module_get_graph (module),
      dnn_module_get_library (module), NULL, &target,
      DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL, error);
  if (!inference)
    return FALSE;
  draft = dnn_draft_new (inference);
  dnn_plan_offer (draft);
  for (guint i = 0; i < draft->nodes->len; i++) {
    const DnnDraftNode *node = draft->nodes->pdata[i];
    g_autofree DnnHints *hints = dnn_draft_make_hints (draft, node);
    g_autofree gchar *place = g_strdup_printf ("%s %s (%s)",
        dnn_module_get_label (module), node->node->name, node->node->op);
    measure_call (node->call, place, hints, found);
  }
  return TRUE;
}

static gboolean
measure_model (const gchar *path, GArray *found, GError **error)
{
  DnnCompileOptions options = { 0 };
  g_autoptr (DnnPipelineConfig)
      config = dnn_load_pipeline (path, &options, error);
  const GPtrArray *stages;

  if (!config)
    return FALSE;
  stages = dnn_pipeline_config_get_stages (config);
  for (guint i = 0; i < stages->len; i++) {
    const DnnStage *stage = stages->pdata[i];
    if (stage->module && !measure_module (stage->module, found, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- judging ------------------------------------------------------------- */

static gint
compare_ratios (gconstpointer a, gconstpointer b)
{
  const Found *x = a, *y = b;
  gdouble first = x->ns / x->estimate, second = y->ns / y->estimate;

  return (first > second) - (first < second);
}

/* How many are beyond the limit. */
static guint
judge (GArray *found)
{
  guint n_beyond = 0;
  gdouble median;

  g_array_sort (found, compare_ratios);
  if (found->len == 0)
    return 0;
  median = g_array_index (found, Found, found->len / 2).ns /
      g_array_index (found, Found, found->len / 2).estimate;
  for (guint i = 0; i < found->len; i++) {
    const Found *one = &g_array_index (found, Found, i);
    gdouble ratio = one->ns / one->estimate / median;
    if (ratio <= LIMIT || one->ns < LEAST_NS)
      continue;
    g_print ("%6.1f × its estimate, %9.1f µs: %s\n", ratio, one->ns / 1000,
        one->what);
    n_beyond++;
  }
  g_print ("%u candidates, the median takes %.2f × its estimate, %u more than "
           "%.0f × that\n",
      found->len, median, n_beyond, LIMIT);
  return n_beyond;
}

int
main (int argc, char **argv)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));
  g_autoptr (GError) error = NULL;
  DnnThreadsState state;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  g_array_set_clear_func (found, clear_found);
  dnn_init ();
  dnn_threads_enter (&state, 1, NULL);
  if (argc == 1)
    measure_rows (found);
  for (gint i = 1; i < argc && !error; i++)
    measure_model (argv[i], found, &error);
  dnn_threads_leave (&state);
  if (!error)
    return judge (found) > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}
