/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graph JSON (TVM's graph-executor schema) → DnnGraph, checked and sorted;
 * whatever is wrong is refused with its JSON path. Next: dnn-graph-params.c
 * binds the params file. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph-private.h"

#include <string.h>

/* One item of "nodes". */
typedef struct
{
  DnnNode *node; /* NULL: a null node */
  const gchar *name; /* belongs to the JSON */
  JsonArray *inputs;
  DnnNodeHead head;
  guint first_entry; /* index of its first output among all */
} Item;

typedef struct
{
  DnnGraph *graph;
  JsonObject *file;
  DnnJsonPlace root, nodes_place, attrs_place, metadata_place;
  Item *items;
  guint n_items;
  GPtrArray *entries; /* DnnValue *, one an output of a node, in order */
  guint64 n_entries;
  JsonArray *types, *shapes, *storage; /* n_entries long, checked */
  DnnGraphMetadata metadata;
} Reader;

static void
clear_reader (Reader *self)
{
  for (guint i = 0; i < self->n_items; i++)
    dnn_node_head_clear (&self->items[i].head);
  g_free (self->items);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  dnn_graph_metadata_clear (&self->metadata);
  g_clear_object (&self->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, clear_reader)

static gboolean
get_member_list (JsonObject *object, const DnnJsonPlace *place,
    const gchar *key, JsonArray **list, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  JsonNode *member = dnn_json_member (object, place, key, error);

  return member && dnn_json_get_list (member, &here, list, error);
}

static gboolean
get_item_int (JsonArray *list, guint idx, const DnnJsonPlace *place, gint64 min,
    gint64 max, gint64 *value, GError **error)
{
  DnnJsonPlace here = DNN_JSON_ITEM (place, idx);

  return dnn_json_get_int (
      json_array_get_element (list, idx), &here, min, max, value, error);
}

/* ---- nodes ----------------------------------------------------------------
 */

static gboolean
read_name (Reader *self, JsonObject *object, const DnnJsonPlace *place,
    const gchar **name, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "name");
  JsonNode *member = dnn_json_member (object, place, "name", error);

  if (!member || !dnn_json_get_string (member, &here, name, error))
    return FALSE;
  if ((*name)[0])
    return TRUE;
  return dnn_json_error (&here, error, DNN_ERROR_VALUE, "empty");
}

static gboolean
read_op (JsonObject *object, const DnnJsonPlace *place, gboolean *is_null,
    GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "op");
  JsonNode *member = dnn_json_member (object, place, "op", error);
  const gchar *op;

  if (!member || !dnn_json_get_string (member, &here, &op, error))
    return FALSE;
  *is_null = g_str_equal (op, "null");
  if (*is_null || g_str_equal (op, "tvm_op"))
    return TRUE;
  return dnn_json_error (&here, error, DNN_ERROR_VALUE,
      "\"%s\" is neither \"null\" nor \"tvm_op\"", op);
}

static gboolean
read_null_node (
    Reader *self, Item *item, const DnnJsonPlace *place, GError **error)
{
  DnnJsonPlace inputs_place = DNN_JSON_KEY (place, "inputs");

  item->head.n_outputs = 1;
  if (json_array_get_length (item->inputs) == 0)
    return TRUE;
  return dnn_json_error (&inputs_place, error, DNN_ERROR_GRAPH,
      "a null node has no inputs, found %u",
      json_array_get_length (item->inputs));
}

/* TVM's reader takes "attr" for "attrs". */
static gboolean
read_op_node (Reader *self, Item *item, JsonObject *object,
    const DnnJsonPlace *place, GError **error)
{
  const gchar *key = json_object_has_member (object, "attr") ? "attr" : "attrs";
  DnnJsonPlace attrs_place = DNN_JSON_KEY (place, key);
  DnnJsonPlace name_place = DNN_JSON_KEY (place, "name");
  DnnJsonPlace inputs_place = DNN_JSON_KEY (place, "inputs");
  DnnJsonPlace outputs_place = DNN_JSON_KEY (&attrs_place, "num_outputs");
  JsonNode *attrs = dnn_json_member (object, place, key, error);

  if (!attrs)
    return FALSE;
  if (g_hash_table_contains (self->graph->nodes_by_name, item->name))
    return dnn_json_error (&name_place, error, DNN_ERROR_GRAPH,
        "\"%s\" is the name of another node", item->name);
  item->node = dnn_graph_read_node (
      self->graph, item->name, attrs, &attrs_place, &item->head, error);
  if (!item->node)
    return FALSE;
  if (item->head.n_outputs == 0)
    return dnn_json_error (&outputs_place, error, DNN_ERROR_GRAPH,
        "0, expected 1 or more: a node without outputs does nothing");
  if (json_array_get_length (item->inputs) == item->head.n_inputs)
    return TRUE;
  return dnn_json_error (&inputs_place, error, DNN_ERROR_GRAPH,
      "%u inputs, but attrs.num_inputs is %u",
      json_array_get_length (item->inputs), item->head.n_inputs);
}

