/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the functions of a library may call while they run: the functions of
 * dnn-tvm-abi.h, and the instance that they work for, a thread each. */
#pragma once

#include "pipeline-core/base/dnn-workspace.h"
#include "pipeline-core/library/dnn-tvm-abi.h"

G_BEGIN_DECLS

/* On the stack of who calls a function of a library. */
typedef struct _DnnTvmFrame DnnTvmFrame;
struct _DnnTvmFrame
{
  DnnWorkspace *workspace;
  guint worker; /* whose stack of it; 0 the thread that runs the module */
  gint threads; /* that a launch may use */
  const DnnTvmFrame *before;
};

/* Makes @self what the calling thread works for, until leave. */
void dnn_tvm_enter (
    DnnTvmFrame *self, DnnWorkspace *workspace, guint worker, gint threads);
void dnn_tvm_leave (const DnnTvmFrame *self);
const DnnTvmFrame *dnn_tvm_get_current (void); /* (nullable) */

/* The text of the calling thread; "" if there is none. */
void dnn_tvm_set_error (const gchar *format, ...) G_GNUC_PRINTF (1, 2);
const gchar *dnn_tvm_get_error (void);

/* The function that a library's pointer "__NAME" is for, NULL if there is no
 * such function here. */
gpointer dnn_tvm_find_function (const gchar *name);

#ifdef __x86_64__
/* dnn-tvm-half.c; imported by name. */
DNN_API gfloat __gnu_h2f_ieee (guint16 half);
DNN_API guint16 __gnu_f2h_ieee (gfloat value);
#endif

/* dnn-tvm-parallel.c */
gint dnn_tvm_launch (DnnTvmParallelLambda lambda, gpointer data, gint num_task);
gint dnn_tvm_barrier (gint task_id, DnnTvmParallelEnv *env);

G_END_DECLS
