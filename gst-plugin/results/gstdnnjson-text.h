/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Strings and numbers → JSON text; JSON text, however it is laid out → on one
 * line, or indented. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `"key": "text"`, escaped; what is no UTF-8 is replaced. */
void gst_dnn_json_append_text (
    GString *line, const gchar *key, const gchar *text);

/* `"key": value`, with 7 digits; 0 for what JSON has no number for. */
void gst_dnn_json_append_number (
    GString *line, const gchar *key, gdouble value);

/**
 * gst_dnn_json_layout:
 * @to: emptied, then filled
 * @json: valid JSON
 * @indent: spaces a level; negative: all on one line
 *
 * Blanks outside of strings are those of the new layout; strings and numbers
 * stay as they are. Empty lists and objects stay on their line.
 */
void gst_dnn_json_layout (GString *to, const gchar *json, gint indent);

G_END_DECLS
