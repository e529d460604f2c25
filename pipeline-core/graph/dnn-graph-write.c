/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnGraph → graph JSON (TVM's graph-executor schema; what it has no place for
 * stands under "metadata", last). Reads back equal in dnn-graph-read.c. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph-private.h"

/* One item of "nodes": either is NULL. */
typedef struct
{
  DnnValue *value; /* input or param */
  DnnNode *node;
  guint first_entry;
} Item;

typedef struct
{
  DnnGraph *graph;
  GString *out;
  GArray *items;
  GPtrArray *entries; /* DnnValue * */
  GHashTable *item_of; /* DnnValue (not a result) or DnnNode → item index */
} Writer;

gchar *
dnn_graph_default_result_name (const gchar *node_name, guint idx)
{
  if (idx == 0)
    return g_strdup (node_name);
  return g_strdup_printf ("%s:%u", node_name, idx);
}

/* ---- order of the file -----------------------------------------------------
 */

static void
add_null_item (Writer *self, DnnValue *value)
{
  Item item = { value, NULL, self->entries->len };

  if (value->kind == DNN_VALUE_RESULT ||
      g_hash_table_contains (self->item_of, value))
    return;
  g_hash_table_insert (
      self->item_of, value, GUINT_TO_POINTER (self->items->len));
  g_array_append_val (self->items, item);
  g_ptr_array_add (self->entries, value);
}

static void
add_node_item (Writer *self, DnnNode *node)
{
  Item item = { NULL, node, self->entries->len };

  g_hash_table_insert (
      self->item_of, node, GUINT_TO_POINTER (self->items->len));
  g_array_append_val (self->items, item);
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      g_ptr_array_add (self->entries, node->outputs->pdata[i]);
}

static guint
find_first_result (const DnnNode *node, GHashTable *positions)
{
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      return GPOINTER_TO_UINT (
          g_hash_table_lookup (positions, node->outputs->pdata[i]));
  return 0;
}

/* Nodes in their order; inputs and params where the order of values has them,
 * so that a file that was read is written in the same order. */
static void
collect_items (Writer *self)
{
  GPtrArray *values = self->graph->values;
  g_autoptr (GHashTable) positions = g_hash_table_new (NULL, NULL);
  guint cursor = 0;

  for (guint i = 0; i < values->len; i++)
    g_hash_table_insert (positions, values->pdata[i], GUINT_TO_POINTER (i));
  for (guint i = 0; i < self->graph->nodes->len; i++) {
    DnnNode *node = self->graph->nodes->pdata[i];
    guint position = find_first_result (node, positions);
    for (; cursor < position; cursor++)
      add_null_item (self, values->pdata[cursor]);
    for (guint j = 0; j < node->inputs->len; j++)
      if (node->inputs->pdata[j])
        add_null_item (self, node->inputs->pdata[j]);
    add_node_item (self, node);
  }
  for (; cursor < values->len; cursor++)
    add_null_item (self, values->pdata[cursor]);
}

/* ---- nodes -----------------------------------------------------------------
 */

static void
append_attr (Writer *self, const gchar *key, const gchar *value)
{
  dnn_json_append_string (self->out, key);
  g_string_append (self->out, ": ");
  dnn_json_append_string (self->out, value);
  g_string_append (self->out, ", ");
}

static void
append_count (Writer *self, const gchar *key, guint count)
{
  g_string_append_printf (self->out, "\"%s\": \"%u\", ", key, count);
}

/* Formal positions of those present, unless they are 0, 1, 2, … */
static void
append_slots (Writer *self, const gchar *key, const GPtrArray *values, guint n)
{
  g_autoptr (GString) text = g_string_new ("[");
  gboolean has_gap = FALSE;
  guint n_present = 0;

  for (guint i = 0; i < n; i++) {
    if (!values->pdata[i])
      continue;
    has_gap = has_gap || i != n_present;
    g_string_append_printf (text, "%s%u", n_present++ ? ", " : "", i);
  }
  g_string_append_c (text, ']');
  if (has_gap)
    append_attr (self, key, text->str);
}

static guint
count_present (const GPtrArray *values, guint n)
{
  guint n_present = 0;

  for (guint i = 0; i < n; i++)
    n_present += values->pdata[i] != NULL;
  return n_present;
}

