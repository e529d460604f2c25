/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GstDnnTensorsMeta → JSON text. Next: gstdnnjson-line.c puts it into a line.
 */
#include "config.h"

#include "gst-plugin/results/gstdnnjson-tensors.h"

#include <math.h>

#include "gst-plugin/meta/gstdnnmeta-tensors.h"
#include "gst-plugin/results/gstdnnjson-text.h"

/* OpenVINO's names of types. */
static const gchar *const precisions[] = {
  [DNN_TYPE_FLOAT32] = "FP32",
  [DNN_TYPE_FLOAT64] = "FP64",
  [DNN_TYPE_FLOAT16] = "FP16",
  [DNN_TYPE_BFLOAT16] = "BF16",
  [DNN_TYPE_INT8] = "I8",
  [DNN_TYPE_INT16] = "I16",
  [DNN_TYPE_INT32] = "I32",
  [DNN_TYPE_INT64] = "I64",
  [DNN_TYPE_UINT8] = "U8",
  [DNN_TYPE_UINT16] = "U16",
  [DNN_TYPE_UINT32] = "U32",
  [DNN_TYPE_UINT64] = "U64",
  [DNN_TYPE_BOOL] = "BOOL",
};

/* Enough digits that a float32 or float64 is read back as it was; 64-bit
 * integers are no doubles. */
static void
append_element (GString *line, DnnType type, gconstpointer data, gsize idx)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];
  gdouble value;

  if (type == DNN_TYPE_INT64 || type == DNN_TYPE_UINT64) {
    g_string_append_printf (line,
        type == DNN_TYPE_INT64 ? "%" G_GINT64_FORMAT : "%" G_GUINT64_FORMAT,
        ((const gint64 *) data)[idx]);
    return;
  }
  value = dnn_type_get (type, data, idx);
  if (!isfinite (value)) {
    g_string_append (line, "null");
    return;
  }
  g_ascii_formatd (
      text, sizeof (text), type == DNN_TYPE_FLOAT64 ? "%.17g" : "%.9g", value);
  g_string_append (line, text);
}

static void
append_tensor (GString *line, const DnnTensor *tensor, const gchar *model)
{
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  DnnType type = dnn_tensor_get_element_type (tensor);
  gint64 n = dnn_shape_n_elements (shape);
  gconstpointer data = dnn_tensor_get_data (tensor);

  g_string_append_c (line, '{');
  gst_dnn_json_append_text (line, "precision", precisions[type]);
  g_string_append (line, ", \"dims\": [");
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (
        line, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape->dims[i]);
  g_string_append (line, "], ");
  if (model != NULL) {
    gst_dnn_json_append_text (line, "model_name", model);
    g_string_append (line, ", ");
  }
  g_string_append (line, "\"data\": [");
  for (gint64 i = 0; i < n; i++) {
    g_string_append (line, i > 0 ? ", " : "");
    append_element (line, type, data, (gsize) i);
  }
  g_string_append (line, "]}");
}

gboolean
gst_dnn_json_tensors_append (GString *line, GstBuffer *frame, GError **error)
{
  const gchar *before = ", \"tensors\": [";
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (
              frame, &state, GST_DNN_TENSORS_META_API_TYPE)) != NULL) {
    const GstDnnTensorsMeta *tensors = (const GstDnnTensorsMeta *) meta;

    for (guint i = 0; i < gst_dnn_tensors_meta_get_n (tensors); i++) {
      g_autoptr (DnnTensor)
          tensor = gst_dnn_tensors_meta_get (tensors, i, error);

      if (tensor == NULL)
        return FALSE;
      g_string_append (line, before);
      append_tensor (line, tensor, gst_dnn_tensors_meta_get_model (tensors));
      before = ", ";
    }
  }
  if (*(before + 2) == '\0')
    g_string_append_c (line, ']');
  return TRUE;
}
