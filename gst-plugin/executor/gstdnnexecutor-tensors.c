/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnTensor → GstSample for an appsrc, GstSample of an appsink → DnnTensor.
 * Types that don't travel (bfloat16) are converted; bool is uint8 there, bit
 * for bit. */
#include "config.h"

#include "gst-plugin/executor/gstdnnexecutor-tensors.h"

#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnncaps.h"

/* ---- in ----------------------------------------------------------------- */

static DnnTensor *
convert (DnnTensor *tensor, DnnType type)
{
  DnnTensor *converted = dnn_tensor_new (type, dnn_tensor_get_shape (tensor));
  gint64 n = dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
  DnnType from = dnn_tensor_get_element_type (tensor);
  gconstpointer src = dnn_tensor_get_data (tensor);
  gpointer dst = dnn_tensor_get_writable_data (converted);

  for (gint64 i = 0; i < n; i++)
    dnn_type_set (type, dst, (gsize) i, dnn_type_get (from, src, (gsize) i));
  return converted;
}

/* As it travels; bool is uint8 without a change. (transfer full) */
static DnnTensor *
make_travel (DnnTensor *tensor)
{
  DnnType type = dnn_tensor_get_element_type (tensor);

  if (type == DNN_TYPE_BFLOAT16)
    return convert (tensor, gst_dnn_type_on_link (type));
  return dnn_tensor_ref (tensor);
}

GstSample *
gst_dnn_sample_from_tensor (DnnTensor *tensor, guint64 number,
    const GstDnnFrameKey *key, GError **error)
{
  g_autoptr (DnnTensor) travelling = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstDnnTensorsInfo info;
  GstBuffer *buffer;
  GstSample *sample;
  gsize size;

  gst_dnn_tensors_info_init (&info);
  if (!gst_dnn_tensors_info_add (&info, dnn_tensor_get_element_type (tensor),
          dnn_tensor_get_shape (tensor), error))
    return NULL;
  caps = gst_caps_fixate (gst_dnn_tensors_info_to_caps (&info));
  travelling = make_travel (tensor);
  size = dnn_tensor_get_size (travelling);
  buffer = gst_buffer_new ();
  gst_buffer_append_memory (buffer,
      gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY,
          (gpointer) dnn_tensor_get_data (travelling), size, 0, size,
          dnn_tensor_ref (travelling), (GDestroyNotify) dnn_tensor_unref));
  GST_BUFFER_PTS (buffer) = number * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  gst_buffer_add_dnn_frame_meta (buffer, NULL, NULL, NULL, NULL, key);
  sample = gst_sample_new (buffer, caps, NULL, NULL);
  gst_buffer_unref (buffer);
  return sample;
}

/* ---- out ---------------------------------------------------------------- */

/* What a tensor holds of a buffer. */
typedef struct
{
  GstMemory *memory;
  GstMapInfo map;
} Mapped;

static void
unmap (gpointer data)
{
  Mapped *mapped = data;

  gst_memory_unmap (mapped->memory, &mapped->map);
  gst_memory_unref (mapped->memory);
  g_free (mapped);
}

/* Type and shape as they travelled → as the model has them. */
static void
restore (const GstDnnOutput *output, DnnType *type, DnnShape *shape)
{
  DnnShape fitted;

  if (output->shape.rank >= 0 &&
      gst_dnn_shape_fit (shape, &output->shape, &fitted))
    *shape = fitted;
  if (output->type == DNN_TYPE_BOOL && *type == DNN_TYPE_UINT8)
    *type = DNN_TYPE_BOOL;
}

/* Takes @mapped. */
static DnnTensor *
wrap (Mapped *mapped, const GstDnnTensorsInfo *info, guint idx,
    const GstDnnOutput *output, GError **error)
{
  const guint8 *data = mapped->map.data;
  DnnTensor *tensor, *narrow;
  DnnShape shape;
  DnnType type;

  if (info->flexible) {
    if (!gst_dnn_header_read (data, mapped->map.size, &type, &shape, error)) {
      unmap (mapped);
      return NULL;
    }
    data += GST_DNN_HEADER_SIZE;
  } else {
    type = info->types[idx];
    shape = info->shapes[idx];
  }
  restore (output, &type, &shape);
  if ((gsize) (mapped->map.data + mapped->map.size - data) <
      (gsize) dnn_shape_n_elements (&shape) * dnn_type_size (type)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "global output %u has %" G_GSIZE_FORMAT " bytes, which is too few", idx,
        mapped->map.size);
    unmap (mapped);
    return NULL;
  }
  tensor = dnn_tensor_new_wrapped (type, &shape, data, unmap, mapped);
  if (output->type != DNN_TYPE_BFLOAT16 || type != DNN_TYPE_FLOAT32)
    return tensor;
  narrow = convert (tensor, DNN_TYPE_BFLOAT16);
  dnn_tensor_unref (tensor);
  return narrow;
}

static DnnTensor *
take_output (GstBuffer *buffer, const GstDnnTensorsInfo *info, guint idx,
    const GstDnnOutput *output, GError **error)
{
  Mapped *mapped = g_new0 (Mapped, 1);

  mapped->memory = gst_dnn_buffer_get_tensor (buffer, info, idx, error);
  if (mapped->memory == NULL) {
    g_free (mapped);
    return NULL;
  }
  if (gst_memory_map (mapped->memory, &mapped->map, GST_MAP_READ))
    return wrap (mapped, info, idx, output, error);
  gst_memory_unref (mapped->memory);
  g_free (mapped);
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "global output %u can't be mapped", idx);
  return NULL;
}

GPtrArray *
gst_dnn_sample_to_tensors (GstSample *sample, const GstDnnOutput *outputs,
    guint n_outputs, GError **error)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  g_autoptr (GPtrArray) tensors = NULL;
  GstDnnTensorsInfo info;
  guint n;

  if (!gst_dnn_tensors_info_from_caps (
          &info, gst_sample_get_caps (sample), error))
    return NULL;
  n = gst_dnn_buffer_get_n_tensors (buffer, &info);
  if (n != n_outputs) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "A frame has %u global outputs, expected %u", n, n_outputs);
    return NULL;
  }
  tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_tensor_unref);
  for (guint i = 0; i < n; i++) {
    DnnTensor *tensor = take_output (buffer, &info, i, &outputs[i], error);
    if (!tensor)
      return NULL;
    g_ptr_array_add (tensors, tensor);
  }
  return g_steal_pointer (&tensors);
}
