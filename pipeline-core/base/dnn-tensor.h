/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A tensor: shape, type and memory, shared by reference. Memory of others
 * comes in, and ours goes out, as DLPack without a copy. */
#pragma once

#include "pipeline-core/base/dnn-error.h"
#include "pipeline-core/base/dnn-shape.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

#define DNN_ALIGNMENT 64

#define DNN_TYPE_TENSOR (dnn_tensor_get_type ())
typedef struct _DnnTensor DnnTensor;

DNN_API GType dnn_tensor_get_type (void);
DNN_API DnnTensor *dnn_tensor_ref (DnnTensor *self);
DNN_API void dnn_tensor_unref (DnnTensor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnTensor, dnn_tensor_unref)

/**
 * dnn_tensor_new:
 * @type: type of the elements
 * @shape: a known shape
 *
 * Zeroed memory of our own, 64-byte aligned, row-major, tightly packed.
 */
DNN_API DnnTensor *dnn_tensor_new (DnnType type, const DnnShape *shape);

/**
 * dnn_tensor_new_wrapped: (skip)
 * @data: row-major, tightly packed; must outlive @notify
 * @notify: (nullable): called with @user_data when the last reference goes,
 *   in whichever thread drops it
 */
DNN_API DnnTensor *dnn_tensor_new_wrapped (DnnType type, const DnnShape *shape,
    gconstpointer data, GDestroyNotify notify, gpointer user_data);

/**
 * dnn_tensor_new_from_dlpack: (skip)
 * @managed: (transfer full): tensor of another framework; taken also when
 *   the call fails
 *
 * No copy, unless it isn't row-major and packed: then it is copied, and
 * @managed deleted, at once. A tensor that is not on the CPU or has lanes is an
 * error that says so.
 */
DNN_API DnnTensor *dnn_tensor_new_from_dlpack (
    DLManagedTensor *managed, GError **error);

/**
 * dnn_tensor_to_dlpack: (skip)
 *
 * Returns: (transfer full): a view that holds a reference on @self; its
 *   deleter may be called in any thread
 */
DNN_API DLManagedTensor *dnn_tensor_to_dlpack (DnnTensor *self);

/**
 * dnn_tensor_new_from_dlpack_versioned: (skip)
 *
 * The same for DLPack 1.x: read-only tensors keep their flag. Declared with
 * `struct` because DLPack 0.6 lacks it, see dnn-dlpack.h.
 */
struct DLManagedTensorVersioned;
DNN_API DnnTensor *dnn_tensor_new_from_dlpack_versioned (
    struct DLManagedTensorVersioned *managed, GError **error);
/**
 * dnn_tensor_to_dlpack_versioned: (skip)
 */
DNN_API struct DLManagedTensorVersioned *dnn_tensor_to_dlpack_versioned (
    DnnTensor *self);

/**
 * dnn_tensor_get_dl: (skip)
 *
 * Returns: (transfer none): the DLTensor inside; valid while @self lives
 */
DNN_API const DLTensor *dnn_tensor_get_dl (const DnnTensor *self);

DNN_API DnnType dnn_tensor_get_element_type (const DnnTensor *self);
DNN_API const DnnShape *dnn_tensor_get_shape (const DnnTensor *self);
DNN_API gsize dnn_tensor_get_size (const DnnTensor *self);

/* Bytes; never %NULL but for a size of 0. Writing is for the owner only. */
DNN_API gconstpointer dnn_tensor_get_data (const DnnTensor *self);
DNN_API gpointer dnn_tensor_get_writable_data (DnnTensor *self);

/* Same type, shape and bytes. */
DNN_API gboolean dnn_tensor_equal (const DnnTensor *a, const DnnTensor *b);

/**
 * dnn_alloc_aligned: (skip)
 *
 * Returns: memory on %DNN_ALIGNMENT bytes, freed with dnn_free_aligned()
 */
DNN_API gpointer dnn_alloc_aligned (gsize size);
/**
 * dnn_try_alloc_aligned: (skip)
 *
 * Returns: (nullable): the same; %NULL where there is no memory
 */
DNN_API gpointer dnn_try_alloc_aligned (gsize size);
/**
 * dnn_free_aligned: (skip)
 * @memory: (nullable): of dnn_alloc_aligned()
 */
DNN_API void dnn_free_aligned (gpointer memory);

G_END_DECLS
