/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The operator contract: one const DnnOp per operator says what it is (rows),
 * what it means (infer, ref) and how it can run (offer, and the kernel of each
 * candidate). Kernels implement it in kernels/ops/; plans (dnn-plan.h) use it.
 *
 *            when, thread     may allocate  sees
 *   infer    planning         no            types, shapes, values known by now;
 *            also streaming, where shapes depend on data
 *   count    streaming        no            values: what infer had to leave
 * open ref      streaming        no            values, plain formats offer
 * planning         yes           shapes, which inputs are constant, post-ops;
 * never values prepare  preparing        primitives    the chosen candidate
 *   pack     preparing, and when a param is set: constant inputs
 *   bind     preparing        arguments     addresses of one instance
 *   run      streaming        no            values
 *   release  after streaming  frees; accepts a half-built state
 */
#pragma once

#include "pipeline-core/base/dnn-attrs.h"
#include "pipeline-core/base/dnn-format.h"
#include "pipeline-core/base/dnn-target.h"
#include "pipeline-core/base/dnn-tensor.h"
#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

typedef struct _DnnOp DnnOp;
typedef struct _DnnCall DnnCall;
typedef struct _DnnKernel DnnKernel;
typedef struct _DnnOffers DnnOffers;
typedef struct _DnnWorkspace DnnWorkspace; /* dnn-workspace.h */

/* ---- rows ------------------------------------------------------------- */

typedef enum
{
  DNN_ARG_REQUIRED = 0,
  DNN_ARG_OPTIONAL = 1 << 0, /* may be absent (NULL) */
  DNN_ARG_VARIADIC = 1 << 1, /* last row only: one or more */
} DnnArgFlags;

/* One formal input or output. */
typedef struct
{
  const gchar *name; /* as in the ONNX specification: "X" */
  guint types; /* DNN_TYPE_BIT ()s allowed */
  DnnArgFlags flags;
  const gchar *type_var; /* rows with the same letter ("T") have one type;
                            NULL: free */
  const gchar *doc;
} DnnArgRow;

typedef enum
{
  DNN_ATTR_INT,
  DNN_ATTR_FLOAT,
  DNN_ATTR_STRING,
  DNN_ATTR_INTS,
  DNN_ATTR_FLOATS,
  DNN_ATTR_STRINGS,
} DnnAttrKind;

/* One attribute. An absent one has its default; def NULL means absent is
 * legal and seen as such. */
typedef struct
{
  const gchar *key; /* as in the ONNX specification: "kernel_shape" */
  DnnAttrKind kind;
  const gchar *def; /* default as text, NULL none */
  gboolean required;
  gdouble min, max; /* of each number; min == max == 0: any */
  const gchar *const *choices; /* strings only, NULL-terminated, or NULL */
  const gchar *doc;
} DnnAttrRow;

/* An attribute of one call, parsed by its row. */
typedef struct
{
  gboolean present; /* given, or has a default */
  gint64 i;
  gfloat f;
  gchar *s;
  gint64 *ints;
  gfloat *floats;
  gchar **strings;
  guint n; /* of ints, floats or strings */
} DnnAttrValue;

/* ---- a call: one node with all that planning knows --------------------- */

typedef struct
{
  gboolean present;
  DnnType type;
  DnnShape shape; /* outputs: set by infer */
  guint bounded; /* outputs, with DNN_INFER_BOUNDED: bits of the dimensions
                    that are only the most they can be */
  gboolean is_constant; /* same for every frame: may be packed */
  gconstpointer value; /* plain bytes where known while planning (params,
                          folded values), else NULL */
} DnnCallArg;

/* A post-op of the call. */
typedef struct
{
  const DnnOp *op;
  DnnCall *call; /* its own call: inputs[0] is the result of what stands
                    before, further inputs are its operand or constants */
  gint input; /* index into the outer call's inputs, or -1 */
  guint operand_slot; /* which input of @call the operand is */
} DnnCallPostOp;

struct _DnnCall
{
  const DnnOp *op;
  const gchar *node_name; /* for messages */
  DnnAttrValue *attrs; /* beside op->attrs */
  DnnCallArg *inputs; /* formal ones, then operands of post-ops */
  guint n_inputs, n_formal;
  DnnCallArg *outputs;
  guint n_outputs;
  DnnCallPostOp *post_ops;
  guint n_post_ops;
  DnnTarget target; /* threads it will run on, what it may compute with */
  const GPtrArray *subgraphs; /* (nullable): DnnSubgraph *, of the node; inputs
                                 behind the formal ones are what they capture */

