/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* com.microsoft.DynamicQuantizeLSTM, which ONNX Runtime's quantiser writes into
 * files → LSTM of weights that are dequantised, with an input and states that
 * are rounded to 8 bits in each frame. */
#include "config.h"

#include "compiler/upgrade/dnn-upgrade.h"

/* Formal inputs: as LSTM's, but W and R are directions × inputs × gates·units,
 * then scale and zero point of each, one a direction, or one a column of it. */
enum
{
  INPUT_W = 1,
  INPUT_R = 2,
  N_LSTM_INPUTS = 8,
  INPUT_W_SCALE = 8,
  INPUT_R_SCALE = 10,
};

static gboolean
check_scale (DnnUpgrade *self, const DnnNode *node, guint idx, GError **error)
{
  DnnValue *scale = dnn_upgrade_get_input (node, idx);

  if (!scale)
    return dnn_upgrade_error (
        self, node, error, DNN_ERROR_GRAPH, "input %u is required", idx);
  if (scale->shape.rank != 1 && scale->shape.rank != 2)
    return dnn_upgrade_error (self, node, error, DNN_ERROR_SHAPE,
        "input %u has rank %d, expected 1 or 2", idx, scale->shape.rank);
  return TRUE;
}

/* @value as input 1 of @node, with as many ones behind its directions as make
 * it rank 3. */
static void
add_per_direction (DnnUpgrade *self, DnnNode *node, DnnValue *value, gint rank)
{
  static const gint64 behind[] = { 1, 2 };
  DnnNode *step;

  dnn_node_add_input (node, value);
  step = dnn_upgrade_insert_node (self, node, 1, "Unsqueeze");
  dnn_node_add_input (step,
      dnn_upgrade_add_ints (self, step, "axes", behind, rank == 1 ? 2 : 1));
}

/* (W - zero point) · scale, turned as LSTM has it. */
static void
dequantise (
    DnnUpgrade *self, DnnNode *node, guint idx, DnnValue *scale, DnnValue *zero)
{
  gint rank = scale->shape.rank;
  DnnNode *step = dnn_upgrade_insert_node (self, node, idx, "Cast");

  dnn_attrs_set (step->attrs, "to", "1");
  if (zero) {
    step = dnn_upgrade_insert_node (self, node, idx, "Sub");
    add_per_direction (self, step, zero, rank);
    dnn_attrs_set (
        dnn_upgrade_insert_node (self, step, 1, "Cast")->attrs, "to", "1");
  }
  step = dnn_upgrade_insert_node (self, node, idx, "Mul");
  add_per_direction (self, step, scale, rank);
  step = dnn_upgrade_insert_node (self, node, idx, "Transpose");
  dnn_attrs_set (step->attrs, "perm", "[0, 2, 1]");
}

/* X as its 8 bits say it. */
static void
round_input (DnnUpgrade *self, DnnNode *node)
{
  DnnNode *step = dnn_upgrade_insert_node (
      self, node, 0, "DynamicQuantizeLinear");
  DnnNode *back = dnn_upgrade_insert_node (self, node, 0, "DequantizeLinear");

  dnn_node_add_input (back, dnn_upgrade_add_result (self, step, "scale"));
  dnn_node_add_input (back, dnn_upgrade_add_result (self, step, "zero"));
}

gboolean
dnn_upgrade_ms_lstm (DnnUpgrade *self, DnnNode *node, GError **error)
{
  DnnValue *rest[4];

  if (!check_scale (self, node, INPUT_W_SCALE, error) ||
      !check_scale (self, node, INPUT_R_SCALE, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
    rest[i] = dnn_upgrade_get_input (node, N_LSTM_INPUTS + i);
  dnn_upgrade_trim_inputs (node, N_LSTM_INPUTS);
  for (guint i = INPUT_W; i <= INPUT_R; i++) {
    if (!dnn_upgrade_get_input (node, i))
      return dnn_upgrade_error (
          self, node, error, DNN_ERROR_GRAPH, "input %u is required", i);
    dequantise (
        self, node, i, rest[2 * (i - INPUT_W)], rest[2 * (i - INPUT_W) + 1]);
  }
  round_input (self, node);
  dnn_attrs_set (node->attrs, "quantised_state", "1");
  dnn_upgrade_set_op (node, "LSTM");
  return TRUE;
}
