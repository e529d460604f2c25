/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A whole pipeline configuration run in the calling thread, one stage after
 * the other: the tool's `run`, and the oracle of everything that pipelines. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config.h"
#include "pipeline-core/plan/dnn-instance.h"

G_BEGIN_DECLS

typedef struct _DnnSerial DnnSerial;

/**
 * dnn_serial_new:
 * @threads: OpenMP team of every module, 0: the CPUs of the process; a
 *   stage's own `threads` rules
 *
 * Errors: what dnn_instance_new() has; UNSUPPORTED where a stage is an
 * element and not a module.
 */
DNN_API DnnSerial *dnn_serial_new (
    DnnPipelineConfig *config, gint threads, GError **error);
/* All of @target for every module; its threads as above. */
DNN_API DnnSerial *dnn_serial_new_for_target (
    DnnPipelineConfig *config, const DnnTarget *target, GError **error);
DNN_API void dnn_serial_free (DnnSerial *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnSerial, dnn_serial_free)

/* Global inputs and outputs: the type and shape of the interfaces they are
 * bound to. A shape may have open dimensions; outputs are known after
 * dnn_serial_prepare(). */
DNN_API guint dnn_serial_get_n_inputs (DnnSerial *self);
DNN_API const gchar *dnn_serial_get_input_name (DnnSerial *self, guint idx);
DNN_API DnnType dnn_serial_get_input_type (DnnSerial *self, guint idx);
DNN_API DnnShape dnn_serial_get_input_shape (DnnSerial *self, guint idx);
DNN_API guint dnn_serial_get_n_outputs (DnnSerial *self);
/* Name of the module's output that feeds global output @idx. */
DNN_API const gchar *dnn_serial_get_output_name (DnnSerial *self, guint idx);
DNN_API DnnType dnn_serial_get_output_type (DnnSerial *self, guint idx);
DNN_API const DnnShape *dnn_serial_get_output_shape (
    DnnSerial *self, guint idx);

/* @inputs: known shapes, one a global input. Prepares every module. */
DNN_API gboolean dnn_serial_prepare (
    DnnSerial *self, const DnnShape *inputs, GError **error);

/* One frame, whose outputs are asked for: also those whose shape is known only
 * then. @ns: (nullable): by stage. As dnn_instance_run_to(). */
DNN_API gboolean dnn_serial_run_to (DnnSerial *self,
    gconstpointer const *inputs, DnnOutputFunc output, gpointer user_data,
    guint64 *ns, GError **error);
/* One frame. Addresses as in dnn_instance_run(). */
DNN_API gboolean dnn_serial_run (DnnSerial *self, gconstpointer const *inputs,
    gpointer const *outputs, GError **error);

/* The same with the time of each stage in ns, in the order they run. */
DNN_API gboolean dnn_serial_run_timed (DnnSerial *self,
    gconstpointer const *inputs, gpointer const *outputs, guint64 *ns,
    GError **error);

/* As dnn_instance_set_stopped(), of all modules. Any thread. */
DNN_API void dnn_serial_set_stopped (DnnSerial *self, gboolean is_stopped);

/* Param group and params, as of a running pipeline: for the frames to come, in
 * all modules of the group or in none. Not at the same time as a run. */
DNN_API gboolean dnn_serial_set_params (
    DnnSerial *self, const gchar *group, DnnParams *params, GError **error);

/* Instances in the order they run. */
DNN_API guint dnn_serial_get_n_instances (DnnSerial *self);
DNN_API DnnInstance *dnn_serial_get_instance (DnnSerial *self, guint idx);

G_END_DECLS
