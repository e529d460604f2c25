/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs of the fake backend and timings → what is chosen; files of choices;
 * measuring. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

#include <string.h>

#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/tune/dnn-tune-key.h"
#include "pipeline-core/tune/dnn-tune-measure.h"
#include "tests/core/fake-format.h"
#include "tests/core/fake-ops.h"
#include "tests/test-folder.h"

#define LENGTH 64

/* ---- an operator that runs in two formats ------------------------------- */

static const DnnArgRow choice_inputs[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
  { "W", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Added to all" },
};
static const DnnArgRow choice_outputs[] = {
  { "Y", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Sums" },
};
static const DnnAttrRow choice_attrs[] = {
  { "gain", DNN_ATTR_FLOAT, "2", FALSE, 0, 0, NULL, "Not used" },
};

static DnnInferResult
infer_choice (DnnCall *call, GError **error)
{
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

static gboolean
ref_choice (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const gfloat *x = src[0], *w = src[1];
  gfloat *y = dst[0];

  for (gsize i = 0; i < fake_count (&call->outputs[0]); i++)
    y[i] = x[i] + w[0];
  return TRUE;
}

static gpointer
prepare_choice (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) call;
}

static guint n_runs;

static gboolean
run_choice (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  n_runs++;
  return ref_choice (prepared, (gconstpointer const *) binding->src,
      (gpointer const *) binding->dst, NULL, error);
}

static const DnnKernel choice_kernel = {
  .name = "fake:choice",
  .prepare = prepare_choice,
  .run = run_choice,
};

/* The table likes the plain one best, by a tenth. */
static void
offer_choice (const DnnCall *call, DnnOffers *offers)
{
  for (guint reversed = 0; reversed < 2; reversed++) {
    DnnCandidate *candidate = dnn_candidate_new (
        &choice_kernel, call->n_inputs, call->n_outputs);
    candidate->src[0] = fake_new_format (reversed, &call->inputs[0]);
    candidate->src[1] = fake_new_format (FALSE, &call->inputs[1]);
    candidate->dst[0] = fake_new_format (reversed, &call->outputs[0]);
    candidate->cost = reversed ? 1.1e6 : 1e6;
    dnn_offers_add (offers, candidate);
  }
}

static const DnnOp choice = {
  .name = "Fake.Choice",
  .inputs = DNN_ROWS (choice_inputs),
  .outputs = DNN_ROWS (choice_outputs),
  .attrs = DNN_ROWS (choice_attrs),
  .infer = infer_choice,
  .ref = ref_choice,
  .offer = offer_choice,
};

/* ---- plans -------------------------------------------------------------- */

/* x → Choice s → y. @length: so that each test has keys of its own. */
static DnnModule *
make_large_module (guint n_channels, gint64 length)
{
  DnnGraph *graph = dnn_graph_new ("g");
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  fake_input (graph, "x", n_channels, length);
  fake_param (graph, "w", n_channels);
  fake_node (graph, "Fake.Choice", "s", "x", "w");
  fake_output (graph, "s");
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  g_object_unref (graph);
  return module;
}

static DnnModule *
make_module (gint64 length)
{
  return make_large_module (16, length);
}

static DnnPlan *
get_plan (DnnModule *module, DnnTune tune, const gchar *tune_file)
{
  DnnShape shape = *dnn_module_get_input_shape (module, 0);
  g_autoptr (GError) error = NULL;
  DnnTarget target;
  DnnPlan *plan;

  dnn_target_init (&target);
  target.tune = tune;
  dnn_target_set_tune_file (&target, tune_file);
  plan = dnn_plan_get_for_target (module, &shape, &target, NULL, &error);
  g_assert_no_error (error);
  return plan;
}

static const DnnPlanStep *
find_step (DnnPlan *plan)
{
  for (guint i = 0; i < dnn_plan_get_n_steps (plan); i++)
    if (strcmp (dnn_plan_get_step (plan, i)->op, "Fake.Choice") == 0)
      return dnn_plan_get_step (plan, i);
  g_assert_not_reached ();
}

static gboolean
is_reversed (DnnPlan *plan)
{
  return strstr (find_step (plan)->text, "reversed") != NULL;
}

/* Notes what a way of the node takes, by its key. */
static void
note (DnnModule *module, gboolean reversed, gdouble ns)
{
  g_autoptr (DnnInference)
      inference = dnn_infer_graph (dnn_module_get_graph (module), NULL, NULL,
          DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL, NULL);
  g_autoptr (DnnDraft) draft = dnn_draft_new (inference);
  const DnnDraftNode *node;
  guint n = 0;

  dnn_plan_offer (draft);
  node = draft->nodes->pdata[0];
  for (guint i = 0; i < node->options->len; i++) {
    const DnnOption *option = node->options->pdata[i];
    g_autofree gchar *format = dnn_format_to_string (option->first->dst[0]);
    g_autofree gchar *call_key = dnn_tune_key_of_call (node->call);
    g_autofree gchar *key = dnn_tune_key (call_key, option->first);
    if (option->first->is_reference ||
        (strstr (format, "reversed") != NULL) != reversed)
      continue;
    dnn_tune_store_add (dnn_tune_store_get (), key, ns);
    n++;
  }
  g_assert_cmpuint (n, ==, 1);
}

static void
test_off_and_cached (void)
{
  g_autoptr (DnnModule) module = make_module (LENGTH);
  g_autoptr (DnnPlan) by_table = get_plan (module, DNN_TUNE_OFF, NULL);
  g_autoptr (DnnPlan) not_measured = NULL;
  g_autoptr (DnnPlan) off = NULL;
  g_autoptr (DnnPlan) cached = NULL;
  g_autoptr (DnnModule) later = make_module (LENGTH);

  not_measured = get_plan (module, DNN_TUNE_CACHED, NULL);
  g_assert_false (is_reversed (by_table));
  g_assert_false (is_reversed (not_measured));
  g_assert_false (find_step (by_table)->is_measured);
  g_assert_false (find_step (not_measured)->is_measured);
  note (module, FALSE, 1e6);
  note (module, TRUE, 1e4);
  off = get_plan (later, DNN_TUNE_OFF, NULL);
  cached = get_plan (later, DNN_TUNE_CACHED, NULL);
  g_assert_false (is_reversed (off));
  g_assert_true (is_reversed (cached));
  g_assert_true (find_step (cached)->is_measured);
  g_assert_cmpfloat (find_step (cached)->cost, ==, 1e4);
}

/* What was never measured is thought to be as far off as what was. */
static void
test_scale (void)
{
  g_autoptr (DnnModule) module = make_module (LENGTH + 1);
  g_autoptr (DnnPlan) plan = NULL;

  note (module, FALSE, 1e9);
  plan = get_plan (module, DNN_TUNE_CACHED, NULL);
  g_assert_false (is_reversed (plan));
  g_assert_true (find_step (plan)->is_measured);
}

/* Within 3 % the table's order decides. Reorders are cheap beside it. */
static void
test_same (void)
{
  g_autoptr (DnnModule) near = make_module (LENGTH + 2);
  g_autoptr (DnnModule) far = make_module (LENGTH + 3);
  g_autoptr (DnnPlan) near_plan = NULL;
  g_autoptr (DnnPlan) far_plan = NULL;

  for (guint i = 0; i < 2; i++) {
    DnnModule *module = i == 0 ? near : far;
    note (module, TRUE, i == 0 ? 0.98e9 : 0.96e9);
    note (module, FALSE, 1e9);
  }
  near_plan = get_plan (near, DNN_TUNE_CACHED, NULL);
  far_plan = get_plan (far, DNN_TUNE_CACHED, NULL);
  g_assert_false (is_reversed (near_plan));
  g_assert_true (is_reversed (far_plan));
}

/* ---- files of choices --------------------------------------------------- */

static void
test_choices (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "choices", NULL);
  g_autoptr (DnnModule) module = make_module (LENGTH + 4);
  g_autoptr (DnnModule) later = make_module (LENGTH + 4);
  g_autoptr (DnnModule) other = make_module (LENGTH + 5);
  g_autoptr (DnnPlan) plan = NULL;
  g_autoptr (DnnPlan) same = NULL;
  g_autoptr (DnnPlan) unknown = NULL;
  g_autoptr (GError) error = NULL;

  note (module, FALSE, 1e6);
  note (module, TRUE, 1e4);
  plan = get_plan (module, DNN_TUNE_ON, NULL);
  g_assert_true (is_reversed (plan));
  g_assert_true (dnn_plan_write_choices (&plan, 1, path, &error));
  g_assert_no_error (error);
  note (module, FALSE, 1e3); /* what is known now doesn't matter */
  same = get_plan (later, DNN_TUNE_CACHED, path);
  g_assert_true (is_reversed (same));
  unknown = get_plan (other, DNN_TUNE_CACHED, path);
  g_assert_false (is_reversed (unknown));
}

/* Named, and not there: one line, and the estimates decide. */
static void
test_choices_absent (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "choices", NULL);
  g_autoptr (DnnModule) module = make_module (LENGTH + 6);
  g_autoptr (DnnModule) later = make_module (LENGTH + 6);
  g_autoptr (DnnPlan) plan = get_plan (module, DNN_TUNE_ON, NULL);
  g_autoptr (DnnPlan) again = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gchar *before = NULL;

  g_assert_true (dnn_plan_write_choices (&plan, 1, path, NULL));
  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  g_string_append (text, before);
  g_assert_cmpuint (
      g_string_replace (text, "\tfake:choice", "\tjit:avx1024", 0), ==, 1);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
      "*/choices: 1 choices are not offered on this machine (*), the estimates "
      "decide there: node \"s\" (Fake.Choice): \"jit:avx1024*\"");
  again = get_plan (later, DNN_TUNE_ON, path);
  g_test_assert_expected_messages ();
  g_assert_false (is_reversed (again));
}

