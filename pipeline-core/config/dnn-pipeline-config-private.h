/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the files of DnnPipelineConfig share: its fields, and the words of its
 * messages. */
#pragma once

#include "pipeline-core/base/dnn-json.h"
#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

struct _DnnPipelineConfig
{
  GObject parent;

  GPtrArray *stages; /* DnnStageFull *, ascending mod_idx */
  GPtrArray *sorted; /* the same, in topological order; NULL: to be made */
  GPtrArray *binds; /* DnnBind * */
  gboolean binds_are_sorted;
  GPtrArray *inputs; /* gchar *, names of global inputs */
  gboolean outputs_excused; /* a binding to a global output was refused: what
                               is missing there is no error of its own */

  /* of building in a program: dnn-pipeline-module.c, -interface.c */
  GPtrArray *modules; /* DnnPipelineModule * */
  GHashTable *handles; /* text → DnnPipelineInterface * */
  gboolean numbers_are_free; /* modules were added without a number */
};

/* A stage with what only the configuration needs. */
typedef struct
{
  DnnStage stage;
  GPtrArray *successors; /* DnnStageFull *, each once */
  guint n_predecessors; /* distinct ones */
  gboolean is_broken; /* its files were refused: nothing is known of it */
  gboolean inputs_excused; /* a binding to it was refused */
} DnnStageFull;

/* Both end with NULL. */
extern const gchar *const dnn_pipeline_config_precisions[];

/* "1,0", "1;0", "1": TVM writes a comma, and its own reader splits at a
 * semicolon; "": the CPU. */
gboolean dnn_pipeline_config_parse_dev (
    const gchar *text, gint *type, gint *id);

DnnStageFull *dnn_pipeline_config_find_stage (
    DnnPipelineConfig *self, gint mod_idx);
/* Neither module nor element: its files were refused. */
DnnStageFull *dnn_pipeline_config_add_broken (
    DnnPipelineConfig *self, gint mod_idx);

/* What a configuration says besides its modules, for another one of the same
 * modules: names of the global inputs in their order, bindings. */
typedef struct
{
  GPtrArray *inputs; /* gchar * */
  GPtrArray *binds; /* DnnBind * */
} DnnPipelineShape;

DnnPipelineShape *dnn_pipeline_config_get_shape (DnnPipelineConfig *self);
void dnn_pipeline_shape_free (DnnPipelineShape *self);
/* Binds the stages of @self, which has modules only, in the same way. */
gboolean dnn_pipeline_config_set_shape (
    DnnPipelineConfig *self, const DnnPipelineShape *shape, GError **error);

void dnn_interface_clear (DnnInterface *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DnnInterface, dnn_interface_clear)
/* With what the kind doesn't use set to 0. */
DnnInterface dnn_interface_copy (const DnnInterface *self);
gint dnn_interface_compare (
    DnnPipelineConfig *config, const DnnInterface *a, const DnnInterface *b);
/* "output 0 of module 1", "global input \"x\"" */
gchar *dnn_interface_to_string (const DnnInterface *self);
/* Type and shape, as far as they are known. */
void dnn_interface_get_tensor (DnnPipelineConfig *config,
    const DnnInterface *self, DnnType *type, DnnShape *shape);

/* States that names say, of inputs that nothing is bound to.
 * dnn-pipeline-config-state.c */
void dnn_pipeline_config_find_states (DnnPipelineConfig *self);
/* The module with the states that another one has. (transfer full) */
DnnModule *dnn_pipeline_config_copy_states (
    DnnModule *from, DnnModule *module, GError **error);
gboolean dnn_pipeline_config_states_equal (DnnModule *a, DnnModule *b);

/* The interface exists: UNKNOWN_NAME, or VALUE for a number out of range. */
gboolean dnn_pipeline_config_check_module (
    DnnPipelineConfig *self, gint mod_idx, GError **error);
gboolean dnn_pipeline_config_check_interface (
    DnnPipelineConfig *self, const DnnInterface *interface, GError **error);

/* Modules that were added without a number: all are numbered in topological
 * order. dnn-pipeline-config-build.c */
void dnn_pipeline_config_number_stages (DnnPipelineConfig *self);
/* What stands in the file pipeline_config. dnn-pipeline-config-write.c */
JsonNode *dnn_pipeline_config_to_json (DnnPipelineConfig *self);

/* Adds every missing binding as a GError of its own. */
void dnn_pipeline_config_collect_gaps (
    DnnPipelineConfig *self, GPtrArray *errors);
/* Types and shapes of all that is bound, again: modules may have been built
 * with others. */
gboolean dnn_pipeline_config_check_fits (
    DnnPipelineConfig *self, GError **error);
gboolean dnn_pipeline_config_is_bound (
    DnnPipelineConfig *self, const DnnInterface *dst);

G_END_DECLS
