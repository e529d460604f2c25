/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → a pipeline configuration in one file, with the files of modules
 * beside it → the configuration, or every error of it. */
#include "config.h"

#include "fuzz-check-config.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *path = fuzz_write_file ("single", data, size);

  fuzz_check_config (path, TRUE);
  return 0;
}
