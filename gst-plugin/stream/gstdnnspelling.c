/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Caps of one side, and of the other → caps that fit as text, too. Next:
 * gstdnnmodule.c, gstdnnmux.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnspelling.h"

/* @one, with other dimensions, says the same as @info. */
static gboolean
is_same (const GstDnnTensorsInfo *info, const GstStructure *one,
    const gchar *dimensions)
{
  g_autoptr (GstCaps) caps = gst_caps_new_full (gst_structure_copy (one), NULL);
  GstDnnTensorsInfo other;

  gst_caps_set_simple (caps, "dimensions", G_TYPE_STRING, dimensions,
      "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
  return gst_dnn_tensors_info_from_caps (&other, caps, NULL) &&
      gst_dnn_tensors_info_equal (&other, info);
}

static gboolean
has_spelling (const GstCaps *caps, const gchar *dimensions)
{
  for (guint i = 0; i < gst_caps_get_size (caps); i++)
    if (g_strcmp0 (gst_structure_get_string (
                       gst_caps_get_structure (caps, i), "dimensions"),
            dimensions) == 0)
      return TRUE;
  return FALSE;
}

static void
add_spelling (
    GstCaps *caps, const GstDnnTensorsInfo *info, const gchar *dimensions)
{
  const GstStructure *first = gst_caps_get_structure (caps, 0);
  GstStructure *copy;

  if (dimensions == NULL || has_spelling (caps, dimensions) ||
      !is_same (info, first, dimensions))
    return;
  copy = gst_structure_copy (first);
  gst_structure_set (copy, "dimensions", G_TYPE_STRING, dimensions, NULL);
  gst_caps_append_structure (caps, copy);
}

GstCaps *
gst_dnn_spelling_add (const GstDnnTensorsInfo *info, const GstCaps *others)
{
  GstCaps *caps = gst_dnn_tensors_info_to_caps (info);

  if (others == NULL || gst_caps_is_any (others) ||
      !gst_structure_has_field (gst_caps_get_structure (caps, 0), "dimensions"))
    return caps;
  for (guint i = 0; i < gst_caps_get_size (others); i++) {
    const GValue *value = gst_structure_get_value (
        gst_caps_get_structure (others, i), "dimensions");

    if (value != NULL && GST_VALUE_HOLDS_LIST (value))
      for (guint j = 0; j < gst_value_list_get_size (value); j++)
        add_spelling (caps, info,
            g_value_get_string (gst_value_list_get_value (value, j)));
    else if (value != NULL && G_VALUE_HOLDS_STRING (value))
      add_spelling (caps, info, g_value_get_string (value));
  }
  return caps;
}

GstCaps *
gst_dnn_spelling_query_peer (GstPad *pad)
{
  g_autoptr (GstCaps) any = gst_caps_from_string (GST_DNN_TENSOR_CAPS);

  return gst_pad_peer_query_caps (pad, any);
}

void
gst_dnn_spelling_answer (
    GstQuery *query, const GstCaps *caps, const GstCaps *any)
{
  g_autoptr (GstCaps) common = NULL;
  GstCaps *filter;

  gst_query_parse_caps (query, &filter);
  if (filter == NULL) {
    gst_query_set_caps_result (query, (GstCaps *) caps);
    return;
  }
  common = gst_caps_intersect_full (
      (GstCaps *) caps, filter, GST_CAPS_INTERSECT_FIRST);
  if (gst_caps_is_empty (common)) {
    gst_clear_caps (&common);
    common = gst_caps_intersect_full (
        (GstCaps *) any, filter, GST_CAPS_INTERSECT_FIRST);
  }
  gst_query_set_caps_result (query, common);
}
