/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Calls out of a library's functions → workspace, threads and error text of the
 * instance that runs. Next: dnn-tvm-parallel.c. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-runtime.h"

#include <stdarg.h>
#include <string.h>

#include "pipeline-core/library/dnn-library.h"

#define MAX_ERROR 2048

static _Thread_local const DnnTvmFrame *current;
static _Thread_local gchar last_error[MAX_ERROR];

void
dnn_tvm_enter (
    DnnTvmFrame *self, DnnWorkspace *workspace, guint worker, gint threads)
{
  self->workspace = workspace;
  self->worker = worker;
  self->threads = threads;
  self->before = current;
  current = self;
  last_error[0] = '\0';
}

void
dnn_tvm_leave (const DnnTvmFrame *self)
{
  current = self->before;
}

const DnnTvmFrame *
dnn_tvm_get_current (void)
{
  return current;
}

/* ---- errors ------------------------------------------------------------- */

void
dnn_tvm_set_error (const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_vsnprintf (last_error, sizeof last_error, format, args);
  va_end (args);
}

const gchar *
dnn_tvm_get_error (void)
{
  return last_error;
}

static void
set_last_error (const gchar *message)
{
  dnn_tvm_set_error ("%s", message ? message : "");
}

static void
set_raised (const gchar *kind, const gchar *message)
{
  dnn_tvm_set_error ("%s: %s", kind ? kind : "Error", message ? message : "");
}

static void
set_raised_parts (const gchar *kind, const gchar **parts, gint32 n_parts)
{
  gsize length;

  set_raised (kind, NULL);
  length = strlen (last_error);
  for (gint32 i = 0; i < n_parts && length < sizeof last_error; i++)
    if (parts[i])
      length += g_strlcpy (
          last_error + length, parts[i], sizeof last_error - length);
}

/* ---- workspace ---------------------------------------------------------- */

static gpointer
alloc_workspace (gint device_type, gint device_id, guint64 n_bytes,
    gint type_code_hint, gint type_bits_hint)
{
  gpointer memory;

  if (!current || !current->workspace) {
    dnn_tvm_set_error ("TVMBackendAllocWorkspace is called in a thread of the "
                       "library's own, where no module runs");
    return NULL;
  }
  if (device_type != kDLCPU) {
    dnn_tvm_set_error ("a workspace on device type %d is asked for, there is "
                       "only the CPU (%d)",
        device_type, kDLCPU);
    return NULL;
  }
  memory = dnn_workspace_push (current->workspace, current->worker, n_bytes);
  if (!memory)
    dnn_tvm_set_error (
        "no memory for a workspace of %" G_GUINT64_FORMAT " bytes", n_bytes);
  return memory;
}

static gint
free_workspace (gint device_type, gint device_id, gpointer memory)
{
  if (current && current->workspace &&
      dnn_workspace_pop (current->workspace, current->worker, memory))
    return 0;
  dnn_tvm_set_error ("TVMBackendFreeWorkspace: this thread has no workspace at "
                     "that address");
  return -1;
}

/* ---- functions by name -------------------------------------------------- */

static gint
find_by_name (gpointer module, const gchar *name, gpointer *function)
{
  DnnLibrary *library = module;

  *function = library ? (gpointer) dnn_library_find (library, name) : NULL;
  if (*function)
    return 0;
  dnn_tvm_set_error ("the function \"%s\" of TVM's runtime is asked for, which "
                     "is not provided",
      name);
  return -1;
}

static gint
call_packed (gpointer function, DnnTvmValue *args, gint *type_codes,
    gint num_args, DnnTvmValue *ret, gint *ret_code)
{
  const DnnLibraryFunction *self = function;

  if (self->abi == DNN_LIBRARY_PACKED)
    return self->packed (args, type_codes, num_args, ret, ret_code, NULL);
  dnn_tvm_set_error ("the function \"%s\" is no packed function", self->name);
  return -1;
}

static gint
call_ffi (gpointer function, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result)
{
  const DnnLibraryFunction *self = function;

  if (self->abi == DNN_LIBRARY_FFI)
    return self->ffi (NULL, args, num_args, result);
  dnn_tvm_set_error (
      "the function \"%s\" is no function of tvm-ffi", self->name);
  return -1;
}

/* ---- once --------------------------------------------------------------- */

