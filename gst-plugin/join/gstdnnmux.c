/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers of one frame from several pads → one buffer with the picked tensors,
 * by reference. Next: gstdnnmodule.c. */
/**
 * SECTION:element-dnnmux
 * @title: dnnmux
 *
 * Puts tensors of several streams into one stream, or picks some tensors of
 * one, without a copy. Use it where a module has inputs from more than one
 * place, or does not want all tensors of the module before it. dnnbin makes
 * these for the bindings of a configuration.
 *
 * Buffers of the same frame are joined: by the frame key that dnnpreprocess
 * and dnnbin attach, by running time else. A frame that another pad has
 * skipped (a newer one is there) is dropped with a QoS message. The pad with
 * the lowest number gives segment, times and metadata; everything behind runs
 * in its thread. There is no timeout: the stream ends when one pad is at its
 * end and empty; it begins again with a new stream, or a flush, of the first
 * pad. Pads come and go while data flows.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 dnnmux name=mux sink_1::tensors=0 ! fakesink \
 *   videotestsrc num-buffers=30 ! dnnpreprocess width=64 height=64 \
 *   ! tee name=t ! queue ! mux.sink_0   t. ! queue ! mux.sink_1
 * ]|
 */
#include "config.h"

#include "gst-plugin/join/gstdnnmux.h"

#include <string.h>

#include "gst-plugin/join/gstdnnmux-private.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnspelling.h"

#define GST_CAT_DEFAULT gst_dnn_debug

enum
{
  PROP_MATCH = 1,
  PROP_DROPPED,
};

enum
{
  PROP_PAD_TENSORS = 1,
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink_%u",
    GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));

G_DEFINE_TYPE (GstDnnMuxPad, gst_dnn_mux_pad, GST_TYPE_DNN_JOIN_PAD)
static void init_child_proxy (gpointer iface, gpointer data);
G_DEFINE_TYPE_WITH_CODE (GstDnnMux, gst_dnn_mux, GST_TYPE_DNN_JOIN,
    G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, init_child_proxy))
GST_ELEMENT_REGISTER_DEFINE (dnnmux, "dnnmux", GST_RANK_NONE, GST_TYPE_DNN_MUX)

/* --- events --- */

/* Whether the same event was here already, along another branch; it counts as
 * seen from now on. */
static gboolean
is_seen (GstDnnMux *self, GstEvent *event)
{
  const GstStructure *structure = gst_event_get_structure (event);

  for (guint i = 0; i < N_SEEN; i++) {
    GstEvent *seen = self->seen[i];
    if (seen == NULL || GST_EVENT_TYPE (seen) != GST_EVENT_TYPE (event) ||
        gst_event_get_seqnum (seen) != gst_event_get_seqnum (event))
      continue;
    if (seen == event ||
        (structure != NULL && gst_event_get_structure (seen) != NULL &&
            gst_structure_is_equal (structure, gst_event_get_structure (seen))))
      return TRUE;
  }
  gst_event_replace (&self->seen[self->next_seen], event);
  self->next_seen = (self->next_seen + 1) % N_SEEN;
  return FALSE;
}

/* In order, as far as no flush is in the way. */
static gboolean
push_held (GstDnnMux *self)
{
  gboolean is_stopping;
  GstEvent *event;

  while ((event = g_queue_peek_head (&self->held)) != NULL) {
    if (!gst_pad_push_event (self->src, gst_event_ref (event))) {
      gst_dnn_join_lock (GST_DNN_JOIN (self));
      is_stopping = gst_dnn_join_is_stopping (GST_DNN_JOIN (self));
      gst_dnn_join_unlock (GST_DNN_JOIN (self));
      if (is_stopping)
        return TRUE; /* later */
      gst_event_unref (g_queue_pop_head (&self->held));
      return FALSE;
    }
    gst_event_unref (g_queue_pop_head (&self->held));
  }
  return TRUE;
}

/* What of another pad's stream concerns the joined stream too. */
static gboolean
is_for_all (GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_TAG:
    case GST_EVENT_TOC:
    case GST_EVENT_PROTECTION:
    case GST_EVENT_SINK_MESSAGE:
    case GST_EVENT_CUSTOM_DOWNSTREAM:
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
    case GST_EVENT_CUSTOM_BOTH:
      return TRUE;
    default:
      return FALSE;
  }
}

