/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the files dnn-plan-*.c and dnn-instance.c share: the plan itself, and
 * the draft it is made from (one field group a step of planning). */
#pragma once

#include "pipeline-core/infer/dnn-infer.h"
#include "pipeline-core/plan/dnn-late.h"
#include "pipeline-core/plan/dnn-plan.h"
#include "pipeline-core/store/dnn-store.h"
#include "pipeline-core/tune/dnn-tune-choices.h"
#include "pipeline-core/tune/dnn-tune-store.h"

G_BEGIN_DECLS

/* No value, format or buffer. */
#define DNN_NONE G_MAXUINT

/* Every address that a kernel sees is a multiple of this; views and slices
 * that would not be are copied instead. */
#define DNN_PLAN_ALIGN DNN_ALIGNMENT

/* Formats of one value that its consumers hear of. */
#define DNN_PLAN_MAX_HINTS 6

/* Most bytes that inputs, outputs, arena and packed weights of one plan may
 * have together. */
#define DNN_PLAN_MAX_BYTES (G_GUINT64_CONSTANT (1) << 38)

/* ---- the result --------------------------------------------------------- */

/* Where a tensor lies when the plan runs. */
typedef enum
{
  DNN_BASE_NONE, /* absent */
  DNN_BASE_ARENA, /* of the instance */
  DNN_BASE_INPUT, /* memory of module input `index` */
  DNN_BASE_OUTPUT, /* memory of module output `index` */
  DNN_BASE_PACKED, /* block `index` of the packed constants */
  DNN_BASE_BYTES, /* bytes that the graph or inference holds */
} DnnBaseKind;

typedef struct
{
  DnnBaseKind base;
  guint index;
  gsize offset;
  gconstpointer bytes;
} DnnPlace;

/* One entry of the flat run list. */
typedef struct
{
  const DnnCall *call; /* NULL: reorder or copy */
  DnnCandidate *candidate; /* owned */
  DnnPlace *src; /* by candidate->n_src */
  DnnPlace *dst; /* by candidate->n_dst */
  gpointer prepared; /* of the kernel */
  guint packed; /* the block of its first pack; the others follow */
  DnnPlanStep info; /* its text is owned */
} DnnStep;

/* A part of the graph whose shapes are all known before it runs. */
typedef struct
{
  DnnInference *inference; /* owns calls and folded values */
  GPtrArray *steps; /* DnnStep *, owned */
  gsize arena_size; /* tensors, then scratch */
  gsize scratch_offset;
  GPtrArray *packed; /* DnnBlock *: constants in other formats, then what
                        kernels packed; shared with all who have the same */
  gsize packed_size; /* of them together */
  GArray *constants; /* DnnDraftConstant: those that blocks are made of */
  DnnTuneRows *choices; /* (nullable): how its nodes run, where the target says
                           tune=on */
} DnnSegment;

struct _DnnPlan
{
  gint ref_count; /* under the module's plan lock */
  DnnModule *module; /* owned: graph and params */

  /* key */
  DnnShape *inputs;
  guint n_inputs;
  DnnTarget target;

  GPtrArray *segments; /* DnnSegment *: one, the whole graph or its head */
  DnnLate *late; /* (nullable): what follows the head, where shapes depend on
                    the data of each frame */
  GPtrArray *weights; /* DnnWeights *, weak: of other params; under the module's
                         plan lock */
  DnnPlan *like; /* (nullable): while it is made: another plan of the module */
  gsize held; /* bytes of the heap that making it took: what the backend keeps
                 for its primitives, mostly */
  DnnShape *outputs; /* open where they are late */
  DnnType *output_types;
  guint n_outputs;
};

/* Bytes that it alone holds: measured. */
gsize dnn_plan_get_held (const DnnPlan *self);
void dnn_segment_free (DnnSegment *self);
void dnn_step_free (DnnStep *self);

/* ---- the draft: offers and choice --------------------------------------- */

/* One way to run a node with all its post-ops. */
typedef struct
{
  DnnCandidate *first; /* owned until lowered */
  GPtrArray *rest; /* DnnCandidate *: post-ops that @first leaves */
  guint *src; /* by input of the node: index into the value's formats */
  guint *dst; /* by output */
  gdouble estimate; /* ns by the table */
  gdouble cost; /* by what was measured, where something was */
} DnnOption;

/* A node that runs: not folded, and somebody needs it. */
typedef struct
{
  const DnnNode *node;
  DnnCall *call;
  gchar *key; /* of the call, while it is tuned */
  guint *src; /* by input: index of the value, DNN_NONE absent or constant */
  guint *dst; /* by output */
  GPtrArray *options; /* DnnOption * */
  guint chosen;
} DnnDraftNode;

