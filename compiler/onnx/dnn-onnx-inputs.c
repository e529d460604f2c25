/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ValueInfoProtos of graph inputs → DnnValues with type, shape and names of
 * open dimensions, or with shapes that the user gives. Next: dnn-onnx-nodes.c.
 */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import-private.h"

#include "pipeline-core/base/dnn-hint.h"

#include <string.h>

/* What becomes of a batch that the model leaves open: the first dimension of
 * its inputs. */
typedef enum
{
  BATCH_BY_NAME, /* 1, where exporters call it a batch */
  BATCH_BY_PLACE, /* 1, whatever it is called */
  BATCH_OPEN,
} Batch;

/* Names that exporters give the batch dimension. */
static gboolean
is_batch_name (const gchar *name)
{
  static const gchar *const words[] = { "n", "b", "bs", "batch", NULL };
  g_autofree gchar *lower = g_ascii_strdown (name, -1);

  return g_strv_contains (words, lower) || strstr (lower, "batch") != NULL;
}

/* Names of what is as long as its data, wherever it stands. */
static gboolean
is_length_name (const gchar *name)
{
  static const gchar *const words[] = { "seq", "time", "len", "frame", "step",
    "token", "sample", "height", "width" };
  static const gchar *const letters[] = { "t", "l", "s", "h", "w", NULL };
  g_autofree gchar *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]))
      return TRUE;
  return g_strv_contains (letters, lower);
}

static const Onnx__TensorShapeProto *
get_shape (const Onnx__ValueInfoProto *proto)
{
  return proto->type &&
          proto->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE
      ? proto->type->tensor_type->shape
      : NULL;
}

static gboolean
is_open (const Onnx__TensorShapeProto__Dimension *dim)
{
  return dim->value_case !=
      ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE ||
      dim->dim_value < 0;
}

static const gchar *
get_name (const Onnx__TensorShapeProto__Dimension *dim)
{
  return dim->value_case ==
              ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM &&
          dim->dim_param
      ? dim->dim_param
      : "";
}

/* The first of three dimensions or more, open, and not called a length. */
static gboolean
begins_with_batch (const Onnx__TensorShapeProto *shape)
{
  return shape->n_dim >= 3 && is_open (shape->dim[0]) &&
      !is_length_name (get_name (shape->dim[0]));
}

/* TRUE: the batch, which the model leaves open, is 1. */
static gboolean
read_dims (const Onnx__TensorShapeProto *proto, Batch batch, DnnShape *shape,
    gchar **names)
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
    if (i == 0 && batch != BATCH_OPEN && is_open (dim) &&
        (is_batch_name (name) ||
            (batch == BATCH_BY_PLACE && begins_with_batch (proto)))) {
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
    if (value->shape.rank > 0 && value->shape.dims[0] < 0 &&
        (value->shape.rank >= 3 ||
            (value->dim_names && is_batch_name (value->dim_names[0]))))
      return TRUE;
  }
  return FALSE;
}

