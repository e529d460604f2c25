/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → graph JSON and, behind a line "%%", what its params and inputs hold →
 * a module, of fuzz-lib.c where its functions "f" or "g" are used, and, where
 * all its tensors are small, a plan that runs one frame. A graph that is read
 * is written and read back equal. */
#include "config.h"

#include "fuzz.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/infer/dnn-infer.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/plan/dnn-module-private.h"

#include <string.h>

/* What a graph may have to be run: kernels are not to be measured here. */
#define MAX_PARAM_BYTES 65536
#define MAX_ELEMENTS 4096
#define MAX_NODES 16
/* What an open dimension becomes. */
#define OPEN_DIM 3

typedef struct
{
  const guint8 *data;
  gsize size;
} Bytes;

/* A tensor of the next bytes, zeros behind the last. */
static DnnTensor *
take_tensor (Bytes *bytes, DnnType type, const DnnShape *shape)
{
  DnnTensor *tensor = dnn_tensor_new (type, shape);
  gsize n = MIN (bytes->size, dnn_tensor_get_size (tensor));

  if (n > 0)
    memcpy (dnn_tensor_get_writable_data (tensor), bytes->data, n);
  bytes->data += n;
  bytes->size -= n;
  return tensor;
}

/* Of the params file that would stand beside the graph. TVM's graphs don't say
 * which null nodes are params; it calls them p0, p1, … */
static gboolean
is_param (const DnnGraph *graph, const DnnValue *value)
{
  return value->kind == DNN_VALUE_PARAM ||
      (value->kind == DNN_VALUE_INPUT && graph->params_are_open &&
          value->name[0] == 'p');
}

static DnnParams *
make_params (const DnnGraph *graph, Bytes *bytes)
{
  DnnParams *params = dnn_params_new ();
  gint64 left = MAX_PARAM_BYTES;

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    gint64 n = dnn_shape_n_elements (&value->shape);
    g_autoptr (DnnTensor) tensor = NULL;
    if (!is_param (graph, value) || value->type == DNN_TYPE_INVALID || n < 0 ||
        n * 8 > left)
      continue;
    left -= n * 8;
    tensor = take_tensor (bytes, value->type, &value->shape);
    dnn_params_set (params, value->name, tensor);
  }
  return params;
}

static DnnShape *
choose_shapes (DnnModule *module)
{
  guint n = dnn_module_get_n_inputs (module);
  DnnShape *shapes = g_new0 (DnnShape, MAX (n, 1));

  for (guint i = 0; i < n; i++) {
    shapes[i] = *dnn_module_get_input_shape (module, i);
    shapes[i].rank = MAX (shapes[i].rank, 0);
    for (gint j = 0; j < shapes[i].rank; j++)
      if (shapes[i].dims[j] < 0)
        shapes[i].dims[j] = OPEN_DIM;
  }
  return shapes;
}

static gboolean
is_small (DnnModule *module, const DnnShape *inputs)
{
  DnnGraph *graph = dnn_module_get_graph (module);
  g_autoptr (DnnInference) inference = dnn_infer_graph_of_library (graph,
      dnn_module_get_library (module), inputs, NULL, DNN_INFER_KNOWN, NULL);
  gint64 left = MAX_ELEMENTS;

  if (!inference || graph->nodes->len > MAX_NODES)
    return FALSE;
  for (guint i = 0; i < graph->values->len; i++) {
    gint64 n = dnn_shape_n_elements (&inference->values[i].shape);
    if (n < 0 || n > left)
      return FALSE;
    left -= n;
  }
  return TRUE;
}

static void
run (DnnModule *module, DnnInstance *instance, const DnnShape *shapes,
    Bytes *bytes)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  guint n = dnn_module_get_n_inputs (module);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (tensors,
        take_tensor (bytes, dnn_module_get_input_type (module, i), &shapes[i]));
  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++)
    g_ptr_array_add (tensors,
        dnn_tensor_new (dnn_module_get_output_type (module, i),
            dnn_instance_get_output_shape (instance, i)));
  for (guint i = 0; i < tensors->len; i++)
    g_ptr_array_add (
        addresses, dnn_tensor_get_writable_data (tensors->pdata[i]));
  g_ptr_array_add (addresses, NULL);
  g_assert_true (
      dnn_instance_run (instance, (gconstpointer const *) addresses->pdata,
          addresses->pdata + n, &error) == (error == NULL));
}

