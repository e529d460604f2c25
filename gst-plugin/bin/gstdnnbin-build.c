/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes and branches → queue, tee, dnnmux, dnnmodule and elements of others,
 * linked. Next: gstdnnbin.c puts pads on it. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-build.h"

#include "gst-plugin/bin/gstdnnbypass.h"
#include "gst-plugin/join/gstdnnmux.h"
#include "gst-plugin/module/gstdnnmodule.h"
#include "gst-plugin/stream/gstdnntarget.h"

/* While it is built. */
typedef struct
{
  GstBin *bin;
  const GstDnnBinPlan *plan;
  const gchar *precision; /* of stages that don't say theirs */
  const DnnTarget *target; /* of all */
  const gchar *model; /* (nullable): file that all of it comes from */
  GstPad **srcs; /* of each node, owned by its element */
  GstElement **tees; /* of each node; NULL without one */
} Builder;

/* Takes the floating @element into the bin. */
static gboolean
add_element (Builder *self, GstElement *element, const gchar *what,
    const gchar *name, GError **error)
{
  if (element == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "GStreamer's element %s, needed for %s, is not installed", what, name);
    return FALSE;
  }
  if (gst_bin_add (self->bin, element))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s \"%s\" can't be added",
      what, name);
  return FALSE;
}

/* An element of GStreamer's own or of ours. (transfer none) */
static GstElement *
make_element (
    Builder *self, const gchar *factory, const gchar *name, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, name);

  if (!add_element (self, element, factory, name, error))
    return NULL;
  return element;
}

/* @n_buffers and nothing else is counted. */
static GstElement *
make_queue (Builder *self, const gchar *base, guint n_buffers, GError **error)
{
  g_autofree gchar *name = g_strdup (base);
  GstElement *queue;

  for (guint i = 1;; i++) {
    g_autoptr (GstElement) other = gst_bin_get_by_name (self->bin, name);
    if (other == NULL)
      break;
    g_free (name);
    name = g_strdup_printf ("%s_%u", base, i);
  }
  queue = make_element (self, "queue", name, error);
  if (queue != NULL)
    g_object_set (queue, "max-size-buffers", n_buffers, "max-size-bytes", 0,
        "max-size-time", G_GUINT64_CONSTANT (0), NULL);
  return queue;
}

static gboolean
link_pads (GstPad *src, GstPad *sink, GError **error)
{
  g_autoptr (GstCaps) src_caps = NULL;
  g_autoptr (GstCaps) sink_caps = NULL;
  g_autofree gchar *given = NULL;
  g_autofree gchar *taken = NULL;

  if (gst_pad_link (src, sink) == GST_PAD_LINK_OK)
    return TRUE;
  src_caps = gst_pad_query_caps (src, NULL);
  sink_caps = gst_pad_query_caps (sink, NULL);
  given = gst_caps_to_string (src_caps);
  taken = gst_caps_to_string (sink_caps);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "%s:%s gives %s, %s:%s takes %s", GST_DEBUG_PAD_NAME (src), given,
      GST_DEBUG_PAD_NAME (sink), taken);
  return FALSE;
}

/* Where the next branch of a node begins; a tee where there are several. */
static GstPad *
begin_branch (Builder *self, guint source, GError **error)
{
  const GstDnnNode *node = self->plan->nodes->pdata[source];
  g_autofree gchar *name = g_strdup_printf ("tee_%s", node->name);
  g_autoptr (GstPad) sink = NULL;

  if (node->n_uses == 1)
    return gst_object_ref (self->srcs[source]);
  if (self->tees[source] == NULL) {
    self->tees[source] = make_element (self, "tee", name, error);
    if (self->tees[source] == NULL)
      return NULL;
    sink = gst_element_get_static_pad (self->tees[source], "sink");
    if (!link_pads (self->srcs[source], sink, error))
      return NULL;
  }
  return gst_element_request_pad_simple (self->tees[source], "src_%u");
}

/* A branch with or without a queue, up to @sink. */
static gboolean
link_branch (Builder *self, const GstDnnBranch *branch, const gchar *consumer,
    gboolean needs_queue, GstPad *sink, GError **error)
{
  const GstDnnNode *node = self->plan->nodes->pdata[branch->source];
  g_autofree gchar *name = g_strdup_printf (
      "queue_%s_%s", node->name, consumer);
  g_autoptr (GstPad) src = begin_branch (self, branch->source, error);
  g_autoptr (GstPad) queue_sink = NULL;
  g_autoptr (GstPad) queue_src = NULL;
  GstElement *queue;

  if (src == NULL)
    return FALSE;
  if (!needs_queue)
    return link_pads (src, sink, error);
  queue = make_queue (self, name, branch->depth, error);
  if (queue == NULL)
    return FALSE;
  queue_sink = gst_element_get_static_pad (queue, "sink");
  queue_src = gst_element_get_static_pad (queue, "src");
  return link_pads (src, queue_sink, error) &&
      link_pads (queue_src, sink, error);
}

