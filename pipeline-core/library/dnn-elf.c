/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A loaded library's dynamic section → the symbols it defines. Next:
 * dnn-library.c. */
#define _GNU_SOURCE /* dlinfo */
#include "config.h"

#include "pipeline-core/library/dnn-elf.h"

#include <dlfcn.h>
#include <link.h>

/* The tables of one library. */
typedef struct
{
  ElfW (Addr) base;
  const ElfW (Sym) * symbols;
  const gchar *names;
  const guint32 *gnu_hash;
  const ElfW (Word) * hash;
} Tables;

/* The linker has made addresses of some libraries' entries, not of all. */
static gconstpointer
get_address (const Tables *self, ElfW (Addr) entry)
{
  return (gconstpointer) (entry < self->base ? entry + self->base : entry);
}

static gboolean
find_tables (gpointer handle, Tables *self)
{
  struct link_map *map = NULL;

  if (dlinfo (handle, RTLD_DI_LINKMAP, &map) != 0 || !map)
    return FALSE;
  self->base = map->l_addr;
  for (const ElfW (Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
    gconstpointer address = get_address (self, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB)
      self->symbols = address;
    else if (entry->d_tag == DT_STRTAB)
      self->names = address;
    else if (entry->d_tag == DT_GNU_HASH)
      self->gnu_hash = address;
    else if (entry->d_tag == DT_HASH)
      self->hash = address;
  }
  return self->symbols && self->names;
}

/* Only the hash tables say how many symbols there are. Layout of the GNU one:
 * n_buckets, first symbol, words of the filter, shift, filter, buckets, chains;
 * a chain ends where the lowest bit is set. */
static guint
count_gnu_symbols (const guint32 *table)
{
  guint32 n_buckets = table[0], first = table[1], n_words = table[2];
  const guint32 *buckets =
      (const guint32 *) ((const ElfW (Addr) *) (table + 4) + n_words);
  const guint32 *chains = buckets + n_buckets;
  guint32 last = 0;

  for (guint32 i = 0; i < n_buckets; i++)
    last = MAX (last, buckets[i]);
  if (last < first)
    return 0;
  while (!(chains[last - first] & 1))
    last++;
  return last + 1;
}

static guint
count_symbols (const Tables *self)
{
  if (self->gnu_hash)
    return count_gnu_symbols (self->gnu_hash);
  return self->hash ? self->hash[1] : 0;
}

GHashTable *
dnn_elf_get_symbols (gpointer handle, DnnElfKind kind)
{
  GHashTable *result = g_hash_table_new (g_str_hash, g_str_equal);
  guint wanted = kind == DNN_ELF_FUNCTIONS ? STT_FUNC : STT_OBJECT;
  Tables tables = { 0 };
  guint n;

  if (!find_tables (handle, &tables))
    return result;
  n = count_symbols (&tables);
  for (guint i = 1; i < n; i++) {
    const ElfW (Sym) *symbol = &tables.symbols[i];
    if (symbol->st_shndx != SHN_UNDEF &&
        ELF64_ST_TYPE (symbol->st_info) == wanted)
      g_hash_table_insert (result, (gpointer) (tables.names + symbol->st_name),
          (gpointer) (tables.base + symbol->st_value));
  }
  return result;
}