  /* results of infer */
  gsize ref_scratch; /* bytes that ref wants */
  guint needs_value; /* input index, with DNN_INFER_NEEDS_VALUE */
};

/* The parsed value of a row; asserts that the key is a row of the operator. */
DNN_API const DnnAttrValue *dnn_call_attr (
    const DnnCall *call, const gchar *key);
DNN_API gint64 dnn_call_int (const DnnCall *call, const gchar *key);
DNN_API gfloat dnn_call_float (const DnnCall *call, const gchar *key);
/* Input @idx is there. */
DNN_API gboolean dnn_call_has_input (const DnnCall *call, guint idx);
/* attribute "axis" brought into [0, rank); error VALUE names node, axis and
 * rank. */
DNN_API gboolean dnn_call_axis (const DnnCall *call, const gchar *key,
    gint rank, gint *axis, GError **error);
/* The operator's ref, unless no output has an element: then its loops over the
 * other dimensions, however large, have nothing to do. */
DNN_API gboolean dnn_call_run_ref (const DnnCall *call,
    gconstpointer const *src, gpointer const *dst, gpointer scratch,
    GError **error);
/* Outputs of a call that is BOUNDED get their shapes in this frame: the
 * operator's count. @scratch: ref_scratch bytes; what count leaves there is
 * what ref finds. */
DNN_API gboolean dnn_call_count (
    DnnCall *call, gconstpointer const *src, gpointer scratch, GError **error);
/* Sets @error with the node's place in front: "node \"conv1\" (Conv): …";
 * always %FALSE. */
DNN_API gboolean dnn_call_error (const DnnCall *call, GError **error,
    DnnError code, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

typedef enum
{
  DNN_INFER_OK, /* outputs have types and known or open shapes */
  DNN_INFER_BOUNDED, /* known but for outputs[].bounded: count tells these in
                        each frame */
  DNN_INFER_NEEDS_VALUE, /* of input call->needs_value */
  DNN_INFER_OPEN, /* until run, which tells: DnnOp.open; outputs as far as
                     they are known */
  DNN_INFER_UNKNOWN, /* until run: shape depends on data */
  DNN_INFER_ERROR, /* the user's; error is set */
} DnnInferResult;

/* ---- candidates --------------------------------------------------------- */

#define DNN_MAX_CALL_OUTPUTS 64

/* How an output lies relative to an input, or an input to an output. */
typedef enum
{
  DNN_SHARE_NONE,
  DNN_SHARE_MAY, /* may be part of the other: an output, in place of an input
                    that isn't needed later; an input, in its slice of the
                    output (what isn't there is copied by run) */
  DNN_SHARE_VIEW, /* must, outputs only: nothing runs for it */
} DnnShareKind;

typedef struct
{
  DnnShareKind kind;
  guint of; /* index of the input, or of the output */
  gsize offset; /* in bytes from its start; 0 for an output that MAY */
} DnnShare;

/* A constant input of a call in a layout of the kernel's own. Where the bytes
 * and the layout are equal, all plans of the process share one copy. */
typedef struct
{
  guint input;
  DnnFormat *to; /* its size is the copy's; owned */
} DnnPack;

/* One way to run a call. Made in offer (or by a format's reorder), chosen by
 * the plan, prepared once, shared by all instances. */
struct _DnnCandidate
{
  const DnnKernel *kernel; /* NULL: nothing runs (all outputs are views) */
  guint n_src, n_dst; /* = call's */
  DnnFormat **src; /* by input; NULL: absent, or a constant that is packed or
                      read while offering; owned */
  DnnFormat **dst; /* by output; NULL absent; owned */
  DnnShare *dst_share; /* by output: part of which input */
  DnnShare *src_share; /* by input: part of which output */
  gsize alignment; /* in bytes, of what the caller of the module owns: its
                      inputs and outputs; 0: that of their elements */
  gsize scratch; /* bytes at run */
  DnnPack *packs; /* dnn_candidate_add_pack() */
  guint n_packs;
  guint n_post_ops; /* how many of the call's it does itself */
  const gchar *impl; /* "jit:avx512_core", "ref"; interned */
  gboolean is_reference; /* the operator's ref: never worth a choice */
  gdouble cost; /* ns at one thread, as estimated; plans put what was
                   measured there */
  gboolean is_measured; /* so that it is no estimate */
  gpointer state; /* the kernel's: what prepare needs */
  GDestroyNotify state_free;
};

/* Formats that one input of a call can have already: those its producer's
 * candidates offer. */
typedef struct
{
  DnnFormat *const *formats;
  guint n;
} DnnHints;

DNN_API DnnCandidate *dnn_candidate_new (
    const DnnKernel *kernel, guint n_src, guint n_dst);
DNN_API void dnn_candidate_free (DnnCandidate *self);
/* Its kernel's pack is asked to bring constant input @input into @to. Returns
 * the index, for pack and DnnBinding.packed. */
DNN_API guint dnn_candidate_add_pack (
    DnnCandidate *self, guint input, const DnnFormat *to);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnCandidate, dnn_candidate_free)