/* Threads meet in a mux with several pads and part at a tee; and a stage runs
 * beside the one before it. Only what stands alone behind the entrance runs in
 * the thread of the queue before that; what leaves, in the last stage's. */
static gboolean
is_queue_needed (
    Builder *self, const GPtrArray *branches, guint idx, gboolean is_output)
{
  const GstDnnBranch *branch = branches->pdata[idx];
  const GstDnnNode *node = self->plan->nodes->pdata[branch->source];

  if (branches->len > 1 || node->n_uses > 1)
    return TRUE;
  return node->stage != NULL && !is_output;
}

static gchar *
spell_picks (const GstDnnBranch *branch)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < branch->picks->len; i++)
    g_string_append_printf (text, "%s%u", i == 0 ? "" : ",",
        g_array_index (branch->picks, guint, i));
  return g_string_free (text, FALSE);
}

/* Sink pad @idx of @mux. (transfer full) */
static GstPad *
request_mux_pad (GstElement *mux, const GstDnnBranch *branch, guint idx)
{
  g_autofree gchar *name = g_strdup_printf ("sink_%u", idx);
  g_autofree gchar *picks = spell_picks (branch);
  GstPad *pad = gst_element_request_pad_simple (mux, name);

  g_object_set (pad, "tensors", picks, NULL);
  return pad;
}

/* Everything before a consumer: ends at @sink, or, where that is NULL, at
 * *@end (transfer full). */
static gboolean
feed (Builder *self, const GPtrArray *branches, const gchar *consumer,
    GstPad *sink, GstPad **end, GError **error)
{
  g_autofree gchar *name = g_strdup_printf ("mux_%s", consumer);
  g_autoptr (GstPad) mux_src = NULL;
  GstElement *mux;

  if (gst_dnn_bin_plan_is_direct (self->plan, branches)) {
    const GstDnnBranch *branch = branches->pdata[0];
    gboolean needs_queue = is_queue_needed (self, branches, 0, sink == NULL);
    if (sink != NULL)
      return link_branch (self, branch, consumer, needs_queue, sink, error);
    *end = begin_branch (self, branch->source, error);
    return *end != NULL;
  }
  mux = make_element (self, "dnnmux", name, error);
  if (mux == NULL)
    return FALSE;
  gst_util_set_object_arg (G_OBJECT (mux), "match", "key");
  for (guint i = 0; i < branches->len; i++) {
    g_autoptr (GstPad) pad = request_mux_pad (mux, branches->pdata[i], i);
    if (!link_branch (self, branches->pdata[i], consumer,
            is_queue_needed (self, branches, i, sink == NULL), pad, error))
      return FALSE;
  }
  mux_src = gst_element_get_static_pad (mux, "src");
  if (sink != NULL)
    return link_pads (mux_src, sink, error);
  *end = g_steal_pointer (&mux_src);
  return TRUE;
}

/* --- stages --- */

static GstElement *
make_module (Builder *self, const GstDnnNode *node, GError **error)
{
  const DnnStage *stage = node->stage;
  g_autofree gchar *name = g_strdup_printf ("module%s", node->name);
  g_autofree gchar *instances = node->instances == DNN_INSTANCES_AUTO
      ? g_strdup ("auto")
      : g_strdup_printf ("%d", node->instances);
  GstElement *element = make_element (self, "dnnmodule", name, error);

  if (element == NULL)
    return NULL;
  g_object_set (element, "model", self->model, "threads", node->threads,
      "instances", instances, "cpu-affinity", stage->cpu_affinity, "precision",
      stage->precision != NULL ? stage->precision : self->precision, NULL);
  gst_dnn_target_pass_on (self->target, G_OBJECT (element));
  gst_dnn_module_set_loaded (GST_DNN_MODULE (element), stage->module);
  gst_dnn_module_set_max_in_flight (
      GST_DNN_MODULE (element), self->plan->max_in_flight);
  return element;
}

/* One element of somebody else, from its launch text. */
static GstElement *
make_other (Builder *self, const GstDnnNode *node, GstDnnBinParts *parts,
    GError **error)
{
  const gchar *text = node->stage->element;
  g_autofree gchar *name = g_strdup_printf ("element%s", node->name);
  g_autoptr (GError) own_error = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;
  GstElement *element = gst_parse_launch_full (
      text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &own_error);

  if (element == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "module %s: element: %s: %s", node->name, text, own_error->message);
    return NULL;
  }
  gst_object_ref_sink (element);
  sink = gst_element_get_static_pad (element, "sink");
  src = gst_element_get_static_pad (element, "src");
  if (GST_IS_PIPELINE (element) || sink == NULL || src == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "module %s: element: \"%s\" is not one element with the pads sink and "
        "src",
        node->name, text);
    gst_object_unref (element);
    return NULL;
  }
  gst_object_set_name (GST_OBJECT (element), name);
  g_ptr_array_add (parts->bypasses, gst_dnn_bypass_new (element));
  if (!add_element (self, element, text, name, error)) {
    gst_object_unref (element);
    return NULL;
  }
  gst_object_unref (element);
  return element;
}