static gboolean
read_item (Reader *self, Item *item, JsonNode *json, const DnnJsonPlace *place,
    GError **error)
{
  static const gchar *const keys[] = { "op", "name", "inputs", "attrs", "attr",
    "control_deps", NULL };
  JsonObject *object;
  gboolean is_null;

  if (!dnn_json_get_object (json, place, &object, error) ||
      !dnn_json_check_keys (object, place, keys, error) ||
      !read_op (object, place, &is_null, error) ||
      !read_name (self, object, place, &item->name, error) ||
      !get_member_list (object, place, "inputs", &item->inputs, error))
    return FALSE;
  return is_null ? read_null_node (self, item, place, error)
                 : read_op_node (self, item, object, place, error);
}

static gboolean
read_nodes (Reader *self, GError **error)
{
  JsonArray *list;

  if (!get_member_list (self->file, &self->root, "nodes", &list, error))
    return FALSE;
  if (json_array_get_length (list) > DNN_MAX_NODES)
    return dnn_json_error (&self->nodes_place, error, DNN_ERROR_LIMIT,
        "%u nodes, at most %d are read", json_array_get_length (list),
        DNN_MAX_NODES);
  self->n_items = json_array_get_length (list);
  self->items = g_new0 (Item, self->n_items);
  for (guint i = 0; i < self->n_items; i++) {
    DnnJsonPlace place = DNN_JSON_ITEM (&self->nodes_place, i);
    Item *item = &self->items[i];
    if (!read_item (
            self, item, json_array_get_element (list, i), &place, error))
      return FALSE;
    item->first_entry = self->n_entries;
    self->n_entries += item->head.n_outputs;
    if (self->n_entries > G_MAXINT32)
      return dnn_json_error (
          &place, error, DNN_ERROR_LIMIT, "too many outputs in the graph");
  }
  return TRUE;
}

static gboolean
check_row_ptr (Reader *self, GError **error)
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->root, "node_row_ptr");
  JsonArray *list;
  gint64 found;

  if (!get_member_list (self->file, &self->root, "node_row_ptr", &list, error))
    return FALSE;
  if (json_array_get_length (list) != self->n_items + 1)
    return dnn_json_error (&place, error, DNN_ERROR_GRAPH,
        "%u numbers for %u nodes, expected %u", json_array_get_length (list),
        self->n_items, self->n_items + 1);
  for (guint i = 0; i <= self->n_items; i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&place, i);
    guint64 expected = i < self->n_items ? self->items[i].first_entry
                                         : self->n_entries;
    if (!get_item_int (list, i, &place, 0, G_MAXINT64, &found, error))
      return FALSE;
    if ((guint64) found != expected)
      return dnn_json_error (&here, error, DNN_ERROR_GRAPH,
          "%" G_GINT64_FORMAT ", expected %" G_GUINT64_FORMAT
          ": the outputs of the nodes before",
          found, expected);
  }
  return TRUE;
}

/* ---- attrs: types and shapes of the outputs -------------------------------
 */

