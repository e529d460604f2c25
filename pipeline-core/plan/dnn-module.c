/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graph JSON, params file, library → DnnModule, and back. Next:
 * dnn-instance.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-module.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/infer/dnn-infer.h"
#include "pipeline-core/plan/dnn-module-private.h"
#include "pipeline-core/plan/dnn-module-share.h"
#include "pipeline-core/plan/dnn-weights.h"

#define BUILT_IN_LIB "onednn"

struct _DnnModule
{
  GObject parent;

  DnnGraph *graph;
  gchar *lib_name;
  DnnLibrary *library; /* NULL for BUILT_IN_LIB */
  DnnShape *output_shapes; /* of the graph, or inferred where it says less */
  DnnType *output_types;
  DnnPlanCache cache;

  DnnModule *stateless; /* (nullable): of one with states */
  GArray *states; /* DnnState */
  GArray *inputs; /* guint: inputs of the graph that are no states */
};

G_DEFINE_FINAL_TYPE (DnnModule, dnn_module, G_TYPE_OBJECT)

static void
dnn_module_finalize (GObject *object)
{
  DnnModule *self = DNN_MODULE (object);

  g_clear_object (&self->stateless);
  g_array_unref (self->states);
  g_array_unref (self->inputs);
  g_clear_object (&self->graph);
  g_free (self->lib_name);
  g_clear_pointer (&self->library, dnn_library_unref);
  g_free (self->output_shapes);
  g_free (self->output_types);
  g_ptr_array_unref (self->cache.plans);
  g_mutex_clear (&self->cache.planning);
  g_mutex_clear (&self->cache.lock);
  G_OBJECT_CLASS (dnn_module_parent_class)->finalize (object);
}

static void
dnn_module_class_init (DnnModuleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = dnn_module_finalize;
}

static void
clear_state (gpointer data)
{
  g_free (((DnnState *) data)->initial);
}

static void
dnn_module_init (DnnModule *self)
{
  self->states = g_array_new (FALSE, TRUE, sizeof (DnnState));
  g_array_set_clear_func (self->states, clear_state);
  self->inputs = g_array_new (FALSE, TRUE, sizeof (guint));
  g_mutex_init (&self->cache.planning);
  g_mutex_init (&self->cache.lock);
  self->cache.plans = g_ptr_array_new ();
}

DnnPlanCache *
dnn_module_get_plan_cache (DnnModule *self)
{
  return &self->cache;
}

DnnLibrary *
dnn_module_get_library (DnnModule *self)
{
  return self->library;
}

/**
 * dnn_module_keeps_state:
 *
 * Returns: whether what a frame leaves changes the next, so that one instance
 *   runs them all: it has states, or its library has `dnn_keeps_state` other
 *   than 0
 *
 * Since: 0.2
 */
gboolean
dnn_module_keeps_state (DnnModule *self)
{
  return self->states->len > 0 ||
      (self->library && dnn_library_keeps_state (self->library));
}

/* ---- making ------------------------------------------------------------- */

/* What a link carries, and a pipeline binds. */
static gboolean
check_interfaces (DnnModule *self, GError **error)
{
  guint n_inputs = self->graph->inputs->len;
  guint n_outputs = self->graph->outputs->len;

  if (n_inputs <= DNN_MAX_INTERFACES && n_outputs <= DNN_MAX_INTERFACES)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "%s: %u inputs and %u outputs; at most %d of each are supported",
      self->graph->label, n_inputs, n_outputs, DNN_MAX_INTERFACES);
  return FALSE;
}

static gboolean
check_params (DnnModule *self, GError **error)
{
  for (guint i = 0; i < self->graph->values->len; i++) {
    const DnnValue *value = self->graph->values->pdata[i];
    if (value->kind != DNN_VALUE_PARAM || value->tensor)
      continue;
    g_set_error (error, DNN_ERROR, DNN_ERROR_GRAPH,
        "%s: param \"%s\" has no bytes: a params file is needed",
        dnn_module_get_label (self), value->name);
    return FALSE;
  }
  return TRUE;
}