/* Of events that wait for caps, what a flush makes void. */
static void
drop_held (GstDnnMux *self)
{
  for (guint n = g_queue_get_length (&self->held); n > 0; n--) {
    GstEvent *event = g_queue_pop_head (&self->held);
    if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT ||
        GST_EVENT_TYPE (event) == GST_EVENT_EOS || !GST_EVENT_IS_STICKY (event))
      gst_event_unref (event);
    else
      g_queue_push_tail (&self->held, event);
  }
}

static void
note_flush (GstDnnJoin *join)
{
  drop_held (GST_DNN_MUX (join));
}

static void
flush (GstDnnJoin *join, GstEvent *event)
{
  gst_pad_push_event (GST_DNN_MUX (join)->src, event);
}

static gboolean
handle_event (GstDnnJoin *join, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnMux *self = GST_DNN_MUX (join);
  gboolean is_main;

  gst_dnn_join_lock (join);
  is_main = gst_dnn_join_is_main (join, pad);
  gst_dnn_join_unlock (join);
  if (is_main && self->main == NULL)
    self->main = pad;

  if (!GST_EVENT_IS_SERIALIZED (event)) {
    if (is_main)
      return gst_pad_push_event (self->src, event);
    gst_event_unref (event);
    return TRUE;
  }
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS ||
      (!is_main && GST_EVENT_TYPE (event) != GST_EVENT_EOS &&
          !is_for_all (event)) ||
      (is_for_all (event) && is_seen (self, event))) {
    gst_event_unref (event);
    return TRUE;
  }
  /* In order: STREAM_START, CAPS, SEGMENT, the others. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START) {
    drop_held (self);
    return gst_pad_push_event (self->src, event);
  }
  g_queue_push_tail (&self->held, event);
  if (self->has_caps || GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    return push_held (self);
  return TRUE;
}

/* --- caps of the output --- */

static gboolean
set_caps (
    GstDnnJoin *join, GstDnnJoinPad *join_pad, GstCaps *caps, GError **error)
{
  GstDnnMuxPad *pad = GST_DNN_MUX_PAD (join_pad);

  if (pad->picks_error != NULL) {
    g_propagate_error (error, g_error_copy (pad->picks_error));
    return FALSE;
  }
  if (!gst_dnn_tensors_info_from_caps (&pad->input.info, caps, error)) {
    g_prefix_error (error, "%s: ", pad->input.name);
    return FALSE;
  }
  if (!gst_dnn_mux_input_check (&pad->input, error))
    return FALSE;
  GST_DNN_MUX (join)->changed = TRUE;
  return TRUE;
}

void
gst_dnn_mux_copy_inputs (GstDnnMux *self, GArray *inputs)
{
  GstDnnJoin *join = GST_DNN_JOIN (self);

  g_array_set_size (inputs, 0);
  for (guint i = 0; i < gst_dnn_join_get_n_pads (join); i++)
    g_array_append_val (
        inputs, GST_DNN_MUX_PAD (gst_dnn_join_get_pad (join, i))->input);
}

static void
take (GstDnnJoin *join)
{
  GstDnnMux *self = GST_DNN_MUX (join);

  self->is_new_main |= self->main != NULL &&
      self->main != gst_dnn_join_get_pad (join, 0);
  self->main = gst_dnn_join_get_pad (join, 0);
  if (!self->changed && self->inputs->len == gst_dnn_join_get_n_pads (join))
    return;
  self->changed = FALSE;
  gst_dnn_mux_copy_inputs (self, self->inputs);
  self->renegotiate = TRUE;
}

static GstFlowReturn
negotiate (GstDnnMux *self, GError **error)
{
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) current = gst_pad_get_current_caps (self->src);

  for (guint i = 0; i < self->inputs->len; i++) {
    GstDnnMuxInput *input = &g_array_index (self->inputs, GstDnnMuxInput, i);
    if (!input->info.flexible && input->info.n_tensors == 0) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE, GST_DNN_NO_CAPS,
          input->name, GST_DNN_EXPECTS_TENSORS);
      return GST_FLOW_NOT_NEGOTIATED;
    }
  }
  if (!gst_dnn_mux_inputs_get_output ((GstDnnMuxInput *) self->inputs->data,
          self->inputs->len, &self->output, error))
    return GST_FLOW_NOT_NEGOTIATED;
  caps = gst_dnn_tensors_info_choose_caps (&self->output, self->src);
  if (current != NULL && gst_caps_is_equal (current, caps))
    return GST_FLOW_OK;
  if (gst_pad_is_linked (self->src) &&
      !gst_pad_peer_query_accept_caps (self->src, caps)) {
    g_autoptr (GstCaps) accepted = gst_dnn_spelling_query_peer (self->src);
    g_autofree gchar *text = gst_dnn_tensors_info_to_string (&self->output);
    g_autofree gchar *wanted = gst_caps_to_string (accepted);
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "The joined tensors are %s; downstream takes %s", text, wanted);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  /* A peer that accepts and then refuses has said why itself. */
  if (!gst_pad_push_event (self->src, gst_event_new_caps (caps)) &&
      gst_pad_is_linked (self->src))
    return GST_PAD_IS_FLUSHING (self->src) ? GST_FLOW_FLUSHING
                                           : GST_FLOW_NOT_NEGOTIATED;
  return GST_FLOW_OK;
}

