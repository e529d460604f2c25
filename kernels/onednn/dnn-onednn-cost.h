/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a primitive will take, estimated: implementation name and work in, ns
 * at one thread out. Rates are measured ones of one core; only their ratios
 * matter, since costs are compared with each other. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One call of a primitive, without its work: ns. */
#define DNN_COST_CALL 700.0

/* Work bound by arithmetic. @flops: multiplications and additions. */
gdouble dnn_cost_of_flops (const gchar *impl, gdouble flops, gdouble bytes);

/* Work bound by memory: @bytes read and written at @rate GB/s, which is that
 * of a good implementation; poor ones are slower by their name. */
gdouble dnn_cost_of_bytes (const gchar *impl, gdouble bytes, gdouble rate);

/* Plain C of ours, per element visited. */
gdouble dnn_cost_of_ref (gdouble elements);

G_END_DECLS
