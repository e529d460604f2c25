/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineConfig → its files: TVM's three, or one; and those of its
 * modules beside them. dnn-pipeline-config-read.c reads them back equal. */
#include "config.h"

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/config/dnn-pipeline-config-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define BUILT_IN_LIB "onednn"

/* ---- pipeline_config
 * ----------------------------------------------------------- */

static JsonObject *
make_dependency (const DnnInterface *dst)
{
  JsonObject *object = json_object_new ();

  if (dst->kind == DNN_INTERFACE_GLOBAL_OUTPUT) {
    json_object_set_int_member (object, "global_output_index", dst->index);
    return object;
  }
  json_object_set_int_member (object, "mod_idx", dst->mod_idx);
  json_object_set_string_member (object, "input_name", dst->name);
  return object;
}

/* Everything bound to one output, or NULL. */
static JsonArray *
make_dependencies (const GPtrArray *binds, gint mod_idx, gint output_idx)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_MODULE_OUTPUT &&
        bind->src.mod_idx == mod_idx && bind->src.index == output_idx)
      json_array_add_object_element (list, make_dependency (&bind->dst));
  }
  if (json_array_get_length (list) == 0)
    g_clear_pointer (&list, json_array_unref);
  return list;
}

static gint
find_highest_output (const GPtrArray *binds, gint mod_idx)
{
  gint highest = -1;

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_MODULE_OUTPUT &&
        bind->src.mod_idx == mod_idx)
      highest = MAX (highest, bind->src.index);
  }
  return highest;
}

static JsonArray *
make_outputs (const GPtrArray *binds, gint mod_idx)
{
  JsonArray *list = json_array_new ();
  gint highest = find_highest_output (binds, mod_idx);

  for (gint i = 0; i <= highest; i++) {
    JsonArray *dependencies = make_dependencies (binds, mod_idx, i);
    JsonObject *object;
    if (!dependencies)
      continue;
    object = json_object_new ();
    json_object_set_int_member (object, "output_idx", i);
    json_object_set_array_member (object, "dependencies", dependencies);
    json_array_add_object_element (list, object);
  }
  return list;
}

static void
set_setting (JsonObject *object, const gchar *key, gint value)
{
  if (value > 0)
    json_object_set_int_member (object, key, value);
}

/* Settings that are at their default are left out, as TVM knows none of
 * them. */
static JsonObject *
make_connection (const DnnStage *stage, const GPtrArray *binds)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "mod_idx", stage->mod_idx);
  json_object_set_string_member (
      object, "cpu_affinity", stage->cpu_affinity ? stage->cpu_affinity : "");
  set_setting (object, "threads", stage->threads);
  if (stage->precision)
    json_object_set_string_member (object, "precision", stage->precision);
  set_setting (object, "queue_depth", stage->queue_depth);
  if (stage->instances == DNN_INSTANCES_AUTO)
    json_object_set_string_member (object, "instances", "auto");
  else
    set_setting (object, "instances", stage->instances);
  json_object_set_array_member (
      object, "output", make_outputs (binds, stage->mod_idx));
  return object;
}

/* Grouped by name, so that the order of global inputs is that of the list. */
static JsonArray *
make_inputs (DnnPipelineConfig *self, const GPtrArray *binds)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < self->inputs->len; i++) {
    const gchar *name = self->inputs->pdata[i];
    for (guint j = 0; j < binds->len; j++) {
      const DnnBind *bind = binds->pdata[j];
      JsonObject *object;
      if (bind->src.kind != DNN_INTERFACE_GLOBAL_INPUT ||
          !g_str_equal (bind->src.name, name))
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "global_interface_name", name);
      json_object_set_int_member (object, "mod_idx", bind->dst.mod_idx);
      json_object_set_string_member (
          object, "module_interface_name", bind->dst.name);
      json_array_add_object_element (list, object);
    }
  }
  return list;
}

static JsonArray *
make_params (const GPtrArray *binds)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    JsonObject *object;
    if (bind->src.kind != DNN_INTERFACE_PARAM_GROUP)
      continue;
    object = json_object_new ();
    json_object_set_string_member (object, "global_param_name", bind->src.name);
    json_object_set_int_member (object, "mod_idx", bind->dst.mod_idx);
    json_array_add_object_element (list, object);
  }
  return list;
}

static void
add_states (JsonArray *list, const DnnStage *stage)
{
  guint n = stage->module ? dnn_module_get_n_states (stage->module) : 0;

  for (guint i = 0; i < n; i++) {
    const gchar *initial = dnn_module_get_state_initial (stage->module, i);
    JsonObject *object = json_object_new ();
    json_object_set_int_member (object, "mod_idx", stage->mod_idx);
    json_object_set_int_member (
        object, "output_idx", dnn_module_get_state_output (stage->module, i));
    json_object_set_string_member (
        object, "input_name", dnn_module_get_state_name (stage->module, i));
    if (initial)
      json_object_set_string_member (object, "initial_param", initial);
    json_array_add_object_element (list, object);
  }
}