static DnnValue *
import_input (DnnOnnxFile *file, DnnGraph *graph,
    const Onnx__ValueInfoProto *proto, const DnnShape *override, Batch batch,
    GError **error)
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
  if (tensor->shape && read_dims (tensor->shape, batch, &shape, names) &&
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

/* ---- all of them
 */

/* Old exporters list the initialisers among the inputs. */
static gboolean
is_param (DnnOnnxImport *self, const gchar *name)
{
  const DnnValue *value = name ? g_hash_table_lookup (self->values, name)
                               : NULL;

  return value && value->kind == DNN_VALUE_PARAM;
}

static gboolean
has_one_input (DnnOnnxImport *self)
{
  const Onnx__GraphProto *graph = self->model->graph;
  guint n = 0;

  for (gsize i = 0; i < graph->n_input; i++)
    n += !is_param (self, graph->input[i]->name);
  return n == 1;
}

/* By name; one without a name is that of the only input. */
static const DnnShape *
find_shape (DnnOnnxImport *self, const gchar *name)
{
  const DnnShape *shape = g_hash_table_lookup (self->shapes, name);

  if (shape == NULL && has_one_input (self))
    shape = g_hash_table_lookup (self->shapes, "");
  return shape;
}

/* All inputs with open dimensions begin with one that may be the batch, and
 * some output still does, as far as the model says. */
static gboolean
has_batch_by_place (DnnOnnxImport *self)
{
  const Onnx__GraphProto *graph = self->model->graph;
  gboolean is_input = FALSE, is_output = FALSE;

  for (gsize i = 0; i < graph->n_input; i++) {
    const Onnx__TensorShapeProto *shape = get_shape (graph->input[i]);
    gboolean any = FALSE;
    if (is_param (self, graph->input[i]->name))
      continue;
    for (gsize j = 0; shape && j < shape->n_dim; j++)
      any |= is_open (shape->dim[j]);
    if (any && !begins_with_batch (shape))
      return FALSE;
    is_input |= any;
  }
  for (gsize i = 0; i < graph->n_output; i++) {
    const Onnx__TensorShapeProto *shape = get_shape (graph->output[i]);
    is_output |= !shape || (shape->n_dim > 0 && is_open (shape->dim[0]));
  }
  return is_input && is_output;
}

static gboolean
add_input (
    DnnOnnxImport *self, const Onnx__ValueInfoProto *proto, GError **error)
{
  Batch batch = self->keeps_batch ? BATCH_OPEN
      : has_batch_by_place (self) ? BATCH_BY_PLACE
                                  : BATCH_BY_NAME;
  DnnValue *value;

  if (!dnn_onnx_check_new_name (self, proto->name, "input", error))
    return FALSE;
  value = import_input (self->model->file, self->graph, proto,
      find_shape (self, proto->name), batch, error);
  if (!value)
    return FALSE;
  dnn_onnx_add_value (self, value);
  return TRUE;
}

gboolean
dnn_onnx_add_inputs (DnnOnnxImport *self, GError **error)
{
  const Onnx__GraphProto *graph = self->model->graph;

  for (gsize i = 0; i < graph->n_input; i++) {
    const Onnx__ValueInfoProto *proto = graph->input[i];
    if (is_param (self, proto->name))
      continue;
    if (!dnn_onnx_reasons_take (
            self->reasons, add_input (self, proto, error), error))
      return FALSE;
  }
  return TRUE;
}

/* Shapes given for inputs that the model doesn't have. */
gboolean
dnn_onnx_check_shapes (DnnOnnxImport *self, GError **error)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->shapes);
  while (g_hash_table_iter_next (&iter, &name, NULL)) {
    const DnnValue *value = g_hash_table_lookup (self->values, name);
    if (*(const gchar *) name == '\0' && has_one_input (self))
      continue;
    if (!value || value->kind != DNN_VALUE_INPUT) {
      g_autoptr (GPtrArray) names = dnn_onnx_list_names (self->graph->inputs);
      g_autofree gchar *hint = dnn_hint_names ("inputs", name, names);
      if (*(const gchar *) name == '\0')
        return dnn_onnx_fail (self, error, DNN_ERROR_VALUE,
            "a shape is given without a name, but the model has %u inputs; "
            "\"NAME=1,3,224,224\" was expected%s",
            names->len, hint);
      return dnn_onnx_fail (self, error, DNN_ERROR_UNKNOWN_NAME,
          "a shape is given for \"%s\", which is no input of the model%s",
          (const gchar *) name, hint);
    }
  }
  return TRUE;
}

/* "NAME=1,3,224,224", or "1,3,224,224" for an only input, kept under ""; names
 * may have a "=" too. */
gboolean
dnn_onnx_parse_shapes (
    DnnOnnxImport *self, const gchar *const *shapes, GError **error)
{
  for (; shapes && *shapes; shapes++) {
    const gchar *sign = strrchr (*shapes, '=');
    DnnShape shape;
    if (sign == *shapes || !dnn_shape_parse (sign ? sign + 1 : *shapes, &shape))
      return dnn_onnx_fail (self, error, DNN_ERROR_VALUE,
          "the shape \"%s\" is not of the form NAME=1,3,224,224, or "
          "1,3,224,224 for an only input",
          *shapes);
    g_hash_table_insert (self->shapes,
        sign ? g_strndup (*shapes, sign - *shapes) : g_strdup (""),
        g_memdup2 (&shape, sizeof shape));
  }
  return TRUE;
}
