/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A bin that is READY, or becomes it, with new children → children that are
 * READY. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Before GstBin brings them from NULL further: where one fails there, it tries
 * all of them again, and the reason is posted twice. FALSE: one has failed, and
 * said why. */
gboolean gst_dnn_ready_children (GstBin *bin);

G_END_DECLS
