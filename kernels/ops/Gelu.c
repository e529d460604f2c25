/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Gelu: x · Φ(x), the normal distribution, or its approximation by tanh. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include <string.h>

#include "kernels/loops/dnn-loop-math.h"

#define GELU(x) \
  ((T) 0.5 * (x) * (1 + DNN_ERF ((x) * (T) 0.70710678118654752440)))
DNN_REAL_1 (gelu, GELU)
static const DnnLines lines = { DNN_LINES_REAL (gelu) };

#define GELU_TANH(x)                             \
  ((T) 0.5 * (x) *                               \
      (1 +                                       \
          DNN_TANH ((T) 0.79788456080286535588 * \
              ((x) + (T) 0.044715 * (x) * (x) * (x)))))
DNN_REAL_1 (gelu_tanh, GELU_TANH)
static const DnnLines lines_tanh = { DNN_LINES_REAL (gelu_tanh) };

static const gchar *const approximations[] = { "none", "tanh", NULL };

static gboolean
is_tanh (const DnnCall *call)
{
  return strcmp (dnn_call_attr (call, "approximate")->s, "tanh") == 0;
}

static const DnnLines *
choose_lines (const DnnCall *call)
{
  return is_tanh (call) ? &lines_tanh : &lines;
}

static DnnAlg
choose_alg (const DnnCall *call)
{
  return is_tanh (call) ? DNN_ALG_GELU_TANH : DNN_ALG_GELU_ERF;
}

static const DnnEltwise eltwise = {
  .map = { .choose_lines = choose_lines, .n = 1, .cost = 0.9 },
  .choose_alg = choose_alg,
  /* Not on its own: oneDNN 3.12 makes NaN of infinity. */
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "approximate",
      .kind = DNN_ATTR_STRING,
      .def = "none",
      .choices = approximations,
      .doc = "how Φ is computed" },
};

const DnnOp dnn_op_Gelu = {
  .name = "Gelu",
  .doc = "x Φ(x), or its approximation by tanh",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
