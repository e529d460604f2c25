/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One conformance case: a folder of model.onnx and test_data_set_N → whether
 * the model gives those outputs. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  CASE_FAILS,
  CASE_NEEDS_PARAMS, /* passes where all inputs but the first are params */
  CASE_PASSES,
} CaseResult;

/* In a process of its own, for at most a minute. @why: (out): in one line,
 * unless it passes. */
CaseResult conformance_run (const gchar *dir, gchar **why);

G_END_DECLS
