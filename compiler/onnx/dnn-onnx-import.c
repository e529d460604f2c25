/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnOnnxModel → DnnGraph: initialisers and constants to params, nodes, their
 * names, then newest forms. Next: dnn-upgrade.c, dnn-compile.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import.h"

#include "compiler/onnx/dnn-upgrade.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-hint.h"
#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* How many unsupported operators one message names. */
#define MAX_UNKNOWN 8

/* One import at work. */
typedef struct
{
  DnnOnnxModel *model;
  DnnGraph *graph;
  gint64 opset;
  GHashTable *values; /* ONNX name → DnnValue * */
  GHashTable *node_names; /* set of names taken */
  GPtrArray *nodes; /* DnnNode *, beside protos */
  GPtrArray *protos; /* Onnx__NodeProto * */
  GHashTable *unknown; /* set of operators nobody knows */
  GString *unknown_text;
  GHashTable *shapes; /* input name → DnnShape *: given instead */
  gboolean keeps_batch; /* not 1 where the model leaves it open */
} Import;

static gboolean fail (Import *self, GError **error, DnnError code,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (Import *self, GError **error, DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "%s: %s", self->model->file->path, text);
  return FALSE;
}

static gboolean
is_default_domain (const gchar *domain)
{
  return !domain || !*domain || g_str_equal (domain, "ai.onnx");
}

/* ---- opset ------------------------------------------------------------------
 */

static gboolean
read_opset (Import *self, GError **error)
{
  const Onnx__ModelProto *header = self->model->header;
  gboolean found = FALSE;

  for (gsize i = 0; i < header->n_opset_import; i++)
    if (is_default_domain (header->opset_import[i]->domain)) {
      self->opset = header->opset_import[i]->version;
      found = TRUE;
    }
  if (!found) /* a model of other domains' operators only */
    self->opset = DNN_OPSET_NEWEST;
  if (self->opset >= DNN_OPSET_OLDEST)
    return TRUE;
  return fail (self, error, DNN_ERROR_UNSUPPORTED,
      "the model's opset is %" G_GINT64_FORMAT ", the oldest supported is %d",
      self->opset, DNN_OPSET_OLDEST);
}

static void
take_metadata (Import *self)
{
  const Onnx__ModelProto *header = self->model->header;
  DnnAttrs *metadata = self->graph->metadata;

  if (header->producer_name && *header->producer_name) {
    g_autofree gchar *producer = g_strstrip (
        g_strdup_printf ("%s %s", header->producer_name,
            header->producer_version ? header->producer_version : ""));
    dnn_attrs_set (metadata, "producer", producer);
  }
  for (gsize i = 0; i < header->n_metadata_props; i++) {
    const Onnx__StringStringEntryProto *entry = header->metadata_props[i];
    g_autofree gchar *key = g_strdup_printf ("onnx.%s", entry->key);
    if (entry->key && entry->value)
      dnn_attrs_set (metadata, key, entry->value);
  }
}

/* ---- params and inputs
 * ------------------------------------------------------- */

static gboolean
check_new_name (
    Import *self, const gchar *name, const gchar *what, GError **error)
{
  if (!name || !*name)
    return fail (self, error, DNN_ERROR_GRAPH, "%s has no name", what);
  if (g_hash_table_contains (self->values, name))
    return fail (self, error, DNN_ERROR_GRAPH,
        "%s \"%s\": there is a tensor of that name already", what, name);
  return TRUE;
}

static void
add_value (Import *self, DnnValue *value)
{
  g_hash_table_insert (self->values, value->name, value);
}

static gboolean
add_initializer (Import *self, DnnWireSpan span, GError **error)
{
  g_autofree gchar *name = NULL;
  g_autoptr (DnnTensor) tensor = dnn_onnx_read_tensor (
      self->model->file, span, "an initializer", &name, error);

  if (!tensor || !check_new_name (self, name, "initializer", error))
    return FALSE;
  add_value (self, dnn_graph_add_param (self->graph, name, tensor));
  return TRUE;
}

static gboolean
add_initializers (Import *self, GError **error)
{
  GArray *spans = self->model->initializers;

  if (self->model->n_sparse_initializers > 0)
    return fail (self, error, DNN_ERROR_UNSUPPORTED,
        "%u sparse initializers; sparse tensors are not supported",
        self->model->n_sparse_initializers);
  for (guint i = 0; i < spans->len; i++)
    if (!add_initializer (self, g_array_index (spans, DnnWireSpan, i), error))
      return FALSE;
  return TRUE;
}

/* Old exporters list the initialisers among the inputs. */
static gboolean
is_param (Import *self, const gchar *name)
{
  const DnnValue *value = name ? g_hash_table_lookup (self->values, name)
                               : NULL;

  return value && value->kind == DNN_VALUE_PARAM;
}

