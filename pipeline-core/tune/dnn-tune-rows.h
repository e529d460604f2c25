/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The form that the cache of timings and the file of choices share: pairs of
 * text under a title and the machine they are of. docs/formats.md */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* Most bytes of such a file. */
#define DNN_TUNE_MAX_BYTES (G_GUINT64_CONSTANT (64) << 20)

/* What is in a file. */
typedef struct
{
  gchar *machine;
  GHashTable *rows; /* gchar * → gchar * */
} DnnTuneRows;

DnnTuneRows *dnn_tune_rows_new (const gchar *machine);
void dnn_tune_rows_free (DnnTuneRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnTuneRows, dnn_tune_rows_free)

/* Neither may have tabs or line breaks. */
void dnn_tune_rows_set (
    DnnTuneRows *self, const gchar *key, const gchar *value);

/* @title: "gst-dnn timings 1". NULL with NOT_FOUND, LIMIT, or FORMAT: another
 * title, a line that is no pair, no end or another number of lines before it.
 * Names the path and the line. */
DnnTuneRows *dnn_tune_rows_read (
    const gchar *path, const gchar *title, GError **error);
/* All or nothing: another reader sees the file of before or this one. FALSE
 * with FAILED. */
gboolean dnn_tune_rows_write (const DnnTuneRows *self, const gchar *path,
    const gchar *title, GError **error);

G_END_DECLS
