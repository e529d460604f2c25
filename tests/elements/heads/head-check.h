/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the tests of heads share: text → tensors, evidence. */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"

G_BEGIN_DECLS

/* "float32 1,84,8400; int64 1,5" */
GstDnnTensorsInfo head_check_info (const gchar *text);

/* "640x480; output0 1 4:computed:640+80:sigmoid", one entry for each tensor of
 * @info: name, axis (-1: of one kind), parts as size:kind:extent, "chosen".
 * Kinds: raw, computed, constant, index, unknown, sigmoid, softmax, log.
 * %NULL gives %NULL. */
GstDnnEvidence *head_check_evidence (
    const gchar *text, const GstDnnTensorsInfo *info);

/* @message holds every one of the NULL-terminated @parts. */
void head_check_parts (const gchar *message, const gchar *const *parts);

G_END_DECLS
