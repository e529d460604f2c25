/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sequences inside a graph, as far as positions are constant: each is the list
 * of its tensors, and the operators that make and read it become none, Split,
 * Concat or Identity. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

/* How many tensors a sequence may have. */
#define MAX_LENGTH DNN_MAX_NODE_INPUTS

typedef struct
{
  DnnUpgrade *upgrade;
  GHashTable *lists; /* DnnValue * → GPtrArray of DnnValue * */
  GPtrArray *orphans; /* sequences whose node makes tensors now */
} Sequences;

typedef gboolean (*RewriteFunc) (
    Sequences *self, DnnNode *node, GError **error);

static GPtrArray *
find_list (Sequences *self, const DnnNode *node)
{
  DnnValue *value = dnn_upgrade_get_input (node, 0);

  return value ? g_hash_table_lookup (self->lists, value) : NULL;
}

static gboolean
need_list (
    Sequences *self, const DnnNode *node, GPtrArray **list, GError **error)
{
  *list = find_list (self, node);
  if (*list)
    return TRUE;
  return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_UNSUPPORTED,
      "its sequence isn't made in this graph by operators on tensors");
}

/* The node is gone; its result is @list from now on. */
static gboolean
become_list (Sequences *self, DnnNode *node, GPtrArray *list, GError **error)
{
  DnnValue *result = node->outputs->pdata[0];

  g_hash_table_insert (self->lists, result, list);
  if (list->len > MAX_LENGTH)
    return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_LIMIT,
        "a sequence of %u tensors; at most %d are supported", list->len,
        MAX_LENGTH);
  if (!dnn_graph_is_output (self->upgrade->graph, result))
    return TRUE;
  return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_UNSUPPORTED,
      "the output \"%s\" of the model is a sequence, which is not supported",
      result->name);
}

/* Input @idx, a constant from -@n to @n - 1, or, where @end, to @n; or
 * @absent. */
static gboolean
read_position (Sequences *self, const DnnNode *node, guint idx, guint n,
    gboolean end, guint absent, guint *position, GError **error)
{
  const DnnValue *value = dnn_upgrade_get_input (node, idx);
  gint64 given;

  *position = absent;
  if (!value)
    return TRUE;
  if (!value->tensor || dnn_tensor_get_size (value->tensor) == 0)
    return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_UNSUPPORTED,
        "the position in its sequence isn't constant");
  given = (gint64) dnn_type_get (
      value->type, dnn_tensor_get_data (value->tensor), 0);
  if (given < -(gint64) n || given >= (gint64) n + (end ? 1 : 0))
    return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_VALUE,
        "the position is %" G_GINT64_FORMAT ", expected -%u to %d", given, n,
        (gint) n - (end ? 0 : 1));
  *position = (guint) (given < 0 ? given + n : given);
  return TRUE;
}

static gboolean
construct (Sequences *self, DnnNode *node, GError **error)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < node->n_formal; i++)
    if (node->inputs->pdata[i])
      g_ptr_array_add (list, node->inputs->pdata[i]);
  return become_list (self, node, list, error);
}

static gboolean
insert (Sequences *self, DnnNode *node, GError **error)
{
  DnnValue *value = dnn_upgrade_get_input (node, 1);
  GPtrArray *list;
  guint position;

  if (!need_list (self, node, &list, error) ||
      !read_position (
          self, node, 2, list->len, TRUE, list->len, &position, error))
    return FALSE;
  if (!value)
    return dnn_upgrade_error (
        self->upgrade, node, error, DNN_ERROR_GRAPH, "input 1 is required");
  list = g_ptr_array_copy (list, NULL, NULL);
  g_ptr_array_insert (list, (gint) position, value);
  return become_list (self, node, list, error);
}

static gboolean
erase (Sequences *self, DnnNode *node, GError **error)
{
  GPtrArray *list;
  guint position;

  if (!need_list (self, node, &list, error) ||
      !read_position (
          self, node, 1, list->len, FALSE, list->len - 1, &position, error))
    return FALSE;
  if (list->len == 0)
    return dnn_upgrade_error (
        self->upgrade, node, error, DNN_ERROR_VALUE, "its sequence is empty");
  list = g_ptr_array_copy (list, NULL, NULL);
  g_ptr_array_remove_index (list, position);
  return become_list (self, node, list, error);
}

static void
become_identity (DnnNode *node, DnnValue *value)
{
  dnn_upgrade_trim_inputs (node, 1);
  node->inputs->pdata[0] = value;
  dnn_upgrade_set_op (node, "Identity");
}

