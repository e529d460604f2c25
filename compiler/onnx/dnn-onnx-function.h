/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The model's own functions, and one call of such: whose names and attributes
 * its nodes have. dnn-onnx-nodes.c puts the nodes in the place of the call. */
#pragma once

#include "compiler/onnx/dnn-onnx-read.h"

G_BEGIN_DECLS

/* How deep functions may call others: one that calls itself goes deeper. */
#define DNN_ONNX_MAX_CALL_DEPTH 64

typedef struct _DnnOnnxFunctions DnnOnnxFunctions;
typedef struct _DnnOnnxFunction DnnOnnxFunction;
typedef struct _DnnOnnxCall DnnOnnxCall;

/* All of the model. FORMAT for one without a name, or two of one. */
DnnOnnxFunctions *dnn_onnx_functions_new (
    const DnnOnnxModel *model, GError **error);
void dnn_onnx_functions_free (DnnOnnxFunctions *self);

/* What the node calls, or NULL. @span: the node. */
const DnnOnnxFunction *dnn_onnx_functions_find (const DnnOnnxFunctions *self,
    const Onnx__NodeProto *proto, DnnWireSpan span);

/* How many nodes a call of @function becomes, at most @limit + 1, so that one
 * is refused before it is followed. One that calls itself counts once there. */
guint dnn_onnx_functions_count (
    const DnnOnnxFunctions *self, const DnnOnnxFunction *function, guint limit);

/* Opset of the default domain inside, 0 if it has none. */
gint64 dnn_onnx_function_get_opset (const DnnOnnxFunction *self);
/* DnnWireSpan of NodeProto. */
const GArray *dnn_onnx_function_get_nodes (const DnnOnnxFunction *self);

/* Makes a name that no other tensor of the graph has. (transfer full) */
typedef gchar *(*DnnOnnxNameFunc) (const gchar *base, gpointer user_data);

/**
 * dnn_onnx_call_new:
 * @caller: (nullable): the call whose nodes this one is among
 * @span: the node that calls, @proto: its names, as the whole graph has them
 * @place: unique name of that node
 */
DnnOnnxCall *dnn_onnx_call_new (const DnnOnnxFunction *function,
    const DnnOnnxCall *caller, const Onnx__NodeProto *proto, DnnWireSpan span,
    const gchar *place);
void dnn_onnx_call_free (DnnOnnxCall *self);
const DnnOnnxFunction *dnn_onnx_call_get_function (const DnnOnnxCall *self);
const gchar *dnn_onnx_call_get_place (const DnnOnnxCall *self);
guint dnn_onnx_call_get_depth (const DnnOnnxCall *self);

/* Gives names of the function's interface those of the call. What it hands on
 * as it came needs an Identity: pairs of names, from and to. (transfer full) */
GPtrArray *dnn_onnx_call_bind (DnnOnnxCall *self);
/* Gives a node of the function names of the whole graph. */
void dnn_onnx_call_rename (DnnOnnxCall *self, Onnx__NodeProto *proto,
    DnnOnnxNameFunc make_name, gpointer user_data);

/* The attribute that @ref of a function's node stands for, through all callers;
 * FALSE where nobody gives it. @self: (nullable) */
gboolean dnn_onnx_call_find_attr (
    const DnnOnnxCall *self, const gchar *ref, DnnWireSpan *attr);

G_END_DECLS
