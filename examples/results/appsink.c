/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MODEL.onnx and LABELS.txt → what is found in each frame, and in how many
 * numbers of the model's output, pulled by the program frame by frame.
 *
 *   cc appsink.c $(pkg-config --cflags --libs gstdnn-1.0 gstreamer-app-1.0) */
#include <gst-dnn/gstdnn.h>
#include <gst/app/app.h>

static void
print_results (GstBuffer *frame)
{
  GstDnnResultsMeta *results = gst_buffer_get_dnn_results_meta (frame);
  GstDnnTensorsMeta *tensors = gst_buffer_get_dnn_tensors_meta (frame);
  g_autoptr (DnnTensor) tensor = gst_dnn_tensors_meta_get (tensors, 0, NULL);
  gint64 n = dnn_shape_n_elements (dnn_tensor_get_shape (tensor));

  for (guint i = 0; i < gst_dnn_results_meta_get_n (results); i++) {
    const GstDnnResult *result = gst_dnn_results_meta_get (results, i);
    g_print ("%d ms: %s %.2f at %.0f, %.0f of %d numbers\n",
        (gint) (GST_BUFFER_PTS (frame) / GST_MSECOND),
        gst_dnn_result_get_label (result), result->confidence, result->x,
        result->y, (gint) n);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_autofree gchar *line = g_strdup_printf (
      "videotestsrc pattern=ball num-buffers=10 ! video/x-raw,width=320 ! "
      "dnnvideobin model=%s labels=%s attach-tensors=true ! "
      "appsink name=sink sync=false",
      argv[1], argv[2]);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement)
      sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstSample *sample;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink)))) {
    print_results (gst_sample_get_buffer (sample));
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return 0;
}
