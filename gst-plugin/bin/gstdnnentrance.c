/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers of the global inputs → buffers of the same frame with the same key,
 * on as many pads. Next: gstdnnmux.c, gstdnnmodule.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnentrance.h"

#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnncaps.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* Upstream events that came along one branch and may come along another. */
#define N_SEEN 16

struct _GstDnnEntrance
{
  GstDnnJoin parent;

  GPtrArray *srcs; /* GstPad *, by number */
  GArray *flushed; /* gboolean, by number: a flush took the segment away */
  /* the join's lock */
  guint max_in_flight;
  GArray *in_flight; /* GstDnnFrameKey, oldest first */
  GstDnnFrameKey newest; /* that has entered */
  guint64 divided; /* serial of the last frame before the last divide */
  struct
  {
    guint number; /* of the pad */
    guint32 seqnum;
    GstEventType type;
  } seen[N_SEEN];
  guint next_seen;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink_%u",
    GST_PAD_SINK, GST_PAD_SOMETIMES, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src_%u",
    GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));

G_DEFINE_TYPE (GstDnnEntrance, gst_dnn_entrance, GST_TYPE_DNN_JOIN)

/* --- frames in flight --- */

void
gst_dnn_entrance_set_max_in_flight (GstDnnEntrance *self, guint max)
{
  gst_dnn_join_lock (GST_DNN_JOIN (self));
  self->max_in_flight = max;
  gst_dnn_join_wake (GST_DNN_JOIN (self));
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
}

void
gst_dnn_entrance_leave (GstDnnEntrance *self, const GstDnnFrameKey *key)
{
  guint n_left = 0;

  gst_dnn_join_lock (GST_DNN_JOIN (self));
  while (n_left < self->in_flight->len &&
      gst_dnn_frame_key_compare (
          &g_array_index (self->in_flight, GstDnnFrameKey, n_left), key) <= 0)
    n_left++;
  if (n_left > 0) {
    g_array_remove_range (self->in_flight, 0, n_left);
    gst_dnn_join_wake (GST_DNN_JOIN (self));
  }
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
}

guint
gst_dnn_entrance_get_n_in_flight (GstDnnEntrance *self)
{
  guint n_in_flight;

  gst_dnn_join_lock (GST_DNN_JOIN (self));
  n_in_flight = self->in_flight->len;
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
  return n_in_flight;
}

static void
forget_in_flight (GstDnnJoin *join)
{
  gst_dnn_join_lock (join);
  g_array_set_size (GST_DNN_ENTRANCE (join)->in_flight, 0);
  gst_dnn_join_wake (join);
  gst_dnn_join_unlock (join);
}

void
gst_dnn_entrance_divide (GstDnnEntrance *self, guint64 last,
    void (*function) (guint64 last, gpointer data), gpointer data)
{
  gst_dnn_join_lock (GST_DNN_JOIN (self));
  self->divided = MAX (MAX (last, self->newest.serial), self->divided);
  function (self->divided, data);
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
}

/* A frame that comes again, or late, doesn't count as one of those before the
 * last divide: it gets a serial of its own. The lock is held. */
static void
note_key (GstDnnEntrance *self, GstDnnFrameKey *key)
{
  if (key->serial <= self->divided &&
      gst_dnn_frame_key_compare (key, &self->newest) <= 0)
    key->serial = gst_dnn_frame_key_new ().serial;
  if (gst_dnn_frame_key_compare (key, &self->newest) > 0)
    self->newest = *key;
  g_array_append_val (self->in_flight, *key);
}

/* Waits for a place and takes it; FALSE where streaming ends meanwhile. */
static gboolean
enter (GstDnnEntrance *self, GstDnnFrameKey *key)
{
  GstDnnJoin *join = GST_DNN_JOIN (self);
  gboolean entered;

  gst_dnn_join_lock (join);
  while (!gst_dnn_join_is_stopping (join) && self->max_in_flight > 0 &&
      self->in_flight->len >= self->max_in_flight)
    gst_dnn_join_wait (join);
  entered = !gst_dnn_join_is_stopping (join);
  if (entered)
    note_key (self, key);
  gst_dnn_join_unlock (join);
  return entered;
}

/* --- frames --- */

