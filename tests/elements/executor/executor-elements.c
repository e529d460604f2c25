/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames → frames changed, held, dropped, doubled. Next: the tests of the
 * executor. */
#include "config.h"

#include "tests/elements/executor/executor-elements.h"

#include <gst/base/gstbasetransform.h>

#include "gst-plugin/meta/gstdnnmeta-frame.h"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("other/tensors"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("other/tensors"));

typedef struct
{
  GstBaseTransform parent;

  GstBuffer *held; /* (nullable): of sampledelay */
  gboolean is_stopping; /* the gate's lock */
} SampleElement;

typedef struct
{
  GstBaseTransformClass parent_class;
} SampleElementClass;

#define SAMPLE_ELEMENT(object) ((SampleElement *) (object))

static gfloat
get_first (GstBuffer *buffer)
{
  gfloat first = 0;

  gst_buffer_extract (buffer, 0, &first, sizeof first);
  return first;
}

static void
add_templates (gpointer klass, const gchar *description)
{
  gst_element_class_set_static_metadata (
      klass, "Sample", "Filter/Tensor", description, "The gst-dnn authors");
  gst_element_class_add_static_pad_template (klass, &sink_template);
  gst_element_class_add_static_pad_template (klass, &src_template);
}

#define DEFINE(Name, name)                \
  typedef SampleElement Name;             \
  typedef SampleElementClass Name##Class; \
  static GType name##_get_type (void);    \
  G_DEFINE_TYPE (Name, name, GST_TYPE_BASE_TRANSFORM)

/* ---- values ------------------------------------------------------------- */

DEFINE (SampleNegate, sample_negate)

static GstFlowReturn
sample_negate_transform_ip (GstBaseTransform *self, GstBuffer *buffer)
{
  GstMapInfo map;
  gfloat *data;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
    return GST_FLOW_ERROR;
  data = (gfloat *) map.data;
  if (data[0] == SAMPLE_BAD) {
    gst_buffer_unmap (buffer, &map);
    GST_ELEMENT_ERROR (self, STREAM, DECODE,
        ("There is a value that can't be negated"), (NULL));
    return GST_FLOW_ERROR;
  }
  for (gsize i = 0; i < map.size / sizeof (gfloat); i++)
    data[i] = -data[i];
  gst_buffer_unmap (buffer, &map);
  return GST_FLOW_OK;
}

static void
sample_negate_class_init (SampleNegateClass *klass)
{
  add_templates (klass, "Changes the sign of every value");
  klass->parent_class.transform_ip = sample_negate_transform_ip;
}

static void
sample_negate_init (SampleNegate *self)
{
}

/* ---- the gate ----------------------------------------------------------- */

static GMutex gate_lock;
static GCond gate_changed;
static gboolean gate_is_shut;
static guint n_at_gate, n_let_through;

void
sample_gate_shut (void)
{
  g_mutex_lock (&gate_lock);
  gate_is_shut = TRUE;
  n_at_gate = n_let_through = 0;
  g_mutex_unlock (&gate_lock);
}

void
sample_gate_open (void)
{
  g_mutex_lock (&gate_lock);
  gate_is_shut = FALSE;
  g_cond_broadcast (&gate_changed);
  g_mutex_unlock (&gate_lock);
}

void
sample_gate_step (void)
{
  g_mutex_lock (&gate_lock);
  n_let_through++;
  g_cond_broadcast (&gate_changed);
  g_mutex_unlock (&gate_lock);
}

void
sample_gate_wait_for (guint n_frames)
{
  g_mutex_lock (&gate_lock);
  while (n_at_gate < n_frames)
    g_cond_wait (&gate_changed, &gate_lock);
  g_mutex_unlock (&gate_lock);
}

DEFINE (SampleGate, sample_gate)

