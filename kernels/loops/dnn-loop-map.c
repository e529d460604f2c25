/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors → blocks of one kind → the line → the result. A tensor that lies as
 * the result does is read where it is; all else is brought into a block first:
 * converted, repeated, spread. */
#include "config.h"

#include "kernels/loops/dnn-loop-map.h"

#include <string.h>

#include "kernels/loops/dnn-parallel.h"

/* Rows at least this long are walked one by one, so that what lies in them is
 * read in place; shorter ones are gathered into blocks. */
#define LONG_ROW 128

/* Elements that keep a thread busy long enough. */
#define GRAIN 16384

typedef enum
{
  READ_WHOLE, /* lies as the result does */
  READ_SCALAR, /* one element */
  READ_PERIOD, /* the same few elements again and again */
  READ_SPREAD, /* anything else */
} Reading;

typedef struct
{
  Reading reading;
  DnnType type;
  gsize size, kind_size; /* of one element */
  gboolean is_direct;
  DnnConvertFunc load;
  gint64 period; /* READ_PERIOD */
  gint64 strides[DNN_MAX_RANK]; /* by dimension of the map */
} Operand;

struct _DnnMap
{
  const DnnCall *call;
  DnnLineFunc line;
  DnnLoopParams params;
  guint n_src;
  Operand src[DNN_MAP_MAX_INPUTS];
  gint rank;
  gint64 dims[DNN_MAX_RANK]; /* of the result, neighbours joined */
  gint64 n;
  gsize dst_size, dst_kind_size;
  DnnConvertFunc store; /* NULL: written where it belongs */
};

/* Memory of one thread: a block an operand and one for the result. */
typedef struct
{
  guint64 src[DNN_MAP_MAX_INPUTS][2 * DNN_LOOP_BLOCK];
  guint64 dst[DNN_LOOP_BLOCK], raw[DNN_LOOP_BLOCK];
} Blocks;

typedef struct
{
  const DnnMap *map;
  gconstpointer const *src;
  guint8 *dst;
  const DnnLoopParams *params;
} Run;

/* ---- preparing --------------------------------------------------------------
 */

/* Elements to step when dimension i of @to advances; 0 where broadcast. */
static void
get_strides (const DnnShape *from, const DnnShape *to, gint64 *strides)
{
  gint64 stride = 1;

  for (gint i = to->rank - 1; i >= 0; i--) {
    gint j = i - (to->rank - from->rank);
    gint64 dim = j < 0 ? 1 : from->dims[j];
    strides[i] = dim == 1 ? 0 : stride;
    stride *= dim;
  }
}

/* Dimension @i and the one before it are one run in every operand. */
static gboolean
may_join (const DnnMap *self, gint i)
{
  for (guint k = 0; k < self->n_src; k++) {
    const gint64 *strides = self->src[k].strides;
    if (strides[i - 1] != strides[i] * self->dims[i])
      return FALSE;
  }
  return TRUE;
}

static void
remove_dim (DnnMap *self, gint dim)
{
  for (gint i = dim; i + 1 < self->rank; i++) {
    self->dims[i] = self->dims[i + 1];
    for (guint k = 0; k < self->n_src; k++)
      self->src[k].strides[i] = self->src[k].strides[i + 1];
  }
  self->rank--;
}

static void
join_dims (DnnMap *self)
{
  for (gint i = self->rank - 1; i >= 0; i--)
    if (self->dims[i] == 1)
      remove_dim (self, i);
  for (gint i = self->rank - 1; i > 0; i--) {
    if (!may_join (self, i))
      continue;
    self->dims[i] *= self->dims[i - 1];
    remove_dim (self, i - 1);
  }
  if (self->rank == 0) {
    self->rank = 1;
    self->dims[0] = 1;
    for (guint k = 0; k < self->n_src; k++)
      self->src[k].strides[0] = 1;
  }
}

/* What is contiguous from dimension @from on; 0 if it isn't. */
static gint64
count_run (const DnnMap *self, const Operand *operand, gint from)
{
  gint64 n = 1;

  for (gint i = self->rank - 1; i >= from; i--) {
    if (operand->strides[i] != n)
      return 0;
    n *= self->dims[i];
  }
  return n;
}

static Reading
choose_reading (const DnnMap *self, Operand *operand)
{
  gint n_still = 0;

  if (count_run (self, operand, 0) == self->n)
    return READ_WHOLE;
  while (n_still < self->rank && operand->strides[n_still] == 0)
    n_still++;
  if (n_still == self->rank)
    return READ_SCALAR;
  operand->period = count_run (self, operand, n_still);
  if (n_still > 0 && operand->period > 0 && operand->period <= DNN_LOOP_BLOCK)
    return READ_PERIOD;
  return READ_SPREAD;
}

