/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attributes and values of a Resize → tables of taps. The formulas are those
 * of the ONNX specification of Resize, opset 19. Next: ops/Resize.c. */
#include "config.h"

#include "kernels/spatial/dnn-resize.h"

#include <math.h>
#include <string.h>

enum
{
  INPUT_ROI = 1,
  INPUT_SCALES,
  INPUT_SIZES,
};

/* A wider kernel than any axis that fits in memory. */
#define MAX_REACH (1 << 28)

/* ---- reading ----------------------------------------------------------------
 */

static gboolean
is_given (const DnnCall *call, guint input)
{
  return dnn_call_has_input (call, input) &&
      dnn_shape_n_elements (&call->inputs[input].shape) != 0;
}

/* Position in the list of each axis, -1 for those that aren't resized. */
static gboolean
read_axes (
    const DnnCall *call, gint rank, gint *positions, guint *n, GError **error)
{
  const DnnAttrValue *axes = dnn_call_attr (call, "axes");

  *n = axes->present ? axes->n : (guint) rank;
  for (gint i = 0; i < rank; i++)
    positions[i] = axes->present ? -1 : i;
  for (guint i = 0; axes->present && i < axes->n; i++) {
    gint64 axis = axes->ints[i];
    if (axis < -rank || axis >= rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axes[%u] is %" G_GINT64_FORMAT ", expected %d to %d", i, axis, -rank,
          rank - 1);
    positions[axis < 0 ? axis + rank : axis] = i;
  }
  return TRUE;
}

static gboolean
check_length (const DnnCall *call, guint input, guint expected, GError **error)
{
  const DnnShape *shape = &call->inputs[input].shape;
  g_autofree gchar *text = NULL;

  if (shape->rank == 1 && shape->dims[0] == expected)
    return TRUE;
  text = dnn_shape_to_string (shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s is of shape %s, expected %u numbers", call->op->inputs[input].name,
      text, expected);
}

/* @n may be beyond what any integer holds. */
static gboolean
set_length (const DnnCall *call, DnnResizeAxis *axis, gdouble n, GError **error)
{
  if (!(n <= DNN_MAX_TENSOR_BYTES))
    return dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "an axis would have %g elements, expected at most %" G_GINT64_FORMAT, n,
        DNN_MAX_TENSOR_BYTES);
  if (axis->n_src == 0 && n >= 1)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "an axis without elements can't become one of %g", n);
  axis->n_dst = (gint64) n;
  return TRUE;
}

static gboolean
set_scale (
    const DnnCall *call, DnnResizeAxis *axis, gdouble scale, GError **error)
{
  if (!(scale > 0) || scale > DNN_MAX_TENSOR_BYTES)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "a scale is %g, expected a number above 0", scale);
  axis->scale = scale;
  if (axis->n_src != DNN_DIM_OPEN)
    return set_length (call, axis, floor (axis->n_src * scale), error);
  axis->n_dst = DNN_DIM_OPEN;
  return TRUE;
}

static gboolean
set_size (const DnnCall *call, DnnResizeAxis *axis, gint64 size, GError **error)
{
  if (size <= 0)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "a size is %" G_GINT64_FORMAT ", expected 1 or more", size);
  axis->scale = axis->n_src > 0 ? (gdouble) size / (gdouble) axis->n_src : 1;
  return set_length (call, axis, (gdouble) size, error);
}

