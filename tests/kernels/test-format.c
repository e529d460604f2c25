/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Formats over memory descriptors: equality is that of bytes, parts are
 * contiguous runs, reorders move values where they belong. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-format.h"

#include "pipeline-core/op/dnn-once.h"

static DnnFormat *
make_format (dnnl_format_tag_t tag, gint rank, const gint64 *dims)
{
  g_autoptr (DnnMd) md = dnn_md_new_tag (rank, dims, dnnl_f32, tag);
  DnnShape shape = dnn_shape_of (rank, dims);

  return dnn_onednn_format_new (md, &shape);
}

static void
test_text (void)
{
  const gint64 dims[] = { 2, 24, 5, 7 };
  g_autoptr (DnnFormat) blocked = make_format (dnnl_aBcd16b, 4, dims);
  g_autoptr (DnnFormat) last = make_format (dnnl_acdb, 4, dims);
  g_autofree gchar *blocked_text = dnn_format_to_string (blocked);
  g_autofree gchar *last_text = dnn_format_to_string (last);

  g_assert_cmpstr (blocked_text, ==, "f32 aBcd16b");
  g_assert_cmpstr (last_text, ==, "f32 acdb");
  g_assert_cmpuint (dnn_format_get_size (blocked), ==, 2 * 32 * 5 * 7 * 4);
}

/* Descriptors differ, bytes don't. */
static void
test_same_bytes (void)
{
  const gint64 one_block[] = { 1, 16, 5, 7 };
  const gint64 no_space[] = { 3, 32, 1, 1 };
  const gint64 padded[] = { 1, 3, 5, 7 };
  g_autoptr (DnnFormat) a = make_format (dnnl_aBcd16b, 4, one_block);
  g_autoptr (DnnFormat) b = make_format (dnnl_acdb, 4, one_block);
  g_autoptr (DnnFormat) c = make_format (dnnl_aBcd16b, 4, no_space);
  g_autoptr (DnnFormat) d = make_format (dnnl_acdb, 4, no_space);
  g_autoptr (DnnFormat) e = make_format (dnnl_aBcd16b, 4, padded);
  g_autoptr (DnnFormat) f = make_format (dnnl_acdb, 4, padded);

  g_assert_true (dnn_format_equal (a, b));
  g_assert_true (dnn_format_is_plain (c));
  g_assert_true (dnn_format_is_plain (d));
  g_assert_false (dnn_format_equal (e, f));
  g_assert_false (dnn_format_is_plain (e));
}

static void
test_like (void)
{
  const gint64 dims[] = { 1, 24, 5, 7 };
  DnnShape shape = dnn_shape (
      4, (gint64) 2, (gint64) 40, (gint64) 3, (gint64) 3);
  DnnShape flat = dnn_shape (2, (gint64) 2, (gint64) 40);
  g_autoptr (DnnFormat) blocked = make_format (dnnl_aBcd16b, 4, dims);
  g_autoptr (DnnFormat) last = make_format (dnnl_acdb, 4, dims);
  g_autoptr (DnnFormat)
      like_blocked = dnn_onednn_format_like (blocked, DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnFormat)
      like_last = dnn_onednn_format_like (last, DNN_TYPE_FLOAT32, &shape);
  g_autofree gchar *blocked_text = dnn_format_to_string (like_blocked);
  g_autofree gchar *last_text = dnn_format_to_string (like_last);

  g_assert_cmpstr (blocked_text, ==, "f32 aBcd16b");
  g_assert_cmpuint (dnn_format_get_size (like_blocked), ==, 2 * 48 * 9 * 4);
  g_assert_cmpstr (last_text, ==, "f32 acdb");
  g_assert_null (dnn_onednn_format_like (blocked, DNN_TYPE_FLOAT32, &flat));
}