/* What the graph says of outputs. */
static void
declare_outputs (DnnModule *self)
{
  guint n = self->graph->outputs->len;

  self->output_shapes = g_new0 (DnnShape, MAX (n, 1));
  self->output_types = g_new0 (DnnType, MAX (n, 1));
  for (guint i = 0; i < n; i++) {
    const DnnValue *value = self->graph->outputs->pdata[i];
    self->output_shapes[i] = value->shape;
    self->output_types[i] = value->type;
  }
}

/* @inputs: of the graph */
static gboolean
infer_outputs (DnnModule *self, const DnnShape *inputs, DnnShape *shapes,
    DnnType *types, GError **error)
{
  g_autoptr (DnnInference) inference = dnn_infer_graph_of_library (
      self->graph, self->library, inputs, NULL, 0, error);

  if (!inference) {
    g_prefix_error (error, "%s: ", dnn_module_get_label (self));
    return FALSE;
  }
  for (guint i = 0; i < self->graph->outputs->len; i++) {
    const DnnInferredValue *known = dnn_inference_get (
        inference, self->graph->outputs->pdata[i]);
    shapes[i] = known->shape;
    if (types)
      types[i] = known->type;
  }
  return TRUE;
}

static gboolean
load_library (DnnModule *self, GError **error)
{
  if (strcmp (self->lib_name, BUILT_IN_LIB) == 0)
    return TRUE;
  self->library = dnn_library_load (self->lib_name, error);
  return self->library != NULL;
}

static void
list_inputs (DnnModule *self)
{
  for (guint i = 0; i < self->graph->inputs->len; i++) {
    gboolean is_state = FALSE;
    for (guint j = 0; j < self->states->len; j++)
      is_state |= g_array_index (self->states, DnnState, j).input == i;
    if (!is_state)
      g_array_append_val (self->inputs, i);
  }
}

DnnModule *
dnn_module_add_state (DnnModule *self, const DnnState *state)
{
  DnnModule *stateful = g_object_new (DNN_TYPE_MODULE, NULL);
  guint n_outputs = MAX (self->graph->outputs->len, 1);

  stateful->stateless = g_object_ref (dnn_module_get_stateless (self));
  stateful->graph = g_object_ref (self->graph);
  stateful->lib_name = g_strdup (self->lib_name);
  stateful->library = self->library ? dnn_library_ref (self->library) : NULL;
  stateful->output_shapes = g_memdup2 (
      self->output_shapes, n_outputs * sizeof (DnnShape));
  stateful->output_types = g_memdup2 (
      self->output_types, n_outputs * sizeof (DnnType));
  for (guint i = 0; i <= self->states->len; i++) {
    DnnState copy = i < self->states->len
        ? g_array_index (self->states, DnnState, i)
        : *state;
    copy.initial = g_strdup (copy.initial);
    g_array_append_val (stateful->states, copy);
  }
  list_inputs (stateful);
  return stateful;
}

/* Takes @graph's reference only if it succeeds. */
static DnnModule *
create_module (DnnGraph *graph, const gchar *lib_name, GError **error)
{
  g_autoptr (DnnModule) self = g_object_new (DNN_TYPE_MODULE, NULL);

  self->graph = g_object_ref (graph);
  self->lib_name = g_strdup (lib_name);
  declare_outputs (self);
  if (!dnn_graph_check (graph, error) || !dnn_graph_sort (graph, error) ||
      !check_interfaces (self, error) || !check_params (self, error) ||
      !load_library (self, error) ||
      !infer_outputs (
          self, NULL, self->output_shapes, self->output_types, error))
    return NULL;
  list_inputs (self);
  return g_steal_pointer (&self);
}

/**
 * dnn_module_new: (skip)
 * @graph: with params bound; sorted here
 *
 * A module for the built-in kernels. It holds @graph, which must not change
 * any more.
 *
 * Returns: (transfer full): the module, or %NULL with GRAPH, CYCLE,
 *   UNSUPPORTED (unknown operator), UNKNOWN_KEY, VALUE, SHAPE, TYPE: each
 *   names the node
 */
DnnModule *
dnn_module_new (DnnGraph *graph, GError **error)
{
  return create_module (graph, BUILT_IN_LIB, error);
}

