/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The cache of timings: kept, merged, and what is wrong with its file. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-store.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline-core/tune/dnn-tune-choices.h"
#include "pipeline-core/tune/dnn-tune-machine.h"
#include "tests/test-folder.h"

#define MACHINE "a CPU, a backend 1.0"

static gint64
soon (void)
{
  return g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
}

static void
save_one (DnnTuneStore *store, const gchar *key, gdouble ns)
{
  g_assert_true (dnn_tune_store_lock (store, soon ()));
  dnn_tune_store_add (store, key, ns);
  dnn_tune_store_save (store);
  dnn_tune_store_unlock (store);
}

static void
expect_message (const gchar *pattern)
{
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, pattern);
}

/* ---- kept --------------------------------------------------------------- */

static void
test_kept (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "new", "deep", NULL);
  g_autoptr (DnnTuneStore) store = dnn_tune_store_new (path, MACHINE);
  g_autoptr (DnnTuneStore) later = dnn_tune_store_new (path, MACHINE);
  g_autoptr (DnnTuneStore) other = dnn_tune_store_new (path, "another CPU");

  g_assert_cmpfloat (dnn_tune_store_find (store, "a | b"), ==, 0);
  save_one (store, "a | b", 1234.4);
  g_assert_cmpfloat (dnn_tune_store_find (store, "a | b"), ==, 1234.4);
  g_assert_cmpfloat (dnn_tune_store_find (later, "a | b"), ==, 1234);
  g_assert_cmpfloat (dnn_tune_store_find (later, "a | c"), ==, 0);
  g_assert_cmpfloat (dnn_tune_store_find (other, "a | b"), ==, 0);
  g_assert_cmpstr (
      dnn_tune_store_get_path (store), !=, dnn_tune_store_get_path (other));
}

/* Who has the lock sees what others wrote; who writes keeps it. */
static void
test_merged (TestFolder *folder, gconstpointer data)
{
  g_autoptr (DnnTuneStore) a = dnn_tune_store_new (folder->dir, MACHINE);
  g_autoptr (DnnTuneStore) b = dnn_tune_store_new (folder->dir, MACHINE);
  g_autoptr (DnnTuneStore) all = dnn_tune_store_new (folder->dir, MACHINE);

  g_assert_cmpfloat (dnn_tune_store_find (b, "one"), ==, 0);
  save_one (a, "one", 1);
  save_one (b, "two", 2);
  g_assert_cmpfloat (dnn_tune_store_find (b, "one"), ==, 1);
  g_assert_cmpfloat (dnn_tune_store_find (all, "one"), ==, 1);
  g_assert_cmpfloat (dnn_tune_store_find (all, "two"), ==, 2);
}

/* One at a time, in one process as between two. */
static void
test_lock (TestFolder *folder, gconstpointer data)
{
  g_autoptr (DnnTuneStore) a = dnn_tune_store_new (folder->dir, MACHINE);
  g_autoptr (DnnTuneStore) b = dnn_tune_store_new (folder->dir, MACHINE);

  g_assert_true (dnn_tune_store_lock (a, soon ()));
  g_assert_false (dnn_tune_store_lock (b, g_get_monotonic_time ()));
  dnn_tune_store_unlock (a);
  g_assert_true (dnn_tune_store_lock (b, g_get_monotonic_time ()));
  dnn_tune_store_unlock (b);
}

#define N_WRITES 20

static void
write_many (const gchar *folder, gint who)
{
  g_autoptr (DnnTuneStore) store = dnn_tune_store_new (folder, MACHINE);

  for (gint i = 0; i < N_WRITES; i++) {
    g_autofree gchar *key = g_strdup_printf ("process %d, %d", who, i);
    save_one (store, key, i + 1);
  }
}

