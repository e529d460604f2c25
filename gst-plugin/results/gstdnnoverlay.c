/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results of a frame → boxes and labels drawn onto it. */

/**
 * SECTION:element-dnnoverlay
 * @title: dnnoverlay
 * @short_description: draws results onto the frames
 *
 * Draws a box around each detected object, with its label and confidence, and
 * the classes of a frame into its corner, onto any 8-bit format without
 * converting it. Each class of a model has a colour of its own.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=10 ! dnnoverlay ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/results/gstdnnoverlay.h"

#include <math.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "gst-plugin/pixels/gstdnnpixels.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/results/gstdnndraw.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* Texts that are kept drawn; then all are dropped, not one at a time. */
#define MAX_MASKS 512

/* Parts of the frame's height, where the user gives no size. */
#define THICKNESS_PART 240
#define TEXT_PART 24
#define MIN_TEXT 12

enum
{
  PROP_0,
  PROP_THICKNESS,
  PROP_FONT,
  PROP_LABELS,
  PROP_CONFIDENCE,
};

struct _GstDnnOverlay
{
  GstVideoFilter parent;

  /* Properties: under the object lock. */
  gint thickness;
  gchar *font;
  gboolean has_new_font; /* not in masks yet */
  gboolean draws_labels, draws_confidence;

  GHashTable *masks; /* text → GstDnnMask */
  GstDnnErrorLatch latch;
};

G_DEFINE_FINAL_TYPE (GstDnnOverlay, gst_dnn_overlay, GST_TYPE_VIDEO_FILTER)
GST_ELEMENT_REGISTER_DEFINE (
    dnnoverlay, "dnnoverlay", GST_RANK_NONE, GST_TYPE_DNN_OVERLAY)

#define CAPS GST_VIDEO_CAPS_MAKE (GST_DNN_PIXELS_FORMATS)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

/* What the user has set, for one frame. */
typedef struct
{
  gint thickness, text_height;
  const gchar *font;
  gboolean labels, confidence;
} Style;

static void
free_mask (gpointer data)
{
  gst_dnn_mask_clear (data);
  g_free (data);
}

static const GstDnnMask *
get_mask (GstDnnOverlay *self, const GstVideoFrame *frame, const gchar *text,
    const Style *style)
{
  GstDnnMask *mask = g_hash_table_lookup (self->masks, text);

  if (mask != NULL)
    return mask;
  if (g_hash_table_size (self->masks) >= MAX_MASKS)
    g_hash_table_remove_all (self->masks);
  mask = g_new0 (GstDnnMask, 1);
  gst_dnn_mask_init_text (mask, text, style->font, style->text_height,
      GST_VIDEO_FRAME_WIDTH (frame), GST_VIDEO_FRAME_HEIGHT (frame));
  g_hash_table_insert (self->masks, g_strdup (text), mask);
  return mask;
}

static void
get_color (const GstDnnResult *result, guint8 rgb[3])
{
  guint32 color = gst_dnn_result_get_color (result);

  for (guint i = 0; i < 3; i++)
    rgb[i] = color >> (16 - 8 * i) & 0xff;
}

static gchar *
make_text (const GstDnnResult *result, const Style *style)
{
  const gchar *label = gst_dnn_result_get_label (result);
  GString *text = g_string_new (label);

  if (label == NULL && result->label_id >= 0)
    g_string_append_printf (text, "%d", result->label_id);
  if (result->id >= 0)
    g_string_append_printf (text, " #%" G_GINT64_FORMAT, result->id);
  if (style->confidence)
    g_string_append_printf (
        text, " %d %%", (gint) (result->confidence * 100 + 0.5));
  return g_string_free (text, FALSE);
}

/* Dark or light, so that it can be read on @background. */
static void
get_text_color (const guint8 background[3], guint8 rgb[3])
{
  gint luma = 299 * background[0] + 587 * background[1] + 114 * background[2];

  rgb[0] = rgb[1] = rgb[2] = luma > 128000 ? 0 : 255;
}

/* A line of text on a plate, its lower left corner at @x, @bottom; moved so
 * that it stays within the frame. Returns its height. */
static gint
draw_text (GstDnnOverlay *self, GstVideoFrame *frame,
    const GstDnnResult *result, const Style *style, gint x, gint bottom)
{
  g_autofree gchar *text = make_text (result, style);
  const GstDnnMask *mask = get_mask (self, frame, text, style);
  guint8 plate[3], letters[3];
  gint y = MAX (bottom - mask->height, 0);

  x = MAX (MIN (x, GST_VIDEO_FRAME_WIDTH (frame) - mask->width), 0);
  get_color (result, plate);
  get_text_color (plate, letters);
  gst_dnn_draw_rectangle (frame, x, y, mask->width, mask->height, plate, 255);
  gst_dnn_draw_mask (frame, x, y, mask, letters);
  return mask->height;
}

static void
draw_box (GstVideoFrame *frame, const GstDnnResult *result, const Style *style)
{
  gint x0 = (gint) lrint (result->x), y0 = (gint) lrint (result->y);
  gint x1 = (gint) lrint (result->x + result->w);
  gint y1 = (gint) lrint (result->y + result->h);
  gint t = style->thickness;
  guint8 rgb[3];

  get_color (result, rgb);
  gst_dnn_draw_rectangle (frame, x0, y0, x1 - x0, t, rgb, 255);
  gst_dnn_draw_rectangle (frame, x0, y1 - t, x1 - x0, t, rgb, 255);
  gst_dnn_draw_rectangle (frame, x0, y0 + t, t, y1 - y0 - 2 * t, rgb, 255);
  gst_dnn_draw_rectangle (frame, x1 - t, y0 + t, t, y1 - y0 - 2 * t, rgb, 255);
}

