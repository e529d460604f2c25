/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The registry of operators → docs/operators.md on standard output; or, with
 * a file's name, is that file what would be printed? */
#include "config.h"

#include "docs/standard-operators.h"

#include <stdio.h>
#include <string.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/op/dnn-op.h"

static const struct
{
  guint types;
  const gchar *name;
} type_sets[] = {
  { DNN_TYPES_ALL, "any, of fewer than 8 bits and float8, too" },
  { DNN_TYPES_ANY, "any" },
  { DNN_TYPES_NUMBER, "any number" },
  { DNN_TYPES_FLOAT, "float16 … float64, bfloat16" },
  { DNN_TYPES_INTEGER, "any integer" },
  { DNN_TYPES_UNSIGNED, "any integer without sign" },
  { DNN_TYPES_FLOAT8,
      "float8e4m3fn, float8e4m3fnuz, float8e5m2, "
      "float8e5m2fnuz" },
  { DNN_TYPES_SMALL_INTEGER, "int4, uint4, int2, uint2" },
};

static void
print_types (GString *text, guint types)
{
  const gchar *separator = "";

  for (guint i = 0; i < G_N_ELEMENTS (type_sets); i++) {
    if ((types & type_sets[i].types) == type_sets[i].types) {
      g_string_append_printf (text, "%s%s", separator, type_sets[i].name);
      types &= ~type_sets[i].types;
      separator = ", ";
    }
  }
  for (guint type = 1; type < DNN_N_TYPES; type++) {
    if (types & DNN_TYPE_BIT (type)) {
      g_string_append_printf (text, "%s%s", separator, dnn_type_name (type));
      separator = ", ";
    }
  }
}

static void
print_args (
    GString *text, const gchar *side, const DnnArgRow *rows, guint n_rows)
{
  for (guint i = 0; i < n_rows; i++) {
    const DnnArgRow *row = &rows[i];
    g_string_append_printf (text, "| %s %u | `%s`%s%s | ", side, i, row->name,
        row->flags & DNN_ARG_OPTIONAL ? ", optional" : "",
        row->flags & DNN_ARG_VARIADIC ? ", one or more" : "");
    print_types (text, row->types);
    g_string_append_printf (text, " | %s |\n", row->doc ? row->doc : "");
  }
}

static const gchar *const kinds[] = {
  [DNN_ATTR_INT] = "int",
  [DNN_ATTR_FLOAT] = "float",
  [DNN_ATTR_STRING] = "string",
  [DNN_ATTR_INTS] = "ints",
  [DNN_ATTR_FLOATS] = "floats",
  [DNN_ATTR_STRINGS] = "strings",
};

static void
print_attr (GString *text, const DnnAttrRow *row)
{
  g_string_append_printf (
      text, "| attribute | `%s` | %s", row->key, kinds[row->kind]);
  if (row->min != row->max)
    g_string_append_printf (text,
        row->kind == DNN_ATTR_INT || row->kind == DNN_ATTR_INTS ? " %.0f … %.0f"
                                                                : " %g … %g",
        row->min, row->max);
  for (guint i = 0; row->choices && row->choices[i]; i++)
    g_string_append_printf (text, "%s`%s`", i ? ", " : ": ", row->choices[i]);
  if (row->required)
    g_string_append (text, ", required");
  else if (row->def)
    g_string_append_printf (text, ", default `%s`", row->def);
  g_string_append_printf (text, " | %s |\n", row->doc ? row->doc : "");
}

/* When the standard had it, and what runs it. */
static void
print_status (GString *text, const DnnOp *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (standard_ops); i++)
    if (strcmp (standard_ops[i].name, op->name) == 0)
      g_string_append_printf (text, " Opset %u%s.", standard_ops[i].since,
          standard_ops[i].since == standard_ops[i].last ? "" : " and later");
  if (!op->offer && op->ref)
    g_string_append (text, " Plain C only.");
}

