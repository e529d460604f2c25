/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the two targets of configurations share. */
#pragma once

#include <glib.h>

/* Reads the configuration at @path, which fuzz_write_file() made. Beside it lie
 * modules: json0, json1, json2 with params of the same numbers as the samples
 * of the tests have them, json3 without params, of open shape and of int64; and
 * lib.so with one function. What is read is written, as one file or as three,
 * and read back equal. */
void fuzz_check_config (const gchar *path, gboolean as_one_file);
