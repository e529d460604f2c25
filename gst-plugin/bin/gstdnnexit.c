/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames from the graph and past it → one stream in order. Next: a decoder. */
#include "config.h"

#include "gst-plugin/bin/gstdnnexit.h"

#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnquery.h"

/* Buffers that upstream needs for itself besides those that wait. */
#define EXTRA_BUFFERS 3

/* How many frames without times may wait. */
#define MAX_UNTIMED 32

/* One frame. A value type. */
typedef struct
{
  GstDnnFrameKey key; /* serial 0: none */
  GstClockTime pts;
  gboolean is_inside; /* in the graph, and expected */
  gboolean has_entered; /* isn't in the queue before the graph any more */
  GstBuffer *buffer; /* that is to leave; of a frame inside (nullable) an empty
                        one with its metadata, which may leave instead */
} Entry;

struct _GstDnnExit
{
  GstElement *bin; /* not owned */
  GstPad *src; /* not owned */
  GMutex pushing; /* one leaves after the other; before the lock */
  gpointer pusher; /* atomic: GThread that has it */

  GMutex lock; /* the rest; not held while pushing */
  GCond changed;
  GArray *entries; /* Entry, in order */
  GArray *early; /* GstDnnFrameKey, inside, but left without results */
  GstBuffer *late; /* (nullable): results of one of those */
  gboolean is_stopped;
  gboolean is_through; /* an event is in the graph: all go there */
  GstFlowReturn flow; /* of the last push */
  gboolean has_failed; /* some push was answered ERROR */
  guint64 n_passed, n_dropped;
};

static Entry *
get_entry (GstDnnExit *self, guint idx)
{
  return &g_array_index (self->entries, Entry, idx);
}

static void
clear_entry (gpointer data)
{
  gst_clear_buffer (&((Entry *) data)->buffer);
}

GstDnnExit *
gst_dnn_exit_new (GstElement *bin, GstPad *src)
{
  GstDnnExit *self = g_new0 (GstDnnExit, 1);

  self->bin = bin;
  self->src = src;
  self->is_stopped = TRUE;
  g_mutex_init (&self->pushing);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, clear_entry);
  self->early = g_array_new (FALSE, FALSE, sizeof (GstDnnFrameKey));
  return self;
}

