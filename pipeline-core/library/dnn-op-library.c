/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors of a call → DLTensors and argument lists, made once → a function of a
 * library, each frame. Next: dnn-tvm-runtime.c, for what it calls. */
#include "config.h"

#include "pipeline-core/library/dnn-op-library.h"

#include <string.h>

#include "pipeline-core/library/dnn-tvm-runtime.h"

/* ns per element, so that schedules and listings have a figure; there is
 * nothing to choose between. */
#define ELEMENT_COST 1.0

/* What the graph says of one result. */
typedef struct
{
  const gchar *name; /* of the graph's value */
  DnnType type;
  DnnShape shape;
} Result;

typedef struct
{
  DnnOp op;
  DnnLibrary *library;
  const DnnLibraryFunction *function;
  gboolean flatten; /* tensors are shown as if of rank 1 */
  Result results[]; /* by output */
} LibraryOp;

/* ---- the operator ------------------------------------------------------- */

static const DnnArgRow inputs[] = {
  { "input", DNN_TYPES_ANY, DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "As the function expects them" },
};
static const DnnArgRow outputs[] = {
  { "output", DNN_TYPES_ANY, DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "As the graph says" },
};

/* A function can't be asked. */
static DnnInferResult
infer_results (DnnCall *call, GError **error)
{
  const LibraryOp *self = (const LibraryOp *) call->op;

  for (guint i = 0; i < call->n_outputs; i++) {
    const Result *result = &self->results[i];
    if (!call->outputs[i].present)
      continue;
    if (result->type == DNN_TYPE_INVALID ||
        !dnn_shape_is_known (&result->shape)) {
      dnn_call_error (call, error, DNN_ERROR_GRAPH,
          "the graph must say type and shape of \"%s\", the result of a "
          "function of %s",
          result->name, dnn_library_get_path (self->library));
      return DNN_INFER_ERROR;
    }
    call->outputs[i].type = result->type;
    call->outputs[i].shape = result->shape;
  }
  return DNN_INFER_OK;
}

/* ---- binding ------------------------------------------------------------ */

/* One instance's arguments. */
typedef struct
{
  const DnnCall *call;
  guint n;
  DLTensor *tensors;
  gpointer **slots; /* where the address of each tensor stands */
  gint64 *sizes; /* shapes and strides */
  DnnTvmValue *values; /* packed functions */
  gint *codes;
  DnnTvmFfiAny *anys; /* functions of tvm-ffi */
} Arguments;

static gpointer
prepare_function (
    const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) call;
}

static DLDataType
get_dl_type (const LibraryOp *self, DnnType type)
{
  const DLDataType bit = { kDLUInt, 1, 1 };

  return type == DNN_TYPE_BOOL && self->function->has_bit_bool
      ? bit
      : dnn_type_to_dl (type);
}

/* Returns the first size behind those it has written. */
static gint64 *
describe_tensor (const LibraryOp *self, const DnnCallArg *arg, DLTensor *tensor,
    gint64 *sizes)
{
  gint rank = self->flatten ? 1 : arg->shape.rank;
  gint64 *strides = sizes + rank, stride = 1;

  if (self->flatten)
    sizes[0] = dnn_shape_n_elements (&arg->shape);
  else
    memcpy (sizes, arg->shape.dims, (gsize) rank * sizeof (gint64));
  for (gint i = rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= sizes[i];
  }
  tensor->device.device_type = kDLCPU;
  tensor->ndim = rank;
  tensor->dtype = get_dl_type (self, arg->type);
  tensor->shape = sizes;
  tensor->strides = strides;
  return strides + rank;
}

static void
add_arguments (Arguments *self, const DnnCallArg *args, guint n_args,
    gpointer *slots, gint64 **sizes)
{
  for (guint i = 0; i < n_args; i++) {
    guint idx = self->n;
    if (!args[i].present)
      continue;
    *sizes = describe_tensor ((const LibraryOp *) self->call->op, &args[i],
        &self->tensors[idx], *sizes);
    self->slots[idx] = &slots[i];
    self->values[idx].v_handle = &self->tensors[idx];
    self->codes[idx] = DNN_TVM_TENSOR;
    self->anys[idx].type_index = DNN_TVM_FFI_TENSOR;
    self->anys[idx].value.v_ptr = &self->tensors[idx];
    self->n++;
  }
}