/* Gives @buffer (transfer full) that key; a frame it refers to stays. */
static GstBuffer *
stamp (GstBuffer *buffer, const GstDnnFrameKey *key)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);

  if (meta != NULL && gst_dnn_frame_key_compare (&meta->key, key) == 0)
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  meta = gst_buffer_get_dnn_frame_meta (buffer);
  if (meta != NULL)
    meta->key = *key;
  else
    gst_buffer_add_dnn_frame_meta (buffer, NULL, NULL, NULL, NULL, key);
  return buffer;
}

/* Inputs that weren't flushed themselves don't send their segments again. */
static void
restore_segments (GstDnnEntrance *self)
{
  for (guint i = 0; i < self->flushed->len; i++) {
    GstDnnJoinPad *sink = gst_dnn_join_get_pad (GST_DNN_JOIN (self), i);
    GstEvent *segment;
    if (!g_array_index (self->flushed, gboolean, i))
      continue;
    g_array_index (self->flushed, gboolean, i) = FALSE;
    segment = gst_pad_get_sticky_event (GST_PAD (sink), GST_EVENT_SEGMENT, 0);
    if (segment != NULL)
      gst_pad_push_event (self->srcs->pdata[i], segment);
  }
}

/* The worst of two pads' results. An end of one branch is the end of all. */
static GstFlowReturn
combine_flows (GstFlowReturn a, GstFlowReturn b)
{
  return MIN (a, b);
}

static GstFlowReturn
finish (GstDnnJoin *join, GstBuffer **set, guint n_pads)
{
  GstDnnEntrance *self = GST_DNN_ENTRANCE (join);
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (set[0]);
  GstDnnFrameKey key = meta != NULL ? meta->key : gst_dnn_frame_key_new ();
  GstFlowReturn flow = GST_FLOW_OK;

  if (!enter (self, &key)) {
    for (guint i = 0; i < n_pads; i++)
      gst_buffer_unref (set[i]);
    return GST_FLOW_FLUSHING;
  }
  restore_segments (self);
  for (guint i = 0; i < n_pads; i++)
    flow = combine_flows (
        flow, gst_pad_push (self->srcs->pdata[i], stamp (set[i], &key)));
  return flow;
}

/* --- events --- */

/* Of all branches: what is in flight has lost its partners. */
static void
flush (GstDnnJoin *join, GstEvent *event)
{
  GstDnnEntrance *self = GST_DNN_ENTRANCE (join);

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    forget_in_flight (join);
  for (guint i = 0; i < self->srcs->len; i++)
    gst_pad_push_event (self->srcs->pdata[i], gst_event_ref (event));
  gst_event_unref (event);
}

static void
note_flush (GstDnnJoin *join)
{
  GstDnnEntrance *self = GST_DNN_ENTRANCE (join);

  for (guint i = 0; i < self->flushed->len; i++)
    g_array_index (self->flushed, gboolean, i) = TRUE;
}

static gboolean
handle_event (GstDnnJoin *join, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnEntrance *self = GST_DNN_ENTRANCE (join);
  guint number = gst_dnn_join_pad_get_number (pad);
  gboolean result = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    g_array_index (self->flushed, gboolean, number) = FALSE;
  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    return gst_pad_push_event (self->srcs->pdata[number], event);
  /* The main pad's, or that of a pad that is empty: of all. */
  restore_segments (self);
  for (guint i = 0; i < self->srcs->len; i++)
    result &= gst_pad_push_event (self->srcs->pdata[i], gst_event_ref (event));
  gst_event_unref (event);
  return result;
}

/* Whether the event was here already, along another branch. */
static gboolean
is_seen (GstDnnEntrance *self, guint number, GstEvent *event)
{
  gboolean seen = FALSE;

  gst_dnn_join_lock (GST_DNN_JOIN (self));
  for (guint i = 0; i < N_SEEN; i++)
    seen |= self->seen[i].number == number &&
        self->seen[i].seqnum == gst_event_get_seqnum (event) &&
        self->seen[i].type == GST_EVENT_TYPE (event);
  if (!seen) {
    self->seen[self->next_seen].number = number;
    self->seen[self->next_seen].seqnum = gst_event_get_seqnum (event);
    self->seen[self->next_seen].type = GST_EVENT_TYPE (event);
    self->next_seen = (self->next_seen + 1) % N_SEEN;
  }
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
  return seen;
}

