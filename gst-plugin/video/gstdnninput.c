/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Settings, model information, hints and the wanted tensor → one set of
 * options. Next: gstdnnpreprocess.c, gstdnnpixels.c. */
#include "config.h"

#include "gst-plugin/video/gstdnninput.h"

#include "gst-plugin/heads/gstdnnhead-case.h"
#include "gst-plugin/pixels/gstdnnpixels-types.h"

/* What the user has to say, for want of anything else that does. */
#define GUESS                                                              \
  "a guess: nothing says which values the model expects; set mean, scale " \
  "and color, or put a .modelinfo beside the model"

/* Dimensions of the wanted tensor: outermost first, -1 where not known. */
typedef struct
{
  gint layout;
  gint64 channels, height, width;
} Dims;

gboolean
gst_dnn_input_parse_numbers (const gchar *property, const gchar *text,
    gdouble values[3], guint *n, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  *n = g_strv_length (words);
  for (guint i = 0; i < MIN (*n, 3); i++) {
    gchar *end;

    g_strstrip (words[i]);
    values[i] = g_ascii_strtod (words[i], &end);
    if (end == words[i] || *end != '\0' || !(ABS (values[i]) < 1e9))
      *n = 0;
  }
  if (*n == 1)
    values[1] = values[2] = values[0];
  if (*n == 1 || *n == 3)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "%s=\"%s\": one number, or three with commas between (one a channel, in "
      "the order of the tensor), was expected",
      property, text);
  return FALSE;
}

static gboolean
parse_fill (const gchar *text, guint8 fill[3], GError **error)
{
  gdouble values[3];
  guint n;

  if (!gst_dnn_input_parse_numbers ("fill", text, values, &n, error))
    return FALSE;
  for (guint i = 0; i < 3; i++) {
    if (!(values[i] >= 0 && values[i] <= 255)) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
          "fill=\"%s\": red, green, blue from 0 to 255 were expected", text);
      return FALSE;
    }
    fill[i] = (guint8) (values[i] + 0.5);
  }
  return TRUE;
}

gboolean
gst_dnn_input_check (const GstDnnInputSettings *settings, GError **error)
{
  gdouble values[3];
  guint8 fill[3];
  guint n;

  return (settings->mean == NULL ||
             gst_dnn_input_parse_numbers (
                 "mean", settings->mean, values, &n, error)) &&
      (settings->scale == NULL ||
          gst_dnn_input_parse_numbers (
              "scale", settings->scale, values, &n, error)) &&
      parse_fill (settings->fill, fill, error);
}

static gboolean
is_channels (gint64 n)
{
  return n == 1 || n == 3;
}

/* Where channels, height and width stand, by the user or by the 1 or 3. */
static gboolean
find_dims (const GstDnnInputSettings *settings, const GstDnnTensorsInfo *wanted,
    Dims *dims, GError **error)
{
  const DnnShape *shape = &wanted->shapes[0];
  g_autofree gchar *text = gst_dnn_tensors_info_to_string (wanted);
  gint64 d[3];

  if (wanted->n_tensors != 1) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "Downstream takes %u tensors (%s); dnnpreprocess makes one",
        wanted->n_tensors, text);
    return FALSE;
  }
  if (shape->rank < 2 || !gst_dnn_head_get_dims (shape, 3, d)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "Downstream takes %s; one picture is 1×C×H×W or 1×H×W×C", text);
    return FALSE;
  }
  if (settings->layout != GST_DNN_AUTO)
    dims->layout = settings->layout;
  else
    dims->layout = is_channels (d[0]) || !is_channels (d[2])
        ? GST_DNN_LAYOUT_NCHW
        : GST_DNN_LAYOUT_NHWC;
  if (dims->layout == GST_DNN_LAYOUT_NCHW)
    *dims = (Dims){ dims->layout, d[0], d[1], d[2] };
  else
    *dims = (Dims){ dims->layout, d[2], d[0], d[1] };
  if (is_channels (dims->channels))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "Downstream takes %s; 1 or 3 channels were expected %s", text,
      dims->layout == GST_DNN_LAYOUT_NCHW ? "outermost (layout nchw)"
                                          : "innermost (layout nhwc)");
  return FALSE;
}

