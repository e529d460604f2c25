/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* JSON text or file → JsonNode, and its members as checked values; every
 * refusal names file, place, what stands there and what was expected. */
#include "config.h"

#include "pipeline-core/base/dnn-json.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"

/* ---- places and messages ----------------------------------------------- */

static void
append_place (GString *out, const DnnJsonPlace *place)
{
  if (!place->parent)
    return;
  append_place (out, place->parent);
  if (!place->key)
    g_string_append_printf (out, "[%u]", place->idx);
  else
    g_string_append_printf (out, "%s%s", out->len > 0 ? "." : "", place->key);
}

gchar *
dnn_json_place_to_string (const DnnJsonPlace *place)
{
  GString *out = g_string_new (NULL);

  append_place (out, place);
  return g_string_free (out, FALSE);
}

gboolean
dnn_json_error (const DnnJsonPlace *place, GError **error, DnnError code,
    const gchar *format, ...)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree gchar *where = dnn_json_place_to_string (place);
  const DnnJsonPlace *root = place;
  va_list args;

  while (root->parent)
    root = root->parent;
  if (root->key)
    g_string_append_printf (out, "%s: ", root->key);
  if (where[0])
    g_string_append_printf (out, "%s: ", where);
  va_start (args, format);
  g_string_append_vprintf (out, format, args);
  va_end (args);
  g_set_error_literal (error, DNN_ERROR, code, out->str);
  return FALSE;
}

static gchar *
describe_scalar (JsonNode *node)
{
  g_autofree gchar *text = json_to_string (node, FALSE);

  if (g_utf8_strlen (text, -1) > 60) {
    g_autofree gchar *start = g_utf8_substring (text, 0, 57);
    g_free (text);
    text = g_strconcat (start, "...", NULL);
  }
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strconcat ("the string ", text, NULL);
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_steal_pointer (&text);
  return g_strconcat ("the number ", text, NULL);
}

gchar *
dnn_json_describe (JsonNode *node)
{
  switch (json_node_get_node_type (node)) {
    case JSON_NODE_OBJECT:
      return g_strdup ("an object");
    case JSON_NODE_ARRAY:
      return g_strdup_printf (
          "a list of %u", json_array_get_length (json_node_get_array (node)));
    case JSON_NODE_VALUE:
      return describe_scalar (node);
    default:
      return g_strdup ("null");
  }
}

static gboolean
refuse (JsonNode *node, const DnnJsonPlace *place, const gchar *expected,
    GError **error)
{
  g_autofree gchar *found = dnn_json_describe (node);

  return dnn_json_error (
      place, error, DNN_ERROR_VALUE, "expected %s, found %s", expected, found);
}

/* ---- text → JsonNode ----------------------------------------------------- */

/* json-glib keeps the last of two members with one key; counting what the
 * parser sees against what the object holds finds them. */
typedef struct
{
  GHashTable *counts; /* JsonObject → members seen */
  gchar *twice; /* key of the first duplicate */
} Duplicates;

static void
count_member (
    JsonParser *parser, JsonObject *object, const gchar *key, Duplicates *self)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, object)) + 1;

  if (n != json_object_get_size (object) && !self->twice)
    self->twice = g_strdup (key);
  g_hash_table_insert (self->counts, object, GUINT_TO_POINTER (n));
}

static void
end_object (JsonParser *parser, JsonObject *object, Duplicates *self)
{
  g_hash_table_remove (self->counts, object);
}

/* json-glib calls text in memory "<data>". */
static void
set_parse_error (const GError *parse_error, const gchar *label, GError **error)
{
  const gchar *text = parse_error->message;

  if (g_str_has_prefix (text, "<data>:"))
    text += strlen ("<data>:");
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT, "%s%s%s",
      label ? label : "line ", label ? ":" : "", text);
}

JsonNode *
dnn_json_parse (
    const gchar *text, gssize length, const gchar *label, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  g_autoptr (GError) parse_error = NULL;
  g_autofree gchar *twice = NULL;
  Duplicates duplicates = { counts, NULL };
  DnnJsonPlace root = DNN_JSON_ROOT (label);
  JsonNode *node;

  if (length < 0)
    length = strlen (text);
  if (length > G_MAXINT) {
    dnn_json_error (&root, error, DNN_ERROR_LIMIT, "more than 2 GiB of JSON");
    return NULL;
  }
  if (!dnn_json_scan (text, length, label, error))
    return NULL;
  g_signal_connect (
      parser, "object-member", G_CALLBACK (count_member), &duplicates);
  g_signal_connect (parser, "object-end", G_CALLBACK (end_object), &duplicates);
  if (!json_parser_load_from_data (parser, text, length, &parse_error)) {
    g_free (duplicates.twice);
    set_parse_error (parse_error, label, error);
    return NULL;
  }
  twice = duplicates.twice;
  node = json_parser_steal_root (parser);
  if (!node) {
    dnn_json_error (&root, error, DNN_ERROR_FORMAT, "no JSON in the text");
    return NULL;
  }
  if (twice) {
    dnn_json_error (&root, error, DNN_ERROR_FORMAT,
        "the key \"%s\" stands twice in one "
        "object",
        twice);
    g_clear_pointer (&node, json_node_unref);
  }
  return node;
}

