/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → a params file. What is read is written and read back equal. */
#include "config.h"

#include "fuzz.h"
#include "pipeline-core/graph/dnn-params.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnParams)
      params = dnn_params_new_from_bytes (bytes, "params", &error);
  g_autoptr (DnnParams) back = NULL;
  g_autofree gchar *path = NULL;

  g_assert_true ((params == NULL) == (error != NULL));
  if (!params)
    return 0;
  path = fuzz_write_file ("params", "", 0);
  g_assert_true (dnn_params_write (params, path, NULL));
  back = dnn_params_new_from_file (path, NULL);
  g_assert_true (back && dnn_params_equal (params, back));
  return 0;
}
