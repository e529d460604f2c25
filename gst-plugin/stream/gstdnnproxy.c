/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Rows of names → properties of a bin. Next: gstdnnvideobin.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnproxy.h"

static GParamSpec *
copy_number (
    GParamSpec *spec, const gchar *name, const gchar *blurb, GParamFlags flags)
{
  if (G_IS_PARAM_SPEC_INT (spec)) {
    GParamSpecInt *s = G_PARAM_SPEC_INT (spec);

    return g_param_spec_int (
        name, name, blurb, s->minimum, s->maximum, s->default_value, flags);
  }
  if (G_IS_PARAM_SPEC_DOUBLE (spec)) {
    GParamSpecDouble *s = G_PARAM_SPEC_DOUBLE (spec);

    return g_param_spec_double (
        name, name, blurb, s->minimum, s->maximum, s->default_value, flags);
  }
  return NULL;
}

/* The same property for another class. */
static GParamSpec *
copy_spec (GParamSpec *spec)
{
  const gchar *name = g_param_spec_get_name (spec);
  const gchar *blurb = g_param_spec_get_blurb (spec);
  GParamFlags flags = spec->flags;
  GParamSpec *copy = copy_number (spec, name, blurb, flags);

  if (copy != NULL)
    return copy;
  if (G_IS_PARAM_SPEC_ENUM (spec))
    return g_param_spec_enum (name, name, blurb, spec->value_type,
        G_PARAM_SPEC_ENUM (spec)->default_value, flags);
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return g_param_spec_boolean (
        name, name, blurb, G_PARAM_SPEC_BOOLEAN (spec)->default_value, flags);
  g_assert (G_IS_PARAM_SPEC_STRING (spec));
  return g_param_spec_string (
      name, name, blurb, G_PARAM_SPEC_STRING (spec)->default_value, flags);
}

void
gst_dnn_proxy_install (
    GObjectClass *klass, const GstDnnProxyRow *rows, guint n_rows)
{
  for (guint i = 0; i < n_rows; i++) {
    GObjectClass *source = g_type_class_ref (rows[i].element ());
    GParamSpec *spec = g_object_class_find_property (source, rows[i].name);

    g_assert (spec != NULL);
    g_object_class_install_property (klass, i + 1, copy_spec (spec));
    g_type_class_unref (source);
  }
}

void
gst_dnn_proxy_init (GstDnnProxy *self, GObject *object,
    const GstDnnProxyRow *rows, guint n_rows)
{
  self->rows = rows;
  self->n_rows = n_rows;
  self->values = g_new0 (GValue, n_rows);
  for (guint i = 0; i < n_rows; i++) {
    GParamSpec *spec = g_object_class_find_property (
        G_OBJECT_GET_CLASS (object), rows[i].name);

    g_value_init (&self->values[i], spec->value_type);
    g_param_value_set_default (spec, &self->values[i]);
  }
}

void
gst_dnn_proxy_clear (GstDnnProxy *self)
{
  for (guint i = 0; i < self->n_rows; i++)
    g_value_unset (&self->values[i]);
  g_clear_pointer (&self->values, g_free);
}

const GValue *
gst_dnn_proxy_get (const GstDnnProxy *self, const gchar *name)
{
  for (guint i = 0; i < self->n_rows; i++)
    if (g_str_equal (self->rows[i].name, name))
      return &self->values[i];
  return NULL;
}

void
gst_dnn_proxy_apply (const GstDnnProxy *self, GstElement *element)
{
  for (guint i = 0; i < self->n_rows; i++)
    if (g_type_is_a (G_OBJECT_TYPE (element), self->rows[i].element ()))
      g_object_set_property (
          G_OBJECT (element), self->rows[i].name, &self->values[i]);
}
