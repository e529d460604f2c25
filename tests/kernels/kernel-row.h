/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One row of tests/kernels/rows/OPERATOR.json: a call to test. The keys are
 * described in rows/README.md. */
#pragma once

#include <json-glib/json-glib.h>

#include "pipeline-core/op/dnn-op.h"

#define ROW_MAX_ARGS 16

/* What fills an input. */
typedef enum
{
  CLASS_UNIFORM,
  CLASS_ZEROS,
  CLASS_LARGE,
  CLASS_DENORMAL,
  CLASS_INFINITE,
  CLASS_NAN,
  N_CLASSES,
} RowClass;

typedef struct
{
  gboolean present, constant, known;
  DnnType type;
  DnnShape shape;
  gdouble *values; /* fixed ones, or NULL */
  guint n_values;
  gboolean has_range;
  gdouble low, high;
} RowInput;

typedef struct
{
  gchar *op, *name;
  JsonObject *json;
  RowInput inputs[ROW_MAX_ARGS];
  guint n_inputs, n_outputs;
  guint classes; /* bit a class */
  guint exact_classes; /* further ones, with fast-math off */
  gdouble tolerance;
  gboolean ref_only; /* ref alone is enough */
  gboolean bench; /* in bench mode only */
  gdouble flops;
} Row;

/* All rows of one file; asserts that it is well-formed. */
GPtrArray *row_read_file (const gchar *path, const gchar *op);
void row_free (Row *row);

const gchar *row_class_name (RowClass klass);

/* The call with its attributes, inputs, post-ops; not yet inferred. */
DnnCall *row_make_call (const Row *row, GError **error);

/* "values" of an expected output, NULL if there are none. */
gdouble *row_get_expected (const Row *row, guint *n);
/* "expect-shape"; FALSE if there is none */
gboolean row_get_expected_shape (const Row *row, DnnShape *shape);
/* "error": code and text */
gboolean row_get_expected_error (
    const Row *row, DnnError *code, const gchar **text);
