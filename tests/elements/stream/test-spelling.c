/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Dimensions that mean the same and are spelled otherwise, on both sides of our
 * elements; and an element of others that changes dimensions before them. */
#include "config.h"

#include <gst/base/gstbasetransform.h>

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* --- an element of others: the two inner dimensions change places --- */

typedef GstBaseTransform SampleSwap;
typedef GstBaseTransformClass SampleSwapClass;
static GType sample_swap_get_type (void);
G_DEFINE_TYPE (SampleSwap, sample_swap, GST_TYPE_BASE_TRANSFORM)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("other/tensors"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("other/tensors"));

/* Caps that don't say dimensions stay as they are. */
static GstCaps *
sample_swap_transform_caps (GstBaseTransform *trans, GstPadDirection direction,
    GstCaps *caps, GstCaps *filter)
{
  GstCaps *swapped = gst_caps_copy (caps), *common;

  for (guint i = 0; i < gst_caps_get_size (swapped); i++) {
    GstStructure *one = gst_caps_get_structure (swapped, i);
    const gchar *text = gst_structure_get_string (one, "dimensions");
    g_auto (GStrv) sizes = NULL;
    g_autofree gchar *joined = NULL;
    if (text == NULL)
      continue;
    /* The first, the second (1 where there is none), the others. */
    sizes = g_strsplit (text, ":", 3);
    joined = g_strdup_printf ("%s:%s%s%s", sizes[1] != NULL ? sizes[1] : "1",
        sizes[0], sizes[1] != NULL && sizes[2] != NULL ? ":" : "",
        sizes[1] != NULL && sizes[2] != NULL ? sizes[2] : "");
    gst_structure_set (one, "dimensions", G_TYPE_STRING, joined, NULL);
  }
  if (filter == NULL)
    return swapped;
  common = gst_caps_intersect_full (filter, swapped, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (swapped);
  return common;
}

static GstFlowReturn
sample_swap_transform_ip (GstBaseTransform *trans, GstBuffer *buffer)
{
  return GST_FLOW_OK; /* 4×1 and 1×4 lie alike */
}

static void
sample_swap_class_init (SampleSwapClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  klass->transform_caps = sample_swap_transform_caps;
  klass->transform_ip = sample_swap_transform_ip;
  klass->passthrough_on_same_caps = FALSE;
  gst_element_class_set_static_metadata (element_class, "Swap", "Filter/Tensor",
      "Swaps dimensions", "The gst-dnn authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
}

static void
sample_swap_init (SampleSwap *self)
{
}

/* --- our elements between two others --- */

#define FILTER "capsfilter caps=other/tensors,dimensions=(string)"

/* What stands around y = 2x of 1×4, and caps that come in. */
static const struct
{
  const gchar *line;
  const gchar *dimensions;
} rows[] = {
  { "identity ! %s name=x", "4:1:1:1:1:1:1:1" },
  { "identity ! %s name=x", "4" },
  { "identity ! %s name=x ! " FILTER "4:1:1:1:1:1:1:1", "4:1" },
  { "identity ! %s name=x ! " FILTER "4", "4:1:1" },
  { FILTER "4:1:1 ! %s name=x ! " FILTER "4:1:1:1:1:1", "4:1:1" },
  { "sampleswap ! %s name=x ! " FILTER "4:1", "1:4" },
  { "sampleswap ! %s name=x ! " FILTER "4:1", "1:4:1:1" },
  { "sampleswap ! %s name=x ! sampleswap ! " FILTER "1:4", "1:4" },
};
static const gchar *const elements[] = { "dnnmodule", "dnnbin", "dnnmux" };

static GstElement *
make_line (const gchar *line, const gchar *factory)
{
  g_auto (GStrv) parts = g_strsplit (line, "%s", 2);
  g_autofree gchar *text = g_strconcat (parts[0], factory, parts[1], NULL);
  g_autoptr (DnnModule) module = dnn_check_module ("m", "1,4", 1, 1, 2);
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *bin;
  g_autoptr (GstElement) element = NULL;

  gst_element_register (NULL, "sampleswap", 0, sample_swap_get_type ());
  bin = gst_parse_bin_from_description (text, TRUE, NULL);
  fail_unless (bin != NULL, "%s", text);
  element = gst_bin_get_by_name (GST_BIN (bin), "x");
  if (g_str_equal (factory, "dnnmodule"))
    g_object_set (element, "model", path, NULL);
  if (g_str_equal (factory, "dnnbin"))
    g_object_set (element, "config", path, NULL);
  return gst_object_ref_sink (bin);
}

GST_START_TEST (test_spellings)
{
  guint row = (guint) __i__ / G_N_ELEMENTS (elements);
  const gchar *factory = elements[(guint) __i__ % G_N_ELEMENTS (elements)];
  g_autoptr (GstElement) bin = make_line (rows[row].line, factory);
  GstHarness *h;
  GstBuffer *out;

  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps (rows[row].dimensions));
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 4, 3, 0)), GST_FLOW_OK);
  out = gst_harness_pull (h);
  assert_equals_float (
      dnn_check_get_float (out, 0, 0), g_str_equal (factory, "dnnmux") ? 3 : 6);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* What upstream is told is what goes through that element: nothing that could
 * be taken for leave to pass dimensions as they are. */
GST_START_TEST (test_query_through_an_element)
{
  g_autoptr (GstElement) bin = make_line (
      "sampleswap ! %s name=x ! capsfilter caps=other/tensors,format=static,"
      "num_tensors=1,types=float32,dimensions=(string)4:1",
      elements[__i__]);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (h->srcpad, NULL);

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *one = gst_caps_get_structure (caps, i);
    const gchar *text = gst_structure_get_string (one, "dimensions");
    if (g_strcmp0 (gst_structure_get_string (one, "format"), "flexible") == 0)
      continue;
    fail_unless (text != NULL && g_str_has_prefix (text, "1:4"), "%s", text);
  }
  fail_if (gst_caps_is_empty (caps));
  gst_harness_teardown (h);
}
GST_END_TEST;

static Suite *
spelling_suite (void)
{
  Suite *suite = suite_create ("spelling");
  TCase *cases = tcase_create ("spelling");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_loop_test (
      cases, test_spellings, 0, G_N_ELEMENTS (rows) * G_N_ELEMENTS (elements));
  tcase_add_loop_test (
      cases, test_query_through_an_element, 0, G_N_ELEMENTS (elements));
  return suite;
}

GST_CHECK_MAIN (spelling);
