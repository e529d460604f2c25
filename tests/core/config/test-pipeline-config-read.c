/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Configuration files: spellings, paths, and every way they can be wrong; each
 * gives exactly one error with its place. */
#include "config.h"

#include "tests/core/config/pipeline-config-sample.h"
#include "tests/core/rounds.h"

typedef struct
{
  const gchar *name;
  const gchar *file; /* that is changed */
  const gchar *find, *replace; /* as sample_change() */
  DnnError code;
  const gchar *message; /* behind the folder; "*": a part of it */
} Row;

/* The second input of the pipeline, and what stands in its place. */
#define SECOND                                                 \
  ", {\"global_interface_name\": \"data_b\", \"mod_idx\": 1, " \
  "\"module_interface_name\": \"data_1\"}]"
#define STATE(members) "], \"state_connection\": [{" members "}]"

#define CONFIG "config"
#define LOAD "load_config"
#define PIPELINE "pipeline_config"

static const Row bad[] = {
  /* config */
  { "config-not-json", CONFIG, NULL, "config", DNN_ERROR_FORMAT,
      "config: line 1: \"config\" is no JSON" },
  { "config-list", CONFIG, NULL, "[]", DNN_ERROR_VALUE,
      "config: expected an object, found a list of 0" },
  { "config-key", CONFIG,
      "\"load_config\": ", "\"loadconfig\": ", DNN_ERROR_UNKNOWN_KEY,
      "config: unknown key \"loadconfig\"; did you mean \"load_config\"?" },
  { "config-extra-key", CONFIG, "{", "{\"version\": 1, ", DNN_ERROR_UNKNOWN_KEY,
      "config: unknown key \"version\" (known: \"load_config\", "
      "\"pipeline_config\")" },
  { "config-missing", CONFIG, "\"load_config\": \"load_config\", ", "",
      DNN_ERROR_VALUE, "config: the key \"load_config\" is missing" },
  { "config-path", CONFIG, "\"pipeline_config\"}", "\"pipeline\"}",
      DNN_ERROR_NOT_FOUND, "config: pipeline_config: there is no file \"*" },
  { "config-path-folder", CONFIG, "\"pipeline_config\"}", "\".\"}",
      DNN_ERROR_NOT_FOUND, "*a folder, expected a file" },
  { "config-path-escape", CONFIG, "\"pipeline_config\"}",
      "\"a/../../pipeline_confi\"}", DNN_ERROR_VALUE,
      "config: pipeline_config: \"a/../../pipeline_confi\" leaves the folder "
      "of the configuration" },
  { "config-path-empty", CONFIG, "\"pipeline_config\"}", "\"\"}",
      DNN_ERROR_VALUE, "config: pipeline_config: the path is empty" },
  { "config-path-number", CONFIG, "\"pipeline_config\"}", "7}", DNN_ERROR_VALUE,
      "config: pipeline_config: expected a path, or what would stand in that "
      "file, found the number 7" },
  { "config-path-null", CONFIG, "\"pipeline_config\"}", "null}",
      DNN_ERROR_VALUE,
      "config: pipeline_config: expected a path, or what would stand in that "
      "file, found null" },

  /* load_config */
  { "load-truncated", LOAD, "\"dev\": \"1,0\"}]", "\"dev\": \"1",
      DNN_ERROR_FORMAT,
      "load_config: line 3: the text ends inside a string: is the file cut "
      "off?" },
  { "load-object", LOAD, NULL, "{}", DNN_ERROR_VALUE,
      "load_config: expected a list, found an object" },
  { "load-item", LOAD, "{\"mod_idx\": 2", "7, {\"mod_idx\": 2", DNN_ERROR_VALUE,
      "load_config: [2]: expected an object, found the number 7" },
  { "load-key", LOAD, "\"json_name\": \"json1\"", "\"json_nam\": \"json1\"",
      DNN_ERROR_UNKNOWN_KEY,
      "load_config: [1]: unknown key \"json_nam\"; did you mean "
      "\"json_name\"?" },
  { "load-no-index", LOAD, "\"mod_idx\": 1, ", "", DNN_ERROR_VALUE,
      "load_config: [1]: the key \"mod_idx\" is missing" },
  { "load-index-text", LOAD, "\"mod_idx\": 1", "\"mod_idx\": \"1\"",
      DNN_ERROR_VALUE,
      "load_config: [1].mod_idx: expected a whole number, found the string "
      "\"1\"" },
  { "load-index-range", LOAD, "\"mod_idx\": 1", "\"mod_idx\": -1",
      DNN_ERROR_VALUE,
      "load_config: [1].mod_idx: -1 is out of range (0 to 65535)" },
  { "load-index-huge", LOAD, "\"mod_idx\": 1",
      "\"mod_idx\": 9223372036854775808", DNN_ERROR_LIMIT,
      "load_config: line 2: the number 9223372036854775808 does not fit 64 "
      "bits (-2^63 to 2^63-1)" },
  { "load-index-twice", LOAD, "\"mod_idx\": 1", "\"mod_idx\": 0",
      DNN_ERROR_VALUE,
      "load_config: [1].mod_idx: module 0 stands here a second time" },
  { "load-no-json", LOAD, "\"json_name\": \"json1\", ", "", DNN_ERROR_VALUE,
      "load_config: [1]: the key \"json_name\" is missing" },
  { "load-json-path", LOAD, "\"json1\"", "\"json7\"", DNN_ERROR_NOT_FOUND,
      "load_config: [1].json_name: there is no file \"*" },
  { "load-absolute-path", LOAD, "\"json1\"", "\"/no/such/json7\"",
      DNN_ERROR_NOT_FOUND,
      "load_config: [1].json_name: there is no file \"/no/such/json7\", nor "
      "\"*" },
  { "load-path-escape", LOAD, "\"params1\"", "\"../params7\"", DNN_ERROR_VALUE,
      "load_config: [1].params_name: \"../params7\" leaves the folder of the "
      "configuration" },
  { "load-params-swapped", LOAD, "\"params1\"", "\"json1\"", DNN_ERROR_FORMAT,
      "json1: byte 0: the magic number of the params file is 0x*" },
  { "load-json-swapped", LOAD, "\"json1\"", "\"params1\"", DNN_ERROR_FORMAT,
      "params1: line 1: byte 0x*" },
  { "load-no-params", LOAD, "\"params_name\": \"params1\", ", "",
      DNN_ERROR_UNKNOWN_NAME,
      "json1: param \"weight\" is not in the params file (0 params there)" },
  { "load-no-lib", LOAD, "\"lib.so\"", "\"libx.so\"", DNN_ERROR_NOT_FOUND,
      "load_config: [0].lib_name: there is no file \"*" },
  { "load-unknown-operator", LOAD, "\"lib.so\"", "\"onednn\"",
      DNN_ERROR_UNSUPPORTED, "*json0: *" },
  { "load-dev-cuda", LOAD, "\"1;0\"", "\"2,0\"", DNN_ERROR_UNSUPPORTED,
      "load_config: [1].dev: module 1 is for device type 2 (CUDA); only type "
      "1, the CPU, runs modules" },
  { "load-dev-other", LOAD, "\"1;0\"", "\"99,0\"", DNN_ERROR_UNSUPPORTED,
      "load_config: [1].dev: module 1 is for device type 99 (another "
      "device); only type 1, the CPU, runs modules" },
  { "load-dev-text", LOAD, "\"1;0\"", "\"cpu\"", DNN_ERROR_VALUE,
      "load_config: [1].dev: \"cpu\" is no device, expected \"TYPE,ID\" as in "
      "\"1,0\"" },
  { "load-dev-number", LOAD, "\"1;0\"", "1", DNN_ERROR_VALUE,
      "load_config: [1].dev: expected a string, found the number 1" },
  { "load-element-key", LOAD, "\"lib_name\": \"lib.so\"",
      "\"element\": \"identity\"", DNN_ERROR_VALUE,
      "load_config: [0]: both \"element\" and \"json_name\": a stage is an element or a module" },
  { "load-element-empty", LOAD,
      "\"lib_name\": \"lib.so\", \"json_name\": \"json0\", "
      "\"params_name\": \"params0\", \"dev\": \"1,0\"",
      "\"element\": \" \"", DNN_ERROR_VALUE,
      "load_config: [0].element: no element is named" },

  /* pipeline_config: structure */
  { "pipeline-number", PIPELINE, NULL, "7", DNN_ERROR_VALUE,
      "pipeline_config: expected an object, found the number 7" },
  { "pipeline-key", PIPELINE, "\"module_connection\"", "\"module_connect\"",
      DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: unknown key \"module_connect\"; did you mean "
      "\"module_connection\"?" },
  { "pipeline-no-modules", PIPELINE, NULL, "{}", DNN_ERROR_VALUE,
      "pipeline_config: the key \"module_connection\" is missing" },
  { "key-twice", PIPELINE, "\"mod_idx\": 0", "\"mod_idx\": 0, \"mod_idx\": 0",
      DNN_ERROR_FORMAT,
      "pipeline_config: the key \"mod_idx\" stands twice in one object" },
  { "connection-key", PIPELINE, "\"threads\"", "\"thread\"",
      DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: module_connection[1]: unknown key \"thread\"; did you "
      "mean \"threads\"?" },
  { "connection-item", PIPELINE, "{\"mod_idx\": 0", "[], {\"mod_idx\": 0",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[0]: expected an object, found a "
      "list of 0" },
  { "connection-module", PIPELINE, "{\"mod_idx\": 2, \"cpu",
      "{\"mod_idx\": 4, \"cpu", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: module_connection[2].mod_idx: There is no module 4 "
      "(modules: 0, 1, 2)" },
  { "connection-twice", PIPELINE, "{\"mod_idx\": 2, \"cpu",
      "{\"mod_idx\": 1, \"cpu", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].mod_idx: module 1 stands here a "
      "second time" },
  { "connection-no-output", PIPELINE,
      "\"output\": [{\"output_idx\": 0, \"dependencies\": "
      "[{\"global_output_index\": 0}]}]",
      "\"threads\": 1", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2]: the key \"output\" is missing" },
  { "threads-zero", PIPELINE, "\"threads\": 2", "\"threads\": 0",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].threads: 0 is out of range (1 to "
      "1024)" },
  { "threads-text", PIPELINE, "\"threads\": 2", "\"threads\": \"2\"",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].threads: expected a whole "
      "number, found the string \"2\"" },
  { "queue-depth", PIPELINE, "\"queue_depth\": 3", "\"queue_depth\": 1025",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].queue_depth: 1025 is out of "
      "range (1 to 1024)" },
  { "instances", PIPELINE, "\"instances\": 1", "\"instances\": 65",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].instances: 65 is out of range (1 "
      "to 64)" },
  { "instances-none", PIPELINE, "\"instances\": 1", "\"instances\": 0",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].instances: 0 is out of range (1 "
      "to 64)" },
  { "instances-word", PIPELINE, "\"instances\": 1", "\"instances\": \"all\"",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].instances: \"all\" is neither "
      "\"auto\" nor a number from 1 to 64" },
  { "instances-list", PIPELINE, "\"instances\": 1", "\"instances\": [1]",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].instances: expected a whole "
      "number, found a list of 1" },
  { "precision", PIPELINE, "\"f32\"", "\"fp32\"", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[1].precision: \"fp32\" is no "
      "precision (known: \"f32\", \"bf16\", \"int8\")" },
  { "precision-to-come", PIPELINE, "\"f32\"", "\"int8\"", DNN_ERROR_UNSUPPORTED,
      "pipeline_config: module_connection[1].precision: *\"int8\" is not "
      "supported*" },
  { "affinity", PIPELINE, "\"0-3\"", "\"0;3\"", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].cpu_affinity: \"0;3\" is no list "
      "of CPUs (\"0,1\" or \"0-3\")" },
  { "affinity-number", PIPELINE, "\"0-3\"", "0", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].cpu_affinity: expected a string, "
      "found the number 0" },
  { "connection-dev", PIPELINE, "\"dev\": \"1,0\"", "\"dev\": \"4,0\"",
      DNN_ERROR_UNSUPPORTED,
      "pipeline_config: module_connection[0].dev: module 0 is for device type "
      "4 (OpenCL); only type 1, the CPU, runs modules" },
  { "connection-dev-differs", PIPELINE, "\"dev\": \"1,0\"", "\"dev\": \"1,1\"",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[0].dev: device 1 of module 0, but "
      "load_config says 0" },

  /* outputs and dependencies */
  { "output-no-list", PIPELINE,
      "\"output\": [{\"output_idx\": 0, \"dependencies\": "
      "[{\"global_output_index\": 0}]}]",
      "\"output\": 0", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].output: expected a list, found "
      "the number 0" },
  { "output-key", PIPELINE, "\"output_idx\": 1", "\"output_index\": 1",
      DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: module_connection[0].output[1]: unknown key "
      "\"output_index\"; did you mean \"output_idx\"?" },
  { "output-range", PIPELINE, "\"output_idx\": 1", "\"output_idx\": 2",
      DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: module_connection[0].output[1].output_idx: Module 0 "
      "has no output 2 (outputs: 0 to 1)" },
  { "output-twice", PIPELINE, "\"output_idx\": 1", "\"output_idx\": 0",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[0].output[1].output_idx: output 0 "
      "of module 0 stands here a second time" },
  { "output-negative", PIPELINE, "\"output_idx\": 1", "\"output_idx\": -1",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[0].output[1].output_idx: -1 is out "
      "of range (0 to 2147483647)" },
  { "dependencies-missing", PIPELINE,
      ", \"dependencies\": [{\"global_output_index\": 0}]", "", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].output[0]: the key "
      "\"dependencies\" is missing" },
  { "dependencies-and-dependent", PIPELINE, "\"output_idx\": 1",
      "\"output_idx\": 1, \"dependent\": []", DNN_ERROR_VALUE,
      "pipeline_config: module_connection[0].output[1].dependent: "
      "\"dependencies\" stands there too; it is the same in newer spelling" },
  { "dependency-item", PIPELINE, "{\"global_output_index\": 0}", "0",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].output[0].dependencies[0]: "
      "expected an object, found the number 0" },
  { "dependency-key", PIPELINE, "\"input_name\": \"data_n_0\"",
      "\"input_names\": \"data_n_0\"", DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: module_connection[0].output[0].dependencies[0]: "
      "unknown key \"input_names\"; did you mean \"input_name\"?" },
  { "dependency-both", PIPELINE, "\"input_name\": \"data_n_0\"",
      "\"input_name\": \"data_n_0\", \"global_output_index\": 1",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[0].output[0].dependencies[0]: both a module's input and a global output; a binding has one end" },
  { "dependency-empty", PIPELINE, "{\"global_output_index\": 0}", "{}",
      DNN_ERROR_VALUE,
      "pipeline_config: module_connection[2].output[0].dependencies[0]: the "
      "key \"mod_idx\" is missing" },
  { "binding-to-nothing", PIPELINE, "\"input_name\": \"data_n_1\"",
      "\"input_name\": \"data1\"", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: "
      "module_connection[1].output[0].dependencies[0].input_name: \"data1\" "
      "is no input of module 2 (inputs: \"data_n_1\", \"data_n_2\")" },
  { "binding-to-no-module", PIPELINE,
      "\"mod_idx\": 2, \"input_name\": "
      "\"data_n_1\"",
      "\"mod_idx\": 3, \"input_name\": \"data_n_1\"", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: "
      "module_connection[1].output[0].dependencies[0].mod_idx: There is no "
      "module 3 (modules: 0, 1, 2)" },
  { "binding-to-param", PIPELINE, "\"input_name\": \"data_n_1\"",
      "\"input_name\": \"weight\"", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: "
      "module_connection[1].output[0].dependencies[0].input_name: \"weight\" "
      "is a param, not an input of module 2 (inputs: \"data_n_1\", "
      "\"data_n_2\")" },
  { "binding-to-own-module", PIPELINE,
      "\"mod_idx\": 2, \"input_name\": \"data_n_1\"",
      "\"mod_idx\": 1, \"input_name\": \"data_1\"", DNN_ERROR_OWN_MODULE,
      "pipeline_config: module_connection[1].output[0].dependencies[0]: Module 1 can't be bound to itself (output 0 to input \"data_1\")" },
  { "two-bindings-to-one-input", PIPELINE, "\"input_name\": \"data_n_2\"}",
      "\"input_name\": \"data_n_1\"}", DNN_ERROR_TWO_SOURCES,
      "pipeline_config: module_connection[1].output[0].dependencies[0]: "
      "Input \"data_n_1\" of module 2 is bound to output 1 of module 0 "
      "already" },
  { "two-bindings-to-one-output", PIPELINE, "{\"global_output_index\": 0}",
      "{\"global_output_index\": 0}, {\"global_output_index\": 0}",
      DNN_ERROR_TWO_SOURCES,
      "pipeline_config: module_connection[2].output[0].dependencies[1]: "
      "Global output 0 is bound to output 0 of module 2 already" },
  { "cycle", PIPELINE, "{\"global_output_index\": 0}",
      "{\"global_output_index\": 0}, {\"mod_idx\": 0, \"input_name\": "
      "\"data_0\"}",
      DNN_ERROR_CYCLE,
      "pipeline_config: module_connection[2].output[0].dependencies[1]: The binding closes a cycle: module 2 → module 0 → module 1 → module 2" },
  { "global-output-range", PIPELINE, "{\"global_output_index\": 0}",
      "{\"global_output_index\": 256}", DNN_ERROR_VALUE,
      "pipeline_config: "
      "module_connection[2].output[0].dependencies[0].global_output_index: "
      "256 is out of range (0 to 255)" },
  { "global-output-gap", PIPELINE, "{\"global_output_index\": 0}",
      "{\"global_output_index\": 1}", DNN_ERROR_UNBOUND,
      "pipeline_config: Global output 0 has no binding, though 1 global "
      "outputs exist" },
  { "no-global-output", PIPELINE, "{\"global_output_index\": 0}", "",
      DNN_ERROR_UNBOUND, "pipeline_config: The pipeline has no global output" },

  /* input_connection, param_connection */
  { "input-key", PIPELINE, "\"global_interface_name\"", "\"global_interface\"",
      DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: input_connection[0]: unknown key "
      "\"global_interface\"; did you mean \"global_interface_name\"?" },
  { "input-empty-name", PIPELINE, "\"data_a\"", "\"\"", DNN_ERROR_VALUE,
      "pipeline_config: input_connection[0].global_interface_name: The name "
      "is empty" },
  { "input-module", PIPELINE, "\"mod_idx\": 0, \"module_interface_name\"",
      "\"mod_idx\": 5, \"module_interface_name\"", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: input_connection[0].mod_idx: There is no module 5 "
      "(modules: 0, 1, 2)" },
  { "input-name", PIPELINE, "\"module_interface_name\": \"data_0\"",
      "\"module_interface_name\": \"data_O\"", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: input_connection[0].module_interface_name: "
      "\"data_O\" is no input of module 0 (inputs: \"data_0\")" },
  { "input-bound-twice", PIPELINE, "\"module_interface_name\": \"data_1\"",
      "\"module_interface_name\": \"data_n_0\"", DNN_ERROR_TWO_SOURCES,
      "pipeline_config: input_connection[1]: Input \"data_n_0\" of module 1 "
      "is bound to output 0 of module 0 already" },
  { "input-missing", PIPELINE,
      ", {\"global_interface_name\": \"data_b\", \"mod_idx\": 1, "
      "\"module_interface_name\": \"data_1\"}",
      "", DNN_ERROR_UNBOUND,
      "pipeline_config: Input \"data_1\" of module 1 has no binding" },
  { "input-no-list", PIPELINE, "\"param_connection\": [",
      "\"param_connections\": [", DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: unknown key \"param_connections\"; did you mean "
      "\"param_connection\"?" },
  { "param-module", PIPELINE, "\"param_0\", \"mod_idx\": 0",
      "\"param_0\", \"mod_idx\": 3", DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: param_connection[0].mod_idx: There is no module 3 "
      "(modules: 0, 1, 2)" },
  { "param-twice", PIPELINE,
      "{\"global_param_name\": \"param_0\", \"mod_idx\": 0}",
      "{\"global_param_name\": \"param_0\", \"mod_idx\": 0}, "
      "{\"global_param_name\": \"param_0\", \"mod_idx\": 0}",
      DNN_ERROR_TWO_SOURCES,
      "pipeline_config: param_connection[1]: The params of module 0 are in "
      "param group \"param_0\" already" },

  /* state_connection */
  { "state-key", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 1, \"output_idx\": 0, \"input_name\": "
             "\"data_1\", \"zeros\": 1"),
      DNN_ERROR_UNKNOWN_KEY,
      "pipeline_config: state_connection[0]: unknown key \"zeros\" (known: "
      "\"mod_idx\", \"output_idx\", \"input_name\", \"initial_param\")" },
  { "state-no-input", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 1, \"output_idx\": 0"), DNN_ERROR_VALUE,
      "pipeline_config: state_connection[0]: the key \"input_name\" is missing" },
  { "state-module", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 8, \"output_idx\": 0, \"input_name\": \"data_1\""),
      DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: state_connection[0].mod_idx: There is no module 8 "
      "(modules: 0, 1, 2)" },
  { "state-output", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 1, \"output_idx\": 3, \"input_name\": \"data_1\""),
      DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: state_connection[0]: Module 1 has no output 3 (outputs: "
      "0 to 0)" },
  { "state-bound", PIPELINE, "\"param_connection\"",
      "\"state_connection\": [{\"mod_idx\": 1, \"output_idx\": 0, "
      "\"input_name\": \"data_1\"}], \"param_connection\"",
      DNN_ERROR_TWO_SOURCES,
      "pipeline_config: state_connection[0]: Input \"data_1\" of module 1 is "
      "bound already: it can't be a state" },
  { "state-across-modules", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 0, \"output_idx\": 0, \"input_name\": \"data_1\""),
      DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: state_connection[0]: Module 0: *state \"data_1\": there "
      "is no input of that name" },
  { "state-two-outputs", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 1, \"output_idx\": 0, \"input_name\": "
             "\"data_1\"}, {\"mod_idx\": 1, \"output_idx\": 0, "
             "\"input_name\": \"data_1\""),
      DNN_ERROR_TWO_SOURCES,
      "pipeline_config: state_connection[1]: Module 1: *state \"data_1\" is "
      "output 0 of the frame before already: it can't be another one too" },
  { "state-initial", PIPELINE, SECOND,
      STATE ("\"mod_idx\": 1, \"output_idx\": 0, \"input_name\": "
             "\"data_1\", \"initial_param\": \"first\""),
      DNN_ERROR_UNKNOWN_NAME,
      "pipeline_config: state_connection[0]: Module 1: *its first value "
      "\"first\" is no param" },
  { "param-no-name", PIPELINE, "\"global_param_name\": \"param_0\", ", "",
      DNN_ERROR_VALUE,
      "pipeline_config: param_connection[0]: the key \"global_param_name\" is "
      "missing" },
};

