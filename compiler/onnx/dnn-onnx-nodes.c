/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NodeProtos → nodes of the graph, constants → params, calls of the model's
 * functions → the nodes that stand in those. Next: dnn-upgrade.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import-private.h"

#include "compiler/upgrade/dnn-upgrade.h"
#include "pipeline-core/base/dnn-hint.h"

/* One node of the file, at work. */
typedef struct
{
  DnnWireSpan span;
  Onnx__NodeProto *proto;
  const DnnOnnxCall *call; /* (nullable): it stands in that function */
} Source;

/* ONNX's name; those without are called like their first output. */
static gchar *
make_node_name (DnnOnnxImport *self, const Onnx__NodeProto *proto)
{
  const gchar *base = proto->name && *proto->name ? proto->name
      : proto->n_output > 0 && *proto->output[0]  ? proto->output[0]
                                                  : proto->op_type;
  gchar *name;

  if (*self->prefix && *base == '/')
    base++;
  name = g_strconcat (self->prefix, base, NULL);
  for (guint n = 1; !g_hash_table_add (self->node_names, g_strdup (name));
       n++) {
    g_free (name);
    name = g_strdup_printf ("%s%s_%u", self->prefix, base, n);
  }
  return name;
}

static gboolean
add_constant (DnnOnnxImport *self, const Source *source, GError **error)
{
  const Onnx__NodeProto *proto = source->proto;
  const gchar *output = proto->n_output > 0 ? proto->output[0] : NULL;
  g_autoptr (DnnTensor) tensor = NULL;
  g_autoptr (GError) local = NULL;

  if (!dnn_onnx_check_new_name (self, output, "output of Constant", error))
    return FALSE;
  tensor = dnn_onnx_import_constant (self->model->file, source->span,
      proto->name && *proto->name ? proto->name : output, source->call, &local);
  if (g_error_matches (local, DNN_ERROR, DNN_ERROR_UNSUPPORTED)) {
    dnn_onnx_refuse (self, output, &local);
    return TRUE;
  }
  if (!tensor) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  dnn_onnx_add_value (self, dnn_graph_add_param (self->graph, output, tensor));
  return TRUE;
}

static gchar *
make_op_name (const Onnx__NodeProto *proto)
{
  if (dnn_onnx_is_default_domain (proto->domain))
    return g_strdup (proto->op_type);
  return g_strdup_printf ("%s.%s", proto->domain, proto->op_type);
}

static gboolean
add_outputs_of (DnnOnnxImport *self, DnnNode *node,
    const Onnx__NodeProto *proto, GError **error)
{
  for (gsize i = 0; i < proto->n_output; i++) {
    g_autofree gchar *what = g_strdup_printf (
        "node \"%s\" (%s): output", node->name, node->op);
    if (!*proto->output[i]) {
      dnn_graph_add_result (self->graph, node, NULL);
      continue;
    }
    if (!dnn_onnx_check_new_name (self, proto->output[i], what, error))
      return FALSE;
    dnn_onnx_add_value (
        self, dnn_graph_add_result (self->graph, node, proto->output[i]));
  }
  return TRUE;
}

static gboolean
check_counts (DnnOnnxImport *self, const Onnx__NodeProto *proto, GError **error)
{
  gsize most = MAX (proto->n_input, proto->n_output);

  if (!proto->op_type || !*proto->op_type)
    return dnn_onnx_fail (self, error, DNN_ERROR_FORMAT,
        "node \"%s\" has no operator", proto->name ? proto->name : "");
  if (proto->n_output == 0)
    return dnn_onnx_fail (self, error, DNN_ERROR_GRAPH,
        "node \"%s\" (%s) has no output", proto->name ? proto->name : "",
        proto->op_type);
  if (most <= DNN_MAX_NODE_INPUTS)
    return TRUE;
  return dnn_onnx_fail (self, error, DNN_ERROR_LIMIT,
      "node \"%s\" has %" G_GSIZE_FORMAT
      " inputs or outputs; at most %d are supported",
      proto->name ? proto->name : "", most, DNN_MAX_NODE_INPUTS);
}

