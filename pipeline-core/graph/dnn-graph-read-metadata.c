/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* "metadata" of a graph JSON (what TVM's schema has no place for) → names,
 * opset, which null nodes are params. Next: back in dnn-graph-read.c. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph-private.h"

#include <string.h>

void
dnn_graph_metadata_clear (DnnGraphMetadata *metadata)
{
  g_clear_pointer (&metadata->params, g_hash_table_unref);
  g_clear_pointer (&metadata->unknown_ranks, g_hash_table_unref);
  g_clear_pointer (&metadata->value_names, g_strfreev);
  g_clear_pointer (&metadata->output_names, g_strfreev);
}

static gboolean
read_strings (JsonNode *json, const DnnJsonPlace *place, gchar ***strings,
    guint *n, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  JsonArray *list;
  const gchar *text;

  if (!dnn_json_get_list (json, place, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (place, i);
    if (!dnn_json_get_string (
            json_array_get_element (list, i), &here, &text, error))
      return FALSE;
    g_ptr_array_add (texts, g_strdup (text));
  }
  *n = texts->len;
  g_ptr_array_add (texts, NULL);
  *strings = (gchar **) g_ptr_array_steal (texts, NULL);
  return TRUE;
}

static gboolean
read_params (DnnGraphMetadata *self, JsonNode *json, const DnnJsonPlace *place,
    GError **error)
{
  g_auto (GStrv) names = NULL;
  guint n;

  if (!read_strings (json, place, &names, &n, error))
    return FALSE;
  self->params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < n; i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (place, i);
    if (!g_hash_table_add (self->params, g_strdup (names[i])))
      return dnn_json_error (
          &here, error, DNN_ERROR_VALUE, "\"%s\" stands twice", names[i]);
  }
  return TRUE;
}

static gboolean
read_unknown_ranks (DnnGraphMetadata *self, JsonNode *json,
    const DnnJsonPlace *place, GError **error)
{
  JsonArray *list;
  gint64 entry;

  if (!dnn_json_get_list (json, place, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (place, i);
    if (!dnn_json_get_int (json_array_get_element (list, i), &here, 0,
            G_MAXINT32, &entry, error))
      return FALSE;
    g_hash_table_add (self->unknown_ranks, GINT_TO_POINTER ((gint) entry));
  }
  return TRUE;
}

static gboolean
read_opset (
    DnnGraph *graph, JsonNode *json, const DnnJsonPlace *place, GError **error)
{
  return dnn_json_get_int (json, place, 0, G_MAXINT32, &graph->opset, error);
}

static gboolean
read_name (
    DnnGraph *graph, JsonNode *json, const DnnJsonPlace *place, GError **error)
{
  const gchar *name;

  if (!dnn_json_get_string (json, place, &name, error))
    return FALSE;
  g_free (graph->name);
  graph->name = g_strdup (name);
  return TRUE;
}

/* Text under any other key is kept; other things would be lost. */
static gboolean
read_text (DnnGraph *graph, const gchar *key, JsonNode *json,
    const DnnJsonPlace *place, GError **error)
{
  const gchar *nearest = dnn_nearest_word (key, dnn_graph_metadata_keys);
  const gchar *text;

  if (dnn_attrs_get_n (graph->metadata) >= DNN_MAX_NODE_ATTRS)
    return dnn_json_error (place, error, DNN_ERROR_LIMIT,
        "more than %d texts in the metadata", DNN_MAX_NODE_ATTRS);
  if (dnn_json_get_string (json, place, &text, NULL)) {
    dnn_attrs_set (graph->metadata, key, text);
    return TRUE;
  }
  return dnn_json_error (place, error, DNN_ERROR_UNKNOWN_KEY,
      "unknown key, and not a string%s%s%s", nearest ? "; did you mean \"" : "",
      nearest ? nearest : "", nearest ? "\"?" : "");
}

static gboolean
read_member (DnnGraph *graph, DnnGraphMetadata *self, const gchar *key,
    JsonNode *json, const DnnJsonPlace *place, GError **error)
{
  if (g_str_equal (key, "name"))
    return read_name (graph, json, place, error);
  if (g_str_equal (key, "opset"))
    return read_opset (graph, json, place, error);
  if (g_str_equal (key, "params"))
    return read_params (self, json, place, error);
  if (g_str_equal (key, "outputs"))
    return read_strings (
        json, place, &self->output_names, &self->n_output_names, error);
  if (g_str_equal (key, "value_names"))
    return read_strings (
        json, place, &self->value_names, &self->n_value_names, error);
  if (g_str_equal (key, "unknown_ranks"))
    return read_unknown_ranks (self, json, place, error);
  if (g_str_equal (key, "dimensions"))
    return dnn_json_get_object (json, place, &self->dimensions, error);
  if (g_str_equal (key, "subgraphs"))
    return dnn_json_get_object (json, place, &self->subgraphs, error);
  return read_text (graph, key, json, place, error);
}

gboolean
dnn_graph_read_metadata (DnnGraph *graph, JsonNode *json,
    const DnnJsonPlace *place, DnnGraphMetadata *metadata, GError **error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const gchar *key;
  JsonNode *member;

  metadata->unknown_ranks = g_hash_table_new (NULL, NULL);
  if (!json)
    return TRUE;
  if (!dnn_json_get_object (json, place, &object, error))
    return FALSE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &member)) {
    DnnJsonPlace here = DNN_JSON_KEY (place, key);
    if (!read_member (graph, metadata, key, member, &here, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_graph_read_dim_names (DnnGraph *graph, const DnnGraphMetadata *metadata,
    const DnnJsonPlace *place, GError **error)
{
  DnnJsonPlace dimensions = DNN_JSON_KEY (place, "dimensions");
  JsonObjectIter iter;
  const gchar *key;
  JsonNode *member;

  if (!metadata->dimensions)
    return TRUE;
  json_object_iter_init_ordered (&iter, metadata->dimensions);
  while (json_object_iter_next_ordered (&iter, &key, &member)) {
    DnnJsonPlace here = DNN_JSON_KEY (&dimensions, key);
    DnnValue *value = dnn_graph_find_value (graph, key);
    g_auto (GStrv) names = NULL;
    guint n;
    if (!value)
      return dnn_json_error (
          &here, error, DNN_ERROR_GRAPH, "no value has that name");
    if (!read_strings (member, &here, &names, &n, error))
      return FALSE;
    if ((gint) n != MAX (value->shape.rank, 0))
      return dnn_json_error (&here, error, DNN_ERROR_VALUE,
          "%u names for %d dimensions", n, MAX (value->shape.rank, 0));
    value->dim_names = g_steal_pointer (&names);
  }
  return TRUE;
}
