/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of a small backend for the core's tests: float32, with a second
 * format ("reversed": all elements in reverse order, and 64 bytes more). */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"
#include "pipeline-core/op/dnn-op.h"

/* Fake.Relu, .Add: element-wise, in any format, in place.
 * Fake.Scale (X, W): times W[channel] times `gain`; fast in reversed only,
 *   packs W.
 * Fake.Shift: plus 1, plain only, through a scratchpad.
 * Fake.Concat, .Split: dimension 1, any format, slices and views.
 * Fake.Reshape (X, shape): a view, plain. Fake.Shape: of a tensor.
 * Fake.NonZero: shape depends on data. Fake.Checked: fails on data below 0.
 * Fake.Broken: a backend that fails at "prepare", "pack", "bind", "run".
 * Fake.Attrs: every kind of attribute. */
void fake_ops_register (void);
/* What the element-wise ones demand of the addresses they get. */
#define FAKE_ALIGNMENT 16
/* What Fake.Broken holds now: prepared and bound states. */
extern gint fake_n_states;

/* Called, if set, whenever Fake.Scale is asked for its candidates: behind
 * inference, before anything is packed. */
extern void (*fake_when_offered) (void);

/* Graphs: values by name. @inputs are names, "" is absent; one output, of the
 * node's name. */
DnnNode *fake_add (DnnGraph *graph, const gchar *op, const gchar *name,
    const gchar *const *inputs);
#define fake_node(graph, op, name, ...) \
  fake_add (graph, op, name, (const gchar *const[]){ __VA_ARGS__, NULL })
DnnValue *fake_input (DnnGraph *graph, const gchar *name, gint64 c, gint64 l);
/* A param of floats 1×n, or of int64. */
void fake_param (DnnGraph *graph, const gchar *name, guint n);
void fake_ints (DnnGraph *graph, const gchar *name, guint n, ...);
void fake_output (DnnGraph *graph, const gchar *name);

/* All outputs by ref alone, node by node: the oracle. (transfer full) */
GPtrArray *fake_evaluate (DnnGraph *graph, GPtrArray *inputs);
/* Tensors for the inputs of a graph whose shapes are known. */
GPtrArray *fake_random_inputs (DnnGraph *graph, GRand *random);
/* Up to @max_nodes nodes of all kinds on inputs x and y, 1 to 3 outputs. */
DnnGraph *fake_random_graph (GRand *random, guint max_nodes);
