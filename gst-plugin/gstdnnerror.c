/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A GError of any layer → one ERROR message. Next: the application's bus. */
#include "config.h"

#include "gst-plugin/gstdnnerror.h"

#include "gst-plugin/gstdnnplugin.h"
#include "pipeline-core/dnn-error.h"

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

void
gst_dnn_error_post (
    gpointer element, GstDnnErrorLatch *latch, const GError *error)
{
  const Row *row = &other_row;

  if (error->domain == DNN_ERROR && error->code >= 0 &&
      error->code < (gint) G_N_ELEMENTS (rows))
    row = &rows[error->code];
  if (!gst_dnn_error_take (latch)) {
    GST_CAT_INFO_OBJECT (
        gst_dnn_debug, element, "follow-up error: %s", error->message);
    return;
  }
  gst_element_message_full_with_details (GST_ELEMENT (element),
      GST_MESSAGE_ERROR, row->domain (), row->code, dnn_error_print (error),
      g_strdup_printf ("DNN_ERROR_%s", row->nick), __FILE__, G_STRFUNC,
      __LINE__,
      row == &other_row ? NULL
                        : gst_structure_new ("dnn-error", "code", G_TYPE_INT,
                              error->code, NULL));
}