static void
append_attrs_object (GString *out, const DnnAttrs *attrs)
{
  g_string_append_c (out, '{');
  for (guint i = 0; i < dnn_attrs_get_n (attrs); i++) {
    g_string_append (out, i ? ", " : "");
    dnn_json_append_string (out, dnn_attrs_get_key (attrs, i));
    g_string_append (out, ": ");
    dnn_json_append_string (out, dnn_attrs_get_value (attrs, i));
  }
  g_string_append_c (out, '}');
}

/* In the file operands stand behind the formal inputs that are present. */
static void
append_post_ops (Writer *self, const DnnNode *node)
{
  g_autoptr (GString) text = g_string_new ("[");
  guint n_absent = node->n_formal -
      count_present (node->inputs, node->n_formal);

  if (node->post_ops->len == 0)
    return;
  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    g_string_append (text, i ? ", {\"op\": " : "{\"op\": ");
    dnn_json_append_string (text, post_op->op);
    if (dnn_attrs_get_n (post_op->attrs) > 0) {
      g_string_append (text, ", \"attributes\": ");
      append_attrs_object (text, post_op->attrs);
    }
    if (post_op->input >= 0)
      g_string_append_printf (
          text, ", \"input\": %u", post_op->input - n_absent);
    g_string_append_c (text, '}');
  }
  g_string_append_c (text, ']');
  append_attr (self, "post_ops", text->str);
}

/* "[3, 0, 0]" */
static void
append_reference (Writer *self, const DnnValue *value)
{
  gconstpointer key = value->producer ? (gconstpointer) value->producer : value;
  guint item = GPOINTER_TO_UINT (g_hash_table_lookup (self->item_of, key));
  guint output = 0;

  if (value->producer)
    output = count_present (value->producer->outputs, value->producer_slot);
  g_string_append_printf (self->out, "[%u, %u, 0]", item, output);
}

static void
append_inputs (Writer *self, const DnnNode *node)
{
  guint n = 0;

  g_string_append (self->out, "\"inputs\": [");
  for (guint i = 0; node && i < node->inputs->len; i++) {
    if (!node->inputs->pdata[i])
      continue;
    g_string_append (self->out, n++ ? ", " : "");
    append_reference (self, node->inputs->pdata[i]);
  }
  g_string_append_c (self->out, ']');
}

static void
append_node (Writer *self, const DnnNode *node)
{
  g_string_append (self->out, "{\"op\": \"tvm_op\", ");
  append_attr (self, "name", node->name);
  g_string_append (self->out, "\"attrs\": {");
  append_attr (self, "func_name", node->op);
  append_count (
      self, "num_inputs", count_present (node->inputs, node->inputs->len));
  append_count (
      self, "num_outputs", count_present (node->outputs, node->outputs->len));
  append_count (self, "flatten_data", node->flatten_data ? 1 : 0);
  append_slots (self, "input_slots", node->inputs, node->n_formal);
  append_slots (self, "output_slots", node->outputs, node->outputs->len);
  if (dnn_node_get_n_captures (node) > 0)
    append_count (self, "captures", dnn_node_get_n_captures (node));
  for (guint i = 0; i < dnn_attrs_get_n (node->attrs); i++)
    append_attr (self, dnn_attrs_get_key (node->attrs, i),
        dnn_attrs_get_value (node->attrs, i));
  append_post_ops (self, node);
  g_string_truncate (self->out, self->out->len - 2); /* the last comma */
  g_string_append (self->out, "}, ");
  append_inputs (self, node);
  g_string_append_c (self->out, '}');
}

static void
append_nodes (Writer *self)
{
  g_string_append (self->out, "\"nodes\": [");
  for (guint i = 0; i < self->items->len; i++) {
    const Item *item = &g_array_index (self->items, Item, i);
    g_string_append (self->out, i ? ",\n  " : "\n  ");
    if (item->node) {
      append_node (self, item->node);
      continue;
    }
    g_string_append (self->out, "{\"op\": \"null\", ");
    append_attr (self, "name", item->value->name);
    append_inputs (self, NULL);
    g_string_append_c (self->out, '}');
  }
  g_string_append (self->out, "\n],\n");
}

/* ---- lists -----------------------------------------------------------------
 */

