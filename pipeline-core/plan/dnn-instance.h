/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An instance: one module at work in one thread at a time. Has its own arena,
 * arguments and scratchpad; shares plans and packed weights with others. */
#pragma once

#include "pipeline-core/plan/dnn-plan.h"

G_BEGIN_DECLS

/* Bytes up to which an instance keeps plans for shapes it has seen, unless told
 * otherwise: what each has on the heap, the backend's part too. The arena is
 * one for all, packed weights are the process's. */
#define DNN_INSTANCE_MAX_KEPT_BYTES ((gsize) 256 << 20)

/* Most threads an instance may ask for. */
#define DNN_MAX_THREADS 1024

#define DNN_TYPE_INSTANCE (dnn_instance_get_type ())
DNN_API
G_DECLARE_FINAL_TYPE (DnnInstance, dnn_instance, DNN, INSTANCE, GObject)

/**
 * dnn_instance_new:
 * @threads: size of the OpenMP team, 0: the CPUs of the process
 * @precision: (nullable): "f32"; %NULL the same
 * @cpu_affinity: (nullable): CPUs as "0,1"; must lie in the process's mask
 */
DNN_API DnnInstance *dnn_instance_new (DnnModule *module, gint threads,
    const gchar *precision, const gchar *cpu_affinity, GError **error);

/**
 * dnn_instance_new_for_target: (skip)
 * @target: its threads may be 0: the CPUs of @cpu_affinity
 * @cpu_affinity: (nullable): as for dnn_instance_new()
 */
DNN_API DnnInstance *dnn_instance_new_for_target (DnnModule *module,
    const DnnTarget *target, const gchar *cpu_affinity, GError **error);

DNN_API DnnModule *dnn_instance_get_module (DnnInstance *self);
/* Of dnn_instance_new, 0 resolved. */
DNN_API gint dnn_instance_get_threads (DnnInstance *self);

/**
 * dnn_instance_prepare:
 * @inputs: known shapes, one a module input
 *
 * Makes @inputs the current shapes: plan (kept for the next time), arena,
 * bindings, one warm-up run. Allocates; call it while negotiating. May be
 * called in any thread, but not at the same time as run.
 */
DNN_API gboolean dnn_instance_prepare (
    DnnInstance *self, const DnnShape *inputs, GError **error);
/* Drops everything but the module. */
DNN_API void dnn_instance_unprepare (DnnInstance *self);

/* Bytes up to which plans for earlier shapes are kept; the current one always
 * is. Takes effect with the next prepare. */
DNN_API void dnn_instance_set_max_kept_bytes (DnnInstance *self, gsize bytes);

DNN_API DnnPlan *dnn_instance_get_plan (DnnInstance *self); /* (nullable) */
DNN_API const DnnShape *dnn_instance_get_output_shape (
    DnnInstance *self, guint idx);

/**
 * dnn_instance_set_params:
 * @params: some or all of the module's, with names, types and shapes as there;
 *   must not be changed as long as the instance lives
 *
 * Sets weights for this instance only, from the next frame on, and for every
 * shape it is prepared for later. They are packed here, into a block of their
 * own; a frame that runs meanwhile runs with those of before. Any thread.
 */
DNN_API gboolean dnn_instance_set_params (
    DnnInstance *self, DnnParams *params, GError **error);

/* Weights made ready for one instance, to be taken between two of its frames:
 * set_params in two steps, for params that several instances are to take at the
 * same frame, or not at all. */
typedef struct _DnnUpdate DnnUpdate;

/**
 * dnn_instance_make_update: (skip)
 * @after: (nullable): params of the last update that was made and may not be
 *   taken yet, to which this one adds; %NULL: what is in force
 * @params: as for dnn_instance_set_params()
 *
 * Packs them; what runs is not changed. Any thread.
 */
DNN_API DnnUpdate *dnn_instance_make_update (
    DnnInstance *self, DnnParams *after, DnnParams *params, GError **error);
/**
 * dnn_instance_take_update: (skip)
 * @update: (transfer full): taken also when the call fails
 *
 * The next frame runs with it. Allocates only where the instance was prepared
 * for other shapes since. Any thread, but not at the same time as run.
 */
