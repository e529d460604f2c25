/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Caps of one side of a dnnmodule → what the other side may have. Next:
 * gstdnnmodule.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnmodule-private.h"
#include "gst-plugin/stream/gstdnnspelling.h"

/* What the other side is for one structure; lock held. */
static void
transform_info (GstDnnModule *self, GstPadDirection direction,
    const GstCaps *one, GstDnnTensorsInfo *other)
{
  const GstDnnStreams *streams = gst_dnn_runner_get_streams (self->runner);
  const GstDnnTensorsInfo *offered = &streams->offered;
  GstDnnTensorsInfo input;

  if (direction == GST_PAD_SRC) {
    *other = *offered;
    return;
  }
  /* What doesn't fit is told when CAPS come; here it counts as what fits. */
  if ((gst_dnn_tensors_info_from_caps (&input, one, NULL) &&
          gst_dnn_streams_get_output (streams, &input, other, NULL)) ||
      (gst_dnn_streams_is_known (offered) &&
          gst_dnn_streams_get_output (streams, offered, other, NULL)))
    return;
  gst_dnn_tensors_info_init (other);
  other->flexible = TRUE;
}

/* Caps of the other side for one structure, with its frame rate; dimensions
 * spelled as in @others, too. */
static GstCaps *
transform_structure (GstDnnModule *self, GstPadDirection direction,
    const GstCaps *one, const GstCaps *others)
{
  const GValue *rate = gst_structure_get_value (
      gst_caps_get_structure (one, 0), "framerate");
  g_autoptr (GstCaps) fixed = gst_caps_fixate (gst_caps_copy (one));
  GstDnnTensorsInfo other;
  GstCaps *caps;

  transform_info (self, direction, fixed, &other);
  other.fps_d = 0;
  caps = gst_dnn_spelling_add (&other, others);
  if (direction == GST_PAD_SRC)
    gst_caps_append (caps, gst_caps_from_string (GST_DNN_FLEXIBLE_CAPS));
  if (rate != NULL)
    gst_caps_set_value (caps, "framerate", rate);
  return caps;
}

GstCaps *
gst_dnn_module_transform_caps (GstBaseTransform *trans,
    GstPadDirection direction, GstCaps *caps, GstCaps *filter)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  GstCaps *result = gst_caps_new_empty ();
  g_autoptr (GstCaps) others = NULL;

  if (direction == GST_PAD_SINK)
    others = gst_dnn_spelling_query_peer (trans->srcpad);
  g_mutex_lock (&self->lock);
  for (guint i = 0; self->runner != NULL && i < gst_caps_get_size (caps); i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (caps, i);
    result = gst_caps_merge (
        result, transform_structure (self, direction, one, others));
  }
  if (self->runner == NULL)
    result = gst_caps_merge (
        result, gst_caps_from_string (GST_DNN_TENSOR_CAPS));
  g_mutex_unlock (&self->lock);
  if (filter != NULL) {
    GstCaps *filtered = gst_caps_intersect_full (
        filter, result, GST_CAPS_INTERSECT_FIRST);
    gst_caps_replace (&result, filtered);
    gst_caps_unref (filtered);
  }
  return result;
}

/* By the template: dimensions are compared as numbers, with CAPS. */
gboolean
gst_dnn_module_accept_caps (
    GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps)
{
  g_autoptr (GstCaps) accepted = gst_caps_from_string (GST_DNN_TENSOR_CAPS);

  return gst_caps_can_intersect (caps, accepted);
}

/* What upstream may send: the model's own caps, whatever downstream says; any
 * tensors where it can't send those. A stream that doesn't fit, or fits but
 * gives what downstream refuses, so reaches set_caps, which names both shapes;
 * answering nothing would leave upstream with a "not negotiated" of its own. */
gboolean
gst_dnn_module_answer_caps (GstBaseTransform *trans, GstQuery *question)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  g_autoptr (GstCaps) any = gst_caps_from_string (GST_DNN_TENSOR_CAPS);
  g_autoptr (GstCaps) caps = NULL;
  gboolean is_loaded;

  g_mutex_lock (&self->lock);
  is_loaded = self->runner != NULL;
  g_mutex_unlock (&self->lock);
  if (!is_loaded)
    return FALSE;
  caps = gst_dnn_module_transform_caps (trans, GST_PAD_SRC, any, NULL);
  gst_dnn_spelling_answer (question, caps, any);
  return TRUE;
}
