/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The files of a configuration that are none, cut off, swapped, or outside of
 * its folder: one error that names the file. */
#include "config.h"

#include "tests/core/bad-files.h"
#include "tests/core/config/pipeline-config-sample.h"
#include "tests/core/rounds.h"

/* One file of the folder @data is replaced by @path. */
typedef struct
{
  gchar *dir;
  const gchar *name;
} Place;

static gboolean
load_folder (const gchar *dir, GError **error)
{
  g_autoptr (DnnPipelineConfig)
      config = dnn_pipeline_config_new_from_file (dir, error);
  g_autoptr (GPtrArray) errors = dnn_pipeline_config_validate_file (dir);

  g_assert_true (config ? errors->len == 0 : errors->len > 0);
  return config != NULL;
}

/* @path goes to its place by renaming, so that a pipe stays one; the message
 * has to name that place. */
static gboolean
load_in_place (const gchar *path, gpointer data, GError **error)
{
  const Place *place = data;
  g_autofree gchar *there = g_build_filename (place->dir, place->name, NULL);
  g_autofree gchar *aside = g_strconcat (there, ".aside", NULL);
  gboolean is_there, ok;

  g_assert_cmpint (g_rename (there, aside), ==, 0);
  is_there = g_rename (path, there) == 0;
  ok = load_folder (place->dir, error);
  if (is_there)
    g_assert_cmpint (g_rename (there, path), ==, 0);
  g_assert_cmpint (g_rename (aside, there), ==, 0);
  if (ok)
    return TRUE;
  bad_files_assert_error (*error, there);
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

static const gchar *const files[] = { "config", "load_config",
  "pipeline_config", "json1", "params1", "lib.so" };

/* Also of a path that load_config names: there it is its error. */
static void
test_no_file (gconstpointer data)
{
  Place place = { sample_make_folder (), data };
  static const gchar *const names[] = { "missing", "folder", "pipe",
    "dead-link" };
  g_autofree gchar *dir = test_folder_make ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = g_build_filename (dir, names[i], NULL);
    g_autoptr (GError) error = NULL;
    bad_files_make (names[i], path);
    g_assert_false (load_in_place (path, &place, &error));
    g_test_message ("%s", error->message);
  }
  test_folder_remove (dir);
  test_folder_remove (place.dir);
  g_free (place.dir);
}

static void
test_cut (gconstpointer data)
{
  Place place = { sample_make_folder (), data };
  g_autofree gchar *path = g_build_filename (place.dir, data, NULL);
  g_autofree gchar *bytes = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  /* The text may do without its last line's end. */
  while (size > 0 && g_ascii_isspace (bytes[size - 1]))
    size--;
  bad_files_check_cut (
      bytes, size, MAX (size / get_rounds (100), 1), load_in_place, &place);
  test_folder_remove (place.dir);
  g_free (place.dir);
}

/* ---- swapped --------------------------------------------------------------
 */

typedef struct
{
  const gchar *place, *instead;
  DnnError code;
  const gchar *text;
} SwapRow;

static const SwapRow swapped[] = {
  { "config", "load_config", DNN_ERROR_VALUE,
      "/config: expected an object, found a list of 3" },
  { "config", "pipeline_config", DNN_ERROR_UNKNOWN_KEY,
      "/config: unknown key \"module_connection\"" },
  { "config", "json1", DNN_ERROR_UNKNOWN_KEY,
      "/config: unknown key \"nodes\"" },
  { "config", "params1", DNN_ERROR_FORMAT,
      "/config: line 1: byte 0xb7 at offset 0 is not valid UTF-8" },
  { "config", "lib.so", DNN_ERROR_FORMAT, "/config: line 1: byte 0x" },
  { "load_config", "config", DNN_ERROR_VALUE,
      "/load_config: expected a list, found an object" },
  { "load_config", "pipeline_config", DNN_ERROR_VALUE,
      "/load_config: expected a list, found an object" },
  { "load_config", "params1", DNN_ERROR_FORMAT, "/load_config: line 1: byte" },
  { "pipeline_config", "config", DNN_ERROR_UNKNOWN_KEY,
      "/pipeline_config: unknown key \"load_config\"" },
  { "pipeline_config", "load_config", DNN_ERROR_UNKNOWN_KEY,
      "/pipeline_config: [0]: unknown key \"lib_name\"" },
  { "pipeline_config", "json1", DNN_ERROR_UNKNOWN_KEY,
      "/pipeline_config: unknown key \"nodes\"" },
  { "json1", "config", DNN_ERROR_UNKNOWN_KEY,
      "/json1: unknown key \"load_config\"" },
  { "json1", "lib.so", DNN_ERROR_FORMAT, "/json1: line 1: byte 0x" },
  { "json1", "params1", DNN_ERROR_FORMAT, "/json1: line 1: byte 0xb7" },
  { "params1", "json1", DNN_ERROR_FORMAT,
      "/params1: byte 0: the magic number of the params file is 0x" },
  { "params1", "lib.so", DNN_ERROR_FORMAT, "/params1: byte 0: the magic" },
  { "lib.so", "json1", DNN_ERROR_FORMAT, "/lib.so: is no shared library" },
  { "lib.so", "params1", DNN_ERROR_FORMAT, "/lib.so: is no shared library" },
  /* Another stage's. */
  { "json1", "json2", DNN_ERROR_UNKNOWN_NAME, "no input of module 1" },
};

