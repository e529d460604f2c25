/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A buffer and all that are made of it → a count. Next: gstdnnbypass.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnntrace.h"

struct _GstDnnTrace
{
  gatomicrefcount ref_count; /* the owner's, and one for each buffer */
  gint n_buffers; /* atomic */
};

typedef struct
{
  GstMeta meta;
  GstDnnTrace *trace;
} TraceMeta;

static const GstMetaInfo *get_info (void);

static GType
get_api (void)
{
  static gsize type = 0;
  static const gchar *tags[] = { NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register ("GstDnnTraceAPI", tags);
    g_once_init_leave (&type, registered);
  }
  return type;
}

static void
add_meta (GstBuffer *buffer, GstDnnTrace *trace)
{
  TraceMeta *meta = (TraceMeta *) gst_buffer_add_meta (
      buffer, get_info (), NULL);

  g_atomic_ref_count_inc (&trace->ref_count);
  g_atomic_int_inc (&trace->n_buffers);
  meta->trace = trace;
}

static gboolean
init_meta (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  ((TraceMeta *) meta)->trace = NULL;
  return TRUE;
}

static void
free_meta (GstMeta *meta, GstBuffer *buffer)
{
  GstDnnTrace *trace = ((TraceMeta *) meta)->trace;

  g_atomic_int_add (&trace->n_buffers, -1);
  gst_dnn_trace_unref (trace);
}

static gboolean
copy_meta (
    GstBuffer *dst, GstMeta *meta, GstBuffer *src, GQuark type, gpointer data)
{
  add_meta (dst, ((TraceMeta *) meta)->trace);
  return TRUE;
}

static const GstMetaInfo *
get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *registered = gst_meta_register (get_api (),
        "GstDnnTrace", sizeof (TraceMeta), init_meta, free_meta, copy_meta);
    g_once_init_leave (&info, registered);
  }
  return info;
}

GstDnnTrace *
gst_dnn_trace_new (GstBuffer *buffer)
{
  GstDnnTrace *self = g_new0 (GstDnnTrace, 1);

  g_atomic_ref_count_init (&self->ref_count);
  add_meta (buffer, self);
  return self;
}

void
gst_dnn_trace_unref (GstDnnTrace *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

gboolean
gst_dnn_trace_is_alive (GstDnnTrace *self)
{
  return g_atomic_int_get (&self->n_buffers) > 0;
}
