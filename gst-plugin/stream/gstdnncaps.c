/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensor caps → types and shapes, and back. Next: gstdnnmodule.c,
 * gstdnnmux.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnncaps.h"

#include <string.h>

#include "gst-plugin/stream/gstdnnspelling.h"

/* Ranks up to this one are padded to it by older writers. */
#define PADDED_RANK 4

/* Which spelling of a shape. */
typedef enum
{
  SPELL_NATURAL,
  SPELL_PADDED,
  SPELL_CUT,
  N_SPELLINGS,
} Spelling;

DnnType
gst_dnn_type_on_link (DnnType type)
{
  switch (type) {
    case DNN_TYPE_BOOL:
      return DNN_TYPE_UINT8;
    case DNN_TYPE_BFLOAT16:
      return DNN_TYPE_FLOAT32;
    default:
      return type;
  }
}

void
gst_dnn_tensors_info_init (GstDnnTensorsInfo *info)
{
  info->flexible = FALSE;
  info->n_tensors = 0;
  info->fps_n = info->fps_d = 0;
}

gboolean
gst_dnn_tensors_info_add (GstDnnTensorsInfo *info, DnnType type,
    const DnnShape *shape, GError **error)
{
  if (info->n_tensors == GST_DNN_MAX_TENSORS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "More than %d tensors on one link; no more are carried",
        GST_DNN_MAX_TENSORS);
    return FALSE;
  }
  if (DNN_TYPES_SMALL & DNN_TYPE_BIT (type)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "Tensors of %s don't travel; a Cast in the model makes others of them",
        dnn_type_name (type));
    return FALSE;
  }
  for (gint i = 0; i < shape->rank; i++) {
    if (shape->dims[i] == 0) {
      g_autofree gchar *text = dnn_shape_to_string (shape);
      g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
          "A tensor of shape %s is empty; tensor caps have no dimension 0",
          text);
      return FALSE;
    }
  }
  info->types[info->n_tensors] = gst_dnn_type_on_link (type);
  info->shapes[info->n_tensors] = *shape;
  info->n_tensors++;
  return TRUE;
}

/* Appends "224:224:3:1". */
static void
append_dimensions (GString *text, const DnnShape *shape, Spelling spelling)
{
  gint first = 0, rank = shape->rank;

  if (spelling == SPELL_CUT)
    while (first < rank - 1 && shape->dims[first] == 1)
      first++;
  if (rank == 0)
    g_string_append_c (text, '1');
  for (gint i = rank - 1; i >= first; i--)
    g_string_append_printf (
        text, "%s%" G_GINT64_FORMAT, i == rank - 1 ? "" : ":", shape->dims[i]);
  if (spelling == SPELL_PADDED)
    for (gint i = MAX (rank, 1); i < PADDED_RANK; i++)
      g_string_append (text, ":1");
}

static gchar *
spell_dimensions (const GstDnnTensorsInfo *info, Spelling spelling)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < info->n_tensors; i++) {
    if (i > 0)
      g_string_append_c (text, ',');
    append_dimensions (text, &info->shapes[i], spelling);
  }
  return g_string_free (text, FALSE);
}

static gchar *
spell_types (const GstDnnTensorsInfo *info)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < info->n_tensors; i++)
    g_string_append_printf (
        text, "%s%s", i == 0 ? "" : ",", dnn_type_name (info->types[i]));
  return g_string_free (text, FALSE);
}

/* A structure with all but the dimensions. */
static GstStructure *
make_structure (const GstDnnTensorsInfo *info)
{
  GstStructure *structure = gst_structure_new ("other/tensors", "format",
      G_TYPE_STRING, info->flexible ? "flexible" : "static", NULL);

  if (!info->flexible) {
    g_autofree gchar *types = spell_types (info);
    gst_structure_set (structure, "num_tensors", G_TYPE_INT,
        (gint) info->n_tensors, "types", G_TYPE_STRING, types, NULL);
  }
  if (info->fps_d > 0)
    gst_structure_set (structure, "framerate", GST_TYPE_FRACTION, info->fps_n,
        info->fps_d, NULL);
  else
    gst_structure_set (structure, "framerate", GST_TYPE_FRACTION_RANGE, 0, 1,
        G_MAXINT, 1, NULL);
  return structure;
}

static gboolean
is_known (const GstDnnTensorsInfo *info)
{
  for (guint i = 0; i < info->n_tensors; i++)
    if (!dnn_shape_is_known (&info->shapes[i]))
      return FALSE;
  return TRUE;
}

