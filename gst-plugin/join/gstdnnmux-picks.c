/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Picked tensors of several inputs → caps and memories of one output. Next:
 * gstdnnmux.c. */
#include "config.h"

#include "gst-plugin/join/gstdnnmux-picks.h"

#include <string.h>

#include "gst-plugin/stream/gstdnnbuffer.h"

gboolean
gst_dnn_mux_input_parse_picks (
    GstDnnMuxInput *self, const gchar *text, GError **error)
{
  g_auto (GStrv) words = NULL;
  guint picks[GST_DNN_MAX_TENSORS], n_picks = 0;

  if (text == NULL || *text == '\0') {
    self->n_picks = 0;
    return TRUE;
  }
  words = g_strsplit (text, ",", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    guint64 idx;
    if (n_picks == GST_DNN_MAX_TENSORS ||
        !g_ascii_string_to_unsigned (g_strstrip (words[i]), 10, 0,
            GST_DNN_MAX_TENSORS - 1, &idx, NULL)) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
          "%s: tensors: \"%s\" is no list of at most %d indices like \"0,2\"",
          self->name, text, GST_DNN_MAX_TENSORS);
      return FALSE;
    }
    picks[n_picks++] = (guint) idx;
  }
  memcpy (self->picks, picks, sizeof (picks));
  self->n_picks = n_picks;
  return TRUE;
}

gchar *
gst_dnn_mux_input_picks_to_string (const GstDnnMuxInput *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->n_picks; i++)
    g_string_append_printf (text, "%s%u", i == 0 ? "" : ",", self->picks[i]);
  return g_string_free (text, FALSE);
}

