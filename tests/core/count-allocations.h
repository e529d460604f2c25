/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* How often the process has asked for memory. A program that is compiled with
 * count-allocations.c has its malloc(), also in the libraries it uses. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE, and the test is skipped, where a sanitizer or valgrind has malloc. */
gboolean count_allocations_or_skip (void);

gint count_allocations (void);

/* Those of that many bytes or more. */
#define COUNT_LARGE 65536
gint count_large_allocations (void);

G_END_DECLS
