/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Settings, evidence and shapes → roles, units, activations. Next:
 * gstdnnhead-*.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead-case.h"

#include <math.h>
#include <string.h>

/* Numbers up to the one are parts of a picture, from the other on pixels;
 * between, neither is sure. */
#define MAX_NORMALISED 4.0f
#define MIN_PIXELS 16.0f

/* --- What was found. */

void
gst_dnn_case_guess (GstDnnHeadCase *self, const gchar *property)
{
  if (strstr (self->guesses->str, property) != NULL)
    return;
  g_string_append_printf (
      self->guesses, "%s%s", self->guesses->len > 0 ? ", " : "", property);
}

GstDnnFit
gst_dnn_case_doubt (GstDnnHeadCase *self, const gchar *format, ...)
{
  va_list args;

  if (self->doubts->len > 0)
    g_string_append (self->doubts, "; ");
  va_start (args, format);
  g_string_append_vprintf (self->doubts, format, args);
  va_end (args);
  return GST_DNN_FIT_NO;
}

GstDnnFit
gst_dnn_case_check_fixed (GstDnnHeadCase *self)
{
  const GstDnnHeadSettings *settings = self->settings;

  if (settings->box_order == GST_DNN_BOX_AUTO &&
      settings->box_units == GST_DNN_BOX_UNITS_AUTO &&
      settings->box_axis == GST_DNN_BOX_AXIS_AUTO && settings->tensors == NULL)
    return GST_DNN_FIT_YES;
  return gst_dnn_case_doubt (self,
      "its boxes are written in one way only: box-order, box-units, box-axis "
      "and tensors can't be set");
}

gboolean
gst_dnn_head_get_dims (const DnnShape *shape, gint rank, gint64 *dims)
{
  gint shift = shape->rank - rank;

  for (gint i = 0; i < shift; i++)
    if (shape->dims[i] != 1)
      return FALSE;
  for (gint i = 0; i < rank; i++)
    dims[i] = i + shift < 0 ? 1 : shape->dims[i + shift];
  return TRUE;
}

const GstDnnOutput *
gst_dnn_case_get (const GstDnnHeadCase *self, gint idx)
{
  return idx >= 0 ? gst_dnn_evidence_get (self->evidence, (guint) idx) : NULL;
}

const GstDnnParts *
gst_dnn_case_get_parts (
    const GstDnnHeadCase *self, gint idx, gint rank, gint *axis)
{
  const GstDnnOutput *output = gst_dnn_case_get (self, idx);

  if (output == NULL || output->parts.axis < 0)
    return NULL;
  *axis = output->parts.axis + rank - output->shape.rank;
  return *axis > 0 && *axis < rank ? &output->parts : NULL;
}

const GstDnnPart *
gst_dnn_case_get_kind (const GstDnnHeadCase *self, gint idx)
{
  const GstDnnOutput *output = gst_dnn_case_get (self, idx);

  return output != NULL && output->parts.n_parts == 1 ? &output->parts.parts[0]
                                                      : NULL;
}

static gint
find_tensor (const GstDnnHeadCase *self, const gchar *word)
{
  guint64 number;

  for (guint i = 0; i < self->info->n_tensors; i++) {
    const GstDnnOutput *output = gst_dnn_case_get (self, (gint) i);

    if (output != NULL && g_str_equal (output->name, word))
      return (gint) i;
  }
  if (g_ascii_string_to_unsigned (
          word, 10, 0, self->info->n_tensors - 1, &number, NULL))
    return (gint) number;
  return -1;
}

gint
gst_dnn_case_get_role (const GstDnnHeadCase *self, const gchar *role)
{
  g_auto (GStrv) words = g_strsplit (
      self->settings->tensors != NULL ? self->settings->tensors : "", ",", -1);
  gsize length = strlen (role);

  for (guint i = 0; words[i] != NULL; i++) {
    g_strstrip (words[i]);
    if (g_str_has_prefix (words[i], role) && words[i][length] == '=')
      return find_tensor (self, words[i] + length + 1);
  }
  return -1;
}

