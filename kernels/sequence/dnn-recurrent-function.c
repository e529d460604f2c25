/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Activation functions of recurrent cells, in double. Next: dnn-recurrent.c. */
#include "config.h"

#include "kernels/sequence/dnn-recurrent-function.h"

#include <math.h>

static gdouble
compute_relu (gdouble x, gdouble alpha, gdouble beta)
{
  return x < 0 ? 0 : x;
}

static gdouble
compute_tanh (gdouble x, gdouble alpha, gdouble beta)
{
  return tanh (x);
}

static gdouble
compute_sigmoid (gdouble x, gdouble alpha, gdouble beta)
{
  return 1 / (1 + exp (-x));
}

static gdouble
compute_affine (gdouble x, gdouble alpha, gdouble beta)
{
  return alpha * x + beta;
}

static gdouble
compute_leaky_relu (gdouble x, gdouble alpha, gdouble beta)
{
  return x < 0 ? alpha * x : x;
}

static gdouble
compute_thresholded_relu (gdouble x, gdouble alpha, gdouble beta)
{
  return x > alpha || isnan (x) ? x : 0;
}

static gdouble
compute_scaled_tanh (gdouble x, gdouble alpha, gdouble beta)
{
  return alpha * tanh (beta * x);
}

static gdouble
compute_hard_sigmoid (gdouble x, gdouble alpha, gdouble beta)
{
  gdouble y = alpha * x + beta;

  return y < 0 ? 0 : y > 1 ? 1 : y;
}

static gdouble
compute_elu (gdouble x, gdouble alpha, gdouble beta)
{
  return x < 0 ? alpha * expm1 (x) : x;
}

static gdouble
compute_softsign (gdouble x, gdouble alpha, gdouble beta)
{
  return isinf (x) ? (x < 0 ? -1 : 1) : x / (1 + fabs (x));
}

static gdouble
compute_softplus (gdouble x, gdouble alpha, gdouble beta)
{
  return x > 30 ? x : log1p (exp (x));
}

static const struct
{
  const gchar *name;
  gdouble (*compute) (gdouble x, gdouble alpha, gdouble beta);
  gboolean has_alpha, has_beta;
  gdouble alpha, beta; /* by default */
} rows[] = {
  { "Relu", compute_relu },
  { "Tanh", compute_tanh },
  { "Sigmoid", compute_sigmoid },
  { "Affine", compute_affine, TRUE, TRUE, 1, 0 },
  { "LeakyRelu", compute_leaky_relu, TRUE, FALSE, 0.01 },
  { "ThresholdedRelu", compute_thresholded_relu, TRUE, FALSE, 1 },
  { "ScaledTanh", compute_scaled_tanh, TRUE, TRUE, 1, 1 },
  { "HardSigmoid", compute_hard_sigmoid, TRUE, TRUE, 0.2, 0.5 },
  { "Elu", compute_elu, TRUE, FALSE, 1 },
  { "Softsign", compute_softsign },
  { "Softplus", compute_softplus },
};

gdouble
dnn_recurrent_apply (const DnnRecurrentStep *self, guint function, gdouble x)
{
  const DnnRecurrentFunction *chosen = &self->functions[function];

  return chosen->compute (x, chosen->alpha, chosen->beta);
}

gdouble
dnn_recurrent_activate (const DnnRecurrentStep *self, guint function, gdouble x)
{
  if (x > self->clip)
    x = self->clip;
  else if (x < -self->clip)
    x = -self->clip;
  return dnn_recurrent_apply (self, function, x);
}

/* The next number of a list; past its end, the default. */
static gdouble
take_number (const DnnAttrValue *list, guint *idx, gdouble otherwise)
{
  return list->present && *idx < list->n ? (gdouble) list->floats[(*idx)++]
                                         : otherwise;
}

static gint
find_row (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_ascii_strcasecmp (rows[i].name, name) == 0)
      return (gint) i;
  return -1;
}

gboolean
dnn_recurrent_get_functions (const DnnCall *call, guint n_directions,
    DnnRecurrentFunction *functions, GError **error)
{
  const DnnRecurrent *family = call->op->family;
  const DnnAttrValue *names = dnn_call_attr (call, "activations");
  const DnnAttrValue *alphas = dnn_call_attr (call, "activation_alpha");
  const DnnAttrValue *betas = dnn_call_attr (call, "activation_beta");
  guint n = n_directions * family->n_functions, alpha = 0, beta = 0;

  if (names->present && names->n != n)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "activations has %u names, expected %u", names->n, n);
  for (guint i = 0; i < n; i++) {
    const gchar *name = names->present
        ? names->strings[i]
        : family->functions[i % family->n_functions];
    gint row = find_row (name);
    if (row < 0)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "activations[%u]: \"%s\" is no activation function", i, name);
    functions[i].compute = rows[row].compute;
    functions[i].alpha = rows[row].has_alpha
        ? take_number (alphas, &alpha, rows[row].alpha)
        : 0;
    functions[i].beta = rows[row].has_beta
        ? take_number (betas, &beta, rows[row].beta)
        : 0;
  }
  return TRUE;
}
