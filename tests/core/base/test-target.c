/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a module is made ready for: defaults, equality, words that don't run. */
#include "config.h"

#include "pipeline-core/base/dnn-target.h"

static void
test_defaults (void)
{
  DnnTarget target;

  dnn_target_init (&target);
  g_assert_cmpint (target.threads, ==, 1);
  g_assert_cmpstr (dnn_precision_get_name (target.precision), ==, "f32");
  g_assert_true (dnn_target_may_use_type (&target, DNN_TYPE_FLOAT32));
  g_assert_false (dnn_target_may_use_type (&target, DNN_TYPE_BFLOAT16));
  g_assert_true (dnn_target_may_use_winograd (&target));
}

/* Each member counts, flags as flags. */
static void
test_equal (void)
{
  DnnTarget a, others[4];

  dnn_target_init (&a);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    dnn_target_init (&others[i]);
  g_assert_true (dnn_target_equal (&a, &others[0]));
  others[0].threads = 2;
  others[1].tune = a.tune == DNN_TUNE_OFF ? DNN_TUNE_ON : DNN_TUNE_OFF;
  others[2].winograd = FALSE;
  others[3].fast_math = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (dnn_target_equal (&a, &others[i]));
  a.fast_math = 2;
  dnn_target_init (&others[0]);
  g_assert_true (dnn_target_equal (&a, &others[0]));
}

static void
test_winograd_needs_fast_math (void)
{
  DnnTarget target;

  dnn_target_init (&target);
  target.fast_math = FALSE;
  g_assert_false (dnn_target_may_use_winograd (&target));
  dnn_target_init (&target);
  target.winograd = FALSE;
  g_assert_false (dnn_target_may_use_winograd (&target));
}

static void
test_precision (void)
{
  static const gchar *const bad[] = { "bf16", "int8", "F32", "" };
  DnnTarget target;

  dnn_target_init (&target);
  g_assert_true (dnn_target_set_precision (&target, NULL, NULL));
  g_assert_true (dnn_target_set_precision (&target, "f32", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *text = g_strdup_printf (
        "precision \"%s\" is not supported (valid: \"f32\")", bad[i]);
    g_assert_false (dnn_target_set_precision (&target, bad[i], &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
    g_assert_cmpstr (error->message, ==, text);
    g_assert_cmpint (target.precision, ==, DNN_PRECISION_F32);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/target/defaults", test_defaults);
  g_test_add_func ("/core/target/equal", test_equal);
  g_test_add_func ("/core/target/precision", test_precision);
  g_test_add_func (
      "/core/target/winograd-needs-fast-math", test_winograd_needs_fast_math);
  return g_test_run ();
}
