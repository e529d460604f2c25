/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The name of one of oneDNN's implementations → what kind of code it is. The
 * only place that reads such names: all that hangs on them asks here. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What its time hangs on. */
typedef enum
{
  DNN_IMPL_JIT, /* vectorised for its problem; what others are taken for */
  DNN_IMPL_JIT_1X1,
  DNN_IMPL_DEPTHWISE,
  DNN_IMPL_BRGEMM, /* small products that share one kernel */
  DNN_IMPL_BRGEMM_1X1,
  DNN_IMPL_GEMM, /* copies the source, then one large product */
  DNN_IMPL_SSE41,
  DNN_IMPL_SIMPLE, /* plain loops */
  DNN_IMPL_NCSP, /* of oneDNN 3: reorders around another */
  DNN_IMPL_NCSP_NORM, /* a normalisation of planes */
  DNN_N_IMPLS,
} DnnImplKind;

typedef enum
{
  DNN_IMPL_IS_REFERENCE = 1 << 0, /* oneDNN's own, or around that */
  DNN_IMPL_IS_GEMM = 1 << 1,
  DNN_IMPL_IS_DEPTHWISE_SSE41 = 1 << 2,
} DnnImplFlags;

DnnImplKind dnn_impl_get_kind (const gchar *impl);
gboolean dnn_impl_is (const gchar *impl, DnnImplFlags flag);

G_END_DECLS
