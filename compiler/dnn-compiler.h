/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX model → optimised module(s). Import (dnn-onnx-*.c), newest forms
 * (dnn-upgrade-*.c), shape inference, folding, fusion, cutting: one file each.
 */
#pragma once

#include "pipeline-core/config/dnn-pipeline-module.h"

G_BEGIN_DECLS

/* How to compile. Zeroed and NULL members are the defaults. */
typedef struct
{
  const gchar *const *cuts; /* tensor names: where stages end; NULL: one */
  const gchar *const *shapes; /* "NAME=1,3,224,224": open dimensions */
  const gchar *precision; /* "f32" */
  gboolean no_states; /* inputs stay inputs, whatever their names say */
  const gchar *dump_passes; /* folder: what each pass leaves, as JSON */
  gboolean no_optimise; /* import and infer only: the oracle of tests */
} DnnCompileOptions;

/* An ONNX model. Errors name the file, the node and tensor, or the byte offset
 * where a truncated file ends. */
DNN_API DnnPipelineConfig *dnn_compile_file (
    const gchar *path, const DnnCompileOptions *options, GError **error);

/**
 * dnn_onnx_import_file: (skip)
 *
 * ONNX → one graph in newest operator forms, nothing optimised.
 */
DNN_API DnnGraph *dnn_onnx_import_file (const gchar *path, GError **error);

/* What every tool and element takes: ONNX model, compiled folder, `config` file
 * or single-file form; decides by content, not by name. */
DNN_API DnnPipelineConfig *dnn_load_pipeline (
    const gchar *path, const DnnCompileOptions *options, GError **error);

/* The same for exactly one module; more is an error that says to use dnnbin.
 * (transfer full) */
DNN_API DnnModule *dnn_load_module (
    const gchar *path, const DnnCompileOptions *options, GError **error);

/* The same as dnn_compile_file(), for languages without C's structures. */
DNN_API DnnPipelineConfig *dnn_compile_model (const gchar *path,
    const gchar *const *cuts, const gchar *const *shapes,
    const gchar *precision, GError **error);

/* @source optimised, for build functions. dnn-compile-module.c */
DNN_API DnnModule *dnn_compile_module (
    DnnModule *source, const gchar *precision, GError **error);

/* The place of a module in a pipeline that is built in a program, by file. */
DNN_API DnnPipelineModule *dnn_pipeline_config_get_module_for_file (
    DnnPipelineConfig *self, const gchar *path, GError **error);

G_END_DECLS
