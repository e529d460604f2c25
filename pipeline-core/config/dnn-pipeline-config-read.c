/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* config and load_config → DnnPipelineConfig with its modules, all errors
 * collected. Next: dnn-pipeline-config-read-bindings.c for pipeline_config. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config-reader.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/plan/dnn-module-private.h"

#define BUILT_IN_LIB "onednn"

static void
clear_part (DnnConfigPart *part)
{
  g_clear_pointer (&part->path, g_free);
  g_clear_pointer (&part->json, json_node_unref);
}

static void
clear_reader (DnnConfigReader *self)
{
  g_clear_object (&self->config);
  g_clear_pointer (&self->errors, g_ptr_array_unref);
  g_clear_pointer (&self->misspelt, g_hash_table_unref);
  g_clear_pointer (&self->missing, g_hash_table_unref);
  clear_part (&self->main);
  clear_part (&self->load);
  clear_part (&self->pipeline);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DnnConfigReader, clear_reader)

/* ---- members ---------------------------------------------------------------
 */

/* One library that can't be loaded is one error, however many modules name
 * it. */
static gboolean
is_noted (const DnnConfigReader *self, const GError *error)
{
  for (guint i = 0; i < self->errors->len; i++)
    if (g_str_equal (
            ((GError *) self->errors->pdata[i])->message, error->message))
      return TRUE;
  return FALSE;
}

gboolean
dnn_config_reader_note (DnnConfigReader *self, GError *error)
{
  if (self->errors->len < DNN_MAX_CONFIG_ERRORS && !is_noted (self, error))
    g_ptr_array_add (self->errors, error);
  else
    g_error_free (error);
  return FALSE;
}

void
dnn_config_reader_excuse_all (DnnConfigReader *self)
{
  self->config->outputs_excused = TRUE;
  for (guint i = 0; i < self->config->stages->len; i++)
    ((DnnStageFull *) self->config->stages->pdata[i])->inputs_excused = TRUE;
}

gboolean
dnn_config_reader_get_object (DnnConfigReader *self, JsonNode *json,
    const DnnJsonPlace *place, JsonObject **object)
{
  GError *error = NULL;

  return dnn_json_get_object (json, place, object, &error) ||
      dnn_config_reader_note (self, error);
}

gboolean
dnn_config_reader_get_list (DnnConfigReader *self, JsonNode *json,
    const DnnJsonPlace *place, JsonArray **list)
{
  GError *error = NULL;

  return dnn_json_get_list (json, place, list, &error) ||
      dnn_config_reader_note (self, error);
}

static gchar *
make_key (const JsonObject *object, const gchar *key)
{
  return g_strdup_printf ("%p %s", (gconstpointer) object, key);
}

void
dnn_config_reader_check_keys (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *const *known)
{
  JsonObjectIter iter;
  const gchar *key, *meant;

  if (self->errors->len >= DNN_MAX_CONFIG_ERRORS)
    return;
  dnn_json_collect_unknown_keys (object, place, known, self->errors);
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, NULL)) {
    if (g_strv_contains (known, key))
      continue;
    meant = dnn_nearest_word (key, known);
    if (meant)
      g_hash_table_add (self->misspelt, make_key (object, meant));
  }
}

JsonNode *
dnn_config_reader_get_member (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *key)
{
  g_autofree gchar *misspelt = make_key (object, key);
  GError *error = NULL;

  if (!json_object_has_member (object, key) &&
      g_hash_table_contains (self->misspelt, misspelt))
    return NULL;
  if (!dnn_json_member (object, place, key, &error))
    dnn_config_reader_note (self, error);
  return json_object_get_member (object, key);
}

gboolean
dnn_config_reader_get_int (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *key, gint min, gint max,
    gint *value)
{
  JsonNode *member = dnn_config_reader_get_member (self, object, place, key);
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  GError *error = NULL;
  gint64 number;

  if (!member)
    return FALSE;
  if (!dnn_json_get_int (member, &here, min, max, &number, &error))
    return dnn_config_reader_note (self, error);
  *value = number;
  return TRUE;
}

