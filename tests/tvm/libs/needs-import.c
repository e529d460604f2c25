/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Imports a function that only all of TVM has. */
#include "config.h"

#include <glib.h>

gint TVMArrayCopyFromTo (gpointer src, gpointer dst, gpointer stream);
gint32 copy (gpointer *args);

__attribute__ ((visibility ("default"))) gint32
copy (gpointer *args)
{
  return TVMArrayCopyFromTo (args[0], args[1], NULL);
}
