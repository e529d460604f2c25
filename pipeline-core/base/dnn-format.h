/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A format: how one tensor lies in memory inside a module. The core sees size,
 * equality, text and how to reorder; layouts are the backend's business. */
#pragma once

#include "pipeline-core/base/dnn-error.h"
#include "pipeline-core/base/dnn-shape.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

typedef struct _DnnFormat DnnFormat;
typedef struct _DnnCandidate DnnCandidate;

/* What a backend's formats can do. One const table a backend. */
typedef struct
{
  const gchar *name;
  gsize (*size) (const DnnFormat *self); /* bytes, 64-byte multiples not
                                            required */
  gboolean (*equal) (const DnnFormat *a, const DnnFormat *b);
  gchar *(*to_string) (const DnnFormat *self); /* "f32 aBcd16b" */
  void (*free) (DnnFormat *self);

  /* A candidate with one input and one output that copies @src to @dst, with
   * cost; NULL if impossible. Either may be a plain format of the core. */
  DnnCandidate *(*reorder) (const DnnFormat *src, const DnnFormat *dst);

  /* The format of a part of a tensor in @self: @shape at @offset in every
   * dimension, when that part is one contiguous run of bytes; stores where it
   * begins. NULL when it isn't contiguous. For slices and concat inputs. */
  DnnFormat *(*part) (const DnnFormat *self, const DnnShape *shape,
      const gint64 *offset, gsize *byte_offset);
} DnnFormatClass;

/* Backends embed this as their first member. Immutable, counted by reference,
 * thread-safe. */
struct _DnnFormat
{
  const DnnFormatClass *klass;
  gatomicrefcount ref_count;
  DnnType type; /* stored type; the graph's, or less (bf16, int8) */
  DnnShape shape; /* known */
};

DNN_API DnnFormat *dnn_format_ref (const DnnFormat *self);
DNN_API void dnn_format_unref (DnnFormat *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnFormat, dnn_format_unref)

/* The core's own class: row-major, tightly packed. */
DNN_API DnnFormat *dnn_format_new_plain (DnnType type, const DnnShape *shape);
DNN_API gboolean dnn_format_is_plain (const DnnFormat *self);

/* A layout that only one kernel reads: constants that it packs. @layout says
 * all that decides the bytes besides the constant's own ("winograd 4x4 ×0.5"):
 * equal texts are equal layouts. @size: bytes. (transfer full) */
DNN_API DnnFormat *dnn_format_new_packed (
    DnnType type, const DnnShape *shape, const gchar *layout, gsize size);

DNN_API gsize dnn_format_get_size (const DnnFormat *self);
DNN_API gboolean dnn_format_equal (const DnnFormat *a, const DnnFormat *b);
DNN_API gchar *dnn_format_to_string (const DnnFormat *self);

/* Asks the class of whichever side isn't plain. (transfer full) (nullable) */
DNN_API DnnCandidate *dnn_format_reorder (
    const DnnFormat *src, const DnnFormat *dst);
DNN_API DnnFormat *dnn_format_part (const DnnFormat *self,
    const DnnShape *shape, const gint64 *offset, gsize *byte_offset);

G_END_DECLS
