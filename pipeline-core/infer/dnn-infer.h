/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A sorted graph and the shapes of its inputs → type, shape and, where it does
 * not depend on a frame, value of everything in it. Next: dnn-plan.h. */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"
#include "pipeline-core/library/dnn-library.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Results of operators up to this many bytes are computed while inferring when
 * all they depend on is known; larger ones only when an operator asks for the
 * value, or with one of the flags DNN_INFER_FOLD_…. */
#define DNN_INFER_SMALL_BYTES 65536
/* Constant results beyond this together, and beyond so many times the params,
 * are computed with each frame: a small file must not fill the memory. */
#define DNN_INFER_MAX_FOLD_BYTES ((gsize) 1 << 30)
#define DNN_INFER_MAX_FOLD_FACTOR 4
/* With DNN_INFER_FOLD_FOR_GOOD results of a node are computed up to this many
 * bytes, or twice those of its inputs. */
#define DNN_INFER_MAX_GROWTH (1 << 20)

typedef enum
{
  /* All shapes must come out known; what depends on data is UNSUPPORTED. What
   * the graph says of results is checked, never believed. */
  DNN_INFER_KNOWN = 1 << 0,
  /* Everything that is constant is computed, of any size. */
  DNN_INFER_FOLD_ALL = 1 << 1,
  /* Everything that is constant and doesn't let the model grow: results that
   * are to take the place of their nodes. */
  DNN_INFER_FOLD_FOR_GOOD = 1 << 2,
  /* With KNOWN: what depends on data is no error; it and all behind it is
   * marked late. */
  DNN_INFER_LATE = 1 << 3,
} DnnInferFlags;

/* What is known of one value of the graph. */
typedef struct
{
  DnnType type; /* DNN_TYPE_INVALID: unknown */
  DnnShape shape; /* open or of unknown rank, where that is all one can say */
  gboolean is_constant; /* the same for every frame */
  gboolean is_fixed; /* and for all shapes: made of params alone */
  gboolean is_late; /* its shape, or that of what it is made from, is known
                       only in each frame */
  gsize bound; /* bytes it has at most, where it is late and that is known; else
                  0 */
  DnnTensor *tensor; /* (nullable): its bytes, of params and folded results */
} DnnInferredValue;

/* Owns calls and folded values; holds the graph. */
typedef struct
{
  DnnGraph *graph;
  DnnInferredValue *values; /* beside graph->values */
  GPtrArray *calls; /* DnnCall *, beside graph->nodes; their constant inputs
                       point into the tensors of @values */
  GHashTable *indices; /* DnnValue * → index + 1 */
  GPtrArray *library_ops; /* DnnOp *, of the calls of functions of a library */
} DnnInference;

/**
 * dnn_infer_graph:
 * @graph: sorted; not changed
 * @inputs: (nullable): a shape for each input of the graph; %NULL takes the
 *   graph's own
 * @target: (nullable): what the calls are made for; %NULL: one thread
 *
 * Errors name the node, and both shapes where shapes don't fit.
 */
DNN_API DnnInference *dnn_infer_graph (DnnGraph *graph, const DnnShape *inputs,
    const DnnTarget *target, DnnInferFlags flags, GError **error);
/* The same for a module of a library: nodes are its functions, or operators
 * where it has no function of that name. @library: (nullable) */
DnnInference *dnn_infer_graph_of_library (DnnGraph *graph, DnnLibrary *library,
    const DnnShape *inputs, const DnnTarget *target, DnnInferFlags flags,
    GError **error);
/* A subgraph by what its node has: types, shapes, values where they are known
 * and small. Inputs without a type get one, for good. TYPE where they have
 * another. */
DnnInference *dnn_infer_subgraph (
    DnnGraph *graph, const DnnCallArg *inputs, GError **error);
/* The same; large results that are made of params alone are taken from @known
 * (nullable), an inference of this graph. */
DnnInference *dnn_infer_graph_like (DnnGraph *graph, DnnLibrary *library,
    const DnnShape *inputs, const DnnTarget *target, DnnInferFlags flags,
    const DnnInference *known, GError **error);
/* Types and shapes of everything, as far as known, into the graph's values. */
gboolean dnn_infer_into_graph (DnnGraph *graph, GError **error);
DNN_API void dnn_inference_free (DnnInference *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnInference, dnn_inference_free)

/* A call like that of node @idx, for one instance: its inputs are there, with
 * what inference knows of them. (transfer full) */
DnnCall *dnn_inference_copy_call (const DnnInference *self, guint idx);

/* Index of @value in the graph's list. */
guint dnn_inference_index (const DnnInference *self, const DnnValue *value);
DNN_API DnnInferredValue *dnn_inference_get (
    const DnnInference *self, const DnnValue *value);

/* (nullable): the one whose bytes lie at that address. */
DnnTensor *dnn_inference_find_tensor (
    const DnnInference *self, gconstpointer bytes);

/* The operator of that name, or UNSUPPORTED that names node, operator and the
 * nearest known one. "__nop" and "__copy", views in TVM's graphs, are the
 * core's own. */
const DnnOp *dnn_infer_find_op (
    const gchar *node_name, const gchar *op_name, GError **error);

G_END_DECLS
