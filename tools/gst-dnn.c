/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Command line → one of the commands. */
#include "config.h"

#include "tools/command.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/dnn-init.h"

static const DnnCommand *const commands[] = {
  &dnn_command_compile,
  &dnn_command_inspect,
  &dnn_command_validate,
  &dnn_command_run,
  &dnn_command_bench,
  &dnn_command_tune,
};

gboolean
dnn_command_parse (const DnnCommand *command, const GOptionEntry *entries,
    gint n_args, gint *argc, gchar ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->usage);
  g_autofree gchar *program = g_strdup_printf ("gst-dnn %s", command->name);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, command->summary);
  g_set_prgname (program);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    g_printerr ("%s: %s\n", program, error->message);
    return FALSE;
  }
  if (*argc > 1 && strcmp ((*argv)[1], "--") == 0) {
    (*argv)++;
    (*argc)--;
  }
  if (*argc - 1 == n_args)
    return TRUE;
  g_printerr ("%s: expected %s (see --help)\n", program, command->usage);
  return FALSE;
}

gint
dnn_command_fail (GError *error)
{
  g_autofree gchar *text = dnn_error_print (error);

  g_printerr ("gst-dnn: %s\n", text);
  g_error_free (error);
  return EXIT_FAILURE;
}

gboolean
dnn_command_check_stages (
    const gchar *stages, const gchar *const *cuts, GError **error)
{
  gint64 n = 0;

  if (!stages)
    return TRUE;
  if (strcmp (stages, "auto") != 0 &&
      (!dnn_text_to_int (stages, &n) || n < 1)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "--stages: \"%s\" is neither a number from 1 nor \"auto\"", stages);
    return FALSE;
  }
  if (n == 1 || (cuts && (gint64) g_strv_length ((gchar **) cuts) + 1 == n))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "--stages %s: stages are not found automatically; name the tensors "
      "where they end with --cut",
      stages);
  return FALSE;
}

static gint
print_usage (FILE *file, gint code)
{
  fprintf (file, "Usage: gst-dnn COMMAND …\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (file, "  %-9s %-24s %s\n", commands[i]->name, commands[i]->usage,
        commands[i]->summary);
  fprintf (file, "\nCOMMAND --help shows a command's options.\n");
  return code;
}

static gint
complain_unknown (const gchar *name)
{
  const gchar *names[G_N_ELEMENTS (commands) + 1] = { NULL };
  const gchar *nearest;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i]->name;
  nearest = dnn_nearest_word (name, names);
  g_printerr ("gst-dnn: there is no command \"%s\"", name);
  if (nearest)
    g_printerr ("; did you mean \"%s\"?\n", nearest);
  else
    g_printerr (" (see gst-dnn --help)\n");
  return EXIT_FAILURE;
}

gint
main (gint argc, gchar **argv)
{
  setlocale (LC_ALL, "");
  if (argc < 2)
    return print_usage (stderr, EXIT_FAILURE);
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "help") == 0)
    return print_usage (stdout, EXIT_SUCCESS);
  if (strcmp (argv[1], "--version") == 0) {
    g_print ("%s %s\n", PACKAGE, VERSION);
    return EXIT_SUCCESS;
  }
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (strcmp (argv[1], commands[i]->name) == 0)
      return commands[i]->run (argc - 1, argv + 1);
  }
  return complain_unknown (argv[1]);
}
