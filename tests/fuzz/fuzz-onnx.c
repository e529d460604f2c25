/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → an ONNX model → modules. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "fuzz.h"
#include "kernels/dnn-init.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *path = fuzz_write_file ("model.onnx", data, size);
  DnnCompileOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;

  dnn_init ();
  config = dnn_compile_file (path, &options, &error);
  g_assert_true ((config == NULL) == (error != NULL));
  return 0;
}
