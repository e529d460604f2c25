/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* FunctionProtos of a model → a table by domain, name and overload; a node that
 * calls one → names and attributes of what stands in it. Next:
 * dnn-onnx-nodes.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-function.h"

/* Field numbers of onnx.proto, of which older editions lack the last ones. */
enum
{
  FUNCTION_NAME = 1,
  FUNCTION_INPUT = 4,
  FUNCTION_OUTPUT = 5,
  FUNCTION_NODE = 7,
  FUNCTION_OPSET_IMPORT = 9,
  FUNCTION_DOMAIN = 10,
  FUNCTION_ATTRIBUTE_PROTO = 11,
  FUNCTION_OVERLOAD = 13,
  NODE_ATTRIBUTE = 5,
  NODE_OVERLOAD = 8,
  ATTRIBUTE_NAME = 1,
  ATTRIBUTE_REF_ATTR_NAME = 21,
  OPSET_DOMAIN = 1,
  OPSET_VERSION = 2,
};

/* One attribute of a call, or a function's default. */
typedef struct
{
  DnnWireSpan span;
  gchar *ref; /* (nullable): it refers on, to one of the caller's */
} Attr;

struct _DnnOnnxFunction
{
  GPtrArray *inputs; /* gchar * */
  GPtrArray *outputs; /* gchar * */
  GArray *nodes;
  GHashTable *defaults; /* name → Attr */
  gint64 opset;
  guint n_all; /* nodes with those of functions that it calls, 0 unknown */
  gboolean is_counting;
};

struct _DnnOnnxFunctions
{
  GHashTable *table; /* key → DnnOnnxFunction */
};

struct _DnnOnnxCall
{
  const DnnOnnxFunction *function;
  const DnnOnnxCall *caller;
  gchar *place;
  guint depth;
  GPtrArray *inputs; /* gchar *: of the calling node */
  GPtrArray *outputs;
  GHashTable *attrs; /* name → Attr */
  GHashTable *names; /* inside → in the whole graph */
};

/* ---- strings of a message
 * ---------------------------------------------------------------- */

static GPtrArray *
list_strings (DnnWireSpan span, guint number)
{
  g_autoptr (GArray) spans = dnn_onnx_list_spans (span, number);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < spans->len; i++) {
    DnnWireSpan text = g_array_index (spans, DnnWireSpan, i);
    g_ptr_array_add (list, g_strndup ((const gchar *) text.data, text.size));
  }
  return list;
}

/* The last one counts; (transfer full), "" without. */
static gchar *
read_string (DnnWireSpan span, guint number)
{
  g_autoptr (GPtrArray) list = list_strings (span, number);

  return g_strdup (list->len > 0 ? list->pdata[list->len - 1] : "");
}

static gchar *
make_key (const gchar *domain, const gchar *name, const gchar *overload)
{
  gboolean is_default = !domain || g_str_equal (domain, "ai.onnx");

  return g_strdup_printf (
      "%s:%s:%s", is_default ? "" : domain, name ? name : "", overload);
}

/* ---- attributes
 * ---------------------------------------------------------------- */

static void
free_attr (gpointer data)
{
  Attr *attr = data;

  g_free (attr->ref);
  g_free (attr);
}

static GHashTable *
read_attrs (DnnWireSpan span, guint number)
{
  g_autoptr (GArray) spans = dnn_onnx_list_spans (span, number);
  GHashTable *table = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, free_attr);

  for (guint i = 0; i < spans->len; i++) {
    Attr *attr = g_new0 (Attr, 1);
    g_autofree gchar *ref = NULL;
    attr->span = g_array_index (spans, DnnWireSpan, i);
    ref = read_string (attr->span, ATTRIBUTE_REF_ATTR_NAME);
    attr->ref = *ref ? g_steal_pointer (&ref) : NULL;
    g_hash_table_insert (table, read_string (attr->span, ATTRIBUTE_NAME), attr);
  }
  return table;
}

gboolean
dnn_onnx_call_find_attr (
    const DnnOnnxCall *self, const gchar *ref, DnnWireSpan *attr)
{
  for (; self; self = self->caller) {
    const Attr *found = g_hash_table_lookup (self->attrs, ref);
    if (!found)
      found = g_hash_table_lookup (self->function->defaults, ref);
    if (!found)
      return FALSE;
    *attr = found->span;
    if (!found->ref)
      return TRUE;
    ref = found->ref;
  }
  return FALSE;
}

/* ---- functions
 * ---------------------------------------------------------------------- */

static void
free_function (gpointer data)
{
  DnnOnnxFunction *self = data;

  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->outputs);
  g_array_unref (self->nodes);
  g_hash_table_unref (self->defaults);
  g_free (self);
}

