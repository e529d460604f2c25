/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* This machine and its backend → one line of text: what was measured holds for
 * those alone. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* What the backend says of itself and the instructions it uses: "oneDNN 2.6.3,
 * avx512_core". Once, before anything is planned; interned. */
DNN_API void dnn_tune_set_backend (const gchar *text);

/* "AMD EPYC 9B14, oneDNN 2.6.3, avx512_core". */
DNN_API const gchar *dnn_tune_get_machine (void);

G_END_DECLS
