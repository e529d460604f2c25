/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Instance, shapes of a stream → a lane that is ready for its frames. Next:
 * gstdnnlane.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnlane.h"

GstDnnLane *
gst_dnn_lane_new (const GstDnnStreams *streams, DnnInstance *instance)
{
  GstDnnLane *self = g_new0 (GstDnnLane, 1);

  self->streams = streams;
  self->instance = instance;
  gst_dnn_pending_init (&self->pending);
  return self;
}

void
gst_dnn_lane_free (GstDnnLane *self)
{
  gst_dnn_lane_unprepare (self);
  gst_dnn_pending_clear (&self->pending);
  g_object_unref (self->instance);
  g_free (self);
}

/* Bytes for tensors whose type doesn't travel. */
static void
allocate_copies (GstDnnLane *self, const DnnShape *inputs)
{
  for (guint i = 0; i < self->streams->n_inputs; i++) {
    DnnType type = dnn_module_get_input_type (self->streams->module, i);
    if (type != gst_dnn_type_on_link (type))
      self->input_copies[i] = dnn_alloc_aligned (
          (gsize) dnn_shape_n_elements (&inputs[i]) * dnn_type_size (type));
  }
}

static void
free_copies (GstDnnLane *self)
{
  for (guint i = 0; i < GST_DNN_MAX_TENSORS; i++) {
    g_clear_pointer (&self->input_copies[i], dnn_free_aligned);
    g_clear_pointer (&self->output_copies[i], dnn_free_aligned);
    self->copy_sizes[i] = 0;
  }
}

gboolean
gst_dnn_lane_prepare (
    GstDnnLane *self, const GstDnnTensorsInfo *input, GError **error)
{
  DnnShape shapes[GST_DNN_MAX_TENSORS];

  if (!gst_dnn_streams_fit (self->streams, input, shapes, error))
    return FALSE;
  gst_dnn_tensors_info_init (&self->prepared);
  free_copies (self);
  if (!dnn_instance_prepare (self->instance, shapes, error))
    return FALSE;
  allocate_copies (self, shapes);
  self->prepared = *input;
  self->last_time = 0;
  return TRUE;
}

/* No frame is on its way: nothing is bound, so that no update can fail. */
void
gst_dnn_lane_unprepare (GstDnnLane *self)
{
  dnn_instance_unprepare (self->instance);
  gst_dnn_pending_apply (&self->pending, self->instance, NULL, NULL);
  free_copies (self);
  gst_dnn_tensors_info_init (&self->prepared);
}