static gboolean
check_size (const gchar *property, gint value, gint64 wanted, GError **error)
{
  if (wanted < 1 || wanted > GST_DNN_MAX_INPUT_SIZE) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "Downstream takes a picture with a %s of %" G_GINT64_FORMAT
        "; 1 to %d are made",
        property, wanted, GST_DNN_MAX_INPUT_SIZE);
    return FALSE;
  }
  if (value == 0 || value == wanted)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "%s=%d, but downstream takes %" G_GINT64_FORMAT, property, value, wanted);
  return FALSE;
}

/* Shape: downstream's, else the user's. */
static gboolean
resolve_dims (const GstDnnInputSettings *settings,
    const GstDnnTensorsInfo *wanted, Dims *dims, GError **error)
{
  if (wanted != NULL)
    return find_dims (settings, wanted, dims, error) &&
        check_size ("width", settings->width, dims->width, error) &&
        check_size ("height", settings->height, dims->height, error);
  if (settings->width == 0 || settings->height == 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_NEEDS_SHAPE,
        "Downstream does not say which shape it takes; set width and height, or "
        "the property shape of what runs the model, as in shape=1,3,240,320");
    return FALSE;
  }
  dims->layout = settings->layout != GST_DNN_AUTO ? settings->layout
                                                  : GST_DNN_LAYOUT_NCHW;
  dims->channels = settings->color == GST_DNN_COLOR_GRAY ? 1 : 3;
  dims->width = settings->width;
  dims->height = settings->height;
  return TRUE;
}

static gboolean
resolve_type (const GstDnnInputSettings *settings,
    const GstDnnTensorsInfo *wanted, DnnType *type, GError **error)
{
  DnnType asked = wanted != NULL ? wanted->types[0] : DNN_TYPE_INVALID;

  *type = asked != DNN_TYPE_INVALID ? asked : settings->type;
  if (*type == DNN_TYPE_INVALID)
    *type = DNN_TYPE_FLOAT32;
  if (settings->type != DNN_TYPE_INVALID && settings->type != *type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "type=%s, but downstream takes %s", dnn_type_name (settings->type),
        dnn_type_name (*type));
    return FALSE;
  }
  if (*type == DNN_TYPE_FLOAT32 || *type == DNN_TYPE_UINT8 ||
      *type == DNN_TYPE_INT8)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
      "Downstream takes %s; dnnpreprocess makes float32, uint8 or int8",
      dnn_type_name (*type));
  return FALSE;
}

static gboolean
resolve_color (const GstDnnInputSettings *settings, const Dims *dims,
    const GstDnnHeadInput *hint, GstDnnColor *color, GError **error)
{
  gint value = settings->color;

  if (value == GST_DNN_AUTO && dims->channels == 1)
    value = GST_DNN_COLOR_GRAY;
  else if (value == GST_DNN_AUTO)
    value = hint != NULL ? hint->color : GST_DNN_COLOR_RGB;
  *color = value;
  if (gst_dnn_color_get_n_channels (*color) == dims->channels)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "color=%s, but downstream takes %" G_GINT64_FORMAT " channels",
      value == GST_DNN_COLOR_GRAY ? "gray" : "rgb or bgr", dims->channels);
  return FALSE;
}

/* Mean and scale of integers: pixels as they are, shifted for signed ones. */
static void
set_built_in (GstDnnPixelsOptions *options)
{
  gboolean is_float = options->type == DNN_TYPE_FLOAT32;

  for (guint i = 0; i < 3; i++) {
    options->mean[i] = options->type == DNN_TYPE_INT8 ? 128 : 0;
    options->scale[i] = is_float ? 1.0 / 255 : 1;
  }
}

/* Returns where the values come from. */
static const gchar *
set_known (GstDnnPixelsOptions *options, const GstDnnModelInfo *model_info,
    const GstDnnHeadInput *hint)
{
  gboolean has_ranges = model_info != NULL && model_info->n_ranges > 0;

  set_built_in (options);
  if (has_ranges) {
    for (guint i = 0; i < 3; i++) {
      guint range = MIN (i, model_info->n_ranges - 1);

      options->mean[i] = model_info->mean[range];
      options->scale[i] = model_info->scale[range];
    }
    return "model information";
  }
  if (options->type != DNN_TYPE_FLOAT32)
    return "built-in";
  if (hint == NULL)
    return GUESS;
  for (guint i = 0; i < 3; i++) {
    options->mean[i] = hint->mean[i];
    options->scale[i] = hint->scale[i];
  }
  return "the head";
}

