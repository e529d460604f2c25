/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Protobuf's wire format, walked in place: bytes of a mapped file → checked
 * spans of fields, and messages unpacked without their heavy fields.
 * Next: dnn-onnx-read.h. */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* How deep messages may nest: far enough for the importer to tell which
 * subgraph lies too deep. */
#define DNN_WIRE_MAX_DEPTH 512

/* Most bytes that are unpacked as one message. */
#define DNN_WIRE_MAX_UNPACKED (1u << 30)

/* Bytes of one message, inside the mapped file. */
typedef struct
{
  const guint8 *data;
  gsize size;
} DnnWireSpan;

/* One field as it stands in the file. */
typedef struct
{
  guint number;
  guint wire_type; /* ProtobufCWireType */
  guint64 value; /* varint, 64 and 32 bit */
  DnnWireSpan bytes; /* length-prefixed */
  DnnWireSpan whole; /* with its tag */
} DnnWireField;

/* Walks the fields of one message. */
typedef struct
{
  const guint8 *pos;
  const guint8 *end;
} DnnWireReader;

void dnn_wire_reader_init (DnnWireReader *self, DnnWireSpan span);

/* The next field; FALSE at the end of the message. For spans that
 * dnn_wire_check() has passed. */
gboolean dnn_wire_reader_next (DnnWireReader *self, DnnWireField *field);

/* Reads one varint and moves *@pos behind it; FALSE if it doesn't end before
 * @end or is longer than 64 bits. */
gboolean dnn_wire_read_varint (
    const guint8 **pos, const guint8 *end, guint64 *value);

/* Checks that all of @span is a message of @type, in depth: lengths, wire
 * types, UTF-8 of strings, nesting. Unknown fields are fine. FORMAT names
 * @label, the byte offset and the field. */
gboolean dnn_wire_check (DnnWireSpan span,
    const ProtobufCMessageDescriptor *type, const gchar *label, GError **error);

/* Unpacks a message from a checked span, leaving out the @n_skip fields of
 * those numbers: they stay in the file and are reached by a reader. Free it
 * with protobuf_c_message_free_unpacked (). NULL if protobuf-c refuses or
 * it is above the limit. */
ProtobufCMessage *dnn_wire_unpack (DnnWireSpan span,
    const ProtobufCMessageDescriptor *type, const guint *skip, guint n_skip);

G_END_DECLS
