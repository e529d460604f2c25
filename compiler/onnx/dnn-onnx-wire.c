/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes of a protobuf message → its fields, checked against a descriptor, none
 * copied but those that are unpacked. Next: dnn-onnx-read.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-wire.h"

#include <string.h>

/* What a check walks over. */
typedef struct
{
  const gchar *label;
  const guint8 *base; /* offset 0 of messages */
} WireCheck;

void
dnn_wire_reader_init (DnnWireReader *self, DnnWireSpan span)
{
  self->pos = span.data;
  self->end = span.data + span.size;
}

gboolean
dnn_wire_read_varint (const guint8 **pos, const guint8 *end, guint64 *value)
{
  guint64 result = 0;

  for (guint shift = 0; *pos < end && shift < 64; shift += 7) {
    guint8 byte = *(*pos)++;
    result |= (guint64) (byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *value = result;
      return TRUE;
    }
  }
  return FALSE;
}

static guint64
read_fixed (const guint8 *src, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value |= (guint64) src[i] << (8 * i);
  return value;
}

static gboolean
read_fixed_field (
    DnnWireReader *self, DnnWireField *field, guint n_bytes, const gchar **why)
{
  if ((gsize) (self->end - self->pos) < n_bytes) {
    *why = "a number is cut off";
    return FALSE;
  }
  field->value = read_fixed (self->pos, n_bytes);
  self->pos += n_bytes;
  return TRUE;
}

static gboolean
read_bytes_field (DnnWireReader *self, DnnWireField *field, const gchar **why)
{
  guint64 size;

  if (!dnn_wire_read_varint (&self->pos, self->end, &size)) {
    *why = "a length is cut off";
    return FALSE;
  }
  field->value = size;
  if (size > (guint64) (self->end - self->pos)) {
    *why = "too long";
    return FALSE;
  }
  field->bytes.data = self->pos;
  field->bytes.size = size;
  self->pos += size;
  return TRUE;
}

/* One field at the reader's position. FALSE with @why on malformed bytes. */
static gboolean
read_field (DnnWireReader *self, DnnWireField *field, const gchar **why)
{
  const guint8 *start = self->pos;
  guint64 tag;
  gboolean ok;

  memset (field, 0, sizeof *field);
  if (!dnn_wire_read_varint (&self->pos, self->end, &tag)) {
    *why = "a field's tag is cut off";
    return FALSE;
  }
  if (tag >> 3 == 0 || tag >> 3 >= (1u << 29)) {
    *why = "no field has such a number";
    return FALSE;
  }
  field->number = tag >> 3;
  field->wire_type = tag & 7;
  switch (field->wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
      ok = dnn_wire_read_varint (&self->pos, self->end, &field->value);
      if (!ok)
        *why = "a number is cut off";
      break;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
      ok = read_fixed_field (self, field, 8, why);
      break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
      ok = read_bytes_field (self, field, why);
      break;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
      ok = read_fixed_field (self, field, 4, why);
      break;
    default:
      *why = "no field has such a wire type";
      return FALSE;
  }
  field->whole.data = start;
  field->whole.size = self->pos - start;
  return ok;
}

gboolean
dnn_wire_reader_next (DnnWireReader *self, DnnWireField *field)
{
  const gchar *why = NULL;

  return self->pos < self->end && read_field (self, field, &why);
}

static guint
get_wire_type (ProtobufCType type)
{
  switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
      return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
      return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
      return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
      return PROTOBUF_C_WIRE_TYPE_VARINT;
  }
}

/* The contents of a packed field are whole numbers. */
static gboolean
check_packed (DnnWireSpan span, guint wire_type)
{
  const guint8 *pos = span.data, *end = span.data + span.size;
  guint64 value;

  if (wire_type == PROTOBUF_C_WIRE_TYPE_32BIT)
    return span.size % 4 == 0;
  if (wire_type == PROTOBUF_C_WIRE_TYPE_64BIT)
    return span.size % 8 == 0;
  while (pos < end)
    if (!dnn_wire_read_varint (&pos, end, &value))
      return FALSE;
  return TRUE;
}

