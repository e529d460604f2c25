/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Rectangles and masks → pixels, component by component, so that every 8-bit
 * format is drawn on as it is. Next: gstdnnoverlay.c. */
#include "config.h"

#include "gst-plugin/results/gstdnndraw.h"

#include <pango/pangocairo.h>
#include <string.h>

#include "gst-plugin/pixels/gstdnnpixels-color.h"

void
gst_dnn_mask_clear (GstDnnMask *self)
{
  g_clear_pointer (&self->data, g_free);
}

/* Of one of cairo's surfaces, pixels. */
#define MAX_SIDE 32767

/* (a · alpha + b · (255 - alpha)) / 255, rounded. */
static inline guint8
blend (guint8 a, guint8 b, guint8 alpha)
{
  guint v = a * alpha + b * (255 - alpha) + 127;

  return (guint8) (v / 255);
}

/* Mean coverage of the pixels that one sample of a component stands for. */
static guint8
get_coverage (const GstDnnMask *mask, gint x, gint y, gint step_x, gint step_y)
{
  guint sum = 0;

  for (gint dy = 0; dy < step_y; dy++)
    for (gint dx = 0; dx < step_x; dx++)
      if (x + dx >= 0 && y + dy >= 0 && x + dx < mask->width &&
          y + dy < mask->height)
        sum += mask->data[(y + dy) * mask->stride + x + dx];
  return sum / (step_x * step_y);
}

/* What is drawn: a mask, or an even coverage. */
typedef struct
{
  gint x0, y0, x1, y1; /* within the frame */
  gint mask_x, mask_y; /* where the mask's corner lies */
  const GstDnnMask *mask; /* NULL: @alpha everywhere */
  guint8 alpha;
} Area;

static void
draw_component (
    GstVideoFrame *frame, guint component, const Area *area, guint8 value)
{
  const GstVideoFormatInfo *finfo = frame->info.finfo;
  guint8 *data = GST_VIDEO_FRAME_COMP_DATA (frame, component);
  gint stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, component);
  gint step = GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component);
  gint sub_x = GST_VIDEO_FORMAT_INFO_W_SUB (finfo, component);
  gint sub_y = GST_VIDEO_FORMAT_INFO_H_SUB (finfo, component);

  for (gint y = area->y0 >> sub_y; y <= (area->y1 - 1) >> sub_y; y++) {
    guint8 *row = data + (gssize) y * stride;

    for (gint x = area->x0 >> sub_x; x <= (area->x1 - 1) >> sub_x; x++) {
      guint8 alpha = area->mask == NULL
          ? area->alpha
          : get_coverage (area->mask, (x << sub_x) - area->mask_x,
                (y << sub_y) - area->mask_y, 1 << sub_x, 1 << sub_y);

      row[x * step] = blend (value, row[x * step], alpha);
    }
  }
}

static void
draw (GstVideoFrame *frame, Area *area, const guint8 rgb[3])
{
  guint8 components[3];
  guint n = MIN (GST_VIDEO_FRAME_N_COMPONENTS (frame), 3);

  area->x0 = MAX (area->x0, 0);
  area->y0 = MAX (area->y0, 0);
  area->x1 = MIN (area->x1, GST_VIDEO_FRAME_WIDTH (frame));
  area->y1 = MIN (area->y1, GST_VIDEO_FRAME_HEIGHT (frame));
  if (area->x0 >= area->x1 || area->y0 >= area->y1)
    return;
  gst_dnn_color_to_components (&frame->info, rgb, components);
  for (guint c = 0; c < n; c++)
    draw_component (frame, c, area, components[c]);
}

void
gst_dnn_draw_rectangle (GstVideoFrame *frame, gint x, gint y, gint width,
    gint height, const guint8 rgb[3], guint8 alpha)
{
  Area area = { x, y, x + width, y + height, 0, 0, NULL, alpha };

  draw (frame, &area, rgb);
}

void
gst_dnn_draw_mask (GstVideoFrame *frame, gint x, gint y, const GstDnnMask *mask,
    const guint8 rgb[3])
{
  Area area = { x, y, x + mask->width, y + mask->height, x, y, mask, 0 };

  draw (frame, &area, rgb);
}

static PangoLayout *
make_layout (cairo_t *cairo, const gchar *text, const gchar *font, gint height)
{
  PangoLayout *layout = pango_cairo_create_layout (cairo);
  PangoFontDescription *description = pango_font_description_from_string (
      font != NULL ? font : "Sans");

  if (font == NULL)
    pango_font_description_set_absolute_size (
        description, height * 0.75 * PANGO_SCALE);
  pango_layout_set_font_description (layout, description);
  pango_layout_set_text (layout, text, -1);
  pango_font_description_free (description);
  return layout;
}

static cairo_surface_t *
draw_text (
    const gchar *text, const gchar *font, gint height, const GstDnnMask *mask)
{
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_A8, mask->width, mask->height);
  cairo_t *cairo = cairo_create (surface);
  PangoLayout *layout = make_layout (cairo, text, font, height);

  cairo_set_source_rgba (cairo, 0, 0, 0, 1);
  pango_cairo_show_layout (cairo, layout);
  g_object_unref (layout);
  cairo_destroy (cairo);
  cairo_surface_flush (surface);
  return surface;
}

void
gst_dnn_mask_init_text (GstDnnMask *self, const gchar *text, const gchar *font,
    gint height, gint max_width, gint max_height)
{
  cairo_surface_t *scratch = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
  cairo_t *cairo = cairo_create (scratch);
  PangoLayout *layout = make_layout (cairo, text, font, height);
  cairo_surface_t *surface;

  pango_layout_get_pixel_size (layout, &self->width, &self->height);
  if (font == NULL)
    self->height = height;
  self->width = CLAMP (self->width, 1, MIN (max_width, MAX_SIDE));
  self->height = CLAMP (self->height, 1, MIN (max_height, MAX_SIDE));
  g_object_unref (layout);
  cairo_destroy (cairo);
  cairo_surface_destroy (scratch);
  surface = draw_text (text, font, height, self);
  self->stride = cairo_image_surface_get_stride (surface);
  self->data = g_memdup2 (cairo_image_surface_get_data (surface),
      (gsize) self->stride * self->height);
  cairo_surface_destroy (surface);
}
