/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the user asks for, CPUs, memory, frames in flight → a number of
 * instances and their threads. Next: gstdnnrunner.c. */
#include "config.h"

#include "gst-plugin/module/gstdnninstances.h"

#include <unistd.h>

#include "pipeline-core/base/dnn-threads.h"

/* One instance has all frames: of a library, whose functions may keep what they
 * like, and where a frame changes the next. */
static gboolean
needs_one (DnnModule *module)
{
  return !g_str_equal (dnn_module_get_lib_name (module), "onednn") ||
      dnn_module_keeps_state (module);
}

gboolean
gst_dnn_workforce_check (
    const GstDnnWorkforce *self, DnnModule *module, GError **error)
{
  gint n_cpus = dnn_threads_count_affinity (self->cpu_affinity);

  if (self->instances <= 1)
    return TRUE;
  if (self->max_in_flight > 0 && self->instances > (gint) self->max_in_flight)
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "instances is %d, but max-in-flight lets in %u frame%s: no more "
        "instances can have one",
        self->instances, self->max_in_flight,
        self->max_in_flight == 1 ? "" : "s");
  else if (n_cpus > 0 && n_cpus < self->instances)
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "instances is %d, but cpu_affinity \"%s\" has %d CPU%s: at least one "
        "each was expected",
        self->instances, self->cpu_affinity, n_cpus, n_cpus == 1 ? "" : "s");
  else if (dnn_module_get_n_states (module) > 0)
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "instances is %d, but %s keeps state from frame to frame (\"%s\"): only 1 "
        "was expected",
        self->instances, dnn_module_get_label (module),
        dnn_module_get_state_name (module, 0));
  else if (dnn_module_keeps_state (module))
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "instances is %d, but the library %s keeps state from frame to frame: "
        "only 1 was expected",
        self->instances, dnn_module_get_lib_name (module));
  else
    return TRUE;
  return FALSE;
}

static gint
count_cpus (const GstDnnWorkforce *self)
{
  gint n_cpus = dnn_threads_count_affinity (self->cpu_affinity);

  return n_cpus > 0 ? n_cpus : dnn_threads_get_n_cpus ();
}

gboolean
gst_dnn_workforce_wants_team (const GstDnnWorkforce *self, DnnModule *module)
{
  return self->instances == DNN_INSTANCES_AUTO && self->threads == 1 &&
      !needs_one (module) && count_cpus (self) > 1;
}

gboolean
gst_dnn_workforce_is_team (const GstDnnWorkforce *self, DnnModule *module)
{
  return self->instances == 1 && self->threads > 1 && !needs_one (module);
}

void
gst_dnn_workforce_resolve (GstDnnWorkforce *self, DnnModule *module)
{
  /* Its own team, in the streaming thread. */
  if (self->instances == DNN_INSTANCES_AUTO && self->max_in_flight == 1 &&
      self->threads == 1 && needs_one (module))
    self->threads = 0;
  if (self->threads == 0)
    self->threads = count_cpus (self);
  if (self->instances != DNN_INSTANCES_AUTO)
    return;
  self->instances = needs_one (module)
      ? 1
      : CLAMP (count_cpus (self) / self->threads, 1, DNN_MAX_INSTANCES);
  if (self->max_in_flight > 0)
    self->instances = MIN (self->instances, (gint) self->max_in_flight);
}

gchar *
gst_dnn_workforce_get_affinity (const GstDnnWorkforce *self, guint idx)
{
  gint n_cpus = dnn_threads_count_affinity (self->cpu_affinity);
  gint share = self->instances * self->threads <= n_cpus ? self->threads : 1;
  g_autoptr (GString) text = g_string_new (NULL);

  if (n_cpus == 0 || self->instances == 1)
    return g_strdup (self->cpu_affinity);
  for (gint i = 0; i < share; i++)
    g_string_append_printf (text, "%s%d", i == 0 ? "" : ",",
        dnn_threads_get_cpu (
            self->cpu_affinity, idx * (guint) share + (guint) i));
  return g_strdup (text->str);
}

guint
gst_dnn_instances_count_arenas (gsize size)
{
  gsize memory = (gsize) MAX (sysconf (_SC_PHYS_PAGES), 0) *
      (gsize) MAX (sysconf (_SC_PAGESIZE), 0);

  return (guint) CLAMP (memory / 4 / MAX (size, 1), 1, DNN_MAX_INSTANCES);
}