/* --- buffers --- */

static GstBuffer *
join_set (GstDnnMux *self, GstBuffer **set, guint n_pads, GError **error)
{
  g_autoptr (GstBuffer) joined = NULL;
  GstDnnMuxTensors tensors;
  gboolean is_whole = TRUE;

  for (guint i = 0; i < n_pads; i++)
    if (gst_dnn_buffer_is_gap (set[i]))
      return gst_dnn_buffer_new_gap (set[0]);
  joined = gst_buffer_new ();
  gst_buffer_copy_into (joined, set[0],
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META,
      0, -1);
  tensors.n = 0;
  for (guint i = 0; is_whole && i < n_pads; i++)
    is_whole = gst_dnn_mux_input_append (
        &g_array_index (self->inputs, GstDnnMuxInput, i), set[i],
        self->output.flexible, &tensors, error);
  is_whole = is_whole &&
      gst_dnn_buffer_append_tensors (
          joined, tensors.memories, tensors.n, &self->output, error);
  gst_dnn_mux_tensors_clear (&tensors);
  return is_whole ? g_steal_pointer (&joined) : NULL;
}

/* Another pad is the main one now: its stream goes on in the same place. Sends
 * its event of @type, unless there is to be one of them only. */
static void
adopt_event (GstDnnMux *self, GstEventType type, gboolean is_once)
{
  g_autoptr (GstEvent) sent = gst_pad_get_sticky_event (self->src, type, 0);
  GstEvent *event = gst_pad_get_sticky_event (GST_PAD (self->main), type, 0);

  if (event != NULL && !(is_once && sent != NULL))
    gst_pad_push_event (self->src, g_steal_pointer (&event));
  gst_clear_event (&event);
}

static GstFlowReturn
finish (GstDnnJoin *join, GstBuffer **set, guint n_pads)
{
  GstDnnMux *self = GST_DNN_MUX (join);
  g_autoptr (GError) error = NULL;
  GstFlowReturn flow = GST_FLOW_OK;
  GstBuffer *joined = NULL;

  if (self->is_new_main)
    adopt_event (self, GST_EVENT_STREAM_START, TRUE);
  if (self->renegotiate || gst_pad_check_reconfigure (self->src)) {
    flow = negotiate (self, &error);
    self->renegotiate = flow != GST_FLOW_OK;
    self->has_caps |= flow == GST_FLOW_OK;
  }
  if (flow == GST_FLOW_OK) {
    push_held (self);
    if (self->is_new_main)
      adopt_event (self, GST_EVENT_SEGMENT, FALSE);
    self->is_new_main = FALSE;
    joined = join_set (self, set, n_pads, &error);
    flow = joined != NULL ? GST_FLOW_OK : GST_FLOW_ERROR;
  }
  for (guint i = 0; i < n_pads; i++)
    gst_buffer_unref (set[i]);
  if (error != NULL)
    gst_dnn_join_post_error (join, error);
  if (flow == GST_FLOW_NOT_NEGOTIATED)
    gst_pad_mark_reconfigure (self->src);
  return joined != NULL ? gst_pad_push (self->src, joined) : flow;
}

/* --- upstream --- */

GPtrArray *
gst_dnn_mux_list_pads (GstDnnMux *self)
{
  GstDnnJoin *join = GST_DNN_JOIN (self);
  GPtrArray *pads = g_ptr_array_new_with_free_func (gst_object_unref);

  gst_dnn_join_lock (join);
  for (guint i = 0; i < gst_dnn_join_get_n_pads (join); i++)
    g_ptr_array_add (pads, gst_object_ref (gst_dnn_join_get_pad (join, i)));
  gst_dnn_join_unlock (join);
  return pads;
}

