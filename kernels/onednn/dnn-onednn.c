/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Our one set of calls → oneDNN 2.6 or 3.x. Next: dnn-onednn-format.c,
 * dnn-onednn-kernel.c. */
#include "config.h"

#include "kernels/onednn/dnn-onednn.h"

#include "kernels/onednn/dnn-onednn-impl.h"

#include <string.h>

#define IS_V3 (DNNL_VERSION_MAJOR >= 3)

dnnl_engine_t
dnn_onednn_engine (void)
{
  static dnnl_engine_t engine;
  static gsize once;

  if (g_once_init_enter (&once)) {
    if (dnnl_engine_create (&engine, dnnl_cpu, 0) != dnnl_success)
      engine = NULL;
    g_once_init_leave (&once, 1);
  }
  return engine;
}

gboolean
dnn_onednn_fuses_transposed (void)
{
  return IS_V3;
}

gsize
dnn_onednn_alignment (void)
{
  return dnnl_get_effective_cpu_isa () == dnnl_cpu_isa_sse41 ? 16 : 1;
}

gboolean
dnn_onednn_may_use (dnnl_cpu_isa_t isa)
{
  return (dnnl_get_effective_cpu_isa () & isa) == (guint) isa;
}

const gchar *
dnn_onednn_version (void)
{
  static gchar *text;
  static gsize once;

  if (g_once_init_enter (&once)) {
    const dnnl_version_t *version = dnnl_version ();
    text = g_strdup_printf (
        "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    g_once_init_leave (&once, 1);
  }
  return text;
}

const gchar *
dnn_onednn_describe (void)
{
  static gchar *text;
  static gsize once;

  if (g_once_init_enter (&once)) {
    text = g_strdup_printf ("%s isa %x", dnn_onednn_version (),
        (guint) dnnl_get_effective_cpu_isa ());
    g_once_init_leave (&once, 1);
  }
  return text;
}

void
dnn_onednn_trim (void)
{
  int capacity = 0;

  if (dnnl_get_primitive_cache_capacity (&capacity) || capacity == 0)
    return;
  dnnl_set_primitive_cache_capacity (0);
  dnnl_set_primitive_cache_capacity (capacity);
}

/* ---- types ------------------------------------------------------------- */

static const struct
{
  DnnType ours;
  dnnl_data_type_t theirs;
} types[] = {
  { DNN_TYPE_FLOAT32, dnnl_f32 },
  { DNN_TYPE_FLOAT16, dnnl_f16 },
  { DNN_TYPE_BFLOAT16, dnnl_bf16 },
  { DNN_TYPE_INT32, dnnl_s32 },
  { DNN_TYPE_INT8, dnnl_s8 },
  { DNN_TYPE_UINT8, dnnl_u8 },
};

dnnl_data_type_t
dnn_onednn_type (DnnType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].ours == type)
      return types[i].theirs;
  return dnnl_data_type_undef;
}

DnnType
dnn_onednn_type_from (dnnl_data_type_t type)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].theirs == type)
      return types[i].ours;
  return DNN_TYPE_INVALID;
}

/* ---- memory descriptors ------------------------------------------------- */

/* oneDNN reads all entries of a dnnl_dims_t. */
static gboolean
copy_dims (dnnl_dims_t to, gint rank, const gint64 *from)
{
  memset (to, 0, sizeof (dnnl_dims_t));
  if (rank < 1 || rank > DNNL_MAX_NDIMS)
    return FALSE;
  for (gint i = 0; i < rank; i++) {
    if (from[i] <= 0)
      return FALSE;
    to[i] = from[i];
  }
  return TRUE;
}

DnnMd *
dnn_md_new_tag (
    gint rank, const gint64 *dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
  dnnl_dims_t d;

  if (type == dnnl_data_type_undef || !copy_dims (d, rank, dims))
    return NULL;
#if IS_V3
  DnnMd *md = NULL;
  if (dnnl_memory_desc_create_with_tag (&md, rank, d, type, tag))
    return NULL;
  return md;
#else
  g_autoptr (DnnMd) md = g_new0 (DnnMd, 1);
  if (dnnl_memory_desc_init_by_tag (md, rank, d, type, tag))
    return NULL;
  return g_steal_pointer (&md);
#endif
}

