/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* "NAME=TEXT" arguments ↔ the inputs of a pipeline. */
#pragma once

#include "pipeline-core/config/dnn-serial.h"

G_BEGIN_DECLS

/* Index of the input that the part before the last "=" names; *@rest is the
 * part behind it. -1 with an error that lists the inputs. A pipeline with one
 * input needs no "NAME=". */
gint dnn_args_find_input (DnnSerial *serial, const gchar *option,
    const gchar *text, const gchar **rest, GError **error);

/* Shapes of all inputs: the pipeline's, those of @shapes ("NAME=1,3,8,8"; may
 * be NULL) and those of @tensors (by input, NULL where not given). What stays
 * open is an error that names it. */
DnnShape *dnn_args_get_shapes (DnnSerial *serial, const gchar *const *shapes,
    DnnTensor *const *tensors, GError **error);

G_END_DECLS
