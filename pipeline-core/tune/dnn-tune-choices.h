/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A file of choices: for each node of given graphs and shapes the way to run
 * it, so that other machines of the kind run the same. docs/formats.md */
#pragma once

#include "pipeline-core/tune/dnn-tune-rows.h"

G_BEGIN_DECLS

/* NULL with NOT_FOUND, LIMIT or FORMAT. */
DNN_API DnnTuneRows *dnn_tune_choices_read (const gchar *path, GError **error);
/* FALSE with FAILED. */
DNN_API gboolean dnn_tune_choices_write (
    const DnnTuneRows *self, const gchar *path, GError **error);

/* What stands for a graph. @call_keys: of all its nodes, in order. (transfer
 * full) */
gchar *dnn_tune_choices_graph_key (const gchar *call_keys);
/* What stands for node @idx of it. (transfer full) */
gchar *dnn_tune_choices_key (
    const gchar *graph_key, guint idx, const gchar *call_key);

G_END_DECLS