/* The same params again, packed while the instance is there; refused where the
 * plan was made from their values. */
static gboolean
set_params (DnnInstance *instance, DnnParams *params)
{
  g_autoptr (GError) error = NULL;
  gboolean done = dnn_instance_set_params (instance, params, &error);

  g_assert_true (done == (error == NULL));
  return done;
}

/* Shapes may still not fit: that is an error, and no more. */
static void
plan_and_run (DnnModule *module, DnnParams *params, Bytes *bytes)
{
  g_autofree DnnShape *shapes = choose_shapes (module);
  g_autofree DnnShape *outputs = g_new0 (
      DnnShape, MAX (dnn_module_get_n_outputs (module), 1));
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;
  gboolean fits;

  fits = dnn_module_infer_outputs (module, shapes, outputs, &error);
  g_assert_true (fits == (error == NULL));
  if (!fits || !is_small (module, shapes))
    return;
  instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  g_assert_no_error (error);
  if (!dnn_instance_prepare (instance, shapes, &error)) {
    g_assert_nonnull (error);
    return;
  }
  run (module, instance, shapes, bytes);
  if (dnn_params_get_n (params) > 0 && set_params (instance, params))
    run (module, instance, shapes, bytes);
}

static void
check_written (DnnGraph *graph)
{
  g_autofree gchar *json = dnn_graph_to_json (graph);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph)
      back = dnn_graph_new_from_data (json, -1, "graph", &error);

  g_assert_no_error (error);
  g_assert_true (dnn_graph_equal (graph, back));
}

static gboolean
uses_library (const DnnGraph *graph)
{
  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    if (strcmp (node->op, "f") == 0 || strcmp (node->op, "g") == 0)
      return TRUE;
  }
  return FALSE;
}

/* As a user's files are loaded: @json is what @graph was read from. */
static DnnModule *
load_with_library (
    const guint8 *json, gsize length, DnnParams *params, GError **error)
{
  static gchar *library;
  g_autofree gchar *json_path = fuzz_write_file ("json", json, length);
  g_autofree gchar *params_path = fuzz_write_file ("params", "", 0);

  if (!library) {
    g_autofree gchar *data = NULL;
    gsize size;
    g_assert_true (g_file_get_contents (FUZZ_LIB_FILE, &data, &size, NULL));
    library = fuzz_write_file ("lib.so", data, size);
  }
  g_assert_true (dnn_params_write (params, params_path, NULL));
  return dnn_module_new_from_files (json_path, params_path, library, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const guint8 *mark = size > 0
      ? (guint8 *) g_strstr_len ((const gchar *) data, (gssize) size, "\n%%\n")
      : NULL;
  gsize length = mark ? (gsize) (mark - data) : size;
  Bytes bytes = { mark ? mark + 4 : data, mark ? size - length - 4 : 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  g_autoptr (DnnParams) params = NULL;
  g_autoptr (DnnModule) module = NULL;

  dnn_init ();
  graph = dnn_graph_new_from_data (
      (const gchar *) data, (gssize) length, "graph", &error);
  g_assert_true ((graph == NULL) == (error != NULL));
  if (!graph)
    return 0;
  check_written (graph);
  params = make_params (graph, &bytes);
  if (!dnn_graph_bind_params (graph, params, &error)) {
    g_assert_nonnull (error);
    return 0;
  }
  module = uses_library (graph)
      ? load_with_library (data, length, params, &error)
      : dnn_module_new (graph, &error);
  g_assert_true ((module == NULL) == (error != NULL));
  if (module)
    plan_and_run (module, params, &bytes);
  return 0;
}
