/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Arrays of a type ↔ arrays of the kind that loops compute with. */
#pragma once

#include "kernels/loops/dnn-loop.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

/* @n elements; source and destination lie apart. */
typedef void (*DnnConvertFunc) (gconstpointer src, gpointer dst, gsize n);

/* An array of that type is one of that kind as it stands. */
gboolean dnn_loop_is_direct (DnnType type, DnnKind kind);

/* The first kind that suits @type and has a line, DNN_N_KINDS if none does. */
DnnKind dnn_loop_choose_kind (const DnnLines *lines, DnnType type);

/* Bytes of one element. */
gsize dnn_kind_size (DnnKind kind);

/* Values are kept as far as the kind holds them; integers wrap around. %NULL
 * where bits would be read as numbers. */
DnnConvertFunc dnn_loop_load (DnnType from, DnnKind to);

/* Integers wrap around; real numbers become integers towards 0 and saturate,
 * NaN is 0; what isn't 0 is true. */
DnnConvertFunc dnn_loop_store (DnnKind from, DnnType to);

G_END_DECLS