/* Said where it is set. */
static void
test_choices_error (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "choices", NULL);
  g_autoptr (DnnModule) module = make_module (LENGTH + 7);
  g_autoptr (GError) error = NULL;
  DnnTarget target;

  dnn_target_init (&target);
  dnn_target_set_tune_file (&target, path);
  g_assert_null (dnn_instance_new_for_target (module, &target, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_prefix (error->message, "Tune file "));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "gst-dnn choices 1\n", -1, NULL));
  g_assert_null (dnn_instance_new_for_target (module, &target, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "line 2: expected \"machine\""));
}

/* ---- measuring ---------------------------------------------------------- */

/* Candidates of the node of @made (transfer full), its inputs as they are. */
static void
with_candidates (DnnModule *made, void (*check) (DnnTuneItem *items, guint n))
{
  g_autoptr (DnnModule) module = made;
  g_autoptr (DnnInference)
      inference = dnn_infer_graph (dnn_module_get_graph (module), NULL, NULL,
          DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL, NULL);
  g_autoptr (DnnDraft) draft = dnn_draft_new (inference);
  DnnTuneItem items[8];
  const DnnDraftNode *node;
  guint n = 0;

  dnn_plan_offer (draft);
  node = draft->nodes->pdata[0];
  for (guint i = 0; i < node->options->len; i++) {
    const DnnOption *option = node->options->pdata[i];
    g_assert_cmpint (dnn_tune_is_measurable (option->first), ==,
        !option->first->is_reference);
    if (!option->first->is_reference)
      items[n++] = (DnnTuneItem){ node->call, option->first, 0 };
  }
  g_assert_cmpuint (n, ==, 2);
  check (items, n);
}