static void
test_swapped (void)
{
  g_autofree gchar *dir = sample_make_folder ();

  for (guint i = 0; i < G_N_ELEMENTS (swapped); i++) {
    const SwapRow *row = &swapped[i];
    g_autofree gchar *place = g_build_filename (dir, row->place, NULL);
    g_autofree gchar *instead = g_build_filename (dir, row->instead, NULL);
    g_autofree gchar *good = NULL, *bad = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) errors = NULL;
    gsize n_good, n_bad;

    g_assert_true (g_file_get_contents (place, &good, &n_good, NULL));
    g_assert_true (g_file_get_contents (instead, &bad, &n_bad, NULL));
    g_assert_true (g_file_set_contents (place, bad, n_bad, NULL));
    g_assert_null (dnn_pipeline_config_new_from_file (dir, &error));
    errors = dnn_pipeline_config_validate_file (dir);
    g_assert_true (g_file_set_contents (place, good, n_good, NULL));
    g_test_message ("%s for %s: %s", row->instead, row->place, error->message);
    g_assert_error (error, DNN_ERROR, (gint) row->code);
    g_assert_true (g_str_has_prefix (error->message, dir));
    g_assert_nonnull (strstr (error->message, row->text));
    g_assert_cmpuint (errors->len, >=, 1);
  }
  test_folder_remove (dir);
}

/* ---- outside of the folder ------------------------------------------------
 */

/* @name is replaced by a link to @target. */
static void
replace_by_link (const gchar *dir, const gchar *name, const gchar *target)
{
  g_autofree gchar *path = g_build_filename (dir, name, NULL);

  g_unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

/* A link that leads out is refused like "..": what a folder brings lies in
 * it. One that stays inside is fine. */
static void
test_link_out (gconstpointer data)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *other = sample_make_folder ();
  g_autofree gchar *target = g_build_filename (other, data, NULL);
  g_autofree gchar *text = g_strdup_printf (
      "%s/%s\" leads out of the folder of the configuration", dir,
      (const gchar *) data);
  g_autofree gchar *inner = g_strconcat (data, ".real", NULL);
  g_autofree gchar *from = g_build_filename (dir, data, NULL);
  g_autofree gchar *to = g_build_filename (dir, inner, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (from, to), ==, 0);
  replace_by_link (dir, data, inner);
  g_assert_true (load_folder (dir, &error));
  g_assert_no_error (error);
  replace_by_link (dir, data, target);
  g_assert_false (load_folder (dir, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, text));
  test_folder_remove (dir);
  test_folder_remove (other);
}

/* Stores of models keep a folder of links to their real files: those lie
 * beside each other too. */
static void
test_folder_of_links (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *links = test_folder_make ();
  g_autofree gchar *folder_link = g_strconcat (links, ".link", NULL);
  g_autoptr (GDir) names = g_dir_open (dir, 0, NULL);
  g_autoptr (GError) error = NULL;
  const gchar *name;

  while ((name = g_dir_read_name (names))) {
    g_autofree gchar *target = g_build_filename (dir, name, NULL);
    replace_by_link (links, name, target);
  }
  g_assert_true (load_folder (links, &error));
  g_assert_no_error (error);
  g_assert_cmpint (symlink (links, folder_link), ==, 0);
  g_assert_true (load_folder (folder_link, &error));
  g_assert_no_error (error);
  g_unlink (folder_link);
  test_folder_remove (links);
  test_folder_remove (dir);
}

