/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Data types of tensor elements, and their names in every notation. */
#pragma once

#include <dlpack/dlpack.h>
#include <glib.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

/**
 * DnnType:
 *
 * Type of a tensor's elements: what the model means. The values are stable
 * inside one process only and never stand in a file.
 */
typedef enum
{
  DNN_TYPE_INVALID,
  DNN_TYPE_FLOAT32,
  DNN_TYPE_FLOAT64,
  DNN_TYPE_FLOAT16,
  DNN_TYPE_BFLOAT16,
  DNN_TYPE_INT8,
  DNN_TYPE_INT16,
  DNN_TYPE_INT32,
  DNN_TYPE_INT64,
  DNN_TYPE_UINT8,
  DNN_TYPE_UINT16,
  DNN_TYPE_UINT32,
  DNN_TYPE_UINT64,
  DNN_TYPE_BOOL,
  /* Since 0.2; a byte each, small ones too. */
  DNN_TYPE_FLOAT8E4M3FN,
  DNN_TYPE_FLOAT8E4M3FNUZ,
  DNN_TYPE_FLOAT8E5M2,
  DNN_TYPE_FLOAT8E5M2FNUZ,
  DNN_TYPE_FLOAT8E8M0,
  DNN_TYPE_FLOAT4E2M1,
  DNN_TYPE_INT4,
  DNN_TYPE_UINT4,
  DNN_TYPE_INT2,
  DNN_TYPE_UINT2,
} DnnType;

/* No member, so that other languages say Dnn.Type.FLOAT32. */
#define DNN_N_TYPES ((DnnType) (DNN_TYPE_UINT2 + 1))

#define DNN_TYPE_BIT(t) (1u << (t))

/* Sets of types, for operator rows. */
enum
{
  DNN_TYPES_FLOAT32 = DNN_TYPE_BIT (DNN_TYPE_FLOAT32),
  DNN_TYPES_FLOAT = DNN_TYPE_BIT (DNN_TYPE_FLOAT32) |
      DNN_TYPE_BIT (DNN_TYPE_FLOAT64) | DNN_TYPE_BIT (DNN_TYPE_FLOAT16) |
      DNN_TYPE_BIT (DNN_TYPE_BFLOAT16),
  DNN_TYPES_INDEX = DNN_TYPE_BIT (DNN_TYPE_INT32) |
      DNN_TYPE_BIT (DNN_TYPE_INT64),
  DNN_TYPES_INT64 = DNN_TYPE_BIT (DNN_TYPE_INT64),
  DNN_TYPES_SIGNED = DNN_TYPE_BIT (DNN_TYPE_INT8) |
      DNN_TYPE_BIT (DNN_TYPE_INT16) | DNN_TYPE_BIT (DNN_TYPE_INT32) |
      DNN_TYPE_BIT (DNN_TYPE_INT64),
  DNN_TYPES_UNSIGNED = DNN_TYPE_BIT (DNN_TYPE_UINT8) |
      DNN_TYPE_BIT (DNN_TYPE_UINT16) | DNN_TYPE_BIT (DNN_TYPE_UINT32) |
      DNN_TYPE_BIT (DNN_TYPE_UINT64),
  DNN_TYPES_INTEGER = DNN_TYPES_SIGNED | DNN_TYPES_UNSIGNED,
  DNN_TYPES_BOOL = DNN_TYPE_BIT (DNN_TYPE_BOOL),
  DNN_TYPES_NUMBER = (DNN_TYPE_BIT (DNN_TYPE_BOOL) - 1u) &
      ~DNN_TYPE_BIT (DNN_TYPE_INVALID),
  DNN_TYPES_ANY = DNN_TYPES_NUMBER | DNN_TYPES_BOOL,
  /* What quantised tensors are, and nothing computes with. */
  DNN_TYPES_FLOAT8 = DNN_TYPE_BIT (DNN_TYPE_FLOAT8E4M3FN) |
      DNN_TYPE_BIT (DNN_TYPE_FLOAT8E4M3FNUZ) |
      DNN_TYPE_BIT (DNN_TYPE_FLOAT8E5M2) |
      DNN_TYPE_BIT (DNN_TYPE_FLOAT8E5M2FNUZ),
  DNN_TYPES_SMALL_INTEGER = DNN_TYPE_BIT (DNN_TYPE_INT4) |
      DNN_TYPE_BIT (DNN_TYPE_UINT4) | DNN_TYPE_BIT (DNN_TYPE_INT2) |
      DNN_TYPE_BIT (DNN_TYPE_UINT2),
  DNN_TYPES_SMALL = DNN_TYPES_FLOAT8 | DNN_TYPES_SMALL_INTEGER |
      DNN_TYPE_BIT (DNN_TYPE_FLOAT8E8M0) | DNN_TYPE_BIT (DNN_TYPE_FLOAT4E2M1),
  DNN_TYPES_ALL = DNN_TYPES_ANY | DNN_TYPES_SMALL,
};

/* Bytes of one element; bool takes one. */
DNN_API gsize dnn_type_size (DnnType type);

/* The name in graph JSON (TVM's dltype), caps and messages: "float32",
 * "bfloat16", "bool", "invalid". Static. */
DNN_API const gchar *dnn_type_name (DnnType type);

/* The type of that name, DNN_TYPE_INVALID for an unknown one. */
DNN_API DnnType dnn_type_from_name (const gchar *name);

/**
 * dnn_type_to_dl: (skip)
 *
 * DLPack's notation. bool is (6, 8); as the files of TVM have it, (1, 1), it
 * is accepted too. Types of fewer than 8 bits are told by as many lanes as
 * fill a byte: of one lane DLPack means that they are packed, which ours
 * aren't. Other lanes are DNN_TYPE_INVALID.
 */
DNN_API DLDataType dnn_type_to_dl (DnnType type);
/**
 * dnn_type_from_dl: (skip)
 */
DNN_API DnnType dnn_type_from_dl (DLDataType type);

/**
 * dnn_type_get: (skip)
 *
 * For small things: attributes, tests, printing.
 *
 * Returns: element @idx of @data as double
 */
DNN_API gdouble dnn_type_get (DnnType type, gconstpointer data, gsize idx);
/**
 * dnn_type_set: (skip)
 *
 * Stores @value as element @idx of @data; float16 and bfloat16 round to nearest
 * even, integers saturate.
 */
DNN_API void dnn_type_set (
    DnnType type, gpointer data, gsize idx, gdouble value);

G_END_DECLS
