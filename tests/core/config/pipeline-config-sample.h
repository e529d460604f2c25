/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pipeline of three modules, in memory and as files, for the tests of
 * configurations. Nothing comes in; what goes out is legal in every way.
 *
 *   data_a → 0 → data_n_0 → 1 → data_n_1 → 2 → global output 0
 *            0 → data_n_2 ─────────────────↗
 *   data_b → 1
 */
#pragma once

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "pipeline-core/config/dnn-pipeline-config.h"
#include "tests/test-folder.h"

G_BEGIN_DECLS

/* A copy of the file SAMPLE_LIB_FILE, sample-lib.c. */
#define SAMPLE_LIB "lib.so"

/* Inputs float32 1×4, outputs 1×4; one param; names end with NULL. */
static inline DnnGraph *
sample_graph (const gchar *const *inputs, guint n_outputs)
{
  DnnGraph *graph = dnn_graph_new ("sample");
  DnnShape shape = dnn_shape (2, 1, 4);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  DnnNode *node = dnn_graph_add_node (graph, "f", "function");

  for (guint i = 0; inputs[i]; i++)
    dnn_node_add_input (
        node, dnn_graph_add_input (graph, inputs[i], DNN_TYPE_FLOAT32, &shape));
  dnn_node_add_input (node, dnn_graph_add_param (graph, "weight", tensor));
  for (guint i = 0; i < n_outputs; i++) {
    g_autofree gchar *name = g_strdup_printf ("y%u", i);
    DnnValue *value = dnn_graph_add_result (graph, node, name);
    value->type = DNN_TYPE_FLOAT32;
    value->shape = shape;
    dnn_graph_add_output (graph, name, value);
  }
  return graph;
}

static const gchar *const sample_inputs[3][3] = {
  { "data_0", NULL },
  { "data_n_0", "data_1", NULL },
  { "data_n_1", "data_n_2", NULL },
};

static const gchar sample_config[] =
    "{\"load_config\": \"load_config\", "
    "\"pipeline_config\": \"pipeline_config\"}";

static const gchar sample_load_config[] =
    "[{\"mod_idx\": 0, \"lib_name\": \"lib.so\", \"json_name\": \"json0\", "
    "\"params_name\": \"params0\", \"dev\": \"1,0\"},\n"
    "{\"mod_idx\": 1, \"lib_name\": \"lib.so\", \"json_name\": \"json1\", "
    "\"params_name\": \"params1\", \"dev\": \"1;0\"},\n"
    "{\"mod_idx\": 2, \"lib_name\": \"lib.so\", \"json_name\": \"json2\", "
    "\"params_name\": \"params2\", \"dev\": \"1,0\"}]";

static const gchar sample_pipeline_config[] =
    "{\"module_connection\": [\n"
    "{\"mod_idx\": 0, \"cpu_affinity\": \"0\", \"output\": ["
    "{\"output_idx\": 0, \"dependencies\": ["
    "{\"mod_idx\": 1, \"input_name\": \"data_n_0\"}]}, "
    "{\"output_idx\": 1, \"dependencies\": ["
    "{\"mod_idx\": 2, \"input_name\": \"data_n_2\"}]}], "
    "\"dev\": \"1,0\"},\n"
    "{\"mod_idx\": 1, \"cpu_affinity\": \"\", \"output\": ["
    "{\"output_idx\": 0, \"dependencies\": ["
    "{\"mod_idx\": 2, \"input_name\": \"data_n_1\"}]}], "
    "\"threads\": 2, \"precision\": \"f32\", \"queue_depth\": 3, "
    "\"instances\": 1},\n"
    "{\"mod_idx\": 2, \"cpu_affinity\": \"0-3\", \"output\": ["
    "{\"output_idx\": 0, \"dependencies\": [{\"global_output_index\": 0}]}]}"
    "],\n"
    "\"input_connection\": ["
    "{\"global_interface_name\": \"data_a\", \"mod_idx\": 0, "
    "\"module_interface_name\": \"data_0\"}, "
    "{\"global_interface_name\": \"data_b\", \"mod_idx\": 1, "
    "\"module_interface_name\": \"data_1\"}],\n"
    "\"param_connection\": ["
    "{\"global_param_name\": \"param_0\", \"mod_idx\": 0}]}";

/* Without the fsync of g_file_set_contents(), which takes long on a busy
 * disk. */
static inline void
sample_write (const gchar *dir, const gchar *name, const gchar *text)
{
  g_autofree gchar *path = g_build_filename (dir, name, NULL);
  FILE *file = g_fopen (path, "w");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (text, 1, strlen (text), file), ==, strlen (text));
  g_assert_cmpint (fclose (file), ==, 0);
}

static inline void
sample_write_lib (const gchar *dir)
{
  g_autofree gchar *path = g_build_filename (dir, SAMPLE_LIB, NULL);
  g_autofree gchar *data = NULL;
  FILE *file = g_fopen (path, "wb");
  gsize size;

  g_assert_true (g_file_get_contents (SAMPLE_LIB_FILE, &data, &size, NULL));
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* The modules' files. (transfer full): a new folder */
static inline gchar *
sample_make_folder (void)
{
  gchar *dir = test_folder_make ();

  for (guint i = 0; i < 3; i++) {
    g_autoptr (DnnGraph) graph = sample_graph (sample_inputs[i], i ? 1 : 2);
    g_autoptr (DnnParams) params = dnn_graph_get_params (graph);
    g_autofree gchar *json = dnn_graph_to_json (graph);
    g_autofree gchar *name = g_strdup_printf ("json%u", i);
    g_autofree gchar *path = g_strdup_printf ("%s/params%u", dir, i);
    sample_write (dir, name, json);
    g_assert_true (dnn_params_write (params, path, NULL));
  }
  sample_write_lib (dir);
  sample_write (dir, "config", sample_config);
  sample_write (dir, "load_config", sample_load_config);
  sample_write (dir, "pipeline_config", sample_pipeline_config);
  return dir;
}

/* The first @find of @text becomes @replace; @find NULL: all of it. */
static inline gchar *
sample_change (const gchar *text, const gchar *find, const gchar *replace)
{
  const gchar *at = find ? strstr (text, find) : NULL;

  if (!find)
    return g_strdup (replace);
  g_assert_nonnull (at);
  return g_strdup_printf (
      "%.*s%s%s", (gint) (at - text), text, replace, at + strlen (find));
}

G_END_DECLS