/* Null nodes ascending, but inputs in the order of the graph. */
static void
append_arg_nodes (Writer *self)
{
  guint n_inputs = 0, n = 0;

  g_string_append (self->out, "\"arg_nodes\": [");
  for (guint i = 0; i < self->items->len; i++) {
    const DnnValue *value = g_array_index (self->items, Item, i).value;
    if (!value)
      continue;
    if (value->kind == DNN_VALUE_INPUT)
      value = self->graph->inputs->pdata[n_inputs++];
    g_string_append_printf (self->out, "%s%u", n++ ? ", " : "",
        GPOINTER_TO_UINT (g_hash_table_lookup (self->item_of, value)));
  }
  g_string_append (self->out, "],\n");
}

static void
append_heads (Writer *self)
{
  g_string_append (self->out, "\"heads\": [");
  for (guint i = 0; i < self->graph->outputs->len; i++) {
    g_string_append (self->out, i ? ", " : "");
    append_reference (self, self->graph->outputs->pdata[i]);
  }
  g_string_append (self->out, "],\n\"node_row_ptr\": [");
  for (guint i = 0; i < self->items->len; i++)
    g_string_append_printf (
        self->out, "%u, ", g_array_index (self->items, Item, i).first_entry);
  g_string_append_printf (self->out, "%u],\n", self->entries->len);
}

static void
append_shape (GString *out, const DnnShape *shape)
{
  g_string_append_c (out, '[');
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (
        out, "%s%" G_GINT64_FORMAT, i ? ", " : "", shape->dims[i]);
  g_string_append_c (out, ']');
}

/* Unique, but "__nop" is a view of its input: it has the same. */
static void
append_storage_ids (Writer *self)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);

  g_string_append (self->out, "  \"storage_id\": [\"list_int\", [");
  for (guint i = 0; i < self->entries->len; i++) {
    DnnValue *value = self->entries->pdata[i];
    const DnnNode *node = value->producer;
    guint id = i;
    if (node && g_str_equal (node->op, "__nop") && node->inputs->len > 0 &&
        node->inputs->pdata[0])
      id = GPOINTER_TO_UINT (g_hash_table_lookup (ids, node->inputs->pdata[0]));
    g_hash_table_insert (ids, value, GUINT_TO_POINTER (id));
    g_string_append_printf (self->out, "%s%u", i ? ", " : "", id);
  }
  g_string_append (self->out, "]]\n");
}

static void
append_graph_attrs (Writer *self)
{
  g_string_append (self->out, "\"attrs\": {\n  \"dltype\": [\"list_str\", [");
  for (guint i = 0; i < self->entries->len; i++) {
    const DnnValue *value = self->entries->pdata[i];
    g_string_append_printf (self->out, "%s\"%s\"", i ? ", " : "",
        value->type == DNN_TYPE_INVALID ? "" : dnn_type_name (value->type));
  }
  g_string_append (self->out, "]],\n  \"shape\": [\"list_shape\", [");
  for (guint i = 0; i < self->entries->len; i++) {
    g_string_append (self->out, i ? ", " : "");
    append_shape (
        self->out, &((const DnnValue *) self->entries->pdata[i])->shape);
  }
  g_string_append (self->out, "]],\n");
  append_storage_ids (self);
  g_string_append (self->out, "},\n");
}

/* ---- metadata ---------------------------------------------------------------
 */

static void
append_list_of_names (Writer *self, const gchar *key, GPtrArray *names)
{
  g_string_append_printf (self->out, ",\n  \"%s\": [", key);
  for (guint i = 0; i < names->len; i++) {
    g_string_append (self->out, i ? ", " : "");
    dnn_json_append_string (self->out, names->pdata[i]);
  }
  g_string_append_c (self->out, ']');
}

static void
append_params (Writer *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (self->graph->params_are_open)
    return;
  for (guint i = 0; i < self->entries->len; i++) {
    DnnValue *value = self->entries->pdata[i];
    if (value->kind == DNN_VALUE_PARAM)
      g_ptr_array_add (names, value->name);
  }
  append_list_of_names (self, "params", names);
}

static void
collect_node_value_names (const DnnNode *node, GPtrArray *names, gboolean *any)
{
  guint idx = 0;

  for (guint i = 0; i < node->outputs->len; i++) {
    const DnnValue *value = node->outputs->pdata[i];
    g_autofree gchar *base = NULL;
    gboolean is_default;
    if (!value)
      continue;
    base = dnn_graph_default_result_name (node->name, idx++);
    is_default = g_str_equal (base, value->name);
    *any = *any || !is_default;
    g_ptr_array_add (names, is_default ? (gchar *) "" : value->name);
  }
}

