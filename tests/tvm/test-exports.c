/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Folders that TVM has exported, run module by module → the outputs that TVM
 * gave. Skipped where they are not there. */
#include "config.h"

#include "tests/tvm/npy.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-pipeline-config.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "tests/core/count-allocations.h"

/* Of the expected values' range. Those of 0.9 are TVM's own: they are met bit
 * for bit where libm is the one that they were made with. */
#define TOLERANCE 1e-6

/* Inputs, or outputs, of one module. */
#define MAX_PORTS 8

static gchar *find_file (const gchar *folder, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

static gchar *
find_file (const gchar *folder, const gchar *format, ...)
{
  g_autofree gchar *name = NULL;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  return g_build_filename (g_getenv ("DNN_SHARED"), "tvm", folder, name, NULL);
}

static gboolean
is_there (const gchar *folder)
{
  g_autofree gchar *path = find_file (folder, "config");

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_test_skip ("no TVM exports beside the project");
  return FALSE;
}

/* ---- a pipeline, one module after the other ------------------------------ */

/* One stage with its instance and the tensors it writes. */
typedef struct
{
  gint mod_idx;
  DnnInstance *instance;
  GPtrArray *outputs; /* DnnTensor * */
} Stage;

typedef struct
{
  DnnPipelineConfig *config;
  GPtrArray *stages; /* Stage *, in topological order */
  GHashTable *inputs; /* name of global input → Npy */
  GPtrArray *expected; /* Npy by global output */
} Serial;

static void
free_stage (gpointer data)
{
  Stage *stage = data;

  g_object_unref (stage->instance);
  g_ptr_array_unref (stage->outputs);
  g_free (stage);
}

static Stage *
create_stage (DnnModule *module, gint mod_idx, gint threads)
{
  Stage *self = g_new0 (Stage, 1);
  guint n = dnn_module_get_n_inputs (module);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, MAX (n, 1));
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    shapes[i] = *dnn_module_get_input_shape (module, i);
  self->mod_idx = mod_idx;
  self->instance = dnn_instance_new (module, threads, NULL, NULL, &error);
  g_assert_no_error (error);
  dnn_instance_prepare (self->instance, shapes, &error);
  g_assert_no_error (error);
  self->outputs = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++)
    g_ptr_array_add (self->outputs,
        dnn_tensor_new (dnn_module_get_output_type (module, i),
            dnn_instance_get_output_shape (self->instance, i)));
  return self;
}

static Stage *
find_stage (const Serial *self, gint mod_idx)
{
  for (guint i = 0; i < self->stages->len; i++) {
    Stage *stage = self->stages->pdata[i];
    if (stage->mod_idx == mod_idx)
      return stage;
  }
  g_assert_not_reached ();
}

static void
serial_free (Serial *self)
{
  g_ptr_array_unref (self->stages);
  g_ptr_array_unref (self->expected);
  g_hash_table_unref (self->inputs);
  g_object_unref (self->config);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Serial, serial_free)

/* @outputs: the expected files' names, with their number for a "%u". */
static Serial *
serial_new (const gchar *folder, gint threads, const gchar *outputs)
{
  Serial *self = g_new0 (Serial, 1);
  g_autofree gchar *path = find_file (folder, "config");
  g_autoptr (GError) error = NULL;
  const GPtrArray *names, *stages;

  self->stages = g_ptr_array_new_with_free_func (free_stage);
  self->expected = g_ptr_array_new_with_free_func ((GDestroyNotify) npy_free);
  self->inputs = g_hash_table_new_full (
      g_str_hash, g_str_equal, NULL, (GDestroyNotify) npy_free);
  self->config = dnn_pipeline_config_new_from_file (path, &error);
  g_assert_no_error (error);
  stages = dnn_pipeline_config_get_stages (self->config);
  for (guint i = 0; i < stages->len; i++) {
    const DnnStage *stage = stages->pdata[i];
    g_ptr_array_add (
        self->stages, create_stage (stage->module, stage->mod_idx, threads));
  }
  names = dnn_pipeline_config_get_inputs (self->config);
  for (guint i = 0; i < names->len; i++) {
    g_autofree gchar *file = find_file (
        folder, "input-%s.npy", (const gchar *) names->pdata[i]);
    g_hash_table_insert (self->inputs, names->pdata[i], npy_read (file));
  }
  for (guint i = 0; i < dnn_pipeline_config_get_n_outputs (self->config); i++) {
    g_autofree gchar *file = find_file (folder, "%s%u.npy", outputs, i);
    g_ptr_array_add (self->expected, npy_read (file));
  }
  return self;
}

