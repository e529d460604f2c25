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
    if (side->memories[side->n_mapped - 1] != NULL)
      gst_memory_unmap (
          side->memories[side->n_mapped - 1], &side->maps[side->n_mapped - 1]);
}

static void
release_side (Side *side)
{
  unmap_side (side);
  for (; side->n > 0; side->n--)
    if (side->memories[side->n - 1] != NULL)
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
    if (!gst_dnn_header_read (side->maps[i].data, side->maps[i].size,
            &info->types[i], &info->shapes[i], error)) {
      g_prefix_error (error, "tensor %u: ", i);
      return FALSE;
    }
    info->n_tensors++;
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

static gsize
get_size_on_link (GstDnnLane *self, guint idx, const DnnShape *shape)
{
  DnnType type = dnn_module_get_output_type (self->streams->module, idx);

  return (gsize) MAX (dnn_shape_n_elements (shape), 0) *
      dnn_type_size (gst_dnn_type_on_link (type));
}

gsize
gst_dnn_lane_get_output_size (GstDnnLane *self, guint idx)
{
  return get_size_on_link (
      self, idx, dnn_instance_get_output_shape (self->instance, idx));
}

/* Outputs of one run: none is there before the instance asks. */
typedef struct
{
  GstDnnLane *lane;
  gsize header_size;
  Side *side;
} Giving;

static void
init_output (GstDnnLane *self, Side *side)
{
  side->n = side->n_mapped = self->streams->n_outputs;
  for (guint i = 0; i < side->n; i++)
    side->memories[i] = NULL;
}

/* Sizes that change from frame to frame come in classes, so that memory finds
 * its next use. */
static gsize
round_size (gsize size)
{
  gsize rounded = 256;

  while (rounded < size)
    rounded *= 2;
  return rounded;
}

static GstMemory *
get_memory (GstDnnLane *self, guint idx, gsize size)
{
  gboolean is_known = dnn_shape_is_known (
      dnn_instance_get_output_shape (self->instance, idx));
  GstMemory *memory = gst_dnn_allocator_get (
      self->streams->allocator, is_known ? size : round_size (size));

  if (memory != NULL && !is_known)
    gst_memory_resize (memory, 0, size);
  return memory;
}

/* Memory of the tensor as it travels. */
static gboolean
allocate_output (
    Giving *giving, guint idx, const DnnShape *shape, GError **error)
{
  GstDnnLane *self = giving->lane;
  gsize size = giving->header_size + get_size_on_link (self, idx, shape);
  GstMemory *memory = get_memory (self, idx, size);

  if (memory == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%" G_GSIZE_FORMAT " bytes can't be allocated", size);
    return FALSE;
  }
  if (!gst_memory_map (memory, &giving->side->maps[idx], GST_MAP_READWRITE)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "Memory of type %s can't be mapped", memory->allocator->mem_type);
    gst_memory_unref (memory);
    return FALSE;
  }
  giving->side->memories[idx] = memory;
  return TRUE;
}

/* Of a type that doesn't travel. */
static gpointer
get_copy (GstDnnLane *self, guint idx, const DnnShape *shape)
{
  gsize size = (gsize) dnn_shape_n_elements (shape) *
      dnn_type_size (DNN_TYPE_BFLOAT16);

  if (self->output_copies[idx] == NULL || self->copy_sizes[idx] < size) {
    dnn_free_aligned (self->output_copies[idx]);
    self->copy_sizes[idx] = round_size (size);
    self->output_copies[idx] = dnn_alloc_aligned (self->copy_sizes[idx]);
  }
  return self->output_copies[idx];
}

static gpointer
give_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  Giving *giving = user_data;
  GstDnnLane *self = giving->lane;

  if (!allocate_output (giving, idx, shape, error))
    return NULL;
  self->shapes[idx] = *shape;
  if (dnn_module_get_output_type (self->streams->module, idx) ==
      DNN_TYPE_BFLOAT16)
    return get_copy (self, idx, shape);
  return giving->side->maps[idx].data + giving->header_size;
}

/* What is left to do after the run: conversion, header. */
static void
complete_output (
    GstDnnLane *self, gsize header_size, const Side *side, guint idx)
{
  const DnnShape *shape = &self->shapes[idx];

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

/* As dnn_instance_run_to(). */
typedef gboolean (*RunFunc) (DnnInstance *instance, gconstpointer const *inputs,
    DnnOutputFunc output, gpointer user_data, guint64 *ns, GError **error);

static gboolean
run_mapped (GstDnnLane *self, RunFunc run, const Side *src, gsize src_header,
    Side *dst, gsize dst_header, GError **error)
{
  gconstpointer inputs[GST_DNN_MAX_TENSORS];
  Giving giving = { self, dst_header, dst };
  GstClockTime start = gst_util_get_timestamp ();

  for (guint i = 0; i < src->n; i++)
    inputs[i] = convert_input (self, src, src_header, i);
  init_output (self, dst);
  if (!run (self->instance, inputs, give_output, &giving, NULL, error))
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
  gboolean is_first = self->prepared.n_tensors == 0;
  GThread *thread;

  if (!is_first && gst_dnn_tensors_info_equal (&self->prepared, info))
    return TRUE;
  if (!gst_dnn_lane_prepare (self, info, error))
    return FALSE;
  if (!is_first) /* the frame itself tells the time */
    return TRUE;
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
      run_mapped (self, dnn_instance_run_to, &input, src_header, &output,
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
  if (ok)
    run_mapped (self, dnn_instance_rehearse_to, &input, 0, &output, 0, NULL);
  release_side (&input);
  release_side (&output);
}
