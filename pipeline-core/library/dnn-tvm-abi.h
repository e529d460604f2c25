/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The C interfaces of a module's library, for who writes such a library: how
 * its functions are called (either way), and what they may call. Both are
 * TVM's, so that what TVM compiled is such a library; no header of TVM is
 * needed, nor may one be included beside this one. See docs/tvm.md. */
#pragma once

#include <dlpack/dlpack.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

/* ---- how functions are called ------------------------------------------- */

/* An argument of the packed-function interface (TVM 0.8 to 0.20). */
typedef union
{
  gint64 v_int64;
  gdouble v_float64;
  gpointer v_handle;
  const gchar *v_str;
} DnnTvmValue;

/* Type codes beside it. */
#define DNN_TVM_NULL 4
#define DNN_TVM_TENSOR 7 /* v_handle is a DLTensor * */

/* The symbol is the function's name. Tensors are the inputs that are present,
 * then the outputs, on the CPU, compact, on 64-byte boundaries. Returns 0, or
 * other than 0 after TVMAPISetLastError(). */
typedef gint32 (*DnnTvmFunction) (DnnTvmValue *args, gint *type_codes,
    gint num_args, DnnTvmValue *ret, gint *ret_code, gpointer resource);

/* An argument of the tvm-ffi interface (since TVM 0.21). */
typedef struct
{
  gint32 type_index;
  guint32 zero_padding;
  union
  {
    gint64 v_int64;
    gdouble v_float64;
    gpointer v_ptr;
    const gchar *v_c_str;
  } value;
} DnnTvmFfiAny;

/* Type indices. */
#define DNN_TVM_FFI_NONE 0
#define DNN_TVM_FFI_TENSOR 7 /* v_ptr is a DLTensor * */

/* The symbol is "__tvm_ffi_" and the function's name; arguments as above.
 * Returns 0, or other than 0 after TVMFFIErrorSetRaisedFromCStr(). */
typedef gint (*DnnTvmFfiFunction) (gpointer self, const DnnTvmFfiAny *args,
    gint32 num_args, DnnTvmFfiAny *result);

/* ---- what they may call ------------------------------------------------- */

#ifndef __GI_SCANNER__

/* The text of a failure, in the thread that returns it. */
DNN_API void TVMAPISetLastError (const gchar *message);
DNN_API const gchar *TVMGetLastError (void);
DNN_API void TVMFFIErrorSetRaisedFromCStr (
    const gchar *kind, const gchar *message);
DNN_API void TVMFFIErrorSetRaisedFromCStrParts (
    const gchar *kind, const gchar **parts, gint32 n_parts);

/* Memory until the function returns, on 128-byte boundaries; NULL and a text
 * if there is none. It is the instance's, so that from the second frame on
 * nothing is allocated. device_type is 1 (CPU); the hints are not used. */
DNN_API gpointer TVMBackendAllocWorkspace (gint device_type, gint device_id,
    guint64 n_bytes, gint type_code_hint, gint type_bits_hint);
/* In the thread that allocated it. */
DNN_API gint TVMBackendFreeWorkspace (
    gint device_type, gint device_id, gpointer memory);

typedef struct
{
  gpointer sync_handle;
  gint32 num_task; /* into how many tasks the work is split */
} DnnTvmParallelEnv;

typedef gint (*DnnTvmParallelLambda) (
    gint task_id, DnnTvmParallelEnv *env, gpointer data);

/* Runs @lambda for task 0 … env->num_task - 1 on the module's threads.
 * @num_task 0: as many as there are threads. -1 if one of them fails. From
 * inside a task: one task after the other, in its thread. */
DNN_API gint TVMBackendParallelLaunch (
    DnnTvmParallelLambda lambda, gpointer data, gint num_task);
/* Returns when all tasks are here; -1 as soon as one has failed. Only where
 * there are no more tasks than threads, as with num_task 0. */
DNN_API gint TVMBackendParallelBarrier (gint task_id, DnnTvmParallelEnv *env);

/* Functions of the same library, by name: @module is what the library's
 * __tvm_module_ctx (__tvm_ffi__library_ctx) holds. The handle is valid while
 * the library is loaded and is not freed. */
DNN_API gint TVMBackendGetFuncFromEnv (
    gpointer module, const gchar *name, gpointer *function);
DNN_API gint TVMFFIEnvModLookupFromImports (
    gpointer module, const gchar *name, gpointer *function);
DNN_API gint TVMFuncCall (gpointer function, DnnTvmValue *args,
    gint *type_codes, gint num_args, DnnTvmValue *ret, gint *ret_code);
DNN_API gint TVMFFIFunctionCall (gpointer function, const DnnTvmFfiAny *args,
    gint32 num_args, DnnTvmFfiAny *result);

/* @init once in the process, whichever thread comes first. */
DNN_API gint TVMBackendRunOnce (gpointer *handle, gint (*init) (gpointer data),
    gpointer data, gint n_bytes);
DNN_API gint TVMFFIHandleInitOnce (
    gpointer *handle, gint (*init) (gpointer *result));

/* What libraries for targets without dlopen() call while they are loaded.
 * Functions are found by their symbols here, so these do nothing. */
DNN_API gint TVMBackendRegisterSystemLibSymbol (
    const gchar *name, gpointer symbol);
DNN_API gint TVMFFIEnvModRegisterSystemLibSymbol (
    const gchar *name, gpointer symbol);

#endif

G_END_DECLS