gboolean
gst_dnn_mux_input_check (const GstDnnMuxInput *self, GError **error)
{
  for (guint i = 0; !self->info.flexible && i < self->n_picks; i++) {
    if (self->picks[i] >= self->info.n_tensors) {
      g_autofree gchar *text = gst_dnn_tensors_info_to_string (&self->info);
      g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
          "%s: tensors: index %u, but the stream has %u: %s", self->name,
          self->picks[i], self->info.n_tensors, text);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
gst_dnn_mux_inputs_get_output (const GstDnnMuxInput *inputs, guint n_inputs,
    GstDnnTensorsInfo *output, GError **error)
{
  gst_dnn_tensors_info_init (output);
  output->fps_n = inputs[0].info.fps_n;
  output->fps_d = inputs[0].info.fps_d;
  for (guint i = 0; i < n_inputs; i++)
    output->flexible |= inputs[i].info.flexible;
  if (output->flexible)
    return TRUE;
  for (guint i = 0; i < n_inputs; i++) {
    const GstDnnMuxInput *input = &inputs[i];
    guint n = input->n_picks > 0 ? input->n_picks : input->info.n_tensors;
    for (guint j = 0; j < n; j++) {
      guint idx = input->n_picks > 0 ? input->picks[j] : j;
      if (!gst_dnn_tensors_info_add (output, input->info.types[idx],
              &input->info.shapes[idx], error)) {
        g_prefix_error (error, "%s: ", input->name);
        return FALSE;
      }
    }
  }
  return TRUE;
}

/* The picks are all tensors of the stream, each once: then its caps follow. */
static gboolean
is_permutation (const GstDnnMuxInput *input)
{
  gboolean seen[GST_DNN_MAX_TENSORS] = { FALSE };

  for (guint i = 0; i < input->n_picks; i++) {
    if (input->picks[i] >= input->n_picks || seen[input->picks[i]])
      return FALSE;
    seen[input->picks[i]] = TRUE;
  }
  return TRUE;
}

gboolean
gst_dnn_mux_inputs_get_wanted (const GstDnnMuxInput *inputs, guint n_inputs,
    guint idx, const GstDnnTensorsInfo *output, GstDnnTensorsInfo *wanted)
{
  const GstDnnMuxInput *input = &inputs[idx];
  guint first = 0, n_total = 0;

  if (n_inputs == 1 && input->n_picks == 0) {
    *wanted = *output;
    return TRUE;
  }
  for (guint i = 0; i < n_inputs; i++) {
    if (inputs[i].n_picks == 0)
      return FALSE;
    first += i < idx ? inputs[i].n_picks : 0;
    n_total += inputs[i].n_picks;
  }
  if (output->flexible || output->n_tensors != n_total ||
      !is_permutation (input))
    return FALSE;
  gst_dnn_tensors_info_init (wanted);
  wanted->n_tensors = input->n_picks;
  for (guint i = 0; i < input->n_picks; i++) {
    wanted->types[input->picks[i]] = output->types[first + i];
    wanted->shapes[input->picks[i]] = output->shapes[first + i];
  }
  return TRUE;
}

/* A static tensor on a flexible stream: the one place where a join copies. */
static GstMemory *
add_header (const GstDnnMuxInput *self, guint idx, GstMemory *memory)
{
  GstMemory *headed;
  GstMapInfo src, dst;

  headed = gst_allocator_alloc (NULL, GST_DNN_HEADER_SIZE + memory->size, NULL);
  gst_memory_map (headed, &dst, GST_MAP_WRITE);
  gst_memory_map (memory, &src, GST_MAP_READ);
  gst_dnn_header_write (
      dst.data, self->info.types[idx], &self->info.shapes[idx]);
  memcpy (dst.data + GST_DNN_HEADER_SIZE, src.data, src.size);
  gst_memory_unmap (memory, &src);
  gst_memory_unmap (headed, &dst);
  gst_memory_unref (memory);
  return headed;
}

void
gst_dnn_mux_tensors_clear (GstDnnMuxTensors *self)
{
  for (guint i = 0; i < self->n; i++)
    gst_memory_unref (self->memories[i]);
  self->n = 0;
}

gboolean
gst_dnn_mux_input_append (const GstDnnMuxInput *self, GstBuffer *src,
    gboolean flexible, GstDnnMuxTensors *dst, GError **error)
{
  guint n = self->n_picks > 0 ? self->n_picks
                              : gst_dnn_buffer_get_n_tensors (src, &self->info);

  for (guint i = 0; i < n; i++) {
    guint idx = self->n_picks > 0 ? self->picks[i] : i;
    GstMemory *memory = gst_dnn_buffer_get_tensor (
        src, &self->info, idx, error);
    if (memory == NULL) {
      g_prefix_error (error, "%s: ", self->name);
      return FALSE;
    }
    if (dst->n == GST_DNN_MAX_TENSORS) {
      gst_memory_unref (memory);
      g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
          "%s: more than %d tensors in one buffer", self->name,
          GST_DNN_MAX_TENSORS);
      return FALSE;
    }
    if (flexible && !self->info.flexible)
      memory = add_header (self, idx, memory);
    dst->memories[dst->n++] = memory;
  }
  return TRUE;
}

static gboolean
pick_evidence (
    const GstDnnMuxInput *self, const GstDnnEvidence *own, GstDnnEvidence *all)
{
  guint n = self->n_picks > 0 ? self->n_picks : own->outputs->len;

  for (guint i = 0; i < n; i++) {
    const GstDnnOutput *output = gst_dnn_evidence_get (
        own, self->n_picks > 0 ? self->picks[i] : i);

    if (output == NULL)
      return FALSE;
    gst_dnn_evidence_add (all, output);
  }
  gst_dnn_evidence_take_model (all, own);
  return TRUE;
}

GstDnnEvidence *
gst_dnn_mux_inputs_get_evidence (
    const GstDnnMuxInput *inputs, guint n_inputs, GPtrArray *pads)
{
  g_autoptr (GstDnnEvidence) all = gst_dnn_evidence_new ();

  for (guint i = 0; i < n_inputs; i++) {
    g_autoptr (GstDnnEvidence) own = gst_dnn_evidence_ask (pads->pdata[i]);

    if (own == NULL || !pick_evidence (&inputs[i], own, all))
      return NULL;
  }
  return g_steal_pointer (&all);
}
