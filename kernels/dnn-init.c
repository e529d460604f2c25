/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Built-in operators → the core's registry, once per process. */
#include "config.h"

#include "kernels/dnn-init.h"

void
dnn_init (void)
{
}
