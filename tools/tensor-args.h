/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* "NAME=TEXT" arguments ↔ the inputs of a pipeline. */
#pragma once

#include "compiler/dnn-compiler.h"
#include "pipeline-core/config/dnn-serial.h"

G_BEGIN_DECLS

/* Index of the input that the part before the last "=" names; *@rest is the
 * part behind it. -1 with an error that lists the inputs. A pipeline with one
 * input needs no "NAME=". */
gint dnn_args_find_input (DnnSerial *serial, const gchar *option,
    const gchar *text, const gchar **rest, GError **error);

/* As dnn_load_pipeline(); where @path is a model, with the shapes of @shapes
 * ("NAME=1,3,8,8") and of NumPy files, @inputs ("NAME=FILE.npy"; NULL), so that
 * what depends on them is known while it is read. @has_frames: the first
 * dimension of files counts frames. */
DnnPipelineConfig *dnn_args_load (const gchar *path,
    const DnnCompileOptions *options, const gchar *const *shapes,
    const gchar *const *inputs, gboolean has_frames, GError **error);

/* Shapes of all inputs: the pipeline's, those of @shapes ("NAME=1,3,8,8"; may
 * be NULL) and those of @tensors (by input, NULL where not given). What stays
 * open is an error that names it. */
DnnShape *dnn_args_get_shapes (DnnSerial *serial, const gchar *const *shapes,
    DnnTensor *const *tensors, GError **error);

G_END_DECLS
