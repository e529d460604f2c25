/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Cast (Cast (x)) → Cast (x) where the first keeps every value of x. Next:
 * dnn-pass-common.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

/* Bits of whole numbers that a type holds; 0 for one that isn't a number. */
typedef struct
{
  DnnType type;
  gint bits; /* without sign */
  gboolean has_sign;
  gboolean is_float;
} Range;

static const Range ranges[] = {
  { DNN_TYPE_BOOL, 1, FALSE, FALSE },
  { DNN_TYPE_UINT8, 8, FALSE, FALSE },
  { DNN_TYPE_INT8, 7, TRUE, FALSE },
  { DNN_TYPE_UINT16, 16, FALSE, FALSE },
  { DNN_TYPE_INT16, 15, TRUE, FALSE },
  { DNN_TYPE_UINT32, 32, FALSE, FALSE },
  { DNN_TYPE_INT32, 31, TRUE, FALSE },
  { DNN_TYPE_UINT64, 64, FALSE, FALSE },
  { DNN_TYPE_INT64, 63, TRUE, FALSE },
  { DNN_TYPE_FLOAT16, 11, TRUE, TRUE },
  { DNN_TYPE_BFLOAT16, 8, TRUE, TRUE },
  { DNN_TYPE_FLOAT32, 24, TRUE, TRUE },
  { DNN_TYPE_FLOAT64, 53, TRUE, TRUE },
};

static const Range *
find_range (DnnType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (ranges[i].type == type)
      return &ranges[i];
  return NULL;
}

/* Of floating-point numbers, exponents too: float32 holds both halves. */
static gboolean
keeps_all (DnnType from, DnnType to)
{
  const Range *a = find_range (from), *b = find_range (to);

  if (from == to)
    return a != NULL;
  if (!a || !b || to == DNN_TYPE_BOOL || (a->is_float && !b->is_float))
    return FALSE;
  if (a->is_float && b->bits < 24)
    return FALSE;
  return a->bits <= b->bits && (b->has_sign || !a->has_sign);
}

static gboolean
join (DnnNode *node)
{
  const DnnNode *before = dnn_pass_get_producer (node, 0);
  const DnnValue *x;

  if (!dnn_pass_is (node, "Cast") || !dnn_pass_is (before, "Cast"))
    return FALSE;
  x = dnn_pass_get_input (before, 0);
  if (!x ||
      !keeps_all (x->type, ((DnnValue *) before->outputs->pdata[0])->type))
    return FALSE;
  node->inputs->pdata[0] = before->inputs->pdata[0];
  return TRUE;
}

gboolean
dnn_pass_cast (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < graph->nodes->len; i++)
    changed |= join (graph->nodes->pdata[i]);
  return dnn_pass_end (graph, changed, error);
}
