/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The plugin: registers every element from one table. Next: the file of each
 * element. */
#include "config.h"

#include "gst-plugin/stream/gstdnndebug.h"
#include "kernels/dnn-init.h"

GST_DEBUG_CATEGORY (gst_dnn_debug);

/* One line an element: GST_ELEMENT_REGISTER_DEFINE stands in its file. */
#define ELEMENTS(X)                     \
  X (dnnbin, gst_dnn_bin)               \
  X (dnnclassify, gst_dnn_classify)     \
  X (dnndetect, gst_dnn_detect)         \
  X (dnnjson, gst_dnn_json)             \
  X (dnnmodule, gst_dnn_module)         \
  X (dnnmux, gst_dnn_mux)               \
  X (dnnoverlay, gst_dnn_overlay)       \
  X (dnnpreprocess, gst_dnn_preprocess) \
  X (dnnvideobin, gst_dnn_video_bin)

#define DECLARE(name, type)            \
  GST_ELEMENT_REGISTER_DECLARE (name); \
  GType type##_get_type (void);
ELEMENTS (DECLARE)

typedef struct
{
  const gchar *name;
  GType (*get_type) (void);
  gboolean (*register_element) (GstPlugin *plugin);
} Element;

#define ROW(name, type) \
  { #name, type##_get_type, G_PASTE (gst_element_register_, name) },
static const Element elements[] = { ELEMENTS (ROW) };

/* With the place of its section in docs/elements.md, which gst-inspect shows.
 */
static gboolean
register_element (const Element *element, GstPlugin *plugin)
{
  GstElementClass *klass = g_type_class_ref (element->get_type ());
  g_autofree gchar *uri = g_strdup_printf (
      DOC_URI "/elements.md#%s", element->name);
  gboolean is_registered;

  gst_element_class_add_metadata (klass, GST_ELEMENT_METADATA_DOC_URI, uri);
  is_registered = element->register_element (plugin);
  g_type_class_unref (klass);
  return is_registered;
}

static gboolean
init_plugin (GstPlugin *plugin)
{
  GST_DEBUG_CATEGORY_INIT (
      gst_dnn_debug, "dnn", 0, "neural networks: modules, pipelines, decoders");
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    if (!register_element (&elements[i], plugin))
      return FALSE;
  return TRUE;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, dnn,
    "Neural networks on ordinary CPUs", init_plugin, VERSION, "LGPL", PACKAGE,
    PACKAGE_ORIGIN)
