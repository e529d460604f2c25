/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A word that is none of the known ones → what a message says of those. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* " (inputs: "a", "b")" or, of many, the nearest name; "" where none is near.
 * @what: what the names are: "inputs". Values of @names are gchar *.
 * (transfer full) */
gchar *dnn_hint_names (const gchar *what, const gchar *word, GPtrArray *names);

G_END_DECLS
