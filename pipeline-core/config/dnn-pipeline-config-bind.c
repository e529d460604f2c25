/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Two interfaces → a binding, or the rule that forbids it: one rule, one
 * error code, one text. The rules are those of TVM's PipelineConfig. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config-private.h"

static gboolean fail (GError **error, DnnError code, const gchar *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Sentence case: the first letter of what an interface is called may be the
 * first of the text. */
static gboolean
fail (GError **error, DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  text[0] = g_ascii_toupper (text[0]);
  g_set_error_literal (error, DNN_ERROR, code, text);
  return FALSE;
}

/* ---- which kinds go together
 * ------------------------------------------------- */

static gboolean
check_start (const DnnInterface *src, GError **error)
{
  g_autofree gchar *what = dnn_interface_to_string (src);

  switch (src->kind) {
    case DNN_INTERFACE_MODULE_INPUT:
      return fail (error, DNN_ERROR_START,
          "A binding can't start at %s: modules give outputs only", what);
    case DNN_INTERFACE_GLOBAL_OUTPUT:
      return fail (error, DNN_ERROR_START,
          "A binding can't start at %s: it is where bindings end", what);
    case DNN_INTERFACE_MODULE_PARAMS:
      return fail (error, DNN_ERROR_START,
          "A binding can't start at %s: it starts at the param group", what);
    default:
      return TRUE;
  }
}

static gboolean
check_target (const DnnInterface *src, const DnnInterface *dst, GError **error)
{
  g_autofree gchar *from = dnn_interface_to_string (src);
  g_autofree gchar *to = dnn_interface_to_string (dst);

  switch (src->kind) {
    case DNN_INTERFACE_MODULE_OUTPUT:
      if (dst->kind == DNN_INTERFACE_MODULE_INPUT ||
          dst->kind == DNN_INTERFACE_GLOBAL_OUTPUT)
        return TRUE;
      return fail (error, DNN_ERROR_OUTPUT_TARGET,
          "%s can be bound to a module's input or to a global output only, "
          "not to %s",
          from, to);
    case DNN_INTERFACE_GLOBAL_INPUT:
      if (dst->kind == DNN_INTERFACE_MODULE_INPUT)
        return TRUE;
      return fail (error, DNN_ERROR_INPUT_TARGET,
          "%s can be bound to inputs of modules only, not to %s", from, to);
    default:
      if (dst->kind == DNN_INTERFACE_MODULE_PARAMS)
        return TRUE;
      return fail (error, DNN_ERROR_PARAM_TARGET,
          "%s can be bound to the params of a module only, not to %s", from,
          to);
  }
}

/* ---- whether they exist
 * --------------------------------------------------------- */

gboolean
dnn_pipeline_config_check_module (
    DnnPipelineConfig *self, gint mod_idx, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  if (dnn_pipeline_config_find_stage (self, mod_idx))
    return TRUE;
  for (guint i = 0; i < self->stages->len; i++)
    g_string_append_printf (known, "%s%d", i ? ", " : "",
        ((DnnStage *) self->stages->pdata[i])->mod_idx);
  return fail (error, DNN_ERROR_UNKNOWN_NAME,
      "There is no module %d (modules: %s)", mod_idx,
      known->len > 0 ? known->str : "none");
}

static gchar *
list_inputs (DnnModule *module)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    g_string_append_printf (
        text, "%s\"%s\"", i ? ", " : "", dnn_module_get_input_name (module, i));
  return g_string_free (text, FALSE);
}

static gboolean
is_param (DnnModule *module, const gchar *name)
{
  DnnValue *value = dnn_graph_find_value (dnn_module_get_graph (module), name);

  return value && value->kind == DNN_VALUE_PARAM;
}

static const gchar *
describe_name (DnnModule *module, const gchar *name)
{
  if (dnn_module_find_state (module, name) >= 0)
    return "a state, not an input";
  return is_param (module, name) ? "a param, not an input" : "no input";
}