/* Left out where there are none, as TVM has no such key. */
static void
set_states (JsonObject *object, const GPtrArray *stages)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < stages->len; i++)
    add_states (list, stages->pdata[i]);
  if (json_array_get_length (list) > 0)
    json_object_set_array_member (object, "state_connection", list);
  else
    json_array_unref (list);
}

/* (transfer full) of @object. */
static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

JsonNode *
dnn_pipeline_config_to_json (DnnPipelineConfig *self)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self);
  const GPtrArray *stages = dnn_pipeline_config_get_stages (self);
  JsonObject *object = json_object_new ();
  JsonArray *connections = json_array_new ();

  for (guint i = 0; i < stages->len; i++)
    json_array_add_object_element (
        connections, make_connection (stages->pdata[i], binds));
  json_object_set_array_member (object, "module_connection", connections);
  json_object_set_array_member (
      object, "input_connection", make_inputs (self, binds));
  json_object_set_array_member (
      object, "param_connection", make_params (binds));
  set_states (object, stages);
  return take_object (object);
}

/* ---- load_config and the modules' files
 * --------------------------------------------- */

static gboolean
fail_write (const gchar *path, const gchar *why, GError **error)
{
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s: can't be written: %s",
      path, why);
  return FALSE;
}

static gboolean
copy_file (const gchar *src, const gchar *dst, GError **error)
{
  g_autoptr (GFile) from = g_file_new_for_path (src);
  g_autoptr (GFile) to = g_file_new_for_path (dst);
  g_autoptr (GError) reason = NULL;

  if (g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &reason))
    return TRUE;
  return fail_write (dst, reason->message, error);
}

/* What the files of a stage are called. */
typedef struct
{
  const gchar *dir;
  const gchar *prefix; /* "" or "NAME-" */
} Names;

static gchar *
make_name (
    const Names *names, const gchar *what, gint mod_idx, const gchar *suffix)
{
  return g_strdup_printf ("%s%s%d%s", names->prefix, what, mod_idx, suffix);
}

static gboolean
has_library (const DnnStage *stage)
{
  return stage->module && stage->lib_name &&
      !g_str_equal (stage->lib_name, BUILT_IN_LIB);
}

/* Both (transfer full). */
static void
get_library_paths (
    const DnnStage *stage, const Names *names, gchar **path, gchar **copy)
{
  g_autofree gchar *name = make_name (names, "lib", stage->mod_idx, ".so");

  *path = g_build_filename (names->dir, name, NULL);
  *copy = g_strconcat (*path, ".new", NULL);
}

/* Libraries are copied beside the rest: all of them, before the first takes its
 * place, which may be that of another's source. */
static gboolean
write_libraries (const GPtrArray *stages, const Names *names, GError **error)
{
  gboolean ok = TRUE;

  for (guint round = 0; round < 2; round++) {
    for (guint i = 0; i < stages->len; i++) {
      const DnnStage *stage = stages->pdata[i];
      g_autofree gchar *path = NULL, *copy = NULL;
      if (!has_library (stage))
        continue;
      get_library_paths (stage, names, &path, &copy);
      if (round == 0)
        ok = ok && copy_file (stage->lib_name, copy, error);
      else if (!ok)
        g_unlink (copy);
      else if (g_rename (copy, path) != 0)
        ok = fail_write (path, g_strerror (errno), error);
    }
  }
  return ok;
}

static gboolean
write_module (const DnnStage *stage, const Names *names, JsonObject *object,
    GError **error)
{
  g_autofree gchar *json = make_name (names, "json", stage->mod_idx, "");
  g_autofree gchar *params = make_name (names, "params", stage->mod_idx, "");
  g_autofree gchar *json_path = g_build_filename (names->dir, json, NULL);
  g_autofree gchar *params_path = g_build_filename (names->dir, params, NULL);
  g_autofree gchar *lib = has_library (stage)
      ? make_name (names, "lib", stage->mod_idx, ".so")
      : g_strdup (BUILT_IN_LIB);
  g_autofree gchar *dev = NULL;

  if (!dnn_module_write (stage->module, json_path, params_path, error))
    return FALSE;
  dev = g_strdup_printf ("%d,%d", stage->dev_type, stage->dev_id);
  json_object_set_string_member (object, "lib_name", lib);
  json_object_set_string_member (object, "json_name", json);
  json_object_set_string_member (object, "params_name", params);
  json_object_set_string_member (object, "dev", dev);
  return TRUE;
}