DnnModule *
dnn_module_new_with_params (DnnModule *self, DnnParams *params, GError **error)
{
  g_autoptr (DnnGraph) graph = NULL;

  if (!dnn_graph_check_params (self->graph, params, error))
    return NULL;
  graph = dnn_graph_copy (self->graph);
  for (guint i = 0; i < dnn_params_get_n (params); i++)
    dnn_graph_set_param (graph,
        dnn_graph_find_value (graph, dnn_params_get_name (params, i)),
        dnn_params_get_tensor (params, i));
  return create_module (graph, self->lib_name, error);
}

/**
 * dnn_module_new_from_files:
 * @json_path: graph JSON
 * @params_path: (nullable): params file; %NULL where the graph has no params
 * @lib_name: "onednn", or the path of a shared library
 *
 * Returns: (transfer full): the module, or %NULL with the errors of
 *   dnn_graph_new_from_file(), dnn_params_new_from_file(),
 *   dnn_graph_bind_params() and dnn_module_new(), or NOT_FOUND, FORMAT,
 *   UNSUPPORTED where the library can't be used
 */
DnnModule *
dnn_module_new_from_files (const gchar *json_path, const gchar *params_path,
    const gchar *lib_name, GError **error)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new_from_file (json_path, error);
  g_autoptr (DnnParams) params = NULL;

  if (!graph)
    return NULL;
  /* one that isn't there is told by its reader */
  if (params_path)
    dnn_graph_add_file (graph, params_path, NULL);
  params = params_path ? dnn_params_new_from_file (params_path, error)
                       : dnn_params_new ();
  if (!params)
    return NULL;
  if (!dnn_graph_bind_params (graph, params, error)) {
    if (params_path)
      g_prefix_error (error, "%s: ", params_path);
    return NULL;
  }
  return create_module (graph, lib_name, error);
}

typedef struct
{
  const gchar *json_path, *params_path, *lib_name;
} Files;

static GPtrArray *
make_of_files (gpointer data, gpointer *extra, GError **error)
{
  const Files *files = data;
  DnnModule *module = dnn_module_new_from_files (
      files->json_path, files->params_path, files->lib_name, error);
  GPtrArray *modules;

  if (!module)
    return NULL;
  modules = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (modules, module);
  return modules;
}

static gpointer
use_only (gpointer data, GPtrArray *modules, gpointer extra, GError **error)
{
  return g_object_ref (modules->pdata[0]);
}

/* A library's functions may keep what they like: their modules stay apart. */
DnnModule *
dnn_module_get_for_files (const gchar *json_path, const gchar *params_path,
    const gchar *lib_name, GError **error)
{
  static const DnnModuleShare share = { make_of_files, NULL, use_only };
  Files files = { json_path, params_path, lib_name };
  g_autofree gchar *json = dnn_module_share_key (json_path);
  g_autofree gchar *key = NULL;

  if (strcmp (lib_name, BUILT_IN_LIB) != 0)
    return dnn_module_new_from_files (json_path, params_path, lib_name, error);
  key = g_strdup_printf (
      "module %s\nparams %s", json, params_path ? params_path : "");
  return dnn_module_share (key, &share, &files, error);
}

/**
 * dnn_module_get_params:
 *
 * Returns: (transfer full): its params, by the names that
 *   dnn_instance_set_params() takes; the bytes are the module's own
 *
 * Since: 0.2
 */
DnnParams *
dnn_module_get_params (DnnModule *self)
{
  return dnn_graph_get_params (self->graph);
}

/**
 * dnn_module_write:
 * @params_path: written also when the graph has no params
 *
 * Returns: %FALSE with FAILED when a file can't be written
 */
gboolean
dnn_module_write (DnnModule *self, const gchar *json_path,
    const gchar *params_path, GError **error)
{
  g_autofree gchar *json = dnn_graph_to_json (self->graph);
  g_autoptr (DnnParams) params = dnn_graph_get_params (self->graph);
  g_autoptr (GError) reason = NULL;

  if (!dnn_file_write (json_path, json, -1, &reason)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s: can't be written: %s",
        json_path, reason->message);
    return FALSE;
  }
  return dnn_params_write (params, params_path, error);
}

