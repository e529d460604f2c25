/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a module is made ready for: how many threads work on a frame, and what
 * they may compute with. Part of every call and of a plan's key, so that
 * kernels ask it instead of globals. */
#pragma once

#include "pipeline-core/base/dnn-error.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

/**
 * DnnPrecision:
 * @DNN_PRECISION_F32: float32 tensors are computed in float32
 *
 * What float32 tensors may be computed in.
 *
 * Since: 0.2
 */
typedef enum
{
  DNN_PRECISION_F32,
} DnnPrecision;

/**
 * DnnTune:
 * @DNN_TUNE_AUTO: as the environment's DNN_TUNE says ("off", "cached", "on"),
 *   on where it says nothing
 * @DNN_TUNE_OFF: by the table of estimates alone
 * @DNN_TUNE_CACHED: by what was measured before, else by the table
 * @DNN_TUNE_ON: what was never measured is measured while planning
 *
 * How a plan chooses among the ways to run an operator.
 *
 * Since: 0.2
 */
typedef enum
{
  DNN_TUNE_AUTO,
  DNN_TUNE_OFF,
  DNN_TUNE_CACHED,
  DNN_TUNE_ON,
} DnnTune;

/**
 * DnnTarget:
 * @threads: size of the OpenMP team, at least 1
 * @precision: what float32 tensors may be computed in
 * @tune: how the plan chooses
 * @tune_file: (nullable): a file of choices, which alone decide then
 * @winograd: convolutions may be computed by Winograd's algorithm, which rounds
 *   otherwise; only with @fast_math
 * @fast_math: post-ops behind convolutions and matrix products, and Winograd,
 *   may make a bound or a neighbour of what is not finite
 *
 * What a module is made ready for. To be set up by dnn_target_init().
 *
 * Since: 0.2
 */
typedef struct
{
  gint threads;
  DnnPrecision precision;
  DnnTune tune;
  const gchar *tune_file; /* interned */
  gboolean winograd;
  gboolean fast_math;
} DnnTarget;

/* One thread, f32; all that is fast is allowed. */
DNN_API void dnn_target_init (DnnTarget *self);
DNN_API gboolean dnn_target_equal (const DnnTarget *a, const DnnTarget *b);

/* By name: "f32"; %NULL the same. UNSUPPORTED names the valid ones; @self is
 * not changed then. */
DNN_API gboolean dnn_target_set_precision (
    DnnTarget *self, const gchar *name, GError **error);
/* How it chooses, AUTO resolved. */
DNN_API DnnTune dnn_target_get_tune (const DnnTarget *self);
/* "auto", "off", "cached", "on"; %NULL changes nothing. VALUE. */
DNN_API gboolean dnn_target_set_tune (
    DnnTarget *self, const gchar *name, GError **error);
/* A path; %NULL or "": none. */
DNN_API void dnn_target_set_tune_file (DnnTarget *self, const gchar *path);
/* "f32" */
DNN_API const gchar *dnn_precision_get_name (DnnPrecision precision);

/* Tensors of the graph that are float32 may be computed in @type. */
DNN_API gboolean dnn_target_may_use_type (const DnnTarget *self, DnnType type);
DNN_API gboolean dnn_target_may_use_winograd (const DnnTarget *self);

G_END_DECLS
