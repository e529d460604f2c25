/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A source pad → what downstream wants. Next: gstdnninput.c. */
#include "config.h"

#include "gst-plugin/video/gstdnndownstream.h"

#include "gst-plugin/stream/gstdnnquery.h"
#include "gst-plugin/stream/gstdnnspelling.h"

static const GstStructure *
get_answer (GstQuery *query)
{
  return query != NULL ? gst_query_get_structure (query) : NULL;
}

gboolean
gst_dnn_downstream_find_tensors (GstPad *pad, GstDnnTensorsInfo *wanted)
{
  g_autoptr (GstCaps) caps = gst_dnn_spelling_query_peer (pad);

  if (caps == NULL || gst_caps_is_any (caps))
    return FALSE;
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (caps, i);
    GstStructure *structure = gst_caps_get_structure (one, 0);

    if (!gst_structure_has_name (structure, "other/tensors") ||
        gst_structure_get_string (structure, "dimensions") == NULL ||
        gst_structure_get_string (structure, "types") == NULL)
      continue;
    one = gst_caps_fixate (one);
    if (gst_dnn_tensors_info_from_caps (wanted, one, NULL))
      return TRUE;
  }
  return FALSE;
}

GstQuery *
gst_dnn_downstream_ask_decoder (GstPad *pad, gint width, gint height)
{
  GstQuery *query = gst_dnn_query_new_decoder ();

  gst_dnn_query_set_size (query, width, height);
  if (gst_pad_peer_query (pad, query))
    return query;
  gst_query_unref (query);
  return NULL;
}

gboolean
gst_dnn_downstream_get_input (GstQuery *query, GstDnnHeadInput *input)
{
  const GstStructure *structure = query != NULL
      ? gst_query_get_structure (query)
      : NULL;

  return structure != NULL && gst_dnn_query_get_input (structure, input);
}

GstCaps *
gst_dnn_downstream_get_video_caps (GstQuery *query)
{
  const GstStructure *structure = query != NULL
      ? gst_query_get_structure (query)
      : NULL;
  GstCaps *caps = NULL;

  if (structure != NULL)
    gst_structure_get (structure, "caps", GST_TYPE_CAPS, &caps, NULL);
  return caps;
}

const gchar *
gst_dnn_downstream_get_model (GstQuery *query)
{
  const GstStructure *structure = get_answer (query);

  return structure != NULL ? gst_structure_get_string (structure, "model")
                           : NULL;
}