/* Of the default domain, 0 if there is none. */
static gint64
read_opset (DnnWireSpan span)
{
  g_autoptr (GArray) spans = dnn_onnx_list_spans (span, FUNCTION_OPSET_IMPORT);
  gint64 opset = 0;

  for (guint i = 0; i < spans->len; i++) {
    DnnWireSpan import = g_array_index (spans, DnnWireSpan, i);
    g_autofree gchar *domain = read_string (import, OPSET_DOMAIN);
    DnnWireReader reader;
    DnnWireField field;
    if (*domain && !g_str_equal (domain, "ai.onnx"))
      continue;
    dnn_wire_reader_init (&reader, import);
    while (dnn_wire_reader_next (&reader, &field))
      if (field.number == OPSET_VERSION)
        opset = (gint64) field.value;
  }
  return opset;
}

/* Editions of onnx.proto without this field haven't checked it. */
static gboolean
check_defaults (const DnnOnnxModel *model, DnnWireSpan span, GError **error)
{
  g_autoptr (GArray)
      spans = dnn_onnx_list_spans (span, FUNCTION_ATTRIBUTE_PROTO);

  for (guint i = 0; i < spans->len; i++)
    if (!dnn_wire_check (g_array_index (spans, DnnWireSpan, i),
            &onnx__attribute_proto__descriptor, model->file->path, error))
      return FALSE;
  return TRUE;
}

static gboolean
add_function (DnnOnnxFunctions *self, const DnnOnnxModel *model,
    DnnWireSpan span, GError **error)
{
  g_autofree gchar *name = read_string (span, FUNCTION_NAME);
  g_autofree gchar *domain = read_string (span, FUNCTION_DOMAIN);
  g_autofree gchar *overload = read_string (span, FUNCTION_OVERLOAD);
  g_autofree gchar *key = make_key (domain, name, overload);
  DnnOnnxFunction *function;

  if (!*name || g_hash_table_contains (self->table, key)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "%s: function \"%s\" of domain \"%s\": %s", model->file->path, name,
        domain, *name ? "there are two" : "it has no name");
    return FALSE;
  }
  if (!check_defaults (model, span, error))
    return FALSE;
  function = g_new0 (DnnOnnxFunction, 1);
  function->inputs = list_strings (span, FUNCTION_INPUT);
  function->outputs = list_strings (span, FUNCTION_OUTPUT);
  function->nodes = dnn_onnx_list_spans (span, FUNCTION_NODE);
  function->defaults = read_attrs (span, FUNCTION_ATTRIBUTE_PROTO);
  function->opset = read_opset (span);
  g_hash_table_insert (self->table, g_steal_pointer (&key), function);
  return TRUE;
}

DnnOnnxFunctions *
dnn_onnx_functions_new (const DnnOnnxModel *model, GError **error)
{
  DnnOnnxFunctions *self = g_new0 (DnnOnnxFunctions, 1);

  self->table = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, free_function);
  for (guint i = 0; i < model->functions->len; i++)
    if (!add_function (self, model,
            g_array_index (model->functions, DnnWireSpan, i), error)) {
      dnn_onnx_functions_free (self);
      return NULL;
    }
  return self;
}

void
dnn_onnx_functions_free (DnnOnnxFunctions *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->table);
  g_free (self);
}

const DnnOnnxFunction *
dnn_onnx_functions_find (const DnnOnnxFunctions *self,
    const Onnx__NodeProto *proto, DnnWireSpan span)
{
  g_autofree gchar *overload = NULL;
  g_autofree gchar *key = NULL;

  if (g_hash_table_size (self->table) == 0)
    return NULL;
  overload = read_string (span, NODE_OVERLOAD);
  key = make_key (proto->domain, proto->op_type, overload);
  return g_hash_table_lookup (self->table, key);
}

gint64
dnn_onnx_function_get_opset (const DnnOnnxFunction *self)
{
  return self->opset;
}

const GArray *
dnn_onnx_function_get_nodes (const DnnOnnxFunction *self)
{
  return self->nodes;
}

static guint count_function (const DnnOnnxFunctions *self,
    const DnnOnnxFunction *function, guint limit, guint depth);

/* What a node of a function stands for: itself, or all of what it calls. */
static guint
count_node (
    const DnnOnnxFunctions *self, DnnWireSpan span, guint limit, guint depth)
{
  Onnx__NodeProto *proto = dnn_onnx_unpack_node (span);
  const DnnOnnxFunction *callee = proto
      ? dnn_onnx_functions_find (self, proto, span)
      : NULL;
  guint n = callee ? count_function (self, callee, limit, depth + 1) : 1;

  if (proto)
    onnx__node_proto__free_unpacked (proto, NULL);
  return n;
}

