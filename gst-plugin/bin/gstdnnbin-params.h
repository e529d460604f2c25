/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params of a group while dnnbin runs → the modules that it is bound to. */
#pragma once

#include "gst-plugin/bin/gstdnnbin-build.h"

G_BEGIN_DECLS

/* Every param goes to each module of @group that has one of that name; one
 * that none has is UNKNOWN_NAME, as is a group that there isn't. All modules
 * take theirs at the same frame, the first one after that with serial @last,
 * or after those that have entered; or nothing is changed. One caller at a
 * time, any thread. */
gboolean gst_dnn_bin_set_params (const GstDnnBinParts *parts,
    DnnPipelineConfig *config, const gchar *group, DnnParams *params,
    guint64 last, GError **error);

G_END_DECLS
