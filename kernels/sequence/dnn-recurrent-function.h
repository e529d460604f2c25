/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Names of activation functions, lists of their numbers → functions. */
#pragma once

#include "kernels/sequence/dnn-recurrent.h"

G_BEGIN_DECLS

/* Those of all directions, by the attributes or the cell's own. VALUE for an
 * unknown name or too few of them. */
gboolean dnn_recurrent_get_functions (const DnnCall *call, guint n_directions,
    DnnRecurrentFunction *functions, GError **error);

G_END_DECLS
