/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Each pass on graphs made for it: what is left, under which names, with which
 * post-ops, and that it computes the same. */
#pragma once

#include "compiler/passes/dnn-pass.h"
#include "tests/compiler/onnx-writer.h"

typedef gboolean (*Pass) (DnnGraph *graph, GError **error);

/* One graph: how it is written, which pass, what is left. */
typedef struct
{
  const gchar *name;
  Pass pass;
  const gchar *dims; /* of input x */
  void (*write) (OnnxWriter *writer);
  const gchar *left; /* "Conv(a)+Relu+Add[1]", nodes by output, post-ops */
} PassRow;

/* A test a row. */
void pass_add_rows (const PassRow *rows, gsize n);

gchar *pass_describe (DnnGraph *graph);
void pass_write_scalar (OnnxWriter *writer, const gchar *name, gfloat value);
