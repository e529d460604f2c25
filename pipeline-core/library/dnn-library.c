/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The path of a shared library → its functions, its pointers filled. Next:
 * dnn-op-library.c. */
#define _GNU_SOURCE /* dladdr, realpath */
#include "config.h"

#include "pipeline-core/library/dnn-library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline-core/library/dnn-elf.h"
#include "pipeline-core/library/dnn-tvm-runtime.h"

#define FFI_PREFIX "__tvm_ffi_"
#define POINTER_PREFIX "__TVM"
#define STATE_OBJECT "dnn_keeps_state"
#define NO_LIBRARIES "DNN_NO_LIBRARIES"

struct _DnnLibrary
{
  guint ref_count; /* under table_lock */
  gchar *path;
  guint spelling; /* of the path, see spell_path() */
  struct stat file; /* when it was loaded */
  gpointer handle;
  GHashTable *symbols; /* of functions: name → address */
  gboolean keeps_state; /* what a frame leaves in it changes the next */
  gboolean is_ffi_only; /* plain names are functions of tvm-ffi too */

  GMutex lock;
  GHashTable *functions; /* name → DnnLibraryFunction *, those found so far */
};

static GMutex table_lock;
static GList *table; /* of DnnLibrary *, weak */

/* ---- loading ------------------------------------------------------------ */

/* GStreamer loads plugins so that what they depend on is visible to them only;
 * libraries of modules must find our functions. */
static void
make_us_visible (void)
{
  static gsize once;
  Dl_info info;

  if (!g_once_init_enter (&once))
    return;
  if (dladdr ((gpointer) dnn_library_load, &info) && info.dli_fname)
    dlopen (info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
  g_once_init_leave (&once, 1);
}

/* What the linker says, without the path in front, which ours have already. */
static const gchar *
get_reason (const gchar *path)
{
  const gchar *reason = dlerror ();

  if (!reason)
    return "no reason is known";
  if (g_str_has_prefix (reason, path) &&
      g_str_has_prefix (reason + strlen (path), ": "))
    return reason + strlen (path) + 2;
  return reason;
}

/* The linker knows what it has loaded by the path, too, even where that is
 * another file's by now; by "/folder/./lib.so" it looks at the file. */
static gchar *
spell_path (const DnnLibrary *self)
{
  const gchar *name = strrchr (self->path, '/') + 1;
  GString *path = g_string_new_len (self->path, name - self->path);

  for (guint i = 0; i < self->spelling; i++)
    g_string_append (path, "./");
  g_string_append (path, name);
  return g_string_free (path, FALSE);
}

static gboolean
open_library (DnnLibrary *self, GError **error)
{
  static const gchar undefined[] = "undefined symbol: ";
  g_autofree gchar *path = spell_path (self);
  const gchar *reason;

  if (!dnn_elf_check_file (self->path, error))
    return FALSE;
  make_us_visible ();
  self->handle = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (self->handle)
    return TRUE;
  reason = get_reason (path);
  if (g_str_has_prefix (reason, undefined))
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "%s: needs the function \"%s\", which is not provided", self->path,
        reason + strlen (undefined));
  else
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "%s: can't be loaded: %s", self->path, reason);
  return FALSE;
}

/* The pointers through which TVM's code calls its runtime, and the one by
 * which that knows the library; what it says of itself. */
static gboolean
fill_pointers (DnnLibrary *self, GError **error)
{
  static const gchar *const contexts[] = { "__tvm_module_ctx",
    "__tvm_ffi_library_ctx", "__tvm_ffi__library_ctx" };
  g_autoptr (GHashTable)
      objects = dnn_elf_get_symbols (self->handle, DNN_ELF_OBJECTS);
  const gint *state = g_hash_table_lookup (objects, STATE_OBJECT);
  GHashTableIter iter;
  gpointer name, address;

  self->keeps_state = state && *state != 0;
  g_hash_table_iter_init (&iter, objects);
  while (g_hash_table_iter_next (&iter, &name, &address)) {
    gpointer function;
    if (!g_str_has_prefix (name, POINTER_PREFIX))
      continue;
    function = dnn_tvm_find_function ((const gchar *) name + strlen ("__"));
    if (!function) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
          "%s: needs the function \"%s\" of TVM's runtime, which is not "
          "provided",
          self->path, (const gchar *) name + strlen ("__"));
      return FALSE;
    }
    if (g_str_has_prefix (name, POINTER_PREFIX "FFI"))
      self->is_ffi_only = TRUE;
    *(gpointer *) address = function;
  }
  for (guint i = 0; i < G_N_ELEMENTS (contexts); i++) {
    gpointer *context = g_hash_table_lookup (objects, contexts[i]);
    if (!context)
      continue;
    *context = self;
    if (g_str_has_prefix (contexts[i], FFI_PREFIX))
      self->is_ffi_only = TRUE;
  }
  return TRUE;
}

static void
free_function (gpointer data)
{
  DnnLibraryFunction *function = data;

  g_free (function->name);
  g_free (function);
}

static void
free_library (DnnLibrary *self)
{
  g_clear_pointer (&self->symbols, g_hash_table_unref);
  g_hash_table_unref (self->functions);
  g_mutex_clear (&self->lock);
  if (self->handle)
    dlclose (self->handle);
  g_free (self->path);
  g_free (self);
}

