/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What both ways to run a Loop share: a call and addresses → what the body gets
 * and how often it runs. dnn-op-loop.c has the shapes before it begins,
 * dnn-loop-open.c when it ends. */
#pragma once

#include "pipeline-core/control/dnn-control.h"

G_BEGIN_DECLS

/* Most bytes that carried values and slices of a loop have whose shapes come
 * with its trips. */
#define DNN_LOOP_MAX_BYTES ((gsize) 1 << 30)
/* A trip that makes carried values larger than they ever were counts as so many
 * bytes at least: the body is planned for it. */
#define DNN_LOOP_MIN_GROWTH ((gsize) 128 << 10)

enum
{
  INPUT_TRIPS,
  INPUT_CONDITION,
  N_FIXED, /* carried values, then captures follow */
};

extern const DnnKernel dnn_loop_open_kernel;

guint dnn_loop_get_n_carried (const DnnCall *call);
/* What the body gets in the first trip. (transfer full) */
DnnCallArg *dnn_loop_make_args (const DnnCall *call);
/* Whether there is a first trip. */
gboolean dnn_loop_get_condition (
    const DnnCall *call, const DnnBinding *binding);
/* M, or no end; one trip at most where nobody looks. */
gint64 dnn_loop_get_most (const DnnCall *call, const DnnBinding *binding);

G_END_DECLS
