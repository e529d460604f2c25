/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Team size and CPUs of a module → the calling thread, for the time of one
 * piece of work. */
#define _GNU_SOURCE /* cpu_set_t, sched_getaffinity, gettid */
#include "config.h"

#include "pipeline-core/base/dnn-threads.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

G_STATIC_ASSERT (
    sizeof (cpu_set_t) == sizeof (((DnnThreadsState *) NULL)->mask));

static DnnThreadsHook threads_hook;
static DnnThreadsParallelHook parallel_hook;

void
dnn_threads_set_hook (DnnThreadsHook hook)
{
  threads_hook = hook;
}

void
dnn_threads_set_parallel_hook (DnnThreadsParallelHook hook)
{
  parallel_hook = hook;
}

void
dnn_threads_run_parallel (gint threads, DnnThreadsTask task, gpointer data)
{
  if (threads > 1 && parallel_hook)
    parallel_hook (threads, task, data);
  else
    task (0, 1, data);
}

/* ---- the process's mask ------------------------------------------------- */

/* The mask of the main thread is the process's, but while a module runs in it:
 * then it is the one from before. */
static GMutex main_lock;
static gboolean main_is_pinned;
static cpu_set_t main_mask;

static void
get_process_mask (cpu_set_t *mask)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&main_lock);

  if (main_is_pinned) {
    *mask = main_mask;
    return;
  }
  if (sched_getaffinity (getpid (), sizeof *mask, mask) == 0)
    return;
  CPU_ZERO (mask);
  for (guint cpu = 0; cpu < MIN (g_get_num_processors (), CPU_SETSIZE); cpu++)
    CPU_SET (cpu, mask);
}

/* TRUE if the calling thread is the main one; drop_main() then. */
static gboolean
take_main (const cpu_set_t *mask)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (gettid () != getpid ())
    return FALSE;
  locker = g_mutex_locker_new (&main_lock);
  if (main_is_pinned)
    return FALSE;
  main_is_pinned = TRUE;
  main_mask = *mask;
  return TRUE;
}

static void
drop_main (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&main_lock);

  main_is_pinned = FALSE;
}

gint
dnn_threads_get_n_cpus (void)
{
  cpu_set_t mask;

  get_process_mask (&mask);
  return MAX (CPU_COUNT (&mask), 1);
}

/* ---- lists of CPUs ------------------------------------------------------ */

/* Numbers above stand for it. */
#define MAX_CPU 1000000

/* One number at *@text, which moves behind it; -1 if there is none. */
static gint
read_cpu (const gchar **text)
{
  gint cpu = 0;

  if (!g_ascii_isdigit (**text))
    return -1;
  for (; g_ascii_isdigit (**text); (*text)++)
    cpu = MIN (cpu * 10 + (**text - '0'), MAX_CPU);
  return cpu;
}

/* "0,2-3" → mask. FALSE if it is no such list. Numbers above the mask's size
 * come back in *@beyond, -1 if there are none. Allocates nothing. */
static gboolean
parse_cpus (const gchar *text, cpu_set_t *mask, gint *beyond)
{
  CPU_ZERO (mask);
  *beyond = -1;
  for (;;) {
    gint first, last;

    while (*text == ' ')
      text++;
    first = last = read_cpu (&text);
    if (*text == '-') {
      text++;
      last = read_cpu (&text);
    }
    if (first < 0 || last < first)
      return FALSE;
    if (last >= CPU_SETSIZE)
      *beyond = last;
    for (gint cpu = first; cpu <= MIN (last, CPU_SETSIZE - 1); cpu++)
      CPU_SET (cpu, mask);
    while (*text == ' ')
      text++;
    if (!*text)
      return TRUE;
    if (*text++ != ',')
      return FALSE;
  }
}

static gboolean
is_everything (const gchar *cpu_affinity)
{
  return !cpu_affinity || !*cpu_affinity;
}

static gchar *
print_mask (const cpu_set_t *mask)
{
  GString *text = g_string_new (NULL);

  for (gint cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    gint last = cpu;
    if (!CPU_ISSET (cpu, mask))
      continue;
    while (last + 1 < CPU_SETSIZE && CPU_ISSET (last + 1, mask))
      last++;
    g_string_append_printf (text, "%s%d", text->len ? "," : "", cpu);
    if (last > cpu)
      g_string_append_printf (text, "-%d", last);
    cpu = last;
  }
  return g_string_free (text, FALSE);
}

gboolean
dnn_threads_is_affinity (const gchar *cpu_affinity)
{
  gint beyond;
  cpu_set_t mask;

  return is_everything (cpu_affinity) ||
      parse_cpus (cpu_affinity, &mask, &beyond);
}

