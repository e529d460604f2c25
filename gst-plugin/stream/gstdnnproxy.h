/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Properties of elements inside a bin as properties of the bin: a table of
 * names comes in, GParamSpecs and kept values go out. Nothing of a property is
 * said twice. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* One property that is passed on. */
typedef struct
{
  const gchar *name;
  GType (*element) (void); /* whose property it is */
} GstDnnProxyRow;

/* Values of all rows of one bin, the defaults at first. */
typedef struct
{
  const GstDnnProxyRow *rows;
  guint n_rows;
  GValue *values;
} GstDnnProxy;

/* Installs a copy of each row's property; ids are the rows' indices + 1. */
void gst_dnn_proxy_install (
    GObjectClass *klass, const GstDnnProxyRow *rows, guint n_rows);

void gst_dnn_proxy_init (GstDnnProxy *self, GObject *object,
    const GstDnnProxyRow *rows, guint n_rows);
void gst_dnn_proxy_clear (GstDnnProxy *self);

/* The value of a row, by the property's name. */
const GValue *gst_dnn_proxy_get (const GstDnnProxy *self, const gchar *name);

/* Sets all properties that @element has. */
void gst_dnn_proxy_apply (const GstDnnProxy *self, GstElement *element);

G_END_DECLS
