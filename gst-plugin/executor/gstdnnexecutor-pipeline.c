/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Configuration → appsrc, dnnbin, appsink in a pipeline, whose first error
 * stays; tensors → samples for it. Next: gstdnnexecutor-wait.c. */
#include "config.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include "gst-plugin/executor/gstdnnexecutor-private.h"
#include "gst-plugin/stream/gstdnnquery.h"

/* ---- what the pipeline says --------------------------------------------- */

/* Code and text as our element set them; others keep their domain. */
static GError *
parse_error (GstMessage *message)
{
  const GstStructure *details = NULL;
  GError *error = NULL;
  gint code;

  gst_message_parse_error (message, &error, NULL);
  gst_message_parse_error_details (message, &details);
  if (details && gst_structure_has_name (details, "dnn-error") &&
      gst_structure_get_int (details, "code", &code)) {
    error->domain = DNN_ERROR;
    error->code = code;
  }
  return error;
}

/* In whichever thread posts. Nobody reads the bus: nothing stays on it. */
static GstBusSyncReply
handle_message (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    dnn_pipeline_executor_fail (data, parse_error (message));
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* ---- building ----------------------------------------------------------- */

static GstElement *
add_element (DnnPipelineExecutor *self, const gchar *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (!element) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "GStreamer's element %s is not found; is its plugin in "
        "GST_PLUGIN_PATH?",
        factory);
    return NULL;
  }
  gst_bin_add (GST_BIN (self->pipeline), element);
  return element;
}

/* As dnnbin spells the pads of its inputs. */
static gchar *
get_pad_name (const gchar *input, guint idx)
{
  gchar *name = idx ? g_strdup_printf ("sink_%s", input) : g_strdup ("sink");

  return g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
}

static gboolean
add_source (DnnPipelineExecutor *self, guint idx, GError **error)
{
  Input *input = &self->inputs[idx];
  g_autofree gchar *name = get_pad_name (input->name, idx);
  g_autoptr (GstPad) pad = NULL;

  input->source = add_element (self, "appsrc", error);
  if (!input->source)
    return FALSE;
  g_object_set (input->source, "format", GST_FORMAT_TIME, "max-bytes",
      G_GUINT64_CONSTANT (0), "block", FALSE, NULL);
  if (gst_element_link_pads (input->source, "src", self->bin, name))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "global input \"%s\" can't be linked to pad %s", input->name, name);
  return FALSE;
}

/* As a decoder does: it takes the buffers of skipped frames, which stand for
 * those that were dropped on the way. */
static GstPadProbeReturn
answer_query (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return gst_dnn_query_is_decoder (GST_PAD_PROBE_INFO_QUERY (info))
      ? GST_PAD_PROBE_HANDLED
      : GST_PAD_PROBE_OK;
}

static gboolean
add_sink (DnnPipelineExecutor *self, GError **error)
{
  GstAppSinkCallbacks callbacks = {
    .new_sample = dnn_pipeline_executor_take_sample,
    .eos = dnn_pipeline_executor_take_eos,
  };
  GstElement *sink = add_element (self, "appsink", error);
  g_autoptr (GstPad) pad = NULL;

  if (!sink)
    return FALSE;
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, answer_query, NULL, NULL);
  g_object_set (sink, "sync", FALSE, "async", FALSE, "wait-on-eos", FALSE,
      "enable-last-sample", FALSE, NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, self, NULL);
  gst_element_link (self->bin, sink);
  return TRUE;
}

gboolean
dnn_pipeline_executor_build (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GstBus) bus = NULL;

  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, handle_message, self, NULL);
  self->bin = add_element (self, "dnnbin", error);
  if (!self->bin)
    return FALSE;
  g_object_set (self->bin, "configuration", self->config, NULL);
  for (guint i = 0; i < self->n_inputs; i++)
    if (!add_source (self, i, error))
      return FALSE;
  return add_sink (self, error);
}

gboolean
dnn_pipeline_executor_start (DnnPipelineExecutor *self, GError **error)
{
  GstStateChangeReturn result = gst_element_set_state (
      self->pipeline, GST_STATE_PLAYING);

  if (!dnn_pipeline_executor_check (self, error))
    return FALSE;
  if (result != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error_literal (
      error, DNN_ERROR, DNN_ERROR_FAILED, "The pipeline can't be started");
  return FALSE;
}

/* ---- frames ------------------------------------------------------------- */

GPtrArray *
dnn_pipeline_executor_make_samples (GPtrArray *tensors, guint64 number,
    const GstDnnFrameKey *key, GError **error)
{
  g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_sample_unref);

  for (guint i = 0; i < tensors->len; i++) {
    GstSample *sample = gst_dnn_sample_from_tensor (
        tensors->pdata[i], number, key, error);
    if (!sample)
      return NULL;
    g_ptr_array_add (samples, sample);
  }
  return g_steal_pointer (&samples);
}

gboolean
dnn_pipeline_executor_push_samples (
    DnnPipelineExecutor *self, GPtrArray *samples, GError **error)
{
  for (guint i = 0; i < samples->len; i++) {
    GstFlowReturn flow = gst_app_src_push_sample (
        GST_APP_SRC (self->inputs[i].source), samples->pdata[i]);
    if (flow != GST_FLOW_OK) {
      dnn_pipeline_executor_fail (self,
          g_error_new (DNN_ERROR, DNN_ERROR_FAILED,
              "The pipeline takes no more frames: %s",
              gst_flow_get_name (flow)));
      return dnn_pipeline_executor_check (self, error);
    }
  }
  return TRUE;
}
