/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The step between offer and choose: estimates of the options give way to what
 * was measured, now or before, or a file of choices leaves one option a node.
 * Then one look at the plan in place. */
#pragma once

#include "pipeline-core/plan/dnn-plan-private.h"
#include "pipeline-core/tune/dnn-tune-choices.h"
#include "pipeline-core/tune/dnn-tune-store.h"

G_BEGIN_DECLS

/* One plan's tuning. */
typedef struct
{
  const DnnTarget *target;
  const gchar *cpu_affinity; /* (nullable): where to measure */
  DnnTuneStore *store; /* NULL: estimates alone */
  DnnTuneRows *choices; /* (nullable): of the target's file */
  gboolean may_measure;
  gboolean is_locked;
  gint64 deadline; /* of measuring, once it has begun */
  guint n_measured; /* candidates, in this tuning */
} DnnTuning;

/* FALSE with the errors of dnn_tune_choices_read(). */
gboolean dnn_tuning_init (DnnTuning *self, const DnnTarget *target,
    const gchar *cpu_affinity, gboolean may_measure, GError **error);
/* Keeps what was measured. */
void dnn_tuning_clear (DnnTuning *self);

/* Costs of all options; measures where that is allowed. */
void dnn_plan_tune (DnnDraft *self, DnnTuning *tuning);
/* What was chosen → rows of a file of choices. */
void dnn_plan_note_choices (const DnnDraft *self, DnnTuneRows *rows);

/* The plan, made, runs twice; TRUE if some step took so much longer than
 * thought that the choice should be made again. Nothing where nothing was
 * measured, or no time is left. */
gboolean dnn_tuning_check (DnnTuning *self, DnnPlan *plan);

G_END_DECLS
