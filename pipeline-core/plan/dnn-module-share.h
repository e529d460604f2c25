/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Modules of the process by what they were made of: who loads the same files in
 * the same way gets the same modules, as long as somebody holds them. */
#pragma once

#include "pipeline-core/plan/dnn-module.h"

G_BEGIN_DECLS

/* How modules are made, and what a caller is given of them. */
typedef struct
{
  /* The modules (transfer full), and in *@extra what belongs to them. */
  GPtrArray *(*make) (gpointer data, gpointer *extra, GError **error);
  GDestroyNotify extra_free;
  /* What dnn_module_share() returns. */
  gpointer (*use) (
      gpointer data, GPtrArray *modules, gpointer extra, GError **error);
} DnnModuleShare;

/**
 * dnn_module_share:
 * @key: all that decides what is made, but for the files that the graphs name
 *   themselves (DnnGraph.files): those are compared too
 * @data: for the functions
 *
 * Any thread. A second caller with the same key waits for the first.
 *
 * Returns: (transfer full): what @share->use says; %NULL with its error or
 *   that of @share->make
 */
gpointer dnn_module_share (const gchar *key, const DnnModuleShare *share,
    gpointer data, GError **error);

/* A part of a key: which file that is, and in which state ("NAME: none" where
 * there is none). (transfer full) */
gchar *dnn_module_share_key (const gchar *path);

G_END_DECLS