/* Bytes of that frame: what binds to @name of the stage. */
static gconstpointer
find_source (
    const Serial *self, const Stage *stage, const gchar *name, gsize frame)
{
  const GPtrArray *bindings = dnn_pipeline_config_get_bindings (self->config);

  for (guint i = 0; i < bindings->len; i++) {
    const DnnBind *bind = bindings->pdata[i];
    if (bind->dst.kind != DNN_INTERFACE_MODULE_INPUT ||
        bind->dst.mod_idx != stage->mod_idx ||
        strcmp (bind->dst.name, name) != 0)
      continue;
    if (bind->src.kind == DNN_INTERFACE_GLOBAL_INPUT) {
      const Npy *npy = g_hash_table_lookup (self->inputs, bind->src.name);
      return npy->data + frame * (npy->n / npy->first);
    }
    return dnn_tensor_get_data (
        find_stage (self, bind->src.mod_idx)->outputs->pdata[bind->src.index]);
  }
  g_error ("nothing binds to %s of %d", name, stage->mod_idx);
}

/* Of all the stage's inputs and outputs. */
static void
find_addresses (const Serial *self, const Stage *stage, gsize frame,
    gconstpointer *src, gpointer *dst)
{
  DnnModule *module = dnn_instance_get_module (stage->instance);
  guint n = dnn_module_get_n_inputs (module);

  g_assert_cmpuint (n, <=, MAX_PORTS);
  g_assert_cmpuint (stage->outputs->len, <=, MAX_PORTS);
  for (guint i = 0; i < n; i++)
    src[i] = find_source (
        self, stage, dnn_module_get_input_name (module, i), frame);
  for (guint i = 0; i < stage->outputs->len; i++)
    dst[i] = dnn_tensor_get_writable_data (stage->outputs->pdata[i]);
}

static void
run_stage (const Serial *self, Stage *stage, gsize frame)
{
  gconstpointer src[MAX_PORTS];
  gpointer dst[MAX_PORTS];
  g_autoptr (GError) error = NULL;

  find_addresses (self, stage, frame, src, dst);
  dnn_instance_run (stage->instance, src, dst, &error);
  g_assert_no_error (error);
}

/* Greatest difference in parts of the range. */
static gdouble
compare (const Npy *expected, gsize frame, const gfloat *found)
{
  gsize n = expected->n / expected->first;
  const gfloat *right = expected->data + frame * n;
  gdouble low = G_MAXDOUBLE, high = -G_MAXDOUBLE, worst = 0;

  for (gsize i = 0; i < expected->n; i++) {
    low = MIN (low, expected->data[i]);
    high = MAX (high, expected->data[i]);
  }
  for (gsize i = 0; i < n; i++)
    worst = MAX (worst, fabs ((gdouble) found[i] - (gdouble) right[i]));
  g_assert_cmpfloat (high, >, low);
  return worst / (high - low);
}

static void
add_to_digest (GChecksum *digest, DnnTensor *tensor)
{
  g_checksum_update (digest, dnn_tensor_get_data (tensor),
      (gssize) dnn_tensor_get_size (tensor));
}

/* All frames; each global output against its file. Returns the digest of all
 * of them. */
static gchar *
check_frames (const Serial *self)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  const GPtrArray *bindings = dnn_pipeline_config_get_bindings (self->config);
  const Npy *first = self->expected->pdata[0];
  gdouble worst = 0;
  guint n_compared = 0;

  g_assert_cmpuint (first->first, ==, 5);
  for (gsize frame = 0; frame < first->first; frame++) {
    for (guint i = 0; i < self->stages->len; i++)
      run_stage (self, self->stages->pdata[i], frame);
    for (guint i = 0; i < bindings->len; i++) {
      const DnnBind *bind = bindings->pdata[i];
      DnnTensor *found;
      gdouble error;
      if (bind->dst.kind != DNN_INTERFACE_GLOBAL_OUTPUT)
        continue;
      found =
          find_stage (self, bind->src.mod_idx)->outputs->pdata[bind->src.index];
      add_to_digest (digest, found);
      error = compare (self->expected->pdata[bind->dst.index], frame,
          dnn_tensor_get_data (found));
      worst = MAX (worst, error);
      g_assert_cmpfloat (error, <=, TOLERANCE);
      n_compared++;
    }
  }
  g_assert_cmpuint (n_compared, ==, 5 * self->expected->len);
  g_test_message ("%g of the range", worst);
  return g_strdup (g_checksum_get_string (digest));
}