/* Upstream: once to each stream, though it may have several branches. */
static gboolean
handle_src_event (GstPad *src, GstObject *parent, GstEvent *event)
{
  GstDnnMux *self = GST_DNN_MUX (parent);
  g_autoptr (GPtrArray) pads = gst_dnn_mux_list_pads (self);
  g_autoptr (GHashTable)
      done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean result = FALSE;

  for (guint i = 0; i < pads->len; i++) {
    gchar *stream_id = gst_dnn_join_pad_get_stream_id (
        GST_DNN_JOIN (self), pads->pdata[i]);
    /* Caps are each branch's own. */
    if (stream_id != NULL && GST_EVENT_TYPE (event) != GST_EVENT_RECONFIGURE &&
        !g_hash_table_add (done, stream_id))
      continue;
    result |= gst_pad_push_event (pads->pdata[i], gst_event_ref (event));
    if (stream_id != NULL && GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE)
      g_free (stream_id);
  }
  gst_event_unref (event);
  return result;
}

/* --- pads --- */

/* Pads or picks are others now. */
static void
set_changed (GstDnnMux *self)
{
  gst_dnn_join_lock (GST_DNN_JOIN (self));
  self->changed = TRUE;
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
}

static GstPad *
request_new_pad (GstElement *element, GstPadTemplate *templ, const gchar *name,
    const GstCaps *caps)
{
  GstDnnMux *self = GST_DNN_MUX (element);
  guint number = gst_dnn_join_get_free_number (GST_DNN_JOIN (self));
  guint64 asked;
  GstDnnJoinPad *pad;

  if (name != NULL && g_str_has_prefix (name, "sink_") &&
      g_ascii_string_to_unsigned (
          name + strlen ("sink_"), 10, 0, G_MAXUINT, &asked, NULL))
    number = (guint) asked;
  pad = gst_dnn_join_add_pad (
      GST_DNN_JOIN (self), GST_TYPE_DNN_MUX_PAD, templ, number);
  if (pad == NULL)
    return NULL;
  gst_pad_set_query_function (GST_PAD (pad), gst_dnn_mux_query_sink);
  g_strlcpy (GST_DNN_MUX_PAD (pad)->input.name, GST_PAD_NAME (pad),
      sizeof (GST_DNN_MUX_PAD (pad)->input.name));
  set_changed (self);
  gst_child_proxy_child_added (
      GST_CHILD_PROXY (self), G_OBJECT (pad), GST_PAD_NAME (pad));
  return GST_PAD (pad);
}

static void
release_pad (GstElement *element, GstPad *pad)
{
  gst_child_proxy_child_removed (
      GST_CHILD_PROXY (element), G_OBJECT (pad), GST_PAD_NAME (pad));
  gst_dnn_join_remove_pad (GST_DNN_JOIN (element), GST_DNN_JOIN_PAD (pad));
  set_changed (GST_DNN_MUX (element));
}

static GObject *
get_child_by_index (GstChildProxy *proxy, guint idx)
{
  g_autoptr (GPtrArray) pads = gst_dnn_mux_list_pads (GST_DNN_MUX (proxy));

  return idx < pads->len ? g_object_ref (pads->pdata[idx]) : NULL;
}

static guint
get_children_count (GstChildProxy *proxy)
{
  g_autoptr (GPtrArray) pads = gst_dnn_mux_list_pads (GST_DNN_MUX (proxy));

  return pads->len;
}

static void
init_child_proxy (gpointer iface, gpointer data)
{
  GstChildProxyInterface *proxy = iface;

  proxy->get_child_by_index = get_child_by_index;
  proxy->get_children_count = get_children_count;
}

static void
set_pad_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstDnnMuxPad *self = GST_DNN_MUX_PAD (object);
  g_autoptr (GstElement) mux = gst_pad_get_parent_element (GST_PAD (self));

  if (id != PROP_PAD_TENSORS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    return;
  }
  if (mux != NULL)
    gst_dnn_join_lock (GST_DNN_JOIN (mux));
  g_clear_error (&self->picks_error);
  gst_dnn_mux_input_parse_picks (
      &self->input, g_value_get_string (value), &self->picks_error);
  if (mux != NULL) {
    gst_dnn_join_unlock (GST_DNN_JOIN (mux));
    set_changed (GST_DNN_MUX (mux));
  }
}

