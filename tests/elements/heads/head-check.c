/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Text → tensors, evidence. Next: the tests of heads. */
#include "config.h"

#include "tests/elements/heads/head-check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

GstDnnTensorsInfo
head_check_info (const gchar *text)
{
  g_auto (GStrv) rows = g_strsplit (text, ";", -1);
  GstDnnTensorsInfo info;

  gst_dnn_tensors_info_init (&info);
  for (guint i = 0; rows[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (g_strstrip (rows[i]), " ", 2);
    DnnShape shape;

    g_assert_true (dnn_shape_parse (words[1], &shape));
    g_assert_true (gst_dnn_tensors_info_add (
        &info, dnn_type_from_name (words[0]), &shape, NULL));
  }
  return info;
}

static GstDnnPart
read_part (const gchar *text)
{
  static const struct
  {
    const gchar *word;
    GstDnnMade made;
    GstDnnSeen seen;
  } kinds[] = {
    { "raw", GST_DNN_MADE_RAW, GST_DNN_SEEN_NONE },
    { "computed", GST_DNN_MADE_COMPUTED, GST_DNN_SEEN_NONE },
    { "constant", GST_DNN_MADE_CONSTANT, GST_DNN_SEEN_NONE },
    { "index", GST_DNN_MADE_INDEX, GST_DNN_SEEN_NONE },
    { "unknown", GST_DNN_MADE_UNKNOWN, GST_DNN_SEEN_NONE },
    { "sigmoid", GST_DNN_MADE_RAW, GST_DNN_SEEN_SIGMOID },
    { "softmax", GST_DNN_MADE_RAW, GST_DNN_SEEN_SOFTMAX },
    { "log", GST_DNN_MADE_RAW, GST_DNN_SEEN_LOG_SOFTMAX },
  };
  g_auto (GStrv) words = g_strsplit (text, ":", -1);
  GstDnnPart part = { .size = atoi (words[0]) };
  guint i = 0;

  while (!g_str_equal (kinds[i].word, words[1]))
    i++;
  part.made = kinds[i].made;
  part.seen = kinds[i].seen;
  if (words[2] != NULL)
    part.extent = (gfloat) g_ascii_strtod (words[2], NULL);
  return part;
}

static void
add_output (GstDnnEvidence *evidence, const gchar *text, const DnnShape *shape)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  g_auto (GStrv) parts = g_strsplit (words[2], "+", -1);
  GstDnnOutput output = { .name = words[0], .shape = *shape };

  output.parts.axis = atoi (words[1]);
  for (guint i = 0; parts[i] != NULL; i++)
    output.parts.parts[output.parts.n_parts++] = read_part (parts[i]);
  output.chosen = g_strcmp0 (words[3], "chosen") == 0;
  gst_dnn_evidence_add (evidence, &output);
}

GstDnnEvidence *
head_check_evidence (const gchar *text, const GstDnnTensorsInfo *info)
{
  g_auto (GStrv) rows = NULL;
  GstDnnEvidence *evidence;

  if (text == NULL)
    return NULL;
  rows = g_strsplit (text, ";", -1);
  evidence = gst_dnn_evidence_new ();
  g_assert_cmpint (
      sscanf (rows[0], "%dx%d", &evidence->model_w, &evidence->model_h), ==, 2);
  for (guint i = 0; rows[i + 1] != NULL; i++)
    add_output (evidence, g_strstrip (rows[i + 1]), &info->shapes[i]);
  return evidence;
}

void
head_check_parts (const gchar *message, const gchar *const *parts)
{
  for (; *parts != NULL; parts++)
    if (strstr (message, *parts) == NULL)
      g_error ("\"%s\" is not in \"%s\"", *parts, message);
}