static void
set_stopped (GstDnnExit *self, gboolean is_stopped)
{
  g_mutex_lock (&self->lock);
  self->is_stopped = is_stopped;
  self->is_through = TRUE;
  self->flow = is_stopped ? GST_FLOW_FLUSHING : GST_FLOW_OK;
  g_array_set_size (self->entries, 0);
  g_array_set_size (self->early, 0);
  gst_clear_buffer (&self->late);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_dnn_exit_stop (GstDnnExit *self)
{
  set_stopped (self, TRUE);
}

void
gst_dnn_exit_start (GstDnnExit *self, gboolean is_new)
{
  set_stopped (self, FALSE);
  g_mutex_lock (&self->lock);
  self->has_failed = FALSE;
  if (is_new)
    self->n_passed = self->n_dropped = 0;
  g_mutex_unlock (&self->lock);
}

void
gst_dnn_exit_free (GstDnnExit *self)
{
  set_stopped (self, TRUE);
  g_array_unref (self->entries);
  g_array_unref (self->early);
  g_mutex_clear (&self->pushing);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

gboolean
gst_dnn_exit_is_pushing (GstDnnExit *self)
{
  return g_atomic_pointer_get (&self->pusher) == g_thread_self ();
}

GstFlowReturn
gst_dnn_exit_note_flow (GstDnnExit *self, GstFlowReturn flow)
{
  g_mutex_lock (&self->lock);
  self->has_failed |= flow == GST_FLOW_ERROR;
  g_mutex_unlock (&self->lock);
  return flow;
}

gboolean
gst_dnn_exit_has_failed (GstDnnExit *self)
{
  gboolean has_failed;

  g_mutex_lock (&self->lock);
  has_failed = self->has_failed;
  g_mutex_unlock (&self->lock);
  return has_failed;
}

/* --- results of frames that have left; lock held --- */

static gboolean
has_caps (const GstDnnFrameMeta *a, const GstDnnFrameMeta *b)
{
  return a->frame != NULL && b->frame != NULL && a->caps != NULL &&
      b->caps != NULL && gst_caps_is_equal (a->caps, b->caps);
}

/* The late tensors with @gap's frame (transfer full), if there are some. */
static GstBuffer *
add_late (GstDnnExit *self, GstBuffer *gap)
{
  GstDnnFrameMeta *newer = gst_buffer_get_dnn_frame_meta (gap), *meta;
  GstClockTime pts;
  GstBuffer *tensors;

  if (self->late == NULL || newer == NULL ||
      !has_caps (gst_buffer_get_dnn_frame_meta (self->late), newer))
    return gap;
  tensors = gst_buffer_make_writable (g_steal_pointer (&self->late));
  meta = gst_buffer_get_dnn_frame_meta (tensors);
  pts = GST_BUFFER_PTS (tensors);
  gst_buffer_copy_into (
      tensors, gap, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  GST_BUFFER_FLAG_UNSET (tensors, GST_BUFFER_FLAG_GAP);
  gst_buffer_replace (&meta->frame, newer->frame);
  meta->segment = newer->segment;
  meta->key = newer->key;
  if (GST_CLOCK_TIME_IS_VALID (pts) && GST_BUFFER_PTS_IS_VALID (gap) &&
      GST_BUFFER_PTS (gap) > pts)
    meta->age += GST_BUFFER_PTS (gap) - pts;
  gst_buffer_unref (gap);
  return tensors;
}

/* --- leaving --- */

/* Caps and segment have come through the graph. */
static gboolean
has_begun (GstDnnExit *self)
{
  g_autoptr (GstEvent)
      segment = gst_pad_get_sticky_event (self->src, GST_EVENT_SEGMENT, 0);

  return segment != NULL && gst_pad_has_current_caps (self->src);
}

/* The first in order, if it may leave. Lock held. (nullable) */
static GstBuffer *
pop_first (GstDnnExit *self)
{
  GstBuffer *buffer;

  if (self->is_stopped || self->entries->len == 0 ||
      get_entry (self, 0)->is_inside)
    return NULL;
  buffer = g_steal_pointer (&get_entry (self, 0)->buffer);
  g_array_remove_index (self->entries, 0);
  if (!gst_dnn_buffer_is_gap (buffer)) {
    gst_clear_buffer (&self->late); /* newer results */
    return buffer;
  }
  return add_late (self, buffer);
}

/* Where no decoder follows, a gap is an event. */
static GstFlowReturn
push (GstDnnExit *self, GstBuffer *buffer)
{
  if (!gst_dnn_buffer_is_gap (buffer) || gst_dnn_pad_has_decoder (self->src))
    return gst_pad_push (self->src, buffer);
  if (GST_BUFFER_PTS_IS_VALID (buffer))
    gst_pad_push_event (self->src,
        gst_event_new_gap (
            GST_BUFFER_PTS (buffer), GST_BUFFER_DURATION (buffer)));
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* All that may leave. */
static GstFlowReturn
release (GstDnnExit *self, gboolean is_begun)
{
  GstFlowReturn flow;
  GstBuffer *buffer;

  if (!is_begun && !has_begun (self))
    return GST_FLOW_OK;
  g_mutex_lock (&self->pushing);
  g_atomic_pointer_set (&self->pusher, g_thread_self ());
  g_mutex_lock (&self->lock);
  while ((buffer = pop_first (self)) != NULL) {
    g_mutex_unlock (&self->lock);
    flow = push (self, buffer);
    g_mutex_lock (&self->lock);
    self->has_failed |= flow == GST_FLOW_ERROR;
    if (!self->is_stopped)
      self->flow = flow;
    g_cond_broadcast (&self->changed);
  }
  flow = self->flow;
  g_mutex_unlock (&self->lock);
  g_atomic_pointer_set (&self->pusher, NULL);
  g_mutex_unlock (&self->pushing);
  return flow;
}

/* Where the frame of @key stands, else where it would; @found says which. Lock
 * held. */
static guint
find_place (GstDnnExit *self, const GstDnnFrameKey *key, gboolean *found)
{
  guint place = 0;

  *found = FALSE;
  for (guint i = 0; i < self->entries->len && !*found; i++) {
    gint order = gst_dnn_frame_key_compare (&get_entry (self, i)->key, key);
    *found = order == 0 && get_entry (self, i)->is_inside;
    place = *found ? i : order < 0 ? i + 1 : place;
  }
  return place;
}

/* Whether the frame of @key has left without results; it and those before it
 * aren't expected any more. Lock held. */
static gboolean
take_early (GstDnnExit *self, const GstDnnFrameKey *key)
{
  gboolean found = FALSE;

  while (self->early->len > 0 && !found) {
    GstDnnFrameKey *first = &g_array_index (self->early, GstDnnFrameKey, 0);
    if (gst_dnn_frame_key_compare (first, key) > 0)
      break;
    found = gst_dnn_frame_key_compare (first, key) == 0;
    g_array_remove_index (self->early, 0);
  }
  return found;
}

/* The graph keeps order: what is still inside before @place was dropped there.
 * Lock held. */
static void
drop_before (GstDnnExit *self, guint place)
{
  for (guint i = place; i-- > 0;)
    if (get_entry (self, i)->is_inside)
      g_array_remove_index (self->entries, i);
}

/* Lock held. */
static void
put_back (GstDnnExit *self, GstBuffer *buffer)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);
  Entry entry = { { 0, 0, 1 }, GST_BUFFER_PTS (buffer), FALSE, TRUE, buffer };
  gboolean found = FALSE;
  guint place = 0;

  if (meta != NULL && take_early (self, &meta->key)) {
    if (gst_dnn_buffer_is_gap (buffer)) {
      gst_buffer_unref (buffer);
      return;
    }
    gst_clear_buffer (&self->late);
    self->late = buffer;
    return;
  }
  if (meta != NULL) {
    entry.key = meta->key;
    place = find_place (self, &meta->key, &found);
  }
  if (found) {
    clear_entry (get_entry (self, place));
    *get_entry (self, place) = entry;
  } else {
    g_array_insert_val (self->entries, place, entry);
  }
  drop_before (self, place);
}

GstFlowReturn
gst_dnn_exit_leave (GstDnnExit *self, GstBuffer *buffer)
{
  g_mutex_lock (&self->lock);
  if (self->is_stopped) {
    g_mutex_unlock (&self->lock);
    gst_buffer_unref (buffer);
    return GST_FLOW_FLUSHING;
  }
  put_back (self, buffer);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return release (self, TRUE);
}

/* --- frames that are lost before the graph --- */

/* For a frame that nobody looks at, at that time of @meta's stream. */
static void
post_qos (GstDnnExit *self, const GstDnnFrameMeta *meta, GstClockTime pts,
    GstClockTime duration, guint64 n_lost)
{
  guint64 running = GST_CLOCK_TIME_NONE, stream = GST_CLOCK_TIME_NONE;
  GstMessage *message;

  if (meta != NULL && meta->segment.format == GST_FORMAT_TIME) {
    running = gst_segment_to_running_time (
        &meta->segment, GST_FORMAT_TIME, pts);
    stream = gst_segment_to_stream_time (&meta->segment, GST_FORMAT_TIME, pts);
  }
  message = gst_message_new_qos (
      GST_OBJECT (self->bin), TRUE, running, stream, pts, duration);
  gst_message_set_qos_stats (
      message, GST_FORMAT_BUFFERS, GST_CLOCK_TIME_NONE, n_lost);
  gst_element_post_message (self->bin, message);
}

/* Takes out the frame at @idx, which the queue dropped. The lock is released
 * meanwhile. */
static void
drop_entry (GstDnnExit *self, guint idx)
{
  Entry lost = *get_entry (self, idx);
  GstClockTime duration = GST_CLOCK_TIME_NONE;
  GstDnnFrameMeta *meta = NULL;
  guint64 n_dropped = ++self->n_dropped;

  get_entry (self, idx)->buffer = NULL;
  g_array_remove_index (self->entries, idx);
  g_mutex_unlock (&self->lock);
  if (lost.buffer != NULL) {
    meta = gst_buffer_get_dnn_frame_meta (lost.buffer);
    duration = GST_BUFFER_DURATION (lost.buffer);
  }
  post_qos (self, meta, lost.pts, duration, n_dropped);
  clear_entry (&lost);
  g_mutex_lock (&self->lock);
}

/* The unentered frame of that number from the first; FALSE for none. */
static gboolean
find_unentered (GstDnnExit *self, guint number, guint *idx)
{
  for (*idx = 0; *idx < self->entries->len; (*idx)++)
    if (get_entry (self, *idx)->is_inside &&
        !get_entry (self, *idx)->has_entered && number-- == 0)
      return TRUE;
  return FALSE;
}

/* What stands before the frame of @key (nullable: all) and hasn't entered never
 * will. Others may leave while one is dropped, so its place is looked for each
 * time. */
static void
drop_unentered (GstDnnExit *self, const GstDnnFrameKey *key)
{
  gboolean found = TRUE;
  guint place, idx;

  while (found && find_unentered (self, 0, &idx)) {
    place = key != NULL ? find_place (self, key, &found) : self->entries->len;
    if (idx >= place)
      return;
    if (found)
      drop_entry (self, idx);
  }
}

/* The first may just leave the queue, which holds the last but one, and the
 * last only comes: those between were dropped. They aren't to be kept any
 * longer. */
static void
drop_surplus (GstDnnExit *self)
{
  guint idx, last;

  while (find_unentered (self, 3, &last) && find_unentered (self, 1, &idx))
    drop_entry (self, idx);
}

void
gst_dnn_exit_enter (GstDnnExit *self, const GstDnnFrameKey *key)
{
  gboolean found;
  guint place;

  g_mutex_lock (&self->lock);
  place = find_place (self, key, &found);
  if (found) {
    get_entry (self, place)->has_entered = TRUE;
    drop_unentered (self, key);
  }
  g_mutex_unlock (&self->lock);
  release (self, FALSE);
}

void
gst_dnn_exit_end (GstDnnExit *self)
{
  g_mutex_lock (&self->lock);
  drop_unentered (self, NULL);
  drop_before (self, self->entries->len);
  g_array_set_size (self->early, 0);
  g_mutex_unlock (&self->lock);
  release (self, FALSE);
}

void
gst_dnn_exit_count_drop (GstDnnExit *self)
{
  guint64 n_dropped;

  g_mutex_lock (&self->lock);
  n_dropped = ++self->n_dropped;
  g_mutex_unlock (&self->lock);
  post_qos (self, NULL, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, n_dropped);
}

/* --- coming --- */

/* Whether the last that came has to wait for @entry, and for too long. Lock
 * held. */
static gboolean
is_overdue (
    GstDnnExit *self, const GstDnnExitPolicy *policy, const Entry *entry)
{
  const Entry *last = get_entry (self, self->entries->len - 1);

  if (!entry->is_inside || entry == last)
    return FALSE;
  if (!GST_CLOCK_TIME_IS_VALID (entry->pts) ||
      !GST_CLOCK_TIME_IS_VALID (last->pts))
    return self->entries->len > MAX_UNTIMED;
  return last->pts > entry->pts + policy->pass_limit;
}

/* Those that others have waited for too long leave without results. Lock
 * held. */
static void
let_early (GstDnnExit *self, const GstDnnExitPolicy *policy)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = get_entry (self, i);
    if (!is_overdue (self, policy, entry) || entry->buffer == NULL)
      continue;
    g_array_append_val (self->early, entry->key);
    entry->is_inside = FALSE;
  }
}

