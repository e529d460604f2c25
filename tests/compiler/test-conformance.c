/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX's own conformance cases, those of $DNN_ONNX_TESTDATA: all pass but those
 * that docs/conformance.md ($DNN_CONFORMANCE_PAGE) lists with a reason. With
 * --list each is printed with its result instead: what the page is made of. */
#include "config.h"

#include "tests/compiler/conformance.h"

#include <locale.h>
#include <string.h>

/* How reasons begin of cases that pass with params. */
#define NEEDS_PARAMS "passes with params: "

/* A section of the page that doesn't count with $DNN_CONFORMANCE_NEWEST. */
#define OTHERS "## Data of other releases"

/* "folder/case" → its reason; what stands in the tables of the page. */
static GHashTable *listed;

/* Of a case that both suites have, in other forms, the worse counts. */
static void
list_case (const gchar *name, const gchar *reason)
{
  if (!g_hash_table_contains (listed, name) ||
      !g_str_has_prefix (reason, NEEDS_PARAMS))
    g_hash_table_insert (listed, g_strdup (name), g_strdup (reason));
}

static void
read_page (void)
{
  const gchar *path = g_getenv ("DNN_CONFORMANCE_PAGE");
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean is_newest = g_getenv ("DNN_CONFORMANCE_NEWEST") != NULL;
  gboolean is_left_out = FALSE;

  listed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!path || !g_file_get_contents (path, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (gchar **line = lines; *line; line++) {
    g_auto (GStrv) cells = g_strsplit (*line, "|", 4);
    if (g_str_has_prefix (*line, "## "))
      is_left_out = is_newest && g_str_has_prefix (*line, OTHERS);
    if (!is_left_out && g_str_has_prefix (*line, "| `") &&
        g_strv_length (cells) == 4) {
      gchar *name = g_strstrip (cells[1]);
      name[strlen (name) - 1] = '\0';
      list_case (name + 1, g_strstrip (cells[2]));
    }
  }
}

/* "folder/case" of @dir. */
static gchar *
get_name (const gchar *dir)
{
  g_autofree gchar *parent = g_path_get_dirname (dir);
  g_autofree gchar *folder = g_path_get_basename (parent);
  g_autofree gchar *name = g_path_get_basename (dir);

  return g_strdup_printf ("%s/%s", folder, name);
}

static CaseResult
get_expected (const gchar *name, const gchar **reason)
{
  *reason = g_hash_table_lookup (listed, name);
  if (!*reason)
    return CASE_PASSES;
  return g_str_has_prefix (*reason, NEEDS_PARAMS) ? CASE_NEEDS_PARAMS
                                                  : CASE_FAILS;
}

static void
test_case (gconstpointer data)
{
  const gchar *dir = data, *reason;
  g_autofree gchar *name = get_name (dir);
  g_autofree gchar *why = NULL;
  CaseResult expected = get_expected (name, &reason);
  CaseResult result = conformance_run (dir, &why);

  if (result < expected)
    g_test_fail_printf ("%s", why);
  else if (result < CASE_PASSES)
    g_test_message ("listed: %s; now: %s", reason, why);
  else if (reason)
    g_test_message ("passes, and is listed: %s", reason);
}

static void
print_case (const gchar *dir)
{
  g_autofree gchar *name = get_name (dir);
  g_autofree gchar *why = NULL;
  CaseResult result = conformance_run (dir, &why);

  g_print ("%s\t%s%s\n", name, result == CASE_NEEDS_PARAMS ? NEEDS_PARAMS : "",
      result == CASE_PASSES ? "ok" : why);
}

static void
test_no_models (void)
{
  g_test_skip ("no conformance models; DNN_ONNX_TESTDATA names their folder");
}

/* ---- finding them ---- */

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

static GPtrArray *
list_folder (const gchar *path)
{
  g_autoptr (GDir) entries = g_dir_open (path, 0, NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;

  while (entries && (name = g_dir_read_name (entries)))
    g_ptr_array_add (paths, g_build_filename (path, name, NULL));
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

/* root/FOLDER/CASE/model.onnx */
static GPtrArray *
list_cases (const gchar *root)
{
  g_autoptr (GPtrArray) folders = list_folder (root);
  GPtrArray *cases = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < folders->len; i++) {
    g_autoptr (GPtrArray) dirs = list_folder (folders->pdata[i]);
    for (guint j = 0; j < dirs->len; j++) {
      g_autofree gchar *file = g_build_filename (
          dirs->pdata[j], "model.onnx", NULL);
      if (g_file_test (file, G_FILE_TEST_EXISTS))
        g_ptr_array_add (cases, g_strdup (dirs->pdata[j]));
    }
  }
  return cases;
}

int
main (int argc, char **argv)
{
  const gchar *root = g_getenv ("DNN_ONNX_TESTDATA");
  g_autoptr (GPtrArray) cases = list_cases (root ? root : "");
  gint status;

  setlocale (LC_ALL, "");
  if (argc > 1 && g_str_equal (argv[1], "--list")) {
    for (guint i = 0; i < cases->len; i++)
      print_case (cases->pdata[i]);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  read_page ();
  for (guint i = 0; i < cases->len; i++) {
    g_autofree gchar *name = get_name (cases->pdata[i]);
    g_autofree gchar *path = g_strdup_printf ("/compiler/conformance/%s", name);
    g_test_add_data_func (path, cases->pdata[i], test_case);
  }
  if (cases->len == 0)
    g_test_add_func ("/compiler/conformance/models", test_no_models);
  status = g_test_run ();
  g_hash_table_unref (listed);
  return status;
}
