/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GstDnnFrameMeta: on a buffer of tensors, the frame that they were made of:
 * the original buffer, the way from model to frame coordinates, and the key by
 * which branches are joined again. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

/**
 * GstDnnAffine:
 * @m: x' = m[0]·x + m[1]·y + m[2], y' = m[3]·x + m[4]·y + m[5]
 *
 * A map between two coordinate systems in pixels, whose (0, 0) is the upper
 * left corner of the upper left pixel. A value type.
 */
typedef struct
{
  gdouble m[6];
} GstDnnAffine;

/**
 * GstDnnFrameKey:
 * @serial: number of the frame, unique in the process, growing; 0 is none
 * @region_idx: which region of the frame, from 0
 * @n_regions: how many regions the frame has; 1 for the whole frame
 *
 * What buffers of the same frame have in common.
 */
typedef struct
{
  guint64 serial;
  guint region_idx;
  guint n_regions;
} GstDnnFrameKey;

/**
 * GstDnnFrameMeta:
 * @meta: parent
 * @frame: (nullable): the original buffer; %NULL where tensors came from
 *   elsewhere and only the key counts
 * @caps: (nullable): caps of @frame
 * @segment: segment of @frame; format undefined where there is none
 * @to_frame: model → frame coordinates
 * @to_model: its inverse
 * @model_w: width of the model's input, pixels; 0 where there is no picture
 * @model_h: its height
 * @key: what branches are joined by
 * @age: how much older the frame is that the tensors were made of than @frame;
 *   0 but where results came too late for their own frame. Since: 0.2
 *
 * Stands on buffers of tensors. Copies with them (no tags), through other
 * people's elements too; never onto @frame itself.
 */
typedef struct
{
  GstMeta meta;

  GstBuffer *frame;
  GstCaps *caps;
  GstSegment segment;
  GstDnnAffine to_frame;
  GstDnnAffine to_model;
  gint model_w, model_h;
  GstDnnFrameKey key;
  GstClockTime age;
} GstDnnFrameMeta;

#define GST_DNN_FRAME_META_API_TYPE (gst_dnn_frame_meta_api_get_type ())
#define GST_DNN_FRAME_META_INFO (gst_dnn_frame_meta_get_info ())

DNN_API GType gst_dnn_frame_meta_api_get_type (void);
DNN_API const GstMetaInfo *gst_dnn_frame_meta_get_info (void);

/**
 * gst_buffer_add_dnn_frame_meta:
 * @buffer: a writable buffer of tensors, without such meta
 * @frame: (nullable) (transfer none): the original buffer, not @buffer
 * @caps: (nullable) (transfer none): its caps
 * @segment: (nullable): its segment
 * @to_frame: (nullable): model → frame; must have an inverse; %NULL: the same
 * @key: its serial must not be 0, see gst_dnn_frame_key_new()
 *
 * Never put a buffer with this meta into @frame (as attached tensors, say):
 * the two would hold each other for ever.
 *
 * Returns: (transfer none): the meta
 */
DNN_API GstDnnFrameMeta *gst_buffer_add_dnn_frame_meta (GstBuffer *buffer,
    GstBuffer *frame, GstCaps *caps, const GstSegment *segment,
    const GstDnnAffine *to_frame, const GstDnnFrameKey *key);

/**
 * gst_dnn_frame_meta_set_model_size:
 * @width: of the model's input, pixels
 * @height: its height
 *
 * Says how large the picture is that @to_frame maps from, for decoders whose
 * models give coordinates as parts of it.
 */
DNN_API void gst_dnn_frame_meta_set_model_size (
    GstDnnFrameMeta *self, gint width, gint height);

/**
 * gst_buffer_get_dnn_frame_meta:
 *
 * Returns: (transfer none) (nullable): the meta of @buffer
 */
DNN_API GstDnnFrameMeta *gst_buffer_get_dnn_frame_meta (GstBuffer *buffer);

/**
 * gst_buffer_remove_dnn_frame_meta:
 * @buffer: a writable buffer
 *
 * Takes the meta away, for tensors that are to be attached to their frame.
 */
DNN_API void gst_buffer_remove_dnn_frame_meta (GstBuffer *buffer);

/**
 * gst_dnn_frame_key_new: (skip)
 *
 * Returns: the key of a new frame with one region. Thread-safe
 */
DNN_API GstDnnFrameKey gst_dnn_frame_key_new (void);

/**
 * gst_dnn_frame_key_compare:
 *
 * Returns: below, equal to, above 0: @a is older than, the same as, newer
 *   than @b
 */
DNN_API gint gst_dnn_frame_key_compare (
    const GstDnnFrameKey *a, const GstDnnFrameKey *b);

/**
 * gst_dnn_affine_identity: (skip)
 *
 * Returns: the map that changes nothing
 */
DNN_API GstDnnAffine gst_dnn_affine_identity (void);

/**
 * gst_dnn_affine_invert:
 * @inverse: (out caller-allocates): the inverse
 *
 * Returns: %FALSE if there is none
 */
DNN_API gboolean gst_dnn_affine_invert (
    const GstDnnAffine *self, GstDnnAffine *inverse);

/**
 * gst_dnn_affine_map:
 * @x: (inout): x in, x' out
 * @y: (inout): y in, y' out
 */
DNN_API void gst_dnn_affine_map (
    const GstDnnAffine *self, gdouble *x, gdouble *y);

G_END_DECLS
