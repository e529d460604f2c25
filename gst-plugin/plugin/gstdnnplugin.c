/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The plugin: registers every element from one table. Next: the file of each
 * element. */
#include "config.h"

#include "gst-plugin/stream/gstdnndebug.h"
#include "kernels/dnn-init.h"

GST_DEBUG_CATEGORY (gst_dnn_debug);

/* One line an element: GST_ELEMENT_REGISTER_DEFINE stands in its file. */
#define ELEMENTS(X) \
  X (dnnbin)        \
  X (dnnclassify)   \
  X (dnndetect)     \
  X (dnnjson)       \
  X (dnnmodule)     \
  X (dnnmux)        \
  X (dnnoverlay)    \
  X (dnnpreprocess) \
  X (dnnvideobin)

#define DECLARE(name) GST_ELEMENT_REGISTER_DECLARE (name);
ELEMENTS (DECLARE)

#define ROW(name) G_PASTE (gst_element_register_, name),
static gboolean (*const register_functions[]) (
    GstPlugin *plugin) = { ELEMENTS (ROW) NULL };

static gboolean
init_plugin (GstPlugin *plugin)
{
  GST_DEBUG_CATEGORY_INIT (
      gst_dnn_debug, "dnn", 0, "neural networks: modules, pipelines, decoders");
  dnn_init ();
  for (guint i = 0; register_functions[i] != NULL; i++)
    if (!register_functions[i](plugin))
      return FALSE;
  return TRUE;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, dnn,
    "Neural networks on ordinary CPUs", init_plugin, VERSION, "LGPL", PACKAGE,
    PACKAGE_ORIGIN)
