/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A description of one node → graph JSON → module → instance. */
#include "config.h"

#include "tests/tvm/one-node.h"

#include <glib/gstdio.h>

#define GRAPH                                                               \
  "{\"nodes\": [%s{\"op\": \"tvm_op\", \"name\": \"n\", \"attrs\": {"       \
  "\"func_name\": \"%s\", \"num_inputs\": \"%d\", \"num_outputs\": \"1\", " \
  "\"flatten_data\": \"%d\", \"hash\": \"0a\"}, \"inputs\": [%s]}], "       \
  "\"arg_nodes\": [%s], \"heads\": [[%d, 0, 0]], \"node_row_ptr\": [%s], "  \
  "\"attrs\": {\"dltype\": [\"list_str\", [%s\"float32\"]], "               \
  "\"shape\": [\"list_shape\", [%s[%s]]], "                                 \
  "\"storage_id\": [\"list_int\", [%s]]}}"

static gchar *
print_json (const OneNode *self)
{
  g_autofree gchar *type = NULL, *shape = NULL;

  if (!self->type)
    return g_strdup_printf (GRAPH, "", self->function, 0, self->flatten, "", "",
        0, "0, 1", "", "", self->dst_shape, "0");
  type = g_strdup_printf ("\"%s\", ", self->type);
  shape = g_strdup_printf ("[%s], ", self->src_shape);
  return g_strdup_printf (GRAPH,
      "{\"op\": \"null\", \"name\": \"x\", \"inputs\": []}, ", self->function,
      1, self->flatten, "[0, 0, 0]", "0", 1, "0, 1, 2", type, shape,
      self->dst_shape, "0, 1");
}

DnnModule *
one_node_load_json (const gchar *json, const gchar *library, GError **error)
{
  g_autofree gchar *path = NULL;
  DnnModule *module;
  gint file = g_file_open_tmp ("dnn-tvm-XXXXXX", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  module = dnn_module_new_from_files (path, NULL, library, error);
  g_remove (path);
  return module;
}

DnnModule *
one_node_load (const OneNode *self, const gchar *library, GError **error)
{
  g_autofree gchar *json = print_json (self);

  return one_node_load_json (json, library, error);
}

DnnInstance *
one_node_prepare (DnnModule *module, gint threads, GError **error)
{
  g_autoptr (DnnInstance)
      self = dnn_instance_new (module, threads, NULL, NULL, error);
  guint n = dnn_module_get_n_inputs (module);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, MAX (n, 1));

  g_assert_nonnull (self);
  for (guint i = 0; i < n; i++)
    shapes[i] = *dnn_module_get_input_shape (module, i);
  if (!dnn_instance_prepare (self, shapes, error))
    return NULL;
  return g_steal_pointer (&self);
}

gchar *
one_node_library (const gchar *name)
{
  const gchar *folder = g_getenv ("DNN_TEST_LIBS");

  g_assert_nonnull (folder);
  return g_build_filename (folder, name, NULL);
}