GstCaps *
gst_dnn_tensors_info_to_caps (const GstDnnTensorsInfo *info)
{
  GstCaps *caps = gst_caps_new_empty ();

  if (info->flexible || !is_known (info)) {
    gst_caps_append_structure (caps, make_structure (info));
    return caps;
  }
  for (Spelling spelling = 0; spelling < N_SPELLINGS; spelling++) {
    g_autofree gchar *dimensions = spell_dimensions (info, spelling);
    gboolean known = FALSE;

    for (guint i = 0; i < gst_caps_get_size (caps); i++)
      known |= g_str_equal (dimensions,
          gst_structure_get_string (
              gst_caps_get_structure (caps, i), "dimensions"));
    if (!known) {
      GstStructure *structure = make_structure (info);
      gst_structure_set (
          structure, "dimensions", G_TYPE_STRING, dimensions, NULL);
      gst_caps_append_structure (caps, structure);
    }
  }
  return caps;
}

GstCaps *
gst_dnn_tensors_info_choose_caps (const GstDnnTensorsInfo *info, GstPad *pad)
{
  g_autoptr (GstCaps) accepted = gst_dnn_spelling_query_peer (pad);
  GstCaps *caps = gst_dnn_spelling_add (info, accepted);
  GstCaps *common = gst_caps_intersect_full (
      accepted, caps, GST_CAPS_INTERSECT_FIRST);

  if (gst_caps_is_empty (common))
    gst_caps_replace (&common, caps);
  gst_caps_unref (caps);
  return gst_caps_fixate (common);
}

/* "224:224:3:1" → 1×3×224×224 */
static gboolean
parse_dimensions (const gchar *text, guint idx, DnnShape *shape, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ":", -1);
  gint rank = (gint) g_strv_length (words);

  if (rank > DNN_MAX_RANK) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "caps: dimensions[%u]: \"%s\" has rank %d, at most %d are possible",
        idx, text, rank, DNN_MAX_RANK);
    return FALSE;
  }
  shape->rank = rank;
  for (gint i = 0; i < rank; i++) {
    guint64 size;
    if (!g_ascii_string_to_unsigned (
            g_strstrip (words[i]), 10, 1, G_MAXINT32, &size, NULL)) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
          "caps: dimensions[%u]: \"%s\": \"%s\" is no size (1 to %d)", idx,
          text, words[i], G_MAXINT32);
      return FALSE;
    }
    shape->dims[rank - 1 - i] = (gint64) size;
  }
  if (rank == 0 || dnn_shape_n_elements (shape) < 0) {
    g_set_error (error, DNN_ERROR,
        rank == 0 ? DNN_ERROR_VALUE : DNN_ERROR_LIMIT,
        "caps: dimensions[%u]: \"%s\" is %s", idx, text,
        rank == 0 ? "empty" : "too large");
    return FALSE;
  }
  return TRUE;
}

/* Splits a field with one entry a tensor. */
static GStrv
split_field (const GstStructure *structure, const gchar *name, guint n_tensors,
    GError **error)
{
  const gchar *text = gst_structure_get_string (structure, name);
  g_auto (GStrv) words = NULL;

  if (text == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "caps: %s is missing or no text; one entry for each of %u tensors "
        "was expected",
        name, n_tensors);
    return NULL;
  }
  words = g_strsplit_set (text, ",.", -1);
  if (g_strv_length (words) != n_tensors) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "caps: %s is \"%s\": %u entries; num_tensors says %u", name, text,
        g_strv_length (words), n_tensors);
    return NULL;
  }
  return g_steal_pointer (&words);
}

static gboolean
parse_static (
    GstDnnTensorsInfo *info, const GstStructure *structure, GError **error)
{
  g_auto (GStrv) types = NULL, dimensions = NULL;
  gint n_tensors = 0;

  if (!gst_structure_get_int (structure, "num_tensors", &n_tensors) ||
      n_tensors < 1 || n_tensors > GST_DNN_MAX_TENSORS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "caps: num_tensors is %d or missing; 1 to %d were expected", n_tensors,
        GST_DNN_MAX_TENSORS);
    return FALSE;
  }
  types = split_field (structure, "types", n_tensors, error);
  if (types == NULL)
    return FALSE;
  dimensions = split_field (structure, "dimensions", n_tensors, error);
  if (dimensions == NULL)
    return FALSE;
  for (gint i = 0; i < n_tensors; i++) {
    DnnType type = dnn_type_from_name (g_strstrip (types[i]));
    if (type == DNN_TYPE_INVALID || type != gst_dnn_type_on_link (type)) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
          "caps: types[%d]: \"%s\" is no type of a tensor stream", i, types[i]);
      return FALSE;
    }
    info->types[i] = type;
    if (!parse_dimensions (dimensions[i], i, &info->shapes[i], error))
      return FALSE;
  }
  info->n_tensors = n_tensors;
  return TRUE;
}

