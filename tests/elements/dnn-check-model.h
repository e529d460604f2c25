/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Small models for tests of elements: built in memory, written to a folder
 * that goes when the test ends. */
#pragma once

#include <gst/check/gstcheck.h>

#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* Inputs "in0", "in1", … of @shape; output k ("out0", …) is their sum times
 * (@factor + k). float32. Aborts the test if it can't be made. */
DnnModule *dnn_check_module (const gchar *name, const gchar *shape,
    guint n_inputs, guint n_outputs, gfloat factor);

/* The same for one input and one output of another type: y = x. */
DnnModule *dnn_check_identity (
    const gchar *name, DnnType type, const gchar *shape);

/* Each test of @cases finds the build's plugin, and has a folder of its own,
 * which goes with it. */
void dnn_check_add_fixture (TCase *cases);
const gchar *dnn_check_get_folder (void);

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

/* a → m0, and the input @second → m1 with the first's result. Global outputs
 * 3 (@second + 2a) and 2a. */
DnnPipelineConfig *dnn_check_two_input_config (const gchar *second);

/* A dnnbin of @config, written to the test's folder. (transfer full) */
GstElement *dnn_check_make_bin (DnnPipelineConfig *config);

G_END_DECLS
