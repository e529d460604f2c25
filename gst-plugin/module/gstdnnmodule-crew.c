/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Events of a dnnmodule with several instances → between the frames they came
 * between; frames that are done → the pad src, in a thread of its own. Next: a
 * decoder. */
#include "config.h"

#include "gst-plugin/module/gstdnnmodule-private.h"
#include "gst-plugin/stream/gstdnndebug.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* --- the thread of the pad src --- */

/* Takes what is in @item. */
static GstFlowReturn
push_item (GstDnnModule *self, GstDnnCrewItem *item)
{
  GstPad *src = GST_BASE_TRANSFORM_SRC_PAD (self);

  if (item->event != NULL) {
    gst_pad_push_event (src, item->event);
    return GST_FLOW_OK;
  }
  if (item->error != NULL && gst_dnn_runner_is_stopped (self->runner)) {
    g_clear_error (&item->error);
    return GST_FLOW_FLUSHING;
  }
  if (item->error != NULL) {
    gst_dnn_error_post (self, &self->latch, item->error);
    g_clear_error (&item->error);
    return GST_FLOW_ERROR;
  }
  if (item->was_run)
    gst_dnn_module_count_frame (self);
  return gst_pad_push (src, item->buffer);
}

static void
push_next (gpointer data)
{
  GstDnnModule *self = data;
  GstDnnCrewItem item;

  if (gst_dnn_crew_take (self->crew, &item))
    gst_dnn_crew_return (self->crew, &item, push_item (self, &item));
  else
    gst_pad_pause_task (GST_BASE_TRANSFORM_SRC_PAD (self));
}

gboolean
gst_dnn_module_start_crew (GstDnnModule *self, GError **error)
{
  gboolean is_solo = gst_dnn_runner_is_solo_team (self->runner) ||
      (gst_dnn_runner_get_n_lanes (self->runner) == 1 &&
          !gst_dnn_runner_can_have_team (self->runner));

  gst_dnn_solo_init (&self->solo, self->runner);
  if (is_solo)
    return TRUE;
  self->crew = gst_dnn_crew_new (self->runner, error);
  if (self->crew == NULL)
    return FALSE;
  GST_INFO_OBJECT (
      self, "%u instances", gst_dnn_runner_get_n_lanes (self->runner));
  gst_pad_start_task (GST_BASE_TRANSFORM_SRC_PAD (self), push_next, self, NULL);
  return TRUE;
}

void
gst_dnn_module_stop_crew (GstDnnModule *self)
{
  GstDnnCrew *crew = self->crew;

  if (crew == NULL)
    return;
  gst_dnn_crew_begin_flush (crew);
  gst_pad_stop_task (GST_BASE_TRANSFORM_SRC_PAD (self));
  self->crew = NULL;
  gst_dnn_crew_free (crew);
}

gboolean
gst_dnn_module_activate_src (
    GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstDnnModule *self = GST_DNN_MODULE (parent);

  if (self->crew != NULL && !active) {
    gst_dnn_crew_begin_flush (self->crew);
    gst_pad_stop_task (pad);
  }
  return self->activate_src (pad, parent, mode, active);
}

/* --- events --- */

gboolean
gst_dnn_module_drain (GstDnnModule *self)
{
  GstFlowReturn flow;

  return self->crew == NULL || gst_dnn_crew_drain (self->crew, &flow);
}

/* Nobody is told any more by the result of a push what became of the last
 * frames. */
static void
end_stream (GstDnnModule *self, GstFlowReturn flow)
{
  g_autoptr (GError) error = NULL;

  gst_dnn_crew_forget_flow (self->crew);
  if (flow != GST_FLOW_NOT_LINKED && flow >= GST_FLOW_EOS)
    return;
  error = g_error_new (DNN_ERROR, DNN_ERROR_FAILED,
      "The stream stopped behind %s: %s", GST_OBJECT_NAME (self),
      gst_flow_get_name (flow));
  gst_dnn_error_post (self, &self->latch, error);
}

/* The base class handles it here, behind all frames. Where what stands behind
 * is flushed or down, it is kept for later and no error: the next buffer is
 * told so. */
static gboolean
handle_behind (GstDnnModule *self, GstEvent *event,
    gboolean (*handle) (GstBaseTransform *trans, GstEvent *event))
{
  GstFlowReturn flow;

  if (!gst_dnn_crew_drain (self->crew, &flow)) {
    gst_event_unref (event);
    return FALSE;
  }
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    end_stream (self, flow);
  return handle (GST_BASE_TRANSFORM (self), event);
}

static gboolean
begin_flush (GstDnnModule *self, GstEvent *event,
    gboolean (*handle) (GstBaseTransform *trans, GstEvent *event))
{
  gboolean result = handle (GST_BASE_TRANSFORM (self), event);

  gst_dnn_crew_begin_flush (self->crew);
  gst_pad_pause_task (GST_BASE_TRANSFORM_SRC_PAD (self));
  return result;
}

static gboolean
end_flush (GstDnnModule *self, GstEvent *event,
    gboolean (*handle) (GstBaseTransform *trans, GstEvent *event))
{
  gboolean result;

  gst_dnn_crew_end_flush (self->crew);
  result = handle (GST_BASE_TRANSFORM (self), event);
  gst_pad_start_task (GST_BASE_TRANSFORM_SRC_PAD (self), push_next, self, NULL);
  return result;
}

gboolean
gst_dnn_module_crew_event (GstDnnModule *self, GstEvent *event,
    gboolean (*handle) (GstBaseTransform *trans, GstEvent *event))
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
      return begin_flush (self, event, handle);
    case GST_EVENT_FLUSH_STOP:
      return end_flush (self, event, handle);
    /* The base class or the runner has something to do with these. */
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_SEGMENT:
    case GST_EVENT_EOS:
      return handle_behind (self, event, handle);
    default:
      return GST_EVENT_IS_SERIALIZED (event)
          ? gst_dnn_crew_add_event (self->crew, event)
          : handle (GST_BASE_TRANSFORM (self), event);
  }
}
