/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A params file that is cut, written to, deleted or replaced before, while and
 * after a plan is made of it: one error, or the results of what was loaded. */
#include "config.h"

#include "pipeline-core/plan/dnn-instance.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include "pipeline-core/store/dnn-store.h"
#include "tests/core/fake-ops.h"
#include "tests/test-folder.h"

/* So that a param is larger than what inference copies. */
#define N_CHANNELS 40000

typedef enum
{
  CUT, /* to nothing */
  HALVED,
  WRITTEN, /* other numbers in place, of the same size */
  DELETED,
  REPLACED, /* another file renamed into its place */
} Damage;

typedef enum
{
  BEFORE,
  WHILE,
  BEHIND,
} Moment;

static const struct
{
  const gchar *name;
  Moment moment;
  Damage damage;
  gboolean is_error;
} rows[] = {
  { "before/cut", BEFORE, CUT, TRUE },
  { "before/halved", BEFORE, HALVED, TRUE },
  { "before/written", BEFORE, WRITTEN, TRUE },
  { "before/deleted", BEFORE, DELETED, FALSE },
  { "before/replaced", BEFORE, REPLACED, FALSE },
  { "while/cut", WHILE, CUT, TRUE },
  { "while/halved", WHILE, HALVED, TRUE },
  { "while/written", WHILE, WRITTEN, TRUE },
  { "while/deleted", WHILE, DELETED, FALSE },
  { "while/replaced", WHILE, REPLACED, FALSE },
  { "behind/cut", BEHIND, CUT, FALSE },
  { "behind/halved", BEHIND, HALVED, FALSE },
  { "behind/written", BEHIND, WRITTEN, FALSE },
  { "behind/deleted", BEHIND, DELETED, FALSE },
  { "behind/replaced", BEHIND, REPLACED, FALSE },
};

/* Of the test that runs: what the hook damages. */
static Damage damage_now;
static const gchar *params_path;

static void
write_other (const gchar *path)
{
  g_autofree gchar *bytes = NULL;
  gsize length = 0;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (params_path, &bytes, &length, &error);
  g_assert_no_error (error);
  memset (bytes + length / 2, 0x40, length / 4);
  if (g_str_equal (path, params_path)) {
    FILE *file = g_fopen (path, "r+b");
    g_assert_nonnull (file);
    g_assert_cmpuint (fwrite (bytes, 1, length, file), ==, length);
    g_assert_cmpint (fclose (file), ==, 0);
  } else {
    g_file_set_contents (path, bytes, (gssize) length, &error);
    g_assert_no_error (error);
  }
}

static void
do_damage (void)
{
  g_autofree gchar *other = g_strconcat (params_path, ".new", NULL);
  struct utimbuf later = { 2000000000, 2000000000 };
  GStatBuf info;

  g_assert_cmpint (g_stat (params_path, &info), ==, 0);
  switch (damage_now) {
    case CUT:
      g_assert_cmpint (truncate (params_path, 0), ==, 0);
      break;
    case HALVED:
      g_assert_cmpint (truncate (params_path, info.st_size / 2), ==, 0);
      break;
    case WRITTEN:
      write_other (params_path);
      /* two writes within one tick of the clock can't be told apart */
      g_assert_cmpint (g_utime (params_path, &later), ==, 0);
      break;
    case DELETED:
      g_assert_cmpint (g_unlink (params_path), ==, 0);
      break;
    case REPLACED:
      write_other (other);
      g_assert_cmpint (g_rename (other, params_path), ==, 0);
      break;
  }
}

/* Once. */
static void
damage_when_offered (void)
{
  fake_when_offered = NULL;
  do_damage ();
}

/* One param packed, one read as it lies in each frame, one that is an output.
 */
static DnnModule *
load_sample (const gchar *dir)
{
  static const gchar *const names[] = { "packed", "plain", "output" };
  g_autoptr (DnnGraph) graph = dnn_graph_new ("sample");
  g_autoptr (DnnModule) module = NULL, loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *json = g_build_filename (dir, "g.json", NULL);
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) N_CHANNELS, (gint64) 1);

  fake_input (graph, "x", N_CHANNELS, 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
    gfloat *data = dnn_tensor_get_writable_data (tensor);
    for (guint j = 0; j < N_CHANNELS; j++)
      data[j] = 0.25f * (gfloat) (1 + i + j % 31);
    dnn_graph_add_param (graph, names[i], tensor);
  }
  fake_node (graph, "Fake.Scale", "s", "x", "packed");
  fake_node (graph, "Fake.Add", "a", "s", "plain");
  fake_output (graph, "a");
  fake_output (graph, "output");
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  dnn_module_write (module, json, params_path, &error);
  g_assert_no_error (error);
  loaded = dnn_module_new_from_files (
      json, params_path, dnn_module_get_lib_name (module), &error);
  g_assert_no_error (error);
  return g_steal_pointer (&loaded);
}