/* A node of an operator; its proto stays until inputs are connected. */
static gboolean
add_operator (DnnOnnxImport *self, const Source *source, const gchar *op,
    gboolean *kept, GError **error)
{
  g_autofree gchar *name = make_node_name (self, source->proto);
  DnnNode *node = dnn_graph_add_node (self->graph, name, op);
  gint64 opset = source->call
      ? dnn_onnx_function_get_opset (dnn_onnx_call_get_function (source->call))
      : 0;

  g_ptr_array_add (self->nodes, node);
  g_ptr_array_add (self->protos, source->proto);
  g_array_append_val (self->spans, source->span);
  *kept = TRUE;
  if (opset > 0 && opset != self->opset)
    g_hash_table_insert (self->opsets, node, GINT_TO_POINTER ((gint) opset));
  return dnn_onnx_reasons_take (self->reasons,
             dnn_onnx_import_attrs (
                 self->model->file, source->span, node, source->call, error),
             error) &&
      add_outputs_of (self, node, source->proto, error);
}

/* ---- functions
 * ------------------------------------------------------------------------ */

/* A name that no tensor has; it is one from now on, though none stands behind
 * it yet. */
static gchar *
make_value_name (const gchar *base, gpointer user_data)
{
  DnnOnnxImport *self = user_data;
  gchar *name = g_strdup (base);

  for (guint n = 1; g_hash_table_contains (self->values, name) ||
       !g_hash_table_add (self->reserved, g_strdup (name));
       n++) {
    g_free (name);
    name = g_strdup_printf ("%s_%u", base, n);
  }
  return name;
}

/* Nodes of functions and calls count too: functions can double what others
 * double. */
static gboolean
check_n_nodes (DnnOnnxImport *self, guint n, GError **error)
{
  guint total = self->nodes->len + self->calls->len + n;

  if (total <= DNN_MAX_NODES)
    return TRUE;
  return dnn_onnx_fail (self, error, DNN_ERROR_LIMIT,
      "%u nodes; at most %d are supported", total, DNN_MAX_NODES);
}

/* Its outputs are names of tensors already. */
static gboolean
add_call (DnnOnnxImport *self, const DnnOnnxFunction *function,
    const Source *source, GError **error)
{
  const Onnx__NodeProto *proto = source->proto;
  g_autofree gchar *place = make_node_name (self, proto);
  DnnOnnxCall *call;

  if (source->call &&
      dnn_onnx_call_get_depth (source->call) >= DNN_ONNX_MAX_CALL_DEPTH)
    return dnn_onnx_fail (self, error, DNN_ERROR_LIMIT,
        "node \"%s\" (%s): functions call each other more than %d deep", place,
        proto->op_type, DNN_ONNX_MAX_CALL_DEPTH);
  if (!check_n_nodes (self,
          dnn_onnx_functions_count (self->functions, function, DNN_MAX_NODES),
          error))
    return FALSE;
  for (gsize i = 0; i < proto->n_output; i++)
    if (*proto->output[i])
      g_hash_table_add (self->reserved, g_strdup (proto->output[i]));
  call = dnn_onnx_call_new (function, source->call, proto, source->span, place);
  g_ptr_array_add (self->calls, call);
  return TRUE;
}

/* A node that hands @from on as @to. */
static gboolean
add_identity (
    DnnOnnxImport *self, const gchar *from, const gchar *to, GError **error)
{
  Onnx__NodeProto *proto = g_new0 (Onnx__NodeProto, 1);
  Source source = { .proto = proto };
  gboolean kept = FALSE;

  onnx__node_proto__init (proto);
  proto->name = g_strdup (to);
  proto->op_type = g_strdup ("Identity");
  proto->n_input = proto->n_output = 1;
  proto->input = g_new0 (gchar *, 1);
  proto->output = g_new0 (gchar *, 1);
  proto->input[0] = g_strdup (from);
  proto->output[0] = g_strdup (to);
  return add_operator (self, &source, "Identity", &kept, error);
}

static void
note_operator (
    DnnOnnxImport *self, const gchar *op, const Onnx__NodeProto *proto)
{
  g_autofree gchar *name = make_node_name (self, proto);

  dnn_onnx_reasons_add_operator (self->reasons, op, name);
}

/* ---- all of them
 * -------------------------------------------------------------------------- */

static gboolean
add_node (
    DnnOnnxImport *self, const Source *source, gboolean *kept, GError **error)
{
  g_autofree gchar *op = NULL;
  const DnnOnnxFunction *function;

  if (!check_counts (self, source->proto, error))
    return FALSE;
  op = make_op_name (source->proto);
  if (g_str_equal (op, "Constant"))
    return add_constant (self, source, error);
  if (dnn_upgrade_knows (op))
    return add_operator (self, source, op, kept, error);
  function = dnn_onnx_functions_find (
      self->functions, source->proto, source->span);
  if (function)
    return add_call (self, function, source, error);
  note_operator (self, op, source->proto);
  return TRUE;
}

