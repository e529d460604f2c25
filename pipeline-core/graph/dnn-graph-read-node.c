/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* "attrs" of one tvm_op of a graph JSON → DnnNode with attributes, formal
 * positions and post-ops. Next: back in dnn-graph-read.c. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph-private.h"

void
dnn_node_head_clear (DnnNodeHead *head)
{
  g_clear_pointer (&head->input_slots, g_array_unref);
  g_clear_pointer (&head->output_slots, g_array_unref);
}

static gboolean
get_text (JsonObject *attrs, const DnnJsonPlace *place, const gchar *key,
    const gchar **text, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  JsonNode *member = dnn_json_member (attrs, place, key, error);

  return member && dnn_json_get_string (member, &here, text, error);
}

static gboolean
get_count (JsonObject *attrs, const DnnJsonPlace *place, const gchar *key,
    guint max, guint *count, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  const gchar *text;
  gint64 value;

  if (!get_text (attrs, place, key, &text, error))
    return FALSE;
  if (!dnn_text_to_int (text, &value) || value < 0)
    return dnn_json_error (&here, error, DNN_ERROR_VALUE,
        "\"%s\" is no count (0 to %u)", text, max);
  if (value > max)
    return dnn_json_error (&here, error, DNN_ERROR_LIMIT,
        "%" G_GINT64_FORMAT " is above the limit of %u", value, max);
  *count = value;
  return TRUE;
}

static gboolean
get_flag (JsonObject *attrs, const DnnJsonPlace *place, const gchar *key,
    gboolean *flag, GError **error)
{
  guint value;

  if (!get_count (attrs, place, key, 1, &value, error))
    return FALSE;
  *flag = value;
  return TRUE;
}

/* Without the key: 0, 1, 2, … */
static gboolean
read_slots (JsonObject *attrs, const DnnJsonPlace *place, const gchar *key,
    guint n, GArray **slots, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  g_autofree gint64 *numbers = NULL;
  const gchar *text;
  guint n_numbers;

  *slots = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!json_object_has_member (attrs, key)) {
    for (guint i = 0; i < n; i++)
      g_array_append_val (*slots, i);
    return TRUE;
  }
  if (!get_text (attrs, place, key, &text, error))
    return FALSE;
  if (!dnn_text_to_ints (text, &numbers, &n_numbers))
    return dnn_json_error (&here, error, DNN_ERROR_VALUE,
        "\"%s\" is no list of whole numbers", text);
  if (n_numbers != n)
    return dnn_json_error (&here, error, DNN_ERROR_VALUE,
        "%u positions for the %u that are present", n_numbers, n);
  for (guint i = 0; i < n; i++) {
    guint slot = numbers[i];
    if (numbers[i] < 0 || numbers[i] >= DNN_MAX_NODE_INPUTS ||
        (i > 0 && numbers[i] <= numbers[i - 1]))
      return dnn_json_error (&here, error, DNN_ERROR_VALUE,
          "\"%s\": positions ascend from 0 to at most %d", text,
          DNN_MAX_NODE_INPUTS - 1);
    g_array_append_val (*slots, slot);
  }
  return TRUE;
}

/* ---- post-ops --------------------------------------------------------------
 */

static gboolean
read_post_op_attrs (
    JsonNode *json, const DnnJsonPlace *place, DnnAttrs *attrs, GError **error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const gchar *key, *text;
  JsonNode *member;

  if (!dnn_json_get_object (json, place, &object, error))
    return FALSE;
  if (json_object_get_size (object) > DNN_MAX_NODE_ATTRS)
    return dnn_json_error (place, error, DNN_ERROR_LIMIT,
        "more than %d attributes", DNN_MAX_NODE_ATTRS);
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &member)) {
    DnnJsonPlace here = DNN_JSON_KEY (place, key);
    if (!dnn_json_get_string (member, &here, &text, error))
      return FALSE;
    dnn_attrs_set (attrs, key, text);
  }
  return TRUE;
}

