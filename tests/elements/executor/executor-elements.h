/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Elements that stand for those of others, as stages of a pipeline of float32
 * tensors:
 *
 *   samplenegate  changes the sign of every value, in place; an ERROR message
 *                 at SAMPLE_BAD
 *   samplegate    holds frames while the gate is shut
 *   sampledrop    drops frames that begin with SAMPLE_DROPPED
 *   samplesilent  fails at SAMPLE_BAD and says nothing
 *   sampleend     ends the stream at SAMPLE_BAD
 *   sampledelay   lets each frame go when the next one comes
 *   samplelate    the same, but has only a copy of it meanwhile
 *   sampletwice   sends each frame twice
 *   samplestrip   makes buffers of its own, without metadata
 *   samplerename  gives frames keys of its own
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* First elements of a tensor that are special. */
#define SAMPLE_BAD 4711
#define SAMPLE_DROPPED 4712

void sample_elements_register (void);

/* The gate of all samplegates; open at first. */
void sample_gate_shut (void);
void sample_gate_open (void);
/* Lets one frame through. */
void sample_gate_step (void);
/* Until that many frames have come to gates since the last one was shut. */
void sample_gate_wait_for (guint n_frames);

G_END_DECLS