DnnMd *
dnn_md_new_any (gint rank, const gint64 *dims, dnnl_data_type_t type)
{
  return dnn_md_new_tag (rank, dims, type, dnnl_format_tag_any);
}

DnnMd *
dnn_md_new_strides (
    gint rank, const gint64 *dims, dnnl_data_type_t type, const gint64 *strides)
{
  dnnl_dims_t d, s;

  if (type == dnnl_data_type_undef || !copy_dims (d, rank, dims) ||
      !copy_dims (s, rank, strides))
    return NULL;
#if IS_V3
  DnnMd *md = NULL;
  if (dnnl_memory_desc_create_with_strides (&md, rank, d, type, s))
    return NULL;
  return md;
#else
  g_autoptr (DnnMd) md = g_new0 (DnnMd, 1);
  if (dnnl_memory_desc_init_by_strides (md, rank, d, type, s))
    return NULL;
  return g_steal_pointer (&md);
#endif
}

DnnMd *
dnn_md_new_plain (gint rank, const gint64 *dims, dnnl_data_type_t type)
{
  gint64 strides[DNNL_MAX_NDIMS];
  gint64 stride = 1;

  if (rank < 1 || rank > DNNL_MAX_NDIMS)
    return NULL;
  for (gint i = rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= dims[i];
  }
  return dnn_md_new_strides (rank, dims, type, strides);
}

DnnMd *
dnn_md_copy (const DnnMd *md)
{
#if IS_V3
  DnnMd *copy = NULL;
  if (dnnl_memory_desc_clone (&copy, md))
    return NULL;
  return copy;
#else
  return g_memdup2 (md, sizeof *md);
#endif
}

void
dnn_md_free (DnnMd *md)
{
#if IS_V3
  if (md)
    dnnl_memory_desc_destroy (md);
#else
  g_free (md);
#endif
}

gsize
dnn_md_get_size (const DnnMd *md)
{
  return dnnl_memory_desc_get_size (md);
}

gboolean
dnn_md_equal (const DnnMd *a, const DnnMd *b)
{
  return dnnl_memory_desc_equal (a, b) != 0;
}

#if IS_V3
static void
query_dims (const DnnMd *md, dnnl_query_t what, gint n, dnnl_dims_t dims)
{
  const dnnl_dims_t *found = NULL;

  memset (dims, 0, sizeof (dnnl_dims_t));
  if (n > 0 && !dnnl_memory_desc_query (md, what, &found) && found)
    memcpy (dims, *found, n * sizeof (dnnl_dim_t));
}

gboolean
dnn_md_get_layout (const DnnMd *md, DnnMdLayout *layout)
{
  dnnl_format_kind_t kind = dnnl_format_kind_undef;

  memset (layout, 0, sizeof *layout);
  if (dnnl_memory_desc_query (md, dnnl_query_format_kind, &kind) ||
      kind != dnnl_blocked)
    return FALSE;
  dnnl_memory_desc_query (md, dnnl_query_ndims_s32, &layout->rank);
  dnnl_memory_desc_query (md, dnnl_query_data_type, &layout->type);
  dnnl_memory_desc_query (md, dnnl_query_submemory_offset_s64, &layout->offset);
  dnnl_memory_desc_query (md, dnnl_query_inner_nblks_s32, &layout->n_blocks);
  query_dims (md, dnnl_query_dims, layout->rank, layout->dims);
  query_dims (md, dnnl_query_padded_dims, layout->rank, layout->padded);
  query_dims (md, dnnl_query_strides, layout->rank, layout->strides);
  query_dims (md, dnnl_query_inner_blks, layout->n_blocks, layout->blocks);
  query_dims (md, dnnl_query_inner_idxs, layout->n_blocks, layout->block_idxs);
  return TRUE;
}
#else
gboolean
dnn_md_get_layout (const DnnMd *md, DnnMdLayout *layout)
{
  const dnnl_blocking_desc_t *blocking = &md->format_desc.blocking;

  memset (layout, 0, sizeof *layout);
  if (md->format_kind != dnnl_blocked)
    return FALSE;
  layout->rank = md->ndims;
  layout->type = md->data_type;
  layout->offset = md->offset0;
  layout->n_blocks = blocking->inner_nblks;
  memcpy (layout->dims, md->dims, sizeof (dnnl_dims_t));
  memcpy (layout->padded, md->padded_dims, sizeof (dnnl_dims_t));
  memcpy (layout->strides, blocking->strides, sizeof (dnnl_dims_t));
  memcpy (layout->blocks, blocking->inner_blks, sizeof (dnnl_dims_t));
  memcpy (layout->block_idxs, blocking->inner_idxs, sizeof (dnnl_dims_t));
  return TRUE;
}
#endif