static guint
find_number (GstDnnEntrance *self, GstPad *src)
{
  guint number = 0;

  g_ptr_array_find (self->srcs, src, &number);
  return number;
}

static gboolean
handle_src_event (GstPad *src, GstObject *parent, GstEvent *event)
{
  GstDnnEntrance *self = GST_DNN_ENTRANCE (parent);
  guint number = find_number (self, src);

  if (GST_EVENT_TYPE (event) != GST_EVENT_RECONFIGURE &&
      is_seen (self, number, event)) {
    gst_event_unref (event);
    return TRUE;
  }
  return gst_pad_push_event (
      GST_PAD (gst_dnn_join_get_pad (GST_DNN_JOIN (self), number)), event);
}

/* Both ways, every query goes on to the other side. */
static gboolean
query_sink (GstPad *sink, GstObject *parent, GstQuery *query)
{
  guint number = gst_dnn_join_pad_get_number (GST_DNN_JOIN_PAD (sink));

  return gst_pad_peer_query (
      GST_DNN_ENTRANCE (parent)->srcs->pdata[number], query);
}

static gboolean
query_src (GstPad *src, GstObject *parent, GstQuery *query)
{
  guint number = find_number (GST_DNN_ENTRANCE (parent), src);

  return gst_pad_peer_query (
      GST_PAD (gst_dnn_join_get_pad (GST_DNN_JOIN (parent), number)), query);
}

/* --- object --- */

static void
finalize (GObject *object)
{
  GstDnnEntrance *self = GST_DNN_ENTRANCE (object);

  g_ptr_array_unref (self->srcs);
  g_array_unref (self->in_flight);
  g_array_unref (self->flushed);
  G_OBJECT_CLASS (gst_dnn_entrance_parent_class)->finalize (object);
}

static void
gst_dnn_entrance_class_init (GstDnnEntranceClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstDnnJoinClass *join_class = GST_DNN_JOIN_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  gst_element_class_set_static_metadata (element_class, "Entrance of dnnbin",
      "Filter/Tensor", "Stamps and matches frames, limits those in flight",
      "The gst-dnn authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  join_class->event = handle_event;
  join_class->flush = flush;
  join_class->flushed = note_flush;
  join_class->finish = finish;
  join_class->reset = forget_in_flight;
}

static void
gst_dnn_entrance_init (GstDnnEntrance *self)
{
  self->srcs = g_ptr_array_new ();
  self->in_flight = g_array_new (FALSE, FALSE, sizeof (GstDnnFrameKey));
  self->flushed = g_array_new (FALSE, TRUE, sizeof (gboolean));
}

static void
add_pads (GstDnnEntrance *self, guint number)
{
  g_autofree gchar *name = g_strdup_printf ("src_%u", number);
  GstPadTemplate *templ = gst_element_get_pad_template (
      GST_ELEMENT (self), sink_template.name_template);
  GstPad *src = gst_pad_new_from_static_template (&src_template, name);
  GstDnnJoinPad *sink;

  gst_pad_set_event_function (src, handle_src_event);
  gst_pad_set_query_function (src, query_src);
  g_ptr_array_add (self->srcs, src);
  gst_element_add_pad (GST_ELEMENT (self), src);
  g_array_set_size (self->flushed, number + 1);
  sink = gst_dnn_join_add_pad (
      GST_DNN_JOIN (self), GST_TYPE_DNN_JOIN_PAD, templ, number);
  gst_pad_set_query_function (GST_PAD (sink), query_sink);
}

GstElement *
gst_dnn_entrance_new (guint n_inputs)
{
  GstDnnEntrance *self = g_object_new (
      GST_TYPE_DNN_ENTRANCE, "name", "entrance", NULL);

  /* Frames from elsewhere have keys of their own. */
  gst_dnn_join_set_match (GST_DNN_JOIN (self), GST_DNN_MATCH_TIME);
  for (guint i = 0; i < n_inputs; i++)
    add_pads (self, i);
  return GST_ELEMENT (self);
}
