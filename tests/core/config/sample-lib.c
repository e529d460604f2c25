/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The library of the sample pipeline: the function is there, and never run. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#define EXPORT __attribute__ ((visibility ("default")))

EXPORT gint32 function (DnnTvmValue *args, gint *type_codes, gint num_args,
    DnnTvmValue *ret, gint *ret_code, gpointer resource);

gint32
function (DnnTvmValue *args, gint *type_codes, gint num_args, DnnTvmValue *ret,
    gint *ret_code, gpointer resource)
{
  return -1;
}