gboolean
dnn_config_reader_get_string (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *key, const gchar **value)
{
  JsonNode *member = dnn_config_reader_get_member (self, object, place, key);
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  GError *error = NULL;

  return member &&
      (dnn_json_get_string (member, &here, value, &error) ||
          dnn_config_reader_note (self, error));
}

/* DLPack's numbers; the last two are younger than DLPack 0.6. */
static const gchar *
name_device (gint type)
{
  static const struct
  {
    gint type;
    const gchar *name;
  } devices[] = { { kDLCUDA, "CUDA" }, { kDLCUDAHost, "CUDA host" },
    { kDLOpenCL, "OpenCL" }, { kDLVulkan, "Vulkan" }, { kDLMetal, "Metal" },
    { kDLROCM, "ROCm" }, { 14, "oneAPI" }, { 16, "Hexagon" } };

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    if (devices[i].type == type)
      return devices[i].name;
  return "another device";
}

gboolean
dnn_config_reader_get_dev (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gint mod_idx, gint *type, gint *id)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "dev");
  GError *error = NULL;
  const gchar *text;

  if (!json_object_has_member (object, "dev"))
    return TRUE;
  if (!dnn_config_reader_get_string (self, object, place, "dev", &text))
    return FALSE;
  if (!dnn_pipeline_config_parse_dev (text, type, id))
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "\"%s\" is no device, expected \"TYPE,ID\" as in \"1,0\"", text);
  else if (*type != kDLCPU)
    dnn_json_error (&here, &error, DNN_ERROR_UNSUPPORTED,
        "module %d is for device type %d (%s); only type 1, the CPU, runs "
        "modules",
        mod_idx, *type, name_device (*type));
  return !error || dnn_config_reader_note (self, error);
}

/* ---- paths ------------------------------------------------------------------
 */

/* A relative path must stay below the folder that it starts from. */
static gboolean
leaves_folder (const gchar *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  gint depth = 0;

  for (guint i = 0; parts[i]; i++) {
    if (g_str_equal (parts[i], ".."))
      depth--;
    else if (parts[i][0] && !g_str_equal (parts[i], "."))
      depth++;
    if (depth < 0)
      return TRUE;
  }
  return FALSE;
}

/* What is beside the configuration must lie there, not only be linked there. */
static gchar *
take_beside (const DnnConfigPart *part, gchar *path, const DnnJsonPlace *place,
    GError **error)
{
  g_autofree gchar *owned = path;

  if (dnn_file_is_beside (path, part->path))
    return g_steal_pointer (&owned);
  dnn_json_error (place, error, DNN_ERROR_VALUE,
      "\"%s\" leads out of the folder of the configuration", path);
  return NULL;
}

/* The file of the same name beside the configuration: where a path leads
 * nowhere, or out of the folder (TVM's: from the folder that it was run in, or
 * absolute, and the folder was moved). NULL without @error: there is none.
 * (transfer full) */
static gchar *
find_beside (const DnnConfigPart *part, const gchar *text,
    const DnnJsonPlace *place, GError **error)
{
  g_autofree gchar *folder = g_path_get_dirname (part->path);
  g_autofree gchar *base = g_path_get_basename (text);
  g_autofree gchar *beside = g_build_filename (folder, base, NULL);

  if (!g_file_test (beside, G_FILE_TEST_EXISTS))
    return NULL;
  g_info ("%s: \"%s\" %s, taking \"%s\" beside the configuration", part->path,
      text,
      g_path_is_absolute (text) || !leaves_folder (text) ? "does not exist"
                                                         : "leaves its folder",
      beside);
  return take_beside (part, g_steal_pointer (&beside), place, error);
}

/* NULL without @error: many modules name one file that is missing, and that
 * was said at the first of them. */
