/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnOnnxModel → DnnGraph: initialisers and constants to params, nodes, their
 * names, then newest forms. Next: dnn-upgrade.c, dnn-compile.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import.h"

#include "compiler/onnx/dnn-onnx-import-private.h"
#include "compiler/onnx/dnn-onnx-declared.h"
#include "compiler/upgrade/dnn-upgrade.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-hint.h"

gboolean
dnn_onnx_fail (DnnOnnxImport *self, GError **error, DnnError code,
    const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "%s: %s", self->model->file->path, text);
  return FALSE;
}

gboolean
dnn_onnx_is_default_domain (const gchar *domain)
{
  return !domain || !*domain || g_str_equal (domain, "ai.onnx");
}

/* ---- opset ------------------------------------------------------------------
 */

static gboolean
read_opset (DnnOnnxImport *self, GError **error)
{
  const Onnx__ModelProto *header = self->model->header;
  gboolean found = FALSE;

  for (gsize i = 0; i < header->n_opset_import; i++)
    if (dnn_onnx_is_default_domain (header->opset_import[i]->domain)) {
      self->opset = header->opset_import[i]->version;
      found = TRUE;
    }
  if (!found) /* a model of other domains' operators only */
    self->opset = DNN_OPSET_NEWEST;
  if (self->opset >= DNN_OPSET_OLDEST)
    return TRUE;
  return dnn_onnx_fail (self, error, DNN_ERROR_UNSUPPORTED,
      "the model's opset is %" G_GINT64_FORMAT ", the oldest supported is %d",
      self->opset, DNN_OPSET_OLDEST);
}

static void
take_metadata (DnnOnnxImport *self)
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

/* ---- tensors --------------------------------------------------------------
 */

gboolean
dnn_onnx_check_new_name (
    DnnOnnxImport *self, const gchar *name, const gchar *what, GError **error)
{
  if (!name || !*name)
    return dnn_onnx_fail (self, error, DNN_ERROR_GRAPH, "%s has no name", what);
  if (g_hash_table_contains (self->values, name))
    return dnn_onnx_fail (self, error, DNN_ERROR_GRAPH,
        "%s \"%s\": there is a tensor of that name already", what, name);
  return TRUE;
}

void
dnn_onnx_add_value (DnnOnnxImport *self, DnnValue *value)
{
  g_hash_table_insert (self->values, value->name, value);
}

GPtrArray *
dnn_onnx_list_names (GPtrArray *values)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < values->len; i++)
    g_ptr_array_add (names, ((DnnValue *) values->pdata[i])->name);
  return names;
}

void
dnn_onnx_refuse (DnnOnnxImport *self, const gchar *name, GError **error)
{
  g_hash_table_insert (
      self->refused, g_strdup (name), g_strdup ((*error)->message));
  g_clear_error (error);
}

typedef DnnTensor *(*ReadFunc) (DnnOnnxFile *file, DnnWireSpan span,
    const gchar *place, gchar **name, GError **error);

/* One of a type that there isn't is no fault before somebody uses it. */
static gboolean
add_initializer (
    DnnOnnxImport *self, ReadFunc read, DnnWireSpan span, GError **error)
{
  g_autofree gchar *name = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (DnnTensor)
      tensor = read (self->model->file, span, "an initializer", &name, &local);

  if (g_error_matches (local, DNN_ERROR, DNN_ERROR_UNSUPPORTED) && name) {
    dnn_onnx_refuse (self, name, &local);
    return TRUE;
  }
  if (!tensor) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (!dnn_onnx_check_new_name (self, name, "initializer", error))
    return FALSE;
  dnn_onnx_add_value (self, dnn_graph_add_param (self->graph, name, tensor));
  return TRUE;
}

static gboolean
add_all (DnnOnnxImport *self, ReadFunc read, GArray *spans, GError **error)
{
  for (guint i = 0; i < spans->len; i++)
    if (!add_initializer (
            self, read, g_array_index (spans, DnnWireSpan, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
add_initializers (DnnOnnxImport *self, GError **error)
{
  return add_all (
             self, dnn_onnx_read_tensor, self->model->initializers, error) &&
      add_all (
          self, dnn_onnx_read_sparse, self->model->sparse_initializers, error);
}

static gboolean
add_outputs (DnnOnnxImport *self, GError **error)
{
  const Onnx__GraphProto *graph = self->model->graph;

  for (gsize i = 0; i < graph->n_output; i++) {
    const gchar *name = graph->output[i]->name ? graph->output[i]->name : "";
    DnnValue *value = dnn_onnx_find_value (self, name);
    if (!value) {
      g_autoptr (GPtrArray) names = dnn_onnx_list_names (self->graph->values);
      g_autofree gchar *hint = dnn_hint_names ("tensors", name, names);
      return dnn_onnx_fail (self, error, DNN_ERROR_GRAPH,
          "%soutput %" G_GSIZE_FORMAT " \"%s\" is no tensor of the graph%s",
          self->prefix, i, name, hint);
    }
    dnn_graph_add_output (self->graph, name, value);
  }
  return TRUE;
}

/* ---- all of it
 * ---------------------------------------------------------------- */

static void
free_proto (gpointer data)
{
  onnx__node_proto__free_unpacked (data, NULL);
}

static void
init_import (DnnOnnxImport *self, DnnOnnxModel *model, const gchar *path)
{
  DnnGraph *graph = dnn_graph_new (model->graph->name);

  g_free (graph->label);
  graph->label = g_strdup (path);
  dnn_graph_set_files (graph, model->file->stamps);
  if (!model->is_subgraph)
    dnn_onnx_keep_declared (graph, model);
  self->prefix = "";
  self->model = model;
  self->graph = graph;
  self->values = g_hash_table_new (g_str_hash, g_str_equal);
  self->node_names = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, NULL);
  self->reserved = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, NULL);
  self->refused = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, g_free);
  self->shapes = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, g_free);
  self->opsets = g_hash_table_new (NULL, NULL);
  self->nodes = g_ptr_array_new ();
  self->spans = g_array_new (FALSE, FALSE, sizeof (DnnWireSpan));
  self->protos = g_ptr_array_new_with_free_func (free_proto);
  self->calls = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_onnx_call_free);
  self->reasons = dnn_onnx_reasons_new (path);
}

