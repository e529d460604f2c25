/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RNN, GRU, LSTM: a cell that goes along a sequence, in one or both directions.
 * Inputs X, W, R, B, sequence_lens, initial_h; LSTM's initial_c and P behind.
 */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Most activation functions of one direction. */
#define DNN_RECURRENT_MAX_FUNCTIONS 3

typedef struct _DnnRecurrentStep DnnRecurrentStep;

/* One kind of cell; DnnOp.family. */
typedef struct
{
  guint n_gates;
  guint n_functions; /* of one direction */
  const gchar *functions[DNN_RECURRENT_MAX_FUNCTIONS]; /* by default */
  gboolean has_cell; /* a second state, and weights that look at it */
  /* The states of one sequence, one step on. */
  void (*step) (const DnnRecurrentStep *self);
} DnnRecurrent;

enum
{
  DNN_RECURRENT_X,
  DNN_RECURRENT_W,
  DNN_RECURRENT_R,
  DNN_RECURRENT_B,
  DNN_RECURRENT_LENGTHS,
  DNN_RECURRENT_H,
  DNN_RECURRENT_C,
  DNN_RECURRENT_P,
};

/* An activation function with its numbers. */
typedef struct
{
  gdouble (*compute) (gdouble x, gdouble alpha, gdouble beta);
  gdouble alpha, beta;
} DnnRecurrentFunction;

/* What a cell sees. */
struct _DnnRecurrentStep
{
  const DnnCall *call;
  gsize n_units;
  gdouble clip;
  const DnnRecurrentFunction *functions;
  gdouble *gates; /* by gate and unit: from X, with both biases */
  gdouble *bias; /* of R alone, by gate and unit; NULL without */
  gdouble
      *from_h; /* by gate and unit: R times h, without bias; n_known gates */
  gdouble *h, *c; /* states: in and out */
  gdouble *peephole; /* by i, o, f and unit; NULL without */
  gdouble *spare; /* of a state's size, for the cell */
  /* R times @vector for @gate, into @dst. */
  void (*multiply) (const DnnRecurrentStep *self, guint gate,
      const gdouble *vector, gdouble *dst);
};

gdouble dnn_recurrent_apply (
    const DnnRecurrentStep *self, guint function, gdouble x);
/* Brings @x between the bounds that the attribute clip sets, then in. */
gdouble dnn_recurrent_activate (
    const DnnRecurrentStep *self, guint function, gdouble x);

DnnInferResult dnn_recurrent_infer (DnnCall *call, GError **error);
gboolean dnn_recurrent_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_recurrent_offer (const DnnCall *call, DnnOffers *offers);

/* Rows that all three have. */
#define DNN_RECURRENT_INPUTS                                                  \
  { .name = "X",                                                              \
    .types = DNN_TYPES_FLOAT,                                                 \
    .type_var = "T",                                                          \
    .doc = "steps × batch × features" },                                      \
      { .name = "W",                                                          \
        .types = DNN_TYPES_FLOAT,                                             \
        .type_var = "T",                                                      \
        .doc = "directions × gates·units × features" },                       \
      { .name = "R",                                                          \
        .types = DNN_TYPES_FLOAT,                                             \
        .type_var = "T",                                                      \
        .doc = "directions × gates·units × units" },                          \
      { .name = "B",                                                          \
        .types = DNN_TYPES_FLOAT,                                             \
        .flags = DNN_ARG_OPTIONAL,                                            \
        .type_var = "T",                                                      \
        .doc = "directions × 2·gates·units: of W, then R" },                  \
      { .name = "sequence_lens",                                              \
        .types = DNN_TYPE_BIT (DNN_TYPE_INT32),                               \
        .flags = DNN_ARG_OPTIONAL,                                            \
        .doc = "Steps of each of the batch" },                                \
  {                                                                           \
    .name = "initial_h", .types = DNN_TYPES_FLOAT, .flags = DNN_ARG_OPTIONAL, \
    .type_var = "T", .doc = "directions × batch × units; absent: zeros"     \
  }
#define DNN_RECURRENT_OUTPUTS                                           \
  { .name = "Y",                                                        \
    .types = DNN_TYPES_FLOAT,                                           \
    .flags = DNN_ARG_OPTIONAL,                                          \
    .type_var = "T",                                                    \
    .doc = "steps × directions × batch × units" },                      \
  {                                                                     \
    .name = "Y_h", .types = DNN_TYPES_FLOAT, .flags = DNN_ARG_OPTIONAL, \
    .type_var = "T", .doc = "The last of them"                          \
  }
#define DNN_RECURRENT_ATTRS                                      \
  { .key = "activation_alpha",                                   \
    .kind = DNN_ATTR_FLOATS,                                     \
    .doc = "Of those activations that have one, in order" },     \
      { .key = "activation_beta",                                \
        .kind = DNN_ATTR_FLOATS,                                 \
        .doc = "The same" },                                     \
      { .key = "activations",                                    \
        .kind = DNN_ATTR_STRINGS,                                \
        .doc = "Functions of each direction" },                  \
      { .key = "clip",                                           \
        .kind = DNN_ATTR_FLOAT,                                  \
        .max = G_MAXFLOAT,                                       \
        .doc = "Bound of what goes into activations" },          \
      { .key = "direction",                                      \
        .kind = DNN_ATTR_STRING,                                 \
        .def = "forward",                                        \
        .choices = dnn_recurrent_directions,                     \
        .doc = "Which way along X" },                            \
      { .key = "hidden_size",                                    \
        .kind = DNN_ATTR_INT,                                    \
        .min = 1,                                                \
        .max = 1 << 24,                                          \
        .doc = "Units" },                                        \
  {                                                              \
    .key = "layout", .kind = DNN_ATTR_INT, .def = "0", .max = 1, \
    .doc = "1: the batch comes first"                            \
  }

extern const gchar *const dnn_recurrent_directions[];

G_END_DECLS