/* Deeper than calls may go nothing is counted: they are refused for that. */
static guint
count_function (const DnnOnnxFunctions *self, const DnnOnnxFunction *function,
    guint limit, guint depth)
{
  DnnOnnxFunction *own = (DnnOnnxFunction *) function;
  guint n = 1;

  if (own->is_counting || own->n_all > 0 || depth > DNN_ONNX_MAX_CALL_DEPTH)
    return MAX (own->n_all, 1);
  own->is_counting = TRUE;
  for (guint i = 0; i < own->nodes->len && n <= limit; i++)
    n += count_node (
        self, g_array_index (own->nodes, DnnWireSpan, i), limit, depth);
  own->is_counting = FALSE;
  own->n_all = MIN (n, limit + 1);
  return own->n_all;
}

guint
dnn_onnx_functions_count (
    const DnnOnnxFunctions *self, const DnnOnnxFunction *function, guint limit)
{
  return count_function (self, function, limit, 1);
}

/* ---- calls
 * -------------------------------------------------------------------------- */

static GPtrArray *
copy_names (gchar **names, gsize n)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (copy, g_strdup (names[i]));
  return copy;
}

DnnOnnxCall *
dnn_onnx_call_new (const DnnOnnxFunction *function, const DnnOnnxCall *caller,
    const Onnx__NodeProto *proto, DnnWireSpan span, const gchar *place)
{
  DnnOnnxCall *self = g_new0 (DnnOnnxCall, 1);

  self->function = function;
  self->caller = caller;
  self->place = g_strdup (place);
  self->depth = caller ? caller->depth + 1 : 1;
  self->inputs = copy_names (proto->input, proto->n_input);
  self->outputs = copy_names (proto->output, proto->n_output);
  self->attrs = read_attrs (span, NODE_ATTRIBUTE);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
dnn_onnx_call_free (DnnOnnxCall *self)
{
  if (!self)
    return;
  g_free (self->place);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->outputs);
  g_hash_table_unref (self->attrs);
  g_hash_table_unref (self->names);
  g_free (self);
}

const DnnOnnxFunction *
dnn_onnx_call_get_function (const DnnOnnxCall *self)
{
  return self->function;
}

const gchar *
dnn_onnx_call_get_place (const DnnOnnxCall *self)
{
  return self->place;
}

guint
dnn_onnx_call_get_depth (const DnnOnnxCall *self)
{
  return self->depth;
}

static const gchar *
get_name (const GPtrArray *names, guint idx)
{
  return idx < names->len ? names->pdata[idx] : "";
}

GPtrArray *
dnn_onnx_call_bind (DnnOnnxCall *self)
{
  const DnnOnnxFunction *function = self->function;
  GPtrArray *handed_on = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < function->inputs->len; i++)
    g_hash_table_insert (self->names, g_strdup (function->inputs->pdata[i]),
        g_strdup (get_name (self->inputs, i)));
  for (guint i = 0; i < function->outputs->len; i++) {
    const gchar *inside = function->outputs->pdata[i];
    const gchar *outside = get_name (self->outputs, i);
    if (!*outside)
      continue;
    if (g_hash_table_contains (self->names, inside)) {
      g_ptr_array_add (
          handed_on, g_strdup (g_hash_table_lookup (self->names, inside)));
      g_ptr_array_add (handed_on, g_strdup (outside));
      continue;
    }
    g_hash_table_insert (self->names, g_strdup (inside), g_strdup (outside));
  }
  return handed_on;
}

static void
rename_one (DnnOnnxCall *self, gchar **name, DnnOnnxNameFunc make_name,
    gpointer user_data)
{
  const gchar *known;

  if (!**name)
    return;
  known = g_hash_table_lookup (self->names, *name);
  if (!known) {
    g_autofree gchar *base = g_strdup_printf ("%s/%s", self->place, *name);
    gchar *made = make_name (base, user_data);
    g_hash_table_insert (self->names, g_strdup (*name), made);
    known = made;
  }
  g_free (*name);
  *name = g_strdup (known);
}

void
dnn_onnx_call_rename (DnnOnnxCall *self, Onnx__NodeProto *proto,
    DnnOnnxNameFunc make_name, gpointer user_data)
{
  const gchar *own = proto->name && *proto->name ? proto->name : proto->op_type;
  gchar *name = g_strdup_printf ("%s/%s", self->place, own ? own : "");

  if (proto->name && proto->name != protobuf_c_empty_string)
    g_free (proto->name);
  proto->name = name;
  for (gsize i = 0; i < proto->n_input; i++)
    rename_one (self, &proto->input[i], make_name, user_data);
  for (gsize i = 0; i < proto->n_output; i++)
    rename_one (self, &proto->output[i], make_name, user_data);
}