static void
clear_import (DnnOnnxImport *self)
{
  g_ptr_array_unref (self->protos);
  g_ptr_array_unref (self->nodes);
  g_array_unref (self->spans);
  g_ptr_array_unref (self->calls);
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->node_names);
  g_hash_table_unref (self->reserved);
  g_hash_table_unref (self->refused);
  g_hash_table_unref (self->opsets);
  g_hash_table_unref (self->shapes);
  if (!self->outer)
    dnn_onnx_functions_free (self->functions);
  dnn_onnx_reasons_free (self->reasons);
  g_clear_object (&self->graph);
}

static gboolean
build_graph (DnnOnnxImport *self, const gchar *const *shapes, GError **error)
{
  take_metadata (self);
  self->functions = dnn_onnx_functions_new (self->model, error);
  return self->functions &&
      dnn_onnx_reasons_take (self->reasons, read_opset (self, error), error) &&
      dnn_onnx_parse_shapes (self, shapes, error) &&
      add_initializers (self, error) && dnn_onnx_add_inputs (self, error) &&
      dnn_onnx_add_nodes (self, error) && dnn_onnx_check_shapes (self, error) &&
      dnn_onnx_connect_nodes (self, error) && add_outputs (self, error);
}

/* Errors of the graph itself don't know the file. */
static gboolean
finish_graph (DnnOnnxImport *self, GError **error)
{
  DnnGraph *graph = self->graph;

  if (!dnn_graph_sort (graph, error))
    return FALSE;
  if (!dnn_upgrade_graph (graph, self->opset, self->opsets, error)) {
    g_prefix_error (error, "%s: ", self->model->file->path);
    return FALSE;
  }
  if (self->outer)
    return TRUE;
  dnn_graph_part_params (graph);
  return dnn_graph_check (graph, error);
}

static gboolean
build_subgraph (DnnOnnxImport *self, GError **error)
{
  return add_initializers (self, error) &&
      dnn_onnx_add_subgraph_inputs (self, error) &&
      dnn_onnx_add_nodes (self, error) &&
      dnn_onnx_connect_nodes (self, error) && add_outputs (self, error) &&
      finish_graph (self, error);
}

DnnGraph *
dnn_onnx_import_subgraph (DnnOnnxImport *self, const gchar *prefix,
    DnnWireSpan span, GPtrArray **captures, GError **error)
{
  g_autoptr (DnnOnnxModel)
      model = dnn_onnx_model_open_subgraph (self->model, span);
  DnnOnnxImport inner = { .outer = self, .depth = self->depth + 1 };
  DnnGraph *graph = NULL;

  if (!model || inner.depth > DNN_MAX_GRAPH_DEPTH) {
    dnn_onnx_fail (self, error, model ? DNN_ERROR_LIMIT : DNN_ERROR_FORMAT,
        "subgraph \"%s\" %s", prefix,
        model ? "lies more than " G_STRINGIFY (DNN_MAX_GRAPH_DEPTH) " deep"
              : "is damaged");
    return NULL;
  }
  init_import (&inner, model, self->model->file->path);
  inner.prefix = prefix;
  inner.opset = self->opset;
  inner.functions = self->functions;
  inner.captures = g_ptr_array_new_with_free_func (g_free);
  inner.graph->is_subgraph = TRUE;
  if (build_subgraph (&inner, error))
    graph = g_steal_pointer (&inner.graph);
  *captures = inner.captures;
  clear_import (&inner);
  return graph;
}

static DnnGraph *
import (const gchar *path, const gchar *const *shapes, gboolean keeps_batch,
    GError **error)
{
  g_autoptr (DnnOnnxModel) model = NULL;
  DnnOnnxImport self = { .keeps_batch = keeps_batch };
  g_autoptr (GError) reason = NULL; /* reasons are collected in any case */
  DnnGraph *graph = NULL;

  dnn_init ();
  model = dnn_onnx_model_open (path, error);
  if (!model)
    return NULL;
  init_import (&self, model, path);
  if (build_graph (&self, shapes, &reason) && finish_graph (&self, &reason))
    graph = g_steal_pointer (&self.graph);
  else
    g_propagate_error (error, g_steal_pointer (&reason));
  clear_import (&self);
  return graph;
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
