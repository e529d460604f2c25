/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The registry of operators and the folders of their code and rows → tests that
 * they agree. */
#include "config.h"

#include "tests/kernels/kernel-list.h"

#include <string.h>

#include "pipeline-core/op/dnn-op.h"

/* Every file in kernels/ops/ is on the list that makes the registry. */
static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (DNN_KERNEL_OPS, 0, &error);
  const gchar *file;

  g_assert_no_error (error);
  while ((file = g_dir_read_name (dir))) {
    g_autofree gchar *name = g_strndup (
        file, strlen (file) - MIN (strlen (file), 2));
    if (g_str_has_suffix (file, ".c") && !dnn_op_lookup (name))
      g_test_fail_printf (
          "%s is not in operator_files of kernels/meson.build", file);
  }
}

/* Every operator has its file, every file its operator. Those that run graphs
 * have tests of models: test-control.py. */
static void
test_files (void)
{
  const DnnOp *const *ops = dnn_op_list ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (DNN_KERNEL_ROWS, 0, &error);
  const gchar *file;

  g_assert_no_error (error);
  for (guint i = 0; ops[i]; i++) {
    g_autofree gchar *path = g_strdup_printf (
        "%s/%s.json", DNN_KERNEL_ROWS, ops[i]->name);
    if (!ops[i]->runs_subgraphs && !g_file_test (path, G_FILE_TEST_EXISTS))
      g_test_fail_printf ("operator %s has no rows: %s", ops[i]->name, path);
  }
  while ((file = g_dir_read_name (dir))) {
    g_autofree gchar *name = g_strndup (
        file, strlen (file) - MIN (strlen (file), 5));
    if (g_str_has_suffix (file, ".json") && !dnn_op_lookup (name))
      g_test_fail_printf ("%s: no such operator", file);
  }
}

void
kernel_list_add_tests (void)
{
  g_test_add_func ("/kernels/list", test_list);
  g_test_add_func ("/kernels/files", test_files);
}