typedef struct
{
  const gchar *name;
  const gchar *json_name;
  gint code; /* -1: it loads */
  const gchar *text;
} PathRow;

/* What load_config says instead of "json1". OTHER: another folder. */
static const PathRow paths[] = {
  { "absolute", "OTHER/json1", -1, NULL },
  { "up", "../json7", DNN_ERROR_VALUE, "\"../json7\" leaves the folder" },
  { "up-but-beside", "../json1", -1, NULL },
  { "up-and-away", "../../../../../../etc/passwd", DNN_ERROR_VALUE,
      "leaves the folder of the configuration" },
  { "down-and-up", "x/../../json7", DNN_ERROR_VALUE, "leaves the folder" },
  { "down-and-back", "./json1", -1, NULL },
  { "absolute-no-json", "/etc/passwd", DNN_ERROR_FORMAT,
      "/etc/passwd: line 1" },
  { "absolute-up", "/no/such/..", DNN_ERROR_VALUE, "leads out of the folder" },
  { "device", "/dev/zero", DNN_ERROR_NOT_FOUND, "/dev/zero: not a regular" },
  { "folder", "/", DNN_ERROR_NOT_FOUND, "/: a folder, expected a file" },
  { "newline", "a\\nb", DNN_ERROR_NOT_FOUND, "there is no file" },
  { "escape", "\\u001b[31m", DNN_ERROR_NOT_FOUND, "there is no file" },
  { "zero", "json1\\u0000.txt", DNN_ERROR_FORMAT, "\"\\u0000\" in a string" },
  { "url", "file:///etc/passwd", DNN_ERROR_NOT_FOUND, "there is no file" },
  { "long", NULL, DNN_ERROR_NOT_FOUND, "there is no file" },
};

static void
test_path (gconstpointer data)
{
  const PathRow *row = data;
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *other = sample_make_folder ();
  g_autofree gchar *name = row->json_name ? g_strdup (row->json_name)
                                          : g_strnfill (70000, 'x');
  g_autofree gchar *path = g_str_has_prefix (name, "OTHER")
      ? g_strconcat (other, name + strlen ("OTHER"), NULL)
      : g_strdup (name);
  g_autofree gchar *text = sample_change (sample_load_config, "json1", path);
  g_autoptr (GError) error = NULL;
  gboolean is_loaded;

  sample_write (dir, "load_config", text);
  is_loaded = load_folder (dir, &error);
  test_folder_remove (dir);
  test_folder_remove (other);
  if (row->code < 0) {
    g_assert_no_error (error);
    return;
  }
  g_assert_false (is_loaded);
  g_test_message ("%.200s", error->message);
  g_assert_error (error, DNN_ERROR, row->code);
  g_assert_nonnull (strstr (error->message, row->text));
}

/* TVM, run in a folder beside the one it exported to, writes such paths. */
static void
test_paths_from_outside (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autofree gchar *text = sample_change (
      sample_load_config, "\"params1\"", "\"../out/params1\"");

  sample_write (dir, "load_config", text);
  sample_write (dir, "config",
      "{\"load_config\": \"../out/load_config\", "
      "\"pipeline_config\": \"../out/../out/pipeline_config\"}");
  g_test_expect_message ("gst-dnn", G_LOG_LEVEL_INFO,
      "*\"../out/load_config\" leaves its folder, taking */load_config\" "
      "beside the configuration");
  g_test_expect_message (
      "gst-dnn", G_LOG_LEVEL_INFO, "*\"../out/../out/pipeline_config\"*");
  g_test_expect_message ("gst-dnn", G_LOG_LEVEL_INFO, "*\"../out/params1\"*");
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnPipelineConfig)
        config = dnn_pipeline_config_new_from_file (dir, &error);
    g_assert_no_error (error);
    g_test_assert_expected_messages ();
  }
  test_folder_remove (dir);
}

/* What TVM, or somebody by hand, says for the CPU. */
static void
test_devices (void)
{
  static const gchar *const devices[] = { "", " ", "1", "1,0", "1;0",
    " 1 , 0 " };

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++) {
    g_autofree gchar *dir = sample_make_folder ();
    g_autofree gchar *dev = g_strdup_printf ("\"%s\"", devices[i]);
    g_autofree gchar *text = sample_change (sample_load_config, "\"1;0\"", dev);
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnPipelineConfig) config = NULL;

    sample_write (dir, "load_config", text);
    config = dnn_pipeline_config_new_from_file (dir, &error);
    g_assert_no_error (error);
    g_assert_cmpint (
        dnn_pipeline_config_get_stage (config, 1)->dev_type, ==, 1);
    g_assert_cmpint (dnn_pipeline_config_get_stage (config, 1)->dev_id, ==, 0);
    test_folder_remove (dir);
  }
}

