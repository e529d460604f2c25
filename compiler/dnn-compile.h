/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The driver, from a graph on: for tests and for models that are no file. */
#pragma once

#include "compiler/dnn-compiler.h"

G_BEGIN_DECLS

/* @graph in newest forms, sorted. It is used up: it becomes the module's, or
 * has no weights any more where it was cut. */
DnnPipelineConfig *dnn_compile_graph (
    DnnGraph *graph, const DnnCompileOptions *options, GError **error);

/* MODEL.onnx.modelinfo beside the model travels in the module. */
void dnn_compile_take_modelinfo (DnnGraph *graph, const gchar *path);

/* Whether @path is an ONNX model, by content; or nothing known, which its
 * reader then says. dnn-load.c */
gboolean dnn_probe_model (
    const gchar *path, gboolean *is_model, GError **error);

G_END_DECLS