/* ["list_str", [...]]: the inner list. */
static gboolean
read_typed_list (Reader *self, JsonNode *json, const DnnJsonPlace *place,
    const gchar *tag, JsonArray **list, GError **error)
{
  DnnJsonPlace tag_place = DNN_JSON_ITEM (place, 0);
  DnnJsonPlace list_place = DNN_JSON_ITEM (place, 1);
  JsonArray *pair;
  const gchar *found;

  if (!dnn_json_get_list (json, place, &pair, error))
    return FALSE;
  if (json_array_get_length (pair) != 2)
    return dnn_json_error (place, error, DNN_ERROR_VALUE,
        "expected [\"%s\", [...]], found a list of %u", tag,
        json_array_get_length (pair));
  if (!dnn_json_get_string (
          json_array_get_element (pair, 0), &tag_place, &found, error))
    return FALSE;
  if (!g_str_equal (found, tag))
    return dnn_json_error (&tag_place, error, DNN_ERROR_VALUE,
        "expected \"%s\", found \"%s\"", tag, found);
  if (!dnn_json_get_list (
          json_array_get_element (pair, 1), &list_place, list, error))
    return FALSE;
  if (json_array_get_length (*list) == self->n_entries)
    return TRUE;
  return dnn_json_error (&list_place, error, DNN_ERROR_GRAPH,
      "%u items, but the nodes have %" G_GUINT64_FORMAT " outputs",
      json_array_get_length (*list), self->n_entries);
}