static gboolean
has_one_input (Import *self)
{
  const Onnx__GraphProto *graph = self->model->graph;
  guint n = 0;

  for (gsize i = 0; i < graph->n_input; i++)
    n += !is_param (self, graph->input[i]->name);
  return n == 1;
}

/* By name; one without a name is that of the only input. */
static const DnnShape *
find_shape (Import *self, const gchar *name)
{
  const DnnShape *shape = g_hash_table_lookup (self->shapes, name);

  if (shape == NULL && has_one_input (self))
    shape = g_hash_table_lookup (self->shapes, "");
  return shape;
}

static gboolean
add_inputs (Import *self, GError **error)
{
  const Onnx__GraphProto *graph = self->model->graph;

  for (gsize i = 0; i < graph->n_input; i++) {
    const Onnx__ValueInfoProto *proto = graph->input[i];
    DnnValue *value;
    if (is_param (self, proto->name))
      continue;
    if (!check_new_name (self, proto->name, "input", error))
      return FALSE;
    value = dnn_onnx_import_input (self->model->file, self->graph, proto,
        find_shape (self, proto->name), self->keeps_batch, error);
    if (!value)
      return FALSE;
    add_value (self, value);
  }
  return TRUE;
}

static GPtrArray *
list_names (GPtrArray *values)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < values->len; i++)
    g_ptr_array_add (names, ((DnnValue *) values->pdata[i])->name);
  return names;
}

/* Shapes given for inputs that the model doesn't have. */
static gboolean
check_shapes (Import *self, GError **error)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->shapes);
  while (g_hash_table_iter_next (&iter, &name, NULL)) {
    const DnnValue *value = g_hash_table_lookup (self->values, name);
    if (*(const gchar *) name == '\0' && has_one_input (self))
      continue;
    if (!value || value->kind != DNN_VALUE_INPUT) {
      g_autoptr (GPtrArray) names = list_names (self->graph->inputs);
      g_autofree gchar *hint = dnn_hint_names ("inputs", name, names);
      if (*(const gchar *) name == '\0')
        return fail (self, error, DNN_ERROR_VALUE,
            "a shape is given without a name, but the model has %u inputs; "
            "\"NAME=1,3,224,224\" was expected%s",
            names->len, hint);
      return fail (self, error, DNN_ERROR_UNKNOWN_NAME,
          "a shape is given for \"%s\", which is no input of the model%s",
          (const gchar *) name, hint);
    }
  }
  return TRUE;
}

/* "NAME=1,3,224,224", or "1,3,224,224" for an only input, kept under ""; names
 * may have a "=" too. */
static gboolean
parse_shapes (Import *self, const gchar *const *shapes, GError **error)
{
  for (; shapes && *shapes; shapes++) {
    const gchar *sign = strrchr (*shapes, '=');
    DnnShape shape;
    if (sign == *shapes || !dnn_shape_parse (sign ? sign + 1 : *shapes, &shape))
      return fail (self, error, DNN_ERROR_VALUE,
          "the shape \"%s\" is not of the form NAME=1,3,224,224, or "
          "1,3,224,224 for an only input",
          *shapes);
    g_hash_table_insert (self->shapes,
        sign ? g_strndup (*shapes, sign - *shapes) : g_strdup (""),
        g_memdup2 (&shape, sizeof shape));
  }
  return TRUE;
}

/* ---- nodes
 * ------------------------------------------------------------------- */

/* ONNX's name; those without are called like their first output. */
static gchar *
make_node_name (Import *self, const Onnx__NodeProto *proto)
{
  const gchar *base = proto->name && *proto->name ? proto->name
      : proto->n_output > 0 && *proto->output[0]  ? proto->output[0]
                                                  : proto->op_type;
  gchar *name = g_strdup (base);

  for (guint n = 1; !g_hash_table_add (self->node_names, g_strdup (name));
       n++) {
    g_free (name);
    name = g_strdup_printf ("%s_%u", base, n);
  }
  return name;
}

static gboolean
add_constant (Import *self, DnnWireSpan span, const Onnx__NodeProto *proto,
    GError **error)
{
  const gchar *output = proto->n_output > 0 ? proto->output[0] : NULL;
  g_autoptr (DnnTensor) tensor = NULL;

  if (!check_new_name (self, output, "output of Constant", error))
    return FALSE;
  tensor = dnn_onnx_import_constant (self->model->file, span,
      proto->name && *proto->name ? proto->name : output, error);
  if (!tensor)
    return FALSE;
  add_value (self, dnn_graph_add_param (self->graph, output, tensor));
  return TRUE;
}

