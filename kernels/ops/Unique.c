/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Unique: each element, or each slice of an axis, once; how many that are, only
 * a frame tells. */
#include "config.h"

#include "kernels/family/dnn-number.h"
#include "pipeline-core/op/dnn-op.h"

#include <math.h>
#include <string.h>

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "indices",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "where each stands first" },
  { .name = "inverse_indices",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "where in Y each of X is" },
  { .name = "counts",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "how often each stands there" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .doc = "default: the tensor is taken as one row" },
  { .key = "sorted",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "0: in the order in which they come" },
};

/* The input as outer × dim × inner: slices along dim are compared. */
typedef struct
{
  DnnType type;
  gint axis; /* -1 none */
  gint64 outer, dim, inner;
  const guint8 *data;
} Slices;

/* What lies in scratch, each as long as the axis. */
typedef struct
{
  gint64 *order; /* slices by value; then equal ones are groups */
  gint64 *group; /* by slice: its place in Y */
  gint64 *spare;
} Work;

static gboolean
get_axis (const DnnCall *call, gint *axis, GError **error)
{
  *axis = -1;
  return !dnn_call_attr (call, "axis")->present ||
      dnn_call_axis (call, "axis", call->inputs[0].shape.rank, axis, error);
}

static Slices
get_slices (const DnnCall *call, gconstpointer data)
{
  const DnnShape *shape = &call->inputs[0].shape;
  Slices self = { call->inputs[0].type, -1, 1, 1, 1, data };

  get_axis (call, &self.axis, NULL);
  for (gint i = 0; i < shape->rank; i++) {
    if (self.axis < 0 || i == self.axis)
      self.dim *= shape->dims[i];
    else if (i < self.axis)
      self.outer *= shape->dims[i];
    else
      self.inner *= shape->dims[i];
  }
  return self;
}

static Work
get_work (gpointer scratch, gint64 n)
{
  gint64 *memory = scratch;

  return (Work){ memory, memory + n, memory + 2 * n };
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  gint64 most = dnn_shape_n_elements (src);
  gboolean is_known = most >= 0;
  gint axis;

  if (!get_axis (call, &axis, error))
    return DNN_INFER_ERROR;
  if (axis >= 0)
    most = src->dims[axis];
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = axis < 0 ? dnn_shape (1, 0) : *src;
  call->outputs[0].shape.dims[MAX (axis, 0)] = is_known ? most : DNN_DIM_OPEN;
  call->outputs[0].bounded = 1u << MAX (axis, 0);
  for (guint i = 1; i < call->n_outputs; i++) {
    call->outputs[i].type = DNN_TYPE_INT64;
    call->outputs[i].shape = dnn_shape (1, 0);
    call->outputs[i].shape.dims[0] = most < 0 ? DNN_DIM_OPEN : most;
    call->outputs[i].bounded = i == 2 ? 0 : 1;
  }
  if (!is_known)
    return DNN_INFER_OK;
  call->ref_scratch = 3 * (gsize) most * sizeof (gint64);
  return DNN_INFER_BOUNDED;
}

/* ---- order ----------------------------------------------------------------
 */

static gint
compare_elements (DnnType type, gconstpointer data, gsize a, gsize b)
{
  if (dnn_type_is_float (type)) {
    gdouble x = dnn_load (type, data, a), y = dnn_load (type, data, b);
    if (isnan (x) || isnan (y))
      return (isnan (x) != 0) - (isnan (y) != 0);
    return (x > y) - (x < y);
  }
  if (type == DNN_TYPE_UINT64) {
    guint64 x = (guint64) dnn_load_int (type, data, a);
    guint64 y = (guint64) dnn_load_int (type, data, b);
    return (x > y) - (x < y);
  }
  return (dnn_load_int (type, data, a) > dnn_load_int (type, data, b)) -
      (dnn_load_int (type, data, a) < dnn_load_int (type, data, b));
}

