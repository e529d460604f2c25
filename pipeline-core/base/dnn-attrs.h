/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attributes of a node as they stand in the file: an ordered map of strings.
 * Typed by the rows of an operator, see dnn-op.h. */
#pragma once

#include <glib.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

typedef struct _DnnAttrs DnnAttrs;

DNN_API DnnAttrs *dnn_attrs_new (void);
DNN_API DnnAttrs *dnn_attrs_copy (const DnnAttrs *self);
DNN_API void dnn_attrs_free (DnnAttrs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnAttrs, dnn_attrs_free)

/* Adds at the end, or replaces in place. */
DNN_API void dnn_attrs_set (
    DnnAttrs *self, const gchar *key, const gchar *value);
DNN_API void dnn_attrs_set_int (DnnAttrs *self, const gchar *key, gint64 value);
/* Shortest text that reads back as the same float; "inf", "-inf", "nan". */
DNN_API void dnn_attrs_set_float (
    DnnAttrs *self, const gchar *key, gfloat value);
DNN_API void dnn_attrs_set_ints (
    DnnAttrs *self, const gchar *key, const gint64 *values, guint n);
DNN_API void dnn_attrs_set_floats (
    DnnAttrs *self, const gchar *key, const gfloat *values, guint n);
DNN_API void dnn_attrs_remove (DnnAttrs *self, const gchar *key);
DNN_API const gchar *dnn_attrs_get (const DnnAttrs *self, const gchar *key);
DNN_API guint dnn_attrs_get_n (const DnnAttrs *self);
DNN_API const gchar *dnn_attrs_get_key (const DnnAttrs *self, guint idx);
DNN_API const gchar *dnn_attrs_get_value (const DnnAttrs *self, guint idx);
DNN_API gboolean dnn_attrs_equal (const DnnAttrs *a, const DnnAttrs *b);

/* Text ↔ values, free of locale. Lists are JSON text: "[1, 2]". The readers
 * return %FALSE for anything that is not wholly such a value. */
DNN_API gboolean dnn_text_to_int (const gchar *text, gint64 *value);
DNN_API gboolean dnn_text_to_float (const gchar *text, gfloat *value);
DNN_API gboolean dnn_text_to_ints (
    const gchar *text, gint64 **values, guint *n); /* (transfer full) */
DNN_API gboolean dnn_text_to_floats (
    const gchar *text, gfloat **values, guint *n);
DNN_API gboolean dnn_text_to_strings (
    const gchar *text, gchar ***values, guint *n);

G_END_DECLS
