/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* pipeline_config → bindings and settings of the stages. What is refused is
 * noted with its place, and reading goes on; what only follows from a refusal
 * is no error of its own. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config-reader.h"

#include "pipeline-core/base/dnn-target.h"
#include "pipeline-core/base/dnn-threads.h"

/* Adds the place in front of a rule's text. */
static gboolean
note_at (DnnConfigReader *self, const DnnJsonPlace *place, GError *reason)
{
  GError *error = NULL;

  dnn_json_error (place, &error, reason->code, "%s", reason->message);
  g_error_free (reason);
  return dnn_config_reader_note (self, error);
}

/* ---- ends of bindings
 * --------------------------------------------------------- */

/* An end that leads to @dst was refused: its gap is no error. */
static void
excuse (DnnConfigReader *self, const DnnInterface *dst)
{
  DnnStageFull *full;

  if (dst->kind == DNN_INTERFACE_GLOBAL_OUTPUT)
    self->config->outputs_excused = TRUE;
  if (dst->kind != DNN_INTERFACE_MODULE_INPUT)
    return;
  full = dnn_pipeline_config_find_stage (self->config, dst->mod_idx);
  if (full)
    full->inputs_excused = TRUE;
  else
    dnn_config_reader_excuse_all (self);
}

/* Key "mod_idx": the number of a stage that is there. */
static gboolean
get_module (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gint *mod_idx)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "mod_idx");
  GError *error = NULL;

  if (!dnn_config_reader_get_int (
          self, object, place, "mod_idx", 0, DNN_MAX_MOD_IDX, mod_idx))
    return FALSE;
  if (self->stages_are_incomplete &&
      self->config->stages->len < DNN_MAX_STAGES &&
      !dnn_pipeline_config_find_stage (self->config, *mod_idx))
    dnn_pipeline_config_add_broken (self->config, *mod_idx);
  return dnn_pipeline_config_check_module (self->config, *mod_idx, &error) ||
      note_at (self, &here, error);
}

/* @key is where the name or number of @interface stands. */
static gboolean
check_end (DnnConfigReader *self, const DnnInterface *interface,
    const DnnJsonPlace *place, const gchar *key)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, key);
  GError *error = NULL;

  return dnn_pipeline_config_check_interface (
             self->config, interface, &error) ||
      note_at (self, &here, error);
}

/* What a rule forbids was perhaps meant to lead to any other place. */
static void
bind (DnnConfigReader *self, const DnnInterface *src, const DnnInterface *dst,
    const DnnJsonPlace *place)
{
  GError *error = NULL;

  if (self->is_full)
    return;
  if (self->config->binds->len >= DNN_MAX_BINDINGS) {
    self->is_full = TRUE;
    dnn_json_error (place, &error, DNN_ERROR_LIMIT,
        "more than %d bindings in one configuration", DNN_MAX_BINDINGS);
    dnn_config_reader_note (self, error);
    dnn_config_reader_excuse_all (self);
  } else if (!dnn_pipeline_config_bind (self->config, src, dst, &error)) {
    note_at (self, place, error);
    dnn_config_reader_excuse_all (self);
  }
}

/* ---- module_connection: outputs
 * -------------------------------------------------- */

/* {mod_idx, input_name} or {global_output_index}; FALSE if it is refused, with
 * @dst as far as it is known. */
static gboolean
read_target (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, DnnInterface *dst)
{
  static const gchar *const keys[] = { "mod_idx", "input_name",
    "global_output_index", NULL };
  const gchar *name;
  GError *error = NULL;

  dnn_config_reader_check_keys (self, object, place, keys);
  if (json_object_has_member (object, "global_output_index")) {
    dst->kind = DNN_INTERFACE_GLOBAL_OUTPUT;
    if (json_object_has_member (object, "mod_idx") ||
        json_object_has_member (object, "input_name")) {
      dnn_json_error (place, &error, DNN_ERROR_VALUE,
          "both a module's input and a global output; a binding has one end");
      dnn_config_reader_excuse_all (self);
      return dnn_config_reader_note (self, error);
    }
    return dnn_config_reader_get_int (self, object, place,
        "global_output_index", 0, DNN_MAX_GLOBAL_OUTPUTS - 1, &dst->index);
  }
  dst->kind = DNN_INTERFACE_MODULE_INPUT;
  if (!get_module (self, object, place, &dst->mod_idx) ||
      !dnn_config_reader_get_string (self, object, place, "input_name", &name))
    return FALSE;
  dst->name = g_strdup (name);
  return check_end (self, dst, place, "input_name");
}

