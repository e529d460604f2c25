/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Settings of a module → what its kernels may compute with. Next:
 * dnn-call.c, dnn-plan.c. */
#include "config.h"

#include "pipeline-core/base/dnn-target.h"

/* Those that run. */
static const struct
{
  const gchar *name;
  DnnType type; /* of the arithmetic */
} precisions[] = {
  [DNN_PRECISION_F32] = { "f32", DNN_TYPE_FLOAT32 },
};

static const gchar *const tunes[] = {
  [DNN_TUNE_AUTO] = "auto",
  [DNN_TUNE_OFF] = "off",
  [DNN_TUNE_CACHED] = "cached",
  [DNN_TUNE_ON] = "on",
};

static gboolean
find_tune (const gchar *name, DnnTune *tune)
{
  for (guint i = 0; i < G_N_ELEMENTS (tunes); i++) {
    if (g_str_equal (name, tunes[i])) {
      *tune = (DnnTune) i;
      return TRUE;
    }
  }
  return FALSE;
}

/* Read once: it is the process's. */
static DnnTune
get_default_tune (void)
{
  static DnnTune tune = DNN_TUNE_ON;
  static gsize once;

  if (g_once_init_enter (&once)) {
    const gchar *name = g_getenv ("DNN_TUNE");
    if (name && (!find_tune (name, &tune) || tune == DNN_TUNE_AUTO))
      g_message ("DNN_TUNE is \"%s\", expected \"off\", \"cached\" or \"on\"; "
                 "it is \"on\"",
          name);
    tune = tune == DNN_TUNE_AUTO ? DNN_TUNE_ON : tune;
    g_once_init_leave (&once, 1);
  }
  return tune;
}

DnnTune
dnn_target_get_tune (const DnnTarget *self)
{
  return self->tune == DNN_TUNE_AUTO ? get_default_tune () : self->tune;
}

void
dnn_target_init (DnnTarget *self)
{
  *self = (DnnTarget){
    .threads = 1,
    .precision = DNN_PRECISION_F32,
    .tune = DNN_TUNE_AUTO,
    .winograd = TRUE,
    .fast_math = TRUE,
  };
}

/**
 * dnn_target_set_tune:
 * @name: (nullable): "auto", "off", "cached" or "on"; %NULL changes nothing
 *
 * Returns: %FALSE with VALUE
 *
 * Since: 0.2
 */
gboolean
dnn_target_set_tune (DnnTarget *self, const gchar *name, GError **error)
{
  if (!name || find_tune (name, &self->tune))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "tune is \"%s\", expected \"auto\", \"off\", \"cached\" or \"on\"", name);
  return FALSE;
}

void
dnn_target_set_tune_file (DnnTarget *self, const gchar *path)
{
  self->tune_file = path && *path ? g_intern_string (path) : NULL;
}

gboolean
dnn_target_equal (const DnnTarget *a, const DnnTarget *b)
{
  return a->threads == b->threads && a->precision == b->precision &&
      a->tune == b->tune && a->tune_file == b->tune_file &&
      !a->winograd == !b->winograd && !a->fast_math == !b->fast_math;
}

const gchar *
dnn_precision_get_name (DnnPrecision precision)
{
  g_return_val_if_fail (precision < G_N_ELEMENTS (precisions), NULL);
  return precisions[precision].name;
}

static gchar *
list_precisions (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++)
    g_string_append_printf (
        text, "%s\"%s\"", i > 0 ? ", " : "", precisions[i].name);
  return g_string_free (text, FALSE);
}

/**
 * dnn_target_set_precision:
 * @name: (nullable): "f32"; %NULL the same
 *
 * Returns: %FALSE with UNSUPPORTED, which names the valid ones
 *
 * Since: 0.2
 */
gboolean
dnn_target_set_precision (DnnTarget *self, const gchar *name, GError **error)
{
  g_autofree gchar *valid = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++) {
    if (!name || g_str_equal (name, precisions[i].name)) {
      self->precision = (DnnPrecision) i;
      return TRUE;
    }
  }
  valid = list_precisions ();
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "precision \"%s\" is not supported (valid: %s)", name, valid);
  return FALSE;
}

gboolean
dnn_target_may_use_type (const DnnTarget *self, DnnType type)
{
  return type == DNN_TYPE_FLOAT32 || type == precisions[self->precision].type;
}

gboolean
dnn_target_may_use_winograd (const DnnTarget *self)
{
  return self->winograd && self->fast_math;
}
