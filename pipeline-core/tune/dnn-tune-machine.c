/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* /proc/cpuinfo and the backend → the name of this machine. Next:
 * dnn-tune-store.c. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-machine.h"

#include <string.h>

static const gchar *backend = "no backend";

void
dnn_tune_set_backend (const gchar *text)
{
  backend = g_intern_string (text);
}

/* What stands behind the first line "KEY  : …". */
static gchar *
find_value (const gchar *text, const gchar *key)
{
  const gchar *line = strstr (text, key);
  const gchar *colon = line ? strchr (line, ':') : NULL;
  const gchar *end = line ? strchr (line, '\n') : NULL;
  gchar *value;

  if (!colon || (end && colon > end))
    return NULL;
  value = end ? g_strndup (colon + 1, (gsize) (end - colon - 1))
              : g_strdup (colon + 1);
  return g_strstrip (value);
}

/* x86 says a name, Arm numbers of the part. */
static gchar *
describe_cpu (void)
{
  static const gchar *const keys[] = { "model name", "cpu family", "model\t",
    "CPU implementer", "CPU part", "CPU variant" };
  g_autofree gchar *text = NULL;
  GString *found = g_string_new (NULL);

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_string_free (g_string_append (found, "unknown CPU"), FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autofree gchar *value = find_value (text, keys[i]);
    if (value)
      g_string_append_printf (found, "%s%s", found->len > 0 ? " " : "", value);
  }
  return g_string_free (found, FALSE);
}

const gchar *
dnn_tune_get_machine (void)
{
  static gchar *machine;
  static gsize once;

  if (g_once_init_enter (&once)) {
    g_autofree gchar *cpu = describe_cpu ();
    machine = g_strdup_printf ("%s, %s", cpu, backend);
    g_strdelimit (machine, "\t\n\r", ' ');
    g_once_init_leave (&once, 1);
  }
  return machine;
}
