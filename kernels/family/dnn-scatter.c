/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An element and an update → what stands there afterwards. */
#include "config.h"

#include "kernels/family/dnn-scatter.h"

#include <string.h>

#include "kernels/family/dnn-number.h"

const gchar *const dnn_scatter_reductions[] = { "none", "add", "mul", "max",
  "min", NULL };

DnnScatter
dnn_scatter_read (const DnnCall *call, const gchar *key)
{
  const gchar *text = dnn_call_attr (call, key)->s;

  for (guint i = 0; dnn_scatter_reductions[i]; i++)
    if (strcmp (dnn_scatter_reductions[i], text) == 0)
      return (DnnScatter) i;
  g_return_val_if_reached (DNN_SCATTER_NONE);
}

static gdouble
join_real (DnnScatter how, gdouble a, gdouble b)
{
  switch (how) {
    case DNN_SCATTER_ADD:
      return a + b;
    case DNN_SCATTER_MUL:
      return a * b;
    case DNN_SCATTER_MAX: /* NaN wins */
      return a > b || a != a ? a : b;
    default:
      return a < b || a != a ? a : b;
  }
}

static guint64
join_integer (DnnScatter how, DnnType type, guint64 a, guint64 b)
{
  gboolean is_less = type == DNN_TYPE_UINT64 ? a < b : (gint64) a < (gint64) b;

  switch (how) {
    case DNN_SCATTER_ADD:
      return type == DNN_TYPE_BOOL ? a | b : a + b;
    case DNN_SCATTER_MUL:
      return a * b;
    case DNN_SCATTER_MAX:
      return is_less ? b : a;
    default:
      return is_less ? a : b;
  }
}

void
dnn_scatter_one (DnnScatter how, DnnType type, gpointer dst, gint64 at,
    gconstpointer src, gint64 idx)
{
  gsize element = dnn_type_size (type);

  if (how == DNN_SCATTER_NONE)
    memcpy ((guint8 *) dst + (gsize) at * element,
        (const guint8 *) src + (gsize) idx * element, element);
  else if (dnn_type_is_float (type))
    dnn_store (type, dst, at,
        join_real (how, dnn_load (type, dst, at), dnn_load (type, src, idx)));
  else
    dnn_store_int (type, dst, at,
        (gint64) join_integer (how, type,
            (guint64) dnn_load_int (type, dst, at),
            (guint64) dnn_load_int (type, src, idx)));
}
