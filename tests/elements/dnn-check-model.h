/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Small models for tests of elements: built in memory, written to a folder
 * that goes when the test ends. */
#pragma once

#include <glib.h>

#include "pipeline-core/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* Inputs "in0", "in1", … of @shape; output k ("out0", …) is their sum times
 * (@factor + k). float32. Aborts the test if it can't be made. */
DnnModule *dnn_check_module (const gchar *name, const gchar *shape,
    guint n_inputs, guint n_outputs, gfloat factor);

/* The same for one input and one output of another type: y = x. */
DnnModule *dnn_check_identity (
    const gchar *name, DnnType type, const gchar *shape);

/* A folder for the test's files. */
gchar *dnn_check_make_folder (void);
void dnn_check_remove_folder (const gchar *folder);

/* "in:NAME", "0:out1", "2:in0" → an end of a binding: global input, module
 * output or input; "out:0": global output. */
void dnn_check_bind (
    DnnPipelineConfig *config, const gchar *src, const gchar *dst);

/* Writes @config into @folder, returns the path of its `config`. */
gchar *dnn_check_export (DnnPipelineConfig *config, const gchar *folder);

/* One module, as a configuration of its own. */
gchar *dnn_check_export_module (DnnModule *module, const gchar *folder);

/* Module @mod_idx of shape 1×4, see dnn_check_module(). */
void dnn_check_add_module (DnnPipelineConfig *config, gint mod_idx,
    guint n_inputs, guint n_outputs, gfloat factor);

/* a → m0 → m1 → out, the second output of m0 goes to m2 past m1:
 * m2 (m1 (m0.0), m0.1), which is 91·x. */
DnnPipelineConfig *dnn_check_skipping_config (void);

G_END_DECLS