/* How many buffers the pool of @frame has at most; 0: any number. */
static guint
get_pool_size (GstBuffer *frame)
{
  guint max = 0;

  if (frame->pool != NULL) {
    GstStructure *config = gst_buffer_pool_get_config (frame->pool);
    gst_buffer_pool_config_get_params (config, NULL, NULL, NULL, &max);
    gst_structure_free (config);
  }
  return max;
}

/* A frame that waits must not keep upstream from going on: where its pool is
 * small, a copy waits. Lock held. */
static GstBuffer *
spare_pool (GstDnnExit *self, GstBuffer *gap)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (gap);
  GstBuffer *copy;
  guint max;

  if (meta == NULL || meta->frame == NULL || self->entries->len == 0)
    return gap;
  max = get_pool_size (meta->frame);
  if (max == 0 || max > self->entries->len + EXTRA_BUFFERS)
    return gap;
  gap = gst_buffer_make_writable (gap);
  meta = gst_buffer_get_dnn_frame_meta (gap);
  copy = gst_buffer_copy_deep (meta->frame);
  if (copy == NULL) /* of memory that can't be read */
    return gap;
  gst_buffer_replace (&meta->frame, copy);
  gst_buffer_unref (copy);
  return gap;
}

static guint
count_inside (GstDnnExit *self)
{
  guint n = self->early->len;

  for (guint i = 0; i < self->entries->len; i++)
    n += get_entry (self, i)->is_inside;
  return n;
}

