/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NonMaxSuppression: boxes and their scores → those that no better one of their
 * class overlaps; how many, only a frame tells. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

static const DnnArgRow inputs[] = {
  { .name = "boxes",
      .types = DNN_TYPES_FLOAT32,
      .doc = "batches × boxes × 4: y1, x1, y2, x2, or centre and size" },
  { .name = "scores",
      .types = DNN_TYPES_FLOAT32,
      .doc = "batches × classes × boxes" },
  { .name = "max_output_boxes_per_class",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "of a batch; default 0: none at all" },
  { .name = "iou_threshold",
      .types = DNN_TYPES_FLOAT32,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "what overlaps more goes; default 0" },
  { .name = "score_threshold",
      .types = DNN_TYPES_FLOAT32,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "what isn't above it goes; default: all stay" },
};
static const DnnArgRow outputs[] = {
  { .name = "selected_indices",
      .types = DNN_TYPES_INT64,
      .doc = "a row a box: batch, class, box" },
};
static const DnnAttrRow attrs[] = {
  { .key = "center_point_box",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: boxes are x, y of the centre, width, height" },
};

typedef struct
{
  gfloat score;
  gint32 box;
} Candidate;

/* One call with its values. */
typedef struct
{
  gint64 n_batches, n_classes, n_boxes, most;
  gfloat iou, score;
  gboolean has_score, is_center;
  const gfloat *boxes, *scores;
  Candidate *candidates; /* of one class, a heap */
  gint64 *found; /* rows of the result */
  gint64 n_found;
} Nms;

static gboolean
check_shapes (const DnnCall *call, GError **error)
{
  const DnnShape *boxes = &call->inputs[0].shape;
  const DnnShape *scores = &call->inputs[1].shape;
  DnnShape want = dnn_shape (3, DNN_DIM_OPEN, DNN_DIM_OPEN, 4);
  g_autofree gchar *a = NULL, *b = NULL;

  if (scores->rank == 3) {
    want.dims[0] = scores->dims[0];
    want.dims[1] = scores->dims[2];
  }
  if (scores->rank == 3 && boxes->rank == 3 &&
      dnn_shape_compatible (boxes, &want))
    return TRUE;
  a = dnn_shape_to_string (boxes);
  b = dnn_shape_to_string (scores);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "boxes are %s, scores %s; expected batches × boxes × 4 and batches × "
      "classes × boxes",
      a, b);
}

static gboolean
check_scalars (const DnnCall *call, GError **error)
{
  for (guint i = 2; i < call->n_formal; i++) {
    const DnnShape *shape = &call->inputs[i].shape;
    g_autofree gchar *text = NULL;
    if (!call->inputs[i].present || shape->rank == 0 ||
        (shape->rank == 1 && (shape->dims[0] == 1 || shape->dims[0] < 0)))
      continue;
    text = dnn_shape_to_string (shape);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "%s is %s, expected a scalar", call->op->inputs[i].name, text);
  }
  return TRUE;
}

/* Most boxes of one class, by what is known. */
static gint64
get_most (const DnnCall *call)
{
  gint64 n = call->inputs[0].shape.dims[1];

  if (!dnn_call_has_input (call, 2))
    return 0;
  if (call->inputs[2].value)
    n = CLAMP (*(const gint64 *) call->inputs[2].value, 0, n);
  return n;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *scores = &call->inputs[1].shape;
  DnnCallArg *out = &call->outputs[0];
  gint64 n;

  out->type = DNN_TYPE_INT64;
  if (!check_shapes (call, error) || !check_scalars (call, error))
    return DNN_INFER_ERROR;
  out->shape = dnn_shape (2, DNN_DIM_OPEN, 3);
  if (!dnn_shape_is_known (scores) ||
      !dnn_shape_is_known (&call->inputs[0].shape))
    return DNN_INFER_OK;
  if (scores->dims[2] > G_MAXINT32) {
    dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "%" G_GINT64_FORMAT " boxes; at most %d are supported", scores->dims[2],
        G_MAXINT32);
    return DNN_INFER_ERROR;
  }
  n = dnn_shape_n_elements (
      &(DnnShape){ 3, { scores->dims[0], scores->dims[1], get_most (call) } });
  out->shape.dims[0] = n < 0 ? DNN_MAX_TENSOR_BYTES : n;
  out->bounded = 1 << 0;
  call->ref_scratch = (gsize) scores->dims[2] * sizeof (Candidate) +
      (gsize) MAX (n, 0) * 3 * sizeof (gint64);
  return DNN_INFER_BOUNDED;
}

/* ---- overlap --------------------------------------------------------------
 */

typedef struct
{
  gfloat low[2], high[2];
} Box;

