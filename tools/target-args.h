/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Options of commands that run modules: --tune, --tune-file, --fast-math,
 * --winograd → DnnTarget. */
#pragma once

#include "pipeline-core/base/dnn-target.h"

G_BEGIN_DECLS

/* As they were given; NULL where not. */
typedef struct
{
  gchar *tune, *tune_file, *fast_math, *winograd;
} DnnTargetArgs;

void dnn_target_args_clear (DnnTargetArgs *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DnnTargetArgs, dnn_target_args_clear)

/* Rows for a table of options; @args: a variable. */
#define DNN_TARGET_ENTRIES(args)                                              \
  { "tune", 0, 0, G_OPTION_ARG_STRING, &(args).tune,                          \
    "choose implementations by estimates (off), by what was measured before " \
    "(cached), or measure (on; the default, or $DNN_TUNE)",                   \
    "off|cached|on" },                                                        \
      { "tune-file", 0, 0, G_OPTION_ARG_FILENAME, &(args).tune_file,          \
        "use the choices that \"gst-dnn tune\" wrote", "FILE" },              \
      { "fast-math", 0, 0, G_OPTION_ARG_STRING, &(args).fast_math,            \
        "values that are not finite may be treated as if they were "          \
        "(default on)",                                                       \
        "on|off" },                                                           \
  {                                                                           \
    "winograd", 0, 0, G_OPTION_ARG_STRING, &(args).winograd,                  \
        "convolutions may be computed by Winograd's algorithm (default on)",  \
        "on|off"                                                              \
  }

/* @target: defaults, and @threads. VALUE names the option. */
gboolean dnn_target_args_get (
    const DnnTargetArgs *self, gint threads, DnnTarget *target, GError **error);
/* The same options for another process: appends gchar *. */
void dnn_target_args_repeat (const DnnTargetArgs *self, GPtrArray *args);

G_END_DECLS