static gchar *
report_missing (DnnConfigReader *self, const DnnConfigPart *part,
    const gchar *path, const gchar *text, const DnnJsonPlace *place,
    GError **error)
{
  g_autofree gchar *folder = g_path_get_dirname (part->path);
  g_autofree gchar *base = g_path_get_basename (text);
  g_autofree gchar *beside = g_build_filename (folder, base, NULL);

  if (!g_hash_table_add (self->missing, g_strdup (path)))
    return NULL;
  if (g_str_equal (path, beside))
    dnn_json_error (
        place, error, DNN_ERROR_NOT_FOUND, "there is no file \"%s\"", path);
  else
    dnn_json_error (place, error, DNN_ERROR_NOT_FOUND,
        "there is no file \"%s\", nor \"%s\"", path, beside);
  return NULL;
}

/* A relative path starts at the file that names it, and stays below its
 * folder. NULL without @error: it was said already. (transfer full) */
static gchar *
resolve_path (DnnConfigReader *self, const DnnConfigPart *part,
    const gchar *text, const DnnJsonPlace *place, GError **error)
{
  g_autofree gchar *folder = g_path_get_dirname (part->path);
  g_autofree gchar *path = g_path_is_absolute (text)
      ? g_strdup (text)
      : g_build_filename (folder, text, NULL);
  gboolean leaves = !g_path_is_absolute (text) && leaves_folder (text);
  g_autoptr (GError) own_error = NULL;
  gchar *beside;

  if (!text[0]) {
    dnn_json_error (place, error, DNN_ERROR_VALUE, "the path is empty");
    return NULL;
  }
  if (!leaves && g_file_test (path, G_FILE_TEST_EXISTS))
    return g_path_is_absolute (text)
        ? g_steal_pointer (&path)
        : take_beside (part, g_steal_pointer (&path), place, error);
  beside = find_beside (part, text, place, &own_error);
  if (beside)
    return beside;
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  else if (leaves)
    dnn_json_error (place, error, DNN_ERROR_VALUE,
        "\"%s\" leaves the folder of the configuration", text);
  else
    report_missing (self, part, path, text, place, error);
  return NULL;
}

/* ---- load_config
 * ------------------------------------------------------------- */

/* A key that holds a path; absent: *path stays NULL. */
static gboolean
get_path (DnnConfigReader *self, JsonObject *object, const DnnJsonPlace *place,
    const gchar *key, gchar **path)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  GError *error = NULL;
  const gchar *text;

  if (!dnn_config_reader_get_string (self, object, place, key, &text))
    return FALSE;
  *path = resolve_path (self, &self->load, text, &here, &error);
  return *path || (error && dnn_config_reader_note (self, error));
}

static gboolean
get_lib_name (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gchar **lib_name)
{
  const gchar *text;

  if (!dnn_config_reader_get_string (self, object, place, "lib_name", &text))
    return FALSE;
  if (!g_str_equal (text, BUILT_IN_LIB))
    return get_path (self, object, place, "lib_name", lib_name);
  *lib_name = g_strdup (text);
  return TRUE;
}

/* Files of a module without params: the key is absent or "". */
static gboolean
get_params_path (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gchar **path)
{
  const gchar *text;

  if (!json_object_has_member (object, "params_name"))
    return TRUE;
  if (!dnn_config_reader_get_string (self, object, place, "params_name", &text))
    return FALSE;
  return !text[0] || get_path (self, object, place, "params_name", path);
}

static const gchar *const stage_keys[] = { "mod_idx", "lib_name", "json_name",
  "params_name", "dev", "element", NULL };