/* ---- tests -------------------------------------------------------------- */

typedef struct
{
  const gchar *folder;
  gint threads;
} Case;

static const Case cases[] = {
  { "v0.9", 1 },
  { "v0.9", 2 },
  { "current", 1 },
  { "current", 2 },
};

/* Twice: the libraries are unloaded between. Bit for bit the same with any
 * number of threads. */
static void
test_frames (gconstpointer data)
{
  const gchar *folder = data;
  g_autofree gchar *first = NULL;

  if (!is_there (folder))
    return;
  for (gint i = 0; i < 6; i++) {
    g_autoptr (Serial) serial = serial_new (folder, 1 + i / 2, "output-");
    g_autofree gchar *digest = check_frames (serial);
    if (!first)
      first = g_steal_pointer (&digest);
    else
      g_assert_cmpstr (digest, ==, first);
  }
}

static gpointer
check_often (gpointer data)
{
  g_autofree gchar *first = check_frames (data);

  for (gint i = 0; i < 20; i++) {
    g_autofree gchar *digest = check_frames (data);
    g_assert_cmpstr (digest, ==, first);
  }
  return g_steal_pointer (&first);
}

/* Two of each pipeline, all four at the same time. */
static void
test_at_once (void)
{
  GThread *threads[G_N_ELEMENTS (cases)];
  Serial *serials[G_N_ELEMENTS (cases)];
  gchar *digests[G_N_ELEMENTS (cases)];

  if (!is_there ("v0.9") || !is_there ("current"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    serials[i] = serial_new (cases[i].folder, cases[i].threads, "output-");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    threads[i] = g_thread_new ("frames", check_often, serials[i]);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    digests[i] = g_thread_join (threads[i]);
    serial_free (serials[i]);
  }
  g_assert_cmpstr (digests[0], ==, digests[1]);
  g_assert_cmpstr (digests[2], ==, digests[3]);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_free (digests[i]);
}

/* Once a stage is prepared, frames allocate nothing. The first one of a thread
 * makes its team, and memory for inputs that lie misaligned, as those of the
 * NumPy files may. */
static void
check_steady (const Serial *self, Stage *stage)
{
  gconstpointer src[MAX_PORTS];
  gpointer dst[MAX_PORTS];
  gint before = -1;

  find_addresses (self, stage, 0, src, dst);
  for (gint i = 0; i < 6; i++) {
    if (i == 1)
      before = count_allocations ();
    g_assert_true (dnn_instance_run (stage->instance, src, dst, NULL));
  }
  g_assert_cmpint (count_allocations (), ==, before);
}

static void
test_steady (void)
{
  if (!is_there ("v0.9") || !is_there ("current") ||
      !count_allocations_or_skip ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Serial)
        serial = serial_new (cases[i].folder, cases[i].threads, "output-");
    for (guint j = 0; j < serial->stages->len; j++)
      check_steady (serial, serial->stages->pdata[j]);
  }
}

/* The params of module 0 with the arrays of the set in @folder. */
static DnnParams *
read_params (const gchar *folder)
{
  static const gchar *const names[] = { "p0", "p1" };
  g_autofree gchar *path = find_file (folder, "params0");
  g_autoptr (GError) error = NULL;
  DnnParams *params = dnn_params_new_from_file (path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *array = find_file (folder, "param_0/%s.npy", names[i]);
    g_autoptr (Npy) npy = npy_read (array);
    DnnTensor *old = dnn_params_lookup (params, names[i]);
    g_autoptr (DnnTensor)
        tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, dnn_tensor_get_shape (old));
    g_assert_cmpuint (
        npy->n * sizeof (gfloat), ==, dnn_tensor_get_size (tensor));
    memcpy (dnn_tensor_get_writable_data (tensor), npy->data,
        dnn_tensor_get_size (tensor));
    dnn_params_set (params, names[i], tensor);
  }
  return params;
}

static gchar *
write_params (DnnParams *params)
{
  g_autoptr (GError) error = NULL;
  gchar *path = NULL;
  gint file = g_file_open_tmp ("dnn-params-XXXXXX", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  dnn_params_write (params, path, &error);
  g_assert_no_error (error);
  return path;
}

/* From a file of their own. */
static void
test_other_params (void)
{
  g_autofree gchar *json = NULL, *library = NULL, *path = NULL, *digest = NULL;
  g_autoptr (DnnParams) params = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Serial) serial = NULL;

  if (!is_there ("v0.9"))
    return;
  json = find_file ("v0.9", "json0");
  library = find_file ("v0.9", "lib0.so");
  params = read_params ("v0.9");
  path = write_params (params);
  module = dnn_module_new_from_files (json, path, library, &error);
  g_assert_no_error (error);
  serial = serial_new ("v0.9", 1, "param_0-output-");
  for (guint i = 0; i < serial->stages->len; i++) {
    Stage *stage = serial->stages->pdata[i];
    if (stage->mod_idx != 0)
      continue;
    free_stage (stage);
    serial->stages->pdata[i] = create_stage (module, 0, 1);
  }
  digest = check_frames (serial);
  g_remove (path);
}

