/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Files of a user → what the library says of them, one line an error; exit
 * code 1 if there is any. Other tests compare it with the JSON Schemas:
 *   load-files sample DIR: writes a good configuration into the empty DIR
 *   load-files config PATH, load-files graph PATH: reads it */
#include "config.h"

#include "kernels/dnn-init.h"
#include "tests/core/config/pipeline-config-sample.h"

static int
write_sample (const gchar *dir)
{
  g_autofree gchar *sample = sample_make_folder ();
  g_autoptr (GDir) files = g_dir_open (sample, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (files))) {
    g_autofree gchar *src = g_build_filename (sample, name, NULL);
    g_autofree gchar *dst = g_build_filename (dir, name, NULL);
    g_autofree gchar *data = NULL;
    gsize size;
    if (!g_file_get_contents (src, &data, &size, NULL) ||
        !g_file_set_contents (dst, data, size, NULL))
      return 2;
  }
  test_folder_remove (sample);
  return 0;
}

static int
read_config (const gchar *path)
{
  g_autoptr (GPtrArray) errors = dnn_pipeline_config_validate_file (path);

  for (guint i = 0; i < errors->len; i++)
    g_print ("%s\n", ((GError *) errors->pdata[i])->message);
  return errors->len > 0;
}

static int
read_graph (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = dnn_graph_new_from_file (path, &error);

  if (error)
    g_print ("%s\n", error->message);
  return !graph;
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return 2;
  dnn_init ();
  if (g_str_equal (argv[1], "sample"))
    return write_sample (argv[2]);
  if (g_str_equal (argv[1], "config"))
    return read_config (argv[2]);
  return g_str_equal (argv[1], "graph") ? read_graph (argv[2]) : 2;
}