/* One scale for all listed axes: the smallest, or the largest. */
static gboolean
keep_aspect_ratio (
    const DnnCall *call, DnnResize *self, const gint *positions, GError **error)
{
  const gchar *policy = dnn_call_attr (call, "keep_aspect_ratio_policy")->s;
  gboolean smaller = strcmp (policy, "not_larger") == 0;
  gdouble scale = -1;

  if (strcmp (policy, "stretch") == 0)
    return TRUE;
  for (gint i = 0; i < self->rank; i++) {
    gdouble own = self->axes[i].scale;
    if (positions[i] >= 0 &&
        (scale < 0 || (smaller ? own < scale : own > scale)))
      scale = own;
  }
  for (gint i = 0; i < self->rank; i++) {
    DnnResizeAxis *axis = &self->axes[i];
    if (positions[i] < 0)
      continue;
    axis->scale = scale;
    if (axis->n_src == DNN_DIM_OPEN)
      axis->n_dst = DNN_DIM_OPEN;
    else if (!set_length (call, axis, floor (axis->n_src * scale + 0.5), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
set_all (const DnnCall *call, DnnResize *self, gconstpointer const *values,
    const gint *positions, GError **error)
{
  gboolean has_scales = is_given (call, INPUT_SCALES);

  for (gint i = 0; i < self->rank; i++) {
    gint at = positions[i];
    gboolean done = TRUE;
    if (at >= 0 && has_scales)
      done = set_scale (call, &self->axes[i],
          ((const gfloat *) values[INPUT_SCALES])[at], error);
    else if (at >= 0)
      done = set_size (call, &self->axes[i],
          ((const gint64 *) values[INPUT_SIZES])[at], error);
    if (!done)
      return FALSE;
  }
  return has_scales || keep_aspect_ratio (call, self, positions, error);
}

static gboolean
read_roi (const DnnCall *call, DnnResize *self, gconstpointer const *values,
    const gint *positions, guint n, GError **error)
{
  DnnType type = call->inputs[INPUT_ROI].type;

  if (!self->crops)
    return TRUE;
  if (!is_given (call, INPUT_ROI))
    return dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "input roi is required with tf_crop_and_resize");
  if (!check_length (call, INPUT_ROI, 2 * n, error))
    return FALSE;
  for (gint i = 0; i < self->rank; i++) {
    gint at = positions[i];
    self->axes[i].roi_end = 1;
    if (at < 0)
      continue;
    self->axes[i].roi_start = dnn_type_get (type, values[INPUT_ROI], at);
    self->axes[i].roi_end = dnn_type_get (type, values[INPUT_ROI], at + n);
  }
  return TRUE;
}

/* Steps from the first tap to where the source position is, for a kernel
 * that reaches @reach to each side; stretched when shrinking with
 * antialias. */
static gint
get_first_tap (const DnnCall *call, const DnnResizeAxis *axis, gint reach)
{
  gboolean stretched = dnn_call_int (call, "antialias") != 0 && axis->scale < 1;

  return stretched ? (gint) floor (-MIN (reach / axis->scale, MAX_REACH)) + 1
                   : 1 - reach;
}

static gint
get_reach (DnnResizeMode mode)
{
  return mode == DNN_RESIZE_CUBIC ? 2 : 1;
}

static void
count_taps (const DnnCall *call, DnnResize *self)
{
  for (gint i = 0; i < self->rank; i++) {
    DnnResizeAxis *axis = &self->axes[i];
    gint first = get_first_tap (call, axis, get_reach (self->mode));
    axis->is_identity = !self->crops && axis->n_src == axis->n_dst &&
        fabs (axis->scale - 1) < 1e-9;
    axis->n_taps = self->mode == DNN_RESIZE_NEAREST || axis->is_identity
        ? 1
        : 2 - 2 * first;
  }
}

static DnnResizeMode
read_mode (const DnnCall *call)
{
  const gchar *mode = dnn_call_attr (call, "mode")->s;

  return strcmp (mode, "linear") == 0 ? DNN_RESIZE_LINEAR
      : strcmp (mode, "cubic") == 0   ? DNN_RESIZE_CUBIC
                                      : DNN_RESIZE_NEAREST;
}

gboolean
dnn_resize_read (const DnnCall *call, gconstpointer const *values,
    DnnResize *self, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  const gchar *coordinates =
      dnn_call_attr (call, "coordinate_transformation_mode")->s;
  gboolean has_scales = is_given (call, INPUT_SCALES);
  gint positions[DNN_MAX_RANK];
  guint n;

  *self = (DnnResize){ .rank = shape->rank, .mode = read_mode (call) };
  self->crops = strcmp (coordinates, "tf_crop_and_resize") == 0;
  if (has_scales == is_given (call, INPUT_SIZES))
    return dnn_call_error (call, error, DNN_ERROR_GRAPH,
        "exactly one of inputs scales and sizes is required");
  if (!read_axes (call, shape->rank, positions, &n, error) ||
      !check_length (call, has_scales ? INPUT_SCALES : INPUT_SIZES, n, error))
    return FALSE;
  for (gint i = 0; i < shape->rank; i++)
    self->axes[i] = (DnnResizeAxis){
      .n_src = shape->dims[i], .n_dst = shape->dims[i], .scale = 1
    };
  if (!set_all (call, self, values, positions, error) ||
      !read_roi (call, self, values, positions, n, error))
    return FALSE;
  for (gint i = 0; i < self->rank; i++)
    self->axes[i].width = has_scales ? self->axes[i].scale * self->axes[i].n_src
                                     : self->axes[i].n_dst;
  count_taps (call, self);
  return TRUE;
}

/* ---- taps
 * -------------------------------------------------------------------- */

/* The position in the source of output element @x. The size of the output
 * counts before rounding, as in ONNX's reference. */
static gdouble
find_position (const DnnCall *call, const DnnResizeAxis *axis, gint64 x)
{
  const gchar *mode = dnn_call_attr (call, "coordinate_transformation_mode")->s;
  gdouble n_src = axis->n_src, width = axis->width, scale = axis->scale;

  if (strcmp (mode, "asymmetric") == 0)
    return x / scale;
  if (strcmp (mode, "align_corners") == 0)
    return width <= 1 ? 0 : x * (n_src - 1) / (width - 1);
  if (strcmp (mode, "pytorch_half_pixel") == 0 && width <= 1)
    return 0;
  if (strcmp (mode, "tf_crop_and_resize") == 0 && width <= 1)
    return 0.5 * (axis->roi_start + axis->roi_end) * (n_src - 1);
  if (strcmp (mode, "tf_crop_and_resize") == 0)
    return axis->roi_start * (n_src - 1) +
        x * (axis->roi_end - axis->roi_start) * (n_src - 1) / (width - 1);
  if (strcmp (mode, "half_pixel_symmetric") == 0)
    return n_src / 2 * (1 - axis->n_dst / width) + (x + 0.5) / scale - 0.5;
  return (x + 0.5) / scale - 0.5;
}

/* What is beyond all tensors, or no number: a region of interest may say so. */
static gdouble
limit_position (gdouble position)
{
  gdouble limit = 2.0 * DNN_MAX_TENSOR_BYTES;

  return position > -limit ? MIN (position, limit) : -limit;
}

static gint64
round_position (const DnnCall *call, gdouble position)
{
  const gchar *mode = dnn_call_attr (call, "nearest_mode")->s;

  if (strcmp (mode, "floor") == 0)
    return (gint64) floor (position);
  if (strcmp (mode, "ceil") == 0)
    return (gint64) ceil (position);
  if (strcmp (mode, "round_prefer_ceil") == 0)
    return (gint64) floor (position + 0.5);
  return (gint64) ceil (position - 0.5);
}

/* Keys' cubic convolution with coefficient @a; a triangle for linear. */
static gdouble
weigh (DnnResizeMode mode, gdouble a, gdouble distance)
{
  gdouble x = fabs (distance);

  if (mode == DNN_RESIZE_LINEAR)
    return MAX (1 - x, 0);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

static void
fill_weighted (const DnnCall *call, const DnnResizeAxis *axis, gdouble position,
    DnnResizeTap *taps)
{
  DnnResizeMode mode = read_mode (call);
  gdouble a = dnn_call_float (call, "cubic_coeff_a"), sum = 0;
  gboolean exclude = dnn_call_int (call, "exclude_outside") != 0;
  gint first = get_first_tap (call, axis, get_reach (mode));
  gboolean stretched = dnn_call_int (call, "antialias") != 0 && axis->scale < 1;
  gint64 base = (gint64) floor (position);

  for (gint i = 0; i < axis->n_taps; i++) {
    gint64 idx = base + first + i;
    gdouble distance = idx - position;
    taps[i].idx = CLAMP (idx, 0, axis->n_src - 1);
    taps[i].weight = weigh (
        mode, a, stretched ? distance * axis->scale : distance);
    if (exclude && idx != taps[i].idx)
      taps[i].weight = 0;
    sum += taps[i].weight;
  }
  for (gint i = 0; (exclude || stretched) && sum != 0 && i < axis->n_taps; i++)
    taps[i].weight /= sum;
}

void
dnn_resize_fill (
    const DnnCall *call, const DnnResizeAxis *axis, DnnResizeTap *taps)
{
  const gchar *coordinates =
      dnn_call_attr (call, "coordinate_transformation_mode")->s;
  gboolean crops = strcmp (coordinates, "tf_crop_and_resize") == 0;

  for (gint64 x = 0; x < axis->n_dst; x++, taps += axis->n_taps) {
    gdouble position = axis->is_identity
        ? x
        : limit_position (find_position (call, axis, x));
    if (crops && (position < 0 || position > axis->n_src - 1)) {
      for (gint i = 0; i < axis->n_taps; i++)
        taps[i] = (DnnResizeTap){ -1, 0 };
    } else if (axis->is_identity) {
      *taps = (DnnResizeTap){ x, 1 };
    } else if (read_mode (call) == DNN_RESIZE_NEAREST) {
      gint64 idx = round_position (call, position);
      *taps = (DnnResizeTap){ CLAMP (idx, 0, axis->n_src - 1), 1 };
    } else {
      fill_weighted (call, axis, position, taps);
    }
  }
}