DnnMap *
dnn_map_new (const DnnCall *call, const DnnLine *line, const DnnMapArg *src,
    guint n, const DnnMapArg *dst, const DnnLoopParams *params)
{
  DnnMap *self = g_new0 (DnnMap, 1);

  g_assert (n <= DNN_MAP_MAX_INPUTS);
  self->call = call;
  self->line = line->at[dnn_loop_level ()];
  self->params = *params;
  self->n_src = n;
  self->rank = dst->shape.rank;
  self->n = dnn_shape_n_elements (&dst->shape);
  memcpy (self->dims, dst->shape.dims, sizeof self->dims);
  self->dst_size = dnn_type_size (dst->type);
  self->dst_kind_size = dnn_kind_size (dst->kind);
  if (!dnn_loop_is_direct (dst->type, dst->kind))
    self->store = dnn_loop_store (dst->kind, dst->type);
  for (guint k = 0; k < n; k++) {
    Operand *operand = &self->src[k];
    operand->type = src[k].type;
    operand->size = dnn_type_size (src[k].type);
    operand->kind_size = dnn_kind_size (src[k].kind);
    operand->is_direct = dnn_loop_is_direct (src[k].type, src[k].kind);
    operand->load = dnn_loop_load (src[k].type, src[k].kind);
    g_assert (operand->is_direct || operand->load);
    get_strides (&src[k].shape, &dst->shape, operand->strides);
  }
  join_dims (self);
  for (guint k = 0; k < n; k++)
    self->src[k].reading = choose_reading (self, &self->src[k]);
  return self;
}

void
dnn_map_free (DnnMap *self)
{
  g_free (self);
}

/* ---- reading blocks ---------------------------------------------------------
 */

/* The first element over and over. */
static void
fill (gpointer dst, gsize size, gint64 n)
{
  gint64 done = 1;

  for (; done < n; done *= 2)
    memcpy ((guint8 *) dst + done * size, dst, MIN (done, n - done) * size);
}

/* @n elements that lie side by side, as the kind. */
static gconstpointer
read_run (const Operand *operand, const guint8 *src, gint64 n, gpointer block)
{
  if (operand->is_direct)
    return src;
  operand->load (src, block, n);
  return block;
}

static void
convert_into (const Operand *operand, const guint8 *src, gint64 n, gpointer dst)
{
  if (operand->is_direct)
    memcpy (dst, src, n * operand->size);
  else
    operand->load (src, dst, n);
}

/* What stays the same for all blocks of a run. */
static void
start_operand (const Operand *operand, gconstpointer src, gpointer block)
{
  if (operand->reading == READ_SCALAR) {
    convert_into (operand, src, 1, block);
    fill (block, operand->kind_size, DNN_LOOP_BLOCK);
  } else if (operand->reading == READ_PERIOD) {
    gint64 n = DNN_LOOP_BLOCK + operand->period;
    gsize size = operand->kind_size;
    convert_into (operand, src, operand->period, block);
    for (gint64 done = operand->period; done < n; done *= 2)
      memcpy (
          (guint8 *) block + done * size, block, MIN (done, n - done) * size);
  }
}

#define DEFINE_SPREAD(bits)                                            \
  static void spread_##bits (const DnnMap *map, const gint64 *strides, \
      const guint##bits *src, gint64 at, gint64 n, guint##bits *dst)   \
  {                                                                    \
    gint last = map->rank - 1;                                         \
    gint64 idx[DNN_MAX_RANK], from = 0;                                \
    for (gint i = last; i >= 0; i--) {                                 \
      idx[i] = at % map->dims[i];                                      \
      at /= map->dims[i];                                              \
      from += idx[i] * strides[i];                                     \
    }                                                                  \
    for (gint64 done = 0; done < n;) {                                 \
      gint64 stride = strides[last];                                   \
      gint64 count = MIN (n - done, map->dims[last] - idx[last]);      \
      for (gint64 i = 0; i < count; i++)                               \
        dst[done + i] = src[from + i * stride];                        \
      done += count;                                                   \
      from -= idx[last] * stride;                                      \
      idx[last] = 0;                                                   \
      for (gint i = last - 1; i >= 0; i--) {                           \
        from += strides[i];                                            \
        if (++idx[i] < map->dims[i])                                   \
          break;                                                       \
        from -= strides[i] * map->dims[i];                             \
        idx[i] = 0;                                                    \
      }                                                                \
    }                                                                  \
  }

DEFINE_SPREAD (8)
DEFINE_SPREAD (16)
DEFINE_SPREAD (32)
DEFINE_SPREAD (64)

/* Elements @at … @at + @n of the result's order, wherever they lie. */
static void
spread (const DnnMap *map, const Operand *operand, gconstpointer src, gint64 at,
    gint64 n, gpointer dst)
{
  switch (operand->size) {
    case 1:
      spread_8 (map, operand->strides, src, at, n, dst);
      break;
    case 2:
      spread_16 (map, operand->strides, src, at, n, dst);
      break;
    case 4:
      spread_32 (map, operand->strides, src, at, n, dst);
      break;
    default:
      spread_64 (map, operand->strides, src, at, n, dst);
      break;
  }
}

