/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a model's input wants: properties, model information, what the head's
 * models usually expect, and the tensor's shape → options for gstdnnpixels.h.
 */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"
#include "gst-plugin/pixels/gstdnnpixels.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "gst-plugin/video/gstdnnmodelinfo.h"
#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* Widest and highest picture for a model. */
#define GST_DNN_MAX_INPUT_SIZE 16384

/**
 * GstDnnInputSettings:
 * @width: 0 for what downstream asks for
 * @height: likewise
 * @layout: GST_DNN_AUTO or a GstDnnLayout
 * @color: GST_DNN_AUTO or a GstDnnColor
 * @resize: GST_DNN_AUTO or a GstDnnResize
 * @type: DNN_TYPE_INVALID for what downstream asks for
 * @mean: numbers as text, NULL for auto
 * @scale: likewise
 * @fill: numbers as text
 *
 * What the user has set.
 */
typedef struct
{
  gint width, height;
  gint layout, color, resize;
  GstDnnFilter filter;
  DnnType type;
  gchar *mean, *scale, *fill;
  gdouble center_crop;
} GstDnnInputSettings;

/* "127" or "123.7,116.3,103.5" → numbers; %FALSE with %DNN_ERROR_VALUE, naming
 * the property, its value and what it should be. */
gboolean gst_dnn_input_parse_numbers (const gchar *property, const gchar *text,
    gdouble values[3], guint *n, GError **error);

/* Whether the texts of @settings are numbers. */
gboolean gst_dnn_input_check (
    const GstDnnInputSettings *settings, GError **error);

/**
 * GstDnnInputSources:
 * @wanted: (nullable): the tensor that downstream asks for; %NULL where it
 *   says nothing
 * @model_info: (nullable): from the file beside the model
 * @hint: (nullable): what the decoder's head expects
 *
 * What is known of the model.
 */
typedef struct
{
  const GstDnnTensorsInfo *wanted;
  const GstDnnModelInfo *model_info;
  const GstDnnHeadInput *hint;
} GstDnnInputSources;

/**
 * gst_dnn_input_resolve:
 * @options: (out): everything decided
 * @guessed: (out): nothing says which mean and scale the model expects
 * @text: (out): what was chosen and why, for the log
 *
 * Precedence: property, model information, hint, built-in.
 *
 * Returns: %FALSE with %DNN_ERROR_NEEDS_SHAPE, %DNN_ERROR_SHAPE,
 *   %DNN_ERROR_TYPE or %DNN_ERROR_VALUE
 */
gboolean gst_dnn_input_resolve (const GstDnnInputSettings *settings,
    const GstDnnInputSources *sources, GstDnnPixelsOptions *options,
    gboolean *guessed, gchar **text, GError **error);

/* Type and shape of the tensor that @options make, in the rank of @wanted. */
void gst_dnn_input_get_info (const GstDnnPixelsOptions *options,
    const GstDnnTensorsInfo *wanted, GstDnnTensorsInfo *info);

G_END_DECLS
