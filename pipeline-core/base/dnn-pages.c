/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory in a file without a name: made, given back page by page, freed. Next:
 * dnn-tensor.c. */
#define _GNU_SOURCE /* O_TMPFILE, process_vm_readv */
#include "config.h"

#include "pipeline-core/base/dnn-pages.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where large files may lie: what is in /tmp is memory on many systems. */
static const gchar *
get_folder (void)
{
  const gchar *folder = g_getenv ("TMPDIR");

  return folder && *folder ? folder : "/var/tmp";
}

static gint
open_nameless (void)
{
  g_autofree gchar *path = NULL;
  gint fd = g_open (get_folder (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd >= 0)
    return fd;
  path = g_build_filename (get_folder (), "gst-dnn-XXXXXX", NULL);
  fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    g_unlink (path);
  return fd;
}

/* The room is taken now: a full disk must not end in a signal later. */
gpointer
dnn_pages_alloc (gsize size)
{
  gpointer memory = MAP_FAILED;
  gint fd = open_nameless ();

  if (fd < 0)
    return NULL;
  if (posix_fallocate (fd, 0, (off_t) size) == 0)
    memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  return memory == MAP_FAILED ? NULL : memory;
}

void
dnn_pages_free (gpointer memory, gsize size)
{
  munmap (memory, size);
}

void
dnn_pages_release (gconstpointer bytes, gsize size)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  guintptr first = ((guintptr) bytes + page - 1) / page * page;
  guintptr end = ((guintptr) bytes + size) / page * page;

  if (first < end)
    madvise ((gpointer) first, end - first, MADV_DONTNEED);
}

/* The kernel copies, as from another process: it answers where we would get a
 * signal. Where it may not, we do it. */
gboolean
dnn_pages_copy (gpointer dst, gconstpointer src, gsize size)
{
  gsize done = 0;

  while (done < size) {
    struct iovec to = { (guint8 *) dst + done, size - done };
    struct iovec from = { (guint8 *) src + done, size - done };
    gssize n = process_vm_readv (getpid (), &to, 1, &from, 1, 0);
    if (n <= 0 && errno == EFAULT)
      return FALSE;
    if (n <= 0) {
      memcpy (to.iov_base, from.iov_base, to.iov_len);
      return TRUE;
    }
    done += (gsize) n;
  }
  return TRUE;
}

/* ---- heap -----------------------------------------------------------------
 */

gsize
dnn_pages_get_heap (void)
{
#ifdef __GLIBC__
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

void
dnn_pages_trim_heap (void)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}
