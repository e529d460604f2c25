/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Calls of malloc() and its kin, of all threads → their number. */
#include "config.h"

#include "tests/core/count-allocations.h"

#include <errno.h>
#include <stdlib.h>

static gint n_allocations, n_large;

gint
count_allocations (void)
{
  return g_atomic_int_get (&n_allocations);
}

gint
count_large_allocations (void)
{
  return g_atomic_int_get (&n_large);
}

#if defined(__SANITIZE_ADDRESS__)
gboolean
count_allocations_or_skip (void)
{
  g_test_skip ("a sanitizer has malloc");
  return FALSE;
}
#else
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *memory);

static void
note (size_t size)
{
  g_atomic_int_inc (&n_allocations);
  if (size >= COUNT_LARGE)
    g_atomic_int_inc (&n_large);
}

void *
malloc (size_t size)
{
  note (size);
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  note (n * size);
  return __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  note (size);
  return __libc_realloc (memory, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  note (size);
  return __libc_memalign (alignment, size);
}

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  note (size);
  *memory = __libc_memalign (alignment, size);
  return *memory ? 0 : ENOMEM;
}

void
free (void *memory)
{
  __libc_free (memory);
}

gboolean
count_allocations_or_skip (void)
{
  const gchar *preloads = g_getenv ("LD_PRELOAD");
  gint before = count_allocations ();
  gpointer probe;

  if (preloads && g_strrstr (preloads, "vgpreload")) {
    g_test_skip ("valgrind has malloc");
    return FALSE;
  }
  probe = g_malloc (100);
  g_free (probe);
  g_assert_cmpint (count_allocations (), >, before);
  return TRUE;
}
#endif
