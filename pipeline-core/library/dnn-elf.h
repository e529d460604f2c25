/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A library's file → whether it can be loaded here (dnn-elf-check.c); what a
 * loaded one itself exports: dlopen()'s handle → names and addresses. dlsym()
 * also finds what the library depends on (libm's tanh). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A shared library for the machine that the process runs on, whole: else FALSE
 * with NOT_FOUND, FORMAT or UNSUPPORTED (another machine's). */
gboolean dnn_elf_check_file (const gchar *path, GError **error);

typedef enum
{
  DNN_ELF_FUNCTIONS,
  DNN_ELF_OBJECTS,
} DnnElfKind;

/* const gchar * (the library's) → address. Empty where the library has no
 * table of symbols. (transfer full) */
GHashTable *dnn_elf_get_symbols (gpointer handle, DnnElfKind kind);

G_END_DECLS
