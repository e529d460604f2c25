/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DepthToSpace: blocks of channels become blocks of space. */
#include "config.h"

#include "kernels/family/dnn-blocks.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "N × C × H × W" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "blocksize",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = 1024,
      .doc = "length of a block" },
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .def = "DCR",
      .choices = dnn_blocks_modes,
      .doc = "order of the channels: DCR or CRD" },
};

static const DnnBlocks blocks = { .to_space = TRUE };

const DnnOp dnn_op_DepthToSpace = {
  .name = "DepthToSpace",
  .doc = "Blocks of channels become blocks of space",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_blocks_infer,
  .ref = dnn_blocks_ref,
  .offer = dnn_blocks_offer,
  .family = &blocks,
};