/* Both write as fast as they can: nothing is lost, nothing is half. */
static void
test_two_processes (TestFolder *folder, gconstpointer data)
{
  g_autoptr (DnnTuneStore) store = NULL;
  gint status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  write_many (folder->dir, child == 0);
  if (child == 0)
    _exit (0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  store = dnn_tune_store_new (folder->dir, MACHINE);
  for (gint i = 0; i < 2 * N_WRITES; i++) {
    g_autofree gchar *key = g_strdup_printf (
        "process %d, %d", i / N_WRITES, i % N_WRITES);
    g_assert_cmpfloat (dnn_tune_store_find (store, key), ==, i % N_WRITES + 1);
  }
}

/* ---- what is wrong with a file ------------------------------------------ */

typedef struct
{
  const gchar *name;
  const gchar *text;
  const gchar *message; /* a pattern */
} BadFile;

static const BadFile bad_files[] = {
  { "empty", "",
      "*timings-*: line 1: expected \"gst-dnn timings 1\"; what was "
      "measured is not used" },
  { "other-file", "{}\n", "*: line 1: expected \"gst-dnn timings 1\"*" },
  { "later-version", "gst-dnn timings 2\nmachine\t" MACHINE "\nend\t0\n",
      "*: line 1: expected \"gst-dnn timings 1\"*" },
  { "no-machine", "gst-dnn timings 1\na\t1\nend\t1\n",
      "*: line 2: expected \"machine\"*" },
  { "truncated", "gst-dnn timings 1\nmachine\t" MACHINE "\nthe key\t1",
      "*: line 3: the file was cut off: it has no end*" },
  { "truncated-in-line", "gst-dnn timings 1\nmachine\t" MACHINE "\nthe k",
      "*: line 3: expected two texts and a tab, or the end*" },
  { "truncated-in-end",
      "gst-dnn timings 1\nmachine\t" MACHINE "\nthe key\t1\nend",
      "*: line 4: expected two texts and a tab*" },
  { "behind-the-end",
      "gst-dnn timings 1\nmachine\t" MACHINE "\nend\t0\nthe key\t1\n",
      "*: line 4: nothing was expected*" },
  { "not-text", "gst-dnn timings 1\nmachine\t\xff\xfe\nend\t0\n",
      "*: it is no text*" },
  { "other-machine",
      "gst-dnn timings 1\nmachine\ta CPU, a backend 2.0\n"
      "the key\t1\nend\t1\n",
      "*: timings of another machine (a CPU, a backend "
      "2.0); they are not used" },
};

/* One line, no timings; then it is written anew. */
static void
test_bad_file (gconstpointer data)
{
  const BadFile *row = data;
  g_autofree gchar *folder = test_folder_make ();
  g_autoptr (DnnTuneStore) store = dnn_tune_store_new (folder, MACHINE);
  g_autoptr (DnnTuneStore) later = dnn_tune_store_new (folder, MACHINE);

  g_assert_true (g_file_set_contents (
      dnn_tune_store_get_path (store), row->text, -1, NULL));
  expect_message (row->message);
  g_assert_cmpfloat (dnn_tune_store_find (store, "the key"), ==, 0);
  g_test_assert_expected_messages ();
  save_one (store, "the key", 7);
  g_assert_cmpfloat (dnn_tune_store_find (later, "the key"), ==, 7);
  test_folder_remove (folder);
}

/* Numbers that are none are as if they weren't there. */
static void
test_bad_numbers (TestFolder *folder, gconstpointer data)
{
  g_autoptr (DnnTuneStore) store = dnn_tune_store_new (folder->dir, MACHINE);
  const gchar *text = "gst-dnn timings 1\nmachine\t" MACHINE "\na\t\nb\t-1\n"
                      "c\tno\nh\t1x\ne\t1e99\nf\t0\ng\t5\nend\t7\n";

  g_assert_true (
      g_file_set_contents (dnn_tune_store_get_path (store), text, -1, NULL));
  for (const gchar *key = "abchef"; *key; key++) {
    gchar word[2] = { *key, 0 };
    g_assert_cmpfloat (dnn_tune_store_find (store, word), ==, 0);
    g_assert_cmpint (dnn_tune_store_is_known (store, word), ==, *key == 'f');
  }
  g_assert_cmpfloat (dnn_tune_store_find (store, "g"), ==, 5);
}

/* A file where the folder should be: nobody may write there, not even root. */
static void
test_unwritable (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *file = g_build_filename (folder->dir, "file", NULL);
  g_autoptr (DnnTuneStore) store = dnn_tune_store_new (file, MACHINE);

  g_assert_true (g_file_set_contents (file, "", -1, NULL));
  g_assert_cmpfloat (dnn_tune_store_find (store, "a"), ==, 0);
  expect_message ("*/file/lock: can't be written: *; nothing is measured");
  g_assert_false (dnn_tune_store_lock (store, soon ()));
  g_test_assert_expected_messages ();
  /* one line is enough */
  g_assert_false (dnn_tune_store_lock (store, soon ()));
  dnn_tune_store_add (store, "a", 3);
  g_assert_cmpfloat (dnn_tune_store_find (store, "a"), ==, 3);
}

/* The lock can be had, the file can't be replaced. */
static void
test_unwritable_file (TestFolder *folder, gconstpointer data)
{
  g_autoptr (DnnTuneStore) store = dnn_tune_store_new (folder->dir, MACHINE);

  g_assert_cmpint (g_mkdir (dnn_tune_store_get_path (store), 0700), ==, 0);
  expect_message ("*: a folder, expected a file; what was measured is not "
                  "used");
  save_one (store, "a", 3);
  g_test_assert_expected_messages ();
  g_assert_cmpfloat (dnn_tune_store_find (store, "a"), ==, 3);
}

/* ---- choices ------------------------------------------------------------ */

static void
test_choices (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "choices", NULL);
  g_autoptr (DnnTuneRows) rows = dnn_tune_rows_new (MACHINE);
  g_autoptr (DnnTuneRows) again = NULL;
  g_autoptr (GError) error = NULL;

  dnn_tune_rows_set (rows, "node", "way");
  g_assert_true (dnn_tune_choices_write (rows, path, &error));
  g_assert_no_error (error);
  again = dnn_tune_choices_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->machine, ==, MACHINE);
  g_assert_cmpstr (g_hash_table_lookup (again->rows, "node"), ==, "way");
  g_assert_cmpuint (g_hash_table_size (again->rows), ==, 1);
}

