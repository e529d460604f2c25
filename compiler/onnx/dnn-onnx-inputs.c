/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ValueInfoProto of a graph input → DnnValue with type, shape and names of open
 * dimensions. Next: dnn-onnx-import.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import.h"

#include <string.h>

/* Names that exporters give the batch dimension. */
static gboolean
is_batch_name (const gchar *name)
{
  static const gchar *const words[] = { "n", "b", "bs", "batch", NULL };
  g_autofree gchar *lower = g_ascii_strdown (name, -1);

  return g_strv_contains (words, lower) || strstr (lower, "batch") != NULL;
}

/* TRUE: the batch, which the model leaves open, is 1. */
static gboolean
read_dims (const Onnx__TensorShapeProto *proto, gboolean keeps_batch,
    DnnShape *shape, gchar **names)
{
  gboolean is_fixed = FALSE;

  shape->rank = (gint) proto->n_dim;
  for (gint i = 0; i < shape->rank; i++) {
    const Onnx__TensorShapeProto__Dimension *dim = proto->dim[i];
    const gchar *name = "";
    shape->dims[i] = DNN_DIM_OPEN;
    if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE)
      shape->dims[i] = MAX (dim->dim_value, DNN_DIM_OPEN);
    else if (dim->value_case ==
            ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM &&
        dim->dim_param)
      name = dim->dim_param;
    if (i == 0 && !keeps_batch && is_batch_name (name)) {
      shape->dims[i] = 1;
      name = "";
      is_fixed = TRUE;
    }
    names[i] = g_strdup (name);
  }
  return is_fixed;
}

static gboolean
has_names (gchar **names)
{
  for (; *names; names++)
    if (**names)
      return TRUE;
  return FALSE;
}

static DnnValue *
fail (DnnOnnxFile *file, const gchar *name, GError **error, DnnError code,
    const gchar *text)
{
  g_set_error (
      error, DNN_ERROR, code, "%s: input \"%s\": %s", file->path, name, text);
  return NULL;
}

/* The shape given instead must have the model's rank. */
static gboolean
apply_override (DnnOnnxFile *file, const gchar *name, const DnnShape *override,
    DnnShape *shape, gchar **names, GError **error)
{
  if (shape->rank >= 0 && shape->rank != override->rank) {
    g_autofree gchar *given = dnn_shape_to_string (override);
    g_autofree gchar *own = dnn_shape_to_string (shape);
    g_autofree gchar *text = g_strdup_printf (
        "the shape given is %s, the model's is %s", given, own);
    fail (file, name, error, DNN_ERROR_SHAPE, text);
    return FALSE;
  }
  *shape = *override;
  for (gint i = 0; i < shape->rank; i++) {
    gboolean keeps = names[i] && shape->dims[i] < 0;
    if (!keeps) {
      g_free (names[i]);
      names[i] = g_strdup ("");
    }
  }
  return TRUE;
}

gboolean
dnn_onnx_has_open_batch (const DnnGraph *graph)
{
  for (guint i = 0; i < graph->inputs->len; i++) {
    const DnnValue *value = graph->inputs->pdata[i];
    if (value->dim_names && value->shape.rank > 0 && value->shape.dims[0] < 0 &&
        is_batch_name (value->dim_names[0]))
      return TRUE;
  }
  return FALSE;
}

DnnValue *
dnn_onnx_import_input (DnnOnnxFile *file, DnnGraph *graph,
    const Onnx__ValueInfoProto *proto, const DnnShape *override,
    gboolean keeps_batch, GError **error)
{
  const gchar *name = proto->name ? proto->name : "";
  const Onnx__TypeProto__Tensor *tensor;
  g_auto (GStrv) names = g_new0 (gchar *, DNN_MAX_RANK + 1);
  DnnShape shape = { .rank = -1 };
  DnnValue *value;
  DnnType type;

  if (!proto->type ||
      proto->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
    return fail (file, name, error, DNN_ERROR_UNSUPPORTED,
        "it is no tensor; sequences, maps and optionals are not supported");
  tensor = proto->type->tensor_type;
  type = dnn_onnx_type_to_dnn (tensor->elem_type);
  if (type == DNN_TYPE_INVALID) {
    g_autofree gchar *text = g_strdup_printf (
        "data type %d (%s) is not supported", tensor->elem_type,
        dnn_onnx_type_name (tensor->elem_type));
    return fail (file, name, error, DNN_ERROR_UNSUPPORTED, text);
  }
  if (tensor->shape && tensor->shape->n_dim > DNN_MAX_RANK) {
    g_autofree gchar *text = g_strdup_printf (
        "%" G_GSIZE_FORMAT " dimensions; at most %d are supported",
        tensor->shape->n_dim, DNN_MAX_RANK);
    return fail (file, name, error, DNN_ERROR_LIMIT, text);
  }
  if (tensor->shape && read_dims (tensor->shape, keeps_batch, &shape, names) &&
      !override)
    g_info ("%s: input \"%s\": the batch, which the model leaves open, is 1; "
            "another needs a shape",
        file->path, name);
  if (override && !apply_override (file, name, override, &shape, names, error))
    return NULL;
  value = dnn_graph_add_input (graph, name, type, &shape);
  if (has_names (names))
    value->dim_names = g_steal_pointer (&names);
  return value;
}
