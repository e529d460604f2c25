/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitShift: bits moved to the left or right. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include <string.h>

/* What is shifted by all of its bits or more is 0. */
#define FITS(y) ((y) < 8 * sizeof (T))
#define SHIFT_LEFT(x, y) (FITS (y) ? (T) ((U) (x) << (y)) : (T) 0)
DNN_BITS_2 (shift_left, SHIFT_LEFT)
static const DnnLines lines_left = { DNN_LINES_BITS (shift_left) };
#define SHIFT_RIGHT(x, y) (FITS (y) ? (T) ((x) >> (y)) : (T) 0)
DNN_BITS_2 (shift_right, SHIFT_RIGHT)
static const DnnLines lines_right = { DNN_LINES_BITS (shift_right) };

static const gchar *const directions[] = { "LEFT", "RIGHT", NULL };

static const DnnLines *
choose_lines (const DnnCall *call)
{
  return strcmp (dnn_call_attr (call, "direction")->s, "LEFT") == 0
      ? &lines_left
      : &lines_right;
}

static const DnnMapOp map = { .choose_lines = choose_lines, .n = 2 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_UNSIGNED, .type_var = "T" },
  { .name = "Y",
      .types = DNN_TYPES_UNSIGNED,
      .type_var = "T",
      .doc = "by how many" },
};
static const DnnArgRow outputs[] = {
  { .name = "Z", .types = DNN_TYPES_UNSIGNED, .type_var = "T" },
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
