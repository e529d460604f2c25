/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A shared library whose functions are operators: path → functions by name. A
 * file is loaded once in the process, however many modules use it. Next:
 * dnn-op-library.c. */
#pragma once

#include "pipeline-core/base/dnn-error.h"
#include "pipeline-core/library/dnn-tvm-abi.h"

G_BEGIN_DECLS

typedef struct _DnnLibrary DnnLibrary;

typedef enum
{
  DNN_LIBRARY_PACKED,
  DNN_LIBRARY_FFI,
} DnnLibraryAbi;

/* Belongs to the library. */
typedef struct
{
  gchar *name;
  DnnLibraryAbi abi;
  gboolean has_bit_bool; /* bool is an unsigned integer of one bit */
  DnnTvmFunction packed; /* by abi, the other is NULL */
  DnnTvmFfiFunction ffi;
} DnnLibraryFunction;

/**
 * dnn_library_load:
 *
 * Runs what the library runs when it is loaded, and gives it the functions of
 * dnn-tvm-abi.h, both those it imports and those it has pointers for.
 *
 * Returns: (transfer full): the library, or %NULL with NOT_FOUND, FORMAT (no
 *   shared library), UNSUPPORTED (it needs something that is not there, which
 *   the message names)
 */
DnnLibrary *dnn_library_load (const gchar *path, GError **error);
DnnLibrary *dnn_library_ref (DnnLibrary *self);
void dnn_library_unref (DnnLibrary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnLibrary, dnn_library_unref)

/* Without symbolic links. */
const gchar *dnn_library_get_path (const DnnLibrary *self);

/* It says so, by `const int dnn_keeps_state = 1;`: what a frame leaves in it
 * changes the next. */
gboolean dnn_library_keeps_state (const DnnLibrary *self);

/* "__tvm_ffi_NAME" or "NAME", exported by this very library; NULL if it has
 * neither. Thread-safe. */
const DnnLibraryFunction *dnn_library_find (
    DnnLibrary *self, const gchar *name);

/* The function whose name is nearest, for messages; NULL when nothing is near.
 * Valid while @self is. */
const gchar *dnn_library_find_nearest (DnnLibrary *self, const gchar *name);

G_END_DECLS