static gboolean
check_module_input (
    DnnModule *module, const DnnInterface *interface, GError **error)
{
  g_autofree gchar *inputs = NULL;

  if (dnn_module_find_input (module, interface->name) >= 0)
    return TRUE;
  inputs = list_inputs (module);
  return fail (error, DNN_ERROR_UNKNOWN_NAME,
      "\"%s\" is %s of module %d (inputs: %s)", interface->name,
      describe_name (module, interface->name), interface->mod_idx,
      inputs[0] ? inputs : "none");
}

/* "0", "1", … without leading zeros. */
static gboolean
check_element_input (const DnnInterface *interface, GError **error)
{
  guint64 number;

  if (g_ascii_string_to_unsigned (
          interface->name, 10, 0, DNN_MAX_NODE_INPUTS - 1, &number, NULL) &&
      (interface->name[0] != '0' || interface->name[1] == '\0'))
    return TRUE;
  return fail (error, DNN_ERROR_UNKNOWN_NAME,
      "\"%s\" is no input of module %d, an element (inputs: \"0\", \"1\", …)",
      interface->name, interface->mod_idx);
}

static gboolean
check_module_output (
    const DnnStage *stage, const DnnInterface *interface, GError **error)
{
  guint n = stage->module ? dnn_module_get_n_outputs (stage->module)
                          : DNN_MAX_NODE_INPUTS;

  if (interface->index >= 0 && (guint) interface->index < n)
    return TRUE;
  return fail (error, DNN_ERROR_UNKNOWN_NAME,
      "Module %d has no output %d (outputs: 0 to %u)", interface->mod_idx,
      interface->index, n - 1);
}

static gboolean
check_params (const DnnStage *stage, GError **error)
{
  if (stage->module)
    return TRUE;
  return fail (error, DNN_ERROR_PARAM_TARGET,
      "Module %d is an element: it has no params", stage->mod_idx);
}

static gboolean
check_global (const DnnInterface *interface, GError **error)
{
  if (interface->kind != DNN_INTERFACE_GLOBAL_OUTPUT)
    return (interface->name && interface->name[0]) ||
        fail (error, DNN_ERROR_VALUE, "The name is empty");
  if (interface->index >= 0 && interface->index < DNN_MAX_GLOBAL_OUTPUTS)
    return TRUE;
  return fail (error, DNN_ERROR_VALUE,
      "%d is no number of a global output (0 to %d)", interface->index,
      DNN_MAX_GLOBAL_OUTPUTS - 1);
}

gboolean
dnn_pipeline_config_check_interface (
    DnnPipelineConfig *self, const DnnInterface *interface, GError **error)
{
  DnnStageFull *full;

  if (interface->kind == DNN_INTERFACE_GLOBAL_INPUT ||
      interface->kind == DNN_INTERFACE_GLOBAL_OUTPUT ||
      interface->kind == DNN_INTERFACE_PARAM_GROUP)
    return check_global (interface, error);
  if (!dnn_pipeline_config_check_module (self, interface->mod_idx, error))
    return FALSE;
  full = dnn_pipeline_config_find_stage (self, interface->mod_idx);
  if (full->is_broken)
    return TRUE;
  if (interface->kind == DNN_INTERFACE_MODULE_OUTPUT)
    return check_module_output (&full->stage, interface, error);
  if (interface->kind == DNN_INTERFACE_MODULE_PARAMS)
    return check_params (&full->stage, error);
  return full->stage.module
      ? check_module_input (full->stage.module, interface, error)
      : check_element_input (interface, error);
}

/* ---- whether they fit
 * ------------------------------------------------------------ */