static gboolean
read_attrs (Reader *self, GError **error)
{
  static const gchar *const keys[] = { "dltype", "shape", "storage_id",
    "device_index", "storage_scope", NULL };
  static const gchar *const tags[] = { "list_str", "list_shape", "list_int",
    "list_int", "list_str" };
  JsonArray *lists[G_N_ELEMENTS (tags)] = { NULL };
  JsonNode *json = dnn_json_member (self->file, &self->root, "attrs", error);
  JsonObject *object;

  if (!json ||
      !dnn_json_get_object (json, &self->attrs_place, &object, error) ||
      !dnn_json_check_keys (object, &self->attrs_place, keys, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (tags); i++) {
    DnnJsonPlace place = DNN_JSON_KEY (&self->attrs_place, keys[i]);
    JsonNode *member = json_object_get_member (object, keys[i]);
    if (!member && i >= 3)
      continue;
    member = dnn_json_member (object, &self->attrs_place, keys[i], error);
    if (!member ||
        !read_typed_list (self, member, &place, tags[i], &lists[i], error))
      return FALSE;
  }
  self->types = lists[0];
  self->shapes = lists[1];
  self->storage = lists[2];
  return TRUE;
}

/* Results, and what a node hands in. */
static gboolean
may_lack_type (const Reader *self, const DnnValue *value)
{
  return value->kind == DNN_VALUE_RESULT ||
      (self->graph->is_subgraph && value->kind == DNN_VALUE_INPUT);
}

/* "" is an unknown type. */
static gboolean
read_type (
    Reader *self, guint entry, gboolean may_lack, DnnType *type, GError **error)
{
  DnnJsonPlace key = DNN_JSON_KEY (&self->attrs_place, "dltype");
  DnnJsonPlace list = DNN_JSON_ITEM (&key, 1);
  DnnJsonPlace here = DNN_JSON_ITEM (&list, entry);
  const gchar *name;

  if (!dnn_json_get_string (
          json_array_get_element (self->types, entry), &here, &name, error))
    return FALSE;
  *type = dnn_type_from_name (name);
  if (*type != DNN_TYPE_INVALID || (may_lack && !name[0]))
    return TRUE;
  return dnn_json_error (&here, error, DNN_ERROR_UNSUPPORTED,
      "\"%s\" is no data type (float32, float64, float16, bfloat16, int8 to "
      "int64, uint8 to uint64, bool)",
      name);
}

static gboolean
read_shape (Reader *self, guint entry, DnnShape *shape, GError **error)
{
  DnnJsonPlace key = DNN_JSON_KEY (&self->attrs_place, "shape");
  DnnJsonPlace list_place = DNN_JSON_ITEM (&key, 1);
  DnnJsonPlace here = DNN_JSON_ITEM (&list_place, entry);
  JsonArray *list;
  guint rank;

  if (!dnn_json_get_list (
          json_array_get_element (self->shapes, entry), &here, &list, error))
    return FALSE;
  rank = json_array_get_length (list);
  if (rank > DNN_MAX_RANK)
    return dnn_json_error (&here, error, DNN_ERROR_LIMIT,
        "%u dimensions, at most %d are supported", rank, DNN_MAX_RANK);
  shape->rank = rank;
  for (guint i = 0; i < rank; i++)
    if (!get_item_int (
            list, i, &here, DNN_DIM_OPEN, G_MAXINT64, &shape->dims[i], error))
      return FALSE;
  if (g_hash_table_contains (
          self->metadata.unknown_ranks, GINT_TO_POINTER ((gint) entry)))
    shape->rank = -1;
  return TRUE;
}

/* Type, shape and storage of an entry that exists. */
static gboolean
read_entry (Reader *self, guint entry, DnnValue *value, GError **error)
{
  DnnJsonPlace shape_key = DNN_JSON_KEY (&self->attrs_place, "shape");
  DnnJsonPlace shape_list = DNN_JSON_ITEM (&shape_key, 1);
  DnnJsonPlace shape_place = DNN_JSON_ITEM (&shape_list, entry);
  DnnJsonPlace key = DNN_JSON_KEY (&self->attrs_place, "storage_id");
  DnnJsonPlace list = DNN_JSON_ITEM (&key, 1);
  g_autofree gchar *why = NULL;
  gint64 storage_id;

  if (!read_type (
          self, entry, may_lack_type (self, value), &value->type, error) ||
      !read_shape (self, entry, &value->shape, error) ||
      !get_item_int (
          self->storage, entry, &list, -1, G_MAXINT64, &storage_id, error))
    return FALSE;
  value->storage_id = storage_id;
  if (dnn_graph_check_size (value, &why))
    return TRUE;
  return dnn_json_error (&shape_place, error, DNN_ERROR_LIMIT, "%s", why);
}

/* ---- values ----------------------------------------------------------------
 */

static gboolean
add_null_value (Reader *self, guint idx, GError **error)
{
  DnnJsonPlace place = DNN_JSON_ITEM (&self->nodes_place, idx);
  DnnJsonPlace name_place = DNN_JSON_KEY (&place, "name");
  Item *item = &self->items[idx];
  DnnShape unknown = { -1 };
  DnnValue *value;

  if (dnn_graph_find_value (self->graph, item->name))
    return dnn_json_error (&name_place, error, DNN_ERROR_GRAPH,
        "\"%s\" is the name of another input, param or result", item->name);
  value = dnn_graph_add_input (
      self->graph, item->name, DNN_TYPE_INVALID, &unknown);
  if (self->metadata.params &&
      g_hash_table_remove (self->metadata.params, item->name))
    value->kind = DNN_VALUE_PARAM; /* read_arg_nodes() makes the inputs anew */
  self->entries->pdata[item->first_entry] = value;
  return read_entry (self, item->first_entry, value, error);
}

/* The name that the metadata gives to an entry, NULL if none. */
static const gchar *
get_given_name (Reader *self, guint entry)
{
  if (!self->metadata.value_names || !self->metadata.value_names[entry][0])
    return NULL;
  return self->metadata.value_names[entry];
}

/* Results without a given name get theirs when all given ones are known. */
static gboolean
check_given_names (Reader *self, GHashTable *given, GError **error)
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->metadata_place, "value_names");

  if (!self->metadata.value_names)
    return TRUE;
  if (self->metadata.n_value_names != self->n_entries)
    return dnn_json_error (&place, error, DNN_ERROR_VALUE,
        "%u names for %" G_GUINT64_FORMAT " outputs",
        self->metadata.n_value_names, self->n_entries);
  for (guint i = 0; i < self->n_items; i++) {
    const Item *item = &self->items[i];
    for (guint j = 0; item->node && j < item->head.n_outputs; j++) {
      const gchar *name = get_given_name (self, item->first_entry + j);
      DnnJsonPlace here = DNN_JSON_ITEM (&place, item->first_entry + j);
      if (name && !g_hash_table_add (given, (gpointer) name))
        return dnn_json_error (
            &here, error, DNN_ERROR_GRAPH, "\"%s\" stands twice", name);
    }
  }
  return TRUE;
}

static gchar *
choose_result_name (
    Reader *self, const Item *item, guint idx, GHashTable *given)
{
  const gchar *name = get_given_name (self, item->first_entry + idx);
  g_autofree gchar *base = NULL;
  gchar *text;

  if (name)
    return g_strdup (name);
  base = dnn_graph_default_result_name (item->name, idx);
  text = g_strdup (base);
  for (guint n = 1; dnn_graph_find_value (self->graph, text) ||
       g_hash_table_contains (given, text);
       n++) {
    g_free (text);
    text = g_strdup_printf ("%s_%u", base, n);
  }
  return text;
}

