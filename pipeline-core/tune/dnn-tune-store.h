/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What was measured on this machine: keys (dnn-tune-key.h) → ns at one thread.
 * One table a process, kept in a file of the user's cache folder that all
 * processes of the user add to. What is wrong with that file is one line in the
 * log; the table is empty then. Any thread. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

typedef struct _DnnTuneStore DnnTuneStore;

/* That of the process: of $XDG_CACHE_HOME/gst-dnn and this machine. (transfer
 * none) */
DnnTuneStore *dnn_tune_store_get (void);
/* For tests. */
DNN_API DnnTuneStore *dnn_tune_store_new (
    const gchar *folder, const gchar *machine);
DNN_API void dnn_tune_store_free (DnnTuneStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnTuneStore, dnn_tune_store_free)

/* The file, whether it is there or not. */
const gchar *dnn_tune_store_get_path (const DnnTuneStore *self);

/* 0: was never measured, or couldn't be. */
gdouble dnn_tune_store_find (DnnTuneStore *self, const gchar *key);
/* It was tried. */
gboolean dnn_tune_store_is_known (DnnTuneStore *self, const gchar *key);
/* There is a figure of some reorder. */
gboolean dnn_tune_store_has_reorders (DnnTuneStore *self);
/* For this process, until it is saved. @ns: 0: it can't be measured here. */
void dnn_tune_store_add (DnnTuneStore *self, const gchar *key, gdouble ns);

/* The only one of the user that measures, or writes, until unlocked; then what
 * others have written meanwhile is here too. FALSE where it isn't had until
 * @deadline (of g_get_monotonic_time()), or the folder can't be written. */
gboolean dnn_tune_store_lock (DnnTuneStore *self, gint64 deadline);
void dnn_tune_store_unlock (DnnTuneStore *self);
/* Adds what is new to the file. Locked. */
void dnn_tune_store_save (DnnTuneStore *self);

G_END_DECLS