static const gchar *
get_sample (const gchar *file)
{
  if (g_str_equal (file, CONFIG))
    return sample_config;
  return g_str_equal (file, LOAD) ? sample_load_config : sample_pipeline_config;
}

/* "*" stands for anything. */
static void
assert_message (const gchar *dir, const gchar *message, const gchar *expected)
{
  g_autofree gchar *prefix = g_strconcat (dir, "/", NULL);

  g_assert_true (g_str_has_prefix (message, prefix));
  message += strlen (prefix);
  if (!strchr (expected, '*'))
    g_assert_cmpstr (message, ==, expected);
  else if (!g_pattern_match_simple (expected, message))
    g_error ("\"%s\" does not match \"%s\"", message, expected);
}

static void
test_bad (gconstpointer data)
{
  const Row *row = data;
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *text = sample_change (
      get_sample (row->file), row->find, row->replace);
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  sample_write (dir, row->file, text);
  errors = dnn_pipeline_config_validate_file (dir);
  for (guint i = 0; i < errors->len; i++)
    g_test_message ("%s", ((GError *) errors->pdata[i])->message);
  config = dnn_pipeline_config_new_from_file (dir, &error);
  test_folder_remove (dir);
  g_assert_cmpuint (errors->len, ==, 1);
  g_assert_null (config);
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_cmpstr (error->message, ==, ((GError *) errors->pdata[0])->message);
  assert_message (dir, error->message, row->message);
}

