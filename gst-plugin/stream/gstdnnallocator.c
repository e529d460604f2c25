/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A size → aligned GstMemory; a memory that nobody holds any more → the free
 * list, for the next one. Next: gstdnnmodule.c writes into it. */
#include "config.h"

#include "gst-plugin/stream/gstdnnallocator.h"

#include "pipeline-core/base/dnn-tensor.h"

/* A memory and its bytes are one block: this header, then the data. A shared
 * part (GstMemory with a parent) is a header alone. */
typedef struct
{
  GstMemory memory;
  guint8 *data; /* of the whole block, aligned */
  gsize block_size; /* header and all; 0 for a part */
  GList link; /* in the free list */
} Block;

struct _GstDnnAllocator
{
  GstAllocator parent;

  GMutex lock;
  GQueue free; /* Block, most recently used first */
  gsize free_bytes;
  gsize used_bytes;
  gsize peak_bytes; /* most of used_bytes ever */
  guint64 n_blocks;
};

G_DEFINE_TYPE (GstDnnAllocator, gst_dnn_allocator, GST_TYPE_ALLOCATOR)

static void
drop_block (GstDnnAllocator *self, Block *block)
{
  g_queue_unlink (&self->free, &block->link);
  self->free_bytes -= block->block_size;
  dnn_free_aligned (block);
}

/* A free block of at least @size bytes that isn't much larger. Locked. */
static Block *
find_block (GstDnnAllocator *self, gsize size)
{
  for (GList *link = self->free.head; link != NULL; link = link->next) {
    Block *block = link->data;
    if (block->block_size >= size && block->block_size - size <= size / 4) {
      g_queue_unlink (&self->free, link);
      self->free_bytes -= block->block_size;
      return block;
    }
  }
  return NULL;
}

static Block *
take_block (GstDnnAllocator *self, gsize size)
{
  Block *block;

  g_mutex_lock (&self->lock);
  block = find_block (self, size);
  if (block == NULL) {
    block = dnn_try_alloc_aligned (size);
    if (block == NULL) {
      g_mutex_unlock (&self->lock);
      return NULL;
    }
    block->block_size = size;
    block->link = (GList){ block, NULL, NULL };
    self->n_blocks++;
  }
  self->used_bytes += block->block_size;
  self->peak_bytes = MAX (self->peak_bytes, self->used_bytes);
  g_mutex_unlock (&self->lock);
  return block;
}

/* Frees the oldest until no more is kept than was ever in use at once: sizes
 * of an earlier stream don't stay for ever. */
static void
give_block (GstDnnAllocator *self, Block *block)
{
  g_mutex_lock (&self->lock);
  self->used_bytes -= block->block_size;
  g_queue_push_head_link (&self->free, &block->link);
  self->free_bytes += block->block_size;
  while (self->free_bytes + self->used_bytes > self->peak_bytes)
    drop_block (self, self->free.tail->data);
  g_mutex_unlock (&self->lock);
}

static GstMemory *
alloc_memory (GstAllocator *allocator, gsize size, GstAllocationParams *params)
{
  gsize align = params->align | (DNN_ALIGNMENT - 1);
  gsize maxsize = size + params->prefix + params->padding;
  gsize slack = align + 1 - DNN_ALIGNMENT;
  gsize header = (sizeof (Block) + DNN_ALIGNMENT - 1) &
      ~(gsize) (DNN_ALIGNMENT - 1);
  Block *block;

  if (maxsize < size || maxsize > (gsize) DNN_MAX_TENSOR_BYTES)
    return NULL;
  block = take_block (GST_DNN_ALLOCATOR (allocator), header + slack + maxsize);
  if (block == NULL)
    return NULL;
  block->data = (guint8 *) (((gsize) block + header + align) & ~align);
  gst_memory_init (GST_MEMORY_CAST (block), params->flags, allocator, NULL,
      maxsize, align, params->prefix, size);
  if (params->flags & GST_MEMORY_FLAG_ZERO_PREFIXED)
    memset (block->data, 0, params->prefix);
  if (params->flags & GST_MEMORY_FLAG_ZERO_PADDED)
    memset (block->data + params->prefix + size, 0, params->padding);
  return GST_MEMORY_CAST (block);
}