static void
test_choices_errors (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "choices", NULL);
  g_autoptr (DnnTuneRows) rows = dnn_tune_rows_new (MACHINE);
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_tune_choices_read (path, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "choices: No such file"));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (
      path, "gst-dnn timings 1\nmachine\tx\nend\t0\n", -1, NULL));
  g_assert_null (dnn_tune_choices_read (path, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (
      error->message, "choices: line 1: expected \"gst-dnn choices 1\""));
  g_clear_error (&error);
  g_assert_false (dnn_tune_choices_write (rows, "/proc/none/file", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_nonnull (
      strstr (error->message, "/proc/none/file: can't be written: "));
}

static void
test_machine (void)
{
  dnn_tune_set_backend ("a backend 3");
  g_assert_true (g_str_has_suffix (dnn_tune_get_machine (), ", a backend 3"));
  g_assert_null (strpbrk (dnn_tune_get_machine (), "\t\n"));
}

#define ADD(name, function)                                                   \
  g_test_add ("/core/tune-store/" name, TestFolder, NULL, test_folder_set_up, \
      function, test_folder_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("kept", test_kept);
  ADD ("merged", test_merged);
  ADD ("lock", test_lock);
  ADD ("two-processes", test_two_processes);
  for (guint i = 0; i < G_N_ELEMENTS (bad_files); i++) {
    g_autofree gchar *name = g_strdup_printf (
        "/core/tune-store/bad-file/%s", bad_files[i].name);
    g_test_add_data_func (name, &bad_files[i], test_bad_file);
  }
  ADD ("bad-numbers", test_bad_numbers);
  ADD ("unwritable", test_unwritable);
  ADD ("unwritable-file", test_unwritable_file);
  ADD ("choices", test_choices);
  ADD ("choices-errors", test_choices_errors);
  g_test_add_func ("/core/tune-store/machine", test_machine);
  return g_test_run ();
}