/* ---- what is read ----------------------------------------------------------
 */

static void
assert_same_as_sample (const gchar *path)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autoptr (GError) error = NULL, other_error = NULL;
  g_autoptr (DnnPipelineConfig)
      sample = dnn_pipeline_config_new_from_file (dir, &error);
  g_autoptr (DnnPipelineConfig)
      other = dnn_pipeline_config_new_from_file (path, &other_error);

  g_assert_no_error (error);
  g_assert_no_error (other_error);
  g_assert_true (dnn_pipeline_config_equal (sample, other));
  test_folder_remove (dir);
}

static void
test_good (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *path = g_build_filename (dir, "config", NULL);
  g_autoptr (DnnPipelineConfig)
      config = dnn_pipeline_config_new_from_file (path, NULL);
  const DnnStage *stage;

  assert_same_as_sample (path);
  stage = dnn_pipeline_config_get_stage (config, 1);
  g_assert_cmpint (stage->threads, ==, 2);
  g_assert_cmpint (stage->queue_depth, ==, 3);
  g_assert_cmpint (stage->instances, ==, 1);
  g_assert_cmpstr (stage->precision, ==, "f32");
  g_assert_true (g_str_has_suffix (stage->lib_name, "/lib.so"));
  g_assert_true (g_str_has_suffix (stage->json_path, "/json1"));
  stage = dnn_pipeline_config_get_stage (config, 0);
  g_assert_cmpstr (stage->cpu_affinity, ==, "0");
  g_assert_cmpint (stage->threads, ==, 0);
  g_assert_null (stage->precision);
  test_folder_remove (dir);
}

