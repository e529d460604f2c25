/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A call and one way to run it → one line of text that says the same on every
 * start: operator, attributes, types, shapes, post-ops; implementation,
 * formats. No names of nodes, no addresses, no values. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* In place of a call. */
#define DNN_TUNE_REORDER "reorder"

/* "Conv group=1 … (float32 1x3x224x224, float32 64x3x7x7 constant) >
 * float32 1x64x112x112; Relu". @call: NULL for a reorder. (transfer full) */
gchar *dnn_tune_key_of_call (const DnnCall *call);
/* "jit:avx512_core (f32 aBcd16b) > f32 aBcd16b, 1 post-op". (transfer full) */
gchar *dnn_tune_key_of_candidate (const DnnCandidate *candidate);
/* Both. @call_key: of dnn_tune_key_of_call(). (transfer full) */
gchar *dnn_tune_key (const gchar *call_key, const DnnCandidate *candidate);

G_END_DECLS
