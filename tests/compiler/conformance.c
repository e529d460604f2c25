/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A case's folder → its model imported and run by reference alone, compiled and
 * run as `gst-dnn run` does; outputs compared with the case's. */
#include "config.h"

#include "tests/compiler/conformance.h"

#include "compiler/dnn-compiler.h"
#include "compiler/onnx/dnn-onnx-read.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-serial.h"
#include "pipeline-core/infer/dnn-infer.h"
#include "tests/compiler/onnx-run.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ONNX's own test runner compares with these, where the case has none. */
#define RTOL 1e-3
#define ATOL 1e-7
#define BFLOAT16_RTOL (1 / 128.0)

#define SECONDS 60

typedef struct
{
  const gchar *dir;
  gdouble rtol, atol;
  GPtrArray *inputs, *expected; /* DnnTensor * */
} Case;

/* The tensors of one data set, as many as there are files. */
static GPtrArray *
read_tensors (const gchar *set, const gchar *what, GError **error)
{
  g_autoptr (GPtrArray) tensors = onnx_run_new_list ();

  for (guint i = 0;; i++) {
    g_autofree gchar *path = g_strdup_printf ("%s/%s_%u.pb", set, what, i);
    DnnTensor *tensor;
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      return g_steal_pointer (&tensors);
    tensor = onnx_run_read_tensor (path, error);
    if (!tensor)
      return NULL;
    g_ptr_array_add (tensors, tensor);
  }
}

/* "rtol atol" in a file. ONNX's numbers of 16 bits were made in several steps
 * of 16 bits. */
static void
read_tolerances (Case *self)
{
  g_autofree gchar *path = g_build_filename (self->dir, "tol", NULL);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) words = NULL;

  self->rtol = RTOL;
  self->atol = ATOL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  words = g_strsplit (text, " ", 2);
  self->rtol = MAX (RTOL, g_ascii_strtod (words[0], NULL));
  self->atol = MAX (ATOL, g_ascii_strtod (words[1], NULL));
}

/* Test data of older releases has bfloat16 as uint16 of the same bits, made by
 * cutting off, not by rounding. */
static void
fix_type (Case *self, GPtrArray *tensors, guint idx, DnnType type)
{
  DnnTensor *tensor = tensors->pdata[idx];

  if (type != DNN_TYPE_BFLOAT16 ||
      dnn_tensor_get_element_type (tensor) != DNN_TYPE_UINT16)
    return;
  tensors->pdata[idx] = dnn_tensor_new_wrapped (type,
      dnn_tensor_get_shape (tensor), dnn_tensor_get_data (tensor),
      (GDestroyNotify) dnn_tensor_unref, tensor);
  self->rtol = BFLOAT16_RTOL;
}

static gboolean
compare (const Case *self, GPtrArray *found, GError **error)
{
  for (guint i = 0; i < self->expected->len; i++) {
    DnnType type = dnn_tensor_get_element_type (self->expected->pdata[i]);
    gboolean is_small = type == DNN_TYPE_FLOAT16 || type == DNN_TYPE_BFLOAT16;
    gdouble atol = is_small ? MAX (self->atol, 2e-3) : self->atol;
    g_autofree gchar *why = NULL;
    if (i >= found->len) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "no output %u", i);
      return FALSE;
    }
    if (!onnx_run_close (found->pdata[i], self->expected->pdata[i], self->rtol,
            atol * onnx_run_magnitude (self->expected->pdata[i]), &why)) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "output %u: %s", i, why);
      return FALSE;
    }
  }
  return TRUE;
}

/* ---- by reference ---- */

/* Graphs inside of graphs are never folded: what has them is run as a module
 * only. */
static gboolean
run_ref (const Case *self, DnnGraph *graph, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) found = onnx_run_ref (graph, self->inputs, &local);

  if (found && compare (self, found, error))
    return TRUE;
  if (local && strstr (local->message, "no value"))
    return TRUE;
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  g_prefix_error (error, "by reference: ");
  return FALSE;
}

/* Where a shape depends on an input's data (Reshape's shape, Pad's pads,
 * Resize's scales), which is never the first one, all but that are given to
 * the plan as params. */
static gboolean
run_with_params (const Case *self, DnnGraph *graph, GError **error)
{
  g_autoptr (DnnGraph) copy = dnn_graph_copy (graph);
  g_autoptr (GPtrArray) values = g_ptr_array_copy (copy->inputs, NULL, NULL);
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  g_autoptr (GPtrArray) found = NULL;

  g_ptr_array_set_free_func (values, NULL);
  for (guint i = 0; i < values->len; i++) {
    DnnValue *value = values->pdata[i];
    if (i > 0 || value->type == DNN_TYPE_INT64)
      dnn_graph_set_param (copy, value, self->inputs->pdata[i]);
    else
      g_ptr_array_add (rest, self->inputs->pdata[i]);
  }
  found = onnx_run_module (copy, rest, error);
  return found && compare (self, found, error);
}

/* ---- as the tool does ---- */

/* A new tensor for an output of this frame. */
static gpointer
give (guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  GPtrArray *found = user_data;
  const DnnTensor *empty = found->pdata[idx];
  DnnTensor *tensor = dnn_tensor_new (
      dnn_tensor_get_element_type (empty), shape);

  g_ptr_array_remove_index (found, idx);
  g_ptr_array_insert (found, (gint) idx, tensor);
  return dnn_tensor_get_writable_data (tensor);
}

