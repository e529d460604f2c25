/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MODEL.onnx and the tensor to cut it at → two modules that work on successive
 * frames at the same time, and the shape of each frame's output.
 *
 *   valac --pkg dnn-1.0 --pkg gstdnn-1.0 pipeline.vala */

const int N_FRAMES = 5;

Dnn.PipelineConfig make_config (string path, string cut) throws Error {
  var split = Dnn.compile_model (path, { cut }, null, null);
  var config = new Dnn.PipelineConfig ();
  var first = config.get_module (split.get_module_at (0).get_module ());
  var second = config.get_module (split.get_module_at (1).get_module ());

  config.get_input ("data").connect (first.get_input ("image"));
  first.get_output (0).connect (second.get_input (cut));
  second.get_output (0).connect (config.get_output (0));
  second.threads = 1;
  print ("%s\n", config.to_string ());
  return config;
}

void run (GstDnn.PipelineExecutor executor) throws Error {
  unowned Dnn.Module first = executor.config.get_module_at (0).get_module ();

  for (var i = 0; i < N_FRAMES; i++) {
    executor.set_input ("data", new Dnn.Tensor (
        first.get_input_type (0), first.get_input_shape (0)));
    executor.run ();
  }
  for (var i = 0; i < N_FRAMES; i++) {
    var outputs = executor.wait_output (-1);
    print ("frame %d: %s\n", i, outputs[0].get_shape ().to_string ());
  }
}

int main (string[] args) {
  Intl.setlocale ();
  try {
    run (new GstDnn.PipelineExecutor (make_config (args[1], args[2])));
    return 0;
  } catch (Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
}