DNN_API gboolean dnn_instance_take_update (
    DnnInstance *self, DnnUpdate *update, GError **error);
/* (transfer none): all that hold once it is taken. */
DNN_API DnnParams *dnn_update_get_params (const DnnUpdate *update);
/* Made by @self. */
DNN_API gboolean dnn_update_is_for (
    const DnnUpdate *update, const DnnInstance *self);
DNN_API void dnn_update_free (DnnUpdate *update);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnUpdate, dnn_update_free)

/**
 * dnn_instance_run:
 * @inputs: one address a module input: plain bytes, only read
 * @outputs: one address a module output, written whole
 *
 * Runs one frame in the calling thread, whose OpenMP count and affinity are
 * set and restored. Addresses are used as they are where they lie on their
 * elements' size; functions of a library demand 64 bytes, oneDNN on a CPU
 * without AVX 16. What lies otherwise is copied. Allocates nothing, but once
 * for each input or output that is first copied.
 */
DNN_API gboolean dnn_instance_run (DnnInstance *self,
    gconstpointer const *inputs, gpointer const *outputs, GError **error);

/**
 * dnn_instance_run_to: (skip)
 * @inputs: as of dnn_instance_run()
 * @output: asked for the address of each output, in this thread
 * @ns: (nullable): time of each step, as of dnn_instance_run_timed()
 *
 * dnn_instance_run() for modules of any kind: where the shape of an output
 * depends on the data of a frame, it is known when @output is called. Allocates
 * nothing as long as no frame's tensors are larger than those before.
 */
DNN_API gboolean dnn_instance_run_to (DnnInstance *self,
    gconstpointer const *inputs, DnnOutputFunc output, gpointer user_data,
    guint64 *ns, GError **error);
/**
 * dnn_instance_rehearse_to: (skip)
 *
 * dnn_instance_run_to() that leaves all states as they were.
 */
DNN_API gboolean dnn_instance_rehearse_to (DnnInstance *self,
    gconstpointer const *inputs, DnnOutputFunc output, gpointer user_data,
    guint64 *ns, GError **error);
/* The shape of some output is known only in each frame: it is open in
 * dnn_instance_get_output_shape(), and only dnn_instance_run_to() has it. */
DNN_API gboolean dnn_instance_is_late (DnnInstance *self);
/* ---- states, where the module has some ----------------------------------- */

/* First values again: what follows has nothing to do with what was. Not at the
 * same time as run. */
DNN_API void dnn_instance_reset_states (DnnInstance *self);
/**
 * dnn_instance_set_state:
 * @idx: number of a state of the module
 * @value: what it is at the next frame
 *
 * For a prepared instance; not at the same time as run.
 */
DNN_API gboolean dnn_instance_set_state (
    DnnInstance *self, guint idx, DnnTensor *value, GError **error);
/**
 * dnn_instance_rehearse:
 *
 * A run that leaves all states as they were.
 */
DNN_API gboolean dnn_instance_rehearse (DnnInstance *self,
    gconstpointer const *inputs, gpointer const *outputs, GError **error);

/* ---- frames that take long ----------------------------------------------- */

/* Loops of a frame that runs, and of those to come, give up: their run fails.
 * Until it is set to %FALSE again. Any thread. */
DNN_API void dnn_instance_set_stopped (DnnInstance *self, gboolean is_stopped);
/* @stop: another instance's, which runs this one inside a frame of its own. */
void dnn_instance_follow (DnnInstance *self, const gint *stop);

/* Run with the time of each step in ns (n_steps of the plan). For bench. */
DNN_API gboolean dnn_instance_run_timed (DnnInstance *self,
    gconstpointer const *inputs, gpointer const *outputs, guint64 *ns,
    GError **error);

/* How many plans it keeps now, the current one too. */
DNN_API guint dnn_instance_get_n_plans (DnnInstance *self);

/* Bytes held now by this instance alone: its arena, weights that were set,
 * copies of misaligned inputs and outputs. */
DNN_API gsize dnn_instance_get_arena_size (DnnInstance *self);

G_END_DECLS