static gboolean
add_results (Reader *self, Item *item, GHashTable *given, GError **error)
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->metadata_place, "value_names");

  for (guint i = 0; i < item->head.n_outputs; i++) {
    g_autofree gchar *name = choose_result_name (self, item, i, given);
    guint entry = item->first_entry + i;
    DnnJsonPlace here = DNN_JSON_ITEM (&place, entry);
    DnnValue *value;
    if (dnn_graph_find_value (self->graph, name))
      return dnn_json_error (&here, error, DNN_ERROR_GRAPH,
          "\"%s\" is the name of an input or param", name);
    while (item->node->outputs->len <
        g_array_index (item->head.output_slots, guint, i))
      dnn_graph_add_result (self->graph, item->node, NULL);
    value = dnn_graph_add_result (self->graph, item->node, name);
    self->entries->pdata[entry] = value;
    if (!read_entry (self, entry, value, error))
      return FALSE;
  }
  return TRUE;
}

/* Null nodes first, since results give way to their names; then the values
 * are brought into the order of the file. */
static gboolean
add_values (Reader *self, GError **error)
{
  DnnJsonPlace params = DNN_JSON_KEY (&self->metadata_place, "params");
  g_autoptr (GHashTable) given = g_hash_table_new (g_str_hash, g_str_equal);

  if (!check_given_names (self, given, error))
    return FALSE;
  self->entries = g_ptr_array_sized_new (self->n_entries);
  g_ptr_array_set_size (self->entries, self->n_entries);
  for (guint i = 0; i < self->n_items; i++)
    if (!self->items[i].node && !add_null_value (self, i, error))
      return FALSE;
  if (self->metadata.params && g_hash_table_size (self->metadata.params) > 0) {
    g_autofree gpointer *left = g_hash_table_get_keys_as_array (
        self->metadata.params, NULL);
    return dnn_json_error (&params, error, DNN_ERROR_GRAPH,
        "\"%s\" is no null node", (gchar *) left[0]);
  }
  for (guint i = 0; i < self->n_items; i++)
    if (self->items[i].node &&
        !add_results (self, &self->items[i], given, error))
      return FALSE;
  g_assert (self->graph->values->len == self->n_entries);
  for (guint i = 0; i < self->n_entries; i++)
    self->graph->values->pdata[i] = self->entries->pdata[i];
  return TRUE;
}

/* ---- edges ------------------------------------------------------------------
 */

/* [node, output] or [node, output, version] → the value. */
static DnnValue *
read_reference (
    Reader *self, JsonNode *json, const DnnJsonPlace *place, GError **error)
{
  DnnJsonPlace node_place = DNN_JSON_ITEM (place, 0);
  DnnJsonPlace output_place = DNN_JSON_ITEM (place, 1);
  JsonArray *list;
  const Item *item;
  gint64 node, output, version;
  guint n;

  if (!dnn_json_get_list (json, place, &list, error))
    return NULL;
  n = json_array_get_length (list);
  if (n != 2 && n != 3) {
    dnn_json_error (place, error, DNN_ERROR_VALUE,
        "expected [node, output, version], found a list of %u", n);
    return NULL;
  }
  if (!get_item_int (list, 0, place, G_MININT64, G_MAXINT64, &node, error) ||
      !get_item_int (list, 1, place, G_MININT64, G_MAXINT64, &output, error) ||
      (n == 3 &&
          !get_item_int (list, 2, place, 0, G_MAXINT32, &version, error)))
    return NULL;
  if (node < 0 || node >= self->n_items) {
    dnn_json_error (&node_place, error, DNN_ERROR_GRAPH,
        "%" G_GINT64_FORMAT " is no node (nodes: 0 to %u)", node,
        self->n_items - 1);
    return NULL;
  }
  item = &self->items[node];
  if (output < 0 || output >= item->head.n_outputs) {
    dnn_json_error (&output_place, error, DNN_ERROR_GRAPH,
        "%" G_GINT64_FORMAT " is no output of node \"%s\" (outputs: 0 to %u)",
        output, item->name, item->head.n_outputs - 1);
    return NULL;
  }
  return self->entries->pdata[item->first_entry + output];
}

