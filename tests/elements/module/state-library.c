/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A library of a module whose frames change the next ones, as it says. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#define EXPORT __attribute__ ((visibility ("default")))

extern const gint dnn_keeps_state;
EXPORT const gint dnn_keeps_state = 1;

static gfloat total[4];

EXPORT gint32 sum (DnnTvmValue *args, gint *type_codes, gint num_args,
    DnnTvmValue *ret, gint *ret_code, gpointer resource);

EXPORT gint32
sum (DnnTvmValue *args, gint *type_codes, gint num_args, DnnTvmValue *ret,
    gint *ret_code, gpointer resource)
{
  const DLTensor *x = args[0].v_handle;
  DLTensor *y = args[1].v_handle;

  for (guint i = 0; i < 4; i++) {
    total[i] += ((const gfloat *) x->data)[i];
    ((gfloat *) y->data)[i] = total[i];
  }
  return 0;
}