/* Operand of @n elements from @at on, in the order of the result. */
static gconstpointer
read_block (const Run *run, guint k, gint64 at, gint64 n, Blocks *blocks)
{
  const Operand *operand = &run->map->src[k];
  guint8 *block = (guint8 *) blocks->src[k];

  switch (operand->reading) {
    case READ_WHOLE:
      return read_run (operand,
          (const guint8 *) run->src[k] + at * (gint64) operand->size, n, block);
    case READ_SCALAR:
      return block;
    case READ_PERIOD:
      return block + at % operand->period * (gint64) operand->kind_size;
    default:
      break;
  }
  if (operand->is_direct) {
    spread (run->map, operand, run->src[k], at, n, block);
    return block;
  }
  spread (run->map, operand, run->src[k], at, n, blocks->raw);
  operand->load (blocks->raw, block, n);
  return block;
}

/* The same inside of one row, which begins at element @base of the operand. */
static gconstpointer
read_in_row (const Run *run, guint k, gint64 base, gint64 at, gint64 n,
    gint64 whole_at, Blocks *blocks)
{
  const Operand *operand = &run->map->src[k];
  const guint8 *src = run->src[k];
  guint8 *block = (guint8 *) blocks->src[k];

  if (operand->reading != READ_SPREAD)
    return read_block (run, k, whole_at, n, blocks);
  src += base * (gint64) operand->size;
  if (operand->strides[run->map->rank - 1] == 1)
    return read_run (
        operand, src + at * (gint64) operand->size, n, blocks->src[k]);
  convert_into (operand, src, 1, block);
  fill (block, operand->kind_size, n);
  return block;
}

/* ---- running ----------------------------------------------------------------
 */

static void
compute (const Run *run, gconstpointer const *src, gint64 at, gint64 n,
    Blocks *blocks)
{
  const DnnMap *map = run->map;
  guint8 *dst = run->dst + at * (gint64) map->dst_size;

  if (!map->store) {
    map->line (dst, src, n, run->params);
    return;
  }
  map->line (blocks->dst, src, n, run->params);
  map->store (blocks->dst, dst, n);
}

/* Blocks that don't care about rows. */
static void
run_flat (const Run *run, gint64 from, gint64 to, Blocks *blocks)
{
  gconstpointer src[DNN_MAP_MAX_INPUTS];

  for (gint64 at = from; at < to; at += DNN_LOOP_BLOCK) {
    gint64 n = MIN (to - at, DNN_LOOP_BLOCK);
    for (guint k = 0; k < run->map->n_src; k++)
      src[k] = read_block (run, k, at, n, blocks);
    compute (run, src, at, n, blocks);
  }
}

/* Where row @row begins in operand @k. */
static gint64
find_row (const DnnMap *map, guint k, gint64 row)
{
  gint64 base = 0;

  for (gint i = map->rank - 2; i >= 0; i--) {
    base += row % map->dims[i] * map->src[k].strides[i];
    row /= map->dims[i];
  }
  return base;
}

static void
run_rows (const Run *run, gint64 from, gint64 to, Blocks *blocks)
{
  const DnnMap *map = run->map;
  gint64 length = map->dims[map->rank - 1];
  gconstpointer src[DNN_MAP_MAX_INPUTS];

  while (from < to) {
    gint64 row = from / length, begin = row * length;
    gint64 end = MIN (begin + length, to);
    gint64 bases[DNN_MAP_MAX_INPUTS];
    for (guint k = 0; k < map->n_src; k++)
      bases[k] = find_row (map, k, row);
    for (; from < end; from += MIN (end - from, DNN_LOOP_BLOCK)) {
      gint64 n = MIN (end - from, DNN_LOOP_BLOCK);
      for (guint k = 0; k < map->n_src; k++)
        src[k] = read_in_row (run, k, bases[k], from - begin, n, from, blocks);
      compute (run, src, from, n, blocks);
    }
  }
}

static gboolean
has_rows (const DnnMap *map)
{
  gint last = map->rank - 1;
  gboolean is_spread = FALSE;

  for (guint k = 0; k < map->n_src; k++) {
    const Operand *operand = &map->src[k];
    if (operand->reading != READ_SPREAD)
      continue;
    is_spread = TRUE;
    if (operand->strides[last] > 1)
      return FALSE;
  }
  return is_spread && map->dims[last] >= LONG_ROW;
}

static void
run_part (gint64 from, gint64 to, gpointer data)
{
  const Run *run = data;
  Blocks blocks;

  for (guint k = 0; k < run->map->n_src; k++)
    start_operand (&run->map->src[k], run->src[k], blocks.src[k]);
  if (has_rows (run->map))
    run_rows (run, from, to, &blocks);
  else
    run_flat (run, from, to, &blocks);
}

void
dnn_map_run (const DnnMap *self, gconstpointer const *src, gpointer dst,
    const DnnLoopParams *params)
{
  Run run = { self, src, dst, params ? params : &self->params };

  dnn_parallel_for (self->call, self->n, GRAIN, run_part, &run);
}