/* Between two frames, of one instance: those that share the library keep
 * theirs. */
static void
test_set_params (void)
{
  g_autofree gchar *first = NULL, *second = NULL;
  g_autoptr (DnnParams) params = NULL;
  g_autoptr (Serial) changed = NULL, other = NULL;
  g_autoptr (GError) error = NULL;

  if (!is_there ("v0.9"))
    return;
  params = read_params ("v0.9");
  changed = serial_new ("v0.9", 2, "param_0-output-");
  other = serial_new ("v0.9", 1, "output-");
  run_stage (changed, find_stage (changed, 0), 0);
  dnn_instance_set_params (find_stage (changed, 0)->instance, params, &error);
  g_assert_no_error (error);
  first = check_frames (changed);
  second = check_frames (other);
  g_assert_cmpstr (first, !=, second);
}

/* All params of that file at once, floats half as large. */
static DnnParams *
halve_params (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnParams) own = dnn_params_new_from_file (path, &error);
  DnnParams *params = dnn_params_new ();

  g_assert_no_error (error);
  for (guint i = 0; i < dnn_params_get_n (own); i++) {
    DnnTensor *old = dnn_params_get_tensor (own, i);
    const DnnShape *shape = dnn_tensor_get_shape (old);
    g_autoptr (DnnTensor) tensor = NULL;
    if (dnn_tensor_get_element_type (old) != DNN_TYPE_FLOAT32)
      continue;
    tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, shape);
    for (gint64 j = 0; j < dnn_shape_n_elements (shape); j++)
      ((gfloat *) dnn_tensor_get_writable_data (
          tensor))[j] = ((const gfloat *) dnn_tensor_get_data (old))[j] / 2;
    dnn_params_set (params, dnn_params_get_name (own, i), tensor);
  }
  g_assert_cmpuint (dnn_params_get_n (params), >, 0);
  return params;
}

/* Set in a running instance, or in a file: the same. With functions of either
 * ABI. */
static void
test_set_or_loaded (gconstpointer folder)
{
  g_autofree gchar *json = NULL, *library = NULL, *path = NULL, *own = NULL;
  g_autoptr (DnnParams) params = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (Serial) serial = NULL;
  g_autoptr (GError) error = NULL;
  Stage *loaded, *stage;

  if (!is_there (folder))
    return;
  json = find_file (folder, "json0");
  library = find_file (folder, "lib0.so");
  own = find_file (folder, "params0");
  params = halve_params (own);
  path = write_params (params);
  module = dnn_module_new_from_files (json, path, library, &error);
  g_assert_no_error (error);
  g_remove (path);
  loaded = create_stage (module, 0, 1);
  serial = serial_new (folder, 1, "output-");
  stage = find_stage (serial, 0);
  run_stage (serial, stage, 0);
  run_stage (serial, loaded, 0);
  g_assert_false (
      dnn_tensor_equal (stage->outputs->pdata[0], loaded->outputs->pdata[0]));
  dnn_instance_set_params (stage->instance, params, &error);
  g_assert_no_error (error);
  run_stage (serial, stage, 0);
  for (guint i = 0; i < stage->outputs->len; i++)
    g_assert_true (
        dnn_tensor_equal (stage->outputs->pdata[i], loaded->outputs->pdata[i]));
  free_stage (loaded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_data_func ("/tvm/exports/frames/v0.9", "v0.9", test_frames);
  g_test_add_data_func ("/tvm/exports/frames/current", "current", test_frames);
  g_test_add_func ("/tvm/exports/at-once", test_at_once);
  g_test_add_func ("/tvm/exports/steady", test_steady);
  g_test_add_func ("/tvm/exports/other-params", test_other_params);
  g_test_add_func ("/tvm/exports/set-params", test_set_params);
  g_test_add_data_func (
      "/tvm/exports/set-or-loaded/v0.9", "v0.9", test_set_or_loaded);
  g_test_add_data_func (
      "/tvm/exports/set-or-loaded/current", "current", test_set_or_loaded);
  return g_test_run ();
}