static GPtrArray *
run_serial (const Case *self, DnnSerial *serial, GError **error)
{
  const DnnShape scalar = dnn_shape (0);
  guint n_inputs = dnn_serial_get_n_inputs (serial);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, n_inputs + 1);
  g_autofree gconstpointer *src = g_new0 (gconstpointer, n_inputs + 1);
  g_autoptr (GPtrArray) found = onnx_run_new_list ();

  for (guint i = 0; i < n_inputs; i++) {
    shapes[i] = *dnn_tensor_get_shape (self->inputs->pdata[i]);
    src[i] = dnn_tensor_get_data (self->inputs->pdata[i]);
  }
  if (!dnn_serial_prepare (serial, shapes, error))
    return NULL;
  for (guint i = 0; i < dnn_serial_get_n_outputs (serial); i++)
    g_ptr_array_add (found,
        dnn_tensor_new (dnn_serial_get_output_type (serial, i), &scalar));
  if (!dnn_serial_run_to (serial, src, give, found, NULL, error))
    return NULL;
  return g_steal_pointer (&found);
}

static gboolean
run_compiled (const Case *self, const gchar *path, GError **error)
{
  DnnCompileOptions options = { NULL };
  g_autoptr (DnnPipelineConfig)
      config = dnn_load_pipeline (path, &options, error);
  g_autoptr (DnnSerial) serial = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (config)
    serial = dnn_serial_new (config, 1, error);
  if (serial)
    found = run_serial (self, serial, error);
  if (found && compare (self, found, error))
    return TRUE;
  g_prefix_error (error, "as a module: ");
  return FALSE;
}

/* ---- all of it ---- */

static gboolean
read_set (Case *self, const gchar *set, const DnnGraph *graph, GError **error)
{
  self->inputs = read_tensors (set, "input", error);
  self->expected = self->inputs ? read_tensors (set, "output", error) : NULL;
  if (!self->expected)
    return FALSE;
  if (self->inputs->len < graph->inputs->len) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%u inputs in the data, the model has %u", self->inputs->len,
        graph->inputs->len);
    return FALSE;
  }
  g_ptr_array_set_size (self->inputs, (gint) graph->inputs->len);
  for (guint i = 0; i < graph->inputs->len; i++)
    fix_type (self, self->inputs, i,
        ((const DnnValue *) graph->inputs->pdata[i])->type);
  for (guint i = 0; i < MIN (graph->outputs->len, self->expected->len); i++)
    fix_type (self, self->expected, i,
        ((const DnnValue *) graph->outputs->pdata[i])->type);
  return TRUE;
}

static CaseResult
run_set (const gchar *dir, const gchar *set, GError **error)
{
  g_autofree gchar *path = g_build_filename (dir, "model.onnx", NULL);
  g_autoptr (DnnGraph) graph = dnn_onnx_import_file (path, error);
  Case self = { .dir = dir };
  CaseResult result = CASE_FAILS;

  if (!graph || !dnn_infer_into_graph (graph, error))
    return CASE_FAILS;
  read_tolerances (&self);
  if (read_set (&self, set, graph, error) && run_ref (&self, graph, error)) {
    if (run_compiled (&self, path, error))
      result = CASE_PASSES;
    else if (run_with_params (&self, graph, NULL))
      result = CASE_NEEDS_PARAMS;
  }
  g_clear_pointer (&self.inputs, g_ptr_array_unref);
  g_clear_pointer (&self.expected, g_ptr_array_unref);
  return result;
}

static CaseResult
run_sets (const gchar *dir, GError **error)
{
  CaseResult worst = CASE_PASSES;

  for (guint i = 0; worst != CASE_FAILS; i++) {
    g_autofree gchar *set = g_strdup_printf ("%s/test_data_set_%u", dir, i);
    CaseResult result;
    if (!g_file_test (set, G_FILE_TEST_IS_DIR))
      break;
    result = run_set (dir, set, worst == CASE_PASSES ? error : NULL);
    worst = MIN (worst, result);
  }
  return worst;
}

/* One line, without the folder that the case happens to lie in. */
static gchar *
tidy (const gchar *message, const gchar *dir)
{
  g_autofree gchar *path = g_strdup_printf ("%s/model.onnx: ", dir);
  g_auto (GStrv) parts = g_strsplit (message, path, -1);

  return g_strdelimit (g_strjoinv ("", parts), "\n|", ' ');
}

static void
run_child (const gchar *dir, gint fd)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *why = NULL;
  CaseResult result;

  alarm (SECONDS);
  result = run_sets (dir, &error);
  if (error)
    why = tidy (error->message, dir);
  if (why && write (fd, why, strlen (why)) < 0)
    _exit (CASE_FAILS);
  _exit (result);
}

static gchar *
read_all (gint fd)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gchar bytes[1024];
  gssize n;

  while ((n = read (fd, bytes, sizeof bytes)) > 0)
    g_string_append_len (text, bytes, n);
  close (fd);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

CaseResult
conformance_run (const gchar *dir, gchar **why)
{
  gint ends[2], status = 0;
  pid_t pid;

  g_assert_no_errno (pipe (ends));
  dnn_init ();
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    close (ends[0]);
    run_child (dir, ends[1]);
  }
  close (ends[1]);
  *why = read_all (ends[0]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (WIFEXITED (status) && WEXITSTATUS (status) <= CASE_PASSES)
    return WEXITSTATUS (status);
  g_free (*why);
  *why = WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM
      ? g_strdup_printf ("takes more than %d s", SECONDS)
      : g_strdup_printf ("crashes (%d)", status);
  return CASE_FAILS;
}
