/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Names of classes: a text file with one name a line → label ids and back.
 * Next: gstdnndecoder.h. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* Most lines, and most bytes of a file. */
#define GST_DNN_MAX_LABELS 65536
#define GST_DNN_MAX_LABELS_BYTES (16 << 20)

typedef struct _GstDnnLabels GstDnnLabels;

/**
 * gst_dnn_labels_new_from_file:
 *
 * UTF-8, line endings of any system, with or without a byte order mark; empty
 * lines at the end do not count. A
 * number in front of a name, as in "0: person", is dropped if it is that of
 * the line in every line.
 *
 * Returns: %NULL with %DNN_ERROR_NOT_FOUND, %DNN_ERROR_FORMAT or
 *   %DNN_ERROR_LIMIT, naming the file
 */
GstDnnLabels *gst_dnn_labels_new_from_file (const gchar *path, GError **error);
GstDnnLabels *gst_dnn_labels_new (const gchar *const *names);

/**
 * gst_dnn_labels_new_from_names:
 * @text: "{0: 'person', 1: 'bus'}" or "['person', 'bus']", as Python or JSON
 *   spell it; classes that are left out have no name
 *
 * Returns: (transfer full) (nullable): %NULL if it is neither
 */
GstDnnLabels *gst_dnn_labels_new_from_names (const gchar *text);
/* How many those are; 0 for none, or where @text (nullable) is neither. */
guint gst_dnn_labels_count_names (const gchar *text);
void gst_dnn_labels_free (GstDnnLabels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnLabels, gst_dnn_labels_free)

guint gst_dnn_labels_get_n (const GstDnnLabels *self);

/**
 * gst_dnn_labels_check:
 * @self: read from a file
 * @n_classes: of the model
 * @doubt: (out): set where there are more names than classes: those of another
 *   model?
 *
 * Returns: %FALSE with %DNN_ERROR_VALUE where there are fewer lines than
 *   classes. Empty ones do count here.
 */
gboolean gst_dnn_labels_check (
    const GstDnnLabels *self, gint n_classes, GError **doubt, GError **error);

/* Name of a class, as a quark; 0 where there is none. @self may be NULL. */
GQuark gst_dnn_labels_get (const GstDnnLabels *self, gint label_id);

/**
 * gst_dnn_labels_parse_set:
 * @self: (nullable): where names are looked up
 * @text: "person,car" or "0,2"
 *
 * Returns: (transfer full) (element-type gint): ids, sorted; %NULL with
 *   %DNN_ERROR_UNKNOWN_NAME, naming the nearest label
 */
GArray *gst_dnn_labels_parse_set (
    const GstDnnLabels *self, const gchar *text, GError **error);

G_END_DECLS
