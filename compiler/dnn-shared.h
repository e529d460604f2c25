/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An ONNX model that elements load: compiled once, its modules shared by all
 * who load it in the same way. */
#pragma once

#include "compiler/dnn-compile.h"

G_BEGIN_DECLS

/* As dnn_compile_file(); a configuration of the caller's own, whose modules
 * others may have as well. */
DnnPipelineConfig *dnn_shared_pipeline (
    const gchar *path, const DnnCompileOptions *options, GError **error);

G_END_DECLS
