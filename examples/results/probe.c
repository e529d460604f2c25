/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MODEL.onnx and LABELS.txt → what is found in each frame, told by a pad probe
 * while the pipeline goes on.
 *
 *   cc probe.c $(pkg-config --cflags --libs gstdnn-1.0) */
#include <gst-dnn/gstdnn.h>

static GstPadProbeReturn
print_results (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *frame = GST_PAD_PROBE_INFO_BUFFER (info);
  GstDnnResultsMeta *results = gst_buffer_get_dnn_results_meta (frame);

  for (guint i = 0; results && i < gst_dnn_results_meta_get_n (results); i++) {
    const GstDnnResult *result = gst_dnn_results_meta_get (results, i);
    g_print ("%d ms: %s %.2f at %.0f, %.0f\n",
        (gint) (GST_BUFFER_PTS (frame) / GST_MSECOND),
        gst_dnn_result_get_label (result), result->confidence, result->x,
        result->y);
  }
  return GST_PAD_PROBE_OK;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_autofree gchar *line = g_strdup_printf (
      "videotestsrc pattern=ball num-buffers=10 ! video/x-raw,width=320 ! "
      "dnnvideobin name=dnn model=%s labels=%s ! fakesink",
      argv[1], argv[2]);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement) dnn = gst_bin_get_by_name (GST_BIN (pipeline), "dnn");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (dnn, "src");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, print_results, NULL, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return 0;
}