/* @src is NULL when it was refused: its targets are read all the same. */
static void
read_dependency (DnnConfigReader *self, JsonNode *json,
    const DnnJsonPlace *place, const DnnInterface *src)
{
  g_auto (DnnInterface) dst = { DNN_INTERFACE_MODULE_INPUT, -1, 0, NULL };
  JsonObject *object;

  if (!dnn_config_reader_get_object (self, json, place, &object)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  if (read_target (self, object, place, &dst) && src)
    bind (self, src, &dst, place);
  else
    excuse (self, &dst);
}

/* "dependent" is the older spelling. */
static gboolean
get_dependencies (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar **key, JsonArray **list)
{
  gboolean has_old = json_object_has_member (object, "dependent");
  GError *error = NULL;
  DnnJsonPlace here;
  JsonNode *member;

  *key = has_old ? "dependent" : "dependencies";
  here = DNN_JSON_KEY (place, *key);
  if (has_old && json_object_has_member (object, "dependencies")) {
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "\"dependencies\" stands there too; it is the same in newer spelling");
    return dnn_config_reader_note (self, error);
  }
  member = dnn_config_reader_get_member (self, object, place, *key);
  return member && dnn_config_reader_get_list (self, member, &here, list);
}

/* The output's number, once per module; refused numbers are -1. */
static gboolean
get_output (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, GHashTable *seen, DnnInterface *src)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "output_idx");
  GError *error = NULL;

  if (!dnn_config_reader_get_int (
          self, object, place, "output_idx", 0, G_MAXINT, &src->index))
    return FALSE;
  if (!g_hash_table_add (seen, GINT_TO_POINTER (src->index))) {
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "output %d of module %d stands here a second time", src->index,
        src->mod_idx);
    return dnn_config_reader_note (self, error);
  }
  return check_end (self, src, place, "output_idx");
}

static void
read_output (DnnConfigReader *self, JsonNode *json, const DnnJsonPlace *place,
    gint mod_idx, GHashTable *seen)
{
  static const gchar *const keys[] = { "output_idx", "dependencies",
    "dependent", NULL };
  DnnInterface src = { DNN_INTERFACE_MODULE_OUTPUT, mod_idx, 0, NULL };
  gboolean is_good;
  JsonObject *object;
  const gchar *key;
  DnnJsonPlace list_place;
  JsonArray *list;

  if (!dnn_config_reader_get_object (self, json, place, &object)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  dnn_config_reader_check_keys (self, object, place, keys);
  is_good = get_output (self, object, place, seen, &src);
  if (!get_dependencies (self, object, place, &key, &list)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  list_place = DNN_JSON_KEY (place, key);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&list_place, i);
    read_dependency (
        self, json_array_get_element (list, i), &here, is_good ? &src : NULL);
  }
}

static void
read_outputs (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gint mod_idx)
{
  DnnJsonPlace outputs = DNN_JSON_KEY (place, "output");
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  JsonNode *member = dnn_config_reader_get_member (
      self, object, place, "output");
  JsonArray *list;

  if (!member || !dnn_config_reader_get_list (self, member, &outputs, &list)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&outputs, i);
    read_output (self, json_array_get_element (list, i), &here, mod_idx, seen);
  }
}

/* ---- module_connection: settings
 * --------------------------------------------------- */

static void
read_setting (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *key, gint max, gint *value)
{
  if (json_object_has_member (object, key))
    dnn_config_reader_get_int (self, object, place, key, 1, max, value);
}

