/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One element joined with the one that is there: what operators that scatter
 * share. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef enum
{
  DNN_SCATTER_NONE,
  DNN_SCATTER_ADD,
  DNN_SCATTER_MUL,
  DNN_SCATTER_MAX,
  DNN_SCATTER_MIN,
} DnnScatter;

/* For .choices: "none", "add", "mul", "max", "min". */
extern const gchar *const dnn_scatter_reductions[];

DnnScatter dnn_scatter_read (const DnnCall *call, const gchar *key);

/* @dst[@at] joined with @src[@idx]. Integers wrap around; of bool, adding is
 * or, multiplying and. */
void dnn_scatter_one (DnnScatter how, DnnType type, gpointer dst, gint64 at,
    gconstpointer src, gint64 idx);

G_END_DECLS
