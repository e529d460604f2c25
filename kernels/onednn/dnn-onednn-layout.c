/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A memory descriptor → distances. Next: conv/dnn-phases.c,
 * winograd/. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-layout.h"

#define MAX_SPATIAL ((gint) G_N_ELEMENTS (((DnnLayout *) NULL)->space))

gboolean
dnn_layout_read (const DnnMd *md, DnnLayout *self)
{
  DnnMdLayout layout;

  if (!dnn_md_get_layout (md, &layout) || layout.type != dnnl_f32 ||
      layout.offset != 0 || layout.rank < 3 || layout.rank > 2 + MAX_SPATIAL ||
      layout.n_blocks > 1 ||
      (layout.n_blocks == 1 && layout.block_idxs[0] != 1))
    return FALSE;
  *self = (DnnLayout){
    .channels = layout.dims[1],
    .block = layout.n_blocks ? layout.blocks[0] : 1,
    .batch = layout.strides[0],
    .outer = layout.strides[1],
  };
  if (layout.n_blocks == 0 && layout.strides[1] == 1)
    self->block = layout.dims[1];
  for (gint i = 2; i < layout.rank; i++)
    self->space[MAX_SPATIAL - layout.rank + i] = layout.strides[i];
  return TRUE;
}