/* ---- attributes -----------------------------------------------------------
 */

DnnAttr *
dnn_attr_new (void)
{
  DnnAttr *attr = NULL;

  if (dnnl_primitive_attr_create (&attr))
    return NULL;
  if (dnnl_primitive_attr_set_scratchpad_mode (
          attr, dnnl_scratchpad_mode_user)) {
    dnnl_primitive_attr_destroy (attr);
    return NULL;
  }
  return attr;
}

void
dnn_attr_free (DnnAttr *attr)
{
  if (attr)
    dnnl_primitive_attr_destroy (attr);
}

DnnPostOps *
dnn_post_ops_new (void)
{
  DnnPostOps *self = NULL;

  return dnnl_post_ops_create (&self) ? NULL : self;
}

void
dnn_post_ops_free (DnnPostOps *self)
{
  if (self)
    dnnl_post_ops_destroy (self);
}

static const dnnl_alg_kind_t algs[] = {
  [DNN_ALG_NONE] = dnnl_alg_kind_undef,
  [DNN_ALG_RELU] = dnnl_eltwise_relu,
  [DNN_ALG_ELU] = dnnl_eltwise_elu,
  [DNN_ALG_CLIP] = dnnl_eltwise_clip,
  [DNN_ALG_LINEAR] = dnnl_eltwise_linear,
  [DNN_ALG_LOGISTIC] = dnnl_eltwise_logistic,
#if IS_V3
  [DNN_ALG_HARDSIGMOID] = dnnl_eltwise_hardsigmoid,
#else
  [DNN_ALG_HARDSIGMOID] = dnnl_alg_kind_undef,
#endif
  [DNN_ALG_HARDSWISH] = dnnl_eltwise_hardswish,
  [DNN_ALG_SWISH] = dnnl_eltwise_swish,
  [DNN_ALG_TANH] = dnnl_eltwise_tanh,
  [DNN_ALG_EXP] = dnnl_eltwise_exp,
  [DNN_ALG_LOG] = dnnl_eltwise_log,
  [DNN_ALG_SQRT] = dnnl_eltwise_sqrt,
  [DNN_ALG_SQUARE] = dnnl_eltwise_square,
  [DNN_ALG_POW] = dnnl_eltwise_pow,
  [DNN_ALG_ABS] = dnnl_eltwise_abs,
  [DNN_ALG_ROUND] = dnnl_eltwise_round,
  [DNN_ALG_SOFTPLUS] = dnnl_eltwise_soft_relu,
  [DNN_ALG_MISH] = dnnl_eltwise_mish,
  [DNN_ALG_GELU_ERF] = dnnl_eltwise_gelu_erf,
  [DNN_ALG_GELU_TANH] = dnnl_eltwise_gelu_tanh,
};

/* 2.6 ignores these two, 3.x wants them. */
static void
fix_coefficients (DnnAlg alg, gfloat *alpha, gfloat *beta)
{
  if (alg == DNN_ALG_HARDSWISH) {
    *alpha = 1.f / 6;
    *beta = 0.5f;
  } else if (alg == DNN_ALG_SOFTPLUS) {
    *alpha = 1.f;
  }
}

/* Whether there is such a function already, with other coefficients: 2.6's
 * kernels for depthwise convolutions keep one pair an algorithm and would
 * compute both with the first. */