/* offer calls this once a candidate; takes it. */
DNN_API void dnn_offers_add (DnnOffers *offers, DnnCandidate *candidate);
/* What input @idx can have already, nothing behind the last; (transfer none) */
DNN_API DnnHints dnn_offers_get_hints (const DnnOffers *offers, guint idx);

/* Memory for output @idx, which turns out to have this shape. NULL with
 * @error. */
typedef gpointer (*DnnProvideFunc) (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error);

/* Addresses of one bound call. The struct and its arrays live as long as the
 * bound state; addresses of module inputs and outputs change between runs, so
 * run reads them afresh. */
typedef struct
{
  gpointer *src; /* by input; NULL absent */
  gpointer *dst; /* by output */
  gpointer *packed; /* by pack; 64-byte aligned; as pack wrote them */
  gpointer scratch; /* 64-byte aligned */
  DnnWorkspace *workspace; /* the instance's, for code that says only at run
                              how much it needs; a stack for each thread of
                              call->target.threads */
} DnnBinding;

/* How candidates of one family run. */
struct _DnnKernel
{
  const gchar *name;

  /* Optional, where there is nothing to prepare: NULL is handed on then. The
   * result is immutable and shared by all instances; %NULL with @error on
   * failure. @call and @candidate outlive it. @call is NULL for a reorder. */
  gpointer (*prepare) (
      const DnnCall *call, const DnnCandidate *candidate, GError **error);
  void (*unprepare) (gpointer prepared);

  /* Required where candidates have packs: the plain bytes of that constant
   * input into @packed, in the layout that the pack names. Addresses are not
   * kept, and nothing but bytes and layout may decide the result. */
  gboolean (*pack) (gpointer prepared, const DnnCall *call, guint pack_idx,
      gconstpointer constant, gpointer packed, GError **error);

  /* Optional: argument lists of one instance. */
  gpointer (*bind) (
      gpointer prepared, const DnnBinding *binding, GError **error);

  /* Required: no allocation, no locks. @bound is NULL without bind; then
   * @binding is all there is. Fails only by the backend, or DNN_ERROR_DATA. */
  gboolean (*run) (gpointer prepared, gpointer bound, const DnnBinding *binding,
      GError **error);

  /* Of DnnOp.open, in place of run: asks for the memory of each output that is
   * present as soon as its shape is known. Shapes of inputs are those of the
   * frame, in the call. May allocate where a frame brings more than those
   * before. */
  gboolean (*run_open) (gpointer prepared, gpointer bound,
      const DnnBinding *binding, DnnProvideFunc provide, gpointer user_data,
      GError **error);

  /* Optional: accepts NULL and half-built states. */
  void (*release) (gpointer prepared, gpointer bound);

  /* Optional: what runs inside, a line each, for people. (transfer full) */
  gchar *(*describe) (gpointer prepared);
};

/* ---- the operator -------------------------------------------------------- */

struct _DnnOp
{
  const gchar *name; /* ONNX type, newest form; others "domain.Type" */
  const gchar *doc; /* one line */
  const DnnArgRow *inputs;
  guint n_inputs;
  const DnnArgRow *outputs;
  guint n_outputs;
  const DnnAttrRow *attrs;
  guint n_attrs;

  /* Required. Types of rows and presence are checked before; sets
   * call->outputs[].type and .shape and call->ref_scratch. */
  DnnInferResult (*infer) (DnnCall *call, GError **error);

  /* Required, but where never_folded is set and offer always has a way: the
   * specification in plain C. @src, @dst plain and aligned, NULL where absent.
   * Fails only on data (DNN_ERROR_DATA). */
  gboolean (*ref) (const DnnCall *call, gconstpointer const *src,
      gpointer const *dst, gpointer scratch, GError **error);

