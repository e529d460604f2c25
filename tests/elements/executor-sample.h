/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pipeline of three modules with two global inputs and a param group, what it
 * computes, and an element that changes values.
 *
 *   data_a → 0 → data_n_0 → 1 → data_n_1 → 2 → global output 0
 *            0 → data_n_2 ─────────────────↗
 *   data_b → 1
 */
#pragma once

#include <gst/gst.h>

#include "gst-plugin/gstdnnexecutor.h"

G_BEGIN_DECLS

#define SAMPLE_SIZE 4
/* A first element that samplenegate refuses. */
#define SAMPLE_BAD 4711

/* GStreamer, operators, and the element samplenegate. */
void sample_init (void);

/* The calling thread's OpenMP count. */
gint sample_get_threads (void);

/* float32 1×SAMPLE_SIZE: @first, @first + 1, … */
DnnTensor *sample_tensor (gfloat first);

/* Every output is the sum of the inputs and the param "w" (all @w), the second
 * output twice that. @second: (nullable) */
DnnModule *sample_module (
    guint n_outputs, gfloat w, const gchar *first, const gchar *second);

/* Asserts that it is legal. */
void sample_connect (DnnPipelineInterface *src, DnnPipelineInterface *dst);

/* Not built; param group "param_0" is that of module 0. */
DnnPipelineConfig *sample_config (void);
DnnPipelineExecutor *sample_executor (DnnPipelineConfig *config);

/* One frame of two tensors that begin with @a and @b. */
void sample_run (DnnPipelineExecutor *executor, gfloat a, gfloat b);

/* What comes for it, when "w" of module i begins with w[i]; 0: its own. */
void sample_check_frame (GPtrArray *frame, gfloat a, gfloat b, const gfloat *w);
void sample_check_output (
    DnnPipelineExecutor *executor, gfloat a, gfloat b, const gfloat *w);

G_END_DECLS
