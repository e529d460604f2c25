/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pipeline configuration as elements: appsrc → dnnbin → fakesink, frames per
 * second at the sink. */
#include "config.h"

#include "tools/bench.h"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include "pipeline-core/store/dnn-store.h"

#define WARM_UP 5

typedef struct
{
  GstElement *pipeline;
  GstElement *src, *bin;
  gint n_frames, n_seen;
  gint64 start, end; /* µs, of the first frame behind the warm-up, the last */
} Bench;

static GstPadProbeReturn
count_frame (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_seen++;
  if (bench->n_seen == WARM_UP)
    bench->start = g_get_monotonic_time ();
  bench->end = g_get_monotonic_time ();
  return GST_PAD_PROBE_OK;
}

static gboolean
fail_from_bus (GstElement *pipeline, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage)
      message = gst_bus_timed_pop_filtered (bus, 0, GST_MESSAGE_ERROR);
  g_autoptr (GError) cause = NULL;

  if (message)
    gst_message_parse_error (message, &cause, NULL);
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s",
      cause ? cause->message : "the pipeline does not start");
  return FALSE;
}

static gboolean
build (Bench *bench, const gchar *path, const BenchOptions *options,
    GError **error)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) pad = NULL;

  bench->pipeline = gst_pipeline_new (NULL);
  bench->src = gst_element_factory_make ("appsrc", NULL);
  bench->bin = gst_element_factory_make ("dnnbin", NULL);
  if (!bench->src || !bench->bin || !sink) {
    g_clear_object (&sink);
    g_set_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "The element %s is missing (GST_PLUGIN_PATH)",
        bench->bin ? "appsrc or fakesink" : "dnnbin");
    return FALSE;
  }
  g_object_set (bench->bin, "config", path, "threads", options->threads,
      "instances", options->instances ? options->instances : "1", "tune",
      options->target.tune, "tune-file", options->target.tune_file, "fast-math",
      options->target.fast_math, "winograd", options->target.winograd, NULL);
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  g_object_set (bench->src, "block", TRUE, "max-bytes", (guint64) 1, "format",
      GST_FORMAT_TIME, NULL);
  gst_bin_add_many (
      GST_BIN (bench->pipeline), bench->src, bench->bin, sink, NULL);
  gst_element_link_many (bench->src, bench->bin, sink, NULL);
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_frame, bench, NULL);
  return TRUE;
}

/* The bin knows its caps when it has loaded its files. */
static gboolean
set_caps (Bench *bench, GError **error)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (bench->bin, "sink");
  g_autoptr (GstCaps) caps = NULL;

  if (gst_element_set_state (bench->pipeline, GST_STATE_READY) ==
      GST_STATE_CHANGE_FAILURE)
    return fail_from_bus (bench->pipeline, error);
  caps = gst_caps_fixate (gst_pad_query_caps (pad, NULL));
  gst_app_src_set_caps (GST_APP_SRC (bench->src), caps);
  return TRUE;
}

static GstBuffer *
make_buffer (BenchFrames *frames, gint idx)
{
  GstBuffer *buffer = gst_buffer_new ();
  gsize size = dnn_tensor_get_size (frames->inputs[0]);

  gst_buffer_append_memory (buffer,
      gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY,
          (gpointer) dnn_tensor_get_data (frames->inputs[0]), size, 0, size,
          NULL, NULL));
  GST_BUFFER_PTS (buffer) = idx * (GST_SECOND / 30);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;
  return buffer;
}

static gboolean
stream (Bench *bench, BenchFrames *frames, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (bench->pipeline);
  g_autoptr (GstMessage) message = NULL;

  bench->n_seen = 0;
  if (gst_element_set_state (bench->pipeline, GST_STATE_PLAYING) ==
      GST_STATE_CHANGE_FAILURE)
    return fail_from_bus (bench->pipeline, error);
  for (gint i = 0; i < bench->n_frames + WARM_UP; i++) {
    if (gst_app_src_push_buffer (
            GST_APP_SRC (bench->src), make_buffer (frames, i)) != GST_FLOW_OK)
      break;
  }
  gst_app_src_end_of_stream (GST_APP_SRC (bench->src));
  message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  {
    g_autoptr (GError) cause = NULL;
    gst_message_parse_error (message, &cause, NULL);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s", cause->message);
  }
  return FALSE;
}

gboolean
bench_pipeline_fps (DnnPipelineConfig *config, const gchar *path,
    BenchFrames *frames, const BenchOptions *options, gdouble *fps,
    gdouble *store_mb, GError **error)
{
  Bench bench = { .n_frames = options->frames };
  gboolean done;

  gst_init (NULL, NULL);
  done = build (&bench, path, options, error) && set_caps (&bench, error) &&
      stream (&bench, frames, error);
  *store_mb = (gdouble) dnn_store_get_size () / 1e6;
  if (bench.pipeline) {
    gst_element_set_state (bench.pipeline, GST_STATE_NULL);
    gst_object_unref (bench.pipeline);
  }
  if (done && bench.end > bench.start)
    *fps = (bench.n_seen - WARM_UP) * 1e6 / (bench.end - bench.start);
  return done;
}
