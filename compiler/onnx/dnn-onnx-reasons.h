/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Why a model can't run: all reasons are collected, so that one message says
 * them. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

typedef struct _DnnOnnxReasons DnnOnnxReasons;

/* @path: the model's, as messages begin. */
DnnOnnxReasons *dnn_onnx_reasons_new (const gchar *path);
void dnn_onnx_reasons_free (DnnOnnxReasons *self);

/* An operator that nobody knows; @node: one that has it. Each once. */
void dnn_onnx_reasons_add_operator (
    DnnOnnxReasons *self, const gchar *op, const gchar *node);

/* Any other, as messages have it behind the file. Each once. */
void dnn_onnx_reasons_add (DnnOnnxReasons *self, const gchar *text);

/* Whether work can go on after a step that ended with @ok and *@error: what is
 * UNSUPPORTED is a reason, taken out of *@error. */
gboolean dnn_onnx_reasons_take (
    DnnOnnxReasons *self, gboolean ok, GError **error);

/* FALSE with UNSUPPORTED and all reasons if there are any. */
gboolean dnn_onnx_reasons_check (
    DnnOnnxReasons *self, gint64 opset, GError **error);

G_END_DECLS