static gboolean
add_span (DnnOnnxImport *self, DnnWireSpan span, DnnOnnxCall *call, guint idx,
    GError **error)
{
  Source source = { span, dnn_onnx_unpack_node (span), call };
  gboolean kept = FALSE, ok;

  if (!source.proto)
    return dnn_onnx_fail (self, error, DNN_ERROR_FORMAT,
        "%s%snode %u is damaged", call ? dnn_onnx_call_get_place (call) : "",
        call ? ": " : "", idx);
  if (call)
    dnn_onnx_call_rename (call, source.proto, make_value_name, self);
  ok = add_node (self, &source, &kept, error);
  if (!kept)
    onnx__node_proto__free_unpacked (source.proto, NULL);
  return ok;
}

static gboolean
expand_call (DnnOnnxImport *self, DnnOnnxCall *call, GError **error)
{
  const GArray *nodes = dnn_onnx_function_get_nodes (
      dnn_onnx_call_get_function (call));
  g_autoptr (GPtrArray) handed_on = NULL;

  if (!check_n_nodes (self, nodes->len, error))
    return FALSE;
  handed_on = dnn_onnx_call_bind (call);
  for (guint i = 0; i < nodes->len; i++)
    if (!add_span (self, g_array_index (nodes, DnnWireSpan, i), call, i, error))
      return FALSE;
  for (guint i = 0; i < handed_on->len; i += 2)
    if (!add_identity (
            self, handed_on->pdata[i], handed_on->pdata[i + 1], error))
      return FALSE;
  return TRUE;
}

static void
note_one (DnnOnnxImport *self, const gchar *name)
{
  const gchar *text = name ? g_hash_table_lookup (self->refused, name) : NULL;

  if (text)
    dnn_onnx_reasons_add (self->reasons, text);
}

/* Constants that can't be, where something uses them. */
static void
note_refused (DnnOnnxImport *self)
{
  const Onnx__GraphProto *graph = self->model->graph;

  if (g_hash_table_size (self->refused) == 0)
    return;
  for (guint n = 0; n < self->protos->len; n++) {
    const Onnx__NodeProto *proto = self->protos->pdata[n];
    for (gsize i = 0; i < proto->n_input; i++)
      note_one (self, proto->input[i]);
  }
  for (gsize i = 0; i < graph->n_output; i++)
    note_one (self, graph->output[i]->name);
}

/* Calls come last, when all names of the graph are known; what they call may
 * call others. */
gboolean
dnn_onnx_add_nodes (DnnOnnxImport *self, GError **error)
{
  GArray *spans = self->model->nodes;

  if (!check_n_nodes (self, spans->len, error))
    return FALSE;
  for (guint i = 0; i < spans->len; i++)
    if (!add_span (self, g_array_index (spans, DnnWireSpan, i), NULL, i, error))
      return FALSE;
  for (guint i = 0; i < self->calls->len; i++)
    if (!expand_call (self, self->calls->pdata[i], error))
      return FALSE;
  note_refused (self);
  return dnn_onnx_reasons_check (self->reasons, self->opset, error);
}

/* ---- inputs
 * -------------------------------------------------------------------------- */

static gboolean
connect_node (DnnOnnxImport *self, DnnNode *node, const Onnx__NodeProto *proto,
    GError **error)
{
  gsize n = proto->n_input;

  while (n > 0 && !*proto->input[n - 1]) /* absent ones at the end */
    n--;
  for (gsize i = 0; i < n; i++) {
    const gchar *name = proto->input[i];
    DnnValue *value = *name ? dnn_onnx_find_value (self, name) : NULL;
    if (*name && !value) {
      g_autoptr (GPtrArray) names = dnn_onnx_list_names (self->graph->values);
      g_autofree gchar *hint = dnn_hint_names ("tensors", name, names);
      return dnn_onnx_fail (self, error, DNN_ERROR_GRAPH,
          "node \"%s\" (%s): input %" G_GSIZE_FORMAT
          " \"%s\" is no tensor of the graph%s",
          node->name, node->op, i, name, hint);
    }
    dnn_node_add_input (node, value);
  }
  return TRUE;
}

gboolean
dnn_onnx_connect_nodes (DnnOnnxImport *self, GError **error)
{
  for (guint i = 0; i < self->nodes->len; i++)
    if (!connect_node (
            self, self->nodes->pdata[i], self->protos->pdata[i], error) ||
        !dnn_onnx_add_subgraphs (self, self->nodes->pdata[i],
            g_array_index (self->spans, DnnWireSpan, i), error))
      return FALSE;
  return TRUE;
}
