/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Properties model and shape → the module. Next: gstdnnrunner.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnmodule-private.h"

#include "compiler/dnn-compiler.h"

/* With the shapes, so that what depends on them is known while it is read; what
 * can't follow them (it is compiled, or they don't fit, which is told later) is
 * read without. */
DnnModule *
gst_dnn_module_load_file (
    const gchar *model, const gchar *shape, GError **error)
{
  g_auto (GStrv) words = g_strsplit (shape != NULL ? shape : "", ";", -1);
  DnnCompileOptions options = { .shapes = (const gchar *const *) words };
  DnnModule *module = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    g_strstrip (words[i]);
  if (words[0] != NULL)
    module = dnn_load_module (model, &options, NULL);
  return module != NULL ? module : dnn_load_module (model, NULL, error);
}