/* All unknown operators are collected, so that one message tells them. */
static void
note_unknown (Import *self, const Onnx__NodeProto *proto, const gchar *op)
{
  guint n = g_hash_table_size (self->unknown);
  g_autofree gchar *name = NULL;

  if (!g_hash_table_add (self->unknown, g_strdup (op)) || n >= MAX_UNKNOWN)
    return;
  name = make_node_name (self, proto);
  g_string_append_printf (
      self->unknown_text, "%s%s (node \"%s\")", n > 0 ? ", " : "", op, name);
}

static gchar *
make_op_name (const Onnx__NodeProto *proto)
{
  if (is_default_domain (proto->domain))
    return g_strdup (proto->op_type);
  return g_strdup_printf ("%s.%s", proto->domain, proto->op_type);
}

static gboolean
add_outputs_of (
    Import *self, DnnNode *node, const Onnx__NodeProto *proto, GError **error)
{
  for (gsize i = 0; i < proto->n_output; i++) {
    g_autofree gchar *what = g_strdup_printf (
        "node \"%s\" (%s): output", node->name, node->op);
    if (!*proto->output[i]) {
      dnn_graph_add_result (self->graph, node, NULL);
      continue;
    }
    if (!check_new_name (self, proto->output[i], what, error))
      return FALSE;
    add_value (
        self, dnn_graph_add_result (self->graph, node, proto->output[i]));
  }
  return TRUE;
}

static gboolean
check_counts (Import *self, const Onnx__NodeProto *proto, GError **error)
{
  gsize most = MAX (proto->n_input, proto->n_output);

  if (!proto->op_type || !*proto->op_type)
    return fail (self, error, DNN_ERROR_FORMAT, "node \"%s\" has no operator",
        proto->name ? proto->name : "");
  if (proto->n_output == 0)
    return fail (self, error, DNN_ERROR_GRAPH, "node \"%s\" (%s) has no output",
        proto->name ? proto->name : "", proto->op_type);
  if (most <= DNN_MAX_NODE_INPUTS)
    return TRUE;
  return fail (self, error, DNN_ERROR_LIMIT,
      "node \"%s\" has %" G_GSIZE_FORMAT
      " inputs or outputs; at most %d are supported",
      proto->name ? proto->name : "", most, DNN_MAX_NODE_INPUTS);
}

static gboolean
add_node (Import *self, DnnWireSpan span, Onnx__NodeProto *proto,
    gboolean *kept, GError **error)
{
  g_autofree gchar *op = NULL;
  g_autofree gchar *name = NULL;
  DnnNode *node;

  if (!check_counts (self, proto, error))
    return FALSE;
  op = make_op_name (proto);
  if (g_str_equal (op, "Constant"))
    return add_constant (self, span, proto, error);
  if (!dnn_upgrade_knows (op)) {
    note_unknown (self, proto, op);
    return TRUE;
  }
  name = make_node_name (self, proto);
  node = dnn_graph_add_node (self->graph, name, op);
  g_ptr_array_add (self->nodes, node);
  g_ptr_array_add (self->protos, proto);
  *kept = TRUE;
  return dnn_onnx_import_attrs (self->model->file, span, node, error) &&
      add_outputs_of (self, node, proto, error);
}

static gboolean
fail_unknown (Import *self, GError **error)
{
  guint n = g_hash_table_size (self->unknown);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree gchar *more = n > MAX_UNKNOWN
      ? g_strdup_printf (", and %u more", n - MAX_UNKNOWN)
      : g_strdup ("");
  GHashTableIter iter;
  gpointer op;
  const gchar *nearest;

  for (const DnnOp *const *list = dnn_op_list (); *list; list++)
    g_ptr_array_add (names, (gpointer) (*list)->name);
  g_ptr_array_add (names, NULL);
  g_hash_table_iter_init (&iter, self->unknown);
  g_hash_table_iter_next (&iter, &op, NULL);
  nearest = dnn_nearest_word (op, (const gchar *const *) names->pdata);
  return fail (self, error, DNN_ERROR_UNSUPPORTED,
      "operators that are not supported (opset %" G_GINT64_FORMAT
      "): %s%s%s%s%s%s",
      self->opset, self->unknown_text->str, more,
      n == 1 && nearest ? " (nearest: \"" : "",
      n == 1 && nearest ? nearest : "", n == 1 && nearest ? "\")" : "",
      self->model->n_functions > 0
          ? "; the model's own functions are not supported"
          : "");
}

static gboolean
add_nodes (Import *self, GError **error)
{
  GArray *spans = self->model->nodes;

  if (spans->len > DNN_MAX_NODES)
    return fail (self, error, DNN_ERROR_LIMIT,
        "%u nodes; at most %d are supported", spans->len, DNN_MAX_NODES);
  for (guint i = 0; i < spans->len; i++) {
    DnnWireSpan span = g_array_index (spans, DnnWireSpan, i);
    Onnx__NodeProto *proto = dnn_onnx_unpack_node (span);
    gboolean kept = FALSE, ok;
    if (!proto)
      return fail (self, error, DNN_ERROR_FORMAT, "node %u is damaged", i);
    ok = add_node (self, span, proto, &kept, error);
    if (!kept)
      onnx__node_proto__free_unpacked (proto, NULL);
    if (!ok)
      return FALSE;
  }
  return g_hash_table_size (self->unknown) == 0 || fail_unknown (self, error);
}

