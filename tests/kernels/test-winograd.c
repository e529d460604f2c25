/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The error of Winograd's convolution is measured with the layer's weights, and
 * bounded; a target may forbid it. What it computes is tested by the rows of
 * Conv. */
#include "config.h"

#include <math.h>

#include "kernels/dnn-init.h"
#include "kernels/winograd/dnn-winograd.h"
#include "pipeline-core/op/dnn-op.h"

#define N_SRC 32
#define N_DST 48

static gfloat *
make_weights (gdouble low, gdouble high)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  gfloat *w = g_new (gfloat, N_DST * N_SRC * 9);

  for (gint i = 0; i < N_DST * N_SRC * 9; i++)
    w[i] = (gfloat) g_rand_double_range (random, low, high);
  return w;
}

static void
test_error (void)
{
  g_autofree gfloat *even = make_weights (-1, 1);
  g_autofree gfloat *tiny = make_weights (-1e-20, 1e-20);
  g_autofree gfloat *wrong = make_weights (-1, 1);
  gdouble error = dnn_winograd_measure_error (even, N_DST, N_SRC);

  g_assert_cmpfloat (error, >, 1e-8);
  g_assert_cmpfloat (error, <, 5e-6);
  /* of the largest result: the scale doesn't matter */
  g_assert_cmpfloat (dnn_winograd_measure_error (tiny, N_DST, N_SRC), <, 5e-6);
  wrong[0] = NAN;
  g_assert_false (dnn_winograd_measure_error (wrong, N_DST, N_SRC) <= 1);
}

static void
test_pack (void)
{
  g_autofree gfloat *w = make_weights (-1, 1);
  DnnShape shape = dnn_shape (4, N_DST, N_SRC, 3, 3);
  g_autoptr (DnnFormat)
      format = dnn_winograd_format_new (4, &shape, dnn_winograd_get_level ());
  g_autofree gfloat *packed = g_malloc (dnn_format_get_size (format));

  dnn_winograd_pack (format, w, DNN_WINOGRAD_LIMIT, packed);
  g_assert_cmpfloat (packed[0], ==, 4);
  dnn_winograd_pack (format, w, 1e-9, packed);
  g_assert_cmpfloat (packed[0], ==, 2);
  w[0] = NAN;
  dnn_winograd_pack (format, w, DNN_WINOGRAD_LIMIT, packed);
  g_assert_cmpfloat (packed[0], ==, 2);
}

/* ---- offers -------------------------------------------------------------- */

static DnnCall *
make_call (const gfloat *w, gboolean winograd, gboolean fast_math)
{
  DnnShape x = dnn_shape (4, 1, N_SRC, 9, 10);
  DnnShape shape = dnn_shape (4, N_DST, N_SRC, 3, 3);
  g_autoptr (GError) error = NULL;
  DnnCall *call = dnn_call_new (
      dnn_op_lookup ("Conv"), "conv", NULL, 2, 1, &error);

  g_assert_no_error (error);
  call->target.winograd = winograd;
  call->target.fast_math = fast_math;
  dnn_call_set_input (call, 0, DNN_TYPE_FLOAT32, &x);
  dnn_call_set_input (call, 1, DNN_TYPE_FLOAT32, &shape);
  dnn_call_set_value (call, 1, w);
  g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_OK);
  return call;
}

/* The first one in channels last. */
static const DnnCandidate *
find_candidate (GPtrArray *candidates, const gchar *impl)
{
  for (guint i = 0; i < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    if (g_str_has_prefix (candidate->impl, impl))
      return candidate;
  }
  return NULL;
}

static void
test_target (void)
{
  g_autofree gfloat *w = make_weights (-1, 1);

  for (guint i = 0; i < 4; i++) {
    g_autoptr (DnnCall) call = make_call (w, i & 1, i & 2);
    g_autoptr (GPtrArray) candidates = dnn_call_offer (call);
    g_assert_cmpint (
        find_candidate (candidates, "winograd") != NULL, ==, i == 3);
    g_assert_cmpint (
        find_candidate (candidates, "jit_wino") != NULL, <=, i == 3);
  }
}

/* F(2×2) runs where F(4×4) was planned and its weights are too far off. */
static void
test_small (void)
{
  g_autofree gfloat *w = make_weights (-1, 1);
  g_autoptr (DnnCall) call = make_call (w, TRUE, TRUE);
  g_autoptr (GPtrArray) candidates = dnn_call_offer (call);
  const DnnCandidate *candidate = find_candidate (candidates, "winograd_4x4");
  const DnnFormat *format = candidate->packs[0].to;
  gsize size = dnn_format_get_size (candidate->dst[0]);
  g_autofree gfloat *x = g_malloc0 (dnn_format_get_size (candidate->src[0]));
  g_autofree gfloat *packed = g_malloc (dnn_format_get_size (format));
  g_autofree gfloat *scratch = g_malloc (candidate->scratch);
  g_autofree gfloat *large = g_malloc0 (size);
  g_autofree gfloat *small = g_malloc0 (size);
  gfloat *y[2] = { large, small };
  gdouble largest = 0, apart = 0;

  for (gsize i = 0; i < dnn_format_get_size (candidate->src[0]) / 4; i++)
    x[i] = (gfloat) ((gint) (i * 37 % 101) - 50) / 50;
  for (guint i = 0; i < 2; i++) {
    gpointer src[] = { x, NULL }, dst[] = { y[i] }, packs[] = { packed };
    DnnBinding binding = { src, dst, packs, scratch };
    dnn_winograd_pack (format, w, i ? 0 : 1, packed);
    g_assert_cmpfloat (packed[0], ==, i ? 2 : 4);
    g_assert_true (candidate->kernel->run (
        candidate->kernel->prepare (call, candidate, NULL), NULL, &binding,
        NULL));
  }
  for (gsize i = 0; i < size / sizeof (gfloat); i++) {
    largest = MAX (largest, ABS (y[0][i]));
    apart = MAX (apart, ABS (y[0][i] - y[1][i]));
  }
  g_assert_cmpfloat (largest, >, 1);
  g_assert_cmpfloat (apart, >, 0);
  g_assert_cmpfloat (apart, <, 2e-5 * largest);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_func ("/kernels/winograd/error", test_error);
  g_test_add_func ("/kernels/winograd/pack", test_pack);
  g_test_add_func ("/kernels/winograd/target", test_target);
  g_test_add_func ("/kernels/winograd/small", test_small);
  return g_test_run ();
}