static gpointer
bind_function (gpointer prepared, const DnnBinding *binding, GError **error)
{
  const DnnCall *call = prepared;
  guint max = MAX (call->n_formal + call->n_outputs, 1);
  Arguments *self = g_new0 (Arguments, 1);
  gint64 *sizes;

  self->call = call;
  self->tensors = g_new0 (DLTensor, max);
  self->slots = g_new0 (gpointer *, max);
  self->sizes = sizes = g_new0 (gint64, max * 2 * DNN_MAX_RANK);
  self->values = g_new0 (DnnTvmValue, max);
  self->codes = g_new0 (gint, max);
  self->anys = g_new0 (DnnTvmFfiAny, max);
  add_arguments (self, call->inputs, call->n_formal, binding->src, &sizes);
  add_arguments (self, call->outputs, call->n_outputs, binding->dst, &sizes);
  return self;
}

static void
release_function (gpointer prepared, gpointer bound)
{
  Arguments *self = bound;

  if (!self)
    return;
  g_free (self->tensors);
  g_free (self->slots);
  g_free (self->sizes);
  g_free (self->values);
  g_free (self->codes);
  g_free (self->anys);
  g_free (self);
}

/* ---- running ------------------------------------------------------------ */

static gint
call_function (const DnnLibraryFunction *function, Arguments *args)
{
  DnnTvmValue ret = { 0 };
  DnnTvmFfiAny result = { DNN_TVM_FFI_NONE };
  gint code = DNN_TVM_NULL;

  if (function->abi == DNN_LIBRARY_FFI)
    return function->ffi (NULL, args->anys, (gint32) args->n, &result);
  return function->packed (
      args->values, args->codes, (gint) args->n, &ret, &code, NULL);
}

static gboolean
run_function (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCall *call = prepared;
  const LibraryOp *self = (const LibraryOp *) call->op;
  Arguments *args = bound;
  DnnTvmFrame frame;
  gint result;

  for (guint i = 0; i < args->n; i++)
    args->tensors[i].data = *args->slots[i];
  dnn_tvm_enter (&frame, binding->workspace, 0, call->target.threads);
  result = call_function (self->function, args);
  dnn_tvm_leave (&frame);
  dnn_workspace_reset (binding->workspace);
  if (G_LIKELY (result == 0))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "%s: function \"%s\" failed (%d): %s",
      dnn_library_get_path (self->library), self->function->name, result,
      *dnn_tvm_get_error () ? dnn_tvm_get_error () : "it gives no reason");
  return FALSE;
}

static const DnnKernel tvm_kernel = {
  .name = "tvm",
  .prepare = prepare_function,
  .bind = bind_function,
  .run = run_function,
  .release = release_function,
};

static void
offer_function (const DnnCall *call, DnnOffers *offers)
{
  DnnCandidate *candidate = dnn_candidate_new (
      &tvm_kernel, call->n_inputs, call->n_outputs);

  candidate->alignment = DNN_ALIGNMENT;
  for (guint i = 0; i < call->n_formal; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    if (!arg->present)
      continue;
    candidate->src[i] = dnn_format_new_plain (arg->type, &arg->shape);
    candidate->cost += ELEMENT_COST *
        (gdouble) dnn_shape_n_elements (&arg->shape);
  }
  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (!arg->present)
      continue;
    candidate->dst[i] = dnn_format_new_plain (arg->type, &arg->shape);
    candidate->cost += ELEMENT_COST *
        (gdouble) dnn_shape_n_elements (&arg->shape);
  }
  dnn_offers_add (offers, candidate);
}

/* ---- life --------------------------------------------------------------- */

DnnOp *
dnn_library_op_new (DnnLibrary *library, const DnnNode *node)
{
  const DnnLibraryFunction *function = dnn_library_find (library, node->op);
  LibraryOp *self;

  if (!function)
    return NULL;
  self = g_malloc0 (sizeof *self + node->outputs->len * sizeof (Result));
  self->op = (DnnOp){
    .name = function->name,
    .doc = "A function of a library",
    .inputs = inputs,
    .n_inputs = G_N_ELEMENTS (inputs),
    .outputs = outputs,
    .n_outputs = G_N_ELEMENTS (outputs),
    .infer = infer_results,
    .offer = offer_function,
    .never_folded = TRUE,
  };
  self->library = dnn_library_ref (library);
  self->function = function;
  self->flatten = node->flatten_data;
  for (guint i = 0; i < node->outputs->len; i++) {
    const DnnValue *value = node->outputs->pdata[i];
    if (!value)
      continue;
    self->results[i].name = value->name;
    self->results[i].type = value->type;
    self->results[i].shape = value->shape;
  }
  return &self->op;
}

void
dnn_library_op_free (DnnOp *op)
{
  LibraryOp *self = (LibraryOp *) op;

  dnn_library_unref (self->library);
  g_free (self);
}

gboolean
dnn_op_is_of_library (const DnnOp *op)
{
  return op->infer == infer_results;
}