static gboolean
fail (const WireCheck *check, const guint8 *place,
    const ProtobufCMessageDescriptor *type, const gchar *field_name,
    const gchar *text, GError **error)
{
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
      "%s: byte %" G_GSIZE_FORMAT ": in %s%s%s: %s: the file is cut off, "
      "damaged, or no ONNX file",
      check->label, (gsize) (place - check->base), type->short_name,
      field_name ? "." : "", field_name ? field_name : "", text);
  return FALSE;
}

static gboolean check_message (const WireCheck *check, DnnWireSpan span,
    const ProtobufCMessageDescriptor *type, guint depth, GError **error);

static gboolean
check_field (const WireCheck *check, const DnnWireField *field,
    const ProtobufCMessageDescriptor *type,
    const ProtobufCFieldDescriptor *descriptor, guint depth, GError **error)
{
  const guint8 *place = field->whole.data;
  guint expected = get_wire_type (descriptor->type);
  gboolean is_bytes = field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;

  if (field->wire_type != expected) {
    gboolean packed = is_bytes &&
        descriptor->label == PROTOBUF_C_LABEL_REPEATED;
    if (packed && check_packed (field->bytes, expected))
      return TRUE;
    return fail (check, place, type, descriptor->name,
        packed ? "a list's last number is cut off" : "wrong wire type", error);
  }
  if (descriptor->type == PROTOBUF_C_TYPE_MESSAGE)
    return check_message (
        check, field->bytes, descriptor->descriptor, depth + 1, error);
  if (descriptor->type == PROTOBUF_C_TYPE_STRING &&
      strcmp (descriptor->name, "doc_string") != 0 &&
      !g_utf8_validate_len (
          (const gchar *) field->bytes.data, field->bytes.size, NULL))
    return fail (
        check, place, type, descriptor->name, "a name is no UTF-8", error);
  return TRUE;
}

static gboolean
check_message (const WireCheck *check, DnnWireSpan span,
    const ProtobufCMessageDescriptor *type, guint depth, GError **error)
{
  DnnWireReader reader;
  DnnWireField field;

  if (depth > DNN_WIRE_MAX_DEPTH)
    return fail (check, span.data, type, NULL, "messages nest too deep", error);
  dnn_wire_reader_init (&reader, span);
  while (reader.pos < reader.end) {
    const guint8 *start = reader.pos;
    const ProtobufCFieldDescriptor *descriptor;
    const gchar *why = NULL;
    gboolean ok = read_field (&reader, &field, &why);

    descriptor = field.number > 0
        ? protobuf_c_message_descriptor_get_field (type, field.number)
        : NULL;
    if (!ok) {
      g_autofree gchar *text = field.wire_type ==
                  PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
              field.value > 0
          ? g_strdup_printf ("%" G_GUINT64_FORMAT
                             " bytes announced, %" G_GSIZE_FORMAT " left",
                field.value, (gsize) (reader.end - reader.pos))
          : g_strdup (why);
      return fail (check, start, type, descriptor ? descriptor->name : NULL,
          text, error);
    }
    if (descriptor &&
        !check_field (check, &field, type, descriptor, depth, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_wire_check (DnnWireSpan span, const ProtobufCMessageDescriptor *type,
    const gchar *label, GError **error)
{
  WireCheck check = { label, span.data };

  return check_message (&check, span, type, 0, error);
}

static gboolean
is_skipped (guint number, const guint *skip, guint n_skip)
{
  for (guint i = 0; i < n_skip; i++)
    if (skip[i] == number)
      return TRUE;
  return FALSE;
}

ProtobufCMessage *
dnn_wire_unpack (DnnWireSpan span, const ProtobufCMessageDescriptor *type,
    const guint *skip, guint n_skip)
{
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  DnnWireReader reader;
  DnnWireField field;

  dnn_wire_reader_init (&reader, span);
  while (dnn_wire_reader_next (&reader, &field))
    if (!is_skipped (field.number, skip, n_skip)) {
      if (field.whole.size > DNN_WIRE_MAX_UNPACKED - kept->len)
        return NULL;
      g_byte_array_append (kept, field.whole.data, field.whole.size);
    }
  return protobuf_c_message_unpack (type, NULL, kept->len, kept->data);
}
