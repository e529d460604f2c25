/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frame size, model size and way of resizing → rectangles and affine map.
 * Next: gstdnnpixels.c. */
#include "config.h"

#include "gst-plugin/meta/gstdnngeometry.h"

#include <math.h>

/* Width over height of the frame as displayed, in pixels as high as its own. */
static gdouble
get_pixel_aspect (const GstVideoInfo *frame)
{
  if (frame->par_n <= 0 || frame->par_d <= 0)
    return 1;
  return (gdouble) frame->par_n / frame->par_d;
}

/* Half a pixel goes to the even neighbour, as round() of Python does it, which
 * the training code of models is written in. */
static gint
round_side (gdouble side, gint most)
{
  return CLAMP ((gint) nearbyint (side), 1, most);
}

static void
letterbox (GstDnnGeometry *self, gdouble aspect, gboolean centred)
{
  gdouble shown_w = self->src_w * aspect;
  gdouble scale = MIN (self->dst_w / shown_w, self->dst_h / self->src_h);
  gint w = round_side (shown_w * scale, self->dst_w);
  gint h = round_side (self->src_h * scale, self->dst_h);

  if (centred) {
    self->dst_x = (self->dst_w - w) / 2;
    self->dst_y = (self->dst_h - h) / 2;
  }
  self->dst_w = w;
  self->dst_h = h;
}

static void
crop (GstDnnGeometry *self, gdouble aspect)
{
  gdouble shown_w = self->src_w * aspect;
  gdouble scale = MAX (self->dst_w / shown_w, self->dst_h / self->src_h);
  gdouble w = MIN (self->dst_w / scale / aspect, self->src_w);
  gdouble h = MIN (self->dst_h / scale, self->src_h);

  self->src_x += (self->src_w - w) / 2;
  self->src_y += (self->src_h - h) / 2;
  self->src_w = w;
  self->src_h = h;
}

void
gst_dnn_geometry_init (GstDnnGeometry *self, const GstVideoInfo *frame,
    gint model_w, gint model_h, GstDnnResize resize, gdouble center_crop)
{
  gdouble aspect = get_pixel_aspect (frame);

  *self = (GstDnnGeometry){
    .src_w = frame->width,
    .src_h = frame->height,
    .dst_w = model_w,
    .dst_h = model_h,
  };
  if (resize == GST_DNN_RESIZE_CROP)
    crop (self, aspect);
  self->src_x += self->src_w * (1 - center_crop) / 2;
  self->src_y += self->src_h * (1 - center_crop) / 2;
  self->src_w *= center_crop;
  self->src_h *= center_crop;
  if (resize == GST_DNN_RESIZE_LETTERBOX)
    letterbox (self, aspect, TRUE);
  else if (resize == GST_DNN_RESIZE_LETTERBOX_TOP_LEFT)
    letterbox (self, aspect, FALSE);
}

void
gst_dnn_geometry_get_map (const GstDnnGeometry *self, gdouble map[6])
{
  gdouble scale_x = self->src_w / self->dst_w;
  gdouble scale_y = self->src_h / self->dst_h;

  map[0] = scale_x;
  map[1] = 0;
  map[2] = self->src_x - self->dst_x * scale_x;
  map[3] = 0;
  map[4] = scale_y;
  map[5] = self->src_y - self->dst_y * scale_y;
}