static JsonNode *
write_stages (DnnPipelineConfig *self, const Names *names, GError **error)
{
  const GPtrArray *stages = dnn_pipeline_config_get_stages (self);
  g_autoptr (JsonArray) list = json_array_new ();

  if (!write_libraries (stages, names, error))
    return NULL;
  for (guint i = 0; i < stages->len; i++) {
    const DnnStage *stage = stages->pdata[i];
    JsonObject *object = json_object_new ();
    json_object_set_int_member (object, "mod_idx", stage->mod_idx);
    json_array_add_object_element (list, object);
    if (!stage->module)
      json_object_set_string_member (object, "element", stage->element);
    else if (!write_module (stage, names, object, error))
      return NULL;
  }
  return json_node_init_array (json_node_alloc (), list);
}

/* ---- files
 * ----------------------------------------------------------------------------
 */

static gboolean
write_json (JsonNode *json, const gchar *path, GError **error)
{
  g_autofree gchar *text = json_to_string (json, TRUE);
  g_autofree gchar *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GError) reason = NULL;

  return dnn_file_write (path, line, -1, &reason) ||
      fail_write (path, reason->message, error);
}

static gboolean
make_folder (const gchar *dir, GError **error)
{
  if (g_mkdir_with_parents (dir, 0777) == 0)
    return TRUE;
  return fail_write (dir, g_strerror (errno), error);
}

/**
 * dnn_pipeline_config_export:
 * @self: a configuration that passes dnn_pipeline_config_check()
 * @dir: a folder; made if it is missing
 *
 * Writes `config`, `load_config`, `pipeline_config`, and `jsonN`, `paramsN`
 * (`libN.so` for a module with a library of its own) of each module N. Paths
 * are relative, so that the folder can be moved.
 *
 * Returns: (transfer full): path of `config`; %NULL with FAILED when a file
 *   can't be written, or what dnn_pipeline_config_check() says
 */
gchar *
dnn_pipeline_config_export (
    DnnPipelineConfig *self, const gchar *dir, GError **error)
{
  const Names names = { dir, "" };
  g_autofree gchar *config_path = g_build_filename (dir, "config", NULL);
  g_autofree gchar *load_path = g_build_filename (dir, "load_config", NULL);
  g_autofree gchar *pipeline_path = g_build_filename (
      dir, "pipeline_config", NULL);
  g_autoptr (JsonNode) load = NULL, pipeline = NULL, config = NULL;
  JsonObject *object;

  dnn_pipeline_config_number_stages (self);
  if (!dnn_pipeline_config_check (self, error) || !make_folder (dir, error))
    return NULL;
  load = write_stages (self, &names, error);
  if (!load)
    return NULL;
  pipeline = dnn_pipeline_config_to_json (self);
  object = json_object_new ();
  json_object_set_string_member (object, "load_config", "load_config");
  json_object_set_string_member (object, "pipeline_config", "pipeline_config");
  config = take_object (object);
  if (!write_json (load, load_path, error) ||
      !write_json (pipeline, pipeline_path, error) ||
      !write_json (config, config_path, error))
    return NULL;
  return g_steal_pointer (&config_path);
}

/**
 * dnn_pipeline_config_export_single:
 * @self: a configuration that passes dnn_pipeline_config_check()
 * @path: the file; its folder is made if it is missing
 *
 * Writes the configuration as one file. The files of its modules stand beside
 * it and begin with its name: `NAME-json0`, `NAME-params0`.
 *
 * Returns: %FALSE as dnn_pipeline_config_export()
 */
gboolean
dnn_pipeline_config_export_single (
    DnnPipelineConfig *self, const gchar *path, GError **error)
{
  g_autofree gchar *dir = g_path_get_dirname (path);
  g_autofree gchar *base = g_path_get_basename (path);
  g_autofree gchar *prefix = NULL;
  g_autoptr (JsonNode) config = NULL;
  JsonNode *load;
  JsonObject *object;

  dnn_pipeline_config_number_stages (self);
  if (!dnn_pipeline_config_check (self, error) || !make_folder (dir, error))
    return FALSE;
  if (g_str_has_suffix (base, ".json"))
    base[strlen (base) - strlen (".json")] = '\0';
  prefix = g_strconcat (base, "-", NULL);
  load = write_stages (self, &(Names){ dir, prefix }, error);
  if (!load)
    return FALSE;
  object = json_object_new ();
  json_object_set_member (object, "load_config", load);
  json_object_set_member (
      object, "pipeline_config", dnn_pipeline_config_to_json (self));
  config = take_object (object);
  return write_json (config, path, error);
}