/* post_ops[].input counts the inputs as the file has them. */
static gboolean
read_post_op (
    JsonNode *json, const DnnJsonPlace *place, DnnNode *node, GError **error)
{
  static const gchar *const keys[] = { "op", "attributes", "input", NULL };
  DnnJsonPlace op_place = DNN_JSON_KEY (place, "op");
  DnnJsonPlace attrs_place = DNN_JSON_KEY (place, "attributes");
  DnnJsonPlace input_place = DNN_JSON_KEY (place, "input");
  g_autoptr (DnnAttrs) attrs = dnn_attrs_new ();
  JsonObject *object;
  JsonNode *member;
  const gchar *op;
  gint64 input = -1;
  DnnPostOp *post_op;

  if (!dnn_json_get_object (json, place, &object, error) ||
      !dnn_json_check_keys (object, place, keys, error) ||
      !(member = dnn_json_member (object, place, "op", error)) ||
      !dnn_json_get_string (member, &op_place, &op, error))
    return FALSE;
  if (!op[0])
    return dnn_json_error (&op_place, error, DNN_ERROR_VALUE, "empty");
  member = json_object_get_member (object, "attributes");
  if (member && !read_post_op_attrs (member, &attrs_place, attrs, error))
    return FALSE;
  member = json_object_get_member (object, "input");
  if (member &&
      !dnn_json_get_int (
          member, &input_place, -1, DNN_MAX_NODE_INPUTS - 1, &input, error))
    return FALSE;
  dnn_node_add_post_op (node, op, g_steal_pointer (&attrs), NULL);
  post_op = node->post_ops->pdata[node->post_ops->len - 1];
  post_op->input = input;
  return TRUE;
}

static gboolean
read_post_ops (
    JsonObject *attrs, const DnnJsonPlace *place, DnnNode *node, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "post_ops");
  g_autoptr (GError) parse_error = NULL;
  g_autoptr (JsonNode) json = NULL;
  JsonArray *list;
  const gchar *text;

  if (!json_object_has_member (attrs, "post_ops"))
    return TRUE;
  if (!get_text (attrs, place, "post_ops", &text, error))
    return FALSE;
  json = dnn_json_parse (text, -1, NULL, &parse_error);
  if (!json)
    return dnn_json_error (
        &here, error, parse_error->code, "%s", parse_error->message);
  if (!dnn_json_get_list (json, &here, &list, error))
    return FALSE;
  if (json_array_get_length (list) > DNN_MAX_NODE_INPUTS)
    return dnn_json_error (&here, error, DNN_ERROR_LIMIT,
        "more than %d post-ops", DNN_MAX_NODE_INPUTS);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace item = DNN_JSON_ITEM (&here, i);
    if (!read_post_op (json_array_get_element (list, i), &item, node, error))
      return FALSE;
  }
  return TRUE;
}

static guint
count_operands (const DnnNode *node)
{
  guint n = 0;

  for (guint i = 0; i < node->post_ops->len; i++)
    n += ((DnnPostOp *) node->post_ops->pdata[i])->input >= 0;
  return n;
}

/* Operands stand behind the formal inputs, in the order of the post-ops: in
 * the file from @n_present on, in memory from @n_formal on. */
static gboolean
place_operands (DnnNode *node, const DnnJsonPlace *place, guint n_present,
    guint n_formal, GError **error)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "post_ops");
  guint n = 0;

  for (guint i = 0; i < node->post_ops->len; i++) {
    DnnPostOp *post_op = node->post_ops->pdata[i];
    DnnJsonPlace item = DNN_JSON_ITEM (&here, i);
    DnnJsonPlace input = DNN_JSON_KEY (&item, "input");
    if (post_op->input < 0)
      continue;
    if ((guint) post_op->input != n_present + n)
      return dnn_json_error (&input, error, DNN_ERROR_VALUE,
          "%d, expected %u: operands stand behind the formal inputs, in the "
          "order of the post-ops",
          post_op->input, n_present + n);
    post_op->input = n_formal + n++;
  }
  return TRUE;
}