static void
draw_results (GstDnnOverlay *self, GstVideoFrame *frame,
    const GstDnnResultsMeta *meta, const Style *style)
{
  guint n = gst_dnn_results_meta_get_n (meta);
  gint line = 0;

  for (guint i = 0; i < n; i++) {
    const GstDnnResult *result = gst_dnn_results_meta_get (meta, i);
    gint x = (gint) lrint (result->x), y = (gint) lrint (result->y);

    if (result->kind == GST_DNN_RESULT_DETECTION) {
      draw_box (frame, result, style);
      if (style->labels)
        draw_text (self, frame, result, style, x, y);
    } else if (style->labels) {
      line += draw_text (
          self, frame, result, style, x, y + line + style->text_height);
    }
  }
}

static GstFlowReturn
transform_frame_ip (GstVideoFilter *filter, GstVideoFrame *frame)
{
  GstDnnOverlay *self = GST_DNN_OVERLAY (filter);
  const GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (
      frame->buffer);
  gint height = GST_VIDEO_FRAME_HEIGHT (frame);
  g_autofree gchar *font = NULL;
  gboolean is_new;
  Style style;

  if (meta == NULL)
    return GST_FLOW_OK;
  GST_OBJECT_LOCK (self);
  font = g_strdup (self->font);
  is_new = self->has_new_font;
  self->has_new_font = FALSE;
  style.thickness = self->thickness > 0 ? self->thickness
                                        : MAX (height / THICKNESS_PART, 2);
  style.labels = self->draws_labels;
  style.confidence = self->draws_confidence;
  GST_OBJECT_UNLOCK (self);
  if (is_new)
    g_hash_table_remove_all (self->masks);
  style.font = font;
  style.text_height = MAX (height / TEXT_PART, MIN_TEXT);
  draw_results (self, frame, meta, &style);
  return GST_FLOW_OK;
}

static gboolean
start (GstBaseTransform *transform)
{
  gst_dnn_error_reset (&GST_DNN_OVERLAY (transform)->latch);
  return TRUE;
}

static gboolean
set_info (GstVideoFilter *filter, GstCaps *in, GstVideoInfo *in_info,
    GstCaps *out, GstVideoInfo *out_info)
{
  /* Texts were drawn for another size. */
  g_hash_table_remove_all (GST_DNN_OVERLAY (filter)->masks);
  return TRUE;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnOverlay *self = GST_DNN_OVERLAY (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_THICKNESS:
      self->thickness = g_value_get_int (value);
      break;
    case PROP_FONT:
      g_free (self->font);
      self->font = g_value_dup_string (value);
      self->has_new_font = TRUE;
      break;
    case PROP_LABELS:
      self->draws_labels = g_value_get_boolean (value);
      break;
    case PROP_CONFIDENCE:
      self->draws_confidence = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstDnnOverlay *self = GST_DNN_OVERLAY (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_THICKNESS:
      g_value_set_int (value, self->thickness);
      break;
    case PROP_FONT:
      g_value_set_string (value, self->font);
      break;
    case PROP_LABELS:
      g_value_set_boolean (value, self->draws_labels);
      break;
    case PROP_CONFIDENCE:
      g_value_set_boolean (value, self->draws_confidence);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  GstDnnOverlay *self = GST_DNN_OVERLAY (object);

  g_free (self->font);
  g_hash_table_unref (self->masks);
  G_OBJECT_CLASS (gst_dnn_overlay_parent_class)->finalize (object);
}

static void
gst_dnn_overlay_init (GstDnnOverlay *self)
{
  GstBaseTransform *transform = GST_BASE_TRANSFORM (self);

  self->draws_labels = TRUE;
  self->draws_confidence = TRUE;
  self->masks = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, free_mask);
  gst_base_transform_set_in_place (transform, TRUE);
  gst_base_transform_set_gap_aware (transform, TRUE);
  gst_base_transform_set_qos_enabled (transform, FALSE);
  gst_dnn_error_tell_flushing (transform);
  gst_dnn_error_watch_caps (
      transform->sinkpad, self, &self->latch, GST_DNN_EXPECTS_VIDEO);
  gst_dnn_property_watch (self, self, NULL);
}

static void
gst_dnn_overlay_class_init (GstDnnOverlayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstVideoFilterClass *filter_class = GST_VIDEO_FILTER_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  GST_BASE_TRANSFORM_CLASS (klass)->start = start;
  filter_class->set_info = set_info;
  filter_class->transform_frame_ip = transform_frame_ip;
  g_object_class_install_property (object_class, PROP_THICKNESS,
      gst_dnn_property_int ("thickness", "pixels",
          "Width of the lines; 0: by the height of the frame", 0, 100, 0,
          GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_FONT,
      gst_dnn_property_string ("font",
          "Font of the labels, as in \"Sans Bold 14\"; not set: by the height "
          "of the frame",
          NULL, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_LABELS,
      gst_dnn_property_boolean ("draw-labels", "Write labels beside the boxes",
          TRUE, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_CONFIDENCE,
      gst_dnn_property_boolean ("draw-confidence",
          "Write how sure the model is", TRUE, GST_DNN_SET_PLAYING));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "DNN overlay",
      "Filter/Editor/Video", "Draws results onto the frames",
      "The gst-dnn authors");
}