static void
test_part (void)
{
  const gint64 dims[] = { 1, 48, 5, 7 };
  const gint64 offset[] = { 0, 16, 0, 0 };
  const gint64 between_blocks[] = { 0, 8, 0, 0 };
  DnnShape shape = dnn_shape (
      4, (gint64) 1, (gint64) 32, (gint64) 5, (gint64) 7);
  DnnShape rows = dnn_shape (
      4, (gint64) 1, (gint64) 32, (gint64) 2, (gint64) 7);
  g_autoptr (DnnFormat) blocked = make_format (dnnl_aBcd16b, 4, dims);
  g_autoptr (DnnFormat) last = make_format (dnnl_acdb, 4, dims);
  g_autoptr (DnnFormat) part = NULL;
  g_autoptr (DnnFormat) like = NULL;
  gsize byte_offset = 0;

  part = dnn_format_part (blocked, &shape, offset, &byte_offset);
  like = dnn_onednn_format_like (blocked, DNN_TYPE_FLOAT32, &shape);
  g_assert_nonnull (part);
  g_assert_true (dnn_format_equal (part, like));
  g_assert_cmpuint (byte_offset, ==, 16 * 5 * 7 * 4);
  g_assert_null (
      dnn_format_part (blocked, &shape, between_blocks, &byte_offset));
  g_assert_null (dnn_format_part (blocked, &rows, offset, &byte_offset));
  g_assert_null (dnn_format_part (last, &shape, offset, &byte_offset));
}

static void
test_part_with_tail (void)
{
  const gint64 dims[] = { 1, 24, 5, 7 };
  const gint64 offset[] = { 0, 16, 0, 0 };
  DnnShape shape = dnn_shape (
      4, (gint64) 1, (gint64) 8, (gint64) 5, (gint64) 7);
  g_autoptr (DnnFormat) blocked = make_format (dnnl_aBcd16b, 4, dims);
  g_autoptr (DnnFormat) part = NULL;
  gsize byte_offset = 0;

  part = dnn_format_part (blocked, &shape, offset, &byte_offset);
  g_assert_nonnull (part);
  g_assert_cmpuint (dnn_format_get_size (part), ==, 16 * 5 * 7 * 4);
  g_assert_cmpuint (byte_offset, ==, 16 * 5 * 7 * 4);
}

/* Runs a reorder from @src bytes into @dst bytes. */
static void
run_reorder (
    const DnnFormat *from, gpointer src, const DnnFormat *to, gpointer dst)
{
  g_autoptr (DnnCandidate) reorder = dnn_format_reorder (from, to);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (reorder);
  g_assert_true (dnn_candidate_run_once (reorder, src, dst, &error));
  g_assert_no_error (error);
}

static void
test_reorder (void)
{
  const gint64 dims[] = { 1, 20, 3, 5 };
  const guint n = 20 * 3 * 5;
  DnnShape shape = dnn_shape_of (4, dims);
  g_autoptr (DnnFormat) plain = dnn_format_new_plain (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnFormat) blocked = make_format (dnnl_aBcd16b, 4, dims);
  gfloat *src = dnn_alloc_aligned (n * sizeof (gfloat));
  gfloat *back = dnn_alloc_aligned (n * sizeof (gfloat));
  gfloat *middle = dnn_alloc_aligned (dnn_format_get_size (blocked));

  for (guint i = 0; i < n; i++)
    src[i] = i;
  run_reorder (plain, src, blocked, middle);
  g_assert_cmpfloat (middle[1], ==, 15); /* channel 1 beside channel 0 */
  g_assert_cmpfloat (middle[16], ==, 1);
  g_assert_cmpfloat (middle[16 * 15 + 4], ==, 0); /* padding */
  run_reorder (blocked, middle, plain, back);
  g_assert_cmpmem (src, n * sizeof (gfloat), back, n * sizeof (gfloat));
  dnn_free_aligned (src);
  dnn_free_aligned (back);
  dnn_free_aligned (middle);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/format/text", test_text);
  g_test_add_func ("/kernels/format/same-bytes", test_same_bytes);
  g_test_add_func ("/kernels/format/like", test_like);
  g_test_add_func ("/kernels/format/part", test_part);
  g_test_add_func ("/kernels/format/part-with-tail", test_part_with_tail);
  g_test_add_func ("/kernels/format/reorder", test_reorder);
  return g_test_run ();
}