/* A gap (transfer full) waits for its turn. Lock held. */
static void
append_gap (GstDnnExit *self, const GstDnnExitPolicy *policy, GstBuffer *gap)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (gap);
  Entry entry = { { 0, 0, 1 }, GST_BUFFER_PTS (gap), FALSE, TRUE, NULL };

  if (meta != NULL)
    entry.key = meta->key;
  entry.buffer = spare_pool (self, gap);
  g_array_append_val (self->entries, entry);
  if (policy->is_live)
    let_early (self, policy);
  while (!policy->is_live && !self->is_stopped && self->entries->len > 0 &&
      is_overdue (self, policy, get_entry (self, 0)))
    g_cond_wait (&self->changed, &self->lock);
}

/* A frame goes into the graph. Lock held. */
static void
append_inside (
    GstDnnExit *self, const GstDnnExitPolicy *policy, GstBuffer **buffer)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (*buffer);
  Entry entry = { { 0, 0, 1 }, GST_BUFFER_PTS (*buffer), TRUE, FALSE, NULL };

  entry.key = meta != NULL ? meta->key : gst_dnn_frame_key_new ();
  if (meta == NULL) {
    *buffer = gst_buffer_make_writable (*buffer);
    gst_buffer_add_dnn_frame_meta (*buffer, NULL, NULL, NULL, NULL, &entry.key);
  }
  if (policy->is_live)
    entry.buffer = gst_dnn_buffer_new_gap (*buffer);
  g_array_append_val (self->entries, entry);
}

