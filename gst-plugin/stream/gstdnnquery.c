/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pad → whether one of our decoders follows; questions along the stream.
 * Next: gstdnnevidence.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnquery.h"

GstQuery *
gst_dnn_query_new_decoder (void)
{
  return gst_query_new_custom (
      GST_QUERY_CUSTOM, gst_structure_new_empty (GST_DNN_QUERY_DECODER));
}

static gboolean
is_custom (GstQuery *query, const gchar *name)
{
  const GstStructure *structure = gst_query_get_structure (query);

  return GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM && structure != NULL &&
      gst_structure_has_name (structure, name);
}

gboolean
gst_dnn_query_is_decoder (GstQuery *query)
{
  return is_custom (query, GST_DNN_QUERY_DECODER);
}

GstQuery *
gst_dnn_query_new_evidence (void)
{
  return gst_query_new_custom (
      GST_QUERY_CUSTOM, gst_structure_new_empty (GST_DNN_QUERY_EVIDENCE));
}

gboolean
gst_dnn_query_is_evidence (GstQuery *query)
{
  return is_custom (query, GST_DNN_QUERY_EVIDENCE);
}

void
gst_dnn_query_set_size (GstQuery *query, gint width, gint height)
{
  gst_structure_set (gst_query_writable_structure (query), "width", G_TYPE_INT,
      width, "height", G_TYPE_INT, height, NULL);
}

void
gst_dnn_query_get_size (GstQuery *query, gint *width, gint *height)
{
  const GstStructure *structure = gst_query_get_structure (query);

  *width = *height = 0;
  gst_structure_get_int (structure, "width", width);
  gst_structure_get_int (structure, "height", height);
}

gboolean
gst_dnn_pad_has_decoder (GstPad *pad)
{
  GstQuery *query = gst_dnn_query_new_decoder ();
  gboolean found = gst_pad_peer_query (pad, query);

  gst_query_unref (query);
  return found;
}