gboolean
gst_dnn_tensors_info_from_caps (
    GstDnnTensorsInfo *info, const GstCaps *caps, GError **error)
{
  const GstStructure *structure;
  const gchar *format;

  gst_dnn_tensors_info_init (info);
  structure = gst_caps_is_fixed (caps) ? gst_caps_get_structure (caps, 0)
                                       : NULL;
  if (structure == NULL ||
      !gst_structure_has_name (structure, "other/tensors")) {
    g_autofree gchar *text = gst_caps_to_string (caps);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "caps: fixed other/tensors were expected, not %s", text);
    return FALSE;
  }
  gst_structure_get_fraction (
      structure, "framerate", &info->fps_n, &info->fps_d);
  /* Some writers leave out the format of static streams. */
  format = gst_structure_get_string (structure, "format");
  if (format == NULL || g_str_equal (format, "static"))
    return parse_static (info, structure, error);
  if (!g_str_equal (format, "flexible")) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "caps: format is \"%s\"; static or flexible was expected", format);
    return FALSE;
  }
  info->flexible = TRUE;
  return TRUE;
}

gboolean
gst_dnn_shape_fit (
    const DnnShape *stream, const DnnShape *model, DnnShape *fitted)
{
  gint shift;

  if (model->rank < 0) {
    if (fitted != NULL)
      *fitted = *stream;
    return TRUE;
  }
  shift = stream->rank - model->rank;
  for (gint i = 0; i < shift; i++)
    if (stream->dims[i] != 1)
      return FALSE;
  if (fitted != NULL)
    fitted->rank = model->rank;
  for (gint i = 0; i < model->rank; i++) {
    gint64 found = i + shift < 0 ? 1 : stream->dims[i + shift];
    if (model->dims[i] != DNN_DIM_OPEN && model->dims[i] != found)
      return FALSE;
    if (fitted != NULL)
      fitted->dims[i] = found;
  }
  return TRUE;
}

gboolean
gst_dnn_tensors_info_equal (
    const GstDnnTensorsInfo *a, const GstDnnTensorsInfo *b)
{
  if (a->flexible != b->flexible || a->n_tensors != b->n_tensors)
    return FALSE;
  for (guint i = 0; i < a->n_tensors; i++) {
    if (a->types[i] != b->types[i] ||
        !gst_dnn_shape_fit (&a->shapes[i], &b->shapes[i], NULL))
      return FALSE;
  }
  return TRUE;
}

gchar *
gst_dnn_tensors_info_to_string (const GstDnnTensorsInfo *info)
{
  GString *text;

  if (info->flexible)
    return g_strdup ("flexible");
  text = g_string_new (NULL);
  for (guint i = 0; i < info->n_tensors; i++) {
    g_autofree gchar *shape = dnn_shape_to_string (&info->shapes[i]);
    g_string_append_printf (text, "%s%s %s", i == 0 ? "" : ", ",
        dnn_type_name (info->types[i]), shape);
  }
  return g_string_free (text, FALSE);
}

gsize
gst_dnn_tensors_info_get_size (const GstDnnTensorsInfo *info, guint idx)
{
  gint64 n_elements = dnn_shape_n_elements (&info->shapes[idx]);

  if (n_elements < 0)
    return 0;
  return (gsize) n_elements * dnn_type_size (info->types[idx]);
}

/* The header: 32 words in the machine's byte order. */
enum
{
  WORD_MAGIC = 0,
  WORD_VERSION = 1,
  WORD_TYPE = 2,
  WORD_DIMENSIONS = 3,
  WORD_FORMAT = 19,
  WORD_MEDIA_TYPE = 20,
  WORD_EMPTY_RANK = 31, /* ours: rank of a tensor without elements; a 0 among
                           the dimensions ends them otherwise */
  N_WORDS = 32,
};
#define HEADER_MAGIC 0xfeedccedu
#define HEADER_VERSION 0xde001000u /* 1.0 */
#define HEADER_VERSION_MAJOR 0xfffff000u /* what must be equal */
#define HEADER_RANK 16
#define HEADER_FLEXIBLE 1
#define HEADER_TENSOR 4