gboolean
dnn_json_load (const gchar *path, guint64 max_bytes, gchar **text,
    gsize *length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  DnnJsonPlace root = DNN_JSON_ROOT (path);

  *text = dnn_file_read (path, max_bytes, length, &reason);
  if (*text)
    return TRUE;
  return dnn_json_error (&root, error, reason->code, "%s", reason->message);
}

/* ---- members --------------------------------------------------------------
 */

gboolean
dnn_json_get_object (JsonNode *node, const DnnJsonPlace *place,
    JsonObject **object, GError **error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (node, place, "an object", error);
  *object = json_node_get_object (node);
  return TRUE;
}

gboolean
dnn_json_get_list (
    JsonNode *node, const DnnJsonPlace *place, JsonArray **list, GError **error)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (node, place, "a list", error);
  *list = json_node_get_array (node);
  return TRUE;
}

gboolean
dnn_json_get_string (JsonNode *node, const DnnJsonPlace *place,
    const gchar **text, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return refuse (node, place, "a string", error);
  *text = json_node_get_string (node);
  return TRUE;
}

gboolean
dnn_json_get_int (JsonNode *node, const DnnJsonPlace *place, gint64 min,
    gint64 max, gint64 *value, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return refuse (node, place, "a whole number", error);
  *value = json_node_get_int (node);
  if (*value >= min && *value <= max)
    return TRUE;
  return dnn_json_error (place, error, DNN_ERROR_VALUE,
      "%" G_GINT64_FORMAT " is out of range (%" G_GINT64_FORMAT
      " to %" G_GINT64_FORMAT ")",
      *value, min, max);
}

JsonNode *
dnn_json_member (JsonObject *object, const DnnJsonPlace *place,
    const gchar *key, GError **error)
{
  JsonNode *member = json_object_get_member (object, key);

  if (!member)
    dnn_json_error (
        place, error, DNN_ERROR_VALUE, "the key \"%s\" is missing", key);
  return member;
}

static gboolean
refuse_key (const gchar *key, const DnnJsonPlace *place,
    const gchar *const *known, GError **error)
{
  const gchar *nearest = dnn_nearest_word (key, known);
  g_autofree gchar *all = NULL;

  if (nearest)
    return dnn_json_error (place, error, DNN_ERROR_UNKNOWN_KEY,
        "unknown key \"%s\"; did you mean \"%s\"?", key, nearest);
  all = g_strjoinv ("\", \"", (gchar **) known);
  return dnn_json_error (place, error, DNN_ERROR_UNKNOWN_KEY,
      "unknown key \"%s\" (known: \"%s\")", key, all);
}

gboolean
dnn_json_check_keys (JsonObject *object, const DnnJsonPlace *place,
    const gchar *const *known, GError **error)
{
  JsonObjectIter iter;
  const gchar *key;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, NULL))
    if (!g_strv_contains (known, key))
      return refuse_key (key, place, known, error);
  return TRUE;
}

void
dnn_json_collect_unknown_keys (JsonObject *object, const DnnJsonPlace *place,
    const gchar *const *known, GPtrArray *errors)
{
  JsonObjectIter iter;
  const gchar *key;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, NULL)) {
    GError *error = NULL;
    if (g_strv_contains (known, key))
      continue;
    refuse_key (key, place, known, &error);
    g_ptr_array_add (errors, error);
  }
}

void
dnn_json_append_string (GString *out, const gchar *text)
{
  g_string_append_c (out, '"');
  for (const gchar *c = text; *c; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_printf (out, "\\%c", *c);
    else if (*c == '\n')
      g_string_append (out, "\\n");
    else if ((guchar) *c < 0x20)
      g_string_append_printf (out, "\\u%04x", *c);
    else
      g_string_append_c (out, *c);
  }
  g_string_append_c (out, '"');
}
