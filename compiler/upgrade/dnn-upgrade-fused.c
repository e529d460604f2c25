/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* com.microsoft.FusedConv, which ONNX Runtime's optimiser writes into files →
 * Conv, the sum and the activation that it stands for. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

#include <string.h>

/* Which attributes activation_params are; Clip has inputs instead. */
typedef struct
{
  const gchar *op;
  const gchar *params[2];
} Activation;

static const Activation activations[] = {
  { "Clip", { NULL } },
  { "HardSigmoid", { "alpha", "beta" } },
  { "LeakyRelu", { "alpha" } },
  { "Relu", { NULL } },
  { "Sigmoid", { NULL } },
  { "Tanh", { NULL } },
};

static const Activation *
find_activation (const gchar *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (activations); i++)
    if (strcmp (activations[i].op, op) == 0)
      return &activations[i];
  return NULL;
}

static void
set_params (DnnUpgrade *self, DnnNode *node, const Activation *activation,
    const gfloat *params, guint n)
{
  static const gchar *const limits[] = { "min", "max" };

  for (guint i = 0; i < MIN (n, 2); i++)
    if (activation->params[i])
      dnn_attrs_set_float (node->attrs, activation->params[i], params[i]);
    else if (strcmp (activation->op, "Clip") == 0)
      dnn_upgrade_set_input (node, i + 1,
          dnn_upgrade_add_scalar (
              self, node, limits[i], DNN_TYPE_FLOAT32, params[i]));
}

static gboolean
append_activation (DnnUpgrade *self, DnnNode *node, DnnValue *result,
    const gchar *op, const gchar *text, GError **error)
{
  const Activation *activation = find_activation (op);
  g_autofree gfloat *params = NULL;
  guint n = 0;

  if (!activation)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_UNSUPPORTED,
        "activation \"%s\" is not supported", op);
  if (text && !dnn_text_to_floats (text, &params, &n))
    return dnn_upgrade_error (self, node, error, DNN_ERROR_VALUE,
        "attribute \"activation_params\" is \"%s\", expected a list of numbers",
        text);
  set_params (
      self, dnn_upgrade_append_node (self, result, op), activation, params, n);
  return TRUE;
}

/* Each appended node takes the name of the result over. */
gboolean
dnn_upgrade_fused_conv (DnnUpgrade *self, DnnNode *node, GError **error)
{
  g_autofree gchar *op = g_strdup (dnn_attrs_get (node->attrs, "activation"));
  g_autofree gchar *text = g_strdup (
      dnn_attrs_get (node->attrs, "activation_params"));
  DnnValue *sum = dnn_upgrade_get_input (node, 3);
  DnnValue *result = node->outputs->pdata[0];

  dnn_upgrade_set_op (node, "Conv");
  dnn_attrs_remove (node->attrs, "activation");
  dnn_attrs_remove (node->attrs, "activation_params");
  dnn_upgrade_trim_inputs (node, 3);
  if (sum) {
    DnnNode *add = dnn_upgrade_append_node (self, result, "Add");
    dnn_upgrade_set_input (add, 1, sum);
    result = add->outputs->pdata[0];
  }
  return !op || !*op || append_activation (self, node, result, op, text, error);
}