/* Takes @path. */
static DnnLibrary *
create_library (
    gchar *path, guint spelling, const struct stat *file, GError **error)
{
  DnnLibrary *self = g_new0 (DnnLibrary, 1);

  self->ref_count = 1;
  self->path = path;
  self->spelling = spelling;
  self->file = *file;
  g_mutex_init (&self->lock);
  self->functions = g_hash_table_new_full (
      g_str_hash, g_str_equal, NULL, free_function);
  if (!open_library (self, error) || !fill_pointers (self, error)) {
    free_library (self);
    return NULL;
  }
  self->symbols = dnn_elf_get_symbols (self->handle, DNN_ELF_FUNCTIONS);
  return self;
}

/* The loaded library of that file, whatever its path; and what must precede
 * the name for the linker to look at this file, if it is none of them. */
static DnnLibrary *
find_loaded (const gchar *path, const struct stat *file, guint *spelling)
{
  *spelling = 0;
  for (GList *item = table; item; item = item->next) {
    DnnLibrary *self = item->data;
    if (self->file.st_dev == file->st_dev && self->file.st_ino == file->st_ino)
      return self;
    if (strcmp (self->path, path) == 0)
      *spelling = MAX (*spelling, self->spelling + 1);
  }
  return NULL;
}

static DnnLibrary *
ref_loaded (DnnLibrary *self, const struct stat *file, GError **error)
{
  if (self->file.st_size != file->st_size ||
      self->file.st_mtim.tv_sec != file->st_mtim.tv_sec ||
      self->file.st_mtim.tv_nsec != file->st_mtim.tv_nsec) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%s: was written over while it was loaded, in place; stop what uses it "
        "before it is written, or write a new file and rename it",
        self->path);
    return NULL;
  }
  self->ref_count++;
  return self;
}

/* For who looks at configurations of strangers. */
static gboolean
check_is_wanted (const gchar *path, GError **error)
{
  const gchar *refused = g_getenv (NO_LIBRARIES);

  if (!refused || !*refused)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "%s: is not loaded, since the environment has " NO_LIBRARIES, path);
  return FALSE;
}

DnnLibrary *
dnn_library_load (const gchar *path, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  gchar *real, *copy;
  struct stat file;
  guint spelling;
  DnnLibrary *self;

  if (!check_is_wanted (path, error))
    return NULL;
  real = realpath (path, NULL);
  if (!real || stat (real, &file) != 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "%s: can't be opened: %s", path, g_strerror (errno));
    free (real);
    return NULL;
  }
  copy = g_strdup (real);
  free (real);
  locker = g_mutex_locker_new (&table_lock);
  self = find_loaded (copy, &file, &spelling);
  if (self) {
    g_free (copy);
    return ref_loaded (self, &file, error);
  }
  self = create_library (copy, spelling, &file, error);
  if (self)
    table = g_list_prepend (table, self);
  return self;
}

DnnLibrary *
dnn_library_ref (DnnLibrary *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&table_lock);

  self->ref_count++;
  return self;
}

/* Under the lock to the end: who loads the file anew meanwhile waits. */
void
dnn_library_unref (DnnLibrary *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&table_lock);

  if (--self->ref_count > 0)
    return;
  table = g_list_remove (table, self);
  free_library (self);
}

const gchar *
dnn_library_get_path (const DnnLibrary *self)
{
  return self->path;
}

gboolean
dnn_library_keeps_state (const DnnLibrary *self)
{
  return self->keeps_state;
}

/* ---- functions ---------------------------------------------------------- */

static DnnLibraryFunction *
create_function (DnnLibrary *self, const gchar *name)
{
  g_autofree gchar *ffi_name = g_strconcat (FFI_PREFIX, name, NULL);
  gpointer ffi = g_hash_table_lookup (self->symbols, ffi_name);
  gpointer plain = g_hash_table_lookup (self->symbols, name);
  DnnLibraryFunction *function;

  if (!ffi && !plain)
    return NULL;
  function = g_new0 (DnnLibraryFunction, 1);
  function->name = g_strdup (name);
  function->has_bit_bool = !ffi; /* until TVM 0.22 */
  if (!ffi && self->is_ffi_only)
    ffi = plain; /* TVM 0.21 */
  function->abi = ffi ? DNN_LIBRARY_FFI : DNN_LIBRARY_PACKED;
  if (ffi)
    function->ffi = (DnnTvmFfiFunction) ffi;
  else
    function->packed = (DnnTvmFunction) plain;
  return function;
}

const DnnLibraryFunction *
dnn_library_find (DnnLibrary *self, const gchar *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  DnnLibraryFunction *function = g_hash_table_lookup (self->functions, name);

  if (function)
    return function;
  function = create_function (self, name);
  if (function)
    g_hash_table_insert (self->functions, function->name, function);
  return function;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

const gchar *
dnn_library_find_nearest (DnnLibrary *self, const gchar *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer symbol;

  g_hash_table_iter_init (&iter, self->symbols);
  while (g_hash_table_iter_next (&iter, &symbol, NULL))
    g_ptr_array_add (names,
        (gchar *) symbol +
            (g_str_has_prefix (symbol, FFI_PREFIX) ? strlen (FFI_PREFIX) : 0));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return dnn_nearest_word (name, (const gchar *const *) names->pdata);
}
