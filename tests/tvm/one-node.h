/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A function of a library → a module of one node, and its result. */
#pragma once

#include "pipeline-core/plan/dnn-instance.h"

G_BEGIN_DECLS

typedef struct
{
  const gchar *function;
  const gchar *type; /* of the input; NULL: no input */
  const gchar *src_shape, *dst_shape; /* "2, 4" */
  gboolean flatten;
} OneNode;

/* Writes the graph into a temporary file, reads it with @library, and removes
 * it. */
DnnModule *one_node_load (
    const OneNode *self, const gchar *library, GError **error);

/* The same for any graph. */
DnnModule *one_node_load_json (
    const gchar *json, const gchar *library, GError **error);

/* A new instance of @module, prepared for the graph's own shapes. */
DnnInstance *one_node_prepare (DnnModule *module, gint threads, GError **error);

/* `library` in the folder of the tests' libraries (env DNN_TEST_LIBS). */
gchar *one_node_library (const gchar *name);

G_END_DECLS
