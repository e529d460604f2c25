/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers before an element → behind it: gaps as they are, frames with the
 * metadata that the element forgot, a gap for each frame that it dropped. Next:
 * the element's peer. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbypass.h"

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnntrace.h"
#include "pipeline-core/base/dnn-error.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* Name of the event that follows each frame through the element. */
#define END_OF_FRAME "GstDnnEndOfFrame"

/* What is in the element, or waits for what is in it. */
typedef struct
{
  guint64 number;
  GstBuffer *buffer; /* a gap that is to leave, or an empty one that keeps the
                        metadata of a frame */
  GstDnnTrace *trace; /* (nullable): the frame's */
} Entry;

/* What a buffer can be known by. */
typedef struct
{
  guint64 serial; /* 0: none */
  guint region_idx;
  GstClockTime pts;
} Name;

struct _GstDnnBypass
{
  gint ref_count; /* the owner's, and one for each pad with a probe */
  GstElement *element; /* not owned */
  GstPad *src; /* not owned */
  GstDnnErrorLatch latch;
  GMutex pushing; /* gaps leave one after the other */
  gboolean is_passing; /* the thread of the sink pad's */

  GMutex lock; /* guards the rest; never held while pushing */
  GQueue inside; /* Entry, oldest first */
  guint64 n_entered; /* number of the newest entry */
  guint64 n_left; /* that of the frame that left last */
  guint64 n_ended; /* of the last frame whose end has passed */
  Name left; /* of the frame that left last */
  Name ended; /* of the newest one that was made a gap at its end */
  gboolean is_open; /* the last event of number 0 has passed */
  gboolean is_late; /* frames come behind their end: it says nothing */
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  gst_buffer_unref (entry->buffer);
  g_clear_pointer (&entry->trace, gst_dnn_trace_unref);
  g_free (entry);
}

static gboolean
is_gap (const Entry *entry)
{
  return GST_BUFFER_FLAG_IS_SET (entry->buffer, GST_BUFFER_FLAG_GAP);
}

static Name
get_name (GstBuffer *buffer)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);
  Name name = { 0, 0, GST_BUFFER_PTS (buffer) };

  if (meta != NULL) {
    name.serial = meta->key.serial;
    name.region_idx = meta->key.region_idx;
  }
  return name;
}

/* Below, equal to, above 0; FALSE where it can't be said. By key, else by
 * time. */
static gboolean
compare_names (const Name *a, const Name *b, gint *result)
{
  if (a->serial != 0 && b->serial != 0) {
    *result = a->serial != b->serial
        ? (a->serial < b->serial ? -1 : 1)
        : (gint) a->region_idx - (gint) b->region_idx;
    return TRUE;
  }
  if (!GST_CLOCK_TIME_IS_VALID (a->pts) || !GST_CLOCK_TIME_IS_VALID (b->pts))
    return FALSE;
  *result = a->pts < b->pts ? -1 : a->pts > b->pts;
  return TRUE;
}

static void
forget_name (Name *name)
{
  *name = (Name){ 0, 0, GST_CLOCK_TIME_NONE };
}

void
gst_dnn_bypass_reset (GstDnnBypass *self)
{
  GQueue inside;

  gst_dnn_error_reset (&self->latch);
  g_mutex_lock (&self->lock);
  inside = self->inside;
  g_queue_init (&self->inside);
  self->n_left = self->n_ended = self->n_entered;
  forget_name (&self->left);
  forget_name (&self->ended);
  self->is_late = FALSE;
  g_mutex_unlock (&self->lock);
  g_queue_clear_full (&inside, free_entry);
}

void
gst_dnn_bypass_unref (GstDnnBypass *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  gst_dnn_bypass_reset (self);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->pushing);
  g_free (self);
}

/* ---- gaps --------------------------------------------------------------- */

/* The oldest entry, if it is a gap. The frame that left last may be on its way
 * to the peer yet, in another thread; its end comes behind it, and the gap
 * then. (transfer full) (nullable) */
static GstBuffer *
pop_gap (GstDnnBypass *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry *oldest = g_queue_peek_head (&self->inside);
  GstBuffer *gap;

  if (oldest == NULL || !is_gap (oldest) || self->n_left > self->n_ended)
    return NULL;
  gap = gst_buffer_ref (oldest->buffer);
  free_entry (g_queue_pop_head (&self->inside));
  return gap;
}

/* Data may flow: caps came before the segment. An element with a thread of its
 * own sends them while others look. */
static gboolean
has_begun (GstDnnBypass *self)
{
  g_autoptr (GstEvent)
      segment = gst_pad_get_sticky_event (self->src, GST_EVENT_SEGMENT, 0);

  return segment != NULL && gst_pad_has_current_caps (self->src);
}