static void
test_single_file (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *path = g_build_filename (dir, "pipe.json", NULL);
  g_autofree gchar *text = g_strdup_printf (
      "{\"load_config\": %s, \"pipeline_config\": %s}", sample_load_config,
      sample_pipeline_config);
  g_autofree gchar *broken = sample_change (text, "\"data_n_1\"", "\"x\"");
  g_autoptr (GError) error = NULL;

  sample_write (dir, "pipe.json", text);
  assert_same_as_sample (path);
  sample_write (dir, "pipe.json", broken);
  g_assert_null (dnn_pipeline_config_new_from_file (path, &error));
  g_assert_nonnull (strstr (error->message,
      "/pipe.json: pipeline_config.module_connection[1].output[0]."
      "dependencies[0].input_name: \"x\" is no input of module 2"));
  test_folder_remove (dir);
}

/* A path is relative to the file that names it. */
static void
test_subfolder (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *outer = test_folder_make ();
  g_autofree gchar *inner = g_build_filename (outer, "sub", NULL);

  g_assert_cmpint (g_rename (dir, inner), ==, 0);
  sample_write (outer, "config",
      "{\"load_config\": \"sub/load_config\", "
      "\"pipeline_config\": \"./sub/../sub/pipeline_config\"}");
  assert_same_as_sample (outer);
  test_folder_remove (outer);
}

