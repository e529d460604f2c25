/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Packed weights of the process: what is shared, who fills, who waits, what
 * remains. */
#include "config.h"

#include "pipeline-core/store/dnn-store.h"

#include <string.h>

#include "pipeline-core/base/dnn-tensor.h"

#define N 16
#define N_THREADS 100

/* What one filling does, and what it saw. */
typedef struct
{
  gint n_calls;
  gboolean fails;
  GMutex *gate; /* (nullable): held until filling may go on */
} Filling;

static gboolean
fill_negative (
    gconstpointer bytes, gpointer block, gpointer data, GError **error)
{
  Filling *filling = data;
  const gfloat *src = bytes;
  gfloat *dst = block;

  g_atomic_int_inc (&filling->n_calls);
  if (filling->gate) {
    g_mutex_lock (filling->gate);
    g_mutex_unlock (filling->gate);
  }
  if (filling->fails) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "the backend is broken");
    return FALSE;
  }
  for (guint i = 0; i < N; i++)
    dst[i] = -src[i];
  return TRUE;
}

static void
fill_numbers (gfloat *numbers, gfloat first)
{
  for (guint i = 0; i < N; i++)
    numbers[i] = first + (gfloat) i;
}

static DnnFormat *
make_format (const gchar *layout)
{
  DnnShape shape = dnn_shape (1, (gint64) N);

  return dnn_format_new_packed (
      DNN_TYPE_FLOAT32, &shape, layout, N * sizeof (gfloat));
}

static DnnBlock *
get_block (gfloat first, const gchar *layout, Filling *filling, GError **error)
{
  gfloat numbers[N];
  g_autoptr (DnnFormat) to = make_format (layout);

  fill_numbers (numbers, first);
  return dnn_store_get (
      numbers, sizeof numbers, to, fill_negative, filling, error);
}

/* Equal bytes from elsewhere and an equal layout: one copy. */
static void
test_shared (void)
{
  Filling filling = { 0 };
  g_autoptr (GError) error = NULL;
  gsize before = dnn_store_get_size ();
  g_autoptr (DnnBlock) a = get_block (1, "l", &filling, &error);
  g_autoptr (DnnBlock) b = get_block (1, "l", &filling, &error);

  g_assert_no_error (error);
  g_assert_true (a == b);
  g_assert_cmpint (filling.n_calls, ==, 1);
  g_assert_cmpuint (dnn_store_get_size (), ==, before + N * sizeof (gfloat));
  g_assert_cmpuint (
      GPOINTER_TO_SIZE (dnn_block_get_data (a)) % DNN_ALIGNMENT, ==, 0);
  g_assert_cmpfloat (((gfloat *) dnn_block_get_data (a))[3], ==, -4);
}

static void
test_distinct (void)
{
  Filling filling = { 0 };
  g_autoptr (DnnBlock) block = get_block (1, "l", &filling, NULL);
  g_autoptr (DnnBlock) content = get_block (2, "l", &filling, NULL);
  g_autoptr (DnnBlock) layout = get_block (1, "m", &filling, NULL);

  g_assert_true (block != content && block != layout && content != layout);
  g_assert_cmpint (filling.n_calls, ==, 3);
}

/* Known by layout and size, whatever the bytes. */
static void
test_holds (void)
{
  Filling filling = { 0 };
  g_autoptr (DnnFormat) one = make_format ("l");
  g_autoptr (DnnFormat) other = make_format ("m");
  gsize size = N * sizeof (gfloat);
  DnnBlock *block;

  g_assert_false (dnn_store_holds (size, one));
  block = get_block (1, "l", &filling, NULL);
  g_assert_true (dnn_store_holds (size, one));
  g_assert_false (dnn_store_holds (size, other));
  g_assert_false (dnn_store_holds (size + 4, one));
  dnn_block_unref (block);
  g_assert_false (dnn_store_holds (size, one));
}

/* Gone with its last user; made anew then. */
static void
test_freed (void)
{
  Filling filling = { 0 };
  gsize before = dnn_store_get_size ();
  DnnBlock *block = get_block (1, "l", &filling, NULL);

  dnn_block_unref (dnn_block_ref (block));
  g_assert_cmpuint (dnn_store_get_size (), >, before);
  dnn_block_unref (block);
  g_assert_cmpuint (dnn_store_get_size (), ==, before);
  block = get_block (1, "l", &filling, NULL);
  g_assert_cmpint (filling.n_calls, ==, 2);
  dnn_block_unref (block);
}

static gpointer
get_in_thread (gpointer data)
{
  return get_block (1, "l", data, NULL);
}

/* All but the first wait for it. */
static void
test_at_once (void)
{
  GMutex gate;
  Filling filling = { .gate = &gate };
  GThread *threads[N_THREADS];
  DnnBlock *blocks[N_THREADS];

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("get", get_in_thread, &filling);
  g_mutex_unlock (&gate);
  for (guint i = 0; i < N_THREADS; i++)
    blocks[i] = g_thread_join (threads[i]);
  g_assert_cmpint (filling.n_calls, ==, 1);
  for (guint i = 0; i < N_THREADS; i++) {
    g_assert_true (blocks[i] == blocks[0]);
    dnn_block_unref (blocks[i]);
  }
  g_mutex_clear (&gate);
}

/* Who waited tries for itself. */
static void
test_failed (void)
{
  GMutex gate;
  Filling bad = { .fails = TRUE, .gate = &gate }, good = { 0 };
  gsize before = dnn_store_get_size ();
  g_autoptr (GError) error = NULL;
  GThread *first, *second;
  DnnBlock *block;

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  first = g_thread_new ("bad", get_in_thread, &bad);
  while (g_atomic_int_get (&bad.n_calls) == 0)
    g_thread_yield ();
  second = g_thread_new ("good", get_in_thread, &good);
  g_mutex_unlock (&gate);
  g_assert_null (g_thread_join (first));
  block = g_thread_join (second);
  g_assert_nonnull (block);
  g_assert_cmpint (good.n_calls, ==, 1);
  dnn_block_unref (block);
  g_assert_null (get_block (1, "l", &bad, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_cmpuint (dnn_store_get_size (), ==, before);
  g_mutex_clear (&gate);
}

static gboolean
fill_nothing (
    gconstpointer bytes, gpointer block, gpointer data, GError **error)
{
  return TRUE;
}

static void
test_no_memory (void)
{
  DnnShape shape = dnn_shape (1, (gint64) 1);
  g_autoptr (DnnFormat) to = dnn_format_new_packed (
      DNN_TYPE_FLOAT32, &shape, "huge", (gsize) 1 << 62);
  g_autoptr (GError) error = NULL;
  gfloat number = 1;

  g_assert_null (
      dnn_store_get (&number, sizeof number, to, fill_nothing, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==,
      "No memory for 4611686018427387904 bytes of packed weights");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/store/shared", test_shared);
  g_test_add_func ("/core/store/distinct", test_distinct);
  g_test_add_func ("/core/store/holds", test_holds);
  g_test_add_func ("/core/store/freed", test_freed);
  g_test_add_func ("/core/store/at-once", test_at_once);
  g_test_add_func ("/core/store/failed", test_failed);
  g_test_add_func ("/core/store/no-memory", test_no_memory);
  return g_test_run ();
}
