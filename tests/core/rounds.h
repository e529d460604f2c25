/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Number of random cases → those that the run has time for: under valgrind, a
 * hundred times slower, DNN_TEST_SHARE=20 takes one of 20. */
#pragma once

#include <glib.h>
#include <stdlib.h>

static inline guint
get_rounds (guint n)
{
  const gchar *share = g_getenv ("DNN_TEST_SHARE");
  guint divisor = share ? (guint) atoi (share) : 1;

  g_assert_cmpuint (divisor, >, 0);
  return MAX (n / divisor, 1);
}
