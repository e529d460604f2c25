/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pipeline of three modules with two global inputs and a param group and what
 * it computes; pipelines of elements.
 *
 *   data_a → 0 → data_n_0 → 1 → data_n_1 → 2 → global output 0
 *            0 → data_n_2 ─────────────────↗
 *   data_b → 1
 */
#pragma once

#include "gst-plugin/executor/gstdnnexecutor.h"
#include "tests/elements/executor/executor-elements.h"

G_BEGIN_DECLS

#define SAMPLE_SIZE 4

/* GStreamer, operators, and our elements. */
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

/* ---- one input "x", one output ------------------------------------------ */

/* Elements one after the other. */
DnnPipelineConfig *sample_elements (const gchar *const *texts);
DnnPipelineConfig *sample_element (const gchar *text);

void sample_set (DnnPipelineExecutor *executor, DnnTensor *tensor);
/* One frame, and its output. */
DnnTensor *sample_pass (DnnPipelineExecutor *executor, DnnTensor *tensor);
/* A frame of sample_tensor(); the next output begins with @first. */
void sample_run_first (DnnPipelineExecutor *executor, gfloat first);
void sample_check_first (DnnPipelineExecutor *executor, gfloat first);
gfloat sample_get_first (GPtrArray *frame);

/* One param of sample_tensor(). */
DnnParams *sample_params (const gchar *name, gfloat first);

/* ---- answers of tasks --------------------------------------------------- */

typedef struct
{
  GMainContext *context; /* the thread's default of when it was made */
  GPtrArray *answers; /* GAsyncResult *, in the order they came */
  guint n_expected;
} SampleAnswers;

void sample_answers_init (SampleAnswers *self, guint n);
void sample_answers_clear (SampleAnswers *self);
/* A GAsyncReadyCallback. */
void sample_answers_note (
    GObject *source, GAsyncResult *result, gpointer user_data);
/* Until all have come. */
void sample_answers_wait (SampleAnswers *self);
/* The frame of answer @idx; no error. */
GPtrArray *sample_answers_finish (
    SampleAnswers *self, DnnPipelineExecutor *executor, guint idx);

G_END_DECLS