static void
get_pad_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstDnnMuxPad *self = GST_DNN_MUX_PAD (object);

  if (id == PROP_PAD_TENSORS)
    g_value_take_string (
        value, gst_dnn_mux_input_picks_to_string (&self->input));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
finalize_pad (GObject *object)
{
  g_clear_error (&GST_DNN_MUX_PAD (object)->picks_error);
  G_OBJECT_CLASS (gst_dnn_mux_pad_parent_class)->finalize (object);
}

static void
gst_dnn_mux_pad_class_init (GstDnnMuxPadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = set_pad_property;
  object_class->get_property = get_pad_property;
  object_class->finalize = finalize_pad;
  g_object_class_install_property (object_class, PROP_PAD_TENSORS,
      gst_dnn_property_string ("tensors",
          "Tensors of this pad's buffers that go on, in this order, as "
          "indices like \"0,2\"; empty: all of them",
          "", GST_DNN_SET_PLAYING));
}

static void
gst_dnn_mux_pad_init (GstDnnMuxPad *self)
{
}

/* --- the element --- */

static void
reset (GstDnnJoin *join)
{
  GstDnnMux *self = GST_DNN_MUX (join);
  GstEvent *event;

  while ((event = g_queue_pop_head (&self->held)) != NULL)
    gst_event_unref (event);
  for (guint i = 0; i < N_SEEN; i++)
    gst_clear_event (&self->seen[i]);
  self->has_caps = FALSE;
  self->main = NULL;
  self->is_new_main = FALSE;
  g_atomic_int_set (&self->is_warned, FALSE);
  gst_dnn_join_lock (join);
  for (guint i = 0; i < gst_dnn_join_get_n_pads (join); i++)
    gst_dnn_tensors_info_init (
        &GST_DNN_MUX_PAD (gst_dnn_join_get_pad (join, i))->input.info);
  self->changed = TRUE;
  gst_dnn_join_unlock (join);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_MATCH)
    gst_dnn_join_set_match (GST_DNN_JOIN (object), g_value_get_enum (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstDnnJoin *join = GST_DNN_JOIN (object);

  switch (id) {
    case PROP_MATCH:
      g_value_set_enum (value, gst_dnn_join_get_match (join));
      break;
    case PROP_DROPPED:
      g_value_set_uint64 (value, gst_dnn_join_get_n_dropped (join));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static void
finalize_mux (GObject *object)
{
  GstDnnMux *self = GST_DNN_MUX (object);

  reset (GST_DNN_JOIN (self));
  g_array_unref (self->inputs);
  G_OBJECT_CLASS (gst_dnn_mux_parent_class)->finalize (object);
}

static void
gst_dnn_mux_class_init (GstDnnMuxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstDnnJoinClass *join_class = GST_DNN_JOIN_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize_mux;
  g_object_class_install_property (object_class, PROP_MATCH,
      gst_dnn_property_enum ("match", "What buffers of the same frame share",
          GST_TYPE_DNN_MATCH, GST_DNN_MATCH_AUTO, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_DROPPED,
      gst_dnn_property_uint64 ("dropped", "frames",
          "Frames dropped because another pad had skipped them", 0, G_MAXUINT64,
          0, GST_DNN_READ_ONLY));
  gst_element_class_set_static_metadata (element_class, "Tensor mux",
      "Filter/Muxer/Tensor",
      "Picks tensors of buffers of the same frame and joins them",
      "The gst-dnn authors");
  gst_element_class_add_static_pad_template_with_gtype (
      element_class, &sink_template, GST_TYPE_DNN_MUX_PAD);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->request_new_pad = request_new_pad;
  element_class->release_pad = release_pad;
  join_class->set_caps = set_caps;
  join_class->take = take;
  join_class->event = handle_event;
  join_class->flush = flush;
  join_class->flushed = note_flush;
  join_class->finish = finish;
  join_class->reset = reset;
  gst_type_mark_as_plugin_api (GST_TYPE_DNN_MUX_PAD, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DNN_MATCH, 0);
}

static void
gst_dnn_mux_init (GstDnnMux *self)
{
  self->inputs = g_array_new (FALSE, FALSE, sizeof (GstDnnMuxInput));
  self->changed = TRUE;
  g_queue_init (&self->held);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src, handle_src_event);
  gst_pad_set_query_function (self->src, gst_dnn_mux_query_src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
  gst_dnn_property_watch (self, self, NULL);
}
