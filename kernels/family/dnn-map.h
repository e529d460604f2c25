/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators that compute each element of the result from one element of each
 * input, with ONNX's (numpy's) broadcasting. Such an operator is its rows and
 * its inner expression (kernels/loops/dnn-loop.h); ref and loop both come from
 * that:
 *
 *   #define GREATER(x, y) ((x) > (y))
 *   DNN_TEST_2 (greater, GREATER)
 *   static const DnnLines lines = {
 *     DNN_LINES_REAL (greater), DNN_LINES_INTEGER (greater),
 *   };
 *   static const DnnMapOp map = {
 *     .lines = &lines, .n = 2, .result = DNN_TYPE_BOOL,
 *   };
 *   const DnnOp dnn_op_Greater = {
 *     …rows…, DNN_MAP_OP, .family = &map,
 *   };
 *
 * Patterns: ops/Greater.c, ops/Floor.c, ops/Where.c, ops/Max.c. With a form in
 * oneDNN: dnn-eltwise.h, dnn-broadcast.h. */
#pragma once

#include "kernels/loops/dnn-loop.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  /* Those of the kinds of all types in the rows. */
  const DnnLines *lines;
  /* In place of @lines, where they depend on an attribute. */
  const DnnLines *(*choose_lines) (const DnnCall *call);
  /* Tensors: 1 to 3; inputs behind them are for @read. 0: any number, joined
   * one after the other by a line of two. */
  guint n;
  /* Optional: fills @params. @src: by input, NULL where absent; only inputs
   * from
   * @n on are to be read, and only where their value isn't NULL. */
  void (*read) (
      const DnnCall *call, gconstpointer const *src, DnnLoopParams *params);
  /* Optional: the output's type if it isn't the inputs'. */
  DnnType result;
  /* Input 0 is bool and taken as bits; input 1 has the type that counts. */
  gboolean has_condition;
  /* Optional: the type whose kind is computed with, if it isn't that of the
   * input that counts. */
  DnnType (*choose_type) (const DnnCall *call);
  /* Optional, for n 0: what is done with the result at last; params->real[0] is
   * the number of inputs. */
  const DnnLines *finish;
  /* Optional: ns an element, if it isn't about as long as memory takes. */
  gdouble cost;
} DnnMapOp;

/* For .infer, .ref, .offer. */
#define DNN_MAP_OP \
  .infer = dnn_map_op_infer, .ref = dnn_map_op_ref, .offer = dnn_map_op_offer

DnnInferResult dnn_map_op_infer (DnnCall *call, GError **error);
gboolean dnn_map_op_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
/* Plain, and where all tensors are of one shape in each layout that one of them
 * can have. */
void dnn_map_op_offer (const DnnCall *call, DnnOffers *offers);

/* The lines of this call. */
const DnnLines *dnn_map_op_lines (const DnnCall *call);

/* Parameters as far as they are known while planning; %FALSE if one isn't. */
gboolean dnn_map_op_read_known (const DnnCall *call, DnnLoopParams *params);

/* One line as ref: each element by itself, of the widest kind. @types, @shapes:
 * of the @n inputs. */
typedef struct
{
  const DnnLines *lines;
  guint n;
  DnnType types[3], kind_type, result;
  gboolean has_condition;
  DnnShape shapes[3], shape;
} DnnLineRef;
void dnn_line_ref (const DnnLineRef *self, gconstpointer const *src,
    gpointer dst, const DnnLoopParams *params);

G_END_DECLS