/* A number, or "auto". */
static void
read_instances (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, DnnStage *stage)
{
  JsonNode *member = json_object_get_member (object, "instances");
  DnnJsonPlace here = DNN_JSON_KEY (place, "instances");
  GError *error = NULL;

  if (!member)
    return;
  if (!JSON_NODE_HOLDS_VALUE (member) ||
      json_node_get_value_type (member) != G_TYPE_STRING) {
    dnn_config_reader_get_int (self, object, place, "instances", 1,
        DNN_MAX_INSTANCES, &stage->instances);
    return;
  }
  if (g_str_equal (json_node_get_string (member), "auto")) {
    stage->instances = DNN_INSTANCES_AUTO;
    return;
  }
  dnn_json_error (&here, &error, DNN_ERROR_VALUE,
      "\"%s\" is neither \"auto\" nor a number from 1 to %d",
      json_node_get_string (member), DNN_MAX_INSTANCES);
  dnn_config_reader_note (self, error);
}

static void
read_affinity (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, DnnStage *stage)
{
  DnnJsonPlace here = DNN_JSON_KEY (place, "cpu_affinity");
  GError *error = NULL;
  const gchar *text;

  if (!json_object_has_member (object, "cpu_affinity") ||
      !dnn_config_reader_get_string (
          self, object, place, "cpu_affinity", &text))
    return;
  if (!dnn_threads_is_affinity (text)) {
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "\"%s\" is no list of CPUs (\"0,1\" or \"0-3\")", text);
    dnn_config_reader_note (self, error);
    return;
  }
  g_free (stage->cpu_affinity);
  stage->cpu_affinity = g_strdup (text);
}

static void
read_precision (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, DnnStage *stage)
{
  const gchar *const *known = dnn_pipeline_config_precisions;
  DnnJsonPlace here = DNN_JSON_KEY (place, "precision");
  GError *error = NULL;
  DnnTarget any;
  const gchar *text;

  if (!json_object_has_member (object, "precision") ||
      !dnn_config_reader_get_string (self, object, place, "precision", &text))
    return;
  if (!g_strv_contains (known, text)) {
    g_autofree gchar *all = g_strjoinv ("\", \"", (gchar **) known);
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "\"%s\" is no precision (known: \"%s\")", text, all);
    dnn_config_reader_note (self, error);
    return;
  }
  if (!dnn_target_set_precision (&any, text, &error)) {
    note_at (self, &here, error);
    return;
  }
  g_free (stage->precision);
  stage->precision = g_strdup (text);
}

/* load_config may have said "dev" already. */
static void
read_dev (DnnConfigReader *self, JsonObject *object, const DnnJsonPlace *place,
    DnnStageFull *full)
{
  DnnStage *stage = &full->stage;
  DnnJsonPlace here = DNN_JSON_KEY (place, "dev");
  gint type = stage->dev_type, id = stage->dev_id;
  GError *error = NULL;

  if (!dnn_config_reader_get_dev (
          self, object, place, stage->mod_idx, &type, &id) ||
      full->is_broken || stage->dev_type != kDLCPU || id == stage->dev_id)
    return;
  dnn_json_error (&here, &error, DNN_ERROR_VALUE,
      "device %d of module %d, but load_config says %d", id, stage->mod_idx,
      stage->dev_id);
  dnn_config_reader_note (self, error);
}

/* Settings of modules; an element has its own properties and threads. */
static void
check_no_settings (
    DnnConfigReader *self, JsonObject *object, const DnnJsonPlace *place)
{
  static const gchar *const keys[] = { "cpu_affinity", "threads", "precision",
    "instances", NULL };

  for (guint i = 0; keys[i]; i++) {
    DnnJsonPlace here = DNN_JSON_KEY (place, keys[i]);
    JsonNode *member = json_object_get_member (object, keys[i]);
    GError *error = NULL;
    if (!member ||
        (json_node_get_value_type (member) == G_TYPE_STRING &&
            !*json_node_get_string (member)))
      continue;
    dnn_json_error (&here, &error, DNN_ERROR_VALUE,
        "it is for modules; this stage is an element");
    dnn_config_reader_note (self, error);
  }
}