static gboolean
has_other_coefficients (
    const DnnPostOps *self, dnnl_alg_kind_t alg, gfloat alpha, gfloat beta)
{
  for (gint i = 0; i < dnnl_post_ops_len (self); i++) {
    dnnl_alg_kind_t other;
    gfloat other_alpha, other_beta;
    if (dnnl_post_ops_get_kind (self, i) != dnnl_eltwise)
      continue;
#if IS_V3
    if (dnnl_post_ops_get_params_eltwise (
            self, i, &other, &other_alpha, &other_beta))
      return TRUE;
#else
    gfloat scale;
    if (dnnl_post_ops_get_params_eltwise (
            self, i, &scale, &other, &other_alpha, &other_beta))
      return TRUE;
#endif
    if (other == alg && (other_alpha != alpha || other_beta != beta))
      return TRUE;
  }
  return FALSE;
}

static gboolean
append_eltwise (
    DnnPostOps *self, dnnl_alg_kind_t alg, gfloat alpha, gfloat beta)
{
  if (has_other_coefficients (self, alg, alpha, beta))
    return FALSE;
#if IS_V3
  return !dnnl_post_ops_append_eltwise (self, alg, alpha, beta);
#else
  return !dnnl_post_ops_append_eltwise (self, 1.f, alg, alpha, beta);
#endif
}

gboolean
dnn_post_ops_add_eltwise (
    DnnPostOps *self, DnnAlg alg, gfloat alpha, gfloat beta)
{
  fix_coefficients (alg, &alpha, &beta);
  if (algs[alg] != dnnl_alg_kind_undef)
    return append_eltwise (self, algs[alg], alpha, beta);
  if (alg != DNN_ALG_HARDSIGMOID)
    return FALSE;
  return append_eltwise (self, dnnl_eltwise_linear, alpha, beta) &&
      append_eltwise (self, dnnl_eltwise_clip, 0.f, 1.f);
}

gboolean
dnn_post_ops_add_sum (DnnPostOps *self)
{
#if IS_V3
  return !dnnl_post_ops_append_sum (self, 1.f, 0, dnnl_data_type_undef);
#else
  return !dnnl_post_ops_append_sum (self, 1.f);
#endif
}

gboolean
dnn_post_ops_add_binary (
    DnnPostOps *self, dnnl_alg_kind_t alg, const DnnMd *operand)
{
  return !dnnl_post_ops_append_binary (self, alg, operand);
}

gint
dnn_post_ops_get_length (const DnnPostOps *self)
{
  return dnnl_post_ops_len (self);
}

gboolean
dnn_attr_set_post_ops (DnnAttr *attr, const DnnPostOps *post_ops)
{
  return !dnnl_primitive_attr_set_post_ops (attr, post_ops);
}

/* ---- primitive descriptors ------------------------------------------------
 */

void
dnn_pd_free (DnnPd *pd)
{
  if (pd)
    dnnl_primitive_desc_destroy (pd);
}

/* 2.6: an operation descriptor was filled with @status; ask for its first
 * implementation. */
#if !IS_V3
static DnnPd *
create_pd (dnnl_status_t status, const_dnnl_op_desc_t desc, const DnnAttr *attr)
{
  DnnPd *pd = NULL;

  if (status ||
      dnnl_primitive_desc_create (&pd, desc, attr, dnn_onednn_engine (), NULL))
    return NULL;
  return pd;
}
#endif

/* oneDNN counts dilations from 0. */
static void
count_from_zero (const DnnWindow *window, dnnl_dims_t dilations)
{
  memset (dilations, 0, sizeof (dnnl_dims_t));
  for (gint i = 0; i < window->n; i++)
    dilations[i] = window->dilations[i] - 1;
}

