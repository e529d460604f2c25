/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What follows a node whose shapes depend on data, and is planned: an instance
 * of that part, prepared where a frame brings other shapes. */
#include "config.h"

#include "pipeline-core/plan/dnn-instance-private.h"
#include "pipeline-core/plan/dnn-late-run.h"

typedef struct
{
  DnnInstance *instance;
  DnnShape *shapes; /* it is prepared for */
  gboolean is_prepared;
  gconstpointer *src;
  guint n;

  DnnLateRun *run; /* of this frame */
  const DnnLateStep *step;
} Rest;

static void
free_rest (gpointer state)
{
  Rest *rest = state;

  g_object_unref (rest->instance);
  g_free (rest->shapes);
  g_free (rest->src);
  g_free (rest);
}

static gpointer
create_rest (DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  const DnnPlan *plan = dnn_late_run_get_plan (run);
  DnnInstance *instance = dnn_instance_new_for_target (
      plan->late->rest, &plan->target, NULL, error);
  Rest *rest;

  if (!instance)
    return NULL;
  dnn_instance_set_late (instance);
  rest = g_new0 (Rest, 1);
  rest->instance = instance;
  rest->n = step->n_src;
  rest->shapes = g_new0 (DnnShape, rest->n + 1);
  rest->src = g_new0 (gconstpointer, rest->n + 1);
  return rest;
}

static gboolean
prepare_rest (
    Rest *rest, DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  gboolean is_same = rest->is_prepared;

  for (guint i = 0; i < rest->n; i++) {
    const DnnLateValue *value = dnn_late_run_get (run, step->src[i]);
    is_same = is_same && dnn_shape_equal (&rest->shapes[i], &value->shape);
    rest->shapes[i] = value->shape;
    rest->src[i] = value->data;
  }
  rest->is_prepared = is_same ||
      dnn_instance_prepare (rest->instance, rest->shapes, error);
  return rest->is_prepared;
}

static gpointer
provide (guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  Rest *rest = user_data;

  return dnn_late_run_provide (rest->run, rest->step->dst[idx],
      dnn_module_get_output_type (
          dnn_instance_get_module (rest->instance), idx),
      shape, error);
}

static gboolean
run_rest (
    gpointer state, DnnLateRun *run, const DnnLateStep *step, GError **error)
{
  Rest *rest = state;

  rest->run = run;
  rest->step = step;
  return prepare_rest (rest, run, step, error) &&
      dnn_instance_run_to (
          rest->instance, rest->src, provide, rest, NULL, error);
}

const DnnLateKind dnn_late_rest_kind = { create_rest, run_rest, free_rest };
