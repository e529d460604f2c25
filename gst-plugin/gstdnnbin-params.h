/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params of a group while dnnbin runs → the modules that it is bound to. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* Every param goes to each module of @group that has one of that name; one
 * that none has is UNKNOWN_NAME, as is a group that there isn't. Each module
 * takes all of its own or nothing. Any thread. */
gboolean gst_dnn_bin_set_params (GstBin *bin, DnnPipelineConfig *config,
    const gchar *group, DnnParams *params, GError **error);

G_END_DECLS
