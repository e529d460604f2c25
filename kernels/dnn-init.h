/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Registers the built-in operators and the OpenMP hook with the core. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* Once per process, before anything else of the library; more calls do
 * nothing. Thread-safe. Runs no kernel. */
DNN_API void dnn_init (void);

G_END_DECLS
