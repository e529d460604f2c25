/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the enumerations of properties share; each stands with what it names. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Properties that may be left to others have this value besides those of
 * their enumeration. */
#define GST_DNN_AUTO (-1)

/* Registers once, for good; documented with the plugin. @type: a static 0. */
GType gst_dnn_register_enum (
    gsize *type, const gchar *name, const GEnumValue *values);

G_END_DECLS