static void
read_connection (DnnConfigReader *self, JsonNode *json,
    const DnnJsonPlace *place, GHashTable *seen)
{
  static const gchar *const keys[] = { "mod_idx", "cpu_affinity", "dev",
    "output", "threads", "precision", "queue_depth", "instances", NULL };
  DnnJsonPlace idx_place = DNN_JSON_KEY (place, "mod_idx");
  GError *error = NULL;
  JsonObject *object;
  DnnStageFull *full;
  gint mod_idx;

  if (!dnn_config_reader_get_object (self, json, place, &object)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  dnn_config_reader_check_keys (self, object, place, keys);
  if (!get_module (self, object, place, &mod_idx)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  if (!g_hash_table_add (seen, GINT_TO_POINTER (mod_idx))) {
    dnn_json_error (&idx_place, &error, DNN_ERROR_VALUE,
        "module %d stands here a second time", mod_idx);
    dnn_config_reader_note (self, error);
    dnn_config_reader_excuse_all (self);
    return;
  }
  full = dnn_pipeline_config_find_stage (self->config, mod_idx);
  if (full->stage.element)
    check_no_settings (self, object, place);
  read_affinity (self, object, place, &full->stage);
  read_dev (self, object, place, full);
  read_precision (self, object, place, &full->stage);
  read_setting (
      self, object, place, "threads", DNN_MAX_THREADS, &full->stage.threads);
  read_setting (self, object, place, "queue_depth", DNN_MAX_QUEUE_DEPTH,
      &full->stage.queue_depth);
  read_instances (self, object, place, &full->stage);
  read_outputs (self, object, place, mod_idx);
}

static void
read_connections (
    DnnConfigReader *self, JsonNode *json, const DnnJsonPlace *place)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  JsonArray *list;

  if (!dnn_config_reader_get_list (self, json, place, &list)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (place, i);
    read_connection (self, json_array_get_element (list, i), &here, seen);
  }
}

/* ---- input_connection, param_connection
 * ---------------------------------------------- */

static void
read_input (DnnConfigReader *self, JsonNode *json, const DnnJsonPlace *place)
{
  static const gchar *const keys[] = { "global_interface_name", "mod_idx",
    "module_interface_name", NULL };
  g_auto (DnnInterface) dst = { DNN_INTERFACE_MODULE_INPUT, -1, 0, NULL };
  g_auto (DnnInterface) src = { DNN_INTERFACE_GLOBAL_INPUT, 0, 0, NULL };
  gboolean is_good;
  JsonObject *object;
  const gchar *text;

  if (!dnn_config_reader_get_object (self, json, place, &object)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  dnn_config_reader_check_keys (self, object, place, keys);
  is_good = dnn_config_reader_get_string (self, object, place, keys[0], &text);
  if (is_good) {
    src.name = g_strdup (text);
    is_good = check_end (self, &src, place, keys[0]);
  }
  if (!get_module (self, object, place, &dst.mod_idx) ||
      !dnn_config_reader_get_string (self, object, place, keys[2], &text)) {
    excuse (self, &dst);
    return;
  }
  dst.name = g_strdup (text);
  if (check_end (self, &dst, place, keys[2]) && is_good)
    bind (self, &src, &dst, place);
  else
    excuse (self, &dst);
}

static void
read_param (DnnConfigReader *self, JsonNode *json, const DnnJsonPlace *place)
{
  static const gchar *const keys[] = { "global_param_name", "mod_idx", NULL };
  DnnInterface dst = { DNN_INTERFACE_MODULE_PARAMS, -1, 0, NULL };
  g_auto (DnnInterface) src = { DNN_INTERFACE_PARAM_GROUP, 0, 0, NULL };
  gboolean is_good;
  JsonObject *object;
  const gchar *text;

  if (!dnn_config_reader_get_object (self, json, place, &object))
    return;
  dnn_config_reader_check_keys (self, object, place, keys);
  is_good = dnn_config_reader_get_string (self, object, place, keys[0], &text);
  if (is_good) {
    src.name = g_strdup (text);
    is_good = check_end (self, &src, place, keys[0]);
  }
  if (get_module (self, object, place, &dst.mod_idx) &&
      check_end (self, &dst, place, "mod_idx") && is_good)
    bind (self, &src, &dst, place);
}

static void
read_state (DnnConfigReader *self, JsonNode *json, const DnnJsonPlace *place)
{
  static const gchar *const keys[] = { "mod_idx", "output_idx", "input_name",
    "initial_param", NULL };
  const gchar *name, *initial = NULL;
  GError *error = NULL;
  JsonObject *object;
  gint mod_idx, output_idx;

  if (!dnn_config_reader_get_object (self, json, place, &object)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  dnn_config_reader_check_keys (self, object, place, keys);
  if (!get_module (self, object, place, &mod_idx) ||
      !dnn_config_reader_get_int (
          self, object, place, "output_idx", 0, G_MAXINT, &output_idx) ||
      !dnn_config_reader_get_string (
          self, object, place, "input_name", &name) ||
      (json_object_has_member (object, keys[3]) &&
          !dnn_config_reader_get_string (
              self, object, place, keys[3], &initial))) {
    dnn_config_reader_excuse_all (self);
  } else if (!dnn_pipeline_config_bind_state (
                 self->config, mod_idx, output_idx, name, initial, &error)) {
    note_at (self, place, error);
    dnn_config_reader_excuse_all (self);
  }
}

static void
read_each (DnnConfigReader *self, JsonObject *object, const gchar *key,
    void (*read) (DnnConfigReader *, JsonNode *, const DnnJsonPlace *))
{
  DnnJsonPlace place = DNN_JSON_KEY (&self->pipeline.place, key);
  JsonNode *member = json_object_get_member (object, key);
  JsonArray *list;

  if (!member)
    return;
  if (!dnn_config_reader_get_list (self, member, &place, &list)) {
    dnn_config_reader_excuse_all (self);
    return;
  }
  for (guint i = 0; i < json_array_get_length (list); i++) {
    DnnJsonPlace here = DNN_JSON_ITEM (&place, i);
    read (self, json_array_get_element (list, i), &here);
  }
}

/* Without "input_connection": every input that nothing feeds is a global one
 * of its own name. */
static void
bind_free_inputs (DnnConfigReader *self, const DnnStageFull *full)
{
  DnnModule *module = full->stage.module;

  if (!module || full->inputs_excused)
    return;
  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++) {
    gchar *name = (gchar *) dnn_module_get_input_name (module, i);
    DnnInterface src = { DNN_INTERFACE_GLOBAL_INPUT, 0, 0, name };
    DnnInterface dst = { DNN_INTERFACE_MODULE_INPUT, full->stage.mod_idx, 0,
      name };
    if (!dnn_pipeline_config_is_bound (self->config, &dst))
      bind (self, &src, &dst, &self->pipeline.place);
  }
}

/* ---- the file
 * ------------------------------------------------------------------------- */

static void
note_gaps (DnnConfigReader *self)
{
  g_autoptr (GPtrArray) gaps = g_ptr_array_new ();

  dnn_pipeline_config_collect_gaps (self->config, gaps);
  for (guint i = 0; i < gaps->len; i++)
    note_at (self, &self->pipeline.place, gaps->pdata[i]);
}

static void
read_parts (DnnConfigReader *self, JsonObject *object)
{
  static const gchar *const keys[] = { "module_connection", "input_connection",
    "param_connection", "state_connection", NULL };
  DnnJsonPlace place = DNN_JSON_KEY (&self->pipeline.place, keys[0]);
  JsonNode *member;

  dnn_config_reader_check_keys (self, object, &self->pipeline.place, keys);
  member = dnn_config_reader_get_member (
      self, object, &self->pipeline.place, keys[0]);
  if (member)
    read_connections (self, member, &place);
  else
    dnn_config_reader_excuse_all (self);
  read_each (self, object, keys[1], read_input);
  read_each (self, object, keys[2], read_param);
  read_each (self, object, keys[3], read_state);
}

void
dnn_config_reader_read_bindings (DnnConfigReader *self)
{
  JsonNode *json = self->pipeline.json;
  gboolean has_inputs = FALSE, has_states = FALSE;
  JsonObject *object;

  if (JSON_NODE_HOLDS_ARRAY (json)) { /* the older spelling */
    read_connections (self, json, &self->pipeline.place);
  } else if (dnn_config_reader_get_object (
                 self, json, &self->pipeline.place, &object)) {
    read_parts (self, object);
    has_inputs = json_object_has_member (object, "input_connection");
    has_states = json_object_has_member (object, "state_connection");
  } else {
    return;
  }
  if (!has_inputs && !has_states)
    dnn_pipeline_config_find_states (self->config);
  for (guint i = 0; i < self->config->stages->len && !has_inputs; i++)
    bind_free_inputs (self, self->config->stages->pdata[i]);
  note_gaps (self);
}