static gboolean
link_node (Reader *self, guint idx, GError **error)
{
  DnnJsonPlace place = DNN_JSON_ITEM (&self->nodes_place, idx);
  DnnJsonPlace inputs = DNN_JSON_KEY (&place, "inputs");
  Item *item = &self->items[idx];
  GArray *slots = item->head.input_slots;

  for (guint i = 0; i < item->head.n_inputs; i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&inputs, i);
    DnnValue *value = read_reference (
        self, json_array_get_element (item->inputs, i), &here, error);
    if (!value)
      return FALSE;
    if (i >= slots->len) {
      g_ptr_array_add (item->node->inputs, value);
      continue;
    }
    while (item->node->n_formal < g_array_index (slots, guint, i))
      dnn_node_add_input (item->node, NULL);
    dnn_node_add_input (item->node, value);
  }
  return TRUE;
}

/* Inputs stand in the order of arg_nodes, which lists each null node once. */
static gboolean
read_arg_nodes (Reader *self, GError **error)
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->root, "arg_nodes");
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  JsonArray *list;
  gint64 idx;

  if (!get_member_list (self->file, &self->root, "arg_nodes", &list, error))
    return FALSE;
  g_ptr_array_set_size (self->graph->inputs, 0);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&place, i);
    DnnValue *value;
    if (!get_item_int (list, i, &place, G_MININT64, G_MAXINT64, &idx, error))
      return FALSE;
    if (idx < 0 || idx >= self->n_items || self->items[idx].node)
      return dnn_json_error (&here, error, DNN_ERROR_GRAPH,
          "%" G_GINT64_FORMAT " is no null node", idx);
    value = self->entries->pdata[self->items[idx].first_entry];
    if (!g_hash_table_add (seen, value))
      return dnn_json_error (&here, error, DNN_ERROR_GRAPH,
          "node %" G_GINT64_FORMAT " stands twice", idx);
    if (value->kind == DNN_VALUE_INPUT)
      g_ptr_array_add (self->graph->inputs, value);
  }
  for (guint i = 0; i < self->n_items; i++)
    if (!self->items[i].node &&
        !g_hash_table_contains (
            seen, self->entries->pdata[self->items[i].first_entry]))
      return dnn_json_error (&place, error, DNN_ERROR_GRAPH,
          "null node %u (\"%s\") is missing", i, self->items[i].name);
  return TRUE;
}

/* Without a name in the metadata, an output is called as its value is. */
static gchar *
choose_output_name (const DnnValue *value, GHashTable *taken)
{
  gchar *name = g_strdup (value->name);

  for (guint n = 1; g_hash_table_contains (taken, name); n++) {
    g_free (name);
    name = g_strdup_printf ("%s_%u", value->name, n);
  }
  return name;
}

static gboolean
read_heads (Reader *self, GError **error)
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->root, "heads");
  DnnJsonPlace names_place = DNN_JSON_KEY (&self->metadata_place, "outputs");
  g_autoptr (GHashTable)
      taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gchar **names = self->metadata.output_names;
  JsonArray *list;

  if (!get_member_list (self->file, &self->root, "heads", &list, error))
    return FALSE;
  if (json_array_get_length (list) == 0)
    return dnn_json_error (
        &place, error, DNN_ERROR_GRAPH, "empty: the graph has no outputs");
  if (names && self->metadata.n_output_names != json_array_get_length (list))
    return dnn_json_error (&names_place, error, DNN_ERROR_VALUE,
        "%u names for %u outputs", self->metadata.n_output_names,
        json_array_get_length (list));
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&place, i);
    DnnJsonPlace name_place = DNN_JSON_ITEM (&names_place, i);
    DnnValue *value = read_reference (
        self, json_array_get_element (list, i), &here, error);
    gchar *name;
    if (!value)
      return FALSE;
    name = names ? g_strdup (names[i]) : choose_output_name (value, taken);
    dnn_graph_add_output (self->graph, name, value);
    if (!g_hash_table_add (taken, name))
      return dnn_json_error (
          &name_place, error, DNN_ERROR_VALUE, "the name stands twice");
  }
  return TRUE;
}

/* ---- the file ---------------------------------------------------------------
 */

static DnnGraph *read_json (JsonNode *json, const DnnJsonPlace *root,
    const gchar *label, gboolean is_subgraph, GError **error);

/* {"body": {…}} of one node. */
static gboolean
read_subgraphs_of (Reader *self, DnnNode *node, JsonNode *json,
    const DnnJsonPlace *place, GError **error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const gchar *name;
  JsonNode *member;

  if (!dnn_json_get_object (json, place, &object, error))
    return FALSE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member)) {
    DnnJsonPlace here = DNN_JSON_KEY (place, name);
    g_autoptr (DnnGraph)
        graph = read_json (member, &here, self->graph->label, TRUE, error);
    if (!graph)
      return FALSE;
    dnn_node_add_subgraph (node, name, graph);
  }
  return TRUE;
}