/* Only where a result is not called as its node is. */
static void
append_value_names (Writer *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gboolean any = FALSE;

  for (guint i = 0; i < self->items->len; i++) {
    const Item *item = &g_array_index (self->items, Item, i);
    if (item->node)
      collect_node_value_names (item->node, names, &any);
    else
      g_ptr_array_add (names, (gchar *) "");
  }
  if (any)
    append_list_of_names (self, "value_names", names);
}

static void
append_unknown_ranks (Writer *self)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    if (((const DnnValue *) self->entries->pdata[i])->shape.rank < 0)
      g_string_append_printf (
          self->out, "%s%u", n++ ? ", " : ",\n  \"unknown_ranks\": [", i);
  if (n > 0)
    g_string_append_c (self->out, ']');
}

static void
append_dim_names (GString *out, gchar **names)
{
  g_string_append_c (out, '[');
  for (guint i = 0; names[i]; i++) {
    g_string_append (out, i ? ", " : "");
    dnn_json_append_string (out, names[i]);
  }
  g_string_append_c (out, ']');
}

static void
append_dimensions (Writer *self)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++) {
    const DnnValue *value = self->entries->pdata[i];
    if (!value->dim_names)
      continue;
    g_string_append (
        self->out, n++ ? ",\n    " : ",\n  \"dimensions\": {\n    ");
    dnn_json_append_string (self->out, value->name);
    g_string_append (self->out, ": ");
    append_dim_names (self->out, value->dim_names);
  }
  if (n > 0)
    g_string_append (self->out, "\n  }");
}

static void
append_subgraphs_of (Writer *self, const DnnNode *node)
{
  dnn_json_append_string (self->out, node->name);
  g_string_append (self->out, ": {");
  for (guint i = 0; i < node->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = node->subgraphs->pdata[i];
    g_autofree gchar *text = dnn_graph_to_json (subgraph->graph);
    g_string_append (self->out, i ? ",\n" : "\n");
    dnn_json_append_string (self->out, subgraph->name);
    g_string_append_printf (self->out, ": %s", g_strchomp (text));
  }
  g_string_append_c (self->out, '}');
}

static void
append_subgraphs (Writer *self)
{
  guint n = 0;

  for (guint i = 0; i < self->graph->nodes->len; i++) {
    const DnnNode *node = self->graph->nodes->pdata[i];
    if (!node->subgraphs)
      continue;
    g_string_append (
        self->out, n++ ? ",\n    " : ",\n  \"subgraphs\": {\n    ");
    append_subgraphs_of (self, node);
  }
  if (n > 0)
    g_string_append (self->out, "\n  }");
}

static void
append_metadata (Writer *self)
{
  const DnnAttrs *texts = self->graph->metadata;

  g_string_append (self->out, "\"metadata\": {\n  \"name\": ");
  dnn_json_append_string (self->out, self->graph->name);
  if (self->graph->opset > 0)
    g_string_append_printf (
        self->out, ",\n  \"opset\": %" G_GINT64_FORMAT, self->graph->opset);
  append_params (self);
  append_list_of_names (self, "outputs", self->graph->output_names);
  append_value_names (self);
  append_unknown_ranks (self);
  append_dimensions (self);
  append_subgraphs (self);
  for (guint i = 0; i < dnn_attrs_get_n (texts); i++) {
    g_string_append (self->out, ",\n  ");
    dnn_json_append_string (self->out, dnn_attrs_get_key (texts, i));
    g_string_append (self->out, ": ");
    dnn_json_append_string (self->out, dnn_attrs_get_value (texts, i));
  }
  g_string_append (self->out, "\n}\n");
}

/**
 * dnn_graph_to_json:
 * @self: a sorted graph that passes dnn_graph_check()
 *
 * Returns: (transfer full): graph JSON that dnn_graph_new_from_data() reads
 *   back as an equal graph (params without their bytes)
 */
gchar *
dnn_graph_to_json (DnnGraph *self)
{
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GHashTable) item_of = g_hash_table_new (NULL, NULL);
  Writer writer = { self, g_string_new ("{\n"), items, entries, item_of };

  collect_items (&writer);
  append_nodes (&writer);
  append_arg_nodes (&writer);
  append_heads (&writer);
  append_graph_attrs (&writer);
  append_metadata (&writer);
  g_string_append (writer.out, "}\n");
  return g_string_free (writer.out, FALSE);
}
