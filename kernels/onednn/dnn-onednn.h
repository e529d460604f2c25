/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One set of calls over the C APIs of oneDNN 2.6 and 3.x. This file and its
 * .c are the only ones that know the version. Memory descriptors (DnnMd) are
 * always handles on the heap; every function that makes something returns
 * NULL when oneDNN refuses, which is how candidates are found. Primitive
 * descriptors fix the size of the OpenMP team: make them under the count that
 * will run them. */
#pragma once

#include <oneapi/dnnl/dnnl.h>

#include "pipeline-core/base/dnn-error.h"
#include "pipeline-core/base/dnn-shape.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

#if DNNL_VERSION_MAJOR >= 3
typedef struct dnnl_memory_desc DnnMd;
#else
typedef dnnl_memory_desc_t DnnMd;
#endif
typedef struct dnnl_primitive_desc DnnPd;
typedef struct dnnl_primitive_attr DnnAttr;

/* The process's CPU engine; made once, never freed. NULL only if oneDNN can't
 * run here at all. */
dnnl_engine_t dnn_onednn_engine (void);
/* Deconvolutions add bias and post-ops where they compute; 2.6 walks over the
 * result again, element by element: 3 ns for the bias, 30 a post-op. */
gboolean dnn_onednn_fuses_transposed (void);
/* What its kernels demand of the addresses they get, in bytes: 1, but 16 where
 * only SSE4.1 may be used, whose instructions fault on others. */
gsize dnn_onednn_alignment (void);
/* Whether this machine has these instructions and ONEDNN_MAX_CPU_ISA allows
 * them. */
gboolean dnn_onednn_may_use (dnnl_cpu_isa_t isa);
/* "oneDNN 2.6.3" */
const gchar *dnn_onednn_version (void);
/* The same with the instructions it may use, as the number that it has for
 * them: "oneDNN 2.6.3 isa e7". */
const gchar *dnn_onednn_describe (void);

/* Forgets primitives that are in nobody's use: oneDNN keeps the last 1,024. */
void dnn_onednn_trim (void);

/* ---- types ------------------------------------------------------------- */

/* dnnl_data_type_undef where oneDNN has no such type. */
dnnl_data_type_t dnn_onednn_type (DnnType type);
DnnType dnn_onednn_type_from (dnnl_data_type_t type);

/* ---- memory descriptors ------------------------------------------------- */

/* @dims must be known, positive; a scalar has rank 1. @type as oneDNN's. */
DnnMd *dnn_md_new_tag (gint rank, const gint64 *dims, dnnl_data_type_t type,
    dnnl_format_tag_t tag);
DnnMd *dnn_md_new_strides (gint rank, const gint64 *dims, dnnl_data_type_t type,
    const gint64 *strides);
/* Row-major, packed. */
DnnMd *dnn_md_new_plain (gint rank, const gint64 *dims, dnnl_data_type_t type);
/* The primitive chooses. */
DnnMd *dnn_md_new_any (gint rank, const gint64 *dims, dnnl_data_type_t type);
DnnMd *dnn_md_copy (const DnnMd *md);
void dnn_md_free (DnnMd *md);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnMd, dnn_md_free)

gsize dnn_md_get_size (const DnnMd *md);
gboolean dnn_md_equal (const DnnMd *a, const DnnMd *b);

/* What a blocked descriptor says. Strides are those of the outermost level of
 * each dimension, in elements. */
typedef struct
{
  gint rank;
  dnnl_data_type_t type;
  dnnl_dims_t dims, padded, strides;
  gint64 offset;
  gint n_blocks;
  dnnl_dims_t blocks, block_idxs; /* outermost first */
} DnnMdLayout;

/* %FALSE for layouts that only oneDNN understands. */
gboolean dnn_md_get_layout (const DnnMd *md, DnnMdLayout *layout);

/* ---- attributes -----------------------------------------------------------
 */

/* Element-wise functions; alpha and beta as ONNX has them. */
typedef enum
{
  DNN_ALG_NONE,
  DNN_ALG_RELU, /* alpha: slope below 0 */
  DNN_ALG_ELU, /* alpha */
  DNN_ALG_CLIP, /* alpha: min, beta: max */
  DNN_ALG_LINEAR, /* alpha · x + beta */
  DNN_ALG_LOGISTIC,
  DNN_ALG_HARDSIGMOID, /* min (1, max (0, alpha · x + beta)) */
  DNN_ALG_HARDSWISH, /* x · hardsigmoid (x) with 1/6, 0.5 */
  DNN_ALG_SWISH, /* x · logistic (alpha · x) */
  DNN_ALG_TANH,
  DNN_ALG_EXP,
  DNN_ALG_LOG,
  DNN_ALG_SQRT,
  DNN_ALG_SQUARE,
  DNN_ALG_POW, /* alpha · x ^ beta */
  DNN_ALG_ABS,
  DNN_ALG_ROUND, /* half to even */
  DNN_ALG_SOFTPLUS,
  DNN_ALG_MISH,
  DNN_ALG_GELU_ERF,
  DNN_ALG_GELU_TANH,
} DnnAlg;