static void
check_measured (DnnTuneItem *items, guint n)
{
  g_assert_true (dnn_tune_measure (
      items, n, g_get_monotonic_time () + 60 * G_USEC_PER_SEC));
  for (guint i = 0; i < n; i++) {
    g_assert_cmpfloat (items[i].ns, >, 0);
    g_assert_cmpfloat (items[i].ns, <, 1e10);
  }
}

static void
test_measure (void)
{
  with_candidates (make_module (LENGTH + 8), check_measured);
}

static void
check_too_late (DnnTuneItem *items, guint n)
{
  g_assert_false (dnn_tune_measure (items, n, g_get_monotonic_time () - 1));
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (items[i].ns, ==, 0);
}

static void
test_too_late (void)
{
  with_candidates (make_module (LENGTH + 8), check_too_late);
}

/* By the table the warm-up alone takes longer than there is time: it isn't
 * begun, so that the first start of a model with large tensors doesn't wait. */
static void
check_too_long (DnnTuneItem *items, guint n)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  for (guint i = 0; i < n; i++)
    ((DnnCandidate *) items[i].candidate)->cost = 31e9;
  n_runs = 0;
  g_assert_false (dnn_tune_measure (items, n, deadline));
  g_assert_cmpuint (n_runs, ==, 0);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (items[i].ns, ==, 0);
}