/* What it answers, in memory of its own. */
static GPtrArray *
evaluate (DnnModule *module, GPtrArray *inputs)
{
  g_autoptr (GPtrArray)
      found = fake_evaluate (dnn_module_get_graph (module), inputs);
  GPtrArray *copies = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);

  for (guint i = 0; i < found->len; i++) {
    DnnTensor *copy = dnn_tensor_new (
        DNN_TYPE_FLOAT32, dnn_tensor_get_shape (found->pdata[i]));
    memcpy (dnn_tensor_get_writable_data (copy),
        dnn_tensor_get_data (found->pdata[i]),
        dnn_tensor_get_size (found->pdata[i]));
    g_ptr_array_add (copies, copy);
  }
  return copies;
}

static DnnInstance *
make_instance (DnnModule *module, gint threads)
{
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = dnn_instance_new (
      module, threads, NULL, NULL, &error);

  g_assert_no_error (error);
  return instance;
}

static gboolean
prepare (DnnInstance *instance, GError **error)
{
  DnnModule *module = dnn_instance_get_module (instance);

  return dnn_instance_prepare (
      instance, dnn_module_get_input_shape (module, 0), error);
}

static void
check_error (const GError *error)
{
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, params_path));
  g_assert_nonnull (
      strstr (error->message, "The file has changed since it was loaded ("));
  g_assert_nonnull (strstr (error->message,
      "): load it again; write a new file and rename it into place"));
}

static void
check_results (DnnInstance *instance, GPtrArray *inputs, GPtrArray *expected)
{
  gpointer dst[2];
  gconstpointer src = dnn_tensor_get_data (inputs->pdata[0]);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < expected->len; i++) {
    DnnTensor *tensor = dnn_tensor_new (
        DNN_TYPE_FLOAT32, dnn_tensor_get_shape (expected->pdata[i]));
    g_ptr_array_add (outputs, tensor);
    dst[i] = dnn_tensor_get_writable_data (tensor);
  }
  dnn_instance_run (instance, &src, dst, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < expected->len; i++)
    g_assert_true (dnn_tensor_equal (outputs->pdata[i], expected->pdata[i]));
}

/* What was made of the file before goes on, and nothing more is. */
static void
check_second (DnnModule *module, DnnInstance *instance, GPtrArray *inputs,
    GPtrArray *expected)
{
  gboolean is_changed = damage_now != DELETED && damage_now != REPLACED;
  g_autoptr (DnnInstance) second = make_instance (module, 2);
  g_autoptr (GError) error = NULL;

  prepare (second, &error);
  if (is_changed)
    check_error (error);
  else
    check_results (second, inputs, expected);
  check_results (instance, inputs, expected);
}

static void
test_row (TestFolder *folder, gconstpointer data)
{
  guint idx = GPOINTER_TO_UINT (data);
  g_autofree gchar *path = g_build_filename (folder->dir, "g.params", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  gsize before = dnn_store_get_size ();
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GPtrArray) inputs = NULL, expected = NULL;
  g_autoptr (GError) error = NULL;

  params_path = path;
  damage_now = rows[idx].damage;
  module = load_sample (folder->dir);
  inputs = fake_random_inputs (dnn_module_get_graph (module), random);
  expected = evaluate (module, inputs);
  instance = make_instance (module, 1);
  if (rows[idx].moment == BEFORE)
    do_damage ();
  if (rows[idx].moment == WHILE)
    fake_when_offered = damage_when_offered;
  prepare (instance, &error);
  if (rows[idx].is_error) {
    check_error (error);
    g_assert_cmpuint (dnn_store_get_size (), ==, before);
    return;
  }
  g_assert_no_error (error);
  if (rows[idx].moment == BEHIND)
    do_damage ();
  check_results (instance, inputs, expected);
  check_second (module, instance, inputs, expected);
}

/* Other numbers under the plan's eyes never get into a block that others find.
 */
static void
test_not_mixed (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "g.params", NULL);
  g_autofree gchar *path2 = g_build_filename (folder->dir, "h.params", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (DnnModule) good = NULL, bad = NULL;
  g_autoptr (DnnInstance) first = NULL, second = NULL;
  g_autoptr (GPtrArray) inputs = NULL, expected = NULL;
  g_autoptr (GError) error = NULL;

  params_path = path2;
  good = load_sample (folder->dir);
  inputs = fake_random_inputs (dnn_module_get_graph (good), random);
  expected = evaluate (good, inputs);
  params_path = path;
  bad = load_sample (folder->dir);
  damage_now = WRITTEN;
  fake_when_offered = damage_when_offered;
  first = make_instance (bad, 1);
  g_assert_false (prepare (first, &error));
  check_error (error);
  second = make_instance (good, 1);
  g_clear_error (&error);
  prepare (second, &error);
  g_assert_no_error (error);
  check_results (second, inputs, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/changed-files/", rows[i].name, NULL);
    g_test_add (name, TestFolder, GUINT_TO_POINTER (i), test_folder_set_up,
        test_row, test_folder_tear_down);
  }
  g_test_add ("/core/changed-files/not-mixed", TestFolder, NULL,
      test_folder_set_up, test_not_mixed, test_folder_tear_down);
  return g_test_run ();
}
