/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Configuration file → all that is wrong with it. */
#include "config.h"

#include "tools/command.h"

#include <stdlib.h>

static gint
run_validate (gint argc, gchar **argv)
{
  gboolean quiet = FALSE;
  const GOptionEntry entries[] = {
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
    { NULL },
  };
  g_autoptr (GPtrArray) errors = NULL;

  if (!dnn_command_parse (&dnn_command_validate, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  errors = dnn_pipeline_config_validate_file (argv[1]);
  for (guint i = 0; i < errors->len; i++) {
    g_autofree gchar *text = dnn_error_print (errors->pdata[i]);
    g_printerr ("%s\n", text);
  }
  if (errors->len > 0) {
    g_printerr ("%u error%s\n", errors->len, errors->len > 1 ? "s" : "");
    return EXIT_FAILURE;
  }
  if (!quiet)
    g_print ("%s is valid\n", argv[1]);
  return EXIT_SUCCESS;
}

const DnnCommand dnn_command_validate = {
  "validate",
  "CONFIG",
  "print every error of a pipeline configuration",
  run_validate,
};