/* A value that is not constant. */
typedef struct
{
  guint producer; /* draft node, DNN_NONE: a module input */
  guint producer_slot;
  GArray *users; /* guint, draft nodes, each once */
  gboolean is_output; /* wanted plain at the end */
  GPtrArray *formats; /* DnnFormat *, distinct; the first one is plain */
  guint n_produced; /* how many of them the producer can make */
  gdouble *reorder; /* n_formats², cost from row to column, -1 not asked */
} DnnDraftValue;

/* ---- the draft: buffers and steps --------------------------------------- */

/* One tensor in one format: what a step reads or writes. */
typedef struct
{
  gsize size;
  guint first, last; /* steps that write first and read last; `last` is the
                        number of steps for what module outputs need */
  DnnPlace place; /* of INPUT, PACKED and BYTES; arena and output: decided by
                     dnn_plan_place() */
  guint root; /* the buffer whose memory it shares; itself if none */
  gsize root_offset;
  guint next, tail; /* members of a root, as a list */
} DnnBuffer;

/* A constant that some step reads in its own format, or whose bytes lie
 * misaligned: copied into a block once. */
typedef struct
{
  gconstpointer bytes;
  DnnFormat *src, *dst; /* owned */
  guint buffer;
} DnnDraftConstant;

typedef struct
{
  DnnStep *step;
  guint *src, *dst; /* buffers, DNN_NONE absent */
  gboolean is_dropped; /* nothing to do: views, concat in place */
} DnnDraftStep;

typedef struct
{
  DnnGraph *graph;
  DnnInference *inference;
  GPtrArray *nodes; /* DnnDraftNode * */
  DnnDraftValue *values; /* beside graph->values */
  guint n_values;
  GPtrArray *steps; /* DnnDraftStep * */
  GArray *buffers; /* DnnBuffer */
  GArray *constants; /* DnnDraftConstant */
  guint *output_buffers; /* by module output, the plain buffer */
  DnnTuneStore *store; /* (nullable): for reorders */
  gboolean knows_reorders; /* there are some in it */
  gdouble scale; /* of estimates, so that they fit what was measured */
} DnnDraft;

/* Which nodes run, who uses what. dnn-plan-draft.c */
DnnDraft *dnn_draft_new (DnnInference *inference);
void dnn_draft_free (DnnDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnDraft, dnn_draft_free)
/* Index of that format among the value's; added if it is new. */
guint dnn_draft_add_format (
    DnnDraft *self, guint value_idx, const DnnFormat *format);

/* Asks operators for options. dnn-plan-offer.c */
void dnn_plan_offer (DnnDraft *self);
void dnn_option_free (DnnOption *self);
/* By input. Valid until a format is added: that may move the list that they
 * point to. (transfer full) */
DnnHints *dnn_draft_make_hints (const DnnDraft *self, const DnnDraftNode *node);

/* What it costs by all that is known. dnn-plan-tune.c */
void dnn_draft_price_reorder (const DnnDraft *self, DnnCandidate *candidate);

/* Cheapest path of reorders between two formats of a value: directly, or
 * through plain. G_MAXDOUBLE if there is none. dnn-plan-choose.c */
gdouble dnn_draft_reorder_cost (
    DnnDraft *self, guint value_idx, guint from, guint to);
/* Chooses an option for every node. */
void dnn_plan_choose (DnnDraft *self);
/* Estimated ns of the present choice. For tests. */
gdouble dnn_draft_cost (DnnDraft *self);

/* Chosen options → steps and buffers, reorders between. dnn-plan-lower.c */
gboolean dnn_plan_lower (DnnDraft *self, GError **error);
DnnBuffer *dnn_draft_buffer (DnnDraft *self, guint idx);
guint dnn_draft_add_buffer (DnnDraft *self, DnnBaseKind base, gsize size);
/* A step that copies @src into module output @output_idx, plain. */
void dnn_draft_add_copy (
    DnnDraft *self, guint src, guint output_idx, const DnnFormat *format);

/* Views, in place, slices of concatenations. dnn-plan-share.c */
void dnn_plan_share (DnnDraft *self);

/* An address for every buffer; then draft steps become the segment's.
 * dnn-plan-memory.c */
void dnn_plan_place (DnnDraft *self, DnnSegment *segment);

/* Constants in their formats, kernels prepared, weights packed.
 * dnn-plan-prepare.c */
gboolean dnn_plan_prepare (DnnDraft *self, DnnSegment *segment, GError **error);
/* The blocks of a segment into @packed, in order. @replaced: (nullable):
 * address of a constant → DnnTensor that stands in its place; then only blocks
 * that hang on those are made, the others are the segment's own. */
gboolean dnn_segment_pack (const DnnSegment *self, GHashTable *replaced,
    GPtrArray *packed, GError **error);

G_END_DECLS