static gboolean
resolve_values (const GstDnnInputSettings *settings,
    const GstDnnModelInfo *model_info, const GstDnnHeadInput *hint,
    GstDnnPixelsOptions *options, const gchar **source, GError **error)
{
  guint n;

  *source = set_known (options, model_info, hint);
  if (settings->mean != NULL || settings->scale != NULL)
    *source = "properties";
  /* One of the two given: the other does nothing by itself. */
  if (settings->mean != NULL && settings->scale == NULL)
    options->scale[0] = options->scale[1] = options->scale[2] = 1;
  if (settings->scale != NULL && settings->mean == NULL)
    options->mean[0] = options->mean[1] = options->mean[2] = 0;
  return (settings->mean == NULL ||
             gst_dnn_input_parse_numbers (
                 "mean", settings->mean, options->mean, &n, error)) &&
      (settings->scale == NULL ||
          gst_dnn_input_parse_numbers (
              "scale", settings->scale, options->scale, &n, error)) &&
      parse_fill (settings->fill, options->fill, error);
}

static const gchar *
get_nick (GType type, gint value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *row = g_enum_get_value (klass, value);

  return row != NULL ? row->value_nick : "?";
}

static gchar *
describe (const GstDnnPixelsOptions *o, const gchar *source)
{
  return g_strdup_printf ("%dx%d %s %s %s, %s, %s; mean %g,%g,%g scale "
                          "%g,%g,%g (%s)",
      o->width, o->height, dnn_type_name (o->type),
      get_nick (GST_TYPE_DNN_LAYOUT, o->layout),
      get_nick (GST_TYPE_DNN_COLOR, o->color),
      get_nick (GST_TYPE_DNN_RESIZE, o->resize),
      get_nick (GST_TYPE_DNN_FILTER, o->filter), o->mean[0], o->mean[1],
      o->mean[2], o->scale[0], o->scale[1], o->scale[2], source);
}

gboolean
gst_dnn_input_resolve (const GstDnnInputSettings *settings,
    const GstDnnInputSources *sources, GstDnnPixelsOptions *options,
    gboolean *guessed, gchar **text, GError **error)
{
  const GstDnnTensorsInfo *wanted = sources->wanted;
  const GstDnnHeadInput *hint = sources->hint;
  const gchar *source;
  Dims dims;

  *options = (GstDnnPixelsOptions){ .filter = settings->filter,
    .center_crop = settings->center_crop };
  if (!resolve_dims (settings, wanted, &dims, error) ||
      !resolve_type (settings, wanted, &options->type, error) ||
      !resolve_color (settings, &dims, hint, &options->color, error) ||
      !resolve_values (
          settings, sources->model_info, hint, options, &source, error))
    return FALSE;
  options->layout = dims.layout;
  options->width = (gint) dims.width;
  options->height = (gint) dims.height;
  if (settings->resize != GST_DNN_AUTO)
    options->resize = settings->resize;
  else
    options->resize = hint != NULL ? hint->resize : GST_DNN_RESIZE_STRETCH;
  *guessed = g_str_equal (source, GUESS);
  *text = describe (options, source);
  return TRUE;
}

void
gst_dnn_input_get_info (const GstDnnPixelsOptions *options,
    const GstDnnTensorsInfo *wanted, GstDnnTensorsInfo *info)
{
  gint channels = gst_dnn_color_get_n_channels (options->color);
  DnnShape shape;

  if (wanted != NULL) {
    *info = *wanted;
    return;
  }
  if (options->layout == GST_DNN_LAYOUT_NCHW)
    shape = dnn_shape (4, 1, channels, options->height, options->width);
  else
    shape = dnn_shape (4, 1, options->height, options->width, channels);
  gst_dnn_tensors_info_init (info);
  gst_dnn_tensors_info_add (info, options->type, &shape, NULL);
}