/* TVM writes absolute paths; the folder was moved since. */
static void
test_moved_folder (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *text = sample_change (
      sample_load_config, "\"json0\"", "\"/somewhere/else/json0\"");

  sample_write (dir, "load_config", text);
  sample_write (dir, "config",
      "{\"load_config\": \"/somewhere/else/load_config\", "
      "\"pipeline_config\": \"/somewhere/else/pipeline_config\"}");
  g_test_expect_message ("gst-dnn", G_LOG_LEVEL_INFO,
      "*\"/somewhere/else/load_config\" does not exist, taking "
      "*/load_config\" beside the configuration");
  g_test_expect_message (
      "gst-dnn", G_LOG_LEVEL_INFO, "*\"/somewhere/else/pipeline_config\"*");
  g_test_expect_message (
      "gst-dnn", G_LOG_LEVEL_INFO, "*\"/somewhere/else/json0\"*");
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnPipelineConfig)
        config = dnn_pipeline_config_new_from_file (dir, &error);
    g_assert_no_error (error);
    g_test_assert_expected_messages ();
  }
  test_folder_remove (dir);
}

/* A bare list, "dependent", no input_connection. */
static void
test_older_spelling (void)
{
  static const gchar text[] =
      "[{\"mod_idx\": 0, \"output\": ["
      "{\"output_idx\": 0, \"dependent\": ["
      "{\"mod_idx\": 1, \"input_name\": \"data_n_0\"}]}, "
      "{\"output_idx\": 1, \"dependent\": ["
      "{\"mod_idx\": 2, \"input_name\": \"data_n_2\"}]}]},\n"
      "{\"mod_idx\": 1, \"output\": [{\"output_idx\": 0, \"dependent\": ["
      "{\"mod_idx\": 2, \"input_name\": \"data_n_1\"}]}]},\n"
      "{\"mod_idx\": 2, \"output\": [{\"output_idx\": 0, \"dependent\": ["
      "{\"global_output_index\": 0}]}]}]";
  g_autofree gchar *dir = sample_make_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;
  const GPtrArray *inputs;

  sample_write (dir, "pipeline_config", text);
  config = dnn_pipeline_config_new_from_file (dir, &error);
  g_assert_no_error (error);
  inputs = dnn_pipeline_config_get_inputs (config);
  g_assert_cmpuint (inputs->len, ==, 2);
  g_assert_cmpstr (inputs->pdata[0], ==, "data_0");
  g_assert_cmpstr (inputs->pdata[1], ==, "data_1");
  test_folder_remove (dir);
}

