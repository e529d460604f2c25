/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Has a pointer for a function that only all of TVM has. */
#include "config.h"

#include <glib.h>

extern gint (*__TVMDeviceAllocDataSpace) (void);
__attribute__ ((visibility ("default")))
gint (*__TVMDeviceAllocDataSpace) (void);