static GRecMutex once_lock;

static gint
run_once (
    gpointer *handle, gint (*init) (gpointer data), gpointer data, gint n_bytes)
{
  gint result = 0;

  if (g_atomic_pointer_get (handle))
    return 0;
  g_rec_mutex_lock (&once_lock);
  if (!g_atomic_pointer_get (handle)) {
    result = init (data);
    g_atomic_pointer_set (handle, GINT_TO_POINTER (1));
  }
  g_rec_mutex_unlock (&once_lock);
  return result;
}

static gint
init_handle (gpointer *handle, gint (*init) (gpointer *result))
{
  gpointer made = NULL;
  gint result = 0;

  if (g_atomic_pointer_get (handle))
    return 0;
  g_rec_mutex_lock (&once_lock);
  if (!g_atomic_pointer_get (handle)) {
    result = init (&made);
    if (result == 0 && !made) {
      set_raised ("RuntimeError", "an initial handle is NULL");
      result = -1;
    }
    if (result == 0)
      g_atomic_pointer_set (handle, made);
  }
  g_rec_mutex_unlock (&once_lock);
  return result;
}

static gint
register_symbol (const gchar *name, gpointer symbol)
{
  return 0;
}

/* ---- names -------------------------------------------------------------- */

/* A library's pointers get the functions of this file, whatever else in the
 * process has functions of these names; what it imports directly gets the
 * first in the linker's order. */
#define EXPORT(name, function) \
  extern __typeof__ (function) name __attribute__ ((alias (#function)))

EXPORT (TVMAPISetLastError, set_last_error);
EXPORT (TVMGetLastError, dnn_tvm_get_error);
EXPORT (TVMFFIErrorSetRaisedFromCStr, set_raised);
EXPORT (TVMFFIErrorSetRaisedFromCStrParts, set_raised_parts);
EXPORT (TVMBackendAllocWorkspace, alloc_workspace);
EXPORT (TVMBackendFreeWorkspace, free_workspace);
EXPORT (TVMBackendGetFuncFromEnv, find_by_name);
EXPORT (TVMFFIEnvModLookupFromImports, find_by_name);
EXPORT (TVMFuncCall, call_packed);
EXPORT (TVMFFIFunctionCall, call_ffi);
EXPORT (TVMBackendRunOnce, run_once);
EXPORT (TVMFFIHandleInitOnce, init_handle);
EXPORT (TVMBackendRegisterSystemLibSymbol, register_symbol);
EXPORT (TVMFFIEnvModRegisterSystemLibSymbol, register_symbol);

gint
TVMBackendParallelLaunch (
    DnnTvmParallelLambda lambda, gpointer data, gint num_task)
{
  return dnn_tvm_launch (lambda, data, num_task);
}

gint
TVMBackendParallelBarrier (gint task_id, DnnTvmParallelEnv *env)
{
  return dnn_tvm_barrier (task_id, env);
}

gpointer
dnn_tvm_find_function (const gchar *name)
{
  static const struct
  {
    const gchar *name;
    gpointer address;
  } functions[] = {
    { "TVMAPISetLastError", set_last_error },
    { "TVMGetLastError", (gpointer) dnn_tvm_get_error },
    { "TVMFFIErrorSetRaisedFromCStr", set_raised },
    { "TVMFFIErrorSetRaisedFromCStrParts", set_raised_parts },
    { "TVMBackendAllocWorkspace", alloc_workspace },
    { "TVMBackendFreeWorkspace", free_workspace },
    { "TVMBackendParallelLaunch", dnn_tvm_launch },
    { "TVMBackendParallelBarrier", dnn_tvm_barrier },
    { "TVMBackendGetFuncFromEnv", find_by_name },
    { "TVMFFIEnvModLookupFromImports", find_by_name },
    { "TVMFuncCall", call_packed },
    { "TVMFFIFunctionCall", call_ffi },
    { "TVMBackendRunOnce", run_once },
    { "TVMFFIHandleInitOnce", init_handle },
    { "TVMBackendRegisterSystemLibSymbol", register_symbol },
    { "TVMFFIEnvModRegisterSystemLibSymbol", register_symbol },
  };

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (strcmp (functions[i].name, name) == 0)
      return functions[i].address;
  return NULL;
}
