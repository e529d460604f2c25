/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One error domain for everything a user's file or stream can cause. */
#pragma once

#include <glib-object.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

#define DNN_ERROR (dnn_error_quark ())

/**
 * DnnError:
 * @DNN_ERROR_FAILED: none of the others; the backend refused
 * @DNN_ERROR_NOT_FOUND: a file is missing or cannot be opened
 * @DNN_ERROR_FORMAT: a file is malformed: truncated, wrong magic, bad JSON
 * @DNN_ERROR_LIMIT: a documented limit (nodes, rank, bytes) is exceeded
 * @DNN_ERROR_UNKNOWN_KEY: a JSON key, attribute or option that does not exist
 * @DNN_ERROR_VALUE: a value has the wrong type or is out of its range
 * @DNN_ERROR_UNSUPPORTED: well-formed, but not supported here (operator,
 *   type, device)
 * @DNN_ERROR_GRAPH: a graph is inconsistent: bad index, missing input
 * @DNN_ERROR_CYCLE: a graph or a pipeline has a cycle
 * @DNN_ERROR_SHAPE: shapes do not fit; both are in the message
 * @DNN_ERROR_TYPE: data types do not fit; both are in the message
 * @DNN_ERROR_UNKNOWN_NAME: no interface, module or param group of that name
 * @DNN_ERROR_OWN_MODULE: a binding joins a module to itself
 * @DNN_ERROR_START: a binding starts at an input or at a global output
 * @DNN_ERROR_OUTPUT_TARGET: a module output is bound to something that is
 *   neither a module input nor a global output
 * @DNN_ERROR_INPUT_TARGET: a global input is bound to something that is no
 *   module input
 * @DNN_ERROR_PARAM_TARGET: a param group is bound to something that is not a
 *   module's params
 * @DNN_ERROR_TWO_SOURCES: one input has two bindings
 * @DNN_ERROR_UNBOUND: an input has no binding
 * @DNN_ERROR_BUSY: as many frames as allowed are in flight
 * @DNN_ERROR_NEEDS_SHAPE: an open dimension must be given before planning
 * @DNN_ERROR_DATA: a value in a frame is wrong, e.g. an index out of range
 */
typedef enum
{
  DNN_ERROR_FAILED,
  DNN_ERROR_NOT_FOUND,
  DNN_ERROR_FORMAT,
  DNN_ERROR_LIMIT,
  DNN_ERROR_UNKNOWN_KEY,
  DNN_ERROR_VALUE,
  DNN_ERROR_UNSUPPORTED,
  DNN_ERROR_GRAPH,
  DNN_ERROR_CYCLE,
  DNN_ERROR_SHAPE,
  DNN_ERROR_TYPE,
  DNN_ERROR_UNKNOWN_NAME,
  DNN_ERROR_OWN_MODULE,
  DNN_ERROR_START,
  DNN_ERROR_OUTPUT_TARGET,
  DNN_ERROR_INPUT_TARGET,
  DNN_ERROR_PARAM_TARGET,
  DNN_ERROR_TWO_SOURCES,
  DNN_ERROR_UNBOUND,
  DNN_ERROR_BUSY,
  DNN_ERROR_NEEDS_SHAPE,
  DNN_ERROR_DATA,
} DnnError;

DNN_API GQuark dnn_error_quark (void);

/**
 * dnn_error_print:
 *
 * A copy of an error's text for a terminal or a log: names that come from files
 * may hold control characters and, from paths, bytes that are no UTF-8; both
 * become "\\x1b". Of a word longer than DNN_MAX_ERROR_WORD bytes, and of a text
 * longer than DNN_MAX_ERROR_TEXT, the middle becomes "…".
 *
 * Returns: (transfer full): the text
 */
DNN_API gchar *dnn_error_print (const GError *error);
#define DNN_MAX_ERROR_TEXT 4096
#define DNN_MAX_ERROR_WORD 512

/**
 * dnn_nearest_word:
 * @word: as somebody spelt it
 * @known: (array zero-terminated=1): what there is
 *
 * For messages: "data_o" among {"data_0", "out"} gives "data_0".
 *
 * Returns: (transfer none) (nullable): one of @known; %NULL when nothing is
 *   nearer than a third of the word's length (edit distance)
 */
DNN_API const gchar *dnn_nearest_word (
    const gchar *word, const gchar *const *known);

G_END_DECLS