static gboolean
check_fit (DnnPipelineConfig *self, const DnnInterface *a,
    const DnnInterface *b, GError **error)
{
  g_autofree gchar *a_name = dnn_interface_to_string (a);
  g_autofree gchar *b_name = dnn_interface_to_string (b);
  g_autofree gchar *a_text = NULL, *b_text = NULL;
  DnnType a_type, b_type;
  DnnShape a_shape, b_shape;

  dnn_interface_get_tensor (self, a, &a_type, &a_shape);
  dnn_interface_get_tensor (self, b, &b_type, &b_shape);
  if (a_type != b_type && a_type != DNN_TYPE_INVALID &&
      b_type != DNN_TYPE_INVALID)
    return fail (error, DNN_ERROR_TYPE, "Types differ: %s is %s, %s is %s",
        a_name, dnn_type_name (a_type), b_name, dnn_type_name (b_type));
  if (dnn_shape_compatible (&a_shape, &b_shape))
    return TRUE;
  a_text = dnn_shape_to_string (&a_shape);
  b_text = dnn_shape_to_string (&b_shape);
  return fail (error, DNN_ERROR_SHAPE, "Shapes differ: %s is %s, %s is %s",
      a_name, a_text, b_name, b_text);
}

/* All that one global input feeds must fit together. */
static gboolean
check_types (DnnPipelineConfig *self, const DnnInterface *src,
    const DnnInterface *dst, GError **error)
{
  if (src->kind == DNN_INTERFACE_MODULE_OUTPUT &&
      dst->kind == DNN_INTERFACE_MODULE_INPUT)
    return check_fit (self, src, dst, error);
  if (src->kind != DNN_INTERFACE_GLOBAL_INPUT)
    return TRUE;
  for (guint i = 0; i < self->binds->len; i++) {
    const DnnBind *bind = self->binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_GLOBAL_INPUT &&
        g_str_equal (bind->src.name, src->name) &&
        !check_fit (self, &bind->dst, dst, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_pipeline_config_check_fits (DnnPipelineConfig *self, GError **error)
{
  for (guint i = 0; i < self->binds->len; i++) {
    const DnnBind *bind = self->binds->pdata[i];
    if (!check_types (self, &bind->src, &bind->dst, error))
      return FALSE;
  }
  return TRUE;
}

static const DnnBind *
find_source (DnnPipelineConfig *self, const DnnInterface *dst)
{
  for (guint i = 0; i < self->binds->len; i++) {
    const DnnBind *bind = self->binds->pdata[i];
    if (dnn_interface_compare (self, &bind->dst, dst) == 0)
      return bind;
  }
  return NULL;
}

gboolean
dnn_pipeline_config_is_bound (DnnPipelineConfig *self, const DnnInterface *dst)
{
  return find_source (self, dst) != NULL;
}

/* A module's params may belong to several groups, but to each once. */
static gboolean
check_group (DnnPipelineConfig *self, const DnnInterface *src,
    const DnnInterface *dst, GError **error)
{
  for (guint i = 0; i < self->binds->len; i++) {
    const DnnBind *bind = self->binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_PARAM_GROUP &&
        bind->dst.mod_idx == dst->mod_idx &&
        g_str_equal (bind->src.name, src->name))
      return fail (error, DNN_ERROR_TWO_SOURCES,
          "The params of module %d are in param group \"%s\" already",
          dst->mod_idx, src->name);
  }
  return TRUE;
}

static gboolean
check_free (DnnPipelineConfig *self, const DnnInterface *src,
    const DnnInterface *dst, GError **error)
{
  g_autofree gchar *what = NULL, *source = NULL;
  const DnnBind *bind;

  if (dst->kind == DNN_INTERFACE_MODULE_PARAMS)
    return check_group (self, src, dst, error);
  bind = find_source (self, dst);
  if (!bind)
    return TRUE;
  what = dnn_interface_to_string (dst);
  source = dnn_interface_to_string (&bind->src);
  return fail (
      error, DNN_ERROR_TWO_SOURCES, "%s is bound to %s already", what, source);
}

/* ---- cycles
 * ------------------------------------------------------------------- */

/* Puts a way from @at to @end on @path; FALSE if there is none. */
static gboolean
find_way (
    DnnStageFull *at, DnnStageFull *end, GHashTable *seen, GPtrArray *path)
{
  if (!g_hash_table_add (seen, at))
    return FALSE;
  g_ptr_array_add (path, at);
  if (at == end)
    return TRUE;
  for (guint i = 0; i < at->successors->len; i++)
    if (find_way (at->successors->pdata[i], end, seen, path))
      return TRUE;
  g_ptr_array_set_size (path, path->len - 1);
  return FALSE;
}

static gboolean
check_acyclic (DnnStageFull *src, DnnStageFull *dst, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  if (!find_way (dst, src, seen, path))
    return TRUE;
  g_string_append_printf (text, "module %d", src->stage.mod_idx);
  for (guint i = 0; i < path->len; i++)
    g_string_append_printf (
        text, " → module %d", ((DnnStage *) path->pdata[i])->mod_idx);
  return fail (
      error, DNN_ERROR_CYCLE, "The binding closes a cycle: %s", text->str);
}

/* Between two modules only: the edge of the graph of stages. */
static gboolean
add_edge (DnnPipelineConfig *self, const DnnInterface *src,
    const DnnInterface *dst, GError **error)
{
  DnnStageFull *from, *to;

  if (src->kind != DNN_INTERFACE_MODULE_OUTPUT ||
      dst->kind != DNN_INTERFACE_MODULE_INPUT)
    return TRUE;
  from = dnn_pipeline_config_find_stage (self, src->mod_idx);
  to = dnn_pipeline_config_find_stage (self, dst->mod_idx);
  if (g_ptr_array_find (from->successors, to, NULL))
    return TRUE;
  if (!check_acyclic (from, to, error))
    return FALSE;
  g_ptr_array_add (from->successors, to);
  to->n_predecessors++;
  return TRUE;
}

static gboolean
check_own_module (
    const DnnInterface *src, const DnnInterface *dst, GError **error)
{
  if (src->kind != DNN_INTERFACE_MODULE_OUTPUT ||
      dst->kind != DNN_INTERFACE_MODULE_INPUT || src->mod_idx != dst->mod_idx)
    return TRUE;
  return fail (error, DNN_ERROR_OWN_MODULE,
      "Module %d can't be bound to itself (output %d to input \"%s\")",
      src->mod_idx, src->index, dst->name);
}

/**
 * dnn_pipeline_config_bind:
 * @src: global input, module output or param group
 * @dst: module input, global output or a module's params
 *
 * Binds @src to @dst.
 *
 * Returns: %FALSE with START, OUTPUT_TARGET, INPUT_TARGET, PARAM_TARGET,
 *   OWN_MODULE, UNKNOWN_NAME, VALUE, TWO_SOURCES, TYPE, SHAPE or CYCLE; nothing
 *   is changed then
 */
gboolean
dnn_pipeline_config_bind (DnnPipelineConfig *self, const DnnInterface *src,
    const DnnInterface *dst, GError **error)
{
  g_auto (DnnInterface) from = dnn_interface_copy (src);
  g_auto (DnnInterface) to = dnn_interface_copy (dst);
  DnnBind *bind;

  src = &from;
  dst = &to;
  if (!check_start (src, error) || !check_target (src, dst, error) ||
      !check_own_module (src, dst, error) ||
      !dnn_pipeline_config_check_interface (self, src, error) ||
      !dnn_pipeline_config_check_interface (self, dst, error) ||
      !check_free (self, src, dst, error) ||
      !check_types (self, src, dst, error) || !add_edge (self, src, dst, error))
    return FALSE;
  bind = g_new0 (DnnBind, 1);
  bind->src = from;
  bind->dst = to;
  from.name = to.name = NULL;
  src = &bind->src;
  g_ptr_array_add (self->binds, bind);
  self->binds_are_sorted = FALSE;
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  if (src->kind == DNN_INTERFACE_GLOBAL_INPUT &&
      !g_ptr_array_find_with_equal_func (
          self->inputs, src->name, g_str_equal, NULL))
    g_ptr_array_add (self->inputs, g_strdup (src->name));
  return TRUE;
}
