/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Ways to run one call → the time that each takes, at one thread, its weights
 * cold, in turn with the others. Only while planning, in a thread that ends
 * before frames run. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* One of them. */
typedef struct
{
  const DnnCall *call; /* inferred, for one thread */
  const DnnCandidate *candidate; /* of it */
  gdouble ns; /* out: 0 where it couldn't be measured */
} DnnTuneItem;

/* Runs somewhere, and means something outside its plan. */
gboolean dnn_tune_is_measurable (const DnnCandidate *candidate);

/* All of one call. The calling thread has a team of one. Each runs once to warm
 * up, then up to five times; what is far behind the best is given up earlier.
 * FALSE: nothing was measured, since @deadline (of g_get_monotonic_time()) came
 * first, or would by the table before each has run once, or since there is no
 * memory for their tensors. */
gboolean dnn_tune_measure (DnnTuneItem *items, guint n, gint64 deadline);

/* Five equal pieces of work of the last few ms took the same time within 5 %.
 * FALSE where that wasn't so until @deadline. */
gboolean dnn_tune_wait_for_quiet (gint64 deadline);

G_END_DECLS
