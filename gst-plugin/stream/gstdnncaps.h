/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensor caps (`other/tensors`, the convention of NNStreamer): caps text →
 * types and shapes, and back. Nothing else in the project spells them.
 *
 * In caps and headers dimensions stand innermost first ("224:224:3:1"), in a
 * DnnShape outermost first (1×3×224×224). A missing dimension is 1. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/base/dnn-error.h"
#include "pipeline-core/base/dnn-shape.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

/* Most tensors on one link. A GstBuffer holds 16 memories: the last one holds
 * the tensors behind the 15th together where there are more. */
#define GST_DNN_MAX_TENSORS 256

/* Bytes before each tensor's data where format=flexible. A multiple of
 * DNN_ALIGNMENT, so that data behind it is as aligned as the memory. */
#define GST_DNN_HEADER_SIZE 128

/* Pad templates. */
#define GST_DNN_STATIC_CAPS                                             \
  "other/tensors, format=(string)static, num_tensors=(int)[ 1, 256 ], " \
  "framerate=(fraction)[ 0/1, 2147483647/1 ]"
#define GST_DNN_FLEXIBLE_CAPS                \
  "other/tensors, format=(string)flexible, " \
  "framerate=(fraction)[ 0/1, 2147483647/1 ]"
#define GST_DNN_TENSOR_CAPS GST_DNN_STATIC_CAPS "; " GST_DNN_FLEXIBLE_CAPS

/**
 * GstDnnTensorsInfo:
 * @flexible: shapes and types stand before each tensor's data, not in caps;
 *   then @n_tensors is 0
 * @n_tensors: number of tensors in a buffer, one memory each up to 16
 * @types: as they travel: never bool or bfloat16, see
 *   gst_dnn_type_on_link()
 * @shapes: outermost first
 * @fps_n: frames per second, numerator; 0 for no fixed rate
 * @fps_d: denominator; 0 where the caps do not say
 *
 * What one link carries. A value type, no memory of its own.
 */
typedef struct
{
  gboolean flexible;
  guint n_tensors;
  DnnType types[GST_DNN_MAX_TENSORS];
  DnnShape shapes[GST_DNN_MAX_TENSORS];
  gint fps_n, fps_d;
} GstDnnTensorsInfo;

/**
 * gst_dnn_type_on_link:
 *
 * Returns: the type a tensor of @type travels as: bool as uint8, bfloat16 as
 *   float32, the others as they are
 */
DNN_API DnnType gst_dnn_type_on_link (DnnType type);

/**
 * gst_dnn_tensors_info_init:
 * @info: (out caller-allocates): becomes static, without tensors and rate
 */
DNN_API void gst_dnn_tensors_info_init (GstDnnTensorsInfo *info);

/**
 * gst_dnn_tensors_info_add:
 * @type: of the model; becomes gst_dnn_type_on_link() of it
 * @shape: may have open dimensions
 *
 * Appends a tensor.
 *
 * Returns: %FALSE with %DNN_ERROR_LIMIT if there are %GST_DNN_MAX_TENSORS,
 *   with %DNN_ERROR_SHAPE if a dimension is 0, which no caps can say
 */
DNN_API gboolean gst_dnn_tensors_info_add (GstDnnTensorsInfo *info,
    DnnType type, const DnnShape *shape, GError **error);

/**
 * gst_dnn_tensors_info_from_caps:
 * @info: (out caller-allocates): what they say
 * @caps: fixed caps
 *
 * Returns: %FALSE with %DNN_ERROR_FORMAT, %DNN_ERROR_LIMIT, %DNN_ERROR_TYPE
 *   or %DNN_ERROR_VALUE, naming the field and what stands in it
 */
DNN_API gboolean gst_dnn_tensors_info_from_caps (
    GstDnnTensorsInfo *info, const GstCaps *caps, GError **error);

/**
 * gst_dnn_tensors_info_to_caps:
 *
 * Caps with one structure for each spelling of the same shapes, since GstCaps
 * compares `dimensions` as text: natural rank first, then padded with 1 to
 * rank 4, then without outermost 1s. Without `dimensions` where a shape is
 * open. Fixate or truncate to get the first.
 *
 * Returns: (transfer full): the caps
 */
DNN_API GstCaps *gst_dnn_tensors_info_to_caps (const GstDnnTensorsInfo *info);

/**
 * gst_dnn_tensors_info_choose_caps:
 * @pad: a source pad
 *
 * Of gst_dnn_tensors_info_to_caps() the spelling that the peer of @pad takes,
 * the first if it takes none; fixed, for a CAPS event.
 *
 * Returns: (transfer full): fixed caps
 */
DNN_API GstCaps *gst_dnn_tensors_info_choose_caps (
    const GstDnnTensorsInfo *info, GstPad *pad);

/**
 * gst_dnn_tensors_info_equal:
 *
 * Returns: whether number, types and shapes are equal as numbers; the frame
 *   rate does not count
 */
DNN_API gboolean gst_dnn_tensors_info_equal (
    const GstDnnTensorsInfo *a, const GstDnnTensorsInfo *b);

/**
 * gst_dnn_tensors_info_to_string:
 *
 * Returns: (transfer full): "float32 1×3×224×224, uint8 10", for messages
 */
DNN_API gchar *gst_dnn_tensors_info_to_string (const GstDnnTensorsInfo *info);

/**
 * gst_dnn_tensors_info_get_size:
 *
 * Returns: bytes of tensor @idx, without header; 0 where its shape is open
 */
DNN_API gsize gst_dnn_tensors_info_get_size (
    const GstDnnTensorsInfo *info, guint idx);

/**
 * gst_dnn_shape_fit:
 * @stream: shape on a link, known in all dimensions
 * @model: shape a model asks for; may be open, in its rank too
 * @fitted: (out caller-allocates) (optional): @stream in the rank of @model
 *
 * Compares as numbers; outermost dimensions that one side lacks are 1.
 *
 * Returns: whether @stream is what @model takes
 */
DNN_API gboolean gst_dnn_shape_fit (
    const DnnShape *stream, const DnnShape *model, DnnShape *fitted);

/**
 * gst_dnn_header_write: (skip)
 * @dst: %GST_DNN_HEADER_SIZE bytes
 * @type: as it travels
 *
 * Writes the header of one tensor for format=flexible.
 */
DNN_API void gst_dnn_header_write (
    gpointer dst, DnnType type, const DnnShape *shape);

/**
 * gst_dnn_header_get_type:
 *
 * Returns: the number that stands for @type, as it travels, in headers
 *
 * Since: 0.2
 */
DNN_API guint gst_dnn_header_get_type (DnnType type);

/**
 * gst_dnn_header_read:
 * @src: (array length=size) (element-type guint8): header and data behind it
 * @size: bytes of both
 * @type: (out): as it travels
 * @shape: (out caller-allocates): as written
 *
 * Reads and checks the header of one tensor: magic, version, type, rank, and
 * that the data is there.
 *
 * Returns: %FALSE with %DNN_ERROR_DATA or %DNN_ERROR_LIMIT, naming what
 *   stands there and what was expected
 */
DNN_API gboolean gst_dnn_header_read (gconstpointer src, gsize size,
    DnnType *type, DnnShape *shape, GError **error);

G_END_DECLS
