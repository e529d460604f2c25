/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A GError of any layer → one ERROR message. Next: the application's bus. */
#include "config.h"

#include "gst-plugin/stream/gstdnnerror.h"

#include "gst-plugin/stream/gstdnndebug.h"
#include "pipeline-core/base/dnn-error.h"

/* One row a code of DNN_ERROR. */
typedef struct
{
  const gchar *nick; /* stands in the debug text */
  GQuark (*domain) (void);
  gint code;
} Row;

#define ROW(name, domain, code) \
  [DNN_ERROR_##name] = { #name, gst_##domain##_error_quark, code }

static const Row rows[] = {
  ROW (FAILED, library, GST_LIBRARY_ERROR_FAILED),
  ROW (NOT_FOUND, resource, GST_RESOURCE_ERROR_NOT_FOUND),
  ROW (FORMAT, resource, GST_RESOURCE_ERROR_READ),
  ROW (LIMIT, resource, GST_RESOURCE_ERROR_READ),
  ROW (UNKNOWN_KEY, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (VALUE, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (UNSUPPORTED, stream, GST_STREAM_ERROR_NOT_IMPLEMENTED),
  ROW (GRAPH, resource, GST_RESOURCE_ERROR_READ),
  ROW (CYCLE, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (SHAPE, core, GST_CORE_ERROR_NEGOTIATION),
  ROW (TYPE, core, GST_CORE_ERROR_NEGOTIATION),
  ROW (UNKNOWN_NAME, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (OWN_MODULE, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (START, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (OUTPUT_TARGET, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (INPUT_TARGET, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (PARAM_TARGET, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (TWO_SOURCES, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (UNBOUND, resource, GST_RESOURCE_ERROR_SETTINGS),
  ROW (BUSY, resource, GST_RESOURCE_ERROR_BUSY),
  ROW (NEEDS_SHAPE, core, GST_CORE_ERROR_NEGOTIATION),
  ROW (DATA, stream, GST_STREAM_ERROR_DECODE),
};

/* Errors of other domains (GIO, JSON) are about a file. */
static const Row other_row = { "OTHER", gst_resource_error_quark,
  GST_RESOURCE_ERROR_FAILED };

void
gst_dnn_error_reset (GstDnnErrorLatch *latch)
{
  g_atomic_int_set (&latch->posted, 0);
}

gboolean
gst_dnn_error_is_posted (GstDnnErrorLatch *latch)
{
  return g_atomic_int_get (&latch->posted) != 0;
}

gboolean
gst_dnn_error_take (GstDnnErrorLatch *latch)
{
  return g_atomic_int_compare_and_exchange (&latch->posted, 0, 1);
}

static void
post (gpointer element, GstMessageType type, const GError *error,
    const GstDnnErrorPlace *place)
{
  const Row *row = &other_row;

  if (error->domain == DNN_ERROR && error->code >= 0 &&
      error->code < (gint) G_N_ELEMENTS (rows))
    row = &rows[error->code];
  gst_element_message_full_with_details (GST_ELEMENT (element), type,
      row->domain (), row->code, dnn_error_print (error),
      g_strdup_printf ("DNN_ERROR_%s", row->nick), place->file, place->function,
      place->line,
      row == &other_row ? NULL
                        : gst_structure_new ("dnn-error", "code", G_TYPE_INT,
                              error->code, NULL));
}

void
gst_dnn_error_post_from (gpointer element, GstDnnErrorLatch *latch,
    const GError *error, const GstDnnErrorPlace *place)
{
  if (gst_dnn_error_take (latch))
    post (element, GST_MESSAGE_ERROR, error, place);
  else
    GST_CAT_INFO_OBJECT (
        gst_dnn_debug, element, "follow-up error: %s", error->message);
}

void
gst_dnn_error_post_warning_from (
    gpointer element, const GError *doubt, const GstDnnErrorPlace *place)
{
  post (element, GST_MESSAGE_WARNING, doubt, place);
}

/* --- what doesn't fit --- */

gboolean
gst_dnn_error_check_peer (GstPad *src, GstCaps *caps, GError **error)
{
  g_autoptr (GstCaps) accepted = NULL;
  g_autofree gchar *text = NULL;
  g_autofree gchar *wanted = NULL;

  if (!gst_pad_is_linked (src) || GST_PAD_IS_FLUSHING (src) ||
      gst_pad_peer_query_accept_caps (src, caps))
    return TRUE;
  accepted = gst_pad_peer_query_caps (src, NULL);
  text = gst_caps_to_string (caps);
  wanted = gst_caps_to_string (accepted);
  g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
      "The frames that leave are as they came, %s; downstream takes %s", text,
      wanted);
  return FALSE;
}

GstFlowReturn
gst_dnn_error_get_event_flow (GstPad *src, gboolean handled)
{
  if (handled)
    return GST_FLOW_OK;
  return GST_PAD_IS_FLUSHING (src) ? GST_FLOW_FLUSHING : GST_FLOW_ERROR;
}

/* Of the base class. */
static GstPadEventFunction handle_event;

static GstFlowReturn
handle_event_fully (GstPad *sink, GstObject *parent, GstEvent *event)
{
  return gst_dnn_error_get_event_flow (
      GST_BASE_TRANSFORM_SRC_PAD (parent), handle_event (sink, parent, event));
}

void
gst_dnn_error_tell_flushing (GstBaseTransform *trans)
{
  g_atomic_pointer_set (&handle_event, GST_PAD_EVENTFUNC (trans->sinkpad));
  gst_pad_set_event_full_function (trans->sinkpad, handle_event_fully);
}

/* --- data without caps --- */

typedef struct
{
  gpointer element;
  GstDnnErrorLatch *latch;
  const gchar *expected;
} Watch;

static void
post_watched (const Watch *watch, const GError *error)
{
  gst_dnn_error_post (watch->element, watch->latch, error);
}

/* GStreamer itself refuses these, without a word. */
static void
check_caps (const Watch *watch, GstPad *pad, GstEvent *event)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (gst_caps_can_intersect (caps, template))
    return;
  text = gst_caps_to_string (caps);
  error = g_error_new (DNN_ERROR, DNN_ERROR_TYPE, "%s: The stream is %s; %s",
      GST_PAD_NAME (pad), text, watch->expected);
  post_watched (watch, error);
}

static GstPadProbeReturn
probe_data (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  const Watch *watch = data;
  g_autoptr (GError) error = NULL;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS)
      check_caps (watch, pad, GST_PAD_PROBE_INFO_EVENT (info));
    return GST_PAD_PROBE_OK;
  }
  if (gst_pad_has_current_caps (pad))
    return GST_PAD_PROBE_OK;
  error = g_error_new (DNN_ERROR, DNN_ERROR_TYPE, GST_DNN_NO_CAPS,
      GST_PAD_NAME (pad), watch->expected);
  post_watched (watch, error);
  gst_mini_object_unref (GST_PAD_PROBE_INFO_DATA (info));
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_ERROR;
  return GST_PAD_PROBE_HANDLED;
}

void
gst_dnn_error_watch_caps (GstPad *pad, gpointer element,
    GstDnnErrorLatch *latch, const gchar *expected)
{
  Watch *watch = g_new (Watch, 1);

  *watch = (Watch){ element, latch, expected };
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
          GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      probe_data, watch, g_free);
}
