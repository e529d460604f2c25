/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Work on 0 … n → parts of it on the team of a call. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* [@from, @to) of what there is to do. */
typedef void (*DnnParallelFunc) (gint64 from, gint64 to, gpointer data);

/**
 * dnn_parallel_for:
 * @n: how much there is to do
 * @grain: less than this isn't worth a thread; parts begin at its multiples
 *
 * Calls @function once in each thread of the call's team that gets something;
 * in the calling thread where it is too little. Returns when all is done.
 * Allocates nothing.
 */
void dnn_parallel_for (const DnnCall *call, gint64 n, gint64 grain,
    DnnParallelFunc function, gpointer data);

G_END_DECLS
