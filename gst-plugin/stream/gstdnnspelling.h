/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Spellings of dimensions: GstCaps compare them as text ("8:8:3" is not
 * "8:8:3:1"), so caps are offered as the other side writes them. */
#pragma once

#include "gst-plugin/stream/gstdnncaps.h"

G_BEGIN_DECLS

/* gst_dnn_tensors_info_to_caps() of @info, and behind them each spelling of the
 * same dimensions that @others has, one a structure. (transfer full) */
GstCaps *gst_dnn_spelling_add (
    const GstDnnTensorsInfo *info, const GstCaps *others);

/* What the peer of @pad takes or gives, of all tensors that there are. It is
 * asked with a filter: see gst_dnn_spelling_answer(). (transfer full) */
GstCaps *gst_dnn_spelling_query_peer (GstPad *pad);

/* Answers a CAPS query of upstream with @caps. Where it can send none of them,
 * with what of @any it can: so it sends that, and gets an error that says what
 * was expected. Never both: an element that changes dimensions would take
 * "anything" for its leave to change nothing. */
void gst_dnn_spelling_answer (
    GstQuery *query, const GstCaps *caps, const GstCaps *any);

G_END_DECLS
