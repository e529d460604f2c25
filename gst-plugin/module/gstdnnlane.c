/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A buffer of input tensors → a buffer of output tensors, in place where
 * memory is aligned. Next: gstdnnrunner.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnlane.h"

#include <string.h>

#include "gst-plugin/stream/gstdnnbuffer.h"

/* Memories of one side of a run. */
typedef struct
{
  guint n, n_mapped;
  GstMemory *memories[GST_DNN_MAX_TENSORS];
  GstMapInfo maps[GST_DNN_MAX_TENSORS];
} Side;

/* The memories stay. */
static void
unmap_side (Side *side)
{
  for (; side->n_mapped > 0; side->n_mapped--)
    gst_memory_unmap (
        side->memories[side->n_mapped - 1], &side->maps[side->n_mapped - 1]);
}

static void
release_side (Side *side)
{
  unmap_side (side);
  for (; side->n > 0; side->n--)
    gst_memory_unref (side->memories[side->n - 1]);
}

/* Takes @memory. */
static gboolean
add_memory (Side *side, GstMemory *memory, GstMapFlags flags, GError **error)
{
  if (!gst_memory_map (memory, &side->maps[side->n], flags)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "tensor %u: memory of type %s can't be mapped", side->n,
        memory->allocator->mem_type);
    gst_memory_unref (memory);
    return FALSE;
  }
  side->memories[side->n++] = memory;
  side->n_mapped++;
  return TRUE;
}

/* --- types that don't travel --- */

static void
copy_to_bool (guint8 *dst, const guint8 *src, gsize n)
{
  for (gsize i = 0; i < n; i++)
    dst[i] = src[i] != 0;
}

