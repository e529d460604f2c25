/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What each target is: bytes in; no crash, no leak, an error or a value out.
 * Built with libFuzzer by tools/fuzz, and with replay.c as an ordinary test. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A file of that name in a folder of this process, in memory where the system
 * has such; the folder goes when the process ends. (transfer full): its path.
 */
gchar *fuzz_write_file (const gchar *name, gconstpointer data, gsize size);