static gboolean
at (Sequences *self, DnnNode *node, GError **error)
{
  GPtrArray *list;
  guint position;

  if (!need_list (self, node, &list, error) ||
      !read_position (
          self, node, 1, list->len, FALSE, list->len, &position, error))
    return FALSE;
  if (position >= list->len)
    return dnn_upgrade_error (
        self->upgrade, node, error, DNN_ERROR_GRAPH, "input 1 is required");
  become_identity (node, list->pdata[position]);
  return TRUE;
}

static gboolean
length (Sequences *self, DnnNode *node, GError **error)
{
  GPtrArray *list;

  if (!need_list (self, node, &list, error))
    return FALSE;
  become_identity (node,
      dnn_upgrade_add_scalar (
          self->upgrade, node, "length", DNN_TYPE_INT64, list->len));
  return TRUE;
}

/* A new axis makes each tensor a slice. */
static gboolean
concat (Sequences *self, DnnNode *node, GError **error)
{
  gint64 axis = 0, is_new = 0;
  GPtrArray *list;

  if (!need_list (self, node, &list, error) ||
      !dnn_upgrade_get_int (self->upgrade, node, "axis", &axis, error) ||
      !dnn_upgrade_get_int (self->upgrade, node, "new_axis", &is_new, error))
    return FALSE;
  if (list->len == 0)
    return dnn_upgrade_error (
        self->upgrade, node, error, DNN_ERROR_VALUE, "its sequence is empty");
  dnn_attrs_remove (node->attrs, "new_axis");
  dnn_upgrade_trim_inputs (node, 0);
  for (guint i = 0; i < list->len; i++) {
    dnn_node_add_input (node, list->pdata[i]);
    if (is_new)
      dnn_node_add_input (
          dnn_upgrade_insert_node (self->upgrade, node, i, "Unsqueeze"),
          dnn_upgrade_add_ints (self->upgrade, node, "axis", &axis, 1));
  }
  dnn_upgrade_set_op (node, "Concat");
  return TRUE;
}

/* Into how many parts, and of which sizes if they aren't equal: by input 1, a
 * list or one size, or one element each. */
static gboolean
count_parts (Sequences *self, DnnNode *node, gint64 axis, gint64 *n,
    gint64 *size, GError **error)
{
  const DnnValue *x = node->inputs->pdata[0];
  const DnnValue *split = dnn_upgrade_get_input (node, 1);
  gint64 dim = DNN_DIM_OPEN;

  *size = 1;
  *n = 0;
  if (split && split->shape.rank == 1 && split->shape.dims[0] >= 0) {
    *n = split->shape.dims[0];
    return TRUE;
  }
  if (split && split->tensor && split->shape.rank == 0)
    *size = (gint64) dnn_type_get (
        split->type, dnn_tensor_get_data (split->tensor), 0);
  if (axis >= -x->shape.rank && axis < x->shape.rank)
    dim = x->shape.dims[axis < 0 ? axis + x->shape.rank : axis];
  if ((split && !split->tensor) || dim < 0 || *size < 1)
    return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_UNSUPPORTED,
        "how many parts it makes isn't known");
  *n = (dim + *size - 1) / *size;
  return TRUE;
}

/* As many results, in place of the sequence. */
static GPtrArray *
add_parts (Sequences *self, DnnNode *node, gint64 n)
{
  DnnGraph *graph = self->upgrade->graph;
  GPtrArray *list = g_ptr_array_new ();

  g_ptr_array_set_size (node->outputs, 0);
  for (gint64 i = 0; i < n; i++) {
    g_autofree gchar *base = g_strdup_printf (
        "%s.%" G_GINT64_FORMAT, node->name, i);
    g_autofree gchar *name = dnn_graph_unique_name (graph, base);
    g_ptr_array_add (list, dnn_graph_add_result (graph, node, name));
  }
  return list;
}

/* Every size but the last is @size. */
static void
set_sizes (Sequences *self, DnnNode *node, gint64 n, gint64 size, gint64 axis)
{
  const DnnValue *x = node->inputs->pdata[0];
  gint64 dim = x->shape.dims[axis < 0 ? axis + x->shape.rank : axis];
  g_autofree gint64 *sizes = g_new (gint64, n);

  for (gint64 i = 0; i < n; i++)
    sizes[i] = MIN (size, dim - i * size);
  dnn_upgrade_set_input (node, 1,
      dnn_upgrade_add_ints (self->upgrade, node, "split", sizes, (guint) n));
}

static void
squeeze_parts (Sequences *self, GPtrArray *list, gint64 axis)
{
  for (guint i = 0; i < list->len; i++) {
    DnnNode *node = dnn_upgrade_append_node (
        self->upgrade, list->pdata[i], "Squeeze");
    dnn_node_add_input (
        node, dnn_upgrade_add_ints (self->upgrade, node, "axis", &axis, 1));
    list->pdata[i] = node->outputs->pdata[0];
  }
}