static Box
read_box (const Nms *self, const gfloat *at)
{
  Box box;

  for (guint i = 0; i < 2; i++) {
    if (self->is_center) {
      box.low[i] = at[i] - at[i + 2] / 2;
      box.high[i] = at[i] + at[i + 2] / 2;
    } else {
      box.low[i] = MIN (at[i], at[i + 2]);
      box.high[i] = MAX (at[i], at[i + 2]);
    }
  }
  return box;
}

static inline gfloat
get_area (const Box *box)
{
  return (box->high[0] - box->low[0]) * (box->high[1] - box->low[1]);
}

static gboolean
overlap (const Nms *self, const Box *a, const Box *b)
{
  gfloat area_a = get_area (a), area_b = get_area (b), area = 1;

  for (guint i = 0; i < 2; i++) {
    gfloat size = MIN (a->high[i], b->high[i]) - MAX (a->low[i], b->low[i]);
    if (!(size > 0))
      return FALSE;
    area *= size;
  }
  if (area_a <= 0 || area_b <= 0)
    return FALSE;
  return area / (area_a + area_b - area) > self->iou;
}

/* ---- the best first -------------------------------------------------------
 */

static inline gboolean
is_better (const Candidate *a, const Candidate *b)
{
  return a->score > b->score || (a->score == b->score && a->box < b->box);
}

static void
sink (Candidate *heap, gint64 n, gint64 at)
{
  Candidate moved = heap[at];

  for (gint64 child = 2 * at + 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && is_better (&heap[child + 1], &heap[child]))
      child++;
    if (!is_better (&heap[child], &moved))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

static gint64
collect (Nms *self, const gfloat *scores)
{
  gint64 n = 0;

  for (gint64 i = 0; i < self->n_boxes; i++)
    if (!self->has_score || scores[i] > self->score)
      self->candidates[n++] = (Candidate){ scores[i], (gint32) i };
  for (gint64 i = n / 2; i-- > 0;)
    sink (self->candidates, n, i);
  return n;
}

/* Boxes of one class that are kept lie behind each other in the result. */
static gboolean
is_free (const Nms *self, const gfloat *boxes, const gint64 *first,
    gint64 n_kept, const Box *box)
{
  for (gint64 i = 0; i < n_kept; i++) {
    Box other = read_box (self, boxes + 4 * first[3 * i + 2]);
    if (overlap (self, &other, box))
      return FALSE;
  }
  return TRUE;
}

static void
select_class (Nms *self, gint64 batch, gint64 klass)
{
  const gfloat *boxes = self->boxes + batch * self->n_boxes * 4;
  const gfloat *scores = self->scores +
      (batch * self->n_classes + klass) * self->n_boxes;
  gint64 *first = self->found + 3 * self->n_found;
  gint64 n = collect (self, scores), n_kept = 0;

  while (n > 0 && n_kept < self->most) {
    gint32 idx = self->candidates[0].box;
    Box box = read_box (self, boxes + 4 * (gint64) idx);
    self->candidates[0] = self->candidates[--n];
    sink (self->candidates, n, 0);
    if (!is_free (self, boxes, first, n_kept, &box))
      continue;
    first[3 * n_kept] = batch;
    first[3 * n_kept + 1] = klass;
    first[3 * n_kept + 2] = idx;
    n_kept++;
  }
  self->n_found += n_kept;
}

static gfloat
read_float (const DnnCall *call, gconstpointer const *src, guint idx)
{
  return dnn_call_has_input (call, idx) ? *(const gfloat *) src[idx] : 0;
}

static gboolean
count (const DnnCall *call, gconstpointer const *src, gpointer scratch,
    DnnShape *shapes, GError **error)
{
  const DnnShape *scores = &call->inputs[1].shape;
  Nms self = { .n_batches = scores->dims[0],
    .n_classes = scores->dims[1],
    .n_boxes = scores->dims[2],
    .iou = read_float (call, src, 3),
    .score = read_float (call, src, 4),
    .has_score = dnn_call_has_input (call, 4),
    .is_center = dnn_call_int (call, "center_point_box") != 0,
    .boxes = src[0],
    .scores = src[1] };

  self.most = dnn_call_has_input (call, 2)
      ? CLAMP (*(const gint64 *) src[2], 0, self.n_boxes)
      : 0;
  self.found = scratch;
  self.candidates = (gpointer) ((guint8 *) scratch + call->ref_scratch -
      (gsize) self.n_boxes * sizeof (Candidate));
  for (gint64 i = 0; i < self.n_batches && self.most > 0; i++)
    for (gint64 j = 0; j < self.n_classes; j++)
      select_class (&self, i, j);
  shapes[0].dims[0] = self.n_found;
  return TRUE;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  memcpy (dst[0], scratch,
      (gsize) call->outputs[0].shape.dims[0] * 3 * sizeof (gint64));
  return TRUE;
}

const DnnOp dnn_op_NonMaxSuppression = {
  .name = "NonMaxSuppression",
  .doc = "Boxes that no better one of their class overlaps",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .count = count,
};
