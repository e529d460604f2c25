/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A decoder's question upstream → what the module's graph says of what leaves.
 * Next: gstdnnevidence-graph.c. */
#include "config.h"

#include "gst-plugin/evidence/gstdnnevidence-graph.h"
#include "gst-plugin/module/gstdnnmodule-private.h"
#include "gst-plugin/module/gstdnnrunner.h"
#include "gst-plugin/stream/gstdnnquery.h"

/* The open sides of a picture become those. */
static void
set_size (DnnShape *shape, gint width, gint height)
{
  gint last = shape->rank - 1;
  gboolean is_nchw = last == 3 && shape->dims[1] >= 0 && shape->dims[1] <= 3;
  gint w = is_nchw ? last : last - 1;

  if (last != 3 || width <= 0 || height <= 0)
    return;
  if (shape->dims[w] < 0)
    shape->dims[w] = width;
  if (shape->dims[w - 1] < 0)
    shape->dims[w - 1] = height;
}

/* For the stream that was negotiated; before that, for what is asked for. */
static GstDnnEvidence *
get_evidence (const GstDnnStreams *streams, gint width, gint height)
{
  gboolean is_asked = width > 0 || streams->input.n_tensors == 0;
  DnnShape shapes[GST_DNN_MAX_TENSORS];

  if (is_asked || streams->input.flexible ||
      !gst_dnn_streams_fit (streams, &streams->input, shapes, NULL))
    for (guint i = 0; i < streams->n_inputs; i++) {
      shapes[i] = streams->offered.shapes[i];
      set_size (&shapes[i], width, height);
    }
  return gst_dnn_evidence_new_from_graph (
      dnn_module_get_graph (streams->module), shapes);
}

gboolean
gst_dnn_module_answer_evidence (GstDnnModule *self, GstQuery *question)
{
  g_autoptr (GstDnnEvidence) evidence = NULL, before = NULL;
  gint width, height;

  gst_dnn_query_get_size (question, &width, &height);
  g_mutex_lock (&self->lock);
  if (self->runner != NULL)
    evidence = get_evidence (
        gst_dnn_runner_get_streams (self->runner), width, height);
  g_mutex_unlock (&self->lock);
  if (evidence == NULL)
    return FALSE;
  /* A stage in the middle: the picture is what the first one takes. */
  if (evidence->model_w == 0)
    before = gst_dnn_evidence_ask (GST_BASE_TRANSFORM_SINK_PAD (self));
  if (before != NULL)
    gst_dnn_evidence_take_model (evidence, before);
  gst_dnn_evidence_answer (question, evidence);
  return TRUE;
}
