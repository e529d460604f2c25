/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tests that every operator has its code, its place in the list, and rows. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void kernel_list_add_tests (void);

G_END_DECLS
