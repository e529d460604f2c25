/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A model's .modelinfo → settings that the user has left open. */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"

G_BEGIN_DECLS

/* Head, order, units, axis, activation and roles by the ids of the outputs;
 * nothing where the user has named another head. (transfer full) (nullable):
 * the text that settings->tensors became, to be freed after it. */
gchar *gst_dnn_head_take_modelinfo (
    GstDnnHeadSettings *settings, const GstDnnEvidence *evidence);

G_END_DECLS