G_STATIC_ASSERT (N_WORDS * sizeof (guint32) == GST_DNN_HEADER_SIZE);

/* Types in the order of their numbers in the header. */
static const DnnType header_types[] = {
  DNN_TYPE_INT32,
  DNN_TYPE_UINT32,
  DNN_TYPE_INT16,
  DNN_TYPE_UINT16,
  DNN_TYPE_INT8,
  DNN_TYPE_UINT8,
  DNN_TYPE_FLOAT64,
  DNN_TYPE_FLOAT32,
  DNN_TYPE_INT64,
  DNN_TYPE_UINT64,
  DNN_TYPE_FLOAT16,
};

guint
gst_dnn_header_get_type (DnnType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (header_types); i++)
    if (header_types[i] == gst_dnn_type_on_link (type))
      return i;
  return 0;
}

void
gst_dnn_header_write (gpointer dst, DnnType type, const DnnShape *shape)
{
  guint32 words[N_WORDS] = { 0 };

  words[WORD_MAGIC] = HEADER_MAGIC;
  words[WORD_VERSION] = HEADER_VERSION;
  words[WORD_TYPE] = gst_dnn_header_get_type (type);
  words[WORD_DIMENSIONS] = 1; /* a scalar */
  for (gint i = 0; i < shape->rank; i++)
    words[WORD_DIMENSIONS + i] = (guint32) shape->dims[shape->rank - 1 - i];
  words[WORD_FORMAT] = HEADER_FLEXIBLE;
  words[WORD_MEDIA_TYPE] = HEADER_TENSOR;
  if (dnn_shape_n_elements (shape) == 0)
    words[WORD_EMPTY_RANK] = (guint32) shape->rank;
  memcpy (dst, words, sizeof (words));
}

/* First words: is it a header that we know? */
static gboolean
check_header (const guint32 *words, GError **error)
{
  if (words[WORD_MAGIC] != HEADER_MAGIC)
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "tensor header: magic 0x%08x was expected, not 0x%08x", HEADER_MAGIC,
        words[WORD_MAGIC]);
  else if ((words[WORD_VERSION] & HEADER_VERSION_MAJOR) != HEADER_VERSION)
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "tensor header: version 0x%08x was expected, not 0x%08x",
        HEADER_VERSION, words[WORD_VERSION]);
  else if (words[WORD_TYPE] >= G_N_ELEMENTS (header_types))
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "tensor header: type is %u; 0 to %u were expected", words[WORD_TYPE],
        (guint) G_N_ELEMENTS (header_types) - 1);
  else if (words[WORD_FORMAT] > HEADER_FLEXIBLE)
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "tensor header: format is %u (sparse); flexible (1) was expected",
        words[WORD_FORMAT]);
  else
    return TRUE;
  return FALSE;
}

gboolean
gst_dnn_header_read (gconstpointer src, gsize size, DnnType *type,
    DnnShape *shape, GError **error)
{
  guint32 words[N_WORDS];
  gint rank = 0;
  gint64 n_elements;

  if (size < GST_DNN_HEADER_SIZE) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "tensor header: %d bytes were expected, there are %" G_GSIZE_FORMAT,
        GST_DNN_HEADER_SIZE, size);
    return FALSE;
  }
  memcpy (words, src, sizeof (words));
  if (!check_header (words, error))
    return FALSE;
  *type = header_types[words[WORD_TYPE]];
  if (words[WORD_EMPTY_RANK] <= HEADER_RANK)
    rank = (gint) words[WORD_EMPTY_RANK];
  while (rank < HEADER_RANK && words[WORD_DIMENSIONS + rank] != 0)
    rank++;
  if (rank == 0 || rank > DNN_MAX_RANK) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "tensor header: rank is %d; 1 to %d were expected", rank, DNN_MAX_RANK);
    return FALSE;
  }
  shape->rank = rank;
  for (gint i = 0; i < rank; i++)
    shape->dims[rank - 1 - i] = words[WORD_DIMENSIONS + i];
  n_elements = dnn_shape_n_elements (shape);
  if (n_elements < 0 ||
      (guint64) n_elements >
          (size - GST_DNN_HEADER_SIZE) / dnn_type_size (*type)) {
    g_autofree gchar *text = dnn_shape_to_string (shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "tensor header: %s %s does not fit into the %" G_GSIZE_FORMAT
        " bytes behind it",
        dnn_type_name (*type), text, size - GST_DNN_HEADER_SIZE);
    return FALSE;
  }
  return TRUE;
}
