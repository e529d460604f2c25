/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitShift: bits moved to the left or right. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include <string.h>

/* What is shifted by all of its bits or more, or by less than none, is 0. */
#define FITS(y) ((U) (y) < 8 * sizeof (T))
#define SHIFT_LEFT(x, y) (FITS (y) ? (T) ((U) (x) << (y)) : (T) 0)
DNN_BITS_2 (shift_left, SHIFT_LEFT)
static const DnnLines lines_left = { DNN_LINES_BITS (shift_left) };
#define SHIFT_RIGHT(x, y) (FITS (y) ? (T) ((x) >> (y)) : (T) 0)
DNN_BITS_2 (shift_right, SHIFT_RIGHT)
static const DnnLines lines_right = { DNN_LINES_BITS (shift_right) };

/* Those with a sign shift it in from the left. */
#define SHIFT_SIGNED(x, y) (FITS (y) ? (x) >> (y) : (x) < 0 ? (T) -1 : (T) 0)
#define SIGNED_LINE(size)                                                   \
  DNN_AT_LEVELS (DNN_LINE_2, shift_signed_U##size, gint##size, guint##size, \
      gint##size, integer, SHIFT_SIGNED)
SIGNED_LINE (8)
SIGNED_LINE (16)
SIGNED_LINE (32)
SIGNED_LINE (64)
static const DnnLines lines_signed = { DNN_LINES_BITS (shift_signed) };

static const gchar *const directions[] = { "LEFT", "RIGHT", NULL };

static const DnnLines *
choose_lines (const DnnCall *call)
{
  gboolean is_signed = (DNN_TYPES_SIGNED &
                           DNN_TYPE_BIT (call->inputs[0].type)) != 0;

  if (strcmp (dnn_call_attr (call, "direction")->s, "LEFT") == 0)
    return &lines_left;
  return is_signed ? &lines_signed : &lines_right;
}

static const DnnMapOp map = { .choose_lines = choose_lines, .n = 2 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_INTEGER, .type_var = "T" },
  { .name = "Y",
      .types = DNN_TYPES_INTEGER,
      .type_var = "T",
      .doc = "by how many" },
};
static const DnnArgRow outputs[] = {
  { .name = "Z", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "direction",
      .kind = DNN_ATTR_STRING,
      .required = TRUE,
      .choices = directions,
      .doc = "where the bits go" },
};

const DnnOp dnn_op_BitShift = {
  .name = "BitShift",
  .doc = "Bits of X moved by Y to the left or right, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .family = &map,
};