/* Settings of modules, said of an element. */
static void
test_element_settings (void)
{
  static const struct
  {
    const gchar *setting, *text;
  } rows[] = {
    { "\"cpu_affinity\": \"0\"", "cpu_affinity: it is for modules" },
    { "\"threads\": 2",
        "threads: it is for modules; this stage is an element" },
    { "\"precision\": \"f32\"", "precision: it is for modules" },
    { "\"instances\": 1", "instances: it is for modules" },
    { "\"instances\": \"auto\"", "instances: it is for modules" },
    { "\"cpu_affinity\": \"\"", NULL },
    { "\"queue_depth\": 4", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *dir = sample_make_folder ();
    g_autofree gchar *text = g_strdup_printf (
        "{\"load_config\": [{\"mod_idx\": 0, \"element\": \"identity\"}], "
        "\"pipeline_config\": {\"module_connection\": [{\"mod_idx\": 0, %s, "
        "\"output\": [{\"output_idx\": 0, \"dependencies\": "
        "[{\"global_output_index\": 0}]}]}], \"input_connection\": "
        "[{\"global_interface_name\": \"x\", \"mod_idx\": 0, "
        "\"module_interface_name\": \"0\"}]}}",
        rows[i].setting);
    g_autoptr (GPtrArray) errors = NULL;
    sample_write (dir, "config", text);
    errors = dnn_pipeline_config_validate_file (dir);
    test_folder_remove (dir);
    g_assert_cmpuint (errors->len, ==, rows[i].text ? 1 : 0);
    if (!rows[i].text)
      continue;
    g_assert_error ((GError *) errors->pdata[0], DNN_ERROR, DNN_ERROR_VALUE);
    g_assert_nonnull (
        strstr (((GError *) errors->pdata[0])->message, rows[i].text));
  }
}

static void
test_element (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *load = sample_change (sample_load_config, "[",
      "[{\"mod_idx\": 9, \"element\": \"identity\"}, ");
  g_autofree gchar *pipeline = sample_change (sample_pipeline_config,
      "[{\"global_output_index\": 0}]}]}",
      "[{\"mod_idx\": 9, \"input_name\": \"0\"}]}]}, {\"mod_idx\": 9, "
      "\"output\": [{\"output_idx\": 0, \"dependencies\": "
      "[{\"global_output_index\": 0}]}]}");
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;
  const GPtrArray *stages;

  sample_write (dir, "load_config", load);
  sample_write (dir, "pipeline_config", pipeline);
  config = dnn_pipeline_config_new_from_file (dir, &error);
  g_assert_no_error (error);
  stages = dnn_pipeline_config_get_stages (config);
  g_assert_cmpstr (((DnnStage *) stages->pdata[3])->element, ==, "identity");
  test_folder_remove (dir);
}

/* Mistakes that don't follow from each other are all told, in order. */
static void
test_all_errors (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *load = sample_change (
      sample_load_config, "\"1;0\"", "\"2,0\"");
  g_autofree gchar *one = sample_change (
      sample_pipeline_config, "\"threads\": 2", "\"threads\": 0");
  g_autofree gchar *two = sample_change (one, "\"data_n_1\"", "\"data1\"");
  g_autofree gchar *three = sample_change (two, "\"0-3\"", "\"x\"");
  g_autoptr (GPtrArray) errors = NULL;
  static const gchar *const places[] = { "/load_config: [1].dev: ",
    "module_connection[1].threads: ",
    "module_connection[1].output[0].dependencies[0].input_name: ",
    "module_connection[2].cpu_affinity: " };

  sample_write (dir, "load_config", load);
  sample_write (dir, "pipeline_config", three);
  errors = dnn_pipeline_config_validate_file (dir);
  g_assert_cmpuint (errors->len, ==, G_N_ELEMENTS (places));
  for (guint i = 0; i < errors->len; i++)
    g_assert_nonnull (
        strstr (((GError *) errors->pdata[i])->message, places[i]));
  test_folder_remove (dir);
}

static void
test_missing (void)
{
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_pipeline_config_new_from_file (dir, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/config: No such file"));
  g_rmdir (dir);
}

static void
test_too_many_stages (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GPtrArray) errors = NULL;

  for (guint i = 0; i <= DNN_MAX_STAGES; i++)
    g_string_append_printf (text,
        "%s{\"mod_idx\": %u, \"element\": \"identity\"}", i ? ", " : "", i);
  g_string_append_c (text, ']');
  sample_write (dir, "load_config", text->str);
  errors = dnn_pipeline_config_validate_file (dir);
  g_assert_cmpuint (errors->len, ==, 1);
  g_assert_error ((GError *) errors->pdata[0], DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_nonnull (strstr (((GError *) errors->pdata[0])->message,
      "/load_config: 257 modules, at most 256 are read"));
  test_folder_remove (dir);
}

/* Random bytes changed: errors of ours or a configuration, nothing else. */
static void
test_mutations (void)
{
  static const gchar bytes[] = "0123456789-[]{},:\"\\ ex_.";
  static const gchar *const files[] = { CONFIG, LOAD, PIPELINE };
  g_autofree gchar *dir = sample_make_folder ();

  for (guint i = 0; i < get_rounds (1000); i++) {
    const gchar *file = files[g_test_rand_int_range (0, 3)];
    g_autofree gchar *text = g_strdup (get_sample (file));
    g_autoptr (GPtrArray) errors = NULL;
    gint n = g_test_rand_int_range (1, 4);
    while (n-- > 0)
      text[g_test_rand_int_range (0, strlen (text))] =
          bytes[g_test_rand_int_range (0, strlen (bytes))];
    sample_write (dir, file, text);
    errors = dnn_pipeline_config_validate_file (dir);
    for (guint j = 0; j < errors->len; j++)
      g_assert_true (((GError *) errors->pdata[j])->domain == DNN_ERROR);
    sample_write (dir, file, get_sample (file));
  }
  test_folder_remove (dir);
}

/* ---- TVM's own
 * ----------------------------------------------------------------- */

static void
test_tvm (gconstpointer data)
{
  const gchar *shared = g_getenv ("DNN_SHARED");
  g_autofree gchar *dir = g_build_filename (
      shared ? shared : "", "tvm", data, NULL);
  g_autofree gchar *target = test_folder_make ();
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL, copy = NULL;

  if (!g_file_test (dir, G_FILE_TEST_IS_DIR)) {
    g_rmdir (target);
    g_test_skip ("no TVM modules here");
    return;
  }
  config = dnn_pipeline_config_new_from_file (dir, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (
      dnn_pipeline_config_get_stage (config, 1)->lib_name, "/lib1.so"));
  path = dnn_pipeline_config_export (config, target, &error);
  g_assert_no_error (error);
  copy = dnn_pipeline_config_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_pipeline_config_equal (config, copy));
  test_folder_remove (target);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/pipeline-config-read/bad/", bad[i].name, NULL);
    g_test_add_data_func (name, &bad[i], test_bad);
  }
#define ADD(name, function) \
  g_test_add_func ("/core/pipeline-config-read/" name, function)
  ADD ("good", test_good);
  ADD ("single-file", test_single_file);
  ADD ("subfolder", test_subfolder);
  ADD ("moved-folder", test_moved_folder);
  ADD ("older-spelling", test_older_spelling);
  ADD ("element", test_element);
  ADD ("element-settings", test_element_settings);
  ADD ("all-errors", test_all_errors);
  ADD ("missing", test_missing);
  ADD ("too-many-stages", test_too_many_stages);
  ADD ("mutations", test_mutations);
  g_test_add_data_func ("/core/pipeline-config-read/tvm/0.9", "v0.9", test_tvm);
  g_test_add_data_func (
      "/core/pipeline-config-read/tvm/current", "current", test_tvm);
  return g_test_run ();
}
