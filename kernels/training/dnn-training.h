/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One step of an optimiser over tensors, their gradients and states. Such an
 * operator is its rows and what it does with one number. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

#define DNN_TRAINING_MAX_STATES 2

typedef struct
{
  const DnnCall *call;
  gdouble rate;
  gint64 count; /* updates so far */
} DnnTrainingStep;

typedef struct
{
  guint n_states;
  /* @x with gradient @g → @result; updates @state. */
  void (*step) (const DnnTrainingStep *self, gdouble x, gdouble g,
      gdouble *state, gdouble *result);
} DnnTraining;

/* For .infer, .ref. */
#define DNN_TRAINING_OP .infer = dnn_training_infer, .ref = dnn_training_ref

DnnInferResult dnn_training_infer (DnnCall *call, GError **error);
gboolean dnn_training_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

G_END_DECLS
