/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The headers of a file → whether dlopen() may have it. Its own messages don't
 * tell other machines' libraries from missing files, and what a file that is
 * cut off lacks it finds out by a signal. Next: dnn-library.c. */
#define _GNU_SOURCE /* dladdr */
#include "config.h"

#include "pipeline-core/library/dnn-elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline-core/base/dnn-error.h"

/* Both widths have these fields at the same places. */
G_STATIC_ASSERT (G_STRUCT_OFFSET (Elf32_Ehdr, e_type) ==
    G_STRUCT_OFFSET (Elf64_Ehdr, e_type));
G_STATIC_ASSERT (G_STRUCT_OFFSET (Elf32_Ehdr, e_machine) ==
    G_STRUCT_OFFSET (Elf64_Ehdr, e_machine));

/* The header of this very code: what the process runs on. */
static const ElfW (Ehdr) * get_own_header (void)
{
  Dl_info info;

  return dladdr ((gpointer) dnn_elf_check_file, &info) ? info.dli_fbase : NULL;
}

static gchar *
describe_machine (const ElfW (Ehdr) * header)
{
  static const struct
  {
    guint16 machine;
    const gchar *name;
  } rows[] = {
    { EM_386, "x86" },
    { EM_X86_64, "x86-64" },
    { EM_ARM, "Arm" },
    { EM_AARCH64, "AArch64" },
    { EM_PPC64, "PowerPC" },
    { EM_RISCV, "RISC-V" },
    { EM_S390, "S/390" },
    { EM_MIPS, "MIPS" },
  };
  gboolean is_swapped = header->e_ident[EI_DATA] !=
      get_own_header ()->e_ident[EI_DATA];
  guint16 machine = is_swapped ? GUINT16_SWAP_LE_BE (header->e_machine)
                               : header->e_machine;
  const gchar *bits = header->e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32";
  const gchar *order = header->e_ident[EI_DATA] == ELFDATA2MSB ? "big"
                                                               : "little";

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].machine == machine)
      return g_strdup_printf (
          "%s (%s bits, %s-endian)", rows[i].name, bits, order);
  return g_strdup_printf (
      "machine %u (%s bits, %s-endian)", machine, bits, order);
}

static gboolean
check_machine (const gchar *path, const ElfW (Ehdr) * header, GError **error)
{
  const ElfW (Ehdr) *own = get_own_header ();
  g_autofree gchar *found = NULL, *expected = NULL;

  if (!own ||
      (header->e_machine == own->e_machine &&
          header->e_ident[EI_CLASS] == own->e_ident[EI_CLASS] &&
          header->e_ident[EI_DATA] == own->e_ident[EI_DATA]))
    return TRUE;
  found = describe_machine (header);
  expected = describe_machine (own);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "%s: is compiled for %s, this process runs on %s", path, found, expected);
  return FALSE;
}

/* All that is to be mapped must be there. */
static gboolean
check_segments (gint file, const gchar *path, const ElfW (Ehdr) * header,
    guint64 size, GError **error)
{
  guint64 needed = header->e_phoff +
      (guint64) header->e_phnum * sizeof (ElfW (Phdr));
  ElfW (Phdr) segment;

  for (guint i = 0; needed <= size && i < header->e_phnum; i++) {
    if (header->e_phoff > size ||
        pread (file, &segment, sizeof segment,
            (off_t) (header->e_phoff + i * sizeof segment)) !=
            (gssize) sizeof segment)
      break;
    if (segment.p_type == PT_LOAD)
      needed = MAX (needed,
          segment.p_filesz > G_MAXUINT64 - segment.p_offset
              ? G_MAXUINT64
              : segment.p_offset + segment.p_filesz);
  }
  if (header->e_phoff <= size && needed <= size)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
      "%s: is cut off: its headers tell of %" G_GUINT64_FORMAT
      " bytes, it has %" G_GUINT64_FORMAT,
      path, needed, size);
  return FALSE;
}

static gboolean
check_headers (gint file, const gchar *path, guint64 size, GError **error)
{
  ElfW (Ehdr) header = { 0 };

  if (pread (file, &header, sizeof header, 0) != (gssize) sizeof header ||
      memcmp (header.e_ident, ELFMAG, SELFMAG) != 0) {
    g_set_error (
        error, DNN_ERROR, DNN_ERROR_FORMAT, "%s: is no shared library", path);
    return FALSE;
  }
  if (!check_machine (path, &header, error))
    return FALSE;
  if (header.e_type != ET_DYN || header.e_phentsize != sizeof (ElfW (Phdr))) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT, "%s: is %s", path,
        header.e_type == ET_REL
            ? "an object file, which a linker makes a shared library of"
            : "no shared library");
    return FALSE;
  }
  return check_segments (file, path, &header, size, error);
}

gboolean
dnn_elf_check_file (const gchar *path, GError **error)
{
  gint file = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat status;
  gboolean is_good;

  if (file < 0 || fstat (file, &status) != 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "%s: can't be opened: %s", path, g_strerror (errno));
    is_good = FALSE;
  } else if (!S_ISREG (status.st_mode)) {
    g_set_error (
        error, DNN_ERROR, DNN_ERROR_FORMAT, "%s: is no shared library", path);
    is_good = FALSE;
  } else {
    is_good = check_headers (file, path, (guint64) status.st_size, error);
  }
  if (file >= 0)
    close (file);
  return is_good;
}