static gboolean
build_stage (Builder *self, guint idx, GstDnnBinParts *parts, GError **error)
{
  const GstDnnNode *node = self->plan->nodes->pdata[idx];
  GstElement *element = node->stage->module != NULL
      ? make_module (self, node, error)
      : make_other (self, node, parts, error);
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;

  if (element == NULL)
    return FALSE;
  if (node->stage->module != NULL)
    g_hash_table_insert (parts->modules, GINT_TO_POINTER (node->stage->mod_idx),
        gst_object_ref (element));
  sink = gst_element_get_static_pad (element, "sink");
  src = gst_element_get_static_pad (element, "src");
  self->srcs[idx] = src;
  return feed (self, node->branches, node->name, sink, NULL, error);
}

/* Outputs that nobody binds go nowhere. */
static gboolean
build_unused (Builder *self, guint idx, GError **error)
{
  const GstDnnNode *node = self->plan->nodes->pdata[idx];
  g_autofree gchar *name = g_strdup_printf ("unused_%s", node->name);
  g_autoptr (GstPad) sink = NULL;
  GstElement *element;

  if (node->n_uses > 0)
    return TRUE;
  element = make_element (self, "fakesink", name, error);
  if (element == NULL)
    return FALSE;
  g_object_set (element, "async", FALSE, "sync", FALSE, NULL);
  sink = gst_element_get_static_pad (element, "sink");
  return link_pads (self->srcs[idx], sink, error);
}

/* --- the whole --- */

static gboolean
build_entrance (Builder *self, GstDnnBinParts *parts, GError **error)
{
  GstElement *entrance = gst_dnn_entrance_new (self->plan->n_inputs);

  if (!add_element (self, entrance, "entrance", "entrance", error))
    return FALSE;
  parts->entrance = GST_DNN_ENTRANCE (entrance);
  for (guint i = 0; i < self->plan->n_inputs; i++) {
    g_autofree gchar *queue_name = g_strdup_printf ("queue_in%u", i);
    g_autofree gchar *sink_name = g_strdup_printf ("sink_%u", i);
    g_autofree gchar *src_name = g_strdup_printf ("src_%u", i);
    g_autoptr (GstPad) queue_src = NULL;
    g_autoptr (GstPad) sink = gst_element_get_static_pad (entrance, sink_name);
    g_autoptr (GstPad) src = gst_element_get_static_pad (entrance, src_name);
    GstElement *queue = make_queue (self, queue_name, 1, error);
    if (queue == NULL)
      return FALSE;
    g_ptr_array_add (parts->queues, gst_object_ref (queue));
    queue_src = gst_element_get_static_pad (queue, "src");
    if (!link_pads (queue_src, sink, error))
      return FALSE;
    self->srcs[i] = src;
  }
  return TRUE;
}

gboolean
gst_dnn_bin_build (GstBin *bin, const GstDnnBinPlan *plan,
    const gchar *precision, const DnnTarget *target, const gchar *model,
    GstDnnBinParts *parts, GError **error)
{
  guint n_nodes = plan->nodes->len;
  g_autofree GstPad **srcs = g_new0 (GstPad *, n_nodes);
  g_autofree GstElement **tees = g_new0 (GstElement *, n_nodes);
  Builder self = { bin, plan, precision, target, model, srcs, tees };
  g_autoptr (GstPad) end = NULL;

  if (!build_entrance (&self, parts, error))
    return FALSE;
  for (guint i = plan->n_inputs; i < n_nodes; i++)
    if (!build_stage (&self, i, parts, error))
      return FALSE;
  for (guint i = 0; i < n_nodes; i++)
    if (!build_unused (&self, i, error))
      return FALSE;
  if (!feed (&self, plan->output, "out", NULL, &end, error))
    return FALSE;
  parts->src = end; /* its element holds it */
  return TRUE;
}

void
gst_dnn_bin_parts_init (GstDnnBinParts *parts)
{
  parts->entrance = NULL;
  parts->queues = g_ptr_array_new_with_free_func (gst_object_unref);
  parts->bypasses = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_dnn_bypass_unref);
  parts->modules = g_hash_table_new_full (NULL, NULL, NULL, gst_object_unref);
  parts->src = NULL;
}

void
gst_dnn_bin_parts_clear (GstDnnBinParts *parts)
{
  parts->entrance = NULL;
  g_clear_pointer (&parts->queues, g_ptr_array_unref);
  g_clear_pointer (&parts->bypasses, g_ptr_array_unref);
  g_clear_pointer (&parts->modules, g_hash_table_unref);
  parts->src = NULL;
}

void
gst_dnn_bin_parts_set_drop (const GstDnnBinParts *parts, GstDnnDrop drop)
{
  static const gchar *leaky[] = {
    [GST_DNN_DROP_NONE] = "no",
    [GST_DNN_DROP_NEWEST] = "upstream",
    [GST_DNN_DROP_OLDEST] = "downstream",
    [GST_DNN_DROP_PASS] = "no",
  };

  for (guint i = 0; i < parts->queues->len; i++)
    gst_util_set_object_arg (parts->queues->pdata[i], "leaky", leaky[drop]);
}