/* Everything before them has left. A stream that hasn't begun can't have any:
 * then they wait. */
static void
push_gaps (GstDnnBypass *self)
{
  GstBuffer *gap;

  if (!has_begun (self))
    return;
  g_mutex_lock (&self->pushing);
  while ((gap = pop_gap (self)) != NULL)
    gst_pad_push (self->src, gap);
  g_mutex_unlock (&self->pushing);
}

/* Frames up to @number, of which nothing is left, were dropped. */
static void
end_frames (GstDnnBypass *self, guint64 number)
{
  g_mutex_lock (&self->lock);
  self->n_ended = MIN (number, self->n_entered);
  for (GList *link = self->inside.head; link != NULL && !self->is_late;
       link = link->next) {
    Entry *entry = link->data;
    if (entry->number > number)
      break;
    if (entry->trace == NULL || gst_dnn_trace_is_alive (entry->trace))
      continue;
    GST_BUFFER_FLAG_SET (entry->buffer, GST_BUFFER_FLAG_GAP);
    self->ended = get_name (entry->buffer);
  }
  g_mutex_unlock (&self->lock);
  push_gaps (self);
}

/* ---- before the element ------------------------------------------------- */

static guint64
add_entry (GstDnnBypass *self, GstBuffer *buffer, GstDnnTrace *trace)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Entry *entry = g_new0 (Entry, 1);

  entry->number = ++self->n_entered;
  entry->buffer = buffer;
  entry->trace = trace;
  g_queue_push_tail (&self->inside, entry);
  return entry->number;
}

static GstEvent *
new_end (GstDnnBypass *self, guint64 number)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new (END_OF_FRAME, "bypass", G_TYPE_POINTER, self, "number",
          G_TYPE_UINT64, number, NULL));
}

/* An event that is watched until it is gone. */
typedef struct
{
  gint ref_count; /* the event's and the watcher's */
  gint is_gone;
} Fate;

static void
unref_fate (Fate *fate)
{
  if (g_atomic_int_dec_and_test (&fate->ref_count))
    g_free (fate);
}

static void
note_gone (gpointer data, GstMiniObject *event)
{
  g_atomic_int_set (&((Fate *) data)->is_gone, TRUE);
  unref_fate (data);
}

static gboolean
has_passed (GstDnnBypass *self, guint64 number)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return number == 0 ? self->is_open : self->n_ended >= number;
}

/* Sends the end of frame @number through the element; 0 for the end of none.
 * Whether it swallowed that, as a valve does that is shut: then events say
 * nothing. */
static gboolean
send_end (GstDnnBypass *self, GstPad *sink, guint64 number)
{
  GstEvent *event = new_end (self, number);
  Fate *fate = g_new0 (Fate, 1);
  gboolean is_swallowed;

  g_mutex_lock (&self->lock);
  self->is_open = FALSE;
  g_mutex_unlock (&self->lock);
  fate->ref_count = 2;
  gst_mini_object_weak_ref (GST_MINI_OBJECT (event), note_gone, fate);
  gst_pad_send_event (sink, event);
  /* Behind an end of its own, and while all is flushed, nothing passes. */
  is_swallowed = g_atomic_int_get (&fate->is_gone) &&
      !has_passed (self, number) && !GST_PAD_IS_EOS (self->src) &&
      !GST_PAD_IS_FLUSHING (self->src);
  unref_fate (fate);
  return is_swallowed;
}

/* What a stream begins with, where the element has swallowed that, too. */
static void
begin_stream (GstDnnBypass *self, GstPad *sink)
{
  static const GstEventType types[] = { GST_EVENT_STREAM_START, GST_EVENT_CAPS,
    GST_EVENT_SEGMENT };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (GstEvent) event = gst_pad_get_sticky_event (sink, types[i], 0);
    g_autoptr (GstEvent)
        sent = gst_pad_get_sticky_event (self->src, types[i], 0);
    if (event != NULL && sent == NULL)
      gst_pad_push_event (self->src, g_steal_pointer (&event));
  }
}

/* The element, and nothing behind it, takes no more. Everybody is to know now,
 * not when the next frame comes. */
