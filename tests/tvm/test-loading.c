/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Files that are, or should not be, taken for a module's library → loaded once
 * and by what they are, or one error. */
#include "config.h"

#include "tests/tvm/one-node.h"

#include <elf.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-pipeline-config.h"

#define N 8

static gchar *folder; /* of the test at work */

static gchar *
make_path (const gchar *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
begin (void)
{
  folder = g_dir_make_tmp ("dnn-library-XXXXXX", NULL);
  g_assert_nonnull (folder);
}

/* All files of the folder go. */
static void
end (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *path = make_path (name);
    g_assert_cmpint (g_remove (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_clear_pointer (&folder, g_free);
}

static void
read_library (const gchar *name, gchar **bytes, gsize *size)
{
  g_autofree gchar *path = one_node_library (name);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, bytes, size, &error);
  g_assert_no_error (error);
}

/* A new file in place of what was there. */
static gchar *
copy_library (const gchar *library, const gchar *name)
{
  g_autofree gchar *bytes = NULL;
  gchar *path = make_path (name);
  gsize size;

  read_library (library, &bytes, &size);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  return path;
}

/* ---- files that are none ------------------------------------------------ */

typedef enum
{
  PATCH, /* a byte at an offset */
  CUT, /* to a size; below 0: by so much */
  FOLDER,
  FIFO,
} Damage;

typedef struct
{
  const gchar *name;
  Damage damage;
  glong where;
  guint8 value;
  DnnError code;
  const gchar *text;
} DamageCase;

#define BOTH(field) (glong) G_STRUCT_OFFSET (Elf64_Ehdr, field)

static const DamageCase damage_cases[] = {
  { "empty", CUT, 0, 0, DNN_ERROR_FORMAT, "lib.so: is no shared library" },
  { "header-cut", CUT, 40, 0, DNN_ERROR_FORMAT,
      "lib.so: is no shared library" },
  { "segments-cut", CUT, 100, 0, DNN_ERROR_FORMAT, "bytes, it has 100" },
  { "half", CUT, 5000, 0, DNN_ERROR_FORMAT,
      "lib.so: is cut off: its headers tell of " },
  { "magic", PATCH, 1, 'e', DNN_ERROR_FORMAT, "lib.so: is no shared library" },
  { "other-class", PATCH, EI_CLASS,
      sizeof (gpointer) == 8 ? ELFCLASS32 : ELFCLASS64, DNN_ERROR_UNSUPPORTED,
      "lib.so: is compiled for " },
  { "other-order", PATCH, EI_DATA,
      G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2MSB : ELFDATA2LSB,
      DNN_ERROR_UNSUPPORTED, "-endian), this process runs on " },
  { "other-machine", PATCH, BOTH (e_machine) + (G_BYTE_ORDER == G_BIG_ENDIAN),
      EM_XTENSA, DNN_ERROR_UNSUPPORTED,
      "lib.so: is compiled for machine 94 (" },
  { "object", PATCH, BOTH (e_type) + (G_BYTE_ORDER == G_BIG_ENDIAN), ET_REL,
      DNN_ERROR_FORMAT,
      "lib.so: is an object file, which a linker makes a shared library of" },
  { "core-dump", PATCH, BOTH (e_type) + (G_BYTE_ORDER == G_BIG_ENDIAN), ET_CORE,
      DNN_ERROR_FORMAT, "lib.so: is no shared library" },
  { "segments-beyond", PATCH, BOTH (e_phoff) + 7, 0xff, DNN_ERROR_FORMAT,
      "lib.so: is cut off" },
  { "segments-many", PATCH, BOTH (e_phnum) + 1, 0xff, DNN_ERROR_FORMAT,
      "lib.so: is cut off" },
  { "folder", FOLDER, 0, 0, DNN_ERROR_FORMAT, "lib.so: is no shared library" },
  { "fifo", FIFO, 0, 0, DNN_ERROR_FORMAT, "lib.so: is no shared library" },
};

static void
write_damaged (const DamageCase *row, const gchar *path)
{
  g_autofree gchar *bytes = NULL;
  gsize size;

  read_library ("packed.so", &bytes, &size);
  if (row->damage == FOLDER) {
    g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
    return;
  }
  if (row->damage == FIFO) {
    g_assert_cmpint (mkfifo (path, 0600), ==, 0);
    return;
  }
  g_assert_cmpuint (size, >, (gsize) row->where);
  if (row->damage == PATCH)
    bytes[row->where] = (gchar) row->value;
  else
    size = (gsize) row->where;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
}

static void
assert_error (const GError *error, DnnError code, const gchar *text)
{
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_test_message ("%s", error->message);
  if (!strstr (error->message, text))
    g_error ("\"%s\" lacks \"%s\"", error->message, text);
}

static const OneNode twice = { "twice", "float32", "8", "8" };

static void
test_damage (gconstpointer data)
{
  const DamageCase *row = data;
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;

  begin ();
  path = make_path ("lib.so");
  write_damaged (row, path);
  g_assert_null (one_node_load (&twice, path, &error));
  assert_error (error, row->code, row->text);
  end ();
}

/* ---- which file it is --------------------------------------------------- */

static DnnModule *
load (const OneNode *node, const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnModule *module = one_node_load (node, path, &error);

  g_assert_no_error (error);
  return module;
}

/* The node's first numbers for @src. */
static void
run (DnnModule *module, gconstpointer src, gfloat *dst)
{
  gconstpointer inputs[] = { src };
  gpointer outputs[] = { dst };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnInstance) instance = one_node_prepare (module, 1, &error);

  g_assert_no_error (error);
  dnn_instance_run (instance, inputs, outputs, &error);
  g_assert_no_error (error);
}

/* "describe" tells packed functions, whose bool has one bit. */
static const OneNode describe = { "describe", "bool", "8", "8" };
static const guint8 some[N] __attribute__ ((aligned (64)));

static gfloat
get_bits (DnnModule *module)
{
  gfloat dst[N] __attribute__ ((aligned (64)));

  run (module, some, dst);
  return dst[4];
}

/* Another file under the path of one that is in use: both run. */
static void
test_replaced (void)
{
  g_autofree gchar *first = NULL, *second = NULL, *third = NULL;
  g_autofree gchar *fourth = NULL;
  g_autoptr (DnnModule) packed = NULL, ffi = NULL, again = NULL;

  begin ();
  first = copy_library ("packed.so", "lib.so");
  packed = load (&describe, first);
  g_assert_cmpfloat (get_bits (packed), ==, 1);
  second = copy_library ("ffi.so", "lib.so");
  ffi = load (&describe, second);
  g_assert_cmpfloat (get_bits (ffi), ==, 8);
  third = copy_library ("packed.so", "lib.so");
  again = load (&describe, third);
  g_assert_cmpfloat (get_bits (again), ==, 1);
  g_assert_cmpfloat (get_bits (ffi), ==, 8);
  g_clear_object (&ffi);
  g_clear_object (&packed);
  g_assert_cmpfloat (get_bits (again), ==, 1);
  fourth = copy_library ("ffi.so", "other.so");
  ffi = load (&describe, fourth);
  g_assert_cmpfloat (get_bits (ffi), ==, 8);
  end ();
  g_assert_cmpfloat (get_bits (again), ==, 1); /* without its file */
}

/* A state that all paths of one file share: it is loaded once. */
static void
test_same_file (gconstpointer data)
{
  gboolean is_hard = GPOINTER_TO_INT (data);
  const OneNode count = { "count_frames", NULL, NULL, "8" };
  g_autofree gchar *path = NULL, *other = NULL;
  g_autoptr (DnnModule) a = NULL, b = NULL;
  gfloat first[N] __attribute__ ((aligned (64)));
  gfloat second[N] __attribute__ ((aligned (64)));

  begin ();
  path = copy_library ("packed.so", "lib.so");
  other = make_path ("other.so");
  g_assert_cmpint (is_hard ? link (path, other) : symlink (path, other), ==, 0);
  a = load (&count, path);
  b = load (&count, other);
  run (a, NULL, first);
  run (b, NULL, second);
  g_assert_cmpfloat (second[0], ==, first[0] + 2); /* once while preparing */
  g_clear_object (&b);
  run (a, NULL, second);
  g_assert_cmpfloat (second[0], ==, first[0] + 4);
  /* by name, through a pointer of the library that both share */
  b = load (&(OneNode){ "call_own", "float32", "8", "8" }, other);
  run (b, first, second);
  g_assert_cmpfloat (second[0], ==, 2 * first[0]);
  end ();
}

static void
test_written_over (void)
{
  g_autofree gchar *path = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  FILE *file;

  begin ();
  path = copy_library ("packed.so", "lib.so");
  module = load (&twice, path);
  file = g_fopen (path, "ab");
  g_assert_cmpint (fputc (0, file), ==, 0);
  fclose (file);
  g_assert_null (one_node_load (&twice, path, &error));
  assert_error (error, DNN_ERROR_FAILED,
      "lib.so: was written over while it was loaded, in place");
  g_clear_object (&module);
  module = load (&twice, path); /* nobody has it any more */
  end ();
}

/* ---- lib_name ----------------------------------------------------------- */

#define CONFIG                                                         \
  "{\"load_config\": [{\"mod_idx\": 0, \"lib_name\": \"%s\", "         \
  "\"json_name\": \"json0\"}], \"pipeline_config\": "                  \
  "{\"module_connection\": [{\"mod_idx\": 0, \"output\": "             \
  "[{\"output_idx\": 0, \"dependencies\": [{\"global_output_index\": " \
  "0}]}]}]}}"
#define JSON                                                              \
  "{\"nodes\": [{\"op\": \"null\", \"name\": \"x\", \"inputs\": []}, "    \
  "{\"op\": \"tvm_op\", \"name\": \"y\", \"attrs\": {\"func_name\": "     \
  "\"twice\", \"num_inputs\": \"1\", \"num_outputs\": \"1\", "            \
  "\"flatten_data\": \"0\"}, \"inputs\": [[0, 0, 0]]}], \"arg_nodes\": "  \
  "[0], \"heads\": [[1, 0, 0]], \"node_row_ptr\": [0, 1, 2], \"attrs\": " \
  "{\"dltype\": [\"list_str\", [\"float32\", \"float32\"]], \"shape\": "  \
  "[\"list_shape\", [[8], [8]]], \"storage_id\": [\"list_int\", [0, "     \
  "1]]}}"

typedef struct
{
  const gchar *name, *lib_name;
  DnnError code;
  const gchar *text; /* NULL: it loads */
} NameCase;

static const NameCase name_cases[] = {
  { "beside", "lib.so", 0, NULL },
  { "absolute-of-elsewhere", "/nowhere/at/all/lib.so", 0, NULL },
  { "relative-to-elsewhere", "./exports/v1/lib.so", 0, NULL },
  { "absent-elsewhere", "exports/none.so", DNN_ERROR_NOT_FOUND,
      "/exports/none.so\", nor \"" },
  { "built-in", "onednn", DNN_ERROR_UNSUPPORTED, "\"twice\"" },
  { "outside-but-beside", "../out/lib.so", 0, NULL },
  { "escape", "../none.so", DNN_ERROR_VALUE,
      "config: load_config[0].lib_name: \"../none.so\" leaves the folder of the "
      "configuration" },
  { "escape-inside", "a/../../none.so", DNN_ERROR_VALUE,
      "\"a/../../none.so\" leaves the folder" },
  { "no-search", "libm.so.6", DNN_ERROR_NOT_FOUND, "there is no file \"" },
  { "absent", "/nowhere/none.so", DNN_ERROR_NOT_FOUND,
      "there is no file \"/nowhere/none.so\", nor \"" },
  { "empty", "", DNN_ERROR_VALUE, "lib_name: the path is empty" },
  { "not-ours", "json0", DNN_ERROR_FORMAT, "json0: is no shared library" },
};

static void
test_name (gconstpointer data)
{
  const NameCase *row = data;
  g_autofree gchar *library = NULL, *config = NULL, *json = NULL, *text = NULL;
  g_autoptr (DnnPipelineConfig) loaded = NULL;
  g_autoptr (GError) error = NULL;

  begin ();
  library = copy_library ("packed.so", "lib.so");
  config = make_path ("config");
  json = make_path ("json0");
  text = g_strdup_printf (CONFIG, row->lib_name);
  g_assert_true (g_file_set_contents (config, text, -1, NULL));
  g_assert_true (g_file_set_contents (json, JSON, -1, NULL));
  loaded = dnn_pipeline_config_new_from_file (config, &error);
  if (row->text) {
    g_assert_null (loaded);
    assert_error (error, row->code, row->text);
  } else {
    g_assert_no_error (error);
  }
  end ();
}

/* Who looks at foreign folders does not run what is in them. */
static void
test_none_wanted (void)
{
  g_autofree gchar *path = one_node_library ("packed.so");
  g_autoptr (GError) error = NULL;

  g_setenv ("DNN_NO_LIBRARIES", "1", TRUE);
  g_assert_null (one_node_load (&twice, path, &error));
  g_unsetenv ("DNN_NO_LIBRARIES");
  assert_error (error, DNN_ERROR_UNSUPPORTED,
      "packed.so: is not loaded, since the environment has DNN_NO_LIBRARIES");
}

#define ADD(prefix, cases, function)                                    \
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {                    \
    g_autofree gchar *path = g_strconcat (prefix, cases[i].name, NULL); \
    g_test_add_data_func (path, &cases[i], function);                   \
  }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  ADD ("/tvm/loading/damaged/", damage_cases, test_damage);
  g_test_add_func ("/tvm/loading/replaced", test_replaced);
  g_test_add_data_func (
      "/tvm/loading/symbolic-link", GINT_TO_POINTER (0), test_same_file);
  g_test_add_data_func (
      "/tvm/loading/hard-link", GINT_TO_POINTER (1), test_same_file);
  g_test_add_func ("/tvm/loading/written-over", test_written_over);
  ADD ("/tvm/loading/lib-name/", name_cases, test_name);
  g_test_add_func ("/tvm/loading/none-wanted", test_none_wanted);
  return g_test_run ();
}
