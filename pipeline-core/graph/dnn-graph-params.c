/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnGraph and DnnParams → a graph whose params have their bytes, and back. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/graph/dnn-graph-private.h"

/* ---- files ----------------------------------------------------------------
 */

gboolean
dnn_graph_add_file (DnnGraph *self, const gchar *path, GError **error)
{
  DnnFileStamp *stamp = dnn_file_stamp_new (path, error);

  if (stamp)
    g_ptr_array_add (self->files, stamp);
  return stamp != NULL;
}

gboolean
dnn_graph_check_files (DnnGraph *self, GError **error)
{
  for (guint i = 0; i < self->files->len; i++)
    if (!dnn_file_stamp_check (self->files->pdata[i], error))
      return FALSE;
  return TRUE;
}

void
dnn_graph_set_files (DnnGraph *self, GPtrArray *files)
{
  g_ptr_array_ref (files);
  g_ptr_array_unref (self->files);
  self->files = files;
}

/* ---- bytes ----------------------------------------------------------------
 */

static gboolean
check_tensor (DnnGraph *self, const DnnValue *value, const DnnTensor *tensor,
    GError **error)
{
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  DnnType type = dnn_tensor_get_element_type (tensor);
  g_autofree gchar *found = NULL, *expected = NULL;

  if (type != value->type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "%s: param \"%s\" is %s in the graph, but %s in the params file",
        self->label, value->name, dnn_type_name (value->type),
        dnn_type_name (type));
    return FALSE;
  }
  if (dnn_shape_compatible (&value->shape, shape))
    return TRUE;
  expected = dnn_shape_to_string (&value->shape);
  found = dnn_shape_to_string (shape);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "%s: param \"%s\" is %s in the graph, but %s in the params file",
      self->label, value->name, expected, found);
  return FALSE;
}

static gboolean
fail_unknown (DnnGraph *self, const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const gchar *nearest;

  for (guint i = 0; i < self->values->len; i++) {
    DnnValue *value = self->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM ||
        (value->kind == DNN_VALUE_INPUT && self->params_are_open))
      g_ptr_array_add (known, value->name);
  }
  g_ptr_array_add (known, NULL);
  nearest = dnn_nearest_word (name, (const gchar *const *) known->pdata);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "%s: \"%s\" of the params file is no param of the graph%s%s%s",
      self->label, name, nearest ? "; did you mean \"" : "",
      nearest ? nearest : "", nearest ? "\"?" : "");
  return FALSE;
}

static gboolean
bind_one (DnnGraph *self, const gchar *name, DnnTensor *tensor, GError **error)
{
  DnnGraph *owner = self;
  DnnValue *value = dnn_graph_find_param (self, name, &owner);

  if (!value)
    value = dnn_graph_find_value (self, name);
  if (!value || value->kind == DNN_VALUE_RESULT ||
      (value->kind == DNN_VALUE_INPUT && !self->params_are_open))
    return fail_unknown (self, name, error);
  if (!check_tensor (self, value, tensor, error))
    return FALSE;
  dnn_graph_set_param (owner, value, tensor);
  return TRUE;
}

/* (nullable): a param without bytes, in @self or below. */
static const DnnValue *
find_missing (DnnGraph *self)
{
  const DnnValue *missing = NULL;

  for (guint i = 0; i < self->values->len && !missing; i++) {
    const DnnValue *value = self->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM && !value->tensor)
      missing = value;
  }
  for (guint i = 0; i < self->nodes->len && !missing; i++) {
    const DnnNode *node = self->nodes->pdata[i];
    for (guint j = 0; node->subgraphs && j < node->subgraphs->len; j++) {
      const DnnSubgraph *subgraph = node->subgraphs->pdata[j];
      if (!missing)
        missing = find_missing (subgraph->graph);
    }
  }
  return missing;
}

static void
share_files (DnnGraph *graph, gpointer files)
{
  dnn_graph_set_files (graph, files);
}

/**
 * dnn_graph_bind_params:
 *
 * Gives every param its bytes (shared, not copied). Where the graph doesn't
 * say which of its null nodes are params, those become params that @params
 * has.
 *
 * Returns: %FALSE with UNKNOWN_NAME, TYPE or SHAPE; the graph may have some
 *   of its params then
 */
gboolean
dnn_graph_bind_params (DnnGraph *self, DnnParams *params, GError **error)
{
  const DnnValue *missing;

  for (guint i = 0; i < dnn_params_get_n (params); i++)
    if (!bind_one (self, dnn_params_get_name (params, i),
            dnn_params_get_tensor (params, i), error))
      return FALSE;
  dnn_graph_foreach_subgraph (self, share_files, self->files);
  missing = find_missing (self);
  if (missing) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "%s: param \"%s\" is not in the params file (%u params there)",
        self->label, missing->name, dnn_params_get_n (params));
    return FALSE;
  }
  self->params_are_open = FALSE;
  return TRUE;
}

static void
add_params (DnnGraph *graph, gpointer params)
{
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM && value->tensor)
      dnn_params_set (params, value->name, value->tensor);
  }
}

/**
 * dnn_graph_get_params:
 *
 * Returns: (transfer full): the params that have bytes, in the order of the
 *   graph, then those of subgraphs
 */
DnnParams *
dnn_graph_get_params (DnnGraph *self)
{
  DnnParams *params = dnn_params_new ();

  add_params (self, params);
  dnn_graph_foreach_subgraph (self, add_params, params);
  return params;
}

/* ---- whether others fit ------------------------------------------------- */

static gboolean
fail_name (DnnGraph *graph, const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const gchar *nearest;

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM)
      g_ptr_array_add (names, value->name);
  }
  g_ptr_array_add (names, NULL);
  nearest = dnn_nearest_word (name, (const gchar *const *) names->pdata);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "\"%s\" is no param of the module%s%s%s", name,
      nearest ? ", did you mean \"" : "", nearest ? nearest : "",
      nearest ? "\"?" : "");
  return FALSE;
}

static gboolean
check_param (
    DnnGraph *graph, const gchar *name, const DnnTensor *tensor, GError **error)
{
  const DnnValue *value = dnn_graph_find_value (graph, name);
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  g_autofree gchar *given = NULL, *expected = NULL;
  DnnType type = dnn_tensor_get_element_type (tensor);
  DnnType expected_type;

  if (!value || value->kind != DNN_VALUE_PARAM)
    return fail_name (graph, name, error);
  expected_type = dnn_tensor_get_element_type (value->tensor);
  if (type != expected_type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "param \"%s\" is %s, expected %s", name, dnn_type_name (type),
        dnn_type_name (expected_type));
    return FALSE;
  }
  if (dnn_shape_equal (shape, dnn_tensor_get_shape (value->tensor)))
    return TRUE;
  given = dnn_shape_to_string (shape);
  expected = dnn_shape_to_string (dnn_tensor_get_shape (value->tensor));
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "param \"%s\" is %s, expected %s", name, given, expected);
  return FALSE;
}

gboolean
dnn_graph_check_params (DnnGraph *graph, DnnParams *params, GError **error)
{
  if (dnn_params_get_n (params) == 0) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_VALUE, "No params were given");
    return FALSE;
  }
  for (guint i = 0; i < dnn_params_get_n (params); i++)
    if (!check_param (graph, dnn_params_get_name (params, i),
            dnn_params_get_tensor (params, i), error))
      return FALSE;
  return TRUE;
}