  /* Required where infer may be BOUNDED: how large the bounded dimensions are
   * with these values, into @shapes (by output), which hold the bounds. The
   * results of ref have these shapes then, and it finds in @scratch what count
   * left. Fails only on data. */
  gboolean (*count) (const DnnCall *call, gconstpointer const *src,
      gpointer scratch, DnnShape *shapes, GError **error);

  /* Optional: none means ref. */
  void (*offer) (const DnnCall *call, DnnOffers *offers);

  /* Optional: the result of ref for element-wise operators may stand in the
   * memory of input 0. */
  gboolean ref_in_place;

  /* Optional: ref reads no input, only their types and shapes (Shape, Size):
   * its result is constant as soon as those are known; @src are NULL then. */
  gboolean ref_shapes_only;

  /* Optional: results may differ from frame to frame though the inputs don't
   * (functions of a library), so they are never computed beforehand. */
  gboolean never_folded;

  /* Optional: ref takes so long that a plan is made for each shape, also where
   * it comes with a frame. */
  gboolean always_planned;

  /* Optional: its nodes have subgraphs. */
  gboolean runs_subgraphs;

  /* Required where infer may be OPEN: what runs such a call. Prepared and bound
   * once, for inputs of any shape. */
  const DnnKernel *open;

  /* What the functions above share with other operators of their kind
   * (element-wise, broadcasting, …): that kind's description of this one. */
  gconstpointer family;
};

/* Rows of a static array and its length. */
#define DNN_ROWS(a) (a), G_N_ELEMENTS (a)

/* Registry. Filled by dnn_init (kernels/dnn-init.h) from one list; the table
 * is const afterwards. */
DNN_API void dnn_op_register (const DnnOp *op);
DNN_API const DnnOp *dnn_op_lookup (const gchar *name);

/* What the backend keeps of things that nobody uses any more (a cache of
 * primitives) is to be freed by @trim; NULL: nothing. Set once, by dnn_init().
 */
DNN_API void dnn_op_set_trim (void (*trim) (void));
/* Calls it, and gives free memory back to the kernel. Takes milliseconds. */
void dnn_op_trim (void);

/* The core's own: "__nop" or "__copy" of TVM's graphs, NULL for other names.
 * dnn-op-nop.c */
const DnnOp *dnn_op_lookup_view (const gchar *name);
/* Sorted by name, NULL-terminated. (transfer none) */
DNN_API const DnnOp *const *dnn_op_list (void);

/* ---- calls for those who have no plan: compiler, tests ------------------- */

/* Parses @attrs by the rows of @op: unknown keys, wrong types, ranges are
 * errors that name node, key, value, what is valid. @n_inputs counts operands
 * of post-ops too. Inputs are absent until set; outputs are present: clear
 * the flag of those that nobody wants. */
DNN_API DnnCall *dnn_call_new (const DnnOp *op, const gchar *node_name,
    const DnnAttrs *attrs, guint n_inputs, guint n_outputs, GError **error);
DNN_API void dnn_call_free (DnnCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnCall, dnn_call_free)
DNN_API void dnn_call_set_input (
    DnnCall *call, guint idx, DnnType type, const DnnShape *shape);
/* Marks it constant and gives its bytes; not copied. */
DNN_API void dnn_call_set_value (DnnCall *call, guint idx, gconstpointer value);
/* Appends a post-op that runs on output 0, in place. @attrs: its attributes,
 * and scalars for its inputs other than the first, under the names of their
 * rows ("min", "B"). @input: which input of @call is its operand (that and
 * those behind are no formal inputs any more), or -1. Errors as of
 * dnn_call_new(). */
DNN_API gboolean dnn_call_add_post_op (DnnCall *call, const DnnOp *op,
    const DnnAttrs *attrs, gint input, GError **error);

/* Checks the rows (count, presence, types, type variables), then calls infer,
 * then those of the post-ops, which must keep type and shape. Types that a
 * type variable determines are set before infer. Where the rank or type of an
 * input is unknown, infer isn't asked: OK with outputs of unknown rank. */
DNN_API DnnInferResult dnn_call_infer (DnnCall *call, GError **error);

/* All ways to run an inferred call: what its operator offers, then the one
 * made from ref, which is always there. Array of DnnCandidate; @call must
 * outlive it and all that is prepared from it. (transfer full) */
DNN_API GPtrArray *dnn_call_offer (const DnnCall *call);
/* The same, where producers can hand over other formats than plain. @hints:
 * (array): one an input. (transfer full) */
DNN_API GPtrArray *dnn_call_offer_hinted (
    const DnnCall *call, const DnnHints *hints);

G_END_DECLS
