/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Options as text → DnnTarget. */
#include "config.h"

#include "tools/target-args.h"

void
dnn_target_args_clear (DnnTargetArgs *self)
{
  g_clear_pointer (&self->tune, g_free);
  g_clear_pointer (&self->tune_file, g_free);
  g_clear_pointer (&self->fast_math, g_free);
  g_clear_pointer (&self->winograd, g_free);
}

static gboolean
set_switch (
    const gchar *option, const gchar *text, gboolean *value, GError **error)
{
  if (!text)
    return TRUE;
  *value = g_str_equal (text, "on");
  if (*value || g_str_equal (text, "off"))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "--%s is \"%s\", expected \"on\" or \"off\"", option, text);
  return FALSE;
}

gboolean
dnn_target_args_get (
    const DnnTargetArgs *self, gint threads, DnnTarget *target, GError **error)
{
  dnn_target_init (target);
  target->threads = threads;
  dnn_target_set_tune_file (target, self->tune_file);
  if (dnn_target_set_tune (target, self->tune, error))
    return set_switch (
               "fast-math", self->fast_math, &target->fast_math, error) &&
        set_switch ("winograd", self->winograd, &target->winograd, error);
  g_prefix_error (error, "--");
  return FALSE;
}

static void
repeat (GPtrArray *args, const gchar *option, const gchar *text)
{
  if (text)
    g_ptr_array_add (args, g_strdup_printf ("--%s=%s", option, text));
}

void
dnn_target_args_repeat (const DnnTargetArgs *self, GPtrArray *args)
{
  repeat (args, "tune", self->tune);
  repeat (args, "tune-file", self->tune_file);
  repeat (args, "fast-math", self->fast_math);
  repeat (args, "winograd", self->winograd);
}