static void
handle_stop (GstDnnBypass *self, GstPad *sink, GstFlowReturn flow)
{
  GstElement *element = self->element;
  g_autoptr (GError) error = NULL;

  if (flow == GST_FLOW_EOS && !GST_PAD_IS_EOS (self->src))
    gst_pad_send_event (sink, gst_event_new_eos ());
  if (flow >= GST_FLOW_EOS)
    return;
  /* The bin lets it through where the element has posted nothing. */
  error = g_error_new (DNN_ERROR, DNN_ERROR_FAILED,
      "%s (%s) stopped the stream (%s) and didn't say why",
      GST_ELEMENT_NAME (element),
      GST_OBJECT_NAME (gst_element_get_factory (element)),
      gst_flow_get_name (flow));
  gst_dnn_error_post (element, &self->latch, error);
}

/* Into the element, with its end behind it. Takes @buffer. */
static GstFlowReturn
pass_frame (GstDnnBypass *self, GstPad *sink, GstBuffer *buffer)
{
  GstBuffer *kept = gst_dnn_buffer_new_gap (buffer);
  GstDnnTrace *trace;
  GstFlowReturn flow;
  guint64 number;

  GST_BUFFER_FLAG_UNSET (kept, GST_BUFFER_FLAG_GAP);
  buffer = gst_buffer_make_writable (buffer);
  trace = gst_dnn_trace_new (buffer);
  number = add_entry (self, kept, trace);
  self->is_passing = TRUE;
  flow = gst_pad_chain (sink, buffer);
  self->is_passing = FALSE;
  if (flow == GST_FLOW_OK && send_end (self, sink, number)) {
    begin_stream (self, sink);
    end_frames (self, number);
  }
  if (flow == GST_FLOW_OK)
    return flow;
  if (gst_pad_get_last_flow_return (self->src) != flow)
    handle_stop (self, sink, flow);
  return flow;
}

static GstPadProbeReturn
probe_sink_buffer (GstDnnBypass *self, GstPad *sink, GstPadProbeInfo *info)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (self->is_passing)
    return GST_PAD_PROBE_OK;
  if (!gst_dnn_buffer_is_gap (buffer)) {
    info->data = NULL;
    GST_PAD_PROBE_INFO_FLOW_RETURN (info) = pass_frame (self, sink, buffer);
    return GST_PAD_PROBE_HANDLED;
  }
  add_entry (self, gst_dnn_buffer_new_gap (buffer), NULL);
  push_gaps (self);
  return GST_PAD_PROBE_DROP;
}

/* An end that the element will swallow comes out all the same. */
static void
pass_eos (GstDnnBypass *self, GstPad *sink, GstEvent *event)
{
  if (!send_end (self, sink, 0))
    return;
  begin_stream (self, sink);
  end_frames (self, G_MAXUINT64);
  gst_pad_push_event (self->src, gst_event_ref (event));
}

static GstPadProbeReturn
probe_sink (GstPad *sink, GstPadProbeInfo *info, gpointer data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return probe_sink_buffer (data, sink, info);
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    pass_eos (data, sink, GST_PAD_PROBE_INFO_EVENT (info));
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_FLUSH_STOP)
    gst_dnn_bypass_reset (data);
  return GST_PAD_PROBE_OK;
}

/* ---- behind it ---------------------------------------------------------- */

/* Whether @buffer is of a frame that counts as dropped. The lock is held. */
static gboolean
is_late (GstDnnBypass *self, const Name *name)
{
  gint to_ended, to_left;

  return compare_names (name, &self->ended, &to_ended) && to_ended <= 0 &&
      (!compare_names (name, &self->left, &to_left) || to_left > 0);
}

/* A key that is newer than all that went in is one of the element's own: it
 * doesn't count. The lock is held. */
static Name
forget_own_key (GstDnnBypass *self, const Name *name)
{
  const Entry *newest = g_queue_peek_tail (&self->inside);
  Name known = *name;

  if (newest != NULL && get_name (newest->buffer).serial < name->serial)
    known.serial = 0;
  return known;
}

/* The entry of the frame that @buffer came of: by its key or its time, else the
 * oldest. The lock is held. (nullable) */
static GList *
find_entry (GstDnnBypass *self, const Name *given)
{
  Name known = forget_own_key (self, given);
  const Name *name = &known;
  GList *oldest = NULL;
  gint result;

  for (GList *link = self->inside.head; link != NULL; link = link->next) {
    const Entry *entry = link->data;
    Name own = get_name (entry->buffer);
    if (is_gap (entry))
      continue;
    if (compare_names (&own, name, &result) && result == 0)
      return link;
    if (oldest == NULL)
      oldest = link;
  }
  if (name->serial != 0 || is_late (self, name) ||
      (compare_names (name, &self->left, &result) && result == 0))
    return NULL;
  return oldest;
}

/* Takes it out, and those before it, which were dropped inside, into @older.
 * (transfer full) (nullable): what leaves is more than what came, or comes
 * late */
