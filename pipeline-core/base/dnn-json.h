/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* JSON text of a user → checked values; every refusal names the place. Internal
 * to the core; used by dnn-graph-read.c and dnn-pipeline-config-read.c. */
#pragma once

#include <json-glib/json-glib.h>

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* Deepest nesting of a file; keeps the parser's recursion small. */
#define DNN_MAX_JSON_DEPTH 64

/* Where a value stands: a chain on the stack, so that nothing is allocated
 * unless there is an error to tell. The root's key is the file's label, or
 * NULL for none. */
typedef struct _DnnJsonPlace DnnJsonPlace;
struct _DnnJsonPlace
{
  const DnnJsonPlace *parent; /* NULL: root */
  const gchar *key; /* NULL: an item of a list */
  guint idx;
};

#define DNN_JSON_ROOT(label) ((DnnJsonPlace){ NULL, (label), 0 })
#define DNN_JSON_KEY(parent, key) ((DnnJsonPlace){ (parent), (key), 0 })
#define DNN_JSON_ITEM(parent, idx) ((DnnJsonPlace){ (parent), NULL, (idx) })

/* "nodes[3].inputs[0]", without the label; "" for the root. */
gchar *dnn_json_place_to_string (const DnnJsonPlace *place);

/* "LABEL: PLACE: text"; always FALSE. */
gboolean dnn_json_error (const DnnJsonPlace *place, GError **error,
    DnnError code, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

/* What stands there, for messages: "the string \"x\"", "the number 3". */
gchar *dnn_json_describe (JsonNode *node);

/* Strict: tokens of RFC 8259, numbers within 64 bits, no "\u0000", no key
 * twice, at most DNN_MAX_JSON_DEPTH deep. FORMAT or LIMIT. */
JsonNode *dnn_json_parse (
    const gchar *text, gssize length, const gchar *label, GError **error);
/* The first part of the above: the tokens; in dnn-json-scan.c. */
gboolean dnn_json_scan (
    const gchar *text, gsize length, const gchar *label, GError **error);
/* A regular file's text, at most @max_bytes. NOT_FOUND or LIMIT. */
gboolean dnn_json_load (const gchar *path, guint64 max_bytes, gchar **text,
    gsize *length, GError **error);

/* VALUE unless the node is one; the results belong to the node. */
gboolean dnn_json_get_object (JsonNode *node, const DnnJsonPlace *place,
    JsonObject **object, GError **error);
gboolean dnn_json_get_list (JsonNode *node, const DnnJsonPlace *place,
    JsonArray **list, GError **error);
gboolean dnn_json_get_string (JsonNode *node, const DnnJsonPlace *place,
    const gchar **text, GError **error);
gboolean dnn_json_get_int (JsonNode *node, const DnnJsonPlace *place,
    gint64 min, gint64 max, gint64 *value, GError **error);

/* The member; VALUE says which is missing. */
JsonNode *dnn_json_member (JsonObject *object, const DnnJsonPlace *place,
    const gchar *key, GError **error);
/* UNKNOWN_KEY for the first key not among @known; names the nearest. */
gboolean dnn_json_check_keys (JsonObject *object, const DnnJsonPlace *place,
    const gchar *const *known, GError **error);
/* The same with one GError for each of them. */
void dnn_json_collect_unknown_keys (JsonObject *object,
    const DnnJsonPlace *place, const gchar *const *known, GPtrArray *errors);

/* Writing: @text in quotes, escaped. */
void dnn_json_append_string (GString *out, const gchar *text);

G_END_DECLS
