/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Base class of the elements that turn a model's outputs into results on the
 * frame they were made of: tensors in, that very frame out.
 *
 * It takes the frame out of the tensors' metadata and lets go of the tensors
 * before it writes to the frame, so that nothing is copied. Video caps and
 * segment wait for the first frame, since only that knows them. */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"
#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "gst-plugin/results/gstdnnlabels.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "gst-plugin/stream/gstdnnerror.h"

G_BEGIN_DECLS

#define GST_TYPE_DNN_DECODER (gst_dnn_decoder_get_type ())
G_DECLARE_DERIVABLE_TYPE (
    GstDnnDecoder, gst_dnn_decoder, GST, DNN_DECODER, GstElement)

/**
 * GstDnnDecoderClass:
 * @start: optional; NULL→READY, labels are loaded. Checks the properties
 * @get_input: optional; any thread. What models with these outputs usually
 *   expect; @info is %NULL where they are not known, @evidence where nobody
 *   upstream knows of them, @n_labels 0 where classes have no names. %FALSE:
 *   not known either
 * @set_info: required; streaming thread. The tensors have these types and
 *   shapes from now on, all dimensions known
 * @decode: required; streaming thread, allocates nothing in steady state. Adds
 *   what it finds with gst_dnn_decoder_add_result(). @tensors: as float32,
 *   whatever they are on the link
 */
struct _GstDnnDecoderClass
{
  GstElementClass parent_class;

  gboolean (*start) (GstDnnDecoder *self, GError **error);
  gboolean (*get_input) (GstDnnDecoder *self, const GstDnnTensorsInfo *info,
      const GstDnnEvidence *evidence, guint n_labels, GstDnnHeadInput *input);
  gboolean (*set_info) (
      GstDnnDecoder *self, const GstDnnTensorsInfo *info, GError **error);
  gboolean (*decode) (GstDnnDecoder *self, const gfloat *const *tensors,
      const GstDnnFrameMeta *frame, GError **error);
};

/* For @decode: a result on the frame; its box in frame pixels, is cut to the
 * frame; %FALSE if nothing is left of it. Model name and label text are filled
 * in. */
gboolean gst_dnn_decoder_add_result (
    GstDnnDecoder *self, const GstDnnResult *result);

/* For @decode: size of the frame, pixels. */
void gst_dnn_decoder_get_frame_size (
    GstDnnDecoder *self, gint *width, gint *height);

/* The labels: the user's, else the model's own, else @fallback of
 * gst_dnn_decoder_set_labels(). */
const GstDnnLabels *gst_dnn_decoder_get_labels (GstDnnDecoder *self);

/* For @set_info: what upstream knows of the tensors. (nullable) */
const GstDnnEvidence *gst_dnn_decoder_get_evidence (GstDnnDecoder *self);

/* For @set_info: whether the user's labels can be those of so many classes, 0
 * if not known: with fewer lines it is an error, with more a WARNING message.
 */
gboolean gst_dnn_decoder_check_labels (
    GstDnnDecoder *self, gint n_classes, GError **error);

/* Labels that a head knows; those of the user come first. (nullable) */
void gst_dnn_decoder_set_labels (
    GstDnnDecoder *self, const gchar *const *fallback);

G_END_DECLS