static void
read_module (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gint mod_idx)
{
  g_autofree gchar *lib = NULL, *json = NULL, *params = NULL;
  gint dev_type = kDLCPU, dev_id = 0;
  g_autoptr (DnnModule) module = NULL;
  gboolean is_good = TRUE;
  GError *error = NULL;
  DnnStage *stage;

  dnn_config_reader_check_keys (self, object, place, stage_keys);
  is_good = get_lib_name (self, object, place, &lib) && is_good;
  is_good = get_path (self, object, place, "json_name", &json) && is_good;
  is_good = get_params_path (self, object, place, &params) && is_good;
  dnn_config_reader_get_dev (self, object, place, mod_idx, &dev_type, &dev_id);
  if (is_good)
    module = dnn_module_get_for_files (json, params, lib, &error);
  if (error)
    dnn_config_reader_note (self, error);
  if (!module) {
    dnn_pipeline_config_add_broken (self->config, mod_idx);
    return;
  }
  stage = dnn_pipeline_config_add_module (self->config, mod_idx, module);
  g_free (stage->lib_name);
  stage->lib_name = g_steal_pointer (&lib);
  stage->json_path = g_steal_pointer (&json);
  stage->params_path = g_steal_pointer (&params);
  stage->dev_type = dev_type;
  stage->dev_id = dev_id;
}

/* One stage can't be both. */
static gboolean
check_no_module (
    DnnConfigReader *self, JsonObject *object, const DnnJsonPlace *place)
{
  static const gchar *const keys[] = { "lib_name", "json_name", "params_name",
    "dev", NULL };
  GError *error = NULL;

  for (guint i = 0; keys[i]; i++) {
    if (!json_object_has_member (object, keys[i]))
      continue;
    dnn_json_error (place, &error, DNN_ERROR_VALUE,
        "both \"element\" and \"%s\": a stage is an element or a module",
        keys[i]);
    return dnn_config_reader_note (self, error);
  }
  return TRUE;
}

static gboolean
get_element (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar **text)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "element");
  GError *error = NULL;

  if (!dnn_config_reader_get_string (self, object, place, "element", text))
    return FALSE;
  if ((*text)[strspn (*text, " \t")])
    return TRUE;
  dnn_json_error (&here, &error, DNN_ERROR_VALUE, "no element is named");
  return dnn_config_reader_note (self, error);
}

static void
read_element (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gint mod_idx)
{
  const gchar *text;

  dnn_config_reader_check_keys (self, object, place, stage_keys);
  if (check_no_module (self, object, place) &&
      get_element (self, object, place, &text))
    dnn_pipeline_config_add_element (self->config, mod_idx, text);
  else
    dnn_pipeline_config_add_broken (self->config, mod_idx);
}

static void
read_stage (DnnConfigReader *self, JsonNode *json, const DnnJsonPlace *place)
{
  DnnJsonPlace idx_place = DNN_JSON_KEY (place, "mod_idx");
  GError *error = NULL;
  JsonObject *object;
  gint mod_idx;

  if (!dnn_config_reader_get_object (self, json, place, &object) ||
      !dnn_config_reader_get_int (
          self, object, place, "mod_idx", 0, DNN_MAX_MOD_IDX, &mod_idx)) {
    self->stages_are_incomplete = TRUE;
    return;
  }
  if (dnn_pipeline_config_find_stage (self->config, mod_idx)) {
    dnn_json_error (&idx_place, &error, DNN_ERROR_VALUE,
        "module %d stands here a second time", mod_idx);
    dnn_config_reader_note (self, error);
    self->stages_are_incomplete = TRUE;
    return;
  }
  if (json_object_has_member (object, "element"))
    read_element (self, object, place, mod_idx);
  else
    read_module (self, object, place, mod_idx);
}

/* FALSE: none was read, so bindings lead nowhere. */
static gboolean
read_stages (DnnConfigReader *self)
{
  GError *error = NULL;
  JsonArray *list;

  if (!dnn_config_reader_get_list (
          self, self->load.json, &self->load.place, &list)) {
    self->stages_are_incomplete = TRUE;
    return TRUE;
  }
  if (json_array_get_length (list) > DNN_MAX_STAGES) {
    dnn_json_error (&self->load.place, &error, DNN_ERROR_LIMIT,
        "%u modules, at most %d are read", json_array_get_length (list),
        DNN_MAX_STAGES);
    return dnn_config_reader_note (self, error);
  }
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace place = DNN_JSON_ITEM (&self->load.place, i);
    read_stage (self, json_array_get_element (list, i), &place);
  }
  return TRUE;
}

