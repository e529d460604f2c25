/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BlackmanWindow: the window of Blackman. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/sequence/dnn-window.h"

static const DnnArgRow inputs[] = {
  { .name = "size", .types = DNN_TYPES_INDEX, .doc = "scalar: how many" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_NUMBER },
};
static const DnnAttrRow attrs[] = {
  { .key = "output_datatype",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = DNN_CAST_TYPE_DOC },
  { .key = "periodic",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "0: symmetric" },
};

static const DnnWindowOp window = { { 0.42, 0.5, 0.08 } };

const DnnOp dnn_op_BlackmanWindow = {
  .name = "BlackmanWindow",
  .doc = "The window of Blackman",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_WINDOW_OP,
  .family = &window,
};
