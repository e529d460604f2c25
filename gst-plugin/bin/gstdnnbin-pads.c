/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Global inputs → ghost pads of dnnbin. Next: gstdnnbin.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-pads.h"

gchar *
gst_dnn_bin_pads_get_name (const GPtrArray *inputs, guint idx)
{
  gchar *name;

  if (idx == 0)
    return g_strdup ("sink");
  name = g_strdup_printf ("sink_%s", (const gchar *) inputs->pdata[idx]);
  for (gchar *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c))
      *c = '_';
  return name;
}

/* Input that the pad of that name stands for, -1 for none. */
static gint
find_input (const GPtrArray *inputs, const gchar *pad_name)
{
  for (guint i = 0; i < inputs->len; i++) {
    g_autofree gchar *name = gst_dnn_bin_pads_get_name (inputs, i);
    if (g_str_equal (name, pad_name))
      return (gint) i;
  }
  return -1;
}

static gchar *
list_names (const GPtrArray *inputs)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < inputs->len; i++) {
    g_autofree gchar *name = gst_dnn_bin_pads_get_name (inputs, i);
    g_string_append_printf (text, "%s%s for \"%s\"", i == 0 ? "" : ", ", name,
        (const gchar *) inputs->pdata[i]);
  }
  return g_string_free (text, FALSE);
}

/* Sink pads, referenced: "sink" and the requested ones. */
static GPtrArray *
list_sink_pads (GstElement *bin)
{
  GPtrArray *pads = g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (bin);
  for (GList *link = bin->sinkpads; link != NULL; link = link->next)
    g_ptr_array_add (pads, gst_object_ref (link->data));
  GST_OBJECT_UNLOCK (bin);
  return pads;
}

gboolean
gst_dnn_bin_pads_check_names (
    GstElement *bin, const GPtrArray *inputs, GError **error)
{
  g_autoptr (GPtrArray) pads = list_sink_pads (bin);

  for (guint i = 1; i < inputs->len; i++) {
    g_autofree gchar *name = gst_dnn_bin_pads_get_name (inputs, i);
    gint first = find_input (inputs, name);
    if (first != (gint) i) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
          "The global inputs \"%s\" and \"%s\" would both be pad %s",
          (const gchar *) inputs->pdata[first],
          (const gchar *) inputs->pdata[i], name);
      return FALSE;
    }
  }
  if (inputs->len == 0) {
    g_set_error_literal (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "The pipeline has no inputs, so no buffer would start it; gst-dnn run "
        "and DnnPipelineExecutor do without");
    return FALSE;
  }
  for (guint i = 0; i < pads->len; i++) {
    g_autofree gchar *names = list_names (inputs);
    if (find_input (inputs, GST_PAD_NAME (pads->pdata[i])) >= 0)
      continue;
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "pad %s is of no global input (pads: %s)",
        GST_PAD_NAME (pads->pdata[i]), names);
    return FALSE;
  }
  return TRUE;
}

gboolean
gst_dnn_bin_pads_check_requested (
    GstElement *bin, const GPtrArray *inputs, GError **error)
{
  for (guint i = 0; i < inputs->len; i++) {
    g_autofree gchar *name = gst_dnn_bin_pads_get_name (inputs, i);
    g_autoptr (GstPad) pad = gst_element_get_static_pad (bin, name);
    if (pad != NULL)
      continue;
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNBOUND,
        "Nothing comes to the global input \"%s\": its pad %s was not "
        "requested",
        (const gchar *) inputs->pdata[i], name);
    return FALSE;
  }
  return TRUE;
}

void
gst_dnn_bin_pads_set_targets (
    GstElement *bin, const GPtrArray *inputs, const GstDnnBinParts *parts)
{
  g_autoptr (GPtrArray) pads = list_sink_pads (bin);
  g_autoptr (GstPad) src = gst_element_get_static_pad (bin, "src");

  for (guint i = 0; i < pads->len; i++) {
    gint idx = find_input (inputs, GST_PAD_NAME (pads->pdata[i]));
    g_autoptr (GstPad) target = NULL;
    if (idx < 0)
      continue;
    target = gst_element_get_static_pad (parts->queues->pdata[idx], "sink");
    gst_ghost_pad_set_target (GST_GHOST_PAD (pads->pdata[i]), target);
  }
  gst_ghost_pad_set_target (GST_GHOST_PAD (src), parts->src);
}

void
gst_dnn_bin_pads_clear_targets (GstElement *bin)
{
  g_autoptr (GPtrArray) pads = list_sink_pads (bin);
  g_autoptr (GstPad) src = gst_element_get_static_pad (bin, "src");

  for (guint i = 0; i < pads->len; i++)
    gst_ghost_pad_set_target (GST_GHOST_PAD (pads->pdata[i]), NULL);
  gst_ghost_pad_set_target (GST_GHOST_PAD (src), NULL);
}

/* Sets how many buffers the queue of @sink holds. */
static void
set_limit (GstPad *sink, guint n_buffers)
{
  g_autoptr (GstElement) queue = gst_pad_get_parent_element (sink);

  if (queue != NULL)
    g_object_set (queue, "max-size-buffers", n_buffers, NULL);
}

void
gst_dnn_bin_pads_open_queue (GstPad *sink)
{
  set_limit (sink, 0);
}

void
gst_dnn_bin_pads_end (GstPad *sink)
{
  set_limit (sink, 1);
  gst_pad_send_event (sink, gst_event_new_eos ());
}