static void
test_too_long (void)
{
  with_candidates (make_module (LENGTH + 8), check_too_long);
}

/* Half a TiB a tensor: no abort, nothing measured. */
static void
check_no_memory (DnnTuneItem *items, guint n)
{
  n_runs = 0;
  g_assert_false (dnn_tune_measure (
      items, n, g_get_monotonic_time () + 60 * G_USEC_PER_SEC));
  g_assert_cmpuint (n_runs, ==, 0);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (items[i].ns, ==, 0);
}

static void
test_no_memory (void)
{
  with_candidates (make_large_module (1 << 15, 1 << 22), check_no_memory);
}

/* All of it, however busy the machine is: the results are right, and the file
 * can be read. */
static void
test_on (void)
{
  g_autoptr (DnnModule) module = make_module (LENGTH + 9);
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GPtrArray)
      inputs = fake_random_inputs (dnn_module_get_graph (module), random);
  g_autoptr (GPtrArray)
      expected = fake_evaluate (dnn_module_get_graph (module), inputs);
  gconstpointer src = dnn_tensor_get_data (inputs->pdata[0]);
  gsize size = dnn_tensor_get_size (expected->pdata[0]);
  gpointer dst = dnn_alloc_aligned (size);
  g_autoptr (GError) error = NULL;
  DnnTarget target;

  dnn_target_init (&target);
  target.tune = DNN_TUNE_ON;
  instance = dnn_instance_new_for_target (module, &target, NULL, &error);
  g_assert_no_error (error);
  dnn_instance_prepare (
      instance, dnn_module_get_input_shape (module, 0), &error);
  g_assert_no_error (error);
  dnn_instance_run (instance, &src, &dst, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (dst, size, dnn_tensor_get_data (expected->pdata[0]), size);
  dnn_free_aligned (dst);
}

/* ---- keys --------------------------------------------------------------- */

static void
test_key (void)
{
  g_autoptr (DnnModule) module = make_module (LENGTH + 10);
  g_autoptr (DnnInference) inference = dnn_infer_graph (
      dnn_module_get_graph (module), NULL, NULL, DNN_INFER_KNOWN, NULL);
  DnnCall *call = inference->calls->pdata[0];
  g_autofree gchar *key = NULL;

  call->inputs[1].is_constant = TRUE;
  key = dnn_tune_key_of_call (call);
  g_assert_cmpstr (key, ==,
      "Fake.Choice gain=2 (float32 1x16x74, float32 1x16 constant) > (float32 "
      "1x16x74)");
}

#define ADD(name, function)                                                  \
  g_test_add ("/core/plan-tune/" name, TestFolder, NULL, test_folder_set_up, \
      function, test_folder_tear_down)

int
main (int argc, char **argv)
{
  g_autofree gchar *cache = test_folder_make ();
  gint result;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  dnn_op_register (&choice);
  g_test_add_func ("/core/plan-tune/off-and-cached", test_off_and_cached);
  g_test_add_func ("/core/plan-tune/scale", test_scale);
  g_test_add_func ("/core/plan-tune/same", test_same);
  ADD ("choices", test_choices);
  ADD ("choices-absent", test_choices_absent);
  ADD ("choices-error", test_choices_error);
  g_test_add_func ("/core/plan-tune/measure", test_measure);
  g_test_add_func ("/core/plan-tune/too-late", test_too_late);
  g_test_add_func ("/core/plan-tune/too-long", test_too_long);
  g_test_add_func ("/core/plan-tune/no-memory", test_no_memory);
  g_test_add_func ("/core/plan-tune/on", test_on);
  g_test_add_func ("/core/plan-tune/key", test_key);
  result = g_test_run ();
  test_folder_remove (cache);
  return result;
}
