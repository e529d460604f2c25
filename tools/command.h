/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The commands of gst-dnn. Each takes what stands behind its name and returns
 * the exit code: 0, or 1 with one line on stderr. */
#pragma once

#include "compiler/dnn-compiler.h"

G_BEGIN_DECLS

typedef struct
{
  const gchar *name;
  const gchar *usage; /* behind the name */
  const gchar *summary; /* one line */
  gint (*run) (gint argc, gchar **argv);
} DnnCommand;

extern const DnnCommand dnn_command_compile;
extern const DnnCommand dnn_command_inspect;
extern const DnnCommand dnn_command_validate;
extern const DnnCommand dnn_command_run;
extern const DnnCommand dnn_command_bench;
extern const DnnCommand dnn_command_tune;

/* Parses options by @entries; what is left must be @n_args words, which
 * become @argv[1…]. FALSE: the error is printed. */
gboolean dnn_command_parse (const DnnCommand *command,
    const GOptionEntry *entries, gint n_args, gint *argc, gchar ***argv);

/* Prints "gst-dnn: MESSAGE", frees @error, returns 1. */
gint dnn_command_fail (GError *error);

/* An option that asks for more than one stage without cuts. */
gboolean dnn_command_check_stages (
    const gchar *stages, const gchar *const *cuts, GError **error);

G_END_DECLS
