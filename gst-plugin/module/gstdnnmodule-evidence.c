/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A decoder's question upstream → what the module's graph says of what leaves.
 * Next: gstdnnevidence-graph.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnevidence-graph.h"
#include "gst-plugin/module/gstdnnmodule-private.h"
#include "gst-plugin/module/gstdnnrunner.h"

/* @input: of the stream; %NULL where it is not known yet. */
static GstDnnEvidence *
get_evidence (const GstDnnStreams *streams, const GstDnnTensorsInfo *input)
{
  DnnShape shapes[GST_DNN_MAX_TENSORS];

  if (input == NULL || !gst_dnn_streams_fit (streams, input, shapes, NULL))
    for (guint i = 0; i < streams->n_inputs; i++)
      shapes[i] = streams->offered.shapes[i];
  return gst_dnn_evidence_new_from_graph (
      dnn_module_get_graph (streams->module), shapes);
}

gboolean
gst_dnn_module_answer_evidence (GstDnnModule *self, GstQuery *question)
{
  GstPad *sink = GST_BASE_TRANSFORM_SINK_PAD (self);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (sink);
  g_autoptr (GstDnnEvidence) evidence = NULL, before = NULL;
  GstDnnTensorsInfo input;
  gboolean known = caps != NULL &&
      gst_dnn_tensors_info_from_caps (&input, caps, NULL) && !input.flexible;

  g_mutex_lock (&self->lock);
  if (self->runner != NULL)
    evidence = get_evidence (
        gst_dnn_runner_get_streams (self->runner), known ? &input : NULL);
  g_mutex_unlock (&self->lock);
  if (evidence == NULL)
    return FALSE;
  /* A stage in the middle: the picture is what the first one takes. */
  if (evidence->model_w == 0)
    before = gst_dnn_evidence_ask (sink);
  if (before != NULL)
    gst_dnn_evidence_take_model (evidence, before);
  gst_dnn_evidence_answer (question, evidence);
  return TRUE;
}
