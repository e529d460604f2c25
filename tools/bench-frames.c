/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model + options → random frames that run through its modules in turn. */
#include "config.h"

#include "tools/bench.h"

#include <stdlib.h>

#include "compiler/dnn-compiler.h"
#include "tools/tensor-args.h"

#define SEED 1

DnnSerial *
bench_load (
    const BenchOptions *options, DnnPipelineConfig **config, GError **error)
{
  DnnCompileOptions compile = { 0 };

  compile.cuts = options->cuts;
  *config = dnn_args_load (
      options->path, &compile, options->shapes, NULL, FALSE, error);
  return *config ? dnn_serial_new_for_target (*config, &options->target, error)
                 : NULL;
}

static DnnTensor *
make_random (DnnType type, const DnnShape *shape, GRand *rand)
{
  DnnTensor *tensor = dnn_tensor_new (type, shape);
  gpointer data = dnn_tensor_get_writable_data (tensor);

  for (gint64 i = 0; i < dnn_shape_n_elements (shape); i++)
    dnn_type_set (type, data, i, g_rand_double_range (rand, 0, 1));
  return tensor;
}

/* The same frame gives the same shapes: memory is made once. */
static gpointer
give_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  BenchFrames *self = user_data;

  if (!self->outputs[idx])
    self->outputs[idx] = dnn_tensor_new (
        dnn_serial_get_output_type (self->serial, idx), shape);
  return dnn_tensor_get_writable_data (self->outputs[idx]);
}

gboolean
bench_frames_init (BenchFrames *self, DnnSerial *serial,
    const BenchOptions *options, GError **error)
{
  g_autofree DnnShape *shapes = dnn_args_get_shapes (
      serial, options->shapes, NULL, error);
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  gint64 start = g_get_monotonic_time ();

  if (!shapes || !dnn_serial_prepare (serial, shapes, error))
    return FALSE;
  self->plan_ms = (g_get_monotonic_time () - start) / 1e3;
  self->serial = serial;
  self->n_inputs = dnn_serial_get_n_inputs (serial);
  self->n_outputs = dnn_serial_get_n_outputs (serial);
  self->inputs = g_new0 (DnnTensor *, MAX (self->n_inputs, 1));
  self->outputs = g_new0 (DnnTensor *, MAX (self->n_outputs, 1));
  self->src = g_new0 (gconstpointer, MAX (self->n_inputs, 1));
  for (guint i = 0; i < self->n_inputs; i++) {
    self->inputs[i] = make_random (
        dnn_serial_get_input_type (serial, i), &shapes[i], rand);
    self->src[i] = dnn_tensor_get_data (self->inputs[i]);
  }
  return bench_frames_run (self, NULL, error);
}

void
bench_frames_clear (BenchFrames *self)
{
  for (guint i = 0; i < self->n_inputs; i++)
    g_clear_pointer (&self->inputs[i], dnn_tensor_unref);
  for (guint i = 0; i < self->n_outputs; i++)
    g_clear_pointer (&self->outputs[i], dnn_tensor_unref);
  g_clear_pointer (&self->inputs, g_free);
  g_clear_pointer (&self->outputs, g_free);
  g_clear_pointer (&self->src, g_free);
}

gboolean
bench_frames_run (BenchFrames *self, guint64 *ns, GError **error)
{
  return dnn_serial_run_to (
      self->serial, self->src, give_output, self, ns, error);
}

gboolean
bench_frames_run_steps (
    BenchFrames *self, DnnInstance *instance, guint64 *ns, GError **error)
{
  return dnn_instance_run_to (
      instance, self->src, give_output, self, ns, error);
}

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

gdouble
bench_median (GArray *values)
{
  if (values->len == 0)
    return 0;
  g_array_sort (values, compare_doubles);
  return g_array_index (values, gdouble, values->len / 2);
}