static gboolean
read_subgraphs (Reader *self, GError **error)
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->metadata_place, "subgraphs");
  JsonObjectIter iter;
  const gchar *name;
  JsonNode *member;

  if (!self->metadata.subgraphs)
    return TRUE;
  json_object_iter_init_ordered (&iter, self->metadata.subgraphs);
  while (json_object_iter_next_ordered (&iter, &name, &member)) {
    DnnJsonPlace here = DNN_JSON_KEY (&place, name);
    DnnNode *node = g_hash_table_lookup (self->graph->nodes_by_name, name);
    if (!node)
      return dnn_json_error (
          &here, error, DNN_ERROR_GRAPH, "no node has that name");
    if (!read_subgraphs_of (self, node, member, &here, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_graph (Reader *self, JsonNode *json, GError **error)
{
  static const gchar *const keys[] = { "nodes", "arg_nodes", "heads",
    "node_row_ptr", "attrs", "metadata", NULL };

  if (!dnn_json_get_object (json, &self->root, &self->file, error) ||
      !dnn_json_check_keys (self->file, &self->root, keys, error))
    return FALSE;
  if (!read_nodes (self, error) || !check_row_ptr (self, error) ||
      !read_attrs (self, error) ||
      !dnn_graph_read_metadata (self->graph,
          json_object_get_member (self->file, "metadata"),
          &self->metadata_place, &self->metadata, error))
    return FALSE;
  self->graph->params_are_open = !self->metadata.params;
  if (!add_values (self, error))
    return FALSE;
  for (guint i = 0; i < self->n_items; i++)
    if (self->items[i].node && !link_node (self, i, error))
      return FALSE;
  return read_arg_nodes (self, error) && read_heads (self, error) &&
      dnn_graph_read_dim_names (
          self->graph, &self->metadata, &self->metadata_place, error) &&
      read_subgraphs (self, error) && dnn_graph_check (self->graph, error) &&
      dnn_graph_sort (self->graph, error);
}

static DnnGraph *
read_json (JsonNode *json, const DnnJsonPlace *root, const gchar *label,
    gboolean is_subgraph, GError **error)
{
  g_auto (Reader) self = { NULL };

  self.graph = dnn_graph_new (label);
  self.graph->is_subgraph = is_subgraph;
  self.root = *root;
  self.nodes_place = DNN_JSON_KEY (&self.root, "nodes");
  self.attrs_place = DNN_JSON_KEY (&self.root, "attrs");
  self.metadata_place = DNN_JSON_KEY (&self.root, "metadata");
  g_free (self.graph->name);
  self.graph->name = g_strdup ("");
  if (!read_graph (&self, json, error))
    return NULL;
  return g_steal_pointer (&self.graph);
}

/**
 * dnn_graph_new_from_data:
 * @json: graph JSON
 * @length: bytes of @json, -1: up to the NUL
 * @label: (nullable): what messages call it
 *
 * Returns: (transfer full): the graph, checked and sorted, its params without
 *   bytes; %NULL with FORMAT, LIMIT, UNKNOWN_KEY, VALUE, UNSUPPORTED (a data
 *   type), GRAPH or CYCLE
 */
DnnGraph *
dnn_graph_new_from_data (
    const gchar *json, gssize length, const gchar *label, GError **error)
{
  g_autoptr (JsonNode) root = dnn_json_parse (json, length, label, error);
  DnnJsonPlace place = DNN_JSON_ROOT (label);

  return root ? read_json (root, &place, label, FALSE, error) : NULL;
}

/**
 * dnn_graph_new_from_file:
 * @path: graph JSON; at most DNN_MAX_JSON_BYTES
 *
 * Returns: (transfer full): as dnn_graph_new_from_data(); %NULL with
 *   NOT_FOUND too
 */
DnnGraph *
dnn_graph_new_from_file (const gchar *path, GError **error)
{
  g_autofree gchar *text = NULL;
  gsize length;

  if (!dnn_json_load (path, DNN_MAX_JSON_BYTES, &text, &length, error))
    return NULL;
  return dnn_graph_new_from_data (text, length, path, error);
}
