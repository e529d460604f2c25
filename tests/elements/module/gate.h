/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An operator that a test holds up: frames are known by their first value, and
 * leave it when the test lets them. Modules of it. */
#pragma once

#include <gst/check/gstcheck.h>

#include "pipeline-core/plan/dnn-module.h"

G_BEGIN_DECLS

/* The first value of a frame that can't be run. */
#define GATE_BAD (-1)

/* Before anything is loaded. */
void gate_register (void);

/* y = gate (x) · w, w (a param) is 2; float32 of that shape. */
DnnModule *gate_module (const gchar *shape);

/* Frames whose first value is at least 1 stay inside from now on. */
void gate_shut (void);
/* Lets the frame of that value go, now or when it comes. */
void gate_open (guint value);
void gate_open_all (void);
/* Until @n have come since it was shut. */
void gate_wait_for (guint n);
/* How many have. */
guint gate_get_n_seen (void);
/* From now on each frame takes a time of its own, from a row that @seed
 * begins. */
void gate_dawdle (guint32 seed);
/* From now on each frame takes that many µs of one thread, and of a team; 0: no
 * more. */
void gate_work (guint lane, guint team_of_any);
/* CPUs that the thread of the frame of that value could use, as "0" or "0,1";
 * it has come. (transfer full) */
gchar *gate_get_cpus (guint value);
/* The same, of the calling thread. (transfer full) */
gchar *gate_get_own_cpus (void);
/* Threads that have run frames since it was shut. */
guint gate_get_n_threads (void);
/* Size of the team of the last one. */
gint gate_get_team (void);

G_END_DECLS