static gboolean
split (Sequences *self, DnnNode *node, GError **error)
{
  const DnnValue *given = dnn_upgrade_get_input (node, 1);
  DnnValue *result = node->outputs->pdata[0];
  gint64 axis = 0, keeps = 1, n, size;
  GPtrArray *list;

  if (!dnn_upgrade_get_int (self->upgrade, node, "axis", &axis, error) ||
      !dnn_upgrade_get_int (self->upgrade, node, "keepdims", &keeps, error) ||
      !count_parts (self, node, axis, &n, &size, error))
    return FALSE;
  if (n < 1 || n > MAX_LENGTH)
    return dnn_upgrade_error (self->upgrade, node, error, DNN_ERROR_LIMIT,
        "a sequence of %" G_GINT64_FORMAT
        " tensors; 1 to %d are supported here",
        n, MAX_LENGTH);
  if (!become_list (self, node, g_ptr_array_new (), error))
    return FALSE;
  result->producer = NULL;
  g_ptr_array_add (self->orphans, result);
  list = add_parts (self, node, n);
  if (!given || given->shape.rank == 0)
    set_sizes (self, node, n, size, axis);
  dnn_attrs_remove (node->attrs, "keepdims");
  dnn_upgrade_set_op (node, "Split");
  if (!given && !keeps)
    squeeze_parts (self, list, axis);
  g_hash_table_insert (self->lists, result, list);
  return TRUE;
}

static const struct
{
  const gchar *op;
  RewriteFunc rewrite;
  gboolean is_list; /* nothing is left of the node */
} rows[] = {
  { "ConcatFromSequence", concat, FALSE },
  { "SequenceAt", at, FALSE },
  { "SequenceConstruct", construct, TRUE },
  { "SequenceEmpty", construct, TRUE },
  { "SequenceErase", erase, TRUE },
  { "SequenceInsert", insert, TRUE },
  { "SequenceLength", length, FALSE },
  { "SplitToSequence", split, FALSE },
};

gboolean
dnn_upgrade_is_of_sequences (const gchar *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].op, op) == 0)
      return TRUE;
  return FALSE;
}

/* A sequence that anything else reads. */
static gboolean
check_inputs (Sequences *self, const DnnNode *node, GError **error)
{
  for (guint i = 0; i < node->inputs->len; i++)
    if (node->inputs->pdata[i] &&
        g_hash_table_contains (self->lists, node->inputs->pdata[i]))
      return dnn_upgrade_error (self->upgrade, node, error,
          DNN_ERROR_UNSUPPORTED,
          "input %u is a sequence, which this operator doesn't take here", i);
  return TRUE;
}

static gboolean
rewrite_node (Sequences *self, DnnNode *node, GPtrArray *gone, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (strcmp (rows[i].op, node->op) != 0)
      continue;
    if (!rows[i].rewrite (self, node, error))
      return FALSE;
    if (rows[i].is_list)
      g_ptr_array_add (gone, node);
    return TRUE;
  }
  return check_inputs (self, node, error);
}

static gboolean
has_sequences (DnnGraph *graph)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (dnn_upgrade_is_of_sequences (((DnnNode *) graph->nodes->pdata[i])->op))
      return TRUE;
  return FALSE;
}

/* Lists themselves are no values of the graph any more. */
static void
remove_lists (Sequences *self, GPtrArray *gone)
{
  DnnGraph *graph = self->upgrade->graph;

  for (guint i = gone->len; i > 0; i--)
    dnn_graph_remove_node (graph, gone->pdata[i - 1]);
  for (guint i = 0; i < self->orphans->len; i++)
    dnn_graph_remove_value (graph, self->orphans->pdata[i]);
}

gboolean
dnn_upgrade_sequences (DnnUpgrade *upgrade, GError **error)
{
  g_autoptr (GHashTable) lists = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  g_autoptr (GPtrArray) orphans = g_ptr_array_new ();
  g_autoptr (GPtrArray) nodes = NULL;
  Sequences self = { upgrade, lists, orphans };

  if (!has_sequences (upgrade->graph))
    return TRUE;
  nodes = g_ptr_array_copy (upgrade->graph->nodes, NULL, NULL);
  g_ptr_array_set_free_func (nodes, NULL);
  for (guint i = 0; i < nodes->len; i++)
    if (!rewrite_node (&self, nodes->pdata[i], gone, error))
      return FALSE;
  remove_lists (&self, gone);
  return dnn_graph_sort (upgrade->graph, error);
}