static gboolean
connect_node (
    Import *self, DnnNode *node, const Onnx__NodeProto *proto, GError **error)
{
  for (gsize i = 0; i < proto->n_input; i++) {
    const gchar *name = proto->input[i];
    DnnValue *value = *name ? g_hash_table_lookup (self->values, name) : NULL;
    if (*name && !value) {
      g_autoptr (GPtrArray) names = list_names (self->graph->values);
      g_autofree gchar *hint = dnn_hint_names ("tensors", name, names);
      return fail (self, error, DNN_ERROR_GRAPH,
          "node \"%s\" (%s): input %" G_GSIZE_FORMAT
          " \"%s\" is no tensor of the graph%s",
          node->name, node->op, i, name, hint);
    }
    dnn_node_add_input (node, value);
  }
  return TRUE;
}

static gboolean
connect_nodes (Import *self, GError **error)
{
  for (guint i = 0; i < self->nodes->len; i++)
    if (!connect_node (
            self, self->nodes->pdata[i], self->protos->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_outputs (Import *self, GError **error)
{
  const Onnx__GraphProto *graph = self->model->graph;

  for (gsize i = 0; i < graph->n_output; i++) {
    const gchar *name = graph->output[i]->name ? graph->output[i]->name : "";
    DnnValue *value = g_hash_table_lookup (self->values, name);
    if (!value) {
      g_autoptr (GPtrArray) names = list_names (self->graph->values);
      g_autofree gchar *hint = dnn_hint_names ("tensors", name, names);
      return fail (self, error, DNN_ERROR_GRAPH,
          "output %" G_GSIZE_FORMAT " \"%s\" is no tensor of the graph%s", i,
          name, hint);
    }
    dnn_graph_add_output (self->graph, name, value);
  }
  return TRUE;
}

/* ---- all of it
 * ---------------------------------------------------------------- */

static void
clear_import (Import *self)
{
  for (guint i = 0; i < self->protos->len; i++)
    onnx__node_proto__free_unpacked (self->protos->pdata[i], NULL);
  g_ptr_array_unref (self->protos);
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->node_names);
  g_hash_table_unref (self->unknown);
  g_hash_table_unref (self->shapes);
  g_string_free (self->unknown_text, TRUE);
}

static gboolean
build_graph (Import *self, const gchar *const *shapes, GError **error)
{
  take_metadata (self);
  return read_opset (self, error) && parse_shapes (self, shapes, error) &&
      add_initializers (self, error) && add_inputs (self, error) &&
      check_shapes (self, error) && add_nodes (self, error) &&
      connect_nodes (self, error) && add_outputs (self, error);
}

/* Errors of the graph itself don't know the file. */
static gboolean
finish_graph (Import *self, GError **error)
{
  DnnGraph *graph = self->graph;

  if (!dnn_graph_sort (graph, error))
    return FALSE;
  if (!dnn_upgrade_graph (graph, self->opset, error)) {
    g_prefix_error (error, "%s: ", self->model->file->path);
    return FALSE;
  }
  return dnn_graph_check (graph, error);
}

static DnnGraph *
import (const gchar *path, const gchar *const *shapes, gboolean keeps_batch,
    GError **error)
{
  g_autoptr (DnnOnnxModel) model = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  Import self = { NULL };
  gboolean ok;

  dnn_init ();
  model = dnn_onnx_model_open (path, error);
  if (!model)
    return NULL;
  graph = dnn_graph_new (model->graph->name);
  g_free (graph->label);
  graph->label = g_strdup (path);
  dnn_graph_set_files (graph, model->file->stamps);
  self.model = model;
  self.graph = graph;
  self.keeps_batch = keeps_batch;
  self.values = g_hash_table_new (g_str_hash, g_str_equal);
  self.node_names = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, NULL);
  self.unknown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.unknown_text = g_string_new (NULL);
  self.shapes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self.nodes = g_ptr_array_new ();
  self.protos = g_ptr_array_new ();
  ok = build_graph (&self, shapes, error) && finish_graph (&self, error);
  clear_import (&self);
  return ok ? g_steal_pointer (&graph) : NULL;
}

DnnGraph *
dnn_onnx_import (const gchar *path, const gchar *const *shapes, GError **error)
{
  return import (path, shapes, FALSE, error);
}

DnnGraph *
dnn_onnx_import_open (const gchar *path, GError **error)
{
  return import (path, NULL, TRUE, error);
}
