/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ValueInfoProtos of results → types and shapes beside those that inference
 * finds, which count. Next: dnn-compile.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-declared.h"

/* How many of them one message tells. */
#define MAX_TOLD 4

#define KEY "dnn-onnx-declared"

/* One result as the model says it. */
typedef struct
{
  gchar *name;
  DnnType type;
  DnnShape shape; /* rank -1 while unknown */
} Declared;

static void
clear_declared (gpointer data)
{
  g_free (((Declared *) data)->name);
}

static void
read_shape (const Onnx__TensorShapeProto *proto, DnnShape *shape)
{
  shape->rank = -1;
  if (!proto || proto->n_dim > DNN_MAX_RANK)
    return;
  shape->rank = (gint) proto->n_dim;
  for (gint i = 0; i < shape->rank; i++) {
    const Onnx__TensorShapeProto__Dimension *dim = proto->dim[i];
    gboolean is_known = dim->value_case ==
            ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
        dim->dim_value >= 0;
    shape->dims[i] = is_known ? dim->dim_value : DNN_DIM_OPEN;
  }
}

static void
add (GArray *list, const Onnx__ValueInfoProto *proto)
{
  Declared declared = { NULL };

  if (!proto || !proto->name || !proto->type ||
      proto->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
    return;
  declared.name = g_strdup (proto->name);
  declared.type = dnn_onnx_type_to_dnn (proto->type->tensor_type->elem_type);
  read_shape (proto->type->tensor_type->shape, &declared.shape);
  g_array_append_val (list, declared);
}

void
dnn_onnx_keep_declared (DnnGraph *graph, const DnnOnnxModel *model)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Declared));

  g_array_set_clear_func (list, clear_declared);
  for (gsize i = 0; i < model->graph->n_output; i++)
    add (list, model->graph->output[i]);
  for (guint i = 0; i < model->value_infos->len; i++) {
    DnnWireSpan span = g_array_index (model->value_infos, DnnWireSpan, i);
    Onnx__ValueInfoProto *proto = (Onnx__ValueInfoProto *) dnn_wire_unpack (
        span, &onnx__value_info_proto__descriptor, NULL, 0);
    add (list, proto);
    if (proto)
      onnx__value_info_proto__free_unpacked (proto, NULL);
  }
  g_object_set_data_full (
      G_OBJECT (graph), KEY, list, (GDestroyNotify) g_array_unref);
}

static gboolean
is_as_declared (const DnnValue *value, const Declared *declared)
{
  gboolean types = value->type != DNN_TYPE_INVALID &&
      declared->type != DNN_TYPE_INVALID;

  return !(types && value->type != declared->type) &&
      (value->shape.rank < 0 || declared->shape.rank < 0 ||
          dnn_shape_compatible (&value->shape, &declared->shape));
}

static void
describe (GString *text, const DnnValue *value, const Declared *declared)
{
  g_autofree gchar *own = dnn_shape_to_string (&value->shape);
  g_autofree gchar *said = dnn_shape_to_string (&declared->shape);

  g_string_append_printf (text, "%s\"%s\" is %s %s, not %s %s",
      text->len > 0 ? "; " : "", value->name, dnn_type_name (value->type), own,
      dnn_type_name (declared->type), said);
}

gchar *
dnn_onnx_tell_declared (DnnGraph *graph)
{
  const GArray *list = g_object_get_data (G_OBJECT (graph), KEY);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; list && i < list->len; i++) {
    const Declared *declared = &g_array_index (list, Declared, i);
    const DnnValue *value = dnn_graph_find_value (graph, declared->name);
    if (!value || value->kind != DNN_VALUE_RESULT ||
        is_as_declared (value, declared))
      continue;
    if (n++ < MAX_TOLD)
      describe (text, value, declared);
  }
  g_object_set_data (G_OBJECT (graph), KEY, NULL);
  if (n == 0)
    return NULL;
  if (n > MAX_TOLD)
    g_string_append_printf (text, "; and %u more", n - MAX_TOLD);
  g_info ("%s: tensors are not as the model says: %s", graph->label, text->str);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
