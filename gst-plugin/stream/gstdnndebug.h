/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What all elements of the plugin share: the debug category. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* GST_DEBUG=dnn:6 */
GST_DEBUG_CATEGORY_EXTERN (gst_dnn_debug);

G_END_DECLS