static gint
compare (const Slices *self, gint64 a, gint64 b)
{
  for (gint64 i = 0; i < self->outer; i++)
    for (gint64 j = 0; j < self->inner; j++) {
      gsize row = (gsize) (i * self->dim);
      gint order = compare_elements (self->type, self->data,
          (row + (gsize) a) * (gsize) self->inner + (gsize) j,
          (row + (gsize) b) * (gsize) self->inner + (gsize) j);
      if (order != 0)
        return order;
    }
  return 0;
}

/* Two sorted runs behind each other become one; equal ones keep their order. */
static void
merge (
    const Slices *self, gint64 *order, gint64 n_left, gint64 n, gint64 *spare)
{
  gint64 left = 0, right = n_left;

  for (gint64 i = 0; i < n; i++) {
    gboolean takes_left = right >= n ||
        (left < n_left && compare (self, order[left], order[right]) <= 0);
    spare[i] = takes_left ? order[left++] : order[right++];
  }
  memcpy (order, spare, (gsize) n * sizeof (gint64));
}

static void
sort (const Slices *self, const Work *work)
{
  for (gint64 i = 0; i < self->dim; i++)
    work->order[i] = i;
  for (gint64 width = 1; width < self->dim; width *= 2)
    for (gint64 i = 0; i + width < self->dim; i += 2 * width)
      merge (self, work->order + i, width, MIN (2 * width, self->dim - i),
          work->spare);
}

/* Places by first appearance: what is first of its group gets the next one. */
static void
number_by_place (const Slices *self, const Work *work)
{
  gint64 n = 0;

  /* spare: by group in sorted order, its place */
  for (gint64 i = 0; i < self->dim; i++)
    work->spare[i] = -1;
  for (gint64 i = 0; i < self->dim; i++) {
    gint64 group = work->group[i];
    if (work->spare[group] < 0)
      work->spare[group] = n++;
    work->group[i] = work->spare[group];
  }
}

static gboolean
count (const DnnCall *call, gconstpointer const *src, gpointer scratch,
    DnnShape *shapes, GError **error)
{
  Slices self = get_slices (call, src[0]);
  Work work = get_work (scratch, self.dim);
  gint64 n = 0;

  sort (&self, &work);
  for (gint64 i = 0; i < self.dim; i++) {
    if (i > 0 && compare (&self, work.order[i - 1], work.order[i]) != 0)
      n++;
    work.group[work.order[i]] = n;
  }
  n += self.dim > 0;
  if (!dnn_call_int (call, "sorted"))
    number_by_place (&self, &work);
  shapes[0].dims[MAX (self.axis, 0)] = n;
  for (guint i = 1; i < call->n_outputs; i++)
    shapes[i].dims[0] = i == 2 ? self.dim : n;
  return TRUE;
}

/* ---- results --------------------------------------------------------------
 */

/* Slice @from of the input → @to of Y. */
static void
copy_slice (const Slices *self, gint64 n, gint64 from, gint64 to, guint8 *dst)
{
  gsize size = (gsize) self->inner * dnn_type_size (self->type);

  for (gint64 i = 0; i < self->outer; i++)
    memcpy (dst + (gsize) (i * n + to) * size,
        self->data + (gsize) (i * self->dim + from) * size, size);
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  Slices self = get_slices (call, src[0]);
  Work work = get_work (scratch, self.dim);
  gint64 n = call->outputs[0].shape.dims[MAX (self.axis, 0)];
  gint64 *rows[4] = { NULL };

  for (guint i = 1; i < call->n_outputs; i++)
    rows[i] = dst[i];
  for (gint64 i = 0; rows[3] && i < n; i++)
    rows[3][i] = 0;
  for (gint64 i = self.dim; i-- > 0;) { /* the first one is written last */
    gint64 group = work.group[i];
    copy_slice (&self, n, i, group, dst[0]);
    if (rows[1])
      rows[1][group] = i;
    if (rows[2])
      rows[2][i] = group;
    if (rows[3])
      rows[3][group]++;
  }
  return TRUE;
}

const DnnOp dnn_op_Unique = {
  .name = "Unique",
  .doc = "Each element, or slice of an axis, once",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .count = count,
};
