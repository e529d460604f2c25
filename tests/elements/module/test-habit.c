/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames that come alone or not, and what they take → when a team has them. */
#include "config.h"

#include "gst-plugin/module/gstdnnhabit.h"

#define ONE (10 * GST_MSECOND)

static const GstDnnRunTimes lane = { FALSE, ONE, ONE, ONE };
static const GstDnnRunTimes fast_team = { TRUE, ONE / 2, ONE / 2, ONE };
static const GstDnnRunTimes slow_team = { TRUE, 2 * ONE, ONE, 2 * ONE };

/* @n frames that come alone and are run in a lane; whether a team is wanted at
 * last. */
static gboolean
run (GstDnnHabit *habit, guint n, const GstDnnRunTimes *times)
{
  for (guint i = 0; i < n; i++) {
    g_assert_false (gst_dnn_habit_choose (habit, TRUE));
    g_assert_false (gst_dnn_habit_learn (habit, times));
  }
  return gst_dnn_habit_wants_team (habit);
}

static void
test_alone (void)
{
  GstDnnHabit habit;

  gst_dnn_habit_init (&habit, TRUE);
  g_assert_false (run (&habit, 7, &lane));
  g_assert_true (run (&habit, 1, &lane));
  habit.team = GST_DNN_TEAM_MAKING;
  g_assert_false (run (&habit, 3, &lane));
  habit.team = GST_DNN_TEAM_READY;
  for (guint i = 0; i < 100; i++) {
    g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
    g_assert_false (gst_dnn_habit_learn (&habit, &fast_team));
  }
}

/* One that comes while another is here ends it at once, and it begins anew. */
static void
test_at_once (void)
{
  GstDnnHabit habit;

  gst_dnn_habit_init (&habit, TRUE);
  g_assert_true (run (&habit, 8, &lane));
  habit.team = GST_DNN_TEAM_READY;
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
  g_assert_false (gst_dnn_habit_choose (&habit, FALSE));
  run (&habit, 8, &lane);
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
}

/* Never: it can't be, frames come by a clock, are short, or their source is at
 * work meanwhile. */
static void
test_never (void)
{
  static const GstDnnRunTimes short_one = { FALSE, GST_MSECOND / 2,
    GST_MSECOND / 2, GST_MSECOND / 2 };
  static const GstDnnRunTimes beside = { FALSE, ONE, ONE, ONE + ONE / 2 };
  GstDnnHabit habit;

  gst_dnn_habit_init (&habit, FALSE);
  g_assert_false (run (&habit, 100, &lane));
  gst_dnn_habit_init (&habit, TRUE);
  habit.is_live = TRUE;
  g_assert_false (run (&habit, 100, &lane));
  gst_dnn_habit_init (&habit, TRUE);
  g_assert_false (run (&habit, 100, &short_one));
  gst_dnn_habit_init (&habit, TRUE);
  g_assert_false (run (&habit, 100, &beside));
}

/* Beside others a team is no faster: one thread goes on, and the next try comes
 * later each time. */
static void
test_slow_team (void)
{
  GstDnnHabit habit;

  gst_dnn_habit_init (&habit, TRUE);
  run (&habit, 8, &lane);
  habit.team = GST_DNN_TEAM_READY;
  for (guint wanted = 8; wanted < 8192; wanted *= 4) {
    for (guint i = 0; i < 4; i++) {
      g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
      g_assert_true (gst_dnn_habit_learn (&habit, &slow_team) == (i == 3));
    }
    run (&habit, wanted * 4, &lane);
  }
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
}

/* Two frames that take many times as long are enough; one may be chance. */
static void
test_stuck_team (void)
{
  static const GstDnnRunTimes stuck = { TRUE, 4 * ONE, ONE, 2 * ONE };
  GstDnnHabit habit;

  gst_dnn_habit_init_single (&habit, ONE);
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
  g_assert_false (gst_dnn_habit_learn (&habit, &stuck));
  for (guint i = 0; i < 20; i++) {
    g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
    g_assert_false (gst_dnn_habit_learn (&habit, &fast_team));
  }
  for (guint i = 0; i < 2; i++) {
    g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
    g_assert_true (gst_dnn_habit_learn (&habit, &stuck) == (i == 1));
  }
  run (&habit, 128, &lane);
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
  g_assert_true (gst_dnn_habit_learn (&habit, &stuck));
  run (&habit, 512, &lane);
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
  g_assert_false (gst_dnn_habit_learn (&habit, &fast_team));
}

/* A thread that wakes late makes a short frame many times as long. */
static void
test_short_frames (void)
{
  static const GstDnnRunTimes late = { TRUE, ONE, ONE / 100, ONE / 100 };
  GstDnnHabit habit;

  gst_dnn_habit_init_single (&habit, ONE / 100);
  for (guint i = 0; i < 3; i++) {
    g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
    g_assert_false (gst_dnn_habit_learn (&habit, &late));
  }
}

/* Where only one frame can be there, the first has it, also of a camera. */
static void
test_single (void)
{
  GstDnnHabit habit;

  gst_dnn_habit_init_single (&habit, ONE);
  habit.is_live = TRUE;
  for (guint i = 0; i < 100; i++) {
    g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
    g_assert_false (gst_dnn_habit_learn (&habit, &fast_team));
  }
  do
    g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
  while (!gst_dnn_habit_learn (&habit, &slow_team));
  run (&habit, 8, &lane);
  g_assert_true (gst_dnn_habit_choose (&habit, TRUE));
}

gint
main (gint argc, gchar **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/habit/alone", test_alone);
  g_test_add_func ("/elements/habit/at-once", test_at_once);
  g_test_add_func ("/elements/habit/never", test_never);
  g_test_add_func ("/elements/habit/slow-team", test_slow_team);
  g_test_add_func ("/elements/habit/stuck-team", test_stuck_team);
  g_test_add_func ("/elements/habit/short-frames", test_short_frames);
  g_test_add_func ("/elements/habit/single", test_single);
  return g_test_run ();
}