static GstFlowReturn
sample_gate_transform_ip (GstBaseTransform *trans, GstBuffer *buffer)
{
  SampleElement *self = SAMPLE_ELEMENT (trans);
  GstFlowReturn flow;

  g_mutex_lock (&gate_lock);
  n_at_gate++;
  g_cond_broadcast (&gate_changed);
  while (gate_is_shut && n_let_through == 0 && !self->is_stopping)
    g_cond_wait (&gate_changed, &gate_lock);
  if (gate_is_shut && n_let_through > 0)
    n_let_through--;
  flow = self->is_stopping ? GST_FLOW_FLUSHING : GST_FLOW_OK;
  g_mutex_unlock (&gate_lock);
  return flow;
}

static GstStateChangeReturn
sample_gate_change_state (GstElement *element, GstStateChange transition)
{
  g_mutex_lock (&gate_lock);
  SAMPLE_ELEMENT (element)->is_stopping = transition ==
      GST_STATE_CHANGE_PAUSED_TO_READY;
  g_cond_broadcast (&gate_changed);
  g_mutex_unlock (&gate_lock);
  return GST_ELEMENT_CLASS (sample_gate_parent_class)
      ->change_state (element, transition);
}

static void
sample_gate_class_init (SampleGateClass *klass)
{
  add_templates (klass, "Holds frames while the gate is shut");
  klass->parent_class.transform_ip = sample_gate_transform_ip;
  klass->parent_class.transform_ip_on_passthrough = TRUE;
  GST_ELEMENT_CLASS (klass)->change_state = sample_gate_change_state;
}

static void
sample_gate_init (SampleGate *self)
{
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}

/* ---- ends of frames ----------------------------------------------------- */

DEFINE (SampleDrop, sample_drop)

static GstFlowReturn
sample_drop_transform_ip (GstBaseTransform *self, GstBuffer *buffer)
{
  return get_first (buffer) == SAMPLE_DROPPED ? GST_BASE_TRANSFORM_FLOW_DROPPED
                                              : GST_FLOW_OK;
}

static void
sample_drop_class_init (SampleDropClass *klass)
{
  add_templates (klass, "Drops frames");
  klass->parent_class.transform_ip = sample_drop_transform_ip;
}

static void
sample_drop_init (SampleDrop *self)
{
}

DEFINE (SampleSilent, sample_silent)

static GstFlowReturn
sample_silent_transform_ip (GstBaseTransform *self, GstBuffer *buffer)
{
  return get_first (buffer) == SAMPLE_BAD ? GST_FLOW_ERROR : GST_FLOW_OK;
}

static void
sample_silent_class_init (SampleSilentClass *klass)
{
  add_templates (klass, "Fails and says nothing");
  klass->parent_class.transform_ip = sample_silent_transform_ip;
}

static void
sample_silent_init (SampleSilent *self)
{
}

DEFINE (SampleEnd, sample_end)

static GstFlowReturn
sample_end_transform_ip (GstBaseTransform *self, GstBuffer *buffer)
{
  if (get_first (buffer) != SAMPLE_BAD)
    return GST_FLOW_OK;
  gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (self), gst_event_new_eos ());
  return GST_FLOW_EOS;
}

static void
sample_end_class_init (SampleEndClass *klass)
{
  add_templates (klass, "Ends the stream");
  klass->parent_class.transform_ip = sample_end_transform_ip;
}

static void
sample_end_init (SampleEnd *self)
{
}

/* ---- other numbers of frames -------------------------------------------- */

DEFINE (SampleDelay, sample_delay)

static GstFlowReturn
sample_delay_generate_output (GstBaseTransform *trans, GstBuffer **dst)
{
  SampleElement *self = SAMPLE_ELEMENT (trans);

  *dst = NULL;
  if (trans->queued_buf == NULL)
    return GST_FLOW_OK;
  *dst = self->held;
  self->held = g_steal_pointer (&trans->queued_buf);
  return *dst != NULL ? GST_FLOW_OK : GST_BASE_TRANSFORM_FLOW_DROPPED;
}

static gboolean
sample_delay_stop (GstBaseTransform *trans)
{
  gst_clear_buffer (&SAMPLE_ELEMENT (trans)->held);
  return TRUE;
}