/* One error each, however many modules or bindings it hits. */
static void
assert_one_error (const gchar *dir, const gchar *message)
{
  g_autoptr (GPtrArray) errors = dnn_pipeline_config_validate_file (dir);

  for (guint i = 0; i < errors->len; i++)
    g_test_message ("%s", ((GError *) errors->pdata[i])->message);
  g_assert_cmpuint (errors->len, ==, 1);
  g_assert_true (
      g_pattern_match_simple (message, ((GError *) errors->pdata[0])->message));
}

/* @n modules one after the other. @stage: each module's members in
 * load_config. */
static void
write_chain (const gchar *dir, guint n, const gchar *stage)
{
  g_autoptr (GString) load = g_string_new ("[");
  g_autoptr (GString) pipeline = g_string_new ("{\"module_connection\": [");

  for (guint i = 0; i < n; i++) {
    const gchar *comma = i > 0 ? ", " : "";
    g_string_append_printf (load, "%s{\"mod_idx\": %u, %s}", comma, i, stage);
    g_string_append_printf (pipeline,
        "%s{\"mod_idx\": %u, \"output\": [{\"output_idx\": 0, "
        "\"dependencies\": [",
        comma, i);
    if (i + 1 < n)
      g_string_append_printf (
          pipeline, "{\"mod_idx\": %u, \"input_name\": \"0\"}]}]}", i + 1);
    else
      g_string_append (pipeline, "{\"global_output_index\": 0}]}]}");
  }
  g_string_append (load, "]");
  g_string_append (pipeline,
      "], \"input_connection\": [{\"global_interface_name\": \"x\", "
      "\"mod_idx\": 0, \"module_interface_name\": \"0\"}]}");
  sample_write (dir, "load_config", load->str);
  sample_write (dir, "pipeline_config", pipeline->str);
}

static void
test_one_cause (void)
{
  g_autofree gchar *dir = sample_make_folder ();
  g_autoptr (GString) groups = g_string_new (NULL);
  g_autofree gchar *text = NULL;

  write_chain (dir, 300, "\"element\": \"identity\"");
  assert_one_error (dir, "*/load_config: 300 modules, at most 256 are read");
  write_chain (dir, 200, "\"lib_name\": \"onednn\", \"json_name\": \"json7\"");
  assert_one_error (dir, "*/load_config: [0].json_name: there is no file \"*");
  for (guint i = 0; i < 2 * DNN_MAX_BINDINGS; i++)
    g_string_append_printf (groups,
        "%s{\"global_param_name\": \"g%u\", \"mod_idx\": 0}", i > 0 ? ", " : "",
        i);
  text = sample_change (sample_pipeline_config,
      "{\"global_param_name\": \"param_0\", \"mod_idx\": 0}", groups->str);
  sample_write (dir, "load_config", sample_load_config);
  sample_write (dir, "pipeline_config", text);
  assert_one_error (dir,
      "*/pipeline_config: *: more than 4096 bindings in one configuration");
  test_folder_remove (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    static const struct
    {
      const gchar *name;
      void (*test) (gconstpointer);
      guint first, last; /* of files */
    } tests[] = { { "no-file", test_no_file, 0, 5 }, { "cut", test_cut, 0, 4 },
      { "link-out", test_link_out, 1, 5 } };
    for (guint k = 0; k < G_N_ELEMENTS (tests); k++) {
      g_autofree gchar *name = g_strdup_printf (
          "/core/pipeline-config-files/%s/%s", tests[k].name, files[i]);
      if (i >= tests[k].first && i <= tests[k].last)
        g_test_add_data_func (name, files[i], tests[k].test);
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/pipeline-config-files/path/", paths[i].name, NULL);
    g_test_add_data_func (name, &paths[i], test_path);
  }
  g_test_add_func ("/core/pipeline-config-files/swapped", test_swapped);
  g_test_add_func (
      "/core/pipeline-config-files/from-outside", test_paths_from_outside);
  g_test_add_func ("/core/pipeline-config-files/devices", test_devices);
  g_test_add_func ("/core/pipeline-config-files/one-cause", test_one_cause);
  g_test_add_func (
      "/core/pipeline-config-files/folder-of-links", test_folder_of_links);
  return g_test_run ();
}