static void
free_memory (GstAllocator *allocator, GstMemory *memory)
{
  Block *block = (Block *) memory;

  if (block->block_size == 0)
    g_free (block);
  else
    give_block (GST_DNN_ALLOCATOR (allocator), block);
}

static gpointer
map_memory (GstMemory *memory, gsize maxsize, GstMapFlags flags)
{
  return ((Block *) memory)->data;
}

static void
unmap_memory (GstMemory *memory)
{
}

static GstMemory *
share_memory (GstMemory *memory, gssize offset, gssize size)
{
  GstMemory *parent = memory->parent != NULL ? memory->parent : memory;
  Block *part = g_new0 (Block, 1);

  if (size < 0)
    size = (gssize) memory->size - offset;
  part->data = ((Block *) memory)->data;
  gst_memory_init (GST_MEMORY_CAST (part),
      GST_MINI_OBJECT_FLAGS (parent) | GST_MINI_OBJECT_FLAG_LOCK_READONLY,
      memory->allocator, parent, memory->maxsize, memory->align,
      memory->offset + offset, size);
  return GST_MEMORY_CAST (part);
}

static void
finalize_allocator (GObject *object)
{
  GstDnnAllocator *self = GST_DNN_ALLOCATOR (object);

  /* Memories hold the allocator, so that all are in the free list. */
  gst_dnn_allocator_trim (self);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_dnn_allocator_parent_class)->finalize (object);
}

static void
gst_dnn_allocator_class_init (GstDnnAllocatorClass *klass)
{
  GstAllocatorClass *allocator_class = GST_ALLOCATOR_CLASS (klass);

  allocator_class->alloc = alloc_memory;
  allocator_class->free = free_memory;
  G_OBJECT_CLASS (klass)->finalize = finalize_allocator;
}

static void
gst_dnn_allocator_init (GstDnnAllocator *self)
{
  GstAllocator *allocator = GST_ALLOCATOR_CAST (self);

  g_mutex_init (&self->lock);
  g_queue_init (&self->free);
  allocator->mem_type = GST_DNN_ALLOCATOR_NAME;
  allocator->mem_map = map_memory;
  allocator->mem_unmap = unmap_memory;
  allocator->mem_share = share_memory;
}

GstDnnAllocator *
gst_dnn_allocator_new (void)
{
  return gst_object_ref_sink (g_object_new (GST_TYPE_DNN_ALLOCATOR, NULL));
}

void
gst_dnn_allocator_init_params (GstAllocationParams *params)
{
  gst_allocation_params_init (params);
  params->align = DNN_ALIGNMENT - 1;
}

GstMemory *
gst_dnn_allocator_get (GstDnnAllocator *self, gsize size)
{
  GstAllocationParams params;

  gst_dnn_allocator_init_params (&params);
  return gst_allocator_alloc (GST_ALLOCATOR_CAST (self), size, &params);
}

void
gst_dnn_allocator_propose (GstDnnAllocator *self, GstQuery *query)
{
  GstAllocationParams params;

  gst_dnn_allocator_init_params (&params);
  gst_query_add_allocation_param (query, GST_ALLOCATOR_CAST (self), &params);
}

guint64
gst_dnn_allocator_get_n_blocks (GstDnnAllocator *self)
{
  guint64 n_blocks;

  g_mutex_lock (&self->lock);
  n_blocks = self->n_blocks;
  g_mutex_unlock (&self->lock);
  return n_blocks;
}

void
gst_dnn_allocator_trim (GstDnnAllocator *self)
{
  g_mutex_lock (&self->lock);
  while (self->free.tail != NULL)
    drop_block (self, self->free.tail->data);
  self->peak_bytes = self->used_bytes;
  g_mutex_unlock (&self->lock);
}
