/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Team size and CPUs of a module → the calling thread, for the time of one
 * piece of work. */
#define _GNU_SOURCE /* cpu_set_t, sched_getaffinity */
#include "config.h"

#include "pipeline-core/dnn-threads.h"

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

/* The mask the process started with: read once, before any thread of ours is
 * pinned, from the main thread. */
static const cpu_set_t *
get_process_mask (void)
{
  static cpu_set_t mask;
  static gsize is_read = 0;

  if (g_once_init_enter (&is_read)) {
    if (sched_getaffinity (getpid (), sizeof mask, &mask) != 0) {
      CPU_ZERO (&mask);
      CPU_SET (0, &mask);
    }
    g_once_init_leave (&is_read, 1);
  }
  return &mask;
}

gint
dnn_threads_get_n_cpus (void)
{
  return MAX (CPU_COUNT (get_process_mask ()), 1);
}

/* One number at *@text, which moves behind it; -1 if there is none. */
static gint
read_cpu (const gchar **text)
{
  gint cpu = 0;

  if (!g_ascii_isdigit (**text))
    return -1;
  for (; g_ascii_isdigit (**text); (*text)++)
    if (cpu < 100000000)
      cpu = cpu * 10 + (**text - '0');
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

gboolean
dnn_threads_check_affinity (const gchar *cpu_affinity, GError **error)
{
  const cpu_set_t *process = get_process_mask ();
  gint beyond;
  cpu_set_t mask;

  if (is_everything (cpu_affinity))
    return TRUE;
  if (!parse_cpus (cpu_affinity, &mask, &beyond)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "cpu_affinity \"%s\" is no list of CPUs (\"0,1\" or \"0-3\")",
        cpu_affinity);
    return FALSE;
  }
  for (gint cpu = 0; cpu < CPU_SETSIZE && beyond < 0; cpu++)
    if (CPU_ISSET (cpu, &mask) && !CPU_ISSET (cpu, process))
      beyond = cpu;
  if (beyond >= 0) {
    g_autofree gchar *allowed = print_mask (process);
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "cpu_affinity \"%s\": CPU %d is none that this process may use (%s)",
        cpu_affinity, beyond, allowed);
    return FALSE;
  }
  return TRUE;
}

/* Keeps the mask of the calling thread in @state, then pins it. */
static gboolean
pin_thread (DnnThreadsState *state, const gchar *cpu_affinity)
{
  cpu_set_t before, mask;
  gint beyond;

  get_process_mask ();
  if (sched_getaffinity (0, sizeof before, &before) != 0 ||
      !parse_cpus (cpu_affinity, &mask, &beyond))
    return FALSE;
  memcpy (state->mask, &before, sizeof before);
  return sched_setaffinity (0, sizeof mask, &mask) == 0;
}

void
dnn_threads_enter (
    DnnThreadsState *state, gint threads, const gchar *cpu_affinity)
{
  state->pinned = !is_everything (cpu_affinity) &&
      pin_thread (state, cpu_affinity);
  state->threads = threads_hook ? threads_hook (threads) : threads;
}

void
dnn_threads_leave (const DnnThreadsState *state)
{
  if (threads_hook)
    threads_hook (state->threads);
  if (state->pinned) {
    cpu_set_t mask;
    memcpy (&mask, state->mask, sizeof mask);
    sched_setaffinity (0, sizeof mask, &mask);
  }
}