static void
sample_delay_class_init (SampleDelayClass *klass)
{
  add_templates (klass, "Holds the last frame");
  klass->parent_class.generate_output = sample_delay_generate_output;
  klass->parent_class.stop = sample_delay_stop;
}

static void
sample_delay_init (SampleDelay *self)
{
}

/* Nothing of the frame but its time is kept. */
DEFINE (SampleLate, sample_late)

static GstFlowReturn
sample_late_generate_output (GstBaseTransform *trans, GstBuffer **dst)
{
  SampleElement *self = SAMPLE_ELEMENT (trans);
  g_autoptr (GstBuffer) src = g_steal_pointer (&trans->queued_buf);

  *dst = NULL;
  if (src == NULL)
    return GST_FLOW_OK;
  *dst = self->held;
  self->held = gst_buffer_copy_region (src,
      GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_MEMORY |
          GST_BUFFER_COPY_DEEP,
      0, gst_buffer_get_size (src));
  return *dst != NULL ? GST_FLOW_OK : GST_BASE_TRANSFORM_FLOW_DROPPED;
}

static void
sample_late_class_init (SampleLateClass *klass)
{
  add_templates (klass, "Holds a copy of the last frame");
  klass->parent_class.generate_output = sample_late_generate_output;
  klass->parent_class.stop = sample_delay_stop;
}

static void
sample_late_init (SampleLate *self)
{
}

DEFINE (SampleTwice, sample_twice)

static GstFlowReturn
sample_twice_transform_ip (GstBaseTransform *self, GstBuffer *buffer)
{
  return gst_pad_push (
      GST_BASE_TRANSFORM_SRC_PAD (self), gst_buffer_copy (buffer));
}

static void
sample_twice_class_init (SampleTwiceClass *klass)
{
  add_templates (klass, "Sends each frame twice");
  klass->parent_class.transform_ip = sample_twice_transform_ip;
}

static void
sample_twice_init (SampleTwice *self)
{
}

DEFINE (SampleStrip, sample_strip)

static GstFlowReturn
sample_strip_generate_output (GstBaseTransform *trans, GstBuffer **dst)
{
  g_autoptr (GstBuffer) src = g_steal_pointer (&trans->queued_buf);

  *dst = NULL;
  if (src != NULL)
    *dst = gst_buffer_copy_region (src,
        GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_MEMORY |
            GST_BUFFER_COPY_DEEP,
        0, gst_buffer_get_size (src));
  return GST_FLOW_OK;
}

static void
sample_strip_class_init (SampleStripClass *klass)
{
  add_templates (klass, "Forgets metadata");
  klass->parent_class.generate_output = sample_strip_generate_output;
}

static void
sample_strip_init (SampleStrip *self)
{
}

DEFINE (SampleRename, sample_rename)

static GstFlowReturn
sample_rename_transform_ip (GstBaseTransform *self, GstBuffer *buffer)
{
  gst_buffer_get_dnn_frame_meta (buffer)->key = gst_dnn_frame_key_new ();
  return GST_FLOW_OK;
}

static void
sample_rename_class_init (SampleRenameClass *klass)
{
  add_templates (klass, "Gives frames keys of its own");
  klass->parent_class.transform_ip = sample_rename_transform_ip;
}

static void
sample_rename_init (SampleRename *self)
{
}

void
sample_elements_register (void)
{
  const struct
  {
    const gchar *name;
    GType type;
  } rows[] = { { "samplenegate", sample_negate_get_type () },
    { "samplegate", sample_gate_get_type () },
    { "sampledrop", sample_drop_get_type () },
    { "samplesilent", sample_silent_get_type () },
    { "sampleend", sample_end_get_type () },
    { "sampledelay", sample_delay_get_type () },
    { "samplelate", sample_late_get_type () },
    { "sampletwice", sample_twice_get_type () },
    { "samplestrip", sample_strip_get_type () },
    { "samplerename", sample_rename_get_type () } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_true (
        gst_element_register (NULL, rows[i].name, GST_RANK_NONE, rows[i].type));
}