/* ---- interfaces --------------------------------------------------------- */

/**
 * dnn_module_get_graph: (skip)
 *
 * Returns: (transfer none): not to be changed
 */
DnnGraph *
dnn_module_get_graph (DnnModule *self)
{
  return self->graph;
}

const gchar *
dnn_module_get_lib_name (DnnModule *self)
{
  return self->lib_name;
}

const gchar *
dnn_module_get_label (DnnModule *self)
{
  return self->graph->label ? self->graph->label : self->graph->name;
}

guint
dnn_module_get_n_inputs (DnnModule *self)
{
  return self->inputs->len;
}

guint
dnn_module_get_n_graph_inputs (DnnModule *self)
{
  return self->graph->inputs->len;
}

guint
dnn_module_get_graph_input (DnnModule *self, guint idx)
{
  return g_array_index (self->inputs, guint, idx);
}

const DnnState *
dnn_module_get_state (DnnModule *self, guint idx)
{
  return &g_array_index (self->states, DnnState, idx);
}

/**
 * dnn_module_get_stateless:
 *
 * Returns: (transfer none): the module that has each state of @self as an
 *   input: itself, where it has none
 *
 * Since: 0.2
 */
DnnModule *
dnn_module_get_stateless (DnnModule *self)
{
  return self->stateless ? self->stateless : self;
}

/**
 * dnn_module_get_n_states:
 *
 * Since: 0.2
 */
guint
dnn_module_get_n_states (DnnModule *self)
{
  return self->states->len;
}

guint
dnn_module_get_n_outputs (DnnModule *self)
{
  return self->graph->outputs->len;
}

static const DnnValue *
get_input (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < self->inputs->len, NULL);
  return self->graph->inputs->pdata[dnn_module_get_graph_input (self, idx)];
}

const gchar *
dnn_module_get_input_name (DnnModule *self, guint idx)
{
  const DnnValue *input = get_input (self, idx);

  return input ? input->name : NULL;
}

const gchar *
dnn_module_get_output_name (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < self->graph->output_names->len, NULL);
  return self->graph->output_names->pdata[idx];
}

DnnType
dnn_module_get_input_type (DnnModule *self, guint idx)
{
  const DnnValue *input = get_input (self, idx);

  return input ? input->type : DNN_TYPE_INVALID;
}

DnnType
dnn_module_get_output_type (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < self->graph->outputs->len, DNN_TYPE_INVALID);
  return self->output_types[idx];
}

const DnnShape *
dnn_module_get_input_shape (DnnModule *self, guint idx)
{
  const DnnValue *input = get_input (self, idx);

  return input ? &input->shape : NULL;
}

const DnnShape *
dnn_module_get_output_shape (DnnModule *self, guint idx)
{
  g_return_val_if_fail (idx < self->graph->outputs->len, NULL);
  return &self->output_shapes[idx];
}

gint
dnn_module_find_input (DnnModule *self, const gchar *name)
{
  for (guint i = 0; i < self->inputs->len; i++)
    if (strcmp (get_input (self, i)->name, name) == 0)
      return (gint) i;
  return -1;
}

gint
dnn_module_find_output (DnnModule *self, const gchar *name)
{
  for (guint i = 0; i < self->graph->output_names->len; i++)
    if (strcmp (self->graph->output_names->pdata[i], name) == 0)
      return (gint) i;
  return -1;
}

/**
 * dnn_module_infer_outputs: (skip)
 * @inputs: (array): a shape for each input, may be open
 * @outputs: (array) (out caller-allocates): a shape for each output
 *
 * Of a library's functions the answer is what the graph says.
 *
 * Returns: %FALSE with SHAPE (an input that doesn't fit the graph, or a node
 *   that the shapes don't fit) or any error of an operator
 */
gboolean
dnn_module_infer_outputs (
    DnnModule *self, const DnnShape *inputs, DnnShape *outputs, GError **error)
{
  g_autofree DnnShape *all = g_new0 (
      DnnShape, MAX (self->graph->inputs->len, 1));

  dnn_module_expand_shapes (self, inputs, all);
  return infer_outputs (self, all, outputs, NULL, error);
}