/* ---- config
 * -------------------------------------------------------------------- */

static gboolean
load_file (DnnConfigPart *part, GError **error)
{
  g_autofree gchar *text = NULL;
  gsize length;

  if (!dnn_json_load (part->path, DNN_MAX_CONFIG_BYTES, &text, &length, error))
    return FALSE;
  part->json = dnn_json_parse (text, length, part->path, error);
  part->place = DNN_JSON_ROOT (part->path);
  return part->json != NULL;
}

/* Either the path of a file, or what would stand in it. */
static gboolean
read_part (DnnConfigReader *self, JsonObject *object, const gchar *key,
    DnnConfigPart *part)
{
  DnnJsonPlace here = DNN_JSON_KEY (&self->main.place, key);
  GError *error = NULL;
  JsonNode *member = dnn_config_reader_get_member (
      self, object, &self->main.place, key);

  if (!member)
    return FALSE;
  if (JSON_NODE_HOLDS_ARRAY (member) || JSON_NODE_HOLDS_OBJECT (member)) {
    part->path = g_strdup (self->main.path);
    part->json = json_node_ref (member);
    part->place = here;
    return TRUE;
  }
  if (!JSON_NODE_HOLDS_VALUE (member) ||
      json_node_get_value_type (member) != G_TYPE_STRING) {
    g_autofree gchar *found = dnn_json_describe (member);
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "expected a path, or what would stand in that file, found %s", found);
    return dnn_config_reader_note (self, error);
  }
  part->path = resolve_path (
      self, &self->main, json_node_get_string (member), &here, &error);
  return (part->path && load_file (part, &error)) ||
      dnn_config_reader_note (self, error);
}

static void
read_files (DnnConfigReader *self)
{
  static const gchar *const keys[] = { "load_config", "pipeline_config", NULL };
  GError *error = NULL;
  gboolean is_loaded;
  JsonObject *object;

  if (!load_file (&self->main, &error)) {
    dnn_config_reader_note (self, error);
    return;
  }
  if (!dnn_config_reader_get_object (
          self, self->main.json, &self->main.place, &object))
    return;
  dnn_config_reader_check_keys (self, object, &self->main.place, keys);
  is_loaded = read_part (self, object, keys[0], &self->load);
  is_loaded = read_part (self, object, keys[1], &self->pipeline) && is_loaded;
  if (is_loaded && read_stages (self))
    dnn_config_reader_read_bindings (self);
}

static DnnConfigReader
start_reader (const gchar *path)
{
  DnnConfigReader self = { dnn_pipeline_config_new (),
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free) };

  self.main.path = g_file_test (path, G_FILE_TEST_IS_DIR)
      ? g_build_filename (path, "config", NULL)
      : g_strdup (path);
  self.misspelt = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * dnn_pipeline_config_new_from_file:
 * @path: `config`, the single-file form, or a folder that holds `config`
 *
 * Returns: (transfer full): the configuration with its modules loaded, all
 *   rules kept; %NULL with the first error of
 *   dnn_pipeline_config_validate_file()
 */
DnnPipelineConfig *
dnn_pipeline_config_new_from_file (const gchar *path, GError **error)
{
  g_auto (DnnConfigReader) self = start_reader (path);

  read_files (&self);
  if (self.errors->len == 0)
    return g_steal_pointer (&self.config);
  if (error)
    *error = g_error_copy (self.errors->pdata[0]);
  return NULL;
}

/**
 * dnn_pipeline_config_validate_file:
 * @path: as for dnn_pipeline_config_new_from_file()
 *
 * Returns: (transfer container) (element-type GError): everything that is wrong
 *   with the files, at most DNN_MAX_CONFIG_ERRORS; an error that only follows
 *   from another one is left out
 */
GPtrArray *
dnn_pipeline_config_validate_file (const gchar *path)
{
  g_auto (DnnConfigReader) self = start_reader (path);

  read_files (&self);
  return g_steal_pointer (&self.errors);
}
