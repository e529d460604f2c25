/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs and tensors of tests: run by reference, compared, read from files. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config.h"

/* Runs @graph on @inputs (DnnTensor *, in order) by each operator's ref alone;
 * DnnTensor * by output. @graph isn't changed. */
GPtrArray *onnx_run_ref (DnnGraph *graph, GPtrArray *inputs, GError **error);

/* The same as a module, planned and run by one thread. */
GPtrArray *onnx_run_module (DnnGraph *graph, GPtrArray *inputs, GError **error);

/* All stages one after the other; inputs in the order of the global inputs. */
GPtrArray *onnx_run_pipeline (
    DnnPipelineConfig *config, GPtrArray *inputs, GError **error);

/* A TensorProto in a file of its own. */
DnnTensor *onnx_run_read_tensor (const gchar *path, GError **error);

/* Random float32 in [-2, 2). */
DnnTensor *onnx_run_random (const DnnShape *shape, guint32 seed);

/* Same type and shape, |a - b| <= atol + rtol |b|; else *@why says where. */
gboolean onnx_run_close (DnnTensor *found, DnnTensor *expected, gdouble rtol,
    gdouble atol, gchar **why);

/* The largest |x| of a tensor, at least 1: sums of large numbers that cancel
 * each other out are as exact as those. */
gdouble onnx_run_magnitude (DnnTensor *tensor);

/* An array that owns tensors. */
GPtrArray *onnx_run_new_list (void);