/* ---- the node ---------------------------------------------------------------
 */

static gboolean
read_free_attrs (
    JsonObject *attrs, const DnnJsonPlace *place, DnnNode *node, GError **error)
{
  JsonObjectIter iter;
  const gchar *key, *text;
  JsonNode *member;

  if (json_object_get_size (attrs) > DNN_MAX_NODE_ATTRS)
    return dnn_json_error (place, error, DNN_ERROR_LIMIT,
        "%u attributes, at most %d are read", json_object_get_size (attrs),
        DNN_MAX_NODE_ATTRS);
  json_object_iter_init_ordered (&iter, attrs);
  while (json_object_iter_next_ordered (&iter, &key, &member)) {
    DnnJsonPlace here = DNN_JSON_KEY (place, key);
    if (!dnn_json_get_string (member, &here, &text, error))
      return FALSE;
    if (!g_strv_contains (dnn_graph_node_keys, key))
      dnn_attrs_set (node->attrs, key, text);
  }
  return TRUE;
}

static gboolean
read_slots_and_operands (JsonObject *attrs, const DnnJsonPlace *place,
    DnnNode *node, DnnNodeHead *head, GError **error)
{
  DnnJsonPlace inputs_place = DNN_JSON_KEY (place, "num_inputs");
  DnnJsonPlace captures_place = DNN_JSON_KEY (place, "captures");
  guint n_operands = count_operands (node), n_present, n_formal = 0;

  if (json_object_has_member (attrs, "captures") &&
      !get_count (attrs, place, "captures", DNN_MAX_NODE_INPUTS,
          &head->n_captures, error))
    return FALSE;
  if (head->n_captures > 0 && n_operands > 0)
    return dnn_json_error (&captures_place, error, DNN_ERROR_VALUE,
        "what runs subgraphs has no post-ops");
  if (head->n_captures > head->n_inputs)
    return dnn_json_error (&captures_place, error, DNN_ERROR_VALUE,
        "%u of the inputs, but there are %u", head->n_captures, head->n_inputs);

  if (n_operands > head->n_inputs)
    return dnn_json_error (&inputs_place, error, DNN_ERROR_VALUE,
        "%u inputs, but %u post-ops have an operand", head->n_inputs,
        n_operands);
  n_present = head->n_inputs - n_operands - head->n_captures;
  if (!read_slots (
          attrs, place, "input_slots", n_present, &head->input_slots, error) ||
      !read_slots (attrs, place, "output_slots", head->n_outputs,
          &head->output_slots, error))
    return FALSE;
  if (n_present > 0)
    n_formal = g_array_index (head->input_slots, guint, n_present - 1) + 1;
  return place_operands (node, place, n_present, n_formal, error);
}

DnnNode *
dnn_graph_read_node (DnnGraph *graph, const gchar *name, JsonNode *json,
    const DnnJsonPlace *place, DnnNodeHead *head, GError **error)
{
  DnnJsonPlace op_place = DNN_JSON_KEY (place, "func_name");
  JsonObject *attrs;
  const gchar *op;
  gboolean flatten;
  DnnNode *node;

  if (!dnn_json_get_object (json, place, &attrs, error) ||
      !get_text (attrs, place, "func_name", &op, error) ||
      !get_count (attrs, place, "num_inputs", DNN_MAX_NODE_INPUTS,
          &head->n_inputs, error) ||
      !get_count (attrs, place, "num_outputs", DNN_MAX_NODE_INPUTS,
          &head->n_outputs, error) ||
      !get_flag (attrs, place, "flatten_data", &flatten, error))
    return NULL;
  if (!op[0]) {
    dnn_json_error (&op_place, error, DNN_ERROR_VALUE, "empty");
    return NULL;
  }
  node = dnn_graph_add_node (graph, name, op);
  node->flatten_data = flatten;
  if (!read_free_attrs (attrs, place, node, error) ||
      !read_post_ops (attrs, place, node, error) ||
      !read_slots_and_operands (attrs, place, node, head, error))
    return NULL;
  return node;
}