static Entry *
pop_entry (GstDnnBypass *self, const Name *name, GQueue *older)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GList *link = find_entry (self, name);

  if (link == NULL) {
    self->is_late |= is_late (self, name);
    return NULL;
  }
  while (self->inside.head != link)
    g_queue_push_tail (older, g_queue_pop_head (&self->inside));
  self->n_left = ((Entry *) link->data)->number;
  self->left = get_name (((Entry *) link->data)->buffer);
  return g_queue_pop_head (&self->inside);
}

/* What no frame stands for, but for further regions of the one that left. */
static gboolean
is_surplus (GstDnnBypass *self, const Name *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint to_left;

  return name->serial == 0 || name->region_idx == 0 ||
      !compare_names (name, &self->left, &to_left) || to_left <= 0;
}

static void
push_older (GstDnnBypass *self, GQueue *older)
{
  Entry *entry;

  g_mutex_lock (&self->pushing);
  while ((entry = g_queue_pop_head (older)) != NULL) {
    GstBuffer *gap = gst_buffer_ref (entry->buffer);
    free_entry (entry);
    GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
    gst_pad_push (self->src, gap);
  }
  g_mutex_unlock (&self->pushing);
}

/* Takes and returns @buffer. */
static GstBuffer *
restore_meta (GstBuffer *buffer, GstBuffer *kept)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (kept);
  GstDnnFrameMeta *own = gst_buffer_get_dnn_frame_meta (buffer);

  if (meta == NULL || (own != NULL && own->key.serial == meta->key.serial))
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  own = gst_buffer_get_dnn_frame_meta (buffer);
  if (own != NULL) {
    own->key = meta->key;
    return buffer;
  }
  own = gst_buffer_add_dnn_frame_meta (buffer, meta->frame, meta->caps,
      &meta->segment, &meta->to_frame, &meta->key);
  gst_dnn_frame_meta_set_model_size (own, meta->model_w, meta->model_h);
  return buffer;
}

static GstPadProbeReturn
probe_src_buffer (GstDnnBypass *self, GstPadProbeInfo *info)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GQueue older = G_QUEUE_INIT;
  Name name = get_name (buffer);
  Entry *entry;

  /* Our own gaps come along here as well. */
  if (gst_dnn_buffer_is_gap (buffer))
    return GST_PAD_PROBE_OK;
  entry = pop_entry (self, &name, &older);
  if (entry == NULL && is_surplus (self, &name)) {
    GST_WARNING_OBJECT (self->element,
        "a second buffer of a frame, or one that comes late, is dropped: %" GST_PTR_FORMAT,
        buffer);
    return GST_PAD_PROBE_DROP;
  }
  if (entry == NULL)
    return GST_PAD_PROBE_OK;
  push_older (self, &older);
  info->data = restore_meta (buffer, entry->buffer);
  free_entry (entry);
  return GST_PAD_PROBE_OK;
}

static gboolean
is_own_end (GstDnnBypass *self, GstEvent *event, guint64 *number)
{
  const GstStructure *structure = gst_event_get_structure (event);
  gpointer bypass;

  return GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM &&
      gst_structure_has_name (structure, END_OF_FRAME) &&
      gst_structure_get (structure, "bypass", G_TYPE_POINTER, &bypass, "number",
          G_TYPE_UINT64, number, NULL) &&
      bypass == self;
}

/* The element lets events through. */
static void
note_open (GstDnnBypass *self)
{
  g_mutex_lock (&self->lock);
  self->is_open = TRUE;
  g_mutex_unlock (&self->lock);
}

static GstPadProbeReturn
probe_src (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  GstDnnBypass *self = data;
  guint64 number;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return probe_src_buffer (self, info);
  if (is_own_end (self, GST_PAD_PROBE_INFO_EVENT (info), &number)) {
    if (number > 0)
      end_frames (self, number);
    else
      note_open (self);
    return GST_PAD_PROBE_DROP;
  }
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    end_frames (self, G_MAXUINT64);
  return GST_PAD_PROBE_OK;
}

GstDnnBypass *
gst_dnn_bypass_new (GstElement *element)
{
  GstDnnBypass *self = g_new0 (GstDnnBypass, 1);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (element, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");

  self->ref_count = 3;
  self->element = element;
  self->src = src;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->pushing);
  forget_name (&self->left);
  forget_name (&self->ended);
  g_queue_init (&self->inside);
  gst_pad_add_probe (sink,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
          GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      probe_sink, self, (GDestroyNotify) gst_dnn_bypass_unref);
  gst_pad_add_probe (src,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      probe_src, self, (GDestroyNotify) gst_dnn_bypass_unref);
  return self;
}
