/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Options of a draft that were never measured → timings in the store. */
#pragma once

#include "pipeline-core/plan/dnn-plan-tune.h"

G_BEGIN_DECLS

/* How long it waits for the lock, which is free again within a second, and for
 * quiet, which isn't to be expected where it isn't there at once. */
#define DNN_TUNE_LOCK_US (2 * G_USEC_PER_SEC)
#define DNN_TUNE_QUIET_US (G_USEC_PER_SEC * 3 / 10)
/* All measuring of one plan, then the look at it in place. */
#define DNN_TUNE_MEASURE_US (G_USEC_PER_SEC * 6 / 10)
#define DNN_TUNE_CHECK_US (G_USEC_PER_SEC * 3 / 10)

/* What matters most first, until the time is up. Nothing is kept where the
 * machine wasn't quiet before and after. */
void dnn_plan_measure (DnnDraft *self, DnnTuning *tuning);

G_END_DECLS
