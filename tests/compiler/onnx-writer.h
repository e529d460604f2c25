/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Small ONNX models of any opset, put together by tests and packed into a
 * file. */
#pragma once

#include "compiler/onnx.pb-c.h"
#include "pipeline-core/base/dnn-tensor.h"

typedef struct _OnnxWriter OnnxWriter;

OnnxWriter *onnx_writer_new (gint64 opset);
void onnx_writer_free (OnnxWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnnxWriter, onnx_writer_free)

/* @dims: "N,3,8,?" (names and open ones as they stand), "" a scalar, NULL no
 * shape. float32. */
void onnx_writer_input (OnnxWriter *self, const gchar *name, const gchar *dims);
void onnx_writer_input_typed (
    OnnxWriter *self, const gchar *name, const gchar *dims, DnnType type);
void onnx_writer_output (OnnxWriter *self, const gchar *name);

/* How an initialiser stands in the file. */
typedef enum
{
  ONNX_WRITER_RAW, /* raw_data */
  ONNX_WRITER_TYPED, /* float_data, int64_data, … */
} OnnxWriterData;

void onnx_writer_initializer (OnnxWriter *self, const gchar *name,
    DnnTensor *tensor, OnnxWriterData data);
void onnx_writer_floats (
    OnnxWriter *self, const gchar *name, DnnShape shape, const gfloat *values);
void onnx_writer_ints (
    OnnxWriter *self, const gchar *name, guint n, const gint64 *values);
/* Deterministic numbers in [-1, 1). */
void onnx_writer_random (
    OnnxWriter *self, const gchar *name, DnnShape shape, guint32 seed);
void onnx_writer_external (OnnxWriter *self, const gchar *name, DnnType type,
    DnnShape shape, const gchar *location, const gchar *offset,
    const gchar *length);

/* @inputs, @outputs: names with spaces between, "-" for an absent one.
 * @attrs: "axis=i:1 mode=s:nearest pads=is:0,0,1,1 scales=fs:1,2 alpha=f:0.1",
 * or "". The node is called like its first output, or @name. */
void onnx_writer_node (OnnxWriter *self, const gchar *op, const gchar *inputs,
    const gchar *outputs, const gchar *attrs);
/* "alpha=r:ALPHA" among them refers to an attribute of the function that the
 * node stands in. */

/* Nodes added between the two stand in a function of the model. @defaults: as
 * @attrs, of those that a call may leave out. @opset: 0: the model's */
void onnx_writer_begin_function (OnnxWriter *self);
void onnx_writer_end_function (OnnxWriter *self, const gchar *domain,
    const gchar *name, const gchar *inputs, const gchar *outputs,
    const gchar *defaults, gint64 opset);
/* A node that calls such a function. */
void onnx_writer_call (OnnxWriter *self, const gchar *domain, const gchar *name,
    const gchar *inputs, const gchar *outputs, const gchar *attrs);

/* The node added last, for what the above can't say. */
Onnx__NodeProto *onnx_writer_last_node (OnnxWriter *self);
Onnx__ModelProto *onnx_writer_get_model (OnnxWriter *self);
/* Memory that lives as long as the writer. */
gpointer onnx_writer_alloc (OnnxWriter *self, gsize size);

GBytes *onnx_writer_pack (OnnxWriter *self);
/* Into @dir; returns the path. */
gchar *onnx_writer_save (
    OnnxWriter *self, const gchar *dir, const gchar *file_name);

void onnx_writer_write_file (const gchar *path, gconstpointer data, gsize size);
