/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Around an element of somebody else in a pipeline: frames without memory go
 * past it, in order, and frames that lose their key in it get it back. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* @element has the static pads sink and src. Lives as long as these. */
void gst_dnn_bypass_install (GstElement *element);

G_END_DECLS
