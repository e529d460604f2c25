/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the models found in a frame, as metadata on the video buffer. Decoders
 * add it; dnnoverlay, dnnjson and applications read it. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

/**
 * GstDnnResultKind:
 * @GST_DNN_RESULT_DETECTION: an object in a box
 * @GST_DNN_RESULT_CLASSIFICATION: a class of what the box holds; the box is
 *   the whole frame where the model saw all of it
 */
typedef enum
{
  GST_DNN_RESULT_DETECTION,
  GST_DNN_RESULT_CLASSIFICATION,
} GstDnnResultKind;

/**
 * GstDnnResult:
 * @kind: what the result says
 * @model: name of the model it comes from; 0 if it has none
 * @label: text of the class; 0 if the model's labels are not known
 * @label_id: index of the class, -1 if there is none
 * @confidence: 0 to 1
 * @x: left edge of the box, in pixels of the frame
 * @y: upper edge
 * @w: width
 * @h: height
 * @id: number of the tracked object, -1 where nothing tracks
 * @extra: (nullable): whatever else is known: masks, keypoints; coordinates
 *   in there are relative to the box, 0 to 1, and so survive scaling
 *
 * One result. A value: gst_dnn_result_copy() makes an own one.
 */
typedef struct
{
  GstDnnResultKind kind;
  GQuark model;
  GQuark label;
  gint label_id;
  gdouble confidence;
  gdouble x, y, w, h;
  gint64 id;
  GstStructure *extra;

  /*< private >*/
  gpointer _gst_reserved[4];
} GstDnnResult;

#define GST_TYPE_DNN_RESULT (gst_dnn_result_get_type ())
DNN_API GType gst_dnn_result_get_type (void);

/* A result with no label, no id and an empty box. */
#define GST_DNN_RESULT_INIT  \
  {                          \
    .label_id = -1, .id = -1 \
  }

/**
 * gst_dnn_result_copy:
 *
 * Returns: (transfer full): the same result; free with gst_dnn_result_free()
 */
DNN_API GstDnnResult *gst_dnn_result_copy (const GstDnnResult *self);

/**
 * gst_dnn_result_free:
 * @self: (transfer full): a result made by gst_dnn_result_copy()
 */
DNN_API void gst_dnn_result_free (GstDnnResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnResult, gst_dnn_result_free)

/**
 * gst_dnn_result_get_label:
 *
 * Returns: (transfer none) (nullable): text of the class
 */
DNN_API const gchar *gst_dnn_result_get_label (const GstDnnResult *self);

/**
 * gst_dnn_result_get_model:
 *
 * Returns: (transfer none) (nullable): name of the model
 */
DNN_API const gchar *gst_dnn_result_get_model (const GstDnnResult *self);

/**
 * gst_dnn_result_set_label:
 * @label: (nullable): text of the class
 *
 * Since: 0.2
 */
DNN_API void gst_dnn_result_set_label (GstDnnResult *self, const gchar *label);

/**
 * gst_dnn_result_set_model:
 * @model: (nullable): name of the model
 *
 * Since: 0.2
 */
DNN_API void gst_dnn_result_set_model (GstDnnResult *self, const gchar *model);

/**
 * gst_dnn_result_get_color:
 *
 * The colour that dnnoverlay draws it in: of its model's name and the number
 * of its class, the same in every process.
 *
 * Returns: red, green and blue as 0xRRGGBB
 *
 * Since: 0.2
 */
DNN_API guint32 gst_dnn_result_get_color (const GstDnnResult *self);

typedef struct _GstDnnResultsMeta GstDnnResultsMeta;

/**
 * GstDnnResultsMeta:
 * @meta: parent
 * @age: how much older the frame is that the model saw, in ns; 0 for this one.
 *   Others are where a model slower than a live stream has `drop=pass`.
 *   Since: 0.2
 * @results: (element-type GstDnnResult): in the order in which they were added
 *
 * All results of one frame; a buffer has at most one of these. It has none
 * where no model looked at the frame, an empty one where nothing was found.
 *
 * Elements that change a picture's size change the boxes with it: plain
 * scaling on every version of GStreamer, crops and borders where the element
 * says which. Elements that say nothing of what they do (videocrop and
 * videoflip of GStreamer 1.22) drop the meta rather than leave wrong boxes.
 */
struct _GstDnnResultsMeta
{
  GstMeta meta;
  GstClockTime age;

  /*< private >*/
  GArray *results;
};

#define GST_DNN_RESULTS_META_API_TYPE (gst_dnn_results_meta_api_get_type ())
#define GST_DNN_RESULTS_META_INFO (gst_dnn_results_meta_get_info ())
DNN_API GType gst_dnn_results_meta_api_get_type (void);
DNN_API const GstMetaInfo *gst_dnn_results_meta_get_info (void);

/**
 * gst_buffer_add_dnn_results_meta:
 * @buffer: (transfer none): a writable buffer
 *
 * Returns: (transfer none): the results of @buffer: those it has, or a new
 *   empty meta
 */
DNN_API GstDnnResultsMeta *gst_buffer_add_dnn_results_meta (GstBuffer *buffer);

/**
 * gst_buffer_get_dnn_results_meta:
 *
 * Returns: (transfer none) (nullable): the results of @buffer
 */
DNN_API GstDnnResultsMeta *gst_buffer_get_dnn_results_meta (GstBuffer *buffer);

/**
 * gst_dnn_results_meta_add:
 * @result: copied
 *
 * The buffer must be writable.
 */
DNN_API void gst_dnn_results_meta_add (
    GstDnnResultsMeta *self, const GstDnnResult *result);

/**
 * gst_dnn_results_meta_get_n:
 *
 * Returns: number of results
 */
DNN_API guint gst_dnn_results_meta_get_n (const GstDnnResultsMeta *self);

/**
 * gst_dnn_results_meta_get:
 * @idx: less than gst_dnn_results_meta_get_n()
 *
 * Returns: (transfer none): valid until a result is added or the buffer goes
 */
DNN_API const GstDnnResult *gst_dnn_results_meta_get (
    const GstDnnResultsMeta *self, guint idx);

G_END_DECLS