gboolean
gst_dnn_exit_take (GstDnnExit *self, const GstDnnExitPolicy *policy,
    GstBuffer **buffer, GstFlowReturn *flow)
{
  gboolean is_gap = gst_dnn_buffer_is_gap (*buffer), is_passed;
  GstBuffer *gap;
  guint64 n_passed;

  g_mutex_lock (&self->lock);
  is_passed = !is_gap && !self->is_through && policy->limit > 0 &&
      count_inside (self) >= policy->limit;
  n_passed = self->n_passed += is_passed;
  if (!is_passed && (!is_gap || self->is_through)) {
    append_inside (self, policy, buffer);
    self->is_through &= policy->is_full;
    if (policy->is_full)
      drop_entry (self, self->entries->len - 1);
    else if (policy->drops_oldest)
      drop_surplus (self);
    g_mutex_unlock (&self->lock);
    if (!policy->is_full)
      return FALSE;
    gst_clear_buffer (buffer);
    *flow = GST_FLOW_OK;
    return TRUE;
  }
  g_mutex_unlock (&self->lock);
  if (is_passed)
    post_qos (self, gst_buffer_get_dnn_frame_meta (*buffer),
        GST_BUFFER_PTS (*buffer), GST_BUFFER_DURATION (*buffer), n_passed);
  gap = gst_dnn_buffer_new_gap (*buffer);
  gst_clear_buffer (buffer);
  g_mutex_lock (&self->lock);
  append_gap (self, policy, gap);
  g_mutex_unlock (&self->lock);
  *flow = release (self, FALSE);
  return TRUE;
}

void
gst_dnn_exit_note_event (GstDnnExit *self)
{
  g_mutex_lock (&self->lock);
  self->is_through = TRUE;
  g_mutex_unlock (&self->lock);
}

static guint64
get_number (GstDnnExit *self, const guint64 *number)
{
  guint64 value;

  g_mutex_lock (&self->lock);
  value = *number;
  g_mutex_unlock (&self->lock);
  return value;
}

guint64
gst_dnn_exit_get_n_passed (GstDnnExit *self)
{
  return get_number (self, &self->n_passed);
}

guint64
gst_dnn_exit_get_n_dropped (GstDnnExit *self)
{
  return get_number (self, &self->n_dropped);
}