/* User-mode scratchpad. */
DnnAttr *dnn_attr_new (void);
void dnn_attr_free (DnnAttr *attr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnAttr, dnn_attr_free)

/* Post-ops collected apart, since an attribute takes them whole. */
typedef struct dnnl_post_ops DnnPostOps;
DnnPostOps *dnn_post_ops_new (void);
void dnn_post_ops_free (DnnPostOps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnPostOps, dnn_post_ops_free)
gboolean dnn_post_ops_add_eltwise (
    DnnPostOps *self, DnnAlg alg, gfloat alpha, gfloat beta);
gboolean dnn_post_ops_add_sum (DnnPostOps *self);
gboolean dnn_post_ops_add_binary (
    DnnPostOps *self, dnnl_alg_kind_t alg, const DnnMd *operand);
/* How many of oneDNN's it has: the index of the next one. */
gint dnn_post_ops_get_length (const DnnPostOps *self);
gboolean dnn_attr_set_post_ops (DnnAttr *attr, const DnnPostOps *post_ops);

/* ---- primitive descriptors ------------------------------------------------
 */

/* Geometry of a window, one entry a spatial dimension. Dilations count from
 * 1, as ONNX's. */
typedef struct
{
  gint n;
  dnnl_dims_t kernel, strides, dilations, pads_begin, pads_end;
} DnnWindow;

void dnn_pd_free (DnnPd *pd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnPd, dnn_pd_free)

typedef enum
{
  DNN_CONV_DIRECT,
  DNN_CONV_TRANSPOSED, /* deconvolution */
  DNN_CONV_WINOGRAD, /* rounds otherwise; 2.6 has it for 3×3, stride 1, where it
                        takes no post-ops but sum and relu; 3.x refuses */
} DnnConvAlg;

/* @bias (nullable) */
DnnPd *dnn_pd_new_convolution (DnnConvAlg alg, const DnnMd *src,
    const DnnMd *weights, const DnnMd *bias, const DnnMd *dst,
    const DnnWindow *window, const DnnAttr *attr);
DnnPd *dnn_pd_new_pooling (dnnl_alg_kind_t alg, const DnnMd *src,
    const DnnMd *dst, const DnnWindow *window, const DnnAttr *attr);
DnnPd *dnn_pd_new_inner_product (const DnnMd *src, const DnnMd *weights,
    const DnnMd *bias, const DnnMd *dst, const DnnAttr *attr);
DnnPd *dnn_pd_new_matmul (const DnnMd *src, const DnnMd *weights,
    const DnnMd *bias, const DnnMd *dst, const DnnAttr *attr);
/* Given mean and variance, scale and shift. */
DnnPd *dnn_pd_new_batch_normalization (
    const DnnMd *src, gfloat epsilon, const DnnAttr *attr);
DnnPd *dnn_pd_new_softmax (gboolean log, const DnnMd *src, const DnnMd *dst,
    gint axis, const DnnAttr *attr);
DnnPd *dnn_pd_new_eltwise (DnnAlg alg, gfloat alpha, gfloat beta,
    const DnnMd *src, const DnnAttr *attr);
DnnPd *dnn_pd_new_binary (dnnl_alg_kind_t alg, const DnnMd *a, const DnnMd *b,
    const DnnMd *dst, const DnnAttr *attr);
DnnPd *dnn_pd_new_resampling (dnnl_alg_kind_t alg, const DnnMd *src,
    const DnnMd *dst, const DnnAttr *attr);
DnnPd *dnn_pd_new_reduction (dnnl_alg_kind_t alg, const DnnMd *src,
    const DnnMd *dst, const DnnAttr *attr);
DnnPd *dnn_pd_new_reorder (
    const DnnMd *src, const DnnMd *dst, const DnnAttr *attr);

/* dnnl_query_src_md, …; valid while @pd lives. */
const DnnMd *dnn_pd_get_md (const DnnPd *pd, dnnl_query_t what, gint idx);
gsize dnn_pd_get_scratchpad_size (const DnnPd *pd);
/* "jit:avx512_core"; interned. */
const gchar *dnn_pd_get_impl (const DnnPd *pd);
/* oneDNN's own reference code: never worth running, ours is shorter. */
gboolean dnn_pd_is_ref (const DnnPd *pd);

G_END_DECLS