/* Those that older or other forms come from, by the compiler. */
static gboolean
is_rewritten (const gchar *name)
{
  static const gchar *const names[] = { "ConcatFromSequence", "Scatter",
    "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase",
    "SequenceInsert", "SequenceLength", "SplitToSequence", "Upsample",
    "ai.onnx.preview.FlexAttention", NULL };

  return g_strv_contains (names, name);
}

static void
print_missing (GString *text)
{
  const gchar *separator = "";

  g_string_append (text,
      "\n## What is missing\n\nOf the standard's operators (ONNX 1.23) these "
      "are not supported; a model that has one is refused with\nits name: ");
  for (guint i = 0; i < G_N_ELEMENTS (standard_ops); i++) {
    if (dnn_op_lookup (standard_ops[i].name) ||
        is_rewritten (standard_ops[i].name))
      continue;
    g_string_append_printf (text, "%s%s", separator, standard_ops[i].name);
    separator = ", ";
  }
  g_string_append (text,
      ".\n\nStrings are not supported, nor sequences and optionals at the ends "
      "of a model; inside, where their positions are constant, the compiler makes tensors of sequences.\n"
      "FlexAttention runs without score_mod and prob_mod.\n\nOf com.microsoft the compiler rewrites what ONNX Runtime's "
      "optimiser and quantiser write: FusedConv,\nGelu, BiasGelu, FastGelu, "
      "QuickGelu, SkipLayerNormalization, SimplifiedLayerNormalization,\n"
      "SkipSimplifiedLayerNormalization, MatMulIntegerToFloat, "
      "DynamicQuantizeMatMul, DynamicQuantizeLSTM, QLinearAdd,\nQLinearMul, QLinearSigmoid, "
      "QLinearLeakyRelu, QLinearSoftmax, QLinearConcat, QLinearAveragePool, "
      "QLinearGlobalAveragePool,\nNhwcMaxPool, FusedMatMul (without transBatchA "
      "and transBatchB), QGemm, MatMulNBits (constant weights of 2, 4 or\n8 "
      "bits, without g_idx), MultiHeadAttention (query, key and value apart, a "
      "key_padding_mask of two dimensions),\nAttention (without past and "
      "present, a mask_index of two dimensions) and EmbedLayerNormalization "
      "(without mask_index).\n");
}

static void
print_operator (GString *text, const DnnOp *op)
{
  g_string_append_printf (text, "\n## %s\n\n%s.", op->name, op->doc);
  print_status (text, op);
  g_string_append (text, "\n\n");
  g_string_append (text, "| | name | type | |\n|---|---|---|---|\n");
  print_args (text, "input", op->inputs, op->n_inputs);
  print_args (text, "output", op->outputs, op->n_outputs);
  for (guint i = 0; i < op->n_attrs; i++)
    print_attr (text, &op->attrs[i]);
}

static gchar *
print_all (void)
{
  GString *text = g_string_new (
      "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
      "<!-- SPDX-FileCopyrightText: The gst-dnn authors -->\n"
      "<!-- Made by docs/print-operators.c from the operators' own rows. -->\n"
      "# Operators\n\n"
      "What the built-in kernels run: ONNX operators in their newest form; the "
      "compiler brings older ones,\nof opset 1 to 28, into it. All of them have a reference in "
      "plain C for every type listed; float32 runs on oneDNN where\nthat has "
      "code for the call.\n");
  const DnnOp *const *ops = dnn_op_list ();

  for (guint i = 0; ops[i]; i++)
    print_operator (text, ops[i]);
  print_missing (text);
  return g_string_free (text, FALSE);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *text = NULL;
  g_autofree gchar *file = NULL;
  g_autoptr (GError) error = NULL;

  dnn_init ();
  text = print_all ();
  if (argc < 2) {
    fputs (text, stdout);
    return 0;
  }
  if (!g_file_get_contents (argv[1], &file, NULL, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  if (strcmp (file, text) != 0) {
    g_printerr ("%s is not what the operators say; run %s > %s\n", argv[1],
        argv[0], argv[1]);
    return 1;
  }
  return 0;
}