gint
dnn_threads_count_affinity (const gchar *cpu_affinity)
{
  gint beyond;
  cpu_set_t mask;

  if (is_everything (cpu_affinity) ||
      !parse_cpus (cpu_affinity, &mask, &beyond))
    return 0;
  return CPU_COUNT (&mask);
}

gint
dnn_threads_get_cpu (const gchar *cpu_affinity, guint idx)
{
  gint beyond;
  cpu_set_t mask;

  if (is_everything (cpu_affinity) ||
      !parse_cpus (cpu_affinity, &mask, &beyond))
    return -1;
  for (gint cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET (cpu, &mask) && idx-- == 0)
      return cpu;
  return -1;
}

gchar *
dnn_threads_pick_cpu (const gchar *cpu_affinity)
{
  gint cpu = dnn_threads_get_cpu (cpu_affinity, 0);

  return g_strdup_printf ("%d", cpu >= 0 ? cpu : MAX (sched_getcpu (), 0));
}

gboolean
dnn_threads_check_affinity (const gchar *cpu_affinity, GError **error)
{
  gint beyond;
  cpu_set_t mask, process;

  if (is_everything (cpu_affinity))
    return TRUE;
  if (!parse_cpus (cpu_affinity, &mask, &beyond)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "cpu_affinity \"%s\" is no list of CPUs (\"0,1\" or \"0-3\")",
        cpu_affinity);
    return FALSE;
  }
  get_process_mask (&process);
  for (gint cpu = 0; cpu < CPU_SETSIZE && beyond < 0; cpu++)
    if (CPU_ISSET (cpu, &mask) && !CPU_ISSET (cpu, &process))
      beyond = cpu;
  if (beyond >= 0) {
    g_autofree gchar *allowed = print_mask (&process);
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "cpu_affinity \"%s\": CPU %d%s is none that this process may use (%s)",
        cpu_affinity, beyond, beyond == MAX_CPU ? " or above" : "", allowed);
    return FALSE;
  }
  return TRUE;
}

/* ---- the calling thread and its team ------------------------------------ */

/* Of a thread of a team: its mask before it was pinned, which is its own where
 * OpenMP binds threads to places. */
static _Thread_local cpu_set_t member_mask;
static _Thread_local gboolean member_is_pinned;

/* Threads of a team stay when the work is done, for whatever the same thread
 * does next, and keep the mask they were made with: it has to be set in each of
 * them, and taken back. */
static void
pin_member (gint idx, gint n_team, gpointer mask)
{
  if (idx == 0)
    return;
  member_is_pinned = sched_getaffinity (0, sizeof member_mask, &member_mask) ==
      0;
  sched_setaffinity (0, sizeof (cpu_set_t), mask);
}

/* One that came since has inherited the mask of its pinned master. */
static void
unpin_member (gint idx, gint n_team, gpointer mask)
{
  if (idx == 0)
    return;
  sched_setaffinity (
      0, sizeof (cpu_set_t), member_is_pinned ? &member_mask : mask);
  member_is_pinned = FALSE;
}

/* Keeps the mask of the calling thread in @state, then pins it and its team. */
static gboolean
pin_thread (DnnThreadsState *state, gint threads, const gchar *cpu_affinity)
{
  cpu_set_t before, mask;
  gint beyond;

  if (sched_getaffinity (0, sizeof before, &before) != 0 ||
      !parse_cpus (cpu_affinity, &mask, &beyond))
    return FALSE;
  memcpy (state->mask, &before, sizeof before);
  state->is_main = take_main (&before);
  state->team = parallel_hook ? threads : 1;
  /* First the team: those made for it inherit the mask from before. */
  if (state->team > 1)
    parallel_hook (threads, pin_member, &mask);
  sched_setaffinity (0, sizeof mask, &mask);
  return TRUE;
}

static void
unpin_thread (const DnnThreadsState *state)
{
  cpu_set_t mask;

  memcpy (&mask, state->mask, sizeof mask);
  if (state->team > 1)
    parallel_hook (state->team, unpin_member, &mask);
  sched_setaffinity (0, sizeof mask, &mask);
  if (state->is_main)
    drop_main ();
}

void
dnn_threads_enter (
    DnnThreadsState *state, gint threads, const gchar *cpu_affinity)
{
  state->pinned = !is_everything (cpu_affinity) &&
      pin_thread (state, threads, cpu_affinity);
  state->threads = threads_hook ? threads_hook (threads) : threads;
}

void
dnn_threads_leave (const DnnThreadsState *state)
{
  if (threads_hook)
    threads_hook (state->threads);
  if (state->pinned)
    unpin_thread (state);
}