DnnPd *
dnn_pd_new_convolution (DnnConvAlg alg, const DnnMd *src, const DnnMd *weights,
    const DnnMd *bias, const DnnMd *dst, const DnnWindow *window,
    const DnnAttr *attr)
{
  const DnnWindow *w = window;
  dnnl_dims_t dilations;

  count_from_zero (window, dilations);
#if IS_V3
  DnnPd *pd = NULL;
  dnnl_status_t status = dnnl_unimplemented;
  if (alg == DNN_CONV_TRANSPOSED)
    status = dnnl_deconvolution_forward_primitive_desc_create (&pd,
        dnn_onednn_engine (), dnnl_forward_inference, dnnl_deconvolution_direct,
        src, weights, bias, dst, w->strides, dilations, w->pads_begin,
        w->pads_end, attr);
  else if (alg == DNN_CONV_DIRECT)
    status = dnnl_convolution_forward_primitive_desc_create (&pd,
        dnn_onednn_engine (), dnnl_forward_inference, dnnl_convolution_direct,
        src, weights, bias, dst, w->strides, dilations, w->pads_begin,
        w->pads_end, attr);
  return status ? NULL : pd;
#else
  dnnl_convolution_desc_t desc;
  dnnl_status_t status = alg == DNN_CONV_TRANSPOSED
      ? dnnl_dilated_deconvolution_forward_desc_init (&desc,
            dnnl_forward_inference, dnnl_deconvolution_direct, src, weights,
            bias, dst, w->strides, dilations, w->pads_begin, w->pads_end)
      : dnnl_dilated_convolution_forward_desc_init (&desc,
            dnnl_forward_inference,
            alg == DNN_CONV_WINOGRAD ? dnnl_convolution_winograd
                                     : dnnl_convolution_direct,
            src, weights, bias, dst, w->strides, dilations, w->pads_begin,
            w->pads_end);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_pooling (dnnl_alg_kind_t alg, const DnnMd *src, const DnnMd *dst,
    const DnnWindow *window, const DnnAttr *attr)
{
  const DnnWindow *w = window;
  dnnl_dims_t dilations;

  count_from_zero (window, dilations);
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_pooling_forward_primitive_desc_create (&pd, dnn_onednn_engine (),
          dnnl_forward_inference, alg, src, dst, w->strides, w->kernel,
          dilations, w->pads_begin, w->pads_end, attr))
    return NULL;
  return pd;
#else
  dnnl_pooling_v2_desc_t desc;
  dnnl_status_t status = dnnl_pooling_v2_forward_desc_init (&desc,
      dnnl_forward_inference, alg, src, dst, w->strides, w->kernel, dilations,
      w->pads_begin, w->pads_end);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_inner_product (const DnnMd *src, const DnnMd *weights,
    const DnnMd *bias, const DnnMd *dst, const DnnAttr *attr)
{
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_inner_product_forward_primitive_desc_create (&pd,
          dnn_onednn_engine (), dnnl_forward_inference, src, weights, bias, dst,
          attr))
    return NULL;
  return pd;
#else
  dnnl_inner_product_desc_t desc;
  dnnl_status_t status = dnnl_inner_product_forward_desc_init (
      &desc, dnnl_forward_inference, src, weights, bias, dst);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_matmul (const DnnMd *src, const DnnMd *weights, const DnnMd *bias,
    const DnnMd *dst, const DnnAttr *attr)
{
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_matmul_primitive_desc_create (
          &pd, dnn_onednn_engine (), src, weights, bias, dst, attr))
    return NULL;
  return pd;
#else
  dnnl_matmul_desc_t desc;
  dnnl_status_t status = dnnl_matmul_desc_init (&desc, src, weights, bias, dst);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_batch_normalization (
    const DnnMd *src, gfloat epsilon, const DnnAttr *attr)
{
  unsigned flags = dnnl_use_global_stats | dnnl_use_scale | dnnl_use_shift;
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_batch_normalization_forward_primitive_desc_create (&pd,
          dnn_onednn_engine (), dnnl_forward_inference, src, src, epsilon,
          flags, attr))
    return NULL;
  return pd;
#else
  dnnl_batch_normalization_desc_t desc;
  dnnl_status_t status = dnnl_batch_normalization_forward_desc_init (
      &desc, dnnl_forward_inference, src, epsilon, flags);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_softmax (gboolean log, const DnnMd *src, const DnnMd *dst, gint axis,
    const DnnAttr *attr)
{
  dnnl_alg_kind_t alg = log ? dnnl_softmax_log : dnnl_softmax_accurate;
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_softmax_forward_primitive_desc_create (&pd, dnn_onednn_engine (),
          dnnl_forward_inference, alg, src, dst, axis, attr))
    return NULL;
  return pd;
#else
  dnnl_softmax_v2_desc_t desc;
  dnnl_status_t status = dnnl_softmax_v2_forward_desc_init (
      &desc, dnnl_forward_inference, alg, src, dst, axis);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_eltwise (DnnAlg alg, gfloat alpha, gfloat beta, const DnnMd *src,
    const DnnAttr *attr)
{
  fix_coefficients (alg, &alpha, &beta);
#if IS_V3
  DnnPd *pd = NULL;
  if (algs[alg] == dnnl_alg_kind_undef ||
      dnnl_eltwise_forward_primitive_desc_create (&pd, dnn_onednn_engine (),
          dnnl_forward_inference, algs[alg], src, src, alpha, beta, attr))
    return NULL;
  return pd;
#else
  dnnl_eltwise_desc_t desc;
  dnnl_status_t status;
  g_autoptr (DnnAttr) clipped = NULL;
  if (alg == DNN_ALG_HARDSIGMOID) {
    g_autoptr (DnnPostOps) post_ops = dnn_post_ops_new ();
    clipped = dnn_attr_new ();
    if (!append_eltwise (post_ops, dnnl_eltwise_clip, 0.f, 1.f) ||
        !dnn_attr_set_post_ops (clipped, post_ops))
      return NULL;
    status = dnnl_eltwise_forward_desc_init (
        &desc, dnnl_forward_inference, dnnl_eltwise_linear, src, alpha, beta);
    return create_pd (status, &desc, clipped);
  }
  if (algs[alg] == dnnl_alg_kind_undef)
    return NULL;
  status = dnnl_eltwise_forward_desc_init (
      &desc, dnnl_forward_inference, algs[alg], src, alpha, beta);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_binary (dnnl_alg_kind_t alg, const DnnMd *a, const DnnMd *b,
    const DnnMd *dst, const DnnAttr *attr)
{
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_binary_primitive_desc_create (
          &pd, dnn_onednn_engine (), alg, a, b, dst, attr))
    return NULL;
  return pd;
#else
  dnnl_binary_desc_t desc;
  dnnl_status_t status = dnnl_binary_desc_init (&desc, alg, a, b, dst);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_resampling (dnnl_alg_kind_t alg, const DnnMd *src, const DnnMd *dst,
    const DnnAttr *attr)
{
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_resampling_forward_primitive_desc_create (&pd, dnn_onednn_engine (),
          dnnl_forward_inference, alg, NULL, src, dst, attr))
    return NULL;
  return pd;
#else
  dnnl_resampling_desc_t desc;
  dnnl_status_t status = dnnl_resampling_forward_desc_init (
      &desc, dnnl_forward_inference, alg, NULL, src, dst);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_reduction (dnnl_alg_kind_t alg, const DnnMd *src, const DnnMd *dst,
    const DnnAttr *attr)
{
#if IS_V3
  DnnPd *pd = NULL;
  if (dnnl_reduction_primitive_desc_create (
          &pd, dnn_onednn_engine (), alg, src, dst, 0.f, 0.f, attr))
    return NULL;
  return pd;
#else
  dnnl_reduction_desc_t desc;
  dnnl_status_t status = dnnl_reduction_desc_init (
      &desc, alg, src, dst, 0.f, 0.f);
  return create_pd (status, &desc, attr);
#endif
}

DnnPd *
dnn_pd_new_reorder (const DnnMd *src, const DnnMd *dst, const DnnAttr *attr)
{
  dnnl_engine_t engine = dnn_onednn_engine ();
  DnnPd *pd = NULL;

  if (dnnl_reorder_primitive_desc_create (&pd, src, engine, dst, engine, attr))
    return NULL;
  return pd;
}

const DnnMd *
dnn_pd_get_md (const DnnPd *pd, dnnl_query_t what, gint idx)
{
  return dnnl_primitive_desc_query_md (pd, what, idx);
}

gsize
dnn_pd_get_scratchpad_size (const DnnPd *pd)
{
  const DnnMd *md = dnn_pd_get_md (pd, dnnl_query_scratchpad_md, 0);

  return md ? dnn_md_get_size (md) : 0;
}

const gchar *
dnn_pd_get_impl (const DnnPd *pd)
{
  const gchar *impl = NULL;

  if (dnnl_primitive_desc_query (pd, dnnl_query_impl_info_str, 0, &impl) ||
      !impl)
    return "unknown";
  return g_intern_string (impl);
}

gboolean
dnn_pd_is_ref (const DnnPd *pd)
{
  return dnn_impl_is (dnn_pd_get_impl (pd), DNN_IMPL_IS_REFERENCE);
}