gboolean
gst_dnn_case_is_named (
    const GstDnnHeadCase *self, gint idx, const gchar *const *words, guint n)
{
  const GstDnnOutput *output = gst_dnn_case_get (self, idx);
  g_autofree gchar *name = output != NULL ? g_ascii_strdown (output->name, -1)
                                          : NULL;

  for (guint i = 0; name != NULL && i < n; i++)
    if (strstr (name, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
gst_dnn_part_is_probability (const GstDnnPart *part)
{
  return part->seen == GST_DNN_SEEN_SIGMOID ||
      part->seen == GST_DNN_SEEN_SOFTMAX;
}

GstDnnBoxUnits
gst_dnn_part_get_units (const GstDnnPart *part)
{
  if (part->extent > 0 && part->extent <= MAX_NORMALISED)
    return GST_DNN_BOX_UNITS_NORMALISED;
  if (part->extent >= MIN_PIXELS)
    return GST_DNN_BOX_UNITS_PIXELS;
  return GST_DNN_BOX_UNITS_AUTO;
}

GstDnnActivation
gst_dnn_case_get_activation (
    const GstDnnHeadCase *self, const GstDnnPart *part, GstDnnActivation raw)
{
  if (self->settings->activation != GST_DNN_ACTIVATION_AUTO)
    return self->settings->activation;
  if (part == NULL)
    return GST_DNN_ACTIVATION_AUTO;
  if (gst_dnn_part_is_probability (part))
    return GST_DNN_ACTIVATION_NONE;
  /* The softmax of logarithms of probabilities is these. */
  if (part->seen == GST_DNN_SEEN_LOG_SOFTMAX)
    return GST_DNN_ACTIVATION_SOFTMAX;
  return part->made == GST_DNN_MADE_RAW ? raw : GST_DNN_ACTIVATION_AUTO;
}

/* --- What is made of numbers. */

gfloat
gst_dnn_sigmoid (gfloat x)
{
  return 1 / (1 + expf (-x));
}

gint
gst_dnn_argmax (const gfloat *values, gint n, gsize step)
{
  gint best = 0;

  for (gint i = 1; i < n; i++)
    if (values[i * step] > values[best * step])
      best = i;
  return best;
}

void
gst_dnn_box_set (GstDnnBox *box, GstDnnBoxOrder order, const gfloat values[4],
    gfloat scale_x, gfloat scale_y)
{
  switch (order) {
    case GST_DNN_BOX_YXYX:
      box->x0 = values[1];
      box->y0 = values[0];
      box->x1 = values[3];
      box->y1 = values[2];
      break;
    case GST_DNN_BOX_CXCYWH:
      box->x0 = values[0] - values[2] / 2;
      box->y0 = values[1] - values[3] / 2;
      box->x1 = values[0] + values[2] / 2;
      box->y1 = values[1] + values[3] / 2;
      break;
    case GST_DNN_BOX_XYXY:
    default:
      box->x0 = values[0];
      box->y0 = values[1];
      box->x1 = values[2];
      box->y1 = values[3];
      break;
  }
  box->x0 *= scale_x;
  box->x1 *= scale_x;
  box->y0 *= scale_y;
  box->y1 *= scale_y;
}

void
gst_dnn_head_get_scale (
    const GstDnnHeadSetup *setup, gfloat *scale_x, gfloat *scale_y)
{
  gboolean is_normalised = setup->box_units == GST_DNN_BOX_UNITS_NORMALISED;

  *scale_x = is_normalised ? setup->model_w : 1;
  *scale_y = is_normalised ? setup->model_h : 1;
}

gboolean
gst_dnn_head_find_cells (GstDnnHeadSetup *setup, gint n_anchors, GError **error)
{
  if (gst_dnn_cells_find (&setup->cells, setup->model_w, setup->model_h,
          n_anchors, setup->n_boxes))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "The tensors have %d candidates, which are not those of a picture of "
      "%dx%d at strides from 4 to 128",
      setup->n_boxes, setup->model_w, setup->model_h);
  return FALSE;
}