/* Round to nearest even; NaN stays NaN. */
static guint16
to_bfloat16 (guint32 bits)
{
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return (guint16) (bits >> 16 | 0x40u);
  return (guint16) ((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

static void
copy_to_bfloat16 (guint16 *dst, const guint8 *src, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    guint32 bits;
    memcpy (&bits, src + 4 * i, sizeof (bits));
    dst[i] = to_bfloat16 (bits);
  }
}

static void
copy_from_bfloat16 (guint8 *dst, const guint16 *src, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    guint32 bits = (guint32) src[i] << 16;
    memcpy (dst + 4 * i, &bits, sizeof (bits));
  }
}

/* --- input --- */

/* The shapes of a flexible buffer. */
static gboolean
read_headers (const Side *side, GstDnnTensorsInfo *info, GError **error)
{
  gst_dnn_tensors_info_init (info);
  for (guint i = 0; i < side->n; i++) {
    DnnType type;
    DnnShape shape;
    if (!gst_dnn_header_read (
            side->maps[i].data, side->maps[i].size, &type, &shape, error) ||
        !gst_dnn_tensors_info_add (info, type, &shape, error)) {
      g_prefix_error (error, "tensor %u: ", i);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
map_input (GstDnnLane *self, GstBuffer *src, Side *side, GError **error)
{
  guint n = gst_dnn_buffer_get_n_tensors (src, &self->streams->input);

  for (guint i = 0; i < n; i++) {
    GstMemory *memory = gst_dnn_buffer_get_tensor (
        src, &self->streams->input, i, error);
    if (memory == NULL || !add_memory (side, memory, GST_MAP_READ, error))
      return FALSE;
  }
  return TRUE;
}

/* Where the instance reads input @idx. */
static gconstpointer
convert_input (GstDnnLane *self, const Side *side, gsize header_size, guint idx)
{
  const guint8 *data = side->maps[idx].data + header_size;
  gint64 n = dnn_shape_n_elements (&self->prepared.shapes[idx]);
  gpointer copy = self->input_copies[idx];

  if (copy == NULL)
    return data;
  if (dnn_module_get_input_type (self->streams->module, idx) == DNN_TYPE_BOOL)
    copy_to_bool (copy, data, (gsize) n);
  else
    copy_to_bfloat16 (copy, data, (gsize) n);
  return copy;
}

/* --- output --- */

gsize
gst_dnn_lane_get_output_size (GstDnnLane *self, guint idx)
{
  const DnnShape *shape = dnn_instance_get_output_shape (self->instance, idx);
  DnnType type = dnn_module_get_output_type (self->streams->module, idx);

  return (gsize) dnn_shape_n_elements (shape) *
      dnn_type_size (gst_dnn_type_on_link (type));
}

static gboolean
allocate_output (
    GstDnnLane *self, gsize header_size, Side *side, GError **error)
{
  for (guint i = 0; i < self->streams->n_outputs; i++) {
    gsize size = header_size + gst_dnn_lane_get_output_size (self, i);
    GstMemory *memory = gst_dnn_allocator_get (self->streams->allocator, size);
    if (memory == NULL) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
          "output %u: %" G_GSIZE_FORMAT " bytes can't be allocated", i, size);
      return FALSE;
    }
    if (!add_memory (side, memory, GST_MAP_WRITE, error))
      return FALSE;
  }
  return TRUE;
}

/* What is left to do after the run: conversion, header. */
static void
complete_output (
    GstDnnLane *self, gsize header_size, const Side *side, guint idx)
{
  const DnnShape *shape = dnn_instance_get_output_shape (self->instance, idx);

  if (self->output_copies[idx] != NULL)
    copy_from_bfloat16 (side->maps[idx].data + header_size,
        self->output_copies[idx], (gsize) dnn_shape_n_elements (shape));
  if (header_size > 0)
    gst_dnn_header_write (side->maps[idx].data,
        dnn_module_get_output_type (self->streams->module, idx), shape);
}

/* --- a run --- */

/* Bytes in front of each tensor. */
static gsize
get_header_size (const GstDnnTensorsInfo *info)
{
  return info->flexible ? GST_DNN_HEADER_SIZE : 0;
}

/* As dnn_instance_run(). */
typedef gboolean (*RunFunc) (DnnInstance *instance, gconstpointer const *inputs,
    gpointer const *outputs, GError **error);

static gboolean
run_mapped (GstDnnLane *self, RunFunc run, const Side *src, gsize src_header,
    const Side *dst, gsize dst_header, GError **error)
{
  gconstpointer inputs[GST_DNN_MAX_TENSORS];
  gpointer outputs[GST_DNN_MAX_TENSORS];
  GstClockTime start = gst_util_get_timestamp ();

  for (guint i = 0; i < src->n; i++)
    inputs[i] = convert_input (self, src, src_header, i);
  for (guint i = 0; i < dst->n; i++)
    outputs[i] = self->output_copies[i] != NULL
        ? self->output_copies[i]
        : dst->maps[i].data + dst_header;
  if (!run (self->instance, inputs, outputs, error))
    return FALSE;
  for (guint i = 0; i < dst->n; i++)
    complete_output (self, dst_header, dst, i);
  self->last_time = gst_util_get_timestamp () - start;
  return TRUE;
}

static GstBuffer *
make_buffer (GstDnnLane *self, GstBuffer *src, const Side *side, GError **error)
{
  g_autoptr (GstBuffer) dst = gst_buffer_new ();

  gst_buffer_copy_into (dst, src,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META,
      0, -1);
  if (!gst_dnn_buffer_append_tensors (
          dst, side->memories, side->n, &self->streams->output, error))
    return NULL;
  return g_steal_pointer (&dst);
}

static gpointer
measure_in_thread (gpointer data)
{
  gst_dnn_lane_measure (data);
  return NULL;
}

/* Shapes that come with the frames. */
static gboolean
prepare_for_frame (
    GstDnnLane *self, const GstDnnTensorsInfo *info, GError **error)
{
  GThread *thread;

  if (self->prepared.n_tensors > 0 &&
      gst_dnn_tensors_info_equal (&self->prepared, info))
    return TRUE;
  if (!gst_dnn_lane_prepare (self, info, error))
    return FALSE;
  thread = g_thread_try_new ("dnn-measure", measure_in_thread, self, error);
  if (thread == NULL)
    return FALSE;
  g_thread_join (thread);
  return TRUE;
}

GstBuffer *
gst_dnn_lane_run (
    GstDnnLane *self, GstBuffer *src, const GstDnnFrameKey *key, GError **error)
{
  gsize src_header = get_header_size (&self->streams->input);
  gsize dst_header = get_header_size (&self->streams->output);
  const GstDnnTensorsInfo *info = &self->streams->input;
  GstDnnTensorsInfo read;
  GstBuffer *dst = NULL;
  Side input, output;

  input.n = input.n_mapped = output.n = output.n_mapped = 0;
  if (info->flexible)
    info = &read;
  if ((key == NULL ||
          gst_dnn_pending_apply (&self->pending, self->instance, key, error)) &&
      map_input (self, src, &input, error) &&
      (info != &read || read_headers (&input, &read, error)) &&
      prepare_for_frame (self, info, error) &&
      allocate_output (self, dst_header, &output, error) &&
      run_mapped (self, dnn_instance_run, &input, src_header, &output,
          dst_header, error)) {
    unmap_side (&output);
    dst = make_buffer (self, src, &output, error);
  }
  release_side (&input);
  release_side (&output);
  return dst;
}

void
gst_dnn_lane_measure (GstDnnLane *self)
{
  gboolean ok = TRUE;
  Side input, output;

  input.n = input.n_mapped = output.n = output.n_mapped = 0;
  for (guint i = 0; ok && i < self->streams->n_inputs; i++) {
    GstMemory *memory = gst_dnn_allocator_get (self->streams->allocator,
        gst_dnn_tensors_info_get_size (&self->prepared, i));
    ok = memory != NULL && add_memory (&input, memory, GST_MAP_WRITE, NULL);
    if (ok)
      memset (input.maps[i].data, 0, input.maps[i].size);
  }
  /* Zeros may be bad data for a model; then frames tell the time. */
  if (ok && allocate_output (self, 0, &output, NULL))
    run_mapped (self, dnn_instance_rehearse, &input, 0, &output, 0, NULL);
  release_side (&input);
  release_side (&output);
}
